//! Amounts of resources: `1500Mi`, `250m`, `1e3`.
//!
//! Models `k8s.io/apimachinery/pkg/api/resource`: values that keep their family (binary, decimal,
//! exponent) and are written in one canonical form.
//!
//! # Scope
//! - Amounts beyond 29 digits before the point are cut off; upstream has no limit for decimals.

use std::cmp::Ordering;

use super::go;
use super::value::{EcoString, Value};

/// The text of a quantity does not look like one.
const FORMAT_WRONG: &str = "quantities must match the regular expression \
    '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX_WRONG: &str = "unable to parse quantity's suffix";
const NUMBER_WRONG: &str = "unable to parse numeric part of quantity";

const NANOS_PER_UNIT: i128 = 1_000_000_000;
const NANOS_MAX: i128 = i128::MAX / 2;
/// What every binary amount is capped at.
const BINARY_MAX: i128 = i64::MAX as i128 * NANOS_PER_UNIT;

/// The family of suffixes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Format {
    /// `k`, `M`, `m`
    #[default]
    DecimalSi,
    /// `e3`
    DecimalExponent,
    /// `Ki`, `Mi`
    BinarySi,
}

/// An amount, exact to a billionth; equal if the amounts are, however they are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quantity {
    nanos: i128,
    format: Format,
}

/// What upstream's struct holds in memory after `ParseQuantity`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory<'a> {
    /// The digits as a number, multiplied out for binary suffixes.
    pub value: i64,
    /// The power of ten that it counts in.
    pub scale: i32,
    /// The text, if it is taken for canonical.
    pub text: &'a str,
    /// `DecimalSI`, `DecimalExponent` or `BinarySI`.
    pub format: &'static str,
}

/// The parts of a quantity's text.
struct Parts<'a> {
    is_negative: bool,
    /// Digits before the point without leading zeros, "0" if there are none.
    whole: &'a str,
    fraction: &'a str,
    suffix: &'a str,
    /// No number at all, which counts as zero.
    has_number: bool,
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity { nanos: 0, format: Format::DecimalSi };

    /// This many whole units.
    pub fn from_units(units: i64) -> Self {
        Quantity { nanos: i128::from(units) * NANOS_PER_UNIT, format: Format::DecimalSi }
    }

    /// Reads a quantity as written in manifests; fractions below a billionth are rounded up.
    pub fn parse(text: &str) -> Option<Quantity> {
        Self::read(text).ok().map(|(quantity, _)| quantity)
    }

    /// Reads a quantity, or says what is wrong with it in the server's words.
    pub fn try_parse(text: &str) -> Result<Quantity, &'static str> {
        Self::read(text).map(|(quantity, _)| quantity)
    }

    /// The text that the server stores for a quantity written as `text`: the canonical form, or
    /// `text` itself where upstream takes it for canonical (`ParseQuantity`).
    pub fn stored(text: &str) -> Result<EcoString, &'static str> {
        let (quantity, is_canonical) = Self::read(text)?;
        Ok(if is_canonical { text.into() } else { quantity.to_string().into() })
    }

    /// As [`Quantity::stored`] for a JSON value (`UnmarshalJSON`); null is zero.
    pub fn stored_json(value: &Value) -> Result<EcoString, &'static str> {
        match value {
            Value::Null => Ok("0".into()),
            Value::String(text) => Self::stored(text.trim()),
            other => Self::stored(&go::json(other)),
        }
    }

    /// The amount that a field holds, zero if it is absent or unreadable.
    pub fn of(value: &Value) -> Quantity {
        match value {
            Value::Int(units) => Quantity::from_units(*units),
            Value::Float(f) => Quantity::parse(&go::float(*f)).unwrap_or_default(),
            other => Quantity::parse(other.str()).unwrap_or_default(),
        }
    }

    /// The insides of upstream's struct; `None` for what it keeps in more than 64 bits.
    pub fn memory(text: &str) -> Option<Memory<'_>> {
        if text == "0" {
            return Some(Memory { text, format: "DecimalSI", ..Memory::default() });
        }
        let parts = split(text).ok()?;
        let (base, exponent, format) = interpret(parts.suffix)?;
        let digits: i64 = format!("{}{}", parts.whole, parts.fraction).parse().ok()?;
        let (factor, scale) = match base {
            2 => (1i64.checked_shl(exponent.unsigned_abs())?, 0),
            _ => (1, exponent - i32::try_from(parts.fraction.len()).ok()?),
        };
        let sign = if parts.is_negative { -1 } else { 1 };
        let value = digits.checked_mul(factor)?.checked_mul(sign)?;
        let is_kept = is_kept_as_written(&parts, exponent, format);
        let format = match format {
            Format::DecimalSi => "DecimalSI",
            Format::DecimalExponent => "DecimalExponent",
            Format::BinarySi => "BinarySI",
        };
        Some(Memory { value, scale, text: if is_kept { text } else { "" }, format })
    }

    fn read(text: &str) -> Result<(Quantity, bool), &'static str> {
        if text.is_empty() {
            return Err(FORMAT_WRONG);
        }
        if text == "0" {
            return Ok((Self::ZERO, true));
        }
        let parts = split(text)?;
        let (base, exponent, format) = interpret(parts.suffix).ok_or(SUFFIX_WRONG)?;
        if !parts.has_number {
            return Ok((Quantity { nanos: 0, format }, false));
        }
        let nanos = scaled(&parts, base, exponent).ok_or(NUMBER_WRONG)?;
        let mut quantity = Quantity { nanos, format };
        if format == Format::BinarySi {
            quantity.nanos = quantity.nanos.min(BINARY_MAX);
            if quantity.nanos < NANOS_PER_UNIT && quantity.nanos > 0 {
                quantity.format = Format::DecimalSi;
            }
        }
        if parts.is_negative {
            quantity.nanos = -quantity.nanos;
        }
        Ok((quantity, is_kept_as_written(&parts, exponent, format)))
    }

    /// Thousandths, rounded up (`MilliValue`).
    pub fn milli(self) -> i64 {
        divided_up(self.nanos, NANOS_PER_UNIT / 1000) as i64
    }

    /// Whole units, rounded up (`Value`); wraps around like upstream's.
    pub fn units(self) -> i64 {
        divided_up(self.nanos, NANOS_PER_UNIT) as i64
    }

    /// Rounded up to thousandths, as defaulting does with resource lists (`RoundUp`).
    pub fn rounded_to_milli(self) -> Quantity {
        let unit = NANOS_PER_UNIT / 1000;
        Quantity { nanos: divided_up(self.nanos, unit).saturating_mul(unit), ..self }
    }

    /// Whether it is a whole number.
    pub fn is_whole(self) -> bool {
        self.nanos % NANOS_PER_UNIT == 0
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// Whether it is less than nothing.
    pub fn is_negative(self) -> bool {
        self.nanos < 0
    }
}

