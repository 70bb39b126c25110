//! Nodes that fall silent, and the taints that follow from what nodes are like.
//!
//! Models `pkg/controller/nodelifecycle`.
//!
//! # Scope
//!
//! - node-zones: evictions are not slowed down when many nodes of a zone are lost.

use std::cell::RefCell;

use crate::api::memory::Memory;
use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::Value;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::apiserver::watch::WatchEvent;
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::value;

use super::reason::NodeLifecycleReason;
use super::{Controller, Decision, OnRefusal, Reason, Step};

/// node-controller
pub struct NodeLifecycleController;

/// How long a kubelet may be silent (`--node-monitor-grace-period`).
pub const GRACE_PERIOD: Duration = Duration::from_secs(50);
// `--node-monitor-period`
const MONITOR_PERIOD: Duration = Duration::from_secs(5);

// How many nodes are remembered.
const NODES_MAX: usize = 512;

const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";
const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const NO_SCHEDULE: &str = "NoSchedule";
const NO_EXECUTE: &str = "NoExecute";
// Conditions that taint a node while they are true (`nodeConditionToTaintKeyStatusMap`).
const PRESSURES: [(&str, &str); 4] = [
    ("MemoryPressure", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "node.kubernetes.io/disk-pressure"),
    ("PIDPressure", "node.kubernetes.io/pid-pressure"),
    ("NetworkUnavailable", "node.kubernetes.io/network-unavailable"),
];

impl Controller for NodeLifecycleController {
    fn name(&self) -> &'static str {
        "node-controller"
    }

    fn resync_period(&self) -> Option<Duration> {
        Some(MONITOR_PERIOD)
    }

    fn resync_keys(&self, lister: Lister<'_>) -> Vec<ObjectKey> {
        lister.all(Kind::Node).map(Object::key).collect()
    }

    fn enqueue(&self, changed: &WatchEvent, _lister: Lister<'_>) -> Vec<ObjectKey> {
        match changed.key.kind {
            Kind::Node => vec![changed.key.clone()],
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let mut decision = Decision::default();
        let Some(node) = lister.get(key) else {
            decision.records.push(removed(&key.name));
            return decision;
        };
        let silent_for = last_heartbeat(lister, node).map(|at| now.since(at));
        let is_silent = silent_for.is_some_and(|span| span > GRACE_PERIOD);
        if is_silent && ready_status(node) != "Unknown" {
            let seconds = silent_for.map_or(0, |span| span.as_secs());
            explain(&mut decision, node, NodeLifecycleReason::Silent { seconds });
            self.forget_conditions(node, now, &mut decision);
            self.mark_pods(lister, node, now, &mut decision);
            return decision;
        }
        if is_in_order(node) {
            return decision;
        }
        if ready_status(node) != "True" {
            self.mark_pods(lister, node, now, &mut decision);
        }
        self.taint(node, now, &mut decision);
        decision
    }
}

// Only a deleted Node is synced without its object.
fn removed(name: &str) -> Record {
    let sentence = format!("Node {name} event: Removing Node {name} from Controller");
    Record {
        about: value!({"apiVersion": "v1", "kind": "Node", "name": name, "uid": name}),
        warning: false,
        reason: "RemovingNode".into(),
        message: sentence.into(),
    }
}

fn explain(decision: &mut Decision, node: &Object, reason: NodeLifecycleReason) {
    decision.reasons.push((node.key(), Reason::NodeLifecycle(reason)));
}

fn last_heartbeat(lister: Lister<'_>, node: &Object) -> Option<Time> {
    let lease = lister.find(Kind::Lease, "kube-node-lease", node.name())?;
    Time::parse(lease.spec().get("renewTime").str())
}

fn condition<'a>(object: &'a Object, name: &str) -> &'a Value {
    let mut conditions = object.status().get("conditions").items().iter();
    conditions.find(|c| c.get("type").str() == name).unwrap_or(&Value::Null)
}

fn ready_status(node: &Object) -> &str {
    condition(node, "Ready").get("status").as_str().unwrap_or("Unknown")
}

