//! The application without a browser: messages in, effects out, views to show.
//!
//! Everything the page can do is a [`Message`]; [`Playground::update`] answers with [`Effect`]s
//! that the browser carries out. Views are built from the shown instant alone, so every panel is
//! right at any time, past or present.

pub mod assist;
pub mod change;
pub mod complete;
pub mod effect;
pub mod embed;
pub mod gesture;
pub mod history;
pub mod lesson;
pub mod lint;
pub mod message;
pub mod motion;
pub mod playback;
pub mod poster;
pub mod recording;
pub mod scenario;
pub mod share;
pub mod stage;
pub mod state_hash;
pub mod terminals;
mod update;
pub mod view;

use std::collections::BTreeSet;

use crate::api::object::ObjectKey;
use crate::api::repair;
use crate::api::time::{Duration, Time};
use crate::lesson::catalog::Entry as Listed;
use crate::locale::Language;
use crate::locale::words::words;
use crate::shell::session::{Input, Session, TerminalId};
use crate::simulation::timeline::{Entry, Timeline, World};

use change::Change;
use effect::Effect;
use history::{History, Tick};
use lesson::{Lessons, Mark};
use motion::{Controls, Motion};
use playback::Playback;
use scenario::Scenario;
use share::Problem;
use terminals::Terminals;

/// A former future, left when the learner acted in the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// When it was left.
    pub forked_at: Time,
    /// How far it had been played.
    pub horizon: Time,
    /// All its inputs from the start.
    pub entries: Vec<Entry<Input>>,
    /// Where the steps of the lesson began on it.
    pub marks: Vec<Mark>,
}

/// How many former futures are kept; the oldest goes first.
const BRANCHES_MAX: usize = 8;
/// A command entered while time stands still gets this much of it to answer at once.
const ANSWER_TIME: Duration = Duration::from_millis(400);
/// Changes of a file within this time are one edit.
const EDIT_TIME: Duration = Duration::from_secs(5);
/// More marks than this nobody finds again.
const MARKS_MAX: usize = 100;
/// Time stands still after so much of it without anything left to happen.
const REST_AFTER: Duration = Duration::from_secs(60);
/// What others wrote is played for so many steps: a page that stands still tells nobody why.
const REPLAY_STEPS_MAX: u32 = 150_000;
/// A step looks this far for something that happens.
const STEP_MAX: Duration = Duration::from_secs(600);

/// A session that was written down.
pub struct Written {
    /// What it began with.
    pub scenario: &'static Scenario,
    /// The seed of its chance.
    pub seed: u64,
    /// The language of the page.
    pub language: Language,
    /// All its inputs.
    pub entries: Vec<Entry<Input>>,
}

impl Written {
    /// Plays it to `horizon` and shows `shown_at`.
    pub fn played(self, shown_at: Time, horizon: Time) -> Playground {
        let mut playground = Playground::unplayed(self);
        playground.advance_to(horizon.max(shown_at));
        playground.timeline.seek(shown_at);
        playground
    }

    /// The same for what others wrote; nothing if more happens in it than a page can wait for.
    pub fn played_within_limits(self, shown_at: Time, horizon: Time) -> Option<Playground> {
        let mut playground = Playground::unplayed(self);
        let mut left = REPLAY_STEPS_MAX;
        let fits = playground.advance_within(horizon.max(shown_at), &mut left);
        playground.timeline.seek(shown_at);
        fits.then_some(playground)
    }
}

/// The application's state.
#[derive(Clone)]
pub struct Playground {
    timeline: Timeline<Session>,
    history: History,
    controls: Controls,
    branches: Vec<Branch>,
    scenario: &'static Scenario,
    seed: u64,
    language: Language,
    selected: Option<ObjectKey>,
    terminals: Terminals,
    shown_file: Option<String>,
    kept_text: String,
    typed_name: String,
    notice: String,
    // What the browser did not let the page copy.
    uncopied: String,
    // The file that an editor in a terminal has open.
    edited: String,
    lessons: Lessons,
    // Counts what the page did, frames aside.
    version: u64,
}

impl Playground {
    /// A session that begins with `scenario`.
    pub fn new(scenario: &'static Scenario, seed: u64, language: Language) -> Self {
        let (entries, end) = (scenario.entries(), scenario.shown_at());
        Written { scenario, seed, language, entries }.played(end, end)
    }

