//! The partition of a rolling update: a line between two lanes that can be dragged, and a slider.
//!
//! Both end in a `kubectl patch` that the learner sees being typed.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use crate::playground::gesture;
use crate::playground::message::Message;
use crate::playground::view::Key;
use crate::playground::view::picture::{LaneView, SetView};
use crate::ui::dispatch::App;

/// The set whose partition is being moved, and to where.
#[derive(Clone, Copy)]
pub struct Drag(pub RwSignal<Option<(Key, i64)>>);

impl Drag {
    fn place(self, set: &Key) -> Option<i64> {
        self.0.with(|drag| drag.as_ref().filter(|(key, _)| key == set).map(|(_, place)| *place))
    }
}

fn patch(app: App, set: &Key, now: i64, wanted: i64) {
    if now != wanted {
        app.send(Message::CommandGiven(gesture::partition(set, wanted)));
    }
}

/// A slider for those who use the keyboard: each step is a patch.
pub fn slider(app: App, set: &SetView) -> impl IntoView + use<> {
    let words = app.view.with_untracked(|view| view.words);
    let drag = expect_context::<Drag>();
    let (key, now) = (set.key.clone(), set.partition_value);
    let shown = {
        let key = key.clone();
        move || drag.place(&key).unwrap_or(now)
    };
    let value = shown.clone();
    let moved = {
        let key = key.clone();
        move |event| {
            if let Ok(place) = event_target_value(&event).parse() {
                drag.0.set(Some((key.clone(), place)));
            }
        }
    };
    let done = move |event| {
        drag.0.set(None);
        if let Ok(place) = event_target_value(&event).parse() {
            patch(app, &key, now, place);
        }
    };
    view! {
        <label class="set__partition">
            <span class="quiet">{words.partition} " " {shown}</span>
            <input
                type="range"
                min="0"
                max=set.wanted.max(now).to_string()
                step="1"
                aria-label=words.partition
                data-partition-slider=""
                prop:value=move || value().to_string()
                on:input=moved
                on:change=done
            />
        </label>
    }
}

/// The upper edge of a lane, where the partition stands or can be dragged to.
pub fn line(app: App, lane: &LaneView, set: &SetView) -> impl IntoView + use<> {
    let words = app.view.with_untracked(|view| view.words);
    let drag = expect_context::<Drag>();
    let first = set.lanes.first().map_or(0, |lane| lane.ordinal);
    let last = set.lanes.last().map_or(0, |lane| lane.ordinal);
    let (key, now) = (set.key.clone(), set.partition_value);
    let (here, is_last) = (lane.ordinal - first, lane.ordinal == last);
    let stands = {
        let key = key.clone();
        move |at_end: bool| {
            let place = drag.place(&key).unwrap_or(now);
            if at_end { is_last && place > here } else { place == here }
        }
    };
    let handle = move |at_end: bool| {
        let (stands, key) = (stands.clone(), key.clone());
        let shown = stands.clone();
        let grab = move |event: ev::PointerEvent| {
            event.prevent_default();
            follow(app, drag, key.clone(), now, &event);
        };
        view! {
            <div
                class="partition"
                data-at-end=at_end.to_string()
                data-zero=(now == 0).to_string()
                hidden=move || !stands(at_end)
                title=words.partition_drag
                on:pointerdown=grab
            >
                <span class="partition__label" aria-hidden="true">
                    {move || shown(at_end).then_some(words.partition)}
                </span>
            </div>
        }
    };
    view! { {handle(false)} {is_last.then(|| handle(true))} }
}

/// Follows the pointer until it is let go.
fn follow(app: App, drag: Drag, set: Key, now: i64, event: &ev::PointerEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let lanes = target.and_then(|element| element.closest("[data-lanes]").ok().flatten());
    let Some(lanes) = lanes else { return };
    drag.0.set(Some((set.clone(), now)));
    let dragged = set.clone();
    let moves = window_event_listener(ev::pointermove, move |event| {
        let place = place_at(&lanes, f64::from(event.client_y()));
        drag.0.set(Some((dragged.clone(), place)));
    });
    let ends: StoredValue<Option<WindowListenerHandle>, LocalStorage> =
        StoredValue::new_local(None);
    let moves = StoredValue::new_local(Some(moves));
    let finish = window_event_listener(ev::pointerup, move |_| {
        let place = drag.place(&set);
        drag.0.set(None);
        for kept in [moves, ends] {
            if let Some(Some(handle)) = kept.try_update_value(Option::take) {
                handle.remove();
            }
        }
        if let Some(place) = place {
            patch(app, &set, now, place);
        }
    });
    ends.set_value(Some(finish));
}

/// How many lanes lie above a height.
fn place_at(lanes: &web_sys::Element, y: f64) -> i64 {
    let children = lanes.children();
    let lanes = (0..children.length()).filter_map(|index| children.item(index));
    let above = lanes.filter(|lane| {
        let edges = lane.get_bounding_client_rect();
        edges.top() + edges.height() / 2.0 < y
    });
    above.count() as i64
}
