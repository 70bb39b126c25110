//! What is wrong with a ResourceQuota or a LimitRange.
//!
//! Models `ValidateResourceQuota` and `ValidateLimitRange` in `pkg/apis/core/validation`.

use crate::api::object::Object;
use crate::api::quantity::Quantity;
use crate::api::status::FieldError;
use crate::api::value::Value;

use super::pod::validate::resource_value;
use super::validation::numbers::quantity_not_negative;
use super::validation::{Errors, names};

const COUNTED: &[&str] = &[
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
];

const COMPUTE: &[&str] = &[
    "cpu",
    "ephemeral-storage",
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
    "requests.storage",
];

/// Complaints about a quota.
pub fn quota(errors: &mut Errors, quota: &Object) {
    for (name, amount) in quota.path(&["spec", "hard"]).entries() {
        let path = format!("spec.hard[{name}]");
        quota_resource_name(errors, &path, name);
        quantity_not_negative(errors, &path, amount);
        let is_count = COUNTED.contains(&name.as_str()) || name.starts_with("count/");
        if is_count && !Quantity::of(amount).is_whole() {
            let amount = Value::from(Quantity::of(amount).to_string());
            errors.push(FieldError::invalid(&path, &amount, "must be an integer"));
        } else if !is_count {
            let mut others = Errors::new();
            resource_value(&mut others, &path, name, amount);
            errors.extend(others.into_iter().filter(|e| e.detail == "must be an integer"));
        }
    }
    scopes(errors, quota.spec());
}

// Models validateResourceQuotaScopes.
fn scopes(errors: &mut Errors, spec: &Value) {
    let scopes = spec.get("scopes");
    let mut refuse = |why: &str| errors.push(FieldError::invalid("spec.scopes", scopes, why));
    for scope in scopes.items() {
        if !SCOPES.contains(&scope.str()) {
            refuse("unsupported scope");
        }
        for (name, _) in spec.get("hard").entries() {
            let is_known = COUNTED.contains(&name.as_str()) || COMPUTE.contains(&name.as_str());
            if is_known && !scope_fits(scope.str(), name) {
                refuse("unsupported scope applied to resource");
            }
        }
    }
    let has = |scope: &str| scopes.items().iter().any(|one| one.str() == scope);
    for (one, other) in [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")] {
        if has(one) && has(other) {
            refuse("conflicting scopes");
        }
    }
}

const SCOPES: &[&str] = &[
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
];

// Models IsResourceQuotaScopeValidForResource.
fn scope_fits(scope: &str, resource: &str) -> bool {
    let is_compute = COMPUTE.contains(&resource) && !resource.ends_with("storage");
    match scope {
        "BestEffort" => resource == "pods",
        _ if SCOPES.contains(&scope) => resource == "pods" || is_compute,
        _ => true,
    }
}

// Models ValidateResourceQuotaResourceName.
fn quota_resource_name(errors: &mut Errors, path: &str, name: &str) {
    names::add(errors, path, name, names::qualified_name(name));
    let is_quota = COUNTED.contains(&name)
        || COMPUTE.contains(&name)
        || name.starts_with("requests.hugepages-")
        || name.starts_with("hugepages-");
    if name.contains('/') || is_quota {
        return;
    }
    let value = Value::from(name);
    if name != "storage" {
        let why = "must be a standard resource type or fully qualified";
        errors.push(FieldError::invalid(path, &value, why));
    }
    let why = "must be a standard resource for quota";
    errors.push(FieldError::invalid(path, &value, why));
}

// Models validateLimitRangeTypeName.
fn limit_type(errors: &mut Errors, path: &str, kind: &str) {
    let before = errors.len();
    names::add(errors, path, kind, names::qualified_name(kind));
    let is_standard = ["Pod", "Container", "PersistentVolumeClaim"].contains(&kind);
    if errors.len() == before && !kind.contains('/') && !is_standard {
        let why = "must be a standard limit type or fully qualified";
        errors.push(FieldError::invalid(path, &kind.into(), why));
    }
}

