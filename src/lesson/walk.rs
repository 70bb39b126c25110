//! Plays a lesson from beginning to end and judges its goals on the way: what its tests, `replay`
//! and authors need.

use super::format::{Lesson, Step, Way};
use super::goal::Goal;
use super::judge::{Outcome, Verdict};
use super::replay::Player;
use super::start;
use crate::api::value::EcoString;

/// What became of the goals of a step, or of a whole exercise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The step's number; an exercise counts as one.
    pub step: usize,
    /// The goals.
    pub goals: Vec<Goal>,
    /// What had become of them before anything was done.
    pub at_start: Vec<Verdict>,
    /// What had become of them at the end.
    pub at_end: Vec<Verdict>,
}

impl Judged {
    /// The ids of goals that are not reached at the end.
    pub fn failed(&self) -> Vec<EcoString> {
        let goals = self.goals.iter().zip(&self.at_end);
        let failed = goals.filter(|(_, verdict)| verdict.outcome != Outcome::Passed);
        failed.map(|(goal, _)| goal.id.clone()).collect()
    }

    /// Goals that are reached or not before anything was done, against what they promise.
    pub fn odd_starts(&self) -> Vec<EcoString> {
        let goals = self.goals.iter().zip(&self.at_start);
        let odd = goals.filter(|(goal, verdict)| {
            let expected = goal.already_true || goal.rule.is_guard();
            (verdict.outcome == Outcome::Passed) != expected
        });
        odd.map(|(goal, _)| goal.id.clone()).collect()
    }
}

/// Plays a lesson on a way and judges each step, or the whole exercise.
pub fn walk(lesson: &Lesson, way: &Way, seed: u64) -> Vec<Judged> {
    let mut player = Player::new(start::session(lesson, seed));
    if lesson.is_exercise() {
        let goals: Vec<Goal> = lesson.goals().cloned().collect();
        let steps = 0..lesson.steps.len();
        return vec![judged(&mut player, 0, goals, |player| {
            steps.for_each(|step| play(player, lesson, step, way));
        })];
    }
    let one = |(index, step): (usize, &Step)| {
        judged(&mut player, index, step.goals.clone(), |player| play(player, lesson, index, way))
    };
    lesson.steps.iter().enumerate().map(one).collect()
}

fn judged(
    player: &mut Player,
    step: usize,
    goals: Vec<Goal>,
    play: impl FnOnce(&mut Player),
) -> Judged {
    player.judge(goals.clone());
    let at_start = player.verdicts();
    play(player);
    Judged { step, goals, at_start, at_end: player.verdicts() }
}

/// Plays a step on a way.
pub fn play(player: &mut Player, lesson: &Lesson, step: usize, way: &Way) {
    for part in lesson.parts(step, way) {
        player.play(&part);
    }
    player.end_section();
}
