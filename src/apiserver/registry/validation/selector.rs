//! Label selectors and node selectors.
//!
//! Models `metav1/validation.ValidateLabelSelector` and `ValidateNodeSelector`.

use super::{Errors, names};
use crate::api::status::FieldError;
use crate::api::value::Value;

/// Complaints about a label selector.
pub fn label_selector(errors: &mut Errors, path: &str, selector: &Value) {
    labels(errors, &format!("{path}.matchLabels"), selector.get("matchLabels"));
    for (index, requirement) in selector.get("matchExpressions").items().iter().enumerate() {
        let path = format!("{path}.matchExpressions[{index}]");
        let operator = requirement.get("operator").str();
        let count = requirement.get("values").items().len();
        let values_path = format!("{path}.values");
        match operator {
            "In" | "NotIn" if count == 0 => {
                let why = "must be specified when `operator` is 'In' or 'NotIn'";
                errors.push(FieldError::required(&values_path, why));
            }
            "Exists" | "DoesNotExist" if count > 0 => {
                let why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                errors.push(FieldError::forbidden(&values_path, why));
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => wrong_operator(errors, &path, operator),
        }
        let key = requirement.get("key").str();
        names::add(errors, &format!("{path}.key"), key, names::qualified_name(key));
        for (index, value) in requirement.get("values").items().iter().enumerate() {
            let path = format!("{values_path}[{index}]");
            names::add(errors, &path, value.str(), names::label_value(value.str()));
        }
    }
}

fn wrong_operator(errors: &mut Errors, path: &str, operator: &str) {
    let why = "not a valid selector operator";
    errors.push(FieldError::invalid(&format!("{path}.operator"), &operator.into(), why));
}

/// Complaints about labels (`ValidateLabels`).
pub fn labels(errors: &mut Errors, path: &str, labels: &Value) {
    for (key, value) in labels.entries() {
        names::add(errors, path, key, names::qualified_name(key));
        names::add(errors, path, value.str(), names::label_value(value.str()));
    }
}

/// Complaints about annotations (`ValidateAnnotations`).
pub fn annotations(errors: &mut Errors, path: &str, annotations: &Value) {
    let mut size = 0;
    for (key, value) in annotations.entries() {
        // Upper case is accepted in prefixes of annotations.
        let sentences = names::qualified_name(&key.to_lowercase());
        names::add(errors, path, key, sentences);
        size += key.len() + value.str().len();
    }
    if size > 256 * 1024 {
        errors.push(FieldError::too_long(path, "may not be more than 262144 bytes"));
    }
}

/// Complaints about a node selector.
pub fn node_selector(errors: &mut Errors, path: &str, selector: &Value) {
    let path = format!("{path}.nodeSelectorTerms");
    let terms = selector.get("nodeSelectorTerms").items();
    if terms.is_empty() {
        let why = "must have at least one node selector term";
        errors.push(FieldError::required(&path, why));
    }
    for (index, term) in terms.iter().enumerate() {
        node_selector_term(errors, &format!("{path}[{index}]"), term);
    }
}

/// Complaints about one term of a node selector.
pub fn node_selector_term(errors: &mut Errors, path: &str, term: &Value) {
    for (index, requirement) in term.get("matchExpressions").items().iter().enumerate() {
        let path = format!("{path}.matchExpressions[{index}]");
        node_requirement(errors, &path, requirement);
        let key = requirement.get("key").str();
        names::add(errors, &format!("{path}.key"), key, names::qualified_name(key));
    }
    for (index, requirement) in term.get("matchFields").items().iter().enumerate() {
        let path = format!("{path}.matchFields[{index}]");
        let operator = requirement.get("operator").str();
        if !matches!(operator, "In" | "NotIn") {
            wrong_operator(errors, &path, operator);
        }
        if requirement.get("values").items().len() != 1 {
            let why = "must be only one value when `operator` is 'In' or 'NotIn' for node field \
                       selector";
            errors.push(FieldError::required(&format!("{path}.values"), why));
        }
        let key = requirement.get("key").str();
        if key != "metadata.name" {
            let why = "not a valid field selector key";
            errors.push(FieldError::invalid(&format!("{path}.key"), &key.into(), why));
        }
    }
}

fn node_requirement(errors: &mut Errors, path: &str, requirement: &Value) {
    let count = requirement.get("values").items().len();
    let values = format!("{path}.values");
    match requirement.get("operator").str() {
        "In" | "NotIn" if count == 0 => {
            let why = "must be specified when `operator` is 'In' or 'NotIn'";
            errors.push(FieldError::required(&values, why));
        }
        "Exists" | "DoesNotExist" if count > 0 => {
            let why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            errors.push(FieldError::forbidden(&values, why));
        }
        "Gt" | "Lt" if count != 1 => {
            let why = "must be specified single value when `operator` is 'Lt' or 'Gt'";
            errors.push(FieldError::required(&values, why));
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
        operator => wrong_operator(errors, path, operator),
    }
}
