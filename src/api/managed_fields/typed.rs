//! Applied configurations: checked, turned into sets of fields, merged, pruned.
//!
//! Models `structured-merge-diff/typed`.

use super::compare::parts;
use super::set::{FieldSet, Node, element_text};
use super::{Shape, item_key};
use crate::api::go_fmt;
use crate::api::schema::{Field, Type};
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Map, Value};

/// What is wrong with a configuration, in upstream's words; nothing if it fits the schema.
pub fn check(kind: Kind, config: &Value) -> Result<(), String> {
    let mut errors = Vec::new();
    check_node(Shape::of_kind(kind), None, config, "", &mut errors);
    match errors.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        several => Err(format!("errors:\n  {}", several.join("\n  "))),
    }
}

fn check_node(
    shape: Shape,
    scalar: Option<&Type>,
    value: &Value,
    path: &str,
    errors: &mut Vec<String>,
) {
    let mut complain = |text: String| {
        errors.push(if path.is_empty() { text } else { format!("{path}: {text}") });
    };
    let shown = || format!("&{{{}}}", go_fmt::plain(value));
    match (shape, value) {
        (_, Value::Null) => {}
        (Shape::Struct(found), Value::Object(map)) => {
            for (key, inner) in map.iter() {
                let path = format!("{path}.{key}");
                match found.field(key) {
                    None => errors.push(format!("{path}: field not declared in schema")),
                    Some(field) => {
                        let shape = Shape::of_field(field);
                        check_node(shape, Some(&field.field_type), inner, &path, errors);
                    }
                }
            }
        }
        (Shape::Map(inner_type), Value::Object(map)) => {
            for (key, inner) in map.iter() {
                let path = format!("{path}.{key}");
                check_node(Shape::of_type(inner_type), Some(inner_type), inner, &path, errors);
            }
        }
        (Shape::Struct(_) | Shape::Map(_), _) => complain(format!("expected map, got {}", shown())),
        (Shape::Keyed(..) | Shape::Set, Value::Array(items)) => {
            check_items(shape, items, path, errors);
        }
        (Shape::Keyed(..) | Shape::Set, _) => complain(format!("expected list, got {}", shown())),
        (Shape::Leaf, value) => {
            if let Some(text) = scalar.and_then(|scalar| check_leaf(scalar, value)) {
                complain(text);
            }
        }
    }
}

fn check_items(shape: Shape, items: &[Value], path: &str, errors: &mut Vec<String>) {
    let mut seen: Vec<EcoString> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if let Shape::Keyed(inner, keys) = shape {
            let is_missing = |name: &&&str| {
                let field = inner.as_struct().and_then(|found| found.field(name));
                // Required fields have an empty default in the published schema.
                let has_default = |field: &Field| field.default.is_some() || field.is_required;
                item.get(name).is_null() && !field.is_some_and(has_default)
            };
            if let Some(name) = keys.iter().find(is_missing) {
                errors.push(format!(
                    "{path}: element {index}: associative list with keys has an element that \
                     omits key field {name:?} (and doesn't have default value)"
                ));
                continue;
            }
        }
        let Some(key) = item_key(shape, item) else { continue };
        let element = element_text(&key);
        if seen.contains(&key) {
            errors.push(format!("{path}: duplicate entries for key {element}"));
        }
        if let Shape::Keyed(inner, _) = shape {
            let path = format!("{path}{element}");
            check_node(Shape::of_type(inner), Some(inner), item, &path, errors);
        }
        seen.push(key);
    }
}

/// The complaint about a scalar, or about an atomic container of the wrong kind.
fn check_leaf(scalar: &Type, value: &Value) -> Option<String> {
    let type_of = |value: &Value| match value {
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::Bool(_) => "bool",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
        Value::Null => "<nil>",
    };
    let shown = || format!("&{{{}}}", go_fmt::plain(value));
    match (scalar, value) {
        (Type::String | Type::Bytes, Value::String(_)) => None,
        (Type::String | Type::Bytes, value) => Some(format!(
            "expected string, got &value.valueUnstructured{{Value:{}}}",
            go_fmt::syntax(value)
        )),
        (Type::Int32 | Type::Int64 | Type::Double, Value::Int(_) | Value::Float(_)) => None,
        (Type::Int32 | Type::Int64 | Type::Double, value) => {
            Some(format!("expected numeric (int or float), got {}", type_of(value)))
        }
        (Type::Bool, Value::Bool(_)) => None,
        (Type::Bool, _) => Some(format!("expected boolean, got {}", shown())),
        (Type::List(_), Value::Array(_)) => None,
        (Type::List(_), _) => Some(format!("expected list, got {}", shown())),
        (Type::Struct(_) | Type::Map(_), Value::Object(_)) => None,
        (Type::Struct(_) | Type::Map(_), _) => Some(format!("expected map, got {}", shown())),
        _ => None,
    }
}

/// The fields that a configuration sets (`ToFieldSet`): its leaves, and the items of its lists.
pub fn field_set(kind: Kind, config: &Value) -> FieldSet {
    FieldSet::from_node(field_node(Shape::of_kind(kind), config, false))
}

fn field_node(shape: Shape, value: &Value, is_item: bool) -> Option<Value> {
    let parts = match shape {
        Shape::Leaf => Vec::new(),
        shape => parts(shape, value),
    };
    let mut node = Node { is_member: is_item || parts.is_empty(), ..Node::default() };
    let are_items = !shape.is_map();
    for (key, shape, inner) in parts {
        node.add(key, field_node(shape, inner, are_items));
    }
    node.build()
}

/// `live` with `config` merged in (`Merge`).
pub fn merge(kind: Kind, live: &Value, config: &Value) -> Value {
    merge_node(Shape::of_kind(kind), live, config)
}

