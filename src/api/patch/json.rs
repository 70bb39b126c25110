//! JSON patches (RFC 6902) with the liberties of `evanphx/json-patch`: replacing a missing key
//! adds it, a missing value is null, a path without leading slash loses its first part.

use super::PatchError;
use crate::api::go;
use crate::api::value::Value;

const OPERATIONS_MAX: usize = 10_000;

/// `current` with all operations of `patch` applied.
pub fn apply(current: &Value, patch: &Value) -> Result<Value, PatchError> {
    let wrong_type = |found: &Value, wanted: &str| {
        let found = go::json_type(found);
        PatchError::Malformed(format!(
            "error decoding patch: json: cannot unmarshal {found} into Go value of type {wanted}"
        ))
    };
    let operations = match patch {
        Value::Array(operations) => operations,
        Value::Null => return Ok(current.clone()),
        other => return Err(wrong_type(other, "[]handlers.jsonPatchOp")),
    };
    if let Some(other) = operations.iter().find(|operation| operation.as_object().is_none()) {
        return Err(wrong_type(other, "handlers.jsonPatchOp"));
    }
    if operations.len() > OPERATIONS_MAX {
        return Err(PatchError::Malformed(format!(
            "The allowed maximum operations in a JSON patch is {OPERATIONS_MAX}, got {}",
            operations.len()
        )));
    }
    let mut document = current.clone();
    for operation in operations.iter() {
        perform(&mut document, operation).ok_or(PatchError::Unprocessable)?;
    }
    Ok(document)
}

/// Performs one operation; `None` if it can not be done.
fn perform(document: &mut Value, operation: &Value) -> Option<()> {
    let path = operation.get("path").as_str()?;
    let value = operation.get("value");
    match operation.get("op").str() {
        "add" => add(document, path, value.clone()),
        "remove" => remove(document, path),
        "replace" => replace(document, path, value.clone()),
        "move" => {
            let from = operation.get("from").as_str()?;
            let moved = get(document, from)?;
            remove(document, from)?;
            add(document, path, moved)
        }
        "copy" => {
            let copied = get(document, operation.get("from").as_str()?)?;
            add(document, path, copied)
        }
        "test" if path.is_empty() => (*document == *value).then_some(()),
        "test" => (get(document, path)? == *value).then_some(()),
        _ => None,
    }
}

/// The parts of a path between its slashes; the text before the first one does not count.
fn split(path: &str) -> Option<(Vec<String>, String)> {
    let mut parts: Vec<String> =
        path.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
    let last = parts.pop()?;
    Some((parts, last))
}

fn child<'v>(value: &'v mut Value, part: &str) -> Option<&'v mut Value> {
    match value {
        Value::Object(_) => value.object_mut().get_mut(part),
        Value::Array(items) => {
            let index = index(part, items.len())?;
            value.items_mut().get_mut(index)
        }
        _ => None,
    }
}

/// An index, from the end if it is negative.
fn index(part: &str, length: usize) -> Option<usize> {
    let number: i64 = part.parse().ok()?;
    let number = if number < 0 { number + i64::try_from(length).ok()? } else { number };
    usize::try_from(number).ok().filter(|index| *index < length)
}

fn parent<'v>(document: &'v mut Value, path: &str) -> Option<(&'v mut Value, String)> {
    let (parents, last) = split(path)?;
    let mut value = document;
    for part in parents {
        value = child(value, &part)?;
    }
    Some((value, last))
}

/// The value at a path; a missing key of a map is null.
fn get(document: &mut Value, path: &str) -> Option<Value> {
    let (parent, last) = parent(document, path)?;
    match parent {
        Value::Object(_) => Some(parent.get(&last).clone()),
        _ => child(parent, &last).cloned(),
    }
}

fn add(document: &mut Value, path: &str, value: Value) -> Option<()> {
    let (parent, last) = parent(document, path)?;
    match parent {
        Value::Object(_) => {
            parent.object_mut().insert(last, value);
        }
        Value::Array(items) => {
            let length = items.len();
            let index = if last == "-" { length } else { index(&last, length + 1)? };
            parent.array_mut().insert(index, value);
        }
        _ => return None,
    }
    Some(())
}

fn replace(document: &mut Value, path: &str, value: Value) -> Option<()> {
    if path.is_empty() {
        *document = Some(value).filter(|v| matches!(v, Value::Object(_) | Value::Array(_)))?;
        return Some(());
    }
    let (parent, last) = parent(document, path)?;
    match parent {
        Value::Object(_) => {
            parent.object_mut().insert(last, value);
        }
        _ => *child(parent, &last)? = value,
    }
    Some(())
}

fn remove(document: &mut Value, path: &str) -> Option<()> {
    let (parent, last) = parent(document, path)?;
    match parent {
        Value::Object(_) => parent.object_mut().remove(&last).map(|_| ()),
        Value::Array(items) => {
            let index = index(&last, items.len())?;
            parent.array_mut().remove(index);
            Some(())
        }
        _ => None,
    }
}
