//! Values of awk: numbers, strings, and strings that look like numbers.

use std::collections::BTreeMap;

use ecow::EcoString;

use crate::script::format::Spec;

/// A value. Numbers are kept as bits, so that equality and hash are plain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Never assigned: empty and zero.
    Unset,
    /// The bits of a number.
    Number(u64),
    /// A string.
    String(EcoString),
    /// Input that looks like a number: the text and the bits.
    Input(EcoString, u64),
}

/// What a variable holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// Not known yet.
    Untyped,
    /// One value.
    Scalar(Value),
    /// An array.
    Array(BTreeMap<EcoString, Value>),
    /// An array parameter: the frame (none: global) and the place.
    Alias(Option<usize>, usize),
}

impl Value {
    pub fn number(value: f64) -> Self {
        Self::Number(value.to_bits())
    }

    pub fn string(text: impl Into<EcoString>) -> Self {
        Self::String(text.into())
    }

    /// Text from input: a number too if it looks like one.
    pub fn input(text: &str) -> Self {
        match text.trim().parse::<f64>() {
            Ok(value) if looks_numeric(text.trim()) => Self::Input(text.into(), value.to_bits()),
            _ => Self::String(text.into()),
        }
    }

    pub fn boolean(value: bool) -> Self {
        Self::number(f64::from(u8::from(value)))
    }

    pub fn number_value(&self) -> f64 {
        match self {
            Self::Unset => 0.0,
            Self::Number(bits) | Self::Input(_, bits) => f64::from_bits(*bits),
            Self::String(text) => leading_number(text),
        }
    }

    pub fn text(&self) -> EcoString {
        self.text_as("%.6g")
    }

    /// The text, numbers by this format unless they are whole.
    pub fn text_as(&self, format: &str) -> EcoString {
        match self {
            Self::Unset => EcoString::new(),
            Self::String(text) | Self::Input(text, _) => text.clone(),
            Self::Number(bits) => number_text(f64::from_bits(*bits), format),
        }
    }

    pub fn is_true(&self) -> bool {
        match self {
            Self::Unset => false,
            Self::Number(bits) | Self::Input(_, bits) => f64::from_bits(*bits) != 0.0,
            Self::String(text) => !text.is_empty(),
        }
    }

    fn is_numeric(&self) -> bool {
        !matches!(self, Self::String(_))
    }

    /// Numbers compare as numbers, everything else as text.
    pub fn compare(&self, other: &Self) -> std::cmp::Ordering {
        if self.is_numeric() && other.is_numeric() {
            let (a, b) = (self.number_value(), other.number_value());
            return a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Equal);
        }
        self.text().cmp(&other.text())
    }
}

fn looks_numeric(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))
        && text.ends_with(|c: char| c.is_ascii_digit() || c == '.')
}

/// A number as text: whole ones without a point.
pub fn number_text(value: f64, format: &str) -> EcoString {
    if value == value.trunc() && value.abs() < 1e16 {
        return ecow::eco_format!("{}", value as i64);
    }
    let chars: Vec<char> = format.chars().skip(1).collect();
    match Spec::parse(&chars, &mut 0, &mut || 0) {
        Some(spec) => spec.float(value).into(),
        None => ecow::eco_format!("{value}"),
    }
}

/// The number a text begins with.
fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let mut end = 0;
    let mut seen_digit = false;
    let mut seen_point = false;
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'+' | b'-' if end == 0 => {}
            b'0'..=b'9' => seen_digit = true,
            b'.' if !seen_point => seen_point = true,
            b'e' | b'E' if seen_digit => {
                let rest = text.get(end + 1..).unwrap_or("");
                let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
                let length = digits.bytes().take_while(u8::is_ascii_digit).count();
                if length > 0 {
                    end += 1 + rest.len() - digits.len() + length;
                }
                break;
            }
            _ => break,
        }
        end += 1;
    }
    text.get(..end).and_then(|number| number.parse().ok()).unwrap_or(0.0)
}
