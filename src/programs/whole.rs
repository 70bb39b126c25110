//! Text programs that need their whole input: wc, sort, tac, paste, column, comm, fold, tail.

use std::cmp::Ordering;

use ecow::EcoString;

use super::context::{Context, Pending, Trouble, Whole, lines, open_error};
use super::options::{Known, Options, parse};
use crate::script::{Errno, Flavour};

/// Parses options or ends with the exit code.
macro_rules! options {
    ($context:expr, $known:expr) => {
        match parse($context, $known) {
            Ok(options) => options,
            Err(code) => return Ok(code),
        }
    };
}
pub(super) use options;

/// `wc`.
pub fn wc(context: &mut Context<'_>) -> Whole {
    let long =
        &[("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm'), ("max-line-length", 'L')];
    let options = options!(context, Known { short: "lwcmL", long, permutes: true });
    let stdin = vec![EcoString::from("-")];
    let operands = if options.operands.is_empty() { &stdin } else { &options.operands };
    let chosen: Vec<char> = "lwmcL".chars().filter(|flag| options.has(*flag)).collect();
    let chosen = if chosen.is_empty() { vec!['l', 'w', 'c'] } else { chosen };
    let mut rows: Vec<(Vec<u64>, EcoString)> = Vec::new();
    let mut errors = Vec::new();
    let mut total = vec![0; chosen.len()];
    let mut size = 0;
    let mut from_stdin = false;
    for operand in operands {
        from_stdin |= operand == "-";
        let bytes = match context.read(operand) {
            Ok(bytes) => bytes,
            Err(Trouble::Pending) => return Err(Pending),
            Err(Trouble::Failed(error)) => {
                errors.push(open_error("wc", operand, error, context.flavour));
                if error == Errno::IsADirectory {
                    from_stdin = true;
                    rows.push((vec![0; chosen.len()], operand.clone()));
                }
                continue;
            }
        };
        size += bytes.len();
        let counts: Vec<u64> = chosen.iter().map(|flag| count(*flag, &bytes)).collect();
        for (sum, count) in total.iter_mut().zip(&counts) {
            *sum += count;
        }
        rows.push((counts, if options.operands.is_empty() { "".into() } else { operand.clone() }));
    }
    if operands.len() > 1 {
        rows.push((total, "total".into()));
    }
    let width = match context.flavour {
        Flavour::Gnu if chosen.len() == 1 && operands.len() == 1 => 1,
        Flavour::Gnu if from_stdin => 7,
        Flavour::Gnu => size.to_string().len(),
        Flavour::Busybox if chosen.len() == 1 => 1,
        Flavour::Busybox => 9,
    };
    for error in &errors {
        context.complain(error);
    }
    for (counts, name) in rows {
        let numbers: Vec<String> = counts.iter().map(|count| format!("{count:width$}")).collect();
        let name = if name.is_empty() { String::new() } else { format!(" {name}") };
        context.out(&format!("{}{name}\n", numbers.join(" ")));
    }
    Ok(i32::from(!errors.is_empty()))
}

fn count(flag: char, bytes: &[u8]) -> u64 {
    let text = || String::from_utf8_lossy(bytes);
    let count = match flag {
        'l' => bytes.iter().filter(|byte| **byte == b'\n').count(),
        'w' => text().split_whitespace().count(),
        'c' => bytes.len(),
        'm' => text().chars().count(),
        _ => text().lines().map(|line| line.chars().count()).max().unwrap_or(0),
    };
    count as u64
}

/// `tac`.
pub fn tac(context: &mut Context<'_>) -> Whole {
    let options = options!(context, Known::short("brs:"));
    let mut status = 0;
    for (_, text) in context.read_all(&options.operands, &mut status)? {
        let mut pieces: Vec<&str> = text.split_inclusive('\n').collect();
        pieces.reverse();
        context.out(&pieces.concat());
    }
    Ok(status)
}

/// `paste`.
pub fn paste(context: &mut Context<'_>) -> Whole {
    let long = &[("serial", 's'), ("delimiters", 'd')];
    let options = options!(context, Known { short: "sd:", long, permutes: true });
    let mut status = 0;
    let files = context.read_all(&options.operands, &mut status)?;
    let given = options.value('d').cloned().unwrap_or_else(|| "\t".into());
    let decoded = crate::script::escape::decode(&given, crate::script::escape::Style::Printf);
    let delimiters: Vec<char> = String::from_utf8_lossy(&decoded.bytes).chars().collect();
    let between = |at: usize| {
        let at = at.checked_rem(delimiters.len()).unwrap_or(0);
        delimiters.get(at).map(|c| c.to_string()).unwrap_or_default()
    };
    let columns: Vec<Vec<&str>> = files.iter().map(|(_, text)| lines(text)).collect();
    let join = |cells: Vec<&str>| {
        let mut row = String::new();
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                row.push_str(&between(at - 1));
            }
            row.push_str(cell);
        }
        row.push('\n');
        row
    };
    if options.has('s') {
        for column in columns {
            context.out(&join(column));
        }
        return Ok(status);
    }
    // Several `-` take the lines of standard input in turn.
    let dashes = options.operands.iter().filter(|operand| *operand == "-").count();
    if dashes > 1 {
        let all: Vec<&str> = columns.iter().flatten().copied().collect();
        for row in all.chunks(dashes) {
            let mut cells = row.to_vec();
            cells.resize(dashes, "");
            context.out(&join(cells));
        }
        return Ok(status);
    }
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    for row in 0..height {
        let cells = columns.iter().map(|column| column.get(row).copied().unwrap_or(""));
        context.out(&join(cells.collect()));
    }
    Ok(status)
}

