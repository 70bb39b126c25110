//! `find`.

use std::rc::Rc;

use ecow::{EcoString, eco_format};

use super::context::Context;
use crate::script::{FileKind, Flavour, Metadata, Poll, Run, pattern};

/// An expression of `find`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Expression {
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    True,
    False,
    /// Pattern, on the whole path, ignoring case.
    Name(EcoString, bool, bool),
    Kind(Vec<char>),
    Empty,
    /// Sign and bytes.
    Size(char, u64, u64),
    /// Sign and milliseconds of one unit.
    Age(char, u64, u64),
    Newer(u64),
    Executable,
    Permissions(char, u32),
    Print(&'static str),
    Delete,
    Prune,
    Quit,
    /// Words, and whether names are collected (`+`).
    Execute(Vec<EcoString>, bool),
}

/// A running `find`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Find {
    expression: Rc<Expression>,
    entries: Rc<Vec<(EcoString, u32)>>,
    at: usize,
    min_depth: u32,
    /// Results of the actions already done for this entry.
    answers: Vec<bool>,
    /// How much of this entry's output has been printed.
    printed: usize,
    collected: Vec<(Vec<EcoString>, Vec<EcoString>)>,
    pruned: Option<EcoString>,
    status: i32,
    quits: bool,
}

/// What evaluating an entry came to.
enum Verdict {
    Value(bool),
    Run(Vec<EcoString>),
}

struct Parser<'a> {
    words: &'a [EcoString],
    at: usize,
    flavour: Flavour,
    acts: bool,
    depth_first: bool,
    min_depth: u32,
    max_depth: u32,
    depth: u32,
    newer: Vec<EcoString>,
}

/// Starts `find`, or the exit code.
pub fn find(context: &mut Context<'_>) -> Result<Find, i32> {
    let args: Vec<EcoString> = context
        .args
        .iter()
        .filter(|word| !matches!(word.as_str(), "-L" | "-H" | "-P"))
        .cloned()
        .collect();
    let begins = |word: &EcoString| word.starts_with('-') || word == "(" || word == "!";
    let count = args.iter().position(begins).unwrap_or(args.len());
    let (roots, words) = args.split_at(count);
    let here = [EcoString::from(".")];
    let roots = if roots.is_empty() { &here[..] } else { roots };
    let mut parser = Parser {
        words,
        at: 0,
        flavour: context.flavour,
        acts: false,
        depth_first: false,
        min_depth: 0,
        max_depth: u32::MAX,
        depth: 0,
        newer: Vec::new(),
    };
    let parsed = parser.whole(context);
    let expression = match parsed {
        Ok(expression) => expression,
        Err(text) => {
            context.complain(&text);
            if context.busybox() && text.starts_with("unrecognized") {
                context.busybox_usage();
            }
            return Err(1);
        }
    };
    let expression = if parser.acts {
        expression
    } else {
        Expression::And(Box::new(expression), Box::new(Expression::Print("\n")))
    };
    let mut status = 0;
    let mut entries = Vec::new();
    for root in roots {
        let path = context.path(root);
        if let Err(error) = context.files().link_metadata(&path) {
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("‘{root}’: {error}"),
                Flavour::Busybox => format!("{root}: {error}"),
            });
            status = 1;
            continue;
        }
        walk(context, root, 0, &parser, &mut entries);
    }
    Ok(Find {
        expression: Rc::new(expression),
        entries: Rc::new(entries),
        at: 0,
        min_depth: parser.min_depth,
        answers: Vec::new(),
        printed: 0,
        collected: Vec::new(),
        pruned: None,
        status,
        quits: false,
    })
}

