//! What is wrong with a Pod spec.
//!
//! Models `ValidatePodSpec` in `pkg/apis/core/validation/validation.go`, in its order of
//! complaints.

mod container;
mod environment;
mod mount;
mod probe;
mod resources;
mod scheduling;
mod security;
mod volume;

pub use resources::resource_value;
pub use volume::{access_modes, claim_spec, host_path, nfs, no_backsteps, required};

use std::collections::BTreeMap;

use crate::api::status::FieldError;
use crate::api::value::Value;
use crate::apiserver::registry::validation::numbers::{one_of, within};
use crate::apiserver::registry::validation::{Errors, names, selector};

/// The valid volumes of a Pod by name.
pub type Volumes<'a> = BTreeMap<&'a str, &'a Value>;

/// Complaints about the spec at `path`.
pub fn pod_spec(errors: &mut Errors, path: &str, spec: &Value) {
    let volumes = volume::volumes(errors, &format!("{path}.volumes"), spec.get("volumes"));
    container::containers(errors, path, spec, &volumes);
    container::init_containers(errors, path, spec, &volumes);
    let policy = format!("{path}.restartPolicy");
    one_of(errors, &policy, spec.get("restartPolicy"), &["Always", "OnFailure", "Never"]);
    dns_policy(errors, path, spec);
    let labels = format!("{path}.nodeSelector");
    selector::labels(errors, &labels, spec.get("nodeSelector"));
    security::pod_context(errors, path, spec);
    scheduling::affinity(errors, &format!("{path}.affinity"), spec.get("affinity"));
    dns_config(errors, path, spec);
    gates(errors, path, spec);
    scheduling::spread(errors, path, spec);
    simple_names(errors, path, spec);
    scheduling::tolerations(errors, path, spec);
    host_aliases(errors, path, spec);
    last_names(errors, path, spec);
}

/// Complaints about a Pod template.
pub fn template(errors: &mut Errors, path: &str, template: &Value) {
    let metadata = template.get("metadata");
    selector::labels(errors, &format!("{path}.labels"), metadata.get("labels"));
    let annotations = metadata.get("annotations");
    selector::annotations(errors, &format!("{path}.annotations"), annotations);
    let path = format!("{path}.spec");
    pod_spec(errors, &path, template.get("spec"));
    if !template.path(&["spec", "ephemeralContainers"]).items().is_empty() {
        let why = "ephemeral containers not allowed in pod template";
        errors.push(FieldError::forbidden(&format!("{path}.ephemeralContainers"), why));
    }
}

fn dns_policy(errors: &mut Errors, path: &str, spec: &Value) {
    let supported = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    one_of(errors, &format!("{path}.dnsPolicy"), spec.get("dnsPolicy"), &supported);
}

// Models validatePodDNSConfig.
fn dns_config(errors: &mut Errors, path: &str, spec: &Value) {
    let path = format!("{path}.dnsConfig");
    let config = spec.get("dnsConfig");
    if spec.get("dnsPolicy").str() == "None" {
        if config.is_null() {
            let why = "must provide `dnsConfig` when `dnsPolicy` is None";
            errors.push(FieldError::required(&path, why));
            return;
        }
        if config.get("nameservers").items().is_empty() {
            let why = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            errors.push(FieldError::required(&format!("{path}.nameservers"), why));
        }
    }
    let servers = config.get("nameservers");
    let servers_path = format!("{path}.nameservers");
    if servers.items().len() > 3 {
        let why = "must not have more than 3 nameservers";
        errors.push(FieldError::invalid(&servers_path, servers, why));
    }
    for (index, server) in servers.items().iter().enumerate() {
        let path = format!("{servers_path}[{index}]");
        names::add(errors, &path, server.str(), names::ip_address(server.str()));
    }
    for (index, search) in config.get("searches").items().iter().enumerate() {
        let domain = search.str().strip_suffix('.').unwrap_or(search.str());
        if search.str() != "." {
            let path = format!("{path}.searches[{index}]");
            names::add(errors, &path, domain, names::dns_search_domain(domain));
        }
    }
    for (index, option) in config.get("options").items().iter().enumerate() {
        if option.get("name").str().is_empty() {
            let path = format!("{path}.options[{index}]");
            errors.push(FieldError::required(&path, "must not be empty"));
        }
    }
}

fn gates(errors: &mut Errors, path: &str, spec: &Value) {
    for (index, gate) in spec.get("readinessGates").items().iter().enumerate() {
        let name = gate.get("conditionType").str();
        let path = format!("{path}.readinessGates[{index}].conditionType");
        names::add(errors, &path, name, names::qualified_name(name));
    }
    let gates = spec.get("schedulingGates").items();
    for (index, gate) in gates.iter().enumerate() {
        let path = format!("{path}.schedulingGates[{index}]");
        let name = gate.get("name").str();
        names::add(errors, &format!("{path}.name"), name, names::qualified_name(name));
        if gates.iter().take(index).any(|other| other.get("name").str() == name) {
            errors.push(FieldError::duplicate(&path, &name.into()));
        }
    }
}

fn simple_names(errors: &mut Errors, path: &str, spec: &Value) {
    for field in ["serviceAccountName", "nodeName"] {
        named(errors, path, spec, field, names::dns_subdomain);
    }
    let deadline = spec.get("activeDeadlineSeconds");
    let most = i64::from(i32::MAX);
    within(errors, &format!("{path}.activeDeadlineSeconds"), deadline, 1, most);
    named(errors, path, spec, "hostname", names::dns_label);
    named(errors, path, spec, "subdomain", names::dns_label);
}

fn named(
    errors: &mut Errors,
    path: &str,
    spec: &Value,
    field: &str,
    rule: fn(&str) -> Vec<String>,
) {
    let name = spec.get(field).str();
    if !name.is_empty() {
        names::add(errors, &format!("{path}.{field}"), name, rule(name));
    }
}

fn host_aliases(errors: &mut Errors, path: &str, spec: &Value) {
    for (index, alias) in spec.get("hostAliases").items().iter().enumerate() {
        let path = format!("{path}.hostAliases[{index}]");
        let address = alias.get("ip").str();
        names::add(errors, &format!("{path}.ip"), address, names::ip_address(address));
        for (index, name) in alias.get("hostnames").items().iter().enumerate() {
            let path = format!("{path}.hostnames[{index}]");
            names::add(errors, &path, name.str(), names::dns_subdomain(name.str()));
        }
    }
}

fn last_names(errors: &mut Errors, path: &str, spec: &Value) {
    named(errors, path, spec, "priorityClassName", names::dns_subdomain);
    named(errors, path, spec, "runtimeClassName", names::dns_subdomain);
    if !spec.get("preemptionPolicy").is_null() {
        let supported = ["Never", "PreemptLowerPriority"];
        let policy = spec.get("preemptionPolicy");
        one_of(errors, &format!("{path}.preemptionPolicy"), policy, &supported);
    }
    let system = spec.get("os");
    if !system.is_null() {
        one_of(errors, &format!("{path}.os"), system.get("name"), &["linux", "windows"]);
    }
}
