//! The editor: files as tabs, CodeMirror, and what applying would change.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::change::{ChangeView, RepairOffer};
use crate::playground::message::Message;
use crate::playground::view::related::Lines;
use crate::ui::component::button::{acting_icon_button, tab_button};
use crate::ui::dispatch::{App, app};
use crate::ui::editor::{self, Editor, EditorOptions};
use crate::ui::effect::{embed, texts, theme};

/// What stands in place of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// Nothing: the text is seen.
    None,
    /// What applying would change.
    Changes,
    /// What a repair would change.
    Repair,
}

/// The learner's files.
#[component]
pub fn EditorPanel() -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let is_manifest = app.part(|view| view.files.is_manifest);
    let shown = app.part(|view| view.files.shown.clone());
    let aside = RwSignal::new(Aside::None);
    Effect::new(move |_| {
        shown.track();
        aside.set(Aside::None);
    });
    let toggle = move |_| {
        aside.update(|aside| {
            *aside = if *aside == Aside::Changes { Aside::None } else { Aside::Changes };
        });
    };
    let toggle_word = move || match aside.get() {
        Aside::Changes => words.get().hide_changes,
        _ => words.get().show_changes,
    };
    view! {
        <section class="panel" data-panel="files" aria-labelledby="frame-name files-title">
            <h2 class="visually-hidden" id="files-title">{move || words.get().editor}</h2>
            <FileTabs/>
            <RepairOffer aside/>
            <Text aside/>
            <Show when=move || aside.get() != Aside::None>
                <ChangeView aside/>
            </Show>
            <div class="panel__bar editor__actions">
                <button
                    class="button button--primary"
                    data-acts=""
                    disabled=move || !is_manifest.get()
                    on:click=move |_| app.send(Message::Applied)
                >
                    {move || words.get().apply}
                </button>
                <span class="quiet" role="status">{move || change_words(app)}</span>
                <span class="header__space"></span>
                <Show when=move || is_manifest.get()>
                    <button
                        class="button"
                        aria-pressed=move || (aside.get() == Aside::Changes).to_string()
                        on:click=toggle
                    >
                        {toggle_word}
                    </button>
                </Show>
            </div>
        </section>
    }
}

fn change_words(app: App) -> String {
    app.view.with(|view| {
        let (words, comparison) = (view.words, &view.files.comparison);
        if !view.files.is_manifest {
            return String::new();
        }
        let mut parts = Vec::new();
        match comparison.changes {
            0 => {}
            1 => parts.push(words.one_change.to_string()),
            count => parts.push(format!("{count} {}", words.changes)),
        }
        if comparison.creations > 0 {
            parts.push(format!("{} {}", comparison.creations, words.new_object));
        }
        match (comparison.broken, parts.is_empty()) {
            (true, _) => words.not_applicable.into(),
            (_, true) => words.no_changes.into(),
            (_, false) => parts.join(" · "),
        }
    })
}

/// One tab for each file.
#[component]
fn FileTabs() -> impl IntoView {
    let app = app();
    let names = app.part(|view| view.files.names.clone());
    let shown = app.part(|view| view.files.shown.clone());
    let tab = move |name: &String| {
        let (name, label) = (name.clone(), name.clone());
        let this = name.clone();
        let choose = move || app.send(Message::FileChosen { path: name.clone() });
        tab_button(move || shown.with(|shown| *shown == this), choose, label)
    };
    let delete = move || app.send(Message::FileDeleted { path: shown.get_untracked() });
    view! {
        <div class="file-tabs">
            {move || names.get().iter().map(tab).collect_view()}
            {acting_icon_button(
                |words| words.new_file,
                "+",
                move || app.send(Message::FileCreated),
            )}
            <span class="header__space"></span>
            <Show when=move || !shown.get().is_empty()>
                {acting_icon_button(|words| words.delete_file, "×", delete)}
            </Show>
        </div>
    }
}

type Kept = StoredValue<Rc<RefCell<Option<Editor>>>, LocalStorage>;

