//! The shell as a machine that can be stopped, cloned and compared at any moment.
//!
//! A machine is a small process tree: shells with explicit stacks of frames, and external
//! commands the host runs. [`Machine::step`] lets all of it run until everything waits.

mod descriptors;
mod external;
mod frames;
mod interactive;
mod redirect;
mod run;
mod signal;
mod simple;
mod step;
mod unwind;

use std::collections::BTreeMap;
use std::rc::Rc;

use ecow::EcoString;

pub(super) use descriptors::ReadLine;
pub use interactive::Feed;
pub(super) use run::Run;

use super::expand::Captured;
use super::host::{Environment, Finished, Flavour, Output, Pipe, ProcessId, Signal};
use super::parser::{self, SyntaxError};
use super::shell::{Mode, Shell, Variable};
use super::syntax::{Chain, Command, List, Pipeline};

/// How a machine begins.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// What `sh` is here, and whose words the shell uses.
    pub flavour: Flavour,
    /// The working directory, absolute.
    pub cwd: EcoString,
    /// Variables of the first process.
    pub env: Environment,
    /// Number of the first process; 1 is an init that ignores signals it has no trap for.
    pub first_pid: u32,
    /// Columns of the terminal that standard input and output are, if they are one.
    pub terminal: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            flavour: Flavour::Gnu,
            cwd: "/".into(),
            env: Environment::new(),
            first_pid: 100,
            terminal: None,
        }
    }
}

/// What [`Machine::step`] ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The first process ended.
    Exited(i32),
    /// Everything waits: for input, for the host, at the latest until this time (milliseconds).
    Blocked {
        /// When to step again even if nothing happened.
        until: Option<u64>,
    },
    /// An interactive shell is ready for the next line.
    Idle,
}

/// A process tree with its pipes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Machine {
    processes: BTreeMap<u32, Process>,
    descriptions: BTreeMap<u32, Description>,
    next_description: u32,
    next_pid: u32,
    root: u32,
    settings: Settings,
    /// Standard input from outside.
    pub input: Pipe,
    /// What came out and was not taken yet.
    output: Output,
    /// Text of an unfinished interactive command.
    unfinished: EcoString,
    /// Operations left in this step.
    budget: u32,
    /// The first process is a shell that gets its lines from [`Machine::feed`].
    fed: bool,
}

/// What an open file stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Description {
    /// `/dev/null`.
    Null,
    /// Standard input, output or error of the machine.
    Outside(u8),
    /// Between two processes.
    Pipe(Pipe),
    /// The output of a command substitution.
    Capture(Vec<u8>),
    /// The ordered output of a command that another one asked for.
    Collect(u32),
    /// A file.
    File { path: EcoString, offset: usize, append: bool },
}

/// An entry of a process's table of open files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Descriptor {
    description: u32,
    read: bool,
    write: bool,
}

