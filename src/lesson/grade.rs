//! Grading: what was handed in is played again, and judged.

use std::collections::BTreeMap;

use super::format::Lesson;
use super::goal::Goal;
use super::hand_in::{HandIn, Problem};
use super::judge::{Judge, Outcome, Verdict};
use super::start;
use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::shell::session::{Input, Session};
use crate::simulation::timeline::{Timeline, World};

/// More than this happens in no hand-in that is meant seriously.
const STEPS_MAX: u32 = 400_000;

/// A graded hand-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graded {
    /// Who handed it in.
    pub name: EcoString,
    /// The exercise.
    pub exercise: EcoString,
    /// Its goals with what became of them.
    pub goals: Vec<(Goal, Verdict)>,
    /// How many commands were entered.
    pub commands: u32,
    /// How long the cluster ran.
    pub lasted: Duration,
    /// How long it took in reality, as the learner's page counted.
    pub seconds: u32,
    /// How many hints were read.
    pub hints: u32,
    /// Minutes that the exercise gives.
    pub time_box: Option<u32>,
    // The start, which verdicts' times are counted from.
    begun_at: Time,
}

impl Graded {
    /// Whether all goals are reached.
    pub fn has_passed(&self) -> bool {
        self.goals.iter().all(|(_, verdict)| verdict.outcome == Outcome::Passed)
    }

    /// Whether it took longer than the exercise gives.
    pub fn is_late(&self) -> bool {
        self.time_box.is_some_and(|minutes| self.seconds > minutes.saturating_mul(60))
    }

    /// How long after the start a verdict's instant was.
    pub fn after_start(&self, verdict: &Verdict) -> Option<Duration> {
        verdict.at.map(|at| at.since(self.begun_at))
    }
}

/// Grades the hand-ins of one exercise.
#[derive(Clone)]
pub struct Grader {
    slug: EcoString,
    lesson: Lesson,
    // The start state for each seed that was met.
    starts: BTreeMap<u64, Session>,
}

/// So many start states are kept.
const STARTS_MAX: usize = 40;

impl Grader {
    /// For the exercise of this name.
    pub fn new(slug: &str, lesson: Lesson) -> Self {
        Grader { slug: slug.into(), lesson, starts: BTreeMap::new() }
    }

    /// The exercise.
    pub fn lesson(&self) -> &Lesson {
        &self.lesson
    }

    /// Plays a hand-in and judges it.
    ///
    /// # Errors
    /// Says why that is not possible.
    pub fn grade(&mut self, hand_in: &HandIn) -> Result<Graded, Problem> {
        let mut run = self.begin(hand_in)?;
        loop {
            if let Some(graded) = run.go_on(STEPS_MAX) {
                return graded;
            }
        }
    }

    /// Begins to play a hand-in.
    ///
    /// # Errors
    /// Says why that is not possible.
    pub fn begin(&mut self, hand_in: &HandIn) -> Result<Run, Problem> {
        if self.starts.len() > STARTS_MAX {
            self.starts.clear();
        }
        let make = || start::session(&self.lesson, hand_in.seed);
        let session = self.starts.entry(hand_in.seed).or_insert_with(make).clone();
        let begun_at = session.now();
        let (entries, end) = hand_in.entries(&self.slug, &self.lesson, begun_at)?;
        let goals: Vec<Goal> = self.lesson.goals().cloned().collect();
        Ok(Run {
            name: hand_in.name.clone(),
            exercise: self.slug.clone(),
            seconds: hand_in.seconds,
            time_box: self.lesson.front.time_box,
            hints: hand_in.hints,
            judge: Judge::new(goals, &session, 0),
            timeline: Timeline::with_entries(session, entries),
            begun_at,
            end,
            steps: 0,
        })
    }
}

/// A hand-in that is being played, some steps at a time.
#[derive(Clone)]
pub struct Run {
    name: EcoString,
    exercise: EcoString,
    seconds: u32,
    time_box: Option<u32>,
    hints: u32,
    judge: Judge,
    timeline: Timeline<Session>,
    begun_at: Time,
    end: Time,
    steps: u32,
}

impl Run {
    /// Plays at most so many steps more; nothing if there are still more.
    pub fn go_on(&mut self, most: u32) -> Option<Result<Graded, Problem>> {
        let limit = self.steps.saturating_add(most);
        while self.timeline.next_at().is_some_and(|next| next <= self.end) {
            if self.steps >= STEPS_MAX {
                return Some(Err(Problem::TooMuch));
            }
            if self.steps >= limit {
                return None;
            }
            self.timeline.step();
            self.judge.observe(self.timeline.world());
            self.steps += 1;
        }
        self.timeline.advance_to(self.end);
        self.judge.observe(self.timeline.world());
        Some(Ok(self.graded()))
    }

    /// How much of the cluster's time has been played, in percent.
    pub fn percent(&self) -> u32 {
        let played = self.timeline.world().now().since(self.begun_at).as_secs_f64();
        let whole = self.end.since(self.begun_at).as_secs_f64().max(0.001);
        (played / whole * 100.0).clamp(0.0, 100.0) as u32
    }

    fn graded(&self) -> Graded {
        let verdicts = self.judge.verdicts(self.end, self.timeline.entries());
        let is_command = |input: &Input| matches!(input, Input::Command { .. });
        let entries = self.timeline.entries().iter();
        Graded {
            name: self.name.clone(),
            exercise: self.exercise.clone(),
            goals: self.judge.goals().iter().cloned().zip(verdicts).collect(),
            commands: entries.filter(|entry| is_command(&entry.input)).count() as u32,
            lasted: self.end.since(self.begun_at),
            seconds: self.seconds,
            time_box: self.time_box,
            hints: self.hints,
            begun_at: self.begun_at,
        }
    }
}