fn walk(
    context: &mut Context<'_>,
    name: &str,
    depth: u32,
    parser: &Parser<'_>,
    entries: &mut Vec<(EcoString, u32)>,
) {
    if entries.len() > 50_000 {
        return;
    }
    let path = context.path(name);
    let is_dir = context.files().link_metadata(&path).is_ok_and(|found| found.is_dir());
    if !parser.depth_first {
        entries.push((name.into(), depth));
    }
    if is_dir && depth < parser.max_depth {
        for entry in context.files().list(&path).unwrap_or_default() {
            let child = match name {
                "/" => eco_format!("/{entry}"),
                name => eco_format!("{}/{entry}", name.strip_suffix('/').unwrap_or(name)),
            };
            walk(context, &child, depth + 1, parser, entries);
        }
    }
    if parser.depth_first {
        entries.push((name.into(), depth));
    }
}

impl Parser<'_> {
    fn whole(&mut self, context: &mut Context<'_>) -> Result<Expression, String> {
        if self.words.is_empty() {
            return Ok(Expression::True);
        }
        let expression = self.or(context)?;
        match self.words.get(self.at) {
            None => Ok(expression),
            Some(word) if word == ")" => Err("you have too many ')'".into()),
            Some(word) => Err(self.unexpected(word)),
        }
    }

    fn unexpected(&self, word: &str) -> String {
        match self.flavour {
            Flavour::Gnu if word.starts_with('-') => format!("unknown predicate `{word}'"),
            Flavour::Gnu => format!("paths must precede expression: `{word}'"),
            Flavour::Busybox => format!("unrecognized: {word}"),
        }
    }

    fn or(&mut self, context: &mut Context<'_>) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > 50 {
            return Err("the expression is nested too deep to be simulated here".into());
        }
        let mut left = self.and(context)?;
        while self.eat(&["-o", "-or"]) {
            left = Expression::Or(Box::new(left), Box::new(self.and(context)?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self, context: &mut Context<'_>) -> Result<Expression, String> {
        let mut left = self.not(context)?;
        loop {
            self.eat(&["-a", "-and"]);
            match self.words.get(self.at).map(EcoString::as_str) {
                None | Some(")" | "-o" | "-or") => return Ok(left),
                Some(_) => {
                    let right = self.not(context)?;
                    left = Expression::And(Box::new(left), Box::new(right));
                }
            }
        }
    }

    fn eat(&mut self, words: &[&str]) -> bool {
        let found = self.words.get(self.at).is_some_and(|word| words.contains(&word.as_str()));
        self.at += usize::from(found);
        found
    }

    fn not(&mut self, context: &mut Context<'_>) -> Result<Expression, String> {
        if self.eat(&["!", "-not"]) {
            return Ok(Expression::Not(Box::new(self.not(context)?)));
        }
        if self.eat(&["("]) {
            let inside = self.or(context)?;
            if !self.eat(&[")"]) {
                return Err("missing closing ')'".into());
            }
            return Ok(inside);
        }
        self.primary(context)
    }

    fn argument(&mut self, name: &str) -> Result<EcoString, String> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word.ok_or_else(|| match self.flavour {
            Flavour::Gnu => format!("missing argument to `{name}'"),
            Flavour::Busybox => format!("{name} requires an argument"),
        })
    }

    fn primary(&mut self, context: &mut Context<'_>) -> Result<Expression, String> {
        let name = self.words.get(self.at).cloned().unwrap_or_default();
        self.at += 1;
        Ok(match name.as_str() {
            "-name" | "-iname" => Expression::Name(self.argument(&name)?, false, name == "-iname"),
            "-path" | "-wholename" | "-ipath" => {
                Expression::Name(self.argument(&name)?, true, name == "-ipath")
            }
            "-type" => self.kinds(&name)?,
            "-maxdepth" | "-mindepth" => self.depth_limit(&name)?,
            "-depth" => {
                self.depth_first = true;
                Expression::True
            }
            "-empty" => Expression::Empty,
            "-executable" => Expression::Executable,
            "-true" | "-xdev" | "-mount" | "-follow" | "-noleaf" => Expression::True,
            "-false" => Expression::False,
            "-size" => self.size(&name)?,
            "-mtime" | "-atime" | "-ctime" => self.age(&name, 86_400_000)?,
            "-mmin" | "-amin" | "-cmin" => self.age(&name, 60_000)?,
            "-newer" => {
                let file = self.argument(&name)?;
                let path = context.path(&file);
                self.newer.push(file.clone());
                match context.files().metadata(&path) {
                    Ok(found) => Expression::Newer(found.modified_ms),
                    Err(error) => return Err(format!("‘{file}’: {error}")),
                }
            }
            "-perm" => {
                let text = self.argument(&name)?;
                let sign = text.chars().next().filter(|c| "-/+".contains(*c)).unwrap_or('=');
                let digits = text.trim_start_matches(['-', '/', '+']);
                let mode =
                    u32::from_str_radix(digits, 8).map_err(|_| format!("invalid mode ‘{text}’"))?;
                Expression::Permissions(sign, mode)
            }
            "-print" => self.action(Expression::Print("\n")),
            "-print0" => self.action(Expression::Print("\0")),
            "-prune" => Expression::Prune,
            "-quit" => self.action(Expression::Quit),
            "-delete" => {
                self.depth_first = true;
                self.action(Expression::Delete)
            }
            "-exec" | "-ok" => self.execute(&name)?,
            "-user" | "-group" => {
                let who = self.argument(&name)?;
                if who == "root" || who == "0" { Expression::True } else { Expression::False }
            }
            "-regex" | "-printf" | "-ls" | "-links" | "-inum" | "-samefile" | "-execdir" => {
                return Err(format!("{name} is not simulated here"));
            }
            other => return Err(self.unexpected(other)),
        })
    }

    fn kinds(&mut self, name: &str) -> Result<Expression, String> {
        let kinds = self.argument(name)?;
        let kinds: Vec<char> = kinds.chars().filter(|c| *c != ',').collect();
        match kinds.iter().find(|c| !"fdlbcps".contains(**c)) {
            Some(kind) => Err(format!("Unknown argument to -type: {kind}")),
            None => Ok(Expression::Kind(kinds)),
        }
    }

    fn depth_limit(&mut self, name: &str) -> Result<Expression, String> {
        let text = self.argument(name)?;
        let depth = text.parse().map_err(|_| {
            format!("Expected a positive decimal integer argument to {name}, but got ‘{text}’")
        })?;
        if name == "-maxdepth" {
            self.max_depth = depth;
        } else {
            self.min_depth = depth;
        }
        Ok(Expression::True)
    }

    fn action(&mut self, expression: Expression) -> Expression {
        self.acts = true;
        expression
    }

    fn signed(&mut self, name: &str) -> Result<(char, EcoString), String> {
        let text = self.argument(name)?;
        let sign = text.chars().next().filter(|c| "+-".contains(*c)).unwrap_or('=');
        Ok((sign, text.trim_start_matches(['+', '-']).into()))
    }

    fn size(&mut self, name: &str) -> Result<Expression, String> {
        let (sign, text) = self.signed(name)?;
        let (digits, unit) = match text.chars().last() {
            Some('c') => (text.trim_end_matches('c'), 1),
            Some('k') => (text.trim_end_matches('k'), 1024),
            Some('M') => (text.trim_end_matches('M'), 1 << 20),
            Some('G') => (text.trim_end_matches('G'), 1 << 30),
            Some('b') => (text.trim_end_matches('b'), 512),
            _ => (text.as_str(), 512),
        };
        let count = digits.parse().map_err(|_| format!("invalid -size type `{text}'"))?;
        Ok(Expression::Size(sign, count, unit))
    }

    fn age(&mut self, name: &str, unit: u64) -> Result<Expression, String> {
        let (sign, text) = self.signed(name)?;
        let count = text.parse().map_err(|_| format!("invalid argument `{text}' to `{name}'"))?;
        Ok(Expression::Age(sign, count, unit))
    }

    fn execute(&mut self, name: &str) -> Result<Expression, String> {
        let mut words = Vec::new();
        loop {
            let Some(word) = self.words.get(self.at).cloned() else {
                return Err(match self.flavour {
                    Flavour::Gnu => format!("missing argument to `{name}'"),
                    Flavour::Busybox => format!("{name} requires an argument"),
                });
            };
            self.at += 1;
            let plus = word == "+" && words.last().is_some_and(|last| last == "{}");
            if word == ";" || plus {
                if words.is_empty() {
                    return Err(format!("missing argument to `{name}'"));
                }
                return Ok(self.action(Expression::Execute(words, plus)));
            }
            words.push(word);
        }
    }
}

