//! `kubectl logs`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/logs` and `polymorphichelpers.LogsForObject`.

mod source;

use crate::api::object::ObjectKey;
use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::client::node::LogRequest;
use crate::kubectl::cmd::Running;
use crate::kubectl::command::{Command, Flag, SELECTOR_FLAG};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new("logs", &[SELECTOR_FLAG, FLAGS], run)];

static FLAGS: &[Flag] = &[
    Flag::bool("all-containers"),
    Flag::bool("all-pods"),
    Flag::text("container").short('c'),
    Flag::bool("follow").short('f'),
    Flag::bool("ignore-errors"),
    Flag::bool("insecure-skip-tls-verify-backend"),
    Flag::int("limit-bytes", "0"),
    Flag::int("max-log-requests", "5"),
    Flag::duration("pod-running-timeout", "20s"),
    Flag::bool("prefix"),
    Flag::bool("previous").short('p'),
    Flag::duration("since", "0s"),
    Flag::text("since-time"),
    Flag::int("tail", "-1"),
    Flag::bool("timestamps"),
];

const USAGE: &str = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME \
                     is a required argument for the logs command";

/// Lines of each log that a selector shows unless told otherwise.
const SELECTOR_TAIL: u64 = 10;

/// Logs that are followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Follow {
    logs: Vec<Tail>,
    begun: bool,
}

/// One log that is read, in parts if it is followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Tail {
    request: LogRequest,
    /// What stands before each line.
    prefix: EcoString,
    /// How much of the line after `request.skip_lines` has been printed.
    printed: usize,
    /// Bytes that may still be printed.
    left: Option<usize>,
}

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let (resource, container) = arguments(invocation)?;
    let since = since(invocation, world)?;
    let object_logs = source::find(invocation, resource, container, world);
    validate(invocation, container)?;
    let all = invocation.is_true("prefix") || invocation.is_true("all-pods");
    let mut logs = Vec::new();
    for (pod, container) in object_logs? {
        let prefix = if all { format!("[pod/{}/{container}] ", pod.name) } else { String::new() };
        let request = request(invocation, pod, container, since);
        let left = match invocation.int("limit-bytes") {
            0 => None,
            bytes => usize::try_from(bytes).ok(),
        };
        logs.push(Tail { request, prefix: prefix.into(), printed: 0, left });
    }
    if !invocation.is_true("follow") || invocation.is_true("previous") {
        for mut log in logs {
            if let Err(failure) = log.read(world) {
                let failure = Failure::from(failure);
                if !invocation.is_true("ignore-errors") {
                    return Err(failure);
                }
                world.print_line(&format!("error: {}", failure.sentence()));
            }
        }
        return Ok(Flow::Done(0));
    }
    let allowed = invocation.int("max-log-requests");
    if logs.len() > 1 && logs.len() as i64 > allowed {
        return Err(Failure::message(format!(
            "you are attempting to follow {} log streams, but maximum allowed concurrency is \
             {allowed}, use --max-log-requests to increase the limit",
            logs.len()
        )));
    }
    Follow { logs, begun: false }.poll(invocation, world)
}

/// What is named: a Pod or workload, and a container.
fn arguments(invocation: &Invocation) -> Result<(&str, &str), Failure> {
    let selects = !invocation.text("selector").is_empty();
    let named = invocation.text("container");
    match invocation.args.as_slice() {
        [] if selects => Ok(("", named)),
        [_] if selects => Err(invocation.usage("only a selector (-l) or a POD name is allowed")),
        [resource] => Ok((resource, named)),
        [resource, container] => Ok((resource, container)),
        _ => Err(invocation.usage(USAGE)),
    }
}

fn validate(invocation: &Invocation, container: &str) -> Result<(), Failure> {
    let set = |name: &str| !invocation.text(name).is_empty();
    let message = match () {
        () if set("since-time") && invocation.micros("since") != 0 => {
            "at most one of `sinceTime` or `sinceSeconds` may be specified"
        }
        () if invocation.is_true("all-containers") && !container.is_empty() => {
            return Err(Failure::message(format!(
                "--all-containers=true should not be specified with container name {container}"
            )));
        }
        () if set("container") && invocation.args.len() == 2 => {
            "only one of -c or an inline [CONTAINER] arg is allowed"
        }
        () if invocation.int("limit-bytes") < 0 => "--limit-bytes must be greater than 0",
        () if invocation.micros("since") < 0 => "--since must be greater than 0",
        () if invocation.int("tail") < -1 => "--tail must be greater than or equal to -1",
        () => return Ok(()),
    };
    Err(Failure::message(message))
}

