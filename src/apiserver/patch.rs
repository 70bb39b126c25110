//! Applying patches to stored objects.
//!
//! Models `handlers/patch.go`. Leaves out the ownership of fields.

use crate::api::patch::{self, PatchError};
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
    kind: Kind,
    current: &Value,
    patch: &Patch,
    options: &Options,
) -> Result<Patched, Status> {
    let value = match patch {
        Patch::Strategic(patch) => patch::apply_strategic(kind, current, patch),
        other => return apply_untyped(current, other, options),
    };
    let value = value.map_err(refusal)?;
    Ok(Patched { value, warnings: Vec::new() })
}

/// The same for objects without a kind of their own, such as a scale.
pub fn apply_untyped(
    current: &Value,
    patch: &Patch,
    _options: &Options,
) -> Result<Patched, Status> {
    let value = match patch {
        Patch::Strategic(patch) | Patch::Merge(patch) | Patch::Apply(patch) => {
            patch::merge::apply(current, patch)
        }
        Patch::Json(patch) => patch::json::apply(current, patch),
    };
    let value = value.map_err(refusal)?;
    Ok(Patched { value, warnings: Vec::new() })
}

fn refusal(error: PatchError) -> Status {
    match error {
        PatchError::Malformed(text) => Status::bad_request(text),
        PatchError::Unprocessable => Status::new(422, "Invalid", error.to_string()),
        PatchError::Other(text) => Status::new(500, "", text),
    }
}
