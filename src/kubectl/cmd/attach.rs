//! `kubectl attach`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/attach/attach.go`.

use crate::api::object::{Object, ObjectKey};
use crate::api::value::EcoString;
use crate::client::node::{AttachRequest, Input, StreamId};
use crate::kubectl::cmd::{Running, exec};
use crate::kubectl::command::{Command, Flag};
use crate::kubectl::container;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new("attach", &[FLAGS, exec::FLAGS], run)];

static FLAGS: &[Flag] = &[Flag::text("detach-keys").default("ctrl-p,ctrl-q")];

const ADVICE: &str = "All commands and output from this session will be recorded in container \
                      logs, including credentials and sensitive information passed through the \
                      command prompt.";
const PROMPT: &str = "If you don't see a command prompt, try pressing enter.";

/// Says what a session is about to be.
pub fn greet(world: &mut World<'_>) {
    world.complain(ADVICE);
    world.complain(PROMPT);
}

/// What is said at the end of a session in a terminal (`reattachMessage`).
pub fn farewell(pod: &ObjectKey, container: &str) -> String {
    let (name, namespace) = (&pod.name, &pod.namespace);
    format!(
        "Session ended, resume using 'kubectl attach {name} -c {container} -n {namespace} -i -t' \
         command"
    )
}

/// A session with a container's main process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stream {
    id: StreamId,
    stdin: bool,
    /// Whether keys go through a terminal, Ctrl-C too.
    raw: bool,
    interrupt: bool,
    /// What is said at the end.
    farewell: Option<EcoString>,
}

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let pod = find_pod(invocation, world)?;
    exec::refuse_completed(&pod, "attach")?;
    let announce = !invocation.is_true("quiet");
    let name = container::choose(&pod, invocation.text("container"), announce, world)
        .map_err(|why| format!("cannot attach to the container: {}", why.sentence()))
        .map_err(Failure::message)?;
    let stdin = invocation.is_true("stdin");
    let wanted = wants_terminal(invocation, &pod, &name, world);
    let raw = exec::set_up_terminal(wanted, invocation, world);
    if announce {
        greet(world);
    }
    let request = AttachRequest { pod: pod.key(), container: name.clone(), stdin, tty: raw };
    let id = world.client.attach(&request).map_err(|status| Failure::message(status.message))?;
    let farewell = (announce && raw).then(|| farewell(&pod.key(), &name).into());
    Stream { id, stdin, raw, interrupt: false, farewell }.poll(world)
}

/// The Pod that the arguments name: itself, or one of a workload.
fn find_pod(invocation: &Invocation, world: &mut World<'_>) -> Result<Object, Failure> {
    let target = match invocation.args.as_slice() {
        [] => return Err(Failure::message("at least 1 argument is required for attach")),
        [target] => vec![target.clone()],
        [kind, name] => vec![EcoString::from(format!("{kind}/{name}"))],
        args => {
            return Err(Failure::message(format!(
                "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {}: [{}]",
                args.len(),
                args.join(" ")
            )));
        }
    };
    if invocation.micros("pod-running-timeout") <= 0 {
        return Err(Failure::message("--pod-running-timeout must be higher than zero"));
    }
    let object = exec::find_object(invocation, &target, world)?;
    container::attachable_pod(&object, world)
}

/// A terminal is wanted if the container has one.
fn wants_terminal(
    invocation: &Invocation,
    pod: &Object,
    name: &str,
    world: &mut World<'_>,
) -> bool {
    let containers = pod.spec().get("containers").items();
    let container = containers.iter().find(|container| container.get("name").str() == name);
    let has = container.is_some_and(|container| container.get("tty").is_true());
    if invocation.is_true("tty") && !has {
        if !invocation.is_true("quiet") {
            world.complain(&format!(
                "error: Unable to use a TTY - container {name} did not allocate one"
            ));
        }
    }
    has
}

impl Stream {
    /// Hands input over and prints what came out, until the container ends.
    pub fn poll(mut self, world: &mut World<'_>) -> Outcome {
        let interrupt = std::mem::take(&mut self.interrupt);
        let input = Input { interrupt, ..Input::default() };
        if exec::exchange(self.id, input, self.stdin, world).is_none() {
            return Ok(Flow::Wait(Running::Attach(self), None));
        }
        if let Some(farewell) = &self.farewell {
            world.print_line(farewell);
        }
        Ok(Flow::Done(0))
    }

    /// Whether Ctrl-C goes to the container.
    pub fn takes_interrupt(&self) -> bool {
        self.raw
    }

    /// Ctrl-C goes to the container.
    pub fn interrupt(&mut self) {
        self.interrupt = true;
    }
}
