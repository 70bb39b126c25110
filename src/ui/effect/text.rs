//! Texts that lie beside the page, and the clipboard.

use leptos::prelude::window;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// Loads a text and hands it over; nothing if it is not to be had.
pub fn load(path: &str, then: impl FnOnce(Option<String>) + 'static) {
    let loading = window().fetch_with_str(path);
    spawn_local(async move { then(text_of(JsFuture::from(loading)).await) });
}

async fn text_of(loading: JsFuture) -> Option<String> {
    let response = loading.await.ok()?.dyn_into::<Response>().ok()?;
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

#[wasm_bindgen(module = "/src/ui/effect/text.js")]
extern "C" {
    async fn copy_text(text: &str) -> JsValue;
}

/// Copies a text and says so; hands it back if the browser does not allow that.
pub fn copy(text: String, then: impl FnOnce(Result<(), String>) + 'static) {
    spawn_local(async move {
        then(match copy_text(&text).await.is_truthy() {
            true => Ok(()),
            false => Err(text),
        });
    });
}

/// The page's address with another end.
pub fn address(end: &str) -> String {
    let address = window().location().href().unwrap_or_default();
    let base = address.split('#').next().unwrap_or_default();
    format!("{base}{end}")
}
