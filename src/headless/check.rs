//! `check`: what the tests of the catalogue ask of a lesson, for its author.

use crate::lesson::format::{Lesson, Way};
use crate::lesson::judge::Outcome;
use crate::lesson::walk::{Judged, walk};
use crate::locale::{Language, lesson as said};

const USAGE: &str = "usage: statefulset-playground check FILE.md...";

pub(super) fn run(paths: &[String]) -> Result<(), String> {
    if paths.is_empty() {
        return Err(USAGE.into());
    }
    let mut complaints = Vec::new();
    for path in paths {
        match super::read_lesson(path) {
            Ok(lesson) => complaints.extend(check(path, &lesson)),
            Err(complaint) => complaints.push(complaint),
        }
    }
    match complaints.is_empty() {
        true => Ok(()),
        false => Err(complaints.join("\n")),
    }
}

/// Judges a lesson's goals as its solution leaves them.
pub(super) fn solution(path: &str, lesson: &Lesson, seed: u64) -> Result<(), String> {
    let judged = walk(lesson, &Way::Solution, seed);
    let reached: usize = judged.iter().map(|j| j.goals.len() - j.failed().len()).sum();
    eprintln!("{path}: {reached} of {} goals reached", lesson.goals().count());
    let complaints: Vec<String> = judged.iter().flat_map(|judged| missed(path, judged)).collect();
    match complaints.is_empty() {
        true => Ok(()),
        false => Err(complaints.join("\n")),
    }
}

// The goals that are not reached, with the reasons.
fn missed(path: &str, judged: &Judged) -> Vec<String> {
    let goals = judged.goals.iter().zip(&judged.at_end);
    let missed = goals.filter(|(_, verdict)| verdict.outcome != Outcome::Passed);
    missed
        .map(|(goal, verdict)| {
            let why = verdict.why.as_ref().map(|why| said::why(why, Language::En));
            let why = why.unwrap_or_default();
            format!("{path}:{}: the goal {} is not reached. {why}", goal.line, goal.id)
        })
        .collect()
}

fn check(path: &str, lesson: &Lesson) -> Vec<String> {
    let seed = lesson.front.seed;
    let mut complaints = Vec::new();
    for judged in walk(lesson, &Way::Solution, seed) {
        complaints.extend(missed(path, &judged));
        for goal in judged.goals.iter().filter(|goal| judged.odd_starts().contains(&goal.id)) {
            let (line, id) = (goal.line, &goal.id);
            complaints.push(match goal.already_true || goal.rule.is_guard() {
                true => format!("{path}:{line}: the goal {id} does not hold at the start"),
                false => format!(
                    "{path}:{line}: the goal {id} holds before anything was done: \
                     ask for more, or say alreadyTrue: true"
                ),
            });
        }
    }
    for (name, mut fails, line) in lesson.mutants() {
        fails.sort();
        for judged in walk(lesson, &Way::Mutant(name.clone()), seed) {
            let mut failed = judged.failed();
            failed.sort();
            if failed != fails {
                let (fails, failed) = (fails.join(","), failed.join(","));
                complaints.push(format!(
                    "{path}:{line}: the wrong solution {name} fails \"{failed}\", not \"{fails}\""
                ));
            }
        }
    }
    let unbroken = lesson.goals().filter(|goal| {
        let breaks = |(_, fails, _): &(_, Vec<_>, _)| fails.contains(&goal.id);
        lesson.is_exercise() && goal.rule.is_guard() && !lesson.mutants().iter().any(breaks)
    });
    for goal in unbroken {
        let (line, id) = (goal.line, &goal.id);
        complaints.push(format!("{path}:{line}: no wrong solution breaks the guard {id}"));
    }
    complaints
}
