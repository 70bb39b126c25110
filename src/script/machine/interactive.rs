//! A shell that is fed line by line: the learner's terminal.

use std::rc::Rc;

use ecow::{EcoString, eco_format};

use super::{Body, Frame, Machine, Settings, ShellBody};
use crate::script::host::{Flavour, Stream};
use crate::script::parser::{self, SyntaxError};
use crate::script::shell::{Mode, Shell};

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Feed {
    /// The command goes on in the next line: show the `> ` prompt.
    NeedMore,
    /// The command is complete: [`Machine::step`] runs it.
    Ready,
}

impl Machine {
    /// A shell whose lines come from [`Machine::feed`]; variables and functions last.
    pub fn interactive(settings: Settings) -> Self {
        let mut machine = Self::empty(settings);
        let settings = &machine.settings;
        let program = if settings.flavour == Flavour::Gnu { "bash" } else { "sh" };
        let shell = Shell::new(
            settings.flavour,
            program,
            Mode::Interactive,
            &settings.env,
            &settings.cwd,
            machine.root,
        );
        let body = ShellBody { shell, stack: Vec::new(), exiting: None, jobs: Vec::new() };
        let root = machine.root;
        machine.next_pid += 1;
        machine.fed = true;
        let descriptors = Self::outside_descriptors();
        machine.insert(root, 0, descriptors, Body::Shell(Box::new(body)), program.into());
        machine
    }

    /// Gives the interactive shell one line (or several).
    pub fn feed(&mut self, line: &str) -> Feed {
        self.report_jobs();
        self.unfinished.push_str(line);
        self.unfinished.push('\n');
        let text = self.unfinished.clone();
        let Some(process) = self.processes.get_mut(&self.root) else {
            return Feed::Ready;
        };
        let Body::Shell(body) = &mut process.body else {
            return Feed::Ready;
        };
        let parsed = parser::parse(&text, body.shell.flavour, &body.shell.aliases);
        if parsed.error.as_ref().is_some_and(SyntaxError::needs_more) {
            return Feed::NeedMore;
        }
        self.unfinished.clear();
        let error = parsed.error.map(Rc::new);
        body.stack.push(Frame::Lines(Rc::new(parsed.lines), 0, error));
        Feed::Ready
    }

    /// Whether a command has begun that is not complete yet.
    pub fn is_unfinished(&self) -> bool {
        !self.unfinished.is_empty()
    }

    /// Ctrl-D or the end of the recording inside an unfinished command: bash's complaint.
    pub fn abandon(&mut self) {
        let text = std::mem::take(&mut self.unfinished);
        if text.is_empty() {
            return;
        }
        let Some(process) = self.processes.get_mut(&self.root) else {
            return;
        };
        let Body::Shell(body) = &mut process.body else {
            return;
        };
        let parsed = parser::parse(&text, body.shell.flavour, &body.shell.aliases);
        body.stack.push(Frame::Lines(Rc::new(Vec::new()), 0, parsed.error.map(Rc::new)));
    }

    /// Tells about background jobs that have ended since the last line.
    fn report_jobs(&mut self) {
        let Some(process) = self.processes.get(&self.root) else {
            return;
        };
        let Body::Shell(body) = &process.body else {
            return;
        };
        let mut lines = EcoString::new();
        let mut gone = Vec::new();
        for job in &body.jobs {
            let exit = self.processes.get(&job.pid).map(|process| process.exit);
            let words = match exit {
                Some(None) => continue,
                Some(Some(0)) | None => "Done".into(),
                Some(Some(143)) => "Terminated".into(),
                Some(Some(137)) => "Killed".into(),
                Some(Some(code)) => eco_format!("Exit {code}"),
            };
            lines.push_str(&format!("[{}]+  {words:<23} {}\n", job.number, job.text));
            gone.push(job.pid);
        }
        self.output.write(Stream::Err, lines.as_bytes());
        for pid in &gone {
            self.processes.remove(pid);
        }
        if let Some(process) = self.processes.get_mut(&self.root)
            && let Body::Shell(body) = &mut process.body
        {
            body.jobs.retain(|job| !gone.contains(&job.pid));
        }
    }
}
