//! Read access to what the API server holds, as controllers have it.
//!
//! Models `client-go` listers over shared informers, without their lag: watch delivery is what
//! the kernel delays.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::apiserver::storage::Storage;

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

    /// Every object of every kind.
    pub fn everything(self) -> impl Iterator<Item = &'a Object> {
        self.storage.all()
    }
}
