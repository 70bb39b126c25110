//! A terminal: an interactive shell whose commands are kubectl and the usual text programs.
//!
//! Plain data, so that a session can be rewound in the middle of `kubectl rollout status`.

use std::collections::VecDeque;

use imbl::{OrdMap, Vector};

use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::programs;
use crate::script::files::Tree;
use crate::script::host::{Output, ProcessId, Stream};
use crate::script::{Feed, Machine, Settings, Step};
use crate::simulation::cluster::Cluster;

use super::host::{Host, Running};
use super::session::WORKING_DIRECTORY;

/// One stretch of text in a terminal's log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// When it came.
    pub time: Time,
    /// What it is.
    pub source: Source,
    /// The text, with its newlines.
    pub text: EcoString,
}

/// Where a terminal's text came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A command that was entered.
    Command,
    /// Input for a running command.
    Input,
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// How many stretches of text are kept.
const LOG_LENGTH_MAX: usize = 2_000;
/// Columns of the learner's terminal, as far as programs ask.
const COLUMNS: u32 = 120;

/// A terminal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Terminal {
    machine: Machine,
    processes: OrdMap<ProcessId, Running>,
    next_process: ProcessId,
    busy: bool,
    wakes_at: Option<Time>,
    queue: VecDeque<EcoString>,
    output: Output,
    log: Vector<Line>,
    exit_code: i32,
    is_terminal: bool,
}

impl Default for Terminal {
    fn default() -> Self {
        Terminal::new(true)
    }
}

impl Terminal {
    /// A terminal with a person at it, or (as in recordings) a shell that reads a script.
    pub fn new(is_terminal: bool) -> Self {
        let home = ("HOME", WORKING_DIRECTORY);
        let path = ("PATH", "/usr/local/bin:/usr/bin:/bin");
        let variables = [home, path, ("USER", "learner"), ("LANG", "C.UTF-8")];
        let settings = Settings {
            cwd: WORKING_DIRECTORY.into(),
            env: variables.into_iter().map(|(k, v)| (k.into(), v.into())).collect(),
            terminal: is_terminal.then_some(COLUMNS),
            ..Settings::default()
        };
        let mut machine = Machine::interactive(settings);
        if !is_terminal {
            machine.close_input();
        }
        Terminal {
            machine,
            processes: OrdMap::new(),
            next_process: 1,
            busy: false,
            wakes_at: None,
            queue: VecDeque::new(),
            output: Output::default(),
            log: Vector::new(),
            exit_code: 0,
            is_terminal,
        }
    }

    /// A terminal beside this one, with its variables and functions, in which nothing runs.
    pub fn beside(&self) -> Self {
        let mut other = Terminal::new(self.is_terminal);
        if let (Some(mine), Some(theirs)) = (self.machine.shell(), other.machine.shell_mut()) {
            *theirs = mine.clone();
        }
        other
    }

    /// Whether a command runs or waits to.
    pub fn is_busy(&self) -> bool {
        self.busy || !self.queue.is_empty()
    }

    /// Whether a command runs or waits to be run.
    pub fn has_work(&self) -> bool {
        self.busy || !self.queue.is_empty()
    }

    /// Whether the running command waits for input.
    pub fn reads_input(&self) -> bool {
        self.busy && self.is_terminal && self.machine.reads_input()
    }

    /// The file that the editor that runs in it shows in the working directory.
    pub fn edited_file(&self) -> Option<EcoString> {
        let edited = |running: &Running| match running {
            Running::Vi(vi) => vi.tab(),
            _ => None,
        };
        self.processes.values().find_map(edited).filter(|_| self.busy)
    }

    /// When it wants to run again though nothing happens.
    pub fn wakes_at(&self) -> Option<Time> {
        self.wakes_at
    }

    /// The exit code of the last command.
    pub fn exit_code(&self) -> i32 {
        self.exit_code
    }

