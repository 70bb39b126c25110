//! Maps whose keys are shared: many objects have the same fields.

use std::cmp::Ordering;
use std::rc::Rc;

use super::value::{EcoString, Value};

/// A map sorted bytewise by key; a key occurs at most once.
///
/// Maps of the same keys may share them: stored objects do.
#[derive(Clone, Debug, Default)]
pub struct Map {
    // None before there is a key.
    keys: Option<Rc<Keys>>,
    // As many as keys.
    values: Box<[Value]>,
}

/// The keys of a map, sorted bytewise, none of them twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    // A byte for each of the first keys that rules most of them out at once.
    marks: [u8; MARKED],
    names: Vec<EcoString>,
}

const MARKED: usize = 16;

// Most keys of a map differ in their length, or where they begin or end.
fn mark(key: &str) -> u8 {
    match key.as_bytes() {
        [first, .., last] => (key.len() as u8).wrapping_mul(31) ^ first ^ last.wrapping_mul(17),
        short => short.first().copied().unwrap_or(0),
    }
}

// The highest bit of each byte of `marks` that is `mark`.
fn equal_bytes(marks: &[u8; 8], mark: u8) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const LOW: u64 = ONES * 0x7f;
    let difference = u64::from_le_bytes(*marks) ^ (ONES * u64::from(mark));
    !(((difference & LOW) + LOW) | difference | LOW)
}

impl Keys {
    fn position(&self, key: &str) -> Result<usize, usize> {
        self.names.binary_search_by(|k| order(k, key))
    }

    fn find(&self, key: &str) -> Option<usize> {
        let (mark, names) = (mark(key), self.names.as_slice());
        for (word, marks) in self.marks.as_chunks().0.iter().enumerate() {
            let mut candidates = equal_bytes(marks, mark);
            while candidates != 0 {
                let index = word * 8 + candidates.trailing_zeros() as usize / 8;
                if names.get(index).is_some_and(|k| is_equal(k.as_bytes(), key.as_bytes())) {
                    return Some(index);
                }
                candidates &= candidates - 1;
            }
            if names.len() <= word * 8 + 8 {
                return None;
            }
        }
        self.position(key).ok()
    }

    fn insert(&mut self, index: usize, key: EcoString) {
        if index < MARKED {
            self.marks.copy_within(index..MARKED - 1, index + 1);
            self.marks[index] = mark(&key);
        }
        self.names.insert(index, key);
    }

    fn remove(&mut self, index: usize) {
        self.names.remove(index);
        if index < MARKED {
            self.marks.copy_within(index + 1.., index);
            self.marks[MARKED - 1] = self.names.get(MARKED - 1).map_or(0, |key| mark(key));
        }
    }

    /// Keys that are sorted, none of them twice.
    pub(super) fn of(names: Vec<EcoString>) -> Self {
        let mut marks = [0; MARKED];
        marks.iter_mut().zip(&names).for_each(|(place, key)| *place = mark(key));
        Keys { marks, names }
    }

    /// The keys in order.
    pub(super) fn names(&self) -> &[EcoString] {
        &self.names
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.values.len() == other.values.len()
            && self.has_keys_of(other)
            && self.values == other.values
    }
}

impl Eq for Map {}

impl std::hash::Hash for Map {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_usize(self.len());
        self.iter().for_each(|entry| entry.hash(state));
    }
}

impl Map {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// A map of these entries; of several with the same key the last counts.
    pub fn from_entries(mut entries: Vec<(EcoString, Value)>) -> Self {
        if !entries.is_sorted_by(|a, b| order(&a.0, &b.0).is_lt()) {
            entries.reverse();
            entries.sort_by(|a, b| order(&a.0, &b.0));
            entries.dedup_by(|later, first| later.0 == first.0);
        }
        if entries.is_empty() {
            return Map::new();
        }
        let (mut names, mut values) =
            (Vec::with_capacity(entries.len()), Vec::with_capacity(entries.len()));
        for (name, value) in entries {
            names.push(name);
            values.push(value);
        }
        Self::of_parts(Some(Rc::new(Keys::of(names))), values)
    }

    fn names(&self) -> &[EcoString] {
        self.keys.as_ref().map_or(&[], |keys| keys.names())
    }

