//! The teacher's page: a link for a class, and what comes back.

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::ev::SubmitEvent;
use leptos::html::Dialog;
use leptos::prelude::*;

use super::class_table::Table;
use super::lesson_menu::file_button;
use crate::playground::lesson::message::LessonMessage;
use crate::playground::message::Message;
use crate::playground::view::lesson::EntryView;
use crate::ui::dispatch::app;
use crate::ui::effect::{file, scorm, text};

/// The teacher's page.
#[component]
pub fn ClassPage(place: NodeRef<Dialog>) -> impl IntoView {
    let said = app().part(|view| view.lessons.words);
    view! {
        <dialog class="dialog class" node_ref=place aria-labelledby="class-title">
            <div class="class__bar">
                <h2 id="class-title">{move || said.get().teacher}</h2>
                <form method="dialog">
                    <button class="button">{move || said.get().teacher_close}</button>
                </form>
            </div>
            <p class="quiet">{move || said.get().class_about}</p>
            <Link/>
            <Answers/>
            <Table/>
        </dialog>
    }
}

/// The exercises that were chosen.
type Chosen = RwSignal<BTreeSet<&'static str>>;

/// The exercises, and how they are done.
#[component]
fn Link() -> impl IntoView {
    let app = app();
    let said = app.part(|view| view.lessons.words);
    let catalog = app.part(|view| view.lessons.catalog.clone());
    let end = app.part(|view| view.lessons.class_link.clone());
    let chosen = Chosen::default();
    let hints = RwSignal::new(true);
    let (seed, minutes) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        // In the catalogue's order: from easy to hard.
        let is_chosen = |entry: &&EntryView| chosen.with_untracked(|all| all.contains(entry.slug));
        let exercises = catalog
            .with_untracked(|all| all.iter().filter(is_chosen).map(|e| e.slug.into()).collect());
        app.send(Message::Lesson(LessonMessage::ClassRequested {
            exercises,
            seed: seed.get_untracked().trim().parse().ok(),
            hints: hints.get_untracked(),
            time_box: minutes.get_untracked().trim().parse().ok(),
        }));
    };
    view! {
        <form class="class__part" on:submit=submit>
            <h3>{move || said.get().class_link}</h3>
            <Exercises chosen/>
            <div class="class__fields">
                <label class="field">
                    {move || said.get().class_seed}
                    <input class="input" type="number" min="0" max="9007199254740991" step="1"
                        on:input=move |event| seed.set(event_target_value(&event))/>
                </label>
                <label class="field">
                    {move || said.get().class_minutes}
                    <input class="input" type="number" min="1" max="600" step="1"
                        on:input=move |event| minutes.set(event_target_value(&event))/>
                </label>
                <label>
                    <input type="checkbox" prop:checked=move || hints.get()
                        on:change=move |event| hints.set(event_target_checked(&event))/>
                    " " {move || said.get().class_hints}
                </label>
                <button class="button button--primary"
                    disabled=move || chosen.with(BTreeSet::is_empty)>
                    {move || said.get().make_link}
                </button>
            </div>
            <Packages chosen/>
            <Show when=move || !end.get().is_empty()>
                <label class="field">
                    {move || said.get().link}
                    <input class="input class__link" type="text" readonly
                        prop:value=move || text::address(&end.get())/>
                </label>
            </Show>
        </form>
    }
}

/// All exercises, to be chosen from.
#[component]
fn Exercises(chosen: Chosen) -> impl IntoView {
    let app = app();
    let said = app.part(|view| view.lessons.words);
    let catalog = app.part(|view| view.lessons.catalog.clone());
    let row = move |entry: &EntryView| {
        let slug = entry.slug;
        let toggle = move |event| {
            let on = event_target_checked(&event);
            chosen.update(|all| {
                if on {
                    all.insert(slug)
                } else {
                    all.remove(slug)
                };
            });
        };
        view! {
            <li>
                <label>
                    <input type="checkbox" value=slug on:change=toggle
                        prop:checked=move || chosen.with(|all| all.contains(slug))/>
                    " " {entry.title} " "
                    <span class="quiet">{entry.minutes} " " {move || said.get().minutes}</span>
                </label>
            </li>
        }
    };
    let rows =
        move || catalog.get().iter().filter(|entry| entry.is_exercise).map(row).collect_view();
    view! {
        <fieldset class="class__exercises">
            <legend>{move || said.get().exercises}</legend>
            <ul>{rows}</ul>
        </fieldset>
    }
}

/// One exercise as a package for a learning management system.
#[component]
fn Packages(chosen: Chosen) -> impl IntoView {
    let app = app();
    let said = app.part(|view| view.lessons.words);
    let catalog = app.part(|view| view.lessons.catalog.clone());
    let title = move |slug: &str| {
        let named = |all: &Arc<Vec<EntryView>>| {
            all.iter().find(|entry| entry.slug == slug).map(|entry| entry.title.to_string())
        };
        catalog.with_untracked(named).unwrap_or_default()
    };
    let failed = RwSignal::new(false);
    let save = move |version: &'static str| {
        let Some(slug) = chosen.with_untracked(|all| all.first().copied()) else { return };
        scorm::save(version, slug.into(), title(slug), move |worked| failed.set(!worked));
    };
    let is_not_one = move || chosen.with(|all| all.len() != 1);
    view! {
        <div class="lesson__actions">
            <span class="quiet">{move || said.get().scorm}</span>
            <button type="button" class="button" disabled=is_not_one on:click=move |_| save("1.2")>
                "SCORM 1.2"
            </button>
            <button type="button" class="button" disabled=is_not_one on:click=move |_| save("2004")>
                "SCORM 2004"
            </button>
        </div>
        <Show when=move || failed.get()>
            <p role="alert">{move || said.get().not_loaded}</p>
        </Show>
    }
}

/// Where hand-ins come in: pasted, chosen, dropped.
#[component]
fn Answers() -> impl IntoView {
    let app = app();
    let said = app.part(|view| view.lessons.words);
    let pasted = RwSignal::new(String::new());
    let take = move |answers: Vec<(String, String)>| {
        if !answers.is_empty() {
            app.send(Message::Lesson(LessonMessage::AnswersGiven(answers)));
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let text = pasted.get_untracked();
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let named = lines.enumerate().map(|(at, line)| (format!("#{}", at + 1), line.into()));
        pasted.set(String::new());
        take(named.collect());
    };
    let dropped = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        file::read(&event, take);
    };
    view! {
        <form class="class__part" on:submit=submit on:drop=dropped>
            <h3>{move || said.get().answers_here}</h3>
            <label class="field">
                {move || said.get().answers_how}
                <textarea class="input class__answers" rows="4" spellcheck="false"
                    prop:value=move || pasted.get()
                    on:input=move |event| pasted.set(event_target_value(&event))
                ></textarea>
            </label>
            <div class="lesson__actions">
                <button class="button button--primary"
                    disabled=move || pasted.with(|text| text.trim().is_empty())>
                    {move || said.get().grade}
                </button>
                {file_button(move || said.get().choose_files, ".txt", true, take)}
                <span class="quiet">{move || said.get().drop_here}</span>
            </div>
        </form>
    }
}
