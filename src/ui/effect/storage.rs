//! What a reload finds again: the session, the language, the theme, the sizes of panels.

use std::cell::RefCell;

use leptos::prelude::window;

const SESSION: &str = "statefulset-playground.session";
const PROGRESS: &str = "statefulset-playground.progress";
const CLASS: &str = "statefulset-playground.class";
/// The learner's name.
pub const NAME: &str = "statefulset-playground.name";
const LANGUAGE: &str = "statefulset-playground.language";

thread_local! {
    // How the names of what is kept begin; without one nothing is kept.
    static START: RefCell<Option<String>> = const { RefCell::new(Some(String::new())) };
}

/// From now on everything is kept under names that begin so; without a beginning nothing is.
pub fn keep_apart(start: Option<String>) {
    START.set(start);
}

// The storage, and the whole name. A sandboxed frame has none.
fn place(name: &str) -> Option<(web_sys::Storage, String)> {
    let start = START.with_borrow(Clone::clone)?;
    Some((window().local_storage().ok().flatten()?, format!("{start}{name}")))
}

/// Whether anything is kept.
pub fn keeps() -> bool {
    START.with_borrow(Option::is_some)
}

/// Something kept under a name.
pub fn get(name: &str) -> Option<String> {
    let (storage, name) = place(name)?;
    storage.get_item(&name).ok().flatten()
}

/// Keeps something; a full or forbidden storage loses it, which a learner can bear.
pub fn set(name: &str, value: &str) {
    if let Some((storage, name)) = place(name) {
        let _ = storage.set_item(&name, value);
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

// An embedded playground belongs to no class, whatever the tab around it does.
fn tab_storage() -> Option<web_sys::Storage> {
    let is_apart = START.with_borrow(|start| start.as_deref() != Some(""));
    if is_apart { None } else { window().session_storage().ok().flatten() }
}

/// The class that the learner belongs to, as long as this tab is open.
pub fn class() -> Option<String> {
    tab_storage()?.get_item(CLASS).ok().flatten()
}

/// Keeps the class.
pub fn save_class(code: &str) {
    if let Some(storage) = tab_storage() {
        let _ = storage.set_item(CLASS, code);
    }
}
