//! Tracking who set which field, and server-side apply.
//!
//! Models `k8s.io/apimachinery/pkg/util/managedfields/internal` (the stack of field managers) and
//! `structured-merge-diff/merge`.
//!
//! # Scope
//! - Events and Leases of the cluster itself carry no owners of fields.
//! - More than ten updaters of one object are not merged into `ancient-changes`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::api::managed_fields::compare::{Comparison, compare};
use crate::api::managed_fields::set::FieldSet;
use crate::api::managed_fields::{Entry, ManagedFields, Manager, Operation, typed};
use crate::api::object::Object;
use crate::api::schema::decoder;
use crate::api::scheme::Kind;
use crate::api::status::{FieldError, Status};
use crate::api::time::Time;
use crate::api::types::normal::normalize;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, Request};

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
const FIELDS: [&str; 2] = ["metadata", "managedFields"];

/// What nobody owns: the identity of an object (`stripMetaManager`).
const UNOWNED: &[&[&str]] = &[
    &["f:apiVersion"],
    &["f:kind"],
    &["f:metadata", "f:name"],
    &["f:metadata", "f:namespace"],
    &["f:metadata", "f:creationTimestamp"],
    &["f:metadata", "f:selfLink"],
    &["f:metadata", "f:uid"],
    &["f:metadata", "f:generation"],
    &["f:metadata", "f:managedFields"],
    &["f:metadata", "f:resourceVersion"],
];

/// A write as field managers see it.
#[derive(Clone, Debug)]
pub struct Write {
    /// Who writes.
    pub manager: EcoString,
    /// Through which subresource, "" for the object itself.
    pub subresource: EcoString,
    /// When.
    pub now: Time,
    /// Whether fields of others are taken over.
    pub force: bool,
    is_tracked: bool,
}

impl Write {
    /// The write that a request makes.
    pub fn of(request: &Request, now: Time) -> Self {
        let manager = match &request.options.field_manager {
            Some(name) if !name.is_empty() => name.clone(),
            _ => request.actor.manager().into(),
        };
        let is_noise = matches!(request.kind(), Kind::Event | Kind::Lease);
        Write {
            manager,
            subresource: request.subresource.clone(),
            now,
            force: request.options.force,
            is_tracked: request.actor == Actor::User || !is_noise,
        }
    }

    fn manager(&self, kind: Kind, operation: Operation) -> Manager {
        Manager {
            name: self.manager.clone(),
            operation,
            api_version: kind.resource().api_version().into(),
            subresource: self.subresource.clone(),
        }
    }

    /// The set without what this write cannot own: identity, and the part of another subresource.
    fn ownable(&self, kind: Kind, set: &FieldSet) -> FieldSet {
        if set.is_empty() {
            return FieldSet::default();
        }
        let mut set = set.clone();
        for path in UNOWNED {
            set = set.without_prefix(path);
        }
        set = set.difference(&FieldSet::of_path(&["f:metadata"]));
        let has_status = kind.resource().subresources.contains(&"status");
        match self.subresource.as_str() {
            "status" => set.without_prefix(&["f:spec"]),
            _ if has_status => set.without_prefix(&["f:status"]),
            _ => set,
        }
    }

    fn compare(&self, kind: Kind, old: &Value, new: &Value) -> Comparison {
        let comparison = compare(kind, old, new);
        Comparison {
            changed: self.ownable(kind, &comparison.changed),
            removed: self.ownable(kind, &comparison.removed),
        }
    }
}

thread_local! {
    // Made once for each kind: the same for every creation.
    static EMPTY: RefCell<BTreeMap<Kind, Value>> = const { RefCell::new(BTreeMap::new()) };
}

/// The object that a new one is compared with: Go's empty struct.
fn empty(kind: Kind) -> Value {
    let make = || {
        let mut value = Object::new(kind, Value::object()).value;
        normalize(kind.name(), &mut value);
        value
    };
    EMPTY.with_borrow_mut(|cache| cache.entry(kind).or_insert_with(make).clone())
}

/// Notes in `object` who set what by writing it in the place of `existing` (`FieldManager.Update`).
pub fn track(write: &Write, existing: Option<&Object>, object: &mut Object) {
    let kind = object.kind;
    let live = existing.map_or_else(|| empty(kind), |existing| existing.value.clone());
    let owned_before = live.path(&FIELDS);
    let mut managed = base(write, owned_before, object.path(&FIELDS));
    if !write.is_tracked || (managed.is_empty() && existing.is_some()) {
        object.value.remove(&FIELDS);
        return;
    }
    let comparison = write.compare(kind, &live, &object.value);
    if comparison.is_same() && object.path(&FIELDS).is_same(owned_before) {
        return;
    }
    take_over(&mut managed, None, &comparison);
    if !comparison.changed.is_empty() {
        let manager = write.manager(kind, Operation::Update);
        let before = managed.get(&manager).map(|entry| entry.fields.clone()).unwrap_or_default();
        let fields = before.union(&comparison.changed);
        managed.put(Entry::new(manager, write.now.rfc3339(), fields));
    }
    set_managed(object, &live, &managed);
}

