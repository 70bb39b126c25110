//! Pods of lower priority make room.
//!
//! Models `pkg/scheduler/framework/plugins/defaultpreemption` and
//! `pkg/scheduler/framework/preemption`. Left out: PodDisruptionBudgets are not looked at when
//! victims are chosen.

use crate::api::object::{Object, ObjectKey};
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::apiserver::index::is_terminal;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::controller::reason::scheduler::NodeReason;
use crate::controller::{OnRefusal, Step};
use crate::value;

use super::filter::Cycle;
use super::message::NodeReasons;
use super::volume;

/// What became of the try.
pub enum Preemption<'a> {
    /// These Pods go from this node.
    Victims(&'a Object, Vec<&'a Object>),
    /// The Pod may not preempt; why.
    NotEligible(&'static str),
    /// It would not help.
    NoHelp,
}

fn priority(pod: &Object) -> i64 {
    pod.spec().get("priority").as_i64().unwrap_or(0)
}

/// Looks for the node where the least important Pods would have to go (`Preempt`).
pub fn preempt<'a>(
    lister: Lister<'a>,
    pod: &Object,
    nodes: &[&'a Object],
    reasons: &NodeReasons,
) -> Preemption<'a> {
    if pod.spec().get("preemptionPolicy").str() == "Never" {
        return Preemption::NotEligible("not eligible due to preemptionPolicy=Never.");
    }
    let nominated = pod.status().get("nominatedNodeName").str();
    let is_leaving = |other: &Object| other.is_terminating() && priority(other) < priority(pod);
    if !nominated.is_empty() && lister.pods_on_node(nominated).any(is_leaving) {
        let why = "not eligible due to a terminating pod on the nominated node.";
        return Preemption::NotEligible(why);
    }
    let resolvable = |(node, (_, reasons)): (&&'a Object, &(EcoString, Vec<NodeReason>))| {
        reasons.iter().all(NodeReason::is_resolvable).then_some(*node)
    };
    let candidates = nodes.iter().zip(reasons).filter_map(resolvable);
    let found = candidates.filter_map(|node| Some((node, victims(lister, pod, node)?)));
    let cost = |(_, victims): &(&Object, Vec<&Object>)| {
        let priorities = victims.iter().map(|victim| priority(victim));
        (priorities.clone().max(), priorities.sum::<i64>(), victims.len())
    };
    match found.min_by_key(cost) {
        Some((node, victims)) => Preemption::Victims(node, victims),
        None => Preemption::NoHelp,
    }
}

// `SelectVictimsOnNode`: all less important Pods go, then as many as possible stay.
fn victims<'a>(lister: Lister<'a>, pod: &Object, node: &Object) -> Option<Vec<&'a Object>> {
    let on_node = lister.pods_on_node(node.name());
    let mut lesser: Vec<&Object> =
        on_node.filter(|other| !is_terminal(other) && priority(other) < priority(pod)).collect();
    if lesser.is_empty() {
        return None;
    }
    lesser.sort_by_key(|other| (std::cmp::Reverse(priority(other)), other.created_at()));
    let mut gone: Vec<ObjectKey> = lesser.iter().map(|other| other.key()).collect();
    if !fits_without(lister, pod, node, &gone) {
        return None;
    }
    for other in &lesser {
        let key = other.key();
        let without: Vec<ObjectKey> = gone.iter().filter(|k| **k != key).cloned().collect();
        if fits_without(lister, pod, node, &without) {
            gone = without;
        }
    }
    lesser.retain(|other| gone.contains(&other.key()));
    Some(lesser)
}

fn fits_without(lister: Lister<'_>, pod: &Object, node: &Object, gone: &[ObjectKey]) -> bool {
    let storage = lister.without(gone);
    let lister = Lister::new(&storage);
    let Ok(volumes) = volume::pre_filter(lister, pod) else { return false };
    Cycle::new(lister, pod, volumes).filter(lister, node).is_empty()
}

/// The writes that make the victims go (`prepareCandidate`).
pub fn steps(pod: &Object, node: &Object, victims: &[&Object], now: Time) -> Vec<Step> {
    let mut steps = Vec::new();
    for victim in victims {
        let condition = value!({
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "PreemptionByScheduler",
            "message": "default-scheduler: preempting to accommodate a higher priority pod",
            "lastProbeTime": null,
            "lastTransitionTime": (now.rfc3339()),
            "observedGeneration": (victim.generation()),
        });
        let patch = value!({"status": {"conditions": [condition]}});
        let verb = Verb::Patch(Patch::Strategic(patch));
        let marked = Request::new(Actor::Scheduler, victim.key(), verb).on("status");
        steps.push(Step::new(marked).on_refusal(OnRefusal::Ignore));
        let mut gone = Step::new(Request::delete(Actor::Scheduler, victim));
        let sentence = format!("Preempted by pod {} on node {}", pod.uid(), node.name());
        gone.on_success.push(Record::normal(victim, "Preempted", sentence));
        steps.push(gone.on_refusal(OnRefusal::Ignore));
    }
    steps
}
