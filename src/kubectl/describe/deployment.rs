//! Deployments and ReplicaSets.
//!
//! Models DeploymentDescriber and ReplicaSetDescriber of describe.go.

use super::stateful_set::pods_status;
use super::template::describe_pod_template;
use super::writer::{long_time, scalar};
use super::{Surroundings, Writer};
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::value::Value;
use crate::kubectl::printers::format_label_selector;

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

/// Writes everything but the events.
pub fn describe_deployment(deployment: &Object, w: &mut Writer, around: &mut Surroundings<'_, '_>) {
    let (spec, status) = (deployment.spec(), deployment.status());
    w.field(0, "Name", deployment.name());
    w.field(0, "Namespace", deployment.namespace());
    w.field(0, "CreationTimestamp", &long_time(deployment.metadata().get("creationTimestamp")));
    w.labels("Labels", deployment.metadata().get("labels"));
    w.annotations("Annotations", deployment.metadata().get("annotations"));
    w.field(0, "Selector", &format_label_selector(spec.get("selector")));
    w.field(
        0,
        "Replicas",
        &format!(
            "{} desired | {} updated | {} total | {} available | {} unavailable",
            number(spec.get("replicas")),
            number(status.get("updatedReplicas")),
            number(status.get("replicas")),
            number(status.get("availableReplicas")),
            number(status.get("unavailableReplicas"))
        ),
    );
    let strategy = spec.get("strategy");
    w.field(0, "StrategyType", strategy.get("type").str());
    w.field(0, "MinReadySeconds", &number(spec.get("minReadySeconds")).to_string());
    let rolling = strategy.get("rollingUpdate");
    if !rolling.is_null() {
        let (unavailable, surge) = (rolling.get("maxUnavailable"), rolling.get("maxSurge"));
        let text = format!("{} max unavailable, {} max surge", scalar(unavailable), scalar(surge));
        w.field(0, "RollingUpdateStrategy", &text);
    }
    describe_pod_template(spec.get("template"), w);
    conditions(status.get("conditions").items(), w);
    replica_sets(deployment, w, around);
}

fn conditions(conditions: &[Value], w: &mut Writer) {
    if conditions.is_empty() {
        return;
    }
    w.line(0, "Conditions:\n  Type\tStatus\tReason");
    w.line(1, "----\t------\t------");
    for condition in conditions {
        let text = |field: &str| condition.get(field).str();
        w.line(1, &format!("{} \t{}\t{}", text("type"), text("status"), text("reason")));
    }
}

fn replica_sets(deployment: &Object, w: &mut Writer, around: &mut Surroundings<'_, '_>) {
    let sets = around.list(Kind::ReplicaSet, deployment.namespace());
    let owned = |set: &&Object| set.is_controlled_by(deployment);
    let revision = |set: &Object| {
        let text = set.annotation("deployment.kubernetes.io/revision").unwrap_or_default();
        text.parse::<i64>().unwrap_or(0)
    };
    let owned: Vec<&Object> = sets.iter().filter(owned).collect();
    let newest = owned.iter().map(|set| revision(set)).max().unwrap_or(0);
    let text = |wanted: bool| {
        let list: Vec<String> = owned
            .iter()
            .filter(|set| (revision(set) == newest) == wanted)
            .map(|set| {
                let (created, wanted) =
                    (number(set.status().get("replicas")), number(set.spec().get("replicas")));
                format!("{} ({created}/{wanted} replicas created)", set.name())
            })
            .collect();
        if list.is_empty() { "<none>".to_string() } else { list.join(", ") }
    };
    w.field(0, "OldReplicaSets", &text(false));
    w.field(0, "NewReplicaSet", &text(true));
}

/// Writes everything but the events.
pub fn describe_replica_set(set: &Object, w: &mut Writer, around: &mut Surroundings<'_, '_>) {
    w.field(0, "Name", set.name());
    w.field(0, "Namespace", set.namespace());
    w.field(0, "Selector", &format_label_selector(set.spec().get("selector")));
    w.labels("Labels", set.metadata().get("labels"));
    w.annotations("Annotations", set.metadata().get("annotations"));
    if let Some(owner) = set.controller() {
        w.field(0, "Controlled By", &format!("{}/{}", owner.kind(), owner.name()));
    }
    let (current, desired) =
        (number(set.status().get("replicas")), number(set.spec().get("replicas")));
    w.field(0, "Replicas", &format!("{current} current / {desired} desired"));
    pods_status(set, w, around);
    describe_pod_template(set.spec().get("template"), w);
    conditions(set.status().get("conditions").items(), w);
}
