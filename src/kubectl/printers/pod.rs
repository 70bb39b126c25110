//! Rows of Pods.
//!
//! Models printPod of `pkg/printers/internalversion/printers.go`.

use super::{TableDefinition, age, column, or_none, wide};
use crate::api::object::Object;
use crate::api::time::Time;
use crate::api::value::Value;
use crate::text::duration;

/// The table of Pods.
pub static TABLE_COLUMNS: &[super::Column] = &[
    column("Name"),
    column("Ready"),
    column("Status"),
    column("Restarts"),
    column("Age"),
    wide("IP"),
    wide("Node"),
    wide("Nominated Node"),
    wide("Readiness Gates"),
];

/// How rows of Pods are made.
pub const TABLE: TableDefinition = TableDefinition { columns: TABLE_COLUMNS, row };

fn row(pod: &Object, now: Time) -> Vec<String> {
    let summary = summarize(pod);
    let restarts = match (summary.restarts, summary.last_restart) {
        (0, _) | (_, None) => summary.restarts.to_string(),
        (count, last) => format!("{count} ({} ago)", duration::age(now, last)),
    };
    let ip = pod.status().get("podIPs").at(0).get("ip").str();
    let ip = if ip.is_empty() { pod.status().get("podIP").str() } else { ip };
    vec![
        pod.name().into(),
        format!("{}/{}", summary.ready, summary.total),
        summary.reason,
        restarts,
        age(pod, now),
        or_none(ip),
        or_none(pod.spec().get("nodeName").str()),
        or_none(pod.status().get("nominatedNodeName").str()),
        readiness_gates(pod),
    ]
}

/// What the READY, STATUS and RESTARTS cells say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The STATUS cell.
    pub reason: String,
    /// Containers that are ready.
    pub ready: u32,
    /// Containers that count.
    pub total: u32,
    /// Restarts.
    pub restarts: i64,
    /// The end of the run before the last restart.
    pub last_restart: Option<Time>,
}

/// Works the cells out (printPod).
pub fn summarize(pod: &Object) -> Summary {
    let status = pod.status();
    let reason = status.get("reason").str();
    let reason = if reason.is_empty() { status.get("phase").str() } else { reason };
    let mut summary = Summary { reason: reason.into(), ..Summary::default() };
    let restartable = restartable_init_containers(pod);
    let total = pod.spec().get("containers").items().len() + restartable.len();
    summary.total = total as u32;
    let gated = condition(pod, "PodScheduled").get("reason").str() == "SchedulingGated";
    if gated {
        summary.reason = "SchedulingGated".into();
    }
    let mut sidecars = Summary::default();
    let initializing = init_containers(pod, &restartable, &mut summary, &mut sidecars);
    let initialized = condition(pod, "Initialized").get("status").str() == "True";
    if !initializing || initialized {
        summary.restarts = sidecars.restarts;
        summary.last_restart = sidecars.last_restart;
        containers(pod, &mut summary);
    }
    if pod.is_terminating() {
        if status.get("reason").str() == "NodeLost" {
            summary.reason = "Unknown".into();
        } else if !matches!(status.get("phase").str(), "Succeeded" | "Failed") {
            summary.reason = "Terminating".into();
        }
    }
    summary
}

fn restartable_init_containers(pod: &Object) -> Vec<&str> {
    let containers = pod.spec().get("initContainers").items().iter();
    containers
        .filter(|container| container.get("restartPolicy").str() == "Always")
        .map(|container| container.get("name").str())
        .collect()
}

/// Whether initialization is still going on; counts ready sidecars and restarts.
fn init_containers(
    pod: &Object,
    restartable: &[&str],
    summary: &mut Summary,
    sidecars: &mut Summary,
) -> bool {
    let count = pod.spec().get("initContainers").items().len();
    for (index, status) in pod.status().get("initContainerStatuses").items().iter().enumerate() {
        count_restarts(status, summary);
        let is_restartable = restartable.contains(&status.get("name").str());
        if is_restartable {
            count_restarts(status, sidecars);
        }
        let state = status.get("state");
        let terminated = state.get("terminated");
        let waiting = state.path(&["waiting", "reason"]).str();
        if !terminated.is_null() && terminated.get("exitCode").as_i64() == Some(0) {
            continue;
        }
        if is_restartable && status.get("started").is_true() {
            summary.ready += u32::from(status.get("ready").is_true());
            continue;
        }
        summary.reason = if !terminated.is_null() {
            format!("Init:{}", termination(terminated))
        } else if !waiting.is_empty() && waiting != "PodInitializing" {
            format!("Init:{waiting}")
        } else {
            format!("Init:{index}/{count}")
        };
        return true;
    }
    false
}

