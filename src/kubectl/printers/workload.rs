//! Rows of workloads, autoscalers and disruption budgets.
//!
//! Models printStatefulSet, printDeployment, printJob and their siblings of
//! `pkg/printers/internalversion/printers.go`.

use super::{
    TableDefinition, age, column, containers, format_label_selector, format_labels, int, or_none,
    since, wide,
};
use crate::api::object::Object;
use crate::api::time::Time;
use crate::api::value::Value;
use crate::text::duration;

/// The table of StatefulSets.
pub const STATEFUL_SET: TableDefinition = TableDefinition {
    columns: &[column("Name"), column("Ready"), column("Age"), wide("Containers"), wide("Images")],
    row: |set, now| {
        let [names, images] = containers(set.path(&["spec", "template", "spec"]));
        let ready = ready_of(set);
        vec![set.name().into(), ready, age(set, now), names, images]
    },
};

fn ready_of(object: &Object) -> String {
    let ready = int(object.status().get("readyReplicas"));
    format!("{ready}/{}", int(object.spec().get("replicas")))
}

/// The table of ControllerRevisions.
pub const CONTROLLER_REVISION: TableDefinition = TableDefinition {
    columns: &[column("Name"), column("Controller"), column("Revision"), column("Age")],
    row: |revision, now| {
        let controller = revision.controller().map(|owner| {
            let group = owner.api_version().split_once('/').map_or("", |(group, _)| group);
            let kind = owner.kind().to_lowercase();
            match group {
                "" => format!("{kind}/{}", owner.name()),
                group => format!("{kind}.{group}/{}", owner.name()),
            }
        });
        vec![
            revision.name().into(),
            controller.unwrap_or_else(|| "<none>".into()),
            int(revision.value.get("revision")),
            age(revision, now),
        ]
    },
};

