//! What an update of a Service keeps and drops.
//!
//! Models `patchAllocatedValues`, `normalizeClusterIPs` and `dropTypeDependentFields` in
//! `pkg/registry/core/service/storage` and `strategy.go`.

use crate::api::object::Object;
use crate::api::value::Value;

use super::{families, has_address, has_node_ports, is_externally_accessible, needs_health_check};

/// Keeps what was handed out and drops what another type has no use for.
pub fn prepare(service: &mut Object, existing: &Object) {
    let old = existing.spec();
    let mut spec = service.spec().clone();
    keep_allocated(&mut spec, old);
    families::normalize(&mut spec, Some(old));
    drop_fields(&mut spec, old);
    if spec != *service.spec() {
        service.set(&["spec"], spec);
    }
}

fn keep_allocated(spec: &mut Value, old: &Value) {
    if has_address(old) && has_address(spec) {
        let old_address = old.get("clusterIP");
        if spec.get("clusterIP").str().is_empty() && !old_address.is_null() {
            spec.set(&["clusterIP"], old_address);
        }
        if spec.get("clusterIPs").items().is_empty() && spec.get("clusterIP") == old_address {
            spec.set(&["clusterIPs"], old.get("clusterIPs"));
        }
    }
    let unset = spec.get("healthCheckNodePort").as_i64().unwrap_or(0) == 0;
    if unset && needs_health_check(old) && needs_health_check(spec) {
        spec.set(&["healthCheckNodePort"], old.get("healthCheckNodePort"));
    }
    if !has_node_ports(old) || !has_node_ports(spec) {
        return;
    }
    let ports = spec.get("ports").items().to_vec();
    for (index, port) in ports.iter().enumerate() {
        if port.get("nodePort").as_i64().unwrap_or(0) != 0 {
            continue;
        }
        let same = |o: &&Value| ["port", "protocol"].iter().all(|f| o.get(f) == port.get(f));
        let Some(number) = old.get("ports").items().iter().find(same).map(|o| o.get("nodePort"))
        else {
            continue;
        };
        let taken = ports.iter().any(|other| other.get("nodePort") == number);
        if number.is_null() || taken {
            continue;
        }
        if let Some(port) = spec.path_mut(&["ports"]).items_mut().get_mut(index) {
            port.set(&["nodePort"], number);
        }
    }
}

fn drop_fields(spec: &mut Value, old: &Value) {
    let same = |spec: &Value, field: &str| spec.get(field) == old.get(field);
    if has_address(old) && !has_address(spec) {
        for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
            if same(spec, field) {
                spec.remove(&[field]);
            }
        }
        if same(spec, "internalTrafficPolicy") {
            spec.remove(&["internalTrafficPolicy"]);
        }
    }
    if has_node_ports(old) && !has_node_ports(spec) {
        for index in 0..spec.get("ports").items().len() {
            let number = spec.get("ports").at(index).get("nodePort").clone();
            let kept = old.get("ports").items().iter().any(|port| port.get("nodePort") == &number);
            if !number.is_null() && kept {
                if let Some(port) = spec.path_mut(&["ports"]).items_mut().get_mut(index) {
                    port.remove(&["nodePort"]);
                }
            }
        }
    }
    let field = "externalTrafficPolicy";
    if is_externally_accessible(old) && !is_externally_accessible(spec) && same(spec, field) {
        spec.remove(&[field]);
    }
    let field = "healthCheckNodePort";
    if needs_health_check(old) && !needs_health_check(spec) && same(spec, field) {
        spec.remove(&[field]);
    }
    let balanced = |spec: &Value| spec.get("type").str() == "LoadBalancer";
    if balanced(old) && !balanced(spec) {
        for field in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
            if same(spec, field) {
                spec.remove(&[field]);
            }
        }
    }
}