/// The text of the shown file, in CodeMirror as soon as that is loaded.
#[component]
fn Text(aside: RwSignal<Aside>) -> impl IntoView {
    let app = app();
    let words = app.part(|view| view.words);
    let shown = app.part(|view| view.files.shown.clone());
    let text = app.part(|view| view.files.text.clone());
    let place = NodeRef::<leptos::html::Div>::new();
    let failed = RwSignal::new(false);
    let ready = RwSignal::new(false);
    let kept: Kept = StoredValue::new_local(Rc::default());
    Effect::new(move |_| {
        let Some(element) = place.get() else { return };
        spawn_local(async move {
            match editor::create(element.into(), options(app)).await {
                Ok(editor) => {
                    kept.with_value(|kept| *kept.borrow_mut() = Some(editor));
                    ready.set(true);
                    texts::load().await;
                }
                Err(_) => failed.set(true),
            }
        });
    });
    // Another file opens anew; another text of the same file came from outside the editor.
    Effect::new(move |before: Option<String>| {
        let (name, text) = (shown.get(), text.get());
        if !ready.get() {
            return String::new();
        }
        kept.with_value(|kept| {
            let kept = kept.borrow();
            let Some(editor) = kept.as_ref() else { return };
            if before.as_ref() != Some(&name) {
                editor.open(&text);
                editor.lint_now();
            } else if editor.text() != *text {
                editor.set_text(&text);
            }
            editor.set_read_only(name.is_empty() || embed::is_readonly());
        });
        name
    });
    follow_look(app, ready, kept);
    follow_marks(app, ready, kept);
    view! {
        <div class="panel__body" hidden=move || aside.get() != Aside::None node_ref=place></div>
        <Show when=move || failed.get()>
            <p role="alert" class="editor__failure">{move || words.get().editor_failed}</p>
        </Show>
    }
}

/// Keeps the editor's colours and words those of the page.
fn follow_look(app: App, ready: RwSignal<bool>, kept: Kept) {
    let phrases = app.part(|view| view.words.editor_phrases);
    Effect::new(move |_| {
        let (dark, phrases) = (app.dark.get(), phrases.get());
        if !ready.get() {
            return;
        }
        kept.with_value(|kept| {
            if let Some(editor) = kept.borrow().as_ref() {
                editor.set_theme(if dark { "dark" } else { "light" });
                editor.set_phrases(phrases);
            }
        });
    });
}

/// Tints the lines that define the selected object, and brings them into view.
fn follow_marks(app: App, ready: RwSignal<bool>, kept: Kept) {
    let marks = app.part(|view| (view.files.shown.clone(), view.files.marks.clone()));
    Effect::new(move |_| {
        let (_, marks) = marks.get();
        if !ready.get() {
            return;
        }
        kept.with_value(|kept| {
            if let Some(editor) = kept.borrow().as_ref() {
                editor.set_marks(&lines_json(&marks));
                if let Some(lines) = marks.first() {
                    editor.show(u32::try_from(lines.line).unwrap_or(1));
                }
            }
        });
    });
}

fn lines_json(marks: &[Lines]) -> String {
    let lines = marks
        .iter()
        .map(|lines| format!("{{\"line\":{},\"endLine\":{}}}", lines.line, lines.end_line));
    format!("[{}]", lines.collect::<Vec<_>>().join(","))
}

fn options(app: App) -> EditorOptions {
    let edited = move |text: String| {
        let path = app.view.with_untracked(|view| view.files.shown.clone());
        if !path.is_empty() {
            app.send(Message::FileEdited { path, text });
        }
    };
    EditorOptions {
        doc: String::new(),
        label: "YAML".into(),
        theme: if theme::is_dark() { "dark" } else { "light" },
        read_only: false,
        on_change: Box::new(edited),
        on_apply: Box::new(move || app.send(Message::Applied)),
        complete: Box::new(move |text, line, column| app.complete_yaml(&text, line, column)),
        hover: Box::new(move |text, line, column| app.hover_yaml(&text, line, column)),
        lint: Box::new(move |text| app.lint(&text)),
    }
}
