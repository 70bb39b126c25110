//! DaemonSets, Jobs, CronJobs and autoscalers.
//!
//! Models DaemonSetDescriber, JobDescriber, CronJobDescriber and
//! HorizontalPodAutoscalerDescriber of describe.go.

use super::stateful_set::pods_status;
use super::template::describe_pod_template;
use super::writer::{bool_word, joined_labels, long_time, scalar};
use super::{Surroundings, Writer};
use crate::api::object::Object;
use crate::api::time::Time;
use crate::api::value::Value;
use crate::kubectl::printers::format_label_selector;
use crate::text::duration;

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

fn head(object: &Object, w: &mut Writer) {
    w.field(0, "Name", object.name());
    w.field(0, "Namespace", object.namespace());
}

fn labels(object: &Object, w: &mut Writer) {
    w.labels("Labels", object.metadata().get("labels"));
    w.annotations("Annotations", object.metadata().get("annotations"));
}

/// Writes everything but the events.
pub fn describe_daemon_set(set: &Object, w: &mut Writer, around: &mut Surroundings<'_, '_>) {
    head(set, w);
    w.field(0, "Selector", &format_label_selector(set.spec().get("selector")));
    let node_selector = set.path(&["spec", "template", "spec", "nodeSelector"]);
    w.field(0, "Node-Selector", &joined_labels(node_selector));
    labels(set, w);
    for (title, field) in [
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ] {
        w.line(0, &format!("{title}: {}", number(set.status().get(field))));
    }
    pods_status(set, w, around);
    describe_pod_template(set.spec().get("template"), w);
}

/// Writes everything but the events.
pub fn describe_job(job: &Object, w: &mut Writer) {
    let (spec, status) = (job.spec(), job.status());
    head(job, w);
    w.field(0, "Selector", &format_label_selector(spec.get("selector")));
    labels(job, w);
    if let Some(owner) = job.controller() {
        w.field(0, "Controlled By", &format!("{}/{}", owner.kind(), owner.name()));
    }
    w.field_if(0, "Parallelism", &scalar(spec.get("parallelism")));
    let completions = scalar(spec.get("completions"));
    w.field(0, "Completions", super::writer::or(&completions, "<unset>"));
    w.field_if(0, "Completion Mode", spec.get("completionMode").str());
    w.field_if(0, "Suspend", &scalar(spec.get("suspend")));
    w.field_if(0, "Backoff Limit", &scalar(spec.get("backoffLimit")));
    w.field_if(0, "TTL Seconds After Finished", &scalar(spec.get("ttlSecondsAfterFinished")));
    let (start, end) = (status.get("startTime"), status.get("completionTime"));
    for (title, time) in [("Start Time", start), ("Completed At", end)] {
        if !time.is_null() {
            w.field(0, title, &long_time(time));
        }
    }
    if let (Some(start), Some(end)) = (Time::parse(start.str()), Time::parse(end.str())) {
        w.field(0, "Duration", &duration::age(end, Some(start)));
    }
    if let Some(seconds) = spec.get("activeDeadlineSeconds").as_i64() {
        w.field(0, "Active Deadline Seconds", &format!("{seconds}s"));
    }
    let count = |field: &str| number(status.get(field));
    let ready = match status.get("ready").as_i64() {
        Some(ready) => format!(" ({ready} Ready)"),
        None => String::new(),
    };
    let (active, succeeded, failed) = (count("active"), count("succeeded"), count("failed"));
    let text = format!("{active} Active{ready} / {succeeded} Succeeded / {failed} Failed");
    w.field(0, "Pods Statuses", &text);
    if spec.get("completionMode").str() == "Indexed" {
        w.field(0, "Completed Indexes", &shortened(status.get("completedIndexes").str()));
    }
    describe_pod_template(spec.get("template"), w);
}

/// Indexes up to a comma after the fiftieth letter (`capIndexesListOrNone`).
fn shortened(indexes: &str) -> String {
    let comma = indexes.match_indices(',').map(|(at, _)| at).find(|at| *at >= 50);
    match comma {
        _ if indexes.is_empty() => "<none>".into(),
        Some(at) => format!("{},...", &indexes[..at]),
        None => indexes.into(),
    }
}

