//! Sets of fields (`fieldpath.Set`) in the form of `fieldsV1`.
//!
//! A node is a map from path elements (`f:spec`, `k:{"name":"nginx"}`, `v:"x"`) to nodes. A node
//! without children is a member of the set; one with children is if it has the key `.`.

use std::rc::Rc;

use crate::api::value::{EcoString, Map, Value};

const SELF: &str = ".";

/// A set of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSet {
    // `None` is the empty set; the root is never a member.
    root: Option<Rc<Map>>,
}

impl FieldSet {
    /// Reads `fieldsV1`.
    pub fn read(value: &Value) -> Self {
        match value {
            Value::Object(map) if !map.is_empty() => FieldSet { root: Some(map.clone()) },
            _ => FieldSet::default(),
        }
    }

    /// A set from its root node, as [`Node::build`] makes it.
    pub(super) fn from_node(node: Option<Value>) -> Self {
        node.as_ref().map(FieldSet::read).unwrap_or_default()
    }

    /// A set of one field, given by its path elements.
    pub fn of_path(path: &[&str]) -> Self {
        let node = path
            .iter()
            .rev()
            .fold(Value::object(), |inner, element| Map::from_iter([(*element, inner)]).into());
        FieldSet::read(&node)
    }

    /// `fieldsV1`
    pub fn to_value(&self) -> Value {
        self.root.as_ref().map_or_else(Value::object, |map| Value::Object(map.clone()))
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    fn node(&self) -> Option<Value> {
        self.root.as_ref().map(|map| Value::Object(map.clone()))
    }

    /// Whether the field at this path is a member.
    pub fn has(&self, path: &[&str]) -> bool {
        let mut node = self.to_value();
        for element in path {
            match node.as_object().and_then(|map| map.get(element)) {
                Some(child) => node = child.clone(),
                None => return false,
            }
        }
        !path.is_empty() && is_member(&node)
    }

    /// What is in either.
    pub fn union(&self, other: &FieldSet) -> FieldSet {
        combine(self, other, union)
    }

    /// What is in this and not in the other.
    pub fn difference(&self, other: &FieldSet) -> FieldSet {
        combine(self, other, difference)
    }

    /// What is in both.
    pub fn intersection(&self, other: &FieldSet) -> FieldSet {
        combine(self, other, intersection)
    }

    /// The set without all that lies at or below this path.
    pub fn without_prefix(&self, path: &[&str]) -> FieldSet {
        let mut value = self.to_value();
        remove_pruning(&mut value, path);
        FieldSet::read(&value)
    }

    /// The paths of its members as messages write them: `.spec.ports[port=80].name`; members of a
    /// level before what lies deeper.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        if let Some(root) = &self.root {
            collect_paths(root, "", &mut paths);
        }
        paths
    }
}

fn combine(
    a: &FieldSet,
    b: &FieldSet,
    operation: fn(Option<&Value>, Option<&Value>) -> Option<Value>,
) -> FieldSet {
    FieldSet::from_node(operation(a.node().as_ref(), b.node().as_ref()))
}

fn is_member(node: &Value) -> bool {
    node.as_object().is_none_or(|map| map.is_empty() || map.contains_key(SELF))
}

fn children(node: &Value) -> impl Iterator<Item = (&EcoString, &Value)> {
    node.entries().filter(|(key, _)| key.as_str() != SELF)
}

fn child<'n>(node: &'n Value, key: &str) -> Option<&'n Value> {
    node.as_object().and_then(|map| map.get(key))
}

/// A node under construction.
#[derive(Default)]
pub(super) struct Node {
    pub is_member: bool,
    pub children: Map,
}

impl Node {
    /// Adds a child if there is anything in it.
    pub(super) fn add(&mut self, key: &str, child: Option<Value>) {
        if let Some(child) = child {
            self.children.insert(key, child);
        }
    }

