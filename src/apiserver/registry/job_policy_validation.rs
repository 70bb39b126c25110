//! What is wrong with the policies of Jobs.
//!
//! Models validatePodFailurePolicy and validateSuccessPolicy of `pkg/apis/batch/validation`.

use crate::api::go;
use crate::api::status::FieldError;
use crate::api::types::internal;
use crate::api::value::Value;

use super::validation::numbers::{not_negative, one_of};
use super::validation::{Errors, names};

const RULES_MAX: usize = 20;
const EXIT_CODES_MAX: usize = 255;

/// Complaints about what a Job makes of failed Pods (`validatePodFailurePolicy`).
pub fn failure(errors: &mut Errors, path: &str, spec: &Value) {
    let rules = spec.path(&["podFailurePolicy", "rules"]).items();
    let path = format!("{path}.podFailurePolicy.rules");
    too_many(errors, &path, rules.len(), RULES_MAX);
    for (index, rule) in rules.iter().enumerate() {
        failure_rule(errors, &format!("{path}[{index}]"), rule, spec);
    }
}

// Models validatePodFailurePolicyRule.
fn failure_rule(errors: &mut Errors, path: &str, rule: &Value, spec: &Value) {
    let action_path = format!("{path}.action");
    let action = rule.get("action");
    match action.str() {
        "FailIndex" if spec.get("backoffLimitPerIndex").is_null() => {
            let why = "requires the backoffLimitPerIndex to be set";
            errors.push(FieldError::invalid(&action_path, action, why));
        }
        text => choice(errors, &action_path, text, &["Count", "FailIndex", "FailJob", "Ignore"]),
    }
    let (codes, conditions) = (rule.get("onExitCodes"), rule.get("onPodConditions").items());
    if !codes.is_null() {
        exit_codes(errors, &format!("{path}.onExitCodes"), codes, spec);
    }
    let conditions_path = format!("{path}.onPodConditions");
    too_many(errors, &conditions_path, conditions.len(), RULES_MAX);
    for (index, pattern) in conditions.iter().enumerate() {
        let path = format!("{conditions_path}[{index}]");
        let kind = pattern.get("type").str();
        names::add(errors, &format!("{path}.type"), kind, names::qualified_name(kind));
        let supported = ["False", "True", "Unknown"];
        choice(errors, &format!("{path}.status"), pattern.get("status").str(), &supported);
    }
    let why = match (codes.is_null(), conditions.is_empty()) {
        (false, false) => "specifying both OnExitCodes and OnPodConditions is not supported",
        (true, true) => "specifying one of OnExitCodes and OnPodConditions is required",
        _ => return,
    };
    errors.push(FieldError::invalid_without_value(path, why));
}

/// One of a closed list, of which nothing may not be left out.
fn choice(errors: &mut Errors, path: &str, text: &str, supported: &[&str]) {
    if text.is_empty() {
        let quoted: Vec<String> = supported.iter().map(|word| go::quote(word)).collect();
        let why = format!("valid values: [{}]", quoted.join(" "));
        errors.push(FieldError::required(path, &why));
    } else {
        one_of(errors, path, &text.into(), supported);
    }
}

// Models validatePodFailurePolicyRuleOnExitCodes.
fn exit_codes(errors: &mut Errors, path: &str, codes: &Value, spec: &Value) {
    let operator = codes.get("operator").str();
    choice(errors, &format!("{path}.operator"), operator, &["In", "NotIn"]);
    let lists = ["containers", "initContainers"];
    let containers = lists.iter().flat_map(|list| spec.path(&["template", "spec", list]).items());
    let container = codes.get("containerName");
    if !container.is_null() && !containers.into_iter().any(|c| c.get("name") == container) {
        let why = "must be one of the container or initContainer names in the pod template";
        errors.push(FieldError::invalid(&format!("{path}.containerName"), container, why));
    }
    let path = format!("{path}.values");
    let values = codes.get("values").items();
    if values.is_empty() {
        errors.push(FieldError::invalid(&path, &Value::Null, "at least one value is required"));
    }
    too_many(errors, &path, values.len(), EXIT_CODES_MAX);
    for (index, value) in values.iter().enumerate() {
        let path = format!("{path}[{index}]");
        if operator == "In" && value.as_i64() == Some(0) {
            errors.push(FieldError::invalid(&path, value, "must not be 0 for the In operator"));
        }
        if values.iter().take(index).any(|earlier| earlier == value) {
            errors.push(FieldError::duplicate(&path, value));
        }
    }
    if !values.is_sorted_by_key(Value::as_i64) {
        errors.push(FieldError::invalid(&path, codes.get("values"), "must be ordered"));
    }
}