fn merge_node(shape: Shape, live: &Value, config: &Value) -> Value {
    match (shape, live, config) {
        (_, live, Value::Null) => live.clone(),
        (Shape::Struct(_) | Shape::Map(_), Value::Object(_), Value::Object(changes)) => {
            let mut merged = live.clone();
            for (key, change) in changes.iter() {
                let inner = merge_node(shape.child(key), live.get(key), change);
                if !inner.is_null() && *merged.get(key) != inner {
                    merged.set(&[key], inner);
                }
            }
            merged
        }
        (Shape::Keyed(..) | Shape::Set, Value::Array(live), Value::Array(config)) => {
            merge_items(shape, live, config).into()
        }
        (_, _, config) => config.clone(),
    }
}

/// Items of both lists: those of the configuration in its order, the others where they stood.
fn merge_items(shape: Shape, live: &[Value], config: &[Value]) -> Vec<Value> {
    let keys = |items: &[Value]| -> Vec<Option<EcoString>> {
        items.iter().map(|item| item_key(shape, item)).collect()
    };
    let (live_keys, config_keys) = (keys(live), keys(config));
    let merge = |index: usize| {
        let before = config_keys.get(index).and_then(|key| {
            let at = live_keys.iter().position(|other| other.is_some() && other == key)?;
            live.get(at)
        });
        let change = config.get(index).cloned().unwrap_or_default();
        match (shape, before) {
            (Shape::Keyed(inner, _), Some(before)) => {
                merge_node(Shape::of_type(inner), before, &change)
            }
            _ => change,
        }
    };
    let is_shared = |key: &Option<EcoString>| key.is_some() && config_keys.contains(key);
    let mut merged = Vec::new();
    let mut next = 0;
    for (item, key) in live.iter().zip(&live_keys) {
        if !is_shared(key) {
            merged.push(item.clone());
            continue;
        }
        // Everything of the configuration up to this item goes before what follows here.
        while next < config.len() {
            let is_it = config_keys.get(next) == Some(key);
            let is_done = config_keys.get(..next).is_some_and(|done| done.contains(key));
            if is_done {
                break;
            }
            merged.push(merge(next));
            next += 1;
            if is_it {
                break;
            }
        }
    }
    merged.extend((next..config.len()).map(merge));
    merged
}

/// `value` without the fields that were applied before (`last`) and are now managed by nobody
/// (`prune`).
pub fn prune(kind: Kind, value: &Value, last: &FieldSet, managed: &FieldSet) -> Value {
    let shape = Shape::of_kind(kind);
    let last = with_named_parents(shape, &last.to_value());
    let managed = with_named_parents(shape, &managed.to_value());
    let unmanaged = FieldSet::read(&last).difference(&FieldSet::read(&managed));
    remove(shape, value, &unmanaged.to_value()).unwrap_or_else(Value::object)
}

/// Makes members of the struct fields on the way to members (`EnsureNamedFieldsAreMembers`).
fn with_named_parents(shape: Shape, node: &Value) -> Value {
    let mut result = Map::new();
    for (key, inner) in node.entries() {
        let name = key.strip_prefix("f:");
        let inner_shape = match (shape, name) {
            (Shape::Keyed(inner, _), _) => Shape::of_type(inner),
            (shape, Some(name)) => shape.child(name),
            _ => Shape::Leaf,
        };
        let mut inner = with_named_parents(inner_shape, inner);
        let is_named = matches!(shape, Shape::Struct(_)) && name.is_some();
        if is_named && inner.as_object().is_some_and(|map| !map.is_empty()) {
            inner.set(&["."], Value::object());
        }
        result.insert(key.clone(), inner);
    }
    result.into()
}

/// Takes the members of a set out of a value; `None` if nothing is left.
fn remove(shape: Shape, value: &Value, node: &Value) -> Option<Value> {
    let fate = |key: &str| match node.as_object().and_then(|map| map.get(key)) {
        None => Fate::Stays,
        Some(Value::Object(map)) if !map.is_empty() && !map.contains_key(".") => Fate::Loses,
        Some(_) => Fate::Goes,
    };
    if shape.is_map() {
        let mut kept = Map::new();
        for (key, inner) in value.entries() {
            let element = format!("f:{key}");
            let inner = match fate(&element) {
                Fate::Goes => None,
                Fate::Stays => Some(inner.clone()),
                Fate::Loses => remove(shape.child(key), inner, node.get(&element)),
            };
            if let Some(inner) = inner {
                kept.insert(key.clone(), inner);
            }
        }
        return (!kept.is_empty()).then(|| kept.into());
    }
    let inner_shape = match shape {
        Shape::Keyed(inner, _) => Shape::of_type(inner),
        _ => Shape::Leaf,
    };
    let kept: Vec<Value> = value
        .items()
        .iter()
        .filter_map(|item| {
            let Some(key) = item_key(shape, item) else { return Some(item.clone()) };
            match fate(&key) {
                Fate::Goes => None,
                Fate::Stays => Some(item.clone()),
                Fate::Loses => remove(inner_shape, item, node.get(&key)),
            }
        })
        .collect();
    (!kept.is_empty()).then(|| kept.into())
}

/// What becomes of a part when a set is taken out.
enum Fate {
    Stays,
    Goes,
    /// Something below it goes.
    Loses,
}

/// The name under which messages know an object: `default/web; apps/v1, Kind=StatefulSet`.
pub fn object_text(kind: Kind, value: &Value) -> String {
    let metadata = value.get("metadata");
    let (namespace, name) = (metadata.get("namespace").str(), metadata.get("name").str());
    let resource = kind.resource();
    let (group, version) = (resource.group, resource.version);
    format!("{namespace}/{name}; {group}/{version}, Kind={}", resource.name)
}