/// The owners that a write starts from (`decodeLiveOrNew`): the ones it brings along, if any.
fn base(write: &Write, live: &Value, given: &Value) -> ManagedFields {
    let is_reset = matches!(given.items(), [only] if *only == Value::object());
    if is_reset && write.subresource.is_empty() {
        return ManagedFields::default();
    }
    let given = ManagedFields::read(given);
    if given.is_empty() || !write.subresource.is_empty() {
        return ManagedFields::read(live);
    }
    given
}

/// Takes fields that changed or are gone from everybody but `applier`.
fn take_over(managed: &mut ManagedFields, applier: Option<&Manager>, comparison: &Comparison) {
    if comparison.is_same() {
        return;
    }
    for entry in &mut managed.entries {
        if applier.is_none_or(|applier| !applier.is_same(&entry.manager)) {
            let kept = entry.fields.difference(&comparison.changed);
            entry.set_fields(kept.difference(&comparison.removed));
        }
    }
    managed.entries.retain(|entry| !entry.fields.is_empty());
}

fn set_managed(object: &mut Object, live: &Value, managed: &ManagedFields) {
    let list = managed.write();
    if list.items().is_empty() {
        object.value.remove(&FIELDS);
        return;
    }
    // What stays the same is shared with the former version.
    let before = live.path(&FIELDS);
    let list = if *before == list { before.clone() } else { list };
    object.set(&FIELDS, list);
}

/// Notes that `spec.replicas` was set through the scale subresource (`ScaleHandler`): only if
/// somebody owned it before.
pub fn track_scale(write: &Write, existing: &Object, object: &mut Object) {
    const PATH: [&str; 2] = ["f:spec", "f:replicas"];
    let replicas = ["spec", "replicas"];
    if existing.path(&replicas) == object.path(&replicas) {
        return;
    }
    let mut managed = ManagedFields::read(existing.path(&FIELDS));
    if !managed.entries.iter().any(|entry| entry.fields.has(&PATH)) {
        return;
    }
    let changed = FieldSet::of_path(&PATH);
    take_over(&mut managed, None, &Comparison { changed: changed.clone(), ..Default::default() });
    let manager = write.manager(object.kind, Operation::Update);
    managed.put(Entry::new(manager, write.now.rfc3339(), changed));
    set_managed(object, &existing.value, &managed);
}

/// What an apply gives: the object with its owners, decoded.
///
/// Models `LastAppliedUpdater` and `lastAppliedManager` around `Updater.Apply`: kubectl may take
/// back what it applied from the client's side.
pub fn apply(
    write: &Write,
    kind: Kind,
    live: Option<&Object>,
    config: &Value,
) -> Result<Object, Status> {
    if !config.path(&FIELDS).is_null() {
        return Err(Status::bad_request("metadata.managedFields must be nil"));
    }
    check_config(kind, config)?;
    let applied = match merge(write, kind, live, config) {
        Ok(applied) => applied,
        Err(conflicts) if write.manager == "kubectl" => {
            let allowed = live.map(|live| client_side_fields(kind, live)).unwrap_or_default();
            let left = conflicts.without(&allowed);
            if !left.entries.is_empty() {
                return Err(left.into_status());
            }
            let write = Write { force: true, ..write.clone() };
            merge(&write, kind, live, config).map_err(Conflicts::into_status)?
        }
        Err(conflicts) => return Err(conflicts.into_status()),
    };
    let mut object = Object::new(kind, decoded(kind, &applied.value)?);
    let live_value = live.map(|live| live.value.clone()).unwrap_or_default();
    set_managed(&mut object, &live_value, &applied.managed);
    sync_last_applied(write, &mut object, config);
    Ok(object)
}

fn check_config(kind: Kind, config: &Value) -> Result<(), Status> {
    let api_version = kind.resource().api_version();
    let given = config.get("apiVersion").str();
    if given != api_version {
        return Err(Status::bad_request(format!(
            "Incorrect version specified in apply patch. Specified patch version: {given}, \
             expected: {api_version}"
        )));
    }
    typed::check(kind, config).map_err(|error| {
        let text = typed::object_text(kind, config);
        Status::new(500, "", format!("failed to create typed patch object ({text}): {error}"))
    })
}

fn decoded(kind: Kind, value: &Value) -> Result<Value, Status> {
    decoder::decode(kind, value).map(|decoded| decoded.value).map_err(|error| {
        let cause = FieldError::invalid("patch", value, &error);
        Status::invalid("", "", vec![cause])
    })
}

