//! The picture: one lane for each ordinal.

use leptos::prelude::*;

use super::pod;
use crate::playground::message::Message;
use crate::playground::view::Key;
use crate::playground::view::picture::{LaneView, ServiceView, SetView};
use crate::playground::view::volume::{ClaimView, VolumeView};
use crate::ui::dispatch::{App, app};

/// All sets, other Pods, and volumes without a claim.
#[component]
pub fn PicturePanel() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let hint = app.part(|view| view.frame.hint);
    let picture = app.part(|view| (view.picture.clone(), view.frame.selected.clone()));
    let past = app.part(|view| view.time.in_past);
    view! {
        <section
            class="panel"
            data-panel="cluster"
            data-past=move || past.get().to_string()
            aria-labelledby="cluster-title"
        >
            <h2 class="visually-hidden" id="cluster-title">{move || words.get().cluster}</h2>
            <div class="panel__body picture" tabindex="0">
                <Show when=move || !hint.get().is_empty()>
                    <p class="picture__hint">{move || hint.get()}</p>
                </Show>
                {move || {
                    let (picture, selected) = picture.get();
                    let selected = selected.as_ref();
                    let empty = picture.sets.is_empty().then(|| view! {
                        <p class="quiet">{words.get().no_sets}</p>
                    });
                    let sets = picture.sets.iter().map(|s| set(app, s, selected)).collect_view();
                    let others = (!picture.others.is_empty()).then(|| view! {
                        <section class="group">
                            <h3>{words.get().other_pods}</h3>
                            <div class="group__cards">
                                {picture
                                    .others
                                    .iter()
                                    .map(|p| pod::card(p, selected == Some(&p.key)))
                                    .collect_view()}
                            </div>
                        </section>
                    });
                    let shelf = (!picture.shelf.is_empty()).then(|| view! {
                        <section class="group">
                            <h3>{words.get().shelf}</h3>
                            <div class="group__cards">
                                {picture.shelf.iter().map(|v| volume(app, v, selected)).collect_view()}
                            </div>
                        </section>
                    });
                    view! { {empty} {sets} {others} {shelf} }
                }}
            </div>
        </section>
    }
}

fn set(app: App, set: &SetView, selected: Option<&Key>) -> impl IntoView + use<> {
    let words = app.view.with_untracked(|view| view.words);
    let density = match set.lanes.len() {
        0..=12 => "wide",
        13..=60 => "thin",
        _ => "grid",
    };
    let lanes = set.lanes.iter().map(|l| lane(app, l, set.partition, selected)).collect_view();
    view! {
        <section class="set" data-density=density aria-label=set.key.name.to_string()>
            {heading(app, set)}
            <div class="services">
                {set.services.iter().map(|s| service(app, s, selected)).collect_view()}
            </div>
            <div class="lanes__head" aria-hidden="true">
                <span></span>
                <span>{words.pod}</span>
                <span>{words.claim} " — " {words.volume}</span>
                <span>{words.node}</span>
            </div>
            <ol class="lanes">{lanes}</ol>
        </section>
    }
}

fn heading(app: App, set: &SetView) -> impl IntoView + use<> {
    let words = app.view.with_untracked(|view| view.words);
    let key = set.key.clone();
    let select = move |_| app.send(Message::Selected(Some(key.clone())));
    let scale = {
        let (name, namespace) = (set.key.name.to_string(), set.key.namespace.to_string());
        move |replicas: i64| {
            let mut text = format!("kubectl scale sts {name} --replicas={replicas}");
            if namespace != "default" {
                text.push_str(&format!(" -n {namespace}"));
            }
            app.send(Message::CommandGiven(text));
        }
    };
    let (wanted, down, up) = (set.wanted, scale.clone(), scale);
    let partition = set.partition.map(|p| format!(", {} {p}", words.partition));
    let revisions = match (&set.current, &set.update) {
        (Some(current), Some(update)) if current != update => Some(
            view! {
                <span class="set__revisions">
                    {words.current_revision} " " {pod::revision(current)} " → "
                    {words.update_revision} " " {pod::revision(update)}
                </span>
            }
            .into_any(),
        ),
        (Some(current), _) => Some(pod::revision(current).into_any()),
        _ => None,
    };
    view! {
        <header class="set__heading">
            <h3>
                <button class="link set__name" on:click=select>{set.key.name.to_string()}</button>
            </h3>
            <span class="set__ready">
                {set.ready} "/" {set.wanted} " " {words.ready_of}
            </span>
            <span class="set__scale" role="group" aria-label="replicas">
                <button
                    class="button button--icon"
                    aria-label="replicas - 1"
                    disabled=wanted == 0
                    on:click=move |_| down(wanted - 1)
                >
                    "−"
                </button>
                <button
                    class="button button--icon"
                    aria-label="replicas + 1"
                    on:click=move |_| up(wanted + 1)
                >
                    "+"
                </button>
            </span>
            <span class="quiet">
                {set.management.clone()} " · " {set.strategy.clone()} {partition}
            </span>
            {revisions}
            {set.terminating.then_some(words.terminating)}
        </header>
    }
}

