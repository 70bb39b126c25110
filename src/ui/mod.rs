//! The page: Leptos components, the YAML editor, and the browser's capabilities.
//!
//! Only on wasm32. Knows `playground` and the browser, nothing of Kubernetes.

pub mod app;
pub mod component;
pub mod dispatch;
pub mod editor;
pub mod effect;
pub mod keyboard;
pub mod panel;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

/// Replaces the static first picture of `index.html` by the running application.
pub fn mount() {
    console_error_panic_hook::set_once();
    effect::rest::prepare();
    let Some(root) = document().get_element_by_id("app") else {
        return;
    };
    effect::embed::prepare();
    wasm_bindgen_futures::spawn_local(async move {
        // What follows is in the page's part where a player does not come by.
        effect::rest::fetch_first(false).await;
        let is_recorded = dispatch::opens_recording();
        effect::rest::fetch_first(!is_recorded).await;
        let opening = if is_recorded { effect::opening::load().await } else { None };
        // A session that explains fields comes out the same only with their texts.
        if dispatch::explains() {
            effect::texts::load().await;
        }
        root.set_inner_html("");
        let page = move || view! { <app::App opening/> };
        leptos::mount::mount_to(root.unchecked_into(), page).forget();
        // Readers of other pages' recordings seldom want more than them.
        if !(is_recorded && effect::embed::is_embedded()) {
            effect::rest::fetch_when_used();
        }
    });
}
