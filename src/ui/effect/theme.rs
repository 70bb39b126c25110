//! Light, dark, and projector size: attributes of the document.

use leptos::prelude::{document, window};

use super::storage;

const THEME: &str = "statefulset-playground.theme";

/// Whether the page is dark now.
pub fn is_dark() -> bool {
    let chosen = document().document_element().and_then(|root| root.get_attribute("data-theme"));
    match chosen.as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => window()
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches()),
    }
}

/// Takes the saved theme up.
pub fn restore() {
    if let Some(theme) = storage::get(THEME) {
        set("data-theme", Some(&theme));
    }
}

/// Changes between light and dark.
pub fn toggle() {
    let theme = if is_dark() { "light" } else { "dark" };
    set("data-theme", Some(theme));
    storage::set(THEME, theme);
}

/// Changes to projector size and back.
pub fn toggle_projector() {
    let on = document().document_element().is_some_and(|root| root.has_attribute("data-projector"));
    set("data-projector", (!on).then_some(""));
}

/// Puts an attribute on the document's root.
pub fn set(name: &str, value: Option<&str>) {
    let Some(root) = document().document_element() else { return };
    let _ = match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    };
}
