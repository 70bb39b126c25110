//! The small line filters: cat, cut, head, nl, tee, tr, uniq.

use ecow::EcoString;

use super::context::Context;
use super::options::{Known, Options, parse};
use super::stream::{Control, Filter, Line, Stream};
use crate::script::Flavour;
use crate::script::pattern::in_class;

/// `cat`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cat {
    number: bool,
    number_nonblank: bool,
    ends: bool,
    tabs: bool,
    squeeze: bool,
    count: u64,
    blanks: u32,
}

/// Starts `cat`.
pub fn cat(context: &mut Context<'_>) -> Result<Stream, i32> {
    let long = &[("number", 'n'), ("show-ends", 'E'), ("squeeze-blank", 's'), ("show-all", 'A')];
    let options = parse(context, Known { short: "nbEsTAuvet", long, permutes: true })?;
    let has = |flag| options.has(flag);
    let cat = Cat {
        number: has('n') && !has('b'),
        number_nonblank: has('b'),
        ends: has('E') || has('A') || has('e'),
        tabs: has('T') || has('A') || has('t'),
        squeeze: has('s'),
        count: 0,
        blanks: 0,
    };
    Ok(Stream::new(Filter::Cat(cat), &options.operands))
}

/// A pager prints everything: its flags are about the screen.
pub fn pager(context: &mut Context<'_>) -> Result<Stream, i32> {
    let operands: Vec<EcoString> =
        context.args.iter().filter(|word| !word.starts_with(['-', '+'])).cloned().collect();
    Ok(Stream::new(Filter::Cat(Cat::default()), &operands))
}

impl Cat {
    /// Nothing is changed: bytes pass as they come.
    pub fn is_plain(&self) -> bool {
        !(self.number || self.number_nonblank || self.ends || self.tabs || self.squeeze)
    }

    pub(super) fn line(&mut self, context: &mut Context<'_>, line: &Line) -> Control {
        let blank = line.text.is_empty();
        self.blanks = if blank { self.blanks + 1 } else { 0 };
        if self.squeeze && self.blanks > 1 {
            return Control::Continue;
        }
        if self.number || (self.number_nonblank && !blank) {
            self.count += 1;
            context.out(&format!("{:6}\t", self.count));
        }
        let text = if self.tabs { line.text.replace('\t', "^I") } else { line.text.clone() };
        context.out(&text);
        if line.newline {
            context.out(if self.ends { "$\n" } else { "\n" });
        }
        Control::Continue
    }
}

/// What `cut` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Unit {
    Fields,
    Characters,
}

/// `cut`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cut {
    unit: Unit,
    ranges: Vec<(usize, usize)>,
    delimiter: EcoString,
    output_delimiter: Option<EcoString>,
    only_delimited: bool,
    complement: bool,
}

/// Starts `cut`.
pub fn cut(context: &mut Context<'_>) -> Result<Stream, i32> {
    let long = &[
        ("delimiter", 'd'),
        ("fields", 'f'),
        ("characters", 'c'),
        ("bytes", 'b'),
        ("only-delimited", 's'),
        ("complement", 'C'),
        ("output-delimiter", 'O'),
    ];
    let options = parse(context, Known { short: "d:f:c:b:snCO:", long, permutes: true })?;
    let (unit, list) = match (options.value('f'), options.value('c').or(options.value('b'))) {
        (Some(list), _) => (Unit::Fields, list.clone()),
        (None, Some(list)) => (Unit::Characters, list.clone()),
        (None, None) => {
            let gnu = context.flavour == Flavour::Gnu;
            let must = if gnu { "you must specify" } else { "expected" };
            context.complain(&format!("{must} a list of bytes, characters, or fields"));
            return Err(if gnu { context.try_help() } else { 1 });
        }
    };
    let ranges = ranges(&list).map_err(|text| {
        context.complain(&text);
        if context.flavour == Flavour::Gnu { context.try_help() } else { 1 }
    })?;
    let delimiter = options.value('d').cloned().unwrap_or_else(|| "\t".into());
    if delimiter.chars().count() > 1 && context.flavour == Flavour::Gnu {
        context.complain("the delimiter must be a single character");
        return Err(context.try_help());
    }
    let cut = Cut {
        unit,
        ranges,
        delimiter,
        output_delimiter: options.value('O').cloned(),
        only_delimited: options.has('s'),
        complement: options.has('C'),
    };
    Ok(Stream::new(Filter::Cut(cut), &options.operands))
}

