//! What a shell lives in: the learner's terminal or a container, as traits and plain data.

use std::collections::{BTreeMap, VecDeque};

use ecow::EcoString;

use super::files::{Errno, FileSystem};

/// Exported variables of a process.
pub type Environment = BTreeMap<EcoString, EcoString>;

/// The host's own number for an external command it runs.
pub type ProcessId = u64;

/// Whose words error messages use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// bash 5 and the GNU tools: the learner's terminal.
    #[default]
    Gnu,
    /// busybox 1.35: most containers.
    Busybox,
}

/// A signal a process can get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signal(pub u8);

impl Signal {
    /// Hang-up.
    pub const HUP: Self = Self(1);
    /// Ctrl-C.
    pub const INT: Self = Self(2);
    /// Ctrl-\.
    pub const QUIT: Self = Self(3);
    /// Cannot be caught.
    pub const KILL: Self = Self(9);
    /// A write nobody reads.
    pub const PIPE: Self = Self(13);
    /// The polite request to end.
    pub const TERM: Self = Self(15);

    const NAMES: [(&'static str, u8); 29] = [
        ("HUP", 1),
        ("INT", 2),
        ("QUIT", 3),
        ("ILL", 4),
        ("TRAP", 5),
        ("ABRT", 6),
        ("BUS", 7),
        ("FPE", 8),
        ("KILL", 9),
        ("USR1", 10),
        ("SEGV", 11),
        ("USR2", 12),
        ("PIPE", 13),
        ("ALRM", 14),
        ("TERM", 15),
        ("STKFLT", 16),
        ("CHLD", 17),
        ("CONT", 18),
        ("STOP", 19),
        ("TSTP", 20),
        ("TTIN", 21),
        ("TTOU", 22),
        ("URG", 23),
        ("XCPU", 24),
        ("XFSZ", 25),
        ("VTALRM", 26),
        ("PROF", 27),
        ("WINCH", 28),
        ("IO", 29),
    ];

    /// Reads `TERM`, `SIGTERM`, `term` or `15`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse::<u8>() {
            return (number <= 64).then_some(Self(number));
        }
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, number)| Self(*number))
    }

    /// The name without `SIG`.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, number)| *number == self.0).map_or("?", |(name, _)| name)
    }

    /// The names in order of their numbers.
    pub fn all() -> impl Iterator<Item = (&'static str, u8)> {
        Self::NAMES.iter().copied()
    }

    /// The exit code of a process this signal ended.
    pub fn exit_code(self) -> i32 {
        128 + i32::from(self.0)
    }

    /// Whether a process that does not care survives it.
    pub fn ignored_by_default(self) -> bool {
        matches!(self.0, 0 | 17 | 18 | 23 | 28)
    }
}

/// Standard output or standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// Bytes in order, with the stream they went to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Output(pub Vec<(Stream, Vec<u8>)>);

