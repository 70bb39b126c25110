//! A session as text: links, saved sessions, hand-ins.
//!
//! Holds what a learner did, not what became of it: the scenario, the seed, the inputs with their
//! times, the shown instant, and a hash by which a different outcome is noticed.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::Playground;
use super::scenario::Scenario;
use super::state_hash::state_hash;
use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::locale::Language;
use crate::shell::session::{Input, TerminalId};
use crate::simulation::fault::Fault;
use crate::simulation::setting::Setting;
use crate::simulation::timeline::Entry;

/// Version of the format; others are refused.
const VERSION: u32 = 1;
/// The longest link text read.
const LINK_LENGTH_MAX: usize = 256 * 1024;
/// The most a link may unfold to.
const DOCUMENT_LENGTH_MAX: usize = 2 * 1024 * 1024;
/// The most inputs a session may have.
const INPUTS_MAX: usize = 5_000;
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
}

// One input; the names are short because links are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    at: u64,
    #[serde(flatten)]
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum What {
    #[serde(rename = "run")]
    Command(u32, EcoString),
    #[serde(rename = "stop")]
    Interrupt(u32),
    #[serde(rename = "end")]
    EndOfInput(u32),
    #[serde(rename = "file")]
    WriteFile(EcoString, EcoString),
    #[serde(rename = "remove")]
    DeleteFile(EcoString),
    #[serde(rename = "lose")]
    NodeLost(EcoString),
    #[serde(rename = "back")]
    NodeBack(EcoString),
    #[serde(rename = "set")]
    Setting(EcoString, bool),
}

impl What {
    // Faults that only tests know are not written down.
    fn of(input: &Input) -> Option<What> {
        Some(match input {
            Input::Command { terminal, line } => What::Command(terminal.0, line.clone()),
            Input::Interrupt { terminal } => What::Interrupt(terminal.0),
            Input::EndOfInput { terminal } => What::EndOfInput(terminal.0),
            Input::WriteFile { path, content } => What::WriteFile(path.clone(), content.clone()),
            Input::DeleteFile { path } => What::DeleteFile(path.clone()),
            Input::Fault(Fault::NodeLost(node)) => What::NodeLost(node.clone()),
            Input::Fault(Fault::NodeBack(node)) => What::NodeBack(node.clone()),
            Input::Fault(_) => return None,
            Input::Setting(setting) => What::Setting(setting.name().into(), setting.is_on()),
        })
    }

    // `None` for a setting that this version does not know.
    fn input(self) -> Option<Input> {
        Some(match self {
            What::Command(terminal, line) => {
                Input::Command { terminal: TerminalId(terminal), line }
            }
            What::Interrupt(terminal) => Input::Interrupt { terminal: TerminalId(terminal) },
            What::EndOfInput(terminal) => Input::EndOfInput { terminal: TerminalId(terminal) },
            What::WriteFile(path, content) => Input::WriteFile { path, content },
            What::DeleteFile(path) => Input::DeleteFile { path },
            What::NodeLost(node) => Input::Fault(Fault::NodeLost(node)),
            What::NodeBack(node) => Input::Fault(Fault::NodeBack(node)),
            What::Setting(name, on) => Input::Setting(Setting::named(&name, on)?),
        })
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
        let entries = playground.timeline().entries().iter();
        Document {
            version: VERSION,
            scenario: playground.scenario().slug.into(),
            seed: playground.seed(),
            shown_at: from_start(playground.now()),
            horizon: from_start(playground.history().horizon()),
            inputs: entries
                .filter_map(|e| Some(Line { at: from_start(e.at), what: What::of(&e.input)? }))
                .collect(),
            hash: format!("{:016x}", state_hash(playground.session())).into(),
        }
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
        let mut last = 0;
        let mut entries = Vec::new();
        for line in self.inputs {
            if line.at < last || line.at > span {
                return Err(Problem::Damaged);
            }
            last = line.at;
            let input = line.what.input().ok_or(Problem::OtherVersion)?;
            entries.push(Entry { at: to_time(line.at), input });
        }
        let (shown_at, horizon) = (to_time(self.shown_at), to_time(self.horizon));
        Ok(Playground::restored(scenario, self.seed, language, entries, shown_at, horizon))
    }

    /// Whether its commands print what fields mean, for which the page has to load the texts.
    pub fn explains(&self) -> bool {
        self.inputs.iter().any(|line| match &line.what {
            What::Command(_, text) | What::WriteFile(_, text) => text.contains("explain"),
            _ => false,
        })
    }

    /// Whether the session at the shown instant is the one that was written down.
    pub fn matches(&self, playground: &Playground) -> bool {
        self.hash == format!("{:016x}", state_hash(playground.session()))
    }
}

/// A document as text for a link.
pub fn encode(document: &Document) -> String {
    let json = serde_json::to_vec(document).expect("a document is plain data");
    BASE64_URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(&json, 9))
}

/// A link's text as a document.
///
/// # Errors
/// Says what is wrong with it.
pub fn decode(link: &str) -> Result<Document, Problem> {
    if link.len() > LINK_LENGTH_MAX {
        return Err(Problem::TooLong);
    }
    let packed = BASE64_URL_SAFE_NO_PAD.decode(link.trim()).map_err(|_| Problem::Damaged)?;
    let json = miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, DOCUMENT_LENGTH_MAX)
        .map_err(|_| Problem::Damaged)?;
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
