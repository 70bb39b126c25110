//! `print` and `printf`.
//!
//! Models Go's `fmt.Sprint` and `fmt.Sprintf` for decoded JSON.

use crate::api::go;
use crate::api::go_fmt;
use crate::api::value::Value;

/// `fmt.Sprint`, or `fmt.Sprintln` without its newline: blanks between operands when neither is
/// a string, or always.
pub fn print(arguments: &[Value], always: bool) -> String {
    let mut out = String::new();
    for (index, value) in arguments.iter().enumerate() {
        let is_text = |value: &Value| matches!(value, Value::String(_));
        let before = index.checked_sub(1).and_then(|before| arguments.get(before));
        if before.is_some_and(|before| always || !is_text(before) && !is_text(value)) {
            out.push(' ');
        }
        out.push_str(&go_fmt::plain(value));
    }
    out
}

#[derive(Default)]
struct Verb {
    minus: bool,
    plus: bool,
    zero: bool,
    sharp: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Widths beyond this are cut, as Go does.
const WIDTH_MAX: usize = 10_000;

/// `fmt.Sprintf`
pub fn sprintf(format: &str, arguments: &[Value]) -> String {
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    let mut values = arguments.iter();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut verb = Verb::default();
        while let Some(flag) = chars.next_if(|c| "-+#0 ".contains(*c)) {
            match flag {
                '-' => verb.minus = true,
                '+' => verb.plus = true,
                '0' => verb.zero = true,
                '#' => verb.sharp = true,
                _ => {}
            }
        }
        verb.width = number(&mut chars);
        if chars.next_if_eq(&'.').is_some() {
            verb.precision = Some(number(&mut chars).unwrap_or(0));
        }
        match chars.next() {
            None => out.push_str("%!(NOVERB)"),
            Some('%') => out.push('%'),
            Some(letter) => match values.next() {
                Some(value) => out.push_str(&verb.format(letter, value)),
                None => out.push_str(&format!("%!{letter}(MISSING)")),
            },
        }
    }
    let extra: Vec<String> =
        values.map(|v| format!("{}={}", type_of(v), go_fmt::plain(v))).collect();
    if !extra.is_empty() {
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    out
}

fn number(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<usize> {
    let mut digits = String::new();
    while let Some(digit) = chars.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    digits.parse::<usize>().ok().map(|width| width.min(WIDTH_MAX))
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

impl Verb {
    fn format(&self, letter: char, value: &Value) -> String {
        let text = match (letter, value) {
            ('v', value) if self.sharp => go_fmt::syntax(value),
            ('v', value) => go_fmt::plain(value),
            ('s', Value::String(text)) => self.cut(text),
            ('q', Value::String(text)) => go::quote(text),
            ('t', Value::Bool(b)) => b.to_string(),
            ('d', Value::Int(i)) if self.plus && *i >= 0 => format!("+{i}"),
            ('d', Value::Int(i)) => i.to_string(),
            ('x', Value::Int(i)) => format!("{i:x}"),
            ('X', Value::Int(i)) => format!("{i:X}"),
            ('o', Value::Int(i)) => format!("{i:o}"),
            ('b', Value::Int(i)) => format!("{i:b}"),
            ('c', Value::Int(i)) => {
                u32::try_from(*i).ok().and_then(char::from_u32).unwrap_or('\u{fffd}').to_string()
            }
            ('f', Value::Float(f)) => format!("{f:.*}", self.precision.unwrap_or(6)),
            ('g', Value::Float(f)) => go::float(*f),
            ('x', Value::String(text)) => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
            ('T', value) => type_of(value).into(),
            (letter, Value::Null) => format!("%!{letter}(<nil>)"),
            (letter, Value::Array(items)) => {
                let parts: Vec<String> =
                    items.iter().map(|item| self.format(letter, item)).collect();
                format!("[{}]", parts.join(" "))
            }
            (letter, value) => {
                format!("%!{letter}({}={})", type_of(value), go_fmt::plain(value))
            }
        };
        self.pad(text, matches!(value, Value::Int(_) | Value::Float(_)))
    }

    fn cut(&self, text: &str) -> String {
        match self.precision {
            Some(length) => text.chars().take(length).collect(),
            None => text.into(),
        }
    }

    fn pad(&self, text: String, is_number: bool) -> String {
        let missing = self.width.unwrap_or(0).saturating_sub(text.chars().count());
        match () {
            () if self.minus => text + &" ".repeat(missing),
            () if self.zero && is_number => match text.strip_prefix('-') {
                Some(digits) => format!("-{}{digits}", "0".repeat(missing)),
                None => "0".repeat(missing) + &text,
            },
            () => " ".repeat(missing) + &text,
        }
    }
}
