//! Amounts that containers ask for.
//!
//! Models `ValidateResourceRequirements` and the rules for names of resources.

use crate::api::quantity::Quantity;
use crate::api::status::FieldError;
use crate::api::value::Value;
use crate::apiserver::registry::validation::numbers::{quantity_not_negative, quantity_text};
use crate::apiserver::registry::validation::{Errors, names};

/// Complaints about limits and requests of a container.
pub fn resource_requirements(errors: &mut Errors, path: &str, resources: &Value) {
    let (limits, requests) = (resources.get("limits"), resources.get("requests"));
    let limits_path = format!("{path}.limits");
    for (name, amount) in limits.entries() {
        one_amount(errors, &limits_path, name, amount);
    }
    let requests_path = format!("{path}.requests");
    for (name, amount) in requests.entries() {
        one_amount(errors, &requests_path, name, amount);
        compare(errors, (&limits_path, &requests_path), name, amount, limits.get(name));
    }
    let names = || limits.entries().chain(requests.entries()).map(|(name, _)| name.as_str());
    let has_huge = names().any(|name| name.starts_with("hugepages-"));
    if has_huge && !names().any(|name| matches!(name, "cpu" | "memory")) {
        errors.push(FieldError::forbidden(path, "HugePages require cpu or memory"));
    }
}

fn one_amount(errors: &mut Errors, path: &str, name: &str, amount: &Value) {
    let path = format!("{path}[{name}]");
    container_resource_name(errors, &path, name);
    resource_value(errors, &path, name, amount);
}

/// `ValidateResourceQuantityValue`
pub fn resource_value(errors: &mut Errors, path: &str, name: &str, amount: &Value) {
    quantity_not_negative(errors, path, amount);
    if is_extended(name) && Quantity::of(amount).milli() % 1000 != 0 {
        errors.push(FieldError::invalid(path, &quantity_text(amount), "must be an integer"));
    }
}

fn compare(
    errors: &mut Errors,
    (limits, requests): (&str, &str),
    name: &str,
    amount: &Value,
    limit: &Value,
) {
    let overcommit = is_native(name) && !name.starts_with("hugepages-");
    if limit.is_null() {
        if !overcommit {
            let why = "Limit must be set for non overcommitable resources";
            errors.push(FieldError::required(limits, why));
        }
        return;
    }
    let (wanted, most) = (Quantity::of(amount), Quantity::of(limit));
    let relation = match () {
        () if wanted != most && !overcommit => "equal to",
        () if wanted > most => "less than or equal to",
        () => return,
    };
    let limit = quantity_text(limit);
    let why = format!("must be {relation} {name} limit of {}", limit.str());
    errors.push(FieldError::invalid(requests, &quantity_text(amount), &why));
}

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

fn is_extended(name: &str) -> bool {
    !is_native(name) && !name.starts_with("requests.")
}

// Models ValidateContainerResourceName.
fn container_resource_name(errors: &mut Errors, path: &str, name: &str) {
    names::add(errors, path, name, names::qualified_name(name));
    if name.contains('/') {
        return;
    }
    let value = Value::from(name);
    if !is_standard(name) {
        let why = "must be a standard resource type or fully qualified";
        errors.push(FieldError::invalid(path, &value, why));
    }
    if !is_standard_of_containers(name) {
        let why = "must be a standard resource for containers";
        errors.push(FieldError::invalid(path, &value, why));
    }
}

fn is_standard_of_containers(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage") || name.starts_with("hugepages-")
}

fn is_standard(name: &str) -> bool {
    const OTHERS: [&str; 20] = [
        "configmaps",
        "limits.cpu",
        "limits.ephemeral-storage",
        "limits.memory",
        "persistentvolumeclaims",
        "pods",
        "replicationcontrollers",
        "requests.cpu",
        "requests.ephemeral-storage",
        "requests.memory",
        "requests.storage",
        "resourcequotas",
        "secrets",
        "services",
        "services.loadbalancers",
        "services.nodeports",
        "storage",
        "requests.hugepages",
        "limits.hugepages",
        "count",
    ];
    is_standard_of_containers(name)
        || OTHERS.contains(&name)
        || name.starts_with("requests.hugepages-")
        || name.starts_with("limits.hugepages-")
}
