//! JSON-like trees that are cheap to clone: the form of every API object.
//!
//! Models what `k8s.io/apimachinery` calls unstructured content. Subtrees are shared and copied
//! on write, so a clone costs one reference count; maps are sorted by key, as Go prints them.

use std::rc::Rc;

pub use ecow::EcoString;

pub use super::map::Map;

/// A JSON value; objects keep their keys sorted bytewise.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing, also what looking up an absent field gives.
    #[default]
    Null,
    /// true or false
    Bool(bool),
    /// A number without fraction.
    Int(i64),
    /// A number with a fraction; never NaN.
    Float(f64),
    /// Text.
    String(EcoString),
    /// A list, shared until written to.
    Array(Rc<[Value]>),
    /// A map, shared until written to.
    Object(Rc<Map>),
}

impl Eq for Value {}

impl std::hash::Hash for Value {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        match self {
            Value::Null => 0u8.hash(state),
            Value::Bool(b) => (1u8, b).hash(state),
            Value::Int(i) => (2u8, i).hash(state),
            Value::Float(f) => (3u8, f.to_bits()).hash(state),
            Value::String(s) => (4u8, s).hash(state),
            Value::Array(a) => (5u8, a).hash(state),
            Value::Object(m) => (6u8, m).hash(state),
        }
    }
}

impl Value {
    /// An empty map.
    pub fn object() -> Self {
        Value::Object(Rc::default())
    }

    /// An empty list.
    pub fn array() -> Self {
        Value::Array(Rc::default())
    }

    /// Whether it is null, which is also what an absent field reads as.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(s) => Some(s),
            _ => None,
        }
    }

    /// The text of a string, or "" for anything else.
    pub fn str(&self) -> &str {
        self.as_str().unwrap_or_default()
    }

    /// The same sharing its memory.
    pub fn text(&self) -> EcoString {
        match self {
            Value::String(s) => s.clone(),
            _ => EcoString::new(),
        }
    }

    /// The number, if it has no fraction.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(i) => Some(*i),
            Value::Float(f) if f.fract() == 0.0 && f.abs() < 9e15 => Some(*f as i64),
            _ => None,
        }
    }

    /// The truth value of a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// Whether it is the boolean true.
    pub fn is_true(&self) -> bool {
        self.as_bool() == Some(true)
    }

    /// The items of a list.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(a) => Some(a),
            _ => None,
        }
    }

    /// The items of a list; of anything else, none.
    pub fn items(&self) -> &[Value] {
        self.as_array().unwrap_or_default()
    }

    /// The map of an object.
    pub fn as_object(&self) -> Option<&Map> {
        match self {
            Value::Object(m) => Some(m),
            _ => None,
        }
    }

    /// The entries of a map; of anything else, none.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (&EcoString, &Value)> {
        self.as_object().into_iter().flat_map(Map::iter)
    }

    fn shared_items(&mut self) -> &mut Rc<[Value]> {
        if !matches!(self, Value::Array(_)) {
            *self = Value::array();
        }
        match self {
            Value::Array(a) => a,
            _ => unreachable!("made a list above"),
        }
    }

    /// The items of a list for writing; anything else becomes an empty list first.
    pub fn items_mut(&mut self) -> &mut [Value] {
        Rc::make_mut(self.shared_items())
    }

    /// The list for items to come and go; anything else becomes an empty list first.
    pub fn array_mut(&mut self) -> ArrayMut<'_> {
        let place = self.shared_items();
        let items = match Rc::get_mut(place) {
            Some(own) => own.iter_mut().map(std::mem::take).collect(),
            None => place.to_vec(),
        };
        ArrayMut { place, items }
    }

    /// The map for writing; anything else becomes an empty map first.
    pub fn object_mut(&mut self) -> &mut Map {
        if !matches!(self, Value::Object(_)) {
            *self = Value::object();
        }
        match self {
            Value::Object(m) => Rc::make_mut(m),
            _ => unreachable!("made a map above"),
        }
    }

    /// The field `key` of a map; null if it is absent or this is no map.
    pub fn get(&self, key: &str) -> &Value {
        self.as_object().and_then(|m| m.get(key)).unwrap_or(&Value::Null)
    }

    /// The item at `index` of a list; null if there is none.
    pub fn at(&self, index: usize) -> &Value {
        self.items().get(index).unwrap_or(&Value::Null)
    }

    /// The field at the end of `path`; null if anything on the way is absent.
    pub fn path(&self, path: &[&str]) -> &Value {
        path.iter().fold(self, |value, key| value.get(key))
    }

    /// Puts `value` at the end of `path`, making maps on the way.
    pub fn set(&mut self, path: &[&str], value: impl Into<Value>) {
        *self.path_mut(path) = value.into();
    }

    /// The place at the end of `path` for writing, making maps on the way.
    pub fn path_mut(&mut self, path: &[&str]) -> &mut Value {
        path.iter().fold(self, |value, key| value.object_mut().entry(key))
    }

    /// Takes the field at the end of `path` out and gives it back.
    pub fn remove(&mut self, path: &[&str]) -> Option<Value> {
        let (last, parents) = path.split_last()?;
        self.path(parents).as_object()?.get(last)?;
        self.path_mut(parents).object_mut().remove(last)
    }

    /// Tells trees apart by where they are in memory, as long as they are there; scalars have no
    /// such place.
    pub fn place(&self) -> Option<usize> {
        match self {
            Value::Array(a) => Some(Rc::as_ptr(a).cast::<Value>().addr()),
            Value::Object(m) => Some(Rc::as_ptr(m).addr()),
            _ => None,
        }
    }

    /// Whether the two share their memory, a cheap and one-sided test of equality.
    pub fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Array(a), Value::Array(b)) => Rc::ptr_eq(a, b),
            (Value::Object(a), Value::Object(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// The items of a list while they come and go; they are in the list again when it is dropped.
pub struct ArrayMut<'v> {
    place: &'v mut Rc<[Value]>,
    items: Vec<Value>,
}

impl std::ops::Deref for ArrayMut<'_> {
    type Target = Vec<Value>;

    fn deref(&self) -> &Vec<Value> {
        &self.items
    }
}

