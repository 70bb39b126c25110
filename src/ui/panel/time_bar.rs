//! The time bar: play, pause, step, scrub.

use leptos::prelude::*;

use crate::playground::message::{Direction, Message, Unit};
use crate::playground::view::time::{FlagView, TickView};
use crate::ui::component::button::{icon_button, sign_button, word_button};
use crate::ui::dispatch::{App, app};
use crate::ui::effect::embed;

/// The bar at the bottom of the page.
#[component]
pub fn TimeBar() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let in_past = app.part(|view| view.time.in_past);
    view! {
        <footer class="time" aria-label=embed::name() data-past=move || in_past.get().to_string()>
            <Show when=move || in_past.get()>
                <div class="time__past" role="status">
                    <span>{move || words.get().in_past}</span>
                    {word_button(
                        |words| words.return_to_now,
                        move || app.send(Message::ReturnedToNow),
                    )}
                    <Branches/>
                </div>
            </Show>
            <div class="time__row">
                <Transport/>
                <Scrubber/>
                <Marks/>
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
    let start = move || app.send(Message::ReturnedToStart);
    let play_label = move || if playing.get() { words.get().pause } else { words.get().play };
    view! {
        <div class="time__transport" role="group" aria-label=move || words.get().time>
            {icon_button(|words| words.to_start, "|◁", start)}
            {icon_button(|words| words.step_back, "◁", move || step(Direction::Back))}
            {sign_button(
                "button button--primary time__play",
                play_label,
                move || if playing.get() { "❚❚" } else { "▶" },
                move || app.send(Message::PlayToggled),
            )}
            {icon_button(|words| words.step_forward, "▷", move || step(Direction::Forward))}
            {icon_button(|words| words.to_now, "▷|", move || app.send(Message::ReturnedToNow))}
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
    let marks = app.part(|view| view.time.marks.clone());
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
                {move || marks.get().iter().map(move |m| mark(app, m)).collect_view()}
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

fn flag(app: App, flag: &FlagView) -> impl IntoView + use<> {
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

fn mark(app: App, mark: &FlagView) -> impl IntoView + use<> {
    let at_ms = mark.at_ms;
    let word = app.view.with_untracked(|view| view.words.mark_at);
    let label = format!("{word} {}", mark.label);
    view! {
        <button
            class="time__mark"
            tabindex="-1"
            title=label.clone()
            aria-label=label
            style:inset-inline-start=format!("{:.2}%", mark.place * 100.0)
            on:click=move |_| app.send(Message::Sought { at_ms })
        ></button>
    }
}

/// Marks: set one here, go from one to the next.
#[component]
fn Marks() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let is_marked = app.part(|view| view.time.is_marked);
    let any = app.part(|view| !view.time.marks.is_empty());
    let label = move || if is_marked.get() { words.get().unmark } else { words.get().mark };
    let jump = move |direction| move || app.send(Message::JumpedToMark(direction));
    view! {
        <div class="time__transport" role="group" aria-label=move || words.get().mark_at>
            <Show when=move || any.get()>
                {icon_button(|words| words.former_mark, "[", jump(Direction::Back))}
            </Show>
            {sign_button(
                "button button--icon",
                label,
                move || if is_marked.get() { "◆" } else { "◇" },
                move || app.send(Message::MarkToggled),
            )}
            <Show when=move || any.get()>
                {icon_button(|words| words.next_mark, "]", jump(Direction::Forward))}
            </Show>
        </div>
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
