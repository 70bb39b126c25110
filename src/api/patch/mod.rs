//! Patches: changes of objects as data.
//!
//! Models `k8s.io/apimachinery/pkg/util/strategicpatch` and `evanphx/json-patch`, which the API
//! server applies and kubectl makes.

mod diff;
pub mod json;
pub mod merge;
mod strategic;

pub use diff::{three_way, two_way};
pub use strategic::{apply as apply_strategic, used_up};

use super::schema::{self, Field, PatchStrategy, Type};
use super::scheme::Kind;
use super::value::Value;

/// Why a patch can not be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatchError {
    /// The patch itself is malformed.
    Malformed(String),
    /// An operation can not be done; the server tells no more.
    Unprocessable,
    /// Anything else; the server answers as if it were its own failure.
    Other(String),
}

impl std::fmt::Display for PatchError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            PatchError::Malformed(text) | PatchError::Other(text) => f.write_str(text),
            PatchError::Unprocessable => {
                f.write_str("the server rejected our request due to an error in our request")
            }
        }
    }
}

const PATCH: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const SET_ELEMENT_ORDER: &str = "$setElementOrder/";
const DELETE_FROM_PRIMITIVE_LIST: &str = "$deleteFromPrimitiveList/";

/// What is known about the map that a patch is at.
#[derive(Clone, Copy)]
enum Level<'a> {
    Known(&'a Type),
    Unknown,
}

/// What is known about a field of it.
struct Meta<'a> {
    strategy: PatchStrategy,
    merge_key: Option<&'a str>,
    /// What is in it: the struct or map itself, or the items of a list.
    level: Level<'a>,
}

impl<'a> Level<'a> {
    fn of_kind(kind: Kind) -> Level<'static> {
        // The type of the object itself is wanted as a type, not as a struct.
        schema::kind_type(kind).map_or(Level::Unknown, Level::Known)
    }

    fn field(self, name: &str) -> Meta<'a> {
        let none =
            Meta { strategy: PatchStrategy::default(), merge_key: None, level: Level::Unknown };
        let Level::Known(known) = self else { return none };
        if let Type::Map(inner) = known {
            return Meta { level: Level::Known(inner), ..none };
        }
        match known.as_struct().and_then(|found| found.field(name)) {
            Some(Field { patch_strategy, merge_key, field_type, .. }) => {
                let inner = match field_type {
                    Type::List(inner) => inner,
                    other => other,
                };
                Meta {
                    strategy: *patch_strategy,
                    merge_key: *merge_key,
                    level: Level::Known(inner),
                }
            }
            None => none,
        }
    }
}

fn is_map(value: &Value) -> bool {
    matches!(value, Value::Object(_))
}

/// Whether two values have the same Go type after decoding JSON.
fn is_same_type(a: &Value, b: &Value) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

/// The value of the merge key of a list's item.
fn key_of<'v>(item: &'v Value, merge_key: &str) -> Result<&'v Value, PatchError> {
    match item.as_object().and_then(|map| map.get(merge_key)) {
        Some(key) => Ok(key),
        None => Err(PatchError::Other(format!(
            "map: {} does not contain declared merge key: {merge_key}",
            crate::api::go_fmt::plain(item)
        ))),
    }
}

/// Where an item stands in a list, by its merge key, or by itself without one.
fn position(list: &[Value], item: &Value, merge_key: Option<&str>) -> Option<usize> {
    match merge_key {
        Some(key) => list.iter().position(|other| other.get(key) == item.get(key)),
        None => list.iter().position(|other| other == item),
    }
}

fn is_deletion(item: &Value) -> bool {
    item.get(PATCH).str() == "delete"
}

/// Sorts as another list is sorted; items marked for deletion go last (`normalizeSliceOrder`).
fn sort_like(items: Vec<Value>, order: &[Value], merge_key: Option<&str>) -> Vec<Value> {
    let (deletions, mut items): (Vec<Value>, Vec<Value>) = items.into_iter().partition(is_deletion);
    items.sort_by_key(|item| position(order, item, merge_key).map_or(0, |i| i + 1));
    items.extend(deletions);
    items
}

#[cfg(test)]
mod tests;
