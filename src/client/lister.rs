//! Read access to what the API server holds, as controllers have it.
//!
//! Models `client-go` listers over shared informers, without their lag: watch delivery is what
//! the kernel delays.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::apiserver::feature_gates::Gate;
use crate::apiserver::storage::Storage;
use crate::apiserver::watch::WatchEvent;

/// A read-only view of all objects.
#[derive(Clone, Copy)]
pub struct Lister<'a> {
    storage: &'a Storage,
}

impl<'a> Lister<'a> {
    /// A view of `storage`.
    pub fn new(storage: &'a Storage) -> Self {
        Lister { storage }
    }

    /// The object under `key`.
    pub fn get(self, key: &ObjectKey) -> Option<&'a Object> {
        self.storage.get(key)
    }

    /// The object of this kind, namespace ("" for cluster scope) and name.
    pub fn find(self, kind: Kind, namespace: &str, name: &str) -> Option<&'a Object> {
        self.storage.get(&ObjectKey::new(kind, namespace, name))
    }

    /// All objects of a kind in a namespace, sorted by name.
    pub fn in_namespace(self, kind: Kind, namespace: &'a str) -> impl Iterator<Item = &'a Object> {
        self.storage.list(kind, Some(namespace))
    }

    /// All objects of a kind, sorted by namespace and name.
    pub fn all(self, kind: Kind) -> impl Iterator<Item = &'a Object> {
        self.storage.list(kind, None)
    }

    /// Whether a feature gate of the cluster is open.
    pub fn feature_enabled(self, gate: Gate) -> bool {
        self.storage.feature_gates().enabled(gate)
    }

    /// Pods by node and by claim.
    pub fn pod_index(self) -> &'a crate::apiserver::index::PodIndex {
        self.storage.pods()
    }

    /// The Pods on a node, "" for those that have none yet.
    pub fn pods_on_node(self, node: &str) -> impl Iterator<Item = &'a Object> {
        let pods = self.storage.pods().on_node(node);
        pods.into_iter().flat_map(|node| node.pods.iter()).filter_map(move |key| self.get(key))
    }

    /// The Pods that use a claim, whether scheduled or not.
    pub fn pods_of_claim(self, namespace: &str, claim: &str) -> impl Iterator<Item = &'a Object> {
        let keys: Vec<_> = self.storage.pods().of_claim(namespace, claim).collect();
        keys.into_iter().filter_map(move |key| self.get(key))
    }

    /// The EndpointSlices in which a Pod is.
    pub fn slices_with(self, namespace: &'a str, pod: &str) -> impl Iterator<Item = &'a Object> {
        let names = self.storage.endpoints().slices_with(namespace, pod);
        names.filter_map(move |name| self.find(Kind::EndpointSlice, namespace, name))
    }

    /// How many endpoints the slices of a Service hold.
    pub fn endpoint_count(self, namespace: &str, service: &str) -> usize {
        self.storage.endpoints().count(namespace, service)
    }

    /// The slices of a Service that hold fewer endpoints than `limit`, by name.
    pub fn slices_with_room(
        self,
        namespace: &'a str,
        service: &str,
        limit: usize,
    ) -> impl Iterator<Item = &'a Object> {
        let sizes = self.storage.endpoints().sizes(namespace, service);
        let names = sizes.filter(move |(_, size)| *size < limit).map(|(name, _)| name);
        names.filter_map(move |name| self.find(Kind::EndpointSlice, namespace, name))
    }

    /// Objects by owner.
    pub fn owner_index(self) -> &'a crate::apiserver::owner_index::OwnerIndex {
        self.storage.owners()
    }

    /// The objects that have an owner of this uid, in key order.
    pub fn owned_by(self, uid: &str) -> impl Iterator<Item = &'a Object> {
        let keys = self.storage.owners().dependents(uid);
        keys.filter_map(move |key| self.get(key))
    }

    /// What would be there without these objects.
    pub fn without(self, keys: &[ObjectKey]) -> Storage {
        self.storage.without(keys)
    }

    /// When `holds` became true of an object, if that is not too long ago: what a controller
    /// that watches remembers.
    pub fn true_since(self, key: &ObjectKey, holds: impl Fn(&Object) -> bool) -> Option<Time> {
        let mut changes = self.storage.changes_of(key);
        let began = |change: &&WatchEvent| !change.previous.as_ref().is_some_and(&holds);
        changes.find(began).map(|change| change.time)
    }

    /// Every object of every kind.
    pub fn everything(self) -> impl Iterator<Item = &'a Object> {
        self.storage.all()
    }
}
