//! How components record events: counted, combined and limited.
//!
//! Models `client-go/tools/record` (EventCorrelator).

use crate::api::object::Object;
use crate::api::status::Status;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::Request;
use crate::chance::Choice;
use crate::client::Lister;

/// What the correlators of all components remember.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventRecorder {}

impl EventRecorder {
    /// The request that writes an event, or none if the limits drop it. `host` is the node of a
    /// kubelet, "" otherwise.
    pub fn record(
        &mut self,
        now: Time,
        choice: &mut Choice,
        component: &str,
        host: &str,
        lister: Lister<'_>,
        record: &Record,
    ) -> Option<Request> {
        let _ = (now, choice, component, host, lister, record);
        None
    }
}

/// An event to record (`record.EventRecorder.Event`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// The object it is about (`involvedObject`), as an object reference.
    pub about: Value,
    /// Whether it is a Warning.
    pub warning: bool,
    /// `SuccessfulCreate`
    pub reason: EcoString,
    /// The sentence.
    pub message: EcoString,
}

impl Record {
    /// A Normal event about `object`.
    pub fn normal(object: &Object, reason: &str, message: String) -> Self {
        let (about, message) = (object_reference(object), message.into());
        Record { about, warning: false, reason: reason.into(), message }
    }

    /// A Warning event about `object`.
    pub fn warning(object: &Object, reason: &str, message: String) -> Self {
        Record { warning: true, ..Self::normal(object, reason, message) }
    }

    /// The same with `{error}` replaced by a refusal's sentence.
    pub fn with_error(mut self, refusal: &Status) -> Self {
        self.message = self.message.replace("{error}", &refusal.message);
        self
    }
}

/// An object reference as events carry it (`ref.GetReference`).
pub fn object_reference(object: &Object) -> Value {
    let mut reference = crate::value!({
        "apiVersion": (object.kind.resource().api_version()),
        "kind": (object.kind.name()),
        "name": (object.name()),
        "uid": (object.uid()),
        "resourceVersion": (object.resource_version()),
    });
    if !object.namespace().is_empty() {
        reference.set(&["namespace"], object.namespace());
    }
    reference
}
