//! A session as text: links, saved sessions, hand-ins.
//!
//! Holds what a learner did, not what became of it: the scenario, the seed, the inputs with their
//! times, the shown instant, and a hash by which a different outcome is noticed.

use serde::{Deserialize, Serialize};

use super::lesson::Mark;
use super::scenario::Scenario;
use super::state_hash::state_hash;
use super::{Playground, Written};
use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::lesson::inputs::{self, Line, Unreadable};
use crate::lesson::packed::{self, Unpackable};
use crate::locale::Language;
use crate::shell::session::Input;
use crate::simulation::timeline::Entry;

/// Version of the format; others are refused.
const VERSION: u32 = 1;
/// The most inputs a session may have.
const INPUTS_MAX: usize = 5_000;
/// The most steps that may have begun.
const MARKS_MAX: usize = 200;
/// The longest a session may last.
const SPAN_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// Why a link or a saved session cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Longer than any link of ours.
    TooLong,
    /// Characters that no link of ours has, or cut short.
    Damaged,
    /// Not a session of this playground.
    Foreign,
    /// Made by another version.
    OtherVersion,
    /// Begins with a scenario that is not here.
    UnknownScenario,
    /// More was done than can be played again while a learner waits.
    TooMuch,
    /// Opened, but what became of it is not what its author saw.
    DifferentOutcome,
}

/// A session as it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    version: u32,
    scenario: EcoString,
    seed: u64,
    /// Microseconds from the start to the shown instant.
    shown_at: u64,
    /// Microseconds from the start to the latest instant played.
    horizon: u64,
    inputs: Vec<Line>,
    hash: EcoString,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lesson: Option<LessonMark>,
    // Terminals whose tabs were closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    closed: Vec<u32>,
    /// Marked instants, microseconds from the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    marks: Vec<u64>,
}

// Which lesson a session belongs to, and where its steps began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LessonMark {
    slug: EcoString,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    shown: u32,
    // Step, microseconds from the start, inputs before it.
    marks: Vec<(u32, u64, u32)>,
    // Real seconds spent on it, and on all exercises of the class.
    #[serde(default, skip_serializing_if = "is_zero")]
    spent: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    class_spent: u32,
}

/// A lesson's session: where its steps began, the shown step, the inputs, the shown instant and
/// the latest one.
pub type LessonSession = (Vec<Mark>, usize, Vec<Entry<Input>>, Time, Time);

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn written(mark: &Mark) -> (u32, u64, u32) {
    (mark.step as u32, from_start(mark.at), mark.entries as u32)
}

fn problem_of(unreadable: Unreadable) -> Problem {
    match unreadable {
        Unreadable::OutOfOrder => Problem::Damaged,
        Unreadable::UnknownSetting => Problem::OtherVersion,
    }
}

fn from_start(time: Time) -> u64 {
    time.since(Time::START).as_micros() as u64
}

fn to_time(micros: u64) -> Time {
    Time::START.after(Duration::from_micros(micros))
}

impl Document {
    /// Writes a session down.
    pub fn of(playground: &Playground) -> Document {
        Document {
            version: VERSION,
            scenario: playground.scenario().slug.into(),
            seed: playground.seed(),
            shown_at: from_start(playground.now()),
            horizon: from_start(playground.history().horizon()),
            inputs: inputs::write(playground.timeline().entries(), Time::START),
            hash: format!("{:016x}", state_hash(playground.session())).into(),
            lesson: playground.lessons().open.as_ref().map(|open| LessonMark {
                slug: open.slug.as_str().into(),
                text: open.slug.is_empty().then(|| open.text.to_string()),
                shown: open.shown as u32,
                marks: open.marks().iter().map(written).collect(),
                spent: open.spent.as_secs() as u32,
                class_spent: playground.lessons().class_spent.as_secs() as u32,
            }),
            closed: playground.terminals().closed(playground.timeline().entries()),
            marks: playground.marks().iter().map(|mark| from_start(*mark)).collect(),
        }
    }

