//! `--append-hash`: a name that follows the content.
//!
//! Models `k8s.io/kubectl/pkg/util/hash/hash.go`.

use crate::api::go;
use crate::api::scheme::Kind;
use crate::api::value::Value;
use crate::text::digest::sha256;

/// The hash of a ConfigMap or Secret.
pub(super) fn hash(kind: Kind, value: &Value) -> String {
    let map = |field: &str| match value.get(field) {
        Value::Null => Value::object(),
        found => found.clone(),
    };
    let mut hashed = crate::value!({
        "kind": (kind.name()),
        "name": (value.path(&["metadata", "name"]).str()),
        "data": (map("data")),
    });
    if kind == Kind::Secret {
        hashed.set(&["type"], value.get("type").str());
    } else if !value.get("binaryData").is_null() {
        hashed.set(&["binaryData"], value.get("binaryData"));
    }
    let digest = sha256(go::json(&hashed).as_bytes());
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.chars().take(10).map(harmless).collect()
}

/// No digit that looks like a letter, no vowel (`encodeHash`).
fn harmless(digit: char) -> char {
    match digit {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    }
}
