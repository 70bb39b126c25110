//! What changed: the watch cache.
//!
//! Models `k8s.io/apimachinery/pkg/watch` and the API server's watch cache. Every write is one
//! event; the log is also what the page's time bar and the trace are drawn from.

use super::request::Actor;
use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::EcoString;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WatchEventType {
    /// It came into being.
    Added,
    /// It changed.
    Modified,
    /// It is gone; the event carries its last state.
    Deleted,
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WatchEvent {
    /// The store's revision after it: unique and growing.
    pub revision: u64,
    /// When.
    pub time: Time,
    /// Whose write it was.
    pub actor: Actor,
    /// What happened.
    pub event_type: WatchEventType,
    /// To which object.
    pub key: ObjectKey,
    /// The object after the write (its last state if it was deleted).
    pub object: Object,
    /// The object before it.
    pub previous: Option<Object>,
    /// Subresource of the write, "" for the object itself.
    pub subresource: EcoString,
}

impl WatchEvent {
    /// An object as the first listing of an informer brings it.
    pub fn listed(object: &Object, now: Time) -> Self {
        WatchEvent {
            revision: 0,
            time: now,
            actor: Actor::System,
            event_type: WatchEventType::Added,
            key: object.key(),
            object: object.clone(),
            previous: None,
            subresource: EcoString::new(),
        }
    }

    /// Whether it is more than an event or a node's heartbeat.
    pub fn is_substantial(&self) -> bool {
        match self.key.kind {
            Kind::Event | Kind::Lease => false,
            Kind::Node => !matches!(self.actor, Actor::Kubelet(_)),
            _ => true,
        }
    }
}
