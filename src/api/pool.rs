//! Objects in as little memory as they take: equal parts are kept once, lists without spare room.
//!
//! The Pods of a set are alike, and a new version of an object is like the one before. What is
//! remembered to that end is no state: values stay equal to what they were.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::fnv::Fnv;
use super::value::{EcoString, Map, Value};

/// Texts of so many bytes have no memory of their own.
const INLINE_MAX: usize = 15;
/// How many texts and how many trees are remembered; then it starts anew.
const REMEMBERED_MAX: usize = 4096;
/// Longer lists and maps are hardly ever met twice.
const LENGTH_MAX: usize = 32;

#[derive(Default)]
struct Pool {
    keys: BTreeSet<EcoString>,
    texts: BTreeSet<EcoString>,
    trees: BTreeMap<u64, Value>,
}

thread_local! {
    static POOL: RefCell<Pool> = RefCell::default();
}

/// `value` sharing what it can with other new objects.
pub fn settled(value: &Value) -> Value {
    POOL.with_borrow_mut(|pool| pool.settle(value, &Value::Null, true))
}

/// `value` sharing what it can with `known`, its former version.
pub fn settled_beside(value: &Value, known: &Value) -> Value {
    POOL.with_borrow_mut(|pool| pool.settle(value, known, false))
}

/// `text` sharing its memory with equal ones.
pub fn text(text: &str) -> EcoString {
    match text.len() {
        ..=INLINE_MAX => text.into(),
        _ => POOL.with_borrow_mut(|pool| kept_once(&mut pool.texts, text.into())),
    }
}

// Whether two parts are the same to look at, without looking deeper.
fn is_same(a: &Value, b: &Value) -> bool {
    match a {
        Value::Array(_) | Value::Object(_) => a.is_same(b),
        scalar => scalar == b,
    }
}

fn kept_once(known: &mut BTreeSet<EcoString>, text: EcoString) -> EcoString {
    if text.len() <= INLINE_MAX {
        return text;
    }
    if let Some(found) = known.get(&text) {
        return found.clone();
    }
    if known.len() >= REMEMBERED_MAX {
        known.clear();
    }
    known.insert(text.clone());
    text
}

impl Pool {
    fn settle(&mut self, value: &Value, known: &Value, is_new: bool) -> Value {
        if value.is_same(known) {
            return value.clone();
        }
        match value {
            Value::Object(map) => self.settle_map(value, map, known, is_new),
            Value::Array(items) => self.settle_list(value, items, known, is_new),
            Value::String(text) if text.len() > INLINE_MAX => match known {
                Value::String(known) if known == text => known.clone().into(),
                _ => kept_once(&mut self.texts, text.clone()).into(),
            },
            scalar => scalar.clone(),
        }
    }

    fn settle_map(&mut self, value: &Value, map: &Map, known: &Value, is_new: bool) -> Value {
        let before = known.as_object();
        let mut entries = Vec::with_capacity(map.len());
        let mut is_kept = !map.has_spare_room();
        let mut is_known = before.is_some_and(|before| before.len() == map.len());
        for (index, (key, inner)) in map.iter().enumerate() {
            let old = before.and_then(|before| before.entry_near(index, key));
            let new = self.settle(inner, old.map_or(&Value::Null, |(_, old)| old), is_new);
            is_kept &= is_same(&new, inner);
            is_known &= old.is_some_and(|(_, old)| is_same(&new, old));
            let key = match old {
                Some((key, _)) => key.clone(),
                None => kept_once(&mut self.keys, key.clone()),
            };
            entries.push((key, new));
        }
        if is_known {
            return known.clone();
        }
        // A tree that is kept would keep its own long keys.
        let has_long_keys = entries.iter().any(|(key, _)| key.len() > INLINE_MAX);
        let settled = match is_kept && !has_long_keys {
            true => value.clone(),
            false => Map::from_sorted(entries).into(),
        };
        if is_new { self.tree_kept_once(settled) } else { settled }
    }

