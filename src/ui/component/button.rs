//! Buttons, labelled in the page's language.

use leptos::prelude::*;

use crate::playground::view::Words;
use crate::ui::dispatch::app;

/// Picks a word.
pub type Word = fn(&'static Words) -> &'static str;

/// A button that shows a sign; its word is read aloud and shown under the pointer.
pub fn icon_button(word: Word, sign: &'static str, click: impl Fn() + 'static) -> impl IntoView {
    let words = app().part(|view| view.words);
    view! {
        <button
            class="button button--icon"
            aria-label=move || word(words.get())
            title=move || word(words.get())
            on:click=move |_| click()
        >
            {sign}
        </button>
    }
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
