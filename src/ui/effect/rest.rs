//! The other parts of the WebAssembly module, which a release build splits off.
//!
//! What fetches them is in JavaScript: code here may be in such a part itself.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/ui/effect/rest.js")]
extern "C" {
    fn keep_first(exports: JsValue);
    fn load_rest(last: u32);
    fn has_rest() -> bool;
    #[wasm_bindgen(js_name = fetch_when_used)]
    fn fetch_rest_when_used();
    #[wasm_bindgen(js_name = fetch_first)]
    async fn fetch_first_parts(everything: bool);
    async fn fetch_rest();
}

/// Lets the other parts find this one; before anything else.
pub fn prepare() {
    keep_first(wasm_bindgen::exports());
}

/// Fetches what a visit needs at once: everything, or what it shows of a recording.
pub async fn fetch_first(everything: bool) {
    fetch_first_parts(everything).await;
}

/// Fetches everything.
pub async fn fetch() {
    fetch_rest().await;
}

/// Whether everything is here.
pub fn is_here() -> bool {
    has_rest()
}

/// Fetches everything at the first sign that somebody is about to do something.
pub fn fetch_when_used() {
    fetch_rest_when_used();
}

/// Loads the parts up to number `last` at once; code that needs what is not there calls this.
#[wasm_bindgen]
pub fn load_rest_now(last: u32) {
    load_rest(last);
}
