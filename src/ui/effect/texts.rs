//! The texts of `kubectl explain`, completion and hover: loaded when they are needed first.

use wasm_bindgen::prelude::*;

use crate::playground::assist;

#[wasm_bindgen(module = "/src/ui/effect/texts.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn load_texts() -> Result<JsValue, JsValue>;
}

/// Loads them; without them explain says so, and the rest works.
pub async fn load() {
    if assist::has_texts() {
        return;
    }
    if let Ok(text) = load_texts().await {
        assist::install_texts(text.as_string().unwrap_or_default());
    }
}
