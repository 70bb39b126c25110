//! `grep`.

use std::collections::VecDeque;

use ecow::EcoString;

use super::context::{Context, Pending, Trouble, lines};
use super::options::{Known, Options, parse};
use super::stream::{Control, Filter, Line, Stream};
use crate::script::regex::{Regex, Syntax, is_word};
use crate::script::{FileKind, Flavour, pattern};

/// What is searched and how it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grep {
    patterns: Vec<Regex>,
    invert: bool,
    count: bool,
    quiet: bool,
    pub(super) silent: bool,
    only: bool,
    numbers: bool,
    names: bool,
    list: bool,
    list_without: bool,
    words: bool,
    most: Option<u64>,
    after: u64,
    before: usize,
    /// Some input could not be read.
    pub(super) failed: bool,
    any: bool,
    line: u64,
    found: u64,
    left_after: u64,
    held: VecDeque<(u64, String)>,
    last_shown: Option<u64>,
    shown_any: bool,
    separates: bool,
}

const LONG: &[(&str, char)] = &[
    ("ignore-case", 'i'),
    ("invert-match", 'v'),
    ("count", 'c'),
    ("quiet", 'q'),
    ("silent", 'q'),
    ("no-messages", 's'),
    ("only-matching", 'o'),
    ("extended-regexp", 'E'),
    ("fixed-strings", 'F'),
    ("basic-regexp", 'G'),
    ("perl-regexp", 'P'),
    ("line-number", 'n'),
    ("with-filename", 'H'),
    ("no-filename", 'h'),
    ("files-with-matches", 'l'),
    ("files-without-match", 'L'),
    ("word-regexp", 'w'),
    ("line-regexp", 'x'),
    ("recursive", 'r'),
    ("regexp", 'e'),
    ("file", 'f'),
    ("max-count", 'm'),
    ("after-context", 'A'),
    ("before-context", 'B'),
    ("context", 'C'),
    ("include", 'I'),
    ("exclude", 'X'),
    ("color", 'K'),
    ("colour", 'K'),
    ("line-buffered", 'u'),
    ("text", 'a'),
];

/// Starts `grep`, `egrep` or `fgrep`.
pub fn grep(context: &mut Context<'_>) -> Result<Stream, i32> {
    let known =
        Known { short: "ivcqsoEFGPnHhlLwxrRe:f:m:A:B:C:I:X:Kuayz", long: LONG, permutes: true };
    let mut options = parse_with_numbers(context, known)?;
    if options.has('P') || options.has('z') {
        context.complain("-P and -z are not simulated here");
        return Err(2);
    }
    let mut texts: Vec<EcoString> = options.values('e').cloned().collect();
    let files: Vec<EcoString> = options.values('f').cloned().collect();
    for file in &files {
        match context.read_text(file) {
            Ok(text) => texts.extend(lines(&text).into_iter().map(EcoString::from)),
            Err(Trouble::Pending) => {}
            Err(Trouble::Failed(error)) => {
                context.complain(&format!("{file}: {error}"));
                return Err(2);
            }
        }
    }
    if texts.is_empty() && files.is_empty() {
        if options.operands.is_empty() {
            return Err(usage(context));
        }
        texts.push(options.operands.remove(0));
    }
    let patterns = compile(context, &options, &texts)?;
    let recursive = options.has('r') || options.has('R');
    let operands = inputs(context, &options, recursive);
    let number = |flag| options.value(flag).and_then(|text| text.parse::<u64>().ok());
    let both = number('C').unwrap_or(0);
    let several = options.operands.len() > 1 || recursive;
    let grep = Grep {
        patterns,
        invert: options.has('v'),
        count: options.has('c'),
        quiet: options.has('q'),
        silent: options.has('s') || options.has('q'),
        only: options.has('o'),
        numbers: options.has('n'),
        names: options.has('H') || (several && !options.has('h')),
        list: options.has('l'),
        list_without: options.has('L'),
        words: options.has('w'),
        most: number('m'),
        after: number('A').unwrap_or(both),
        before: number('B').unwrap_or(both).min(10_000) as usize,
        failed: false,
        any: false,
        line: 0,
        found: 0,
        left_after: 0,
        held: VecDeque::new(),
        last_shown: None,
        shown_any: false,
        separates: options.has('A') || options.has('B') || options.has('C'),
    };
    let nothing = ["/dev/null".into()];
    let operands = if recursive && operands.is_empty() { &nothing[..] } else { &operands };
    Ok(Stream::new(Filter::Grep(Box::new(grep)), operands))
}

