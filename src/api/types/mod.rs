//! The Go structs behind the kinds: names, order and types of their fields.
//!
//! Models `k8s.io/api/<group>/<version>/types.go`, whose internal twins in `pkg/apis` have the
//! same fields in the same order. Sources of volumes that nobody can run here are opaque.
//!
//! The tables are text: `json=Go:type`, `*` a pointer, `?` one that is none inside the server,
//! `[]` a list, `{}` a map, `~` an embedded struct, `!` a field that is written even when it is
//! empty; `wire` types keep their JSON names inside the server, `top` types have metadata.

pub mod internal;
pub mod normal;

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A Go struct.
#[derive(Debug)]
pub struct Struct {
    /// `PodSpec`
    pub name: &'static str,
    /// Whether it looks inside the server as it does outside.
    pub wire: bool,
    /// Its fields in order, those of embedded structs among them.
    pub fields: Vec<Field>,
    /// Positions of the fields, sorted by their JSON names.
    by_json: Vec<usize>,
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub struct Field {
    /// `podIP`
    pub json: &'static str,
    /// `PodIP`
    pub go: String,
    /// How often its type occurs in it.
    pub shape: Shape,
    /// The type of its value, or of its items.
    pub scalar: Scalar,
    /// Whether it is written even when it is empty.
    pub always: bool,
    // The struct of its values, once somebody has asked.
    inner: OnceLock<Option<&'static Struct>>,
}

/// What surrounds the type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `T`
    Plain,
    /// `*T`
    Pointer,
    /// `*T` outside, `T` inside the server.
    Optional,
    /// `[]T`
    List,
    /// `map[string]T`
    Map,
    /// A struct whose fields are those of the struct that it stands in.
    Embedded,
}

/// The types that fields have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Scalar {
    String,
    Int32,
    Int64,
    Bool,
    Quantity,
    IntOrString,
    Time,
    MicroTime,
    Bytes,
    Any,
    Struct(&'static str),
}

impl Struct {
    /// The field with this JSON name.
    pub fn field(&self, json: &str) -> Option<&Field> {
        let found = self.by_json.binary_search_by(|i| self.fields[*i].json.cmp(json));
        found.ok().map(|position| &self.fields[self.by_json[position]])
    }

    /// The fields, sorted by their JSON names.
    pub fn sorted(&self) -> impl Iterator<Item = &Field> {
        self.by_json.iter().filter_map(|position| self.fields.get(*position))
    }
}

impl Field {
    /// A field without a name that is always written.
    fn unnamed(shape: Shape, scalar: Scalar) -> Self {
        let inner = OnceLock::new();
        Field { json: "", go: String::new(), shape, scalar, always: true, inner }
    }

    /// The struct of its value, or of its items.
    pub fn inner(&self) -> Option<&'static Struct> {
        let Scalar::Struct(name) = self.scalar else { return None };
        *self.inner.get_or_init(|| find(name))
    }
}

/// The struct of this name.
pub fn find(name: &str) -> Option<&'static Struct> {
    table().get(name)
}

fn table() -> &'static BTreeMap<&'static str, Struct> {
    static TABLE: OnceLock<BTreeMap<&'static str, Struct>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let texts = [include_str!("meta.txt"), include_str!("core.txt"), include_str!("apps.txt")];
        let mut table: BTreeMap<&'static str, Struct> =
            texts.into_iter().flat_map(paragraphs).map(|p| read_struct(&p)).collect();
        embed(&mut table);
        table
    })
}

