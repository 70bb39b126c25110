//! The garbage collector: what becomes of objects whose owners go.
//!
//! Models `pkg/controller/garbagecollector`. Its graph is the store's index of owners. Leaves out
//! owners of kinds that are not stored here: whether they exist cannot be found out, so what they
//! own stays.

use crate::api::object::{Object, ObjectKey, OwnerReference};
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, Patch, Propagation, Request, Verb};
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::controller::reason::GarbageCollectorReason as R;
use crate::controller::{Controller, Decision, OnRefusal, Reason, Step};

const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

/// Deletes what has lost its owners, and lets owners wait for what they own.
pub struct GarbageCollector;

impl Controller for GarbageCollector {
    fn name(&self) -> &'static str {
        "garbage-collector-controller"
    }

    fn actor(&self) -> Actor {
        Actor::Controller(self.name().into())
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        if changed.key.kind == Kind::Event {
            return Vec::new();
        }
        match changed.event_type {
            WatchEventType::Deleted => after_deletion(&changed.object, lister),
            WatchEventType::Added | WatchEventType::Modified => after_write(changed, lister),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, _now: Time) -> Decision {
        let mut work = Work { lister, actor: self.actor(), decision: Decision::default() };
        if let Some(object) = lister.get(key) {
            work.process(object);
        }
        work.decision
    }

    fn latency(&self) -> (u64, u64) {
        (8_000, 20_000)
    }
}

// What an object that is gone owned, and owners that waited for it.
fn after_deletion(object: &Object, lister: Lister) -> Vec<ObjectKey> {
    let dependents = lister.owner_index().dependents(object.uid()).cloned();
    dependents.chain(waiting_owners(object, lister)).collect()
}

fn after_write(changed: &WatchEvent, lister: Lister) -> Vec<ObjectKey> {
    let object = &changed.object;
    let references = |o: &Object| o.metadata().get("ownerReferences").clone();
    let (before, after) = (changed.previous.as_ref().map(references), references(object));
    let mut keys = Vec::new();
    if before.as_ref() != Some(&after) {
        if !after.is_null() {
            keys.push(changed.key.clone());
        }
        // A reference that is gone may have been the last that an owner waited for.
        keys.extend(changed.previous.iter().flat_map(|old| waiting_owners(old, lister)));
    }
    let waits = |o: &Object| is_waiting_for_dependents(o) || is_orphaning(o);
    if waits(object) && !changed.previous.as_ref().is_some_and(waits) {
        keys.push(changed.key.clone());
        keys.extend(lister.owner_index().dependents(object.uid()).cloned());
    }
    keys.sort();
    keys.dedup();
    keys
}

fn waiting_owners(object: &Object, lister: Lister) -> Vec<ObjectKey> {
    let owners = object.owner_references().filter_map(|r| find_owner(r, object, lister));
    owners.filter(|owner| is_waiting_for_dependents(owner)).map(Object::key).collect()
}

/// Whether foreground deletion of an object is under way (`isDeletingDependents`).
fn is_waiting_for_dependents(object: &Object) -> bool {
    object.is_terminating() && object.has_finalizer(FOREGROUND)
}

fn is_orphaning(object: &Object) -> bool {
    object.is_terminating() && object.has_finalizer(ORPHAN)
}

fn find_owner<'a>(
    reference: OwnerReference,
    object: &Object,
    lister: Lister<'a>,
) -> Option<&'a Object> {
    let kind = Kind::of_manifest(reference.api_version(), reference.kind())?;
    let namespace = if kind.resource().namespaced { object.namespace() } else { "" };
    let owner = lister.find(kind, namespace, reference.name())?;
    (owner.uid() == reference.uid()).then_some(owner)
}

fn named(reference: OwnerReference) -> EcoString {
    format!("{}/{}", reference.kind(), reference.name()).into()
}

struct Work<'a> {
    lister: Lister<'a>,
    actor: Actor,
    decision: Decision,
}

impl<'a> Work<'a> {
    fn process(&mut self, object: &'a Object) {
        if is_orphaning(object) {
            self.orphan_dependents(object);
        } else if is_waiting_for_dependents(object) {
            self.process_deleting_dependents(object);
        } else if !object.is_terminating() {
            self.attempt_to_delete(object);
        }
    }

    fn explain(&mut self, object: &Object, reason: R) {
        self.decision.reasons.push((object.key(), Reason::GarbageCollector(reason)));
    }

    /// Models attemptToOrphanWorker and orphanDependents.
    fn orphan_dependents(&mut self, owner: &Object) {
        let mut count = 0;
        for dependent in self.lister.owned_by(owner.uid()) {
            count += 1;
            let uids = [EcoString::from(owner.uid())];
            self.remove_references(dependent, &uids);
            let owner = format!("{}/{}", owner.kind.name(), owner.name()).into();
            self.explain(dependent, R::Orphaned { owner });
        }
        self.remove_finalizer(owner, ORPHAN);
        self.explain(owner, R::OrphaningDone { count });
    }

