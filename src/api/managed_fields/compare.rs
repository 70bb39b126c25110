//! What differs between two versions of an object (`typed.Compare`).

use super::set::{FieldSet, Node};
use super::{Shape, item_key};
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};

/// The fields that differ.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Fields that are new or have another value.
    pub changed: FieldSet,
    /// Fields that are gone.
    pub removed: FieldSet,
}

impl Comparison {
    /// Whether nothing differs.
    pub fn is_same(&self) -> bool {
        self.changed.is_empty() && self.removed.is_empty()
    }
}

/// Compares two objects of `kind`; shared subtrees are not looked into.
pub fn compare(kind: Kind, old: &Value, new: &Value) -> Comparison {
    let difference = compare_nodes(Shape::of_kind(kind), Some(old), Some(new));
    Comparison {
        changed: FieldSet::from_node(difference.changed),
        removed: FieldSet::from_node(difference.removed),
    }
}

#[derive(Default)]
struct Difference {
    changed: Option<Value>,
    removed: Option<Value>,
}

fn compare_nodes(shape: Shape, old: Option<&Value>, new: Option<&Value>) -> Difference {
    match (old, new) {
        (None, None) => Difference::default(),
        (Some(old), Some(new)) => compare_present(shape, old, new),
        (None, Some(new)) => Difference { changed: all_of(shape, new), removed: None },
        (Some(old), None) => Difference { changed: None, removed: all_of(shape, old) },
    }
}

fn compare_present(shape: Shape, old: &Value, new: &Value) -> Difference {
    if old.is_same(new) {
        return Difference::default();
    }
    let is_container = |value: &Value| match shape {
        Shape::Leaf => false,
        Shape::Struct(_) | Shape::Map(_) => matches!(value, Value::Object(_) | Value::Null),
        Shape::Keyed(..) | Shape::Set => matches!(value, Value::Array(_) | Value::Null),
    };
    if !is_container(old) || !is_container(new) {
        let changed = (old != new).then(Value::object);
        return Difference { changed, removed: None };
    }
    let (mut changed, mut removed) = (Node::default(), Node::default());
    let (old, new) = (parts(shape, old), parts(shape, new));
    for (key, shape, value) in &new {
        let before = find(&old, key);
        let inner = compare_nodes(*shape, before, Some(value));
        changed.add(key, inner.changed);
        removed.add(key, inner.removed);
    }
    for (key, shape, value) in old.iter().filter(|(key, ..)| find(&new, key).is_none()) {
        removed.add(key, compare_nodes(*shape, Some(value), None).removed);
    }
    Difference { changed: changed.build(), removed: removed.build() }
}

type Part<'v> = (EcoString, Shape, &'v Value);

fn find<'v>(parts: &[Part<'v>], key: &str) -> Option<&'v Value> {
    // Maps come sorted, lists as they are.
    parts.iter().find(|(other, ..)| other == key).map(|(.., value)| *value)
}

/// The fields, entries or items of a container with their path elements.
pub(super) fn parts(shape: Shape, value: &Value) -> Vec<Part<'_>> {
    if shape.is_map() {
        let entries = value.entries();
        return entries.map(|(k, v)| (format!("f:{k}").into(), shape.child(k), v)).collect();
    }
    let inner = match shape {
        Shape::Keyed(inner, _) => Shape::of_type(inner),
        _ => Shape::Leaf,
    };
    let items = value.items().iter();
    items.filter_map(|item| Some((item_key(shape, item)?, inner, item))).collect()
}

/// Every field in a value that was not there before, containers included.
fn all_of(shape: Shape, value: &Value) -> Option<Value> {
    let mut node = Node { is_member: true, ..Node::default() };
    for (key, shape, inner) in parts(shape, value) {
        node.add(&key, all_of(shape, inner));
    }
    node.build()
}
