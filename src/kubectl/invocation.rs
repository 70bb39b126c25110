//! A command line with what its flags mean.
//!
//! Models the `Complete` step that kubectl's commands share: flag values, the namespace of the
//! context, `cmdutil` getters.

use super::args::{self, Parsed};
use super::command::{self, FlagKind};
use super::errors::Failure;
use super::help::Page;
use super::kubeconfig;
use super::process::{Environment, World};
use crate::api::value::EcoString;
use crate::text::duration;

/// One command line, parsed, with its surroundings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Invocation {
    /// Path of the command: `rollout status`.
    pub command: &'static str,
    /// Its arguments.
    pub args: Vec<EcoString>,
    /// How many of them stand before `--`, if there is one.
    pub args_before_dash: Option<u32>,
    /// The namespace to work in.
    pub namespace: EcoString,
    /// Whether the namespace was asked for by `-n`, so that files must agree with it.
    pub enforce_namespace: bool,
    /// Environment variables.
    pub environment: Environment,
    /// All words as typed, without `kubectl`.
    pub words: Vec<EcoString>,
    flags: Vec<(&'static str, EcoString)>,
    notices: Vec<EcoString>,
}

impl Invocation {
    /// Takes a command line apart; the namespace comes later.
    pub fn parse(words: &[EcoString], environment: &Environment) -> Result<Self, Failure> {
        let Parsed { command, flags, args, args_before_dash, notices } = args::parse(words)?;
        Ok(Invocation {
            command,
            args,
            args_before_dash,
            namespace: "default".into(),
            enforce_namespace: false,
            environment: environment.clone(),
            words: words.to_vec(),
            flags,
            notices,
        })
    }

    /// The help page that `--help` asks for.
    pub fn help_wanted(&self) -> Option<Page> {
        self.is_true("help").then(|| Page::of(self.command))
    }

    /// Prints notices about flags and finds the namespace (`ToRawKubeConfigLoader.Namespace`).
    pub fn load_context(&mut self, world: &mut World<'_>) -> Result<(), Failure> {
        for notice in std::mem::take(&mut self.notices) {
            world.complain(&notice);
        }
        if kubeconfig::is_needed(self.command) {
            kubeconfig::check_flags(self, world)?;
        }
        let explicit: EcoString = self.text("namespace").into();
        self.enforce_namespace = !explicit.is_empty();
        self.namespace = match explicit.as_str() {
            "" => kubeconfig::namespace(self, world),
            _ => explicit,
        };
        Ok(())
    }

    /// Whether a flag was given.
    pub fn is_set(&self, name: &str) -> bool {
        self.flags.iter().any(|(flag, _)| *flag == name)
    }

    /// The last value of a flag, or its default.
    pub fn text(&self, name: &str) -> &str {
        match self.flags.iter().rev().find(|(flag, _)| *flag == name) {
            Some((_, value)) => value,
            None => command::find(self.command).flag(name).map_or("", |flag| flag.default),
        }
    }

    /// Whether a boolean flag is true.
    pub fn is_true(&self, name: &str) -> bool {
        args::parse_bool(self.text(name)) == Some(true)
    }

    /// The number of a flag.
    pub fn int(&self, name: &str) -> i64 {
        args::parse_int(self.text(name), i64::MIN, i64::MAX).unwrap_or(0)
    }

    /// The duration of a flag in microseconds; it may be negative.
    pub fn micros(&self, name: &str) -> i64 {
        let text = self.text(name);
        let positive = text.strip_prefix('-').unwrap_or(text);
        let micros = duration::parse(positive).map_or(0, |span| span.as_micros() as i64);
        if text.starts_with('-') { -micros } else { micros }
    }

    /// All values of a flag; those of a slice are split at commas.
    pub fn list(&self, name: &str) -> Vec<EcoString> {
        let flag = command::find(self.command).flag(name);
        let split = flag.is_some_and(|flag| flag.kind == FlagKind::Slice);
        let values = self.flags.iter().filter(|(flag, _)| *flag == name);
        let mut list = Vec::new();
        for (_, value) in values {
            match split {
                true => list.extend(value.split(',').map(EcoString::from)),
                false => list.push(value.clone()),
            }
        }
        list.retain(|value| !split || !value.is_empty());
        list
    }

    /// The command line as `--record` keeps it: `kubectl scale sts/web --replicas=2`.
    ///
    /// Models genericclioptions parseCommandArguments: the arguments, then every flag.
    pub fn command_line(&self) -> String {
        let mut line = format!("kubectl {}", self.command);
        for argument in &self.args {
            line.push_str(&format!(" {argument}"));
        }
        for (flag, value) in &self.flags {
            line.push_str(&format!(" --{flag}={value}"));
        }
        line
    }

    /// A wrong use of this command (`cmdutil.UsageErrorf`).
    pub fn usage(&self, text: &str) -> Failure {
        Failure::usage(self.command, text)
    }
}
