//! The way from a component to the application and back.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;

use super::effect;
use super::effect::embed::Connection;
use super::effect::opening::Opening;
use super::effect::rest;
use crate::playground::Playground;
use crate::playground::assist;
use crate::playground::change::Change;
use crate::playground::complete::{self, Completion};
use crate::playground::effect::{Copied, Effect};
use crate::playground::embed::protocol::{self, Event, Incoming, State};
use crate::playground::lesson::message::LessonMessage;
use crate::playground::message::Message;
use crate::playground::recording::reel::Reel;
use crate::playground::stage::Stage;
use crate::playground::view::ViewModel;

/// Behind the page's address: the teacher's page.
pub const TEACHER: &str = "#class";

/// The running application: messages go in, the view comes out.
pub struct Shell {
    stage: RefCell<Stage>,
    // What waits for the whole engine.
    waiting: RefCell<Vec<Waiting>>,
    view: RwSignal<ViewModel>,
    announcement: RwSignal<String>,
    frame_asked: Cell<bool>,
    last_frame: Cell<f64>,
    save_asked: Cell<bool>,
    embedded: Option<Connection>,
}

enum Waiting {
    Message(Message),
    /// A request with this id is to be answered.
    Answer(u32),
}

/// What components hold of it.
#[derive(Clone, Copy)]
pub struct App {
    shell: StoredValue<Rc<Shell>, LocalStorage>,
    /// The view.
    pub view: RwSignal<ViewModel>,
    /// What is read to people who listen to the page.
    pub announcement: RwSignal<String>,
    /// Whether the page is dark.
    pub dark: RwSignal<bool>,
    /// A command that is to stand in the terminal's input line, "" if none is.
    pub offered: RwSignal<String>,
}

/// Whether the page opens on nothing of its own (a saved session, a link, a lesson, somebody's
/// progress), or another page gave it a recording.
pub fn opens_recording() -> bool {
    use effect::{embed, location, storage};
    if let Some(options) = embed::options() {
        let is_given = options.is_ok_and(|options| !options.recording.is_empty());
        return is_given && storage::load().is_none();
    }
    let name = storage::get(storage::NAME);
    let kept = [storage::load(), storage::progress(), storage::class(), name];
    let asked = [location::link(), location::place()];
    kept.iter().chain(&asked).all(Option::is_none)
}

/// Whether the session to start with prints what fields mean.
pub fn explains() -> bool {
    if let Some(options) = effect::embed::options() {
        return options.is_ok_and(|options| options.explains());
    }
    let (link, saved) = (effect::location::link(), effect::storage::load());
    Playground::explains(link.as_deref(), saved.as_deref())
}

/// Starts the application and puts it into the context.
pub fn start(opening: Option<Opening>) -> App {
    let saved = effect::storage::load();
    let link = effect::location::link();
    let language = effect::storage::language().unwrap_or_else(effect::location::language);
    let (mut stage, first, embedded) = match (effect::embed::options(), opening) {
        (Some(options), opening) => {
            let (stage, first, connection) =
                Connection::begin(options, opening, saved.as_deref(), &language);
            (stage, first, Some(connection))
        }
        (None, Some(Ok(opening))) => {
            (Stage::Recorded(Box::new(Reel::new(opening, &language))), Vec::new(), None)
        }
        (None, _) => {
            let playground = Playground::begin(link.as_deref(), saved.as_deref(), &language);
            (Stage::Live(Box::new(playground)), Vec::new(), None)
        }
    };
    let view = RwSignal::new(stage.view(None));
    let announcement = RwSignal::new(String::new());
    let shell = Rc::new(Shell {
        stage: RefCell::new(stage),
        waiting: RefCell::default(),
        view,
        announcement,
        frame_asked: Cell::new(false),
        last_frame: Cell::new(effect::frame::now()),
        save_asked: Cell::new(false),
        embedded,
    });
    Shell::request_frame(&shell);
    Shell::begin_lessons(&shell);
    first.into_iter().for_each(|message| Shell::send(&shell, message));
    Shell::connect(&shell);
    let dark = RwSignal::new(effect::theme::is_dark());
    let offered = RwSignal::new(String::new());
    let app = App { shell: StoredValue::new_local(shell), view, announcement, dark, offered };
    app.listen_to_places();
    provide_context(app);
    app
}

/// The application, from inside a component.
pub fn app() -> App {
    expect_context::<App>()
}

impl App {
    /// Sends a message.
    pub fn send(self, message: Message) {
        if message.explains() && !assist::has_texts() {
            leptos::task::spawn_local(async move {
                effect::texts::load().await;
                self.shell.with_value(|shell| Shell::send(shell, message));
            });
            return;
        }
        self.shell.with_value(|shell| Shell::send(shell, message));
    }

