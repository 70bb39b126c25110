//! `test`, `[` and the inside of `[[ ]]`.

use ecow::{EcoString, eco_format};

use super::Outcome;
use crate::script::escape;
use crate::script::expand::{Expander, Stop};
use crate::script::files::{FileKind, FileSystem, absolute};
use crate::script::host::Flavour;
use crate::script::machine::Run;
use crate::script::pattern;
use crate::script::regex::{Regex, Syntax};
use crate::script::shell::Value;
use crate::script::syntax::Condition;
use crate::script::user;

/// What `test` may look at.
pub struct World<'a> {
    /// For `-f` and friends.
    pub files: &'a dyn FileSystem,
    /// Relative paths start here.
    pub cwd: &'a str,
    /// Whose messages.
    pub flavour: Flavour,
    /// Descriptors that are a terminal (`-t`).
    pub terminals: [bool; 3],
    /// Whether a variable is set (`-v`).
    pub is_set: &'a dyn Fn(&str) -> bool,
}

/// Evaluates the arguments of `test` (no name, no `]`).
pub fn evaluate(args: &[EcoString], world: &World<'_>) -> Result<bool, EcoString> {
    let mut parser = Parser { args, at: 0, world, depth: 0 };
    match args {
        [] => return Ok(false),
        [only] => return Ok(!only.is_empty()),
        [not, only] if not == "!" => return Ok(only.is_empty()),
        [left, operator, right] if is_binary(operator) => {
            return parser.binary(left, operator, right);
        }
        [not, left, operator, right] if not == "!" && is_binary(operator) => {
            return Ok(!parser.binary(left, operator, right)?);
        }
        _ => {}
    }
    let value = parser.or()?;
    match args.get(parser.at) {
        None => Ok(value),
        Some(extra) => Err(parser.surplus(extra)),
    }
}

struct Parser<'a> {
    args: &'a [EcoString],
    at: usize,
    world: &'a World<'a>,
    depth: u32,
}