impl Find {
    /// Handles entries until a command has to run.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll {
        if let Some(finished) = context.io.finished.take() {
            if finished.missing {
                let name = finished_name(&self.expression);
                context.complain(&match context.flavour {
                    Flavour::Gnu => format!("‘{name}’: No such file or directory"),
                    Flavour::Busybox => format!("{name}: No such file or directory"),
                });
            }
            if self.at < self.entries.len() {
                self.answers.push(finished.code == 0);
            } else if finished.code != 0 {
                self.status = 1;
            }
        }
        let entries = self.entries.clone();
        while let Some((name, depth)) = entries.get(self.at) {
            if self.quits {
                break;
            }
            if *depth < self.min_depth || self.is_pruned(name) {
                self.at += 1;
                continue;
            }
            match self.entry(context, name) {
                Verdict::Run(argv) => {
                    return Poll::Run(Run { argv, env: None, stdin: None, capture: false });
                }
                Verdict::Value(_) => {
                    self.at += 1;
                    self.answers.clear();
                    self.printed = 0;
                }
            }
        }
        self.at = self.entries.len();
        match self.collected.pop() {
            Some((words, names)) => {
                let mut argv: Vec<EcoString> = words;
                argv.pop();
                argv.extend(names);
                Poll::Run(Run { argv, env: None, stdin: None, capture: false })
            }
            None => Poll::Exited(self.status),
        }
    }

    fn is_pruned(&self, name: &str) -> bool {
        self.pruned.as_ref().is_some_and(|pruned| {
            name.strip_prefix(pruned.as_str()).is_some_and(|rest| rest.starts_with('/'))
        })
    }

    fn entry(&mut self, context: &mut Context<'_>, name: &EcoString) -> Verdict {
        let path = context.path(name);
        let Ok(found) = context.files().link_metadata(&path) else { return Verdict::Value(false) };
        let expression = self.expression.clone();
        let mut out = String::new();
        let mut used = 0;
        let verdict = self.evaluate(context, &expression, name, &found, &mut out, &mut used);
        let fresh = out.get(self.printed..).unwrap_or("").to_owned();
        context.out(&fresh);
        self.printed = out.len();
        verdict
    }

    fn evaluate(
        &mut self,
        context: &mut Context<'_>,
        expression: &Expression,
        name: &EcoString,
        found: &Metadata,
        out: &mut String,
        used: &mut usize,
    ) -> Verdict {
        let value = match expression {
            Expression::And(left, right) => {
                match self.evaluate(context, left, name, found, out, used) {
                    Verdict::Value(true) => {
                        return self.evaluate(context, right, name, found, out, used);
                    }
                    other => return other,
                }
            }
            Expression::Or(left, right) => {
                match self.evaluate(context, left, name, found, out, used) {
                    Verdict::Value(false) => {
                        return self.evaluate(context, right, name, found, out, used);
                    }
                    other => return other,
                }
            }
            Expression::Not(inside) => {
                match self.evaluate(context, inside, name, found, out, used) {
                    Verdict::Value(value) => !value,
                    run => return run,
                }
            }
            Expression::Print(end) => {
                out.push_str(name);
                out.push_str(end);
                true
            }
            Expression::Delete => match self.answer(used) {
                Some(value) => value,
                None => {
                    let value = self.delete(context, name, found);
                    self.answers.push(value);
                    value
                }
            },
            Expression::Execute(words, true) => {
                self.collect(words, name);
                true
            }
            Expression::Execute(words, false) => match self.answer(used) {
                Some(value) => value,
                None => {
                    let argv = words.iter().map(|word| word.replace("{}", name));
                    return Verdict::Run(argv.collect());
                }
            },
            Expression::Prune => {
                self.pruned = Some(name.clone());
                true
            }
            Expression::Quit => {
                self.quits = true;
                true
            }
            test => holds(context, test, name, found),
        };
        Verdict::Value(value)
    }

    /// A name for `-exec ... +`.
    fn collect(&mut self, words: &[EcoString], name: &EcoString) {
        match self.collected.iter_mut().find(|(known, _)| known == words) {
            Some((_, names)) if !names.contains(name) => names.push(name.clone()),
            Some(_) => {}
            None => self.collected.push((words.to_vec(), vec![name.clone()])),
        }
    }

    /// The result of an action done before, if there is one.
    fn answer(&mut self, used: &mut usize) -> Option<bool> {
        let value = self.answers.get(*used).copied();
        *used += 1;
        value
    }

    fn delete(&mut self, context: &mut Context<'_>, name: &str, found: &Metadata) -> bool {
        if name == "." {
            return true;
        }
        let path = context.path(name);
        let done = match found.is_dir() {
            true => context.files().remove_dir(&path),
            false => context.files().remove_file(&path),
        };
        if let Err(error) = done {
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("cannot delete ‘{name}’: {error}"),
                Flavour::Busybox => format!("{name}: {error}"),
            });
            self.status = 1;
            return false;
        }
        true
    }
}

