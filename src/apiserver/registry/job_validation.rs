//! What is wrong with Jobs, and with the templates of Jobs in CronJobs.
//!
//! Models `pkg/apis/batch/validation`.

use crate::api::object::Object;
use crate::api::selector::selector_matches;
use crate::api::status::FieldError;
use crate::api::types::internal;
use crate::api::value::{Map, Value};

use super::job_policy_validation;
use super::pod::validate as pod;
use super::validation::metadata::IMMUTABLE;
use super::validation::numbers::{not_negative, one_of};
use super::validation::{Errors, names};
use super::workload::generated_job_labels;
use super::workload_validation::selector_kept;

const PARALLELISM_MAX: i64 = 100_000;
const FAILED_INDEXES_MAX: i64 = 100_000;
const COMPLETIONS_SOFT_LIMIT: i64 = 100_000;
/// Of parallelism and failed indexes, where there are more completions.
const LIMIT_OF_MANY: i64 = 10_000;
const MANAGED_BY_MAX: usize = 63;

/// Complaints about the spec of a Job (`validateJobSpec`).
pub fn spec(errors: &mut Errors, path: &str, spec: &Value) {
    let numbers = [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ];
    for field in numbers {
        not_negative(errors, &format!("{path}.{field}"), spec.get(field));
    }
    if !spec.get("maxFailedIndexes").is_null() && spec.get("backoffLimitPerIndex").is_null() {
        let why = "when maxFailedIndexes is specified";
        errors.push(FieldError::required(&format!("{path}.backoffLimitPerIndex"), why));
    }
    managed_by(errors, &format!("{path}.managedBy"), spec.get("managedBy"));
    completion_mode(errors, path, spec);
    job_policy_validation::failure(errors, path, spec);
    job_policy_validation::success(errors, path, spec);
    replacement_policy(errors, path, spec);
    pod::template(errors, &format!("{path}.template"), spec.get("template"));
    restart_policy(errors, path, spec);
}

fn managed_by(errors: &mut Errors, path: &str, manager: &Value) {
    let Some(text) = manager.as_str() else { return };
    match text.split_once('/') {
        _ if text.is_empty() => errors.push(FieldError::required(path, "")),
        Some((domain, rest)) if !domain.is_empty() && !rest.is_empty() => {
            names::add(errors, path, text, names::dns_subdomain(domain));
        }
        _ => {
            let why = "must be a domain-prefixed path (such as \"acme.io/foo\")";
            errors.push(FieldError::invalid(path, manager, why));
        }
    }
    if text.len() > MANAGED_BY_MAX {
        let why = format!("may not be more than {MANAGED_BY_MAX} bytes");
        errors.push(FieldError::too_long(path, &why));
    }
}

fn completion_mode(errors: &mut Errors, path: &str, spec: &Value) {
    let mode = spec.get("completionMode");
    if !mode.is_null() {
        let supported = ["NonIndexed", "Indexed"];
        one_of(errors, &format!("{path}.completionMode"), mode, &supported);
    }
    match mode.str() {
        "Indexed" => indexed(errors, path, spec),
        "" | "NonIndexed" => {
            for field in ["backoffLimitPerIndex", "maxFailedIndexes"] {
                let value = spec.get(field);
                if !value.is_null() {
                    let why = "requires indexed completion mode";
                    errors.push(FieldError::invalid(&format!("{path}.{field}"), value, why));
                }
            }
        }
        _ => {}
    }
}

