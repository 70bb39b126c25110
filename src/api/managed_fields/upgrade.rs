//! From client-side apply to server-side apply: what kubectl sends to hand fields over.
//!
//! Models `client-go/util/csaupgrade` and `migrateToSSAIfNecessary` of kubectl apply.

use super::{Entry, ManagedFields, Manager, Operation};
use crate::api::value::Value;
use crate::value;

/// The annotation of client-side apply, as a path in a set of fields.
pub const LAST_APPLIED: [&str; 3] =
    ["f:metadata", "f:annotations", "f:kubectl.kubernetes.io/last-applied-configuration"];

/// The JSON patch that makes appliers named `applier` of those who wrote the annotation of
/// client-side apply into `object`; nothing if there are none.
pub fn upgrade_patch(object: &Value, applier: &str) -> Option<Value> {
    let metadata = object.get("metadata");
    let mut managed = ManagedFields::read(metadata.get("managedFields"));
    let is_client_side = |entry: &Entry| {
        entry.manager.operation == Operation::Update && entry.fields.has(&LAST_APPLIED)
    };
    let names: Vec<_> = managed
        .entries
        .iter()
        .filter(|entry| is_client_side(entry))
        .map(|entry| entry.manager.name.clone())
        .collect();
    if names.is_empty() {
        return None;
    }
    for name in names {
        upgrade(&mut managed, &name, applier);
    }
    let version = metadata.get("resourceVersion");
    // Order matters to nobody: the server sorts anew.
    Some(value!([
        {"op": "replace", "path": "/metadata/managedFields", "value": (managed.write())},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
    ]))
}

/// Unites the entries of a client-side manager into the one of the applier.
fn upgrade(managed: &mut ManagedFields, name: &str, applier: &str) {
    let is_old = |manager: &Manager| {
        manager.name == name
            && manager.operation == Operation::Update
            && manager.subresource.is_empty()
    };
    let is_applier = |manager: &Manager| {
        manager.name == applier
            && manager.operation == Operation::Apply
            && manager.subresource.is_empty()
    };
    let (old, mut kept): (Vec<Entry>, Vec<Entry>) =
        managed.entries.drain(..).partition(|entry| is_old(&entry.manager));
    let mut old = old.into_iter();
    if !kept.iter().any(|entry| is_applier(&entry.manager)) {
        if let Some(mut first) = old.next() {
            let manager = first.manager.clone();
            let operation = Operation::Apply;
            first.set_manager(Manager { name: applier.into(), operation, ..manager });
            kept.push(first);
        }
    }
    if let Some(entry) = kept.iter_mut().find(|entry| is_applier(&entry.manager)) {
        for other in old {
            entry.set_fields(entry.fields.union(&other.fields));
        }
    }
    managed.entries = kept;
}
