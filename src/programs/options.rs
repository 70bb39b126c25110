//! Command line options the way getopt reads them.

use ecow::{EcoString, eco_format};

use super::context::Context;
use crate::script::Flavour;

/// Options in order and the operands between and after them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// Letter and argument.
    pub flags: Vec<(char, EcoString)>,
    /// Everything else.
    pub operands: Vec<EcoString>,
}

/// Which options a program knows.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Letters; a colon after one that takes an argument.
    pub short: &'static str,
    /// Long names with the letter they stand for.
    pub long: &'static [(&'static str, char)],
    /// Options may stand after operands.
    pub permutes: bool,
}

impl Known {
    /// Only short options, anywhere.
    pub const fn short(short: &'static str) -> Self {
        Self { short, long: &[], permutes: true }
    }

    fn takes_argument(&self, flag: char) -> Option<bool> {
        let at = self.short.find(flag).filter(|_| flag != ':')?;
        Some(self.short.get(at + flag.len_utf8()..).is_some_and(|rest| rest.starts_with(':')))
    }
}

impl Options {
    /// Whether an option was given.
    pub fn has(&self, flag: char) -> bool {
        self.flags.iter().any(|(found, _)| *found == flag)
    }

    /// The last argument of an option.
    pub fn value(&self, flag: char) -> Option<&EcoString> {
        self.flags.iter().rev().find(|(found, _)| *found == flag).map(|(_, value)| value)
    }

    /// All arguments of an option.
    pub fn values(&self, flag: char) -> impl Iterator<Item = &EcoString> {
        self.flags.iter().filter(move |(found, _)| *found == flag).map(|(_, value)| value)
    }
}

/// Reads the arguments; on an unknown option the complaint is printed and the exit code given.
pub fn parse(context: &mut Context<'_>, known: Known) -> Result<Options, i32> {
    let args = context.args.to_vec();
    let result = read(&args, known);
    result.map_err(|complaint| context.usage_error(&complaint))
}

fn read(args: &[EcoString], known: Known) -> Result<Options, EcoString> {
    let mut options = Options::default();
    let mut rest = args.iter();
    while let Some(word) = rest.next() {
        if word == "--" {
            options.operands.extend(rest.cloned());
            return Ok(options);
        }
        if let Some(long) = word.strip_prefix("--") {
            read_long(long, &mut rest, known, &mut options)?;
        } else if word.len() > 1 && word.starts_with('-') {
            read_short(word, &mut rest, known, &mut options)?;
        } else {
            options.operands.push(word.clone());
            if !known.permutes {
                options.operands.extend(rest.cloned());
                return Ok(options);
            }
        }
    }
    Ok(options)
}

fn read_long(
    long: &str,
    rest: &mut std::slice::Iter<'_, EcoString>,
    known: Known,
    options: &mut Options,
) -> Result<(), EcoString> {
    let (name, value) = match long.split_once('=') {
        Some((name, value)) => (name, Some(EcoString::from(value))),
        None => (long, None),
    };
    if name == "help" || name == "version" {
        options.flags.push(('?', name.into()));
        return Err(eco_format!("?{name}"));
    }
    let exact = known.long.iter().find(|(known, _)| *known == name);
    let found = exact.or_else(|| {
        let mut starting = known.long.iter().filter(|(known, _)| known.starts_with(name));
        starting.next().filter(|_| starting.next().is_none())
    });
    let Some((_, flag)) = found else {
        return Err(eco_format!("unrecognized option '--{long}'"));
    };
    let takes = known.takes_argument(*flag).unwrap_or(false);
    let value = match (value, takes) {
        (Some(value), _) => value,
        (None, false) => EcoString::new(),
        (None, true) => match rest.next() {
            Some(value) => value.clone(),
            None => return Err(eco_format!("option '--{name}' requires an argument")),
        },
    };
    options.flags.push((*flag, value));
    Ok(())
}

fn read_short(
    word: &str,
    rest: &mut std::slice::Iter<'_, EcoString>,
    known: Known,
    options: &mut Options,
) -> Result<(), EcoString> {
    let mut letters = word.chars().skip(1);
    while let Some(flag) = letters.next() {
        match known.takes_argument(flag) {
            None => return Err(eco_format!("invalid option -- '{flag}'")),
            Some(false) => options.flags.push((flag, EcoString::new())),
            Some(true) => {
                let glued: EcoString = letters.collect();
                let value = if glued.is_empty() { rest.next().cloned() } else { Some(glued) };
                let Some(value) = value else {
                    return Err(eco_format!("option requires an argument -- '{flag}'"));
                };
                options.flags.push((flag, value));
                return Ok(());
            }
        }
    }
    Ok(())
}

impl Context<'_> {
    /// Prints what follows a wrong command line; the exit code.
    pub fn usage_error(&mut self, complaint: &str) -> i32 {
        let name = self.name.clone();
        if let Some(what) = complaint.strip_prefix('?') {
            self.err(&format!(
                "{name}: --{what} is not simulated here; the real {name} prints its {what}\n"
            ));
            return 1;
        }
        self.err(&format!("{name}: {complaint}\n"));
        self.try_help()
    }

    /// The line that points at the help; the exit code of a usage error.
    pub fn try_help(&mut self) -> i32 {
        let name = self.name.clone();
        match self.flavour {
            Flavour::Gnu => self.err(&format!("Try '{name} --help' for more information.\n")),
            Flavour::Busybox => self.busybox_usage(),
        }
        match (self.flavour, name.as_str()) {
            (Flavour::Gnu, "ls" | "grep" | "sort" | "diff") => 2,
            (Flavour::Gnu, "timeout" | "env") => 125,
            (Flavour::Busybox, "grep" | "diff") => 2,
            _ => 1,
        }
    }

    /// What busybox prints when it is called wrongly; its usage texts are not kept here.
    pub fn busybox_usage(&mut self) {
        let name = self.name.clone();
        self.err(&format!(
            "BusyBox v1.35.0 multi-call binary.\n\nUsage: {name} [...]\n\n\
             (the full usage text of {name} is not simulated here)\n"
        ));
    }

    /// A missing operand: GNU says so, busybox prints its usage.
    pub fn missing_operand(&mut self, what: &str) -> i32 {
        match self.flavour {
            Flavour::Gnu => self.usage_error(what),
            Flavour::Busybox => {
                self.busybox_usage();
                1
            }
        }
    }
}
