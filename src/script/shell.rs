//! What one shell process knows: variables, functions, options, traps.

use std::collections::BTreeMap;
use std::rc::Rc;

use ecow::{EcoString, eco_format};
use imbl::OrdMap;

use super::host::{Environment, Flavour};
use super::syntax::Command;

/// What a variable holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Declared, not set.
    Unset,
    /// A text.
    Scalar(EcoString),
    /// An indexed array.
    Indexed(OrdMap<i64, EcoString>),
    /// An associative array.
    Associative(OrdMap<EcoString, EcoString>),
}

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Variable {
    /// What it holds.
    pub value: Value,
    /// Passed on to commands.
    pub exported: bool,
    /// Cannot be changed.
    pub readonly: bool,
    /// Assignments are arithmetic (`declare -i`).
    pub integer: bool,
}

impl Variable {
    /// An ordinary variable.
    pub fn scalar(text: impl Into<EcoString>) -> Self {
        Self { value: Value::Scalar(text.into()), exported: false, readonly: false, integer: false }
    }
}

/// The switches of `set` and `shopt`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// `-e`.
    pub errexit: bool,
    /// `-x`.
    pub xtrace: bool,
    /// `-u`.
    pub nounset: bool,
    /// `-o pipefail`.
    pub pipefail: bool,
    /// `-f`.
    pub noglob: bool,
    /// `-a`.
    pub allexport: bool,
    /// `-C`.
    pub noclobber: bool,
    /// `-n`.
    pub noexec: bool,
    /// `-v`.
    pub verbose: bool,
    /// `shopt -s nullglob`.
    pub nullglob: bool,
    /// `shopt -s dotglob`.
    pub dotglob: bool,
    /// `shopt -s nocasematch`.
    pub nocasematch: bool,
}

/// How the shell gets its commands; decides the beginning of error messages.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// `sh -c text`.
    Command,
    /// A file of commands.
    Script(EcoString),
    /// Standard input that is no terminal.
    Input,
    /// A terminal.
    Interactive,
}

/// The state of one shell process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shell {
    /// bash or busybox sh.
    pub flavour: Flavour,
    /// `sh`, `bash`: stands before error messages.
    pub program: EcoString,
    /// How it gets its commands.
    pub mode: Mode,
    /// `$0`.
    pub name: EcoString,
    /// `$1` and so on.
    pub positional: Rc<Vec<EcoString>>,
    /// All variables.
    pub variables: OrdMap<EcoString, Variable>,
    /// All functions.
    pub functions: OrdMap<EcoString, Rc<Command>>,
    /// All aliases.
    pub aliases: OrdMap<EcoString, EcoString>,
    /// The working directory, absolute.
    pub cwd: EcoString,
    /// Switches.
    pub options: Options,
    /// Commands for signals and `EXIT`; empty text: ignored.
    pub traps: BTreeMap<EcoString, EcoString>,
    /// `$?`.
    pub status: i32,
    /// Exit codes of the last pipeline.
    pub pipe_status: Vec<i32>,
    /// `$!`.
    pub last_background: Option<u32>,
    /// `$$`.
    pub pid: u32,
    /// When `$SECONDS` was 0; none before the first step.
    pub started_ms: Option<u64>,
    /// State of `$RANDOM`.
    pub random: u32,
    /// The line of the command being run.
    pub line: u32,
    /// For each function being run: what its locals hid.
    pub locals: Vec<BTreeMap<EcoString, Option<Variable>>>,
    /// `umask`.
    pub umask: u32,
    /// The clock, as of this step.
    pub now_ms: u64,
    /// How deep functions, `eval` and `source` are nested.
    pub depth: u32,
    /// In a child made by `( )`, `$( )`, a pipe or `&`.
    pub subshell: bool,
    /// Command substitutions around this shell: so many more `+` in `set -x`.
    pub trace_depth: usize,
    /// Position of `getopts` inside an argument.
    pub option_index: usize,
}

/// A variable that cannot be changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReadOnly(pub EcoString);

impl Shell {
    /// A shell with this environment.
    pub fn new(
        flavour: Flavour,
        program: &str,
        mode: Mode,
        env: &Environment,
        cwd: &str,
        pid: u32,
    ) -> Self {
        let mut shell = Self {
            flavour,
            program: program.into(),
            mode,
            name: program.into(),
            positional: Rc::new(Vec::new()),
            variables: OrdMap::new(),
            functions: OrdMap::new(),
            aliases: OrdMap::new(),
            cwd: cwd.into(),
            options: Options::default(),
            traps: BTreeMap::new(),
            status: 0,
            pipe_status: vec![0],
            last_background: None,
            pid,
            started_ms: None,
            random: 1,
            line: 1,
            locals: Vec::new(),
            umask: 0o022,
            now_ms: 0,
            depth: 0,
            subshell: false,
            trace_depth: 0,
            option_index: 0,
        };
        for (name, value) in env {
            let variable = Variable { exported: true, ..Variable::scalar(value.clone()) };
            shell.variables.insert(name.clone(), variable);
        }
        shell.variables.insert("IFS".into(), Variable::scalar(" \t\n"));
        shell.variables.insert("OPTIND".into(), Variable::scalar("1"));
        let pwd = Variable { exported: true, ..Variable::scalar(cwd) };
        shell.variables.insert("PWD".into(), pwd);
        shell
    }

