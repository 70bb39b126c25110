//! Opening and leaving lessons.

use std::rc::Rc;
use std::time::Duration;

use super::{Lessons, Mark, OpenLesson};
use crate::api::time::Time;
use crate::lesson::catalog::Entry;
use crate::lesson::class::Class;
use crate::lesson::format::{self, Lesson, Way};
use crate::lesson::hand_in::{HandIn, Problem};
use crate::lesson::replay::Player;
use crate::lesson::{start, walk};
use crate::locale::lesson as said;
use crate::playground::effect::Effect;
use crate::playground::history::History;
use crate::playground::motion::Motion as _;
use crate::playground::scenario::Scenario;
use crate::playground::share::Document;
use crate::playground::terminals::Terminals;
use crate::playground::{Playground, REPLAY_STEPS_MAX};
use crate::shell::session::Input;
use crate::simulation::timeline::{self, Timeline, World};

impl Playground {
    pub(super) fn choose_lesson(&mut self, slug: &str) -> Vec<Effect> {
        self.lessons.complaint.clear();
        match Entry::named(slug) {
            Some(_) => {
                // A saved session of another lesson is not wanted any more.
                self.lessons.waiting.take_if(|document| {
                    document.lesson().is_none_or(|(waiting, _)| waiting != slug)
                });
                self.lessons.awaited = Some(slug.into());
                self.load(slug)
            }
            None => {
                self.lessons.complaint = said::words(self.language).not_in_catalogue.into();
                Vec::new()
            }
        }
    }

    pub(super) fn load(&self, slug: &str) -> Vec<Effect> {
        let Some(entry) = Entry::named(slug) else { return Vec::new() };
        let path = entry.path(said::tongue(self.language));
        vec![Effect::LoadText { slug: slug.into(), path }]
    }

    pub(super) fn loaded(&mut self, slug: &str, text: Option<String>) -> Vec<Effect> {
        if let Some(text) = &text
            && self.lessons.grading.takes(slug, text)
        {
            return vec![Effect::ContinueGrading];
        }
        if self.lessons.awaited.as_deref() != Some(slug) {
            if let Some(text) = text {
                self.translate(slug, &text);
            }
            return Vec::new();
        }
        self.lessons.awaited = None;
        let document = self.lessons.waiting.take();
        match text {
            Some(text) => {
                self.open_text(slug, &text, document);
                self.resume();
            }
            None => self.lessons.complaint = said::words(self.language).not_loaded.into(),
        }
        self.frames()
    }

    /// Asks for the open lesson in the page's language.
    pub(in crate::playground) fn load_translation(&self) -> Vec<Effect> {
        match &self.lessons.open {
            Some(open) if !open.slug.is_empty() => self.load(&open.slug),
            _ => Vec::new(),
        }
    }

    // The open lesson goes on in another language.
    fn translate(&mut self, slug: &str, text: &str) {
        let Ok(lesson) = format::parse(text) else { return };
        let Some(open) = self.lessons.open.as_mut().filter(|open| open.slug == slug) else {
            return;
        };
        let goals = |step: usize| match lesson.is_exercise() {
            true => lesson.goals().cloned().collect(),
            false => lesson.steps.get(step).map(|s| s.goals.clone()).unwrap_or_default(),
        };
        let mut begun = open.begun.clone();
        if begun.iter_mut().all(|begun| begun.judge.reword(goals(begun.step))) {
            open.begun = begun;
            open.text = text.into();
            open.lesson = Rc::new(lesson);
        }
    }

    pub(super) fn restart_lesson(&mut self) -> Vec<Effect> {
        let Some(open) = &self.lessons.open else { return Vec::new() };
        let (slug, text) = (open.slug.clone(), open.text.clone());
        self.lessons.progress.forget(&slug);
        self.open_text(&slug, &text, None);
        let mut effects = self.frames();
        effects.push(self.save_progress());
        effects
    }

