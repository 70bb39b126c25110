//! How everyone but the API server itself reaches the cluster.
//!
//! Models `k8s.io/client-go`: requests, listers, watches and the node API behind exec and logs.

pub mod event_recorder;
pub mod lister;
pub mod node;

use crate::api::status::Status;
use crate::api::time::Time;
use crate::apiserver::request::{Request, Response};
use crate::apiserver::watch::WatchEvent;

pub use lister::Lister;

/// A connection to a cluster. kubectl knows nothing else of it.
pub trait Client {
    /// The cluster's time, which is also the client's.
    fn now(&self) -> Time;

    /// Makes a request and waits for the answer.
    fn request(&mut self, request: &Request) -> Result<Response, Status>;

    /// The revision of the last write; watches start from it.
    fn revision(&self) -> u64;

    /// The changes after `revision`, oldest first.
    fn events_since(&self, revision: u64) -> Vec<WatchEvent>;

    /// Starts a command in a container; it runs as the cluster's time goes on.
    fn exec(&mut self, request: &node::ExecRequest) -> Result<node::StreamId, Status>;

    /// Attaches to a container's main process.
    fn attach(&mut self, request: &node::AttachRequest) -> Result<node::StreamId, Status>;

    /// Hands input over and takes what came out since the last call.
    fn stream(&mut self, id: node::StreamId, input: node::Input) -> node::Output;

    /// Drops a stream; a command started by exec goes on without it, as in a real cluster.
    fn close(&mut self, id: node::StreamId);

    /// Reads a container's log.
    fn logs(&mut self, request: &node::LogRequest) -> Result<node::Log, Status>;
}