    fn find(&self, key: &str) -> Option<usize> {
        self.keys.as_ref()?.find(key)
    }

    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.find(key).and_then(|index| self.values.get(index))
    }

    /// The value under `key`, for writing.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.find(key).and_then(|index| self.values.get_mut(index))
    }

    /// The value under `key`, put there as null if it is absent.
    pub fn entry(&mut self, key: &str) -> &mut Value {
        let index = self.find(key).unwrap_or_else(|| self.add(key.into(), Value::Null));
        &mut self.values[index]
    }

    /// Puts `value` under `key` and gives back what was there.
    pub fn insert(&mut self, key: impl Into<EcoString>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        match self.find(&key) {
            Some(index) => Some(std::mem::replace(&mut self.values[index], value)),
            None => {
                self.add(key, value);
                None
            }
        }
    }

    // Puts a key in that is not there, and tells where.
    fn add(&mut self, key: EcoString, value: Value) -> usize {
        let keys = Rc::make_mut(self.keys.get_or_insert_default());
        let index = keys.position(&key).unwrap_or_else(|index| index);
        keys.insert(index, key);
        let mut values = std::mem::take(&mut self.values).into_vec();
        values.reserve_exact(1);
        values.insert(index, value);
        self.values = values.into_boxed_slice();
        index
    }

    /// Takes `key` out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let index = self.find(key)?;
        Rc::make_mut(self.keys.as_mut()?).remove(index);
        let mut values = std::mem::take(&mut self.values).into_vec();
        let value = values.remove(index);
        self.values = values.into_boxed_slice();
        Some(value)
    }

    /// Whether `key` is there.
    pub fn contains_key(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// A map of keys and of as many values.
    pub(super) fn of_parts(keys: Option<Rc<Keys>>, values: Vec<Value>) -> Self {
        debug_assert_eq!(keys.as_ref().map_or(0, |keys| keys.names.len()), values.len());
        Map { keys, values: values.into_boxed_slice() }
    }

    /// The keys, to be shared.
    pub(super) fn shared_keys(&self) -> Option<&Rc<Keys>> {
        self.keys.as_ref()
    }

    /// The values in the order of their keys.
    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }

    /// Whether another map has the same keys.
    pub(super) fn has_keys_of(&self, other: &Map) -> bool {
        self.shares_keys_with(other) || self.names() == other.names()
    }

    /// Whether another map has the same keys in the same memory.
    pub(super) fn shares_keys_with(&self, other: &Map) -> bool {
        self.keys_place() == other.keys_place()
    }

    /// Tells keys apart by where they are in memory.
    pub(super) fn keys_place(&self) -> usize {
        self.keys.as_ref().map_or(0, |keys| Rc::as_ptr(keys).addr())
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Entries in key order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&EcoString, &Value)> {
        self.names().iter().zip(&self.values)
    }

    /// Entries in key order, values for writing.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&EcoString, &mut Value)> {
        let names = self.keys.as_ref().map_or(&[][..], |keys| keys.names());
        names.iter().zip(&mut self.values)
    }

    /// Keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &EcoString> {
        self.names().iter()
    }

    /// Keeps the entries for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&EcoString, &mut Value) -> bool) {
        let kept: Vec<bool> = self.iter_mut().map(|(key, value)| keep(key, value)).collect();
        if kept.iter().all(|is_kept| *is_kept) {
            return;
        }
        let names = self.names().iter().zip(&kept).filter(|(_, is_kept)| **is_kept);
        let keys = Keys::of(names.map(|(key, _)| key.clone()).collect());
        let values = std::mem::take(&mut self.values).into_iter().zip(&kept);
        let values = values.filter(|(_, is_kept)| **is_kept).map(|(value, _)| value).collect();
        *self = Self::of_parts(Some(Rc::new(keys)), values);
    }
}

/// The order of two texts, mostly without a call: most differ at the start.
pub(crate) fn order(a: &str, b: &str) -> Ordering {
    match (a.as_bytes().first(), b.as_bytes().first()) {
        (Some(first), Some(other)) if first != other => first.cmp(other),
        _ => a.cmp(b),
    }
}

// Equality of short texts, without a call.
fn is_equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match a.len() {
        8..=16 => {
            a.first_chunk::<8>() == b.first_chunk::<8>()
                && a.last_chunk::<8>() == b.last_chunk::<8>()
        }
        4..8 => {
            a.first_chunk::<4>() == b.first_chunk::<4>()
                && a.last_chunk::<4>() == b.last_chunk::<4>()
        }
        _ => a == b,
    }
}

impl<K: Into<EcoString>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(iter: I) -> Self {
        Map::from_entries(iter.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_shared_until_one_comes_or_goes() {
        let original = Map::from_iter([("a", 1), ("b", 2), ("c", 3)]);
        let mut copy = original.clone();
        copy.insert("b", 4);
        assert!(copy.shares_keys_with(&original) && copy != original);
        copy.retain(|key, value| key != "a" && *value != Value::Int(3));
        assert_eq!(copy, Map::from_iter([("b", 4)]));
        copy.insert("a", 5);
        assert_eq!((copy.remove("b"), copy.len()), (Some(Value::Int(4)), 1));
        assert_eq!(original, Map::from_iter([("c", 3), ("b", 2), ("a", 1)]));
    }

    #[test]
    fn keys_of_any_length_are_told_apart() {
        let key = |length: usize, changed: usize| -> String {
            (0..length).map(|i| if i == changed { 'b' } else { 'a' }).collect()
        };
        for length in 0..20 {
            let map = Map::from_iter([(key(length, length), 1)]);
            assert!(map.contains_key(&key(length, length)));
            assert!((0..length).all(|changed| !map.contains_key(&key(length, changed))));
        }
    }

    #[test]
    fn keys_beyond_the_marked_ones_are_found_while_others_come_and_go() {
        let key = |number: usize| format!("key-{number:02}");
        let mut map = Map::new();
        for number in (0..40).rev() {
            map.insert(key(number), number);
        }
        assert!(map.keys().map(|key| key.as_str()).eq((0..40).map(key)));
        for gone in [3, 17, 39] {
            assert_eq!(map.remove(&key(gone)), Some(Value::from(gone)));
        }
        map.insert(key(3), 3);
        let found = |number: usize| map.get(&key(number)) == Some(&Value::from(number));
        assert!((0..40).filter(|number| !found(*number)).eq([17, 39]));
    }

    #[test]
    fn of_entries_with_the_same_key_the_last_counts() {
        let map = Map::from_iter([("b", 1), ("a", 2), ("b", 3), ("a", 4)]);
        let entries: Vec<_> = map.iter().map(|(key, value)| (key.as_str(), value)).collect();
        assert_eq!(entries, [("a", &Value::Int(4)), ("b", &Value::Int(3))]);
        assert_eq!(map, [("a", 4), ("b", 3)].into_iter().collect());
    }
}