/// `column`.
pub fn column(context: &mut Context<'_>) -> Whole {
    let long = &[("table", 't'), ("separator", 's'), ("output-separator", 'o')];
    let options = options!(context, Known { short: "ts:o:c:xn", long, permutes: true });
    let mut status = 0;
    let files = context.read_all(&options.operands, &mut status)?;
    let text: String = files.iter().map(|(_, text)| text.as_str()).collect();
    if !options.has('t') {
        let entries: Vec<&str> = lines(&text).into_iter().filter(|line| !line.is_empty()).collect();
        let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
        let width = context.io.columns.unwrap_or(80) as usize;
        let table = fill_columns(&entries, width, true);
        context.out(&table);
        return Ok(status);
    }
    let rows: Vec<Vec<&str>> = lines(&text)
        .into_iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| match options.value('s') {
            Some(separators) => line.split(|c| separators.contains(c)).collect(),
            None => line.split_whitespace().collect(),
        })
        .collect();
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| {
        rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..count).map(|at| width(at).unwrap_or(0)).collect();
    let between = options.value('o').cloned().unwrap_or_else(|| "  ".into());
    for row in rows {
        let last = row.len().saturating_sub(1);
        let cells = row.iter().enumerate().map(|(at, cell)| {
            let width = widths.get(at).copied().unwrap_or(0);
            if at == last { (*cell).to_owned() } else { format!("{cell:width$}") }
        });
        let line = cells.collect::<Vec<_>>().join(&between);
        context.out(&format!("{line}\n"));
    }
    Ok(status)
}

/// Names in columns, filled downwards, as `ls` and `column` do on a terminal.
pub fn fill_columns(entries: &[String], width: usize, tabs: bool) -> String {
    let longest = entries.iter().map(|entry| entry.chars().count()).max().unwrap_or(0);
    let cell = if tabs { (longest / 8 + 1) * 8 } else { longest + 2 };
    let columns = (width / cell.max(1)).max(1);
    let rows = entries.len().div_ceil(columns);
    let mut out = String::new();
    for row in 0..rows {
        let cells: Vec<&String> = entries.iter().skip(row).step_by(rows.max(1)).collect();
        for (at, entry) in cells.iter().enumerate() {
            out.push_str(entry);
            if at + 1 < cells.len() {
                let missing = cell - entry.chars().count();
                out.push_str(&if tabs {
                    "\t".repeat(missing.div_ceil(8))
                } else {
                    " ".repeat(missing)
                });
            }
        }
        out.push('\n');
    }
    out
}