/// `-5` means `-C 5`.
fn parse_with_numbers(context: &mut Context<'_>, known: Known) -> Result<Options, i32> {
    let args: Vec<EcoString> = context
        .args
        .iter()
        .flat_map(|word| match word.strip_prefix('-') {
            Some(digits) if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) => {
                vec!["-C".into(), digits.into()]
            }
            _ => vec![word.clone()],
        })
        .collect();
    let options = parse(&mut context.with_args(&args), known);
    options.map_err(|_| 2)
}

fn usage(context: &mut Context<'_>) -> i32 {
    match context.flavour {
        Flavour::Gnu => {
            context.err("Usage: grep [OPTION]... PATTERNS [FILE]...\n");
            context.err("Try 'grep --help' for more information.\n");
        }
        Flavour::Busybox => context.busybox_usage(),
    }
    2
}

fn compile(
    context: &mut Context<'_>,
    options: &Options,
    texts: &[EcoString],
) -> Result<Vec<Regex>, i32> {
    let fixed = options.has('F') || context.name == "fgrep";
    let extended = options.has('E') || context.name == "egrep";
    let syntax = if extended || fixed { Syntax::Extended } else { Syntax::Basic };
    let mut patterns = Vec::new();
    for text in texts.iter().flat_map(|text| text.split('\n')) {
        let mut pattern = if fixed { literal(text) } else { text.to_owned() };
        if options.has('x') {
            pattern = match syntax {
                Syntax::Extended => format!("^({pattern})$"),
                Syntax::Basic => format!("^\\({pattern}\\)$"),
            };
        }
        match Regex::new(&pattern, syntax, options.has('i') || options.has('y')) {
            Ok(regex) => patterns.push(regex),
            Err(error) => {
                match context.flavour {
                    Flavour::Gnu => context.complain(error.0),
                    Flavour::Busybox => {
                        let text = format!("bad regex '{text}': {}", error.0);
                        context.complain(&text);
                    }
                }
                return Err(2);
            }
        }
    }
    Ok(patterns)
}