/// The table of Deployments.
pub const DEPLOYMENT: TableDefinition = TableDefinition {
    columns: &[
        column("Name"),
        column("Ready"),
        column("Up-to-date"),
        column("Available"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row: |deployment, now| {
        let [names, images] = containers(deployment.path(&["spec", "template", "spec"]));
        vec![
            deployment.name().into(),
            ready_of(deployment),
            int(deployment.status().get("updatedReplicas")),
            int(deployment.status().get("availableReplicas")),
            age(deployment, now),
            names,
            images,
            format_label_selector(deployment.spec().get("selector")),
        ]
    },
};

/// The table of ReplicaSets.
pub const REPLICA_SET: TableDefinition = TableDefinition {
    columns: &[
        column("Name"),
        column("Desired"),
        column("Current"),
        column("Ready"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row: |set, now| {
        let [names, images] = containers(set.path(&["spec", "template", "spec"]));
        vec![
            set.name().into(),
            int(set.spec().get("replicas")),
            int(set.status().get("replicas")),
            int(set.status().get("readyReplicas")),
            age(set, now),
            names,
            images,
            format_label_selector(set.spec().get("selector")),
        ]
    },
};

/// The table of DaemonSets.
pub const DAEMON_SET: TableDefinition = TableDefinition {
    columns: &[
        column("Name"),
        column("Desired"),
        column("Current"),
        column("Ready"),
        column("Up-to-date"),
        column("Available"),
        column("Node Selector"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row: |set, now| {
        let [names, images] = containers(set.path(&["spec", "template", "spec"]));
        let status = |field: &str| int(set.status().get(field));
        let node_selector = set.path(&["spec", "template", "spec", "nodeSelector"]);
        vec![
            set.name().into(),
            status("desiredNumberScheduled"),
            status("currentNumberScheduled"),
            status("numberReady"),
            status("updatedNumberScheduled"),
            status("numberAvailable"),
            format_labels(node_selector.as_object()),
            age(set, now),
            names,
            images,
            format_label_selector(set.spec().get("selector")),
        ]
    },
};

/// The table of Jobs.
pub const JOB: TableDefinition = TableDefinition {
    columns: &[
        column("Name"),
        column("Status"),
        column("Completions"),
        column("Duration"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row: |job, now| {
        let [names, images] = containers(job.path(&["spec", "template", "spec"]));
        vec![
            job.name().into(),
            job_status(job).into(),
            completions(job),
            job_duration(job, now),
            age(job, now),
            names,
            images,
            format_label_selector(job.spec().get("selector")),
        ]
    },
};

fn job_status(job: &Object) -> &'static str {
    let has = |kind: &str| {
        let conditions = job.status().get("conditions").items();
        conditions.iter().any(|c| c.get("type").str() == kind && c.get("status").str() == "True")
    };
    match () {
        () if has("Complete") => "Complete",
        () if has("Failed") => "Failed",
        () if job.is_terminating() => "Terminating",
        () if has("Suspended") => "Suspended",
        () if has("FailureTarget") => "FailureTarget",
        () if has("SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    }
}

fn completions(job: &Object) -> String {
    let succeeded = int(job.status().get("succeeded"));
    match (job.spec().get("completions").as_i64(), job.spec().get("parallelism").as_i64()) {
        (Some(wanted), _) => format!("{succeeded}/{wanted}"),
        (None, Some(parallelism)) if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    }
}

fn job_duration(job: &Object, now: Time) -> String {
    let Some(start) = Time::parse(job.status().get("startTime").str()) else {
        return String::new();
    };
    let end = Time::parse(job.status().get("completionTime").str()).unwrap_or(now);
    duration::age(end, Some(start))
}

/// The table of CronJobs.
pub const CRON_JOB: TableDefinition = TableDefinition {
    columns: &[
        column("Name"),
        column("Schedule"),
        column("Timezone"),
        column("Suspend"),
        column("Active"),
        column("Last Schedule"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row: |job, now| {
        let template = job.path(&["spec", "jobTemplate", "spec"]);
        let [names, images] = containers(template.path(&["template", "spec"]));
        let last = job.status().get("lastScheduleTime");
        let last = if last.is_null() { "<none>".into() } else { since(last, now) };
        let suspend = if job.spec().get("suspend").is_true() { "True" } else { "False" };
        vec![
            job.name().into(),
            job.spec().get("schedule").str().into(),
            or_none(job.spec().get("timeZone").str()),
            suspend.into(),
            job.status().get("active").items().len().to_string(),
            last,
            age(job, now),
            names,
            images,
            format_label_selector(template.get("selector")),
        ]
    },
};

/// The table of HorizontalPodAutoscalers.
pub const HORIZONTAL_POD_AUTOSCALER: TableDefinition = TableDefinition {
    columns: &[
        column("Name"),
        column("Reference"),
        column("Targets"),
        column("MinPods"),
        column("MaxPods"),
        column("Replicas"),
        column("Age"),
    ],
    row: |autoscaler, now| {
        let spec = autoscaler.spec();
        let target = spec.get("scaleTargetRef");
        let least = spec.get("minReplicas");
        vec![
            autoscaler.name().into(),
            format!("{}/{}", target.get("kind").str(), target.get("name").str()),
            targets(autoscaler),
            if least.is_null() { "<unset>".into() } else { int(least) },
            int(spec.get("maxReplicas")),
            int(autoscaler.status().get("currentReplicas")),
            age(autoscaler, now),
        ]
    },
};

/// Models formatHPAMetrics for resource metrics, the only ones autoscale makes.
fn targets(autoscaler: &Object) -> String {
    let metrics = autoscaler.spec().get("metrics").items();
    let texts: Vec<String> = metrics
        .iter()
        .map(|metric| {
            let resource = metric.get("resource");
            let target = resource.get("target");
            let wanted = match target.get("averageUtilization").as_i64() {
                Some(percent) => format!("{percent}%"),
                None => target.get("averageValue").str().to_string(),
            };
            format!("{}: <unknown>/{wanted}", resource.get("name").str())
        })
        .collect();
    or_none(&texts.join(", "))
}

/// The table of PodDisruptionBudgets.
pub const POD_DISRUPTION_BUDGET: TableDefinition = TableDefinition {
    columns: &[
        column("Name"),
        column("Min Available"),
        column("Max Unavailable"),
        column("Allowed Disruptions"),
        column("Age"),
    ],
    row: |budget, now| {
        let limit = |field: &str| match budget.spec().get(field) {
            Value::Null => "N/A".to_string(),
            Value::String(text) => text.to_string(),
            number => int(number),
        };
        vec![
            budget.name().into(),
            limit("minAvailable"),
            limit("maxUnavailable"),
            int(budget.status().get("disruptionsAllowed")),
            age(budget, now),
        ]
    },
};