// A struct begins at the margin; indented lines go on with it.
fn paragraphs(text: &'static str) -> Vec<Vec<&'static str>> {
    let mut paragraphs: Vec<Vec<&'static str>> = Vec::new();
    for line in text.lines() {
        if !line.starts_with(' ') {
            paragraphs.push(Vec::new());
        }
        if let Some(last) = paragraphs.last_mut() {
            last.extend(line.split_whitespace());
        }
    }
    paragraphs
}

fn read_struct(words: &[&'static str]) -> (&'static str, Struct) {
    let (wire, top, rest) = match words {
        ["wire", rest @ ..] => (true, false, rest),
        ["top", rest @ ..] => (false, true, rest),
        rest => (false, false, rest),
    };
    let (name, fields) = rest.split_first().unwrap_or((&"", &[]));
    let name = name.trim_end_matches(':');
    let mut fields: Vec<Field> = fields.iter().map(|word| read_field(word)).collect();
    if top {
        fields.insert(0, read_field("metadata:ObjectMeta"));
    }
    (name, Struct { name, wire, fields, by_json: Vec::new() })
}

fn read_field(word: &'static str) -> Field {
    let (names, kind) = word.split_once(':').unwrap_or((word, "any"));
    let (json, go) = match names.split_once('=') {
        Some((json, go)) => (json, go.to_owned()),
        None => (names, capitalized(names)),
    };
    let (kind, always) = match kind.strip_suffix('!') {
        Some(kind) => (kind, true),
        None => (kind, false),
    };
    let (shape, kind) = if let Some(kind) = kind.strip_prefix("[]") {
        (Shape::List, kind)
    } else if let Some(kind) = kind.strip_prefix('*') {
        (Shape::Pointer, kind)
    } else if let Some(kind) = kind.strip_prefix('?') {
        (Shape::Optional, kind)
    } else if let Some(kind) = kind.strip_prefix('~') {
        (Shape::Embedded, kind)
    } else if let Some(kind) = kind.strip_prefix('{') {
        (Shape::Map, kind.trim_end_matches('}'))
    } else {
        (Shape::Plain, kind)
    };
    Field { json, go, shape, scalar: read_scalar(kind), always, inner: OnceLock::new() }
}

fn read_scalar(kind: &'static str) -> Scalar {
    match kind {
        "s" => Scalar::String,
        "i32" => Scalar::Int32,
        "i64" => Scalar::Int64,
        "b" => Scalar::Bool,
        "q" => Scalar::Quantity,
        "is" => Scalar::IntOrString,
        "t" => Scalar::Time,
        "mt" => Scalar::MicroTime,
        "y" => Scalar::Bytes,
        "any" => Scalar::Any,
        name => Scalar::Struct(name),
    }
}

fn capitalized(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |c| c.to_ascii_uppercase().to_string() + chars.as_str())
}

// Puts the fields of embedded structs in their places and sorts for the search by JSON name.
fn embed(table: &mut BTreeMap<&'static str, Struct>) {
    let fields: BTreeMap<&'static str, Vec<Field>> =
        table.iter().map(|(name, s)| (*name, s.fields.clone())).collect();
    for found in table.values_mut() {
        let own = std::mem::take(&mut found.fields);
        for field in own {
            match (field.shape, field.scalar) {
                (Shape::Embedded, Scalar::Struct(name)) => {
                    found.fields.extend(fields.get(name).cloned().unwrap_or_default());
                }
                _ => found.fields.push(field),
            }
        }
        found.by_json = (0..found.fields.len()).collect();
        let names: Vec<&str> = found.fields.iter().map(|f| f.json).collect();
        found.by_json.sort_by_key(|i| names[*i]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scheme::RESOURCES;

    #[test]
    fn every_kind_and_every_named_struct_is_there() {
        for resource in RESOURCES {
            assert!(find(resource.name).is_some(), "{}", resource.name);
        }
        for found in table().values() {
            for field in &found.fields {
                if let Scalar::Struct(name) = field.scalar {
                    assert!(find(name).is_some(), "{name} of {}", found.name);
                }
            }
        }
    }

    #[test]
    fn fields_are_found_by_their_json_names() {
        let probe = find("Probe").map(|probe| probe.field("httpGet").map(|f| f.go.as_str()));
        assert_eq!(probe, Some(Some("HTTPGet")));
        assert!(find("Pod").is_some_and(|pod| pod.field("nothing").is_none()));
    }
}