fn literal(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if "\\^$.[]|()?*+{}".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The files to search; with `-r` those below directories.
fn inputs(context: &mut Context<'_>, options: &Options, recursive: bool) -> Vec<EcoString> {
    if !recursive {
        return options.operands.clone();
    }
    let bare = options.operands.is_empty();
    let roots = if bare { vec![EcoString::from(".")] } else { options.operands.clone() };
    let mut found = Vec::new();
    for root in roots {
        walk(context, options, &root, &mut found);
    }
    if bare {
        found = found.iter().map(|path| path.trim_start_matches("./").into()).collect();
    }
    found
}

fn walk(context: &mut Context<'_>, options: &Options, name: &str, found: &mut Vec<EcoString>) {
    let path = context.path(name);
    let is_dir = context.files().metadata(&path).is_ok_and(|found| found.is_dir());
    if !is_dir {
        let base = name.rsplit('/').next().unwrap_or(name);
        let includes: Vec<&EcoString> = options.values('I').collect();
        let included =
            includes.is_empty() || includes.iter().any(|glob| pattern::matches(glob, base));
        if included && !options.values('X').any(|glob| pattern::matches(glob, base)) {
            found.push(name.into());
        }
        return;
    }
    for entry in context.files().list(&path).unwrap_or_default() {
        let child = ecow::eco_format!("{}/{entry}", name.trim_end_matches('/'));
        let full = context.path(&child);
        let link = context.files().link_metadata(&full);
        let skips = link.is_ok_and(|link| link.kind == FileKind::Link) && !options.has('R');
        if !skips && found.len() < 10_000 {
            walk(context, options, &child, found);
        }
    }
}

impl Grep {
    pub(super) fn begin_file(&mut self) {
        self.line = 0;
        self.found = 0;
        self.left_after = 0;
        self.held.clear();
        self.last_shown = None;
    }

    /// The matches in a line, leftmost first.
    fn matches(&self, chars: &[char], all: bool) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut from = 0;
        while from <= chars.len() {
            let next = self.patterns.iter().filter_map(|regex| self.match_from(regex, chars, from));
            let best = next.min_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)));
            let Some((start, end)) = best else { break };
            found.push((start, end));
            if !all {
                break;
            }
            from = if end > start { end } else { end + 1 };
        }
        found
    }

    fn match_from(&self, regex: &Regex, chars: &[char], from: usize) -> Option<(usize, usize)> {
        let mut from = from;
        loop {
            let (start, end) = *regex.find_at(chars, from)?.first()?.as_ref()?;
            let before = start.checked_sub(1).and_then(|at| chars.get(at)).copied();
            let after = chars.get(end).copied();
            let edges = !before.is_some_and(is_word) && !after.is_some_and(is_word);
            if !self.words || (edges && end > start) {
                return Some((start, end));
            }
            from = start + 1;
            if from > chars.len() {
                return None;
            }
        }
    }

    pub(super) fn line(&mut self, context: &mut Context<'_>, line: &Line) -> Control {
        self.line += 1;
        let chars: Vec<char> = line.text.chars().collect();
        let matched = !self.matches(&chars, false).is_empty();
        if matched == self.invert {
            self.context_line(context, line);
            return Control::Continue;
        }
        self.found += 1;
        self.any = true;
        if self.quiet {
            return Control::Exit(0);
        }
        if self.list || self.list_without {
            return Control::NextFile;
        }
        if !self.count {
            self.show(context, line, &chars);
        }
        self.left_after = self.after;
        if self.most.is_some_and(|most| self.found >= most) && self.after == 0 {
            return Control::NextFile;
        }
        Control::Continue
    }

    fn context_line(&mut self, context: &mut Context<'_>, line: &Line) {
        if self.count || self.list || self.quiet {
            return;
        }
        if self.left_after > 0 {
            self.left_after -= 1;
            self.print(context, &line.file, self.line, &line.text, '-');
        } else if self.before > 0 {
            self.held.push_back((self.line, line.text.clone()));
            if self.held.len() > self.before {
                self.held.pop_front();
            }
        }
    }

    fn show(&mut self, context: &mut Context<'_>, line: &Line, chars: &[char]) {
        let first = self.held.front().map_or(self.line, |(number, _)| *number);
        let gap = self.last_shown.is_none_or(|last| last + 1 < first);
        if self.separates && gap && self.shown_any && !self.only {
            context.out("--\n");
        }
        for (number, text) in std::mem::take(&mut self.held) {
            self.print(context, &line.file, number, &text, '-');
        }
        if !self.only {
            self.print(context, &line.file, self.line, &line.text, ':');
            return;
        }
        if self.invert {
            return;
        }
        for (start, end) in self.matches(chars, true) {
            if end > start {
                let text: String = chars.get(start..end).unwrap_or(&[]).iter().collect();
                self.print(context, &line.file, self.line, &text, ':');
            }
        }
    }

    fn print(
        &mut self,
        context: &mut Context<'_>,
        file: &str,
        number: u64,
        text: &str,
        mark: char,
    ) {
        let mut out = String::new();
        if self.names {
            out.push_str(shown_name(file));
            out.push(mark);
        }
        if self.numbers {
            out.push_str(&format!("{number}{mark}"));
        }
        context.out(&format!("{out}{text}\n"));
        self.last_shown = Some(number);
        self.shown_any = true;
    }

    pub(super) fn end_file(&mut self, name: &str, context: &mut Context<'_>) {
        let name = shown_name(name);
        if self.count {
            let head = if self.names { format!("{name}:") } else { String::new() };
            context.out(&format!("{head}{}\n", self.found));
        }
        if (self.list && self.found > 0) || (self.list_without && self.found == 0) {
            context.out(&format!("{name}\n"));
        }
    }

    pub(super) fn exit_code(&self, status: i32) -> i32 {
        match (self.failed, self.any) {
            (true, _) => status.max(2),
            (false, true) => 0,
            (false, false) => 1,
        }
    }
}

fn shown_name(file: &str) -> &str {
    if file == "-" { "(standard input)" } else { file }
}

impl From<Pending> for Trouble {
    fn from(_: Pending) -> Self {
        Self::Pending
    }
}
