//! The store behind the API server: objects by key, one revision for every write.
//!
//! Models etcd and `k8s.io/apiserver/pkg/storage/etcd3`. Nothing else mutates objects.

use std::rc::Rc;

use imbl::{OrdMap, Vector};

use super::endpoint_index::EndpointIndex;
use super::feature_gates::{FeatureGates, Gate};
use super::index::PodIndex;
use super::owner_index::OwnerIndex;
use super::request::Actor;
use super::watch::{WatchEvent, WatchEventType};
use crate::api::object::{Object, ObjectKey};
use crate::api::pool;
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::EcoString;

/// Objects and the log of their changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Storage {
    objects: OrdMap<ObjectKey, Object>,
    log: Vector<Rc<WatchEvent>>,
    revision: u64,
    pods: PodIndex,
    owners: OwnerIndex,
    endpoints: EndpointIndex,
    feature_gates: FeatureGates,
}

/// How many changes the log keeps; older ones are forgotten, as etcd compaction does.
pub const LOG_LENGTH_MAX: usize = 20_000;

/// Who writes, when and through which subresource: what the log keeps beside the object.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Whose write it is.
    pub actor: Actor,
    /// When.
    pub now: Time,
    /// Through which subresource, "" for the object itself.
    pub subresource: EcoString,
}

impl Default for Storage {
    fn default() -> Self {
        // A fresh cluster has written some hundred keys before the first learner comes.
        Storage {
            objects: OrdMap::new(),
            log: Vector::new(),
            revision: 300,
            pods: PodIndex::default(),
            owners: OwnerIndex::default(),
            endpoints: EndpointIndex::default(),
            feature_gates: FeatureGates::default(),
        }
    }
}

impl Storage {
    /// The feature gates of the cluster.
    pub fn feature_gates(&self) -> &FeatureGates {
        &self.feature_gates
    }

    /// Opens or closes one of them.
    pub fn set_feature_gate(&mut self, gate: Gate, open: bool) {
        self.feature_gates.set(gate, open);
    }

    /// The revision of the last write.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Pods by node and by claim.
    pub fn pods(&self) -> &PodIndex {
        &self.pods
    }

    /// Objects by owner.
    pub fn owners(&self) -> &OwnerIndex {
        &self.owners
    }

    /// EndpointSlices by the Pods in them.
    pub fn endpoints(&self) -> &EndpointIndex {
        &self.endpoints
    }

    /// The object under `key`.
    pub fn get(&self, key: &ObjectKey) -> Option<&Object> {
        self.objects.get(key)
    }

    /// All objects of a kind, in key order; a namespace of `None` means all of them.
    pub fn list<'a>(
        &'a self,
        kind: Kind,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Object> + 'a {
        let start = ObjectKey::new(kind, namespace.unwrap_or(""), "");
        self.objects
            .range(start..)
            .take_while(move |(key, _)| {
                key.kind == kind && namespace.is_none_or(|n| key.namespace == n)
            })
            .map(|(_, object)| object)
    }

    /// Every object, in key order.
    pub fn all(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    /// Writes `object` under a new resourceVersion and gives it back as stored.
    pub fn put(&mut self, origin: &Origin, mut object: Object) -> Object {
        self.revision += 1;
        object.set(&["metadata", "resourceVersion"], self.revision.to_string());
        let key = object.key();
        let before = self.objects.get(&key);
        object.value = match before {
            Some(before) => pool::settled_beside(&object.value, &before.value),
            None => pool::settled(&object.value),
        };
        let previous = self.objects.insert(key.clone(), object.clone());
        self.pods.changed(previous.as_ref(), Some(&object));
        self.owners.changed(previous.as_ref(), Some(&object));
        self.endpoints.changed(previous.as_ref(), Some(&object));
        let event_type = match previous {
            Some(_) => WatchEventType::Modified,
            None => WatchEventType::Added,
        };
        self.append(origin, event_type, key, object.clone(), previous);
        object
    }

    /// Takes an object out; the deletion has a revision of its own. Gives its last state, which
    /// may be `last` (as changed by the request that deletes it).
    pub fn remove(&mut self, origin: &Origin, mut last: Object) -> Option<Object> {
        let key = last.key();
        let previous = self.objects.remove(&key)?;
        self.pods.changed(Some(&previous), None);
        self.owners.changed(Some(&previous), None);
        self.endpoints.changed(Some(&previous), None);
        self.revision += 1;
        last.set(&["metadata", "resourceVersion"], self.revision.to_string());
        let event_type = WatchEventType::Deleted;
        self.append(origin, event_type, key, last.clone(), Some(previous));
        Some(last)
    }

    fn append(
        &mut self,
        origin: &Origin,
        event_type: WatchEventType,
        key: ObjectKey,
        object: Object,
        previous: Option<Object>,
    ) {
        self.log.push_back(Rc::new(WatchEvent {
            revision: self.revision,
            time: origin.now,
            actor: origin.actor.clone(),
            event_type,
            key,
            object,
            previous,
            subresource: origin.subresource.clone(),
        }));
        while self.log.len() > LOG_LENGTH_MAX {
            self.log.pop_front();
        }
    }

    /// What would be there without these objects; nothing is logged.
    pub fn without(&self, keys: &[ObjectKey]) -> Storage {
        let mut storage = self.clone();
        for key in keys {
            if let Some(object) = storage.objects.remove(key) {
                storage.pods.changed(Some(&object), None);
            }
        }
        storage
    }

    /// The changes of one object that are still in the log, newest first.
    pub fn changes_of<'a>(
        &'a self,
        key: &'a ObjectKey,
    ) -> impl Iterator<Item = &'a WatchEvent> + 'a {
        self.log.iter().rev().map(Rc::as_ref).filter(move |event| &event.key == key)
    }

    /// The changes after `revision`, oldest first.
    pub fn events_since(&self, revision: u64) -> impl Iterator<Item = &WatchEvent> {
        self.shared_since(revision).map(Rc::as_ref)
    }

    /// The same, to be kept at little cost.
    pub fn shared_since(&self, revision: u64) -> impl Iterator<Item = &Rc<WatchEvent>> {
        // Every write raises the revision by one, so the position follows from it.
        let missing = self.revision.saturating_sub(revision) as usize;
        let start = self.log.len().saturating_sub(missing);
        (start..self.log.len()).filter_map(|index| self.log.get(index))
    }
}
