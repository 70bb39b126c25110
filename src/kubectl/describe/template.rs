//! Pod templates, and the lines that they share with Pods.
//!
//! Models DescribePodTemplate of describe.go.

use super::Writer;
use super::container::describe_containers;
use super::volume::describe_volumes;
use crate::api::value::Value;
use crate::kubectl::printers::format_label_selector;

/// Writes `Pod Template:` and what is below it.
pub fn describe_pod_template(template: &Value, w: &mut Writer) {
    w.line(0, "Pod Template:");
    let (metadata, spec) = (template.get("metadata"), template.get("spec"));
    w.labels("  Labels", metadata.get("labels"));
    if metadata.get("annotations").as_object().is_some_and(|map| !map.is_empty()) {
        w.annotations("  Annotations", metadata.get("annotations"));
    }
    w.field_if(1, "Service Account", spec.get("serviceAccountName").str());
    if !spec.get("initContainers").items().is_empty() {
        describe_containers("Init Containers", spec.get("initContainers"), None, None, w);
    }
    describe_containers("Containers", spec.get("containers"), None, None, w);
    describe_volumes(spec.get("volumes"), w, "  ");
    topology_spread_constraints(spec.get("topologySpreadConstraints"), w, "  ");
    w.field_if(1, "Priority Class Name", spec.get("priorityClassName").str());
    w.labels("  Node-Selectors", spec.get("nodeSelector"));
    w.multiline("  Tolerations", &tolerations(spec.get("tolerations")));
}

/// One line for each toleration, sorted by key (`printPodTolerationsMultiline`).
pub fn tolerations(tolerations: &Value) -> Vec<String> {
    let mut sorted: Vec<&Value> = tolerations.items().iter().collect();
    sorted.sort_by_key(|toleration| toleration.get("key").str());
    sorted
        .into_iter()
        .map(|toleration| {
            let text = |field: &str| toleration.get(field).str();
            let (key, value, effect) = (text("key"), text("value"), text("effect"));
            let mut line = key.to_string();
            if !value.is_empty() {
                line.push_str(&format!("={value}"));
            }
            if !effect.is_empty() {
                line.push_str(&format!(":{effect}"));
            }
            if text("operator") == "Exists" && value.is_empty() {
                line.push_str(if line.is_empty() { "op=Exists" } else { " op=Exists" });
            }
            if let Some(seconds) = toleration.get("tolerationSeconds").as_i64() {
                line.push_str(&format!(" for {seconds}s"));
            }
            line
        })
        .collect()
}

/// Models describeTopologySpreadConstraints: nothing if there are none.
pub fn topology_spread_constraints(constraints: &Value, w: &mut Writer, space: &str) {
    if constraints.items().is_empty() {
        return;
    }
    let mut sorted: Vec<&Value> = constraints.items().iter().collect();
    sorted.sort_by_key(|constraint| constraint.get("topologyKey").str());
    let lines: Vec<String> = sorted
        .into_iter()
        .map(|constraint| {
            let mut line = format!(
                "{}:{} when max skew {} is exceeded",
                constraint.get("topologyKey").str(),
                constraint.get("whenUnsatisfiable").str(),
                constraint.get("maxSkew").as_i64().unwrap_or(0)
            );
            if !constraint.get("labelSelector").is_null() {
                let selector = format_label_selector(constraint.get("labelSelector"));
                line.push_str(&format!(" for selector {selector}"));
            }
            line
        })
        .collect();
    w.multiline(&format!("{space}Topology Spread Constraints"), &lines);
}
