//! The names panel.

use leptos::prelude::*;

use crate::playground::message::Message;
use crate::playground::view::Words;
use crate::playground::view::names::{AskedView, NameView, Server};
use crate::ui::dispatch::app;

/// What a Pod gets for each name now, and how a typed name is looked up.
#[component]
pub fn NamesPanel() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let names = app.part(|view| view.names.clone());
    let typed = app.part(|view| view.names.typed.clone());
    let type_on = move |event| app.send(Message::NameTyped(event_target_value(&event)));
    view! {
        <section class="panel" data-panel="names" aria-labelledby="frame-name names-title">
            <div class="panel__bar">
                <h2 class="panel__title" id="names-title">{move || words.get().names}</h2>
                <input
                    class="input names__input"
                    id="name-to-look-up"
                    type="text"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-label=move || words.get().name_placeholder
                    placeholder=move || words.get().name_placeholder
                    prop:value=typed
                    on:input=type_on
                />
            </div>
            <div class="panel__body names" tabindex="0">
                <label class="names__cache">
                    <input
                        id="name-cache"
                        type="checkbox"
                        prop:checked=move || names.get().has_cache
                        on:change=move |_| app.send(Message::NameCacheToggled)
                    />
                    " "
                    {move || words.get().name_cache}
                </label>
                <Show when=move || !names.get().asked.is_empty()>
                    <ol class="names__asked">
                        {move || names.get().asked.iter().map(|a| asked(words.get(), a)).collect_view()}
                    </ol>
                    <p><code>{move || format!("$ {}", names.get().command)}</code></p>
                </Show>
                <table class="names__table">
                    <caption class="quiet">
                        {move || words.get().names_hint}
                        <Show when=move || names.get().has_cache>
                            " " <strong class="names__fresh">{move || words.get().names_fresh}</strong>
                        </Show>
                    </caption>
                    <tbody>{move || names.get().rows.iter().map(|name| row(words.get(), name)).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
}

fn row(words: &'static Words, name: &NameView) -> impl IntoView + use<> {
    let answer = match (name.exists, name.addresses.is_empty()) {
        (true, false) => name.addresses.join(" "),
        (true, true) => words.no_addresses.into(),
        (false, _) => words.no_such_name.into(),
    };
    let hit = !name.addresses.is_empty();
    let changed = name.just_changed.then(|| {
        view! { " " <span class="names__changed">{words.just_changed}</span> }
    });
    let past = name.past.iter().map(|(since, addresses)| {
        let none = words.no_such_name.to_string();
        let addresses = if addresses.is_empty() { none } else { addresses.clone() };
        view! { <li>{since.clone()} " " <code>{addresses}</code></li> }
    });
    view! {
        <tr data-hit=hit.to_string() data-changed=name.just_changed.to_string()>
            <th scope="row"><code>{name.name.clone()}</code></th>
            <td>
                <code class="names__answer">{answer}</code>
                {changed}
                {(!name.past.is_empty()).then(|| view! {
                    <ul class="names__past" aria-label=words.names_past>
                        {past.collect_view()}
                    </ul>
                })}
            </td>
        </tr>
    }
}

fn asked(words: &'static Words, asked: &AskedView) -> impl IntoView + use<> {
    let cached = asked.cached.map(|(age, left, is_stale)| {
        let truth = if is_stale { words.out_of_date } else { words.up_to_date };
        format!(" ({age} s + {left} s, {truth})")
    });
    let server = match asked.server {
        Server::CoreDns => words.by_coredns,
        Server::Cache => words.by_cache,
        Server::Upstream => words.by_upstream,
    };
    view! {
        <li data-hit=asked.hit.to_string()>
            <code>{asked.name.clone()}</code> " " {asked.record_type} " → "
            <code class="names__answer">{asked.answer.clone()}</code>
            " " <span class="names__server quiet">{server}</span>
            {cached}
        </li>
    }
}
