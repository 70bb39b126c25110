//! How far a learner has come, kept in the browser and in files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::reader::is_id;
use crate::api::value::EcoString;

/// Version of the format; others are refused.
const VERSION: u32 = 1;
/// The longest text read.
const TEXT_MAX: usize = 256 * 1024;
/// The most lessons in it.
const LESSONS_MAX: usize = 500;
/// The most steps and answers of a lesson in it.
const ROWS_MAX: usize = 200;

/// Why progress cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Larger than any.
    TooLong,
    /// Something else.
    Foreign,
    /// Made by another version of the playground.
    OtherVersion,
}

/// How far a learner has come in all lessons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    version: u32,
    lessons: BTreeMap<EcoString, LessonProgress>,
}

impl Default for Progress {
    fn default() -> Self {
        Progress { version: VERSION, lessons: BTreeMap::new() }
    }
}

/// How far a learner has come in one lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonProgress {
    /// The step where the learner is.
    pub step: u32,
    /// The steps that are done, and how many commands each took.
    pub done: BTreeMap<u32, u32>,
    /// Questions that were answered, and whether the first answer was right.
    pub answered: BTreeMap<EcoString, bool>,
    /// How many hints were opened in each step.
    pub hints: BTreeMap<u32, u32>,
}

impl LessonProgress {
    fn is_sound(&self) -> bool {
        let counts = [self.done.len(), self.answered.len(), self.hints.len()];
        let mut steps = self.done.keys().chain(self.hints.keys()).chain([&self.step]);
        counts.iter().all(|count| *count <= ROWS_MAX)
            && steps.all(|step| *step < ROWS_MAX as u32)
            && self.answered.keys().all(|id| is_id(id))
    }
}

impl Progress {
    /// How far the learner has come in a lesson.
    pub fn of(&self, slug: &str) -> LessonProgress {
        self.lessons.get(slug).cloned().unwrap_or_default()
    }

    /// Changes how far the learner has come in a lesson.
    pub fn change(&mut self, slug: &str, change: impl FnOnce(&mut LessonProgress)) {
        if is_id(slug) && (self.lessons.contains_key(slug) || self.lessons.len() < LESSONS_MAX) {
            change(self.lessons.entry(slug.into()).or_default());
        }
    }

    /// Forgets a lesson.
    pub fn forget(&mut self, slug: &str) {
        self.lessons.remove(slug);
    }

    /// As the text of a file.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("progress is plain data")
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Says why it is none of ours.
    pub fn read(text: &str) -> Result<Progress, Problem> {
        if text.len() > TEXT_MAX {
            return Err(Problem::TooLong);
        }
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let version: Version = serde_json::from_str(text).map_err(|_| Problem::Foreign)?;
        if version.version != VERSION {
            return Err(Problem::OtherVersion);
        }
        let read: Progress = serde_json::from_str(text).map_err(|_| Problem::Foreign)?;
        let are_names = read.lessons.keys().all(|slug| is_id(slug));
        let are_sound = read.lessons.values().all(LessonProgress::is_sound);
        match are_names && are_sound && read.lessons.len() <= LESSONS_MAX {
            true => Ok(read),
            false => Err(Problem::Foreign),
        }
    }

    /// Takes in what another file has more.
    pub fn merge(&mut self, other: Progress) {
        for (slug, theirs) in other.lessons {
            self.change(&slug, |mine| {
                mine.step = mine.step.max(theirs.step);
                for (step, commands) in theirs.done {
                    mine.done.entry(step).or_insert(commands);
                }
                for (id, right) in theirs.answered {
                    mine.answered.entry(id).or_insert(right);
                }
                for (step, count) in theirs.hints {
                    let known = mine.hints.entry(step).or_insert(0);
                    *known = count.max(*known);
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_and_hostile_ones_do_not() {
        let mut progress = Progress::default();
        progress.change("a", |lesson| {
            lesson.step = 2;
            lesson.done.insert(0, 3);
            lesson.answered.insert("q".into(), true);
        });
        progress.change("../a", |lesson| lesson.step = 1);
        let text = progress.text();
        assert_eq!(Progress::read(&text), Ok(progress.clone()));
        let mut other = Progress::default();
        other.change("a", |lesson| {
            lesson.done.insert(1, 1);
        });
        progress.merge(other);
        assert_eq!(progress.of("a").done.len(), 2);

        assert_eq!(Progress::read(&"[".repeat(300_000)), Err(Problem::TooLong));
        assert_eq!(Progress::read(&"[".repeat(100_000)), Err(Problem::Foreign));
        assert_eq!(Progress::read("{}"), Err(Problem::Foreign));
        assert_eq!(Progress::read(&text.replace(": 1,", ": 9,")), Err(Problem::OtherVersion));
        assert_eq!(Progress::read(&text.replace("\"a\"", "\"<b>\"")), Err(Problem::Foreign));
        assert_eq!(
            Progress::read(&text.replace("step\": 2", "step\": \"x\"")),
            Err(Problem::Foreign)
        );
        assert_eq!(
            Progress::read(&text.replace("step\": 2", "step\": 999")),
            Err(Problem::Foreign)
        );
    }
}
