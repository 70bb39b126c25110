//! Objects in as little memory as they take: equal parts are kept once, lists without spare room.
//!
//! The Pods of a set are alike, and a new version of an object is like the one before. What is
//! remembered to that end is no state: values stay equal to what they were.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::thread::LocalKey;

use super::value::{EcoString, Map, Value};

/// Texts of so many bytes have no memory of their own.
const INLINE_MAX: usize = 15;
/// How many texts and how many trees a generation holds.
const REMEMBERED_MAX: usize = 4096;
/// Longer lists and maps are hardly ever met twice.
const LENGTH_MAX: usize = 32;

#[derive(Default)]
struct Pool {
    keys: Memory<EcoString, EcoString>,
    texts: Memory<EcoString, EcoString>,
    trees: Memory<u64, Value>,
}

/// What was met lately: what is not asked for is forgotten with its generation.
struct Memory<K, V> {
    young: BTreeMap<K, V>,
    old: BTreeMap<K, V>,
}

impl<K, V> Default for Memory<K, V> {
    fn default() -> Self {
        Memory { young: BTreeMap::new(), old: BTreeMap::new() }
    }
}

impl<K: Ord + Clone, V: Clone> Memory<K, V> {
    fn get(&mut self, key: &K) -> Option<V> {
        if let Some(found) = self.young.get(key) {
            return Some(found.clone());
        }
        let (key, found) = self.old.remove_entry(key)?;
        self.put(key, found.clone());
        Some(found)
    }

    fn put(&mut self, key: K, value: V) {
        if self.young.len() >= REMEMBERED_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

thread_local! {
    static POOL: RefCell<Pool> = RefCell::default();
}

/// `value` sharing what it can with other new objects.
pub fn settled(value: &Value) -> Value {
    POOL.with_borrow_mut(|pool| pool.settle(value, &Value::Null, true))
}

/// `value` sharing what it can with `known`, its former version, and with other objects.
pub fn settled_beside(value: &Value, known: &Value) -> Value {
    POOL.with_borrow_mut(|pool| pool.settle(value, known, true))
}

/// `value` sharing what it can with `known` alone: for a value that is not kept.
pub fn reunited(value: &Value, known: &Value) -> Value {
    POOL.with_borrow_mut(|pool| pool.settle(value, known, false))
}

/// `text` sharing its memory with equal ones.
pub fn text(text: &str) -> EcoString {
    match text.len() {
        ..=INLINE_MAX => text.into(),
        _ => POOL.with_borrow_mut(|pool| kept_once(&mut pool.texts, text.into())),
    }
}

/// `new` in the memory of the last one of its kind, if they are equal.
pub fn shared<T: PartialEq>(last: &'static LocalKey<RefCell<Option<Rc<T>>>>, new: T) -> Rc<T> {
    last.with_borrow_mut(|last| match last {
        Some(last) if **last == new => last.clone(),
        _ => last.insert(Rc::new(new)).clone(),
    })
}

// Whether two parts are the same to look at, without looking deeper.
fn is_same(a: &Value, b: &Value) -> bool {
    match a {
        Value::Array(_) | Value::Object(_) => a.is_same(b),
        scalar => scalar == b,
    }
}

fn kept_once(known: &mut Memory<EcoString, EcoString>, text: EcoString) -> EcoString {
    if text.len() <= INLINE_MAX {
        return text;
    }
    if let Some(found) = known.get(&text) {
        return found;
    }
    known.put(text.clone(), text.clone());
    text
}

impl Pool {
    fn settle(&mut self, value: &Value, known: &Value, is_stored: bool) -> Value {
        if value.is_same(known) {
            return value.clone();
        }
        match value {
            Value::Object(map) => self.settle_map(value, map, known, is_stored),
            Value::Array(items) => self.settle_list(value, items, known, is_stored),
            Value::String(text) if text.len() > INLINE_MAX => match known {
                Value::String(known) if known == text => known.clone().into(),
                _ => kept_once(&mut self.texts, text.clone()).into(),
            },
            scalar => scalar.clone(),
        }
    }

    fn settle_map(&mut self, value: &Value, map: &Map, known: &Value, is_stored: bool) -> Value {
        let before = known.as_object();
        let mut entries = Vec::with_capacity(map.len());
        let mut is_kept = !map.has_spare_room();
        let mut is_known = before.is_some_and(|before| before.len() == map.len());
        for (index, (key, inner)) in map.iter().enumerate() {
            let old = before.and_then(|before| before.entry_near(index, key));
            let new = self.settle(inner, old.map_or(&Value::Null, |(_, old)| old), is_stored);
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
        if is_stored { self.tree_kept_once(settled) } else { settled }
    }

    fn settle_list(
        &mut self,
        value: &Value,
        items: &[Value],
        known: &Value,
        is_stored: bool,
    ) -> Value {
        let before = known.items();
        let mut news = Vec::with_capacity(items.len());
        let mut is_kept = !value.has_spare_room();
        for (index, item) in items.iter().enumerate() {
            let new = self.settle(item, counterpart(item, index, items, before), is_stored);
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
        if is_stored { self.tree_kept_once(settled) } else { settled }
    }

    // Its parts are kept once already, so that looking at them is enough.
    fn tree_kept_once(&mut self, tree: Value) -> Value {
        let mut hasher = Quick(0);
        match &tree {
            Value::Object(map) if map.len() <= LENGTH_MAX => {
                map.iter().for_each(|(key, inner)| {
                    key.hash(&mut hasher);
                    hash_part(inner, &mut hasher);
                });
            }
            Value::Array(items) if items.len() <= LENGTH_MAX => {
                items.iter().for_each(|item| hash_part(item, &mut hasher));
            }
            _ => return tree,
        };
        let hash = hasher.finish();
        match self.trees.get(&hash) {
            Some(found) if is_alike(&found, &tree) => return found,
            _ => {}
        }
        self.trees.put(hash, tree.clone());
        tree
    }
}

// What an item was before: what stands in its place or, where others came or went before it, as
// far from the end.
fn counterpart<'v>(item: &Value, index: usize, items: &[Value], before: &'v [Value]) -> &'v Value {
    let in_place = before.get(index).unwrap_or(&Value::Null);
    if items.len() == before.len() || in_place == item {
        return in_place;
    }
    let from_end = (index + before.len()).checked_sub(items.len());
    from_end.and_then(|at| before.get(at)).filter(|other| *other == item).unwrap_or(in_place)
}

// Eight bytes at a time. What it gives is not kept beyond the pool.
struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_u8(&mut self, byte: u8) {
        self.write_u64(byte.into());
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

fn hash_part(part: &Value, hasher: &mut Quick) {
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
    fn items_after_one_that_comes_or_goes_stay_shared() {
        let item = |name: &str| value!({"name": name});
        let old = value!({"list": [(item("a")), (item("c")), (item("d"))]});
        for names in [&["a", "b", "c", "d"][..], &["a", "d"]] {
            let new: Vec<Value> = names.iter().map(|name| item(name)).collect();
            let settled = settled_beside(&value!({"list": new}), &old);
            let last = |value: &Value| value.get("list").items().last().cloned();
            let both = last(&settled).zip(last(&old));
            assert!(both.is_some_and(|(new, old)| new.is_same(&old)));
        }
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