    /// The finished node; nothing if neither it nor anything below is a member.
    pub(super) fn build(mut self) -> Option<Value> {
        match (self.is_member, self.children.is_empty()) {
            (false, true) => None,
            (true, true) => Some(Value::object()),
            (false, false) => Some(self.children.into()),
            (true, false) => {
                self.children.insert(SELF, Value::object());
                Some(self.children.into())
            }
        }
    }
}

fn union(a: Option<&Value>, b: Option<&Value>) -> Option<Value> {
    let (a, b) = match (a, b) {
        (Some(a), Some(b)) if a.is_same(b) || a == b => return Some(a.clone()),
        (Some(a), Some(b)) => (a, b),
        (one, other) => return one.or(other).cloned(),
    };
    let mut node = Node { is_member: is_member(a) || is_member(b), children: Map::new() };
    for (key, inner) in children(a) {
        node.add(key, union(Some(inner), child(b, key)));
    }
    for (key, inner) in children(b).filter(|(key, _)| child(a, key).is_none()) {
        node.add(key, Some(inner.clone()));
    }
    node.build()
}

fn difference(a: Option<&Value>, b: Option<&Value>) -> Option<Value> {
    let (a, b) = match (a, b) {
        (None, _) => return None,
        (Some(a), None) => return Some(a.clone()),
        (Some(a), Some(b)) if a.is_same(b) => return None,
        (Some(a), Some(b)) => (a, b),
    };
    let mut node = Node { is_member: is_member(a) && !is_member(b), children: Map::new() };
    for (key, inner) in children(a) {
        node.add(key, difference(Some(inner), child(b, key)));
    }
    node.build()
}

fn intersection(a: Option<&Value>, b: Option<&Value>) -> Option<Value> {
    let (a, b) = (a?, b?);
    if a.is_same(b) {
        return Some(a.clone());
    }
    let mut node = Node { is_member: is_member(a) && is_member(b), children: Map::new() };
    for (key, inner) in children(a) {
        node.add(key, intersection(Some(inner), child(b, key)));
    }
    node.build()
}

/// Takes a path out, and what becomes empty by it.
fn remove_pruning(node: &mut Value, path: &[&str]) {
    let Some((first, rest)) = path.split_first() else { return };
    let Some(inner) = child(node, first) else { return };
    if rest.is_empty() {
        node.object_mut().remove(first);
        return;
    }
    // A member without children has nothing below it to take out.
    if inner.as_object().is_none_or(Map::is_empty) {
        return;
    }
    let mut inner = inner.clone();
    remove_pruning(&mut inner, rest);
    if inner.as_object().is_none_or(Map::is_empty) {
        node.object_mut().remove(first);
    } else {
        node.object_mut().insert(*first, inner);
    }
}

fn collect_paths(node: &Map, prefix: &str, paths: &mut Vec<String>) {
    let entries = || node.iter().filter(|(key, _)| key.as_str() != SELF);
    for (key, _) in entries().filter(|(_, inner)| is_member(inner)) {
        paths.push(format!("{prefix}{}", element_text(key)));
    }
    for (key, inner) in entries() {
        if let Some(map) = inner.as_object() {
            collect_paths(map, &format!("{prefix}{}", element_text(key)), paths);
        }
    }
}

/// `.spec`, `[name="nginx"]`, `[="x"]`
pub(super) fn element_text(element: &str) -> String {
    match element.split_once(':') {
        Some(("f", name)) => format!(".{name}"),
        Some(("v", value)) => format!("[={value}]"),
        Some(("i", index)) => format!("[{index}]"),
        Some(("k", key)) => {
            let key: Value = serde_json::from_str(key).unwrap_or_default();
            let parts: Vec<String> = key
                .entries()
                .map(|(name, value)| format!("{name}={}", crate::api::go::json_plain(value)))
                .collect();
            format!("[{}]", parts.join(","))
        }
        _ => element.into(),
    }
}
