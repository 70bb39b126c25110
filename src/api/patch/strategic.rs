//! Applying strategic merge patches (`mergeMap` and what it calls).

use super::{
    DELETE_FROM_PRIMITIVE_LIST, Level, Meta, PATCH, PatchError, RETAIN_KEYS, SET_ELEMENT_ORDER,
    is_deletion, is_map, is_same_type, key_of, position, sort_like,
};
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Map, Value};
use crate::api::{go, go_fmt};

/// `original` with `patch` applied, both objects of `kind`.
pub fn apply(kind: Kind, original: &Value, patch: &Value) -> Result<Value, PatchError> {
    let Some(patch) = patch.as_object() else {
        let found = go::json_type(patch);
        return Err(PatchError::Malformed(format!(
            "json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"
        )));
    };
    let empty = Map::new();
    let original = original.as_object().unwrap_or(&empty);
    merge_map(original, patch, Level::of_kind(kind), Mode::Apply)
}

/// Whether a patch meets an object or another patch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Directives are carried out, nulls of absent fields are dropped.
    Apply,
    /// Directives and nulls stay, for the server to carry out.
    Combine,
}

pub(super) fn merge_map(
    original: &Map,
    patch: &Map,
    level: Level,
    mode: Mode,
) -> Result<Value, PatchError> {
    if let Some(directive) = patch.get(PATCH) {
        return replace_or_delete(directive, patch);
    }
    let mut merged = original.clone();
    let mut patch = patch.clone();
    retain_keys(&mut merged, &mut patch, mode)?;
    merge_ordered_lists(&mut merged, &mut patch, level, mode)?;
    for (key, change) in patch.iter() {
        if let Some(list) = key.strip_prefix(DELETE_FROM_PRIMITIVE_LIST) {
            match mode {
                Mode::Combine => {
                    merged.insert(key.clone(), change.clone());
                }
                Mode::Apply => delete_from_list(&mut merged, list, change),
            }
            continue;
        }
        merge_field(&mut merged, key, change, level, mode)?;
    }
    Ok(merged.into())
}

fn merge_field(
    merged: &mut Map,
    key: &EcoString,
    change: &Value,
    level: Level,
    mode: Mode,
) -> Result<(), PatchError> {
    if change.is_null() {
        merged.remove(key);
        if mode == Mode::Combine {
            merged.insert(key.clone(), Value::Null);
        }
        return Ok(());
    }
    let current = match merged.get(key) {
        Some(current) if is_same_type(current, change) => current,
        _ => {
            merged.insert(key.clone(), taken(change, mode));
            return Ok(());
        }
    };
    let Meta { strategy, merge_key, level } = level.field(key);
    let value = match (current, change) {
        (Value::Object(current), Value::Object(change)) if !strategy.replace => {
            merge_map(current, change, level, mode)?
        }
        (Value::Array(current), Value::Array(change)) if strategy.merge => {
            merge_list(current, change, merge_key, level, mode)?.into()
        }
        _ => change.clone(),
    };
    merged.insert(key.clone(), value);
    Ok(())
}

/// A value of the patch that the object has no counterpart for.
fn taken(change: &Value, mode: Mode) -> Value {
    match mode {
        Mode::Apply => without_directives(change),
        Mode::Combine => change.clone(),
    }
}

fn without_directives(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let is_kept = |(key, value): &(&EcoString, &Value)| {
                let is_directive = key.as_str() == PATCH
                    || key.as_str() == RETAIN_KEYS
                    || key.starts_with(SET_ELEMENT_ORDER)
                    || key.starts_with(DELETE_FROM_PRIMITIVE_LIST);
                !is_directive && !value.is_null()
            };
            let entries = map.iter().filter(is_kept);
            Map::from_iter(entries.map(|(k, v)| (k.clone(), without_directives(v)))).into()
        }
        Value::Array(items) => {
            let is_kept = |item: &&Value| {
                let directive = item.get(PATCH).str();
                let is_bare_replace =
                    directive == "replace" && item.as_object().is_some_and(|map| map.len() == 1);
                directive != "delete" && !is_bare_replace
            };
            items.iter().filter(is_kept).map(without_directives).collect()
        }
        other => other.clone(),
    }
}

fn bad_patch_type(directive: &Value, patch: &Map) -> PatchError {
    PatchError::Other(format!(
        "unknown patch type: {} in map: {}",
        go_fmt::plain(directive),
        go_fmt::plain(&patch.clone().into())
    ))
}