    /// The same session, shown at another instant and played to another.
    pub fn at(self, shown_at: Time, horizon: Time) -> Document {
        Document { shown_at: from_start(shown_at), horizon: from_start(horizon), ..self }
    }

    /// The seed of its chance.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The lesson that it belongs to: its name, and its text if it is not in the catalogue.
    pub fn lesson(&self) -> Option<(String, Option<String>)> {
        self.lesson.as_ref().map(|mark| (mark.slug.to_string(), mark.text.clone()))
    }

    /// Terminals whose tabs were closed.
    pub fn closed(&self) -> &[u32] {
        &self.closed
    }

    /// Real time spent on the lesson, and on all exercises of its class.
    pub fn spent(&self) -> (Duration, Duration) {
        let seconds = |count: u32| Duration::from_secs(count.into());
        let mark = self.lesson.as_ref();
        mark.map_or_else(Default::default, |m| (seconds(m.spent), seconds(m.class_spent)))
    }

    /// What was done in the lesson, if it can be played again.
    pub fn lesson_session(&self) -> Option<LessonSession> {
        let mark = self.lesson.as_ref()?;
        let span = SPAN_MAX.as_micros() as u64;
        let horizon = self.horizon.max(self.shown_at);
        if self.inputs.len() > INPUTS_MAX || horizon > span || mark.marks.len() > MARKS_MAX {
            return None;
        }
        let entries = inputs::read(self.inputs.clone(), Time::START, SPAN_MAX).ok()?;
        let read = |(step, at, entries): &(u32, u64, u32)| Mark {
            step: *step as usize,
            at: to_time((*at).min(horizon)),
            entries: *entries as usize,
        };
        let marks = mark.marks.iter().map(read).collect();
        let (shown_at, horizon) = (to_time(self.shown_at), to_time(horizon));
        Some((marks, mark.shown as usize, entries, shown_at, horizon))
    }

    /// Plays a session that was written down.
    ///
    /// # Errors
    /// Says why it cannot be used; nothing is changed then.
    pub fn open(self, language: Language) -> Result<Playground, Problem> {
        let span = SPAN_MAX.as_micros() as u64;
        if self.inputs.len() > INPUTS_MAX || self.horizon.max(self.shown_at) > span {
            return Err(Problem::TooLong);
        }
        let scenario = Scenario::named(&self.scenario).ok_or(Problem::UnknownScenario)?;
        let entries = inputs::read(self.inputs, Time::START, SPAN_MAX).map_err(problem_of)?;
        let (shown_at, horizon) = (to_time(self.shown_at), to_time(self.horizon));
        let marks = self.marks.into_iter().filter(|mark| *mark <= span).map(to_time).collect();
        let written = Written { scenario, seed: self.seed, language, entries };
        let played = written.played_within_limits(shown_at, horizon).ok_or(Problem::TooMuch)?;
        Ok(played.with_marks(marks).without_terminals(&self.closed))
    }

    /// Whether its commands print what fields mean, for which the page has to load the texts.
    pub fn explains(&self) -> bool {
        self.inputs.iter().any(|line| line.text().contains("explain"))
    }

    /// Whether the session at the shown instant is the one that was written down.
    pub fn matches(&self, playground: &Playground) -> bool {
        self.hash == format!("{:016x}", state_hash(playground.session()))
    }
}

/// A document as text for a link.
pub fn encode(document: &Document) -> String {
    packed::pack(document)
}

/// A link's text as a document.
///
/// # Errors
/// Says what is wrong with it.
pub fn decode(link: &str) -> Result<Document, Problem> {
    let json = packed::unpack(link).map_err(|why| match why {
        Unpackable::TooLong => Problem::TooLong,
        Unpackable::Damaged => Problem::Damaged,
    })?;
    let version: Version = serde_json::from_slice(&json).map_err(|_| Problem::Foreign)?;
    if version.version != VERSION {
        return Err(Problem::OtherVersion);
    }
    serde_json::from_slice(&json).map_err(|_| Problem::Foreign)
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}
