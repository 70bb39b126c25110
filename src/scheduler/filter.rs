//! Which nodes will do.
//!
//! Models the filter plugins of `pkg/scheduler/framework/plugins` in their default order; the
//! first that objects to a node ends the look at it. Left out: limits of attached volumes and
//! dynamic resources.

use crate::api::object::Object;
pub use crate::api::placement::node_matches;
use crate::api::placement::{HostPort, collide, host_ports, taint_text, tolerates};
use crate::api::pod::is_terminal;
use crate::api::pod_requests::{ResourceList, known_list, nonzero_requests, pod_requests};
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::client::Lister;
use crate::controller::reason::scheduler::NodeReason;

use super::affinity::{self, Affinity};
use super::spread::{self, Spread};
use super::volume::{self, PodVolumes};

/// What is known of a Pod before nodes are looked at.
pub struct Cycle<'a> {
    /// The Pod.
    pub pod: &'a Object,
    /// Its claims.
    pub volumes: PodVolumes<'a>,
    /// What it asks for.
    pub requests: ResourceList,
    /// CPU and memory that it counts for where nodes are compared.
    pub nonzero: (i64, i64),
    affinity: Affinity,
    spread: Spread,
}

impl<'a> Cycle<'a> {
    /// Gathers what the filters need (`PreFilter`).
    pub fn new(lister: Lister<'a>, pod: &'a Object, volumes: PodVolumes<'a>) -> Self {
        Cycle {
            volumes,
            requests: pod_requests(pod.spec()),
            nonzero: nonzero_requests(pod.spec()),
            affinity: Affinity::of(lister, pod),
            spread: Spread::of(lister, pod),
            pod,
        }
    }

    /// What is against a node; nothing means that it will do.
    pub fn filter(&self, lister: Lister<'_>, node: &Object) -> Vec<NodeReason> {
        let pod = self.pod;
        type Filter<'f> = &'f dyn Fn() -> Vec<NodeReason>;
        let filters: [Filter; 9] = [
            &|| unschedulable(pod, node).into_iter().collect(),
            &|| node_name(pod, node).into_iter().collect(),
            &|| untolerated(pod, node).into_iter().collect(),
            &|| match node_matches(pod, node) {
                true => Vec::new(),
                false => vec![NodeReason::NodeAffinity],
            },
            &|| port_taken(lister, pod, node).into_iter().collect(),
            &|| resources(lister, pod, &self.requests, node),
            &|| volume::filter(lister, &self.volumes, node),
            &|| spread::filter(&self.spread, node).into_iter().collect(),
            &|| affinity::filter(&self.affinity, node).into_iter().collect(),
        ];
        filters.iter().map(|filter| filter()).find(|r| !r.is_empty()).unwrap_or_default()
    }
}

fn unschedulable(pod: &Object, node: &Object) -> Option<NodeReason> {
    if !node.spec().get("unschedulable").is_true() {
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

fn untolerated(pod: &Object, node: &Object) -> Option<NodeReason> {
    let repels = |taint: &&Value| taint.get("effect").str() != "PreferNoSchedule";
    let mut taints = node.spec().get("taints").items().iter().filter(repels);
    let taint = taints.find(|taint| !tolerates(pod, taint))?;
    Some(NodeReason::UntoleratedTaint(taint_text(taint)))
}

fn port_taken(lister: Lister<'_>, pod: &Object, node: &Object) -> Option<NodeReason> {
    let wanted = host_ports(pod);
    if wanted.is_empty() {
        return None;
    }
    let taken: Vec<HostPort> = others_on(lister, pod, node).flat_map(host_ports).collect();
    let conflict = wanted.iter().find(|w| taken.iter().any(|t| collide(w, t)))?;
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
pub fn used(lister: Lister<'_>, pod: &Object, node: &Object) -> (i64, i64, i64) {
    let index = lister.pod_index().on_node(node.name());
    let mut used = index.map_or((0, 0, 0), |n| (n.milli_cpu, n.memory, n.active_count));
    let waiting = nominated_to(lister, node.name());
    for other in waiting.filter(|other| other.uid() != pod.uid() && !is_terminal(other)) {
        let requests = pod_requests(other.spec());
        used.0 += requests.get("cpu").map_or(0, |cpu| cpu.milli());
        used.1 += requests.get("memory").map_or(0, |memory| memory.units());
        used.2 += 1;
    }
    used
}

fn resources(
    lister: Lister<'_>,
    pod: &Object,
    requests: &ResourceList,
    node: &Object,
) -> Vec<NodeReason> {
    let allocatable = known_list(node.status().get("allocatable"));
    let (milli_cpu, memory, count) = used(lister, pod, node);
    let mut reasons = Vec::new();
    if let Some(limit) = allocatable.get("pods").map(|pods| pods.units())
        && count + 1 > limit
    {
        reasons.push(NodeReason::TooManyPods(limit));
    }
    let order = |name: &EcoString| match name.as_str() {
        "cpu" => 0,
        "memory" => 1,
        "ephemeral-storage" => 2,
        _ => 3,
    };
    let mut wanted: Vec<_> = requests.iter().filter(|(_, amount)| !amount.is_zero()).collect();
    wanted.sort_by_key(|(name, _)| order(name));
    for (name, amount) in wanted {
        let in_units = |amount: crate::api::quantity::Quantity| match name.as_str() {
            "cpu" => amount.milli(),
            _ => amount.units(),
        };
        let total = allocatable.get(name).copied().map_or(0, in_units);
        let taken = match name.as_str() {
            "cpu" => milli_cpu,
            "memory" => memory,
            other => others_on(lister, pod, node)
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

/// All nodes, by name.
pub fn nodes<'a>(lister: Lister<'a>) -> Vec<&'a Object> {
    lister.all(Kind::Node).collect()
}
