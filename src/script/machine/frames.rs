//! What each frame does when it is its turn.

use std::rc::Rc;

use ecow::{EcoString, eco_format};

use super::run::{Attempt, Next, Run};
use super::{Body, Description, Descriptor, Flow, ForStage, Frame, Pending, ReadLine, redirect};
use crate::script::builtins;
use crate::script::escape;
use crate::script::expand::Expander;
use crate::script::host::{Flavour, Pipe, Signal};
use crate::script::parser::{self, SyntaxError};
use crate::script::pattern;
use crate::script::shell::Mode;
use crate::script::syntax::{ArmEnd, Chain, Command, Connector, Kind, List, Pipeline};

/// Deeper stacks than this end the command (bash itself would crash).
const STACK_MAX: usize = 4000;

impl Run<'_> {
    pub(super) fn frame(&mut self, frame: Frame) -> Next {
        if self.body.stack.len() > STACK_MAX {
            self.complain(None, "maximum nesting exceeded: the commands are nested too deep");
            return Next::Flow(Flow::Exit(1));
        }
        match frame {
            Frame::Lines(lines, at, error) => self.lines(lines, at, error),
            Frame::List(list, at) => self.list(list, at),
            Frame::Chain(chain, at) => self.chain(chain, at),
            Frame::Pipeline(pipeline, began, pids) => self.pipeline_wait(pipeline, began, pids),
            Frame::Command(command, pending) => self.command(command, pending),
            Frame::If(command, branch, _) => self.if_next(command, branch),
            Frame::While(command, in_condition, last) => {
                self.while_next(command, in_condition, last)
            }
            Frame::For(command, words, at) => self.for_next(command, words, at),
            Frame::ArithmeticFor(command, stage, pending) => {
                self.arithmetic_for(command, stage, pending)
            }
            Frame::Case(command, from, subject, pending) => {
                self.case_arms(command, from, subject, pending)
            }
            Frame::Remove(files) => {
                self.remove_files(&files);
                Next::Go
            }
            Frame::Restore => {
                self.machine.restore_descriptors(self.pid);
                Next::Go
            }
            Frame::Unassign(old) => {
                self.unassign(old);
                Next::Go
            }
            Frame::Function(positional) => {
                self.leave_function(positional);
                Next::Go
            }
            Frame::Sourced(_, positional) => {
                self.leave_source(positional);
                Next::Go
            }
            Frame::Wait(child) => self.wait(child),
            Frame::WaitJobs(pids, last, any) => self.wait_jobs(pids, last, any),
            Frame::Read(request, so_far) => self.read(request, so_far),
            Frame::Trap(status) => {
                self.body.shell.status = status;
                Next::Go
            }
            Frame::Reader(text, prompted) => self.reader(text, prompted),
            Frame::Negate => {
                self.body.shell.status = i32::from(self.body.shell.status == 0);
                Next::Go
            }
            Frame::Time(began, posix) => {
                self.print_time(began, posix);
                Next::Go
            }
        }
    }

    fn lines(
        &mut self,
        lines: Rc<Vec<Rc<List>>>,
        at: usize,
        error: Option<Rc<SyntaxError>>,
    ) -> Next {
        if let Some(list) = lines.get(at) {
            if self.body.shell.options.noexec && !self.body.shell.interactive() {
                self.push(Frame::Lines(lines, at + 1, error));
                return Next::Go;
            }
            let list = list.clone();
            self.push(Frame::Lines(lines, at + 1, error));
            self.push_list(&list);
            return Next::Go;
        }
        match error {
            Some(error) => self.syntax_error(&error),
            None => Next::Go,
        }
    }

    pub(super) fn syntax_error(&mut self, error: &SyntaxError) -> Next {
        let shell = &self.body.shell;
        let in_eval = matches!(self.body.stack.last(), Some(Frame::Sourced(false, _)));
        let prefix = match (shell.flavour, &shell.mode) {
            (Flavour::Gnu, _) if in_eval => {
                eco_format!("{}: eval: line {}: ", shell.program, error.line)
            }
            (_, Mode::Interactive) => eco_format!("{}: ", shell.program),
            (Flavour::Gnu, Mode::Command) => {
                eco_format!("{}: -c: line {}: ", shell.program, error.line)
            }
            (Flavour::Busybox, Mode::Command) => eco_format!("{}: ", shell.program),
            (_, Mode::Script(path)) => eco_format!("{path}: line {}: ", error.line),
            (_, Mode::Input) => eco_format!("{}: line {}: ", shell.program, error.line),
        };
        let lines = error.lines(shell.flavour, shell.interactive() && !in_eval);
        let text: String = lines.iter().map(|line| format!("{prefix}{line}\n")).collect();
        self.err(&text);
        self.body.shell.status = 2;
        let ends = self.body.shell.flavour == Flavour::Busybox && !self.body.shell.interactive();
        if ends { Next::Flow(Flow::Exit(2)) } else { Next::Go }
    }

    fn list(&mut self, list: Rc<List>, at: usize) -> Next {
        let Some(item) = list.items.get(at) else {
            return Next::Go;
        };
        let item = item.clone();
        self.push(Frame::List(list, at + 1));
        if item.background {
            return self.background(&item);
        }
        self.push(Frame::Chain(item.chain, 0));
        Next::Go
    }

    fn chain(&mut self, chain: Rc<Chain>, at: usize) -> Next {
        let Some((connector, pipeline)) = chain.pipelines.get(at) else {
            return Next::Go;
        };
        let succeeded = self.body.shell.status == 0;
        let runs = at == 0 || succeeded == (*connector == Connector::And);
        let pipeline = pipeline.clone();
        self.push(Frame::Chain(chain, at + 1));
        if runs { self.pipeline(pipeline) } else { Next::Go }
    }

    fn pipeline(&mut self, pipeline: Rc<Pipeline>) -> Next {
        if let [only] = pipeline.commands.as_slice() {
            if let Some(posix) = pipeline.timed {
                self.push(Frame::Time(self.host.now_ms(), posix));
            }
            if pipeline.negated {
                self.push(Frame::Negate);
            }
            self.push(Frame::Command(only.clone(), Pending::default()));
            return Next::Go;
        }
        if self.machine.processes.len() + pipeline.commands.len() > super::external::PROCESSES_MAX {
            return self.no_room();
        }
        let began = self.host.now_ms();
        let pids = self.start_pipeline(&pipeline);
        self.push(Frame::Pipeline(pipeline, began, pids));
        Next::Go
    }

    fn start_pipeline(&mut self, pipeline: &Pipeline) -> Vec<u32> {
        let mut pids = Vec::new();
        let mut input: Option<Descriptor> = None;
        if pipeline.negated {
            self.push(Frame::Negate);
        }
        for (index, command) in pipeline.commands.iter().enumerate() {
            let mut changed = Vec::new();
            changed.extend(input.map(|open| (0, open)));
            if index + 1 < pipeline.commands.len() {
                let description = self.machine.describe(Description::Pipe(Pipe::default()));
                changed.push((1, Descriptor { description, read: false, write: true }));
                input = Some(Descriptor { description, read: true, write: false });
            }
            let frame = Frame::Command(command.clone(), Pending::default());
            let child = self.fork_shell(frame);
            pids.push(self.spawn(Body::Shell(child), &changed, EcoString::new()));
        }
        if pipeline.negated {
            self.body.stack.pop();
        }
        pids
    }

    fn pipeline_wait(&mut self, pipeline: Rc<Pipeline>, began: u64, pids: Vec<u32>) -> Next {
        let codes: Vec<Option<i32>> = pids
            .iter()
            .map(|pid| self.machine.processes.get(pid).map_or(Some(0), |process| process.exit))
            .collect();
        let Some(codes) = codes.into_iter().collect::<Option<Vec<i32>>>() else {
            self.push(Frame::Pipeline(pipeline, began, pids));
            return Next::Block(None);
        };
        for pid in pids {
            self.machine.processes.remove(&pid);
        }
        let last = codes.last().copied().unwrap_or(0);
        let failed = codes.iter().rev().copied().find(|code| *code != 0).unwrap_or(0);
        let status = if self.body.shell.options.pipefail { failed } else { last };
        self.body.shell.pipe_status = codes;
        self.body.shell.status = status;
        if let Some(posix) = pipeline.timed {
            self.print_time(began, posix);
        }
        if pipeline.negated {
            self.body.shell.status = i32::from(status == 0);
            return Next::Go;
        }
        self.check_errexit()
    }

    fn print_time(&mut self, began: u64, posix: bool) {
        let passed = self.host.now_ms().saturating_sub(began);
        let (seconds, milliseconds) = (passed / 1000, passed % 1000);
        let text = if posix {
            format!("real {seconds}.{:02}\nuser 0.00\nsys 0.00\n", milliseconds / 10)
        } else {
            let (minutes, seconds) = (seconds / 60, seconds % 60);
            let real = format!("{minutes}m{seconds}.{milliseconds:03}s");
            format!("\nreal\t{real}\nuser\t0m0.000s\nsys\t0m0.000s\n")
        };
        self.err(&text);
    }

    fn command(&mut self, command: Rc<Command>, mut pending: Pending) -> Next {
        if let Kind::Simple(_) = &command.kind {
            return self.simple(command, pending);
        }
        self.body.shell.line = command.line;
        let kind = &command.kind;
        let redirections = &command.redirections;
        let attempt = self.attempt(&mut pending, |expander| {
            let resolved = redirect::resolve(redirections, expander)?;
            let words = prepare(kind, expander)?;
            Ok((resolved, words))
        });
        let (resolved, prepared) = match attempt {
            Attempt::Done(done) => done,
            Attempt::Wait => {
                self.push(Frame::Command(command, pending));
                return Next::Go;
            }
            Attempt::Blocked => {
                self.push(Frame::Command(command, pending));
                return Next::Block(None);
            }
            Attempt::Failed(next) => return next,
        };
        if !pending.files.is_empty() {
            self.push(Frame::Remove(pending.files));
        }
        if !resolved.is_empty() {
            let (pid, shell) = (self.pid, &self.body.shell);
            if let Err(text) = self.machine.redirect(pid, &resolved, shell, true, self.host) {
                self.err(&text);
                return self.finish(1);
            }
            self.push(Frame::Restore);
        }
        self.compound(command, prepared)
    }

    fn compound(&mut self, command: Rc<Command>, prepared: Prepared) -> Next {
        match &command.kind {
            Kind::Simple(_) => {}
            Kind::Group(list) => self.push_list(list),
            Kind::Subshell(list) => return self.subshell(list),
            Kind::If(branches, _) => {
                if let Some((condition, _)) = branches.first() {
                    let condition = condition.clone();
                    self.push(Frame::If(command.clone(), 0, false));
                    self.push_list(&condition);
                }
            }
            Kind::While(_, condition, _) => {
                let condition = condition.clone();
                self.push(Frame::While(command.clone(), true, 0));
                self.push_list(&condition);
            }
            Kind::For(..) => {
                let words = match prepared {
                    Prepared::Words(words) => Rc::new(words),
                    _ => self.body.shell.positional.clone(),
                };
                self.body.shell.status = 0;
                self.push(Frame::For(command.clone(), words, 0));
            }
            Kind::ArithmeticFor(..) => {
                self.body.shell.status = 0;
                let frame = Frame::ArithmeticFor(command, ForStage::Start, Pending::default());
                self.push(frame);
            }
            Kind::Case(..) => {
                let Prepared::Text(subject) = prepared else {
                    return Next::Go;
                };
                self.trace_compound(&eco_format!("case {} in", escape::quote(&subject)));
                self.body.shell.status = 0;
                self.push(Frame::Case(command, 0, subject, Pending::default()));
            }
            Kind::Function(name, body) => {
                self.body.shell.functions.insert(name.clone(), body.clone());
                return self.finish(0);
            }
            Kind::Test(_) => {
                let Prepared::Status(status, trace) = prepared else {
                    return Next::Go;
                };
                self.trace_compound(&trace);
                return self.finish(status);
            }
            Kind::Arithmetic(_) => {
                let Prepared::Status(status, trace) = prepared else {
                    return Next::Go;
                };
                self.trace_compound(&trace);
                return self.finish(status);
            }
        }
        Next::Go
    }

    /// Only bash traces compound commands; to busybox `[[` is a command like others.
    fn trace_compound(&mut self, text: &str) {
        match (self.body.shell.flavour, text.strip_prefix("[[")) {
            (Flavour::Gnu, _) => self.trace(text),
            (Flavour::Busybox, Some(rest)) => self.trace(&eco_format!("'[['{rest}")),
            (Flavour::Busybox, None) => {}
        }
    }

    /// A line of `set -x`.
    pub(super) fn trace(&mut self, text: &str) {
        if self.body.shell.options.xtrace {
            let mark = self.body.shell.get("PS4").unwrap_or_else(|| "+ ".into());
            let more: String = mark.chars().take(1).collect();
            let depth = match self.body.shell.flavour {
                Flavour::Gnu => self.body.shell.trace_depth,
                Flavour::Busybox => 0,
            };
            self.err(&format!("{}{mark}{text}\n", more.repeat(depth)));
        }
    }

    fn subshell(&mut self, list: &Rc<List>) -> Next {
        if !self.has_room_for_process() {
            return self.no_room();
        }
        let child = self.fork_shell(Frame::List(list.clone(), 0));
        let pid = self.spawn(Body::Shell(child), &[], EcoString::new());
        self.push(Frame::Wait(pid));
        Next::Go
    }

    fn if_next(&mut self, command: Rc<Command>, branch: usize) -> Next {
        let Kind::If(branches, otherwise) = &command.kind else {
            return Next::Go;
        };
        if self.body.shell.status == 0 {
            if let Some((_, body)) = branches.get(branch) {
                self.push_list(body);
            }
        } else if let Some((condition, _)) = branches.get(branch + 1) {
            let condition = condition.clone();
            self.push(Frame::If(command.clone(), branch + 1, false));
            self.push_list(&condition);
        } else {
            self.body.shell.status = 0;
            if let Some(body) = otherwise {
                self.push_list(body);
            }
        }
        Next::Go
    }

    fn while_next(&mut self, command: Rc<Command>, in_condition: bool, last: i32) -> Next {
        let Kind::While(until, condition, body) = &command.kind else {
            return Next::Go;
        };
        let status = self.body.shell.status;
        if !in_condition {
            self.push(Frame::While(command.clone(), true, status));
            self.push_list(condition);
        } else if (status == 0) != *until {
            self.push(Frame::While(command.clone(), false, last));
            self.push_list(body);
        } else {
            self.body.shell.status = last;
        }
        Next::Go
    }

    fn for_next(&mut self, command: Rc<Command>, words: Rc<Vec<EcoString>>, at: usize) -> Next {
        let Kind::For(name, list, body) = &command.kind else {
            return Next::Go;
        };
        let Some(word) = words.get(at) else {
            return Next::Go;
        };
        if self.body.shell.options.xtrace && self.body.shell.flavour == Flavour::Gnu {
            let shown = match list {
                Some(_) => words.iter().map(|word| escape::quote(word)).collect::<Vec<_>>(),
                None => vec!["\"$@\"".into()],
            };
            self.trace(&eco_format!("for {name} in {}", shown.join(" ")));
        }
        if self.body.shell.set(name, word.clone()).is_err() {
            self.complain(None, &eco_format!("{name}: readonly variable"));
            return Next::Flow(Flow::Discard(1));
        }
        let body = body.clone();
        self.push(Frame::For(command.clone(), words, at + 1));
        self.push_list(&body);
        Next::Go
    }

    fn arithmetic_for(
        &mut self,
        command: Rc<Command>,
        stage: ForStage,
        mut pending: Pending,
    ) -> Next {
        let Kind::ArithmeticFor(words, body) = &command.kind else {
            return Next::Go;
        };
        let [start, test, step] = words.as_ref();
        let (word, empty) = match stage {
            ForStage::Start => (start, 0),
            ForStage::Test => (test, 1),
            ForStage::Step => (step, 0),
        };
        let attempt = self.attempt(&mut pending, |expander| {
            let text = expander.single(word)?;
            if text.trim().is_empty() { Ok(empty) } else { expander.arithmetic_as(&text, "((: ") }
        });
        let value = match attempt {
            Attempt::Done(value) => value,
            Attempt::Wait => {
                self.push(Frame::ArithmeticFor(command, stage, pending));
                return Next::Go;
            }
            Attempt::Blocked => {
                self.push(Frame::ArithmeticFor(command, stage, pending));
                return Next::Block(None);
            }
            Attempt::Failed(next) => return next,
        };
        let body = body.clone();
        match stage {
            ForStage::Test if value == 0 => {}
            ForStage::Test => {
                let frame = Frame::ArithmeticFor(command, ForStage::Step, Pending::default());
                self.push(frame);
                self.push_list(&body);
            }
            _ => {
                let frame = Frame::ArithmeticFor(command, ForStage::Test, Pending::default());
                self.push(frame);
            }
        }
        Next::Go
    }

    fn case_arms(
        &mut self,
        command: Rc<Command>,
        from: usize,
        subject: EcoString,
        mut pending: Pending,
    ) -> Next {
        let Kind::Case(_, arms) = &command.kind else {
            return Next::Go;
        };
        let folds = self.body.shell.options.nocasematch;
        let attempt = self.attempt(&mut pending, |expander| {
            for (index, arm) in arms.iter().enumerate().skip(from) {
                for word in &arm.patterns {
                    let wanted = expander.pattern(word)?;
                    let same = if folds {
                        pattern::matches(&wanted.to_lowercase(), &subject.to_lowercase())
                    } else {
                        pattern::matches(&wanted, &subject)
                    };
                    if same {
                        return Ok(Some(index));
                    }
                }
            }
            Ok(None)
        });
        let found = match attempt {
            Attempt::Done(found) => found,
            Attempt::Wait => {
                self.push(Frame::Case(command, from, subject, pending));
                return Next::Go;
            }
            Attempt::Blocked => {
                self.push(Frame::Case(command, from, subject, pending));
                return Next::Block(None);
            }
            Attempt::Failed(next) => return next,
        };
        let Some(found) = found else { return Next::Go };
        let mut bodies = Vec::new();
        for (index, arm) in arms.iter().enumerate().skip(found) {
            bodies.push(arm.body.clone());
            match arm.end {
                ArmEnd::FallThrough => {}
                ArmEnd::Stop => break,
                ArmEnd::TryNext => {
                    let next = Frame::Case(
                        command.clone(),
                        index + 1,
                        subject.clone(),
                        Pending::default(),
                    );
                    self.push(next);
                    break;
                }
            }
        }
        for body in bodies.iter().rev() {
            self.push_list(body);
        }
        Next::Go
    }

    fn wait(&mut self, child: u32) -> Next {
        let Some(process) = self.machine.processes.get(&child) else {
            return Next::Go;
        };
        let Some(code) = process.exit else {
            self.push(Frame::Wait(child));
            return Next::Block(None);
        };
        let killed = process.killed.map(|signal| (signal, process.title.clone()));
        self.machine.processes.remove(&child);
        if let Some((signal, title)) = killed {
            self.report_killed(child, signal, &title);
        }
        self.finish(code)
    }

    /// bash tells about a command in the foreground that a signal ended.
    fn report_killed(&mut self, pid: u32, signal: Signal, title: &str) {
        let shell = &self.body.shell;
        if shell.flavour != Flavour::Gnu || matches!(signal, Signal::INT | Signal::PIPE) {
            return;
        }
        let words = match signal {
            Signal::KILL => "Killed",
            Signal::TERM => "Terminated",
            Signal::HUP => "Hangup",
            Signal::QUIT => "Quit",
            _ => signal.name(),
        };
        let line = match shell.interactive() {
            true => format!("{words}\n"),
            false => format!("{}{pid:5} {words:<23} {title}\n", shell.prefix()),
        };
        self.err(&line);
    }

    fn wait_jobs(&mut self, mut pids: Vec<u32>, mut last: i32, any: bool) -> Next {
        let before = pids.len();
        let mut ended = None;
        pids.retain(|pid| match self.machine.processes.get(pid).map(|process| process.exit) {
            Some(None) => true,
            Some(Some(code)) => {
                ended = Some((*pid, code));
                false
            }
            None => false,
        });
        if let Some((pid, code)) = ended {
            last = code;
            self.forget_job(pid);
        }
        if pids.is_empty() || (any && pids.len() < before) {
            return self.finish(last);
        }
        self.push(Frame::WaitJobs(pids, last, any));
        Next::Block(None)
    }

    fn forget_job(&mut self, pid: u32) {
        self.body.jobs.retain(|job| job.pid != pid);
        self.machine.processes.remove(&pid);
    }

    fn read(&mut self, request: Rc<builtins::ReadRequest>, mut so_far: EcoString) -> Next {
        if let Some(until) = request.until
            && until <= self.host.now_ms()
        {
            let status = builtins::finish_read(self, &request, &so_far, 142);
            return self.finish(status);
        }
        match self.read_line(request.descriptor, request.delimiter) {
            ReadLine::WouldBlock => {
                let until = request.until;
                self.push(Frame::Read(request, so_far));
                Next::Block(until)
            }
            ReadLine::Line(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                let ended = text.ends_with('\n');
                let line = text.strip_suffix('\n').unwrap_or(&text);
                so_far.push_str(line);
                if ended && !request.raw && odd_backslashes(line) {
                    so_far.pop();
                    self.push(Frame::Read(request, so_far));
                    return Next::Go;
                }
                let status = builtins::finish_read(self, &request, &so_far, i32::from(!ended));
                self.finish(status)
            }
            ReadLine::End => {
                let status = builtins::finish_read(self, &request, &so_far, 1);
                self.finish(status)
            }
            ReadLine::Error(error) => {
                let text = eco_format!("read error: {}: {error}", request.descriptor);
                self.complain(Some("read"), &text);
                self.finish(1)
            }
        }
    }

    /// A shell reading its commands: from a file once, from standard input line by line.
    fn reader(&mut self, mut text: EcoString, prompted: bool) -> Next {
        if let Mode::Script(path) = self.body.shell.mode.clone() {
            return self.read_script(&path);
        }
        if self.body.shell.interactive() && !prompted {
            let name = if text.is_empty() { "PS1" } else { "PS2" };
            let prompt = self.prompt(name);
            self.err(&prompt);
            self.push(Frame::Reader(text, true));
            return Next::Go;
        }
        match self.read_line(0, None) {
            ReadLine::WouldBlock => {
                self.push(Frame::Reader(text, prompted));
                Next::Block(None)
            }
            ReadLine::Line(bytes) => {
                text.push_str(&String::from_utf8_lossy(&bytes));
                self.read_text(text, false)
            }
            _ if text.is_empty() => Next::Go,
            _ => self.read_text(text, true),
        }
    }

    fn read_text(&mut self, text: EcoString, ended: bool) -> Next {
        let shell = &self.body.shell;
        let parsed = parser::parse(&text, shell.flavour, &shell.aliases);
        let needs_more = parsed.error.as_ref().is_some_and(SyntaxError::needs_more);
        if needs_more && !ended {
            self.push(Frame::Reader(text, false));
            return Next::Go;
        }
        let stops = parsed.error.is_some() && !shell.interactive();
        if !stops {
            self.push(Frame::Reader(EcoString::new(), false));
        }
        self.push(Frame::Lines(Rc::new(parsed.lines), 0, parsed.error.map(Rc::new)));
        Next::Go
    }

    fn read_script(&mut self, path: &str) -> Next {
        let full = crate::script::files::absolute(&self.body.shell.cwd, path);
        match self.host.files().read(&full) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let frame = self.text_frame(&text);
                self.push(frame);
                Next::Go
            }
            Err(error) => {
                let program = self.body.shell.program.clone();
                let (text, code) = match self.body.shell.flavour {
                    Flavour::Gnu => (format!("{program}: {path}: {error}\n"), 127),
                    Flavour::Busybox => (format!("{program}: can't open '{path}': {error}\n"), 2),
                };
                self.err(&text);
                Next::Flow(Flow::Exit(code))
            }
        }
    }

    fn prompt(&mut self, name: &str) -> String {
        let shell = &self.body.shell;
        let home = shell.text("HOME");
        let default = match (name, shell.flavour) {
            ("PS2", _) => "> ",
            (_, Flavour::Gnu) => "\\u@\\h:\\w\\$ ",
            (_, Flavour::Busybox) => "\\w \\$ ",
        };
        let format = shell.get(name).unwrap_or_else(|| default.into());
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            match (c, c == '\\') {
                (_, true) => match chars.next() {
                    Some('w' | 'W') if shell.cwd == home && home != "/" => out.push('~'),
                    Some('w') => out.push_str(&shell.cwd),
                    Some('W') => out.push_str(crate::script::files::split(&shell.cwd).1),
                    Some('h' | 'H') => out.push_str(&shell.text("HOSTNAME")),
                    Some('u') => out.push_str("root"),
                    Some('$') => out.push('#'),
                    Some('n') => out.push('\n'),
                    Some('[' | ']') | None => {}
                    Some(other) => out.push(other),
                },
                _ => out.push(c),
            }
        }
        out
    }
}

fn odd_backslashes(text: &str) -> bool {
    text.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1
}

/// What a compound command needs expanded before it begins.
enum Prepared {
    Nothing,
    Words(Vec<EcoString>),
    Text(EcoString),
    /// An exit code, and the line `set -x` shows.
    Status(i32, EcoString),
}

fn prepare(
    kind: &Kind,
    expander: &mut Expander<'_>,
) -> Result<Prepared, crate::script::expand::Stop> {
    Ok(match kind {
        Kind::For(_, Some(words), _) => Prepared::Words(expander.words(words)?),
        Kind::Case(subject, _) => Prepared::Text(expander.single(subject)?),
        Kind::Test(condition) => {
            let mut trace = EcoString::new();
            let holds = builtins::condition(condition, expander, &mut trace)?;
            Prepared::Status(i32::from(!holds), eco_format!("[[ {trace} ]]"))
        }
        Kind::Arithmetic(word) => {
            let text = expander.single(word)?;
            let value = expander.arithmetic_as(&text, "((: ")?;
            Prepared::Status(i32::from(value == 0), eco_format!("(( {text} ))"))
        }
        _ => Prepared::Nothing,
    })
}
