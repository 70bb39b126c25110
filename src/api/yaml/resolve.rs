//! What an unquoted scalar means in YAML 1.1: go-yaml v2's `resolve.go`.

use crate::api::value::Value;

const STR: &str = "tag:yaml.org,2002:str";
const BINARY: &str = "tag:yaml.org,2002:binary";
const INT: &str = "tag:yaml.org,2002:int";
const FLOAT: &str = "tag:yaml.org,2002:float";

/// A scalar with its type; integers beyond 64 bits signed are kept as Go keeps them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    String(String),
    Timestamp,
}

impl Scalar {
    fn tag(&self) -> &'static str {
        match self {
            Scalar::Null => "tag:yaml.org,2002:null",
            Scalar::Bool(_) => "tag:yaml.org,2002:bool",
            Scalar::Int(_) | Scalar::Uint(_) => INT,
            Scalar::Float(_) => FLOAT,
            Scalar::String(_) => STR,
            Scalar::Timestamp => "tag:yaml.org,2002:timestamp",
        }
    }

    /// The JSON that it becomes; text by way of `written`.
    pub(super) fn into_value(self, written: &str) -> Value {
        match self {
            Scalar::Null => Value::Null,
            Scalar::Bool(b) => Value::Bool(b),
            Scalar::Int(i) => Value::Int(i),
            Scalar::Uint(u) => i64::try_from(u).map_or(Value::Float(u as f64), Value::Int),
            Scalar::Float(f) if f.fract() == 0.0 && f.abs() < 9.2e18 => Value::Int(f as i64),
            Scalar::Float(f) => Value::Float(f),
            Scalar::String(s) => s.into(),
            Scalar::Timestamp => written.into(),
        }
    }
}

/// The type of `text` under `tag` ("" for none); fails if the tag says something else.
pub(super) fn resolve(tag: &str, text: &str) -> Result<Scalar, String> {
    let string = || Scalar::String(text.into());
    let kinds = ["str", "bool", "int", "float", "null", "timestamp"];
    let is_resolvable =
        tag.is_empty() || kinds.iter().any(|kind| tag == format!("tag:yaml.org,2002:{kind}"));
    if !is_resolvable || tag == STR || tag == BINARY {
        return Ok(string());
    }
    let scalar = resolve_plain(tag, text).unwrap_or_else(string);
    match (tag, scalar) {
        ("", scalar) => Ok(scalar),
        (FLOAT, Scalar::Int(i)) => Ok(Scalar::Float(i as f64)),
        // go-yaml lets text pass under any tag whose type it could not find.
        (tag, scalar) if tag == scalar.tag() => Ok(scalar),
        (tag, scalar) => {
            let (found, wanted) = (short(scalar.tag()), short(tag));
            Err(format!("yaml: cannot decode {found} `{text}` as a {wanted}"))
        }
    }
}

fn short(tag: &str) -> String {
    match tag.strip_prefix("tag:yaml.org,2002:") {
        Some(name) => format!("!!{name}"),
        None => tag.into(),
    }
}

fn resolve_plain(tag: &str, text: &str) -> Option<Scalar> {
    let first = match text.chars().next() {
        None => return Some(Scalar::Null),
        Some(c) => c,
    };
    match first {
        '.' | '+' | '-' | '0'..='9' => {
            special_float(text).or_else(|| number(tag, text, first == '.'))
        }
        'y' | 'Y' | 'n' | 'N' | 't' | 'T' | 'f' | 'F' | 'o' | 'O' | '~' => word(text),
        _ => None,
    }
}

fn word(text: &str) -> Option<Scalar> {
    Some(match text {
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        _ => return None,
    })
}

fn special_float(text: &str) -> Option<Scalar> {
    Some(Scalar::Float(match text {
        ".nan" | ".NaN" | ".NAN" => f64::NAN,
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => f64::INFINITY,
        "-.inf" | "-.Inf" | "-.INF" => f64::NEG_INFINITY,
        _ => return None,
    }))
}

fn number(tag: &str, text: &str, has_leading_dot: bool) -> Option<Scalar> {
    if has_leading_dot {
        return go_float(text).map(Scalar::Float);
    }
    let may_be_timestamp = tag.is_empty() || tag.ends_with(":timestamp");
    if may_be_timestamp && is_timestamp(text) {
        return Some(Scalar::Timestamp);
    }
    let plain = text.replace('_', "");
    if let Some(scalar) = go_integer(&plain) {
        return Some(scalar);
    }
    if is_float(&plain) {
        return plain.parse().ok().filter(|f: &f64| f.is_finite()).map(Scalar::Float);
    }
    None
}

