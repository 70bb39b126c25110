//! What a writer of a Service should know.
//!
//! Models `GetWarningsForService` in `pkg/api/service/warnings.go`.

use crate::api::object::Object;

/// What is ignored or will go away.
pub fn of(service: &Object) -> Vec<String> {
    let spec = service.spec();
    let kind = spec.get("type").str();
    let is_external = kind == "ExternalName";
    let is_headless = kind == "ClusterIP" && spec.get("clusterIP").str() == "None";
    let has_external_addresses = !spec.get("externalIPs").items().is_empty();
    let mut warnings = Vec::new();
    let mut warn = |applies: bool, text: &str| {
        if applies {
            warnings.push(text.to_owned());
        }
    };
    warn(
        service.annotation("service.kubernetes.io/topology-aware-hints").is_some(),
        "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use \
         service.kubernetes.io/topology-mode instead",
    );
    let ignored = |field: &str| format!("spec.{field} is ignored for headless services");
    let balanced = !spec.get("loadBalancerIP").str().is_empty();
    warn(is_headless && balanced, &ignored("loadBalancerIP"));
    warn(is_headless && has_external_addresses, &ignored("externalIPs"));
    let is_sticky = spec.get("sessionAffinity").str() != "None";
    warn(is_headless && is_sticky, &ignored("SessionAffinity"));
    warn(
        has_external_addresses && !is_headless && !is_external,
        "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
    );
    warn(
        is_external && has_external_addresses,
        "spec.externalIPs is ignored when spec.type is \"ExternalName\"",
    );
    warn(
        !is_external && !spec.get("externalName").str().is_empty(),
        "spec.externalName is ignored when spec.type is not \"ExternalName\"",
    );
    warn(
        spec.get("trafficDistribution").str() == "PreferClose",
        "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"",
    );
    warnings
}
