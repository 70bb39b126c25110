//! What is wrong with the other workloads.
//!
//! Models `pkg/apis/apps/validation`, `pkg/apis/batch/validation`, `pkg/apis/autoscaling/validation`.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::selector::selector_matches;
use crate::api::status::FieldError;
use crate::api::types::internal;
use crate::api::value::Value;
use crate::text::cron;

use super::job_validation;
use super::pod::validate as pod;
use super::validation::metadata::IMMUTABLE;
use super::validation::numbers::{
    at_most_all, count_or_percentage, not_negative, one_of, plain_count,
};
use super::validation::{Errors, names, selector};

/// Complaints about a workload's selector, and about the template that it must select.
///
/// `template` may be another form of `spec.template`; a malformed selector hides its errors.
pub fn selector_and_template(errors: &mut Errors, spec: &Value, template: &Value, noun: &str) {
    let own = spec.get("selector");
    let path = "spec.selector";
    let is_empty = own.get("matchLabels").as_object().is_none_or(|map| map.is_empty())
        && own.get("matchExpressions").items().is_empty();
    if own.is_null() {
        errors.push(FieldError::required(path, ""));
    } else {
        let before = errors.len();
        selector::label_selector(errors, path, own);
        let written = internal::compact("LabelSelector", own);
        if is_empty {
            let why = format!("empty selector is invalid for {noun}");
            errors.push(FieldError::invalid_as_written(path, written, &why));
        } else if errors.len() > before {
            errors.push(FieldError::invalid_as_written(path, written, ""));
            return;
        }
    }
    let labels = spec.path(&["template", "metadata", "labels"]);
    let selects = selector_matches(own, labels.as_object());
    if own.is_null() || (!is_empty && !selects) {
        let why = "`selector` does not match template `labels`";
        errors.push(FieldError::invalid("spec.template.metadata.labels", labels, why));
    }
    pod::template(errors, "spec.template", template);
}

/// Complaints about the spec of a workload that is no StatefulSet.
pub fn spec(errors: &mut Errors, object: &Object) {
    let spec = object.spec();
    match object.kind {
        Kind::Deployment => deployment(errors, spec),
        Kind::ReplicaSet => {
            not_negative(errors, "spec.replicas", spec.get("replicas"));
            not_negative(errors, "spec.minReadySeconds", spec.get("minReadySeconds"));
            selector_and_template(errors, spec, spec.get("template"), "deployment");
            only_always(errors, spec);
        }
        Kind::DaemonSet => {
            selector_and_template(errors, spec, spec.get("template"), "daemonset");
            only_always(errors, spec);
            daemon_strategy(errors, spec.get("updateStrategy"));
        }
        Kind::Job => {
            job_validation::spec(errors, "spec", spec);
            job_validation::selector(errors, spec);
            job_validation::hostname(errors, object);
        }
        Kind::CronJob => cron_job(errors, spec),
        Kind::HorizontalPodAutoscaler => autoscaler(errors, spec),
        _ => {}
    }
}

fn only_always(errors: &mut Errors, spec: &Value) {
    let policy = spec.path(&["template", "spec", "restartPolicy"]);
    one_of(errors, "spec.template.spec.restartPolicy", policy, &["Always"]);
}

fn deployment(errors: &mut Errors, spec: &Value) {
    not_negative(errors, "spec.replicas", spec.get("replicas"));
    selector_and_template(errors, spec, spec.get("template"), "deployment");
    only_always(errors, spec);
    let strategy = spec.get("strategy");
    let rolling = strategy.get("rollingUpdate");
    match strategy.get("type").str() {
        "Recreate" if !rolling.is_null() => {
            let why = "may not be specified when strategy `type` is 'Recreate'";
            errors.push(FieldError::forbidden("spec.strategy.rollingUpdate", why));
        }
        "Recreate" => {}
        "RollingUpdate" => rolling_update(errors, rolling),
        _ => {
            let written = internal::compact("DeploymentStrategy", strategy);
            let supported = ["Recreate", "RollingUpdate"];
            errors.push(FieldError::not_supported_as_written("spec.strategy", written, &supported));
        }
    }
    not_negative(errors, "spec.minReadySeconds", spec.get("minReadySeconds"));
    not_negative(errors, "spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"));
    let deadline = spec.get("progressDeadlineSeconds");
    not_negative(errors, "spec.progressDeadlineSeconds", deadline);
    let least = spec.get("minReadySeconds").as_i64().unwrap_or(0);
    if deadline.as_i64().is_some_and(|deadline| deadline <= least) {
        let why = "must be greater than minReadySeconds";
        errors.push(FieldError::invalid("spec.progressDeadlineSeconds", deadline, why));
    }
}

// Models ValidateDaemonSetUpdateStrategy.
fn daemon_strategy(errors: &mut Errors, strategy: &Value) {
    let path = "spec.updateStrategy";
    let rolling = strategy.get("rollingUpdate");
    match strategy.get("type").str() {
        "OnDelete" => {}
        "RollingUpdate" if rolling.is_null() => {
            errors.push(FieldError::required(&format!("{path}.rollingUpdate"), ""));
        }
        "RollingUpdate" => daemon_rolling_update(errors, rolling),
        _ => {
            let written = internal::compact("DaemonSetUpdateStrategy", strategy);
            let supported = ["RollingUpdate", "OnDelete"];
            errors.push(FieldError::not_supported_as_written(path, written, &supported));
        }
    }
}