/// Writes everything but the events.
pub fn describe_cron_job(cron_job: &Object, w: &mut Writer) {
    let spec = cron_job.spec();
    let unset = |value: &Value| match scalar(value).as_str() {
        "" => "<unset>".to_string(),
        text => text.to_string(),
    };
    head(cron_job, w);
    labels(cron_job, w);
    w.field(0, "Schedule", spec.get("schedule").str());
    w.field_if(0, "Time Zone", spec.get("timeZone").str());
    w.field(0, "Concurrency Policy", spec.get("concurrencyPolicy").str());
    w.field(0, "Suspend", bool_word(spec.get("suspend").is_true()));
    w.field(0, "Successful Job History Limit", &unset(spec.get("successfulJobsHistoryLimit")));
    w.field(0, "Failed Job History Limit", &unset(spec.get("failedJobsHistoryLimit")));
    let deadline = match spec.get("startingDeadlineSeconds").as_i64() {
        Some(seconds) => format!("{seconds}s"),
        None => "<unset>".into(),
    };
    w.field(0, "Starting Deadline Seconds", &deadline);
    let job = spec.path(&["jobTemplate", "spec"]);
    let selector = match job.get("selector") {
        Value::Null => "<unset>".into(),
        selector => format_label_selector(selector),
    };
    w.field(0, "Selector", &selector);
    w.field(0, "Parallelism", &unset(job.get("parallelism")));
    w.field(0, "Completions", &unset(job.get("completions")));
    if let Some(seconds) = job.get("activeDeadlineSeconds").as_i64() {
        w.field(0, "Active Deadline Seconds", &format!("{seconds}s"));
    }
    describe_pod_template(job.get("template"), w);
    let last = match cron_job.status().get("lastScheduleTime") {
        Value::Null => "<unset>".into(),
        time => long_time(time),
    };
    w.field(0, "Last Schedule Time", &last);
    let active: Vec<&str> =
        cron_job.status().get("active").items().iter().map(|job| job.get("name").str()).collect();
    w.field(0, "Active Jobs", super::writer::or(&active.join(", "), "<none>"));
}

/// Writes everything but the events.
pub fn describe_autoscaler(autoscaler: &Object, w: &mut Writer) {
    let (spec, status) = (autoscaler.spec(), autoscaler.status());
    head(autoscaler, w);
    labels(autoscaler, w);
    w.field(0, "CreationTimestamp", &long_time(autoscaler.metadata().get("creationTimestamp")));
    let target = spec.get("scaleTargetRef");
    let kind = target.get("kind").str();
    w.field(0, "Reference", &format!("{kind}/{}", target.get("name").str()));
    w.field(0, "Metrics", "( current / target )");
    for metric in spec.get("metrics").items() {
        w.line(1, &metric_line(metric));
    }
    let least = scalar(spec.get("minReplicas"));
    w.field(0, "Min replicas", super::writer::or(&least, "<unset>"));
    w.field(0, "Max replicas", &number(spec.get("maxReplicas")).to_string());
    let count = |field: &str| number(status.get(field));
    let text =
        format!("{} current / {} desired", count("currentReplicas"), count("desiredReplicas"));
    w.field(0, &format!("{kind} pods"), &text);
    let conditions = status.get("conditions").items();
    if conditions.is_empty() {
        return;
    }
    w.line(0, "Conditions:\n  Type\tStatus\tReason\tMessage");
    w.line(1, "----\t------\t------\t-------");
    for condition in conditions {
        let text = |field: &str| condition.get(field).str();
        let (kind, state) = (text("type"), text("status"));
        w.line(1, &format!("{kind}\t{state}\t{}\t{}", text("reason"), text("message")));
    }
}

/// A metric of a resource; others by their type alone, as nothing measures them here.
fn metric_line(metric: &Value) -> String {
    let resource = metric.get("resource");
    if resource.is_null() {
        return format!("<unknown metric type {:?}>", metric.get("type").str());
    }
    let (name, target) = (resource.get("name").str(), resource.get("target"));
    match (target.get("averageValue"), target.get("averageUtilization").as_i64()) {
        (Value::Null, Some(percent)) => format!(
            "resource {name} on pods  (as a percentage of request):\t<unknown> / {percent}%"
        ),
        (Value::Null, None) => {
            format!("resource {name} on pods  (as a percentage of request):\t<unknown> / <auto>")
        }
        (value, _) => format!("resource {name} on pods:\t<unknown> / {}", scalar(value)),
    }
}
