//! Learning management systems: what they are told of an exercise, and packages for them.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

#[wasm_bindgen(module = "/src/ui/effect/scorm.js")]
extern "C" {
    fn tell_exercise(reached: u32, total: u32, code: &str);
    #[wasm_bindgen(catch)]
    async fn save_package(version: &str, slug: &str, title: &str) -> Result<JsValue, JsValue>;
}

/// Tells whoever holds the page in a frame how far the learner is, and how to go on later.
pub fn tell(reached: usize, total: usize, code: &str) {
    tell_exercise(reached as u32, total as u32, code);
}

/// Makes a package of an exercise and offers it as a file; `then` learns whether that was possible.
pub fn save(version: &'static str, slug: String, title: String, then: impl FnOnce(bool) + 'static) {
    spawn_local(async move { then(save_package(version, &slug, &title).await.is_ok()) });
}
