//! From what a client sends to an object of a kind.
//!
//! Models the strict decoder of `k8s.io/apimachinery/pkg/runtime/serializer/json`. Leaves out the
//! check of field names and types: every field passes.

use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::FieldValidation;

/// The object with its warnings, or a refusal.
pub fn decode(
    _kind: Kind,
    value: &Value,
    _validation: FieldValidation,
) -> Result<(Value, Vec<EcoString>), Status> {
    Ok((value.clone(), Vec::new()))
}
