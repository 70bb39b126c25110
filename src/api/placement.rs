//! Whether a Pod may be on a node at all: what scheduler and kubelet both ask.
//!
//! Models `component-helpers/scheduling/corev1` (`nodeaffinity`, `ToleratesTaint`) and the ports
//! of `pkg/scheduler/framework/plugins/nodeports`.

use super::object::Object;
use super::selector::{labels_match, node_selector_matches};
use super::value::{EcoString, Value};

/// The kernel of the nodes, which their containers share.
pub const NODE_KERNEL: &str = "6.8.0-85-generic";

/// Node selector and required node affinity of a Pod (`nodeaffinity.RequiredNodeAffinity`).
#[derive(Clone, Copy, Debug)]
pub struct RequiredNodeAffinity<'a> {
    selector: &'a Value,
    affinity: &'a Value,
}

impl<'a> RequiredNodeAffinity<'a> {
    /// What a Pod requires (`GetRequiredNodeAffinity`).
    pub fn of(pod: &'a Object) -> Self {
        let required = "requiredDuringSchedulingIgnoredDuringExecution";
        RequiredNodeAffinity {
            selector: pod.spec().get("nodeSelector"),
            affinity: pod.path(&["spec", "affinity", "nodeAffinity", required]),
        }
    }

    /// Whether it allows a node.
    pub fn matches(self, node: &Object) -> bool {
        (self.selector.is_null() || labels_match(self.selector, node.labels()))
            && (self.affinity.is_null() || node_selector_matches(self.affinity, node))
    }
}

/// Whether node selector and required node affinity of a Pod allow a node.
pub fn node_matches(pod: &Object, node: &Object) -> bool {
    RequiredNodeAffinity::of(pod).matches(node)
}

/// `key=value:effect`, as kubectl writes taints.
pub fn taint_text(taint: &Value) -> EcoString {
    let (key, effect) = (taint.get("key").str(), taint.get("effect").str());
    match taint.get("value").str() {
        "" => format!("{key}:{effect}").into(),
        value => format!("{key}={value}:{effect}").into(),
    }
}

/// Whether a Pod tolerates a taint (`v1helper.TolerationsTolerateTaint`).
pub fn tolerates(pod: &Object, taint: &Value) -> bool {
    any_accepts(pod.spec().get("tolerations"), taint)
}

/// Whether one of these tolerations tolerates a taint.
pub fn any_accepts(tolerations: &Value, taint: &Value) -> bool {
    tolerations.items().iter().any(|toleration| accepts(toleration, taint))
}

/// Whether one toleration tolerates a taint (`Toleration.ToleratesTaint`).
pub fn accepts(toleration: &Value, taint: &Value) -> bool {
    let is = |field: &str| ["", taint.get(field).str()].contains(&toleration.get(field).str());
    let value = match toleration.get("operator").str() {
        "" | "Equal" => toleration.get("value").str() == taint.get("value").str(),
        "Exists" => true,
        _ => false,
    };
    is("effect") && is("key") && value
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
