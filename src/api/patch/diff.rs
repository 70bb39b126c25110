//! Making strategic merge patches (`CreateTwoWayMergePatch`, `CreateThreeWayMergePatch`).

use super::strategic::{Mode, merge_map};
use super::{
    DELETE_FROM_PRIMITIVE_LIST, Level, Meta, PATCH, PatchError, RETAIN_KEYS, SET_ELEMENT_ORDER,
    is_map, is_same_type, key_of, sort_like,
};
use crate::api::go_fmt;
use crate::api::scheme::Kind;
use crate::api::value::{Map, Value};

/// The patch that makes `modified` of `original`.
pub fn two_way(kind: Kind, original: &Value, modified: &Value) -> Result<Value, PatchError> {
    let options = Options { deletes: true, changes: true, builds_retain_keys: false };
    diff_values(original, modified, Level::of_kind(kind), options).map(Value::from)
}

/// The patch that brings `current` to `modified` and takes away what `original` (the last applied
/// configuration) had and `modified` has not.
pub fn three_way(
    kind: Kind,
    original: &Value,
    modified: &Value,
    current: &Value,
) -> Result<Value, PatchError> {
    let level = Level::of_kind(kind);
    let options = Options { deletes: false, changes: true, builds_retain_keys: false };
    let delta = diff_values(current, modified, level, options)?;
    let options = Options { deletes: true, changes: false, builds_retain_keys: false };
    let deletions = diff_values(original, modified, level, options)?;
    merge_map(&deletions, &delta, level, Mode::Combine)
}

/// What to look for.
#[derive(Clone, Copy)]
struct Options {
    deletes: bool,
    changes: bool,
    builds_retain_keys: bool,
}

fn diff_values(
    original: &Value,
    modified: &Value,
    level: Level,
    options: Options,
) -> Result<Map, PatchError> {
    let empty = Map::new();
    let original = original.as_object().unwrap_or(&empty);
    diff_maps(original, modified.as_object().unwrap_or(&empty), level, options)
}

fn diff_maps(
    original: &Map,
    modified: &Map,
    level: Level,
    options: Options,
) -> Result<Map, PatchError> {
    let mut patch = Map::new();
    for (key, new) in modified.iter() {
        match original.get(key) {
            Some(old) if is_same_type(old, new) => {
                diff_field(key, old, new, &mut patch, level, options)?;
            }
            _ if options.changes => {
                patch.insert(key.clone(), new.clone());
            }
            _ => {}
        }
    }
    if options.deletes {
        for key in original.keys().filter(|key| !modified.contains_key(key)) {
            patch.insert(key.clone(), Value::Null);
        }
    }
    let has_new_field = modified.keys().any(|key| !original.contains_key(key));
    let kept: Vec<Value> = modified
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, _)| Value::from(key))
        .collect();
    let is_wanted = options.builds_retain_keys && !kept.is_empty();
    if is_wanted && (!patch.is_empty() || has_new_field) {
        patch.insert(RETAIN_KEYS, kept);
    }
    Ok(patch)
}

fn diff_field(
    key: &str,
    old: &Value,
    new: &Value,
    patch: &mut Map,
    level: Level,
    options: Options,
) -> Result<(), PatchError> {
    let Meta { strategy, merge_key, level } = level.field(key);
    let options = Options { builds_retain_keys: strategy.retain_keys, ..options };
    match (old, new) {
        (Value::Object(old), Value::Object(new)) if !strategy.replace => {
            let inner = diff_maps(old, new, level, options)?;
            if !inner.is_empty() {
                patch.insert(key, inner);
            }
        }
        (Value::Array(old), Value::Array(new)) if strategy.merge => {
            let lists = diff_lists(old, new, level, merge_key, options)?;
            let parts = [
                (key.to_string(), lists.changes),
                (format!("{DELETE_FROM_PRIMITIVE_LIST}{key}"), lists.deletions),
                (format!("{SET_ELEMENT_ORDER}{key}"), lists.order),
            ];
            for (key, list) in parts.into_iter().filter(|(_, list)| !list.is_empty()) {
                patch.insert(key, list);
            }
        }
        _ if options.changes && old != new => {
            patch.insert(key, new.clone());
        }
        _ => {}
    }
    Ok(())
}