    /// Whether commands come from a terminal.
    pub fn interactive(&self) -> bool {
        self.mode == Mode::Interactive
    }

    /// The variable's text; of an array its first element. None if unset.
    pub fn get(&self, name: &str) -> Option<EcoString> {
        match &self.variables.get(name)?.value {
            Value::Unset => None,
            Value::Scalar(text) => Some(text.clone()),
            Value::Indexed(elements) => elements.get(&0).cloned(),
            Value::Associative(elements) => elements.get("0").cloned(),
        }
    }

    /// The variable's text or nothing.
    pub fn text(&self, name: &str) -> EcoString {
        self.get(name).unwrap_or_default()
    }

    /// Gives a variable a text.
    pub fn set(&mut self, name: &str, text: impl Into<EcoString>) -> Result<(), ReadOnly> {
        let text = text.into();
        self.update(name, |value| match value {
            Value::Indexed(elements) => {
                elements.insert(0, text);
            }
            other => *other = Value::Scalar(text),
        })
    }

    /// Changes what a variable holds, making it if needed.
    pub fn update(&mut self, name: &str, change: impl FnOnce(&mut Value)) -> Result<(), ReadOnly> {
        let exports = self.options.allexport;
        let variable = self.variables.entry(name.into()).or_insert_with(|| Variable {
            value: Value::Unset,
            exported: exports,
            readonly: false,
            integer: false,
        });
        if variable.readonly {
            return Err(ReadOnly(name.into()));
        }
        change(&mut variable.value);
        if name == "SECONDS" {
            let seconds: u64 = self.text("SECONDS").parse().unwrap_or(0);
            self.started_ms = Some(self.now_ms.saturating_sub(seconds.saturating_mul(1000)));
            self.variables.remove("SECONDS");
        }
        Ok(())
    }

    /// `unset -v`.
    pub fn unset(&mut self, name: &str) -> Result<(), ReadOnly> {
        if self.variables.get(name).is_some_and(|variable| variable.readonly) {
            return Err(ReadOnly(name.into()));
        }
        self.variables.remove(name);
        Ok(())
    }

    /// What commands get as their environment.
    pub fn environment(&self) -> Environment {
        let exported = self.variables.iter().filter(|(_, variable)| variable.exported);
        exported
            .filter_map(|(name, variable)| match &variable.value {
                Value::Scalar(text) => Some((name.clone(), text.clone())),
                _ => None,
            })
            .collect()
    }

    /// Hides a variable until the function returns; false outside functions.
    pub fn make_local(&mut self, name: &str) -> bool {
        let old = self.variables.get(name).cloned();
        let Some(hidden) = self.locals.last_mut() else {
            return false;
        };
        if !hidden.contains_key(name) {
            hidden.insert(name.into(), old);
            self.variables.remove(name);
        }
        true
    }

    /// Undoes the locals of the innermost function.
    pub fn leave_function(&mut self) {
        for (name, old) in self.locals.pop().unwrap_or_default() {
            match old {
                Some(variable) => self.variables.insert(name, variable),
                None => self.variables.remove(&name),
            };
        }
    }

    /// The next `$RANDOM`.
    pub fn next_random(&mut self) -> u32 {
        self.random = self.random.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        (self.random >> 16) & 0x7fff
    }

    /// What stands before an error message: `bash: line 3: `, `sh: `.
    pub fn prefix(&self) -> EcoString {
        match (&self.mode, self.flavour) {
            (Mode::Interactive, _) | (Mode::Command, Flavour::Busybox) => {
                eco_format!("{}: ", self.program)
            }
            (Mode::Script(path), _) => eco_format!("{path}: line {}: ", self.line),
            _ => eco_format!("{}: line {}: ", self.program, self.line),
        }
    }

    /// A whole error line of the shell itself or of one of its builtins.
    pub fn complaint(&self, builtin: Option<&str>, text: &str) -> EcoString {
        match (builtin, self.flavour, &self.mode) {
            (None, ..) => eco_format!("{}{text}\n", self.prefix()),
            (Some(name), Flavour::Gnu, _) => eco_format!("{}{name}: {text}\n", self.prefix()),
            // busybox names the builtin before the line, and counts from 0 with -c.
            (Some(name), Flavour::Busybox, Mode::Command) => {
                eco_format!("{}: {name}: line {}: {text}\n", self.program, self.line - 1)
            }
            (Some(name), Flavour::Busybox, Mode::Interactive) => {
                eco_format!("{}: {name}: {text}\n", self.program)
            }
            (Some(name), Flavour::Busybox, _) => {
                eco_format!("{}: {name}: line {}: {text}\n", self.program, self.line)
            }
        }
    }
}
