//! The second part of the WebAssembly module, which a release build splits off.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/ui/effect/rest.js")]
extern "C" {
    fn keep_first(exports: JsValue);
    fn load_rest();
    fn has_rest() -> bool;
    async fn fetch_rest();
}

/// Lets the second part find this one; before anything else.
pub fn prepare() {
    keep_first(wasm_bindgen::exports());
}

/// Fetches the second part.
pub async fn fetch() {
    fetch_rest().await;
}

/// Whether the second part is here.
pub fn is_here() -> bool {
    has_rest()
}

/// Fetches the second part at the first sign that somebody is about to do something.
pub fn fetch_when_used() {
    let window = leptos::prelude::window();
    let fetch = Closure::<dyn FnMut()>::new(|| wasm_bindgen_futures::spawn_local(fetch()));
    for sign in ["pointerdown", "keydown", "focusin"] {
        let listener = fetch.as_ref().unchecked_ref();
        let _ = window.add_event_listener_with_callback(sign, listener);
    }
    fetch.forget();
}

/// Loads the second part at once; the first one calls this when it needs what is not there.
#[wasm_bindgen]
pub fn load_rest_now() {
    load_rest();
}
