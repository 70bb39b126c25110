//! Commands outside the shell: starting, polling, and shells started as commands.

use std::rc::Rc;

use ecow::{EcoString, eco_format};

use super::descriptors::{PIPE_MAX, Written};
use super::{
    Body, Description, Descriptor, External, Frame, Machine, Process, ShellArgs, ShellBody,
};
use super::{shell_flavour, step::Progress};
use crate::script::files::{FileKind, absolute};
use crate::script::host::{
    Environment, Finished, Flavour, Host, Io, Output, Pipe, Poll, Run, Start, StartError, Stream,
};
use crate::script::shell::{Mode, Shell};

/// Operations that a look at a command counts for.
const POLL_COST: u32 = 20;
/// Operations that starting one counts for: a loop that fails at once starts a hundred of them
/// until time passes.
const START_COST: u32 = 200;
/// Processes at most; more cannot be forked.
pub(super) const PROCESSES_MAX: usize = 200;

impl Machine {
    /// The body of a process for these words: a shell here, or a command of the host.
    pub(super) fn external_or_shell(
        &self,
        argv: Vec<EcoString>,
        env: Environment,
        cwd: EcoString,
        pid: u32,
    ) -> Body {
        let program = argv.first().cloned().unwrap_or_default();
        if let Some(flavour) = shell_flavour(&program, &self.settings) {
            return Body::Shell(Box::new(self.new_shell(&argv, flavour, &env, &cwd, pid)));
        }
        Body::External(Box::new(External {
            id: None,
            argv,
            env,
            cwd,
            until: None,
            seen: None,
            child: None,
            finished: None,
            shell: None,
        }))
    }

    fn new_shell(
        &self,
        argv: &[EcoString],
        flavour: Flavour,
        env: &Environment,
        cwd: &str,
        pid: u32,
    ) -> ShellBody {
        let program = argv.first().cloned().unwrap_or_default();
        let args = shell_args(argv);
        let terminal = self.settings.terminal.is_some();
        let mode = match (&args.mode, args.interactive || terminal) {
            (Mode::Input, true) => Mode::Interactive,
            (mode, _) => mode.clone(),
        };
        let mut shell = Shell::new(flavour, &program, mode.clone(), env, cwd, pid);
        shell.name = args.name;
        shell.positional = Rc::new(args.positional);
        let mut stack = Vec::new();
        let mut exiting = None;
        for flag in &args.flags {
            if crate::script::builtins::set_flag(&mut shell, flag).is_err() {
                exiting = Some(2);
            }
        }
        match (mode, args.script) {
            (Mode::Command, Some(text)) => stack.push(Self::shell_lines(&shell, &text)),
            (Mode::Script(_), Some(path)) => stack.push(Frame::Reader(path, false)),
            _ => stack.push(Frame::Reader(EcoString::new(), false)),
        }
        ShellBody { shell, stack, exiting, jobs: Vec::new() }
    }

    /// Lets an external command run if something changed for it.
    pub(super) fn poll_external(
        &mut self,
        pid: u32,
        mut external: Box<External>,
        host: &mut dyn Host,
    ) -> Progress {
        if external.id.is_none() {
            self.budget = self.budget.saturating_sub(START_COST);
            match self.start_external(pid, &mut external, host) {
                Ok(()) => {}
                Err(body) => {
                    self.put_body(pid, body);
                    return Progress::Ran;
                }
            }
            if self.processes.get(&pid).is_some_and(|process| process.exit.is_some()) {
                return Progress::Ran;
            }
        }
        let child_done = self.collect_child(&mut external);
        let stdin = self.descriptor(pid, 0);
        let pipe = self.input_of(stdin, host);
        let (room, broken) = self.room(pid);
        let seen = (pipe.len(), pipe.closed, room, broken);
        let due = external.until.is_some_and(|until| until <= host.now_ms());
        if external.child.is_some() && !due {
            let until = external.until;
            self.put_body(pid, Body::External(external));
            return Progress::Blocked(until);
        }
        if external.seen == Some(seen) && !due && !child_done {
            let until = external.until;
            self.put_body(pid, Body::External(external));
            return Progress::Blocked(until);
        }
        self.poll_now(pid, external, stdin, pipe, seen, host)
    }