/// `fold`.
pub fn fold(context: &mut Context<'_>) -> Whole {
    let options = options!(context, Known::short("bsw:"));
    let width = options.value('w').and_then(|text| text.parse().ok()).unwrap_or(80).max(1);
    let mut status = 0;
    for (_, text) in context.read_all(&options.operands, &mut status)? {
        let mut out = String::new();
        for line in text.split_inclusive('\n') {
            let (line, end) = match line.strip_suffix('\n') {
                Some(line) => (line, "\n"),
                None => (line, ""),
            };
            let chars: Vec<char> = line.chars().collect();
            let pieces: Vec<String> =
                chars.chunks(width).map(|piece| piece.iter().collect()).collect();
            out.push_str(&pieces.join("\n"));
            out.push_str(end);
        }
        context.out(&out);
    }
    Ok(status)
}

/// `comm`.
pub fn comm(context: &mut Context<'_>) -> Whole {
    let options = options!(context, Known::short("123"));
    let [left, right] = options.operands.as_slice() else {
        return Ok(match options.operands.first() {
            None => context.missing_operand("missing operand"),
            Some(only) if options.operands.len() == 1 => {
                context.missing_operand(&format!("missing operand after ‘{only}’"))
            }
            Some(_) => context.usage_error("extra operand"),
        });
    };
    let mut status = 0;
    let operands = [left.clone(), right.clone()];
    let files = context.read_all(&operands, &mut status)?;
    let [(_, left), (_, right)] = files.as_slice() else { return Ok(1) };
    let (left, right) = (lines(left), lines(right));
    let (mut a, mut b) = (0, 0);
    let shows = |column: char| !options.has(column);
    loop {
        let order = match (left.get(a), right.get(b)) {
            (None, None) => return Ok(status),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(l), Some(r)) => l.cmp(r),
        };
        let (column, text) = match order {
            Ordering::Less => ('1', left.get(a)),
            Ordering::Greater => ('2', right.get(b)),
            Ordering::Equal => ('3', left.get(a)),
        };
        a += usize::from(order != Ordering::Greater);
        b += usize::from(order != Ordering::Less);
        if !shows(column) {
            continue;
        }
        let tabs = "12".chars().filter(|before| *before < column && shows(*before)).count();
        let text = text.copied().unwrap_or("");
        context.out(&format!("{}{text}\n", "\t".repeat(tabs)));
    }
}

/// How `sort` compares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Key {
    start: (usize, usize),
    end: Option<(usize, usize)>,
    flags: String,
}

const SORT: &[(&str, char)] = &[
    ("numeric-sort", 'n'),
    ("reverse", 'r'),
    ("unique", 'u'),
    ("key", 'k'),
    ("field-separator", 't'),
    ("version-sort", 'V'),
    ("human-numeric-sort", 'h'),
    ("ignore-case", 'f'),
    ("ignore-leading-blanks", 'b'),
    ("output", 'o'),
    ("stable", 's'),
    ("check", 'c'),
    ("general-numeric-sort", 'g'),
    ("month-sort", 'M'),
];

