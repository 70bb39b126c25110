//! The scheduler: gives Pods their nodes.
//!
//! Models `pkg/scheduler` with its default plugins. One Pod at a time, in the order in which
//! they came; volumes of claims that wait for a Pod are arranged for before the Pod is bound.
//!
//! # Scope
//!
//! - scheduler-priority: waiting Pods are not ordered by priority.
//! - scheduler-limits: limits of attached volumes, dynamic resources and extenders do not exist.

pub mod affinity;
pub mod filter;
pub mod message;
pub mod node_info;
pub mod preemption;
pub mod queue;
pub mod score;
pub mod spread;
pub mod volume;

use crate::api::object::{Object, ObjectKey};
use crate::api::time::{Duration, Time};
use crate::apiserver::index::unschedulable_message;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::apiserver::watch::WatchEvent;
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::controller::reason::scheduler::SchedulerReason;
use crate::controller::{Controller, Decision, Reason, Step};

use filter::Cycle;
use message::NodeReasons;
use node_info::NodeInfo;
use preemption::Preemption;

/// The default scheduler.
pub struct Scheduler;

// How often a Pod that could not be placed is tried without any change
// (`podMaxInUnschedulablePodsDuration`).
const RETRY_INTERVAL: Duration = Duration::from_secs(300);
// How often the binding cycle looks whether volumes are bound.
const VOLUME_POLL_INTERVAL: Duration = Duration::from_secs(1);

impl Controller for Scheduler {
    fn name(&self) -> &'static str {
        queue::SCHEDULER_NAME
    }

    fn actor(&self) -> Actor {
        Actor::Scheduler
    }

    fn is_single_worker(&self) -> bool {
        true
    }

    fn latency(&self) -> (u64, u64) {
        (1_000, 3_000)
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        queue::enqueue(changed, lister)
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        match lister.get(key) {
            Some(pod) if queue::is_waiting(pod) => schedule(lister, pod, now),
            Some(pod) if queue::is_unscheduled(pod) => {
                let other = pod.spec().get("schedulerName").str().into();
                explain(pod, SchedulerReason::OtherScheduler(other))
            }
            _ => Decision::default(),
        }
    }
}

// `schedulePod`
fn schedule(lister: Lister<'_>, pod: &Object, now: Time) -> Decision {
    let gates = pod.spec().get("schedulingGates").items();
    if !gates.is_empty() {
        let names = gates.iter().map(|gate| gate.get("name").str().into()).collect();
        return explain(pod, SchedulerReason::Gated(names));
    }
    let nodes = NodeInfo::all(lister);
    if nodes.is_empty() {
        let sentence = "no nodes available to schedule pods".to_string();
        return fail(pod, now, sentence, SchedulerReason::NoNodes);
    }
    let volumes = match volume::pre_filter(lister, pod) {
        Ok(volumes) => volumes,
        Err(reason) => {
            let sentence = message::of_claims(nodes.len(), &reason);
            return fail(pod, now, sentence, SchedulerReason::ClaimsNotReady(reason));
        }
    };
    let cycle = Cycle::new(lister, pod, volumes);
    let nominated = pod.status().get("nominatedNodeName").str();
    let mut in_view =
        nodes.iter().filter(|info| !nominated.is_empty() && info.node.name() == nominated);
    if let Some(info) = in_view.next().filter(|info| cycle.filter(lister, info).is_empty()) {
        return assign(lister, &cycle, info.node, 1);
    }
    let looked_at: NodeReasons =
        nodes.iter().map(|n| (n.facts.name.clone(), cycle.filter(lister, n))).collect();
    let fits = looked_at.iter().map(|(_, reasons)| reasons.is_empty());
    let feasible: Vec<&NodeInfo> =
        nodes.iter().zip(fits).filter_map(|(info, fits)| fits.then_some(info)).collect();
    match score::best(lister, &cycle, &feasible) {
        Some(node) => assign(lister, &cycle, node, feasible.len()),
        None => post_filter(lister, pod, &nodes, looked_at, now),
    }
}

