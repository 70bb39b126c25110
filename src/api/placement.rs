//! Whether a Pod may be on a node at all: what scheduler and kubelet both ask.
//!
//! Models `component-helpers/scheduling/corev1/nodeaffinity` and the ports of
//! `pkg/scheduler/framework/plugins/nodeports`.

use super::object::Object;
use super::selector::{labels_match, node_selector_matches};
use super::value::EcoString;

/// Whether node selector and required node affinity of a Pod allow a node
/// (`nodeaffinity.GetRequiredNodeAffinity`).
pub fn node_matches(pod: &Object, node: &Object) -> bool {
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let affinity = pod.path(&["spec", "affinity", "nodeAffinity", required]);
    labels_match(pod.spec().get("nodeSelector"), node.labels())
        && (affinity.is_null() || node_selector_matches(affinity, node))
}

/// Number, protocol and address of a port of the node.
pub type HostPort = (i64, EcoString, EcoString);

/// The ports of its node that a Pod wants.
pub fn host_ports(pod: &Object) -> Vec<HostPort> {
    let containers = pod.spec().get("containers").items().iter();
    let ports = containers.flat_map(|c| c.get("ports").items());
    ports
        .filter_map(|port| {
            let number = port.get("hostPort").as_i64().filter(|number| *number > 0)?;
            let protocol = port.get("protocol").as_str().unwrap_or("TCP");
            Some((number, protocol.into(), port.get("hostIP").str().into()))
        })
        .collect()
}

/// Whether two Pods cannot both have theirs.
pub fn collide(a: &HostPort, b: &HostPort) -> bool {
    let any = |ip: &str| ["", "0.0.0.0"].contains(&ip);
    a.0 == b.0 && a.1 == b.1 && (a.2 == b.2 || any(&a.2) || any(&b.2))
}

/// Whether two Pods want the same port of their node (`nodeports.Fits`).
pub fn ports_conflict(pod: &Object, other: &Object) -> bool {
    let wanted = host_ports(pod);
    !wanted.is_empty() && host_ports(other).iter().any(|t| wanted.iter().any(|w| collide(w, t)))
}
