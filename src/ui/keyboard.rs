//! Keys that work everywhere on the page, except where text is typed.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use super::dispatch::App;
use crate::playground::message::{Direction, Message};

/// Listens as long as the page lives.
pub fn listen(app: App) {
    let handle = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || event.is_composing() {
            return;
        }
        let typing = event.target().is_some_and(|target| takes_text(&target));
        if event.key() == "Escape" {
            blur(typing);
            app.send(Message::Selected(None));
        } else if !typing && !event.ctrl_key() && !event.meta_key() && !event.alt_key() {
            let on_button = event.target().is_some_and(|target| is_control(&target));
            let is_taken = event.target().is_some_and(|target| takes_key(&target, &event.key()));
            let message = message(app, &event, on_button).filter(|_| !is_taken);
            if let Some(message) = message {
                event.prevent_default();
                app.send(message);
            }
        }
    });
    on_cleanup(move || handle.remove());
}

fn message(app: App, event: &web_sys::KeyboardEvent, on_button: bool) -> Option<Message> {
    let unit = app.view.with_untracked(|view| view.time.unit);
    Some(match (event.key().as_str(), event.shift_key()) {
        (" ", _) if !on_button => Message::PlayToggled,
        ("ArrowLeft", false) => Message::Stepped(unit, Direction::Back),
        ("ArrowRight", false) => Message::Stepped(unit, Direction::Forward),
        ("ArrowLeft", true) => Message::JumpedToCommand(Direction::Back),
        ("ArrowRight", true) => Message::JumpedToCommand(Direction::Forward),
        ("[", _) => Message::JumpedToMark(Direction::Back),
        ("]", _) => Message::JumpedToMark(Direction::Forward),
        ("m", false) => Message::MarkToggled,
        ("Home", _) => Message::ReturnedToStart,
        ("End", _) => Message::ReturnedToNow,
        _ => return None,
    })
}

fn takes_text(target: &web_sys::EventTarget) -> bool {
    target.dyn_ref::<web_sys::Element>().is_some_and(|element| {
        let fields = "input:not([type=range], [type=checkbox]), textarea, select, \
                      [contenteditable=true]";
        matches!(element.closest(fields), Ok(Some(_)))
    })
}

/// Sliders take the keys that move them, boxes the one that ticks them.
fn takes_key(target: &web_sys::EventTarget, key: &str) -> bool {
    let selector = match key {
        " " => "input[type=checkbox]",
        "ArrowLeft" | "ArrowRight" | "Home" | "End" => "input[type=range]",
        _ => return false,
    };
    let element = target.dyn_ref::<web_sys::Element>();
    element.is_some_and(|element| matches!(element.closest(selector), Ok(Some(_))))
}

fn is_control(target: &web_sys::EventTarget) -> bool {
    target
        .dyn_ref::<web_sys::Element>()
        .is_some_and(|element| matches!(element.closest("button, summary, a"), Ok(Some(_))))
}

fn blur(typing: bool) {
    let active = document().active_element();
    if let Some(element) = active.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok())
        && typing
    {
        let _ = element.blur();
    }
}
