//! Buttons, labelled in the page's language.

use leptos::prelude::*;

use crate::playground::view::Words;
use crate::ui::dispatch::app;

/// Picks a word.
pub type Word = fn(&'static Words) -> &'static str;

/// A button that shows a sign; its word is read aloud and shown under the pointer.
pub fn icon_button(word: Word, sign: &'static str, click: impl Fn() + 'static) -> impl IntoView {
    let words = app().part(|view| view.words);
    sign_button("button button--icon", move || word(words.get()), move || sign, click)
}

/// The same for one that changes: its word and its sign say what a click would do.
pub fn sign_button(
    class: &'static str,
    label: impl Fn() -> &'static str + Copy + Send + Sync + 'static,
    sign: impl Fn() -> &'static str + Send + 'static,
    click: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button class=class aria-label=label title=label on:click=move |_| click()>
            {sign}
        </button>
    }
}

/// A button that changes the session: it is not shown where nothing can be changed.
pub fn acting_icon_button(
    word: Word,
    sign: &'static str,
    click: impl Fn() + 'static,
) -> impl IntoView {
    view! { <span class="button__acts" data-acts="">{icon_button(word, sign, click)}</span> }
}

/// A button that shows its word.
pub fn word_button(word: Word, click: impl Fn() + 'static) -> impl IntoView {
    let words = app().part(|view| view.words);
    view! {
        <button class="button" on:click=move |_| click()>
            {move || word(words.get())}
        </button>
    }
}

/// One of several of which one is shown.
pub fn tab_button(
    is_shown: impl Fn() -> bool + Send + Sync + 'static,
    click: impl Fn() + 'static,
    label: impl IntoView,
) -> impl IntoView {
    view! {
        <button
            class="tab"
            aria-pressed=move || is_shown().to_string()
            on:click=move |_| click()
        >
            {label}
        </button>
    }
}