fn replace_or_delete(directive: &Value, patch: &Map) -> Result<Value, PatchError> {
    match directive.str() {
        "replace" => {
            let mut value = patch.clone();
            value.remove(PATCH);
            Ok(value.into())
        }
        "delete" => Ok(Value::object()),
        _ => Err(bad_patch_type(directive, patch)),
    }
}

/// Carries out `$retainKeys`: fields that it does not name go.
fn retain_keys(original: &mut Map, patch: &mut Map, mode: Mode) -> Result<(), PatchError> {
    let Some(kept) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    let malformed = || PatchError::Malformed("invalid patch format of retainKeys".into());
    let list = kept.as_array().ok_or_else(malformed)?;
    if mode == Mode::Combine {
        original.insert(RETAIN_KEYS, kept.clone());
        return Ok(());
    }
    let is_listed = |key: &str| list.iter().any(|item| item.str() == key);
    let is_wrong = |(key, value): (&EcoString, &Value)| {
        let is_directive =
            key.starts_with(SET_ELEMENT_ORDER) || key.starts_with(DELETE_FROM_PRIMITIVE_LIST);
        !value.is_null() && !is_directive && !is_listed(key)
    };
    if patch.iter().any(is_wrong) {
        return Err(malformed());
    }
    original.retain(|key, _| is_listed(key));
    Ok(())
}

/// Carries out `$setElementOrder` together with the lists it is about
/// (`mergePatchIntoOriginal`); both leave the patch.
fn merge_ordered_lists(
    original: &mut Map,
    patch: &mut Map,
    level: Level,
    mode: Mode,
) -> Result<(), PatchError> {
    let directives: Vec<(EcoString, Value)> = patch
        .iter()
        .filter(|(key, _)| key.starts_with(SET_ELEMENT_ORDER))
        .map(|(key, order)| (key.clone(), order.clone()))
        .collect();
    for (directive, order) in directives {
        patch.remove(&directive);
        let list = directive.strip_prefix(SET_ELEMENT_ORDER).unwrap_or_default();
        if mode == Mode::Combine {
            match original.get(&directive) {
                Some(other) if *other != order => return Err(bad_order()),
                _ => original.insert(directive.clone(), order.clone()),
            };
        }
        let order = order.as_array().ok_or_else(bad_order)?;
        let Meta { strategy, merge_key, level } = level.field(list);
        let change = patch.remove(list);
        let current = original.get(list).and_then(Value::as_array);
        let merged = match (current, change.as_ref().and_then(Value::as_array)) {
            (None, None) => {
                if let Some(change) = change {
                    patch.insert(list, change);
                }
                continue;
            }
            (Some(current), None) => current.to_vec(),
            (None, Some(change)) => {
                check_order(change, order, merge_key)?;
                taken(&change.to_vec().into(), mode).items().to_vec()
            }
            (Some(current), Some(change)) => {
                check_order(change, order, merge_key)?;
                match strategy.merge {
                    true => merge_list(current, change, merge_key, level, mode)?,
                    false => change.to_vec(),
                }
            }
        };
        let change = change.as_ref().map(Value::items).unwrap_or_default();
        let server_order = server_order(current.unwrap_or_default(), change, merge_key);
        let ordered = in_order(merged, order, &server_order, merge_key);
        original.insert(list, ordered);
    }
    Ok(())
}

/// The order in which the server had a list, for fitting in what the patch does not name.
///
/// Upstream changes the list in place: the place of a deleted item is taken by a new one, which
/// so has a place in the old order.
fn server_order(original: &[Value], change: &[Value], merge_key: Option<&str>) -> Vec<Value> {
    let is_in = |list: &[Value], item: &Value| position(list, item, merge_key).is_some();
    let (deleted, changes): (Vec<Value>, Vec<Value>) =
        change.iter().cloned().partition(is_deletion);
    let kept = original.iter().filter(|item| !is_in(&deleted, item));
    let new = changes.iter().filter(|item| !is_in(original, item));
    kept.chain(new).take(original.len()).cloned().collect()
}

fn bad_order() -> PatchError {
    PatchError::Malformed("invalid patch format of setElementOrder list".into())
}

/// The items of a patch must stand in the order that it asks for.
fn check_order(
    change: &[Value],
    order: &[Value],
    merge_key: Option<&str>,
) -> Result<(), PatchError> {
    let kept: Vec<&Value> = change.iter().filter(|item| item.get(PATCH).is_null()).collect();
    let mut last = 0;
    for item in &kept {
        match position(order, item, merge_key) {
            Some(index) if index >= last => last = index,
            _ => {
                return Err(PatchError::Other(format!(
                    "The order in patch list:\n{}\n doesn't match {SET_ELEMENT_ORDER_NAME} list:\n{}\n",
                    go_fmt::plain(&kept.iter().map(|item| (*item).clone()).collect()),
                    go_fmt::plain(&order.to_vec().into())
                )));
            }
        }
    }
    Ok(())
}

