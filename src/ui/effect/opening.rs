//! What the page opens with, recorded: its own opening, or what another page gave it.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::*;

use super::embed;
use crate::playground::recording::{Recording, Unusable, make};

#[wasm_bindgen(module = "/src/ui/effect/opening.js")]
extern "C" {
    async fn load_opening() -> JsValue;
    #[wasm_bindgen(catch)]
    fn decode(text: &str) -> Result<js_sys::Uint8Array, JsValue>;
}

/// A recording, or why it cannot be used.
pub type Opening = Result<Recording, Unusable>;

/// What another page gave this one to show, else the page's own; nothing if it has none.
pub async fn load() -> Option<Opening> {
    let bytes = match embed::options() {
        Some(options) => decode(&options.ok()?.recording).ok(),
        None => load_opening().await.dyn_into::<js_sys::Uint8Array>().ok(),
    };
    match bytes {
        Some(bytes) => Some(Recording::read(&bytes.to_vec())),
        None => embed::is_embedded().then_some(Err(Unusable::Damaged)),
    }
}

/// Records it: the build of the page asks for this.
#[wasm_bindgen]
pub fn record_opening() -> Result<Vec<u8>, String> {
    make::opening()
}
