//! What a reload finds again: the session, the language, the theme, the sizes of panels.

use leptos::prelude::window;

const SESSION: &str = "statefulset-playground.session";
const PROGRESS: &str = "statefulset-playground.progress";
const LANGUAGE: &str = "statefulset-playground.language";

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Something kept under a name.
pub fn get(name: &str) -> Option<String> {
    storage()?.get_item(name).ok().flatten()
}

/// Keeps something; a full or forbidden storage loses it, which a learner can bear.
pub fn set(name: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(name, value);
    }
}

/// The saved session.
pub fn load() -> Option<String> {
    get(SESSION)
}

/// Saves the session.
pub fn save(session: &str) {
    set(SESSION, session);
}

/// The language that was chosen.
pub fn language() -> Option<String> {
    get(LANGUAGE)
}

/// Keeps the language.
pub fn save_language(tag: &str) {
    set(LANGUAGE, tag);
}

/// The progress in lessons that was kept.
pub fn progress() -> Option<String> {
    get(PROGRESS)
}

/// Keeps the progress in lessons.
pub fn save_progress(progress: &str) {
    set(PROGRESS, progress);
}
