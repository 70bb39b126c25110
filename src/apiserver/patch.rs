//! Applying patches.
//!
//! Models `handlers/patch.go`. Leaves out merge keys of lists, JSON patch and field ownership.

use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Options, Patch};

/// What a patch gives.
#[derive(Clone, Debug)]
pub struct Patched {
    /// The object after it.
    pub value: Value,
    /// Warnings for the client.
    pub warnings: Vec<EcoString>,
}

/// The object with the patch applied.
pub fn apply(
    _kind: Kind,
    current: &Value,
    patch: &Patch,
    _options: &Options,
) -> Result<Patched, Status> {
    let value = match patch {
        Patch::Strategic(patch) | Patch::Merge(patch) | Patch::Apply(patch) => {
            merge(current, patch)
        }
        Patch::Json(_) => {
            return Err(Status::new(501, "NotImplemented", "JSON patch is not simulated here yet"));
        }
    };
    Ok(Patched { value, warnings: Vec::new() })
}

/// RFC 7386.
pub fn merge(current: &Value, patch: &Value) -> Value {
    let Some(patch) = patch.as_object() else {
        return patch.clone();
    };
    let mut result = match current {
        Value::Object(_) => current.clone(),
        _ => Value::object(),
    };
    for (key, change) in patch.iter() {
        match change {
            Value::Null => {
                result.remove(&[key]);
            }
            change => {
                let merged = merge(result.get(key), change);
                result.set(&[key], merged);
            }
        }
    }
    result
}
