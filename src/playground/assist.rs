//! Completion and hover in the editor, from the fields that the kinds have.
//!
//! Where a place belongs is read from the indentation alone, so that it is known while a line is
//! being typed and the file cannot be parsed.

mod place;

use serde::Serialize;

use crate::api::schema::{self, Field, Struct, Type, descriptions};
use crate::api::scheme::{Kind, RESOURCES};
use crate::client::Lister;
use crate::kubectl::cmd::explain::{enums, type_name};
use place::{Part, Place};

/// What can be put at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Completions {
    /// Characters before the cursor that are replaced.
    pub replace: usize,
    /// What can stand there.
    pub options: Vec<Choice>,
}

/// One thing that can be put at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// As the list shows it.
    pub label: String,
    /// Its type.
    pub detail: String,
    /// The first sentence about it.
    pub info: String,
    /// `property` or `enum`, by which the list draws a sign.
    pub r#type: &'static str,
    /// What is put in.
    pub insert: String,
    /// Higher ones come first.
    pub boost: i32,
}

/// What is known about the field under the pointer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hover {
    /// `spec.replicas <integer>`
    pub title: String,
    /// What `kubectl explain` says.
    pub text: String,
}

/// Keeps the fields' texts that the page has loaded.
#[cfg(target_arch = "wasm32")]
pub fn install_texts(text: String) {
    descriptions::install(text);
}

/// Whether the fields' texts are there.
pub fn has_texts() -> bool {
    descriptions::installed().is_some()
}

/// The completions at a line and column, counted from 1.
pub fn complete(lister: Lister<'_>, text: &str, line: usize, column: usize) -> Completions {
    let Some(place) = Place::before(text, line, column) else { return Completions::default() };
    let typed = match &place.part {
        Part::Key { typed } | Part::Value { typed, .. } | Part::Item { typed } => typed.clone(),
    };
    let mut options = match &place.part {
        Part::Key { .. } => keys(&place),
        Part::Value { key, .. } => values(lister, &place, key),
        Part::Item { .. } => match (place.path.split_last(), keys(&place)) {
            (Some((key, parents)), keys) if keys.is_empty() => {
                let place = Place { path: parents.to_vec(), ..place };
                values(lister, &place, key)
            }
            (_, keys) => keys,
        },
    };
    options.retain(|option| option.label != typed || option.insert != typed);
    Completions { replace: typed.chars().count(), options }
}

/// What is known about the key or value at a line and column, counted from 1.
pub fn hover(text: &str, line: usize, column: usize) -> Option<Hover> {
    let place = Place::around(text, line, column)?;
    let Part::Value { key, .. } = &place.part else { return None };
    let kind = Kind::of_manifest(&place.api_version, &place.kind)?;
    let owner = owner_of(kind, &place.path)?;
    let field = owner.field(key)?;
    let mut text = descriptions::installed()?.find(owner.name, Some(field.name))?;
    if let Some(values) = enums::values(owner.plain_name(), field.name) {
        text.push_str("\n\nPossible enum values:");
        for (value, meaning) in values {
            text.push_str(&format!("\n - {value:?} {meaning}"));
        }
    }
    let path = place.path.iter().chain([key]).cloned().collect::<Vec<_>>().join(".");
    Some(Hover { title: format!("{path} <{}>", type_name(field)), text })
}

/// The struct whose fields stand at a path.
fn owner_of(kind: Kind, path: &[String]) -> Option<&'static Struct> {
    let mut owner = schema::of_kind(kind)?;
    for name in path {
        owner = struct_in(&owner.field(name)?.field_type)?;
    }
    Some(owner)
}

