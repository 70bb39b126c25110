//! Inputs with their times, written down.

use serde::{Deserialize, Serialize};

use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::shell::session::{Input, TerminalId};
use crate::simulation::fault::Fault;
use crate::simulation::setting::Setting;
use crate::simulation::timeline::Entry;

/// One input; the names are short because links are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Microseconds since the start.
    pub at: u64,
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

/// Why inputs cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// They are out of order, or too late.
    OutOfOrder,
    /// One turns on what this version does not know.
    UnknownSetting,
}

/// Writes inputs down. Faults that only tests know are left out.
pub fn write(entries: &[Entry<Input>], start: Time) -> Vec<Line> {
    let line = |entry: &Entry<Input>| {
        let at = entry.at.since(start).as_micros() as u64;
        Some(Line { at, what: What::of(&entry.input)? })
    };
    entries.iter().filter_map(line).collect()
}

/// Reads inputs that are in order and no later than `span`.
///
/// # Errors
/// If they are not.
pub fn read(
    lines: Vec<Line>,
    start: Time,
    span: Duration,
) -> Result<Vec<Entry<Input>>, Unreadable> {
    let (mut last, span) = (0, span.as_micros() as u64);
    let mut entries = Vec::new();
    for line in lines {
        if line.at < last || line.at > span {
            return Err(Unreadable::OutOfOrder);
        }
        last = line.at;
        let at = start.after(Duration::from_micros(line.at));
        let input = line.what.input().ok_or(Unreadable::UnknownSetting)?;
        entries.push(Entry { at, input });
    }
    Ok(entries)
}

impl Line {
    /// The text of a command or a file, "" of anything else.
    pub fn text(&self) -> &str {
        match &self.what {
            What::Command(_, text) | What::WriteFile(_, text) => text,
            _ => "",
        }
    }
}

impl What {
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
