//! The why panel.

use std::collections::BTreeMap;

use leptos::prelude::*;

use crate::playground::message::Message;
use crate::playground::view::because::{self, BecauseView};
use crate::playground::view::time::actor;
use crate::ui::dispatch::app;

/// Who decided what, when, and on what facts; newest first.
#[component]
pub fn BecausePanel() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let lines = app.part(|view| view.because.clone());
    let selected = app.part(|view| view.frame.selected.clone());
    provide_context(Opened(RwSignal::new(None)));
    view! {
        <section class="panel" data-panel="why" aria-labelledby="frame-name why-title">
            <div class="panel__bar">
                <h2 class="panel__title" id="why-title">{move || words.get().why}</h2>
                <Show when=move || selected.get().is_some()>
                    <span class="quiet">
                        {move || words.get().why_selected} " "
                        <code>{move || selected.get().map(|key| key.name.to_string())}</code>
                    </span>
                    <button class="button" on:click=move |_| app.send(Message::Selected(None))>
                        {move || words.get().everything}
                    </button>
                </Show>
            </div>
            <ol class="because" tabindex="0" aria-labelledby="why-title">
                <For each=move || keyed(&lines.get()) key=|(key, _)| key.clone() let:keyed>
                    {line(&keyed.1)}
                </For>
                <Show when=move || lines.get().is_empty()>
                    <li class="quiet because__line">{move || words.get().why_empty}</li>
                </Show>
            </ol>
        </section>
    }
}

/// Lines that stay keep their place in the document, so that a click is not lost when others come.
fn keyed(lines: &[BecauseView]) -> Vec<((String, usize), BecauseView)> {
    let mut seen = BTreeMap::new();
    let keyed = lines.iter().map(|line| {
        let name = line.about.as_ref().map(|key| key.name.to_string()).unwrap_or_default();
        let text = format!("{} {name} {} {} {}", line.clock, line.who, line.sentence, line.rule);
        let count = seen.entry(text.clone()).and_modify(|count| *count += 1).or_insert(0);
        ((text, *count), line.clone())
    });
    keyed.collect()
}

/// The line whose rule is explained: its time and sentence, which stay the same while others come.
#[derive(Clone, Copy)]
struct Opened(RwSignal<Option<(String, String)>>);

fn line(line: &BecauseView) -> impl IntoView + use<> {
    let app = app();
    let about = line.about.clone();
    let select = move |_| app.send(Message::Selected(about.clone()));
    let name = line.about.as_ref().map(|key| key.name.to_string()).unwrap_or_default();
    let rule = (!line.rule.is_empty()).then(|| rule(line));
    view! {
        <li class="because__line" data-actor=actor(&line.actor)>
            <span class="because__clock">{line.clock.clone()}</span>
            <span class="because__who">{line.who.clone()}</span>
            <div class="because__text">
                {(!name.is_empty()).then(|| view! {
                    <button class="link" on:click=select>{name}</button>
                    " "
                })}
                {line.sentence.clone()}
                " "
                {rule}
            </div>
        </li>
    }
}

/// The rule's name, which opens a short explanation.
fn rule(line: &BecauseView) -> impl IntoView + use<> {
    let Opened(opened) = expect_context();
    let words = app().view.with_untracked(|view| view.words);
    let (rule, this) = (line.rule, (line.clock.clone(), line.sentence.clone()));
    let is_open = Memo::new(move |_| opened.with(|open| open.as_ref() == Some(&this)));
    let this = (line.clock.clone(), line.sentence.clone());
    let toggle = move |_| {
        opened.set((!is_open.get_untracked()).then(|| this.clone()));
    };
    let explanation = move || {
        let rule = is_open.get().then(|| because::explain(rule, words)).flatten();
        rule.map(|rule| {
            view! {
                <p class="because__explained">
                    {rule.text} " " <code class="because__source">{path(rule.source)}</code>
                </p>
            }
        })
    };
    view! {
        <button
            class="because__rule"
            aria-expanded=move || is_open.get().to_string()
            on:click=toggle
        >
            {rule}
        </button>
        {explanation}
    }
}

/// A path that may go on in the next line behind a slash.
fn path(path: &'static str) -> impl IntoView + use<> {
    path.split_inclusive('/').map(|part| view! { {part} <wbr/> }).collect_view()
}