fn service(app: App, service: &ServiceView, selected: Option<&Key>) -> impl IntoView + use<> {
    let words = app.view.with_untracked(|view| view.words);
    let key = service.key.clone();
    let pressed = (selected == Some(&key)).to_string();
    let select = move |_| app.send(Message::Selected(Some(key.clone())));
    let address = match service.cluster_ip.as_str() {
        "None" => words.headless.to_string(),
        ip => ip.to_string(),
    };
    view! {
        <button class="service" aria-pressed=pressed on:click=select>
            <span class="service__name">"Service " {service.key.name.to_string()}</span>
            " " {address} " → "
            {service.ready_pods.len()} " " {words.ready_of}
        </button>
    }
}

fn lane(
    app: App,
    lane: &LaneView,
    partition: Option<i64>,
    selected: Option<&Key>,
) -> impl IntoView + use<> {
    let words = app.view.with_untracked(|view| view.words);
    let is_selected = |key: &Key| selected == Some(key);
    let content = match &lane.pod {
        Some(pod) => pod::card(pod, is_selected(&pod.key)).into_any(),
        None => view! {
            <div class="ghost">
                <span class="pod__name">{lane.pod_name.clone()}</span>
                <span class="ghost__why">
                    {words.not_created}
                    {(!lane.why.is_empty()).then(|| format!(": {}", lane.why))}
                </span>
            </div>
        }
        .into_any(),
    };
    let node = lane.pod.as_ref().map(|pod| pod.node.clone()).unwrap_or_default();
    let frontier = partition == Some(lane.ordinal);
    view! {
        <li
            class="lane"
            data-wanted=lane.wanted.to_string()
            data-kept=lane.below_partition.to_string()
            data-frontier=frontier.to_string()
        >
            <span class="lane__ordinal">{lane.ordinal}</span>
            <div class="lane__pod">
                {content}
                <span class="lane__dns">{lane.dns_name.clone()}</span>
            </div>
            <div class="lane__claims">
                {lane.claims.iter().map(|c| claim(app, c, selected)).collect_view()}
            </div>
            <span class="lane__node">{node}</span>
        </li>
    }
}

fn claim(app: App, claim: &ClaimView, selected: Option<&Key>) -> impl IntoView + use<> {
    let words = app.view.with_untracked(|view| view.words);
    let key = claim.key.clone();
    let pressed = (selected == Some(&key)).to_string();
    let select = move |_| app.send(Message::Selected(Some(key.clone())));
    let missing = claim.phase.is_empty();
    let phase = if missing { words.no_claim.to_string() } else { claim.phase.clone() };
    view! {
        <span class="claim" data-phase=claim.phase.to_lowercase() data-missing=missing.to_string()>
            <button class="claim__select" aria-pressed=pressed on:click=select>
                <span class="claim__name">{claim.key.name.to_string()}</span>
                " " <span class="quiet">{phase}</span>
            </button>
            {claim.volume.as_ref().map(|v| view! {
                <span class="claim__link" aria-hidden="true"></span>
                {volume(app, v, selected)}
            })}
        </span>
    }
}

fn volume(app: App, volume: &VolumeView, selected: Option<&Key>) -> impl IntoView + use<> {
    let key = volume.key.clone();
    let pressed = (selected == Some(&key)).to_string();
    let select = move |_| app.send(Message::Selected(Some(key.clone())));
    let files = volume.files.iter().map(|file| {
        view! {
            <li><code>{file.path.clone()}</code> " " <q>{file.start.clone()}</q></li>
        }
    });
    view! {
        <span class="volume" data-phase=volume.phase.to_lowercase()>
            <button class="claim__select" aria-pressed=pressed on:click=select>
                <span class="claim__name">{volume.key.name.to_string()}</span>
                " " {volume.capacity.clone()} " "
                <span class="quiet">{volume.phase.clone()}</span>
            </button>
            {(!volume.files.is_empty()).then(|| view! {
                <ul class="volume__files">{files.collect_view()}</ul>
            })}
        </span>
    }
}
