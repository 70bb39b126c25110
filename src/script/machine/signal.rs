//! Signals: traps, default actions, what an init ignores.

use super::run::Next;
use super::{Body, Flow, Frame, Machine, Run};
use crate::script::host::{Delivery, Host, Signal};

impl Machine {
    /// Sends a signal to the first process, as a container runtime does to stop a container.
    pub fn signal(&mut self, signal: Signal, host: &mut dyn Host) {
        self.signal_process(self.root, signal, host);
    }

    /// Sends a signal to a process of the tree; false if there is none.
    pub fn signal_pid(&mut self, pid: u32, signal: Signal, host: &mut dyn Host) -> bool {
        let known = self.processes.get(&pid).is_some_and(|process| process.exit.is_none());
        if known {
            self.signal_process(pid, signal, host);
        }
        known
    }

    /// Ctrl-C on a terminal: every process in the foreground is interrupted.
    pub fn interrupt(&mut self, host: &mut dyn Host) {
        self.unfinished.clear();
        let foreground = self.processes.iter().filter(|(_, process)| !process.background);
        let pids: Vec<u32> = foreground.map(|(pid, _)| *pid).collect();
        for pid in pids {
            self.signal_process(pid, Signal::INT, host);
        }
    }

    pub(super) fn signal_process(&mut self, pid: u32, signal: Signal, host: &mut dyn Host) {
        let Some(process) = self.processes.get_mut(&pid) else {
            return;
        };
        if process.exit.is_some() || signal.0 == 0 {
            return;
        }
        match &mut process.body {
            Body::Shell(body) => {
                let trapped = body.shell.traps.get(signal.name());
                if trapped.is_some_and(|command| command.is_empty()) && signal != Signal::KILL {
                    return;
                }
                let at_prompt = body.shell.interactive() && !body.shell.subshell;
                let caught = signal != Signal::KILL && (trapped.is_some() || at_prompt);
                if caught {
                    process.pending.push(signal);
                } else {
                    self.default_action(pid, signal);
                }
            }
            Body::External(external) => {
                let Some(id) = external.id else {
                    return self.default_action(pid, signal);
                };
                external.seen = None;
                let delivery =
                    if signal == Signal::KILL { Delivery::Default } else { host.kill(id, signal) };
                if delivery == Delivery::Default {
                    self.default_action(pid, signal);
                    if self.processes.get(&pid).is_none_or(|process| process.exit.is_some()) {
                        host.forget(id);
                    }
                }
            }
            Body::Gone => process.pending.push(signal),
        }
    }

    fn default_action(&mut self, pid: u32, signal: Signal) {
        // The kernel drops signals process 1 has no handler for, even SIGKILL from inside.
        if signal.ignored_by_default() || pid == 1 {
            return;
        }
        self.exit(pid, signal.exit_code());
        if let Some(process) = self.processes.get_mut(&pid) {
            process.killed = Some(signal);
        }
    }
}

impl Run<'_> {
    /// A shell signals itself: it is running, so its body is here and not in the table.
    pub(super) fn signal_self(&mut self, signal: Signal) {
        if signal.0 == 0 {
            return;
        }
        let shell = &self.body.shell;
        match shell.traps.get(signal.name()) {
            Some(command) if command.is_empty() && signal != Signal::KILL => return,
            None | Some(_) => {}
        }
        let trapped = shell.traps.contains_key(signal.name()) && signal != Signal::KILL;
        let prompt = shell.interactive() && !shell.subshell && signal != Signal::KILL;
        if trapped || prompt {
            if let Some(process) = self.machine.processes.get_mut(&self.pid) {
                process.pending.push(signal);
            }
        } else {
            self.machine.default_action(self.pid, signal);
        }
    }

    /// Handles the oldest pending signal.
    pub(super) fn take_signal(&mut self) -> Next {
        let Some(process) = self.machine.processes.get_mut(&self.pid) else {
            return Next::Go;
        };
        if process.pending.is_empty() {
            return Next::Go;
        }
        let signal = process.pending.remove(0);
        if let Some(command) = self.body.shell.traps.get(signal.name()).cloned() {
            let mut status = self.body.shell.status;
            if let Some(Frame::WaitJobs(..)) = self.body.stack.last() {
                self.body.stack.pop();
                status = signal.exit_code();
            }
            let frame = self.text_frame(&command);
            self.push(Frame::Trap(status));
            self.push(frame);
            return Next::Go;
        }
        let prompt = self.body.shell.interactive() && !self.body.shell.subshell;
        if prompt {
            // An interactive shell ignores SIGTERM and SIGQUIT; SIGINT brings the prompt back.
            return match signal {
                Signal::INT => Next::Flow(Flow::Discard(130)),
                Signal::HUP => Next::Flow(Flow::Exit(129)),
                _ => Next::Go,
            };
        }
        self.machine.default_action(self.pid, signal);
        Next::Go
    }
}
