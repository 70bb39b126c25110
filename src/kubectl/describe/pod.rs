//! Pods.
//!
//! Models PodDescriber of describe.go.

use super::Writer;
use super::container::describe_containers;
use super::template::{tolerations, topology_spread_constraints};
use super::volume::describe_volumes;
use super::writer::{long_time, scalar};
use crate::api::object::Object;
use crate::api::quantity::Quantity;
use crate::api::time::Time;
use crate::api::value::Value;
use crate::text::duration;

/// Writes everything but the events.
pub fn describe(pod: &Object, w: &mut Writer, now: Time) {
    let (spec, status) = (pod.spec(), pod.status());
    heading(pod, w);
    w.labels("Labels", pod.metadata().get("labels"));
    w.annotations("Annotations", pod.metadata().get("annotations"));
    phase(pod, w, now);
    w.field_if(0, "Reason", status.get("reason").str());
    w.field_if(0, "Message", status.get("message").str());
    let seccomp = spec.path(&["securityContext", "seccompProfile", "type"]).str();
    w.field_if(0, "SeccompProfile", seccomp);
    addresses(status, w);
    if let Some(owner) = pod.controller() {
        w.field(0, "Controlled By", &format!("{}/{}", owner.kind(), owner.name()));
    }
    w.field_if(0, "NominatedNodeName", status.get("nominatedNodeName").str());
    let init = spec.get("initContainers");
    if !init.items().is_empty() {
        let statuses = Some(status.get("initContainerStatuses"));
        describe_containers("Init Containers", init, statuses, Some(pod), w);
    }
    let statuses = Some(status.get("containerStatuses"));
    describe_containers("Containers", spec.get("containers"), statuses, Some(pod), w);
    conditions(pod, w);
    describe_volumes(spec.get("volumes"), w, "");
    w.field(0, "QoS Class", &quality_of_service(pod));
    w.labels("Node-Selectors", spec.get("nodeSelector"));
    w.multiline("Tolerations", &tolerations(spec.get("tolerations")));
    topology_spread_constraints(spec.get("topologySpreadConstraints"), w, "");
}

fn heading(pod: &Object, w: &mut Writer) {
    let spec = pod.spec();
    w.field(0, "Name", pod.name());
    w.field(0, "Namespace", pod.namespace());
    if !spec.get("priority").is_null() {
        w.field(0, "Priority", &scalar(spec.get("priority")));
    }
    w.field_if(0, "Priority Class Name", spec.get("priorityClassName").str());
    w.field_if(0, "Runtime Class Name", spec.get("runtimeClassName").str());
    w.field_if(0, "Service Account", spec.get("serviceAccountName").str());
    let node = match spec.get("nodeName").str() {
        "" => "<none>".to_string(),
        node => format!("{node}/{}", pod.status().get("hostIP").str()),
    };
    w.field(0, "Node", &node);
    if !pod.status().get("startTime").is_null() {
        w.field(0, "Start Time", &long_time(pod.status().get("startTime")));
    }
}

fn phase(pod: &Object, w: &mut Writer, now: Time) {
    let phase = pod.status().get("phase").str();
    if pod.is_terminating() && !matches!(phase, "Failed" | "Succeeded") {
        let lasts = duration::age(now, pod.deletion_timestamp());
        w.field(0, "Status", &format!("Terminating (lasts {lasts})"));
        let grace = pod.metadata().get("deletionGracePeriodSeconds").as_i64().unwrap_or(0);
        w.field(0, "Termination Grace Period", &format!("{grace}s"));
    } else {
        w.field(0, "Status", phase);
    }
}

fn addresses(status: &Value, w: &mut Writer) {
    w.field(0, "IP", status.get("podIP").str());
    let addresses = status.get("podIPs").items();
    w.line(0, if addresses.is_empty() { "IPs:\t<none>" } else { "IPs:" });
    for address in addresses {
        w.field(1, "IP", address.get("ip").str());
    }
}

fn conditions(pod: &Object, w: &mut Writer) {
    let conditions = pod.status().get("conditions").items();
    let status_of = |kind: &str| {
        let found = conditions.iter().find(|c| c.get("type").str() == kind);
        found.map_or("<none>", |condition| condition.get("status").str())
    };
    let gates = pod.spec().get("readinessGates").items();
    if !gates.is_empty() {
        w.line(0, "Readiness Gates:\n  Type\tStatus");
    }
    for gate in gates {
        let kind = gate.get("conditionType").str();
        w.line(1, &format!("{kind} \t{} ", status_of(kind)));
    }
    if !conditions.is_empty() {
        w.line(0, "Conditions:\n  Type\tStatus");
    }
    for condition in conditions {
        let (kind, status) = (condition.get("type").str(), condition.get("status").str());
        w.line(1, &format!("{kind} \t{status} "));
    }
}

/// The class that the server noted, or would (`qos.GetPodQOS`).
fn quality_of_service(pod: &Object) -> String {
    match pod.status().get("qosClass").str() {
        "" => computed_class(pod).into(),
        class => class.into(),
    }
}

fn computed_class(pod: &Object) -> &'static str {
    let (init, main) = (pod.spec().get("initContainers"), pod.spec().get("containers"));
    let containers: Vec<&Value> = init.items().iter().chain(main.items()).collect();
    let quantity = |container: &Value, list: &str, name: &str| {
        Quantity::of(container.path(&["resources", list, name]))
    };
    let lists = ["requests", "limits"];
    let names = ["cpu", "memory"];
    let none = containers.iter().all(|container| {
        lists.iter().all(|list| names.iter().all(|name| quantity(container, list, name).is_zero()))
    });
    let guaranteed = containers.iter().all(|container| {
        names.iter().all(|name| {
            let limit = quantity(container, "limits", name);
            !limit.is_zero() && limit == quantity(container, "requests", name)
        })
    });
    match (none, guaranteed) {
        (true, _) => "BestEffort",
        (_, true) => "Guaranteed",
        _ => "Burstable",
    }
}