    fn unplayed(Written { scenario, seed, language, entries }: Written) -> Self {
        Playground {
            terminals: Terminals::of(&entries),
            timeline: Timeline::with_entries(Session::new(seed), entries),
            history: History::default(),
            controls: Controls::default(),
            branches: Vec::new(),
            scenario,
            seed,
            language,
            selected: None,
            shown_file: scenario.files.first().map(|(name, _)| (*name).into()),
            kept_text: String::new(),
            typed_name: String::new(),
            notice: String::new(),
            uncopied: String::new(),
            edited: String::new(),
            lessons: Lessons::default(),
            version: 0,
        }
    }

    /// The same session at its start.
    fn rewound(&self) -> Self {
        let start = self.timeline.genesis().now();
        let (scenario, seed, language) = (self.scenario, self.seed, self.language);
        let entries = self.timeline.entries().to_vec();
        let rewound = Written { scenario, seed, language, entries }.played(start, start);
        Playground { shown_file: self.shown_file.clone(), ..rewound }
    }

    /// The session as the browser begins it: from a link, else from what was saved, else anew.
    /// `browser_language` is what the browser prefers (`zh-CN`).
    pub fn begin(link: Option<&str>, saved: Option<&str>, browser_language: &str) -> Self {
        let language = Language::of_browser(browser_language);
        let mut playground = Playground::new(&scenario::SCENARIOS[0], 1, language);
        playground.controls.playback.playing = true;
        if let Some(saved) = saved {
            playground.open(saved);
            if !playground.notice.is_empty() {
                playground.notice = words(language).saved_unusable.into();
            }
        }
        if let Some(link) = link {
            playground.notice.clear();
            playground.open(link);
        }
        playground
    }

