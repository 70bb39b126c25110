//! The conditions of a namespace that is being deleted.
//!
//! Models `pkg/controller/namespace/deletion/status_condition_utils.go`.

use super::Remaining;
use crate::api::time::Time;
use crate::api::value::Value;

/// Type, reason and message of each condition when nothing stands in the way, in order.
const ALL_RIGHT: [[&str; 3]; 5] = [
    [
        "NamespaceDeletionDiscoveryFailure",
        "ResourcesDiscovered",
        "All resources successfully discovered",
    ],
    [
        "NamespaceDeletionGroupVersionParsingFailure",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ],
    [
        "NamespaceDeletionContentFailure",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ],
    ["NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"],
    [
        "NamespaceFinalizersRemaining",
        "ContentHasNoFinalizers",
        "All content-preserving finalizers finished",
    ],
];

/// What is left, as the condition says it.
pub fn remaining_message(remaining: &Remaining) -> String {
    let resources = remaining.resources.iter();
    let parts: Vec<String> =
        resources.map(|(name, count)| format!("{name} has {count} resource instances")).collect();
    format!("Some resources are remaining: {}", parts.join(", "))
}

fn finalizers_message(remaining: &Remaining) -> String {
    let finalizers = remaining.finalizers.iter();
    let parts: Vec<String> =
        finalizers.map(|(name, count)| format!("{name} in {count} resource instances")).collect();
    format!("Some content in the namespace has finalizers remaining: {}", parts.join(", "))
}

/// The conditions after a pass, if anything in them changes.
///
/// Models updateConditions.
pub fn update(old: &[Value], remaining: &Remaining, now: Time) -> Option<Vec<Value>> {
    let mut conditions = old.to_vec();
    for [condition_type, reason, message] in ALL_RIGHT {
        let (status, reason, message) = match condition_type {
            "NamespaceContentRemaining" if !remaining.resources.is_empty() => {
                ("True", "SomeResourcesRemain", remaining_message(remaining))
            }
            "NamespaceFinalizersRemaining" if !remaining.finalizers.is_empty() => {
                ("True", "SomeFinalizersRemain", finalizers_message(remaining))
            }
            _ => ("False", reason, message.to_owned()),
        };
        let mut new = crate::value!({
            "lastTransitionTime": (now.rfc3339()),
            "message": message,
            "reason": reason,
            "status": status,
            "type": condition_type,
        });
        let known = conditions.iter_mut().find(|c| c.get("type").str() == condition_type);
        let Some(known) = known else {
            conditions.push(new);
            continue;
        };
        if known.get("status") == new.get("status") {
            new.set(&["lastTransitionTime"], known.get("lastTransitionTime").clone());
        }
        *known = new;
    }
    (conditions != old).then_some(conditions)
}
