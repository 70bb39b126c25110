//! Defaults of a Service.
//!
//! Models `SetDefaults_Service` in `pkg/apis/core/v1/defaults.go` and the IP family defaults of
//! `pkg/registry/core/service/storage/alloc.go`.

use crate::api::object::Object;
use crate::api::value::Value;
use crate::apiserver::registry::defaulting::{absent, each, empty, within};
use crate::value;

/// Fills in what a Service leaves out.
pub fn default(object: &mut Object) {
    within(&mut object.value, "spec", default_spec);
    if object.spec().is_null() {
        object.set(&["spec"], Value::object());
        within(&mut object.value, "spec", default_spec);
    }
}

fn default_spec(spec: &mut Value) {
    empty(spec, "sessionAffinity", "None");
    if spec.get("sessionAffinity").str() == "None" {
        spec.remove(&["sessionAffinityConfig"]);
    }
    if spec.get("sessionAffinity").str() == "ClientIP"
        && spec.path(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"]).is_null()
    {
        spec.set(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"], 10800);
    }
    empty(spec, "type", "ClusterIP");
    each(spec, "ports", default_port);
    let kind = spec.get("type").str().to_owned();
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer") {
        empty(spec, "externalTrafficPolicy", "Cluster");
    }
    if kind == "LoadBalancer" {
        absent(spec, "allocateLoadBalancerNodePorts", true);
    }
    if kind != "ExternalName" {
        empty(spec, "internalTrafficPolicy", "Cluster");
    }
}

fn default_port(port: &mut Value) {
    empty(port, "protocol", "TCP");
    let target = port.get("targetPort");
    if target.is_null() || target.as_i64() == Some(0) || target.as_str() == Some("") {
        let number = port.get("port").as_i64().unwrap_or(0);
        port.set(&["targetPort"], number);
    }
}

/// Fills in the other form of an address and the families, which no writer owns
/// (`normalizeClusterIPs`, `initIPFamilyFields`).
pub fn complete_addresses(object: &mut Object) {
    within(&mut object.value, "spec", |spec| {
        normalize_addresses(spec);
        if spec.get("type").str() != "ExternalName" {
            default_families(spec);
        }
    });
}

fn normalize_addresses(spec: &mut Value) {
    let address = spec.get("clusterIP").str().to_owned();
    let first = spec.get("clusterIPs").at(0).str().to_owned();
    if !address.is_empty() && first.is_empty() {
        spec.set(&["clusterIPs"], Value::from(vec![address]));
    } else if address.is_empty() && !first.is_empty() {
        spec.set(&["clusterIP"], first);
    }
}

fn default_families(spec: &mut Value) {
    let headless = spec.get("clusterIP").str() == "None";
    let has_selector = spec.get("selector").as_object().is_some_and(|s| !s.is_empty());
    let both = headless && !has_selector;
    if spec.get("ipFamilyPolicy").str().is_empty() {
        spec.set(&["ipFamilyPolicy"], if both { "RequireDualStack" } else { "SingleStack" });
    }
    if spec.get("ipFamilies").items().is_empty() {
        let families = if both { value!(["IPv4", "IPv6"]) } else { value!(["IPv4"]) };
        spec.set(&["ipFamilies"], families);
    }
}