/// Complaints about when a Job is a success (`validateSuccessPolicy`).
pub fn success(errors: &mut Errors, path: &str, spec: &Value) {
    let policy = spec.get("successPolicy");
    if policy.is_null() {
        return;
    }
    let path = format!("{path}.successPolicy");
    if spec.get("completionMode").str() != "Indexed" {
        let written = internal::compact("SuccessPolicy", policy);
        let why = "requires indexed completion mode";
        errors.push(FieldError::invalid_as_written(&path, written, why));
        return;
    }
    let (rules, path) = (policy.get("rules").items(), format!("{path}.rules"));
    if rules.is_empty() {
        let why = "at least one rules must be specified when the successPolicy is specified";
        errors.push(FieldError::required(&path, why));
    }
    too_many(errors, &path, rules.len(), RULES_MAX);
    let completions = spec.get("completions").as_i64().unwrap_or(0);
    for (index, rule) in rules.iter().enumerate() {
        success_rule(errors, &format!("{path}[{index}]"), rule, completions);
    }
}

// Models validateSuccessPolicyRule.
fn success_rule(errors: &mut Errors, path: &str, rule: &Value, completions: i64) {
    let (indexes, count) = (rule.get("succeededIndexes"), rule.get("succeededCount"));
    if indexes.is_null() && count.is_null() {
        let why = "at least one of succeededCount or succeededIndexes must be specified";
        errors.push(FieldError::required(path, why));
    }
    let total = indexes.as_str().map(|text| total_of(text, completions));
    if let Some(Err(why)) = &total {
        let why = format!("error parsing succeededIndexes: {why}");
        errors.push(FieldError::invalid(&format!("{path}.succeededIndexes"), indexes, &why));
    }
    let path = format!("{path}.succeededCount");
    not_negative(errors, &path, count);
    let limits = [
        (Some(completions), "the number of specified completions"),
        (
            total.map(Result::unwrap_or_default),
            "the number of indexes in the specified succeededIndexes field",
        ),
    ];
    for (most, what) in limits {
        let Some(most) = most.filter(|most| count.as_i64().is_some_and(|n| n > *most)) else {
            continue;
        };
        let why = format!("must be less than or equal to {most} ({what})");
        errors.push(FieldError::invalid(&path, count, &why));
    }
}

// Models validateIndexesFormat: how many indexes a text like `1,3-5` names.
fn total_of(text: &str, completions: i64) -> Result<i64, String> {
    let number = |part: &str| {
        let why = || format!("cannot convert string to integer for index: {}", go::quote(part));
        let number = part.parse::<i64>().map_err(|_| why())?;
        let is_fine = number < completions;
        is_fine.then_some(number).ok_or_else(|| format!("too large index: {}", go::quote(part)))
    };
    let order =
        |before: i64, now: i64| format!("non-increasing order, previous: {before}, current: {now}");
    let (mut total, mut last) = (0, None);
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let ends: Vec<&str> = part.split('-').collect();
        let (first, end) = match ends.as_slice() {
            [one] => (number(one)?, number(one)?),
            [first, end] => (number(first)?, number(end)?),
            _ => {
                return Err(format!(
                    "the fragment {} violates the requirement that an index interval can have at \
                     most two parts separated by '-'",
                    go::quote(part)
                ));
            }
        };
        if ends.len() == 2 && first >= end {
            return Err(order(first, end));
        }
        if let Some(before) = last.filter(|last| *last >= first) {
            return Err(order(before, first));
        }
        (total, last) = (total + end - first + 1, Some(end));
    }
    Ok(total)
}

fn too_many(errors: &mut Errors, path: &str, count: usize, most: usize) {
    if count > most {
        let why = format!("must have at most {most} items");
        errors.push(FieldError::too_many(path, count, &why));
    }
}
