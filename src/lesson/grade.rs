//! Grading: what was handed in is played again, and judged.

use std::collections::BTreeMap;

use super::format::Lesson;
use super::goal::Goal;
use super::hand_in::{HandIn, Problem};
use super::judge::{Judge, Outcome, Verdict};
use super::start;
use crate::api::time::Duration;
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
    // The start, which verdicts' times are counted from.
    begun_at: crate::api::time::Time,
}

impl Graded {
    /// Whether all goals are reached.
    pub fn has_passed(&self) -> bool {
        self.goals.iter().all(|(_, verdict)| verdict.outcome == Outcome::Passed)
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
        if self.starts.len() > STARTS_MAX {
            self.starts.clear();
        }
        let make = || start::session(&self.lesson, hand_in.seed);
        let session = self.starts.entry(hand_in.seed).or_insert_with(make).clone();
        let begun_at = session.now();
        let (entries, end) = hand_in.entries(&self.slug, &self.lesson, begun_at)?;
        let goals: Vec<Goal> = self.lesson.goals().cloned().collect();
        let mut judge = Judge::new(goals.clone(), &session, 0);
        let mut timeline = Timeline::with_entries(session, entries);
        let mut steps = 0;
        while timeline.next_at().is_some_and(|next| next <= end) {
            timeline.step();
            judge.observe(timeline.world());
            steps += 1;
            if steps > STEPS_MAX {
                return Err(Problem::TooMuch);
            }
        }
        timeline.advance_to(end);
        judge.observe(timeline.world());
        let verdicts = judge.verdicts(end, timeline.entries());
        let is_command = |input: &Input| matches!(input, Input::Command { .. });
        let commands = timeline.entries().iter().filter(|entry| is_command(&entry.input)).count();
        Ok(Graded {
            name: hand_in.name.clone(),
            exercise: self.slug.clone(),
            goals: goals.into_iter().zip(verdicts).collect(),
            commands: commands as u32,
            lasted: end.since(begun_at),
            seconds: hand_in.seconds,
            hints: hand_in.hints,
            begun_at,
        })
    }
}
