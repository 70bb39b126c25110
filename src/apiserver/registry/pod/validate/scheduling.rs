//! Affinity, spreading, tolerations.
//!
//! Models `validateAffinity`, `validateTopologySpreadConstraints` and `ValidateTolerations`.

use crate::api::status::FieldError;
use crate::api::value::Value;
use crate::apiserver::registry::validation::numbers::one_of;
use crate::apiserver::registry::validation::{Errors, names, selector};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// Complaints about affinities.
pub fn affinity(errors: &mut Errors, path: &str, affinity: &Value) {
    let node = affinity.get("nodeAffinity");
    let node_path = format!("{path}.nodeAffinity");
    if !node.get(REQUIRED).is_null() {
        selector::node_selector(errors, &format!("{node_path}.{REQUIRED}"), node.get(REQUIRED));
    }
    for (index, term) in node.get(PREFERRED).items().iter().enumerate() {
        let path = format!("{node_path}.{PREFERRED}[{index}]");
        weight(errors, &path, term);
        let preference = term.get("preference");
        selector::node_selector_term(errors, &format!("{path}.preference"), preference);
    }
    for field in ["podAffinity", "podAntiAffinity"] {
        let path = format!("{path}.{field}");
        let pods = affinity.get(field);
        for (index, term) in pods.get(REQUIRED).items().iter().enumerate() {
            pod_term(errors, &format!("{path}.{REQUIRED}[{index}]"), term);
        }
        for (index, term) in pods.get(PREFERRED).items().iter().enumerate() {
            let path = format!("{path}.{PREFERRED}[{index}]");
            weight(errors, &path, term);
            pod_term(errors, &format!("{path}.podAffinityTerm"), term.get("podAffinityTerm"));
        }
    }
}

fn weight(errors: &mut Errors, path: &str, term: &Value) {
    let weight = term.get("weight").as_i64().unwrap_or(0);
    if !(1..=100).contains(&weight) {
        let why = "must be in the range 1-100";
        errors.push(FieldError::invalid(&format!("{path}.weight"), &weight.into(), why));
    }
}

fn pod_term(errors: &mut Errors, path: &str, term: &Value) {
    for field in ["labelSelector", "namespaceSelector"] {
        if !term.get(field).is_null() {
            selector::label_selector(errors, &format!("{path}.{field}"), term.get(field));
        }
    }
    for (index, name) in term.get("namespaces").items().iter().enumerate() {
        let path = format!("{path}.namespace[{index}]");
        names::add(errors, &path, name.str(), names::dns_label(name.str()));
    }
    topology_key(errors, path, term);
}

fn topology_key(errors: &mut Errors, path: &str, term: &Value) {
    let key = term.get("topologyKey").str();
    let path = format!("{path}.topologyKey");
    if key.is_empty() {
        errors.push(FieldError::required(&path, "can not be empty"));
    }
    names::add(errors, &path, key, names::qualified_name(key));
}

/// Complaints about spreading.
pub fn spread(errors: &mut Errors, path: &str, spec: &Value) {
    let constraints = spec.get("topologySpreadConstraints").items();
    for (index, constraint) in constraints.iter().enumerate() {
        let path = format!("{path}.topologySpreadConstraints[{index}]");
        let skew = constraint.get("maxSkew").as_i64().unwrap_or(0);
        if skew <= 0 {
            let why = "must be greater than zero";
            errors.push(FieldError::invalid(&format!("{path}.maxSkew"), &skew.into(), why));
        }
        let key = constraint.get("topologyKey").str();
        if key.is_empty() {
            let path = format!("{path}.topologyKey");
            errors.push(FieldError::required(&path, "can not be empty"));
        } else {
            let sentences = names::qualified_name(key);
            names::add(errors, &format!("{path}.topologyKey"), key, sentences);
        }
        let action = constraint.get("whenUnsatisfiable");
        let supported = ["DoNotSchedule", "ScheduleAnyway"];
        one_of(errors, &format!("{path}.whenUnsatisfiable"), action, &supported);
        duplicate_constraint(errors, &path, constraints, index);
        let minimum = constraint.get("minDomains");
        if minimum.as_i64().is_some_and(|least| least <= 0) {
            let why = "must be greater than zero";
            errors.push(FieldError::invalid(&format!("{path}.minDomains"), minimum, why));
        }
        if !constraint.get("labelSelector").is_null() {
            let labels = constraint.get("labelSelector");
            selector::label_selector(errors, &format!("{path}.labelSelector"), labels);
        }
    }
}

fn duplicate_constraint(errors: &mut Errors, path: &str, constraints: &[Value], index: usize) {
    let pair = |c: &Value| {
        format!("{{{}, {}}}", c.get("topologyKey").str(), c.get("whenUnsatisfiable").str())
    };
    let Some(own) = constraints.get(index).map(pair) else {
        return;
    };
    if constraints.iter().take(index).any(|other| pair(other) == own) {
        let path = format!("{path}.{{topologyKey, whenUnsatisfiable}}");
        errors.push(FieldError::duplicate(&path, &own.into()));
    }
}

/// Complaints about tolerations.
pub fn tolerations(errors: &mut Errors, path: &str, spec: &Value) {
    for (index, toleration) in spec.get("tolerations").items().iter().enumerate() {
        let path = format!("{path}.tolerations[{index}]");
        let text = |field: &str| toleration.get(field).str();
        if !text("key").is_empty() {
            let sentences = names::qualified_name(text("key"));
            names::add(errors, &format!("{path}.key"), text("key"), sentences);
        }
        let mut invalid = |field: &str, value: &str, why: &str| {
            errors.push(FieldError::invalid(&format!("{path}.{field}"), &value.into(), why));
        };
        if text("key").is_empty() && text("operator") != "Exists" {
            invalid(
                "operator",
                text("operator"),
                "operator must be Exists when `key` is empty, which means \"match all values and \
                 all keys\"",
            );
        }
        if !toleration.get("tolerationSeconds").is_null() && text("effect") != "NoExecute" {
            let why = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            invalid("effect", text("effect"), why);
        }
        operator(errors, &path, toleration);
        if !text("effect").is_empty() {
            let supported = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
            one_of(errors, &format!("{path}.effect"), toleration.get("effect"), &supported);
        }
    }
}

fn operator(errors: &mut Errors, path: &str, toleration: &Value) {
    let path = format!("{path}.operator");
    let value = toleration.get("value");
    match toleration.get("operator").str() {
        "Equal" | "" => {
            let sentences = names::label_value(value.str());
            if !sentences.is_empty() {
                let why = sentences.join(";");
                errors.push(FieldError::invalid(&path, &value.str().into(), &why));
            }
        }
        "Exists" => {
            if !value.str().is_empty() {
                let why = "value must be empty when `operator` is 'Exists'";
                errors.push(FieldError::invalid(&path, value, why));
            }
        }
        other => {
            errors.push(FieldError::not_supported(&path, &other.into(), &["Equal", "Exists"]));
        }
    }
}
