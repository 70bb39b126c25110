//! The API server: the only writer.
//!
//! Models `kube-apiserver`: decoding, defaulting, admission, validation, storage and watch.

pub mod admission;
pub mod bootstrap;
pub mod decode;
pub mod endpoint_index;
pub mod feature_gates;
pub mod index;
pub mod managed_fields;
pub mod owner_index;
pub mod patch;
pub mod pod_group;
pub mod registry;
pub mod request;
pub mod storage;
pub mod watch;

use imbl::OrdMap;

use crate::api::object::ObjectKey;
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::time::{Duration, Time};
use crate::chance::Choice;

use registry::Handler;
use request::{Actor, Request, Response};
use storage::{Origin, Storage};

/// The API server with its store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ApiServer {
    storage: Storage,
    // When each Event expires; etcd does the same with leases.
    expiries: OrdMap<(Time, ObjectKey), ()>,
    // The last time in it of each Event.
    last_expiries: OrdMap<ObjectKey, Time>,
}

/// What the server knows while it handles a request.
pub struct Context<'a> {
    /// The time.
    pub now: Time,
    /// Chance, for uids, name suffixes and allocated addresses.
    pub choice: &'a mut Choice,
}

/// How long an Event is kept after its last write (`--event-ttl`).
pub const EVENT_TTL: Duration = Duration::from_secs(3600);

impl ApiServer {
    /// Carries a request out, or refuses it with a reason.
    pub fn handle(&mut self, context: Context, request: &Request) -> Result<Response, Status> {
        self.expire_events(context.now);
        let now = context.now;
        let mut handler = Handler::new(&mut self.storage, context, request);
        let response = handler.handle().map_err(|mut status| {
            status.details.warnings = std::mem::take(&mut handler.warnings);
            status
        })?;
        if request.kind() == Kind::Event
            && response.changed
            && let Some(object) = &response.object
        {
            let expiry = now.after(EVENT_TTL);
            self.expiries.insert((expiry, object.key()), ());
            self.last_expiries.insert(object.key(), expiry);
        }
        Ok(response)
    }

    /// Removes Events that nobody has written to for an hour.
    pub fn expire_events(&mut self, now: Time) {
        while let Some(((time, key), ())) = self.expiries.get_min() {
            if *time > now {
                return;
            }
            let (time, key) = (*time, key.clone());
            self.expiries.remove(&(time, key.clone()));
            if self.last_expiries.get(&key).is_some_and(|last| *last > time) {
                continue;
            }
            self.last_expiries.remove(&key);
            if let Some(event) = self.storage.get(&key).cloned() {
                let origin = Origin { actor: Actor::System, now, subresource: "".into() };
                self.storage.remove(&origin, event);
            }
        }
    }

    /// Opens or closes a feature gate, as a restart with other `--feature-gates` does.
    pub fn set_feature_gate(&mut self, gate: feature_gates::Gate, open: bool) {
        self.storage.set_feature_gate(gate, open);
    }

    /// The store, for reading.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Whether an object is there.
    pub fn contains(&self, key: &ObjectKey) -> bool {
        self.storage.get(key).is_some()
    }
}
