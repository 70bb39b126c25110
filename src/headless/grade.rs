//! `grade`: grades hand-ins as the teacher's page does, for scripts.
//!
//! Exit status: 0 if all hand-ins reach all goals, 1 if some do not, 2 if something cannot be read.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::lesson::class::{self, Row};
use crate::lesson::goal::Goal;
use crate::lesson::grade::{Graded, Grader};
use crate::lesson::hand_in::HandIn;
use crate::lesson::judge::{Outcome, Verdict};
use crate::locale::{Language, lesson as said};

const USAGE: &str = "usage: statefulset-playground grade LESSON.md ANSWER...";
const UNREADABLE: u8 = 2;

pub(super) fn run(arguments: &[String]) -> ExitCode {
    let (lesson, answers) = match arguments.split_first() {
        Some((lesson, answers)) if !answers.is_empty() => (lesson, answers),
        _ => return refuse(USAGE),
    };
    let mut grader = match super::read_lesson(lesson) {
        Ok(read) if read.is_exercise() => Grader::new(&slug(lesson), read),
        Ok(_) => return refuse(&format!("{lesson} is no exercise: only exercises are graded")),
        Err(complaint) => return refuse(&complaint),
    };
    let rows: Vec<Row> = answers.iter().map(|answer| row(&mut grader, answer)).collect();
    super::print(&format!("{:#}\n", report(&slug(lesson), &rows)));
    let are_readable = rows.iter().all(|(_, row)| row.is_ok());
    let have_passed = rows.iter().all(|(_, row)| row.as_ref().is_ok_and(Graded::has_passed));
    match (are_readable, have_passed) {
        (false, _) => ExitCode::from(UNREADABLE),
        (true, false) => ExitCode::FAILURE,
        (true, true) => ExitCode::SUCCESS,
    }
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::from(UNREADABLE)
}

// `a/five-replicas.en.md` is about the exercise `five-replicas`.
fn slug(path: &str) -> String {
    let name = Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    name.split('.').next().unwrap_or_default().to_string()
}

// An answer is a file, if there is one of this name, else a code or a link.
fn row(grader: &mut Grader, answer: &str) -> Row {
    let (source, text) = match std::fs::read(answer) {
        Ok(bytes) => (answer.to_string(), String::from_utf8_lossy(&bytes).into_owned()),
        Err(_) => (answer.chars().take(40).collect(), answer.to_string()),
    };
    (source.as_str().into(), HandIn::read(&text).and_then(|hand_in| grader.grade(&hand_in)))
}

fn report(slug: &str, rows: &[Row]) -> Value {
    let failed = class::failed_goals(rows).into_iter();
    let failed: Vec<Value> =
        failed.map(|(_, goal, count)| json!({"goal": goal.as_str(), "count": count})).collect();
    let results: Vec<Value> = rows.iter().map(result).collect();
    json!({"exercise": slug, "results": results, "failedGoals": failed})
}

fn result((source, row): &Row) -> Value {
    let graded = match row {
        Ok(graded) => graded,
        Err(why) => {
            let why = said::hand_in(why, Language::En);
            return json!({"source": source.as_str(), "problem": why});
        }
    };
    let goals: Vec<Value> = graded.goals.iter().map(|goal| goal_result(graded, goal)).collect();
    json!({
        "source": source.as_str(),
        "name": graded.name.as_str(),
        "passed": graded.has_passed(),
        "goals": goals,
        "commands": graded.commands,
        "clusterSeconds": graded.lasted.as_secs_f64(),
        "realSeconds": graded.seconds,
        "hints": graded.hints,
    })
}

fn goal_result(graded: &Graded, (goal, verdict): &(Goal, Verdict)) -> Value {
    json!({
        "id": goal.id.as_str(),
        "passed": verdict.outcome == Outcome::Passed,
        "why": verdict.why.as_ref().map(|why| said::why(why, Language::En)),
        "atSeconds": graded.after_start(verdict).map(|span| span.as_secs_f64()),
    })
}
