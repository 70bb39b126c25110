//! The why panel.

use leptos::prelude::*;

use crate::playground::message::Message;
use crate::playground::view::because::BecauseView;
use crate::playground::view::time::actor;
use crate::ui::dispatch::app;

/// Who decided what, when, and on what facts; newest first.
#[component]
pub fn BecausePanel() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let lines = app.part(|view| view.because.clone());
    let selected = app.part(|view| view.frame.selected.clone());
    view! {
        <section class="panel" data-panel="why" aria-labelledby="why-title">
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
                {move || lines.get().iter().map(line).collect_view()}
                <Show when=move || lines.get().is_empty()>
                    <li class="quiet because__line">{move || words.get().why_empty}</li>
                </Show>
            </ol>
        </section>
    }
}

fn line(line: &BecauseView) -> impl IntoView + use<> {
    let app = app();
    let about = line.about.clone();
    let select = move |_| app.send(Message::Selected(about.clone()));
    let name = line.about.as_ref().map(|key| key.name.to_string()).unwrap_or_default();
    let rule = (!line.rule.is_empty()).then(|| {
        let rule = line.rule;
        view! { <code class="because__rule">{rule}</code> }
    });
    view! {
        <li class="because__line" data-actor=actor(&line.actor)>
            <span class="because__clock">{line.clock.clone()}</span>
            <span class="because__text">
                {(!name.is_empty()).then(|| view! {
                    <button class="link" on:click=select>{name}</button>
                    " "
                })}
                {line.sentence.clone()}
                " "
                {rule}
            </span>
        </li>
    }
}
