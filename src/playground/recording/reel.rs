//! A recording that is being shown: answers whatever only moves the shown instant, as a live
//! session would.

use std::collections::BTreeSet;
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
use crate::playground::message::{Message, Unit};
use crate::playground::motion::Motion;
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
    now: Time,
    horizon: Time,
    playback: Playback,
    unit: Unit,
    marks: BTreeSet<Time>,
    limits: Limits,
    // Whether it was asked to stop at what was not recorded: between things that happen at once.
    is_lost: bool,
}

impl Reel {
    /// The recording as the browser begins it: time flows.
    pub fn new(recording: Recording, browser_language: &str) -> Reel {
        Reel {
            language: Language::of_browser(browser_language),
            now: recording.shown_at(),
            horizon: recording.shown_at(),
            playback: Playback { playing: true, ..Playback::default() },
            unit: Unit::default(),
            marks: BTreeSet::new(),
            limits: Limits::default(),
            is_lost: false,
            recording: Rc::new(recording),
        }
    }

    /// The same with what a reader may not do.
    pub fn limited(self, limits: Limits) -> Reel {
        Reel { limits, ..self }
    }

    /// Takes a message in; nothing if only a live session can answer it.
    pub fn update(&mut self, message: &Message) -> Option<Vec<Effect>> {
        if self.limits.readonly && message.acts() {
            return Some(vec![Effect::Announce(words(self.language).read_only.into())]);
        }
        // The editor says what it was given.
        if let Message::FileEdited { path, text } = message {
            let files = self.scene()?.files;
            return (files.shown == *path && *files.text == **text).then(Vec::new);
        }
        let mut moved = self.clone();
        let mut effects = moved.move_by(message)?;
        // How long nothing happens is not known behind the last thing that was recorded.
        if moved.is_lost || moved.next_at().is_none() {
            return None;
        }
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
        let mut playground = document.at(self.now, self.horizon).open(self.language)?;
        playground.playback = self.playback;
        playground.unit = self.unit;
        playground.marks = self.marks.clone();
        playground.limits = self.limits;
        Ok(playground)
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
        self.recording.moment(self.now).scenes[scene_of(self.language)]
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
        self.now
    }

    fn horizon(&self) -> Time {
        self.horizon
    }

    fn next_at(&self) -> Option<Time> {
        self.recording.next(self.now).map(|moment| moment.time)
    }

    fn ticks(&self) -> &[Tick] {
        let known = self.recording.moment(self.horizon).ticks;
        self.recording.ticks.get(..known).unwrap_or_default()
    }

    fn inputs(&self) -> Vec<(Time, Option<String>)> {
        self.recording.inputs.clone()
    }

    fn has_nothing_left(&self) -> bool {
        let calm_since = self.recording.moment(self.now).calm_since;
        !self.is_in_past() && calm_since.is_some_and(|since| self.now.since(since) > REST_AFTER)
    }

    fn advance_to(&mut self, time: Time) {
        self.now = time;
        self.horizon = self.horizon.max(time);
    }

    fn go_back(&mut self, time: Time) {
        self.now = time;
    }

    fn step_once(&mut self) {
        let next = self.recording.next(self.now);
        self.is_lost |= next.is_none_or(|moment| moment.events != 1);
        self.advance_to(next.map_or(self.now, |moment| moment.time));
    }

    fn playback(&self) -> &Playback {
        &self.playback
    }

    fn playback_mut(&mut self) -> &mut Playback {
        &mut self.playback
    }

    fn unit(&self) -> Unit {
        self.unit
    }

    fn set_unit(&mut self, unit: Unit) {
        self.unit = unit;
    }

    fn marks(&self) -> &BTreeSet<Time> {
        &self.marks
    }

    fn marks_mut(&mut self) -> &mut BTreeSet<Time> {
        &mut self.marks
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}