    fn settle_list(
        &mut self,
        value: &Value,
        items: &[Value],
        known: &Value,
        is_new: bool,
    ) -> Value {
        let before = known.items();
        let mut news = Vec::with_capacity(items.len());
        let mut is_kept = !value.has_spare_room();
        for (index, item) in items.iter().enumerate() {
            let new = self.settle(item, before.get(index).unwrap_or(&Value::Null), is_new);
            is_kept &= is_same(&new, item);
            news.push(new);
        }
        let same = |(new, old): (&Value, &Value)| is_same(new, old);
        if known.as_array().is_some()
            && news.len() == before.len()
            && news.iter().zip(before).all(same)
        {
            return known.clone();
        }
        let settled = if is_kept { value.clone() } else { Value::Array(Rc::new(news)) };
        if is_new { self.tree_kept_once(settled) } else { settled }
    }

    // Its parts are kept once already, so that looking at them is enough.
    fn tree_kept_once(&mut self, tree: Value) -> Value {
        let mut hasher = Fnv::default();
        let length = match &tree {
            Value::Object(map) => {
                map.iter().for_each(|(key, inner)| {
                    key.hash(&mut hasher);
                    hash_part(inner, &mut hasher);
                });
                map.len()
            }
            other => {
                other.items().iter().for_each(|item| hash_part(item, &mut hasher));
                other.items().len()
            }
        };
        if length > LENGTH_MAX {
            return tree;
        }
        let hash = hasher.finish();
        match self.trees.get(&hash) {
            Some(found) if is_alike(found, &tree) => return found.clone(),
            _ => {}
        }
        if self.trees.len() >= REMEMBERED_MAX {
            self.trees.clear();
        }
        self.trees.insert(hash, tree.clone());
        tree
    }
}

fn hash_part(part: &Value, hasher: &mut Fnv) {
    match part.place() {
        Some(place) => hasher.write_usize(place),
        None => part.hash(hasher),
    }
}

fn is_alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let mut pairs = a.iter().zip(b.iter());
            a.len() == b.len() && pairs.all(|((k, v), (l, w))| k == l && is_same(v, w))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(v, w)| is_same(v, w))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn a_new_version_shares_what_is_equal() {
        let condition = |kind: &str, status: &str| value!({"type": kind, "status": status, "lastTransitionTime": "2026-11-21T14:00:00Z"});
        let version = |ready: &str| {
            let conditions = vec![condition("PodScheduled", "True"), condition("Ready", ready)];
            value!({"metadata": {"name": "web-0"}, "status": {"conditions": conditions}})
        };
        let (old, new) = (version("False"), version("True"));
        let settled = settled_beside(&new, &old);
        assert_eq!(settled, new);
        assert!(settled.get("metadata").is_same(old.get("metadata")));
        let first = |value: &Value| value.path(&["status", "conditions"]).at(0).clone();
        assert!(first(&settled).is_same(&first(&old)));
        assert!(settled_beside(&version("False"), &old).is_same(&old));
    }

    #[test]
    fn new_objects_share_what_is_equal() {
        let pod = |name: &str| {
            let spec = value!({"tolerations": [{"key": "a", "operator": "Exists"}], "x": name});
            value!({"metadata": {"name": name}, "spec": spec})
        };
        let (a, b) = (settled(&pod("a")), settled(&pod("b")));
        assert_eq!((&a, &b), (&pod("a"), &pod("b")));
        let tolerations = |value: &Value| value.path(&["spec", "tolerations"]).clone();
        assert!(tolerations(&a).is_same(&tolerations(&b)));
    }

    #[test]
    fn fields_that_come_and_go_change_places() {
        let old = value!({"a": {"x": 1}, "c": {"y": 2}});
        let new = value!({"b": 3, "c": {"y": 2}, "d": [1, "a text that is long", {}]});
        let settled = settled_beside(&new, &old);
        assert_eq!(settled, new);
        assert!(settled.get("c").is_same(old.get("c")));
    }
}