#[derive(Default)]
struct Lists {
    changes: Vec<Value>,
    deletions: Vec<Value>,
    order: Vec<Value>,
}

fn diff_lists(
    original: &[Value],
    modified: &[Value],
    level: Level,
    merge_key: Option<&str>,
    options: Options,
) -> Result<Lists, PatchError> {
    if original.is_empty() {
        let changes = if options.changes { modified.to_vec() } else { Vec::new() };
        return Ok(Lists { changes, ..Lists::default() });
    }
    let has_maps = original.iter().chain(modified).any(is_map);
    let Some(key) = merge_key.filter(|_| has_maps) else {
        return Ok(diff_lists_of_scalars(original, modified, options));
    };
    let (changes, deletions) = diff_lists_of_maps(original, modified, level, key, options)?;
    let mut changes = sort_like(changes, modified, merge_key);
    changes.extend(deletions);
    let is_order_same = original.len() == modified.len()
        && original.iter().zip(modified).all(|(a, b)| a.get(key) == b.get(key));
    let is_ordered = !changes.is_empty() || (options.changes && !is_order_same);
    let order = if is_ordered { modified } else { &[] };
    let only_key = |item: &Value| Map::from_iter([(key, item.get(key).clone())]);
    let order = order.iter().map(|item| only_key(item).into()).collect();
    Ok(Lists { changes, deletions: Vec::new(), order })
}

/// Items that changed or are new, and marks for those that are gone.
fn diff_lists_of_maps(
    original: &[Value],
    modified: &[Value],
    level: Level,
    merge_key: &str,
    options: Options,
) -> Result<(Vec<Value>, Vec<Value>), PatchError> {
    let (mut changes, mut deletions) = (Vec::new(), Vec::new());
    let original = sorted_by_key(original, merge_key)?;
    for (_, new) in sorted_by_key(modified, merge_key)? {
        let value = new.get(merge_key);
        match original.iter().find(|(_, old)| old.get(merge_key) == value) {
            Some((_, old)) => {
                let mut inner = diff_values(old, new, level, options)?;
                if !inner.is_empty() {
                    inner.insert(merge_key, value.clone());
                    changes.push(inner.into());
                }
            }
            None if options.changes => changes.push(new.clone()),
            None => {}
        }
    }
    if options.deletes {
        let is_gone =
            |old: &&Value| !modified.iter().any(|new| new.get(merge_key) == old.get(merge_key));
        for old in original.iter().map(|(_, old)| *old).filter(is_gone) {
            let value = old.get(merge_key).clone();
            let mark = Map::from_iter([(merge_key, value), (PATCH, "delete".into())]);
            deletions.push(mark.into());
        }
    }
    Ok((changes, deletions))
}

fn sorted_by_key<'v>(
    list: &'v [Value],
    merge_key: &str,
) -> Result<Vec<(String, &'v Value)>, PatchError> {
    let keyed: Result<Vec<_>, _> =
        list.iter().map(|item| Ok((go_fmt::plain(key_of(item, merge_key)?), item))).collect();
    let mut keyed = keyed?;
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(keyed)
}

fn diff_lists_of_scalars(original: &[Value], modified: &[Value], options: Options) -> Lists {
    let missing = |from: &[Value], items: &[Value]| {
        let mut missing: Vec<Value> = Vec::new();
        for item in items {
            if !from.contains(item) && !missing.contains(item) {
                missing.push(item.clone());
            }
        }
        missing
    };
    let changes = if options.changes { missing(original, modified) } else { Vec::new() };
    let mut deletions = if options.deletes { missing(modified, original) } else { Vec::new() };
    deletions.sort_by_key(go_fmt::plain);
    let is_ordered =
        !changes.is_empty() || !deletions.is_empty() || (options.changes && original != modified);
    let order = if is_ordered { modified.to_vec() } else { Vec::new() };
    Lists { changes, deletions, order }
}
