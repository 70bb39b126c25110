//! Which nodes will do.
//!
//! Models the filter plugins of `pkg/scheduler/framework/plugins` in their default order; the
//! first that objects to a node ends the look at it. Left out: limits of attached volumes and
//! dynamic resources.

use crate::api::object::Object;
pub use crate::api::placement::node_matches;
use crate::api::placement::{
    HostPort, RequiredNodeAffinity, collide, host_ports, taint_text, tolerates,
};
use crate::api::pod::is_terminal;
use crate::api::pod_requests::{nonzero_requests, pod_requests};
use crate::api::quantity::Quantity;
use crate::api::value::EcoString;
use crate::client::Lister;
use crate::controller::reason::scheduler::NodeReason;

use super::affinity::{self, Affinity};
use super::node_info::NodeInfo;
use super::spread::{self, Spread};
use super::volume::{self, PodVolumes};

/// What is known of a Pod before nodes are looked at.
pub struct Cycle<'a> {
    /// The Pod.
    pub pod: &'a Object,
    /// Its claims.
    pub volumes: PodVolumes<'a>,
    /// What it asks for, in the order in which it is looked at.
    pub requests: Vec<(EcoString, Quantity)>,
    /// CPU and memory that it counts for where nodes are compared.
    pub nonzero: (i64, i64),
    ports: Vec<HostPort>,
    required: RequiredNodeAffinity<'a>,
    affinity: Affinity,
    spread: Spread,
}

impl<'a> Cycle<'a> {
    /// Gathers what the filters need (`PreFilter`).
    pub fn new(lister: Lister<'a>, pod: &'a Object, volumes: PodVolumes<'a>) -> Self {
        Cycle {
            volumes,
            requests: requests(pod),
            nonzero: nonzero_requests(pod.spec()),
            ports: host_ports(pod),
            required: RequiredNodeAffinity::of(pod),
            affinity: Affinity::of(lister, pod),
            spread: Spread::of(lister, pod),
            pod,
        }
    }

    /// What is against a node; nothing means that it will do.
    pub fn filter(&self, lister: Lister<'_>, info: &NodeInfo) -> Vec<NodeReason> {
        let (pod, node) = (self.pod, info.node);
        type Filter<'f> = &'f dyn Fn() -> Vec<NodeReason>;
        let filters: [Filter; 9] = [
            &|| unschedulable(pod, info).into_iter().collect(),
            &|| node_name(pod, node).into_iter().collect(),
            &|| untolerated(pod, info).into_iter().collect(),
            &|| match self.required.matches(node) {
                true => Vec::new(),
                false => vec![NodeReason::NodeAffinity],
            },
            &|| port_taken(lister, self, node).into_iter().collect(),
            &|| resources(lister, self, info),
            &|| volume::filter(lister, &self.volumes, node),
            &|| spread::filter(&self.spread, node).into_iter().collect(),
            &|| affinity::filter(&self.affinity, node).into_iter().collect(),
        ];
        filters.iter().map(|filter| filter()).find(|r| !r.is_empty()).unwrap_or_default()
    }
}

// By the order in which upstream looks at resources.
fn requests(pod: &Object) -> Vec<(EcoString, Quantity)> {
    let order = |name: &EcoString| match name.as_str() {
        "cpu" => 0,
        "memory" => 1,
        "ephemeral-storage" => 2,
        _ => 3,
    };
    let all = pod_requests(pod.spec()).into_iter();
    let mut wanted: Vec<_> = all.filter(|(_, amount)| !amount.is_zero()).collect();
    wanted.sort_by_key(|(name, _)| order(name));
    wanted
}

fn unschedulable(pod: &Object, info: &NodeInfo) -> Option<NodeReason> {
    if !info.facts.is_cordoned {
        return None;
    }
    let taint = crate::value!({
        "key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule",
    });
    (!tolerates(pod, &taint)).then_some(NodeReason::Unschedulable)
}

