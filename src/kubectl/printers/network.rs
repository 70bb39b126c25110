//! Rows of Services and their endpoints.
//!
//! Models printService, printEndpoints, printEndpointSlice of
//! `pkg/printers/internalversion/printers.go`.

use super::{TableDefinition, age, column, format_labels, or_none, three_of, wide};
use crate::api::object::Object;
use crate::api::value::Value;

/// The table of Services.
pub const SERVICE: TableDefinition = TableDefinition {
    columns: &[
        column("Name"),
        column("Type"),
        column("Cluster-IP"),
        column("External-IP"),
        column("Port(s)"),
        column("Age"),
        wide("Selector"),
    ],
    row: |service, now| {
        let spec = service.spec();
        vec![
            service.name().into(),
            spec.get("type").str().into(),
            or_none(spec.get("clusterIPs").at(0).str()),
            external_ip(service),
            ports(spec.get("ports").items()),
            age(service, now),
            format_labels(spec.get("selector").as_object()),
        ]
    },
};

fn external_ip(service: &Object) -> String {
    let join = |list: &Value| {
        let texts: Vec<&str> = list.items().iter().map(Value::str).collect();
        texts.join(",")
    };
    let external = join(service.spec().get("externalIPs"));
    match service.spec().get("type").str() {
        "ExternalName" => service.spec().get("externalName").str().into(),
        "LoadBalancer" => {
            let ingress = service.path(&["status", "loadBalancer", "ingress"]).items();
            let mut all: Vec<&str> = ingress
                .iter()
                .map(|i| if i.get("ip").is_null() { i.get("hostname") } else { i.get("ip") })
                .map(Value::str)
                .collect();
            if !external.is_empty() {
                all.push(&external);
            }
            if all.is_empty() { "<pending>".into() } else { all.join(",") }
        }
        _ => or_none(&external),
    }
}

/// Models makePortString.
fn ports(ports: &[Value]) -> String {
    let texts: Vec<String> = ports
        .iter()
        .map(|port| {
            let number = port.get("port").as_i64().unwrap_or(0);
            let protocol = port.get("protocol").str();
            match port.get("nodePort").as_i64() {
                Some(node_port) if node_port > 0 => format!("{number}:{node_port}/{protocol}"),
                _ => format!("{number}/{protocol}"),
            }
        })
        .collect();
    or_none(&texts.join(","))
}

/// The table of Endpoints.
pub const ENDPOINTS: TableDefinition = TableDefinition {
    columns: &[column("Name"), column("Endpoints"), column("Age")],
    row: |endpoints, now| {
        let addresses = format_endpoints(endpoints);
        vec![endpoints.name().into(), addresses, age(endpoints, now)]
    },
};

/// Models formatEndpoints: `ip:port` of every ready address, three at most.
pub fn format_endpoints(endpoints: &Object) -> String {
    let mut all = Vec::new();
    for subset in endpoints.value.get("subsets").items() {
        let ips: Vec<&str> =
            subset.get("addresses").items().iter().map(|a| a.get("ip").str()).collect();
        let ports = subset.get("ports").items();
        if ports.is_empty() {
            all.extend(ips.iter().map(|ip| ip.to_string()));
        }
        for port in ports {
            let number = port.get("port").as_i64().unwrap_or(0);
            all.extend(ips.iter().map(|ip| format!("{ip}:{number}")));
        }
    }
    or_none(&three_of(&all, ","))
}

/// The table of EndpointSlices.
pub const ENDPOINT_SLICE: TableDefinition = TableDefinition {
    columns: &[
        column("Name"),
        column("AddressType"),
        column("Ports"),
        column("Endpoints"),
        column("Age"),
    ],
    row: |slice, now| {
        let unset = |text: String| if text.is_empty() { "<unset>".into() } else { text };
        let ports: Vec<String> = slice
            .value
            .get("ports")
            .items()
            .iter()
            .map(|port| port.get("port").as_i64().map_or("*".into(), |number| number.to_string()))
            .collect();
        let addresses: Vec<String> = slice
            .value
            .get("endpoints")
            .items()
            .iter()
            .flat_map(|endpoint| endpoint.get("addresses").items())
            .map(|address| address.str().into())
            .collect();
        vec![
            slice.name().into(),
            slice.value.get("addressType").str().into(),
            unset(three_of(&ports, ",")),
            unset(three_of(&addresses, ",")),
            age(slice, now),
        ]
    },
};
