//! Lessons: the catalogue, the format, doing them, handing in and grading.

mod catalog;
mod doing;
mod format;
mod grading;
mod headless;
mod prose;

use statefulset_playground::lesson::catalog::CATALOG;
use statefulset_playground::lesson::format::{Lesson, parse};

/// A lesson in three steps.
const LESSON: &str = include_str!("claims.en.md");
/// An exercise.
const EXERCISE: &str = include_str!("five.en.md");
/// The same in Chinese.
const EXERCISE_ZH: &str = include_str!("five.zh.md");

fn exercise() -> Lesson {
    parse(EXERCISE).unwrap()
}

// Under the name of an entry of the catalogue, because the page loads no others.
fn slug(is_exercise: bool) -> &'static str {
    CATALOG.iter().find(|entry| entry.is_exercise == is_exercise).unwrap().slug
}

fn text(of: &str) -> &'static str {
    if of == slug(true) { EXERCISE } else { LESSON }
}