    /// Changes between light and dark.
    pub fn toggle_theme(self) {
        effect::theme::toggle();
        self.dark.set(effect::theme::is_dark());
    }

    /// Puts a command into the input line of a terminal that is free.
    pub fn offer(self, command: &str) {
        let free = self.view.with_untracked(|view| {
            let terminal = &view.terminal;
            let idle = terminal.tabs.iter().find(|tab| tab.running.is_empty());
            terminal.busy.then(|| idle.map(|tab| tab.terminal))
        });
        match free {
            None => {}
            Some(Some(terminal)) => self.send(Message::TerminalChosen { terminal }),
            Some(None) => self.send(Message::TerminalOpened),
        }
        self.offered.set(command.into());
    }

    // Links within the page lead to lessons, too.
    fn listen_to_places(self) {
        let handle = window_event_listener(leptos::ev::hashchange, move |_| {
            if let Some(place) = effect::location::place().filter(|place| place != TEACHER) {
                self.shell.with_value(|shell| Shell::open_place(shell, place));
            }
        });
        on_cleanup(move || handle.remove());
    }

    /// A part of the view that wakes its readers only when it changes.
    pub fn part<T: PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&ViewModel) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        let view = self.view;
        Memo::new(move |_| view.with(&part))
    }

    /// What can stand in place of the last word of a line.
    pub fn complete(self, line: &str) -> Completion {
        self.with_playground(|playground| complete::complete(playground, line))
    }

    /// What can be put at a place of a file, as JSON.
    pub fn complete_yaml(self, text: &str, line: u32, column: u32) -> String {
        self.with_playground(|playground| playground.complete_yaml(text, line, column))
    }

    /// What is known about a place of a file, as JSON.
    pub fn hover_yaml(self, text: &str, line: u32, column: u32) -> String {
        self.with_playground(|playground| playground.hover_yaml(text, line, column))
    }

    /// What applying the shown file would change.
    pub fn change(self) -> Change {
        self.with_playground(Playground::change)
    }

    /// What was done in the open exercise, as a code, "" if none is open.
    pub fn work(self) -> String {
        self.with_playground(|playground| playground.work().map(|work| work.text()))
            .unwrap_or_default()
    }

    fn with_playground<T>(self, ask: impl FnOnce(&Playground) -> T) -> T {
        self.shell.with_value(|shell| ask(shell.stage.borrow_mut().live()))
    }

    /// What the API server would say of a file, as JSON.
    pub fn lint(self, text: &str) -> String {
        self.shell.with_value(|shell| shell.stage.borrow_mut().lint(text))
    }
}

impl Shell {
    fn send(shell: &Rc<Shell>, message: Message) {
        let needs_engine = || shell.stage.borrow().needs_live(&message) && !rest::is_here();
        match !shell.waiting.borrow().is_empty() || needs_engine() {
            true => Shell::wait(shell, message),
            false => Shell::take(shell, message),
        }
    }

    // What only the whole engine can answer waits for it, in order; time stands still meanwhile.
    fn wait(shell: &Rc<Shell>, message: Message) {
        let is_first = shell.waiting.borrow().is_empty();
        if is_first || !matches!(message, Message::FramePassed(_)) {
            shell.waiting.borrow_mut().push(Waiting::Message(message));
        }
        if !is_first {
            return;
        }
        let shell = shell.clone();
        leptos::task::spawn_local(async move {
            rest::fetch().await;
            for waiting in shell.waiting.take() {
                match waiting {
                    Waiting::Message(message) => Shell::take(&shell, message),
                    Waiting::Answer(id) => shell.answer(id),
                }
            }
            Shell::request_frame(&shell);
        });
    }

    fn take(shell: &Rc<Shell>, message: Message) {
        let (effects, view) = {
            let mut stage = shell.stage.borrow_mut();
            let effects = stage.update(message);
            (effects, shell.view.with_untracked(|previous| stage.view(Some(previous))))
        };
        shell.view.set(view);
        shell.report();
        for effect in effects {
            Shell::carry_out(shell, effect);
        }
    }

    fn report(&self) {
        if let Some(connection) = &self.embedded {
            self.view.with_untracked(|view| connection.report(view));
        }
    }

    fn connect(shell: &Rc<Shell>) {
        let Some(connection) = &shell.embedded else { return };
        let receiver = shell.clone();
        connection.listen(move |json| Shell::receive(&receiver, &json));
        shell.report();
    }

