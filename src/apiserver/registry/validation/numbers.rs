//! Numbers, ports, percentages and amounts.
//!
//! Models the small validations of `pkg/apis/core/validation` and `pkg/apis/apps/validation`.

use super::{Errors, names};
use crate::api::quantity::Quantity;
use crate::api::status::FieldError;
use crate::api::value::Value;

/// What a negative number is told.
pub const NOT_NEGATIVE: &str = "must be greater than or equal to 0";

/// `ValidateNonnegativeField`: an absent number is fine.
pub fn not_negative(errors: &mut Errors, path: &str, value: &Value) {
    if value.as_i64().is_some_and(|number| number < 0) {
        errors.push(FieldError::invalid(path, value, NOT_NEGATIVE));
    }
}

/// `validation.InRange`
pub fn within(errors: &mut Errors, path: &str, value: &Value, least: i64, most: i64) {
    if value.as_i64().is_some_and(|number| !(least..=most).contains(&number)) {
        let why = format!("must be between {least} and {most}, inclusive");
        errors.push(FieldError::invalid(path, value, &why));
    }
}

/// A user or group id, if there is one.
pub fn id(errors: &mut Errors, path: &str, value: &Value) {
    within(errors, path, value, 0, i64::from(i32::MAX));
}

/// A port number; absent is 0, which is none.
pub fn port(errors: &mut Errors, path: &str, value: &Value) {
    let number = Value::Int(value.as_i64().unwrap_or(0));
    within(errors, path, &number, 1, 65535);
}

/// `ValidatePortNumOrName`
pub fn port_or_name(errors: &mut Errors, path: &str, value: &Value) {
    match value.as_str() {
        Some(name) => names::add(errors, path, name, names::port_name(name)),
        None => port(errors, path, value),
    }
}

/// One of a closed list; an absent value counts as "".
pub fn one_of(errors: &mut Errors, path: &str, value: &Value, supported: &[&str]) {
    if !supported.contains(&value.str()) {
        errors.push(FieldError::not_supported(path, &value.str().into(), supported));
    }
}

/// `ValidatePositiveIntOrPercent`: a count or a percentage, not negative.
pub fn count_or_percentage(errors: &mut Errors, path: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::String(text) if !is_percentage(text) => {
            let why = "a valid percent string must be a numeric string followed by an ending '%' \
                       (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
            errors.push(FieldError::invalid(path, value, why));
        }
        Value::String(_) => {}
        number => not_negative(errors, path, number),
    }
}

fn is_percentage(text: &str) -> bool {
    let digits = text.strip_suffix('%').unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit())
}

/// `IsNotMoreThan100Percent`
pub fn at_most_all(errors: &mut Errors, path: &str, value: &Value) {
    let percentage = value.as_str().and_then(|text| text.strip_suffix('%'));
    if percentage.and_then(|digits| digits.parse::<i64>().ok()).is_some_and(|p| p > 100) {
        errors.push(FieldError::invalid(path, value, "must not be greater than 100%"));
    }
}

/// The number of a count or percentage, `getIntOrPercentValue`; text that is neither counts as 0.
pub fn plain_count(value: &Value) -> i64 {
    match value.as_str() {
        Some(text) if is_percentage(text) => text.trim_end_matches('%').parse().unwrap_or(0),
        Some(text) => text.parse().unwrap_or(0),
        None => value.as_i64().unwrap_or(0),
    }
}

/// `ValidateNonnegativeQuantity`
pub fn quantity_not_negative(errors: &mut Errors, path: &str, value: &Value) {
    if Quantity::of(value) < Quantity::ZERO {
        errors.push(FieldError::invalid(path, &quantity_text(value), NOT_NEGATIVE));
    }
}

/// `ValidatePositiveQuantityValue`
pub fn quantity_positive(errors: &mut Errors, path: &str, value: &Value) {
    if Quantity::of(value) <= Quantity::ZERO {
        let why = "must be greater than zero";
        errors.push(FieldError::invalid(path, &quantity_text(value), why));
    }
}

/// A quantity as text, also if it was written as a number.
pub fn quantity_text(value: &Value) -> Value {
    match value {
        Value::String(_) => value.clone(),
        other => crate::api::go::json(other).into(),
    }
}
