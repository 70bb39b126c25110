//! The Pod garbage collector: removes Pods that no kubelet will ever remove.
//!
//! Models `pkg/controller/podgc`: Pods of nodes that are gone (after a quarantine), terminating
//! Pods on nodes out of service, and terminating Pods that were never scheduled. Leaves out the
//! threshold for ended Pods, which lies at 12500.

use crate::api::object::{Object, ObjectKey};
use crate::api::pod::{condition, is_terminal};
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::Value;
use crate::apiserver::request::{Actor, DeleteOptions, Patch, Request, Verb};
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::controller::reason::PodGcReason as R;
use crate::controller::{Controller, Decision, OnRefusal, Reason, Step};

const OUT_OF_SERVICE: &str = "node.kubernetes.io/out-of-service";
/// How often it looks (`gcCheckPeriod`).
const CHECK_PERIOD: Duration = Duration::from_secs(20);

/// Removes Pods whose kubelet is gone.
pub struct PodGarbageCollector;

impl Controller for PodGarbageCollector {
    fn name(&self) -> &'static str {
        "pod-garbage-collector-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        let deleted = changed.event_type == WatchEventType::Deleted;
        let is_astray = match changed.key.kind {
            Kind::Node => deleted,
            Kind::Pod => !deleted && has_no_node(&changed.object, lister),
            _ => false,
        };
        if is_astray { vec![changed.key.clone()] } else { Vec::new() }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let mut collector = Collector { actor: self.actor(), now, decision: Decision::default() };
        match key.kind {
            Kind::Node if lister.get(key).is_none() => {
                for pod in lister.pods_on_node(&key.name) {
                    let node = key.name.clone();
                    collector.mark_failed_and_delete(pod, R::NodeGone { node });
                }
            }
            Kind::Pod => {
                let Some(pod) = lister.get(key) else { return collector.decision };
                let node = pod.spec().get("nodeName").str().into();
                let astray = has_no_node(pod, lister).then(|| R::NodeGone { node });
                if let Some(reason) = abandoned(pod, lister).or(astray) {
                    collector.mark_failed_and_delete(pod, reason);
                }
            }
            _ => {}
        }
        collector.decision
    }

    fn resync_period(&self) -> Option<Duration> {
        Some(CHECK_PERIOD)
    }

    fn resync_keys(&self, lister: Lister<'_>) -> Vec<ObjectKey> {
        let out_of_service = lister.all(Kind::Node).filter(|node| is_out_of_service(node));
        let nodes = std::iter::once("").chain(out_of_service.map(Object::name));
        let pods = nodes.flat_map(|node| lister.pods_on_node(node));
        pods.filter(|pod| abandoned(pod, lister).is_some()).map(Object::key).collect()
    }

    /// A node is found missing within 20 s, has 40 s of quarantine, and 20 s until the next look.
    fn latency(&self) -> (u64, u64) {
        (45_000_000, 75_000_000)
    }
}

// Whether a Pod was given to a node that does not exist.
fn has_no_node(pod: &Object, lister: Lister<'_>) -> bool {
    let node = pod.spec().get("nodeName").str();
    !node.is_empty() && lister.find(Kind::Node, "", node).is_none()
}

/// Models gcTerminating and gcUnscheduledTerminating.
fn abandoned(pod: &Object, lister: Lister) -> Option<R> {
    if !pod.is_terminating() {
        return None;
    }
    let node = pod.spec().get("nodeName").str();
    if node.is_empty() {
        return Some(R::NeverScheduled);
    }
    let is_out = lister.find(Kind::Node, "", node).is_some_and(is_out_of_service);
    is_out.then(|| R::NodeOutOfService { node: node.into() })
}

// The node must be not ready as well.
fn is_out_of_service(node: &Object) -> bool {
    let ready = condition(node, "Ready").is_some_and(|c| c.get("status").str() == "True");
    let mut taints = node.spec().get("taints").items().iter();
    !ready && taints.any(|taint| taint.get("key").str() == OUT_OF_SERVICE)
}

struct Collector {
    actor: Actor,
    now: Time,
    decision: Decision,
}

impl Collector {
    /// Models markFailedAndDeletePodWithCondition.
    fn mark_failed_and_delete(&mut self, pod: &Object, reason: R) {
        if !is_terminal(pod) {
            let patch = self.failed_patch(pod, &reason);
            let verb = Verb::Patch(Patch::Strategic(patch));
            let request = Request::new(self.actor.clone(), pod.key(), verb).on("status");
            self.decision.steps.push(Step::new(request).on_refusal(OnRefusal::StopAfter(0)));
        }
        let options = DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() };
        let request = Request::new(self.actor.clone(), pod.key(), Verb::Delete(options));
        self.decision.steps.push(Step::new(request).or_gone());
        self.decision.reasons.push((pod.key(), Reason::PodGc(reason)));
    }

    fn failed_patch(&self, pod: &Object, reason: &R) -> Value {
        let mut status = crate::value!({"phase": "Failed"});
        // Only a Pod whose node is gone was disrupted by the collector itself.
        if let R::NodeGone { .. } = reason {
            let mut condition = crate::value!({
                "type": "DisruptionTarget",
                "status": "True",
                "reason": "DeletionByPodGC",
                "message": "PodGC: node no longer exists",
                "lastProbeTime": null,
                "lastTransitionTime": (self.now.rfc3339()),
            });
            if pod.generation() > 0 {
                condition.set(&["observedGeneration"], pod.generation());
            }
            status.set(&["conditions"], crate::value!([condition]));
        }
        crate::value!({"metadata": {"uid": (pod.uid())}, "status": status})
    }
}