    fn poll_now(
        &mut self,
        pid: u32,
        mut external: Box<External>,
        stdin: Option<Descriptor>,
        pipe: Pipe,
        (length, _, room, broken): (usize, bool, usize, bool),
        host: &mut dyn Host,
    ) -> Progress {
        self.budget = self.budget.saturating_sub(POLL_COST);
        let mut io = Io {
            stdin: pipe,
            output: Output::default(),
            room,
            broken,
            stdin_is_terminal: self.is_terminal(pid, 0),
            columns: self.settings.terminal.filter(|_| self.is_terminal(pid, 1)),
            finished: external.finished.take(),
            child_running: external.child.is_some(),
        };
        let Some(id) = external.id else {
            return Progress::Ran;
        };
        let poll = host.poll(id, &mut io);
        self.consume(stdin, length.saturating_sub(io.stdin.len()), io.stdin.clone());
        let wrote_to_nobody = self.deliver(pid, io.output, host);
        if wrote_to_nobody && !matches!(poll, Poll::Exited(_)) {
            host.forget(id);
            self.exit(pid, 141);
            return Progress::Ran;
        }
        let pipe = self.input_of(stdin, host);
        let (room, broken) = self.room(pid);
        external.seen = Some((pipe.len(), pipe.closed, room, broken));
        self.after_poll(pid, external, poll, host)
    }

    fn after_poll(
        &mut self,
        pid: u32,
        mut external: Box<External>,
        poll: Poll,
        host: &mut dyn Host,
    ) -> Progress {
        match poll {
            Poll::Exited(code) => {
                self.exit(pid, code);
                return Progress::Ran;
            }
            Poll::Running { until } => external.until = until,
            Poll::Run(run) => {
                external.until = None;
                self.run_child(pid, &mut external, run);
            }
            Poll::RunUntil(run, until) => {
                external.until = Some(until);
                self.run_child(pid, &mut external, run);
            }
            Poll::KillChild(signal, until) => {
                external.until = until;
                if let Some(child) = external.child {
                    self.signal_process(child, signal, host);
                }
            }
            Poll::Become(run) => {
                let env = run.env.unwrap_or_else(|| external.env.clone());
                if let Some(id) = external.id {
                    host.forget(id);
                }
                let title = run.argv.join(" ").into();
                let body = self.external_or_shell(run.argv, env, external.cwd.clone(), pid);
                if let Some(process) = self.processes.get_mut(&pid) {
                    process.title = title;
                }
                self.put_body(pid, body);
                return Progress::Ran;
            }
        }
        self.put_body(pid, Body::External(external));
        Progress::Ran
    }

    pub(super) fn put_body(&mut self, pid: u32, body: Body) {
        if let Some(process) = self.processes.get_mut(&pid)
            && process.exit.is_none()
        {
            process.body = body;
        }
    }

    fn start_external(
        &mut self,
        pid: u32,
        external: &mut External,
        host: &mut dyn Host,
    ) -> Result<(), Body> {
        let (argv, env, cwd) = (&external.argv, &external.env, &external.cwd);
        let program = argv.first().cloned().unwrap_or_default();
        let error = match host.start(Start { argv, env, cwd, pid }) {
            Ok(id) => {
                external.id = Some(id);
                return Ok(());
            }
            Err(error) => error,
        };
        if program.contains('/')
            && let Some(result) = self.script_file(pid, external, host)
        {
            return result;
        }
        let code = if error == StartError::NotFound { 127 } else { 126 };
        if let Some(process) = self.processes.get_mut(&pid) {
            process.missing = true;
        }
        if let Some(shell) = &external.shell {
            let text = start_error_text(&program, error, shell.flavour, host, &external.cwd);
            let line = shell.complaint(None, &text);
            self.write(pid, 2, line.as_bytes(), host);
        }
        self.exit(pid, code);
        Ok(())
    }

