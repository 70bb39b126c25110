//! A Pod as a card: shape, colour and word for its phase, its revision, its address.

use leptos::prelude::*;

use super::picture::Selection;
use crate::playground::gesture;
use crate::playground::message::Message;
use crate::playground::view::picture::{PodPhase, PodView};
use crate::playground::view::revision::RevisionMark;
use crate::ui::component::menu::Menu;
use crate::ui::dispatch::app;

/// One Pod.
pub fn card(pod: &PodView, selection: &Selection) -> impl IntoView + use<> {
    let app = app();
    let words = app.view.with_untracked(|view| view.words);
    let key = pod.key.clone();
    let selected = selection.is(&key).to_string();
    let related = selection.has(&key).to_string();
    let select = move |_| app.send(Message::Selected(Some(key.clone())));
    let name = pod.key.name.to_string();
    let countdown = pod.seconds_left.map(|left| format!("{left} {}", words.seconds_left));
    let restarts = (pod.restarts > 0).then(|| format!("{} {}", pod.restarts, words.restarts));
    view! {
        <div class="pod" data-phase=pod.phase.name() data-related=related>
            <button class="pod__select" aria-pressed=selected on:click=select>
                {shape(pod.phase)}
                <span class="pod__name">{name.clone()}</span>
                <span class="pod__status">{pod.status.clone()} " " {pod.ready.clone()}</span>
                {pod.revision.as_ref().map(revision)}
                <span class="pod__detail">
                    {pod.ip.clone()} " " {restarts} " " {countdown}
                </span>
            </button>
            {menu(pod)}
        </div>
    }
}

/// What a gesture on a Pod types into the terminal.
fn menu(pod: &PodView) -> impl IntoView + use<> {
    let app = app();
    let words = app.view.with_untracked(|view| view.words);
    let command = move |label: &'static str, text: String| {
        let send = move |_| {
            app.send(Message::CommandGiven(text.clone()));
        };
        view! { <li><button class="link" on:click=send>{label}</button></li> }
    };
    let name = pod.key.name.to_string();
    let (describe, logs) = (gesture::describe(&pod.key), gesture::logs(&pod.key));
    let (shell, delete) = (gesture::shell(&pod.key), gesture::delete(&pod.key));
    let fail_probe = pod.fail_probe.clone();
    view! {
        <div class="pod__menu">
            <Menu label=|| "⋯" name>
                {command(words.describe, describe)}
                {command(words.logs, logs)}
                {command(words.open_shell, shell)}
                {fail_probe.map(|text| command(words.fail_probe, text))}
                {command(words.delete, delete)}
            </Menu>
        </div>
    }
}

/// A revision's letter with its colour and pattern.
pub fn revision(mark: &RevisionMark) -> impl IntoView + use<> {
    view! {
        <span
            class="revision"
            title=mark.name.clone()
            data-pattern=mark.pattern.to_string()
            style=("--hue", mark.hue.to_string())
        >
            {mark.letter.clone()}
        </span>
    }
}

/// The phase's shape.
fn shape(phase: PodPhase) -> impl IntoView {
    view! {
        <svg class="pod__shape" viewBox="0 0 16 16" aria-hidden="true">
            <path d=phase.path() fill="none" stroke="currentColor" stroke-width="1.75"/>
        </svg>
    }
}
