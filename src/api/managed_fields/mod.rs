//! Who set which field: `metadata.managedFields`.
//!
//! Models `sigs.k8s.io/structured-merge-diff` and `k8s.io/apimachinery/pkg/util/managedfields`.
//! A set of fields is kept as the API shows it (`fieldsV1`), as a tree of maps, so that sets
//! share what they have in common.
//!
//! # Scope
//! - Nulls in an applied configuration count as absent.

pub mod compare;
pub mod set;
pub mod typed;
mod upgrade;

pub use upgrade::{LAST_APPLIED, upgrade_patch};

use super::schema::{self, Field, ListType, Struct, Type};
use super::value::{EcoString, Map, Value};
use set::FieldSet;

/// How a manager wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Server-side apply.
    Apply,
    /// Everything else.
    Update,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Operation::Apply => "Apply",
            Operation::Update => "Update",
        }
    }
}

/// Who wrote: what tells the entries of `managedFields` apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manager {
    /// `kubectl`
    pub name: EcoString,
    /// How it wrote.
    pub operation: Operation,
    /// The version of the API through which it wrote.
    pub api_version: EcoString,
    /// Through which subresource, "" for the object itself.
    pub subresource: EcoString,
}

impl Manager {
    /// Whether both are the same; an applier is, whatever version it applied.
    pub fn is_same(&self, other: &Manager) -> bool {
        self.name == other.name
            && self.operation == other.operation
            && self.subresource == other.subresource
            && (self.operation == Operation::Apply || self.api_version == other.api_version)
    }

    /// The identifier by which upstream sorts managers in messages.
    pub fn identifier(&self) -> String {
        let version = match self.operation {
            Operation::Apply => String::new(),
            Operation::Update => format!(",\"apiVersion\":\"{}\"", self.api_version),
        };
        let subresource = match self.subresource.as_str() {
            "" => String::new(),
            name => format!(",\"subresource\":\"{name}\""),
        };
        let (name, operation) = (&self.name, self.operation.name());
        format!("{{\"manager\":\"{name}\",\"operation\":\"{operation}\"{version}{subresource}}}")
    }
}

impl std::fmt::Display for Manager {
    /// As conflicts name it: `"kubectl" with subresource "scale" using apps/v1`.
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{:?}", self.name.as_str())?;
        if !self.subresource.is_empty() {
            write!(f, " with subresource {:?}", self.subresource.as_str())?;
        }
        match self.operation {
            Operation::Apply => Ok(()),
            Operation::Update => write!(f, " using {}", self.api_version),
        }
    }
}

/// One entry of `managedFields`.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Who.
    pub manager: Manager,
    /// When, as written; empty if nothing was changed.
    pub time: EcoString,
    /// What.
    pub fields: FieldSet,
    /// The entry as it was read; null if it is a new one.
    raw: Value,
}

impl Entry {
    /// An entry that says that `manager` set these fields then.
    pub fn new(manager: Manager, time: impl Into<EcoString>, fields: FieldSet) -> Self {
        Entry { manager, time: time.into(), fields, raw: Value::Null }
    }

    /// Puts other fields in, unless they are the same.
    pub fn set_fields(&mut self, fields: FieldSet) {
        if !self.fields.is_same(&fields) {
            self.fields = fields;
            self.raw = Value::Null;
        }
    }

    /// Puts another time in.
    pub fn set_time(&mut self, time: impl Into<EcoString>) {
        self.time = time.into();
        self.raw = Value::Null;
    }

    /// Makes it the entry of another manager.
    pub fn set_manager(&mut self, manager: Manager) {
        self.manager = manager;
        self.raw = Value::Null;
    }
}

/// The entries of an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ManagedFields {
    /// In the order in which they are shown once written.
    pub entries: Vec<Entry>,
}

impl ManagedFields {
    /// Reads `metadata.managedFields`; entries that are none are left out.
    pub fn read(list: &Value) -> Self {
        let entries = list.items().iter().filter_map(|entry| {
            let operation = match entry.get("operation").str() {
                "Apply" => Operation::Apply,
                "Update" => Operation::Update,
                _ => return None,
            };
            Some(Entry {
                manager: Manager {
                    name: entry.get("manager").str().into(),
                    operation,
                    api_version: entry.get("apiVersion").str().into(),
                    subresource: entry.get("subresource").str().into(),
                },
                time: entry.get("time").str().into(),
                fields: FieldSet::read(entry.get("fieldsV1")),
                raw: entry.clone(),
            })
        });
        ManagedFields { entries: entries.collect() }
    }

