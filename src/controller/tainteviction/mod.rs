//! Pods that do not tolerate a NoExecute taint of their node are deleted.
//!
//! Models `pkg/controller/tainteviction`.

use crate::api::object::{Object, ObjectKey};
use crate::api::placement::{accepts, taint_text};
use crate::api::pod::is_terminal;
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Patch, Request, Verb};
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::value;

use super::reason::NodeLifecycleReason;
use super::{Controller, Decision, Reason, Step};

/// taint-eviction-controller
pub struct TaintEvictionController;

impl Controller for TaintEvictionController {
    fn name(&self) -> &'static str {
        "taint-eviction-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        let object = &changed.object;
        match changed.key.kind {
            _ if changed.event_type == WatchEventType::Deleted => Vec::new(),
            Kind::Node => {
                let previous = changed.previous.as_ref();
                let is_same = previous.is_some_and(|p| repelling(p).eq(repelling(object)));
                let pods = lister.pods_on_node(object.name());
                if is_same { Vec::new() } else { pods.map(Object::key).collect() }
            }
            Kind::Pod => {
                let wishes = |pod: &Object| {
                    (pod.spec().get("nodeName").clone(), pod.spec().get("tolerations").clone())
                };
                let is_same =
                    changed.previous.as_ref().is_some_and(|p| wishes(p) == wishes(object));
                let node = lister.find(Kind::Node, "", object.spec().get("nodeName").str());
                let is_tainted = node.is_some_and(|node| repelling(node).next().is_some());
                if is_tainted && !is_same { vec![object.key()] } else { Vec::new() }
            }
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let mut decision = Decision::default();
        let Some(pod) = lister.get(key) else { return decision };
        let node = lister.find(Kind::Node, "", pod.spec().get("nodeName").str());
        let Some(node) = node.filter(|_| !pod.is_terminating() && !is_terminal(pod)) else {
            return decision;
        };
        let Some((taint, until)) = first_end(lister, pod, node) else { return decision };
        let (name, text) = (EcoString::from(node.name()), taint_text(taint));
        match until.filter(|until| now < *until) {
            Some(until) => {
                let left = until.since(now);
                decision.requeue_after = Some(left);
                let seconds = left.as_secs();
                let reason = NodeLifecycleReason::Tolerated { node: name, taint: text, seconds };
                decision.reasons.push((key.clone(), Reason::NodeLifecycle(reason)));
            }
            None => {
                let reason = NodeLifecycleReason::Evicted { node: name, taint: text };
                decision.reasons.push((key.clone(), Reason::NodeLifecycle(reason)));
                self.evict(pod, now, &mut decision);
            }
        }
        decision
    }
}

fn repelling(node: &Object) -> impl Iterator<Item = &Value> {
    let taints = node.spec().get("taints").items().iter();
    taints.filter(|taint| taint.get("effect").str() == "NoExecute")
}

// The taint whose toleration ends first, and when; `None` for the time if it is not tolerated
// at all, `None` altogether if everything is tolerated for ever (`getMinTolerationTime`).
fn first_end<'a>(
    lister: Lister<'_>,
    pod: &Object,
    node: &'a Object,
) -> Option<(&'a Value, Option<Time>)> {
    let tolerations = pod.spec().get("tolerations").items();
    let mut first: Option<(&Value, Option<Time>)> = None;
    for taint in repelling(node) {
        let used: Vec<&Value> = tolerations.iter().filter(|t| accepts(t, taint)).collect();
        if used.is_empty() {
            return Some((taint, None));
        }
        let seconds = used.iter().filter_map(|t| t.get("tolerationSeconds").as_i64()).min();
        let Some(seconds) = seconds else { continue };
        let span = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
        let end = tainted_at(lister, node, taint).max(placed_at(lister, pod)).after(span);
        if first.is_none_or(|(_, until)| until.is_some_and(|until| end < until)) {
            first = Some((taint, Some(end)));
        }
    }
    first
}

// A taint set by hand carries no time; then it counts from when it was seen.
fn tainted_at(lister: Lister<'_>, node: &Object, taint: &Value) -> Time {
    let is_it = |other: &Value| {
        other.get("key") == taint.get("key") && other.get("effect") == taint.get("effect")
    };
    let is_tainted = |node: &Object| node.spec().get("taints").items().iter().any(is_it);
    let seen = || lister.true_since(&node.key(), is_tainted);
    let added = Time::parse(taint.get("timeAdded").str());
    added.or_else(seen).or(node.created_at()).unwrap_or_default()
}

// A Pod that comes to a tainted node has its whole time there.
fn placed_at(lister: Lister<'_>, pod: &Object) -> Time {
    let is_placed = |pod: &Object| !pod.spec().get("nodeName").str().is_empty();
    lister.true_since(&pod.key(), is_placed).or(pod.created_at()).unwrap_or_default()
}

impl TaintEvictionController {
    // `addConditionAndDeletePod`
    fn evict(&self, pod: &Object, now: Time, decision: &mut Decision) {
        let sentence = format!("Marking for deletion Pod {}/{}", pod.namespace(), pod.name());
        decision.records.push(Record::normal(pod, "TaintManagerEviction", sentence));
        let condition = value!({
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
            "lastProbeTime": null,
            "lastTransitionTime": (now.rfc3339()),
            "observedGeneration": (pod.generation()),
        });
        let patch = value!({"status": {"conditions": [condition]}});
        let verb = Verb::Patch(Patch::Strategic(patch));
        let actor = Controller::actor(self);
        let marked = Request::new(actor.clone(), pod.key(), verb).on("status");
        decision.steps.push(Step::new(marked).or_gone());
        decision.steps.push(Step::new(Request::delete(actor, pod)).or_gone());
    }
}