type Descriptors = BTreeMap<u32, Descriptor>;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Process {
    parent: u32,
    descriptors: Descriptors,
    /// What redirections of compound commands hid, innermost last.
    saved: Vec<Vec<(u32, Option<Descriptor>)>>,
    body: Body,
    exit: Option<i32>,
    pending: Vec<Signal>,
    background: bool,
    /// Ordered output for the process that asked for this one.
    collected: Output,
    /// For `ps` and `jobs`.
    title: EcoString,
    /// The command was not found.
    missing: bool,
    /// The signal that ended it.
    killed: Option<Signal>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Body {
    Shell(Box<ShellBody>),
    External(Box<External>),
    /// Taken out while it runs, or gone.
    Gone,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ShellBody {
    pub shell: Shell,
    stack: Vec<Frame>,
    /// The exit code already decided, while the `EXIT` trap runs.
    exiting: Option<i32>,
    pub jobs: Vec<Job>,
}

/// A command in the background.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Job {
    pub number: u32,
    pub pid: u32,
    pub text: EcoString,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct External {
    /// None before the start.
    id: Option<ProcessId>,
    argv: Vec<EcoString>,
    env: Environment,
    cwd: EcoString,
    until: Option<u64>,
    /// What it knew at the last poll; it is polled again when that changes.
    seen: Option<(usize, bool, usize, bool)>,
    child: Option<u32>,
    finished: Option<Finished>,
    /// The shell's beginning of a "not found" message.
    shell: Option<Box<Shell>>,
}

/// What a shell process is in the middle of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Frame {
    /// Complete lines of a script, and the error after them.
    Lines(Rc<Vec<Rc<List>>>, usize, Option<Rc<SyntaxError>>),
    List(Rc<List>, usize),
    Chain(Rc<Chain>, usize),
    /// A pipeline whose members run; when it began; their exit codes.
    Pipeline(Rc<Pipeline>, u64, Vec<u32>),
    Command(Rc<Command>, Pending),
    /// Branch, and whether its body runs.
    If(Rc<Command>, usize, bool),
    /// Whether the condition runs; the exit code of the last body.
    While(Rc<Command>, bool, i32),
    For(Rc<Command>, Rc<Vec<EcoString>>, usize),
    ArithmeticFor(Rc<Command>, ForStage, Pending),
    /// The arms from this one on, the subject, and whether bodies fall through.
    Case(Rc<Command>, usize, EcoString, Pending),
    /// Files made for `<( )` go.
    Remove(Vec<EcoString>),
    /// Undo the innermost redirections.
    Restore,
    /// Undo assignments before a builtin or function.
    Unassign(Vec<(EcoString, Option<Variable>)>),
    /// A function: the caller's `$@` comes back.
    Function(Rc<Vec<EcoString>>),
    /// `source` or `eval`: whether it is a boundary for `return`, and `$@` to bring back.
    Sourced(bool, Option<Rc<Vec<EcoString>>>),
    /// A child in the foreground.
    Wait(u32),
    /// `wait`: for these; the exit code of the last counts.
    WaitJobs(Vec<u32>, i32, bool),
    /// `read`.
    Read(Rc<super::builtins::ReadRequest>, EcoString),
    /// A trap: `$?` comes back.
    Trap(i32),
    /// A shell reading commands from standard input.
    Reader(EcoString, bool),
    /// The `!` of a single command.
    Negate,
    /// The `time` of a single command.
    Time(u64, bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ForStage {
    Start,
    Test,
    Step,
}

/// The expansion of a command, perhaps waiting for a substitution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Pending {
    memo: Vec<Captured>,
    /// The child, where its output goes, whether as a file.
    waiting: Option<(u32, u32, bool)>,
    /// Files made for `<( )`.
    files: Vec<EcoString>,
}

/// Where control goes when it leaves a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Flow {
    Break(u32),
    Continue(u32),
    Return(i32),
    /// An error ends the current line.
    Discard(i32),
    Exit(i32),
}

impl Machine {
    fn empty(settings: Settings) -> Self {
        let mut descriptions = BTreeMap::new();
        for stream in 0..3 {
            descriptions.insert(u32::from(stream), Description::Outside(stream));
        }
        Self {
            processes: BTreeMap::new(),
            descriptions,
            next_description: 3,
            next_pid: settings.first_pid,
            root: settings.first_pid,
            settings,
            input: Pipe::default(),
            output: Output::default(),
            unfinished: EcoString::new(),
            budget: 0,
            fed: false,
        }
    }

    fn outside_descriptors() -> Descriptors {
        let open = |description: u32| Descriptor {
            description,
            read: description == 0,
            write: description != 0,
        };
        (0..3).map(|number| (number, open(number))).collect()
    }

    /// A process that runs one command, as a container runtime starts it.
    ///
    /// Shells (`sh`, `bash`, `ash`) run in this machine; everything else is the host's. If the
    /// command does not exist the machine exits with 127.
    pub fn command(argv: Vec<EcoString>, settings: Settings) -> Self {
        let mut machine = Self::empty(settings);
        let (env, cwd) = (machine.settings.env.clone(), machine.settings.cwd.clone());
        let body = machine.external_or_shell(argv.clone(), env, cwd, machine.root);
        machine.next_pid += 1;
        let root = machine.root;
        machine.insert(root, 0, Self::outside_descriptors(), body, argv.join(" ").into());
        machine
    }

    /// `sh -c script name args...`.
    pub fn script(script: &str, args: &[EcoString], settings: Settings) -> Self {
        let program = if settings.flavour == Flavour::Gnu { "bash" } else { "sh" };
        let mut argv: Vec<EcoString> = vec![program.into(), "-c".into(), script.into()];
        argv.extend_from_slice(args);
        Self::command(argv, settings)
    }

    fn insert(
        &mut self,
        pid: u32,
        parent: u32,
        descriptors: Descriptors,
        body: Body,
        title: EcoString,
    ) {
        let process = Process {
            parent,
            descriptors,
            saved: Vec::new(),
            body,
            exit: None,
            pending: Vec::new(),
            background: false,
            collected: Output::default(),
            title,
            missing: false,
            killed: None,
        };
        self.processes.insert(pid, process);
    }

    /// Adds bytes to standard input.
    pub fn write_input(&mut self, bytes: &[u8]) {
        self.input.push(bytes);
    }

    /// Ends standard input (Ctrl-D).
    pub fn close_input(&mut self) {
        self.input.closed = true;
    }

    /// Takes everything printed since the last call, in order.
    pub fn take_output(&mut self) -> Output {
        std::mem::take(&mut self.output)
    }

    /// Whether a process waits for input from outside.
    pub fn reads_input(&self) -> bool {
        self.input.is_empty()
            && self.processes.values().any(|process| {
                let outside = process.descriptors.get(&0).is_some_and(|open| {
                    matches!(
                        self.descriptions.get(&open.description),
                        Some(Description::Outside(0))
                    )
                });
                let waits = match &process.body {
                    Body::External(external) => external.child.is_none(),
                    Body::Shell(body) => {
                        matches!(body.stack.last(), Some(Frame::Read(..) | Frame::Reader(..)))
                    }
                    Body::Gone => false,
                };
                outside && process.exit.is_none() && !process.background && waits
            })
    }

    /// Numbers and command lines of the processes, in order.
    pub fn processes(&self) -> Vec<(u32, EcoString)> {
        let alive = self.processes.iter().filter(|(_, process)| process.exit.is_none());
        alive.map(|(pid, process)| (*pid, process.title.clone())).collect()
    }

    /// The exit code of the first process, once it has ended.
    pub fn exit_code(&self) -> Option<i32> {
        self.processes.get(&self.root).and_then(|process| process.exit)
    }

    /// The state of the first process, if it is a shell.
    pub fn shell(&self) -> Option<&Shell> {
        match &self.processes.get(&self.root)?.body {
            Body::Shell(body) => Some(&body.shell),
            _ => None,
        }
    }

    /// As [`Self::shell`], to set variables from outside.
    pub fn shell_mut(&mut self) -> Option<&mut Shell> {
        match &mut self.processes.get_mut(&self.root)?.body {
            Body::Shell(body) => Some(&mut body.shell),
            _ => None,
        }
    }

    /// A shell process reading this text.
    fn shell_lines(shell: &Shell, text: &str) -> Frame {
        let none = imbl::OrdMap::new();
        let aliases = if shell.interactive() { &shell.aliases } else { &none };
        let parsed = parser::parse(text, shell.flavour, aliases);
        Frame::Lines(Rc::new(parsed.lines), 0, parsed.error.map(Rc::new))
    }
}

/// The shell an argument vector names: its flavour.
fn shell_flavour(program: &str, settings: &Settings) -> Option<Flavour> {
    let name = program.rsplit('/').next().unwrap_or(program);
    match name {
        "bash" => Some(Flavour::Gnu),
        "sh" if settings.flavour == Flavour::Gnu => Some(Flavour::Gnu),
        "sh" | "ash" | "dash" => Some(Flavour::Busybox),
        _ => None,
    }
}

/// How a shell mode is written down for a new shell process.
struct ShellArgs {
    mode: Mode,
    name: EcoString,
    positional: Vec<EcoString>,
    script: Option<EcoString>,
    flags: Vec<EcoString>,
    interactive: bool,
}