    /// The list to write: appliers first, then by time and name (`sortEncodedManagedFields`).
    pub fn write(&self) -> Value {
        let mut entries: Vec<&Entry> =
            self.entries.iter().filter(|entry| !entry.fields.is_empty()).collect();
        entries.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        entries.into_iter().map(write_entry).collect()
    }

    /// Whether nobody manages anything.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry of a manager.
    pub fn get(&self, manager: &Manager) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.manager.is_same(manager))
    }

    /// Puts what a manager has now in the place of its entry.
    pub fn put(&mut self, entry: Entry) {
        self.entries.retain(|other| !other.manager.is_same(&entry.manager));
        self.entries.push(entry);
    }
}

fn sort_key(entry: &Entry) -> (Operation, &str, &str, &str, &str) {
    let manager = &entry.manager;
    let version = manager.api_version.as_str();
    (manager.operation, &entry.time, &manager.name, version, &manager.subresource)
}

fn write_entry(entry: &Entry) -> Value {
    if !entry.raw.is_null() {
        return entry.raw.clone();
    }
    let manager = &entry.manager;
    let mut value = Map::from_iter([
        ("apiVersion", Value::from(&manager.api_version)),
        ("fieldsType", "FieldsV1".into()),
        ("fieldsV1", entry.fields.to_value()),
        ("manager", (&manager.name).into()),
        ("operation", manager.operation.name().into()),
    ]);
    if !manager.subresource.is_empty() {
        value.insert("subresource", &manager.subresource);
    }
    if !entry.time.is_empty() {
        value.insert("time", &entry.time);
    }
    value.into()
}

/// How server-side apply looks at a field.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Owned as a whole.
    Leaf,
    /// Owned field by field.
    Struct(&'static Struct),
    /// Owned key by key.
    Map(&'static Type),
    /// Items are told apart by these fields.
    Keyed(&'static Type, &'static [&'static str]),
    /// A set of scalars.
    Set,
}

impl Shape {
    fn of_field(field: &'static Field) -> Shape {
        match (&field.field_type, &field.list_type) {
            (Type::List(_), ListType::Set) => Shape::Set,
            (Type::List(inner), ListType::Map(keys)) => Shape::Keyed(inner, keys),
            (Type::List(_), ListType::Atomic) => Shape::Leaf,
            _ if field.is_atomic => Shape::Leaf,
            (field_type, _) => Shape::of_type(field_type),
        }
    }

    fn of_type(field_type: &'static Type) -> Shape {
        match field_type {
            Type::Map(inner) => Shape::Map(inner),
            other => match other.as_struct() {
                Some(found) if !found.is_atomic => Shape::Struct(found),
                _ => Shape::Leaf,
            },
        }
    }

    fn of_kind(kind: super::scheme::Kind) -> Shape {
        schema::of_kind(kind).map_or(Shape::Leaf, Shape::Struct)
    }

    /// The shape of a field of a struct or an entry of a map.
    fn child(self, key: &str) -> Shape {
        match self {
            Shape::Struct(found) => found.field(key).map_or(Shape::Leaf, Shape::of_field),
            Shape::Map(inner) => Shape::of_type(inner),
            _ => Shape::Leaf,
        }
    }

    fn is_map(self) -> bool {
        matches!(self, Shape::Struct(_) | Shape::Map(_))
    }
}

/// What tells an item of a list apart, as `fieldsV1` writes it: `k:{"name":"nginx"}`, `v:"a"`.
fn item_key(shape: Shape, item: &Value) -> Option<EcoString> {
    match shape {
        Shape::Set => Some(format!("v:{}", super::go::json_plain(item)).into()),
        Shape::Keyed(inner, keys) => {
            let found = inner.as_struct();
            let mut key = Map::new();
            for name in keys {
                let field = found.and_then(|found| found.field(name));
                match (item.get(name), field.and_then(|field| field.default)) {
                    (Value::Null, Some(default)) => key.insert(*name, default),
                    (Value::Null, None) if field.is_some_and(|f| f.is_required) => {
                        key.insert(*name, "")
                    }
                    (Value::Null, None) => None,
                    (value, _) => key.insert(*name, value),
                };
            }
            (!key.is_empty()).then(|| format!("k:{}", super::go::json_plain(&key.into())).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
