//! The API server: the only writer.
//!
//! Models `kube-apiserver`: decoding, defaulting, admission, validation, storage and watch.

pub mod index;
pub mod request;
pub mod storage;
pub mod watch;

use crate::api::object::ObjectKey;
use crate::api::status::Status;
use crate::api::time::Time;
use crate::chance::Choice;

use request::{Request, Response};
use storage::Storage;

/// The API server with its store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ApiServer {
    storage: Storage,
}

/// What the server knows while it handles a request.
pub struct Context<'a> {
    /// The time.
    pub now: Time,
    /// Chance, for uids, name suffixes and allocated addresses.
    pub choice: &'a mut Choice,
}

impl ApiServer {
    /// Carries a request out, or refuses it with a reason.
    pub fn handle(&mut self, context: Context, request: &Request) -> Result<Response, Status> {
        let _ = (context, request);
        Err(Status::new(501, "NotImplemented", "no verbs yet"))
    }

    /// Puts in what a freshly installed cluster holds.
    pub fn bootstrap(&mut self, context: Context) {
        let _ = context;
    }

    /// Drops events whose time to live (one hour) is over.
    pub fn expire_events(&mut self, now: Time) {
        let _ = now;
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
