//! Simple commands: assignments, redirections, then a function, a builtin or a program.

use std::rc::Rc;

use ecow::{EcoString, eco_format};

use super::redirect::{self, Resolved};
use super::run::{Attempt, Next, Run};
use super::{Body, External, Flow, Frame, Pending, shell_flavour};
use crate::script::builtins::{self, Outcome};
use crate::script::escape;
use crate::script::expand::{Expander, Stop, set_element};
use crate::script::host::Flavour;
use crate::script::shell::{Mode, Value, Variable};
use crate::script::syntax::{AssignedValue, Assignment, Command, Kind, Simple};

/// Functions nested deeper than this end the command.
const CALLS_MAX: u32 = 200;

/// Builtins before which assignments last in a POSIX shell such as busybox's.
const SPECIAL: [&str; 14] = [
    ":", ".", "break", "continue", "eval", "exit", "export", "readonly", "return", "set", "shift",
    "times", "trap", "unset",
];

/// A simple command after expansion.
struct Expanded {
    words: Vec<EcoString>,
    redirections: Vec<Resolved>,
    /// Variables before the assignments.
    before: imbl::OrdMap<EcoString, Variable>,
}

impl Run<'_> {
    pub(super) fn simple(&mut self, command: Rc<Command>, mut pending: Pending) -> Next {
        let Kind::Simple(simple) = &command.kind else {
            return Next::Go;
        };
        self.body.shell.line = command.line;
        let attempt = self.attempt(&mut pending, |expander| {
            let words = expander.words(&simple.words)?;
            let redirections = redirect::resolve(&command.redirections, expander)?;
            let before = expander.shell.variables.clone();
            for assignment in &simple.assignments {
                assign(assignment, expander)?;
            }
            Ok(Expanded { words, redirections, before })
        });
        match attempt {
            Attempt::Done(expanded) => {
                if !pending.files.is_empty() {
                    self.push(Frame::Remove(pending.files));
                }
                let status = pending.memo.last().map_or(0, |captured| captured.status);
                self.expanded(simple, expanded, status)
            }
            Attempt::Wait => {
                self.push(Frame::Command(command, pending));
                Next::Go
            }
            Attempt::Blocked => {
                self.push(Frame::Command(command, pending));
                Next::Block(None)
            }
            Attempt::Failed(next) => next,
        }
    }

    fn expanded(&mut self, simple: &Simple, expanded: Expanded, status: i32) -> Next {
        self.trace_assignments(simple);
        let Expanded { mut words, redirections, before } = expanded;
        if words.is_empty() {
            return self.no_words(&redirections, status);
        }
        if self.body.shell.options.xtrace {
            let quote = match self.body.shell.flavour {
                Flavour::Gnu => escape::quote,
                Flavour::Busybox => escape::quote_ash,
            };
            let shown: Vec<EcoString> = words.iter().map(|word| quote(word)).collect();
            self.trace(&shown.join(" "));
        }
        let mut functions = true;
        while let Some(name) = words.first() {
            let plain = words.get(1).is_some_and(|next| !next.starts_with('-'));
            match name.as_str() {
                "command" if plain => functions = false,
                "builtin" if plain && self.body.shell.flavour == Flavour::Gnu => functions = false,
                _ => break,
            }
            words.remove(0);
        }
        let name = words.first().cloned().unwrap_or_default();
        let names: Vec<EcoString> =
            simple.assignments.iter().map(|assignment| assignment.name.clone()).collect();
        let function = self.body.shell.functions.get(&name).filter(|_| functions).cloned();
        let builtin = builtins::find(&name, self.body.shell.flavour);
        if name == "exec" {
            return self.exec(words, &redirections, &names, before);
        }
        if function.is_none() && builtin.is_none() {
            return self.program(words, &redirections, &names, before);
        }
        let keeps = self.body.shell.flavour == Flavour::Busybox
            && function.is_none()
            && SPECIAL.contains(&name.as_str());
        let names: Vec<EcoString> = if keeps { Vec::new() } else { names };
        let undo: Vec<(EcoString, Option<Variable>)> =
            names.iter().map(|name| (name.clone(), before.get(name).cloned())).collect();
        self.export(&names);
        if !redirections.is_empty() {
            let (pid, shell) = (self.pid, &self.body.shell);
            if let Err(text) = self.machine.redirect(pid, &redirections, shell, true, self.host) {
                self.err(&text);
                self.unassign(undo);
                return self.finish(1);
            }
            self.push(Frame::Restore);
        }
        if !undo.is_empty() {
            self.push(Frame::Unassign(undo));
        }
        match (function, builtin) {
            (Some(body), _) => self.call(body, words),
            (None, Some(builtin)) => self.builtin(builtin, &words),
            (None, None) => Next::Go,
        }
    }

    fn trace_assignments(&mut self, simple: &Simple) {
        if !self.body.shell.options.xtrace {
            return;
        }
        for assignment in &simple.assignments {
            let text = self.body.shell.text(&assignment.name);
            self.trace(&eco_format!("{}={}", assignment.name, escape::quote(&text)));
        }
    }

    /// Assignments or redirections alone.
    fn no_words(&mut self, redirections: &[Resolved], status: i32) -> Next {
        if !redirections.is_empty() {
            let (pid, shell) = (self.pid, &self.body.shell);
            if let Err(text) = self.machine.redirect(pid, redirections, shell, true, self.host) {
                self.err(&text);
                return self.finish(1);
            }
            self.machine.restore_descriptors(self.pid);
        }
        self.finish(status)
    }

    fn export(&mut self, names: &[EcoString]) {
        for name in names {
            if let Some(variable) = self.body.shell.variables.get_mut(name) {
                variable.exported = true;
            }
        }
    }

    pub(super) fn unassign(&mut self, old: Vec<(EcoString, Option<Variable>)>) {
        for (name, variable) in old {
            match variable {
                Some(variable) => self.body.shell.variables.insert(name, variable),
                None => self.body.shell.variables.remove(&name),
            };
        }
    }

    fn call(&mut self, body: Rc<Command>, words: Vec<EcoString>) -> Next {
        if self.body.shell.depth >= CALLS_MAX {
            let name = words.first().cloned().unwrap_or_default();
            let text = eco_format!("{name}: maximum function nesting level exceeded ({CALLS_MAX})");
            self.complain(None, &text);
            return Next::Flow(Flow::Discard(1));
        }
        let shell = &mut self.body.shell;
        let args = words.get(1..).unwrap_or(&[]).to_vec();
        let old = std::mem::replace(&mut shell.positional, Rc::new(args));
        shell.locals.push(std::collections::BTreeMap::new());
        shell.depth += 1;
        self.push(Frame::Function(old));
        self.push(Frame::Command(body, Pending::default()));
        Next::Go
    }

    pub(super) fn leave_function(&mut self, positional: Rc<Vec<EcoString>>) {
        let shell = &mut self.body.shell;
        shell.positional = positional;
        shell.depth = shell.depth.saturating_sub(1);
        shell.leave_function();
    }

    pub(super) fn leave_source(&mut self, positional: Option<Rc<Vec<EcoString>>>) {
        let shell = &mut self.body.shell;
        shell.depth = shell.depth.saturating_sub(1);
        if let Some(positional) = positional {
            shell.positional = positional;
        }
    }

    fn builtin(&mut self, builtin: builtins::Builtin, words: &[EcoString]) -> Next {
        match builtin(self, words) {
            Outcome::Status(status) => self.finish(status),
            Outcome::Flow(flow) => Next::Flow(flow),
            Outcome::Frames(frames) => {
                if self.body.shell.depth >= CALLS_MAX {
                    self.complain(None, "maximum eval nesting level exceeded");
                    return Next::Flow(Flow::Discard(1));
                }
                for frame in frames {
                    if let Frame::Sourced(..) = frame {
                        self.body.shell.depth += 1;
                    }
                    self.push(frame);
                }
                Next::Go
            }
        }
    }

    /// The environment with the assignments before the command; they are undone.
    fn environment(
        &mut self,
        names: &[EcoString],
        before: imbl::OrdMap<EcoString, Variable>,
    ) -> crate::script::host::Environment {
        self.export(names);
        let env = self.body.shell.environment();
        self.body.shell.variables = before;
        env
    }

    fn program_body(
        &mut self,
        words: Vec<EcoString>,
        env: crate::script::host::Environment,
    ) -> Body {
        let name = words.first().cloned().unwrap_or_default();
        let cwd = self.body.shell.cwd.clone();
        let is_shell = shell_flavour(&name, &self.machine.settings).is_some()
            && self.host.find_program(&name).is_some();
        if is_shell {
            return self.machine.external_or_shell(words, env, cwd, self.machine.next_pid);
        }
        Body::External(Box::new(External {
            id: None,
            argv: words,
            env,
            cwd,
            until: None,
            seen: None,
            child: None,
            finished: None,
            shell: Some(Box::new(self.body.shell.clone())),
        }))
    }

    fn program(
        &mut self,
        words: Vec<EcoString>,
        redirections: &[Resolved],
        names: &[EcoString],
        before: imbl::OrdMap<EcoString, Variable>,
    ) -> Next {
        let env = self.environment(names, before);
        let title: EcoString = words.join(" ").into();
        if self.is_last() {
            let (pid, shell) = (self.pid, &self.body.shell);
            if let Err(text) = self.machine.redirect(pid, redirections, shell, false, self.host) {
                self.err(&text);
                return self.finish(1);
            }
            return self.replace(words, env, title);
        }
        if !self.has_room_for_process() {
            return self.no_room();
        }
        let body = self.program_body(words, env);
        let child = self.spawn(body, &[], title);
        let shell = &self.body.shell;
        if let Err(text) = self.machine.redirect(child, redirections, shell, false, self.host) {
            self.machine.processes.remove(&child);
            self.err(&text);
            return self.finish(1);
        }
        self.push(Frame::Wait(child));
        Next::Go
    }

    /// This process becomes the program.
    fn replace(
        &mut self,
        words: Vec<EcoString>,
        env: crate::script::host::Environment,
        title: EcoString,
    ) -> Next {
        let mut body = self.program_body(words, env);
        if let Body::Shell(shell) = &mut body {
            shell.shell.pid = self.pid;
        }
        if let Some(process) = self.machine.processes.get_mut(&self.pid) {
            process.title = title;
            process.saved.clear();
        }
        Next::Become(body)
    }

    /// Whether nothing is left to do after the command, so that no new process is needed.
    fn is_last(&self) -> bool {
        let shell = &self.body.shell;
        let replaceable = shell.subshell || shell.mode == Mode::Command;
        replaceable
            && self.body.exiting.is_none()
            && shell.traps.is_empty()
            && self.body.jobs.is_empty()
            && self.body.stack.iter().all(|frame| match frame {
                Frame::Lines(lines, next, None) => *next >= lines.len(),
                Frame::List(list, next) => *next >= list.items.len(),
                Frame::Chain(chain, next) => *next >= chain.pipelines.len(),
                _ => false,
            })
    }

    fn exec(
        &mut self,
        mut words: Vec<EcoString>,
        redirections: &[Resolved],
        names: &[EcoString],
        before: imbl::OrdMap<EcoString, Variable>,
    ) -> Next {
        let (pid, shell) = (self.pid, &self.body.shell);
        if let Err(text) = self.machine.redirect(pid, redirections, shell, false, self.host) {
            self.err(&text);
            return Next::Flow(Flow::Exit(1));
        }
        words.remove(0);
        while words.first().is_some_and(|word| matches!(word.as_str(), "-c" | "-l" | "--")) {
            words.remove(0);
        }
        if words.first().map(EcoString::as_str) == Some("-a") {
            words.drain(..words.len().min(2));
        }
        let Some(name) = words.first().cloned() else {
            return self.finish(0);
        };
        let env = self.environment(names, before);
        let known = name.contains('/') || self.host.find_program(&name).is_some();
        if !known {
            self.complain(Some("exec"), &eco_format!("{name}: not found"));
            return Next::Flow(match self.body.shell.interactive() {
                true => Flow::Discard(127),
                false => Flow::Exit(127),
            });
        }
        let title = words.join(" ").into();
        self.replace(words, env, title)
    }
}

