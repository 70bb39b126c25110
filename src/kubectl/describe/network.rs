//! Services and their endpoints.
//!
//! Models ServiceDescriber, EndpointsDescriber and EndpointSliceDescriber of describe.go.

use super::writer::{join, joined_labels, or, scalar};
use super::{Surroundings, Writer};
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::value::Value;
use crate::apiserver::request::Selectors;

fn heading(object: &Object, w: &mut Writer) {
    w.field(0, "Name", object.name());
    w.field(0, "Namespace", object.namespace());
    w.labels("Labels", object.metadata().get("labels"));
    w.annotations("Annotations", object.metadata().get("annotations"));
}

/// Writes a Service.
pub fn describe_service(service: &Object, w: &mut Writer, around: &mut Surroundings<'_, '_>) {
    let spec = service.spec();
    heading(service, w);
    w.field(0, "Selector", &joined_labels(spec.get("selector")));
    w.field(0, "Type", spec.get("type").str());
    w.field_if(0, "IP Family Policy", spec.get("ipFamilyPolicy").str());
    w.field(0, "IP Families", or(&join(spec.get("ipFamilies"), ","), "<none>"));
    w.field(0, "IP", spec.get("clusterIP").str());
    w.field(0, "IPs", or(&join(spec.get("clusterIPs"), ","), "<none>"));
    w.field_if(0, "External IPs", &join(spec.get("externalIPs"), ","));
    w.field_if(0, "Desired LoadBalancer IP", spec.get("loadBalancerIP").str());
    w.field_if(0, "External Name", spec.get("externalName").str());
    let ingress = service.path(&["status", "loadBalancer", "ingress"]).items();
    let addresses: Vec<&str> =
        ingress.iter().map(|i| or(i.get("ip").str(), i.get("hostname").str())).collect();
    w.field_if(0, "LoadBalancer Ingress", &addresses.join(", "));
    ports(service, w, around);
    w.field(0, "Session Affinity", spec.get("sessionAffinity").str());
    w.field_if(0, "External Traffic Policy", spec.get("externalTrafficPolicy").str());
    w.field_if(0, "Internal Traffic Policy", spec.get("internalTrafficPolicy").str());
    if spec.get("healthCheckNodePort").as_i64().unwrap_or(0) != 0 {
        w.field(0, "HealthCheck NodePort", &scalar(spec.get("healthCheckNodePort")));
    }
    w.field_if(0, "LoadBalancer Source Ranges", &join(spec.get("loadBalancerSourceRanges"), ","));
}

fn ports(service: &Object, w: &mut Writer, around: &mut Surroundings<'_, '_>) {
    let labels = format!("kubernetes.io/service-name={}", service.name()).into();
    let selectors = Selectors { labels, ..Selectors::default() };
    let slices = around.select(Kind::EndpointSlice, service.namespace(), selectors);
    for port in service.spec().get("ports").items() {
        let name = or(port.get("name").str(), "<unset>");
        let protocol = port.get("protocol").str();
        w.line(0, &format!("Port:\t{name}\t{}/{protocol}", scalar(port.get("port"))));
        w.field(0, "TargetPort", &format!("{}/{protocol}", scalar(port.get("targetPort"))));
        let node_port = port.get("nodePort").as_i64().unwrap_or(0);
        if node_port != 0 {
            w.line(0, &format!("NodePort:\t{name}\t{node_port}/{protocol}"));
        }
        w.field(0, "Endpoints", &ready_addresses(&slices, port.get("name").str()));
    }
}

/// Models formatEndpointSlices: ready addresses with a port's number, three at most.
fn ready_addresses(slices: &[Object], port_name: &str) -> String {
    if slices.is_empty() {
        return "<none>".into();
    }
    let mut all = Vec::new();
    for slice in slices {
        let ready =
            |endpoint: &&Value| endpoint.path(&["conditions", "ready"]).as_bool() != Some(false);
        let endpoints: Vec<&str> = slice
            .value
            .get("endpoints")
            .items()
            .iter()
            .filter(ready)
            .map(|endpoint| endpoint.get("addresses").at(0).str())
            .collect();
        let ports = slice.value.get("ports").items();
        if ports.is_empty() {
            all.extend(endpoints.iter().map(|address| address.to_string()));
        }
        for port in ports.iter().filter(|port| port.get("name").str() == port_name) {
            let number = scalar(port.get("port"));
            all.extend(endpoints.iter().map(|address| format!("{address}:{number}")));
        }
    }
    let shown = all.iter().take(3).cloned().collect::<Vec<_>>().join(",");
    match all.len() {
        0..=3 => shown,
        count => format!("{shown} + {} more...", count - 3),
    }
}

/// Writes Endpoints.
pub fn describe_endpoints(endpoints: &Object, w: &mut Writer) {
    heading(endpoints, w);
    w.line(0, "Subsets:");
    for subset in endpoints.value.get("subsets").items() {
        for (title, field) in
            [("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")]
        {
            let list: Vec<&str> =
                subset.get(field).items().iter().map(|address| address.get("ip").str()).collect();
            w.field(1, title, or(&list.join(","), "<none>"));
        }
        if !subset.get("ports").items().is_empty() {
            w.line(1, "Ports:");
            port_table(subset.get("ports"), 2, w);
        }
        w.line(0, "");
    }
}

fn port_table(ports: &Value, level: usize, w: &mut Writer) {
    w.line(level, "Name\tPort\tProtocol");
    w.line(level, "----\t----\t--------");
    for port in ports.items() {
        let name = or(port.get("name").str(), "<unset>");
        let number = scalar(port.get("port"));
        let number = or(&number, "<unset>");
        w.line(level, &format!("{name}\t{number}\t{}", port.get("protocol").str()));
    }
}

/// Writes an EndpointSlice.
pub fn describe_endpoint_slice(slice: &Object, w: &mut Writer) {
    heading(slice, w);
    w.field(0, "AddressType", slice.value.get("addressType").str());
    if slice.value.get("ports").items().is_empty() {
        w.line(0, "Ports: <unset>");
    } else {
        w.line(0, "Ports:");
        port_table(slice.value.get("ports"), 1, w);
    }
    let endpoints = slice.value.get("endpoints").items();
    w.line(0, if endpoints.is_empty() { "Endpoints: <none>" } else { "Endpoints:" });
    for endpoint in endpoints {
        let addresses = join(endpoint.get("addresses"), ", ");
        w.line(1, &format!("- Addresses:\t{}", or(&addresses, "<none>")));
        w.line(2, "Conditions:");
        let ready = endpoint.path(&["conditions", "ready"]);
        w.field(3, "Ready", or(&scalar(ready), "<unset>"));
        w.field(2, "Hostname", or(endpoint.get("hostname").str(), "<unset>"));
        let target = endpoint.get("targetRef");
        if !target.is_null() {
            let (kind, name) = (target.get("kind").str(), target.get("name").str());
            w.field(2, "TargetRef", &format!("{kind}/{name}"));
        }
        w.field(2, "NodeName", or(endpoint.get("nodeName").str(), "<unset>"));
        w.field(2, "Zone", or(endpoint.get("zone").str(), "<unset>"));
    }
}
