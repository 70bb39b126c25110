//! Amounts of resources: `1500Mi`, `250m`, `1e3`.
//!
//! Models `k8s.io/apimachinery/pkg/api/resource`: the value of a quantity, for comparing and
//! adding. How a quantity is written canonically is the API server's matter.

/// An amount, in billionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    nanos: i128,
}

const NANOS_PER_UNIT: i128 = 1_000_000_000;

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity { nanos: 0 };

    /// This many whole units.
    pub fn from_units(units: i64) -> Self {
        Quantity { nanos: i128::from(units) * NANOS_PER_UNIT }
    }

    /// Reads a quantity as written in manifests; fractions below a billionth are rounded up.
    pub fn parse(text: &str) -> Option<Quantity> {
        let end = text
            .char_indices()
            .find(|(i, c)| !(c.is_ascii_digit() || *c == '.' || (*i == 0 && "+-".contains(*c))))
            .map_or(text.len(), |(i, _)| i);
        let (number, suffix) = text.split_at(end);
        let (negative, digits) = match number.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, number.strip_prefix('+').unwrap_or(number)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let (multiplier, power) = multiplier(suffix)?;
        let nanos = scaled(whole, fraction, multiplier, power)?;
        Some(Quantity { nanos: if negative { -nanos } else { nanos } })
    }

    /// The amount that a field holds, zero if it is absent or unreadable.
    pub fn of(value: &super::value::Value) -> Quantity {
        use super::value::Value;
        match value {
            Value::Int(units) => Quantity::from_units(*units),
            Value::Float(f) => Quantity::parse(&f.to_string()).unwrap_or_default(),
            other => Quantity::parse(other.str()).unwrap_or_default(),
        }
    }

    /// Thousandths, rounded up (`MilliValue`).
    pub fn milli(self) -> i64 {
        rounded_up(self.nanos, NANOS_PER_UNIT / 1000)
    }

    /// Whole units, rounded up (`Value`).
    pub fn units(self) -> i64 {
        rounded_up(self.nanos, NANOS_PER_UNIT)
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }
}

impl std::ops::Add for Quantity {
    type Output = Quantity;

    fn add(self, other: Quantity) -> Quantity {
        Quantity { nanos: self.nanos.saturating_add(other.nanos) }
    }
}

fn rounded_up(nanos: i128, unit: i128) -> i64 {
    let units = nanos.div_euclid(unit) + i128::from(nanos.rem_euclid(unit) != 0);
    i64::try_from(units).unwrap_or(if units < 0 { i64::MIN } else { i64::MAX })
}

// What a suffix multiplies by: an integer and a power of ten.
fn multiplier(suffix: &str) -> Option<(i128, i32)> {
    let binary = |power: u32| Some((1i128 << (10 * power), 0));
    match suffix {
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        "n" => Some((1, -9)),
        "u" => Some((1, -6)),
        "m" => Some((1, -3)),
        "" => Some((1, 0)),
        "k" => Some((1, 3)),
        "M" => Some((1, 6)),
        "G" => Some((1, 9)),
        "T" => Some((1, 12)),
        "P" => Some((1, 15)),
        "E" => Some((1, 18)),
        exponent => {
            let exponent = exponent.strip_prefix(['e', 'E'])?;
            exponent.parse().ok().filter(|e: &i32| e.abs() <= 27).map(|e| (1, e))
        }
    }
}

fn scaled(whole: &str, fraction: &str, multiplier: i128, power: i32) -> Option<i128> {
    let digits: String = whole.chars().chain(fraction.chars()).collect();
    let number: i128 = digits.parse().ok()?;
    let exponent = power + 9 - i32::try_from(fraction.len()).ok()?;
    let product = number.checked_mul(multiplier)?;
    if exponent >= 0 {
        return product.checked_mul(10i128.checked_pow(exponent.unsigned_abs())?);
    }
    let divisor = 10i128.checked_pow(exponent.unsigned_abs())?;
    Some(product / divisor + i128::from(product % divisor != 0))
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
    }

    #[test]
    fn equal_amounts_are_equal() {
        assert_eq!(Quantity::parse("1024Mi"), Quantity::parse("1Gi"));
        assert!(Quantity::parse("1G") < Quantity::parse("1Gi"));
    }
}