fn ranges(list: &str) -> Result<Vec<(usize, usize)>, String> {
    let mut ranges = Vec::new();
    for part in list.split([',', ' ']) {
        let number = |text: &str| match text.parse::<usize>() {
            Ok(0) => Err("fields are numbered from 1".to_owned()),
            Ok(number) => Ok(number),
            Err(_) => Err(format!("invalid field value ‘{text}’")),
        };
        let range = match part.split_once('-') {
            None => {
                let at = number(part)?;
                (at, at)
            }
            Some(("", "")) => return Err("invalid range with no endpoint: -".into()),
            Some((low, "")) => (number(low)?, usize::MAX),
            Some(("", high)) => (1, number(high)?),
            Some((low, high)) => (number(low)?, number(high)?),
        };
        if range.1 < range.0 {
            return Err("invalid decreasing range".into());
        }
        ranges.push(range);
    }
    Ok(ranges)
}

impl Cut {
    fn wants(&self, at: usize) -> bool {
        self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&at)) != self.complement
    }

    pub(super) fn line(&mut self, context: &mut Context<'_>, line: &Line) -> Control {
        if self.unit == Unit::Characters {
            let chars = line.text.chars().enumerate();
            let text: String = chars.filter(|(at, _)| self.wants(at + 1)).map(|(_, c)| c).collect();
            context.out(&format!("{text}\n"));
            return Control::Continue;
        }
        if !line.text.contains(self.delimiter.as_str()) || self.delimiter.is_empty() {
            if !self.only_delimited {
                context.out(&format!("{}\n", line.text));
            }
            return Control::Continue;
        }
        let fields: Vec<&str> = line
            .text
            .split(self.delimiter.as_str())
            .enumerate()
            .filter(|(at, _)| self.wants(at + 1))
            .map(|(_, field)| field)
            .collect();
        let between = self.output_delimiter.as_ref().unwrap_or(&self.delimiter);
        context.out(&format!("{}\n", fields.join(between)));
        Control::Continue
    }
}

/// `head`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Head {
    bytes: bool,
    /// Negative: all but the last.
    count: i64,
    headers: bool,
    first: bool,
    left: i64,
    held: Vec<Vec<u8>>,
}

/// Starts `head`.
pub fn head(context: &mut Context<'_>) -> Result<Stream, i32> {
    let options = count_options(context)?;
    let (bytes, text) = match (options.value('n'), options.value('c')) {
        (_, Some(text)) => (true, text.clone()),
        (Some(text), None) => (false, text.clone()),
        (None, None) => (false, "10".into()),
    };
    let Some(count) = count(&text) else { return Err(bad_count(context, bytes, &text)) };
    let headers = (options.operands.len() > 1 || options.has('v')) && !options.has('q');
    let head = Head { bytes, count, headers, first: true, left: count.max(0), held: Vec::new() };
    Ok(Stream::new(Filter::Head(head), &options.operands))
}

/// Options of `head` and `tail`, with the old `-5`.
pub(super) fn count_options(context: &mut Context<'_>) -> Result<Options, i32> {
    let mut takes_value = false;
    let args: Vec<EcoString> = context
        .args
        .iter()
        .flat_map(|word| {
            if std::mem::take(&mut takes_value) {
                return vec![word.clone()];
            }
            takes_value = matches!(word.as_str(), "-n" | "-c" | "--lines" | "--bytes" | "-s");
            let digits = word.strip_prefix('-').unwrap_or("");
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            match digits.split_at(end) {
                ("", _) => vec![word.clone()],
                (number, "") => vec!["-n".into(), number.into()],
                (number, flags) => {
                    vec![ecow::eco_format!("-{flags}"), "-n".into(), number.into()]
                }
            }
        })
        .collect();
    let long = &[
        ("lines", 'n'),
        ("bytes", 'c'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("verbose", 'v'),
        ("follow", 'f'),
        ("retry", 'F'),
        ("sleep-interval", 's'),
    ];
    parse(&mut context.with_args(&args), Known { short: "n:c:qvfFs:z", long, permutes: true })
}

/// A number with a sign and perhaps `k`, `M`.
pub(super) fn count(text: &str) -> Option<i64> {
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 'b')) => (text.get(..at)?, 512),
        Some((at, 'k' | 'K')) => (text.get(..at)?, 1024),
        Some((at, 'm' | 'M')) => (text.get(..at)?, 1024 * 1024),
        _ => (text, 1),
    };
    digits.parse::<i64>().ok().and_then(|number| number.checked_mul(unit))
}