/// `text` of a stored quantity after defaulting has rounded it up to thousandths.
pub fn rounded_to_milli(text: &str) -> EcoString {
    match Quantity::parse(text) {
        Some(quantity) if quantity.rounded_to_milli() != quantity => {
            quantity.rounded_to_milli().to_string().into()
        }
        _ => text.into(),
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl std::hash::Hash for Quantity {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.nanos.hash(state);
    }
}

impl std::ops::Add for Quantity {
    type Output = Quantity;

    /// The sum, in the family of the first unless that is zero.
    fn add(self, other: Quantity) -> Quantity {
        let format = if self.is_zero() { other.format } else { self.format };
        let nanos = self.nanos.saturating_add(other.nanos).clamp(-NANOS_MAX, NANOS_MAX);
        Quantity { nanos, format }
    }
}

impl std::ops::Neg for Quantity {
    type Output = Quantity;

    fn neg(self) -> Quantity {
        Quantity { nanos: -self.nanos, ..self }
    }
}

impl std::ops::Sub for Quantity {
    type Output = Quantity;

    /// The difference, in the family of the first unless that is zero.
    fn sub(self, other: Quantity) -> Quantity {
        self + -other
    }
}

impl std::fmt::Display for Quantity {
    /// The canonical form (`CanonicalizeBytes`).
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        if self.is_zero() {
            return f.write_str("0");
        }
        let is_small = self.nanos.abs() < 1024 * NANOS_PER_UNIT;
        if self.format == Format::BinarySi && !is_small && self.is_whole() {
            let (number, power) = without_factor(self.nanos / NANOS_PER_UNIT, 1024);
            let suffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
            return write!(f, "{number}{}", suffixes.get(power).unwrap_or(&""));
        }
        let (mut number, zeros) = without_factor(self.nanos, 10);
        let mut exponent = zeros as i32 - 9;
        while exponent % 3 != 0 {
            number *= 10;
            exponent -= 1;
        }
        let suffix = match (self.format, exponent) {
            (Format::DecimalExponent, exponent) => exponent_suffix(exponent),
            (_, -9) => "n".into(),
            (_, -6) => "u".into(),
            (_, -3) => "m".into(),
            (_, 0) => "".into(),
            (_, 3) => "k".into(),
            (_, 6) => "M".into(),
            (_, 9) => "G".into(),
            (_, 12) => "T".into(),
            (_, 15) => "P".into(),
            (_, 18) => "E".into(),
            (_, exponent) => exponent_suffix(exponent),
        };
        write!(f, "{number}{suffix}")
    }
}