    /// A path the host does not know: perhaps a script among the files.
    fn script_file(
        &mut self,
        pid: u32,
        external: &External,
        host: &mut dyn Host,
    ) -> Option<Result<(), Body>> {
        let program = external.argv.first()?;
        let path = absolute(&external.cwd, program);
        let found = host.files().metadata(&path).ok()?;
        let problem = if found.kind == FileKind::Directory {
            Some("Is a directory")
        } else if found.mode & 0o111 == 0 {
            Some("Permission denied")
        } else {
            None
        };
        if let Some(problem) = problem {
            if let Some(shell) = &external.shell {
                let words =
                    if shell.flavour == Flavour::Gnu { problem } else { "Permission denied" };
                let line = shell.complaint(None, &eco_format!("{program}: {words}"));
                self.write(pid, 2, line.as_bytes(), host);
            }
            self.exit(pid, 126);
            return Some(Ok(()));
        }
        let text = host.files().read(&path).ok()?;
        let first = String::from_utf8_lossy(text.split(|b| *b == b'\n').next().unwrap_or(&[]));
        let interpreter: Vec<EcoString> = match first.strip_prefix("#!") {
            Some(line) => line.split_whitespace().map(Into::into).collect(),
            None => vec!["sh".into()],
        };
        let mut argv: Vec<EcoString> = interpreter;
        if argv.first().is_some_and(|name| name.ends_with("/env")) {
            argv.remove(0);
        }
        argv.extend(external.argv.iter().cloned());
        let (env, cwd) = (external.env.clone(), external.cwd.clone());
        Some(Err(self.external_or_shell(argv, env, cwd, pid)))
    }

    fn run_child(&mut self, pid: u32, external: &mut External, run: Run) {
        if self.processes.len() >= PROCESSES_MAX {
            let output = Output::default();
            external.finished = Some(Finished { code: 126, output, missing: false });
            external.seen = None;
            return;
        }
        let child = self.next_pid;
        self.next_pid += 1;
        let Some(process) = self.processes.get(&pid) else {
            return;
        };
        let mut descriptors = process.descriptors.clone();
        let background = process.background;
        if let Some(bytes) = &run.stdin {
            let description = self.describe(Description::Pipe(Pipe::ending(bytes)));
            descriptors.insert(0, Descriptor { description, read: true, write: false });
        }
        if run.capture {
            let description = self.describe(Description::Collect(child));
            for number in [1, 2] {
                descriptors.insert(number, Descriptor { description, read: false, write: true });
            }
        }
        let env = run.env.unwrap_or_else(|| external.env.clone());
        let title = run.argv.join(" ").into();
        let body = self.external_or_shell(run.argv, env, external.cwd.clone(), child);
        self.insert(child, pid, descriptors, body, title);
        if let Some(process) = self.processes.get_mut(&child) {
            process.background = background;
        }
        external.child = Some(child);
    }

    /// Whether the child of a command has ended; its result is then ready for the next poll.
    fn collect_child(&mut self, external: &mut External) -> bool {
        let Some(child) = external.child else {
            return external.finished.is_some();
        };
        let Some(code) = self.processes.get(&child).and_then(|process| process.exit) else {
            return false;
        };
        if let Some(process) = self.processes.remove(&child) {
            let Process { collected, missing, .. } = process;
            external.finished = Some(Finished { code, output: collected, missing });
        }
        external.child = None;
        true
    }

    /// What standard input holds now.
    fn input_of(&self, stdin: Option<Descriptor>, host: &mut dyn Host) -> Pipe {
        let Some(open) = stdin.filter(|open| open.read) else {
            return Pipe::ending(b"");
        };
        match self.descriptions.get(&open.description) {
            Some(Description::Outside(_)) => self.input.clone(),
            Some(Description::Pipe(pipe)) => pipe.clone(),
            Some(Description::File { path, offset, .. }) => {
                let bytes = host.files().read(path).unwrap_or_default();
                Pipe::ending(bytes.get(*offset..).unwrap_or(&[]))
            }
            _ => Pipe::ending(b""),
        }
    }

