//! JSON to YAML: go-yaml v2's `encode.go` and `emitterc.go`, as `kubectl -o yaml` prints.
//!
//! Two spaces per level, lists not indented under their key, keys in go-yaml's own order,
//! folding at 80 columns.

use std::cmp::Ordering;

use super::resolve::is_plain_string;
use super::scanner::{Style, is_blank, is_break};
use crate::api::go;
use crate::api::value::{EcoString, Value};

/// Column after which text is folded at the next space.
const WIDTH: usize = 80;
/// Longest text that may be a key in one line.
const SIMPLE_KEY_LENGTH_MAX: usize = 128;

/// `value` as YAML, with a line break at its end.
pub fn write(value: &Value) -> String {
    let mut emitter =
        Emitter { out: String::new(), column: 0, whitespace: true, indention: true, indent: -1 };
    emitter.node(value, Context::Root);
    if emitter.column != 0 {
        emitter.put('\n');
    }
    emitter.out
}

/// What a node is part of.
#[derive(Clone, Copy, PartialEq)]
enum Context {
    Root,
    Item,
    MappingValue,
    SimpleKey,
}

struct Emitter {
    out: String,
    column: usize,
    /// The last character was white space (or nothing).
    whitespace: bool,
    /// Only white space and indicators stand in this line.
    indention: bool,
    indent: isize,
}

impl Emitter {
    fn put(&mut self, c: char) {
        self.out.push(c);
        if c == '\n' {
            self.column = 0;
        } else {
            self.column += 1;
        }
    }

    fn put_all(&mut self, text: &str) {
        text.chars().for_each(|c| self.put(c));
    }

    /// A line break that belongs to a scalar.
    fn put_break(&mut self, c: char) {
        self.put(c);
        self.column = 0;
    }

