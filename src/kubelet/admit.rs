//! Whether a node takes a Pod in that the scheduler did not place there.
//!
//! Models `pkg/kubelet/lifecycle/predicate.go` (`generalFilter`) and `rejectPod` of `kubelet.go`.
//! A Pod that the scheduler bound has passed the same tests there and is not asked again.

use crate::api::object::Object;
use crate::api::placement::{node_matches, ports_conflict, tolerates};
use crate::api::pod::condition;
use crate::api::pod_requests::{ResourceList, amount, pod_requests, resource_list};
use crate::api::scheme::Kind;
use crate::api::value::Value;
use crate::controller::reason::KubeletReason;

use super::worker::{Cx, Stage, Worker, has_ended};

/// Why a Pod is not taken in: reason and message of its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    reason: String,
    message: String,
}

/// What a node has against a Pod beside these others.
pub fn reject<'a>(
    node: Option<&Object>,
    pod: &Object,
    others: impl Iterator<Item = &'a Object>,
) -> Option<Rejection> {
    let is_bound = condition(pod, "PodScheduled").is_some_and(|c| c.get("status").str() == "True");
    if is_bound || pod.is_terminating() {
        return None;
    }
    let others: Vec<&Object> = others.filter(|other| !has_ended(other)).collect();
    let node = node?;
    // Upstream finds all failures, those of resources first, and tells the first.
    if let Some((resource, message)) = shortage(node, pod, &others) {
        return Some(Rejection { reason: format!("OutOf{resource}"), message });
    }
    if !node_matches(pod, node) {
        return Some(failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector"));
    }
    if others.iter().any(|other| ports_conflict(pod, other)) {
        let why = "node(s) didn't have free ports for the requested pod ports";
        return Some(failed("NodePorts", why));
    }
    if is_repelled(node, pod) {
        let why = "node(s) had taints that the pod didn't tolerate";
        return Some(failed("TaintToleration", why));
    }
    None
}

/// Whether a taint that throws Pods out meets no toleration.
///
/// Models the end of `generalFilter` of `predicate.go`.
fn is_repelled(node: &Object, pod: &Object) -> bool {
    let mut taints = node.spec().get("taints").items().iter();
    taints.any(|taint| taint.get("effect").str() == "NoExecute" && !tolerates(pod, taint))
}

/// What a node has too little of for a Pod beside these others, and how that is said.
pub fn shortage(node: &Object, pod: &Object, others: &[&Object]) -> Option<(&'static str, String)> {
    let capacity = resource_list(node.status().get("allocatable"));
    let asked = pod_requests(pod.spec());
    ["pods", "cpu", "memory"].into_iter().find_map(|name| {
        let of = |requests: &ResourceList| match name {
            "pods" => 1,
            _ => amount(requests, name),
        };
        let (requested, total) = (of(&asked), amount(&capacity, name));
        let used: i64 = others.iter().map(|other| of(&pod_requests(other.spec()))).sum();
        (requested > 0 && requested + used > total).then(|| {
            let message = format!(
                "Node didn't have enough resource: {name}, requested: {requested}, used: {used}, \
                 capacity: {total}"
            );
            (name, message)
        })
    })
}

fn failed(predicate: &str, why: &str) -> Rejection {
    let message = format!("Predicate {predicate} failed: {why}");
    Rejection { reason: predicate.into(), message }
}

impl Worker {
    /// Ends a Pod that the node does not take in, before anything of it starts.
    pub fn refuse(&mut self, cx: &mut Cx, rejection: Rejection) {
        let Rejection { reason, message } = rejection;
        self.stage = Stage::Done;
        self.next_sync = None;
        self.record(cx, true, &reason, message.clone());
        let why = KubeletReason::Rejected { problem: message.as_str().into() };
        self.explain(cx, why);
        let mut status: Value = self.pod.status().clone();
        status.set(&["phase"], "Failed");
        status.set(&["reason"], reason);
        status.set(&["message"], format!("Pod was rejected: {message}"));
        status.set(&["startTime"], cx.now.rfc3339());
        self.put_status(cx, status);
    }
}

/// The Node object of this name.
pub fn node_object<'a>(lister: crate::client::Lister<'a>, name: &str) -> Option<&'a Object> {
    lister.find(Kind::Node, "", name)
}
