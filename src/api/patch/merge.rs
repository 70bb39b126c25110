//! Merge patches (RFC 7386).

use super::PatchError;
use crate::api::go;
use crate::api::value::Value;

/// `current` with `patch` applied: maps merge, null removes, anything else replaces.
pub fn apply(current: &Value, patch: &Value) -> Result<Value, PatchError> {
    match patch {
        Value::Object(_) => Ok(merge(current, patch)),
        Value::Null => Err(PatchError::Malformed("Invalid JSON Patch".into())),
        other => Err(PatchError::Malformed(format!(
            "error decoding patch: json: cannot unmarshal {} into Go value of type \
             map[string]interface {{}}",
            go::json_type(other)
        ))),
    }
}

/// The patch that makes `modified` of `original` (`jsonpatch.CreateMergePatch`).
pub fn create(original: &Value, modified: &Value) -> Value {
    let mut patch = Value::object();
    for (key, new) in modified.entries() {
        let old = original.get(key);
        let both_maps = old.as_object().is_some() && new.as_object().is_some();
        if both_maps && old != new {
            patch.set(&[key], create(old, new));
        } else if old != new {
            patch.set(&[key], new.clone());
        }
    }
    for (key, _) in original.entries() {
        if !modified.as_object().is_some_and(|map| map.contains_key(key)) {
            patch.set(&[key], Value::Null);
        }
    }
    patch
}

fn merge(current: &Value, patch: &Value) -> Value {
    let Some(changes) = patch.as_object() else { return patch.clone() };
    let mut result = match current {
        Value::Object(_) => current.clone(),
        _ => Value::object(),
    };
    for (key, change) in changes.iter() {
        if change.is_null() {
            result.remove(&[key]);
        } else {
            let merged = merge(result.get(key), change);
            result.set(&[key], merged);
        }
    }
    result
}
