//! `awk`: patterns, actions, fields, arrays, functions, printf.
//!
//! Left out: pipes from commands (`cmd | getline`), `system`, coprocesses. Output piped to a
//! command is collected and given to it at the end.

mod function;
mod lexer;
mod parse;
mod run;
mod syntax;
mod value;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use ecow::EcoString;

use super::context::{Context, Trouble};
use super::options::{Known, parse as parse_options};
use super::stream::{Control, Filter, Line, Stream};
use crate::script::Flavour;
use crate::script::regex::Regex;
use syntax::Program;
use value::{Cell, Value};

/// A running `awk`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Awk {
    program: Rc<Program>,
    globals: Vec<Cell>,
    frames: Vec<Vec<Cell>>,
    record: String,
    /// Split lazily; `None` after `$0` changed.
    fields: Option<Vec<EcoString>>,
    /// `$0` must be rebuilt from the fields.
    stale: bool,
    /// Inside the range pattern of each rule.
    active: Vec<bool>,
    regexes: BTreeMap<String, Regex>,
    random: u64,
    seed: u64,
    steps: u64,
    exit: Option<i32>,
    exiting: bool,
    opened: BTreeSet<EcoString>,
    /// Lines of files read with `getline < file`.
    reading: BTreeMap<EcoString, VecDeque<EcoString>>,
    /// What goes to commands (`print | "sort"`).
    piped: Vec<(EcoString, Vec<u8>)>,
    /// Input kept until the end, when records are not simply lines.
    kept: Vec<Line>,
    keeps: bool,
    /// Where plain `getline` continues in the kept input.
    kept_at: usize,
}

/// Variables every program has, in the order of their numbers.
const SPECIAL: [&str; 15] = [
    "NF", "NR", "FNR", "FS", "OFS", "RS", "ORS", "FILENAME", "SUBSEP", "OFMT", "CONVFMT", "RSTART",
    "RLENGTH", "ENVIRON", "ARGC",
];

/// Starts `awk`.
pub fn awk(context: &mut Context<'_>) -> Result<Stream, i32> {
    let long = &[("field-separator", 'F'), ("assign", 'v'), ("file", 'f')];
    let options = parse_options(context, Known { short: "F:v:f:e:", long, permutes: false })?;
    let mut operands = options.operands.clone();
    let mut texts: Vec<String> = options.values('e').map(ToString::to_string).collect();
    for file in options.values('f') {
        match context.read_text(file) {
            Ok(text) => texts.push(text),
            Err(Trouble::Pending) => {}
            Err(Trouble::Failed(error)) => {
                context.complain(&format!(
                    "fatal: cannot open source file `{file}' for reading: {error}"
                ));
                return Err(2);
            }
        }
    }
    if texts.is_empty() {
        if operands.is_empty() {
            return Err(usage(context));
        }
        texts.push(operands.remove(0).to_string());
    }
    let text = texts.join("\n");
    let program = parse::parse(&text).map_err(|error| syntax_error(context, &text, &error))?;
    let mut awk = Awk::new(Rc::new(program), context);
    if let Some(separator) = options.value('F') {
        let text = if separator == "t" { "\t".into() } else { run::unescape(separator) };
        awk.set_special("FS", Value::string(text));
    }
    for assignment in options.values('v') {
        if !awk.assigns(assignment, context) {
            context.complain(&format!("fatal: `{assignment}' is not a legal variable name"));
            return Err(2);
        }
    }
    Ok(Stream::new(Filter::Awk(Box::new(awk)), &operands))
}

fn usage(context: &mut Context<'_>) -> i32 {
    match context.flavour {
        Flavour::Gnu => {
            context.err("Usage: awk [POSIX or GNU style options] -f progfile [--] file ...\n");
            context.err("Usage: awk [POSIX or GNU style options] [--] 'program' file ...\n");
            context.err("(the list of options is not simulated here)\n");
        }
        Flavour::Busybox => context.busybox_usage(),
    }
    1
}

fn syntax_error(context: &mut Context<'_>, text: &str, error: &lexer::SyntaxError) -> i32 {
    if let Some(what) = error.message.strip_prefix("not simulated") {
        context.complain(&format!("cmd. line:{}: not simulated here{what}", error.line));
        return 2;
    }
    match context.flavour {
        Flavour::Gnu => {
            let line = text.lines().nth(error.line.saturating_sub(1)).unwrap_or("");
            let head = format!("cmd. line:{}: ", error.line);
            context.complain(&format!("{head}{line}"));
            let blanks = " ".repeat(error.column);
            context.complain(&format!("{head}{blanks}^ {}", error.message));
            1
        }
        Flavour::Busybox => {
            context.complain(&format!("cmd. line:{}: Unexpected token", error.line));
            1
        }
    }
}