fn containers(pod: &Object, summary: &mut Summary) {
    let (mut has_running, mut failed) = (false, false);
    for status in pod.status().get("containerStatuses").items().iter().rev() {
        count_restarts(status, summary);
        let state = status.get("state");
        let waiting = state.path(&["waiting", "reason"]).str();
        let terminated = state.get("terminated");
        if !waiting.is_empty() {
            summary.reason = waiting.into();
        } else if !terminated.is_null() {
            let reason = termination(terminated);
            // A container that failed is shown before one that has done its work.
            if !(failed && reason == "Completed") {
                summary.reason = reason;
            }
            failed |= terminated.get("exitCode").as_i64() != Some(0);
        } else if status.get("ready").is_true() && !state.get("running").is_null() {
            has_running = true;
            summary.ready += 1;
        }
    }
    if summary.reason == "Completed" && has_running {
        let ready = condition(pod, "Ready").get("status").str() == "True";
        summary.reason = if ready { "Running" } else { "NotReady" }.into();
    }
}

fn count_restarts(status: &Value, summary: &mut Summary) {
    summary.restarts += status.get("restartCount").as_i64().unwrap_or(0);
    let finished = status.path(&["lastState", "terminated", "finishedAt"]).str();
    summary.last_restart = summary.last_restart.max(Time::parse(finished));
}

/// A termination's reason, else its signal or exit code.
fn termination(terminated: &Value) -> String {
    let number = |field: &str| terminated.get(field).as_i64().unwrap_or(0);
    match (terminated.get("reason").str(), number("signal")) {
        ("", 0) => format!("ExitCode:{}", number("exitCode")),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.into(),
    }
}

fn condition<'a>(pod: &'a Object, kind: &str) -> &'a Value {
    let conditions = pod.status().get("conditions").items();
    conditions.iter().find(|c| c.get("type").str() == kind).unwrap_or(&Value::Null)
}

fn readiness_gates(pod: &Object) -> String {
    let gates = pod.spec().get("readinessGates").items();
    if gates.is_empty() {
        return "<none>".into();
    }
    let is_true = |gate: &&Value| {
        condition(pod, gate.get("conditionType").str()).get("status").str() == "True"
    };
    format!("{}/{}", gates.iter().filter(is_true).count(), gates.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scheme::Kind;
    use crate::value;

    #[track_caller]
    fn check(value: Value, ready: &str, reason: &str) {
        let summary = summarize(&Object::new(Kind::Pod, value));
        assert_eq!(summary.reason, reason);
        assert_eq!(format!("{}/{}", summary.ready, summary.total), ready);
    }

    #[test]
    fn the_first_container_with_a_problem_is_shown() {
        let status = value!({"phase": "Running", "containerStatuses": [
            {"name": "backup", "state": {"terminated": {"reason": "Error", "exitCode": 137}}},
            {"name": "mysql", "state": {"terminated": {"reason": "Completed", "exitCode": 0}}}
        ]});
        let spec = value!({"containers": [{"name": "mysql"}, {"name": "backup"}]});
        check(value!({"spec": (spec), "status": (status)}), "0/2", "Error");
    }

    #[test]
    fn init_containers_count_up_and_sidecars_count_as_containers() {
        let spec = value!({
            "initContainers": [{"name": "side", "restartPolicy": "Always"}, {"name": "b"}],
            "containers": [{"name": "main"}]
        });
        let status = value!({"phase": "Pending", "initContainerStatuses": [
            {"name": "side", "started": true, "ready": true, "state": {"running": {}}},
            {"name": "b", "state": {"waiting": {"reason": "PodInitializing"}}}
        ]});
        check(value!({"spec": (spec), "status": (status)}), "1/2", "Init:1/2");
    }
}