    /// Whether a session that is to be opened prints what fields mean.
    pub fn explains(link: Option<&str>, saved: Option<&str>) -> bool {
        let texts = [link, saved].into_iter().flatten();
        texts.filter_map(|text| share::decode(text).ok()).any(|document| document.explains())
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
        &self.controls.playback
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

    /// The selected object.
    pub fn selected(&self) -> Option<&ObjectKey> {
        self.selected.as_ref()
    }

    /// The terminals on the page.
    pub fn terminals(&self) -> &Terminals {
        &self.terminals
    }

    /// The file that the learner chose.
    pub fn shown_file(&self) -> Option<&str> {
        self.shown_file.as_deref()
    }

    /// What was typed in the names panel.
    pub fn typed_name(&self) -> &str {
        &self.typed_name
    }

    /// A sentence that must be read, "" if there is none.
    pub fn notice(&self) -> &str {
        &self.notice
    }

    /// What has to be copied by hand, "" if nothing has.
    pub fn uncopied(&self) -> &str {
        &self.uncopied
    }

    /// The file that an editor in a terminal has open, "" if none has.
    pub fn edited_file(&self) -> &str {
        &self.edited
    }

    // What an editor in a terminal opens is shown.
    fn follow_editor(&mut self) {
        let session = self.timeline.world();
        let edited = session.terminals().find_map(|(_, terminal)| terminal.edited_file());
        let edited = edited.unwrap_or_default();
        if self.edited != *edited {
            self.edited = edited.to_string();
            self.version = self.version.wrapping_add(1);
            if !self.edited.is_empty() {
                self.shown_file = Some(self.edited.clone());
            }
        }
    }

    /// Changes with everything that the page does, frames aside.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What the API server would say of a file, as JSON for the editor.
    pub fn lint(&self, text: &str) -> String {
        let words = words(self.language);
        let problems = lint::lint(self.session().cluster(), text, words);
        serde_json::to_string(&problems).unwrap_or_default()
    }

    /// What can be put at a place of a file, as JSON for the editor; "" for nothing.
    pub fn complete_yaml(&self, text: &str, line: u32, column: u32) -> String {
        let lister = self.session().cluster().lister();
        let found = assist::complete(lister, text, line as usize, column as usize);
        serde_json::to_string(&found).unwrap_or_default()
    }

    /// What is known about a place of a file, as JSON for the editor; "" for nothing.
    pub fn hover_yaml(&self, text: &str, line: u32, column: u32) -> String {
        let found = assist::hover(text, line as usize, column as usize);
        found.and_then(|hover| serde_json::to_string(&hover).ok()).unwrap_or_default()
    }

    /// What applying the shown file would change.
    pub fn change(&self) -> Change {
        let file = view::files::shown(self);
        change::change(self.session().cluster(), &view::files::text(self.session(), &file))
    }

    /// Instants that the learner marked.
    pub fn marks(&self) -> &BTreeSet<Time> {
        &self.controls.marks
    }

    /// The same session with these instants marked.
    pub fn with_marks(mut self, marks: BTreeSet<Time>) -> Self {
        self.controls.marks = marks;
        self
    }

    /// The same session without the tabs of these terminals.
    pub fn without_terminals(mut self, closed: &[u32]) -> Self {
        self.close_tabs(closed);
        self
    }

    fn close_tabs(&mut self, closed: &[u32]) {
        for terminal in closed {
            self.terminals.close(*terminal);
        }
    }

    /// The text that the learner wants to keep though a repair was offered.
    pub fn kept_text(&self) -> &str {
        &self.kept_text
    }

    /// The shown instant.
    pub fn now(&self) -> Time {
        self.session().now()
    }

    /// Whether the learner has done anything beyond the scenario's own beginning.
    pub fn has_acted(&self) -> bool {
        self.timeline.entries().len() > self.scenario.files.len() + self.scenario.commands.len()
    }

    // Pasted lines run one after another; prompts that were copied along are taken off.
    fn enter(&mut self, terminal: TerminalId, text: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for line in commands_of(text) {
            effects = self.act(Input::Command { terminal, line: line.into() });
        }
        effects
    }

    // What still runs in it is stopped: nobody would see it go on.
    fn close_terminal(&mut self, terminal: u32) -> Vec<Effect> {
        let terminal = TerminalId(terminal);
        match self.terminals.close(terminal.0) && self.session().is_busy(terminal) {
            true => self.act(Input::Interrupt { terminal }),
            false => vec![Effect::Save],
        }
    }

    fn edit(&mut self, path: String, text: String) -> Vec<Effect> {
        if view::files::text(self.session(), &path) == text {
            return Vec::new();
        }
        let input = Input::WriteFile { path: path.into(), content: text.into() };
        // While typing, every change replaces the one before: one edit is one input.
        let now = self.now();
        let may =
            |last: &Entry<Input>| now.since(last.at) < EDIT_TIME && same_file(&last.input, &input);
        if !self.is_in_past() && self.timeline.replace_last(may, &input) {
            self.observe();
            return vec![Effect::Save];
        }
        self.act(input)
    }

    // Not joined with the typing before it, so that a step back shows the given text.
    fn repair(&mut self) -> Vec<Effect> {
        let path = view::files::shown(self);
        match repair::repair(&view::files::text(self.session(), &path)) {
            Some(repair) => {
                let content = repair.text.into();
                self.act(Input::WriteFile { path: path.into(), content })
            }
            None => Vec::new(),
        }
    }

    fn create_file(&mut self) -> Vec<Effect> {
        let names = view::files::names(self.session());
        let free = (1..).map(|number| format!("new-{number}.yaml"));
        let path = free.into_iter().find(|name| !names.contains(name)).unwrap_or_default();
        self.shown_file = Some(path.clone());
        self.act(Input::WriteFile { path: path.into(), content: "".into() })
    }

    fn choose_scenario(&mut self, slug: &str) -> Vec<Effect> {
        let Some(scenario) = Scenario::named(slug) else { return Vec::new() };
        let (seed, version) = (self.seed.wrapping_add(1), self.version.wrapping_add(1));
        let lessons = self.lessons.without_open();
        *self = Playground { version, lessons, ..Playground::new(scenario, seed, self.language) };
        self.controls.playback.playing = true;
        self.frames()
    }

    // Everything is as it was wanted: only heartbeats would follow.
    fn is_calm(&self) -> bool {
        let session = self.session();
        self.timeline.applied() == self.timeline.entries().len()
            && !session.terminals().any(|(_, terminal)| terminal.is_busy())
            && session.cluster().faults().lost_nodes.is_empty()
            && view::picture::is_settled(session)
    }

    // Since when nothing was written.
    fn quiet_since(&self) -> Time {
        self.session().cluster().last_write().max(self.timeline.genesis().now())
    }

    // The same for what others wrote: false if more than `left` steps are needed.
    fn advance_within(&mut self, time: Time, left: &mut u32) -> bool {
        while self.timeline.next_at().is_some_and(|next| next <= time) {
            let Some(fewer) = left.checked_sub(1) else { return false };
            *left = fewer;
            self.step_once();
        }
        self.advance_to(time);
        true
    }

    fn act(&mut self, input: Input) -> Vec<Effect> {
        if self.is_in_past() {
            self.keep_branch();
            self.forget_after();
        }
        if std::mem::take(&mut self.controls.playback.rests) {
            self.controls.playback.playing = true;
        }
        let terminal = match &input {
            Input::Command { terminal, .. } => Some(*terminal),
            _ => None,
        };
        self.timeline.input(input);
        self.observe();
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
            self.step_once();
        }
    }

