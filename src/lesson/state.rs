//! The objects of a cluster between two writes.

use imbl::OrdMap;

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::value::EcoString;
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::shell::session::Session;

/// All objects at an instant. The store itself only knows the latest one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    objects: OrdMap<ObjectKey, Object>,
}

impl State {
    /// The objects of a session as they are.
    pub fn of(session: &Session) -> State {
        let all = session.cluster().lister().everything();
        State { objects: all.map(|object| (object.key(), object.clone())).collect() }
    }

    /// Takes a write in.
    pub fn apply(&mut self, change: &WatchEvent) {
        match change.event_type {
            WatchEventType::Deleted => self.objects.remove(&change.key),
            _ => self.objects.insert(change.key.clone(), change.object.clone()),
        };
    }

    /// An object.
    pub fn get(&self, key: &ObjectKey) -> Option<&Object> {
        self.objects.get(key)
    }

    /// The objects of a kind in a namespace, by name.
    pub fn list<'a>(
        &'a self,
        kind: Kind,
        namespace: &'a str,
    ) -> impl Iterator<Item = &'a Object> + 'a {
        let first = ObjectKey::new(kind, namespace, EcoString::new());
        self.objects
            .range(first..)
            .take_while(move |(key, _)| key.kind == kind && key.namespace == namespace)
            .map(|(_, object)| object)
    }
}
