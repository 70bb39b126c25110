//! The small programs of a terminal and of most images: coreutils, grep, sed, awk, find, diff.
//!
//! A [`Process`] is resumable: plain data that a host keeps by its process number and polls
//! ([`Process::poll`], giving itself) with what it has on standard input. [`Process::start`] makes
//! one from an argument vector; none means that there is no such program here. Two flavours of messages:
//! GNU's on the learner's terminal, busybox's in containers ([`Flavour`]). [`Table`] keeps the
//! programs of a host that has nothing else to keep.
//!
//! # Scope
//!
//! - programs-1: `jq`, `gzip`, `vi` and programs of the network and of the kernel
//!   (`wget`, `ps`, `mount`) are not here; a host may bring its own.
//! - programs-4: `less` and `more` print everything, as into a pipe.
//! - programs-2: usage and help texts are not kept; a message says so where one would appear.
//! - programs-3: everything runs in UTC and in the C locale.

mod awk;
mod context;
mod date;
mod dd;
pub mod diff;
pub mod digest;
mod expr;
mod filter;
mod find;
mod grep;
mod identity;
mod list;
mod manage;
mod options;
mod running;
mod sed;
mod simple;
mod stream;
mod tail;
mod tar;
mod whole;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ecow::{EcoString, eco_format};

pub use date::{format as format_date, read as read_date};
pub use running::duration_ms;

use crate::script::{
    Delivery, Environment, Flavour, Host, Io, Output, Poll, ProcessId, Run, Signal, Start,
};
use context::{Context, Pending, Whole};
use stream::Stream;

/// A running program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    argv: Vec<EcoString>,
    env: Environment,
    cwd: EcoString,
    flavour: Flavour,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State {
    /// Not polled yet; a program that needs its whole input stays here.
    New,
    Sleep(u64),
    Yes,
    Tar(tar::Tar),
    Dd(dd::Dd),
    Stream(Box<Stream>),
    Follow(tail::Follow),
    Find(Box<find::Find>),
    Time(running::Time),
    Timeout(running::Timeout),
    Xargs(running::Xargs),
    Watch(running::Watch),
    /// Commands that get what awk printed to them, and the exit code after them.
    Finishing(Vec<Run>, i32),
}

/// Programs that run to their end in one go once they have their input.
fn whole(name: &str) -> Option<fn(&mut Context<'_>) -> Whole> {
    Some(match name {
        "true" => |_| Ok(0),
        "false" => |_| Ok(1),
        "sync" => |_| Ok(0),
        "echo" => simple::echo,
        "printf" => simple::printf,
        "test" | "[" => simple::test_program,
        "basename" => simple::basename,
        "dirname" => simple::dirname,
        "seq" => simple::seq,
        "id" => identity::id,
        "whoami" => identity::whoami,
        "hostname" => simple::hostname,
        "uname" => simple::uname,
        "printenv" => simple::printenv,
        "which" => simple::which,
        "pwd" => simple::pwd,
        "clear" => simple::clear,
        "kill" => simple::kill,
        "nproc" | "arch" | "tty" => simple::fact,
        "expr" => expr::expr,
        "date" => date::date,
        "wc" => whole::wc,
        "sort" => whole::sort,
        "tac" => whole::tac,
        "paste" => whole::paste,
        "column" => whole::column,
        "fold" => whole::fold,
        "comm" => whole::comm,
        "diff" => diff::diff,
        "base64" => digest::base64,
        "md5sum" | "sha1sum" | "sha256sum" => digest::sum,
        "ls" => list::ls,
        "stat" => list::stat,
        "du" => list::du,
        "mkdir" => manage::mkdir,
        "rmdir" => manage::rmdir,
        "rm" => manage::rm,
        "cp" => manage::cp,
        "mv" => manage::mv,
        "ln" => manage::ln,
        "touch" => manage::touch,
        "chmod" => manage::chmod,
        "chown" | "chgrp" => manage::chown,
        "truncate" => manage::truncate,
        "mktemp" => manage::mktemp,
        "readlink" | "realpath" => manage::readlink,
        _ => return None,
    })
}

