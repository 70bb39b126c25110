//! Pods of lower priority make room.
//!
//! Models `pkg/scheduler/framework/plugins/defaultpreemption` and
//! `pkg/scheduler/framework/preemption`.

use std::collections::BTreeMap;

use crate::api::object::{Object, ObjectKey};
use crate::api::pod::is_terminal;
use crate::api::scheme::Kind;
use crate::api::selector::selector_matches;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::controller::reason::scheduler::NodeReason;
use crate::controller::{OnRefusal, Step};
use crate::value;

use super::filter::Cycle;
use super::message::NodeReasons;
use super::node_info::NodeInfo;
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
    nodes: &[NodeInfo<'a>],
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
    let resolvable = |(info, (_, reasons)): (&NodeInfo<'a>, &(EcoString, Vec<NodeReason>))| {
        reasons.iter().all(NodeReason::is_resolvable).then_some(info.node)
    };
    let candidates = nodes.iter().zip(reasons).filter_map(resolvable);
    let found = candidates.filter_map(|node| Some((node, victims(lister, pod, node)?)));
    match found.min_by_key(|(_, victims)| victims.cost()) {
        Some((node, victims)) => Preemption::Victims(node, victims.pods),
        None => Preemption::NoHelp,
    }
}

/// Who would have to go from a node.
struct Victims<'a> {
    pods: Vec<&'a Object>,
    // How many of them a disruption budget would keep.
    violations: usize,
}

impl Victims<'_> {
    // `pickOneNodeForPreemption`: what is compared between nodes, in this order.
    fn cost(&self) -> (usize, Option<i64>, i64, usize, std::cmp::Reverse<Option<String>>) {
        let priorities = self.pods.iter().map(|victim| priority(victim));
        let highest = priorities.clone().max();
        // Each counts, however low its priority is.
        let sum = priorities.map(|priority| priority + (1 << 31)).sum();
        let important = self.pods.iter().filter(|victim| Some(priority(victim)) == highest);
        let earliest = important.map(|v| v.status().get("startTime").str().to_string()).min();
        (self.violations, highest, sum, self.pods.len(), std::cmp::Reverse(earliest))
    }
}

// `filterPodsWithPDBViolation`: which of these Pods, deleted one after the other, a budget would
// keep.
fn kept_by_budgets(lister: Lister<'_>, pods: &[&Object]) -> Vec<bool> {
    let mut allowed: BTreeMap<ObjectKey, i64> = BTreeMap::new();
    let keeps = |pod: &&Object| {
        let mut is_kept = false;
        for budget in lister.in_namespace(Kind::PodDisruptionBudget, pod.namespace()) {
            let disrupted = budget.path(&["status", "disruptedPods", pod.name()]);
            let selector = budget.spec().get("selector");
            if !selector_matches(selector, pod.labels()) || !disrupted.is_null() {
                continue;
            }
            let status = budget.status().get("disruptionsAllowed").as_i64().unwrap_or(0);
            let left = allowed.entry(budget.key()).or_insert(status);
            *left -= 1;
            is_kept |= *left < 0;
        }
        is_kept
    };
    pods.iter().map(keeps).collect()
}

// `SelectVictimsOnNode`: all less important Pods go, then as many as possible stay.
fn victims<'a>(lister: Lister<'a>, pod: &Object, node: &Object) -> Option<Victims<'a>> {
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
    // Those that a budget would keep are spared first.
    let kept = kept_by_budgets(lister, &lesser);
    let (mut first, rest): (Vec<_>, Vec<_>) =
        lesser.iter().zip(&kept).partition(|(_, kept)| **kept);
    first.extend(rest);
    for (other, _) in first {
        let key = other.key();
        let without: Vec<ObjectKey> = gone.iter().filter(|k| **k != key).cloned().collect();
        if fits_without(lister, pod, node, &without) {
            gone = without;
        }
    }
    let all: Vec<(&Object, bool)> = lesser.into_iter().zip(kept).collect();
    let gone: Vec<_> = all.into_iter().filter(|(other, _)| gone.contains(&other.key())).collect();
    let violations = gone.iter().filter(|(_, kept)| *kept).count();
    Some(Victims { pods: gone.into_iter().map(|(other, _)| other).collect(), violations })
}

fn fits_without(lister: Lister<'_>, pod: &Object, node: &Object, gone: &[ObjectKey]) -> bool {
    let storage = lister.without(gone);
    let lister = Lister::new(&storage);
    let Ok(volumes) = volume::pre_filter(lister, pod) else { return false };
    Cycle::new(lister, pod, volumes).filter(lister, &NodeInfo::of(lister, node)).is_empty()
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
