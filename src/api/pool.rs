//! Objects in as little memory as they take: equal parts are kept once, lists without spare room.
//!
//! The Pods of a set are alike, and a new version of an object is like the one before. What is
//! remembered to that end is no state: values stay equal to what they were.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::thread::LocalKey;

use super::map::{Keys, Map};
use super::value::{EcoString, Value};

/// Texts of so many bytes have no memory of their own.
const INLINE_MAX: usize = 15;
/// Longer lists and maps are hardly ever met twice.
const LENGTH_MAX: usize = 32;
/// An object, its metadata, spec and status neither.
const UNIQUE_LEVELS: u32 = 2;

/// How deep in a stored object; nothing in one that is not kept.
type Level = Option<u32>;

#[derive(Default)]
struct Pool {
    // The keys of maps.
    shapes: Memory<Rc<Keys>>,
    texts: Memory<EcoString>,
    trees: Memory<Value>,
}

/// What was met lately, by hash. Of those that fall to the same place the last two are known.
struct Memory<V> {
    places: Vec<[Option<(u64, V)>; 2]>,
}

/// How many bits of a hash choose the place.
const PLACE_BITS: u32 = 11;

impl<V> Default for Memory<V> {
    fn default() -> Self {
        Memory { places: Vec::new() }
    }
}

impl<V: Clone> Memory<V> {
    /// What was put there under this hash, if it `is_it`.
    fn get(&mut self, hash: u64, is_it: impl Fn(&V) -> bool) -> Option<V> {
        let place = self.places.get_mut((hash >> (64 - PLACE_BITS)) as usize)?;
        let found = |slot: &Option<(u64, V)>| {
            slot.as_ref().is_some_and(|(known, value)| *known == hash && is_it(value))
        };
        if !found(&place[0]) {
            if !found(&place[1]) {
                return None;
            }
            place.swap(0, 1);
        }
        place[0].as_ref().map(|(_, value)| value.clone())
    }

    fn put(&mut self, hash: u64, value: V) {
        if self.places.is_empty() {
            self.places.resize_with(1 << PLACE_BITS, || [None, None]);
        }
        let place = &mut self.places[(hash >> (64 - PLACE_BITS)) as usize];
        place.swap(0, 1);
        place[0] = Some((hash, value));
    }
}

thread_local! {
    static POOL: RefCell<Pool> = RefCell::default();
}

/// `value` sharing what it can with other new objects.
pub fn settled(value: &Value) -> Value {
    settled_beside(value, &Value::Null)
}

/// `value` sharing what it can with `known`, its former version, and with other objects.
pub fn settled_beside(value: &Value, known: &Value) -> Value {
    let settled = POOL.with_borrow_mut(|pool| pool.settle(value, known, Some(0)));
    settled.unwrap_or_else(|| value.clone())
}

/// `value`, which is to be part of objects, in the memory that it has there.
pub fn settled_part(value: &Value) -> Value {
    let level = Some(UNIQUE_LEVELS);
    let settled = POOL.with_borrow_mut(|pool| pool.settle(value, &Value::Null, level));
    settled.unwrap_or_else(|| value.clone())
}

/// `value` sharing what it can with `known` alone: for a value that is not kept.
pub fn reunited(value: &Value, known: &Value) -> Value {
    let settled = POOL.with_borrow_mut(|pool| pool.settle(value, known, None));
    settled.unwrap_or_else(|| value.clone())
}

