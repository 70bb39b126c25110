//! Small words that defaulting is written in; none of them copies what stays as it is.

use crate::api::value::Value;

/// Puts `new` under `key` if nothing is there.
pub fn absent(value: &mut Value, key: &str, new: impl Into<Value>) {
    if value.get(key).is_null() {
        value.set(&[key], new);
    }
}

/// Puts `new` under `key` if nothing or an empty string is there.
pub fn empty(value: &mut Value, key: &str, new: &str) {
    let old = value.get(key);
    if old.is_null() || old.as_str() == Some("") {
        value.set(&[key], new);
    }
}

/// Changes the map under `key`, if there is one.
pub fn within(value: &mut Value, key: &str, change: impl FnOnce(&mut Value)) {
    if value.get(key).as_object().is_none() {
        return;
    }
    let mut inner = value.get(key).clone();
    change(&mut inner);
    if !is_unchanged(&inner, value.get(key)) {
        value.set(&[key], inner);
    }
}

/// Changes each item of the list under `key`, if there is one.
pub fn each(value: &mut Value, key: &str, mut change: impl FnMut(&mut Value)) {
    for index in 0..value.get(key).items().len() {
        let mut item = value.get(key).at(index).clone();
        change(&mut item);
        if is_unchanged(&item, value.get(key).at(index)) {
            continue;
        }
        if let Some(place) = value.path_mut(&[key]).items_mut().get_mut(index) {
            *place = item;
        }
    }
}

fn is_unchanged(new: &Value, old: &Value) -> bool {
    match new {
        Value::Array(_) | Value::Object(_) => new.is_same(old),
        _ => new == old,
    }
}
