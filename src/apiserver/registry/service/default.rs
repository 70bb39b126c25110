//! Defaults of a Service.
//!
//! Models `SetDefaults_Service` in `pkg/apis/core/v1/defaults.go`.

use crate::api::object::Object;
use crate::api::value::Value;
use crate::apiserver::registry::defaulting::{absent, each, empty, within};

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
    if super::is_externally_accessible(spec) {
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