/// The time before which lines are left out.
fn since(invocation: &Invocation, world: &World<'_>) -> Result<Option<Time>, Failure> {
    let text = invocation.text("since-time");
    if !text.is_empty() {
        let wrong = || {
            Failure::message(format!(
                "parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text:?} as \
                 \"2006\""
            ))
        };
        return Time::parse(text).map(Some).ok_or_else(wrong);
    }
    let seconds = (invocation.micros("since").max(0) as u64 + 500_000) / 1_000_000;
    Ok((seconds > 0).then(|| {
        let span = Duration::from_secs(seconds).as_micros() as i64;
        Time(world.client.now().0.saturating_sub(span))
    }))
}

fn request(
    invocation: &Invocation,
    pod: ObjectKey,
    container: EcoString,
    since: Option<Time>,
) -> LogRequest {
    let tail_lines = match invocation.int("tail") {
        -1 if invocation.text("selector").is_empty() || invocation.is_set("tail") => None,
        -1 => Some(SELECTOR_TAIL),
        lines => u64::try_from(lines).ok(),
    };
    LogRequest {
        pod,
        container,
        previous: invocation.is_true("previous"),
        tail_lines,
        since,
        timestamps: invocation.is_true("timestamps"),
        skip_lines: 0,
    }
}

impl Tail {
    /// Prints what is new; gives whether more may come.
    fn read(&mut self, world: &mut World<'_>) -> Result<bool, crate::api::status::Status> {
        let log = world.client.logs(&self.request)?;
        if log.line_count < self.request.skip_lines {
            // The container runs anew, with a log of its own.
            return Ok(false);
        }
        let text = log.text.get(self.printed..).unwrap_or_default();
        self.print(text, world);
        let is_open = !log.text.is_empty() && !log.text.ends_with('\n');
        self.request.skip_lines = log.line_count - u64::from(is_open);
        self.printed = match is_open {
            true => log.text.rsplit('\n').next().map_or(0, str::len),
            false => 0,
        };
        self.request.tail_lines = None;
        Ok(!log.ended && self.left != Some(0))
    }

    fn print(&mut self, text: &str, world: &mut World<'_>) {
        let mut bytes = text.as_bytes();
        if let Some(left) = &mut self.left {
            bytes = bytes.get(..*left).unwrap_or(bytes);
            *left -= bytes.len();
        }
        if self.prefix.is_empty() {
            return world.output.out(bytes);
        }
        for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            if index > 0 || self.printed == 0 {
                world.print(&self.prefix);
            }
            world.output.out(line);
        }
    }
}

/// Prints the log of a container as it is, as `run` does when there is nothing to attach to.
pub(super) fn print_all(
    pod: ObjectKey,
    container: EcoString,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let request = LogRequest {
        pod,
        container,
        previous: false,
        tail_lines: None,
        since: None,
        timestamps: false,
        skip_lines: 0,
    };
    let mut log = Tail { request, prefix: "".into(), printed: 0, left: None };
    log.read(world)?;
    Ok(())
}

impl Follow {
    /// Prints what has come; ends with the containers.
    pub fn poll(mut self, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
        let first = !self.begun;
        self.begun = true;
        let mut open = Vec::new();
        for mut log in self.logs {
            match log.read(world) {
                Ok(true) => open.push(log),
                Ok(false) => {}
                // A Pod that is gone ends its log.
                Err(_) if !first => {}
                Err(status) if invocation.is_true("ignore-errors") => {
                    let sentence = Failure::from(status).sentence();
                    world.print_line(&format!("error: {sentence}"));
                }
                Err(status) => return Err(status.into()),
            }
        }
        self.logs = open;
        match self.logs.is_empty() {
            true => Ok(Flow::Done(0)),
            false => Ok(Flow::Wait(Running::Logs(self), None)),
        }
    }
}