/// Performs one assignment.
fn assign(assignment: &Assignment, expander: &mut Expander<'_>) -> Result<(), Stop> {
    let index = match &assignment.index {
        Some(index) => Some(expander.single(index)?),
        None => None,
    };
    let name = &assignment.name;
    let failed = |expander: &Expander<'_>, text: EcoString| {
        let status = if expander.shell.flavour == Flavour::Gnu { 1 } else { 2 };
        Stop::Error(expander.shell.complaint(None, &text), status)
    };
    match &assignment.value {
        AssignedValue::Word(word) => {
            let text = expander.single(word)?;
            let done = set_element(expander.shell, name, index.as_deref(), text, assignment.append);
            done.map_err(|text| failed(expander, text))
        }
        AssignedValue::Array(elements) => {
            let mut next = start_array(expander, name, assignment.append)
                .map_err(|text| failed(expander, text))?;
            for (key, word) in elements {
                let words = match key {
                    Some(_) => vec![expander.single(word)?],
                    None => expander.words(std::slice::from_ref(word))?,
                };
                for text in words {
                    let key = match key {
                        Some(key) => expander.single(key)?,
                        None => eco_format!("{next}"),
                    };
                    next = key.parse::<i64>().unwrap_or(next) + 1;
                    set_element(expander.shell, name, Some(&key), text, false)
                        .map_err(|text| failed(expander, text))?;
                }
            }
            Ok(())
        }
    }
}

/// Makes the variable an array, empty unless appended to; the next free index.
fn start_array(expander: &mut Expander<'_>, name: &str, append: bool) -> Result<i64, EcoString> {
    let mut next = 0;
    let done = expander.shell.update(name, |value| match value {
        Value::Indexed(elements) if append => {
            next = elements.get_max().map_or(0, |(key, _)| key + 1);
        }
        Value::Associative(elements) => {
            if !append {
                elements.clear();
            }
        }
        Value::Scalar(text) if append => {
            let first = imbl::OrdMap::unit(0, text.clone());
            *value = Value::Indexed(first);
            next = 1;
        }
        _ => *value = Value::Indexed(imbl::OrdMap::new()),
    });
    done.map_err(|error| eco_format!("{}: readonly variable", error.0))?;
    Ok(next)
}
