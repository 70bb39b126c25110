//! The frame of the page: header, panels, time bar.

use leptos::html::{Dialog, Textarea};
use leptos::prelude::*;

use super::component::button::word_button;
use super::component::menu;
use super::component::splitter::{Sizes, Split, Splitter};
use super::dispatch::{self, App};
use super::effect::opening::Opening;
use super::effect::{embed, file, location, theme};
use super::keyboard;
use super::panel::because::BecausePanel;
use super::panel::class::ClassPage;
use super::panel::editor::EditorPanel;
use super::panel::header::Header;
use super::panel::lesson::LessonPanel;
use super::panel::names::NamesPanel;
use super::panel::picture::PicturePanel;
use super::panel::terminal::TerminalPanel;
use super::panel::time_bar::TimeBar;
use crate::playground::lesson::message::LessonMessage;
use crate::playground::message::Message;

/// Which panel a narrow page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    Lesson,
    Files,
    Terminal,
    Cluster,
    Why,
    Names,
}

impl Tab {
    fn name(self) -> &'static str {
        match self {
            Tab::Lesson => "lesson",
            Tab::Files => "files",
            Tab::Terminal => "terminal",
            Tab::Cluster => "cluster",
            Tab::Why => "why",
            Tab::Names => "names",
        }
    }
}

/// What the page shows where it has no room for all.
#[derive(Clone, Copy)]
pub struct Places {
    tab: RwSignal<Tab>,
    left: RwSignal<Tab>,
    class: NodeRef<Dialog>,
}

impl Places {
    fn new() -> Self {
        let (tab, left) = (RwSignal::new(Tab::Cluster), RwSignal::new(Tab::Files));
        Places { tab, left, class: NodeRef::new() }
    }

    /// Shows a panel.
    pub fn show(self, tab: Tab) {
        self.tab.set(tab);
        if matches!(tab, Tab::Lesson | Tab::Files | Tab::Terminal) {
            self.left.set(tab);
        }
    }

    /// Opens the teacher's page.
    pub fn open_class(self) {
        if let Some(dialog) = self.class.get_untracked().filter(|dialog| !dialog.open()) {
            let _ = dialog.show_modal();
        }
    }

    // A lesson is shown when it is opened; what takes its place when it is left.
    fn follow_lessons(self) {
        let app = dispatch::app();
        let title = app.part(|view| view.lessons.open.as_ref().map(|open| open.title.clone()));
        Effect::new(move |before: Option<Option<String>>| {
            let now = title.get();
            match before.flatten() == now {
                true => {}
                false if now.is_some() => self.show(Tab::Lesson),
                false => {
                    self.left.set(Tab::Files);
                    self.tab.set(Tab::Cluster);
                }
            }
            now
        });
    }

    // A file that an editor in the terminal opens is to be seen.
    fn follow_editor(self) {
        let edited = dispatch::app().part(|view| view.files.edited.clone());
        Effect::new(move |_| {
            if edited.with(|edited| !edited.is_empty()) {
                self.show(Tab::Files);
            }
        });
    }

    // Its address, or hand-ins that a link brought, open the teacher's page.
    fn follow_class(self) {
        let is_asked = || location::place().as_deref() == Some(dispatch::TEACHER);
        let app = dispatch::app();
        let answers = app.part(|view| view.lessons.grading.rows.len() + view.lessons.grading.left);
        Effect::new(move |_| {
            if answers.get() > 0 || is_asked() {
                self.open_class();
            }
        });
        let handle = window_event_listener(leptos::ev::hashchange, move |_| {
            if is_asked() {
                self.open_class();
            }
        });
        on_cleanup(move || handle.remove());
    }
}

/// The whole page; `opening` is what it opens with, unless it goes on with something.
#[component]
pub fn App(opening: Option<Opening>) -> impl IntoView {
    theme::restore();
    let app = dispatch::start(opening);
    keyboard::listen(app);
    menu::listen();
    let tag = app.part(|view| view.words.tag);
    Effect::new(move |_| theme::set("lang", Some(tag.get())));
    let places = Places::new();
    let (tab, left) = (places.tab, places.left);
    provide_context(places);
    places.follow_lessons();
    places.follow_class();
    places.follow_editor();
    file_drops(app);
    let has_lesson = app.part(|view| view.lessons.open.is_some());
    let sizes = Sizes::restored();
    let is_whole = !embed::is_player();
    view! {
        <Header/>
        // Part of the panels' names, so that those of several frames differ.
        <span id="frame-name" hidden>{embed::name().unwrap_or_default()}</span>
        <Notice/>
        <main
            class="panels"
            aria-label=embed::name()
            style=move || sizes.style()
            data-tab=move || tab.get().name()
            data-left=move || left.get().name()
            data-lesson=move || has_lesson.get().to_string()
        >
            {is_whole.then(before_picture)}
            <PicturePanel/>
            {is_whole.then(after_picture)}
            {is_whole.then(|| Split::ALL.map(|split| view! { <Splitter split sizes/> }))}
        </main>
        <TimeBar/>
        {is_whole.then(|| view! { <ClassPage place=places.class/> <CopyByHand/> })}
        <div class="visually-hidden" role="status" aria-live="polite">
            {move || app.announcement.get()}
        </div>
    }
}

