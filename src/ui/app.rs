//! The frame of the page: header, panels, time bar.

use leptos::prelude::*;

use super::component::button::word_button;
use super::component::splitter::{Sizes, Split, Splitter};
use super::dispatch::{self, App};
use super::effect::theme;
use super::keyboard;
use super::panel::because::BecausePanel;
use super::panel::editor::EditorPanel;
use super::panel::header::Header;
use super::panel::names::NamesPanel;
use super::panel::picture::PicturePanel;
use super::panel::terminal::TerminalPanel;
use super::panel::time_bar::TimeBar;
use crate::playground::message::Message;

/// Which panel a narrow page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    Files,
    Terminal,
    Cluster,
    Why,
    Names,
}

impl Tab {
    fn name(self) -> &'static str {
        match self {
            Tab::Files => "files",
            Tab::Terminal => "terminal",
            Tab::Cluster => "cluster",
            Tab::Why => "why",
            Tab::Names => "names",
        }
    }
}

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    theme::restore();
    let app = dispatch::start();
    keyboard::listen(app);
    let tag = app.part(|view| view.words.tag);
    Effect::new(move |_| theme::set("lang", Some(tag.get())));
    let tab = RwSignal::new(Tab::Cluster);
    let left = RwSignal::new(Tab::Files);
    let sizes = Sizes::restored();
    view! {
        <Header/>
        <Notice/>
        <main
            class="panels"
            style=move || sizes.style()
            data-tab=move || tab.get().name()
            data-left=move || left.get().name()
        >
            <Tabs tab left/>
            <EditorPanel/>
            <TerminalPanel/>
            <PicturePanel/>
            <BecausePanel/>
            <NamesPanel/>
            {Split::ALL.map(|split| view! { <Splitter split sizes/> })}
        </main>
        <TimeBar/>
        <div class="visually-hidden" role="status" aria-live="polite">
            {move || app.announcement.get()}
        </div>
    }
}

/// The choice of panels where there is no room for all.
#[component]
fn Tabs(tab: RwSignal<Tab>, left: RwSignal<Tab>) -> impl IntoView {
    let app = dispatch::app();
    let words = app.part(|view| view.words);
    let button = move |this: Tab| {
        let label = move || match this {
            Tab::Files => words.get().editor,
            Tab::Terminal => words.get().terminal,
            Tab::Cluster => words.get().cluster,
            Tab::Why => words.get().why,
            Tab::Names => words.get().names,
        };
        let choose = move |_| {
            tab.set(this);
            if matches!(this, Tab::Files | Tab::Terminal) {
                left.set(this);
            }
        };
        view! {
            <button
                class="tab"
                data-name=this.name()
                aria-pressed=move || (tab.get() == this).to_string()
                on:click=choose
            >
                {label}
            </button>
        }
    };
    let all = [Tab::Cluster, Tab::Files, Tab::Terminal, Tab::Why, Tab::Names];
    view! { <nav class="tabs">{all.map(button)}</nav> }
}

/// A sentence that must be read.
#[component]
fn Notice() -> impl IntoView {
    let app: App = dispatch::app();
    let notice = app.part(|view| view.frame.notice.clone());
    view! {
        <Show when=move || !notice.get().is_empty()>
            <div class="notice" role="alert">
                <p>{move || notice.get()}</p>
                {word_button(|words| words.close, move || app.send(Message::NoticeClosed))}
            </div>
        </Show>
    }
}
