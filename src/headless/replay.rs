//! `replay`: plays a lesson or a transcript and prints it with what this cluster printed instead.
//! Goals are judged on the way.

use super::check;
use crate::lesson::format;
use crate::lesson::{replay, start, transcript};

const USAGE: &str = "usage: statefulset-playground replay [--seed N] FILE.md";

pub(super) fn run(arguments: &[String]) -> Result<(), String> {
    let (seed, path) = match arguments {
        [path] => (None, path),
        [flag, seed, path] if flag == "--seed" => {
            let seed =
                seed.parse().map_err(|_| format!("the seed {seed:?} is no number\n{USAGE}"))?;
            (Some(seed), path)
        }
        _ => return Err(USAGE.into()),
    };
    let text = std::fs::read_to_string(path).map_err(|why| format!("cannot read {path}: {why}"))?;
    let is_lesson = text.starts_with("---");
    let lesson =
        if is_lesson { Some(super::read_lesson(path)?) } else { format::parse(&text).ok() };
    let front = lesson.as_ref().map(|lesson| &lesson.front).filter(|_| is_lesson);
    let seed: u64 = seed.or(front.map(|front| front.seed)).unwrap_or(0);
    let start = front.map(|front| start::parts(&front.start)).unwrap_or_default();
    super::print(&replay::replay(&transcript::parse(&text), &start, seed));
    match lesson.filter(|lesson| lesson.goals().next().is_some()) {
        Some(lesson) => check::solution(path, &lesson, seed),
        None => Ok(()),
    }
}
