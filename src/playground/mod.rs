//! The application without a browser: messages in, effects out, views to show.
//!
//! Everything the page can do is a [`Message`]; [`Playground::update`] answers with [`Effect`]s
//! that the browser carries out. Views are built from the shown instant alone, so every panel is
//! right at any time, past or present.

pub mod effect;
pub mod history;
pub mod message;
pub mod playback;
pub mod scenario;
pub mod share;
pub mod state_hash;
pub mod view;

use crate::api::time::{Duration, Time};
use crate::locale::Language;
use crate::shell::session::{Input, Session, TerminalId};
use crate::simulation::timeline::{Entry, Timeline, World};

use effect::Effect;
use history::History;
use message::{Direction, Message};
use playback::Playback;
use scenario::Scenario;

/// A former future, left when the learner acted in the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// When it was left.
    pub forked_at: Time,
    /// How far it had been played.
    pub horizon: Time,
    /// All its inputs from the start.
    pub entries: Vec<Entry<Input>>,
}

/// How many former futures are kept; the oldest goes first.
const BRANCHES_MAX: usize = 8;
/// A command entered while time stands still gets this much of it to answer at once.
const ANSWER_TIME: Duration = Duration::from_millis(400);

/// The application's state.
#[derive(Clone)]
pub struct Playground {
    timeline: Timeline<Session>,
    history: History,
    playback: Playback,
    branches: Vec<Branch>,
    scenario: &'static Scenario,
    seed: u64,
    language: Language,
}

impl Playground {
    /// A session that begins with `scenario`.
    pub fn new(scenario: &'static Scenario, seed: u64, language: Language) -> Self {
        let shown_at = scenario.shown_at();
        Self::restored(scenario, seed, language, scenario.entries(), shown_at, shown_at)
    }

    /// A session that was written down: played to `horizon`, shown at `shown_at`.
    pub fn restored(
        scenario: &'static Scenario,
        seed: u64,
        language: Language,
        entries: Vec<Entry<Input>>,
        shown_at: Time,
        horizon: Time,
    ) -> Self {
        let timeline = Timeline::with_entries(Session::new(seed), entries);
        let mut playground = Playground {
            history: History::default(),
            playback: Playback::default(),
            branches: Vec::new(),
            timeline,
            scenario,
            seed,
            language,
        };
        playground.advance_to(horizon.max(shown_at));
        playground.timeline.seek(shown_at);
        playground
    }

    /// The session at the shown instant.
    pub fn session(&self) -> &Session {
        self.timeline.world()
    }

    /// The timeline with all inputs.
    pub fn timeline(&self) -> &Timeline<Session> {
        &self.timeline
    }

    /// What happened so far on this branch, for the time bar.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Whether and how fast time flows.
    pub fn playback(&self) -> &Playback {
        &self.playback
    }

