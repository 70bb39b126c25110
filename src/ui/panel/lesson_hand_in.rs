//! What is particular to exercises: time, the class they belong to, and handing in.

use std::time::Duration;

use leptos::prelude::*;

use super::lesson::{OpenLesson, lesson_button};
use crate::playground::lesson::message::LessonMessage;
use crate::playground::message::Message;
use crate::ui::dispatch::app;
use crate::ui::effect::{storage, text};

/// While nothing is drawn, the time that a learner takes is counted in such spans.
const TICK: Duration = Duration::from_secs(10);

/// The exercises of the learner's class.
#[component]
pub fn ClassList() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.lessons.words);
    let class = app.part(|view| view.lessons.class.clone());
    let shown = expect_context::<OpenLesson>().part(|lesson| lesson.slug.clone());
    let choose = move |event| {
        let slug = event_target_value(&event);
        app.send(Message::Lesson(LessonMessage::Chosen { slug }));
    };
    let options = move || {
        let class = class.get();
        let all = class.map(|(all, _)| all).unwrap_or_default();
        let option = move |entry: &crate::playground::view::lesson::EntryView| {
            let slug = entry.slug;
            let done = if entry.done > 0 { "✓ " } else { "" };
            view! {
                <option value=slug prop:selected=move || shown.with(|shown| shown == slug)>
                    {format!("{done}{}", entry.title)}
                </option>
            }
        };
        all.iter().map(option).collect_view()
    };
    let minutes = move || class.get().and_then(|(_, minutes)| minutes);
    view! {
        <Show when=move || class.with(Option::is_some)>
            <label class="panel__bar">
                {move || words.get().class}
                <select class="select lesson__class" on:change=choose>{options}</select>
                {move || minutes().map(|count| format!("{count} {}", words.get().minutes))}
            </label>
        </Show>
    }
}

/// Name, code, link, file.
#[component]
pub fn HandIn() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.lessons.words);
    let name = app.part(|view| view.lessons.name.clone());
    let lesson = expect_context::<OpenLesson>();
    let code = lesson.part(|lesson| lesson.handed_in.clone());
    let is_own = lesson.part(|lesson| lesson.slug.is_empty());
    count_time();
    let typed = move |event| {
        let name = event_target_value(&event);
        storage::set(storage::NAME, &name);
        app.send(Message::Lesson(LessonMessage::NameTyped(name)));
    };
    let link = move || text::address(&format!("#h={}", code.get().unwrap_or_default()));
    view! {
        <section class="lesson__hand-in" aria-labelledby="hand-in-title">
            <h4 class="lesson__label" id="hand-in-title">{move || words.get().hand_in}</h4>
            <Spent/>
            <Show when=move || !is_own.get()>
                <label class="field">
                    {move || words.get().your_name}
                    <input
                        class="input"
                        type="text"
                        maxlength="60"
                        autocomplete="name"
                        prop:value=move || name.get()
                        on:input=typed
                    />
                </label>
                <div class="lesson__actions">
                    {lesson_button(
                        |words| words.hand_in,
                        "button button--primary",
                        || LessonMessage::HandInRequested,
                    )}
                    {lesson_button(|words| words.save_file, "button", || LessonMessage::HandInSaved)}
                </div>
            </Show>
            <Show when=move || code.with(Option::is_some)>
                <p>{move || words.get().hand_in_ready}</p>
                <label class="field">
                    {move || words.get().code}
                    <textarea
                        class="input lesson__code"
                        readonly
                        rows="3"
                        prop:value=move || code.get().unwrap_or_default()
                    ></textarea>
                </label>
                <label class="field">
                    {move || words.get().link}
                    <input class="input lesson__link" type="text" readonly prop:value=link/>
                </label>
                {lesson_button(
                    |words| words.copy_link,
                    "button",
                    || LessonMessage::HandInLinked,
                )}
            </Show>
        </section>
    }
}

/// The time spent, what of it there is, and how many commands it took.
#[component]
fn Spent() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.lessons.words);
    let lesson = expect_context::<OpenLesson>();
    let minutes = lesson.part(|lesson| lesson.spent / 60);
    let most = lesson.part(|lesson| lesson.time_box);
    let is_over = lesson.part(|lesson| lesson.is_over);
    let commands = lesson.part(|lesson| lesson.commands);
    let time = move || {
        let words = words.get();
        let most =
            most.get().map(|most| format!(" {} {most}", words.of_minutes)).unwrap_or_default();
        format!("{}: {}{most} {}", words.time_spent, minutes.get(), words.minutes)
    };
    view! {
        <p class="lesson__spent">
            {time} " · " {move || commands.get()} " " {move || words.get().commands}
        </p>
        <Show when=move || is_over.get()>
            <p class="lesson__over" role="alert">{move || words.get().time_over}</p>
        </Show>
    }
}

// Frames count the time while the cluster's runs; while it stands still, this does.
fn count_time() {
    let app = app();
    let tick = move || {
        let is_still = app.view.with_untracked(|view| !view.time.playing);
        if is_still && !document().hidden() {
            app.send(Message::Lesson(LessonMessage::TimePassed(TICK)));
        }
    };
    if let Ok(handle) = set_interval_with_handle(tick, TICK) {
        on_cleanup(move || handle.clear());
    }
}
