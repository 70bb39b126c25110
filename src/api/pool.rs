//! Objects in as little memory as they take: equal parts are kept once, lists without spare room.
//!
//! The Pods of a set are alike, and a new version of an object is like the one before. What is
//! remembered to that end is no state: values stay equal to what they were.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::thread::LocalKey;

use ecow::EcoVec;

use super::value::{EcoString, Map, Value};

/// Texts of so many bytes have no memory of their own.
const INLINE_MAX: usize = 15;
/// How many texts and how many trees a generation holds.
const REMEMBERED_MAX: usize = 4096;
/// Longer lists and maps are hardly ever met twice.
const LENGTH_MAX: usize = 32;
/// An object, its metadata, spec and status neither.
const UNIQUE_LEVELS: u32 = 2;

/// How deep in a stored object; nothing in one that is not kept.
type Level = Option<u32>;

#[derive(Default)]
struct Pool {
    keys: Memory<EcoString, EcoString>,
    // The keys of maps.
    shapes: Memory<u64, EcoVec<EcoString>>,
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
    POOL.with_borrow_mut(|pool| pool.settle(value, &Value::Null, Some(0)))
}

/// `value` sharing what it can with `known`, its former version, and with other objects.
pub fn settled_beside(value: &Value, known: &Value) -> Value {
    POOL.with_borrow_mut(|pool| pool.settle(value, known, Some(0)))
}

/// `value` sharing what it can with `known` alone: for a value that is not kept.
pub fn reunited(value: &Value, known: &Value) -> Value {
    POOL.with_borrow_mut(|pool| pool.settle(value, known, None))
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
    fn settle(&mut self, value: &Value, known: &Value, level: Level) -> Value {
        if value.is_same(known) {
            return value.clone();
        }
        match value {
            Value::Object(map) => self.settle_map(value, map, known, level),
            Value::Array(items) => self.settle_list(value, items, known, level),
            Value::String(text) if text.len() > INLINE_MAX => match known {
                Value::String(known) if known == text => known.clone().into(),
                _ => kept_once(&mut self.texts, text.clone()).into(),
            },
            scalar => scalar.clone(),
        }
    }

    fn settle_map(&mut self, value: &Value, map: &Map, known: &Value, level: Level) -> Value {
        let (before, below) = (known.as_object(), level.map(|level| level + 1));
        let alike = before.filter(|before| before.has_keys_of(map));
        let mut values = Vec::with_capacity(map.len());
        let mut is_kept = !map.has_spare_room();
        let mut is_known = alike.is_some();
        for (index, (key, inner)) in map.iter().enumerate() {
            let old = match alike {
                Some(alike) => alike.values().get(index),
                None => before.and_then(|before| before.get(key)),
            };
            let new = self.settle(inner, old.unwrap_or(&Value::Null), below);
            is_kept &= is_same(&new, inner);
            is_known &= old.is_some_and(|old| is_same(&new, old));
            values.push(new);
        }
        if is_known {
            return known.clone();
        }
        if level.is_none() && is_kept {
            return value.clone();
        }
        let keys = match alike {
            Some(alike) => alike.shared_keys().clone(),
            None if level.is_some() => self.keys_kept_once(map),
            None => map.shared_keys().clone(),
        };
        let settled = match is_kept && keys.as_ptr() == map.shared_keys().as_ptr() {
            true => value.clone(),
            false => Map::of_parts(keys, values).into(),
        };
        self.tree_kept_once(settled, level)
    }

    fn keys_kept_once(&mut self, map: &Map) -> EcoVec<EcoString> {
        if map.len() > LENGTH_MAX {
            return map.shared_keys().clone();
        }
        let mut hasher = Quick(0);
        map.keys().for_each(|key| key.hash(&mut hasher));
        let hash = hasher.finish();
        match self.shapes.get(&hash) {
            Some(found) if found == *map.shared_keys() => return found,
            _ => {}
        }
        let mut keys = EcoVec::with_capacity(map.len());
        keys.extend(map.keys().map(|key| kept_once(&mut self.keys, key.clone())));
        self.shapes.put(hash, keys.clone());
        keys
    }

    fn settle_list(
        &mut self,
        value: &Value,
        items: &[Value],
        known: &Value,
        level: Level,
    ) -> Value {
        let (before, below) = (known.items(), level.map(|level| level + 1));
        let mut news = Vec::with_capacity(items.len());
        let mut is_kept = !value.has_spare_room();
        for (index, item) in items.iter().enumerate() {
            let new =
                self.settle(item, counterpart((item, index), items, before, Value::eq), below);
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
        self.tree_kept_once(settled, level)
    }

    // Its parts are kept once already, so that looking at them is enough.
    fn tree_kept_once(&mut self, tree: Value, level: Level) -> Value {
        if level.is_none_or(|level| level < UNIQUE_LEVELS) {
            return tree;
        }
        let mut hasher = Quick(0);
        match &tree {
            Value::Object(map) if map.len() <= LENGTH_MAX => {
                hasher.write_usize(map.shared_keys().as_ptr().addr());
                map.values().iter().for_each(|inner| hash_part(inner, &mut hasher));
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

/// What an item was before: what stands in its place or, where others came or went before it, as
/// far from the end.
pub fn counterpart<'v>(
    (item, index): (&Value, usize),
    items: &[Value],
    before: &'v [Value],
    same: fn(&Value, &Value) -> bool,
) -> &'v Value {
    let in_place = before.get(index).unwrap_or(&Value::Null);
    if items.len() == before.len() || same(in_place, item) {
        return in_place;
    }
    let from_end = (index + before.len()).checked_sub(items.len());
    from_end.and_then(|at| before.get(at)).filter(|other| same(other, item)).unwrap_or(in_place)
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
            a.len() == b.len()
                && a.has_keys_of(b)
                && a.values().iter().zip(b.values()).all(|(v, w)| is_same(v, w))
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