fn indexed(errors: &mut Errors, path: &str, spec: &Value) {
    if spec.get("completions").is_null() {
        let why = "when completion mode is Indexed";
        errors.push(FieldError::required(&format!("{path}.completions"), why));
    }
    let mut at_most = |field: &str, most: i64, why: String| {
        let value = spec.get(field);
        if value.as_i64().is_some_and(|number| number > most) {
            errors.push(FieldError::invalid(&format!("{path}.{field}"), value, &why));
        }
    };
    let limit = |most: i64| format!("must be less than or equal to {most}");
    let mode = " when completion mode is Indexed";
    at_most("parallelism", PARALLELISM_MAX, limit(PARALLELISM_MAX) + mode);
    let completions = spec.get("completions").as_i64().unwrap_or(i64::MAX);
    let why = "must be less than or equal to completions".to_owned();
    at_most("maxFailedIndexes", completions, why);
    at_most("maxFailedIndexes", FAILED_INDEXES_MAX, limit(FAILED_INDEXES_MAX));
    let is_many = completions != i64::MAX && completions > COMPLETIONS_SOFT_LIMIT;
    if !is_many || spec.get("backoffLimitPerIndex").is_null() {
        return;
    }
    let many = format!(
        " when completions are above {COMPLETIONS_SOFT_LIMIT} and used with backoff limit per index"
    );
    at_most("parallelism", LIMIT_OF_MANY, limit(LIMIT_OF_MANY) + &many);
    at_most("maxFailedIndexes", LIMIT_OF_MANY, limit(LIMIT_OF_MANY) + &many);
    if spec.get("maxFailedIndexes").is_null() {
        let why = format!("must be specified when completions is above {COMPLETIONS_SOFT_LIMIT}");
        errors.push(FieldError::required(&format!("{path}.maxFailedIndexes"), &why));
    }
}

fn replacement_policy(errors: &mut Errors, path: &str, spec: &Value) {
    let policy = spec.get("podReplacementPolicy");
    if policy.is_null() {
        return;
    }
    let supported: &[&str] = match spec.get("podFailurePolicy").is_null() {
        true => &["Failed", "TerminatingOrFailed"],
        false => &["Failed"],
    };
    one_of(errors, &format!("{path}.podReplacementPolicy"), policy, supported);
}

fn restart_policy(errors: &mut Errors, path: &str, spec: &Value) {
    let policy = spec.path(&["template", "spec", "restartPolicy"]);
    let path = format!("{path}.template.spec.restartPolicy");
    let has_failure_policy = !spec.get("podFailurePolicy").is_null();
    match policy.str() {
        "Never" => {}
        "OnFailure" if has_failure_policy => {
            let why = "only \"Never\" is supported when podFailurePolicy is specified";
            errors.push(FieldError::invalid(&path, policy, why));
        }
        "OnFailure" => {}
        "Always" | "" => {
            let why = "valid values: \"OnFailure\", \"Never\"";
            errors.push(FieldError::required(&path, why));
        }
        _ => errors.push(FieldError::not_supported(&path, policy, &["OnFailure", "Never"])),
    }
}

/// The selector of a Job must fit its Pods (the end of ValidateJobSpec).
pub fn selector(errors: &mut Errors, spec: &Value) {
    let labels = spec.path(&["template", "metadata", "labels"]);
    if !selector_matches(spec.get("selector"), labels.as_object()) {
        let why = "`selector` does not match template `labels`";
        errors.push(FieldError::invalid("spec.template.metadata.labels", labels, why));
    }
}

/// The highest number of an Indexed Job's Pods is part of a hostname (the end of ValidateJob).
pub fn hostname(errors: &mut Errors, job: &Object) {
    let completions = job.spec().get("completions").as_i64().unwrap_or(0);
    if job.spec().get("completionMode").str() != "Indexed" || completions < 1 {
        return;
    }
    let hostname = format!("{}-{}", job.name(), completions - 1);
    if !names::dns_label(&hostname).is_empty() {
        let why = format!("will not able to create pod with invalid DNS label: {hostname}");
        errors.push(FieldError::invalid("metadata.name", &job.name().into(), &why));
    }
}