/// `sort`.
pub fn sort(context: &mut Context<'_>) -> Whole {
    let options =
        match parse(context, Known { short: "nruk:t:Vhfbo:sczgMdi", long: SORT, permutes: true }) {
            Ok(options) => options,
            Err(code) => return Ok(if context.busybox() { code } else { 2 }),
        };
    let global: String = "nrVhfbgMd".chars().filter(|flag| options.has(*flag)).collect();
    let mut keys = Vec::new();
    for text in options.values('k') {
        match read_key(text, &global) {
            Some(key) => keys.push(key),
            None => {
                let shown =
                    format!("invalid number at field start: invalid count at start of ‘{text}’");
                context.complain(&shown);
                return Ok(2);
            }
        }
    }
    let mut status = 0;
    let files = context.read_all(&options.operands, &mut status)?;
    if status != 0 {
        return Ok(2);
    }
    let text: String = files
        .iter()
        .map(|(_, text)| match text.ends_with('\n') || text.is_empty() {
            true => text.clone(),
            false => format!("{text}\n"),
        })
        .collect();
    let mut all = lines(&text);
    let separator = options.value('t').and_then(|text| match text.as_str() {
        "\\t" => Some('\t'),
        text => text.chars().next(),
    });
    let compare = |a: &&str, b: &&str| compare_lines(a, b, &keys, &global, separator);
    if options.has('c') {
        let name = options.operands.first().cloned().unwrap_or_else(|| "-".into());
        return Ok(check_sorted(context, &name, &all, &compare));
    }
    all.sort_by(|a, b| {
        let order = compare(a, b);
        // Equal keys are put in order by the whole line, unless -s or -u.
        if order == Ordering::Equal && !options.has('s') && !options.has('u') {
            let order = a.cmp(b);
            return if global.contains('r') { order.reverse() } else { order };
        }
        order
    });
    if options.has('u') {
        all.dedup_by(|a, b| compare(a, b) == Ordering::Equal);
    }
    let out: String = all.iter().map(|line| format!("{line}\n")).collect();
    write_result(context, &options, &out)
}

fn write_result(context: &mut Context<'_>, options: &Options, out: &str) -> Whole {
    let Some(name) = options.value('o') else {
        context.out(out);
        return Ok(0);
    };
    let (path, now) = (context.path(name), context.now());
    if let Err(error) = context.files().write(&path, out.as_bytes(), now) {
        context.complain(&format!("open failed: {name}: {error}"));
        return Ok(2);
    }
    Ok(0)
}

fn check_sorted(
    context: &mut Context<'_>,
    name: &str,
    all: &[&str],
    compare: &dyn Fn(&&str, &&str) -> Ordering,
) -> i32 {
    for (at, pair) in all.windows(2).enumerate() {
        if let [a, b] = pair
            && compare(a, b) == Ordering::Greater
        {
            match context.flavour {
                Flavour::Gnu => context.complain(&format!("{name}:{}: disorder: {b}", at + 2)),
                Flavour::Busybox => context.err(&format!("Check line {}\n", at + 1)),
            }
            return 1;
        }
    }
    0
}

/// `2,3n`, `1.2`.
fn read_key(text: &str, global: &str) -> Option<Key> {
    let (start, end) = match text.split_once(',') {
        Some((start, end)) => (start, Some(end)),
        None => (text, None),
    };
    let mut flags = String::new();
    let mut place = |text: &str, default: usize| {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        flags.push_str(text.get(digits.len()..).unwrap_or(""));
        let (field, character) = match digits.split_once('.') {
            Some((field, character)) => (field, character.parse().ok()?),
            None => (digits, default),
        };
        Some((field.parse::<usize>().ok().filter(|field| *field > 0)?, character))
    };
    let start = place(start, 1)?;
    let end = match end {
        Some(end) => Some(place(end, 0)?),
        None => None,
    };
    let flags = if flags.is_empty() { global.to_owned() } else { flags };
    Some(Key { start, end, flags })
}