impl Awk {
    fn new(program: Rc<Program>, context: &mut Context<'_>) -> Self {
        let mut globals = vec![Cell::Untyped; program.names.len()];
        let environ = context.env.iter();
        let environ = environ.map(|(name, text)| (name.clone(), Value::input(text))).collect();
        let start: [Value; 13] = [
            Value::number(0.0),
            Value::number(0.0),
            Value::number(0.0),
            Value::string(" "),
            Value::string(" "),
            Value::string("\n"),
            Value::string("\n"),
            Value::string(""),
            Value::string("\x1c"),
            Value::string("%.6g"),
            Value::string("%.6g"),
            Value::number(0.0),
            Value::number(-1.0),
        ];
        for (place, value) in globals.iter_mut().zip(start) {
            *place = Cell::Scalar(value);
        }
        if let Some(place) = globals.get_mut(13) {
            *place = Cell::Array(environ);
        }
        let keeps = program.reads_lines_itself;
        let active = vec![false; program.rules.len()];
        Self {
            program,
            globals,
            frames: Vec::new(),
            record: String::new(),
            fields: None,
            stale: false,
            active,
            regexes: BTreeMap::new(),
            random: 0,
            seed: 0,
            steps: 0,
            exit: None,
            exiting: false,
            opened: BTreeSet::new(),
            reading: BTreeMap::new(),
            piped: Vec::new(),
            kept: Vec::new(),
            keeps,
            kept_at: 0,
        }
    }

    fn special(&self, name: &str) -> Value {
        let at = SPECIAL.iter().position(|known| *known == name);
        match at.and_then(|at| self.globals.get(at)) {
            Some(Cell::Scalar(value)) => value.clone(),
            _ => Value::Unset,
        }
    }

    fn set_special(&mut self, name: &str, value: Value) {
        let at = SPECIAL.iter().position(|known| *known == name);
        if let Some(place) = at.and_then(|at| self.globals.get_mut(at)) {
            *place = Cell::Scalar(value);
        }
    }

    /// Whether an operand is an assignment; then it is performed.
    pub(super) fn assigns(&mut self, operand: &str, _context: &mut Context<'_>) -> bool {
        let Some((name, text)) = operand.split_once('=') else { return false };
        if !crate::script::is_name(name) {
            return false;
        }
        let value = Value::input(&run::unescape(text));
        if let Some(at) = self.program.names.iter().position(|known| known == name)
            && let Some(place) = self.globals.get_mut(at)
        {
            *place = Cell::Scalar(value);
        }
        true
    }

    /// Whether nothing but `BEGIN` rules is there.
    pub(super) fn takes_no_input(&self) -> bool {
        self.program.rules.is_empty() && self.program.ends.is_empty()
    }

    /// Runs the `BEGIN` rules.
    pub(super) fn begin(&mut self, context: &mut Context<'_>) -> Control {
        let begins = self.program.begins.clone();
        for body in &begins {
            self.run_body(context, body);
            if self.exit.is_some() {
                return Control::Exit(self.end(context));
            }
        }
        if self.special("RS").text() != "\n" {
            self.keeps = true;
        }
        Control::Continue
    }

    pub(super) fn begin_file(&mut self, name: &str) {
        let name = if name == "-" { "" } else { name };
        self.set_special("FILENAME", Value::string(name));
        self.set_special("FNR", Value::number(0.0));
    }

    pub(super) fn line(&mut self, context: &mut Context<'_>, line: &Line) -> Control {
        if self.keeps {
            self.kept.push(line.clone());
            return Control::Continue;
        }
        self.take_record(&line.text);
        match self.run_rules(context) {
            run::Flow::Exit => Control::Exit(self.end(context)),
            run::Flow::NextFile => Control::NextFile,
            _ => Control::Continue,
        }
    }

    fn take_record(&mut self, text: &str) {
        for name in ["NR", "FNR"] {
            let count = self.special(name).number_value() + 1.0;
            self.set_special(name, Value::number(count));
        }
        self.set_record(text);
    }

    /// Runs kept input and the `END` rules; the exit code.
    pub(super) fn end(&mut self, context: &mut Context<'_>) -> i32 {
        if self.exiting {
            return self.exit.unwrap_or(0);
        }
        if self.keeps && self.exit.is_none() {
            self.run_kept(context);
        }
        self.exiting = true;
        let ends = self.program.ends.clone();
        let before = self.exit.take();
        for body in &ends {
            if before.is_some() && self.steps == u64::MAX {
                break;
            }
            self.run_body(context, body);
            if self.exit.is_some() {
                break;
            }
        }
        self.exit.or(before).unwrap_or(0)
    }

    fn run_kept(&mut self, context: &mut Context<'_>) {
        self.kept = run::records(&std::mem::take(&mut self.kept), &self.special("RS").text());
        while let Some(line) = self.kept.get(self.kept_at).cloned() {
            self.kept_at += 1;
            let name = if line.file == "-" { "" } else { line.file.as_str() };
            if self.special("FILENAME").text() != name {
                self.set_special("FNR", Value::number(0.0));
            }
            self.set_special("FILENAME", Value::string(name));
            self.take_record(&line.text);
            if matches!(self.run_rules(context), run::Flow::Exit) {
                return;
            }
        }
    }

    /// What was printed to commands, once.
    pub(super) fn take_piped(&mut self) -> Vec<(EcoString, Vec<u8>)> {
        std::mem::take(&mut self.piped)
    }
}
