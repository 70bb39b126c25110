//! How refusals and mistakes reach the terminal.
//!
//! Models `k8s.io/kubectl/pkg/cmd/util/helpers.go`: `checkErr`, `StandardErrorMessage`,
//! `MultilineError`, `AddSourceToErr`.

use super::process::World;
use crate::api::status::Status;
use crate::api::value::EcoString;

/// Why a command failed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// kubectl's own sentence, printed behind `error: `.
    Message(EcoString),
    /// A refusal of the API server.
    Status(Box<Status>),
    /// Several failures (an aggregate): printed one a line, without `error: `.
    Several(Vec<Failure>),
    /// Text printed as it is, and the exit code.
    Verbatim(EcoString, i32),
    /// Everything has been said; only the exit code is left.
    Exit(i32),
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        if status.code == Status::LOCAL {
            return Failure::Message(status.message);
        }
        Failure::Status(Box::new(status))
    }
}

impl Failure {
    /// kubectl's own sentence.
    pub fn message(text: impl Into<EcoString>) -> Self {
        Failure::Message(text.into())
    }

    /// A wrong use of a command (`cmdutil.UsageErrorf`).
    pub fn usage(command: &str, text: &str) -> Self {
        Failure::message(format!("{text}\nSee 'kubectl {command} -h' for help and examples"))
    }

    /// What this program does not simulate. `real` tells what kubectl would do.
    pub fn not_simulated(what: &str, real: &str) -> Self {
        let text = format!("not simulated here yet: {what}; the real kubectl would {real}\n");
        Failure::Verbatim(text.into(), 1)
    }

    /// None, the only failure, or all of them (`utilerrors.NewAggregate`).
    pub fn aggregate(mut failures: Vec<Failure>) -> Result<(), Failure> {
        match failures.len() {
            0 => Ok(()),
            1 => Err(failures.remove(0)),
            _ => Err(Failure::Several(failures)),
        }
    }

    /// The refusal, if it is one.
    pub fn status(&self) -> Option<&Status> {
        match self {
            Failure::Status(status) => Some(status),
            _ => None,
        }
    }

    /// Its sentence within a list (`messageForError`).
    pub fn sentence(&self) -> String {
        match self {
            Failure::Message(text) => text.to_string(),
            Failure::Verbatim(text, _) => text.trim_end().to_string(),
            Failure::Status(status) => standard_message(status),
            Failure::Several(failures) => {
                let sentences: Vec<String> = failures.iter().map(Failure::sentence).collect();
                format!("[{}]", sentences.join(", "))
            }
            Failure::Exit(_) => String::new(),
        }
    }
}

/// `Error from server (NotFound): pods "web-0" not found` (`StandardErrorMessage`).
pub fn standard_message(status: &Status) -> String {
    match status.reason.as_str() {
        "" => format!("Error from server: {}", status.message),
        reason => format!("Error from server ({reason}): {}", status.message),
    }
}

/// Adds what was being done to what (`AddSourceToErr`): `error when creating "web.yaml": ...`.
pub fn with_source(mut status: Status, verb: &str, source: &str) -> Status {
    status.message = format!("error when {verb} {source:?}: {}", status.message).into();
    status
}

/// Prints a failure and gives the exit code (`checkErr`).
pub fn report(failure: &Failure, world: &mut World<'_>) -> i32 {
    let (text, code) = match failure {
        Failure::Exit(code) => return *code,
        Failure::Verbatim(text, code) => (text.to_string(), *code),
        Failure::Message(text) => (with_prefix(text), 1),
        Failure::Status(status) if status.is("Invalid") => (invalid(status), 1),
        Failure::Status(status) => (standard_message(status), 1),
        Failure::Several(failures) => {
            // Each on a line of its own, after which the whole is ended as one message.
            let lines: Vec<String> =
                failures.iter().map(|failure| failure.sentence() + "\n").collect();
            (lines.concat(), 1)
        }
    };
    world.complain(text.strip_suffix('\n').unwrap_or(&text));
    code
}

fn with_prefix(text: &str) -> String {
    match text.starts_with("error: ") {
        true => text.into(),
        false => format!("error: {text}"),
    }
}

/// `The StatefulSet "web" is invalid: ...`; several causes stand in a list. Ended as a line, also
/// if the last cause ends its line itself (`MultilineError`).
fn invalid(status: &Status) -> String {
    let details = &status.details;
    let mut start = String::from("The request is invalid");
    if !details.kind.is_empty() || !details.name.is_empty() {
        start = format!("The {} {:?} is invalid", details.kind, details.name);
    } else if !status.message.is_empty() && details.causes.is_empty() {
        start = format!("{start}: {}", status.message);
    }
    let mut causes: Vec<String> = Vec::new();
    for cause in &details.causes {
        let sentence = match cause.path.is_empty() {
            true => cause.body(),
            false => cause.to_string(),
        };
        if !causes.contains(&sentence) {
            causes.push(sentence);
        }
    }
    match causes.as_slice() {
        [] => start,
        [one] => format!("{start}: {one}\n"),
        several => {
            let lines: Vec<String> = several.iter().map(|c| format!("\n* {c}")).collect();
            format!("{start}: {}\n", lines.concat())
        }
    }
}
