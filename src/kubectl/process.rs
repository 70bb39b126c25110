//! One running kubectl as a value.
//!
//! Models the life of the kubectl process: `cmd/kubectl/kubectl.go` and `cmdutil.CheckErr`.

use std::collections::BTreeMap;

use super::cmd::Running;
use super::command;
use super::errors::{self, Failure};
use super::files::Files;
use super::impersonation::{self, Impersonated};
use super::invocation::Invocation;
use crate::api::status::Status;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::apiserver::request::{Request, Response, Verb};
use crate::client::Client;

/// Environment variables.
pub type Environment = BTreeMap<EcoString, EcoString>;

/// A kubectl between its start and its exit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    invocation: Result<Box<Invocation>, Failure>,
    state: State,
    interrupted: bool,
    /// Warnings that were printed: each is printed once.
    warned: Vec<EcoString>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State {
    Starting,
    Running(Box<Running>),
    Exited(i32),
}

/// What a kubectl reaches: the cluster, the working directory, its streams.
pub struct World<'a> {
    /// The cluster.
    pub client: &'a mut dyn Client,
    /// The learner's files.
    pub files: &'a mut dyn Files,
    /// Standard input.
    pub stdin: &'a mut Stdin,
    /// Standard output and standard error.
    pub output: &'a mut dyn Streams,
    /// The exit code of the child asked for by [`Poll::RunChild`], once.
    pub child: Option<i32>,
}

/// Where kubectl writes. Both streams often end in one terminal, so their order counts.
pub trait Streams {
    /// Adds to standard output.
    fn out(&mut self, bytes: &[u8]);

    /// Adds to standard error.
    fn err(&mut self, bytes: &[u8]);
}

/// Streams that let a warning through only once (`rest.WarningWriterOptions.Deduplicate`).
struct OnceWarned<'a> {
    streams: &'a mut dyn Streams,
    warned: &'a mut Vec<EcoString>,
}

impl Streams for OnceWarned<'_> {
    fn out(&mut self, bytes: &[u8]) {
        self.streams.out(bytes);
    }

    fn err(&mut self, bytes: &[u8]) {
        if bytes.starts_with(b"Warning: ") {
            let line = EcoString::from(String::from_utf8_lossy(bytes).as_ref());
            if self.warned.contains(&line) {
                return;
            }
            self.warned.push(line);
        }
        self.streams.err(bytes);
    }
}

/// Standard input: what has come and not been read yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stdin {
    /// Bytes to read; the reader takes them out.
    pub bytes: Vec<u8>,
    /// Whether nothing more will come.
    pub closed: bool,
    /// Whether it is a terminal.
    pub terminal: bool,
}

/// Where a process stands after a poll.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Poll {
    /// It waits for the cluster or its input, at the latest until then.
    Running {
        /// When it wants to be polled even if nothing changed.
        until: Option<Time>,
    },
    /// It waits for a command line of the shell (the editor of `kubectl edit`).
    RunChild {
        /// What to run.
        command: EcoString,
    },
    /// It is over.
    Exited(i32),
}

/// What a verb wants after it ran for a while.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Flow {
    /// It is done, with this exit code.
    Done(i32),
    /// It goes on at the next poll, at the latest at this time.
    Wait(Running, Option<Time>),
    /// It goes on when this command line has run.
    RunChild(Running, EcoString),
}

/// How a verb ends or goes on.
pub type Outcome = Result<Flow, Failure>;

impl World<'_> {
    /// Writes text to standard output.
    pub fn print(&mut self, text: &str) {
        self.output.out(text.as_bytes());
    }

    /// Writes a line to standard output.
    pub fn print_line(&mut self, line: &str) {
        self.print(line);
        self.output.out(b"\n");
    }

    /// Writes a line to standard error.
    pub fn complain(&mut self, line: &str) {
        self.output.err(format!("{line}\n").as_bytes());
    }

    /// Makes a request and writes all warnings, those of the answer too.
    pub fn send(&mut self, request: &Request) -> Result<Response, Status> {
        let response = self.request(request)?;
        self.warn(&response.warnings);
        Ok(response)
    }

    /// Makes a request; the warnings of a refusal are written, those of an answer are with it.
    pub fn request(&mut self, request: &Request) -> Result<Response, Status> {
        check_path(request)?;
        let result = self.client.request(request);
        if let Err(status) = &result {
            self.warn(&status.details.warnings);
        }
        result
    }

    /// Writes `Warning:` headers to standard error as client-go does.
    pub fn warn(&mut self, warnings: &[EcoString]) {
        for warning in warnings {
            self.complain(&format!("Warning: {warning}"));
        }
    }
}

