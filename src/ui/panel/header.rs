//! The header: scenario, sharing, faults, language, theme, help.

use leptos::html::Dialog;
use leptos::prelude::*;

use super::lesson_menu::{LessonMenu, LessonSelect};
use crate::playground::message::Message;
use crate::ui::component::button::{icon_button, word_button};
use crate::ui::component::menu::Menu;
use crate::ui::dispatch::app;
use crate::ui::effect::{embed, location, theme};

/// The header.
#[component]
pub fn Header() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let help = NodeRef::<Dialog>::new();
    let open_help = move || {
        if let Some(dialog) = help.get() {
            let _ = dialog.show_modal();
        }
    };
    view! {
        <header class="header" aria-label=embed::name()>
            <h1 class="header__title">"StatefulSet Playground"</h1>
            <LessonSelect/>
            <span class="header__space"></span>
            {word_button(|words| words.share, move || app.send(Message::ShareRequested))}
            <span class="header__wide">
                {word_button(
                    |words| words.embed_code,
                    move || app.send(Message::EmbedCodeRequested { page: location::folder() }),
                )}
            </span>
            <FaultMenu/>
            <LessonMenu/>
            <button
                class="button"
                lang=move || if words.get().tag == "en" { "zh-CN" } else { "en" }
                on:click=move |_| app.send(Message::LanguageToggled)
            >
                {move || words.get().other_language}
            </button>
            <span class="header__wide">
                {icon_button(|words| words.projector, "⤢", theme::toggle_projector)}
            </span>
            {icon_button(|words| words.theme, "◐", move || app.toggle_theme())}
            {icon_button(|words| words.help, "?", open_help)}
        </header>
        <Help place=help/>
    }
}

/// Keys, and what this page is.
#[component]
fn Help(place: NodeRef<Dialog>) -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    view! {
        <dialog class="dialog" node_ref=place aria-label=move || words.get().help>
            <h2>{move || words.get().help}</h2>
            <dl class="dialog__keys">
                {move || {
                    words
                        .get()
                        .keys
                        .iter()
                        .map(|(key, what)| view! { <dt><kbd>{*key}</kbd></dt> <dd>{*what}</dd> })
                        .collect_view()
                }}
            </dl>
            <p class="quiet">{move || words.get().about}</p>
            <form method="dialog">
                <button class="button button--primary">{move || words.get().close}</button>
            </form>
        </dialog>
    }
}

/// Nodes and their power.
#[component]
fn FaultMenu() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let nodes = app.part(|view| view.frame.nodes.clone());
    let row = move |(node, on): &(String, bool)| {
        let (name, on) = (node.clone(), *on);
        let send = {
            let node = node.clone();
            move |_| app.send(Message::NodePowered { node: node.clone(), on: !on })
        };
        let label = move || if on { words.get().power_off } else { words.get().power_on };
        view! {
            <li class="menu__row">
                <span>{name}</span>
                <button class="button" on:click=send>{label}</button>
            </li>
        }
    };
    view! {
        <Menu label=move || words.get().faults>
            {move || nodes.get().iter().map(row).collect_view()}
        </Menu>
    }
}