type StartStream = fn(&mut Context<'_>) -> Result<Stream, i32>;

/// Programs that work on their input as it comes.
fn streaming(name: &str) -> Option<StartStream> {
    Some(match name {
        "cat" => filter::cat,
        "less" | "more" => filter::pager,
        "cut" => filter::cut,
        "head" => filter::head,
        "nl" => filter::nl,
        "tee" => filter::tee,
        "tr" => filter::tr,
        "uniq" => filter::uniq,
        "rev" => |context: &mut Context<'_>| {
            let operands = context.args.to_vec();
            Ok(Stream::new(stream::Filter::Rev, &operands))
        },
        "grep" | "egrep" | "fgrep" => grep::grep,
        "sed" => sed::sed,
        "awk" | "gawk" | "mawk" => awk::awk,
        _ => return None,
    })
}

const NAMES: [&str; 86] = [
    "[",
    "arch",
    "awk",
    "base64",
    "basename",
    "busybox",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "clear",
    "column",
    "comm",
    "cp",
    "cut",
    "date",
    "dd",
    "diff",
    "dirname",
    "du",
    "echo",
    "egrep",
    "env",
    "expr",
    "false",
    "fgrep",
    "find",
    "fold",
    "gawk",
    "grep",
    "head",
    "hostname",
    "id",
    "kill",
    "less",
    "ln",
    "ls",
    "mawk",
    "md5sum",
    "mkdir",
    "mktemp",
    "more",
    "mv",
    "nice",
    "nl",
    "nohup",
    "nproc",
    "paste",
    "printenv",
    "printf",
    "pwd",
    "readlink",
    "realpath",
    "rev",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "setsid",
    "sha1sum",
    "sha256sum",
    "sleep",
    "sort",
    "stat",
    "stdbuf",
    "sync",
    "tac",
    "tail",
    "tar",
    "tee",
    "test",
    "time",
    "timeout",
    "touch",
    "tr",
    "true",
    "truncate",
    "tty",
    "uname",
    "uniq",
    "watch",
    "wc",
    "which",
    "whoami",
    "xargs",
    "yes",
];

/// Whether busybox images lack a program that GNU systems have, or the other way round.
fn exists_in(name: &str, flavour: Flavour) -> bool {
    match flavour {
        Flavour::Gnu => name != "busybox",
        Flavour::Busybox => !matches!(name, "gawk" | "mawk" | "stdbuf" | "column"),
    }
}

/// Whether a program of this plain name is here.
pub fn exists(name: &str, flavour: Flavour) -> bool {
    NAMES.contains(&name) && exists_in(name, flavour)
}

/// The names of all programs.
pub fn names(flavour: Flavour) -> impl Iterator<Item = &'static str> {
    NAMES.into_iter().filter(move |name| exists_in(name, flavour))
}

/// Where a program is, as `which` shows it; a path is answered if it names one.
pub fn find_program(name: &str, flavour: Flavour) -> Option<EcoString> {
    let plain = plain_name(name)?;
    if !exists(plain, flavour) {
        return None;
    }
    Some(match (name.contains('/'), flavour) {
        (true, _) => name.into(),
        (false, Flavour::Gnu) => eco_format!("/usr/bin/{name}"),
        (false, Flavour::Busybox) => eco_format!("/bin/{name}"),
    })
}

/// The name without a directory programs are kept in; none for other paths.
fn plain_name(name: &str) -> Option<&str> {
    const DIRECTORIES: [&str; 6] =
        ["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/"];
    if !name.contains('/') {
        return Some(name);
    }
    let found = DIRECTORIES.iter().find_map(|directory| name.strip_prefix(directory));
    found.filter(|rest| !rest.contains('/'))
}

impl Process {
    /// Makes a program; none if there is none of this name.
    pub fn start(start: &Start<'_>, flavour: Flavour) -> Option<Self> {
        let name = plain_name(start.argv.first()?)?;
        exists(name, flavour).then(|| Self {
            argv: start.argv.to_vec(),
            env: start.env.clone(),
            cwd: start.cwd.into(),
            flavour,
            state: State::New,
        })
    }

    /// The words it was started with.
    pub fn argv(&self) -> &[EcoString] {
        &self.argv
    }

    /// A signal came: none of these programs has a handler.
    pub fn kill(&mut self, _signal: Signal) -> Delivery {
        Delivery::Default
    }

