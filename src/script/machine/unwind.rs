//! Leaving commands early: `break`, `return`, `exit`, errors.

use super::run::Next;
use super::{Flow, ForStage, Frame, Pending, Run};
use crate::script::shell::Mode;

impl Run<'_> {
    /// Pops frames until control is where it has to go.
    pub(super) fn unwind(&mut self, flow: Flow) {
        match flow {
            Flow::Break(levels) => self.leave_loops(levels, false),
            Flow::Continue(levels) => self.leave_loops(levels, true),
            Flow::Return(status) => {
                self.body.shell.status = status;
                while let Some(frame) = self.body.stack.pop() {
                    let ends = matches!(frame, Frame::Function(_) | Frame::Sourced(true, _));
                    self.undo(frame);
                    if ends {
                        return;
                    }
                }
            }
            Flow::Discard(status) => self.discard(status),
            Flow::Exit(status) => {
                self.body.shell.status = status;
                self.body.exiting = Some(status);
                while let Some(frame) = self.body.stack.pop() {
                    self.undo(frame);
                }
            }
        }
    }

    fn leave_loops(&mut self, mut levels: u32, again: bool) {
        while let Some(frame) = self.body.stack.pop() {
            let is_loop =
                matches!(frame, Frame::While(..) | Frame::For(..) | Frame::ArithmeticFor(..));
            if !is_loop {
                self.undo(frame);
                continue;
            }
            levels = levels.saturating_sub(1);
            if levels > 0 {
                continue;
            }
            self.body.shell.status = 0;
            if again {
                let frame = match frame {
                    Frame::While(command, _, _) => Frame::While(command, false, 0),
                    Frame::ArithmeticFor(command, _, _) => {
                        Frame::ArithmeticFor(command, ForStage::Step, Pending::default())
                    }
                    other => other,
                };
                self.push(frame);
            }
            return;
        }
    }

    /// An error ends the line; a script goes on with the next one.
    fn discard(&mut self, status: i32) {
        self.body.shell.status = status;
        let goes_on = self.body.shell.mode != Mode::Command && !self.body.shell.subshell;
        let interactive = self.body.shell.interactive();
        let is_outer = |frame: &Frame| {
            matches!(frame, Frame::Reader(..))
                || (!interactive && matches!(frame, Frame::Lines(..)))
        };
        let keep = self.body.stack.iter().position(is_outer);
        while let Some(frame) = self.body.stack.pop() {
            if goes_on && keep == Some(self.body.stack.len()) {
                self.push(frame);
                return;
            }
            self.undo(frame);
        }
        if !goes_on {
            self.body.exiting = Some(status);
        }
    }

    /// What leaving a frame undoes.
    fn undo(&mut self, frame: Frame) {
        match frame {
            Frame::Restore => self.machine.restore_descriptors(self.pid),
            Frame::Unassign(old) => self.unassign(old),
            Frame::Function(positional) => self.leave_function(positional),
            Frame::Sourced(_, positional) => self.leave_source(positional),
            Frame::Command(_, pending)
            | Frame::Case(_, _, _, pending)
            | Frame::ArithmeticFor(_, _, pending) => self.remove_files(&pending.files),
            Frame::Remove(files) => self.remove_files(&files),
            _ => {}
        }
    }

    pub(super) fn remove_files(&mut self, paths: &[ecow::EcoString]) {
        for path in paths {
            // Gone already is as good as removed.
            let _ = self.host.files().remove_file(path);
        }
    }

    /// The stack is empty: the `EXIT` trap, then the end of the process.
    pub(super) fn end_of_shell(&mut self) -> Next {
        let status = self.body.exiting.unwrap_or(self.body.shell.status);
        let trap = self.body.shell.traps.remove("EXIT").filter(|text| !text.is_empty());
        if let Some(text) = trap {
            self.body.exiting = Some(status);
            let frame = self.text_frame(&text);
            self.push(frame);
            return Next::Go;
        }
        self.machine.exit(self.pid, status);
        Next::Go
    }
}
