//! Objects by owner, and the Pods of each controller summed up.
//!
//! Models the garbage collector's graph (`pkg/controller/garbagecollector/graph.go`) and the
//! indexer of Pods by controller that client-go informers have.

use imbl::{OrdMap, OrdSet};

use super::pod_group::{self, PodGroup};
use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::value::EcoString;

/// Who owns what; follows from the objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OwnerIndex {
    // By uid of the owner.
    dependents: OrdMap<EcoString, OrdSet<ObjectKey>>,
    groups: OrdMap<EcoString, OrdMap<EcoString, PodGroup>>,
    // Pods without a controller, by namespace.
    orphans: OrdMap<EcoString, OrdSet<EcoString>>,
    // Claims with any owner, by namespace.
    owned_claims: OrdMap<EcoString, u32>,
}

impl OwnerIndex {
    /// Takes a write in.
    pub fn changed(&mut self, before: Option<&Object>, after: Option<&Object>) {
        if let (Some(before), Some(after)) = (before, after)
            && is_alike(before, after)
        {
            return;
        }
        if let Some(object) = before {
            self.remove(object);
        }
        if let Some(object) = after {
            self.insert(object);
        }
    }

    /// The objects that have an owner of this uid, in key order.
    pub fn dependents(&self, uid: &str) -> impl Iterator<Item = &ObjectKey> {
        self.dependents.get(uid).into_iter().flatten()
    }

    /// How many objects have an owner of this uid.
    pub fn dependent_count(&self, uid: &str) -> u32 {
        self.dependents.get(uid).map_or(0, |keys| keys.len() as u32)
    }

    /// The Pods of the controller of this uid.
    pub fn pods_of(&self, namespace: &str, uid: &str) -> Option<&PodGroup> {
        self.groups.get(namespace)?.get(uid)
    }

    /// The groups of Pods of all controllers in a namespace, by uid.
    pub fn groups(&self, namespace: &str) -> impl Iterator<Item = (&EcoString, &PodGroup)> {
        self.groups.get(namespace).into_iter().flatten()
    }

    /// Names of the Pods without controller in a namespace.
    pub fn orphans(&self, namespace: &str) -> impl Iterator<Item = &EcoString> {
        self.orphans.get(namespace).into_iter().flatten()
    }

    /// Whether any claim in a namespace has an owner.
    pub fn has_owned_claims(&self, namespace: &str) -> bool {
        self.owned_claims.get(namespace).is_some_and(|count| *count > 0)
    }

    fn insert(&mut self, object: &Object) {
        let key = object.key();
        for owner in object.owner_references() {
            self.dependents.entry(owner.uid().into()).or_default().insert(key.clone());
        }
        match object.kind {
            Kind::PersistentVolumeClaim => self.count_claim(object, 1),
            Kind::Pod => self.insert_pod(object),
            _ => {}
        }
    }

    fn remove(&mut self, object: &Object) {
        let key = object.key();
        for owner in object.owner_references() {
            if let Some(keys) = self.dependents.get_mut(owner.uid()) {
                keys.remove(&key);
                if keys.is_empty() {
                    self.dependents.remove(owner.uid());
                }
            }
        }
        match object.kind {
            Kind::PersistentVolumeClaim => self.count_claim(object, -1),
            Kind::Pod => self.remove_pod(object),
            _ => {}
        }
    }

    fn count_claim(&mut self, claim: &Object, by: i32) {
        if claim.owner_references().next().is_some() {
            let count = self.owned_claims.entry(claim.namespace().into()).or_default();
            *count = count.saturating_add_signed(by);
            if *count == 0 {
                self.owned_claims.remove(claim.namespace());
            }
        }
    }

    fn insert_pod(&mut self, pod: &Object) {
        let namespace = pod.namespace();
        match pod.controller() {
            Some(owner) => {
                let groups = self.groups.entry(namespace.into()).or_default();
                groups.entry(owner.uid().into()).or_default().insert(pod);
            }
            None => {
                self.orphans.entry(namespace.into()).or_default().insert(pod.name().into());
            }
        }
    }

    fn remove_pod(&mut self, pod: &Object) {
        let namespace = pod.namespace();
        match pod.controller() {
            Some(owner) => self.remove_from_group(namespace, owner.uid(), pod),
            None => {
                if let Some(names) = self.orphans.get_mut(namespace) {
                    names.remove(pod.name());
                    if names.is_empty() {
                        self.orphans.remove(namespace);
                    }
                }
            }
        }
    }

    fn remove_from_group(&mut self, namespace: &str, uid: &str, pod: &Object) {
        let Some(groups) = self.groups.get_mut(namespace) else { return };
        let Some(group) = groups.get_mut(uid) else { return };
        group.remove(pod);
        if group.count == 0 {
            groups.remove(uid);
        }
        if groups.is_empty() {
            self.groups.remove(namespace);
        }
    }
}

// Whether two versions of an object come to the same here.
fn is_alike(before: &Object, after: &Object) -> bool {
    let owners = |object: &Object| object.metadata().get("ownerReferences").clone();
    before.kind == after.kind
        && owners(before) == owners(after)
        && (before.kind != Kind::Pod || pod_group::is_alike(before, after))
}
