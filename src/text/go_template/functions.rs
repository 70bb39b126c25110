//! The functions of templates.
//!
//! Models Go's `text/template/funcs.go` and the functions of `printers.GoTemplatePrinter`.

use std::cmp::Ordering;

use super::execute::is_true;
use super::format::{print, sprintf};
use crate::api::value::Value;

const NAMES: &[&str] = &[
    "and",
    "base64decode",
    "eq",
    "exists",
    "ge",
    "gt",
    "html",
    "index",
    "js",
    "le",
    "len",
    "lt",
    "ne",
    "not",
    "or",
    "print",
    "printf",
    "println",
    "slice",
    "urlquery",
];

/// Whether there is such a function.
pub fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Whether the word is no function but part of the language.
pub fn is_keyword(name: &str) -> bool {
    [
        "block", "break", "continue", "define", "else", "end", "if", "range", "nil", "template",
        "with",
    ]
    .contains(&name)
}

/// Calls a function; the error is what follows the place.
pub fn call(name: &str, arguments: &[Value]) -> Result<Value, String> {
    let count = arguments.len();
    let least = match name {
        "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "and" | "or" | "index" | "slice" | "printf" => 1,
        "len" | "not" | "base64decode" | "exists" => 1,
        _ => 0,
    };
    let exact = matches!(name, "len" | "not" | "base64decode") as usize;
    if count < least && exact == 0 {
        return Err(format!("wrong number of args for {name}: want at least {least} got {count}"));
    }
    if exact == 1 && count != 1 {
        return Err(format!("wrong number of args for {name}: want 1 got {count}"));
    }
    run(name, arguments).map_err(|text| format!("error calling {name}: {text}"))
}

fn run(name: &str, arguments: &[Value]) -> Result<Value, String> {
    let first = arguments.first().unwrap_or(&Value::Null);
    let second = arguments.get(1).unwrap_or(&Value::Null);
    match name {
        "not" => Ok((!is_true(first)).into()),
        "len" => length(first),
        "index" => index(arguments),
        "slice" => slice(arguments),
        "eq" => equal_to_any(first, arguments.get(1..).unwrap_or_default()),
        "ne" => Ok((!equal(first, second)?).into()),
        "lt" => Ok(compare(first, second)?.is_lt().into()),
        "le" => Ok(compare(first, second)?.is_le().into()),
        "gt" => Ok(compare(first, second)?.is_gt().into()),
        "ge" => Ok(compare(first, second)?.is_ge().into()),
        "print" => Ok(print(arguments, false).into()),
        "println" => Ok((print(arguments, true) + "\n").into()),
        "printf" => Ok(sprintf(first.str(), arguments.get(1..).unwrap_or_default()).into()),
        "html" => Ok(html(&print(arguments, false)).into()),
        "js" => Ok(js(&print(arguments, false)).into()),
        "urlquery" => Ok(url_query(&print(arguments, false)).into()),
        "base64decode" => base64_decode(first),
        "exists" => Ok(index(arguments).is_ok_and(|found| !found.is_null()).into()),
        "and" | "or" => Ok(arguments.last().cloned().unwrap_or_default()),
        _ => Err("not a function".into()),
    }
}

fn type_name(value: &Value) -> &'static str {
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

fn length(value: &Value) -> Result<Value, String> {
    match value {
        Value::String(text) => Ok(text.len().into()),
        Value::Array(items) => Ok(items.len().into()),
        Value::Object(map) => Ok(map.len().into()),
        Value::Null => Err("len of nil pointer".into()),
        other => Err(format!("len of type {}", type_name(other))),
    }
}

fn index(arguments: &[Value]) -> Result<Value, String> {
    let Some((value, keys)) = arguments.split_first() else {
        return Ok(Value::Null);
    };
    if value.is_null() {
        return Err("index of untyped nil".into());
    }
    let mut value = value.clone();
    for key in keys {
        value = match (&value, key) {
            (Value::Array(items), Value::Int(at)) => usize::try_from(*at)
                .ok()
                .and_then(|at| items.get(at))
                .cloned()
                .ok_or_else(|| format!("index out of range: {at}"))?,
            (Value::Array(_), Value::Null) => {
                return Err("cannot index slice/array with nil".into());
            }
            (Value::Array(_), key) => {
                return Err(format!("cannot index slice/array with type {}", type_name(key)));
            }
            (Value::Object(map), Value::String(key)) => map.get(key).cloned().unwrap_or_default(),
            (Value::Object(_), key) => {
                return Err(format!("value has type {}; should be string", type_name(key)));
            }
            (Value::Null, _) => return Err("index of nil pointer".into()),
            (other, _) => return Err(format!("can't index item of type {}", type_name(other))),
        };
    }
    Ok(value)
}

