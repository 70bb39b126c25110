//! A button that opens a list of choices: closed by a choice, by Escape, and from outside.

use leptos::ev;
use leptos::html::Details;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlDetailsElement, HtmlElement, Node};

/// Closes lists from outside, for as long as the page is there.
pub fn listen() {
    let pressed = window_event_listener(ev::pointerdown, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        // Of those with one name the browser opens one.
        let open = document().query_selector("details.menu[open]").ok().flatten();
        if let Some(menu) = open.filter(|menu| !menu.contains(target.as_ref())) {
            menu.unchecked_into::<HtmlDetailsElement>().set_open(false);
        }
    });
    on_cleanup(move || pressed.remove());
}

/// The button with its list: `label` is what the button says, `name` what it is called where that
/// is a sign only.
#[component]
pub fn Menu(
    label: impl Fn() -> &'static str + Send + 'static,
    #[prop(optional)] name: Option<String>,
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
    let is_sign = name.is_some();
    view! {
        <details class="menu" name="menu" node_ref=place on:keydown=key on:click=chosen>
            <summary class="button" class:button--icon=is_sign aria-label=name>{label}</summary>
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