fn compare_lines(
    a: &str,
    b: &str,
    keys: &[Key],
    global: &str,
    separator: Option<char>,
) -> Ordering {
    if keys.is_empty() {
        return compare_texts(a, b, global);
    }
    for key in keys {
        let order =
            compare_texts(&extract(a, key, separator), &extract(b, key, separator), &key.flags);
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// The part of a line a key names.
fn extract(line: &str, key: &Key, separator: Option<char>) -> String {
    let fields = fields(line, separator);
    let begin = |(field, character): (usize, usize)| {
        let start = fields.get(field - 1).map_or(line.len(), |(start, _)| *start);
        let rest = line.get(start..).unwrap_or("");
        let rest_start = if key.flags.contains('b') {
            start + rest.len() - rest.trim_start().len()
        } else {
            start
        };
        let skipped: usize = line
            .get(rest_start..)
            .unwrap_or("")
            .chars()
            .take(character.saturating_sub(1))
            .map(char::len_utf8)
            .sum();
        rest_start + skipped
    };
    let start = begin(key.start);
    let end = match key.end {
        None => line.len(),
        Some((field, 0)) => fields.get(field - 1).map_or(line.len(), |(_, end)| *end),
        Some((field, character)) => begin((field, character + 1)).min(line.len()),
    };
    line.get(start..end.max(start)).unwrap_or("").to_owned()
}

/// Start and end of the fields; blanks before a field belong to it.
fn fields(line: &str, separator: Option<char>) -> Vec<(usize, usize)> {
    let mut fields = Vec::new();
    let mut start = 0;
    match separator {
        Some(separator) => {
            for piece in line.split(separator) {
                fields.push((start, start + piece.len()));
                start += piece.len() + separator.len_utf8();
            }
        }
        None => {
            let mut in_word = false;
            for (at, c) in line.char_indices() {
                let blank = c == ' ' || c == '\t';
                if blank && in_word {
                    fields.push((start, at));
                    start = at;
                }
                in_word = !blank;
            }
            fields.push((start, line.len()));
        }
    }
    fields
}

fn compare_texts(a: &str, b: &str, flags: &str) -> Ordering {
    let has = |flag| flags.contains(flag);
    let order = if has('n') {
        number(a).total_cmp(&number(b))
    } else if has('g') {
        let general = |text: &str| text.trim().parse::<f64>().unwrap_or(f64::NEG_INFINITY);
        general(a).total_cmp(&general(b))
    } else if has('h') {
        human(a).total_cmp(&human(b))
    } else if has('V') {
        version(a, b)
    } else if has('M') {
        month(a).cmp(&month(b))
    } else {
        let (mut a, mut b) = (a.to_owned(), b.to_owned());
        if has('b') {
            (a, b) = (a.trim_start().to_owned(), b.trim_start().to_owned());
        }
        if has('d') {
            let keep = |c: &char| c.is_alphanumeric() || c.is_whitespace();
            (a, b) = (a.chars().filter(keep).collect(), b.chars().filter(keep).collect());
        }
        if has('f') {
            (a, b) = (a.to_uppercase(), b.to_uppercase());
        }
        a.cmp(&b)
    };
    if has('r') { order.reverse() } else { order }
}

fn number(text: &str) -> f64 {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || *c == '.' || (*at == 0 && *c == '-')))
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).and_then(|number| number.parse().ok()).unwrap_or(0.0)
}

fn human(text: &str) -> f64 {
    let text = text.trim();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    let power = unit.chars().next().and_then(|c| "KMGTPE".find(c.to_ascii_uppercase()));
    number(text) * 1024_f64.powi(power.map_or(0, |power| power as i32 + 1))
}

fn month(text: &str) -> usize {
    const MONTHS: [&str; 12] =
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let start: String = text.trim_start().chars().take(3).collect();
    MONTHS.iter().position(|month| *month == start.to_uppercase()).map_or(0, |at| at + 1)
}

/// Runs of digits compare as numbers, the rest as text.
fn version(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let text = |s: &str| s.find(|c: char| c.is_ascii_digit()).unwrap_or(s.len());
        let (head_a, rest_a) = a.split_at(text(a));
        let (head_b, rest_b) = b.split_at(text(b));
        let order = head_a.cmp(head_b);
        if order != Ordering::Equal {
            return order;
        }
        let digits = |s: &str| s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len());
        let (number_a, next_a) = rest_a.split_at(digits(rest_a));
        let (number_b, next_b) = rest_b.split_at(digits(rest_b));
        let value = |text: &str| text.trim_start_matches('0').to_owned();
        let (value_a, value_b) = (value(number_a), value(number_b));
        let order = value_a.len().cmp(&value_b.len()).then(value_a.cmp(&value_b));
        if order != Ordering::Equal || (next_a.is_empty() && next_b.is_empty()) {
            return order;
        }
        if number_a.is_empty() && number_b.is_empty() {
            return next_a.cmp(next_b);
        }
        (a, b) = (next_a, next_b);
    }
}
