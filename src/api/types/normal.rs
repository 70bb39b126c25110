//! Objects as Go writes them after reading them: empty fields left out or written.
//!
//! Models a round trip through the structs of `k8s.io/api` with their `omitempty` tags.

use std::cmp::Ordering;

use super::{Field, Scalar, Shape, Struct, find};
use crate::api::map::order;
use crate::api::pool::counterpart;
use crate::api::quantity::rounded_to_milli;
use crate::api::value::{Map, Value};

/// Brings a value of the struct `name` into the form in which the server stores and shows it.
///
/// Nothing is copied that is in that form already; fields that the struct lacks stay.
pub fn normalize(name: &str, value: &mut Value) {
    normalize_beside(name, value, &Value::Null);
}

/// The same where a part of it may be shared with `known`, a former version that is in that form:
/// what is shared is not looked into.
pub fn normalize_beside(name: &str, value: &mut Value, known: &Value) {
    if let Some(found) = find(name) {
        normalize_struct(found, value, known);
    }
}

fn normalize_struct(found: &'static Struct, value: &mut Value, known: &Value) {
    let to_do = match value.as_object() {
        Some(map) if !value.is_same(known) => fields_to_do(found, map),
        _ => return,
    };
    for field in to_do {
        normalize_field(value, field, known);
    }
}

// The fields that may have to be written in another way.
fn fields_to_do(found: &'static Struct, map: &Map) -> Vec<&'static Field> {
    let mut entries = map.iter().peekable();
    let mut to_do = Vec::new();
    for field in found.sorted() {
        let mut is_there = Ordering::Less;
        while let Some((key, _)) = entries.peek() {
            is_there = order(key, field.json);
            if is_there != Ordering::Less {
                break;
            }
            entries.next();
        }
        let needs_work = match entries.peek() {
            Some((_, inner)) if is_there == Ordering::Equal => may_differ(inner, field),
            _ => field.always || matches!((field.shape, field.inner()), (Shape::Plain, Some(_))),
        };
        if needs_work {
            to_do.push(field);
        }
    }
    to_do
}

// Whether a value that is there may be written in another way.
fn may_differ(value: &Value, field: &Field) -> bool {
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => true,
        scalar => !field.always && is_omitted(scalar, field),
    }
}

/// As [`normalize_beside`], but looks at these fields only.
pub fn normalize_fields(name: &str, value: &mut Value, known: &Value, fields: &[&str]) {
    let Some(found) = find(name) else {
        return;
    };
    for field in fields.iter().filter_map(|field| found.field(field)) {
        normalize_field(value, field, known);
    }
}

fn normalize_field(value: &mut Value, field: &Field, known: &Value) {
    let old = value.get(field.json);
    if old.is_null() {
        let present = value.as_object().is_some_and(|map| map.contains_key(field.json));
        return fill(value, field, present);
    }
    let known = known.get(field.json);
    if old.is_same(known) {
        return;
    }
    if let Some(new) = normal_form(old, field, known) {
        value.set(&[field.json], new);
    }
    if !field.always && is_omitted(value.get(field.json), field) {
        value.remove(&[field.json]);
    }
}

// An absent or null field: written if Go always writes it, else taken out.
fn fill(value: &mut Value, field: &Field, present: bool) {
    let zero = match (field.shape, field.scalar) {
        (Shape::Plain, Scalar::Struct("ObjectMeta")) => Some(Value::object()),
        (Shape::Plain, Scalar::Struct(name)) => {
            let mut zero = Value::object();
            normalize(name, &mut zero);
            Some(zero)
        }
        (Shape::Plain, scalar) if field.always => Some(zero_of(scalar)),
        _ if field.always => Some(Value::Null),
        _ => None,
    };
    match zero {
        Some(Value::Null) if present => {}
        Some(zero) => value.set(&[field.json], zero),
        None if present => {
            value.remove(&[field.json]);
        }
        None => {}
    }
}

fn zero_of(scalar: Scalar) -> Value {
    match scalar {
        Scalar::String => "".into(),
        Scalar::Int32 | Scalar::Int64 | Scalar::IntOrString => 0.into(),
        Scalar::Bool => false.into(),
        Scalar::Quantity => "0".into(),
        _ => Value::Null,
    }
}

fn is_omitted(value: &Value, field: &Field) -> bool {
    match (field.shape, value) {
        (Shape::List, Value::Array(items)) => items.is_empty(),
        (Shape::Map, Value::Object(map)) => map.is_empty(),
        (Shape::Plain, Value::String(text)) => text.is_empty(),
        // A Quantity and an IntOrString are structs, which omitempty does not leave out.
        (Shape::Plain, Value::Int(0)) => {
            !matches!(field.scalar, Scalar::Quantity | Scalar::IntOrString)
        }
        (Shape::Plain, Value::Bool(false)) => true,
        _ => false,
    }
}

