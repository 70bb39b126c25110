//! The recorded opening of the page.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::*;

use crate::playground::recording::{Recording, make};

#[wasm_bindgen(module = "/src/ui/effect/opening.js")]
extern "C" {
    async fn load_opening() -> JsValue;
}

/// Loads it; nothing if the page has none, or another version's.
pub async fn load() -> Option<Recording> {
    let bytes = load_opening().await.dyn_into::<js_sys::Uint8Array>().ok()?;
    Recording::read(&bytes.to_vec()).ok()
}

/// Records it: the build of the page asks for this.
#[wasm_bindgen]
pub fn record_opening() -> Result<Vec<u8>, String> {
    make::opening()
}
