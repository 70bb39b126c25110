//! What changed: the watch cache.
//!
//! Models `k8s.io/apimachinery/pkg/watch` and the API server's watch cache. Every write is one
//! event; the log is also what the page's time bar and the trace are drawn from.

use super::request::Actor;
use crate::api::object::{Object, ObjectKey};
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