// The normal form of a value that is there, if it differs.
fn normal_form(old: &Value, field: &Field, known: &Value) -> Option<Value> {
    if !matches!(field.scalar, Scalar::Struct(_)) {
        return normal_entries(old, field);
    }
    let found = field.inner()?;
    let changed = |old: &Value, known: &Value| {
        if old.is_same(known) {
            return None;
        }
        let mut new = old.clone();
        normalize_struct(found, &mut new, known);
        (!new.is_same(old)).then_some(new)
    };
    match (field.shape, old) {
        (Shape::List, Value::Array(items)) => {
            let same = Value::is_same;
            let pairs = items.iter().enumerate();
            let news: Vec<Option<Value>> = pairs
                .map(|(index, old)| {
                    changed(old, counterpart((old, index), items, known.items(), same))
                })
                .collect();
            if news.iter().all(Option::is_none) {
                return None;
            }
            let both = news.into_iter().zip(items.iter());
            Some(both.map(|(new, old)| new.unwrap_or_else(|| old.clone())).collect())
        }
        (Shape::Plain | Shape::Pointer, Value::Object(_)) => changed(old, known),
        _ => None,
    }
}

// In maps of strings, null is the empty string; amounts of resources are rounded up to
// thousandths (`SetDefaults_ResourceList`).
fn normal_entries(old: &Value, field: &Field) -> Option<Value> {
    let map = old.as_object().filter(|_| field.shape == Shape::Map)?;
    let is_amount = field.scalar == Scalar::Quantity;
    let rounded = |value: &Value| {
        let text = value.as_str().filter(|_| is_amount)?;
        // Plain numbers are whole already.
        let is_fine = text.bytes().all(|c| c.is_ascii_digit());
        let new = (!is_fine).then(|| rounded_to_milli(text))?;
        (new != text).then_some(Value::from(new))
    };
    if map.iter().all(|(_, value)| !value.is_null() && rounded(value).is_none()) {
        return None;
    }
    let zero = zero_of(match field.scalar {
        Scalar::Bytes => Scalar::String,
        scalar => scalar,
    });
    let mut new = map.clone();
    for (_, value) in new.iter_mut() {
        if value.is_null() {
            *value = zero.clone();
        } else if let Some(amount) = rounded(value) {
            *value = amount;
        }
    }
    Some(new.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[track_caller]
    fn check(name: &str, mut given: Value, expected: Value) {
        normalize(name, &mut given);
        assert_eq!(given, expected);
    }

    #[test]
    fn empty_fields_are_written_as_go_writes_them() {
        check(
            "Container",
            value!({"name": "a", "env": [], "stdin": false, "resources": {"limits": {}},
                "securityContext": {}, "livenessProbe": {"initialDelaySeconds": 0}}),
            value!({"name": "a", "resources": {}, "securityContext": {}, "livenessProbe": {}}),
        );
        check("EnvVar", value!({"name": "A", "value": ""}), value!({"name": "A"}));
        check(
            "PodTemplateSpec",
            value!({"spec": {"containers": [{"name": "x"}]}}),
            value!({"metadata": {}, "spec": {"containers": [{"name": "x", "resources": {}}]}}),
        );
    }

    #[test]
    fn amounts_are_rounded_up_to_thousandths() {
        check(
            "ResourceRequirements",
            value!({"requests": {"cpu": "1u", "memory": "64Mi"}}),
            value!({"requests": {"cpu": "1m", "memory": "64Mi"}}),
        );
    }

    #[test]
    fn what_is_known_to_be_normal_is_not_looked_into() {
        // Not normal in truth, so that it would show.
        let known = value!({"spec": {"containers": [{"name": "x", "env": []}]}});
        let mut copy = known.clone();
        copy.set(&["metadata", "labels"], Value::object());
        normalize_beside("PodTemplateSpec", &mut copy, &known);
        assert!(copy.get("spec").is_same(known.get("spec")));
        assert_eq!(copy.get("metadata"), &Value::object());
    }

    #[test]
    fn what_is_normal_is_not_copied() {
        let normal = value!({"metadata": {}, "spec": {"containers":
            [{"name": "x", "resources": {}, "env": [{"name": "A", "value": "b"}]}]}});
        let mut copy = normal.clone();
        normalize("PodTemplateSpec", &mut copy);
        assert!(copy.is_same(&normal));
    }
}
