//! One shell at work: what its frames and builtins need.

use std::rc::Rc;

use ecow::{EcoString, eco_format};

use super::descriptors::{ReadLine, Written};
use super::external::PROCESSES_MAX;
use super::{Body, Description, Descriptor, Flow, Frame, Machine, Pending, ShellBody};
use crate::script::expand::{Captured, Expander, Stop};
use crate::script::files::{Errno, FileSystem};
use crate::script::host::{Flavour, Host};
use crate::script::shell::{Mode, Shell};
use crate::script::syntax::List;

/// A shell process with everything around it.
pub(in crate::script) struct Run<'a> {
    pub(super) machine: &'a mut Machine,
    pub(super) pid: u32,
    pub(super) body: &'a mut ShellBody,
    pub(in crate::script) host: &'a mut dyn Host,
}

/// What to do after one operation.
pub(super) enum Next {
    Go,
    Block(Option<u64>),
    Flow(Flow),
    Become(Body),
}

/// What an expansion came to.
pub(super) enum Attempt<T> {
    Done(T),
    /// A substitution runs; push the frame again.
    Wait,
    /// It waits already; nothing to do.
    Blocked,
    Failed(Next),
}

impl Run<'_> {
    pub(in crate::script) fn shell(&mut self) -> &mut Shell {
        &mut self.body.shell
    }

    pub(in crate::script) fn jobs(&mut self) -> &mut Vec<super::Job> {
        &mut self.body.jobs
    }

    pub(super) fn push(&mut self, frame: Frame) {
        self.body.stack.push(frame);
    }

    /// Prints to standard output; the exit code of a builtin that only prints.
    pub(in crate::script) fn out(&mut self, builtin: &str, bytes: &[u8]) -> i32 {
        match self.machine.write(self.pid, 1, bytes, self.host) {
            Written::Done => 0,
            Written::Broken => {
                self.machine.exit(self.pid, 141);
                141
            }
            Written::Failed(error) => {
                self.complain(Some(builtin), &eco_format!("write error: {error}"));
                1
            }
        }
    }

    /// Prints to standard error.
    pub(in crate::script) fn err(&mut self, text: &str) {
        self.machine.write(self.pid, 2, text.as_bytes(), self.host);
    }

    /// Prints an error with the shell's name, perhaps the builtin's, before it.
    pub(in crate::script) fn complain(&mut self, builtin: Option<&str>, text: &str) {
        let line = self.body.shell.complaint(builtin, text);
        self.err(&line);
    }

    pub(in crate::script) fn read_line(&mut self, number: u32, delimiter: Option<u8>) -> ReadLine {
        self.machine.read_line(self.pid, number, delimiter, self.host)
    }

    pub(in crate::script) fn is_terminal(&self, number: u32) -> bool {
        self.machine.is_terminal(self.pid, number)
    }

    pub(in crate::script) fn files(&mut self) -> &mut dyn FileSystem {
        self.host.files()
    }

    pub(super) fn has_room_for_process(&self) -> bool {
        self.machine.processes.len() < PROCESSES_MAX
    }

    pub(super) fn no_room(&mut self) -> Next {
        let text = match self.body.shell.flavour {
            Flavour::Gnu => "fork: retry: Resource temporarily unavailable",
            Flavour::Busybox => "can't fork: Resource temporarily unavailable",
        };
        self.complain(None, text);
        Next::Flow(Flow::Discard(254))
    }

    /// Expands something, running the substitutions it needs one after the other.
    ///
    /// An attempt that stops has no effect on variables.
    pub(super) fn attempt<T>(
        &mut self,
        pending: &mut Pending,
        work: impl FnOnce(&mut Expander<'_>) -> Result<T, Stop>,
    ) -> Attempt<T> {
        if let Some((child, output, as_file)) = pending.waiting {
            let exit = self.machine.processes.get(&child).map(|process| process.exit);
            if exit == Some(None) {
                return Attempt::Blocked;
            }
            pending.waiting = None;
            self.machine.processes.remove(&child);
            let text = self.machine.take_capture(output);
            let status = exit.flatten().unwrap_or(0);
            let text = if as_file { self.as_file(pending, &text) } else { trimmed(&text) };
            pending.memo.push(Captured { text, status });
        }
        let variables = self.body.shell.variables.clone();
        let random = self.body.shell.random;
        let files: &dyn FileSystem = &*self.host.files();
        let mut expander = Expander::new(&mut self.body.shell, files, &pending.memo);
        match work(&mut expander) {
            Ok(done) => Attempt::Done(done),
            Err(Stop::Substitute(list, as_file)) => {
                self.body.shell.variables = variables;
                self.body.shell.random = random;
                if !self.has_room_for_process() {
                    return Attempt::Failed(self.no_room());
                }
                let output = self.machine.describe(Description::Capture(Vec::new()));
                let mut child = self.fork_shell(Frame::List(list, 0));
                child.shell.trace_depth += 1;
                if self.body.shell.flavour == Flavour::Gnu {
                    child.shell.options.errexit = false;
                }
                let open = Descriptor { description: output, read: false, write: true };
                let pid = self.spawn(Body::Shell(child), &[(1, open)], "".into());
                pending.waiting = Some((pid, output, as_file));
                Attempt::Wait
            }
            Err(Stop::Error(text, status)) => {
                self.err(&text);
                Attempt::Failed(self.expansion_failed(status))
            }
        }
    }

    /// `<( )`: the output as a file.
    fn as_file(&mut self, pending: &mut Pending, text: &str) -> EcoString {
        let path = eco_format!("/dev/fd/{}", 63 - pending.files.len());
        let now = self.host.now_ms();
        let files = self.host.files();
        // The directories may be there already.
        let _ = files.make_dir("/dev", 0o755, now);
        let _ = files.make_dir("/dev/fd", 0o755, now);
        if let Err(error) = files.write(&path, text.as_bytes(), now) {
            self.complain(None, &eco_format!("{path}: {error}"));
        }
        pending.files.push(path.clone());
        path
    }

    /// What an error in an expansion does to the shell.
    fn expansion_failed(&mut self, status: i32) -> Next {
        let shell = &self.body.shell;
        match (shell.flavour, &shell.mode) {
            (_, _) if status == -1 => Next::Flow(Flow::Discard(1)),
            (Flavour::Busybox, Mode::Interactive) => Next::Flow(Flow::Discard(2)),
            (Flavour::Busybox, _) => Next::Flow(Flow::Exit(2)),
            (Flavour::Gnu, Mode::Interactive) => Next::Flow(Flow::Discard(1)),
            (Flavour::Gnu, Mode::Command) if status == 127 => Next::Flow(Flow::Exit(127)),
            (Flavour::Gnu, _) if status == 127 => Next::Flow(Flow::Exit(1)),
            (Flavour::Gnu, _) => Next::Flow(Flow::Discard(1)),
        }
    }

    /// A copy of this shell for a subshell.
    pub(super) fn fork_shell(&mut self, frame: Frame) -> Box<ShellBody> {
        let mut shell = self.body.shell.clone();
        shell.subshell = true;
        // Ignored signals stay ignored; other traps are for the parent only.
        shell.traps.retain(|_, command| command.is_empty());
        if self.is_tested() {
            shell.options.errexit = false;
        }
        Box::new(ShellBody { shell, stack: vec![frame], exiting: None, jobs: Vec::new() })
    }

    /// A new process with this one's files but for some.
    pub(super) fn spawn(
        &mut self,
        body: Body,
        changed: &[(u32, Descriptor)],
        title: EcoString,
    ) -> u32 {
        let pid = self.machine.next_pid;
        self.machine.next_pid += 1;
        let (mut descriptors, background) = match self.machine.processes.get(&self.pid) {
            Some(process) => (process.descriptors.clone(), process.background),
            None => Default::default(),
        };
        descriptors.extend(changed.iter().copied());
        self.machine.insert(pid, self.pid, descriptors, body, title);
        if let Some(process) = self.machine.processes.get_mut(&pid) {
            process.background = background;
        }
        pid
    }

    /// Starts a list in the background.
    pub(super) fn background(&mut self, item: &crate::script::syntax::Item) -> Next {
        if !self.has_room_for_process() {
            return self.no_room();
        }
        let chain = Frame::Chain(item.chain.clone(), 0);
        let child = self.fork_shell(chain);
        let null = self.machine.describe(Description::Null);
        let open = Descriptor { description: null, read: true, write: false };
        let pid = self.spawn(Body::Shell(child), &[(0, open)], item.text.clone());
        if let Some(process) = self.machine.processes.get_mut(&pid) {
            process.background = true;
        }
        let number = self.body.jobs.iter().map(|job| job.number).max().unwrap_or(0) + 1;
        self.body.jobs.push(super::Job { number, pid, text: item.text.clone() });
        self.body.shell.last_background = Some(pid);
        if self.body.shell.interactive() && !self.body.shell.subshell {
            self.err(&eco_format!("[{number}] {pid}\n"));
        }
        self.body.shell.status = 0;
        Next::Go
    }

    /// Pushes the frames that run a text as the shell's own commands.
    pub(in crate::script) fn text_frame(&self, text: &str) -> Frame {
        Machine::shell_lines(&self.body.shell, text)
    }

    /// Whether a process is gone, and with which exit code; none if it is no child of this shell.
    pub(in crate::script) fn child_exit(&self, pid: u32) -> Option<Option<i32>> {
        let process = self.machine.processes.get(&pid)?;
        (process.parent == self.pid).then_some(process.exit)
    }

    /// Signals a process, here or outside; false if there is none.
    pub(in crate::script) fn kill(
        &mut self,
        pid: u32,
        signal: crate::script::host::Signal,
    ) -> Result<(), Errno> {
        if pid == self.pid {
            self.signal_self(signal);
            return Ok(());
        }
        let known = self.machine.processes.get(&pid);
        if known.is_some_and(|process| process.exit.is_none()) {
            self.machine.signal_process(pid, signal, self.host);
            return Ok(());
        }
        self.host.kill_outside(pid, signal)
    }

    /// Whether `break` has a loop to leave.
    pub(in crate::script) fn in_loop(&self) -> bool {
        let frames = self.body.stack.iter().rev();
        let here = frames.take_while(|frame| !matches!(frame, Frame::Function(_)));
        here.into_iter().any(|frame| {
            matches!(frame, Frame::While(..) | Frame::For(..) | Frame::ArithmeticFor(..))
        })
    }

    /// Whether `return` has something to return from.
    pub(in crate::script) fn in_function(&self) -> bool {
        let returns = |frame: &Frame| matches!(frame, Frame::Function(_) | Frame::Sourced(true, _));
        self.body.stack.iter().any(returns)
    }

    /// Whether the exit code of the current command is looked at, so that `-e` does not apply.
    pub(super) fn is_tested(&self) -> bool {
        self.body.stack.iter().any(|frame| match frame {
            Frame::If(_, _, in_body) => !in_body,
            Frame::While(_, in_condition, _) => *in_condition,
            Frame::Chain(chain, next) => *next < chain.pipelines.len(),
            Frame::Negate => true,
            _ => false,
        })
    }

    /// A command has ended with this exit code.
    pub(super) fn finish(&mut self, status: i32) -> Next {
        self.body.shell.status = status;
        self.body.shell.pipe_status = vec![status];
        self.check_errexit()
    }

    pub(super) fn check_errexit(&mut self) -> Next {
        let shell = &self.body.shell;
        if shell.options.errexit && shell.status != 0 && !self.is_tested() {
            return Next::Flow(Flow::Exit(self.body.shell.status));
        }
        Next::Go
    }

    /// The list of a function, loop or group begins.
    pub(super) fn push_list(&mut self, list: &Rc<List>) {
        self.push(Frame::List(list.clone(), 0));
    }
}

fn trimmed(text: &str) -> EcoString {
    text.trim_end_matches('\n').replace('\0', "").into()
}