// No node will do: perhaps Pods of lower priority can make room (`RunPostFilterPlugins`).
fn post_filter(
    lister: Lister<'_>,
    pod: &Object,
    nodes: &[NodeInfo<'_>],
    looked_at: NodeReasons,
    now: Time,
) -> Decision {
    let sentence = message::of_nodes(&looked_at);
    match preemption::preempt(lister, pod, nodes, &looked_at) {
        Preemption::Victims(node, victims) => {
            let reason = SchedulerReason::Preempting {
                node: node.name().into(),
                victims: victims.iter().map(|victim| victim.name().into()).collect(),
            };
            let mut decision = fail(pod, now, sentence, reason);
            let status = crate::value!({"nominatedNodeName": (node.name())});
            let steps = preemption::steps(pod, node, &victims, now);
            decision.steps.extend(steps);
            decision.steps.push(patch_status(pod, status));
            decision
        }
        Preemption::NotEligible(why) => {
            let sentence = format!("{sentence} preemption: {why}");
            fail(pod, now, sentence, SchedulerReason::Unschedulable(looked_at))
        }
        Preemption::NoHelp => {
            let sentence = format!("{sentence} {}", message::of_preemption(&looked_at));
            fail(pod, now, sentence, SchedulerReason::Unschedulable(looked_at))
        }
    }
}

fn explain(pod: &Object, reason: SchedulerReason) -> Decision {
    Decision { reasons: vec![(pod.key(), Reason::Scheduler(reason))], ..Decision::default() }
}

// The binding cycle: volumes first, if they wait for the node.
fn assign(lister: Lister<'_>, cycle: &Cycle, node: &Object, feasible_count: usize) -> Decision {
    if cycle.volumes.delayed.is_empty() {
        return bind(cycle, node, feasible_count);
    }
    let claims = cycle.volumes.delayed.iter().map(|claim| claim.name().into()).collect();
    let waiting = SchedulerReason::WaitingForVolumes { node: node.name().into(), claims };
    let mut decision = explain(cycle.pod, waiting);
    decision.requeue_after = Some(VOLUME_POLL_INTERVAL);
    let Ok(plan) = volume::plan(lister, &cycle.volumes, node) else { return decision };
    if cycle.pod.status().get("nominatedNodeName").str() != node.name() {
        let status = crate::value!({"nominatedNodeName": (node.name())});
        decision.steps.push(patch_status(cycle.pod, status));
    }
    decision.steps.extend(volume::steps(&plan, node));
    decision
}

fn patch_status(pod: &Object, status: crate::api::value::Value) -> Step {
    let verb = Verb::Patch(Patch::Strategic(crate::value!({"status": status})));
    Step::new(Request::new(Actor::Scheduler, pod.key(), verb).on("status"))
}

fn bind(cycle: &Cycle, node: &Object, feasible_count: usize) -> Decision {
    let pod = cycle.pod;
    let held = cycle.volumes.bound.iter().filter(|v| !v.spec().get("nodeAffinity").is_null());
    let mut decision = explain(
        pod,
        SchedulerReason::Bound {
            node: node.name().into(),
            feasible_count: u32::try_from(feasible_count).unwrap_or(u32::MAX),
            held_by_volumes: held.map(|volume| volume.name().into()).collect(),
        },
    );
    let binding = crate::value!({
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {
            "name": (pod.name()), "namespace": (pod.namespace()), "uid": (pod.uid()),
        },
        "target": {"kind": "Node", "name": (node.name())},
    });
    let request = Request::new(Actor::Scheduler, pod.key(), Verb::Create(binding)).on("binding");
    let sentence =
        format!("Successfully assigned {}/{} to {}", pod.namespace(), pod.name(), node.name());
    let mut step = Step::new(request);
    step.on_success.push(Record::normal(pod, "Scheduled", sentence));
    decision.steps.push(step);
    decision
}

// `handleSchedulingFailure`
fn fail(pod: &Object, now: Time, sentence: String, reason: SchedulerReason) -> Decision {
    let mut decision = explain(pod, reason);
    decision.requeue_after = Some(RETRY_INTERVAL);
    decision.records.push(Record::warning(pod, "FailedScheduling", sentence.clone()));
    if unschedulable_message(pod) != Some(sentence.as_str()) {
        decision.steps.push(patch_status(
            pod,
            crate::value!({
                "conditions": [{
                    "type": "PodScheduled",
                    "status": "False",
                    "reason": "Unschedulable",
                    "message": sentence,
                    "lastProbeTime": null,
                    "lastTransitionTime": (transition_time(pod, now)),
                    "observedGeneration": (pod.generation()),
                }],
            }),
        ));
    }
    decision
}

// The time of the condition's last change of status, which another message does not change.
fn transition_time(pod: &Object, now: Time) -> String {
    let conditions = pod.status().get("conditions").items().iter();
    let mut scheduled = conditions.filter(|c| c.get("type").str() == "PodScheduled");
    match scheduled.next().filter(|c| c.get("status").str() == "False") {
        Some(condition) => condition.get("lastTransitionTime").str().into(),
        None => now.rfc3339(),
    }
}

#[cfg(test)]
mod tests;