pub(super) fn bad_count(context: &mut Context<'_>, bytes: bool, text: &str) -> i32 {
    let what = if bytes { "bytes" } else { "lines" };
    match context.flavour {
        Flavour::Gnu => context.complain(&format!("invalid number of {what}: ‘{text}’")),
        Flavour::Busybox => context.complain(&format!("invalid number '{text}'")),
    }
    1
}

impl Head {
    pub(super) fn wants_nothing(&self) -> bool {
        self.count == 0 && !self.headers
    }

    pub(super) fn counts_bytes(&self) -> bool {
        self.bytes
    }

    pub(super) fn begin_file(&mut self, name: &str, context: &mut Context<'_>) {
        self.left = self.count.max(0);
        if self.headers {
            header(context, name, self.first);
        }
        self.first = false;
    }

    pub(super) fn chunk(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Control {
        if self.count < 0 {
            self.held.push(bytes.to_vec());
            return Control::Continue;
        }
        let taken = bytes.len().min(self.left as usize);
        context.bytes(bytes.get(..taken).unwrap_or(&[]));
        self.left -= taken as i64;
        if self.left <= 0 { Control::NextFile } else { Control::Continue }
    }

    pub(super) fn line(&mut self, context: &mut Context<'_>, line: &Line) -> Control {
        let mut bytes = line.text.clone().into_bytes();
        if line.newline {
            bytes.push(b'\n');
        }
        if self.count < 0 {
            self.held.push(bytes);
            if self.held.len() as i64 > -self.count {
                let oldest = self.held.remove(0);
                context.bytes(&oldest);
            }
            return Control::Continue;
        }
        if self.left > 0 {
            context.bytes(&bytes);
            self.left -= 1;
        }
        if self.left <= 0 { Control::NextFile } else { Control::Continue }
    }

    pub(super) fn end_file(&mut self, context: &mut Context<'_>) {
        let held = std::mem::take(&mut self.held);
        if self.bytes && self.count < 0 {
            let all = held.concat();
            let keep = all.len().saturating_sub(self.count.unsigned_abs() as usize);
            context.bytes(all.get(..keep).unwrap_or(&[]));
        }
    }
}

/// `==> name <==` between the files of `head` and `tail`.
pub(super) fn header(context: &mut Context<'_>, name: &str, first: bool) {
    let name = if name == "-" { "standard input" } else { name };
    let before = if first { "" } else { "\n" };
    context.out(&format!("{before}==> {name} <==\n"));
}

/// `nl`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Nl {
    all: bool,
    count: u64,
    width: usize,
    separator: EcoString,
}

/// Starts `nl`.
pub fn nl(context: &mut Context<'_>) -> Result<Stream, i32> {
    let options = parse(context, Known::short("b:w:s:n:v:i:"))?;
    let nl = Nl {
        all: options.value('b').is_some_and(|style| style == "a"),
        count: 0,
        width: options.value('w').and_then(|width| width.parse().ok()).unwrap_or(6).min(1000),
        separator: options.value('s').cloned().unwrap_or_else(|| "\t".into()),
    };
    Ok(Stream::new(Filter::Nl(nl), &options.operands))
}

impl Nl {
    pub(super) fn line(&mut self, context: &mut Context<'_>, line: &Line) -> Control {
        if self.all || !line.text.is_empty() {
            self.count += 1;
            let (count, width) = (self.count, self.width);
            context.out(&format!("{count:width$}{}{}\n", self.separator, line.text));
        } else {
            context.out(&format!("{}\n", " ".repeat(self.width + self.separator.len())));
        }
        Control::Continue
    }
}