// A player has the picture only.
fn before_picture() -> impl IntoView {
    view! {
        <Tabs/>
        <LessonPanel/>
        <EditorPanel/>
        <TerminalPanel/>
    }
}

fn after_picture() -> impl IntoView {
    view! {
        <BecausePanel/>
        <NamesPanel/>
    }
}

/// The choice of panels where there is no room for all.
#[component]
fn Tabs() -> impl IntoView {
    let app = dispatch::app();
    let words = app.part(|view| view.words);
    let said = app.part(|view| view.lessons.words);
    let has_lesson = app.part(|view| view.lessons.open.is_some());
    let places = expect_context::<Places>();
    let button = move |this: Tab| {
        let label = move || match this {
            Tab::Lesson => said.get().lesson,
            Tab::Files => words.get().editor,
            Tab::Terminal => words.get().terminal,
            Tab::Cluster => words.get().cluster,
            Tab::Why => words.get().why,
            Tab::Names => words.get().names,
        };
        view! {
            <button
                class="tab"
                data-name=this.name()
                aria-pressed=move || (places.tab.get() == this).to_string()
                on:click=move |_| places.show(this)
            >
                {label}
            </button>
        }
    };
    let all = [Tab::Cluster, Tab::Files, Tab::Terminal, Tab::Why, Tab::Names];
    view! {
        <nav class="tabs" aria-label=embed::name()>
            <Show when=move || has_lesson.get()>{button(Tab::Lesson)}</Show>
            {all.map(button)}
        </nav>
    }
}

/// A sentence that must be read.
#[component]
fn Notice() -> impl IntoView {
    let app: App = dispatch::app();
    let notice = app.part(|view| view.frame.notice.clone());
    let complaint = app.part(|view| view.lessons.complaint.clone());
    view! {
        <Show when=move || !notice.get().is_empty()>
            <div class="notice" role="alert">
                <p>{move || notice.get()}</p>
                {word_button(|words| words.close, move || app.send(Message::NoticeClosed))}
            </div>
        </Show>
        <Show when=move || !complaint.get().is_empty()>
            <div class="notice" role="alert">
                <p>{move || complaint.get()}</p>
                {word_button(
                    |words| words.close,
                    move || app.send(Message::Lesson(LessonMessage::ComplaintClosed)),
                )}
            </div>
        </Show>
    }
}

/// A text that the browser did not let the page copy.
#[component]
fn CopyByHand() -> impl IntoView {
    let app = dispatch::app();
    let words = app.part(|view| view.words);
    let text = app.part(|view| view.frame.uncopied.clone());
    let (place, field) = (NodeRef::<Dialog>::new(), NodeRef::<Textarea>::new());
    Effect::new(move |_| {
        let is_wanted = text.with(|text| !text.is_empty());
        let (Some(dialog), Some(field)) = (place.get(), field.get()) else { return };
        match is_wanted {
            true if !dialog.open() => {
                let _ = dialog.show_modal();
                field.set_value(&text.get_untracked());
                field.select();
            }
            false if dialog.open() => dialog.close(),
            _ => {}
        }
    });
    view! {
        <dialog
            class="dialog"
            node_ref=place
            aria-labelledby="copy-title"
            on:close=move |_| app.send(Message::UncopiedClosed)
        >
            <h2 id="copy-title">{move || words.get().copy_by_hand}</h2>
            <textarea
                class="input copy__text"
                node_ref=field
                readonly
                rows="8"
                aria-labelledby="copy-title"
            ></textarea>
            <form method="dialog">
                <button class="button button--primary">{move || words.get().close}</button>
            </form>
        </dialog>
    }
}

/// Lessons that are dropped on the page open; other files are left to the browser's editor.
fn file_drops(app: App) {
    let over = window_event_listener(leptos::ev::dragover, |event| {
        let types = event.data_transfer().map(|data| data.types());
        if types.is_some_and(|types| types.includes(&"Files".into(), 0)) {
            event.prevent_default();
        }
    });
    let dropped = window_event_listener(leptos::ev::drop, move |event| {
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        file::read(&event, move |files| {
            if let Some((name, text)) = files.into_iter().next() {
                app.send(Message::Lesson(LessonMessage::TextOpened { name, text }));
            }
        });
    });
    on_cleanup(move || {
        over.remove();
        dropped.remove();
    });
}
