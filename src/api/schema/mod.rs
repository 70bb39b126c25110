//! What is known about the fields of every kind: types, merge keys, list types.
//!
//! Models the struct tags and markers of `k8s.io/api` as the OpenAPI document publishes them. The
//! table beside this file is generated from `k8s-openapi` by the test in `generate.rs`; the API
//! server decodes by it, patches and server-side apply merge by it, kubectl explains by it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::scheme::Kind;

pub mod decoder;
pub mod descriptions;
#[cfg(test)]
mod generate;
mod go_time;

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Type {
    String,
    Bool,
    Int32,
    Int64,
    Double,
    /// Base64 text in JSON.
    Bytes,
    Quantity,
    IntOrString,
    Time,
    MicroTime,
    /// Anything: `runtime.RawExtension`, `FieldsV1`.
    Any,
    /// A struct, by its name in the table.
    Struct(&'static str),
    List(Box<Type>),
    Map(Box<Type>),
}

/// How lists merge in server-side apply (`x-kubernetes-list-type`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListType {
    /// Owned and replaced as a whole.
    Atomic,
    /// A set of scalars.
    Set,
    /// Items are told apart by these fields.
    Map(Vec<&'static str>),
}

/// How strategic merge patch treats a field (`x-kubernetes-patch-strategy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatchStrategy {
    /// Lists are merged, by the merge key or as sets of scalars.
    pub merge: bool,
    /// Fields that the patch does not name are dropped.
    pub retain_keys: bool,
    /// Maps are replaced.
    pub replace: bool,
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// Whether the documentation calls it required.
    pub is_required: bool,
    /// Its type.
    pub field_type: Type,
    /// Go's named type if that is not `field_type`'s: `v1.PullPolicy`, `v1.ResourceList`. For a
    /// list it names the items.
    pub go_name: Option<&'static str>,
    /// How strategic merge patch treats it.
    pub patch_strategy: PatchStrategy,
    /// By what the items of a list are told apart in strategic merge patch.
    pub merge_key: Option<&'static str>,
    /// How a list merges in server-side apply.
    pub list_type: ListType,
    /// Whether server-side apply owns a map as a whole.
    pub is_atomic: bool,
    /// What an absent field counts as where it is part of the key of a list.
    pub default: Option<&'static str>,
}

/// A struct of the API.
#[derive(Clone, Debug)]
pub struct Struct {
    /// `PodSpec`; `EndpointPort@discovery` where two packages have the same name.
    pub name: &'static str,
    /// The Go package: `v1`, `v2`.
    pub package: &'static str,
    /// Whether server-side apply owns it as a whole.
    pub is_atomic: bool,
    /// Its fields, sorted by name.
    pub fields: Vec<Field>,
}

impl Struct {
    /// A field by its name in JSON.
    pub fn field(&self, name: &str) -> Option<&Field> {
        let index = self.fields.binary_search_by(|field| field.name.cmp(name)).ok()?;
        self.fields.get(index)
    }

    /// `PodSpec`, without the mark that tells packages apart.
    pub fn plain_name(&self) -> &'static str {
        self.name.split_once('@').map_or(self.name, |(name, _)| name)
    }

    /// `v1.PodSpec`
    pub fn go_name(&self) -> String {
        format!("{}.{}", self.package, self.plain_name())
    }
}

impl Field {
    /// The type of the items of a list or the values of a map; else its own.
    pub fn inner_type(&self) -> &Type {
        match &self.field_type {
            Type::List(inner) | Type::Map(inner) => inner,
            other => other,
        }
    }

    /// Go's name of the field's type: `[]v1.Container`, `v1.PullPolicy`, `map[string]string`.
    pub fn go_type(&self) -> String {
        match (&self.field_type, self.go_name) {
            (Type::List(_), Some(name)) => format!("[]{name}"),
            (_, Some(name)) => name.into(),
            (field_type, None) => field_type.go_type(),
        }
    }

    /// Go's name of the type of the items of a list or the values of a map.
    pub fn inner_go_type(&self) -> String {
        match (&self.field_type, self.go_name) {
            (Type::List(_), Some(name)) => name.into(),
            _ => self.inner_type().go_type(),
        }
    }
}

impl Type {
    /// Go's name of the type.
    pub fn go_type(&self) -> String {
        match self {
            Type::String | Type::Time | Type::MicroTime => "string".into(),
            Type::Bool => "bool".into(),
            Type::Int32 | Type::IntOrString => "int32".into(),
            Type::Int64 => "int64".into(),
            Type::Double => "float64".into(),
            Type::Bytes => "[]uint8".into(),
            Type::Quantity => "resource.Quantity".into(),
            Type::Any => "runtime.RawExtension".into(),
            Type::Struct(name) => find(name).map_or_else(|| (*name).into(), Struct::go_name),
            Type::List(inner) => format!("[]{}", inner.go_type()),
            Type::Map(inner) => format!("map[string]{}", inner.go_type()),
        }
    }

    /// The struct that it is, if it is one.
    pub fn as_struct(&self) -> Option<&'static Struct> {
        match self {
            Type::Struct(name) => find(name),
            _ => None,
        }
    }
}

/// The struct with this name.
pub fn find(name: &str) -> Option<&'static Struct> {
    table().get(name)
}

/// The struct of a kind.
pub fn of_kind(kind: Kind) -> Option<&'static Struct> {
    find(kind.name())
}