/// `tee`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tee {
    append: bool,
    paths: Vec<EcoString>,
}

/// Starts `tee`.
pub fn tee(context: &mut Context<'_>) -> Result<Stream, i32> {
    let long = &[("append", 'a'), ("ignore-interrupts", 'i')];
    let options = parse(context, Known { short: "aip", long, permutes: true })?;
    let tee = Tee { append: options.has('a'), paths: options.operands };
    Ok(Stream::new(Filter::Tee(tee), &[]))
}

impl Tee {
    /// Opens the files; the exit code.
    pub(super) fn begin(&mut self, context: &mut Context<'_>) -> i32 {
        let mut status = 0;
        let now = context.now();
        for name in std::mem::take(&mut self.paths) {
            let path = context.path(&name);
            let opened = if self.append {
                context.files().append(&path, b"", now)
            } else {
                context.files().write(&path, b"", now)
            };
            match opened {
                Ok(()) => self.paths.push(path),
                Err(_) if name == "/dev/null" => {}
                Err(error) => {
                    context.complain(&format!("{name}: {error}"));
                    status = 1;
                }
            }
        }
        status
    }

    pub(super) fn chunk(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Control {
        let now = context.now();
        for path in &self.paths {
            if let Err(error) = context.files().append(path, bytes, now) {
                context.complain(&format!("{path}: {error}"));
            }
        }
        context.bytes(bytes);
        Control::Continue
    }
}

/// `tr`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tr {
    delete: bool,
    squeeze: bool,
    complement: bool,
    from: Vec<char>,
    to: Vec<char>,
    last: Option<char>,
}

/// Starts `tr`.
pub fn tr(context: &mut Context<'_>) -> Result<Stream, i32> {
    let long = &[("delete", 'd'), ("squeeze-repeats", 's'), ("complement", 'c')];
    let options = parse(context, Known { short: "dscCt", long, permutes: false })?;
    let (delete, squeeze) = (options.has('d'), options.has('s'));
    let operands = &options.operands;
    let needed = if delete || squeeze { 1 } else { 2 };
    let most = if delete && !squeeze { 1 } else { 2 };
    if operands.len() < needed {
        return Err(tr_missing(context, operands));
    }
    if let Some(extra) = operands.get(most) {
        return Err(context.usage_error(&format!("extra operand ‘{extra}’")));
    }
    let set = |at: usize| operands.get(at).map(|text| expand_set(text)).unwrap_or_default();
    let tr = Tr {
        delete,
        squeeze,
        complement: options.has('c') || options.has('C'),
        from: set(0),
        to: set(1),
        last: None,
    };
    Ok(Stream::new(Filter::Tr(tr), &[]))
}

fn tr_missing(context: &mut Context<'_>, operands: &[EcoString]) -> i32 {
    match operands.first() {
        None => context.missing_operand("missing operand"),
        Some(only) if context.flavour == Flavour::Gnu => {
            context.complain(&format!("missing operand after ‘{only}’"));
            context.err("Two strings must be given when translating.\n");
            context.try_help()
        }
        Some(_) => context.missing_operand(""),
    }
}

fn expand_set(text: &str) -> Vec<char> {
    let chars: Vec<char> = text.chars().collect();
    let mut set = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        if c == '[' && chars.get(at + 1) == Some(&':') {
            let rest: String = chars.get(at + 2..).unwrap_or(&[]).iter().collect();
            if let Some(end) = rest.find(":]") {
                let name = rest.get(..end).unwrap_or("");
                set.extend((0..128_u8).map(char::from).filter(|c| in_class(name, *c)));
                at += 4 + name.chars().count();
                continue;
            }
        }
        let (low, after) = set_char(&chars, at);
        at = after;
        if chars.get(at) == Some(&'-') && chars.get(at + 1).is_some() {
            let (high, after) = set_char(&chars, at + 1);
            if high >= low {
                set.extend(low..=high);
                at = after;
                continue;
            }
        }
        set.push(low);
    }
    set
}