    /// Lets it run as far as it can.
    pub fn poll(&mut self, host: &mut dyn Host, io: &mut Io) -> Poll {
        let argv = self.argv.clone();
        let first = argv.first().cloned().unwrap_or_default();
        let name = EcoString::from(plain_name(&first).unwrap_or(&first));
        let mut context = Context {
            name: name.clone(),
            args: argv.get(1..).unwrap_or(&[]),
            env: &self.env,
            cwd: &self.cwd,
            flavour: self.flavour,
            host,
            io,
        };
        if self.state == State::New {
            match begin(&name, &mut context) {
                Ok(state) => self.state = state,
                Err(poll) => return poll,
            }
        }
        let poll = advance(&mut self.state, &mut context);
        match (poll, &mut self.state) {
            (Poll::Exited(code), State::Stream(stream)) => {
                let runs = stream.take_runs();
                if runs.is_empty() {
                    return Poll::Exited(code);
                }
                self.state = State::Finishing(runs, code);
                advance(&mut self.state, &mut context)
            }
            (poll, _) => poll,
        }
    }
}

/// The state of a program after its first look at the arguments, or its whole run.
fn begin(name: &str, context: &mut Context<'_>) -> Result<State, Poll> {
    if let Some(run) = whole(name) {
        let stdin = context.io.stdin.clone();
        return match run(context) {
            Ok(code) => Err(Poll::Exited(code)),
            Err(Pending) => {
                // What was printed before the input was missed is printed again later.
                context.io.output = Output::default();
                context.io.stdin = stdin;
                Err(Poll::Running { until: None })
            }
        };
    }
    let exited = Poll::Exited;
    if let Some(start) = streaming(name) {
        let stream = start(context).map_err(exited)?;
        return Ok(State::Stream(Box::new(stream)));
    }
    Ok(match name {
        "sleep" => State::Sleep(running::sleep(context).map_err(exited)?),
        "yes" => State::Yes,
        "tar" => State::Tar(tar::Tar::new(&context.argv(), context.cwd, context.flavour)),
        "dd" => State::Dd(dd::Dd::new(&context.argv(), context.cwd)),
        "tail" => match tail::start(context) {
            Ok(tail::Started::Ended(code)) => return Err(Poll::Exited(code)),
            Ok(tail::Started::Following(follow)) => State::Follow(follow),
            Err(Pending) => {
                context.io.output = Output::default();
                return Err(Poll::Running { until: None });
            }
        },
        "find" => State::Find(Box::new(find::find(context).map_err(exited)?)),
        "time" => State::Time(running::Time::new(context)),
        "timeout" => State::Timeout(running::timeout(context).map_err(exited)?),
        "xargs" => State::Xargs(running::Xargs::new()),
        "watch" => State::Watch(running::watch(context).map_err(exited)?),
        "env" => return Err(running::env(context)),
        _ => return Err(running::wrapper(context)),
    })
}

fn advance(state: &mut State, context: &mut Context<'_>) -> Poll {
    match state {
        State::New => Poll::Running { until: None },
        State::Sleep(until) if *until <= context.now() => Poll::Exited(0),
        State::Sleep(until) => Poll::Running { until: Some(*until) },
        State::Yes => running::yes(context),
        State::Tar(tar) => {
            let now = context.now();
            tar.poll(context.host.files(), now, context.io)
        }
        State::Dd(dd) => {
            let now = context.now();
            dd.poll(context.host.files(), now, context.io)
        }
        State::Stream(stream) => stream.poll(context),
        State::Follow(follow) => follow.poll(context),
        State::Find(find) => find.poll(context),
        State::Time(time) => time.poll(context),
        State::Timeout(timeout) => timeout.poll(context),
        State::Xargs(xargs) => xargs.poll(context),
        State::Watch(watch) => watch.poll(context),
        State::Finishing(runs, code) => match runs.pop() {
            Some(run) => Poll::Run(run),
            None => Poll::Exited(*code),
        },
    }
}

/// Programs by process number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Table {
    running: BTreeMap<ProcessId, Process>,
    next: ProcessId,
}

impl Table {
    /// Keeps a program; its number.
    pub fn add(&mut self, program: Process) -> ProcessId {
        self.next += 1;
        self.running.insert(self.next, program);
        self.next
    }

    /// Takes a program out, to poll it with the host that holds this table.
    pub fn take(&mut self, process: ProcessId) -> Option<Process> {
        self.running.remove(&process)
    }

    /// Puts it back.
    pub fn put(&mut self, process: ProcessId, program: Process) {
        self.running.insert(process, program);
    }

    /// Signals a program.
    pub fn kill(&mut self, process: ProcessId, signal: Signal) -> Delivery {
        self.running.get_mut(&process).map_or(Delivery::Default, |program| program.kill(signal))
    }
}
