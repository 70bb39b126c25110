//! The kubelets: what happens on the nodes.
//!
//! Models `pkg/kubelet`: Pod workers, container runtime, images, probes, volumes, Pod status. They
//! keep runtime state that is not in the API, and act on watch events and timers.

pub mod admit;
pub mod ask;
pub mod condition;
pub mod container;
pub mod content;
pub mod disks;
pub mod env;
pub mod exec;
pub mod files;
pub mod heartbeat;
pub mod image;
mod kernel;
pub mod kill;
pub mod lifecycle;
pub mod log;
pub mod mount;
pub mod net;
pub mod node;
pub mod probe;
pub mod process;
pub mod program;
pub mod plugin;
pub mod pull;
mod rare;
pub mod reference;
pub mod resize;
pub mod server;
pub mod spec;
pub mod start;
pub mod status;
pub mod sync;
pub mod user;
mod volume;
pub mod worker;

#[cfg(test)]
mod bench;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use imbl::OrdMap;

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::apiserver::request::Request;
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::chance::Choice;
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::client::node::StreamId;
use crate::controller::Reason;

use disks::Disks;
use net::{Net, Owner};
use node::Node;
use server::StreamEnd;
use worker::{Cx, Stage, Worker};

/// The kubelets of all nodes with what their containers and disks hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Kubelets {
    nodes: OrdMap<EcoString, Node>,
    disks: Disks,
    net: Net,
    streams: OrdMap<StreamId, StreamEnd>,
    next_stream: u64,
}

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
    /// An event about a Pod here, recorded by a component that is no kubelet.
    RecordBy(&'static str, Record),
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
        let (node, uid) = (event.object.path(&["spec", "nodeName"]).str(), event.object.uid());
        // What is true now counts, not what was true when the message was sent.
        let pod = context.lister.get(&event.key).filter(|pod| pod.uid() == uid).cloned();
        match pod {
            Some(pod) => {
                self.add_worker(context, node, &pod);
                self.with_worker(context, node, uid, |worker, cx| worker.changed(cx, &pod));
            }
            None if event.event_type == WatchEventType::Deleted => {
                self.with_worker(context, node, uid, |worker, cx| worker.gone(cx));
            }
            None => {}
        }
    }

    /// Whether a change is one that some kubelet wants to see.
    pub fn concerns(change: &WatchEvent) -> bool {
        change.key.kind == Kind::Pod && !change.object.path(&["spec", "nodeName"]).str().is_empty()
    }

    fn add_worker(&mut self, context: &mut Context, name: &str, pod: &Object) {
        if !self.nodes.contains_key(name) {
            // Nobody listens on a node that is not there.
            if context.lister.find(Kind::Node, "", name).is_none() {
                return;
            }
            let node = Node::new(name, context.lister, context.choice.below(1_000_000));
            self.nodes.insert(name.into(), node);
        }
        let Some(node) = self.nodes.get_mut(name) else { return };
        let ended = worker::has_ended(pod);
        if node.workers.contains_key(pod.uid()) || ended {
            return;
        }
        let taken_in = node.workers.values().filter(|worker| worker.stage != Stage::Done);
        let object = admit::node_object(context.lister, name);
        let rejection = admit::reject(object, pod, taken_in.map(|worker| &worker.pod));
        let worker = Worker::new(pod.clone(), context.now);
        node.workers.insert(pod.uid_text(), Rc::new(worker));
        if let Some(rejection) = rejection {
            self.only(context, name, pod.uid(), |worker, cx| worker.refuse(cx, rejection));
        }
    }

    // Runs something on a worker, then whatever is due, and asks for its next timer.
    fn with_worker<R>(
        &mut self,
        context: &mut Context,
        node: &str,
        uid: &str,
        act: impl FnOnce(&mut Worker, &mut Cx) -> R,
    ) -> Option<R> {
        let result = self.act_on(context, node, uid, act)?;
        self.wake(context);
        Some(result)
    }

    // Lets Pods run for which something has arrived over the network.
    fn wake(&mut self, context: &mut Context) {
        // Each turn is an exchange of packets; endless ones go on with the next event.
        for _ in 0..64 {
            let woken = self.net.take_woken();
            if woken.is_empty() {
                break;
            }
            for Owner { node, pod } in woken {
                self.act_on(context, &node, &pod, |worker, _| worker.woken = true);
            }
        }
    }

    fn act_on<R>(
        &mut self,
        context: &mut Context,
        node: &str,
        uid: &str,
        act: impl FnOnce(&mut Worker, &mut Cx) -> R,
    ) -> Option<R> {
        let Node { shared, workers } = self.nodes.get_mut(node)?;
        if !shared.powered {
            return None;
        }
        let worker = Rc::make_mut(workers.get_mut(uid)?);
        let mut cx = Cx {
            now: context.now,
            choice: context.choice,
            lister: context.lister,
            out: context.out,
            node: shared,
            disks: &mut self.disks,
            net: &mut self.net,
        };
        let result = act(worker, &mut cx);
        worker.advance(&mut cx);
        match worker.is_finished() {
            true => drop(workers.remove(uid)),
            false => worker.arm(&mut cx),
        }
        Some(result)
    }

    // Runs something on a worker and nothing else.
    fn only(
        &mut self,
        context: &mut Context,
        node: &str,
        uid: &str,
        act: impl FnOnce(&mut Worker, &mut Cx),
    ) {
        let Some(Node { shared, workers }) = self.nodes.get_mut(node) else { return };
        let Some(worker) = workers.get_mut(uid) else { return };
        let mut cx = Cx {
            now: context.now,
            choice: context.choice,
            lister: context.lister,
            out: context.out,
            node: shared,
            disks: &mut self.disks,
            net: &mut self.net,
        };
        act(Rc::make_mut(worker), &mut cx);
    }

    /// What lies on disks.
    pub fn disks(&self) -> &Disks {
        &self.disks
    }

    /// The network, for reading.
    pub fn net(&self) -> &Net {
        &self.net
    }

    /// Pods of which a process runs, and the nodes on which it does.
    pub fn running_pods(&self) -> impl Iterator<Item = (&str, &Object)> {
        self.nodes.iter().flat_map(|(name, node)| {
            let workers = node.workers.values();
            let running = workers.filter(|worker| worker.containers.iter().any(|c| c.is_running()));
            running.map(move |worker| (name.as_str(), &worker.pod))
        })
    }

    /// Gives the name server a cache, or takes it away.
    pub fn set_name_cache(&mut self, on: bool) {
        self.net.set_name_cache(on);
    }

    /// Whether no Pod is left anywhere.
    pub fn is_idle(&self) -> bool {
        self.nodes.values().all(|node| node.workers.is_empty())
    }

    /// A node loses its power or gets it back.
    pub fn power(&mut self, context: &mut Context, node: &str, on: bool) {
        let Some(found) = self.nodes.get_mut(node) else { return };
        // While it is lost nothing reaches its kubelet, but its containers stop all the same.
        found.shared.powered = true;
        let uids: Vec<EcoString> = found.workers.keys().cloned().collect();
        for uid in uids {
            match on {
                true => _ = self.with_worker(context, node, &uid, Worker::regain_power),
                false => self.only(context, node, &uid, Worker::lose_power),
            }
        }
        if let Some(found) = self.nodes.get_mut(node) {
            found.shared.powered = on;
        }
        if on {
            self.find_pods(context, node);
        }
    }

    // Pods that were bound to the node while nobody listened there.
    fn find_pods(&mut self, context: &mut Context, node: &str) {
        let on_node = |pod: &&Object| pod.path(&["spec", "nodeName"]).str() == node;
        let pods: Vec<Object> = context.lister.all(Kind::Pod).filter(on_node).cloned().collect();
        for pod in pods {
            self.add_worker(context, node, &pod);
            self.with_worker(context, node, pod.uid(), |worker, cx| worker.changed(cx, &pod));
        }
    }

    /// A timer has run out.
    pub fn timer(&mut self, context: &mut Context, timer: &Timer) {
        self.with_worker(context, &timer.node, &timer.pod, |_, _| ());
    }

    /// A request of the kubelet of `node` was refused.
    pub fn refused(&mut self, context: &mut Context, node: &str, request: &Request, why: &Status) {
        let _ = (context, node, request, why);
    }
}
