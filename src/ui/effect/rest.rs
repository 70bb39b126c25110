//! The second part of the WebAssembly module, which a release build splits off.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/ui/effect/rest.js")]
extern "C" {
    fn keep_first(exports: JsValue);
    fn load_rest();
    fn has_rest() -> bool;
    #[wasm_bindgen(js_name = fetch_when_used)]
    fn fetch_rest_when_used();
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

/// Fetches the second part at the first sign that somebody is about to do something: in
/// JavaScript, since code here that has never run is in that part itself.
pub fn fetch_when_used() {
    fetch_rest_when_used();
}

/// Loads the second part at once; the first one calls this when it needs what is not there.
#[wasm_bindgen]
pub fn load_rest_now() {
    load_rest();
}
