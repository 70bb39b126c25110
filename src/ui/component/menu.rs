//! A button that opens a list of choices: closed by a choice, by Escape, and from outside.

use leptos::ev;
use leptos::html::Details;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, Node};

/// The button with its list; `label` is what the button says.
#[component]
pub fn Menu(
    label: impl Fn() -> &'static str + Send + 'static,
    children: Children,
) -> impl IntoView {
    let place = NodeRef::<Details>::new();
    let key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && close(place) {
            event.prevent_default();
            focus_button(place);
        }
    };
    // The choice itself has been carried out: what it opened keeps the keyboard.
    let chosen = move |event: ev::MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let is_choice = target.is_some_and(|element| {
            matches!(element.closest(".menu__list button, .menu__list label.button"), Ok(Some(_)))
        });
        if is_choice && holds_keyboard(place) {
            close(place);
            focus_button(place);
        } else if is_choice {
            close(place);
        }
    };
    let pressed = window_event_listener(ev::pointerdown, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        let is_inside = place
            .get_untracked()
            .is_some_and(|details| target.is_some_and(|target| details.contains(Some(&target))));
        if !is_inside {
            close(place);
        }
    });
    on_cleanup(move || pressed.remove());
    view! {
        <details class="menu" node_ref=place on:keydown=key on:click=chosen>
            <summary class="button">{label}</summary>
            <ul class="menu__list">{children()}</ul>
        </details>
    }
}

/// Closes the list. True if it was open.
fn close(place: NodeRef<Details>) -> bool {
    let details = place.get_untracked().filter(|details| details.open());
    let was_open = details.is_some();
    if let Some(details) = details {
        details.set_open(false);
    }
    was_open
}

fn holds_keyboard(place: NodeRef<Details>) -> bool {
    let active = document().active_element();
    place.get_untracked().is_some_and(|details| match active {
        Some(active) => details.contains(Some(&active)) || active.tag_name() == "BODY",
        None => true,
    })
}

fn focus_button(place: NodeRef<Details>) {
    let summary = place.get_untracked().and_then(|d| d.query_selector("summary").ok().flatten());
    if let Some(button) = summary.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = button.focus();
    }
}
