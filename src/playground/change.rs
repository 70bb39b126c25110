//! What applying a file would change, as `kubectl diff` finds out.
//!
//! Models `k8s.io/kubectl/pkg/cmd/diff` (`InfoObject.Merged`) on a copy of the cluster.

use crate::api::object::{Object, ObjectKey};
use crate::api::patch;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::api::yaml;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::kubectl::last_applied;
use crate::simulation::cluster::Cluster;

/// How a file differs from what is in the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Fields that applying would change.
    pub changes: usize,
    /// Objects that applying would create.
    pub creations: usize,
    /// Whether it cannot be applied as it stands.
    pub broken: bool,
}

/// The objects of a file as they are and as an apply would leave them, as YAML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// As they are.
    pub before: String,
    /// As they would be.
    pub after: String,
    /// The counts.
    pub comparison: Comparison,
}

/// What nobody writes into a file.
const SERVER_FIELDS: [&[&str]; 6] = [
    &["status"],
    &["metadata", "managedFields"],
    &["metadata", "resourceVersion"],
    &["metadata", "generation"],
    &["metadata", "uid"],
    &["metadata", "creationTimestamp"],
];

/// The objects that a file names, each with its version in the cluster: while these are the same,
/// so is the comparison.
pub fn versions(cluster: &Cluster, keys: &[ObjectKey]) -> Vec<Option<EcoString>> {
    let version = |key| {
        let live = cluster.lister().get(key)?;
        Some(live.metadata().get("resourceVersion").str().into())
    };
    keys.iter().map(version).collect()
}

/// The objects that a file names.
pub fn keys(text: &str) -> Vec<ObjectKey> {
    let (documents, _) = yaml::documents(text);
    let key = |document: &yaml::Document| {
        let value = &document.value;
        let kind = Kind::of_manifest(value.get("apiVersion").str(), value.get("kind").str())?;
        Some(local(kind, value).key())
    };
    documents.iter().filter_map(key).collect()
}

/// Counts what applying `text` would change.
pub fn compare(cluster: &Cluster, text: &str) -> Comparison {
    find(cluster, text, &mut |_, _| ())
}

/// What applying `text` would change.
pub fn change(cluster: &Cluster, text: &str) -> Change {
    let mut change = Change::default();
    change.comparison = find(cluster, text, &mut |live, merged| {
        append(&mut change.before, live);
        append(&mut change.after, merged);
    });
    change
}

fn append(text: &mut String, value: &Value) {
    if value.is_null() {
        return;
    }
    if !text.is_empty() {
        text.push_str("---\n");
    }
    text.push_str(&yaml::write(value));
}

fn find(cluster: &Cluster, text: &str, each: &mut dyn FnMut(&Value, &Value)) -> Comparison {
    let (documents, error) = yaml::documents(text);
    let mut comparison = Comparison { broken: error.is_some(), ..Comparison::default() };
    let mut copy = cluster.clone();
    for value in documents.iter().map(|document| &document.value).filter(|v| !v.is_null()) {
        let kind = Kind::of_manifest(value.get("apiVersion").str(), value.get("kind").str());
        let Some(object) = kind.map(|kind| local(kind, value)) else {
            comparison.broken = true;
            continue;
        };
        let live = cluster.lister().get(&object.key());
        let Some(merged) = merged(&mut copy, &object, live) else {
            comparison.broken = true;
            continue;
        };
        let before = live.map(|live| plain(&live.value)).unwrap_or(Value::Null);
        let after = plain(&merged.value);
        match live {
            None => comparison.creations += 1,
            Some(_) => comparison.changes += differences(&before, &after),
        }
        each(&before, &after);
    }
    comparison
}

fn local(kind: Kind, value: &Value) -> Object {
    let mut object = Object::new(kind, value.clone());
    if kind.resource().namespaced && object.namespace().is_empty() {
        object.set(&["metadata", "namespace"], "default");
    }
    object
}

/// The object as an apply would leave it; the copy keeps it, so that later documents see it.
fn merged(copy: &mut Cluster, local: &Object, live: Option<&Object>) -> Option<Object> {
    let request = match live {
        None => Request::create(Actor::User, local),
        Some(live) => {
            let mut modified = local.value.clone();
            if modified.path(&["metadata", "annotations"]).is_null() {
                modified.set(&["metadata", "annotations"], Value::object());
            }
            let original = last_applied::original(live);
            let patch = patch::three_way(live.kind, &original, &modified, &live.value).ok()?;
            if patch.entries().next().is_none() {
                return Some(live.clone());
            }
            Request::new(Actor::User, live.key(), Verb::Patch(Patch::Strategic(patch)))
        }
    };
    copy.request(&request).ok()?.object
}

fn plain(value: &Value) -> Value {
    let mut value = value.clone();
    for path in SERVER_FIELDS {
        value.remove(path);
    }
    value.remove(&["metadata", "annotations", last_applied::ANNOTATION]);
    if value.path(&["metadata", "annotations"]).entries().next().is_none() {
        value.remove(&["metadata", "annotations"]);
    }
    value
}

/// Fields that are not the same.
fn differences(before: &Value, after: &Value) -> usize {
    match (before, after) {
        (Value::Object(_), Value::Object(_)) => {
            let gone = before.entries().filter(|(key, _)| after.get(key).is_null()).count();
            let other = after.entries().map(|(key, value)| differences(before.get(key), value));
            gone + other.sum::<usize>()
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b.iter()).map(|(a, b)| differences(a, b)).sum()
        }
        (before, after) => usize::from(before != after),
    }
}
