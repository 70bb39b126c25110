//! Nodes.
//!
//! Models NodeDescriber of describe.go.

use super::writer::{long_time, or, resources, scalar};
use super::{Surroundings, Writer};
use crate::api::object::Object;
use crate::api::placement::taint_text;
use crate::api::pod::is_terminal;
use crate::api::quantity::Quantity;
use crate::api::scheme::Kind;
use crate::api::value::Value;
use crate::kubectl::printers::roles;
use crate::text::duration;

/// Writes everything but the events.
pub fn describe(node: &Object, w: &mut Writer, around: &mut Surroundings<'_, '_>) {
    let (spec, status) = (node.spec(), node.status());
    w.field(0, "Name", node.name());
    w.field(0, "Roles", &roles(node));
    w.labels("Labels", node.metadata().get("labels"));
    w.annotations("Annotations", node.metadata().get("annotations"));
    w.field(0, "CreationTimestamp", &long_time(node.metadata().get("creationTimestamp")));
    w.multiline("Taints", &taints(spec.get("taints")));
    w.field(0, "Unschedulable", &spec.get("unschedulable").is_true().to_string());
    lease(node, w, around);
    conditions(status.get("conditions").items(), w);
    addresses(status, w);
    for (title, field) in [("Capacity", "capacity"), ("Allocatable", "allocatable")] {
        let list = resources(status.get(field));
        if !list.is_empty() {
            w.line(0, &format!("{title}:"));
        }
        for (name, quantity) in list {
            w.field(1, &name, &quantity);
        }
    }
    system_information(node, w);
    w.field_if(0, "PodCIDR", spec.get("podCIDR").str());
    let ranges: Vec<&str> = spec.get("podCIDRs").items().iter().map(Value::str).collect();
    w.field_if(0, "PodCIDRs", &ranges.join(","));
    w.field_if(0, "ProviderID", spec.get("providerID").str());
    pods(node, w, around);
}

/// Models printNodeTaintsMultiline.
fn taints(taints: &Value) -> Vec<String> {
    let mut sorted: Vec<&Value> = taints.items().iter().collect();
    sorted.sort_by_key(|taint| (taint.get("effect").str(), taint.get("key").str()));
    sorted.into_iter().map(|taint| taint_text(taint).into()).collect()
}

fn lease(node: &Object, w: &mut Writer, around: &mut Surroundings<'_, '_>) {
    let lease = around.get(Kind::Lease, "kube-node-lease", node.name());
    w.line(0, "Lease:");
    let spec = lease.as_ref().map_or(&Value::Null, Object::spec);
    w.field(1, "HolderIdentity", or(spec.get("holderIdentity").str(), "<unset>"));
    for (title, field) in [("AcquireTime", "acquireTime"), ("RenewTime", "renewTime")] {
        let time = match spec.get(field) {
            Value::Null => "<unset>".to_string(),
            time => long_time(time),
        };
        w.field(1, title, &time);
    }
}

fn conditions(conditions: &[Value], w: &mut Writer) {
    if conditions.is_empty() {
        return;
    }
    w.line(
        0,
        "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage",
    );
    w.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for condition in conditions {
        let text = |field: &str| condition.get(field).str();
        let heartbeat = long_time(condition.get("lastHeartbeatTime"));
        let transition = long_time(condition.get("lastTransitionTime"));
        let (kind, status) = (text("type"), text("status"));
        let (reason, message) = (text("reason"), text("message"));
        let times = format!("{heartbeat} \t{transition}");
        w.line(1, &format!("{kind} \t{status} \t{times} \t{reason} \t{message}"));
    }
}

fn addresses(status: &Value, w: &mut Writer) {
    w.line(0, "Addresses:");
    for address in status.get("addresses").items() {
        w.field(1, address.get("type").str(), address.get("address").str());
    }
}

fn system_information(node: &Object, w: &mut Writer) {
    let info = node.status().get("nodeInfo");
    w.line(0, "System Info:");
    for (title, field) in [
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
        ("Kube-Proxy Version", "kubeProxyVersion"),
    ] {
        w.field(1, title, info.get(field).str());
    }
}

/// Pods on the node and what they ask for (describeNodeResource).
fn pods(node: &Object, w: &mut Writer, around: &mut Surroundings<'_, '_>) {
    let all = around.list(Kind::Pod, "");
    let here = |pod: &&Object| pod.spec().get("nodeName").str() == node.name() && !is_terminal(pod);
    let pods: Vec<&Object> = all.iter().filter(here).collect();
    w.line(0, &format!("Non-terminated Pods:\t({} in total)", pods.len()));
    w.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    w.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    let allocatable = node.status().get("allocatable");
    for pod in &pods {
        let cells: Vec<String> =
            [("requests", "cpu"), ("limits", "cpu"), ("requests", "memory"), ("limits", "memory")]
                .iter()
                .map(|(list, name)| amount(pod_total(pod, list, name), allocatable.get(name), name))
                .collect();
        let age = duration::age(around.now, pod.created_at());
        let (namespace, name) = (pod.namespace(), pod.name());
        w.line(1, &format!("{namespace}\t{name}\t\t{}\t{age}", cells.join("\t")));
    }
    w.line(
        0,
        "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)",
    );
    w.line(1, "Resource\tRequests\tLimits");
    w.line(1, "--------\t--------\t------");
    let mut names = vec!["cpu", "memory", "ephemeral-storage"];
    let others = allocatable.entries().map(|(name, _)| name.as_str());
    names.extend(others.filter(|name| name.starts_with("hugepages-")));
    for name in names {
        let total = |list: &str| {
            let sum: i64 = pods.iter().map(|pod| pod_total(pod, list, name)).sum();
            amount(sum, allocatable.get(name), name)
        };
        w.line(1, &format!("{name}\t{}\t{}", total("requests"), total("limits")));
    }
}

/// What a Pod asks for in thousandths: its containers together, or its largest init container.
fn pod_total(pod: &Object, list: &str, name: &str) -> i64 {
    let of = |container: &Value| Quantity::of(container.path(&["resources", list, name])).milli();
    let init = pod.spec().get("initContainers").items();
    let is_sidecar = |c: &&Value| c.get("restartPolicy").str() == "Always";
    let sidecars: i64 = init.iter().filter(is_sidecar).map(of).sum();
    let main: i64 = pod.spec().get("containers").items().iter().map(of).sum();
    let largest = init.iter().filter(|c| !is_sidecar(c)).map(of).max().unwrap_or(0);
    (main + sidecars).max(largest)
}

/// `500m (25%)`; percent are of what the node can give, cut off.
fn amount(milli: i64, allocatable: &Value, name: &str) -> String {
    let whole = Quantity::of(allocatable).milli();
    let percent = (milli * 100).checked_div(whole).unwrap_or(0);
    let text = match (milli, name) {
        (0, _) => "0".to_string(),
        (milli, "cpu") if milli % 1000 != 0 => format!("{milli}m"),
        (milli, "cpu") => (milli / 1000).to_string(),
        (milli, _) => bytes(milli / 1000),
    };
    format!("{text} ({percent}%)")
}

/// Bytes in the largest binary unit without remainder.
fn bytes(amount: i64) -> String {
    let units = ["Ei", "Pi", "Ti", "Gi", "Mi", "Ki"];
    for (index, unit) in units.iter().enumerate() {
        let size = 1i64 << (10 * (6 - index));
        if amount % size == 0 && amount >= size {
            return format!("{}{unit}", amount / size);
        }
    }
    scalar(&amount.into())
}
