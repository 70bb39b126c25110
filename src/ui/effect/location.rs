//! The page's address: links that carry a session.

use leptos::prelude::window;
use wasm_bindgen::JsValue;

const PREFIX: &str = "#s=";

/// The session in the address, if there is one.
pub fn link() -> Option<String> {
    let hash = window().location().hash().ok()?;
    hash.strip_prefix(PREFIX).map(String::from)
}

/// What else stands in the address behind `#`: a lesson, a class, a hand-in.
pub fn place() -> Option<String> {
    let hash = window().location().hash().ok()?;
    (hash.len() > 1 && !hash.starts_with(PREFIX) && !super::embed::is_embedded()).then_some(hash)
}

/// Takes it out of the address, so that a reload goes on with what was done since.
pub fn forget_place() {
    let location = window().location();
    let path = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
}

/// The language that the browser prefers.
pub fn language() -> String {
    window().navigator().language().unwrap_or_default()
}

/// Puts the session into the address, and gives that.
pub fn put_link(session: &str) -> String {
    let end = format!("{PREFIX}{session}");
    // A frame may not change its address: the link is good all the same.
    let _ = window().location().set_hash(&end);
    super::text::address(&end)
}

/// The page's address up to its folder.
pub fn folder() -> String {
    let address = window().location().href().unwrap_or_default();
    let address = address.split(['#', '?']).next().unwrap_or_default();
    address.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default()
}
