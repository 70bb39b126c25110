//! The scheduler: every process runs until it waits.

use super::{Body, Frame, Machine, Run, Step};
use crate::script::host::Host;

/// Operations in one step; what is not done then goes on in the next.
const BUDGET: u32 = 20_000;
/// Operations one process may take before the others get their turn.
const SLICE: u32 = 200;
/// How much time passes for a machine that has used up its budget.
const BUSY_MS: u64 = 200;

/// How one process fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Ran,
    Blocked(Option<u64>),
}

impl Machine {
    /// Runs until everything waits or the first process has ended.
    ///
    /// The work of one step is bounded: an endless loop without a wait gives
    /// [`Step::Blocked`] with a time shortly after now.
    pub fn step(&mut self, host: &mut dyn Host) -> Step {
        self.budget = BUDGET;
        for process in self.processes.values_mut() {
            if let Body::External(external) = &mut process.body {
                external.seen = None;
            }
        }
        loop {
            self.refresh_pipes();
            let mut ran = false;
            let mut until: Option<u64> = None;
            let pids: Vec<u32> = self.processes.keys().copied().collect();
            for pid in pids {
                match self.run_process(pid, host) {
                    Progress::Ran => {
                        ran = true;
                        self.refresh_pipes();
                    }
                    Progress::Blocked(wake) => until = earliest(until, wake),
                }
            }
            if let Some(code) = self.exit_code() {
                return Step::Exited(code);
            }
            if self.budget == 0 {
                return Step::Blocked { until: Some(host.now_ms() + BUSY_MS) };
            }
            if !ran {
                self.reap();
                return if self.is_idle() { Step::Idle } else { Step::Blocked { until } };
            }
        }
    }

    /// Whether the interactive shell at the root waits for a line.
    fn is_idle(&self) -> bool {
        let root = self.processes.get(&self.root);
        self.fed
            && root.is_some_and(|process| match &process.body {
                Body::Shell(body) => body.stack.is_empty(),
                _ => false,
            })
    }

    /// Forgets ended processes nobody can wait for.
    fn reap(&mut self) {
        let alive =
            |pid: u32| self.processes.get(&pid).is_some_and(|process| process.exit.is_none());
        let gone: Vec<u32> = self
            .processes
            .iter()
            .filter(|(pid, process)| {
                **pid != self.root && process.exit.is_some() && !alive(process.parent)
            })
            .map(|(pid, _)| *pid)
            .collect();
        for pid in gone {
            self.processes.remove(&pid);
        }
    }

    fn run_process(&mut self, pid: u32, host: &mut dyn Host) -> Progress {
        let Some(process) = self.processes.get_mut(&pid) else {
            return Progress::Blocked(None);
        };
        if process.exit.is_some() {
            return Progress::Blocked(None);
        }
        match std::mem::replace(&mut process.body, Body::Gone) {
            Body::External(external) => self.poll_external(pid, external, host),
            Body::Shell(mut body) => {
                let mut run = Run { machine: self, pid, body: &mut body, host };
                let (progress, next) = run.slice(SLICE);
                let next = next.unwrap_or(Body::Shell(body));
                self.put_body(pid, next);
                progress
            }
            Body::Gone => Progress::Blocked(None),
        }
    }

    /// A process ends: its files close, its parent learns the code.
    pub(super) fn exit(&mut self, pid: u32, code: i32) {
        if let Some(process) = self.processes.get_mut(&pid) {
            process.exit = Some(code & 0xff);
            process.descriptors.clear();
            process.saved.clear();
            process.body = Body::Gone;
        }
    }
}

fn earliest(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl Run<'_> {
    /// Runs some operations of a shell; the body that replaces it, if it becomes a command.
    fn slice(&mut self, operations: u32) -> (Progress, Option<Body>) {
        let now = self.host.now_ms();
        self.body.shell.now_ms = now;
        if self.body.shell.started_ms.is_none() {
            self.body.shell.started_ms = Some(now);
            self.body.shell.random = self.host.random();
        }
        let mut ran = false;
        for _ in 0..operations {
            if self.machine.budget == 0 {
                break;
            }
            self.machine.budget -= 1;
            let ended = |machine: &Machine, pid| {
                machine.processes.get(&pid).is_none_or(|process| process.exit.is_some())
            };
            if ended(self.machine, self.pid) {
                return (Progress::Ran, None);
            }
            let idle = self.machine.fed
                && self.pid == self.machine.root
                && self.body.stack.is_empty()
                && self.body.exiting.is_none();
            if self.machine.is_full(self.pid, 1) || (idle && !self.has_pending()) {
                return (blocked(ran, None), None);
            }
            match self.resume() {
                super::run::Next::Go => ran = true,
                super::run::Next::Block(until) => return (blocked(ran, until), None),
                super::run::Next::Flow(flow) => {
                    ran = true;
                    self.unwind(flow);
                }
                super::run::Next::Become(body) => return (Progress::Ran, Some(body)),
            }
        }
        (Progress::Ran, None)
    }

    fn has_pending(&self) -> bool {
        let process = self.machine.processes.get(&self.pid);
        process.is_some_and(|process| !process.pending.is_empty())
    }

    /// One operation: a signal, or the innermost frame.
    fn resume(&mut self) -> super::run::Next {
        if self.has_pending() && !self.waits_for_child() {
            return self.take_signal();
        }
        let Some(frame) = self.body.stack.pop() else {
            return self.end_of_shell();
        };
        self.frame(frame)
    }

    /// A trap has to wait until a command in the foreground has ended.
    fn waits_for_child(&self) -> bool {
        let alive = |pid: &u32| {
            self.machine.processes.get(pid).is_some_and(|process| process.exit.is_none())
        };
        match self.body.stack.last() {
            Some(Frame::Wait(pid)) => alive(pid),
            Some(Frame::Pipeline(_, _, pids)) => pids.iter().any(alive),
            Some(
                Frame::Command(_, pending)
                | Frame::Case(_, _, _, pending)
                | Frame::ArithmeticFor(_, _, pending),
            ) => pending.waiting.is_some_and(|(pid, _, _)| alive(&pid)),
            _ => false,
        }
    }
}

fn blocked(ran: bool, until: Option<u64>) -> Progress {
    if ran { Progress::Ran } else { Progress::Blocked(until) }
}