const SET_ELEMENT_ORDER_NAME: &str = "$setElementOrder";

/// Models `mergeSlice`.
fn merge_list(
    original: &[Value],
    patch: &[Value],
    merge_key: Option<&str>,
    level: Level,
    mode: Mode,
) -> Result<Vec<Value>, PatchError> {
    let has_maps = original.iter().chain(patch).any(is_map);
    let Some(key) = merge_key.filter(|_| has_maps) else {
        let mut merged: Vec<Value> = Vec::new();
        for item in original.iter().chain(patch) {
            if !merged.contains(item) {
                merged.push(item.clone());
            }
        }
        return Ok(in_order(merged, patch, original, None));
    };
    let (original, patch) = carry_out_items(original, patch, key)?;
    let mut merged = original.clone();
    for item in &patch {
        let value = key_of(item, key)?;
        match merged.iter_mut().find(|other| other.get(key) == value) {
            Some(found) => {
                if let (Some(current), Some(change)) = (found.as_object(), item.as_object()) {
                    *found = merge_map(current, change, level, mode)?;
                }
            }
            None => merged.push(taken(item, mode)),
        }
    }
    Ok(in_order(merged, &patch, &original, merge_key))
}

/// Carries out items with `$patch` (`mergeSliceWithSpecialElements`).
fn carry_out_items(
    original: &[Value],
    patch: &[Value],
    merge_key: &str,
) -> Result<(Vec<Value>, Vec<Value>), PatchError> {
    let mut kept = original.to_vec();
    let mut changes = Vec::new();
    let mut replaces = false;
    for item in patch {
        let Some(map) = item.as_object() else {
            changes.push(item.clone());
            continue;
        };
        match map.get(PATCH) {
            None => changes.push(item.clone()),
            Some(directive) => match directive.str() {
                "delete" => {
                    let value = key_of(item, merge_key)?;
                    kept.retain(|other| other.get(merge_key) != value);
                }
                "replace" => replaces = true,
                "merge" => {
                    let text = "merging lists cannot yet be specified in the patch";
                    return Err(PatchError::Other(text.into()));
                }
                _ => return Err(bad_patch_type(directive, map)),
            },
        }
    }
    Ok(if replaces { (changes, Vec::new()) } else { (kept, changes) })
}

/// Items that the patch names in its order, the others fitted in where they stood
/// (`normalizeElementOrder`).
fn in_order(
    merged: Vec<Value>,
    patch_order: &[Value],
    server_order: &[Value],
    merge_key: Option<&str>,
) -> Vec<Value> {
    let (named, others): (Vec<Value>, Vec<Value>) =
        merged.into_iter().partition(|item| position(patch_order, item, merge_key).is_some());
    let named = sort_like(named, patch_order, merge_key);
    let others = sort_like(others, server_order, merge_key);
    let comes_first = |a: &Value, b: &Value| {
        let places = (position(server_order, a, merge_key), position(server_order, b, merge_key));
        matches!(places, (Some(a), Some(b)) if a < b)
    };
    let (mut named, mut others) = (named.into_iter().peekable(), others.into_iter().peekable());
    let mut result = Vec::new();
    loop {
        let takes_other = match (others.peek(), named.peek()) {
            (Some(other), Some(item)) => comes_first(other, item),
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => return result,
        };
        result.extend(if takes_other { others.next() } else { named.next() });
    }
}

/// What is left of a patch after it was applied, as refusals show it: upstream takes ordered lists
/// out of the patch while it merges them (`mergePatchIntoOriginal`).
pub fn used_up(original: &Value, patch: &Value) -> Value {
    let (Some(map), true) = (patch.as_object(), is_map(original)) else { return patch.clone() };
    let is_left = |key: &str| {
        let list = key.strip_prefix(DELETE_FROM_PRIMITIVE_LIST).unwrap_or(key);
        !key.starts_with(SET_ELEMENT_ORDER)
            && !map.contains_key(&EcoString::from(format!("{SET_ELEMENT_ORDER}{list}")))
    };
    let left = map.iter().filter(|(key, _)| is_left(key));
    left.map(|(key, value)| (key.clone(), used_up(original.get(key), value)))
        .collect::<Map>()
        .into()
}

fn delete_from_list(merged: &mut Map, list: &str, deleted: &Value) {
    if let Some(current @ Value::Array(_)) = merged.get_mut(list) {
        current.array_mut().retain(|item| !deleted.items().contains(item));
    }
}
