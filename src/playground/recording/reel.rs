//! A recording that is being shown: answers whatever only moves the shown instant, as a live
//! session would.

use std::rc::Rc;
use std::sync::Arc;

use super::scene::Scene;
use super::{Recording, scene_of};
use crate::api::time::Time;
use crate::locale::Language;
use crate::locale::lesson;
use crate::locale::words::words;
use crate::playground::effect::Effect;
use crate::playground::embed::Limits;
use crate::playground::history::Tick;
use crate::playground::message::Message;
use crate::playground::motion::{Controls, Motion};
use crate::playground::playback::Playback;
use crate::playground::share::{self, Problem};
use crate::playground::view::lesson::LessonsView;
use crate::playground::view::{Stamp, ViewModel, time};
use crate::playground::{Playground, REST_AFTER};

/// What the editor says of an empty file.
const NO_PROBLEMS: &str = "[]";

/// A recording that is being shown.
#[derive(Clone)]
pub struct Reel {
    recording: Rc<Recording>,
    language: Language,
    shown: Place,
    horizon: Place,
    controls: Controls,
}

/// An instant, and the number of the last moment that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    time: Time,
    number: usize,
}

impl Reel {
    /// The recording as the browser begins it: time flows.
    pub fn new(recording: Recording, browser_language: &str) -> Reel {
        let time = recording.shown_at();
        let shown = Place { time, number: recording.place(time) };
        let playback = Playback { playing: true, ..Playback::default() };
        Reel {
            language: Language::of_browser(browser_language),
            shown,
            horizon: shown,
            controls: Controls { playback, ..Controls::default() },
            recording: Rc::new(recording),
        }
    }

    /// The same with what a reader may not do.
    pub fn limited(mut self, limits: Limits) -> Reel {
        self.controls.limits = limits;
        self
    }

    /// Takes a message in; nothing if only a live session can answer it.
    pub fn update(&mut self, message: &Message) -> Option<Vec<Effect>> {
        if self.controls.limits.readonly && message.acts() {
            return Some(vec![Effect::Announce(words(self.language).read_only.into())]);
        }
        // The editor says what it was given.
        if let Message::FileEdited { path, text } = message {
            let files = self.scene()?.files;
            return (files.shown == *path && *files.text == **text).then(Vec::new);
        }
        // Nothing is selected in a recording.
        if matches!(message, Message::Selected(None) | Message::NoticeClosed) {
            return Some(Vec::new());
        }
        let mut moved = self.clone();
        let mut effects = moved.move_by(message)?;
        // How long nothing happens is not known behind the last thing that was recorded.
        moved.next_at()?;
        *self = moved;
        if matches!(message, Message::FramePassed(_)) {
            // What nobody did need not be kept.
            effects.retain(|effect| *effect != Effect::Save);
        }
        Some(effects)
    }

    /// What the page shows; what has not changed is taken from `previous`.
    pub fn view(&self, previous: Option<&ViewModel>) -> Option<ViewModel> {
        let stamp = Stamp::recorded(self.scene_number());
        if let Some(previous) = previous.filter(|previous| previous.stamp == stamp) {
            let time = time::time(self, previous.time.spoken.clone(), Vec::new());
            return Some(ViewModel { time, ..previous.clone() });
        }
        let scene = self.scene()?;
        Some(ViewModel {
            words: words(self.language),
            frame: scene.frame,
            picture: scene.picture,
            because: scene.because,
            names: scene.names,
            time: time::time(self, scene.spoken, Vec::new()),
            terminal: scene.terminal,
            files: scene.files,
            lessons: LessonsView {
                words: lesson::words(self.language),
                catalog: scene.catalog,
                complaint: String::new(),
                loading: false,
                open: None,
                class: None,
                name: String::new(),
                class_link: String::new(),
                grading: Arc::default(),
            },
            stamp,
        })
    }

    /// What the API server would say of a file, as JSON for the editor; nothing if it is another
    /// than the shown one.
    pub fn lint(&self, text: &str) -> Option<String> {
        if text.is_empty() {
            return Some(NO_PROBLEMS.into());
        }
        let scene = self.scene()?;
        (*scene.files.text == *text).then_some(scene.problems)
    }

    /// The same session, computed.
    ///
    /// # Errors
    /// Says why the recording's link cannot be opened.
    pub fn live(&self) -> Result<Playground, Problem> {
        let document = share::decode(self.recording.link())?;
        let before = self.before(self.horizon);
        let mut playground = document.at(before, before).open(self.language)?;
        self.step_into(&mut playground, self.horizon);
        if self.shown != self.horizon {
            playground.go_back(self.before(self.shown));
            self.step_into(&mut playground, self.shown);
        }
        playground.controls = self.controls.clone();
        Ok(playground)
    }

    // The instant, or, in the midst of what happens at it, the one before.
    fn before(&self, place: Place) -> Time {
        match self.recording.within(place.number) {
            Some(_) => Time(place.time.0 - 1),
            None => place.time,
        }
    }

    fn step_into(&self, playground: &mut Playground, place: Place) {
        let happened = self.recording.within(place.number).unwrap_or(0);
        (0..happened).for_each(|_| playground.step_once());
    }

    /// The language of the page.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The recording.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    fn scene_number(&self) -> u32 {
        self.recording.moment(self.shown.number).scenes[scene_of(self.language)]
    }

    fn scene(&self) -> Option<Scene> {
        self.recording.scene(self.scene_number())
    }
}

impl Motion for Reel {
    fn start(&self) -> Time {
        self.recording.start()
    }

    fn now(&self) -> Time {
        self.shown.time
    }

    fn horizon(&self) -> Time {
        self.horizon.time
    }

    fn next_at(&self) -> Option<Time> {
        let next = self.recording.next(self.shown.number)?;
        Some(self.recording.moment(next).time)
    }

    fn ticks(&self) -> &[Tick] {
        let known = self.recording.moment(self.horizon.number).ticks;
        self.recording.ticks.get(..known).unwrap_or_default()
    }

    fn inputs(&self) -> Vec<(Time, Option<String>)> {
        self.recording.inputs.clone()
    }

    fn has_nothing_left(&self) -> bool {
        let calm_since = self.recording.moment(self.shown.number).calm_since;
        let is_quiet = |since| self.shown.time.since(since) > REST_AFTER;
        !self.is_in_past() && calm_since.is_some_and(is_quiet)
    }

    fn advance_to(&mut self, time: Time) {
        self.shown = Place { time, number: self.recording.place(time) };
        self.horizon = self.horizon.max(self.shown);
    }

    fn go_back(&mut self, time: Time) {
        self.shown = Place { time, number: self.recording.place(time) };
    }

    fn step_once(&mut self) {
        if let Some(number) = self.recording.next(self.shown.number) {
            self.shown = Place { time: self.recording.moment(number).time, number };
            self.horizon = self.horizon.max(self.shown);
        }
    }

    fn controls(&self) -> &Controls {
        &self.controls
    }

    fn controls_mut(&mut self) -> &mut Controls {
        &mut self.controls
    }
}
