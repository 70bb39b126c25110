//! What is wrong with a Service.
//!
//! Models `ValidateService` and `ValidateServiceUpdate` in `pkg/apis/core/validation`.

use std::net::IpAddr;

use crate::api::object::Object;
use crate::api::status::FieldError;
use crate::api::types::internal;
use crate::api::value::Value;
use crate::apiserver::registry::validation::numbers::{one_of, port, port_or_name};
use crate::apiserver::registry::validation::{Errors, names, selector};
use crate::value;

use super::{families, is_externally_accessible, needs_health_check};

const SOURCE_RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
const BALANCERS_ONLY: &str = "may only be used when `type` is 'LoadBalancer'";
// Where kubelets listen (`ports.KubeletPort`).
const KUBELET_PORT: i64 = 10_250;

/// Complaints about the spec of a Service.
pub fn spec(errors: &mut Errors, service: &Object) {
    let spec = service.spec();
    let kind = spec.get("type").str();
    let ports = spec.get("ports").items();
    if ports.is_empty() && !families::is_headless(spec) && kind != "ExternalName" {
        errors.push(FieldError::required("spec.ports", ""));
    }
    type_rules(errors, spec, kind);
    for (index, entry) in ports.iter().enumerate() {
        one_port(errors, index, entry, ports);
    }
    selector::labels(errors, "spec.selector", spec.get("selector"));
    affinity(errors, spec);
    families::related_fields(errors, spec);
    external_addresses(errors, spec);
    let supported = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    one_of(errors, "spec.type", spec.get("type"), &supported);
    node_ports(errors, kind, ports);
    duplicate_ports(errors, ports);
    load_balancer(errors, service, kind);
    policies(errors, spec);
}

fn affinity(errors: &mut Errors, spec: &Value) {
    let affinity = spec.get("sessionAffinity");
    one_of(errors, "spec.sessionAffinity", affinity, &["ClientIP", "None"]);
    if affinity.str() != "ClientIP" {
        return;
    }
    let path = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
    let seconds = spec.path(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"]);
    if seconds.as_i64().is_some_and(|seconds| !(1..=86_400).contains(&seconds)) {
        let why = "must be greater than 0 and less than 86400";
        errors.push(FieldError::invalid(path, seconds, why));
    }
}

fn type_rules(errors: &mut Errors, spec: &Value, kind: &str) {
    if kind == "LoadBalancer" {
        for (index, entry) in spec.get("ports").items().iter().enumerate() {
            if entry.get("port").as_i64() == Some(KUBELET_PORT) {
                let path = format!("spec.ports[{index}]");
                let why = format!(
                    "may not expose port {KUBELET_PORT} externally since it is used by kubelet"
                );
                errors.push(FieldError::invalid(&path, entry.get("port"), &why));
            }
        }
    }
    match kind {
        "LoadBalancer" | "NodePort" if families::is_headless(spec) => {
            let why = format!("may not be set to 'None' for {kind} services");
            errors.push(FieldError::invalid("spec.clusterIPs[0]", &"None".into(), &why));
        }
        "ExternalName" => external_name(errors, spec),
        _ => {}
    }
}

fn external_name(errors: &mut Errors, spec: &Value) {
    for field in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        let value = spec.get(field);
        if !value.is_null() && value != &Value::array() {
            let why = "may not be set for ExternalName services";
            errors.push(FieldError::forbidden(&format!("spec.{field}"), why));
        }
    }
    let name = spec.get("externalName").str();
    match name.strip_suffix('.').unwrap_or(name) {
        "" => errors.push(FieldError::required("spec.externalName", "")),
        name => {
            let sentences = names::dns_subdomain(name);
            names::add(errors, "spec.externalName", name, sentences);
        }
    }
}

