//! What is wrong with a Service.
//!
//! Models `ValidateService` and `ValidateServiceUpdate` in `pkg/apis/core/validation`.

use crate::api::object::Object;
use crate::api::status::FieldError;
use crate::api::types::internal;
use crate::api::value::Value;
use crate::apiserver::registry::validation::numbers::{one_of, port, port_or_name, within};
use crate::apiserver::registry::validation::{Errors, names, selector};
use crate::value;

fn is_headless(spec: &Value) -> bool {
    spec.get("clusterIPs").at(0).str() == "None"
}

/// Complaints about the spec of a Service.
pub fn spec(errors: &mut Errors, service: &Object) {
    let spec = service.spec();
    let kind = spec.get("type").str();
    let ports = spec.get("ports").items();
    if ports.is_empty() && !is_headless(spec) && kind != "ExternalName" {
        errors.push(FieldError::required("spec.ports", ""));
    }
    type_rules(errors, spec, kind);
    for (index, entry) in ports.iter().enumerate() {
        one_port(errors, index, entry, ports);
    }
    selector::labels(errors, "spec.selector", spec.get("selector"));
    let affinity = spec.get("sessionAffinity");
    one_of(errors, "spec.sessionAffinity", affinity, &["ClientIP", "None"]);
    if affinity.str() == "ClientIP" {
        let path = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
        let seconds = spec.path(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"]);
        if seconds.as_i64().is_some_and(|seconds| !(1..=86_400).contains(&seconds)) {
            let why = "must be greater than 0 and less than 86400";
            errors.push(FieldError::invalid(path, seconds, why));
        }
    }
    addresses(errors, spec);
    external_addresses(errors, spec);
    let supported = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    one_of(errors, "spec.type", spec.get("type"), &supported);
    node_ports(errors, kind, ports);
    duplicate_ports(errors, ports);
    policies(errors, spec, kind);
}

fn type_rules(errors: &mut Errors, spec: &Value, kind: &str) {
    match kind {
        "LoadBalancer" | "NodePort" if is_headless(spec) => {
            let why = format!("may not be set to 'None' for {kind} services");
            errors.push(FieldError::invalid("spec.clusterIPs[0]", &"None".into(), &why));
        }
        "ExternalName" => {
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
        _ => {}
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

fn addresses(errors: &mut Errors, spec: &Value) {
    if spec.get("type").str() == "ExternalName" {
        return;
    }
    for (index, address) in spec.get("clusterIPs").items().iter().enumerate() {
        let path = format!("spec.clusterIPs[{index}]");
        if address.str() != "None" {
            names::add(errors, &path, address.str(), names::ip_address(address.str()));
        }
    }
    if !spec.get("ipFamilyPolicy").is_null() {
        let supported = ["PreferDualStack", "RequireDualStack", "SingleStack"];
        one_of(errors, "spec.ipFamilyPolicy", spec.get("ipFamilyPolicy"), &supported);
    }
    for (index, family) in spec.get("ipFamilies").items().iter().enumerate() {
        one_of(errors, &format!("spec.ipFamilies[{index}]"), family, &["IPv4", "IPv6"]);
    }
}

fn external_addresses(errors: &mut Errors, spec: &Value) {
    for (index, address) in spec.get("externalIPs").items().iter().enumerate() {
        let path = format!("spec.externalIPs[{index}]");
        let Ok(ip) = address.str().parse::<std::net::IpAddr>() else {
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
        if address.str().starts_with("169.254.") {
            refuse("may not be in the link-local range (169.254.0.0/16, fe80::/10)");
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

fn policies(errors: &mut Errors, spec: &Value, kind: &str) {
    let policy = spec.get("externalTrafficPolicy");
    if matches!(kind, "NodePort" | "LoadBalancer") {
        one_of(errors, "spec.externalTrafficPolicy", policy, &["Cluster", "Local"]);
    } else if !policy.is_null() && spec.get("externalIPs").items().is_empty() {
        let why = "may only be set for externally-accessible services";
        errors.push(FieldError::invalid("spec.externalTrafficPolicy", policy, why));
    }
    if !spec.get("internalTrafficPolicy").is_null() {
        let policy = spec.get("internalTrafficPolicy");
        one_of(errors, "spec.internalTrafficPolicy", policy, &["Cluster", "Local"]);
    }
    if !spec.get("healthCheckNodePort").is_null() {
        within(errors, "spec.healthCheckNodePort", spec.get("healthCheckNodePort"), 0, 65535);
    }
}

/// Complaints about a change of an address that was handed out.
pub fn immutable(errors: &mut Errors, service: &Object, existing: &Object) {
    let (new, old) = (service.spec(), existing.spec());
    let external = |spec: &Value| spec.get("type").str() == "ExternalName";
    let before = old.get("clusterIPs").at(0).str();
    if external(new) || external(old) || before.is_empty() {
        return;
    }
    if new.get("clusterIPs").at(0).str() != before {
        let why = "may not change once set";
        errors.push(FieldError::invalid("spec.clusterIPs[0]", new.get("clusterIPs"), why));
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
