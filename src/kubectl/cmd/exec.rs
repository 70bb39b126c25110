//! `kubectl exec`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/exec/exec.go`.

use crate::api::object::Object;
use crate::api::value::EcoString;
use crate::client::node::{ExecRequest, Input, StreamId};
use crate::kubectl::cmd::Running;
use crate::kubectl::command::{Command, FILENAME_FLAGS, Flag};
use crate::kubectl::container;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::Builder;

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new("exec", &[FILENAME_FLAGS, FLAGS], run)];

/// How to get into a container; `attach` has the same.
pub(super) static FLAGS: &[Flag] = &[
    Flag::text("container").short('c'),
    Flag::duration("pod-running-timeout", "1m0s"),
    Flag::bool("quiet").short('q'),
    Flag::bool("stdin").short('i'),
    Flag::bool("tty").short('t'),
];

/// A command that runs in a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stream {
    id: StreamId,
    stdin: bool,
    /// Whether keys go through a terminal, Ctrl-C too.
    raw: bool,
    interrupt: bool,
}

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let (target, command) = split(invocation)?;
    let stdin = invocation.is_true("stdin");
    let object = find_object(invocation, &target, world)?;
    let pod = container::attachable_pod(&object, world)?;
    let container =
        container::choose(&pod, invocation.text("container"), !invocation.is_true("quiet"), world)?;
    let raw = set_up_terminal(invocation.is_true("tty"), invocation, world);
    let words: Vec<&str> = command.iter().map(EcoString::as_str).collect();
    let id = start(&pod, container, &words, (stdin, raw), world)?;
    Stream { id, stdin, raw, interrupt: false }.poll(world)
}

/// Whether there will be a terminal: one is wanted, input is handed over, and comes from one.
///
/// Models StreamOptions.SetupTTY.
pub(super) fn set_up_terminal(
    wanted: bool,
    invocation: &Invocation,
    world: &mut World<'_>,
) -> bool {
    if !wanted || !invocation.is_true("stdin") {
        return false;
    }
    if !world.stdin.terminal && !invocation.is_true("quiet") {
        world.complain("Unable to use a TTY - input is not a terminal or the right kind of file");
    }
    world.stdin.terminal
}

/// Starts a command in a container (`ExecOptions.Run`).
pub fn start(
    pod: &Object,
    container: EcoString,
    command: &[&str],
    (stdin, tty): (bool, bool),
    world: &mut World<'_>,
) -> Result<StreamId, Failure> {
    refuse_completed(pod, "exec into")?;
    let command = command.iter().map(|word| EcoString::from(*word)).collect();
    let request = ExecRequest { pod: pod.key(), container, command, stdin, tty };
    world.client.exec(&request).map_err(|status| Failure::message(status.message))
}

/// Nothing runs any more in a Pod that has ended.
pub(super) fn refuse_completed(pod: &Object, what: &str) -> Result<(), Failure> {
    match pod.status().get("phase").str() {
        phase @ ("Succeeded" | "Failed") => Err(Failure::message(format!(
            "cannot {what} a container in a completed pod; current phase is {phase}"
        ))),
        _ => Ok(()),
    }
}

/// The Pod's words before `--` and the command's after it.
fn split(invocation: &Invocation) -> Result<(Vec<EcoString>, Vec<EcoString>), Failure> {
    let args = &invocation.args;
    let Some(dash) = invocation.args_before_dash else {
        return Err(match args.len() {
            0 if invocation.list("filename").is_empty() => no_pod(),
            1 => Failure::message("you must specify at least one command for the container"),
            _ => invocation.usage(
                "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead",
            ),
        });
    };
    let (target, command) = args.split_at((dash as usize).min(args.len()));
    if target.is_empty() && invocation.list("filename").is_empty() {
        return Err(no_pod());
    }
    if command.is_empty() {
        return Err(Failure::message("you must specify at least one command for the container"));
    }
    Ok((target.to_vec(), command.to_vec()))
}

fn no_pod() -> Failure {
    Failure::message("pod, type/name or --filename must be specified")
}

/// The object that the words name; a bare name is a Pod's.
pub(super) fn find_object(
    invocation: &Invocation,
    target: &[EcoString],
    world: &mut World<'_>,
) -> Result<Object, Failure> {
    let named = match target.first() {
        Some(name) if !name.contains('/') => vec![EcoString::from(format!("pods/{name}"))],
        _ => target.to_vec(),
    };
    let found = Builder::new(invocation).arguments(&named).find(world)?;
    let info = found.infos()?.into_iter().next().ok_or_else(no_pod)?;
    match info.object {
        Some(object) => Ok(object),
        None => Ok(info.get(world)?),
    }
}

/// Hands over what was typed, if that is wanted, and prints what came out; the exit code if that
/// was all.
pub(super) fn exchange(
    id: StreamId,
    mut input: Input,
    stdin: bool,
    world: &mut World<'_>,
) -> Option<i32> {
    if stdin {
        input.bytes = std::mem::take(&mut world.stdin.bytes);
        input.closed = world.stdin.closed;
    }
    let output = world.client.stream(id, input);
    world.output.out(&output.stdout);
    world.output.err(&output.stderr);
    output.exit
}

impl Stream {
    /// Hands input over and prints what came out.
    pub fn poll(mut self, world: &mut World<'_>) -> Outcome {
        let interrupt = std::mem::take(&mut self.interrupt);
        let input = Input { interrupt, closed: !self.stdin, ..Input::default() };
        match exchange(self.id, input, self.stdin, world) {
            None => Ok(Flow::Wait(Running::Exec(self), None)),
            Some(0) => Ok(Flow::Done(0)),
            Some(code) => {
                world.complain(&format!("command terminated with exit code {code}"));
                Ok(Flow::Done(code))
            }
        }
    }

    /// Whether Ctrl-C goes to the command.
    pub fn takes_interrupt(&self) -> bool {
        self.raw
    }

    /// Ctrl-C goes to the command.
    pub fn interrupt(&mut self) {
        self.interrupt = true;
    }
}
