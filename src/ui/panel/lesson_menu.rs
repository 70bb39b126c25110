//! What can be opened: lessons, exercises, scenarios; and what else has to do with lessons.

use leptos::prelude::*;

use super::lesson::lesson_button;
use crate::playground::lesson::message::LessonMessage;
use crate::playground::message::Message;
use crate::playground::view::lesson::EntryView;
use crate::ui::app::Places;
use crate::ui::component::menu::Menu;
use crate::ui::dispatch::app;
use crate::ui::effect::file;

// Before a lesson's name in the list; scenarios stand there by their names alone.
const LESSON: &str = "lesson ";

/// The list of all that can be opened: lessons first.
#[component]
pub fn LessonSelect() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let said = app.part(|view| view.lessons.words);
    let scenario = app.part(|view| view.frame.scenario);
    let scenarios = app.part(|view| view.frame.scenarios.clone());
    let catalog = app.part(|view| view.lessons.catalog.clone());
    let loading = app.part(|view| view.lessons.loading);
    let open = app.part(|view| {
        view.lessons.open.as_ref().map(|open| (open.slug.clone(), open.title.clone()))
    });
    let choose = move |event| {
        let chosen = event_target_value(&event);
        app.send(match chosen.strip_prefix(LESSON) {
            Some("") => return,
            Some(slug) => Message::Lesson(LessonMessage::Chosen { slug: slug.into() }),
            None => Message::ScenarioChosen(chosen),
        });
    };
    let entries = move |exercises: bool| {
        let is_wanted = |entry: &&EntryView| entry.is_exercise == exercises;
        let option = |entry: &EntryView| {
            let slug = entry.slug;
            let selected = move || open.with(|open| open.as_ref().is_some_and(|o| o.0 == slug));
            let done = if entry.done > 0 { "✓ " } else { "" };
            let label = format!("{done}{} · {} {}", entry.title, entry.minutes, said.get().minutes);
            view! { <option value=format!("{LESSON}{slug}") prop:selected=selected>{label}</option> }
        };
        catalog.with(|all| all.iter().filter(is_wanted).map(option).collect_view())
    };
    // A lesson of somebody's own.
    let own = move || {
        let title = open.with(|open| open.clone().filter(|open| open.0.is_empty()))?.1;
        Some(view! { <option value=LESSON prop:selected=true>{title}</option> })
    };
    let scenario_option = move |(slug, title): &(&'static str, &'static str)| {
        let slug = *slug;
        let selected = move || open.with(Option::is_none) && scenario.get() == slug;
        view! { <option value=slug prop:selected=selected>{*title}</option> }
    };
    view! {
        <label class="header__scenario">
            <span class="visually-hidden">
                {move || format!("{}, {}", said.get().lessons, words.get().scenario)}
            </span>
            <select class="select lesson-select" on:change=choose>
                {own}
                <optgroup label=move || said.get().lessons>{move || entries(false)}</optgroup>
                <optgroup label=move || said.get().exercises>{move || entries(true)}</optgroup>
                <optgroup label=move || said.get().scenarios>
                    {move || scenarios.get().iter().map(scenario_option).collect_view()}
                </optgroup>
            </select>
        </label>
        <Show when=move || loading.get()>
            <span class="quiet" role="status">{move || said.get().loading}</span>
        </Show>
    }
}

/// Files of lessons and progress, and the way to the teacher's page.
#[component]
pub fn LessonMenu() -> impl IntoView {
    let (app, places) = (app(), expect_context::<Places>());
    let said = app.part(|view| view.lessons.words);
    let send = move |message| app.send(Message::Lesson(message));
    let open_own = move |files: Vec<(String, String)>| {
        if let Some((name, text)) = files.into_iter().next() {
            send(LessonMessage::TextOpened { name, text });
        }
    };
    let import = move |files: Vec<(String, String)>| {
        if let Some((_, text)) = files.into_iter().next() {
            send(LessonMessage::ProgressImported(text));
        }
    };
    view! {
        <Menu label=move || said.get().more>
            <li>{file_button(move || said.get().own_lesson, ".md,.markdown,.txt", false, open_own)}</li>
            <li><Record/></li>
            <li>
                {lesson_button(
                    |words| words.export_progress,
                    "button",
                    || LessonMessage::ProgressExported,
                )}
            </li>
            <li>{file_button(move || said.get().import_progress, ".json", false, import)}</li>
            <li>
                <button class="button" on:click=move |_| places.open_class()>
                    {move || said.get().teacher}
                </button>
            </li>
        </Menu>
    }
}

/// What was done becomes a lesson with this title.
#[component]
fn Record() -> impl IntoView {
    let app = app();
    let said = app.part(|view| view.lessons.words);
    let typed = RwSignal::new(None::<String>);
    let title = move || typed.get().unwrap_or_else(|| said.get().lesson_title.to_string());
    let record = move || LessonMessage::LessonRecorded { title: untrack(title) };
    view! {
        <label class="field">
            {move || said.get().record_title}
            <input
                class="input"
                type="text"
                maxlength="100"
                prop:value=title
                on:input=move |event| typed.set(Some(event_target_value(&event)))
            />
        </label>
        {lesson_button(|words| words.record_lesson, "button", record)}
    }
}

/// A button that asks for files.
pub fn file_button(
    label: impl Fn() -> &'static str + Send + 'static,
    accept: &'static str,
    multiple: bool,
    then: impl Fn(Vec<(String, String)>) + Clone + 'static,
) -> impl IntoView {
    let changed = move |event: leptos::ev::Event| file::read(&event, then.clone());
    view! {
        <label class="button file-button">
            {label}
            <input class="visually-hidden" type="file" accept=accept multiple=multiple on:change=changed/>
        </label>
    }
}
