//! The other workloads: Deployment, ReplicaSet, DaemonSet, Job, CronJob, autoscaler.
//!
//! Models the defaults in `pkg/apis/{apps,batch,autoscaling}` and the labels that
//! `pkg/registry/batch/job/strategy.go` puts on a Job's Pods.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::value::Value;
use crate::value;

use super::defaulting::{absent, each, empty, within};
use super::pod::default::default_template;

/// Fills in what a workload leaves out.
pub fn default(object: &mut Object) {
    let kind = object.kind;
    within(&mut object.value, "spec", |spec| match kind {
        Kind::Deployment => default_deployment(spec),
        Kind::ReplicaSet => {
            absent(spec, "replicas", 1);
            within(spec, "template", default_template);
        }
        Kind::DaemonSet => default_daemon_set(spec),
        Kind::Job => default_job(spec),
        Kind::CronJob => default_cron_job(spec),
        Kind::HorizontalPodAutoscaler => default_autoscaler(spec),
        _ => {}
    });
}

fn default_deployment(spec: &mut Value) {
    absent(spec, "replicas", 1);
    absent(spec, "revisionHistoryLimit", 10);
    absent(spec, "progressDeadlineSeconds", 600);
    within(spec, "strategy", |strategy| {
        empty(strategy, "type", "RollingUpdate");
        if strategy.get("type").str() == "RollingUpdate" {
            absent(strategy, "rollingUpdate", Value::object());
            within(strategy, "rollingUpdate", |rolling| {
                absent(rolling, "maxUnavailable", "25%");
                absent(rolling, "maxSurge", "25%");
            });
        }
    });
    within(spec, "template", default_template);
}

fn default_daemon_set(spec: &mut Value) {
    absent(spec, "revisionHistoryLimit", 10);
    within(spec, "updateStrategy", |strategy| {
        empty(strategy, "type", "RollingUpdate");
        if strategy.get("type").str() == "RollingUpdate" {
            absent(strategy, "rollingUpdate", Value::object());
            within(strategy, "rollingUpdate", |rolling| {
                absent(rolling, "maxUnavailable", 1);
                absent(rolling, "maxSurge", 0);
            });
        }
    });
    within(spec, "template", default_template);
}

fn default_job(spec: &mut Value) {
    if spec.get("completions").is_null() && spec.get("parallelism").is_null() {
        spec.set(&["completions"], 1);
    }
    absent(spec, "parallelism", 1);
    let limit = match spec.get("backoffLimitPerIndex").is_null() {
        true => 6,
        false => i64::from(i32::MAX),
    };
    absent(spec, "backoffLimit", limit);
    default_failure_policy(spec);
    absent(spec, "completionMode", "NonIndexed");
    absent(spec, "suspend", false);
    let policy = match spec.get("podFailurePolicy").is_null() {
        true => "TerminatingOrFailed",
        false => "Failed",
    };
    absent(spec, "podReplacementPolicy", policy);
    within(spec, "template", default_template);
}

fn default_cron_job(spec: &mut Value) {
    empty(spec, "concurrencyPolicy", "Allow");
    absent(spec, "suspend", false);
    absent(spec, "successfulJobsHistoryLimit", 3);
    absent(spec, "failedJobsHistoryLimit", 1);
    within(spec, "jobTemplate", |template| {
        within(template, "spec", |spec| {
            default_failure_policy(spec);
            within(spec, "template", default_template);
        });
    });
}

fn default_failure_policy(spec: &mut Value) {
    within(spec, "podFailurePolicy", |policy| {
        each(policy, "rules", |rule| {
            each(rule, "onPodConditions", |pattern| empty(pattern, "status", "True"));
        });
    });
}

fn default_autoscaler(spec: &mut Value) {
    absent(spec, "minReplicas", 1);
    if spec.get("metrics").items().is_empty() {
        let target = value!({"type": "Utilization", "averageUtilization": 80});
        let resource = value!({"name": "cpu", "target": (target)});
        spec.set(&["metrics"], value!([{"type": "Resource", "resource": (resource)}]));
    }
}

/// The label by which a Job knows its Pods.
pub const JOB_UID_LABEL: &str = "batch.kubernetes.io/controller-uid";

/// The labels that the Pods of a Job have from the server, the older names first.
pub fn generated_job_labels(job: &Object) -> [(&'static str, String); 4] {
    let (uid, name) = (job.uid().to_owned(), job.name().to_owned());
    [
        ("controller-uid", uid.clone()),
        ("job-name", name.clone()),
        (JOB_UID_LABEL, uid),
        ("batch.kubernetes.io/job-name", name),
    ]
}

/// Labels a Job's Pods with the Job and selects them by its uid, unless it has its own selector.
///
/// Models `generateSelector` in `pkg/registry/batch/job/strategy.go`.
pub fn generate_job_selector(job: &mut Object) {
    if job.kind != Kind::Job || job.spec().get("manualSelector").is_true() {
        return;
    }
    // What is there already is left for the validation to judge.
    for (label, text) in generated_job_labels(job) {
        let path = ["spec", "template", "metadata", "labels", label];
        if job.path(&path).is_null() {
            job.set(&path, text);
        }
    }
    let path = ["spec", "selector", "matchLabels", JOB_UID_LABEL];
    if job.path(&path).is_null() {
        job.set(&path, job.uid().to_owned());
    }
    // SetDefaults_Job gives a Job without labels those of its Pods when it is read again.
    if job.labels().is_none_or(|labels| labels.is_empty()) {
        let labels = job.path(&["spec", "template", "metadata", "labels"]).clone();
        job.set(&["metadata", "labels"], labels);
    }
}

const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// Numbers a DaemonSet's template (`spec.templateGeneration`, an annotation in `apps/v1`).
pub fn set_template_generation(set: &mut Object, number: i64) {
    set.set(&["metadata", "annotations", TEMPLATE_GENERATION], number.to_string());
}

/// The number goes up when the template changes, and nobody else changes it.
pub fn keep_template_generation(set: &mut Object, existing: &Object) {
    let old = existing.annotation(TEMPLATE_GENERATION).and_then(|n| n.parse::<i64>().ok());
    let changed = set.spec().get("template") != existing.spec().get("template");
    set_template_generation(set, old.unwrap_or(1) + i64::from(changed));
}