fn struct_in(field_type: &'static Type) -> Option<&'static Struct> {
    match field_type {
        Type::List(inner) | Type::Map(inner) => struct_in(inner),
        other => other.as_struct(),
    }
}

fn keys(place: &Place) -> Vec<Choice> {
    let Some(kind) = Kind::of_manifest(&place.api_version, &place.kind) else {
        return if place.path.is_empty() { first_keys(place) } else { Vec::new() };
    };
    let Some(owner) = owner_of(kind, &place.path) else { return Vec::new() };
    let is_new = |field: &&Field| !place.siblings.iter().any(|sibling| sibling == field.name);
    let fields = owner.fields.iter().filter(is_new);
    // What only the cluster writes is not for manifests.
    let fields = fields.filter(|field| !(place.path.is_empty() && field.name == "status"));
    fields.map(|field| key_choice(owner, field, place.column)).collect()
}

fn key_choice(owner: &'static Struct, field: &'static Field, column: usize) -> Choice {
    let deeper = " ".repeat(column + 2);
    let insert = match &field.field_type {
        Type::List(inner) if struct_in(inner).is_some() => {
            format!("{}:\n{}- ", field.name, " ".repeat(column))
        }
        Type::List(_) => format!("{}:\n{}- ", field.name, " ".repeat(column)),
        Type::Struct(_) | Type::Map(_) => format!("{}:\n{deeper}", field.name),
        _ => format!("{}: ", field.name),
    };
    Choice {
        label: field.name.into(),
        detail: type_name(field),
        info: first_sentence(owner.name, Some(field.name)),
        r#type: "property",
        insert,
        boost: i32::from(field.is_required),
    }
}

/// Before the kind is known, its two fields lead on.
fn first_keys(place: &Place) -> Vec<Choice> {
    let wanted = ["apiVersion", "kind"].into_iter();
    let missing = wanted.filter(|key| !place.siblings.iter().any(|sibling| sibling == key));
    missing.map(|key| choice(key, "string", format!("{key}: "), "property")).collect()
}

fn choice(label: &str, detail: &str, insert: String, sign: &'static str) -> Choice {
    let (label, detail) = (label.into(), detail.into());
    Choice { label, detail, info: String::new(), r#type: sign, insert, boost: 0 }
}

fn first_sentence(name: &str, field: Option<&str>) -> String {
    let text = descriptions::installed().and_then(|texts| texts.find(name, field));
    let text = text.unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let end = line.find(". ").map_or(line.len(), |end| end + 1);
    line.get(..end).unwrap_or_default().into()
}

const ACCESS_MODES: &[&str] =
    &["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"];

/// Fields whose values the API server checks, though the OpenAPI document does not list them.
const CHECKED: &[(&str, &str, &[&str])] = &[
    ("PersistentVolumeClaimSpec", "accessModes", ACCESS_MODES),
    ("PersistentVolumeSpec", "accessModes", ACCESS_MODES),
    ("PersistentVolumeSpec", "persistentVolumeReclaimPolicy", &["Delete", "Recycle", "Retain"]),
    ("StatefulSetPersistentVolumeClaimRetentionPolicy", "whenDeleted", &["Delete", "Retain"]),
    ("StatefulSetPersistentVolumeClaimRetentionPolicy", "whenScaled", &["Delete", "Retain"]),
    ("StorageClass", "reclaimPolicy", &["Delete", "Retain"]),
    ("StorageClass", "volumeBindingMode", &["Immediate", "WaitForFirstConsumer"]),
    ("LabelSelectorRequirement", "operator", &["DoesNotExist", "Exists", "In", "NotIn"]),
    ("ServiceSpec", "clusterIP", &["None"]),
];

fn values(lister: Lister<'_>, place: &Place, key: &str) -> Vec<Choice> {
    if place.path.is_empty() && matches!(key, "kind" | "apiVersion") {
        return kinds(place, key);
    }
    let found = Kind::of_manifest(&place.api_version, &place.kind)
        .and_then(|kind| owner_of(kind, &place.path));
    let Some((owner, field)) = found.and_then(|owner| Some((owner, owner.field(key)?))) else {
        return Vec::new();
    };
    if let Some(values) = enums::values(owner.plain_name(), key) {
        let choices = values.iter().map(|(value, meaning)| Choice {
            info: (*meaning).into(),
            ..choice(value, "", (*value).into(), "enum")
        });
        return choices.collect();
    }
    let known = CHECKED.iter().find(|(o, f, _)| *o == owner.plain_name() && *f == key);
    if let Some((_, _, values)) = known {
        return values.iter().map(|v| choice(v, "", (*v).into(), "enum")).collect();
    }
    if field.field_type == Type::Bool {
        return ["false", "true"].map(|v| choice(v, "boolean", v.into(), "enum")).to_vec();
    }
    let named = match key {
        "storageClassName" => Kind::StorageClass,
        "serviceName" => Kind::Service,
        "nodeName" => Kind::Node,
        "claimName" => Kind::PersistentVolumeClaim,
        _ => return Vec::new(),
    };
    let objects = lister.all(named).filter(|object| object.namespace() != "kube-system");
    objects.map(|o| choice(o.name(), named.name(), o.name().into(), "enum")).collect()
}

/// Values of the two fields that name the kind; each narrows the other.
fn kinds(place: &Place, key: &str) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for resource in RESOURCES {
        let version = resource.api_version();
        let (value, detail, fits) = match key {
            "kind" => {
                let fits = place.api_version.is_empty() || place.api_version == version;
                (resource.name.to_string(), version, fits)
            }
            _ => {
                let fits = place.kind.is_empty() || place.kind == resource.name;
                (version, String::new(), fits)
            }
        };
        if fits && !choices.iter().any(|choice| choice.label == value) {
            let info = if key == "kind" { first_sentence(resource.name, None) } else { "".into() };
            choices.push(Choice { info, ..choice(&value, &detail, value.clone(), "enum") });
        }
    }
    choices
}