    /// Former futures.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// The scenario it began with.
    pub fn scenario(&self) -> &'static Scenario {
        self.scenario
    }

    /// The seed of its chance.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The language of the page.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The shown instant.
    pub fn now(&self) -> Time {
        self.session().now()
    }

    /// Whether later instants than the shown one are known.
    pub fn is_in_past(&self) -> bool {
        self.now() < self.history.horizon()
    }

    /// Takes a message in and says what the browser has to do.
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        match message {
            Message::FramePassed(elapsed) => self.frame(elapsed),
            Message::Act(input) => self.act(input),
            Message::Played(playing) => self.play(playing),
            Message::SpeedChosen(speed) => {
                self.playback.speed = speed;
                self.frames()
            }
            Message::SkipWaiting(skip) => {
                self.playback.skip_waiting = skip;
                self.frames()
            }
            Message::Stepped(unit, direction) => self.step(unit, direction),
            Message::Sought(time) => self.seek(time),
            Message::JumpedToCommand(direction) => self.jump_to_command(direction),
            Message::ReturnedToNow => self.seek(self.history.horizon()),
            Message::BranchChosen(index) => self.switch_branch(index),
            Message::ScenarioChosen(scenario, seed) => {
                *self = Playground::new(scenario, seed, self.language);
                self.playback.playing = true;
                self.frames()
            }
            Message::LanguageChosen(language) => {
                self.language = language;
                vec![Effect::Save]
            }
            Message::LinkOpened(link) => self.open_link(&link),
        }
    }

    fn frames(&self) -> Vec<Effect> {
        match self.playback.playing {
            true => vec![Effect::RequestFrame, Effect::Save],
            false => vec![Effect::Save],
        }
    }

    fn play(&mut self, playing: bool) -> Vec<Effect> {
        self.playback.playing = playing;
        self.frames()
    }

    fn frame(&mut self, elapsed: Duration) -> Vec<Effect> {
        if !self.playback.playing {
            return Vec::new();
        }
        let next = self.timeline.next_at();
        let until = self.playback.advance(self.now(), next, elapsed);
        self.advance_to(until);
        vec![Effect::RequestFrame]
    }

    fn advance_to(&mut self, time: Time) {
        while self.timeline.next_at().is_some_and(|next| next <= time) {
            self.timeline.step();
            self.history.observe(self.timeline.world());
        }
        self.timeline.advance_to(time);
        self.history.observe(self.timeline.world());
    }

    fn act(&mut self, input: Input) -> Vec<Effect> {
        if self.is_in_past() {
            self.keep_branch();
            self.history.forget_after(self.timeline.world());
        }
        let terminal = match &input {
            Input::Command { terminal, .. } => Some(*terminal),
            _ => None,
        };
        self.timeline.input(input);
        self.history.observe(self.timeline.world());
        if let Some(terminal) = terminal {
            self.answer(terminal);
        }
        vec![Effect::Save, Effect::RequestFrame]
    }

    // Time may stand still, but a command is answered.
    fn answer(&mut self, terminal: TerminalId) {
        let limit = self.now().after(ANSWER_TIME);
        while self.session().is_busy(terminal)
            && self.timeline.next_at().is_some_and(|next| next <= limit)
        {
            self.timeline.step();
            self.history.observe(self.timeline.world());
        }
    }

    fn keep_branch(&mut self) {
        self.branches.push(Branch {
            forked_at: self.now(),
            horizon: self.history.horizon(),
            entries: self.timeline.entries().to_vec(),
        });
        if self.branches.len() > BRANCHES_MAX {
            self.branches.remove(0);
        }
    }

    fn switch_branch(&mut self, index: usize) -> Vec<Effect> {
        if index >= self.branches.len() {
            return Vec::new();
        }
        let branch = self.branches.remove(index);
        self.keep_branch();
        let genesis = self.timeline.genesis().clone();
        self.timeline = Timeline::with_entries(genesis, branch.entries);
        self.history = History::default();
        self.advance_to(branch.horizon);
        self.playback.playing = false;
        vec![Effect::Save]
    }

    fn seek(&mut self, time: Time) -> Vec<Effect> {
        self.playback.playing = false;
        let start = self.timeline.genesis().now();
        if time >= self.now() {
            self.advance_to(time);
        } else {
            self.timeline.seek(time.max(start));
        }
        vec![Effect::Save]
    }

    fn step(&mut self, unit: message::Unit, direction: Direction) -> Vec<Effect> {
        match direction {
            Direction::Forward => {
                self.playback.playing = false;
                self.step_forward(unit);
                vec![Effect::Save]
            }
            Direction::Back => match self.history.before(unit, self.now()) {
                Some(time) => self.seek(time),
                None => self.seek(self.timeline.genesis().now()),
            },
        }
    }

    // Goes on until something of this unit happens, within a bound of quiet time.
    fn step_forward(&mut self, unit: message::Unit) {
        let (start, limit) = (self.now(), self.now().after(Duration::from_secs(600)));
        while self.timeline.next_at().is_some_and(|next| next <= limit) {
            self.timeline.step();
            self.history.observe(self.timeline.world());
            if self.history.has(unit, start, self.now()) {
                return;
            }
        }
    }

    fn jump_to_command(&mut self, direction: Direction) -> Vec<Effect> {
        let now = self.now();
        let times = self.timeline.entries().iter().map(|entry| entry.at);
        let target = match direction {
            Direction::Forward => times.filter(|at| *at > now).min(),
            Direction::Back => times.filter(|at| *at < now).max(),
        };
        match (target, direction) {
            (Some(time), _) => self.seek(time),
            (None, Direction::Forward) => self.seek(self.history.horizon()),
            (None, Direction::Back) => self.seek(self.timeline.genesis().now()),
        }
    }

    fn open_link(&mut self, link: &str) -> Vec<Effect> {
        let opened = share::decode(link)
            .and_then(|document| Ok((document.clone().open(self.language)?, document)));
        match opened {
            Ok((playground, document)) => {
                *self = playground;
                let same = document.matches(self);
                let complaint = Effect::Complain(share::Problem::DifferentOutcome);
                std::iter::once(Effect::Save).chain((!same).then_some(complaint)).collect()
            }
            Err(problem) => vec![Effect::Complain(problem)],
        }
    }

    /// The whole session as a link's text.
    pub fn link(&self) -> String {
        share::encode(&share::Document::of(self))
    }
}
