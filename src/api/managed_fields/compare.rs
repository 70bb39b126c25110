//! What differs between two versions of an object (`typed.Compare`).

use super::set::{FieldSet, Node, leaf};
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
    // Equality is cheap to see where memory is shared.
    if old == new {
        return Difference::default();
    }
    match (shape, old, new) {
        (Shape::Leaf, ..) => changed_leaf(),
        (Shape::Struct(_) | Shape::Map(_), Value::Object(_), Value::Object(_))
        | (Shape::Struct(_) | Shape::Map(_), Value::Null, Value::Object(_))
        | (Shape::Struct(_) | Shape::Map(_), Value::Object(_), Value::Null) => {
            compare_maps(shape, old, new)
        }
        (Shape::Keyed(..) | Shape::Set, Value::Array(_) | Value::Null, Value::Array(_))
        | (Shape::Keyed(..) | Shape::Set, Value::Array(_), Value::Null) => {
            compare_items(shape, old, new)
        }
        _ => changed_leaf(),
    }
}

fn changed_leaf() -> Difference {
    Difference { changed: Some(leaf()), removed: None }
}

fn compare_maps(shape: Shape, old: &Value, new: &Value) -> Difference {
    let (mut changed, mut removed) = (Node::default(), Node::default());
    let mut add = |key: &str, difference: Difference| {
        let element = field_element(key);
        changed.add(element.clone(), difference.changed);
        removed.add(element, difference.removed);
    };
    let is_gone = |key: &str| new.as_object().is_none_or(|map| !map.contains_key(key));
    for (key, value) in new.entries() {
        let before = old.as_object().and_then(|map| map.get(key));
        if before != Some(value) {
            add(key, compare_nodes(shape.child(key), before, Some(value)));
        }
    }
    for (key, value) in old.entries().filter(|(key, _)| is_gone(key)) {
        add(key, compare_nodes(shape.child(key), Some(value), None));
    }
    Difference { changed: changed.build(), removed: removed.build() }
}

fn compare_items(shape: Shape, old: &Value, new: &Value) -> Difference {
    let (mut changed, mut removed) = (Node::default(), Node::default());
    let (old, new) = (parts(shape, old), parts(shape, new));
    for (key, shape, value) in &new {
        let before = find(&old, key);
        let inner = compare_nodes(*shape, before, Some(value));
        changed.add(key.clone(), inner.changed);
        removed.add(key.clone(), inner.removed);
    }
    for (key, shape, value) in old.iter().filter(|(key, ..)| find(&new, key).is_none()) {
        removed.add(key.clone(), compare_nodes(*shape, Some(value), None).removed);
    }
    Difference { changed: changed.build(), removed: removed.build() }
}

// `f:spec`
fn field_element(key: &str) -> EcoString {
    let mut element = EcoString::with_capacity(key.len() + 2);
    element.push_str("f:");
    element.push_str(key);
    element
}

type Part<'v> = (EcoString, Shape, &'v Value);

fn find<'v>(parts: &[Part<'v>], key: &str) -> Option<&'v Value> {
    parts.iter().find(|(other, ..)| other == key).map(|(.., value)| *value)
}

/// The fields, entries or items of a container with their path elements.
pub(super) fn parts(shape: Shape, value: &Value) -> Vec<Part<'_>> {
    if shape.is_map() {
        let entries = value.entries();
        return entries.map(|(k, v)| (field_element(k), shape.child(k), v)).collect();
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
        node.add(key, all_of(shape, inner));
    }
    node.build()
}
