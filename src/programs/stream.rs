//! Programs that work line by line as their input comes: `kubectl get pods -w | grep web`.

use std::collections::VecDeque;

use ecow::EcoString;

use super::awk::Awk;
use super::context::{Context, open_error};
use super::filter::{Cat, Cut, Head, Nl, Tee, Tr, Uniq};
use super::grep::Grep;
use super::sed::Sed;
use crate::script::{Errno, Flavour, Pipe, Poll};

/// Lines handled in one poll.
const LINES_MAX: usize = 4000;

/// A line and what is known about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// Without its newline.
    pub text: String,
    /// It ended with a newline.
    pub newline: bool,
    /// It is the last of all inputs (known only to filters that ask for it).
    pub last: bool,
    /// The input it comes from.
    pub file: EcoString,
}

/// What a filter wants after a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    /// The next one.
    Continue,
    /// The next input.
    NextFile,
    /// To end.
    Exit(i32),
}

/// A program that works on lines.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Filter {
    /// `cat`.
    Cat(Cat),
    /// `grep`.
    Grep(Box<Grep>),
    /// `sed`.
    Sed(Box<Sed>),
    /// `awk`.
    Awk(Box<Awk>),
    /// `cut`.
    Cut(Cut),
    /// `head`.
    Head(Head),
    /// `tee`.
    Tee(Tee),
    /// `tr`.
    Tr(Tr),
    /// `uniq`.
    Uniq(Uniq),
    /// `nl`.
    Nl(Nl),
    /// `rev`.
    Rev,
}

/// A filter with its inputs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stream {
    filter: Filter,
    inputs: VecDeque<EcoString>,
    current: Option<(EcoString, Option<Pipe>)>,
    status: i32,
    started: bool,
}

impl Stream {
    /// A filter over operands; standard input without any.
    pub fn new(filter: Filter, operands: &[EcoString]) -> Self {
        let mut inputs: VecDeque<EcoString> = operands.iter().cloned().collect();
        if inputs.is_empty() {
            inputs.push_back("-".into());
        }
        Self { filter, inputs, current: None, status: 0, started: false }
    }

