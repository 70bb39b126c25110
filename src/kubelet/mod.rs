//! The kubelets: what happens on the nodes.
//!
//! Models `pkg/kubelet`: Pod workers, container runtime, images, probes, volumes, Pod status. They
//! keep runtime state that is not in the API, and act on watch events and timers.

use crate::api::object::ObjectKey;
use crate::api::status::Status;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::apiserver::request::Request;
use crate::apiserver::watch::WatchEvent;
use crate::chance::Choice;
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::client::node::{AttachRequest, ExecRequest, Input, Log, LogRequest, StreamId};
use crate::controller::Reason;

/// The kubelets of all nodes with what their containers and disks hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Kubelets {}

/// What a kubelet may see and do while it handles something.
pub struct Context<'a> {
    /// The time.
    pub now: Time,
    /// Chance.
    pub choice: &'a mut Choice,
    /// The API server's objects.
    pub lister: Lister<'a>,
    /// What it wants done, in order.
    pub out: &'a mut Vec<Output>,
}

/// What a kubelet wants done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    /// A request to the API server, sent at once.
    Request(Request),
    /// An event, recorded by the kubelet of this node.
    Record(EcoString, Record),
    /// A reason for the trace, about an object, from the kubelet of this node.
    Reason(EcoString, ObjectKey, Reason),
    /// A timer to be called back with.
    Timer(Time, Timer),
}

/// What a kubelet waits for; the kernel calls [`Kubelets::timer`] with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timer {
    /// The node.
    pub node: EcoString,
    /// The Pod's uid, "" for the node itself.
    pub pod: EcoString,
}

impl Kubelets {
    /// A change that concerns a node, delivered to its kubelet by the watch.
    pub fn changed(&mut self, context: &mut Context, event: &WatchEvent) {
        let _ = (context, event);
    }

    /// Whether a change is one that some kubelet wants to see.
    pub fn concerns(change: &WatchEvent) -> bool {
        let _ = change;
        false
    }

    /// A node loses its power or gets it back.
    pub fn power(&mut self, context: &mut Context, node: &str, on: bool) {
        let _ = (context, node, on);
    }

    /// A timer has run out.
    pub fn timer(&mut self, context: &mut Context, timer: &Timer) {
        let _ = (context, timer);
    }

    /// A request of the kubelet of `node` was refused.
    pub fn refused(&mut self, context: &mut Context, node: &str, request: &Request, why: &Status) {
        let _ = (context, node, request, why);
    }

    /// Starts a command in a container.
    pub fn exec(
        &mut self,
        context: &mut Context,
        request: &ExecRequest,
    ) -> Result<StreamId, Status> {
        let _ = (context, request);
        Err(Status::new(501, "NotImplemented", "no containers yet"))
    }

    /// Attaches to a container's main process.
    pub fn attach(
        &mut self,
        context: &mut Context,
        request: &AttachRequest,
    ) -> Result<StreamId, Status> {
        let _ = (context, request);
        Err(Status::new(501, "NotImplemented", "no containers yet"))
    }

    /// Hands input over to a stream and takes its output.
    pub fn stream(
        &mut self,
        context: &mut Context,
        id: StreamId,
        input: Input,
    ) -> crate::client::node::Output {
        let _ = (context, id, input);
        Default::default()
    }

    /// Drops a stream.
    pub fn close(&mut self, id: StreamId) {
        let _ = id;
    }

    /// Reads a log.
    pub fn logs(&self, context: &mut Context, request: &LogRequest) -> Result<Log, Status> {
        let _ = (context, request);
        Err(Status::new(501, "NotImplemented", "no containers yet"))
    }
}
