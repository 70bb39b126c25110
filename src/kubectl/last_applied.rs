//! The annotation in which client-side apply remembers what was applied.
//!
//! Models `k8s.io/kubectl/pkg/util/apply.go`.

use crate::api::go;
use crate::api::object::Object;
use crate::api::value::Value;

/// Its key.
pub const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";
const PATH: [&str; 3] = ["metadata", "annotations", ANNOTATION];

/// The object without the annotation, as it is written into it.
///
/// Models GetModifiedConfiguration without annotation.
pub fn text_of(object: &Value) -> String {
    let mut plain = object.clone();
    plain.remove(&PATH);
    format!("{}\n", go::json(&plain))
}

/// The object with itself as its annotation (`CreateApplyAnnotation`).
pub fn annotated(object: &Value) -> Value {
    let mut plain = object.clone();
    plain.remove(&PATH);
    if plain.path(&PATH[..2]).is_null() {
        plain.set(&PATH[..2], Value::object());
    }
    let text = text_of(&plain);
    plain.set(&PATH, text);
    plain
}

/// What was applied, as text.
pub fn original_text(current: &Object) -> Option<&str> {
    current.annotation(ANNOTATION)
}

/// What was applied; nothing if it cannot be read.
pub fn original(current: &Object) -> Value {
    original_text(current).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// `--save-config`: the annotation anew if it is asked for, or if the object has one.
///
/// Models CreateOrUpdateAnnotation.
pub fn create_or_update(create: bool, object: &Value) -> Value {
    match create || !object.path(&PATH).is_null() {
        true => annotated(object),
        false => object.clone(),
    }
}
