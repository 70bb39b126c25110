//! Whether a document is as its kind's fields ask, as far as nesting goes.

use crate::api::schema::{self, Type};
use crate::api::scheme::Kind;
use crate::api::value::Value;
use crate::api::yaml;

/// Whether nothing about its nesting is wrong; kinds that are not known here are left alone.
pub(super) fn is_good(text: &str) -> bool {
    let Ok(value) = yaml::read(text) else { return false };
    if value.is_null() {
        return true;
    }
    let (api_version, kind) = (value.get("apiVersion").str(), value.get("kind").str());
    match Kind::of_manifest(api_version, kind).and_then(schema::kind_type) {
        Some(kind_type) => fits(&value, kind_type),
        None => value.get("kind").str() != "",
    }
}

fn fits(value: &Value, field_type: &Type) -> bool {
    match (value, field_type) {
        (Value::Null, _) | (_, Type::Any) => true,
        (Value::Object(_), Type::Struct(name)) => schema::find(name).is_none_or(|found| {
            let known = |key: &str| found.field(key).map(|field| &field.field_type);
            value.entries().all(|(key, value)| known(key).is_some_and(|t| fits(value, t)))
        }),
        (Value::Object(_), Type::Map(inner)) => {
            value.entries().all(|(_, value)| !value.is_null() && fits(value, inner))
        }
        (Value::Array(items), Type::List(inner)) => items.iter().all(|item| fits(item, inner)),
        (Value::Object(_) | Value::Array(_), _) => false,
        (_, Type::Struct(_) | Type::Map(_) | Type::List(_)) => false,
        _ => true,
    }
}
