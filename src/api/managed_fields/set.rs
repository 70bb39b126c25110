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

    /// Whether both share their memory, a cheap and one-sided test of equality.
    pub fn is_same(&self, other: &FieldSet) -> bool {
        match (&self.root, &other.root) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
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
        let Some(mut value) = self.node() else { return FieldSet::default() };
        match remove_pruning(&mut value, path) {
            true => FieldSet::read(&value),
            false => self.clone(),
        }
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
    pub children: Vec<(EcoString, Value)>,
}

thread_local! {
    // What most nodes are.
    static LEAF: Value = Value::object();
}

/// The node of a field that has none below it.
pub(super) fn leaf() -> Value {
    LEAF.with(Value::clone)
}

impl Node {
    /// Adds a child if there is anything in it.
    pub(super) fn add(&mut self, key: impl Into<EcoString>, child: Option<Value>) {
        if let Some(child) = child {
            self.children.push((key.into(), child));
        }
    }

    /// The finished node; nothing if neither it nor anything below is a member.
    pub(super) fn build(mut self) -> Option<Value> {
        match (self.is_member, self.children.is_empty()) {
            (false, true) => None,
            (true, true) => Some(leaf()),
            (false, false) => Some(Map::from_entries(self.children).into()),
            (true, false) => {
                self.children.push((SELF.into(), leaf()));
                Some(Map::from_entries(self.children).into())
            }
        }
    }
}

// The operations give back the very node they were given where it stays as it is, so that sets
// share memory and equality is cheap to see.

fn union(a: Option<&Value>, b: Option<&Value>) -> Option<Value> {
    let (a, b) = match (a, b) {
        (Some(a), Some(b)) if a.is_same(b) => return Some(a.clone()),
        (Some(a), Some(b)) => (a, b),
        (one, other) => return one.or(other).cloned(),
    };
    let mut united = a.clone();
    if is_member(b) && !is_member(a) {
        united.object_mut().insert(SELF, leaf());
    }
    let mut gains_children = false;
    for (key, inner) in children(b) {
        let before = child(a, key);
        let after = union(before, Some(inner)).unwrap_or_default();
        if before.is_none_or(|before| !before.is_same(&after)) {
            gains_children = true;
            united.object_mut().insert(key.clone(), after);
        }
    }
    if gains_children && is_member(a) {
        // A member without children did not need the mark.
        united.object_mut().insert(SELF, leaf());
    }
    Some(united)
}

fn difference(a: Option<&Value>, b: Option<&Value>) -> Option<Value> {
    let (a, b) = match (a, b) {
        (None, _) => return None,
        (Some(a), None) => return Some(a.clone()),
        (Some(a), Some(b)) if a.is_same(b) => return None,
        (Some(a), Some(b)) => (a, b),
    };
    let mut left = a.clone();
    let stays_member = is_member(a) && !is_member(b);
    for (key, inner) in children(b) {
        let Some(before) = child(a, key) else { continue };
        match difference(Some(before), Some(inner)) {
            None => {
                left.object_mut().remove(key);
            }
            Some(after) if !after.is_same(before) => {
                left.object_mut().insert(key.clone(), after);
            }
            Some(_) => {}
        }
    }
    finish(left, stays_member)
}

fn intersection(a: Option<&Value>, b: Option<&Value>) -> Option<Value> {
    let (a, b) = (a?, b?);
    if a.is_same(b) {
        return Some(a.clone());
    }
    let mut node = Node { is_member: is_member(a) && is_member(b), children: Vec::new() };
    for (key, inner) in children(b) {
        node.add(key.clone(), intersection(child(a, key), Some(inner)));
    }
    node.build()
}

/// Marks a node as a member or not; nothing if nothing is left of it.
fn finish(mut node: Value, is_member: bool) -> Option<Value> {
    let has_mark = child(&node, SELF).is_some();
    let has_children = children(&node).next().is_some();
    match (is_member, has_children) {
        (false, false) => return None,
        (true, true) if !has_mark => {
            node.object_mut().insert(SELF, leaf());
        }
        (true, false) | (false, true) if has_mark => {
            node.object_mut().remove(SELF);
        }
        _ => {}
    }
    Some(node)
}

/// Takes a path out, and what becomes empty by it; tells whether it was there.
fn remove_pruning(node: &mut Value, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    let Some(inner) = child(node, first) else { return false };
    if rest.is_empty() {
        node.object_mut().remove(first);
        return true;
    }
    let mut inner = inner.clone();
    if !remove_pruning(&mut inner, rest) {
        return false;
    }
    if inner.as_object().is_none_or(Map::is_empty) {
        node.object_mut().remove(first);
    } else {
        node.object_mut().insert(*first, inner);
    }
    true
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