    fn remove_references(&mut self, object: &Object, uids: &[EcoString]) {
        let removals: Vec<Value> =
            uids.iter().map(|uid| crate::value!({"$patch": "delete", "uid": uid})).collect();
        let patch = crate::value!({"metadata": {
            "ownerReferences": removals,
            "uid": (object.uid()),
        }});
        let verb = Verb::Patch(Patch::Strategic(patch));
        let step = Step::new(Request::new(self.actor.clone(), object.key(), verb));
        self.decision.steps.push(step.or_gone());
    }

    /// Models removeFinalizer: based on the version seen, and tried again if that has changed.
    fn remove_finalizer(&mut self, object: &Object, finalizer: &str) {
        let finalizers = object.metadata().get("finalizers").items().iter();
        let left: Vec<Value> = finalizers.filter(|f| f.str() != finalizer).cloned().collect();
        let patch = crate::value!({"metadata": {
            "resourceVersion": (object.resource_version()),
            "finalizers": left,
        }});
        let verb = Verb::Patch(Patch::Merge(patch));
        let step = Step::new(Request::new(self.actor.clone(), object.key(), verb));
        self.decision.steps.push(step.or_gone());
    }

    /// Models processDeletingDependentsItem.
    fn process_deleting_dependents(&mut self, owner: &Object) {
        let blocks = |object: &&Object| {
            let mut references = object.owner_references();
            references.any(|r| r.uid() == owner.uid() && r.blocks_owner_deletion())
        };
        // One is enough to wait for; looking at all of thousands each time would be too slow.
        match self.lister.owned_by(owner.uid()).find(blocks) {
            Some(first) => {
                let count = self.lister.owner_index().dependent_count(owner.uid());
                self.explain(owner, R::WaitingForDependents { dependent: first.key(), count });
            }
            None => {
                self.remove_finalizer(owner, FOREGROUND);
                self.explain(owner, R::DependentsGone);
            }
        }
    }

    /// Models attemptToDeleteItem.
    fn attempt_to_delete(&mut self, object: &Object) {
        let (mut solid, mut dangling, mut waiting) = (None, Vec::new(), Vec::new());
        for reference in object.owner_references() {
            match find_owner(reference, object, self.lister) {
                Some(owner) if is_waiting_for_dependents(owner) => waiting.push(reference),
                Some(_) => solid = solid.or(Some(reference)),
                None if is_stored_kind(reference) => dangling.push(reference),
                None => solid = solid.or(Some(reference)),
            }
        }
        if let Some(solid) = solid {
            self.remove_stale_references(object, solid, &[dangling, waiting].concat());
            return;
        }
        let Some(gone) = dangling.first().or(waiting.first()).copied() else { return };
        let has_dependents = self.lister.owned_by(object.uid()).next().is_some();
        let propagation = if !waiting.is_empty() && has_dependents {
            Propagation::Foreground
        } else {
            own_propagation(object)
        };
        let reason = match waiting.first() {
            Some(owner) => R::OwnerWaits { owner: named(*owner) },
            None => R::OwnersGone { owner: named(gone) },
        };
        self.explain(object, reason);
        self.delete(object, propagation);
    }

    fn remove_stale_references(
        &mut self,
        object: &Object,
        solid: OwnerReference,
        stale: &[OwnerReference],
    ) {
        if stale.is_empty() {
            return;
        }
        let uids: Vec<EcoString> = stale.iter().map(|r| r.uid().into()).collect();
        self.remove_references(object, &uids);
        self.explain(object, R::StaleReferencesRemoved { owner: named(solid) });
    }

    fn delete(&mut self, object: &Object, propagation: Propagation) {
        let request = Request::delete_propagating(self.actor.clone(), object, propagation);
        // Another uid under the name means that the object is gone as well.
        let gone = OnRefusal::Accept(vec!["NotFound".into(), "Conflict".into()]);
        self.decision.steps.push(Step::new(request).on_refusal(gone));
    }
}

fn is_stored_kind(reference: OwnerReference) -> bool {
    Kind::of_manifest(reference.api_version(), reference.kind()).is_some()
}

// An object that asked for it by a finalizer keeps its own way of going.
fn own_propagation(object: &Object) -> Propagation {
    if object.has_finalizer(ORPHAN) {
        Propagation::Orphan
    } else if object.has_finalizer(FOREGROUND) {
        Propagation::Foreground
    } else {
        Propagation::Background
    }
}
