//! What a learner hands in: what was done and when, not what became of it.

use serde::{Deserialize, Serialize};

use super::format::Lesson;
use super::inputs::{self, Line, Unreadable};
use super::packed::{self, Unpackable};
use super::transcript::{Item, Part};
use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::shell::session::Input;
use crate::simulation::timeline::Entry;

/// Version of the format; others are refused.
const VERSION: u32 = 1;
/// A code is shorter than this; what does not fit is handed in as a file.
pub const CODE_LENGTH_MAX: usize = 4_000;
/// The most inputs.
const INPUTS_MAX: usize = 1_000;
/// The longest that an exercise may last, in the cluster's time.
pub const SPAN_MAX: Duration = Duration::from_secs(24 * 3600);
/// The longest name of a learner, in characters.
const NAME_LENGTH_MAX: usize = 60;
/// Before a hand-in in a link.
pub const LINK_MARK: &str = "#h=";

/// Why a hand-in cannot be graded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Longer than any.
    TooLong,
    /// Characters that none has, or cut short.
    Damaged,
    /// Something else.
    Foreign,
    /// Made by another version of the playground.
    OtherVersion,
    /// An answer to the exercise of this name.
    OtherExercise(EcoString),
    /// The exercise has another text now.
    ChangedExercise,
    /// More inputs, or later ones, than a hand-in may have, or more than can be simulated.
    TooMuch,
    /// Grading was stopped before its turn came.
    Stopped,
}

/// A hand-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandIn {
    version: u32,
    /// The exercise's name.
    pub exercise: EcoString,
    /// What the exercise was like.
    essence: EcoString,
    /// The seed that it was done with.
    pub seed: u64,
    /// Who hands it in.
    pub name: EcoString,
    /// How many hints were read.
    pub hints: u32,
    /// Real seconds that it took, as the page counted them.
    pub seconds: u32,
    /// Microseconds from the start to the end.
    until: u64,
    inputs: Vec<Line>,
}

/// What a learner has done, beside the inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// The exercise's name.
    pub exercise: EcoString,
    /// The seed.
    pub seed: u64,
    /// The learner's name.
    pub name: EcoString,
    /// How many hints were read.
    pub hints: u32,
    /// Real seconds that it took.
    pub seconds: u32,
}

impl HandIn {
    /// Writes down what was done between `start` and `end`.
    pub fn new(
        lesson: &Lesson,
        work: Work,
        entries: &[Entry<Input>],
        start: Time,
        end: Time,
    ) -> HandIn {
        let entries: Vec<_> = entries.iter().filter(|entry| entry.at <= end).cloned().collect();
        HandIn {
            version: VERSION,
            exercise: work.exercise,
            essence: essence(lesson),
            seed: work.seed,
            name: tidy(&work.name),
            hints: work.hints,
            seconds: work.seconds,
            until: end.since(start).as_micros() as u64,
            inputs: inputs::write(&last_edits(entries), start),
        }
    }

    /// As text: what a file holds. A code, if it is shorter than [`CODE_LENGTH_MAX`].
    pub fn text(&self) -> String {
        packed::pack(self)
    }

    /// Reads a code, a link that ends in one, or a file.
    ///
    /// # Errors
    /// Says why it is no hand-in.
    pub fn read(text: &str) -> Result<HandIn, Problem> {
        if text.len() > 2 * packed::TEXT_LENGTH_MAX {
            return Err(Problem::TooLong);
        }
        let text = text.rsplit_once(LINK_MARK).map_or(text, |(_, code)| code);
        // Mail programs break long lines.
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let json = packed::unpack(&text).map_err(|why| match why {
            Unpackable::TooLong => Problem::TooLong,
            Unpackable::Damaged => Problem::Damaged,
        })?;
        let version: Version = serde_json::from_slice(&json).map_err(|_| Problem::Foreign)?;
        if version.version != VERSION {
            return Err(Problem::OtherVersion);
        }
        let read: HandIn = serde_json::from_slice(&json).map_err(|_| Problem::Foreign)?;
        let span = SPAN_MAX.as_micros() as u64;
        if read.inputs.len() > INPUTS_MAX || read.until > span {
            return Err(Problem::TooMuch);
        }
        Ok(HandIn { name: tidy(&read.name), ..read })
    }

    /// The inputs, if they answer this exercise, and the instant of the end.
    ///
    /// # Errors
    /// Says why they do not.
    pub fn entries(
        &self,
        slug: &str,
        lesson: &Lesson,
        start: Time,
    ) -> Result<(Vec<Entry<Input>>, Time), Problem> {
        if self.exercise != slug {
            return Err(Problem::OtherExercise(tidy(&self.exercise)));
        }
        if self.essence != essence(lesson) {
            return Err(Problem::ChangedExercise);
        }
        let until = Duration::from_micros(self.until);
        let entries = inputs::read(self.inputs.clone(), start, until);
        entries.map(|entries| (entries, start.after(until))).map_err(|why| match why {
            Unreadable::OutOfOrder => Problem::Damaged,
            Unreadable::UnknownSetting => Problem::OtherVersion,
        })
    }
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

// One line, not too long, nothing that moves a cursor.
fn tidy(name: &str) -> EcoString {
    let shown = name.chars().filter(|c| !c.is_control());
    let name: String = shown.take(NAME_LENGTH_MAX).collect();
    name.trim().into()
}

// Of several edits of a file before the next command only the last one counts.
fn last_edits(entries: Vec<Entry<Input>>) -> Vec<Entry<Input>> {
    let mut kept: Vec<Entry<Input>> = Vec::new();
    for entry in entries {
        if let Input::WriteFile { path, .. } = &entry.input {
            let is_edit = |e: &Entry<Input>| matches!(e.input, Input::WriteFile { .. });
            let first = kept.iter().rposition(|e| !is_edit(e)).map_or(0, |at| at + 1);
            let is_same = |e: &Entry<Input>| matches!(&e.input, Input::WriteFile { path: p, .. } if p == path);
            let found = kept.iter().skip(first).position(is_same);
            if let Some(found) = found {
                kept.remove(first + found);
            }
        }
        kept.push(entry);
    }
    kept
}

/// A mark of all that an exercise's grading follows from, the same in both languages.
pub fn essence(lesson: &Lesson) -> EcoString {
    let rules: Vec<_> = lesson.goals().map(|goal| (&goal.id, &goal.rule)).collect();
    let files = |part: &Part| match part {
        Part::File { name, content, .. } => format!("{name}\n{}", without_comments(content)),
        Part::Console { items, .. } => {
            let command = |item: &Item| match item {
                Item::Command { command, .. } => format!("{command}\n"),
                Item::Comment(_) => String::new(),
            };
            items.iter().map(command).collect()
        }
        Part::Text(_) | Part::Section(_) => String::new(),
    };
    let start: Vec<String> = lesson.start_parts().iter().map(files).collect();
    let said = format!("{} {start:?} {rules:?}", lesson.front.start);
    let hash = said.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}").into()
}

// Comments may be in another language.
fn without_comments(content: &str) -> String {
    let is_said = |line: &&str| !line.trim_start().starts_with('#');
    let said =
        |line: &str| format!("{}\n", line.split(" # ").next().unwrap_or_default().trim_end());
    content.lines().filter(is_said).map(said).collect()
}