/// Refuses names that no address can be made of, without asking the server.
///
/// Models rest.Request.Name, rest.Request.Namespace and content.IsValidPathSegmentName.
fn check_path(request: &Request) -> Result<(), Status> {
    let complain = |text: String| Err(Status::new(Status::LOCAL, "", text));
    let namespace = request.key.namespace.as_str();
    if let Some(why) = path_segment_fault(namespace) {
        return complain(format!("invalid namespace {namespace:?}: [{why}]"));
    }
    let name = request.key.name.as_str();
    match request.verb {
        Verb::List(_) | Verb::Create(_) => Ok(()),
        _ if name.is_empty() => complain("resource name may not be empty".into()),
        _ => match path_segment_fault(name) {
            Some(why) => complain(format!("invalid resource name {name:?}: [{why}]")),
            None => Ok(()),
        },
    }
}

fn path_segment_fault(segment: &str) -> Option<&'static str> {
    match segment {
        "." => Some("may not be '.'"),
        ".." => Some("may not be '..'"),
        _ if segment.contains('/') => Some("may not contain '/'"),
        _ if segment.contains('%') => Some("may not contain '%'"),
        _ => None,
    }
}

impl Process {
    /// A kubectl with these arguments (without the word `kubectl`), which has not run yet.
    pub fn start(arguments: Vec<EcoString>, environment: Environment) -> Process {
        Process {
            invocation: Invocation::parse(&arguments, &environment).map(Box::new),
            state: State::Starting,
            interrupted: false,
            warned: Vec::new(),
        }
    }

    /// Lets it run as far as it gets. Called after each step of the cluster and whenever input
    /// came; cheap while nothing changed.
    pub fn poll(&mut self, world: &mut World<'_>) -> Poll {
        let mut warned = std::mem::take(&mut self.warned);
        let invocation = self.invocation.as_deref().ok();
        let stranger = invocation.and_then(impersonation::stranger);
        let mut impersonated;
        let client: &mut dyn Client = match &stranger {
            None => &mut *world.client,
            Some(user) => {
                impersonated = Impersonated { client: &mut *world.client, user };
                &mut impersonated
            }
        };
        let mut world = World {
            client,
            files: &mut *world.files,
            stdin: &mut *world.stdin,
            output: &mut OnceWarned { streams: &mut *world.output, warned: &mut warned },
            child: world.child,
        };
        let poll = self.advance(&mut world);
        self.warned = warned;
        poll
    }

    fn advance(&mut self, world: &mut World<'_>) -> Poll {
        let outcome = match std::mem::replace(&mut self.state, State::Exited(130)) {
            State::Exited(code) => Ok(Flow::Done(code)),
            _ if self.interrupted => Ok(Flow::Done(130)),
            State::Starting if self.waits_for_input(world) => {
                self.state = State::Starting;
                return Poll::Running { until: None };
            }
            State::Starting => self.begin(world),
            State::Running(running) => match &self.invocation {
                Ok(invocation) => running.poll(invocation, world),
                Err(failure) => Err(failure.clone()),
            },
        };
        self.settle(outcome, world)
    }

    /// Whether a file is to be read from standard input that has not ended yet.
    fn waits_for_input(&self, world: &World<'_>) -> bool {
        let Ok(invocation) = &self.invocation else { return false };
        !world.stdin.closed && invocation.list("filename").iter().any(|file| file == "-")
    }

    fn begin(&mut self, world: &mut World<'_>) -> Outcome {
        let invocation = self.invocation.as_mut().map_err(|failure| failure.clone())?;
        if let Some(page) = invocation.help_wanted() {
            return page.show(world);
        }
        invocation.load_context(world)?;
        (command::find(invocation.command).run)(invocation, world)
    }

    fn settle(&mut self, outcome: Outcome, world: &mut World<'_>) -> Poll {
        let (state, poll) = match outcome {
            Ok(Flow::Done(code)) => (State::Exited(code), Poll::Exited(code)),
            Ok(Flow::Wait(running, until)) => {
                (State::Running(Box::new(running)), Poll::Running { until })
            }
            Ok(Flow::RunChild(running, command)) => {
                (State::Running(Box::new(running)), Poll::RunChild { command })
            }
            Err(failure) => {
                let code = errors::report(&failure, world);
                (State::Exited(code), Poll::Exited(code))
            }
        };
        self.state = state;
        poll
    }

    /// Ctrl-C: a verb that follows something ends, one in a container passes it on.
    pub fn interrupt(&mut self) {
        match &mut self.state {
            State::Running(running) if running.takes_interrupt() => running.interrupt(),
            _ => self.interrupted = true,
        }
    }

    /// Whether Ctrl-C has ended it.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted
    }
}