fn one_port(errors: &mut Errors, index: usize, entry: &Value, ports: &[Value]) {
    let path = format!("spec.ports[{index}]");
    let (name, name_path) = (entry.get("name").str(), format!("{path}.name"));
    if name.is_empty() {
        if ports.len() > 1 {
            errors.push(FieldError::required(&name_path, ""));
        }
    } else {
        names::add(errors, &name_path, name, names::dns_label(name));
        if ports.iter().take(index).any(|other| other.get("name").str() == name) {
            errors.push(FieldError::duplicate(&name_path, &name.into()));
        }
    }
    port(errors, &format!("{path}.port"), entry.get("port"));
    let protocol = entry.get("protocol");
    one_of(errors, &format!("{path}.protocol"), protocol, &["SCTP", "TCP", "UDP"]);
    port_or_name(errors, &format!("{path}.targetPort"), entry.get("targetPort"));
    let application = entry.get("appProtocol").str();
    if !application.is_empty() {
        let sentences = names::qualified_name(application);
        names::add(errors, &format!("{path}.appProtocol"), application, sentences);
    }
}

fn external_addresses(errors: &mut Errors, spec: &Value) {
    for (index, address) in spec.get("externalIPs").items().iter().enumerate() {
        let path = format!("spec.externalIPs[{index}]");
        let Ok(ip) = address.str().parse::<IpAddr>() else {
            names::add(errors, &path, address.str(), names::ip_address(address.str()));
            continue;
        };
        let mut refuse = |why: &str| errors.push(FieldError::invalid(&path, address, why));
        if ip.is_unspecified() {
            refuse("may not be unspecified (0.0.0.0 or ::)");
        }
        if ip.is_loopback() {
            refuse("may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }
        let (is_local, is_multicast) = match ip {
            IpAddr::V4(ip) => (ip.is_link_local(), ip.octets().starts_with(&[224, 0, 0])),
            IpAddr::V6(ip) => (ip.is_unicast_link_local(), ip.segments()[0] & 0xff0f == 0xff02),
        };
        if is_local {
            refuse("may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }
        if is_multicast {
            refuse("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
    }
}

fn node_ports(errors: &mut Errors, kind: &str, ports: &[Value]) {
    let number = |port: &Value| port.get("nodePort").as_i64().unwrap_or(0);
    for (index, entry) in ports.iter().enumerate().filter(|(_, port)| number(port) != 0) {
        let path = format!("spec.ports[{index}].nodePort");
        if kind == "ClusterIP" {
            let why = "may not be used when `type` is 'ClusterIP'";
            errors.push(FieldError::forbidden(&path, why));
            continue;
        }
        let same = |other: &Value| {
            number(other) == number(entry) && other.get("protocol") == entry.get("protocol")
        };
        if ports.iter().take(index).any(same) {
            errors.push(FieldError::duplicate(&path, entry.get("nodePort")));
        }
    }
}

fn duplicate_ports(errors: &mut Errors, ports: &[Value]) {
    for (index, entry) in ports.iter().enumerate() {
        let same = |other: &Value| {
            ["port", "protocol"].iter().all(|field| other.get(field) == entry.get(field))
        };
        if ports.iter().take(index).any(same) {
            let key = value!({"protocol": (entry.get("protocol")), "port": (entry.get("port"))});
            let mut error = FieldError::duplicate(&format!("spec.ports[{index}]"), &Value::Null);
            error.value = internal::compact("ServicePort", &key).into();
            errors.push(error);
        }
    }
}

fn load_balancer(errors: &mut Errors, service: &Object, kind: &str) {
    let spec = service.spec();
    let is_balanced = kind == "LoadBalancer";
    let ranges = spec.get("loadBalancerSourceRanges").items();
    if !ranges.is_empty() {
        let path = "spec.LoadBalancerSourceRanges";
        if !is_balanced {
            errors.push(FieldError::forbidden(path, BALANCERS_ONLY));
        }
        for (index, range) in ranges.iter().enumerate() {
            let range = range.str().trim();
            names::add(errors, &format!("{path}[{index}]"), range, names::cidr(range));
        }
    } else if let Some(ranges) = service.annotation(SOURCE_RANGES) {
        let path = format!("metadata.annotations[{SOURCE_RANGES}]");
        if !is_balanced {
            errors.push(FieldError::forbidden(&path, BALANCERS_ONLY));
        }
        for range in ranges.split(',').map(str::trim).filter(|_| !ranges.trim().is_empty()) {
            names::add(errors, &path, range, names::cidr(range));
        }
    }
    if !spec.get("allocateLoadBalancerNodePorts").is_null() && !is_balanced {
        errors.push(FieldError::forbidden("spec.allocateLoadBalancerNodePorts", BALANCERS_ONLY));
    }
    balancer_class(errors, spec, is_balanced);
}

// Models validateLoadBalancerClassField.
fn balancer_class(errors: &mut Errors, spec: &Value, is_balanced: bool) {
    let (path, class) = ("spec.loadBalancerClass", spec.get("loadBalancerClass"));
    if class.is_null() {
        return;
    }
    match is_balanced {
        true => names::add(errors, path, class.str(), names::qualified_name(class.str())),
        false => errors.push(FieldError::forbidden(path, BALANCERS_ONLY)),
    }
}

fn policies(errors: &mut Errors, spec: &Value) {
    let (path, policy) = ("spec.externalTrafficPolicy", spec.get("externalTrafficPolicy"));
    if is_externally_accessible(spec) {
        one_of(errors, path, policy, &["Cluster", "Local"]);
    } else if !policy.is_null() {
        let why = "may only be set for externally-accessible services";
        errors.push(FieldError::invalid(path, policy, why));
    }
    health_check(errors, spec);
    if !spec.get("internalTrafficPolicy").is_null() {
        let policy = spec.get("internalTrafficPolicy");
        one_of(errors, "spec.internalTrafficPolicy", policy, &["Cluster", "Local"]);
    }
    if !spec.get("trafficDistribution").is_null() {
        let supported = ["PreferClose", "PreferSameNode", "PreferSameZone"];
        let wanted = spec.get("trafficDistribution");
        one_of(errors, "spec.trafficDistribution", wanted, &supported);
    }
}

fn health_check(errors: &mut Errors, spec: &Value) {
    let (path, number) = ("spec.healthCheckNodePort", spec.get("healthCheckNodePort"));
    let is_set = number.as_i64().unwrap_or(0) != 0;
    match (needs_health_check(spec), is_set) {
        (false, true) => {
            let why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` \
                       is 'Local'";
            errors.push(FieldError::invalid(path, number, why));
        }
        (true, false) => errors.push(FieldError::required(path, "")),
        (true, true) => port(errors, path, number),
        (false, false) => {}
    }
}

/// Complaints about a change of what was handed out or cannot change (`ValidateServiceUpdate`).
pub fn immutable(errors: &mut Errors, service: &Object, existing: &Object) {
    let (new, old) = (service.spec(), existing.spec());
    families::immutable(errors, new, old);
    let is_balanced = |spec: &Value| spec.get("type").str() == "LoadBalancer";
    let class = |spec: &Value| spec.get("loadBalancerClass").clone();
    if is_balanced(new) && is_balanced(old) && class(new) != class(old) {
        let why = "may not change once set";
        errors.push(FieldError::invalid("spec.loadBalancerClass", &class(new), why));
    }
    let check = |spec: &Value| spec.get("healthCheckNodePort").clone();
    if needs_health_check(new) && needs_health_check(old) && check(new) != check(old) {
        errors.push(FieldError::forbidden("spec.healthCheckNodePort", "field is immutable"));
    }
}

/// Complaints about the status of a Service.
pub fn status(errors: &mut Errors, service: &Object) {
    let ingress = service.path(&["status", "loadBalancer", "ingress"]).items();
    if !ingress.is_empty() && service.spec().get("type").str() != "LoadBalancer" {
        let why = "may only be used when `spec.type` is 'LoadBalancer'";
        errors.push(FieldError::forbidden("status.loadBalancer.ingress", why));
    }
}