/// Complaints about a range.
pub fn limit_range(errors: &mut Errors, range: &Object) {
    let items = range.path(&["spec", "limits"]).items();
    for (index, item) in items.iter().enumerate() {
        let path = format!("spec.limits[{index}]");
        let kind = item.get("type").str();
        limit_type(errors, &format!("{path}.type"), kind);
        if items.iter().take(index).any(|other| other.get("type").str() == kind) {
            errors.push(FieldError::duplicate(&format!("{path}.type"), &kind.into()));
        }
        if kind == "Pod" {
            for field in ["default", "defaultRequest"] {
                if item.get(field).as_object().is_some_and(|map| !map.is_empty()) {
                    let path = format!("{path}.{field}");
                    let why = "may not be specified when `type` is 'Pod'";
                    errors.push(FieldError::forbidden(&path, why));
                }
            }
        }
        if kind == "PersistentVolumeClaim" {
            let bound = |field: &str| !item.path(&[field, "storage"]).is_null();
            if !bound("min") && !bound("max") {
                let why = "either minimum or maximum storage value is required, but neither was \
                           provided";
                errors.push(FieldError::required(&path, why));
            }
        }
        for name in resource_names(item) {
            in_order(errors, &path, item, &name);
            ratio(errors, &path, item, &name);
        }
    }
}

// A limit is never below its request.
fn ratio(errors: &mut Errors, path: &str, item: &Value, name: &str) {
    let ratio = item.path(&["maxLimitRequestRatio", name]);
    let amount = Quantity::of(ratio);
    if !ratio.is_null() && amount < Quantity::from_units(1) {
        let path = format!("{path}.maxLimitRequestRatio[{name}]");
        let why = format!("ratio {amount} is less than 1");
        errors.push(FieldError::invalid(&path, &amount.to_string().into(), &why));
    }
}

fn resource_names(item: &Value) -> Vec<String> {
    let fields = ["default", "defaultRequest", "max", "maxLimitRequestRatio", "min"];
    let all = fields.iter().flat_map(|field| item.get(field).entries());
    let mut names: Vec<String> = all.map(|(name, _)| name.to_string()).collect();
    names.sort();
    names.dedup();
    names
}

// A minimum may not exceed a default request, and so on up to the maximum.
fn in_order(errors: &mut Errors, path: &str, item: &Value, name: &str) {
    let amount = |field: &str| item.path(&[field, name]);
    let mut compare = |(field, noun): (&str, &str), (upper, upper_noun): (&str, &str)| {
        let (lower_amount, upper_amount) = (amount(field), amount(upper));
        let (low, high) = (Quantity::of(lower_amount), Quantity::of(upper_amount));
        if lower_amount.is_null() || upper_amount.is_null() || low <= high {
            return;
        }
        let why = format!("{noun} value {low} is greater than {upper_noun} value {high}");
        let path = format!("{path}.{field}[{name}]");
        errors.push(FieldError::invalid(&path, &low.to_string().into(), &why));
    };
    let (min, max) = (("min", "min"), ("max", "max"));
    let request = ("defaultRequest", "default request");
    let limit = ("default", "default");
    compare(min, max);
    // Upstream names the bounded one in each of these, whichever is at fault.
    compare(request, max);
    compare(request, ("default", "default limit"));
    compare(limit, max);
    let default_below_min = [request, limit].into_iter().filter(|(field, _)| {
        let (value, least) = (amount(field), amount("min"));
        !value.is_null() && !least.is_null() && Quantity::of(value) < Quantity::of(least)
    });
    for (field, noun) in default_below_min.collect::<Vec<_>>() {
        let (least, value) = (Quantity::of(amount("min")), Quantity::of(amount(field)));
        let why = format!("min value {least} is greater than {noun} value {value}");
        let path = format!("{path}.{field}[{name}]");
        errors.push(FieldError::invalid(&path, &value.to_string().into(), &why));
    }
}
