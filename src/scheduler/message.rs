//! The scheduler's sentences.
//!
//! Models `pkg/scheduler/framework` `FitError.Error`.

use std::collections::BTreeMap;

use crate::api::value::EcoString;
use crate::controller::reason::scheduler::{ClaimReason, NodeReason};

/// Why each node will not do.
pub type NodeReasons = Vec<(EcoString, Vec<NodeReason>)>;

/// `0/3 nodes are available: 3 Insufficient cpu.`
pub fn of_nodes(reasons: &NodeReasons) -> String {
    let first = histogram(reasons.iter().flat_map(|(_, r)| r).map(NodeReason::message));
    format!("0/{} nodes are available: {first}.", reasons.len())
}

/// `preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.`
pub fn of_preemption(reasons: &NodeReasons) -> String {
    let second = histogram(reasons.iter().map(|(_, reasons)| preemption(reasons).into()));
    format!("preemption: 0/{} nodes are available: {second}.", reasons.len())
}

fn preemption(reasons: &[NodeReason]) -> &'static str {
    match reasons.iter().all(NodeReason::is_resolvable) {
        true => "No preemption victims found for incoming pod",
        false => "Preemption is not helpful for scheduling",
    }
}

// Each sentence with its count, sorted as text.
fn histogram(sentences: impl Iterator<Item = EcoString>) -> String {
    let mut counts: BTreeMap<EcoString, u32> = BTreeMap::new();
    for sentence in sentences {
        *counts.entry(sentence).or_default() += 1;
    }
    let mut parts: Vec<String> = counts.iter().map(|(s, count)| format!("{count} {s}")).collect();
    parts.sort();
    parts.join(", ")
}

/// The sentence for what stops a Pod before nodes are looked at.
pub fn of_claims(node_count: usize, reason: &ClaimReason) -> String {
    format!("0/{node_count} nodes are available: {}. not found", reason.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_and_sorted_as_text() {
        let taint = || vec![NodeReason::UntoleratedTaint("a=b:NoSchedule".into())];
        let apart = || vec![NodeReason::PodAntiAffinity];
        let reasons = vec![
            ("node1".into(), apart()),
            ("node2".into(), vec![NodeReason::Unschedulable]),
            ("node3".into(), taint()),
        ];
        assert_eq!(
            format!("{} {}", of_nodes(&reasons), of_preemption(&reasons)),
            "0/3 nodes are available: 1 node(s) didn't match pod anti-affinity rules, \
             1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. preemption: 0/3 \
             nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption \
             is not helpful for scheduling."
        );
    }
}