    fn write_indent(&mut self) {
        let indent = self.indent.max(0) as usize;
        let is_there = self.column == indent && self.whitespace;
        if !self.indention || self.column > indent || (self.column == indent && !is_there) {
            self.put('\n');
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn write_indicator(&mut self, text: &str, need_whitespace: bool, is_indention: bool) {
        if need_whitespace && !self.whitespace {
            self.put(' ');
        }
        self.put_all(text);
        self.whitespace = false;
        self.indention = self.indention && is_indention;
    }

    fn node(&mut self, value: &Value, context: Context) {
        match value {
            Value::Object(map) if map.is_empty() => self.write_indicator("{}", true, false),
            Value::Array(items) if items.is_empty() => self.write_indicator("[]", true, false),
            Value::Object(map) => {
                let mut entries: Vec<(&EcoString, &Value)> = map.iter().collect();
                entries.sort_by(|(a, _), (b, _)| key_order(a, b));
                self.mapping(&entries);
            }
            Value::Array(items) => self.sequence(items, context),
            Value::Null => self.scalar("null", Style::Plain, context),
            Value::Bool(b) => self.scalar(if *b { "true" } else { "false" }, Style::Plain, context),
            Value::Int(i) => self.scalar(&i.to_string(), Style::Plain, context),
            Value::Float(f) => self.scalar(&go::float_g(*f), Style::Plain, context),
            Value::String(s) => self.scalar(s, wanted_style(s), context),
        }
    }

    /// Goes one level in; a list under a key stays on the level of the key.
    fn increase_indent(&mut self, indentless: bool) -> isize {
        let before = self.indent;
        if self.indent < 0 {
            self.indent = 0;
        } else if !indentless {
            self.indent += 2;
        }
        before
    }

    fn sequence(&mut self, items: &[Value], context: Context) {
        let indentless = context == Context::MappingValue && !self.indention;
        let before = self.increase_indent(indentless);
        for item in items {
            self.write_indent();
            self.write_indicator("-", true, true);
            self.node(item, Context::Item);
        }
        self.indent = before;
    }

    fn mapping(&mut self, entries: &[(&EcoString, &Value)]) {
        let before = self.increase_indent(false);
        for (key, value) in entries {
            self.write_indent();
            let is_simple = key.len() <= SIMPLE_KEY_LENGTH_MAX && !key.contains(is_break);
            if is_simple {
                self.scalar(key, wanted_style(key), Context::SimpleKey);
                self.write_indicator(":", false, false);
            } else {
                self.write_indicator("?", true, true);
                self.scalar(key, wanted_style(key), Context::MappingValue);
                self.write_indent();
                self.write_indicator(":", true, true);
            }
            self.node(value, Context::MappingValue);
        }
        self.indent = before;
    }

    fn scalar(&mut self, text: &str, wanted: Style, context: Context) {
        let is_key = context == Context::SimpleKey;
        let style = select_style(text, wanted, is_key);
        let before = self.indent;
        self.indent = if before < 0 { 2 } else { before + 2 };
        match style {
            Style::Plain => self.write_plain(text, !is_key),
            Style::SingleQuoted => self.write_single_quoted(text, !is_key),
            Style::DoubleQuoted => self.write_double_quoted(text, !is_key),
            Style::Literal | Style::Folded => self.write_literal(text),
        }
        self.indent = before;
    }

    fn write_plain(&mut self, text: &str, allow_breaks: bool) {
        if !self.whitespace {
            self.put(' ');
        }
        self.whitespace = false;
        self.indention = false;
        let chars: Vec<char> = text.chars().collect();
        let mut spaces = false;
        for (i, &c) in chars.iter().enumerate() {
            if c == ' ' {
                let is_single = !spaces && chars.get(i + 1) != Some(&' ');
                if allow_breaks && is_single && self.column > WIDTH {
                    self.write_indent();
                } else {
                    self.put(c);
                }
                spaces = true;
            } else {
                self.put(c);
                self.indention = false;
                spaces = false;
            }
        }
        self.whitespace = false;
        self.indention = false;
    }

    fn write_single_quoted(&mut self, text: &str, allow_breaks: bool) {
        self.write_indicator("'", true, false);
        let chars: Vec<char> = text.chars().collect();
        let (mut spaces, mut breaks) = (false, false);
        for (i, &c) in chars.iter().enumerate() {
            if c == ' ' {
                let is_inside = i > 0 && i + 1 < chars.len();
                let is_single = !spaces && chars.get(i + 1) != Some(&' ');
                if allow_breaks && is_single && is_inside && self.column > WIDTH {
                    self.write_indent();
                } else {
                    self.put(c);
                }
                spaces = true;
            } else if is_break(c) {
                if !breaks && c == '\n' {
                    self.put('\n');
                }
                self.put_break(c);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                if c == '\'' {
                    self.put('\'');
                }
                self.put(c);
                self.indention = false;
                (spaces, breaks) = (false, false);
            }
        }
        self.write_indicator("'", false, false);
    }

    fn write_double_quoted(&mut self, text: &str, allow_breaks: bool) {
        self.write_indicator("\"", true, false);
        // go-yaml looks for a byte order mark at the start of the text whatever place it is at.
        let has_bom = text.starts_with('\u{feff}');
        let chars: Vec<char> = text.chars().collect();
        let mut spaces = false;
        for (i, &c) in chars.iter().enumerate() {
            let is_escaped = !is_printable(c) || has_bom || is_break(c) || matches!(c, '"' | '\\');
            if is_escaped {
                self.put_all(&escape(c));
                spaces = false;
            } else if c == ' ' {
                let is_inside = i > 0 && i + 1 < chars.len();
                if allow_breaks && !spaces && is_inside && self.column > WIDTH {
                    self.write_indent();
                    if chars.get(i + 1) == Some(&' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                spaces = true;
            } else {
                self.put(c);
                spaces = false;
            }
        }
        self.write_indicator("\"", false, false);
    }

    fn write_literal(&mut self, text: &str) {
        self.write_indicator("|", true, false);
        let starts_blank = text.starts_with([' ', '\n']) || text.starts_with(is_break);
        let hint = if starts_blank { "2" } else { "" };
        self.put_all(hint);
        self.put_all(chomping(text));
        self.put('\n');
        self.indention = true;
        self.whitespace = true;
        let mut breaks = true;
        for c in text.chars() {
            if is_break(c) {
                self.put_break(c);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                self.put(c);
                self.indention = false;
                breaks = false;
            }
        }
    }
}

fn chomping(text: &str) -> &'static str {
    let mut ending = text.chars().rev();
    match (ending.next(), ending.next()) {
        (Some(last), _) if !is_break(last) => "-",
        (Some(_), None) => "+",
        (Some(_), Some(before)) if is_break(before) => "+",
        (Some(_), _) => "",
        (None, _) => "-",
    }
}

/// The style that go-yaml's encoder asks for.
fn wanted_style(text: &str) -> Style {
    if text.contains('\n') {
        Style::Literal
    } else if is_plain_string(text) {
        Style::Plain
    } else {
        Style::DoubleQuoted
    }
}

/// What the characters of a text allow (`yaml_emitter_analyze_scalar`), in block context.
struct Analysis {
    is_multiline: bool,
    plain: bool,
    single_quoted: bool,
    block: bool,
}

fn analyze(text: &str) -> Analysis {
    let chars: Vec<char> = text.chars().collect();
    let (Some(&first), Some(&last)) = (chars.first(), chars.last()) else {
        return Analysis { is_multiline: false, plain: true, single_quoted: true, block: false };
    };
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut has_indicators = text.starts_with("---") || text.starts_with("...");
    let (mut special, mut break_space, mut space_break) = (false, false, false);
    let is_blankz_at = |i: usize| i >= chars.len() || is_blank(at(i)) || is_break(at(i));
    for (i, &c) in chars.iter().enumerate() {
        let is_followed_by_blank = is_blankz_at(i + 1);
        has_indicators |= match c {
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
            | '@' | '`'
                if i == 0 =>
            {
                true
            }
            '?' | '-' if i == 0 => is_followed_by_blank,
            ':' => is_followed_by_blank,
            '#' => is_blankz_at(i - 1),
            _ => false,
        };
        special |= !is_printable(c);
        break_space |= c == ' ' && i > 0 && is_break(at(i - 1));
        space_break |= is_break(c) && i > 0 && at(i - 1) == ' ';
    }
    let is_multiline = chars.iter().any(|&c| is_break(c));
    let has_outer_blank = [first, last].iter().any(|&c| c == ' ' || is_break(c));
    let is_difficult = space_break || special;
    Analysis {
        is_multiline,
        plain: !(has_outer_blank || break_space || is_difficult || is_multiline || has_indicators),
        single_quoted: !(break_space || is_difficult),
        block: !(last == ' ' || is_difficult),
    }
}

fn select_style(text: &str, wanted: Style, is_key: bool) -> Style {
    let analysis = analyze(text);
    let mut style = wanted;
    if is_key && analysis.is_multiline {
        style = Style::DoubleQuoted;
    }
    if style == Style::Plain && (!analysis.plain || (text.is_empty() && is_key)) {
        style = Style::SingleQuoted;
    }
    if style == Style::SingleQuoted && !analysis.single_quoted {
        style = Style::DoubleQuoted;
    }
    if style == Style::Literal && (!analysis.block || is_key) {
        style = Style::DoubleQuoted;
    }
    style
}

/// What go-yaml's emitter takes for printable: no tabs, nothing beyond 16 bits.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && c != '\u{feff}'
}

fn escape(c: char) -> String {
    let short = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' | '\\' => c,
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        c => {
            return match c as u32 {
                code @ 0..=0xff => format!("\\x{code:02X}"),
                code @ 0x100..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}

/// go-yaml's order of keys (`keyList.Less`): letters after everything else, numbers by size.
fn key_order(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(i) = a.iter().zip(&b).position(|(x, y)| x != y) else {
        return a.len().cmp(&b.len());
    };
    let (x, y) = (a[i], b[i]);
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // Zeros inside a number count, leading ones do not.
    let digits_before = a[..i].iter().rev().take_while(|c| c.is_ascii_digit());
    let is_inside = (x == '0' || y == '0') && digits_before.clone().any(|c| *c != '0');
    let number = |chars: &[char]| {
        let digits = chars[i..].iter().map_while(|c| c.to_digit(10));
        let start = (i64::from(is_inside), 0usize);
        digits.fold(start, |(n, length), digit| {
            (n.wrapping_mul(10).wrapping_add(i64::from(digit)), length + 1)
        })
    };
    number(&a).cmp(&number(&b)).then(x.cmp(&y))
}
