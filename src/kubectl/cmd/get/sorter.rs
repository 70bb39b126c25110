//! `--sort-by`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/get/sorter.go`.

use std::cmp::Ordering;

use crate::api::jsonpath::{JsonPath, Options, relaxed};
use crate::api::object::Object;
use crate::api::quantity::Quantity;
use crate::api::value::Value;
use crate::kubectl::errors::Failure;

/// Sorts the rows of a table. A path that is broken or finds nothing leaves no rows at all.
pub fn sort_rows(objects: Vec<Object>, field: &str) -> Vec<Object> {
    if field.is_empty() || objects.is_empty() {
        return objects;
    }
    let values: Vec<&Value> = objects.iter().map(|object| &object.value).collect();
    match keys(&values, field) {
        Ok(keys) => by_keys(objects, keys),
        Err(_) => Vec::new(),
    }
}

/// Sorts the objects of a list.
pub fn sort_list(values: Vec<Value>, field: &str) -> Result<Vec<Value>, Failure> {
    if field.is_empty() || values.is_empty() {
        return Ok(values);
    }
    let keys = keys(&values.iter().collect::<Vec<_>>(), field)?;
    Ok(by_keys(values, keys))
}

fn by_keys<T>(items: Vec<T>, keys: Vec<Option<Value>>) -> Vec<T> {
    let mut pairs: Vec<(Option<Value>, T)> = keys.into_iter().zip(items).collect();
    pairs.sort_by(|(a, _), (b, _)| compare(a.as_ref(), b.as_ref()));
    pairs.into_iter().map(|(_, item)| item).collect()
}

/// What the path finds in each object.
fn keys(values: &[&Value], field: &str) -> Result<Vec<Option<Value>>, Failure> {
    let template = relaxed(field).map_err(Failure::message)?;
    let path = JsonPath::parse(&template).map_err(Failure::message)?;
    let mut keys = Vec::new();
    for value in values {
        let found = path.find(value, Options::default()).map_err(Failure::message)?;
        keys.push(found.into_iter().next().and_then(|results| results.into_iter().next()));
    }
    if keys.iter().all(Option::is_none) {
        return Err(Failure::message(format!(
            "couldn't find any field with path {template:?} in the list of objects"
        )));
    }
    Ok(keys)
}

/// Missing values first; quantities by size, other texts bytewise (isLess).
fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(Value::Int(a)), Some(Value::Int(b))) => a.cmp(b),
        (Some(Value::Float(a)), Some(Value::Float(b))) => {
            a.partial_cmp(b).unwrap_or(Ordering::Equal)
        }
        (Some(Value::Bool(a)), Some(Value::Bool(b))) => a.cmp(b),
        (Some(Value::String(a)), Some(Value::String(b))) => {
            match (Quantity::parse(a), Quantity::parse(b)) {
                (Some(a), Some(b)) => a.cmp(&b),
                _ => a.as_str().cmp(b),
            }
        }
        _ => Ordering::Equal,
    }
}