    /// Handles what there is.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll {
        if !self.started {
            self.started = true;
            if let Control::Exit(code) = self.begin(context) {
                return Poll::Exited(code);
            }
        }
        for _ in 0..LINES_MAX {
            if context.io.broken && !context.io.output.is_empty() {
                return Poll::Running { until: None };
            }
            if context.io.output.len() >= context.io.room {
                return Poll::Running { until: None };
            }
            if self.current.is_none() {
                match self.open(context) {
                    Opened::Yes | Opened::Skipped => continue,
                    Opened::NoMore => return Poll::Exited(self.end(context)),
                }
            }
            match self.next(context) {
                Taken::Line(line) => match self.line(context, line) {
                    Control::Continue => {}
                    Control::NextFile => self.close(context),
                    Control::Exit(code) => return Poll::Exited(code),
                },
                Taken::End => self.close(context),
                Taken::Wait => return Poll::Running { until: None },
            }
        }
        Poll::Running { until: Some(context.now()) }
    }

    fn begin(&mut self, context: &mut Context<'_>) -> Control {
        match &mut self.filter {
            Filter::Awk(awk) => {
                let control = awk.begin(context);
                if awk.takes_no_input() && control == Control::Continue {
                    return Control::Exit(awk.end(context));
                }
                control
            }
            Filter::Tee(tee) => {
                self.status = tee.begin(context);
                Control::Continue
            }
            Filter::Head(head) if head.wants_nothing() => Control::Exit(0),
            _ => Control::Continue,
        }
    }

    fn open(&mut self, context: &mut Context<'_>) -> Opened {
        let Some(name) = self.inputs.pop_front() else { return Opened::NoMore };
        if let Filter::Awk(awk) = &mut self.filter
            && awk.assigns(&name, context)
        {
            return Opened::Skipped;
        }
        if name == "-" || name == "/dev/stdin" {
            self.current = Some((name, None));
        } else {
            match read_file(context, &name) {
                Ok(pipe) => self.current = Some((name, Some(pipe))),
                Err(error) => {
                    self.open_failed(context, &name, error);
                    return Opened::Skipped;
                }
            }
        }
        let (name, _) = self.current.clone().unwrap_or_default();
        match &mut self.filter {
            Filter::Grep(grep) => grep.begin_file(),
            Filter::Head(head) => head.begin_file(&name, context),
            Filter::Sed(sed) => sed.begin_file(&name),
            Filter::Awk(awk) => awk.begin_file(&name),
            _ => {}
        }
        Opened::Yes
    }

    fn open_failed(&mut self, context: &mut Context<'_>, name: &str, error: Errno) {
        let directory = error == Errno::IsADirectory;
        let text = open_error(&context.name, name, error, context.flavour);
        match &mut self.filter {
            Filter::Grep(grep) => {
                self.status = 2;
                grep.failed = !directory || context.flavour == Flavour::Gnu;
                if directory && context.flavour == Flavour::Busybox {
                    self.status = 0;
                } else if !grep.silent {
                    context.complain(&text);
                }
                return;
            }
            Filter::Sed(sed) => {
                self.status = match context.flavour {
                    Flavour::Gnu if directory => 4,
                    Flavour::Gnu => 2,
                    Flavour::Busybox => 1,
                };
                if directory && !sed.in_place() {
                    if context.flavour == Flavour::Gnu {
                        context.complain(&format!("read error on {name}: {error}"));
                    }
                    return;
                }
            }
            Filter::Awk(_) => {
                self.status = if context.flavour == Flavour::Gnu { 2 } else { 1 };
                if context.flavour == Flavour::Gnu && self.inputs.is_empty() {
                    context.complain(&text);
                    return;
                }
                if context.flavour == Flavour::Gnu {
                    let text = format!("warning: command line argument `{name}': {error}: skipped");
                    context.complain(&text);
                    return;
                }
            }
            _ => self.status = 1,
        }
        context.complain(&text);
    }

    /// The next piece of the current input.
    fn next(&mut self, context: &mut Context<'_>) -> Taken {
        let chunks = match &self.filter {
            Filter::Cat(cat) => cat.is_plain(),
            Filter::Tr(_) | Filter::Tee(_) => true,
            Filter::Head(head) => head.counts_bytes(),
            _ => false,
        };
        let Some((file, content)) = &mut self.current else { return Taken::End };
        let pipe = match content {
            Some(pipe) => pipe,
            None => &mut context.io.stdin,
        };
        if chunks {
            if pipe.is_empty() {
                return if pipe.closed { Taken::End } else { Taken::Wait };
            }
            let bytes = pipe.take_all();
            return Taken::Line(Input::Bytes(bytes));
        }
        let Some(mut bytes) = pipe.take_line() else {
            return if pipe.closed { Taken::End } else { Taken::Wait };
        };
        let looks_ahead = match &self.filter {
            Filter::Sed(sed) => sed.looks_ahead(),
            _ => false,
        };
        let ends = pipe.is_empty() && pipe.closed;
        if looks_ahead && pipe.is_empty() && !pipe.closed {
            pipe.put_back(&bytes);
            return Taken::Wait;
        }
        let newline = bytes.last() == Some(&b'\n');
        if newline {
            bytes.pop();
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let file = file.clone();
        let last = ends && (self.inputs.is_empty() || self.separate());
        Taken::Line(Input::Line(Line { text, newline, last, file }))
    }

    fn separate(&self) -> bool {
        matches!(&self.filter, Filter::Sed(sed) if sed.is_separate())
    }

    fn line(&mut self, context: &mut Context<'_>, input: Input) -> Control {
        match (&mut self.filter, input) {
            (Filter::Cat(cat), Input::Line(line)) => cat.line(context, &line),
            (Filter::Cat(_), Input::Bytes(bytes)) => {
                context.bytes(&bytes);
                Control::Continue
            }
            (Filter::Tee(tee), Input::Bytes(bytes)) => tee.chunk(context, &bytes),
            (Filter::Tr(tr), Input::Bytes(bytes)) => tr.chunk(context, &bytes),
            (Filter::Head(head), Input::Bytes(bytes)) => {
                let control = head.chunk(context, &bytes);
                self.after_head(control)
            }
            (Filter::Head(head), Input::Line(line)) => {
                let control = head.line(context, &line);
                self.after_head(control)
            }
            (Filter::Grep(grep), Input::Line(line)) => grep.line(context, &line),
            (Filter::Sed(sed), Input::Line(line)) => sed.line(context, line),
            (Filter::Awk(awk), Input::Line(line)) => awk.line(context, &line),
            (Filter::Cut(cut), Input::Line(line)) => cut.line(context, &line),
            (Filter::Uniq(uniq), Input::Line(line)) => uniq.line(context, &line),
            (Filter::Nl(nl), Input::Line(line)) => nl.line(context, &line),
            (Filter::Rev, Input::Line(line)) => {
                let text: String = line.text.chars().rev().collect();
                context.out(&text);
                context.out(if line.newline { "\n" } else { "" });
                Control::Continue
            }
            _ => Control::Continue,
        }
    }

    /// A finished `head` ends at once: it does not wait for more input.
    fn after_head(&self, control: Control) -> Control {
        match control {
            Control::NextFile if self.inputs.is_empty() => Control::Exit(self.status),
            other => other,
        }
    }

    fn close(&mut self, context: &mut Context<'_>) {
        let name = self.current.take().map(|(name, _)| name).unwrap_or_default();
        match &mut self.filter {
            Filter::Grep(grep) => grep.end_file(&name, context),
            Filter::Sed(sed) => {
                if let Some(code) = sed.end_file(&name, context) {
                    self.status = code;
                }
            }
            Filter::Head(head) => head.end_file(context),
            _ => {}
        }
    }

    fn end(&mut self, context: &mut Context<'_>) -> i32 {
        match &mut self.filter {
            Filter::Grep(grep) => grep.exit_code(self.status),
            Filter::Sed(sed) => {
                sed.end(context);
                self.status
            }
            Filter::Awk(awk) => match awk.end(context) {
                0 => self.status,
                code => code,
            },
            Filter::Uniq(uniq) => {
                uniq.end(context);
                self.status
            }
            _ => self.status,
        }
    }
}

enum Opened {
    Yes,
    Skipped,
    NoMore,
}

enum Taken {
    Line(Input),
    End,
    Wait,
}

enum Input {
    Line(Line),
    Bytes(Vec<u8>),
}

fn read_file(context: &mut Context<'_>, name: &str) -> Result<Pipe, Errno> {
    if name == "/dev/null" {
        return Ok(Pipe::ending(b""));
    }
    let path = context.path(name);
    context.files().read(&path).map(|bytes| Pipe::ending(&bytes))
}

impl Stream {
    /// The commands that get what awk printed to them, last first.
    pub fn take_runs(&mut self) -> Vec<crate::script::Run> {
        let Filter::Awk(awk) = &mut self.filter else { return Vec::new() };
        let mut runs: Vec<crate::script::Run> = awk
            .take_piped()
            .into_iter()
            .map(|(command, bytes)| crate::script::Run {
                argv: vec!["sh".into(), "-c".into(), command],
                env: None,
                stdin: Some(bytes),
                capture: false,
            })
            .collect();
        runs.reverse();
        runs
    }
}