impl std::ops::DerefMut for ArrayMut<'_> {
    fn deref_mut(&mut self) -> &mut Vec<Value> {
        &mut self.items
    }
}

impl Drop for ArrayMut<'_> {
    fn drop(&mut self) {
        *self.place = std::mem::take(&mut self.items).into();
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Value::Bool(b)
    }
}
macro_rules! from_integer {
    ($($t:ty),*) => {$(
        impl From<$t> for Value {
            fn from(i: $t) -> Self {
                Value::Int(i as i64)
            }
        }
    )*};
}
from_integer!(i32, i64, u16, u32, usize);
impl From<f64> for Value {
    fn from(f: f64) -> Self {
        Value::Float(f)
    }
}
impl From<&str> for Value {
    fn from(s: &str) -> Self {
        Value::String(s.into())
    }
}
impl From<String> for Value {
    fn from(s: String) -> Self {
        Value::String(s.into())
    }
}
impl From<&String> for Value {
    fn from(s: &String) -> Self {
        Value::String(s.into())
    }
}
impl From<EcoString> for Value {
    fn from(s: EcoString) -> Self {
        Value::String(s)
    }
}
impl From<&EcoString> for Value {
    fn from(s: &EcoString) -> Self {
        Value::String(s.clone())
    }
}
impl From<Map> for Value {
    fn from(m: Map) -> Self {
        Value::Object(Rc::new(m))
    }
}
impl From<&Value> for Value {
    fn from(v: &Value) -> Self {
        v.clone()
    }
}
impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}
impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        Value::Array(iter.into_iter().map(Into::into).collect())
    }
}

/// Writes a [`Value`] like JSON: `value!({"a": 1, "b": [x, (f(y))], "c": {"d": null}})`.
///
/// An expression of more than one token stands in parentheses.
#[macro_export]
macro_rules! value {
    (null) => { $crate::api::value::Value::Null };
    ({ $($key:tt : $value:tt),* $(,)? }) => {{
        let entries = vec![$( ($key.into(), $crate::value!($value)) ),*];
        $crate::api::value::Value::from($crate::api::value::Map::from_entries(entries))
    }};
    ([ $($value:tt),* $(,)? ]) => {
        $crate::api::value::Value::Array(std::rc::Rc::new([$( $crate::value!($value) ),*]))
    };
    ($value:expr) => { $crate::api::value::Value::from($value) };
}

impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(b) => serializer.serialize_bool(*b),
            Value::Int(i) => serializer.serialize_i64(*i),
            Value::Float(f) => serializer.serialize_f64(*f),
            Value::String(s) => serializer.serialize_str(s),
            Value::Array(a) => serializer.collect_seq(a.iter()),
            Value::Object(m) => serializer.collect_map(m.iter()),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> serde::de::Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }
    fn visit_i64<E>(self, i: i64) -> Result<Value, E> {
        Ok(Value::Int(i))
    }
    fn visit_u64<E>(self, u: u64) -> Result<Value, E> {
        Ok(i64::try_from(u).map_or(Value::Float(u as f64), Value::Int))
    }
    fn visit_f64<E>(self, f: f64) -> Result<Value, E> {
        Ok(Value::Float(f))
    }
    fn visit_str<E>(self, s: &str) -> Result<Value, E> {
        Ok(s.into())
    }
    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<Value>()? {
            items.push(item);
        }
        Ok(items.into())
    }
    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry::<EcoString, Value>()? {
            entries.push(entry);
        }
        Ok(Map::from_entries(entries).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_until_written_to() {
        let original = value!({"a": {"b": 1}, "c": [1, "x", null, true]});
        let mut copy = original.clone();
        assert!(copy.is_same(&original));
        copy.set(&["a", "b"], 2);
        assert_eq!(original.path(&["a", "b"]), &Value::Int(1));
        assert!(copy.get("c").is_same(original.get("c")));
    }

    #[test]
    fn absent_fields_read_as_null() {
        let v = value!({"a": {"b": [(1 + 1)]}});
        assert!(v.path(&["a", "x", "y"]).is_null());
        assert_eq!(v.path(&["a", "b"]).at(0), &Value::Int(2));
        assert!(v.at(3).is_null());
    }
}