/// Complaints about labels and a selector that were to be made by the server
/// (`validateGeneratedSelector`).
pub fn generated_selector(errors: &mut Errors, job: &Object) {
    if job.spec().get("manualSelector").is_true() {
        return;
    }
    let labels = job.path(&["spec", "template", "metadata", "labels"]);
    let expected = generated_job_labels(job);
    for (label, text) in &expected {
        let path = format!("spec.template.metadata.labels[{label}]");
        match labels.get(label) {
            Value::Null => errors.push(FieldError::required(&path, &format!("must be '{text}'"))),
            found if found.str() == text => {}
            _ => errors.push(FieldError::invalid(&path, labels, &format!("must be '{text}'"))),
        }
    }
    let selector = job.spec().get("selector");
    if !selector_matches(selector, Some(&Map::from_iter(expected))) {
        let written = internal::compact("LabelSelector", selector);
        let why = "`selector` not auto-generated";
        errors.push(FieldError::invalid_as_written("spec.selector", written, why));
    }
}

/// Complaints about the spec in a CronJob's template (`ValidateJobTemplateSpec`).
pub fn template(errors: &mut Errors, path: &str, template: &Value) {
    spec(errors, path, template);
    let selector = template.get("selector");
    if !selector.is_null() {
        let written = internal::compact("LabelSelector", selector);
        let why = "`selector` will be auto-generated";
        errors.push(FieldError::invalid_as_written(&format!("{path}.selector"), written, why));
    }
    let manual = template.get("manualSelector");
    if manual.is_true() {
        let supported = ["nil", "false"];
        errors.push(FieldError::not_supported(
            &format!("{path}.manualSelector"),
            manual,
            &supported,
        ));
    }
}

/// Complaints about a change of what is fixed in a Job (`ValidateJobSpecUpdate`).
pub fn immutable(errors: &mut Errors, job: &Object, existing: &Object) {
    let (new, old) = (job.spec(), existing.spec());
    completions_kept(errors, new, old);
    selector_kept(errors, new, old);
    let is_waiting = old.get("suspend").is_true() && existing.status().get("startTime").is_null();
    let fixed = |spec: &Value| fixed_part(spec.get("template"), is_waiting);
    if fixed(new) != fixed(old) {
        let written = internal::compact("PodTemplateSpec", new.get("template"));
        errors.push(FieldError::invalid_as_written("spec.template", written, IMMUTABLE));
    }
    for (field, kind) in [
        ("completionMode", ""),
        ("podFailurePolicy", "PodFailurePolicy"),
        ("backoffLimitPerIndex", ""),
        ("managedBy", ""),
        ("successPolicy", "SuccessPolicy"),
    ] {
        let (path, value) = (format!("spec.{field}"), new.get(field));
        if value == old.get(field) {
            continue;
        }
        errors.push(match kind.is_empty() || value.is_null() {
            true => FieldError::invalid(&path, value, IMMUTABLE),
            false => {
                FieldError::invalid_as_written(&path, internal::compact(kind, value), IMMUTABLE)
            }
        });
    }
}

// Models validateCompletions: an Indexed Job may have more or fewer, with as many Pods at a time.
fn completions_kept(errors: &mut Errors, new: &Value, old: &Value) {
    let completions = new.get("completions");
    if completions == old.get("completions") {
        return;
    }
    let is_indexed = new.get("completionMode").str() == "Indexed";
    let why = match is_indexed {
        false => IMMUTABLE,
        true if completions.is_null() || completions == new.get("parallelism") => return,
        true => "can only be modified in tandem with spec.parallelism",
    };
    errors.push(FieldError::invalid("spec.completions", completions, why));
}

// What of a template is fixed: where its Pods go may be changed while the Job waits for its start.
fn fixed_part(template: &Value, is_waiting: bool) -> Value {
    let mut template = template.clone();
    if is_waiting {
        for path in [
            &["spec", "affinity", "nodeAffinity"][..],
            &["spec", "nodeSelector"],
            &["spec", "tolerations"],
            &["spec", "schedulingGates"],
            &["metadata", "annotations"],
            &["metadata", "labels"],
        ] {
            template.remove(path);
        }
        if template.path(&["spec", "affinity"]).as_object().is_some_and(|map| map.is_empty()) {
            template.remove(&["spec", "affinity"]);
        }
    }
    template
}