    /// Opens a lesson's text, with what was done in it if that was written down.
    pub(super) fn open_text(&mut self, slug: &str, text: &str, document: Option<Document>) {
        self.lessons.complaint.clear();
        let lesson = match format::parse(text) {
            Ok(lesson) => lesson,
            Err(error) => {
                self.lessons.complaint = said::load_error(&error, self.language);
                return;
            }
        };
        let given = self.lessons.class.as_ref().and_then(|class| class.seed);
        let seed = match (&document, &self.lessons.resumed) {
            (Some(document), _) => document.seed(),
            (None, Some(work)) => work.seed,
            (None, None) => given.unwrap_or(lesson.front.seed),
        };
        self.begin_lesson(OpenLesson::new(slug, text, lesson, seed));
        match document {
            Some(document) => self.restore(document),
            None => {
                let step = self.lessons.progress.of(slug).step as usize;
                let is_step =
                    self.lesson().is_some_and(|l| !l.is_exercise() && step < l.steps.len());
                self.begin_step(0);
                if is_step && step > 0 {
                    self.jump_to_step(step);
                }
            }
        }
    }

    pub(super) fn lesson(&self) -> Option<Rc<Lesson>> {
        self.lessons.open.as_ref().map(|open| open.lesson.clone())
    }

    // A fresh session in the lesson's start state.
    pub(super) fn begin_lesson(&mut self, open: OpenLesson) {
        let genesis = start::session(&open.lesson, open.seed);
        let lessons = Lessons { open: Some(open), ..std::mem::take(&mut self.lessons) };
        let (version, seed) = (self.version.wrapping_add(1), self.seed);
        *self = Playground { version, ..Playground::new(Scenario::empty(), seed, self.language) };
        self.seed = lessons.open.as_ref().map_or(seed, |open| open.seed);
        self.lessons = lessons;
        self.timeline = Timeline::new(genesis);
        self.renew_history();
        self.controls.playback.playing = true;
    }

    // The start state's own making is no part of the bar.
    fn renew_history(&mut self) {
        self.history = History::default();
        self.history.forget_after(self.timeline.world());
    }

    fn restore(&mut self, document: Document) {
        let (spent, class_spent) = document.spent();
        self.lessons.class_spent = self.lessons.class_spent.max(class_spent);
        if let Some(open) = &mut self.lessons.open {
            open.spent = spent;
        }
        let Some((marks, shown, entries, shown_at, horizon)) = document.lesson_session() else {
            self.begin_step(0);
            return;
        };
        if !self.play_again(entries, &marks, horizon) {
            self.complain(crate::playground::share::Problem::TooMuch);
            self.begin_anew();
            return;
        }
        self.terminals = Terminals::of(self.timeline.entries());
        self.close_tabs(document.closed());
        if let Some(open) = &mut self.lessons.open {
            open.shown = shown.min(open.lesson.steps.len().saturating_sub(1));
        }
        self.timeline.seek(shown_at.max(self.timeline.genesis().now()));
        self.controls.playback.playing = false;
        if !document.matches(self) {
            self.complain(crate::playground::share::Problem::DifferentOutcome);
        }
    }

    // Nothing was done yet.
    fn begin_anew(&mut self) {
        let genesis = self.timeline.genesis().clone();
        self.timeline = Timeline::new(genesis);
        self.renew_history();
        if let Some(open) = &mut self.lessons.open {
            open.begun.clear();
        }
        self.begin_step(0);
    }

    /// Plays inputs from the start of the lesson, beginning its steps where they began. False if
    /// that takes too long.
    pub(in crate::playground) fn play_again(
        &mut self,
        entries: Vec<timeline::Entry<Input>>,
        marks: &[Mark],
        horizon: Time,
    ) -> bool {
        let genesis = self.timeline.genesis().clone();
        self.timeline = Timeline::with_entries(genesis, entries);
        self.renew_history();
        if let Some(open) = &mut self.lessons.open {
            open.begun.clear();
        }
        let mut left = REPLAY_STEPS_MAX;
        for mark in marks {
            if !self.advance_within(mark.at.max(self.now()), &mut left) {
                return false;
            }
            let session = self.timeline.world();
            if let Some(open) = &mut self.lessons.open
                && (mark.step < open.lesson.steps.len() || open.lesson.is_exercise())
            {
                open.begin(mark.step, session, mark.entries);
            }
        }
        self.advance_within(horizon, &mut left)
    }

    /// Does all steps before `step` as they should be done, and begins it.
    pub(super) fn jump_to_step(&mut self, step: usize) {
        let Some(open) = &mut self.lessons.open else { return };
        open.begun.clear();
        let lesson = open.lesson.clone();
        let mut player = Player::new(self.timeline.genesis().clone());
        let mut marks = Vec::new();
        for index in 0..step {
            let (at, entries) = (player.session().now(), player.entries().len());
            marks.push(Mark { step: index, at, entries });
            walk::play(&mut player, &lesson, index, &Way::Solution);
        }
        let (entries, end) = (player.entries().to_vec(), player.session().now());
        self.play_again(entries, &marks, end);
        self.begin_step(step);
    }