    fn keep_branch(&mut self) {
        self.branches.push(Branch {
            forked_at: self.now(),
            horizon: self.history.horizon(),
            entries: self.timeline.entries().to_vec(),
            marks: self.lessons.open.as_ref().map(|open| open.marks()).unwrap_or_default(),
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
        self.terminals = Terminals::of(&branch.entries);
        self.timeline = Timeline::with_entries(genesis, branch.entries);
        self.history = History::default();
        self.advance_to(branch.horizon);
        self.controls.playback.playing = false;
        vec![Effect::Save]
    }

    // Opens a link's or a saved session; says in the notice what is wrong with it.
    fn open(&mut self, text: &str) {
        let document = match share::decode(text) {
            Ok(document) => document,
            Err(problem) => return self.complain(problem),
        };
        if let Some((slug, text)) = document.lesson() {
            match text {
                Some(text) => self.open_own(&text, document),
                None if Listed::named(&slug).is_none() => self.complain(Problem::UnknownScenario),
                None => self.wait_for_lesson(&slug, document),
            }
            return;
        }
        match document.clone().open(self.language) {
            Ok(playground) => {
                let version = self.version.wrapping_add(1);
                let lessons = self.lessons.without_open();
                *self = Playground { version, lessons, ..playground };
                if !document.matches(self) {
                    self.complain(Problem::DifferentOutcome);
                }
            }
            Err(problem) => self.complain(problem),
        }
    }

    fn complain(&mut self, problem: Problem) {
        let words = words(self.language);
        self.notice = match problem {
            Problem::TooLong => words.link_too_long,
            Problem::TooMuch => words.link_too_much,
            Problem::Damaged => words.link_damaged,
            Problem::Foreign => words.link_foreign,
            Problem::OtherVersion => words.link_other_version,
            Problem::UnknownScenario => words.link_unknown_scenario,
            Problem::DifferentOutcome => words.link_different_outcome,
        }
        .into();
    }

    /// The whole session as a link's text.
    pub fn link(&self) -> String {
        share::encode(&share::Document::of(self))
    }
}

impl Motion for Playground {
    fn start(&self) -> Time {
        self.timeline.genesis().now()
    }

    fn now(&self) -> Time {
        self.session().now()
    }

    fn horizon(&self) -> Time {
        self.history.horizon()
    }

    fn next_at(&self) -> Option<Time> {
        self.timeline.next_at()
    }

    fn ticks(&self) -> &[Tick] {
        self.history.ticks()
    }

    fn inputs(&self) -> Vec<(Time, Option<String>)> {
        let command = |input: &Input| match input {
            Input::Command { line, .. } => Some(line.lines().next().unwrap_or_default().into()),
            _ => None,
        };
        self.timeline.entries().iter().map(|entry| (entry.at, command(&entry.input))).collect()
    }

    fn has_nothing_left(&self) -> bool {
        let is_quiet = Motion::now(self).since(self.quiet_since()) > REST_AFTER;
        is_quiet && !self.is_in_past() && self.is_calm()
    }

    fn advance_to(&mut self, time: Time) {
        while self.timeline.next_at().is_some_and(|next| next <= time) {
            self.step_once();
        }
        self.timeline.advance_to(time);
        self.observe();
    }

    fn go_back(&mut self, time: Time) {
        self.timeline.seek(time);
    }

    fn step_once(&mut self) {
        self.timeline.step();
        self.observe();
    }

    fn controls(&self) -> &Controls {
        &self.controls
    }

    fn controls_mut(&mut self) -> &mut Controls {
        &mut self.controls
    }
}

/// The commands of a text: its lines, prompts taken off, here-documents kept whole.
fn commands_of(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    match lines.as_slice() {
        [] => vec![String::new()],
        [one] => vec![(*one).into()],
        several => several
            .iter()
            .map(|line| {
                let line = line.trim_end();
                line.strip_prefix("$ ").or(line.strip_prefix("# ")).unwrap_or(line).to_string()
            })
            .collect(),
    }
}

fn same_file(last: &Input, next: &Input) -> bool {
    match (last, next) {
        (Input::WriteFile { path, .. }, Input::WriteFile { path: next, .. }) => path == next,
        _ => false,
    }
}