impl NodeLifecycleController {
    // `tryUpdateNodeHealth`: nothing that the kubelet has said counts any longer.
    fn forget_conditions(&self, node: &Object, now: Time, decision: &mut Decision) {
        let unknown = |name: &str| {
            value!({
                "type": name,
                "status": "Unknown",
                "reason": "NodeStatusUnknown",
                "message": "Kubelet stopped posting node status.",
                "lastHeartbeatTime": (condition(node, name).get("lastHeartbeatTime")),
                "lastTransitionTime": (now.rfc3339()),
            })
        };
        let names = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];
        let conditions: Value = names.into_iter().map(unknown).collect();
        let patch = value!({"status": {"conditions": conditions}});
        let verb = Verb::Patch(Patch::Strategic(patch));
        let mut step = Step::new(Request::new(self.actor(), node.key(), verb).on("status"));
        let sentence = format!("Node {} status is now: NodeNotReady", node.name());
        step.on_success.push(Record::normal(node, "NodeNotReady", sentence));
        decision.steps.push(step);
    }

    // `MarkPodsNotReady`
    fn mark_pods(&self, lister: Lister<'_>, node: &Object, now: Time, decision: &mut Decision) {
        let pods = lister.pods_on_node(node.name());
        let ready = pods.filter(|pod| condition(pod, "Ready").get("status").str() == "True");
        let mut count = 0;
        for pod in ready {
            let patch = value!({"status": {"conditions": [{
                "type": "Ready", "status": "False", "lastTransitionTime": (now.rfc3339()),
            }]}});
            let verb = Verb::Patch(Patch::Strategic(patch));
            let request = Request::new(self.actor(), pod.key(), verb).on("status");
            let mut step = Step::new(request).on_refusal(OnRefusal::Ignore);
            let sentence = "Node is not ready".to_string();
            step.on_success.push(Record::warning(pod, "NodeNotReady", sentence));
            decision.steps.push(step);
            count += 1;
        }
        if count > 0 {
            explain(decision, node, NodeLifecycleReason::PodsMarkedNotReady { count });
        }
    }

    // `doNoScheduleTaintingPass` and `doNoExecuteTaintingPass`
    fn taint(&self, node: &Object, now: Time, decision: &mut Decision) {
        let Some(taints) = other_taints(node, now) else { return };
        if node.spec().get("unschedulable").is_true() {
            explain(decision, node, NodeLifecycleReason::Cordoned);
        }
        let mut tainted = node.clone();
        match taints.is_empty() {
            true => {
                tainted.value.remove(&["spec", "taints"]);
            }
            false => tainted.set(&["spec", "taints"], taints),
        }
        decision.steps.push(Step::new(Request::update(self.actor(), &tainted)));
    }
}

impl NodeLifecycleController {
    fn actor(&self) -> Actor {
        Controller::actor(self)
    }
}

thread_local! {
    // Nodes are looked at every few seconds and hardly ever change.
    static IN_ORDER: RefCell<Memory<bool>> = const { RefCell::new(Memory::new(NODES_MAX)) };
}

// Whether a node is ready and has the taints that it should have.
fn is_in_order(node: &Object) -> bool {
    let look = || ready_status(node) == "True" && other_taints(node, Time::START).is_none();
    *IN_ORDER.with_borrow_mut(|known| known.of(&node.value, look))
}

// The taints that a node should have, if they are not those that it has.
fn other_taints(node: &Object, now: Time) -> Option<Vec<Value>> {
    let wanted = wanted_taints(node);
    let current = node.spec().get("taints").items();
    let is_wanted = |taint: &Value| wanted.iter().any(|(key, effect)| is_taint(taint, key, effect));
    let mut taints: Vec<Value> =
        current.iter().filter(|taint| !is_ours(taint) || is_wanted(taint)).cloned().collect();
    for (key, effect) in &wanted {
        if !current.iter().any(|taint| is_taint(taint, key, effect)) {
            let at = now.rfc3339();
            taints.push(value!({"key": (*key), "effect": (*effect), "timeAdded": at}));
        }
    }
    (taints.as_slice() != current).then_some(taints)
}

fn is_taint(taint: &Value, key: &str, effect: &str) -> bool {
    taint.get("key").str() == key && taint.get("effect").str() == effect
}

fn is_ours(taint: &Value) -> bool {
    let key = taint.get("key").str();
    [UNSCHEDULABLE, NOT_READY, UNREACHABLE].contains(&key)
        || PRESSURES.iter().any(|(_, pressure)| *pressure == key)
}

fn wanted_taints(node: &Object) -> Vec<(&'static str, &'static str)> {
    let mut wanted = Vec::new();
    match ready_status(node) {
        "True" => {}
        "False" => wanted.extend([(NOT_READY, NO_SCHEDULE), (NOT_READY, NO_EXECUTE)]),
        _ => wanted.extend([(UNREACHABLE, NO_SCHEDULE), (UNREACHABLE, NO_EXECUTE)]),
    }
    if node.spec().get("unschedulable").is_true() {
        wanted.push((UNSCHEDULABLE, NO_SCHEDULE));
    }
    for (name, key) in PRESSURES {
        if condition(node, name).get("status").str() == "True" {
            wanted.push((key, NO_SCHEDULE));
        }
    }
    wanted
}