/// `text` sharing its memory with equal ones.
pub fn text(text: &str) -> EcoString {
    match text.len() {
        ..=INLINE_MAX => text.into(),
        _ => POOL.with_borrow_mut(|pool| {
            let text = EcoString::from(text);
            pool.other_text(&text).unwrap_or(text)
        }),
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

// The values of a map or list that is being settled: none of its own until one is another.
struct Values<'v> {
    given: &'v [Value],
    // Those of the former version, as long as none differs from them.
    known: Option<&'v [Value]>,
    // Whether one that is known is another than the one given.
    differs: bool,
    own: Option<Vec<Value>>,
}

impl<'v> Values<'v> {
    fn of(given: &'v [Value], known: Option<&'v [Value]>) -> Self {
        Values { given, known, differs: false, own: None }
    }

    // What has become of the value at `index`; they come in order.
    fn put(&mut self, index: usize, settled: Option<Value>, old: &Value) {
        if let Some(known) = self.known {
            if is_same(settled.as_ref().unwrap_or(&self.given[index]), old) {
                self.differs |= settled.is_some();
                return;
            }
            self.known = None;
            if self.differs {
                self.begin(&known[..index]);
            }
        }
        if self.own.is_none() && settled.is_some() {
            let given = self.given;
            self.begin(&given[..index]);
        }
        if let Some(own) = &mut self.own {
            own.push(settled.unwrap_or_else(|| self.given[index].clone()));
        }
    }

    fn begin(&mut self, first: &[Value]) {
        let mut own = Vec::with_capacity(self.given.len());
        own.extend_from_slice(first);
        self.own = Some(own);
    }
}

// Parts stay as they are where nothing is given back.
impl Pool {
    fn settle(&mut self, value: &Value, known: &Value, level: Level) -> Option<Value> {
        if value.is_same(known) {
            return None;
        }
        match value {
            Value::Object(map) => self.settle_map(value, map, known, level),
            Value::Array(items) => self.settle_list(value, items, known, level),
            Value::String(text) if text.len() > INLINE_MAX => match known {
                Value::String(known) if known == text => {
                    (known.as_ptr() != text.as_ptr()).then(|| known.clone().into())
                }
                _ if level.is_some() => self.other_text(text).map(Value::String),
                _ => None,
            },
            _ => None,
        }
    }

    fn settle_map(
        &mut self,
        value: &Value,
        map: &Map,
        known: &Value,
        level: Level,
    ) -> Option<Value> {
        let (before, below) = (known.as_object(), level.map(|level| level + 1));
        let alike = before.filter(|before| before.has_keys_of(map));
        let mut values = Values::of(map.values(), alike.map(Map::values));
        for (index, (key, inner)) in map.iter().enumerate() {
            let old = match alike {
                Some(alike) => alike.values().get(index),
                None => before.and_then(|before| before.get(key)),
            };
            let old = old.unwrap_or(&Value::Null);
            values.put(index, self.settle(inner, old, below), old);
        }
        if values.known.is_some() {
            return Some(known.clone());
        }
        let keys = match alike {
            Some(alike) => alike.shared_keys().cloned(),
            None if level.is_some() => self.keys_kept_once(map),
            None => map.shared_keys().cloned(),
        };
        let settled = match values.own {
            Some(own) => Some(Map::of_parts(keys, own).into()),
            None if keys.as_ref().map(Rc::as_ptr) == map.shared_keys().map(Rc::as_ptr) => None,
            None => Some(Map::of_parts(keys, map.values().to_vec()).into()),
        };
        self.tree_kept_once(value, settled, level)
    }

    fn keys_kept_once(&mut self, map: &Map) -> Option<Rc<Keys>> {
        let given = map.shared_keys()?;
        if map.len() > LENGTH_MAX {
            return Some(given.clone());
        }
        let mut hasher = Quick(0);
        map.keys().for_each(|key| key.hash(&mut hasher));
        let hash = hasher.finish();
        let found = self.shapes.get(hash, |keys| keys.names() == given.names());
        Some(found.unwrap_or_else(|| {
            let name = |key: &EcoString| self.other_text(key).unwrap_or_else(|| key.clone());
            let keys = Rc::new(Keys::of(given.names().iter().map(name).collect()));
            self.shapes.put(hash, keys.clone());
            keys
        }))
    }

    // The same text in memory that is shared, unless it is in there itself.
    fn other_text(&mut self, text: &EcoString) -> Option<EcoString> {
        if text.len() <= INLINE_MAX {
            return None;
        }
        let mut hasher = Quick(0);
        text.hash(&mut hasher);
        let hash = hasher.finish();
        let found = self.texts.get(hash, |known| known == text);
        if found.is_none() {
            self.texts.put(hash, text.clone());
        }
        found.filter(|found| found.as_ptr() != text.as_ptr())
    }

    fn settle_list(
        &mut self,
        value: &Value,
        items: &[Value],
        known: &Value,
        level: Level,
    ) -> Option<Value> {
        let (before, below) = (known.items(), level.map(|level| level + 1));
        let is_alike = known.as_array().is_some() && items.len() == before.len();
        let mut values = Values::of(items, is_alike.then_some(before));
        for (index, item) in items.iter().enumerate() {
            let old = counterpart((item, index), items, before, Value::eq);
            values.put(index, self.settle(item, old, below), old);
        }
        if values.known.is_some() {
            return Some(known.clone());
        }
        let settled = values.own.map(|items| Value::Array(items.into()));
        self.tree_kept_once(value, settled, level)
    }

    // Its parts are kept once already, so that looking at them is enough.
    fn tree_kept_once(
        &mut self,
        value: &Value,
        settled: Option<Value>,
        level: Level,
    ) -> Option<Value> {
        if level.is_none_or(|level| level < UNIQUE_LEVELS) {
            return settled;
        }
        let tree = settled.as_ref().unwrap_or(value);
        let mut hasher = Quick(0);
        match tree {
            Value::Object(map) if map.len() <= LENGTH_MAX => {
                hasher.write_usize(map.keys_place());
                map.values().iter().for_each(|inner| hash_part(inner, &mut hasher));
            }
            Value::Array(items) if items.len() <= LENGTH_MAX => {
                items.iter().for_each(|item| hash_part(item, &mut hasher));
            }
            _ => return settled,
        };
        let hash = hasher.finish();
        if let Some(found) = self.trees.get(hash, |known| is_alike(known, tree)) {
            return Some(found).filter(|found| !found.is_same(value));
        }
        self.trees.put(hash, tree.clone());
        settled
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