/// The type of a kind's objects.
pub fn kind_type(kind: Kind) -> Option<&'static Type> {
    static TYPES: OnceLock<BTreeMap<Kind, Type>> = OnceLock::new();
    let types = TYPES.get_or_init(|| {
        let kinds = super::scheme::RESOURCES.iter();
        kinds.map(|resource| (resource.kind, Type::Struct(resource.name))).collect()
    });
    types.get(&kind)
}

/// The field at the end of a path of names; maps and lists are looked through.
pub fn field_at(kind: Kind, path: &[&str]) -> Option<&'static Field> {
    let (last, parents) = path.split_last()?;
    let mut current = of_kind(kind)?;
    for name in parents {
        current = current.field(name)?.inner_type().as_struct()?;
    }
    current.field(last)
}

fn table() -> &'static BTreeMap<&'static str, Struct> {
    static TABLE: OnceLock<BTreeMap<&'static str, Struct>> = OnceLock::new();
    TABLE.get_or_init(|| parse(include_str!("table.txt")))
}

/// Reads the table: a line per struct, `Name [v2] [atomic]`, then a line per field, indented,
/// `name[!] type [word...]`.
fn parse(text: &'static str) -> BTreeMap<&'static str, Struct> {
    let mut structs = BTreeMap::new();
    let mut current: Option<Struct> = None;
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { continue };
        match (&mut current, line.starts_with(' ')) {
            (Some(current), true) => current.fields.push(parse_field(first, words)),
            (_, _) => {
                let words: Vec<&str> = words.collect();
                let package = if words.contains(&"v2") { "v2" } else { "v1" };
                let is_atomic = words.contains(&"atomic");
                let next = Struct { name: first, package, is_atomic, fields: Vec::new() };
                let done = current.replace(next);
                structs.extend(done.map(|done| (done.name, done)));
            }
        }
    }
    structs.extend(current.map(|done| (done.name, done)));
    structs
}

fn parse_field(first: &'static str, words: impl Iterator<Item = &'static str>) -> Field {
    let name = first.trim_end_matches('!');
    let mut field = Field {
        name,
        is_required: name != first,
        field_type: Type::Any,
        go_name: None,
        patch_strategy: PatchStrategy::default(),
        merge_key: None,
        list_type: ListType::Atomic,
        is_atomic: false,
        default: None,
    };
    for word in words {
        match word.split_once('=') {
            Some(("go", name)) => field.go_name = Some(name),
            Some(("patch", strategies)) => {
                field.patch_strategy = PatchStrategy {
                    merge: strategies.contains("merge"),
                    retain_keys: strategies.contains("retainKeys"),
                    replace: strategies.contains("replace"),
                };
            }
            Some(("key", key)) => field.merge_key = Some(key),
            Some(("list", "set")) => field.list_type = ListType::Set,
            Some(("list", keys)) => field.list_type = ListType::Map(keys.split(',').collect()),
            Some(("default", value)) => field.default = Some(value),
            Some(_) => {}
            None if word == "atomic" => field.is_atomic = true,
            None => field.field_type = parse_type(word),
        }
    }
    field
}

fn parse_type(word: &'static str) -> Type {
    if let Some(inner) = word.strip_prefix("[]") {
        return Type::List(Box::new(parse_type(inner)));
    }
    if let Some(inner) = word.strip_prefix("{}") {
        return Type::Map(Box::new(parse_type(inner)));
    }
    match word {
        "string" => Type::String,
        "bool" => Type::Bool,
        "int32" => Type::Int32,
        "int64" => Type::Int64,
        "double" => Type::Double,
        "bytes" => Type::Bytes,
        "Quantity" => Type::Quantity,
        "IntOrString" => Type::IntOrString,
        "Time" => Type::Time,
        "MicroTime" => Type::MicroTime,
        "any" => Type::Any,
        name => Type::Struct(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scheme::RESOURCES;

    #[test]
    fn every_stored_kind_is_there_down_to_the_leaves() {
        for resource in RESOURCES {
            assert!(of_kind(resource.kind).is_some(), "{}", resource.name);
        }
        for found in table().values() {
            let sorted = found.fields.windows(2).all(|pair| pair[0].name < pair[1].name);
            assert!(sorted, "{} is not sorted", found.name);
            for field in &found.fields {
                if let Type::Struct(name) = field.inner_type() {
                    assert!(find(name).is_some(), "{}.{}: {name}", found.name, field.name);
                }
            }
        }
    }

    #[test]
    fn fields_have_their_go_types() {
        let go_type = |path: &[&str]| {
            field_at(Kind::StatefulSet, path).map(Field::go_type).unwrap_or_default()
        };
        assert_eq!(go_type(&["spec", "replicas"]), "int32");
        let containers = ["spec", "template", "spec", "containers"];
        assert_eq!(go_type(&containers), "[]v1.Container");
        let field = field_at(Kind::StatefulSet, &containers).expect("it is there");
        assert_eq!(field.merge_key, Some("name"));
        assert_eq!(field.list_type, ListType::Map(vec!["name"]));
        assert_eq!(go_type(&["spec", "selector", "matchLabels"]), "map[string]string");
        assert_eq!(go_type(&["spec", "podManagementPolicy"]), "v1.PodManagementPolicyType");
        assert_eq!(go_type(&["spec", "template", "spec", "restartPolicy"]), "v1.RestartPolicy");
        let modes = ["spec", "volumeClaimTemplates", "spec", "accessModes"];
        assert_eq!(go_type(&modes), "[]v1.PersistentVolumeAccessMode");
    }
}