/// `strconv.ParseFloat` of text beginning with a dot.
fn go_float(text: &str) -> Option<f64> {
    let is_number = is_float(text) && text.contains(|c: char| c.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// `strconv.ParseInt` and `ParseUint` with base 0.
fn go_integer(text: &str) -> Option<Scalar> {
    let (is_negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, lower.get(2..)?),
        Some("0o") => (8, lower.get(2..)?),
        Some("0b") => (2, lower.get(2..)?),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, lower.get(1..)?),
        _ => (10, lower.as_str()),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let size = u64::from_str_radix(digits, radix).ok()?;
    match (is_negative, i64::try_from(size)) {
        (false, Ok(i)) => Some(Scalar::Int(i)),
        (false, Err(_)) if !text.starts_with('+') => Some(Scalar::Uint(size)),
        (true, Ok(i)) => Some(Scalar::Int(-i)),
        (true, Err(_)) if size == 1 << 63 => Some(Scalar::Int(i64::MIN)),
        _ => None,
    }
}

/// go-yaml's expression `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
fn is_float(text: &str) -> bool {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (rest, None),
    };
    let are_digits = |s: &str| s.chars().all(|c| c.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !whole.is_empty() || (mantissa.starts_with('.') && !fraction.is_empty());
    let exponent_is_good = exponent.is_none_or(|e| {
        let digits = e.strip_prefix(['-', '+']).unwrap_or(e);
        !digits.is_empty() && are_digits(digits)
    });
    has_digits && are_digits(whole) && are_digits(fraction) && exponent_is_good
}

/// Whether Go reads it as one of the four forms of a date that YAML allows.
fn is_timestamp(text: &str) -> bool {
    let Some((year, rest)) = text.split_once('-') else { return false };
    if year.len() != 4 || !year.chars().all(|c| c.is_ascii_digit()) {
        return false;
    }
    let Some((month, rest)) = rest.split_once('-') else { return false };
    let split = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (day, time) = rest.split_at(split);
    let (Some(month), Some(day)) = (small_number(month), small_number(day)) else { return false };
    let year: u32 = year.parse().unwrap_or(0);
    if !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return false;
    }
    match time.chars().next() {
        None => true,
        Some('T' | 't') => is_clock(&time[1..], true),
        Some(' ') => is_clock(&time[1..], false),
        Some(_) => false,
    }
}

fn days_in_month(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn small_number(text: &str) -> Option<u32> {
    let is_good = (1..=2).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit());
    if is_good { text.parse().ok() } else { None }
}

/// `15:4:5.999` with a zone (`Z`, `+01:00`) if it has to have one.
fn is_clock(text: &str, has_zone: bool) -> bool {
    let clock = if has_zone {
        match text.strip_suffix('Z') {
            Some(clock) => clock,
            None => match text.rfind(['+', '-']) {
                Some(at) if is_zone(&text[at + 1..]) => &text[..at],
                _ => return false,
            },
        }
    } else {
        text
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let [hour, minute, second] = parts.as_slice() else { return false };
    let (second, fraction) = second.split_once(['.', ',']).unwrap_or((second, "0"));
    let is_below = |text: &str, limit: u32| small_number(text).is_some_and(|n| n < limit);
    let is_fraction = !fraction.is_empty() && fraction.chars().all(|c| c.is_ascii_digit());
    is_below(hour, 24) && is_below(minute, 60) && is_below(second, 60) && is_fraction
}

fn is_zone(text: &str) -> bool {
    let digits = |s: &str| s.len() == 2 && s.chars().all(|c| c.is_ascii_digit());
    text.split_once(':').is_some_and(|(hours, minutes)| digits(hours) && digits(minutes))
}

/// Whether `text` without quotes would be read back as the same string.
pub(super) fn is_plain_string(text: &str) -> bool {
    matches!(resolve("", text), Ok(Scalar::String(_))) && !is_base_60(text)
}

/// A sexagesimal number of YAML 1.1 such as `12:30`, which go-yaml reads as text but quotes.
fn is_base_60(text: &str) -> bool {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = rest.split(':');
    let first = parts.next().unwrap_or_default();
    let is_first = |(i, c): (usize, char)| c.is_ascii_digit() || (i > 0 && c == '_');
    if first.is_empty() || !first.chars().enumerate().all(is_first) {
        return false;
    }
    let parts: Vec<&str> = parts.collect();
    let last = parts.len().saturating_sub(1);
    !parts.is_empty()
        && parts.iter().enumerate().all(|(i, part)| {
            let (digits, fraction) = part.split_once('.').unwrap_or((part, ""));
            let is_fraction = fraction.chars().all(|c| c.is_ascii_digit() || c == '_');
            is_sixtieth(digits) && is_fraction && (i == last || !part.contains('.'))
        })
}

fn is_sixtieth(digits: &str) -> bool {
    match digits.as_bytes() {
        [unit] => unit.is_ascii_digit(),
        [ten, unit] => matches!(ten, b'0'..=b'5') && unit.is_ascii_digit(),
        _ => false,
    }
}
