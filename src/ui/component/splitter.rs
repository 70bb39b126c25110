//! The line between two panels: dragged, or moved by arrow keys; its place is remembered.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use super::button::Word;
use crate::ui::dispatch::app;
use crate::ui::effect::storage;

/// Which size a splitter changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The width of the left panels.
    Left,
    /// The height of the upper panels.
    Top,
    /// The width of the names panel.
    Names,
}

/// A panel keeps at least so many percent.
const SIZE_MIN: f64 = 12.0;
const SIZE_MAX: f64 = 80.0;
/// An arrow key moves it by so many percent.
const STEP: f64 = 2.0;

impl Split {
    pub const ALL: [Split; 3] = [Split::Left, Split::Top, Split::Names];

    fn name(self) -> &'static str {
        match self {
            Split::Left => "left",
            Split::Top => "top",
            Split::Names => "names",
        }
    }

    fn first_size(self) -> f64 {
        match self {
            Split::Left => 36.0,
            Split::Top => 53.0,
            Split::Names => 27.0,
        }
    }

    fn word(self) -> Word {
        match self {
            Split::Left => |words| words.resize_left,
            Split::Top => |words| words.resize_top,
            Split::Names => |words| words.resize_names,
        }
    }

    fn kept(self) -> String {
        format!("statefulset-playground.size.{}", self.name())
    }
}

/// Sizes of panels in percent of the page.
#[derive(Clone, Copy)]
pub struct Sizes([RwSignal<f64>; 3]);

impl Sizes {
    /// As they were left.
    pub fn restored() -> Self {
        Sizes(Split::ALL.map(|split| {
            let kept = storage::get(&split.kept()).and_then(|text| text.parse().ok());
            RwSignal::new(kept.filter(is_size).unwrap_or(split.first_size()))
        }))
    }

    fn signal(self, split: Split) -> RwSignal<f64> {
        let [left, top, names] = self.0;
        match split {
            Split::Left => left,
            Split::Top => top,
            Split::Names => names,
        }
    }

    /// Custom properties for the grid of panels.
    pub fn style(self) -> String {
        let property =
            |split: Split| format!("--size-{}: {:.2}%;", split.name(), self.signal(split).get());
        Split::ALL.map(property).concat()
    }

    fn set(self, split: Split, size: f64) {
        let size = size.clamp(SIZE_MIN, SIZE_MAX);
        self.signal(split).set(size);
        storage::set(&split.kept(), &format!("{size:.2}"));
    }
}

fn is_size(size: &f64) -> bool {
    (SIZE_MIN..=SIZE_MAX).contains(size)
}

/// One of the lines.
#[component]
pub fn Splitter(split: Split, sizes: Sizes) -> impl IntoView {
    let words = app().part(|view| view.words);
    let size = sizes.signal(split);
    let orientation = if split == Split::Top { "horizontal" } else { "vertical" };
    let key = move |event: ev::KeyboardEvent| {
        let now = size.get_untracked();
        // The names panel grows to the left.
        let grows = if split == Split::Names { "ArrowLeft" } else { "ArrowRight" };
        let wanted =
            match (event.key().as_str(), split) {
                ("ArrowDown", Split::Top) => now + STEP,
                ("ArrowUp", Split::Top) => now - STEP,
                (key @ ("ArrowLeft" | "ArrowRight"), Split::Left | Split::Names) => {
                    if key == grows { now + STEP } else { now - STEP }
                }
                ("Home", _) => SIZE_MIN,
                ("End", _) => SIZE_MAX,
                ("Enter", _) => split.first_size(),
                _ => return,
            };
        event.prevent_default();
        sizes.set(split, wanted);
    };
    let grab = move |event: ev::PointerEvent| {
        event.prevent_default();
        if let Some(target) = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) {
            let _ = target.set_pointer_capture(event.pointer_id());
        }
    };
    view! {
        <div
            class="splitter"
            role="separator"
            tabindex="0"
            data-split=split.name()
            aria-orientation=orientation
            aria-label=move || split.word()(words.get())
            aria-valuemin=SIZE_MIN.to_string()
            aria-valuemax=SIZE_MAX.to_string()
            aria-valuenow=move || format!("{:.0}", size.get())
            on:keydown=key
            on:pointerdown=grab
            on:pointermove=move |event| follow(split, sizes, &event)
            on:dblclick=move |_| sizes.set(split, split.first_size())
        ></div>
    }
}

/// Moves the line to the pointer while it is held.
fn follow(split: Split, sizes: Sizes, event: &ev::PointerEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let Some(target) = target.filter(|t| t.has_pointer_capture(event.pointer_id())) else { return };
    let Some(panels) = target.parent_element() else { return };
    let edges = panels.get_bounding_client_rect();
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    let share = match split {
        Split::Left => (x - edges.left()) / edges.width().max(1.0),
        Split::Top => (y - edges.top()) / edges.height().max(1.0),
        Split::Names => (edges.right() - x) / edges.width().max(1.0),
    };
    sizes.set(split, share * 100.0);
}