    pub(super) fn open_place(&mut self, place: &str) -> Vec<Effect> {
        let place = place.trim_start_matches('#');
        if let Some(slug) = place.strip_prefix("l=") {
            return self.choose_lesson(slug);
        }
        if let Some(code) = place.strip_prefix("h=") {
            return self.take_answers(vec![("#1".into(), code.into())]);
        }
        if let Some(code) = place.strip_prefix("r=") {
            return self.take_up(code);
        }
        let Some(code) = place.strip_prefix("c=") else { return Vec::new() };
        match Class::read(code) {
            Ok(class) => {
                let waiting = self.lessons.waiting.as_ref().and_then(|d| d.lesson());
                let waiting = waiting.filter(|(slug, _)| class.exercises.iter().any(|e| e == slug));
                let first = class.exercises.first().map(|slug| slug.to_string());
                let first = waiting.map(|(slug, _)| slug).or(first);
                if self.lessons.class.as_ref() != Some(&class) {
                    self.lessons.class_spent = Duration::ZERO;
                }
                self.lessons.class = Some(class);
                first.map(|slug| self.choose_lesson(&slug)).unwrap_or_default()
            }
            Err(problem) => {
                self.lessons.complaint = said::hand_in(&problem, self.language);
                Vec::new()
            }
        }
    }

    // What was handed in earlier is gone on with, once its exercise's text is here.
    fn take_up(&mut self, code: &str) -> Vec<Effect> {
        match HandIn::read(code) {
            Ok(work) => {
                let slug = work.exercise.to_string();
                let effects = self.choose_lesson(&slug);
                self.lessons.resumed = (!effects.is_empty()).then_some(work);
                effects
            }
            Err(problem) => {
                self.lessons.complaint = said::hand_in(&problem, self.language);
                Vec::new()
            }
        }
    }

    fn resume(&mut self) {
        let Some(work) = self.lessons.resumed.take() else { return };
        let start = self.timeline.genesis().now();
        let Some(open) = &mut self.lessons.open else { return };
        match work.entries(&open.slug, &open.lesson, start) {
            Ok((entries, end)) => {
                open.spent = Duration::from_secs(work.seconds.into());
                self.lessons.name = work.name.to_string();
                let mark = Mark { step: 0, at: start, entries: 0 };
                if !self.play_again(entries, &[mark], end) {
                    self.lessons.complaint = said::hand_in(&Problem::TooMuch, self.language);
                    self.begin_anew();
                }
            }
            Err(problem) => self.lessons.complaint = said::hand_in(&problem, self.language),
        }
    }

    pub(super) fn close_lesson(&mut self) -> Vec<Effect> {
        if self.lessons.open.is_none() {
            self.lessons.complaint.clear();
            return Vec::new();
        }
        let lessons = self.lessons.without_open();
        let (scenario, version) = (&crate::playground::scenario::SCENARIOS[0], self.version);
        *self = Playground { version, ..Playground::new(scenario, self.seed, self.language) };
        self.lessons = lessons;
        self.lessons.complaint.clear();
        self.controls.playback.playing = true;
        self.frames()
    }

    /// A saved session whose lesson's text is not here yet.
    pub(in crate::playground) fn wait_for_lesson(&mut self, slug: &str, document: Document) {
        self.lessons.awaited = Some(slug.into());
        self.lessons.waiting = Some(document);
    }

    /// A saved session with a lesson of somebody's own.
    pub(in crate::playground) fn open_own(&mut self, text: &str, document: Document) {
        self.open_text("", text, Some(document));
    }
}

impl OpenLesson {
    fn new(slug: &str, text: &str, lesson: Lesson, seed: u64) -> Self {
        OpenLesson {
            slug: slug.into(),
            text: text.into(),
            lesson: Rc::new(lesson),
            seed,
            shown: 0,
            hints: Default::default(),
            questions: Default::default(),
            handed_in: None,
            spent: Default::default(),
            begun: Vec::new(),
            looked_at: (0, 0, 0),
        }
    }
}