fn set_char(chars: &[char], at: usize) -> (char, usize) {
    let c = chars.get(at).copied().unwrap_or_default();
    if c != '\\' {
        return (c, at + 1);
    }
    let Some(escape) = chars.get(at + 1).copied() else { return ('\\', at + 1) };
    let simple = match escape {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'v' => '\x0b',
        '0'..='7' => {
            let digits: String =
                chars.iter().skip(at + 1).take(3).take_while(|c| c.is_digit(8)).collect();
            let value = u32::from_str_radix(&digits, 8).unwrap_or(0);
            return (char::from_u32(value).unwrap_or_default(), at + 1 + digits.len());
        }
        other => other,
    };
    (simple, at + 2)
}

impl Tr {
    fn selected(&self, c: char) -> bool {
        self.from.contains(&c) != self.complement
    }

    fn translated(&self, c: char) -> char {
        if self.to.is_empty() || !self.selected(c) {
            return c;
        }
        let last = self.to.last().copied().unwrap_or(c);
        if self.complement {
            return last;
        }
        let at = self.from.iter().rposition(|from| *from == c).unwrap_or(0);
        self.to.get(at).copied().unwrap_or(last)
    }

    pub(super) fn chunk(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Control {
        let mut out = String::new();
        for c in String::from_utf8_lossy(bytes).chars() {
            if self.delete && self.selected(c) {
                continue;
            }
            let new = if self.delete { c } else { self.translated(c) };
            let squeezed =
                if self.to.is_empty() { self.selected(new) } else { self.to.contains(&new) };
            if self.squeeze && squeezed && self.last == Some(new) {
                continue;
            }
            self.last = Some(new);
            out.push(new);
        }
        context.out(&out);
        Control::Continue
    }
}

/// `uniq`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Uniq {
    count: bool,
    repeated: bool,
    unique: bool,
    ignore_case: bool,
    skip_fields: usize,
    skip_chars: usize,
    held: Option<(String, u64)>,
}

/// Starts `uniq`.
pub fn uniq(context: &mut Context<'_>) -> Result<Stream, i32> {
    let long = &[("count", 'c'), ("repeated", 'd'), ("unique", 'u'), ("ignore-case", 'i')];
    let options = parse(context, Known { short: "cduif:s:w:", long, permutes: true })?;
    if let Some(extra) = options.operands.get(2) {
        return Err(context.usage_error(&format!("extra operand ‘{extra}’")));
    }
    let number = |flag| options.value(flag).and_then(|text| text.parse().ok()).unwrap_or(0);
    let uniq = Uniq {
        count: options.has('c'),
        repeated: options.has('d'),
        unique: options.has('u'),
        ignore_case: options.has('i'),
        skip_fields: number('f'),
        skip_chars: number('s'),
        held: None,
    };
    Ok(Stream::new(Filter::Uniq(uniq), options.operands.get(..1).unwrap_or(&[])))
}

impl Uniq {
    fn key(&self, text: &str) -> String {
        let mut rest = text;
        for _ in 0..self.skip_fields {
            rest = rest.trim_start_matches([' ', '\t']);
            rest = rest.trim_start_matches(|c| c != ' ' && c != '\t');
        }
        let key: String = rest.chars().skip(self.skip_chars).collect();
        if self.ignore_case { key.to_lowercase() } else { key }
    }

    pub(super) fn line(&mut self, context: &mut Context<'_>, line: &Line) -> Control {
        match &mut self.held {
            Some((text, count)) => {
                let (text, same) = (text.clone(), *count + 1);
                if self.key(&text) == self.key(&line.text) {
                    self.held = Some((text, same));
                } else {
                    self.end(context);
                    self.held = Some((line.text.clone(), 1));
                }
            }
            None => self.held = Some((line.text.clone(), 1)),
        }
        Control::Continue
    }

    pub(super) fn end(&mut self, context: &mut Context<'_>) {
        let Some((text, count)) = self.held.take() else { return };
        let shown = match (self.repeated, self.unique) {
            (true, true) => false,
            (true, false) => count > 1,
            (false, true) => count == 1,
            (false, false) => true,
        };
        if shown && self.count {
            context.out(&format!("{count:7} {text}\n"));
        } else if shown {
            context.out(&format!("{text}\n"));
        }
    }
}