    fn consume(&mut self, stdin: Option<Descriptor>, count: usize, rest: Pipe) {
        let Some(open) = stdin else { return };
        match self.descriptions.get_mut(&open.description) {
            Some(Description::Outside(_)) => {
                let closed = self.input.closed;
                self.input = rest;
                self.input.closed = closed;
            }
            Some(Description::Pipe(pipe)) => {
                let closed = pipe.closed;
                *pipe = rest;
                pipe.closed = closed;
            }
            Some(Description::File { offset, .. }) => *offset += count,
            _ => {}
        }
    }

    /// Room in the pipe that standard output is, and whether nobody reads it.
    fn room(&self, pid: u32) -> (usize, bool) {
        let Some(open) = self.descriptor(pid, 1) else {
            return (PIPE_MAX, false);
        };
        match self.descriptions.get(&open.description) {
            Some(Description::Pipe(pipe)) => {
                let broken = !self.has_reader(open.description);
                (PIPE_MAX.saturating_sub(pipe.len()), broken)
            }
            Some(Description::Outside(_)) => (PIPE_MAX.saturating_sub(self.output.len()), false),
            _ => (PIPE_MAX, false),
        }
    }

    /// Hands output on in order; true if a reader is gone.
    fn deliver(&mut self, pid: u32, output: Output, host: &mut dyn Host) -> bool {
        let mut broken = false;
        for (stream, bytes) in output.0 {
            let number = if stream == Stream::Out { 1 } else { 2 };
            broken |= self.write(pid, number, &bytes, host) == Written::Broken;
        }
        broken
    }

    pub(super) fn is_terminal(&self, pid: u32, number: u32) -> bool {
        let open = self.descriptor(pid, number);
        let outside = open.and_then(|open| self.descriptions.get(&open.description));
        self.settings.terminal.is_some() && matches!(outside, Some(Description::Outside(_)))
    }
}

fn start_error_text(
    program: &str,
    error: StartError,
    flavour: Flavour,
    host: &mut dyn Host,
    cwd: &str,
) -> EcoString {
    let path = program.contains('/');
    let denied = error == StartError::PermissionDenied;
    match flavour {
        _ if denied => eco_format!("{program}: Permission denied"),
        Flavour::Busybox => eco_format!("{program}: not found"),
        Flavour::Gnu if path => {
            let error = host.files().metadata(&absolute(cwd, program)).err();
            let words = error.map_or("No such file or directory", |error| error.words());
            eco_format!("{program}: {words}")
        }
        Flavour::Gnu => eco_format!("{program}: command not found"),
    }
}

/// Reads the words after `sh`.
fn shell_args(argv: &[EcoString]) -> ShellArgs {
    let program = argv.first().cloned().unwrap_or_default();
    let mut args = ShellArgs {
        mode: Mode::Input,
        name: program,
        positional: Vec::new(),
        script: None,
        flags: Vec::new(),
        interactive: false,
    };
    let mut rest = argv.iter().skip(1).cloned().peekable();
    let mut command = false;
    let mut input = false;
    while let Some(word) = rest.next_if(|word| word.len() > 1 && word.starts_with(['-', '+'])) {
        match word.as_str() {
            "--" => break,
            "--norc" | "--noprofile" | "--login" | "--posix" => {}
            "-o" | "+o" => {
                let name = rest.next().unwrap_or_default();
                args.flags.push(eco_format!("{word} {name}"));
            }
            _ => {
                let sign = if word.starts_with('+') { '+' } else { '-' };
                for c in word.chars().skip(1) {
                    match c {
                        'c' => command = true,
                        's' => input = true,
                        'i' => args.interactive = true,
                        'l' => {}
                        'o' => {
                            let name = rest.next().unwrap_or_default();
                            args.flags.push(eco_format!("{sign}o {name}"));
                        }
                        c => args.flags.push(eco_format!("{sign}{c}")),
                    }
                }
            }
        }
    }
    if command {
        args.mode = Mode::Command;
        args.script = Some(rest.next().unwrap_or_default());
        if let Some(name) = rest.next() {
            args.name = name;
        }
    } else if !input && let Some(path) = rest.next() {
        args.mode = Mode::Script(path.clone());
        args.name = path.clone();
        args.script = Some(path);
    }
    args.positional = rest.collect();
    args
}
