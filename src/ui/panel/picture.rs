//! The picture: one lane for each ordinal.

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::prelude::*;

use super::partition::{self, Drag};
use super::pod;
use crate::playground::gesture;
use crate::playground::message::Message;
use crate::playground::view::Key;
use crate::playground::view::picture::{LaneView, ServiceView, SetView};
use crate::playground::view::volume::{ClaimView, VolumeView};
use crate::ui::dispatch::{App, app};
use crate::ui::effect::embed;

/// The selected object and what belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    selected: Option<Key>,
    related: Arc<BTreeSet<Key>>,
}

impl Selection {
    /// Whether it is the selected object.
    pub fn is(&self, key: &Key) -> bool {
        self.selected.as_ref() == Some(key)
    }

    /// Whether it belongs to the selected object, or is it.
    pub fn has(&self, key: &Key) -> bool {
        self.related.contains(key)
    }
}

/// All sets, other Pods, and volumes without a claim.
#[component]
pub fn PicturePanel() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let hint = app.part(|view| view.frame.hint);
    let picture = app.part(|view| {
        let frame = &view.frame;
        let selection =
            Selection { selected: frame.selected.clone(), related: frame.related.clone() };
        (view.picture.clone(), selection)
    });
    let drag = RwSignal::new(None);
    provide_context(Drag(drag));
    let past = app.part(|view| view.time.in_past);
    view! {
        <section
            class="panel"
            data-panel="cluster"
            data-past=move || past.get().to_string()
            aria-labelledby="frame-name cluster-title"
        >
            <h2 class="visually-hidden" id="cluster-title">{move || words.get().cluster}</h2>
            <div class="panel__body picture" tabindex="0">
                <Show when=move || !hint.get().is_empty()>
                    <p class="picture__hint">{move || hint.get()}</p>
                </Show>
                {move || {
                    let (picture, selection) = picture.get();
                    let selected = &selection;
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
                                    .map(|p| pod::card(p, selected))
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

fn set(app: App, set: &SetView, selected: &Selection) -> impl IntoView + use<> {
    let words = app.view.with_untracked(|view| view.words);
    let density = match set.lanes.len() {
        0..=12 => "wide",
        13..=60 => "thin",
        _ => "grid",
    };
    let lanes = set.lanes.iter().map(|l| lane(app, l, set, selected)).collect_view();
    view! {
        <section class="set" data-density=density aria-label=embed::label(&set.key.name)>
            {heading(app, set, selected)}
            <div class="services">
                {set.services.iter().map(|s| service(app, s, selected)).collect_view()}
            </div>
            <div class="lanes__head" aria-hidden="true">
                <span></span>
                <span>{words.pod}</span>
                <span>{words.claim} " — " {words.volume}</span>
                <span>{words.node}</span>
            </div>
            <ol class="lanes" data-lanes="">{lanes}</ol>
        </section>
    }
}

fn heading(app: App, set: &SetView, selected: &Selection) -> impl IntoView + use<> {
    let words = app.view.with_untracked(|view| view.words);
    let key = set.key.clone();
    let select = move |_| app.send(Message::Selected(Some(key.clone())));
    let scale = {
        let key = set.key.clone();
        move |replicas: i64| app.send(Message::CommandGiven(gesture::scale(&key, replicas)))
    };
    let (wanted, down, up) = (set.wanted, scale.clone(), scale);
    let related = selected.has(&set.key).to_string();
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
        <header class="set__heading" data-related=related>
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
                {set.management.clone()} " · " {set.strategy.clone()}
            </span>
            {set.has_partition.then(|| partition::slider(app, set))}
            {revisions}
            {set.terminating.then_some(words.terminating)}
        </header>
    }
}

fn service(app: App, service: &ServiceView, selected: &Selection) -> impl IntoView + use<> {
    let words = app.view.with_untracked(|view| view.words);
    let key = service.key.clone();
    let (pressed, related) = (selected.is(&key).to_string(), selected.has(&key).to_string());
    let select = move |_| app.send(Message::Selected(Some(key.clone())));
    let address = match service.cluster_ip.as_str() {
        "None" => words.headless.to_string(),
        ip => ip.to_string(),
    };
    view! {
        <button class="service" data-related=related aria-pressed=pressed on:click=select>
            <span class="service__name">"Service " {service.key.name.to_string()}</span>
            " " {address} " → "
            {service.ready_pods.len()} " " {words.ready_of}
        </button>
    }
}

fn lane(app: App, lane: &LaneView, set: &SetView, selected: &Selection) -> impl IntoView + use<> {
    let content = match &lane.pod {
        Some(pod) => pod::card(pod, selected).into_any(),
        None => ghost(app, lane, selected).into_any(),
    };
    let node = lane.pod.as_ref().map(|pod| pod.node.clone()).unwrap_or_default();
    view! {
        <li
            class="lane"
            data-ordinal=lane.ordinal.to_string()
            data-wanted=lane.wanted.to_string()
            data-kept=lane.below_partition.to_string()
            data-outdated=lane.is_outdated.to_string()
        >
            {set.has_partition.then(|| partition::line(app, lane, set))}
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

/// A Pod that is wanted and not there, and what it waits for.
fn ghost(app: App, lane: &LaneView, selected: &Selection) -> impl IntoView + use<> {
    let words = app.view.with_untracked(|view| view.words);
    let key = lane.pod_key.clone();
    let (pressed, related) = (selected.is(&key).to_string(), selected.has(&key).to_string());
    let select = move |_| app.send(Message::Selected(Some(key.clone())));
    view! {
        <button class="ghost" data-related=related aria-pressed=pressed on:click=select>
            <span class="pod__name">{lane.pod_name.clone()}</span>
            <span class="ghost__why">
                {words.not_created}
                {(!lane.why.is_empty()).then(|| format!(": {}", lane.why))}
            </span>
        </button>
    }
}

fn claim(app: App, claim: &ClaimView, selected: &Selection) -> impl IntoView + use<> {
    let words = app.view.with_untracked(|view| view.words);
    let key = claim.key.clone();
    let (pressed, related) = (selected.is(&key).to_string(), selected.has(&key).to_string());
    let select = move |_| app.send(Message::Selected(Some(key.clone())));
    let missing = claim.phase.is_empty();
    let phase = if missing { words.no_claim.to_string() } else { claim.phase.clone() };
    view! {
        <span class="claim" data-phase=claim.phase.to_lowercase() data-missing=missing.to_string()>
            <button class="claim__select" data-related=related aria-pressed=pressed on:click=select>
                <span class="claim__name">{claim.key.name.to_string()}</span>
                " " <span class="quiet">{phase}</span>
            </button>
            {(!claim.why.is_empty()).then(|| view! {
                <span class="claim__why">{claim.why.clone()}</span>
            })}
            {claim.volume.as_ref().map(|v| view! {
                <span class="claim__link" aria-hidden="true"></span>
                {volume(app, v, selected)}
            })}
        </span>
    }
}

fn volume(app: App, volume: &VolumeView, selected: &Selection) -> impl IntoView + use<> {
    let key = volume.key.clone();
    let (pressed, related) = (selected.is(&key).to_string(), selected.has(&key).to_string());
    let select = move |_| app.send(Message::Selected(Some(key.clone())));
    let files = volume.files.iter().map(|file| {
        view! {
            <li><code>{file.path.clone()}</code> " " <q>{file.start.clone()}</q></li>
        }
    });
    view! {
        <span class="volume" data-phase=volume.phase.to_lowercase()>
            <button class="claim__select" data-related=related aria-pressed=pressed on:click=select>
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