struct Applied {
    value: Value,
    managed: ManagedFields,
}

/// Models `Updater.Apply`.
fn merge(
    write: &Write,
    kind: Kind,
    live: Option<&Object>,
    config: &Value,
) -> Result<Applied, Conflicts> {
    let live_value = live.map_or_else(|| empty(kind), |live| live.value.clone());
    let mut managed = ManagedFields::read(live_value.path(&FIELDS));
    let me = write.manager(kind, Operation::Apply);
    let last = managed.get(&me).cloned();
    let is_known = last.is_some();
    let fields = write.ownable(kind, &typed::field_set(kind, config));
    let time = last.as_ref().map(|entry| entry.time.clone()).unwrap_or_default();
    managed.put(Entry::new(me.clone(), time, fields));
    let mut value = typed::merge(kind, &live_value, config);
    if let Some(last) = last {
        let all = managed.entries.iter().map(|entry| &entry.fields);
        let all = all.fold(FieldSet::default(), |all, fields| all.union(fields));
        value = typed::prune(kind, &value, &last.fields, &all);
    }
    let comparison = write.compare(kind, &live_value, &value);
    let conflicts = Conflicts::between(&managed, &me, &comparison);
    if !write.force && !conflicts.entries.is_empty() {
        return Err(conflicts);
    }
    take_over(&mut managed, Some(&me), &comparison);
    let is_unchanged = live.is_some() && comparison.is_same();
    if is_unchanged {
        value = live_value;
    }
    // Who has applied before keeps the time of the last change.
    if is_unchanged && is_known {
        return Ok(Applied { value, managed });
    }
    if let Some(entry) = managed.entries.iter_mut().find(|entry| entry.manager.is_same(&me)) {
        entry.set_time(write.now.rfc3339());
    }
    Ok(Applied { value, managed })
}

/// Fields that an apply wants to change and that others own.
struct Conflicts {
    entries: Vec<(Manager, FieldSet)>,
}

impl Conflicts {
    fn between(managed: &ManagedFields, me: &Manager, comparison: &Comparison) -> Self {
        let others = managed.entries.iter().filter(|entry| !entry.manager.is_same(me));
        let mut entries: Vec<_> = others
            .map(|entry| (entry.manager.clone(), entry.fields.intersection(&comparison.changed)))
            .filter(|(_, fields)| !fields.is_empty())
            .collect();
        entries.sort_by_key(|(manager, _)| manager.identifier());
        Conflicts { entries }
    }

    fn without(&self, allowed: &FieldSet) -> Conflicts {
        let left = |(manager, fields): &(Manager, FieldSet)| {
            let fields = fields.difference(allowed);
            (!fields.is_empty()).then(|| (manager.clone(), fields))
        };
        Conflicts { entries: self.entries.iter().filter_map(left).collect() }
    }

    /// Models `NewConflictError`.
    fn into_status(self) -> Status {
        let entries: Vec<_> =
            self.entries.iter().map(|(manager, fields)| (manager, fields.paths())).collect();
        let count: usize = entries.iter().map(|(_, paths)| paths.len()).sum();
        let message = match entries.as_slice() {
            [(manager, paths)] if count == 1 => {
                let path = paths.first().map(String::as_str).unwrap_or_default();
                format!("Apply failed with 1 conflict: conflict with {manager}: {path}")
            }
            several => {
                let mut lines = Vec::new();
                for (manager, paths) in several {
                    lines.push(format!("conflicts with {manager}:"));
                    lines.extend(paths.iter().map(|path| format!("- {path}")));
                }
                format!("Apply failed with {count} conflicts: {}", lines.join("\n"))
            }
        };
        Status::new(409, "Conflict", message)
    }
}

/// The fields that kubectl applied from the client's side and nobody has changed since.
fn client_side_fields(kind: Kind, live: &Object) -> FieldSet {
    let Some(text) = live.annotation(LAST_APPLIED) else { return FieldSet::default() };
    let Ok(last) = serde_json::from_str::<Value>(text) else { return FieldSet::default() };
    let difference = compare(kind, &last, &live.value);
    let fields = typed::field_set(kind, &last);
    fields.difference(&difference.changed).difference(&difference.removed)
}

/// Keeps the annotation of client-side apply up to date where there is one.
fn sync_last_applied(write: &Write, object: &mut Object, config: &Value) {
    if write.manager != "kubectl" || object.annotation(LAST_APPLIED).is_none() {
        return;
    }
    let mut config = config.clone();
    config.remove(&["metadata", "annotations", LAST_APPLIED]);
    if config.path(&["metadata", "annotations"]).as_object().is_some_and(|map| map.is_empty()) {
        config.remove(&["metadata", "annotations"]);
    }
    let text = format!("{}\n", crate::api::go::json(&config));
    object.set(&["metadata", "annotations", LAST_APPLIED], text);
}