impl Parser<'_> {
    fn surplus(&self, extra: &str) -> EcoString {
        let bash = self.world.flavour == Flavour::Gnu;
        match (bash, self.args) {
            (false, [.., last]) if self.args.len() == 2 => eco_format!("{last}: unknown operand"),
            (false, _) => {
                let operator = self.args.get(1).map_or(extra, |word| word.as_str());
                eco_format!("{operator}: unknown operand")
            }
            (true, [first, _]) => eco_format!("{first}: unary operator expected"),
            (true, [_, operator, _]) => eco_format!("{operator}: binary operator expected"),
            (true, _) => "too many arguments".into(),
        }
    }

    fn next(&mut self) -> Option<EcoString> {
        let word = self.args.get(self.at)?.clone();
        self.at += 1;
        Some(word)
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.args.get(self.at).is_some_and(|next| next == word);
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Result<bool, EcoString> {
        self.depth += 1;
        if self.depth > 50 {
            return Err("too many arguments".into());
        }
        let mut value = self.and()?;
        while self.eat("-o") {
            value |= self.and()?;
        }
        self.depth -= 1;
        Ok(value)
    }

    fn and(&mut self) -> Result<bool, EcoString> {
        let mut value = self.not()?;
        while self.eat("-a") {
            value &= self.not()?;
        }
        Ok(value)
    }

    fn not(&mut self) -> Result<bool, EcoString> {
        if self.args.get(self.at).is_some_and(|word| word == "!") && self.args.len() > self.at + 1 {
            self.at += 1;
            return Ok(!self.not()?);
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<bool, EcoString> {
        let operator = self.args.get(self.at + 1).cloned();
        if let (Some(operator), Some(right)) = (&operator, self.args.get(self.at + 2))
            && is_binary(operator)
        {
            let left = self.args.get(self.at).cloned().unwrap_or_default();
            let right = right.clone();
            self.at += 3;
            return self.binary(&left, operator, &right);
        }
        let missing = || EcoString::from("argument expected");
        let word = self.next().ok_or_else(missing)?;
        if word == "(" && self.args.len() > 1 {
            let value = self.or()?;
            if !self.eat(")") {
                return Err(match self.world.flavour {
                    Flavour::Gnu => "`)' expected".into(),
                    Flavour::Busybox => "closing paren expected".into(),
                });
            }
            return Ok(value);
        }
        if is_unary(&word)
            && let Some(operand) = self.next()
        {
            return unary(&word, &operand, self.world);
        }
        Ok(!word.is_empty())
    }

    fn binary(&self, left: &str, operator: &str, right: &str) -> Result<bool, EcoString> {
        Ok(match operator {
            "=" | "==" => left == right,
            "!=" => left != right,
            "<" => left < right,
            ">" => left > right,
            "-nt" | "-ot" | "-ef" => compare_files(left, operator, right, self.world),
            _ => {
                let (left, right) = (self.integer(left)?, self.integer(right)?);
                compare(left, operator, right)
            }
        })
    }

    fn integer(&self, text: &str) -> Result<i64, EcoString> {
        text.trim().parse().map_err(|_| match self.world.flavour {
            Flavour::Gnu => eco_format!("{text}: integer expression expected"),
            Flavour::Busybox => eco_format!("{text}: bad number"),
        })
    }
}

fn compare(left: i64, operator: &str, right: i64) -> bool {
    match operator {
        "-eq" => left == right,
        "-ne" => left != right,
        "-lt" => left < right,
        "-le" => left <= right,
        "-gt" => left > right,
        _ => left >= right,
    }
}

fn compare_files(left: &str, operator: &str, right: &str, world: &World<'_>) -> bool {
    let time = |path: &str| {
        world.files.metadata(&absolute(world.cwd, path)).map(|found| found.modified_ms).ok()
    };
    match operator {
        "-nt" => time(left).is_some() && time(left) > time(right),
        "-ot" => time(right).is_some() && time(left) < time(right),
        _ => {
            let (left, right) = (absolute(world.cwd, left), absolute(world.cwd, right));
            left == right && world.files.exists(&left)
        }
    }
}

fn is_binary(word: &str) -> bool {
    matches!(
        word,
        "=" | "=="
            | "!="
            | "<"
            | ">"
            | "-eq"
            | "-ne"
            | "-lt"
            | "-le"
            | "-gt"
            | "-ge"
            | "-nt"
            | "-ot"
            | "-ef"
    )
}

fn is_unary(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next() == Some('-')
        && chars.next().is_some_and(|c| "abcdefghknoprstuvwxzGLNOS".contains(c))
        && chars.next().is_none()
}

fn unary(operator: &str, operand: &str, world: &World<'_>) -> Result<bool, EcoString> {
    let path = absolute(world.cwd, operand);
    let found = if operand.is_empty() { None } else { world.files.metadata(&path).ok() };
    let is = |kind: FileKind| found.is_some_and(|found| found.kind == kind);
    Ok(match operator {
        "-n" => !operand.is_empty(),
        "-z" => operand.is_empty(),
        "-e" | "-a" => found.is_some(),
        "-f" => is(FileKind::File),
        "-d" => is(FileKind::Directory),
        "-c" => is(FileKind::Device),
        "-p" | "-S" => is(FileKind::Socket),
        "-b" => false,
        "-u" => found.is_some_and(|found| found.mode & 0o4000 != 0),
        "-g" => found.is_some_and(|found| found.mode & 0o2000 != 0),
        "-k" => found.is_some_and(|found| found.mode & 0o1000 != 0),
        "-h" | "-L" => {
            world.files.link_metadata(&path).is_ok_and(|found| found.kind == FileKind::Link)
        }
        "-s" => found.is_some_and(|found| found.size > 0),
        "-r" => found.is_some_and(|found| world.files.user().may(user::READ, &found)),
        "-w" => found.is_some_and(|found| world.files.user().may(user::WRITE, &found)),
        "-x" => found.is_some_and(|found| world.files.user().may(user::EXECUTE, &found)),
        "-O" => found.is_some_and(|found| world.files.user().uid == found.uid),
        "-G" => found.is_some_and(|found| world.files.user().gid == found.gid),
        "-N" => found.is_some(),
        "-t" => {
            let number = operand.parse::<usize>().ok();
            number.and_then(|number| world.terminals.get(number)).copied().unwrap_or(false)
        }
        "-v" => (world.is_set)(operand),
        _ => return Err(eco_format!("{operator}: unary operator expected")),
    })
}

pub(in crate::script) fn builtin(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let name = words.first().cloned().unwrap_or_default();
    let mut args = words.get(1..).unwrap_or(&[]);
    let flavour = run.shell().flavour;
    if name == "[" {
        match args.split_last() {
            Some((last, rest)) if last == "]" => args = rest,
            _ => {
                match flavour {
                    Flavour::Gnu => run.complain(Some("["), "missing `]'"),
                    Flavour::Busybox => run.complain(None, "missing ]"),
                }
                return Outcome::Status(2);
            }
        }
    }
    let terminals = [run.is_terminal(0), run.is_terminal(1), run.is_terminal(2)];
    let shell = run.shell().clone();
    let is_set = |name: &str| shell.variables.get(name).is_some_and(|v| v.value != Value::Unset);
    let files = &*run.files();
    let world = World { files, cwd: &shell.cwd, flavour, terminals, is_set: &is_set };
    match evaluate(args, &world) {
        Ok(holds) => Outcome::Status(i32::from(!holds)),
        Err(text) => {
            match flavour {
                Flavour::Gnu => run.complain(Some(&name), &text),
                Flavour::Busybox => run.complain(None, &text),
            }
            Outcome::Status(2)
        }
    }
}

/// Evaluates `[[ ]]`; `trace` gets what `set -x` shows.
pub(in crate::script) fn condition(
    condition: &Condition,
    expander: &mut Expander<'_>,
    trace: &mut EcoString,
) -> Result<bool, Stop> {
    match condition {
        Condition::And(left, right) => {
            if !self::condition(left, expander, trace)? {
                return Ok(false);
            }
            trace.push_str(" && ");
            self::condition(right, expander, trace)
        }
        Condition::Or(left, right) => {
            if self::condition(left, expander, trace)? {
                return Ok(true);
            }
            trace.push_str(" || ");
            self::condition(right, expander, trace)
        }
        Condition::Not(inside) => {
            trace.push_str("! ");
            Ok(!self::condition(inside, expander, trace)?)
        }
        Condition::Word(word) => {
            let text = expander.single(word)?;
            trace.push_str(&eco_format!("-n {}", escape::quote(&text)));
            Ok(!text.is_empty())
        }
        Condition::Unary(operator, word) => {
            let text = expander.single(word)?;
            trace.push_str(&eco_format!("{operator} {}", escape::quote(&text)));
            let shell = &*expander.shell;
            let is_set = |name: &str| {
                shell.variables.get(name).is_some_and(|found| found.value != Value::Unset)
            };
            let world = World {
                files: expander.files,
                cwd: &shell.cwd,
                flavour: shell.flavour,
                terminals: [false; 3],
                is_set: &is_set,
            };
            unary(operator, &text, &world)
                .map_err(|text| Stop::Error(shell.complaint(None, &text), 1))
        }
        Condition::Binary(operator, left, right) => {
            binary_condition(operator, left, right, expander, trace)
        }
    }
}

fn binary_condition(
    operator: &str,
    left: &crate::script::syntax::Word,
    right: &crate::script::syntax::Word,
    expander: &mut Expander<'_>,
    trace: &mut EcoString,
) -> Result<bool, Stop> {
    let text = expander.single(left)?;
    let shown = expander.single(right)?;
    trace.push_str(&eco_format!("{} {operator} {shown}", escape::quote(&text)));
    let folds = expander.shell.options.nocasematch;
    let fold = |text: &str| {
        if folds { text.to_lowercase() } else { text.into() }
    };
    Ok(match operator {
        "=" | "==" | "!=" => {
            let pattern = rewound(expander, |expander| expander.pattern(right))?;
            pattern::matches(&fold(&pattern), &fold(&text)) == (operator != "!=")
        }
        "=~" => {
            let pattern = rewound(expander, |expander| expander.regex(right))?;
            match_regex(&pattern, &text, expander)?
        }
        "<" => *text < *shown,
        ">" => *text > *shown,
        "-nt" | "-ot" | "-ef" => {
            let shell = &*expander.shell;
            let world = World {
                files: expander.files,
                cwd: &shell.cwd,
                flavour: shell.flavour,
                terminals: [false; 3],
                is_set: &|_| false,
            };
            compare_files(&text, operator, &shown, &world)
        }
        _ => {
            let left = expander.arithmetic_as(&text, "[[: ")?;
            let right = expander.arithmetic_as(&shown, "[[: ")?;
            compare(left, operator, right)
        }
    })
}

/// Expands a word a second time, in another way: its substitutions have run already.
fn rewound<T>(
    expander: &mut Expander<'_>,
    work: impl FnOnce(&mut Expander<'_>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let after = expander.used;
    expander.used = expander.rewind_to();
    let result = work(expander);
    expander.used = after;
    result
}

fn match_regex(pattern: &str, text: &str, expander: &mut Expander<'_>) -> Result<bool, Stop> {
    let folds = expander.shell.options.nocasematch;
    let Ok(regex) = Regex::new(pattern, Syntax::Extended, folds) else {
        let text = expander
            .shell
            .complaint(None, &eco_format!("[[: invalid regular expression `{pattern}'"));
        return Err(Stop::Error(text, 2));
    };
    let chars: Vec<char> = text.chars().collect();
    let Some(groups) = regex.find_at(&chars, 0) else {
        return Ok(false);
    };
    let mut elements = imbl::OrdMap::new();
    for (index, group) in groups.iter().enumerate() {
        let text: EcoString = group
            .and_then(|(from, to)| chars.get(from..to))
            .unwrap_or(&[])
            .iter()
            .copied()
            .collect();
        elements.insert(index as i64, text);
    }
    // BASH_REMATCH cannot be read-only.
    let _ = expander.shell.update("BASH_REMATCH", |value| *value = Value::Indexed(elements));
    Ok(true)
}
