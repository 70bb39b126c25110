//! Which nodes a DaemonSet's Pods belong on, and how they get there.
//!
//! Models `nodeShouldRunDaemonPod` and `pkg/controller/daemon/util`.

use super::REVISION_LABEL;
use crate::api::object::Object;
use crate::api::placement::any_accepts;
use crate::api::selector::{labels_match, node_selector_matches};
use crate::api::value::{ArrayMut, Value};
use crate::controller::pod_control::pod_from_template;

/// Taints that every daemon endures (`AddOrUpdateDaemonPodTolerations`).
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

const REQUIRED: [&str; 4] =
    ["spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];

/// Whether a new Pod of the set belongs on a node.
pub fn should_run(set: &Object, node: &Object) -> bool {
    is_selected(set, node) && !has_taint(set, node, &["NoSchedule", "NoExecute"])
}

/// Whether a Pod that is there may stay.
pub fn should_continue(set: &Object, node: &Object) -> bool {
    is_selected(set, node) && !has_taint(set, node, &["NoExecute"])
}

fn is_selected(set: &Object, node: &Object) -> bool {
    let template = set.spec().get("template");
    let name = template.path(&["spec", "nodeName"]).str();
    let required = template.path(&REQUIRED);
    (name.is_empty() || name == node.name())
        && labels_match(template.path(&["spec", "nodeSelector"]), node.labels())
        && (required.is_null() || node_selector_matches(required, node))
}

fn has_taint(set: &Object, node: &Object, effects: &[&str]) -> bool {
    let own = set.path(&["spec", "template", "spec", "tolerations"]);
    let is_endured = |taint: &Value| {
        let (key, effect) = (taint.get("key").str(), taint.get("effect").str());
        TOLERATED.contains(&(key, effect)) || any_accepts(own, taint)
    };
    let taints = node.spec().get("taints").items();
    taints.iter().any(|t| effects.contains(&t.get("effect").str()) && !is_endured(t))
}

/// The node that a Pod is on or made for.
pub fn node_of(pod: &Object) -> &str {
    match pod.spec().get("nodeName").str() {
        "" => {
            let term = pod.path(&REQUIRED).get("nodeSelectorTerms").at(0);
            term.get("matchFields").at(0).get("values").at(0).str()
        }
        name => name,
    }
}

/// The Pod for a node (`CreatePodTemplate`, `ReplaceDaemonSetPodNodeNameNodeAffinity`).
pub fn pod_for(set: &Object, node: &str, hash: &str) -> Object {
    let mut pod = pod_from_template(set, set.spec().get("template"));
    pod.set(&["metadata", "labels", REVISION_LABEL], hash);
    let generation = set.annotation("deprecated.daemonset.template.generation").unwrap_or("1");
    pod.set(&["metadata", "labels", "pod-template-generation"], generation);
    let field = crate::value!({"key": "metadata.name", "operator": "In", "values": [node]});
    pod.set(&REQUIRED, crate::value!({"nodeSelectorTerms": [{"matchFields": [field]}]}));
    tolerate(pod.value.path_mut(&["spec", "tolerations"]).array_mut());
    pod
}

fn tolerate(mut tolerations: ArrayMut<'_>) {
    for (key, effect) in TOLERATED {
        let new = crate::value!({"key": key, "operator": "Exists", "effect": effect});
        if !tolerations.contains(&new) {
            tolerations.push(new);
        }
    }
}
