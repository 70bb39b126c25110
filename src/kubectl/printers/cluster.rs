//! Rows of Nodes, Namespaces, Events and Leases.
//!
//! Models printNode, printNamespace, printEvent, printLease of
//! `pkg/printers/internalversion/printers.go`.

use super::{TableDefinition, age, column, or_none, since, wide};
use crate::api::object::Object;
use crate::api::time::Time;
use crate::api::value::Value;

/// The table of Nodes.
pub const NODE: TableDefinition = TableDefinition {
    columns: &[
        column("Name"),
        column("Status"),
        column("Roles"),
        column("Age"),
        column("Version"),
        wide("Internal-IP"),
        wide("External-IP"),
        wide("OS-Image"),
        wide("Kernel-Version"),
        wide("Container-Runtime"),
    ],
    row: |node, now| {
        let info = node.status().get("nodeInfo");
        let or_unknown = |field: &str| match info.get(field).str() {
            "" => "<unknown>".to_string(),
            text => text.to_string(),
        };
        let kernel = format!("{} ({})", or_unknown("kernelVersion"), or_unknown("architecture"));
        vec![
            node.name().into(),
            node_status(node),
            roles(node),
            age(node, now),
            info.get("kubeletVersion").str().into(),
            address(node, "InternalIP"),
            address(node, "ExternalIP"),
            or_unknown("osImage"),
            kernel,
            or_unknown("containerRuntimeVersion"),
        ]
    },
};

fn node_status(node: &Object) -> String {
    let conditions = node.status().get("conditions").items();
    let ready = conditions.iter().find(|c| c.get("type").str() == "Ready");
    let ready = match ready.map(|condition| condition.get("status").str()) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    match node.spec().get("unschedulable").is_true() {
        true => format!("{ready},SchedulingDisabled"),
        false => ready.into(),
    }
}

/// Models findNodeRoles.
pub fn roles(node: &Object) -> String {
    let mut roles: Vec<&str> = Vec::new();
    for (key, value) in node.metadata().get("labels").entries() {
        if let Some(role) = key.strip_prefix("node-role.kubernetes.io/") {
            roles.push(role);
        } else if key == "kubernetes.io/role" && !value.str().is_empty() {
            roles.push(value.str());
        }
    }
    roles.sort_unstable();
    or_none(&roles.join(","))
}

fn address(node: &Object, kind: &str) -> String {
    let addresses = node.status().get("addresses").items();
    let found = addresses.iter().find(|a| a.get("type").str() == kind);
    or_none(found.map_or("", |address| address.get("address").str()))
}

/// The table of Namespaces.
pub const NAMESPACE: TableDefinition = TableDefinition {
    columns: &[column("Name"), column("Status"), column("Age")],
    row: |namespace, now| {
        let phase = namespace.status().get("phase").str();
        vec![namespace.name().into(), phase.into(), age(namespace, now)]
    },
};

/// The table of Leases.
pub const LEASE: TableDefinition = TableDefinition {
    columns: &[column("Name"), column("Holder"), column("Age")],
    row: |lease, now| {
        let holder = lease.spec().get("holderIdentity").str();
        vec![lease.name().into(), holder.into(), age(lease, now)]
    },
};

/// The table of Events.
pub const EVENT: TableDefinition = TableDefinition {
    columns: &[
        column("Last Seen"),
        column("Type"),
        column("Reason"),
        column("Object"),
        wide("Subobject"),
        wide("Source"),
        column("Message"),
        wide("First Seen"),
        wide("Count"),
        wide("Name"),
    ],
    row: event,
};

fn event(event: &Object, now: Time) -> Vec<String> {
    let value = &event.value;
    let object = value.get("involvedObject");
    let target = match object.get("name").str() {
        "" => object.get("kind").str().to_lowercase(),
        name => format!("{}/{name}", object.get("kind").str().to_lowercase()),
    };
    let first = match value.get("firstTimestamp") {
        Value::Null => since(value.get("eventTime"), now),
        first => since(first, now),
    };
    let series = value.get("series");
    let (last, count) = match (series, value.get("lastTimestamp")) {
        (Value::Null, Value::Null) => (first.clone(), value.get("count")),
        (Value::Null, last) => (since(last, now), value.get("count")),
        (series, _) => (since(series.get("lastObservedTime"), now), series.get("count")),
    };
    vec![
        last,
        value.get("type").str().into(),
        value.get("reason").str().into(),
        target,
        object.get("fieldPath").str().into(),
        source(event),
        value.get("message").str().trim().into(),
        first,
        count.as_i64().filter(|count| *count > 0).unwrap_or(1).to_string(),
        event.name().into(),
    ]
}

/// Models formatEventSource.
pub fn source(event: &Object) -> String {
    let or = |first: &str, second: &str| match event.path(&["source", first]).str() {
        "" => event.value.get(second).str().to_string(),
        text => text.to_string(),
    };
    let component = or("component", "reportingComponent");
    let host = or("host", "reportingInstance");
    match host.as_str() {
        "" => component,
        host => format!("{component}, {host}"),
    }
}