fn node_name(pod: &Object, node: &Object) -> Option<NodeReason> {
    let wanted = pod.spec().get("nodeName").str();
    (!wanted.is_empty() && wanted != node.name()).then_some(NodeReason::OtherName)
}

fn untolerated(pod: &Object, info: &NodeInfo) -> Option<NodeReason> {
    let taint = info.facts.repelling.iter().find(|taint| !tolerates(pod, taint))?;
    Some(NodeReason::UntoleratedTaint(taint_text(taint)))
}

fn port_taken(lister: Lister<'_>, cycle: &Cycle, node: &Object) -> Option<NodeReason> {
    if cycle.ports.is_empty() {
        return None;
    }
    let taken: Vec<HostPort> = others_on(lister, cycle.pod, node).flat_map(host_ports).collect();
    let conflict = cycle.ports.iter().find(|w| taken.iter().any(|t| collide(w, t)))?;
    Some(NodeReason::PortTaken(u32::try_from(conflict.0).unwrap_or_default()))
}

// Pods that have a node's room, or will have it: those of the node and those that wait for
// their volumes there.
fn others_on<'a>(
    lister: Lister<'a>,
    pod: &Object,
    node: &Object,
) -> impl Iterator<Item = &'a Object> {
    let uid = EcoString::from(pod.uid());
    let there = lister.pods_on_node(node.name());
    there
        .chain(nominated_to(lister, node.name()))
        .filter(move |other| other.uid() != uid && !is_terminal(other))
}

fn nominated_to<'a>(lister: Lister<'a>, node: &str) -> impl Iterator<Item = &'a Object> {
    let node = EcoString::from(node);
    let waiting = lister.pod_index().nominated().filter_map(move |key| lister.get(key));
    waiting.filter(move |pod| pod.status().get("nominatedNodeName").str() == node)
}

/// CPU (thousandths), memory (bytes) and number of Pods that others have of a node.
fn used(lister: Lister<'_>, pod: &Object, info: &NodeInfo) -> (i64, i64, i64) {
    let mut used = info.pods.map_or((0, 0, 0), |n| (n.milli_cpu, n.memory, n.active_count));
    if lister.pod_index().nominated().next().is_none() {
        return used;
    }
    let waiting = nominated_to(lister, &info.facts.name);
    for other in waiting.filter(|other| other.uid() != pod.uid() && !is_terminal(other)) {
        let requests = pod_requests(other.spec());
        used.0 += requests.get("cpu").map_or(0, |cpu| cpu.milli());
        used.1 += requests.get("memory").map_or(0, |memory| memory.units());
        used.2 += 1;
    }
    used
}

fn resources(lister: Lister<'_>, cycle: &Cycle, info: &NodeInfo) -> Vec<NodeReason> {
    let (pod, allocatable) = (cycle.pod, &info.facts.allocatable);
    let (milli_cpu, memory, count) = used(lister, pod, info);
    let mut reasons = Vec::new();
    if let Some(limit) = info.facts.pods_max
        && count + 1 > limit
    {
        reasons.push(NodeReason::TooManyPods(limit));
    }
    for (name, amount) in &cycle.requests {
        let in_units = |amount: Quantity| match name.as_str() {
            "cpu" => amount.milli(),
            _ => amount.units(),
        };
        let total = allocatable.get(name).copied().map_or(0, in_units);
        let taken = match name.as_str() {
            "cpu" => milli_cpu,
            "memory" => memory,
            other => others_on(lister, pod, info.node)
                .map(|o| pod_requests(o.spec()).get(other).copied().map_or(0, in_units))
                .sum(),
        };
        let (requested, free) = (in_units(*amount), total - taken);
        if requested > free {
            let (resource, exceeds_node) = (name.clone(), requested > total);
            reasons.push(NodeReason::Insufficient { resource, requested, free, exceeds_node });
        }
    }
    reasons
}
