//! The playground inside somebody else's page: what is shown there, and how.
//!
//! Options come as JSON in the frame's address (`#embed=`); an unknown or contradictory one is
//! refused with a sentence for the page's author.

mod begin;
mod code;
pub mod protocol;
mod refusal;
mod report;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use code::code;
pub use refusal::{Part, Refusal, Source};
pub use report::Reporter;

/// The version of options and messages.
pub const VERSION: u32 = 1;
/// The name that every message bears.
pub const PROTOCOL: &str = "statefulset-playground";
/// Longer options are refused, the recording in them aside.
pub const OPTIONS_MAX: usize = 200_000;
/// Longer recordings are refused.
pub const RECORDING_MAX: usize = 1_400_000;
const FILES_MAX: usize = 20;
const COMMANDS_MAX: usize = 100;
const MARKERS_MAX: usize = 100;
const TIME_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// What an embedded playground shows, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Options {
    /// The version of this format.
    pub version: u32,
    /// The origin of the page around it; "" if it is not known.
    pub host: String,
    /// Which panels are shown.
    pub mode: Mode,
    /// `en` or `zh`; "" for the browser's.
    pub lang: String,
    /// `light` or `dark`; "" for the reader's.
    pub theme: String,
    /// A scenario's name.
    pub scenario: String,
    /// A session's link.
    pub session: String,
    /// A lesson of the catalogue.
    pub lesson: String,
    /// A lesson's text.
    pub text: String,
    /// Files of the working directory.
    pub files: Vec<File>,
    /// Commands that were given before; left out: the files are applied.
    pub commands: Option<Vec<String>>,
    /// A recording of a session, base64url.
    pub recording: String,
    /// The instant that is shown first: `start`, `end` or a time.
    pub at: String,
    /// Marked instants, or only `commands`: those of the commands.
    pub markers: Vec<String>,
    /// Whether time stands still when it comes to a mark.
    pub pause_on_markers: bool,
    /// Whether nothing can be changed.
    pub readonly: bool,
    /// `none`, or `local`: the reader's browser keeps what was done.
    pub storage: Storage,
}

/// Which panels an embedded playground shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Picture and time bar; nothing can be changed.
    #[default]
    Player,
    /// Everything.
    Lab,
    /// A lesson or an exercise with its terminal and its picture.
    Exercise,
    /// The terminal.
    Terminal,
}

impl Mode {
    /// Its name in attributes.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Player => "player",
            Mode::Lab => "lab",
            Mode::Exercise => "exercise",
            Mode::Terminal => "terminal",
        }
    }
}

/// Whether the reader's browser keeps what was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// Nothing is kept.
    #[default]
    None,
    /// Kept apart from the page's own.
    Local,
}

/// A file of the working directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What a reader may not do, and what time does by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Whether nothing can be changed.
    pub readonly: bool,
    /// Whether time stands still when it comes to a mark.
    pub pause_on_markers: bool,
}