fn finished_name(expression: &Expression) -> EcoString {
    match expression {
        Expression::And(left, right) | Expression::Or(left, right) => {
            let name = finished_name(left);
            if name.is_empty() { finished_name(right) } else { name }
        }
        Expression::Not(inside) => finished_name(inside),
        Expression::Execute(words, _) => words.first().cloned().unwrap_or_default(),
        _ => EcoString::new(),
    }
}

fn compared(sign: char, value: u64, wanted: u64) -> bool {
    match sign {
        '+' => value > wanted,
        '-' => value < wanted,
        _ => value == wanted,
    }
}

fn holds(context: &mut Context<'_>, test: &Expression, name: &str, found: &Metadata) -> bool {
    match test {
        Expression::Name(glob, whole, folds) => {
            let base = name.trim_end_matches('/').rsplit('/').next().unwrap_or(name);
            let text = if *whole {
                name
            } else if base.is_empty() {
                "/"
            } else {
                base
            };
            match folds {
                true => pattern::matches(&glob.to_lowercase(), &text.to_lowercase()),
                false => pattern::matches(glob, text),
            }
        }
        Expression::Kind(kinds) => {
            let kind = match found.kind {
                FileKind::File => 'f',
                FileKind::Directory => 'd',
                FileKind::Link => 'l',
                FileKind::Device => 'c',
                FileKind::Socket => 's',
            };
            kinds.contains(&kind)
        }
        Expression::Empty => {
            let path = context.path(name);
            match found.is_dir() {
                true => context.files().list(&path).is_ok_and(|names| names.is_empty()),
                false => found.size == 0,
            }
        }
        Expression::Size(sign, count, unit) => compared(*sign, found.size.div_ceil(*unit), *count),
        Expression::Age(sign, count, unit) => {
            let age = context.now().saturating_sub(found.modified_ms) / unit;
            compared(*sign, age, *count)
        }
        Expression::Newer(time) => found.modified_ms > *time,
        Expression::Executable => found.is_dir() || found.mode & 0o111 != 0,
        Expression::Permissions(sign, mode) => match sign {
            '-' => found.mode & mode == *mode,
            '/' | '+' => *mode == 0 || found.mode & mode != 0,
            _ => found.mode == *mode,
        },
        Expression::True => true,
        _ => false,
    }
}