// Models ValidateRollingUpdateDaemonSet.
fn daemon_rolling_update(errors: &mut Errors, rolling: &Value) {
    let (unavailable, surge) = (rolling.get("maxUnavailable"), rolling.get("maxSurge"));
    let path = |field: &str| format!("spec.updateStrategy.rollingUpdate.{field}");
    for (field, value) in [("maxUnavailable", unavailable), ("maxSurge", surge)] {
        count_or_percentage(errors, &path(field), value);
    }
    for (field, value) in [("maxUnavailable", unavailable), ("maxSurge", surge)] {
        at_most_all(errors, &path(field), value);
    }
    match (plain_count(unavailable) != 0, plain_count(surge) != 0) {
        (true, true) => {
            let why = "may not be set when maxUnavailable is non-zero";
            errors.push(FieldError::invalid(&path("maxSurge"), surge, why));
        }
        (false, false) => {
            let why = "cannot be 0 when maxSurge is 0";
            errors.push(FieldError::required(&path("maxUnavailable"), why));
        }
        _ => {}
    }
}

fn rolling_update(errors: &mut Errors, rolling: &Value) {
    let path = "spec.strategy.rollingUpdate";
    let (unavailable, surge) = (rolling.get("maxUnavailable"), rolling.get("maxSurge"));
    count_or_percentage(errors, &format!("{path}.maxUnavailable"), unavailable);
    count_or_percentage(errors, &format!("{path}.maxSurge"), surge);
    if plain_count(unavailable) == 0 && plain_count(surge) == 0 {
        let path = format!("{path}.maxUnavailable");
        let why = "may not be 0 when `maxSurge` is 0";
        errors.push(FieldError::invalid(&path, unavailable, why));
    }
    at_most_all(errors, &format!("{path}.maxUnavailable"), unavailable);
}

fn cron_job(errors: &mut Errors, spec: &Value) {
    let schedule = spec.get("schedule");
    match schedule.str() {
        "" => errors.push(FieldError::required("spec.schedule", "")),
        text if text.contains("TZ") => {
            let why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
            errors.push(FieldError::invalid("spec.schedule", schedule, why));
        }
        text => {
            if let Err(why) = cron::parse(text) {
                errors.push(FieldError::invalid("spec.schedule", schedule, &why));
            }
        }
    }
    let supported = ["Allow", "Forbid", "Replace"];
    one_of(errors, "spec.concurrencyPolicy", spec.get("concurrencyPolicy"), &supported);
    for field in ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"]
    {
        not_negative(errors, &format!("spec.{field}"), spec.get(field));
    }
    time_zone(errors, spec.get("timeZone"));
    job_validation::template(errors, "spec.jobTemplate.spec", spec.path(&["jobTemplate", "spec"]));
}

// Models validateTimeZone, but for the look into the list of zones.
fn time_zone(errors: &mut Errors, zone: &Value) {
    let Some(text) = zone.as_str() else { return };
    let is_part = |part: &str| {
        let is_fine = |c: u8| c.is_ascii_alphanumeric() || b".-_+".contains(&c);
        (1..=14).contains(&part.len())
            && part.bytes().all(is_fine)
            && !part.starts_with('-')
            && !matches!(part, "." | "..")
    };
    let why = match text {
        "" => "timeZone must be nil or non-empty string".to_owned(),
        text if !text.split('/').all(is_part) => format!("unknown time zone {text}"),
        text if text.eq_ignore_ascii_case("Local") => {
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
                .to_owned()
        }
        _ => return,
    };
    errors.push(FieldError::invalid("spec.timeZone", zone, &why));
}

fn autoscaler(errors: &mut Errors, spec: &Value) {
    let (least, most) = (spec.get("minReplicas"), spec.get("maxReplicas"));
    if least.as_i64().is_some_and(|least| least < 1) {
        let why = "must be greater than or equal to 1";
        errors.push(FieldError::invalid("spec.minReplicas", least, why));
    }
    let count = most.as_i64().unwrap_or(0);
    if count < 1 {
        let why = "must be greater than 0";
        errors.push(FieldError::invalid("spec.maxReplicas", &count.into(), why));
    }
    if least.as_i64().is_some_and(|least| count < least) {
        let why = "must be greater than or equal to `minReplicas`";
        errors.push(FieldError::invalid("spec.maxReplicas", &count.into(), why));
    }
    let target = spec.get("scaleTargetRef");
    for field in ["kind", "name"] {
        pod::required(errors, "spec.scaleTargetRef", target, field);
    }
}

/// Complaints about a change of what is fixed in a workload that is no StatefulSet.
pub fn immutable(errors: &mut Errors, object: &Object, existing: &Object) {
    match object.kind {
        Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet => {
            selector_kept(errors, object.spec(), existing.spec());
        }
        Kind::Job => job_validation::immutable(errors, object, existing),
        _ => {}
    }
}

/// The selector of a workload stays.
pub fn selector_kept(errors: &mut Errors, new: &Value, old: &Value) {
    let selector = new.get("selector");
    if selector != old.get("selector") {
        let written = internal::compact("LabelSelector", selector);
        errors.push(FieldError::invalid_as_written("spec.selector", written, IMMUTABLE));
    }
}

/// The rule for names of Pods that a CronJob's Jobs make.
pub fn cron_job_name(errors: &mut Errors, name: &str) {
    if name.len() > 52 {
        let sentence = "must be no more than 52 characters".to_owned();
        names::add(errors, "metadata.name", name, vec![sentence]);
    }
}
