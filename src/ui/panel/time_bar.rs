//! The time bar: play, pause, step, scrub.

use leptos::prelude::*;

use crate::playground::message::{Direction, Message, Unit};
use crate::playground::view::time::{FlagView, TickView};
use crate::ui::dispatch::app;

/// The bar at the bottom of the page.
#[component]
pub fn TimeBar() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let in_past = app.part(|view| view.time.in_past);
    view! {
        <footer class="time" data-past=move || in_past.get().to_string()>
            <Show when=move || in_past.get()>
                <div class="time__past" role="status">
                    <span>{move || words.get().in_past}</span>
                    <button class="button" on:click=move |_| app.send(Message::ReturnedToNow)>
                        {move || words.get().return_to_now}
                    </button>
                    <Branches/>
                </div>
            </Show>
            <div class="time__row">
                <Transport/>
                <Scrubber/>
                <Options/>
            </div>
        </footer>
    }
}

/// Former futures that can be taken up again.
#[component]
fn Branches() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let branches = app.part(|view| view.time.branches.clone());
    let button = move |(index, label): (usize, &String)| {
        let label = label.clone();
        view! {
            <button class="button" on:click=move |_| app.send(Message::BranchChosen(index))>
                {move || words.get().former_future} " (" {label} ")"
            </button>
        }
    };
    view! { {move || branches.get().iter().enumerate().map(button).collect_view()} }
}

/// Start, back, play, forward, now.
#[component]
fn Transport() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let playing = app.part(|view| view.time.playing);
    let unit = app.part(|view| view.time.unit);
    let step = move |direction| app.send(Message::Stepped(unit.get_untracked(), direction));
    let play_label = move || if playing.get() { words.get().pause } else { words.get().play };
    view! {
        <div class="time__transport" role="group" aria-label=move || words.get().time>
            <button
                class="button button--icon"
                aria-label=move || words.get().to_start
                title=move || words.get().to_start
                on:click=move |_| app.send(Message::ReturnedToStart)
            >
                "|◁"
            </button>
            <button
                class="button button--icon"
                aria-label=move || words.get().step_back
                title=move || words.get().step_back
                on:click=move |_| step(Direction::Back)
            >
                "◁"
            </button>
            <button
                class="button button--primary time__play"
                aria-label=play_label
                title=play_label
                on:click=move |_| app.send(Message::PlayToggled)
            >
                {move || if playing.get() { "❚❚" } else { "▶" }}
            </button>
            <button
                class="button button--icon"
                aria-label=move || words.get().step_forward
                title=move || words.get().step_forward
                on:click=move |_| step(Direction::Forward)
            >
                "▷"
            </button>
            <button
                class="button button--icon"
                aria-label=move || words.get().to_now
                title=move || words.get().to_now
                on:click=move |_| app.send(Message::ReturnedToNow)
            >
                "▷|"
            </button>
        </div>
    }
}

/// The whole session as a line, with ticks for writes and flags for commands.
#[component]
fn Scrubber() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let clock = app.part(|view| view.time.clock.clone());
    let now = app.part(|view| view.time.now_ms);
    let horizon = app.part(|view| view.time.horizon_ms);
    let ticks = app.part(|view| view.time.ticks.clone());
    let flags = app.part(|view| view.time.flags.clone());
    let sought = move |event| {
        if let Ok(at_ms) = event_target_value(&event).parse() {
            app.send(Message::Sought { at_ms });
        }
    };
    view! {
        <output class="time__clock">{move || clock.get()}</output>
        <div class="time__line">
            <div class="time__ticks" aria-hidden="true">
                {move || ticks.get().iter().map(tick).collect_view()}
            </div>
            <input
                class="time__range"
                type="range"
                min="0"
                step="10"
                aria-label=move || words.get().time
                aria-valuetext=move || clock.get()
                prop:max=move || horizon.get().to_string()
                prop:value=move || now.get().to_string()
                on:input=sought
            />
            <div class="time__flags">
                {move || flags.get().iter().map(move |f| flag(app, f)).collect_view()}
            </div>
        </div>
    }
}

fn tick(tick: &TickView) -> impl IntoView + use<> {
    let height = (tick.count.min(6) * 2 + 3).to_string();
    view! {
        <span
            class="time__tick"
            data-actor=tick.actor
            style:inset-inline-start=format!("{:.2}%", tick.place * 100.0)
            style:block-size=format!("{height}px")
        ></span>
    }
}

fn flag(app: crate::ui::dispatch::App, flag: &FlagView) -> impl IntoView + use<> {
    let at_ms = flag.at_ms;
    view! {
        <button
            class="time__flag"
            tabindex="-1"
            title=flag.label.clone()
            aria-label=flag.label.clone()
            style:inset-inline-start=format!("{:.2}%", flag.place * 100.0)
            on:click=move |_| app.send(Message::Sought { at_ms })
        ></button>
    }
}

/// Speed, waiting, step size.
#[component]
fn Options() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let speed = app.part(|view| view.time.speed);
    let speeds = app.part(|view| view.time.speeds.clone());
    let skip = app.part(|view| view.time.skip_waiting);
    let unit = app.part(|view| view.time.unit);
    let choose_speed = move |event| {
        let chosen = event_target_value(&event);
        let found = speeds.get_untracked().iter().find(|(_, l)| *l == chosen).map(|(s, _)| *s);
        if let Some(speed) = found {
            app.send(Message::SpeedChosen(speed));
        }
    };
    let choose_unit = move |event| {
        let chosen = event_target_value(&event);
        if let Some(unit) = Unit::ALL.into_iter().find(|unit| unit_name(*unit) == chosen) {
            app.send(Message::UnitChosen(unit));
        }
    };
    let unit_label = move |unit| match unit {
        Unit::Decision => words.get().by_decision,
        Unit::Write => words.get().by_write,
        Unit::Phase => words.get().by_phase,
    };
    view! {
        <div class="time__options">
            <label>
                <span class="visually-hidden">{move || words.get().speed}</span>
                <select
                    class="select"
                    title=move || words.get().speed
                    prop:value=move || speed.get().label()
                    on:change=choose_speed
                >
                    {move || {
                        speeds
                            .get()
                            .iter()
                            .map(|(_, l)| view! { <option value=l.clone()>{l.clone()}</option> })
                            .collect_view()
                    }}
                </select>
            </label>
            <label class="time__skip">
                <input
                    type="checkbox"
                    prop:checked=move || skip.get()
                    on:change=move |_| app.send(Message::SkipWaitingToggled)
                />
                <span>{move || words.get().skip_waiting}</span>
            </label>
            <label class="time__unit">
                <span>{move || words.get().step_by}</span>
                <select
                    class="select"
                    prop:value=move || unit_name(unit.get())
                    on:change=choose_unit
                >
                    {Unit::ALL.map(|unit| view! {
                        <option value=unit_name(unit)>{move || unit_label(unit)}</option>
                    })}
                </select>
            </label>
        </div>
    }
}

fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Decision => "decision",
        Unit::Write => "write",
        Unit::Phase => "phase",
    }
}
