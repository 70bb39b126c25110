//! `kubectl attach`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/attach/attach.go`.

use crate::api::object::Object;
use crate::api::value::EcoString;
use crate::client::node::{AttachRequest, Input, StreamId};
use crate::kubectl::cmd::{Running, exec};
use crate::kubectl::command::{Command, FILENAME_FLAGS};
use crate::kubectl::container;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new("attach", &[FILENAME_FLAGS, exec::FLAGS], run)];

/// What is printed before input goes into a container.
pub const ADVICE: &str = "All commands and output from this session will be recorded in \
                          container logs, including credentials and sensitive information passed \
                          through the command prompt.";
/// What is printed before output comes out of it.
pub const PROMPT: &str = "If you don't see a command prompt, try pressing enter.";

/// A session with a container's main process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stream {
    id: StreamId,
    stdin: bool,
    interrupt: bool,
    /// What is said at the end of a session in a terminal.
    farewell: Option<EcoString>,
}

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let pod = find_pod(invocation, world)?;
    exec::refuse_completed(&pod, "attach")?;
    let announce = !invocation.is_true("quiet");
    let name = container::choose(&pod, invocation.text("container"), announce, world)?;
    let stdin = invocation.is_true("stdin");
    let tty = wants_terminal(invocation, &pod, &name, world);
    if announce {
        if stdin {
            world.complain(ADVICE);
        }
        world.complain(PROMPT);
    }
    let request = AttachRequest { pod: pod.key(), container: name.clone(), stdin, tty };
    let id = world.client.attach(&request).map_err(|status| Failure::message(status.message))?;
    let stays = pod.spec().get("restartPolicy").str() == "Always";
    let farewell = (announce && stdin && tty && stays).then(|| {
        let pod = pod.name();
        let command = format!("kubectl attach {pod} -c {name} -i -t");
        format!("Session ended, resume using '{command}' command when the pod is running").into()
    });
    Stream { id, stdin, interrupt: false, farewell }.poll(world)
}

/// The Pod that the arguments name: itself, or one of a workload.
fn find_pod(invocation: &Invocation, world: &mut World<'_>) -> Result<Object, Failure> {
    let target = match invocation.args.as_slice() {
        [] if invocation.list("filename").is_empty() => {
            return Err(invocation.usage("at least 1 argument is required for attach"));
        }
        [kind, name] => vec![EcoString::from(format!("{kind}/{name}"))],
        args if args.len() < 2 => args.to_vec(),
        args => {
            let words: Vec<&str> = args.iter().map(EcoString::as_str).collect();
            return Err(invocation.usage(&format!(
                "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {}: [{}]",
                words.len(),
                words.join(" ")
            )));
        }
    };
    let object = exec::find_object(invocation, &target, world)?;
    container::attachable_pod(&object, world)
}

/// A terminal is there if the container has one and this side has one.
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
        return false;
    }
    if has && !world.stdin.terminal {
        world.complain("Unable to use a TTY - input is not a terminal or the right kind of file");
        return false;
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
        self.farewell.is_some()
    }

    /// Ctrl-C goes to the container.
    pub fn interrupt(&mut self) {
        self.interrupt = true;
    }
}