    /// Whether a command has begun that goes on in the next line.
    pub fn is_unfinished(&self) -> bool {
        self.machine.is_unfinished()
    }

    /// Everything entered and printed, oldest first.
    pub fn log(&self) -> &Vector<Line> {
        &self.log
    }

    /// What was printed since this was asked last.
    pub fn take_output(&mut self) -> String {
        std::mem::take(&mut self.output).both()
    }

    /// The shell's present working directory.
    pub fn working_directory(&self) -> EcoString {
        self.machine.shell().map_or(WORKING_DIRECTORY.into(), |shell| shell.cwd.clone())
    }

    /// Takes a line: a command, or input of the running command.
    pub fn enter(&mut self, now: Time, line: &str) {
        if self.reads_input() {
            self.note(now, Source::Input, format!("{line}\n").into());
            self.machine.write_input(format!("{line}\n").as_bytes());
        } else {
            self.queue.push_back(line.into());
        }
    }

    /// Ctrl-C.
    pub fn interrupt(&mut self, cluster: &mut Cluster, files: &mut Tree) {
        self.queue.clear();
        let mut host = Host {
            cluster,
            files,
            processes: &mut self.processes,
            next_process: &mut self.next_process,
            is_terminal: self.is_terminal,
        };
        self.machine.interrupt(&mut host);
    }

    /// Ctrl-D: the running command's input ends.
    pub fn end_input(&mut self) {
        if self.busy {
            self.machine.close_input();
        }
    }

    /// Lets everything run as far as it can at this time.
    pub fn run(&mut self, cluster: &mut Cluster, files: &mut Tree) {
        loop {
            if !self.busy && !self.begin(cluster.now()) {
                return;
            }
            let mut host = Host {
                cluster,
                files,
                processes: &mut self.processes,
                next_process: &mut self.next_process,
                is_terminal: self.is_terminal,
            };
            let step = self.machine.step(&mut host);
            self.collect(cluster.now());
            match step {
                Step::Idle => self.end(),
                Step::Exited(code) => {
                    // `exit`: the next command finds a new shell.
                    let log = std::mem::take(&mut self.log);
                    let (output, queue) = (self.output.clone(), self.queue.clone());
                    *self = Terminal { log, output, queue, ..Terminal::new(self.is_terminal) };
                    self.exit_code = code;
                }
                Step::Blocked { until } => {
                    self.wakes_at = until.map(|ms| Time(ms as i64 * 1000));
                    return;
                }
            }
        }
    }

    // Gives the shell the next line. False if there is none.
    fn begin(&mut self, now: Time) -> bool {
        let Some(line) = self.queue.pop_front() else { return false };
        self.note(now, Source::Command, line.clone());
        match self.machine.feed(&line) {
            Feed::Ready => self.busy = true,
            Feed::NeedMore => {}
        }
        true
    }

    fn end(&mut self) {
        self.busy = false;
        self.wakes_at = None;
        self.exit_code = self.machine.shell().map_or(0, |shell| shell.status);
        // Ctrl-D ended one command's input, not the terminal's.
        if self.is_terminal {
            self.machine.input.closed = false;
        }
    }

    fn collect(&mut self, now: Time) {
        for (stream, bytes) in self.machine.take_output().0 {
            let source = match stream {
                Stream::Out => Source::Output,
                Stream::Err => Source::Error,
            };
            self.note(now, source, String::from_utf8_lossy(&bytes).as_ref().into());
            self.output.write(stream, &bytes);
        }
    }

    fn note(&mut self, time: Time, source: Source, text: EcoString) {
        self.log.push_back(Line { time, source, text });
        while self.log.len() > LOG_LENGTH_MAX {
            self.log.pop_front();
        }
    }

    /// Names of all programs that can be started, for completion.
    pub fn program_names() -> impl Iterator<Item = &'static str> {
        ["kubectl"].into_iter().chain(programs::names(crate::script::Flavour::Gnu))
    }
}
