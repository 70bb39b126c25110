//! Text as Go's standard library writes it: quoted strings and JSON.
//!
//! Models `strconv.Quote` and `encoding/json`.

use super::value::Value;

/// `strconv.Quote`: a Go string literal.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                out.push_str(&format!("\\x{:02x}", c as u32))
            }
            '\u{feff}' => out.push_str("\\ufeff"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What `encoding/json` calls the type of a value in its complaints.
pub fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A float as `strconv.FormatFloat(f, 'g', -1, 64)` writes it.
pub fn float_g(f: f64) -> String {
    float_in(f, 1e-4..1e21)
}

/// Compact JSON as `json.Marshal` writes it, with HTML characters escaped.
pub fn json(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, Style { escape_html: true, indent: None }, 0);
    out
}

/// Compact JSON with `<`, `>` and `&` left alone.
pub fn json_plain(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, Style { escape_html: false, indent: None }, 0);
    out
}

/// JSON over several lines, indented by `indent`, as `kubectl -o json` prints it (4 spaces).
pub fn json_indented(value: &Value, indent: &str) -> String {
    let mut out = String::new();
    write(&mut out, value, Style { escape_html: true, indent: Some(indent) }, 0);
    out
}

#[derive(Clone, Copy)]
struct Style<'a> {
    escape_html: bool,
    indent: Option<&'a str>,
}

fn write(out: &mut String, value: &Value, style: Style, depth: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(i) => out.push_str(&i.to_string()),
        Value::Float(f) => out.push_str(&float(*f)),
        Value::String(s) => json_string(out, s, style.escape_html),
        Value::Array(items) => {
            let parts = items.iter().map(|item| (None, item));
            write_parts(out, ('[', ']'), parts, style, depth);
        }
        Value::Object(map) => {
            let parts = map.iter().map(|(k, v)| (Some(k.as_str()), v));
            write_parts(out, ('{', '}'), parts, style, depth);
        }
    }
}

fn write_parts<'v>(
    out: &mut String,
    (open, close): (char, char),
    parts: impl Iterator<Item = (Option<&'v str>, &'v Value)>,
    style: Style,
    depth: usize,
) {
    out.push(open);
    let mut first = true;
    for (key, value) in parts {
        if !first {
            out.push(',');
        }
        first = false;
        new_line(out, style, depth + 1);
        if let Some(key) = key {
            json_string(out, key, style.escape_html);
            out.push_str(if style.indent.is_some() { ": " } else { ":" });
        }
        write(out, value, style, depth + 1);
    }
    if !first {
        new_line(out, style, depth);
    }
    out.push(close);
}

fn new_line(out: &mut String, style: Style, depth: usize) {
    if let Some(indent) = style.indent {
        out.push('\n');
        for _ in 0..depth {
            out.push_str(indent);
        }
    }
}

fn json_string(out: &mut String, text: &str, escape_html: bool) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' if escape_html => out.push_str(&format!("\\u{:04x}", c as u32)),
            '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A float as `encoding/json` writes it: the shortest digits, exponents outside 1e-6..1e21.
pub fn float(f: f64) -> String {
    float_in(f, 1e-6..1e21)
}

fn float_in(f: f64, plain: std::ops::Range<f64>) -> String {
    if f == 0.0 || plain.contains(&f.abs()) {
        return format!("{f}");
    }
    let text = format!("{f:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(rest) => ('-', rest),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

/// Several errors as one sentence, each said once; "" if there are none.
///
/// Models `k8s.io/apimachinery/pkg/util/errors` (aggregate.Error).
pub fn aggregate<T: AsRef<str>>(errors: &[T]) -> String {
    let mut said: Vec<&str> = Vec::new();
    for error in errors.iter().map(AsRef::as_ref) {
        if !said.contains(&error) {
            said.push(error);
        }
    }
    match said.as_slice() {
        [] => String::new(),
        [one] => (*one).into(),
        several => format!("[{}]", several.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_said_once() {
        assert_eq!(aggregate(&["a", "a"]), "a");
        assert_eq!(aggregate(&["a", "b", "a"]), "[a, b]");
    }
    use crate::value;

    #[test]
    fn json_escapes_as_go_does() {
        let v = value!({"b": "<a & b>", "a": [1, 1.5, null]});
        assert_eq!(json(&v), r#"{"a":[1,1.5,null],"b":"\u003ca \u0026 b\u003e"}"#);
        assert_eq!(
            json_indented(&value!({"a": {}, "b": [1]}), " "),
            "{\n \"a\": {},\n \"b\": [\n  1\n ]\n}"
        );
    }

    #[test]
    fn quote_is_a_go_literal() {
        assert_eq!(quote("a\"\n\u{1}"), r#""a\"\n\x01""#);
    }
}