fn slice(arguments: &[Value]) -> Result<Value, String> {
    let value = arguments.first().unwrap_or(&Value::Null);
    let length = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.len(),
        Value::Null => return Err("slice of untyped nil".into()),
        other => return Err(format!("can't slice item of type {}", type_name(other))),
    };
    let bound = |at: usize, default: usize| match arguments.get(at) {
        None => Ok(default),
        Some(Value::Int(bound)) => usize::try_from(*bound)
            .ok()
            .filter(|bound| *bound <= length)
            .ok_or_else(|| format!("index out of range: {bound}")),
        Some(other) => Err(format!("cannot index slice/array with type {}", type_name(other))),
    };
    let (start, end) = (bound(1, 0)?, bound(2, length)?);
    if start > end {
        return Err(format!("invalid slice index: {start} > {end}"));
    }
    match value {
        Value::String(text) => Ok(text.get(start..end).unwrap_or_default().into()),
        value => Ok(value.items().get(start..end).unwrap_or_default().iter().collect()),
    }
}

fn equal_to_any(first: &Value, others: &[Value]) -> Result<Value, String> {
    if others.is_empty() {
        return Err("missing argument for comparison".into());
    }
    for other in others {
        if equal(first, other)? {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

fn equal(a: &Value, b: &Value) -> Result<bool, String> {
    match (a, b) {
        (Value::Null, Value::Null) => Ok(true),
        (Value::Null, _) | (_, Value::Null) => Ok(false),
        (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => {
            Err("non-comparable type".to_string())
        }
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        _ => compare(a, b).map(Ordering::is_eq),
    }
}

fn compare(a: &Value, b: &Value) -> Result<Ordering, String> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b).unwrap_or(Ordering::Equal)),
        (Value::String(a), Value::String(b)) => Ok(a.as_str().cmp(b)),
        (Value::Bool(_), _) | (Value::Null, _) | (Value::Array(_), _) | (Value::Object(_), _) => {
            Err("invalid type for comparison".into())
        }
        _ => Err("incompatible types for comparison".into()),
    }
}

fn html(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}

fn js(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '<' | '>' | '&' | '=' => out.push_str(&format!("\\u{:04X}", c as u32)),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04X}", c as u32)),
            c => out.push(c),
        }
    }
    out
}

fn url_query(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            byte if byte.is_ascii_alphanumeric() => out.push(byte as char),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn base64_decode(value: &Value) -> Result<Value, String> {
    let Some(text) = value.as_str() else {
        return Err(format!("wrong type for value; expected string; got {}", type_name(value)));
    };
    let bytes = decode_base64(text)
        .map_err(|at| format!("base64 decode failed: illegal base64 data at input byte {at}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned().into())
}

/// Decodes standard base64; the error is the offset of the first wrong byte.
pub fn decode_base64(text: &str) -> Result<Vec<u8>, usize> {
    let mut out = Vec::new();
    let (mut bits, mut count, mut padding) = (0u32, 0u32, 0usize);
    for (at, byte) in text.bytes().enumerate() {
        let digit = match byte {
            b'\r' | b'\n' => continue,
            b'=' => {
                padding += 1;
                continue;
            }
            _ if padding > 0 => return Err(at),
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return Err(at),
        };
        bits = bits << 6 | u32::from(digit);
        count += 1;
        if count.is_multiple_of(4) {
            out.extend([(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
            bits = 0;
        }
    }
    match (count % 4, padding) {
        (0, 0) => Ok(out),
        (2, 2) => {
            out.push((bits >> 4) as u8);
            Ok(out)
        }
        (3, 1) => {
            out.extend([(bits >> 10) as u8, (bits >> 2) as u8]);
            Ok(out)
        }
        _ => Err(text.len()),
    }
}