impl Output {
    /// Adds bytes at the end.
    pub fn write(&mut self, stream: Stream, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some((last, old)) if *last == stream => old.extend_from_slice(bytes),
            _ => self.0.push((stream, bytes.to_vec())),
        }
    }

    /// Adds text to standard output.
    pub fn out(&mut self, text: &str) {
        self.write(Stream::Out, text.as_bytes());
    }

    /// Adds text to standard error.
    pub fn err(&mut self, text: &str) {
        self.write(Stream::Err, text.as_bytes());
    }

    /// How many bytes wait here.
    pub fn len(&self) -> usize {
        self.0.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// Whether nothing waits here.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What went to one stream, as text.
    pub fn text(&self, stream: Stream) -> String {
        let chosen = self.0.iter().filter(|(which, _)| *which == stream);
        let bytes: Vec<u8> = chosen.flat_map(|(_, bytes)| bytes.iter().copied()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Both streams in the order they were written, as on a terminal.
    pub fn both(&self) -> String {
        let bytes: Vec<u8> = self.0.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Bytes on their way, and whether more may come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pipe {
    bytes: VecDeque<u8>,
    /// No writer is left: after the bytes comes the end.
    pub closed: bool,
}

impl Pipe {
    /// A pipe that holds these bytes and then ends.
    pub fn ending(bytes: &[u8]) -> Self {
        Self { bytes: bytes.iter().copied().collect(), closed: true }
    }

    /// Adds bytes at the end.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes.iter().copied());
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether no bytes wait (more may come unless `closed`).
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether the reader would see the end of the file now.
    pub fn at_end(&self) -> bool {
        self.closed && self.bytes.is_empty()
    }

    /// Takes at most `max` bytes.
    pub fn take(&mut self, max: usize) -> Vec<u8> {
        let count = max.min(self.bytes.len());
        self.bytes.drain(..count).collect()
    }

    /// Takes everything that waits.
    pub fn take_all(&mut self) -> Vec<u8> {
        self.bytes.drain(..).collect()
    }

    /// Takes one line with its newline; the rest without one only if the pipe is closed.
    pub fn take_line(&mut self) -> Option<Vec<u8>> {
        match self.bytes.iter().position(|byte| *byte == b'\n') {
            Some(at) => Some(self.bytes.drain(..=at).collect()),
            None if self.closed && !self.bytes.is_empty() => Some(self.take_all()),
            None => None,
        }
    }

    /// Puts bytes back in front.
    pub fn put_back(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().rev() {
            self.bytes.push_front(*byte);
        }
    }
}

/// How a command another command asked for ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Finished {
    /// Its exit code; 127 and 126 if it could not be started.
    pub code: i32,
    /// What it printed, if it was asked for with `capture`.
    pub output: Output,
    /// Whether the command was not found at all.
    pub missing: bool,
}

/// What a running command reads and writes during one poll.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Io {
    /// Standard input; what is taken out counts as read.
    pub stdin: Pipe,
    /// What the command writes, in order.
    pub output: Output,
    /// Bytes the reader of standard output still takes; a polite writer stops there.
    pub room: usize,
    /// Nobody reads standard output any more.
    pub broken: bool,
    /// Standard input is a terminal.
    pub stdin_is_terminal: bool,
    /// Standard output is a terminal this many columns wide.
    pub columns: Option<u32>,
    /// The end of the command asked for with [`Poll::Run`], once.
    pub finished: Option<Finished>,
    /// The command asked for with [`Poll::Run`] still runs.
    pub child_running: bool,
}

impl Default for Io {
    fn default() -> Self {
        Self {
            stdin: Pipe { closed: true, ..Pipe::default() },
            output: Output::default(),
            room: 1 << 16,
            broken: false,
            stdin_is_terminal: false,
            columns: None,
            finished: None,
            child_running: false,
        }
    }
}

/// A command that a running command asks the shell's process tree to run for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// The words; `sh -c text` works too.
    pub argv: Vec<EcoString>,
    /// The whole environment; none: that of the asking command.
    pub env: Option<Environment>,
    /// Standard input; none: that of the asking command.
    pub stdin: Option<Vec<u8>>,
    /// Give the output to the asking command instead of printing it.
    pub capture: bool,
}

/// The state of an external command after a poll.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Poll {
    /// It waits for input, room, its child or the world; at the latest until then.
    Running {
        /// Milliseconds since 1970 at which it wants to be polled again.
        until: Option<u64>,
    },
    /// It ended.
    Exited(i32),
    /// It wants a child and is polled again when the child has ended.
    Run(Run),
    /// As `Run`, and polled also at this time, the child still running.
    RunUntil(Run, u64),
    /// The child gets this signal; then as `Running`.
    KillChild(Signal, Option<u64>),
    /// It becomes this other command (exec).
    Become(Run),
}

/// What happens to an external command that gets a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It has no handler: the default action applies.
    Default,
    /// It handled or ignored it; the next poll shows the consequences.
    Handled,
}

/// Why a command could not be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StartError {
    /// 127.
    NotFound,
    /// 126.
    PermissionDenied,
}

/// A command to be started.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Start<'a> {
    /// The words, the name first.
    pub argv: &'a [EcoString],
    /// Exported variables.
    pub env: &'a Environment,
    /// The working directory, absolute.
    pub cwd: &'a str,
    /// The process number it gets.
    pub pid: u32,
}

/// What a [`Machine`](super::Machine) lives in.
///
/// The host keeps the state of external commands by [`ProcessId`]; host and machine are cloned
/// together.
pub trait Host {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> u64;
    /// The files.
    fn files(&mut self) -> &mut dyn FileSystem;
    /// Starts an external command.
    fn start(&mut self, start: Start<'_>) -> Result<ProcessId, StartError>;
    /// Lets it run as far as it can.
    fn poll(&mut self, process: ProcessId, io: &mut Io) -> Poll;
    /// Gives it a signal.
    fn kill(&mut self, process: ProcessId, signal: Signal) -> Delivery;
    /// It is gone (ended by a signal): forget it.
    fn forget(&mut self, process: ProcessId);
    /// Where a program of this name is, for `which` and `command -v`.
    fn find_program(&mut self, name: &str) -> Option<EcoString>;
    /// Signals a process outside the machine, if there is one that may be signalled.
    fn kill_outside(&mut self, _pid: u32, _signal: Signal) -> Result<(), Errno> {
        Err(Errno::NoProcess)
    }
    /// The next random number.
    fn random(&mut self) -> u32;
}