fn exponent_suffix(exponent: i32) -> String {
    if exponent == 0 { String::new() } else { format!("e{exponent}") }
}

fn without_factor(mut number: i128, factor: i128) -> (i128, usize) {
    let mut times = 0;
    while number != 0 && number % factor == 0 {
        number /= factor;
        times += 1;
    }
    (number, times)
}

/// Divides, rounding away from zero.
fn divided_up(nanos: i128, unit: i128) -> i128 {
    let rest = nanos % unit;
    nanos / unit + if rest == 0 { 0 } else { rest.signum() }
}

/// Models `parseQuantityString`.
fn split(text: &str) -> Result<Parts<'_>, &'static str> {
    let (is_negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = |s: &str| s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len());
    let trimmed = rest.trim_start_matches('0');
    let (whole, rest_after) = trimmed.split_at(digits(trimmed));
    let had_zeros = trimmed.len() < rest.len();
    let (fraction, suffix) = match rest_after.strip_prefix('.') {
        Some(rest) => rest.split_at(digits(rest)),
        None => ("", rest_after),
    };
    let letters = suffix.trim_start_matches(|c| "eEinumkKMGTP".contains(c));
    let exponent = letters.strip_prefix(['-', '+']).unwrap_or(letters);
    if !exponent.chars().all(|c| c.is_ascii_digit()) {
        return Err(FORMAT_WRONG);
    }
    let has_number = had_zeros || !whole.is_empty() || !fraction.is_empty();
    if !has_number && rest_after.starts_with('.') {
        return Err(NUMBER_WRONG);
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    Ok(Parts { is_negative, whole, fraction, suffix, has_number })
}

/// Base, exponent and family of a suffix (`suffixer.interpret`).
fn interpret(suffix: &str) -> Option<(u32, i32, Format)> {
    let decimal = |exponent| Some((10, exponent, Format::DecimalSi));
    let binary = |exponent| Some((2, exponent, Format::BinarySi));
    match suffix {
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "" => decimal(0),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(10),
        "Mi" => binary(20),
        "Gi" => binary(30),
        "Ti" => binary(40),
        "Pi" => binary(50),
        "Ei" => binary(60),
        other => {
            let exponent = other.strip_prefix(['e', 'E'])?;
            Some((10, exponent.parse().ok()?, Format::DecimalExponent))
        }
    }
}

/// The size of a number in billionths, rounded up and cut off at the limit.
fn scaled(parts: &Parts, base: u32, exponent: i32) -> Option<i128> {
    let digits: String = parts.whole.chars().chain(parts.fraction.chars()).collect();
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    // Digits that no amount here can hold only raise the power of ten.
    let kept = significant.get(..significant.len().min(30))?;
    let dropped = i64::try_from(significant.len() - kept.len()).ok()?;
    let mut number: i128 = kept.parse().ok()?;
    let mut power = dropped + 9 - i64::try_from(parts.fraction.len()).ok()?;
    if base == 2 {
        let shifted = number.checked_mul(1i128 << exponent);
        let Some(shifted) = shifted else { return Some(NANOS_MAX) };
        number = shifted;
    } else {
        power += i64::from(exponent);
    }
    if power >= 0 {
        let factor = u32::try_from(power).ok().and_then(|p| 10i128.checked_pow(p));
        let product = factor.and_then(|factor| number.checked_mul(factor));
        return Some(product.unwrap_or(NANOS_MAX).min(NANOS_MAX));
    }
    let divisor = u32::try_from(-power).ok().and_then(|p| 10i128.checked_pow(p));
    Some(divisor.map_or(1, |divisor| divided_up(number, divisor)))
}

/// Whether upstream keeps the text instead of writing the amount anew: a rough test for being
/// canonical already, which lets `+5Gi` and `00100Mi` through.
fn is_kept_as_written(parts: &Parts, exponent: i32, format: Format) -> bool {
    let (whole, fraction) = (parts.whole.len() as i32, parts.fraction.len() as i32);
    let shifted = format!("{}{}", parts.whole, parts.fraction);
    let Ok(number) = shifted.parse::<i64>() else { return false };
    if format == Format::BinarySi {
        let precision = 15 - whole - (exponent as f32 * 3.0 / 10.0) as i32 - 1;
        let is_fast = fraction == 0 && precision >= 0;
        return is_fast && exponent % 10 == 0 && number & 7 != 0;
    }
    let scale = exponent - fraction;
    let is_fast = whole + fraction <= 18 && scale >= -9;
    is_fast && scale % 3 == 0 && !shifted.ends_with("000") && !shifted.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_scale() {
        let units = |text| Quantity::parse(text).map(Quantity::units);
        assert_eq!(units("1Gi"), Some(1 << 30));
        assert_eq!(units("0.5Gi"), Some(1 << 29));
        assert_eq!(units("1e3"), Some(1000));
        assert_eq!(units("250m"), Some(1));
        assert_eq!(Quantity::parse("250m").map(Quantity::milli), Some(250));
        assert_eq!(Quantity::parse("-1.5").map(Quantity::milli), Some(-1500));
        assert_eq!(units("lots"), None);
        assert_eq!(units(""), None);
        assert_eq!(units("1.2.3"), None);
        assert_eq!(units("Gi"), Some(0));
        assert_eq!(units("9223372036854776000"), Some(-9223372036854775616));
    }

    #[test]
    fn equal_amounts_are_equal() {
        assert_eq!(Quantity::parse("1024Mi"), Quantity::parse("1Gi"));
        assert!(Quantity::parse("1G") < Quantity::parse("1Gi"));
    }

    #[test]
    fn stored_form_is_canonical() {
        let pairs = [
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("0.5Gi", "512Mi"),
            ("2048Ki", "2Mi"),
            ("1025Mi", "1025Mi"),
            ("1048576", "1048576"),
            ("1000000", "1M"),
            ("1000M", "1G"),
            ("0.1Ti", "109951162777600m"),
            ("1500", "1500"),
            ("1E", "1E"),
            ("1Ei", "1Ei"),
            ("5k", "5k"),
            ("1234567", "1234567"),
            ("100m", "100m"),
            ("1500m", "1500m"),
            ("1.5", "1500m"),
            ("0.1", "100m"),
            ("3n", "3n"),
            ("+5Gi", "+5Gi"),
            ("1.", "1."),
            (".5Gi", "512Mi"),
            ("00100Mi", "00100Mi"),
            ("20Ei", "9223372036854775807"),
            ("9223372036854775807", "9223372036854775807"),
            ("0", "0"),
            ("-1Gi", "-1Gi"),
            ("0.25", "250m"),
            ("1000m", "1"),
            ("128974848", "128974848"),
            ("1000000k", "1G"),
            ("1e3", "1e3"),
            ("1500e3", "1500e3"),
            ("0.5", "500m"),
            ("0.0001Ki", "102400u"),
            ("1000E", "1e21"),
            ("512Ki", "512Ki"),
            ("1023Ki", "1023Ki"),
            ("8Gi", "8Gi"),
        ];
        for (text, stored) in pairs {
            assert_eq!(Quantity::stored(text).as_deref(), Ok(stored), "{text}");
        }
        assert_eq!(rounded_to_milli("3n"), "1m");
        assert_eq!(rounded_to_milli("1.0001Ki"), "1024103m");
        assert_eq!(rounded_to_milli("+5Gi"), "+5Gi");
        assert_eq!(Quantity::stored_json(&Value::Float(0.25)).as_deref(), Ok("250m"));
    }

    #[test]
    fn refusals_are_the_servers() {
        for text in ["1GB", "1gi", "1 Gi", "1,5Gi", "1..5Gi", "", "true", "[\"1Gi\"]"] {
            assert_eq!(Quantity::try_parse(text).err(), Some(FORMAT_WRONG), "{text}");
        }
        for text in ["1K", "1ki", "1e", "1kM"] {
            assert_eq!(Quantity::try_parse(text).err(), Some(SUFFIX_WRONG), "{text}");
        }
    }

    #[test]
    fn sums_keep_the_family() {
        let sum = |a: &str, b: &str| {
            (Quantity::parse(a).unwrap_or_default() + Quantity::parse(b).unwrap_or_default())
                .to_string()
        };
        assert_eq!(sum("512Mi", "512Mi"), "1Gi");
        assert_eq!(sum("0", "512Mi"), "512Mi");
        assert_eq!(sum("250m", "0.75"), "1");
        assert_eq!(sum("1G", "1Gi"), "2073741824");
    }
}