    // What the page around says.
    fn receive(shell: &Rc<Shell>, json: &str) {
        let Some(connection) = &shell.embedded else { return };
        match protocol::read(json) {
            Incoming::Foreign => {}
            Incoming::Wrong(id, why) => {
                let tag = shell.view.with_untracked(|view| view.words.tag);
                connection.refuse(id, "message", why.sentence(tag));
            }
            Incoming::Request(id, request) => {
                let message = request.message(shell.stage.borrow().is_playing());
                if let Some(message) = message {
                    Shell::send(shell, message);
                }
                shell.answer(id);
            }
        }
    }

    // Says what a request came to, once it was carried out.
    fn answer(&self, id: u32) {
        let Some(connection) = &self.embedded else { return };
        if !self.waiting.borrow().is_empty() {
            return self.waiting.borrow_mut().push(Waiting::Answer(id));
        }
        let state = self.view.with_untracked(State::of);
        connection.tell(&Event::Answer { id, state });
    }

    fn carry_out(shell: &Rc<Shell>, effect: Effect) {
        match effect {
            Effect::RequestFrame => Shell::request_frame(shell),
            Effect::Save => Shell::request_save(shell),
            Effect::Announce(text) => shell.announcement.set(text),
            Effect::LoadText { slug, path } => {
                let shell = shell.clone();
                effect::text::load(&path, move |text| {
                    Shell::send(&shell, Message::Lesson(LessonMessage::Loaded { slug, text }));
                });
            }
            Effect::SaveProgress(progress) => effect::storage::save_progress(&progress),
            Effect::SaveFile { name, text } => effect::file::save(&name, &text),
            Effect::Copy { what, said } => Shell::copy(shell, what, said),
            Effect::ContinueGrading => {
                let shell = shell.clone();
                let next = Message::Lesson(LessonMessage::GradingContinued);
                set_timeout(move || Shell::send(&shell, next), Duration::ZERO);
            }
        }
    }

    fn copy(shell: &Rc<Shell>, what: Copied, said: String) {
        let text = match what {
            Copied::Text(text) => text,
            Copied::Address(end) => effect::text::address(&end),
            Copied::Link(session) => effect::location::put_link(&session),
        };
        let shell = shell.clone();
        effect::text::copy(text, move |copied| match copied {
            Ok(()) => shell.announcement.set(said),
            Err(text) => Shell::send(&shell, Message::CopyRefused { text }),
        });
    }

    // Progress that was kept, a lesson that was left open, a lesson or class in the address.
    fn begin_lessons(shell: &Rc<Shell>) {
        if let Some(progress) = effect::storage::progress() {
            Shell::send(shell, Message::Lesson(LessonMessage::ProgressRestored(progress)));
        }
        if let Some(name) = effect::storage::get(effect::storage::NAME) {
            Shell::send(shell, Message::Lesson(LessonMessage::NameTyped(name)));
        }
        if let Some(code) = effect::storage::class() {
            Shell::send(shell, Message::Lesson(LessonMessage::ClassRestored(code)));
        }
        let first = shell.stage.borrow().first_effects();
        match effect::location::place() {
            Some(place) if place != TEACHER => Shell::open_place(shell, place),
            _ => first.into_iter().for_each(|effect| Shell::carry_out(shell, effect)),
        }
    }

    fn open_place(shell: &Rc<Shell>, place: String) {
        if let Some(code) = place.strip_prefix("#c=") {
            effect::storage::save_class(code);
        }
        effect::location::forget_place();
        Shell::send(shell, Message::Lesson(LessonMessage::PlaceOpened(place)));
    }

    fn request_frame(shell: &Rc<Shell>) {
        if shell.frame_asked.replace(true) {
            return;
        }
        let shell = shell.clone();
        request_animation_frame(move || {
            shell.frame_asked.set(false);
            let now = effect::frame::now();
            let elapsed = (now - shell.last_frame.replace(now)).clamp(0.0, 1_000.0);
            let elapsed = Duration::from_secs_f64(elapsed / 1_000.0);
            Shell::send(&shell, Message::FramePassed(elapsed));
        });
    }

    // Saving writes the whole session down: at most once in a while.
    fn request_save(shell: &Rc<Shell>) {
        if !effect::storage::keeps() || shell.save_asked.replace(true) {
            return;
        }
        let shell = shell.clone();
        let save = move || {
            leptos::task::spawn_local(async move {
                // A recorded session becomes a live one, which needs the whole engine.
                rest::fetch().await;
                shell.save_asked.set(false);
                effect::storage::save(&shell.stage.borrow_mut().live().link());
                let tag = shell.view.with_untracked(|view| view.words.tag);
                effect::storage::save_language(tag);
            });
        };
        set_timeout(save, Duration::from_millis(500));
    }
}
