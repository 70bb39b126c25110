//! The terminals: tabs, a log in the DOM, and a real input line under it.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use super::prompt::Prompt;
use crate::playground::message::Message;
use crate::playground::view::terminal::{Source, TabView};
use crate::ui::component::button::acting_icon_button;
use crate::ui::dispatch::app;

/// The learner's terminals; one is shown, all go on.
#[component]
pub fn TerminalPanel() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let busy = app.part(|view| view.terminal.busy);
    let shown = app.part(|view| view.terminal.shown);
    let stop = move |_| app.send(Message::Interrupted { terminal: shown.get_untracked() });
    view! {
        <section class="panel" data-panel="terminal" aria-labelledby="frame-name terminal-title">
            <div class="file-tabs">
                <h2 class="visually-hidden" id="terminal-title">{move || words.get().terminal}</h2>
                <Tabs/>
                <span class="header__space"></span>
                <Show when=move || busy.get()>
                    <span class="terminal__busy" role="status">{move || words.get().running}</span>
                    <button class="button terminal__stop" on:click=stop>
                        {move || words.get().stop} " (Ctrl-C)"
                    </button>
                </Show>
            </div>
            <Log/>
            <Prompt/>
        </section>
    }
}

/// One tab for each terminal.
#[component]
fn Tabs() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let tabs = app.part(|view| view.terminal.tabs.clone());
    let may_open = app.part(|view| view.terminal.may_open);
    let shown = app.part(|view| view.terminal.shown);
    let tab = move |tab: &TabView| {
        let (this, running) = (tab.terminal, tab.running.clone());
        let is_running = (!running.is_empty()).to_string();
        let choose = move |_| {
            app.send(Message::TerminalChosen { terminal: this });
            focus_input();
        };
        let sign = (!running.is_empty()).then(|| {
            view! {
                <span class="visually-hidden">{move || words.get().running} " "</span>
                <code class="terminal__command">{running.clone()}</code>
            }
        });
        view! {
            <button
                class="tab"
                data-terminal=this.to_string()
                data-running=is_running
                aria-pressed=move || (shown.get() == this).to_string()
                title=running.clone()
                on:click=choose
            >
                {move || words.get().terminal} " " {this + 1} " " {sign}
            </button>
        }
    };
    let open = move || {
        app.send(Message::TerminalOpened);
        focus_input();
    };
    let close = move || app.send(Message::TerminalClosed { terminal: shown.get_untracked() });
    view! {
        {move || tabs.get().iter().map(tab).collect_view()}
        <Show when=move || may_open.get()>
            {acting_icon_button(|words| words.new_terminal, "+", open)}
        </Show>
        <Show when=move || shown.get() != 0>
            {acting_icon_button(|words| words.close_terminal, "×", close)}
        </Show>
    }
}

fn focus_input() {
    let found = document().query_selector("[data-terminal-input]").ok().flatten();
    if let Some(input) = found.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = input.focus();
    }
}

/// Everything entered and printed.
#[component]
fn Log() -> impl IntoView {
    let app = app();
    let lines = app.part(|view| (view.terminal.shown, view.terminal.lines.clone()));
    let place = NodeRef::<Div>::new();
    Effect::new(move |_| {
        lines.track();
        // After the new lines are in the document.
        request_animation_frame(move || {
            if let Some(log) = place.get_untracked() {
                log.set_scroll_top(log.scroll_height());
            }
        });
    });
    let numbered = move || {
        let (shown, lines) = lines.get();
        let numbered = lines.iter().cloned().enumerate();
        numbered.map(|(index, line)| (shown, index, line)).collect::<Vec<_>>()
    };
    view! {
        <div class="terminal" role="log" tabindex="0" aria-labelledby="terminal-title" node_ref=place>
            <For
                each=numbered
                key=|(shown, index, line)| (*shown, *index, line.time, line.text.len())
                children=|(_, _, line)| stretch(line.source, &line.text)
            />
        </div>
    }
}

fn stretch(source: Source, text: &str) -> impl IntoView + use<> {
    let name = match source {
        Source::Command => "command",
        Source::Input => "input",
        Source::Output => "output",
        Source::Error => "error",
    };
    let text = match source {
        Source::Command => format!("$ {text}\n"),
        _ => text.to_string(),
    };
    view! { <span class="terminal__text" data-source=name>{text}</span> }
}
