//! What the scheduler says, in English.

use crate::api::value::EcoString;
use crate::controller::reason::scheduler::{ClaimReason, NodeReason, SchedulerReason};

/// A reason as one sentence.
pub fn sentence(reason: &SchedulerReason) -> String {
    match reason {
        SchedulerReason::Bound { node, feasible_count, held_by_volumes } => {
            bound(node, *feasible_count, held_by_volumes)
        }
        SchedulerReason::Unschedulable(nodes) => {
            let each: Vec<String> = nodes
                .iter()
                .map(|(node, reasons)| {
                    let list: Vec<String> = reasons.iter().map(objection).collect();
                    format!("{node}: {}", list.join(", "))
                })
                .collect();
            format!("No node will do. {}.", each.join("; "))
        }
        SchedulerReason::ClaimsNotReady(reason) => claim(reason),
        SchedulerReason::NoNodes => "There is no node in the cluster.".into(),
        SchedulerReason::WaitingForVolumes { node, claims } => format!(
            "{node} is chosen; the Pod is bound to it once {} has its volume there.",
            claims.join(", ")
        ),
        SchedulerReason::Gated(gates) => {
            format!("Not looked at until its scheduling gates are gone: {}.", gates.join(", "))
        }
        SchedulerReason::OtherScheduler(name) => {
            format!("It asks for the scheduler {name}, which does not exist here.")
        }
        SchedulerReason::Preempting { node, victims } => {
            format!("Pods of lower priority make room on {node}: {}.", victims.join(", "))
        }
    }
}

fn bound(node: &str, feasible_count: u32, held_by: &[EcoString]) -> String {
    match (held_by.is_empty(), feasible_count) {
        (false, _) => format!("Goes to {node}, where its volume {} is.", held_by.join(", ")),
        (true, 1) => format!("Goes to {node}, the only node that will do."),
        (true, count) => {
            format!("Goes to {node}: {count} nodes would do, this one has most room.")
        }
    }
}

fn claim(reason: &ClaimReason) -> String {
    match reason {
        ClaimReason::NotFound(claim) => format!("Its PersistentVolumeClaim {claim} is missing."),
        ClaimReason::Terminating(claim) => {
            format!("Its PersistentVolumeClaim {claim} is being deleted.")
        }
        ClaimReason::Lost { claim, volume } => format!(
            "Its PersistentVolumeClaim {claim} has lost the PersistentVolume {volume}; it can \
             start again only if a volume of that name comes back."
        ),
        ClaimReason::UnboundImmediate(claims) => format!(
            "Its PersistentVolumeClaim {} is not bound yet, and nodes are looked at only then.",
            claims.join(", ")
        ),
        ClaimReason::VolumeNotFound(volume) => {
            format!("Its PersistentVolume {volume} does not exist.")
        }
        ClaimReason::NotMadeYet(claim) => {
            format!("The claim {claim} of its ephemeral volume is not made yet.")
        }
        ClaimReason::NotOwned { claim, .. } => {
            format!("The claim {claim} of its ephemeral volume belongs to somebody else.")
        }
    }
}

fn objection(reason: &NodeReason) -> String {
    match reason {
        NodeReason::Unschedulable => "it is cordoned".into(),
        NodeReason::OtherName => "the Pod names another node".into(),
        NodeReason::UntoleratedTaint(taint) => format!("the Pod does not tolerate {taint}"),
        NodeReason::NodeAffinity => "its labels are not those the Pod asks for".into(),
        NodeReason::PortTaken(port) => format!("host port {port} is taken"),
        NodeReason::TooManyPods(limit) => format!("it has its {limit} Pods already"),
        NodeReason::Insufficient { resource, requested, free, exceeds_node } => {
            let unit = if resource == "cpu" { "m" } else { "" };
            match exceeds_node {
                true => format!("{requested}{unit} {resource} is more than the whole node has"),
                false => {
                    format!("{requested}{unit} {resource} requested, {}{unit} left", (*free).max(0))
                }
            }
        }
        NodeReason::ClaimInUse { claim, user } => {
            format!("claim {claim} is ReadWriteOncePod and {user} uses it")
        }
        NodeReason::VolumeElsewhere(volume) => format!("volume {volume} is on another node"),
        NodeReason::NoVolume(claim) => format!("there is no volume for claim {claim}"),
        NodeReason::Spread { key, label_missing: false } => {
            format!("too many of its kind there already (spread over {key})")
        }
        NodeReason::Spread { key, label_missing: true } => format!("it has no label {key}"),
        NodeReason::PodAffinity => "the Pods it wants to be with are not there".into(),
        NodeReason::PodAntiAffinity => "a Pod it wants to avoid is there".into(),
        NodeReason::ExistingAntiAffinity => "a Pod that wants to avoid it is there".into(),
    }
}