impl Options {
    /// Reads options as the frame's address has them.
    ///
    /// # Errors
    /// Says what is wrong with them.
    pub fn read(json: &str) -> Result<Options, Refusal> {
        if json.len() > OPTIONS_MAX + RECORDING_MAX {
            return Err(Refusal::OptionsTooLong);
        }
        let options: Options = serde_json::from_str(json)
            .map_err(|error| Refusal::Malformed(Part::Options, error.to_string()))?;
        if json.len() - options.recording.len().min(RECORDING_MAX) > OPTIONS_MAX {
            return Err(Refusal::OptionsTooLong);
        }
        options.check()?;
        Ok(options)
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.version != VERSION {
            return Err(Refusal::OtherVersion(Part::Options, self.version.to_string()));
        }
        one_of("lang", &self.lang, &["en", "zh"])?;
        one_of("theme", &self.theme, &["light", "dark"])?;
        self.check_sources()?;
        let too_many = |name: &'static str, count: usize, most: usize| match count > most {
            true => Err(Refusal::TooMany { name, count, most }),
            false => Ok(()),
        };
        too_many("files", self.files.len(), FILES_MAX)?;
        too_many("commands", self.commands.as_ref().map_or(0, Vec::len), COMMANDS_MAX)?;
        too_many("markers", self.markers.len(), MARKERS_MAX)?;
        if let Some(file) = self.files.iter().find(|file| !is_file_name(&file.name)) {
            return Err(Refusal::NoFileName(file.name.clone()));
        }
        self.shown_at()?;
        self.marked()?;
        Ok(())
    }

    fn check_sources(&self) -> Result<(), Refusal> {
        let sources = [
            (Source::Scenario, !self.scenario.is_empty()),
            (Source::Session, !self.session.is_empty()),
            (Source::Lesson, !self.lesson.is_empty() || !self.text.is_empty()),
            (Source::Files, !self.files.is_empty()),
            (Source::Recording, !self.recording.is_empty()),
        ];
        let given: Vec<Source> =
            sources.into_iter().filter(|(_, given)| *given).map(|(source, _)| source).collect();
        match given.as_slice() {
            [first, second, ..] => Err(Refusal::TwoSources(*first, *second)),
            [one @ (Source::Session | Source::Lesson | Source::Recording)]
                if self.commands.is_some() =>
            {
                Err(Refusal::CommandsWith(*one))
            }
            [Source::Lesson] if !self.at.is_empty() || !self.markers.is_empty() => {
                Err(Refusal::InstantWithLesson)
            }
            _ => Ok(()),
        }
    }

    /// What a reader may not do.
    pub fn limits(&self) -> Limits {
        Limits {
            readonly: self.readonly || self.mode == Mode::Player,
            pause_on_markers: self.pause_on_markers,
        }
    }

    /// Whether its commands print what fields mean, for which the page has to load the texts.
    pub fn explains(&self) -> bool {
        let commands = self.commands.iter().flatten();
        commands.into_iter().any(|line| line.contains("explain"))
            || super::share::decode(&self.session).is_ok_and(|document| document.explains())
    }

    /// Under which name the browser keeps what was done; nothing if it does not.
    pub fn storage_name(&self) -> Option<String> {
        let Storage::Local = self.storage else { return None };
        let shown = Options { host: String::new(), lang: String::new(), ..self.clone() };
        let json = serde_json::to_string(&shown).unwrap_or_default();
        // FNV-1a.
        let hash = json.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Some(format!("embed.{hash:016x}."))
    }

    fn shown_at(&self) -> Result<Option<Instant>, Refusal> {
        match self.at.as_str() {
            "" => Ok(None),
            "start" => Ok(Some(Instant::Start)),
            "end" => Ok(Some(Instant::End)),
            time => duration("at", time).map(|time| Some(Instant::After(time))),
        }
    }

    fn marked(&self) -> Result<Vec<Duration>, Refusal> {
        match self.marks_commands() {
            true => Ok(Vec::new()),
            false => self.markers.iter().map(|time| duration("markers", time)).collect(),
        }
    }

    fn marks_commands(&self) -> bool {
        matches!(self.markers.as_slice(), [only] if only == "commands")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instant {
    Start,
    End,
    After(Duration),
}

fn one_of(name: &'static str, value: &str, allowed: &[&'static str]) -> Result<(), Refusal> {
    match value.is_empty() || allowed.contains(&value) {
        true => Ok(()),
        false => Err(Refusal::NotOneOf { name, value: value.into(), allowed: allowed.into() }),
    }
}

fn is_file_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.chars().all(is_plain)
}

/// `12`, `12.5`, `12s`, `500ms`, `2m30s`
fn duration(name: &'static str, text: &str) -> Result<Duration, Refusal> {
    let wrong = || Refusal::NoTime(name, text.into());
    let (mut rest, mut seconds) = (text.trim(), 0.0);
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let unit_end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let factor = match unit {
            "ms" => 0.001,
            "s" | "" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong()),
        };
        seconds += number.parse::<f64>().map_err(|_| wrong())? * factor;
        rest = after;
    }
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if time <= TIME_MAX => Ok(time),
        _ => Err(Refusal::OverAWeek(name, text.into())),
    }
}
