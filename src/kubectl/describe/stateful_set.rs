//! StatefulSets.
//!
//! Models StatefulSetDescriber of describe.go.

use super::template::describe_pod_template;
use super::writer::{join, long_time, scalar};
use super::{Surroundings, Writer};
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::selector::selector_matches;
use crate::api::value::Value;
use crate::kubectl::printers::format_label_selector;

/// Writes everything but the events.
pub fn describe(set: &Object, w: &mut Writer, around: &mut Surroundings<'_, '_>) {
    let (spec, status) = (set.spec(), set.status());
    w.field(0, "Name", set.name());
    w.field(0, "Namespace", set.namespace());
    w.field(0, "CreationTimestamp", &long_time(set.metadata().get("creationTimestamp")));
    w.field(0, "Selector", &format_label_selector(spec.get("selector")));
    w.labels("Labels", set.metadata().get("labels"));
    w.annotations("Annotations", set.metadata().get("annotations"));
    w.field_if(0, "Service Name", spec.get("serviceName").str());
    w.field_if(0, "Pod Management Policy", spec.get("podManagementPolicy").str());
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    let (desired, total) = (number(spec.get("replicas")), number(status.get("replicas")));
    w.field(0, "Replicas", &format!("{desired} desired | {total} total"));
    update_strategy(spec.get("updateStrategy"), w);
    let retention = spec.get("persistentVolumeClaimRetentionPolicy");
    if !retention.is_null() {
        w.line(0, "Persistent Volume Claim Retention Policy:");
        w.field(1, "WhenDeleted", retention.get("whenDeleted").str());
        w.field(1, "WhenScaled", retention.get("whenScaled").str());
    }
    pods_status(set, w, around);
    describe_pod_template(spec.get("template"), w);
    claim_templates(spec.get("volumeClaimTemplates"), w);
}

fn update_strategy(strategy: &Value, w: &mut Writer) {
    w.field(0, "Update Strategy", strategy.get("type").str());
    let rolling = strategy.get("rollingUpdate");
    for (title, field) in [("Partition", "partition"), ("MaxUnavailable", "maxUnavailable")] {
        if !rolling.get(field).is_null() {
            w.field(1, title, &scalar(rolling.get(field)));
        }
    }
}

/// `Pods Status:` by phase, of the Pods that the object controls.
pub fn pods_status(owner: &Object, w: &mut Writer, around: &mut Surroundings<'_, '_>) {
    let pods = around.list(Kind::Pod, owner.namespace());
    let selector = owner.spec().get("selector");
    let count = |phase: &str| {
        let controlled = |pod: &&Object| {
            pod.is_controlled_by(owner)
                && selector_matches(selector, pod.labels())
                && pod.status().get("phase").str() == phase
        };
        pods.iter().filter(controlled).count()
    };
    w.field(
        0,
        "Pods Status",
        &format!(
            "{} Running / {} Waiting / {} Succeeded / {} Failed",
            count("Running"),
            count("Pending"),
            count("Succeeded"),
            count("Failed")
        ),
    );
}

/// Models describeVolumeClaimTemplates.
fn claim_templates(templates: &Value, w: &mut Writer) {
    if templates.items().is_empty() {
        return w.line(0, "Volume Claims:\t<none>");
    }
    w.line(0, "Volume Claims:");
    for template in templates.items() {
        let (metadata, spec) = (template.get("metadata"), template.get("spec"));
        w.field(1, "Name", metadata.get("name").str());
        w.field(1, "StorageClass", spec.get("storageClassName").str());
        w.labels("  Labels", metadata.get("labels"));
        w.labels("  Annotations", metadata.get("annotations"));
        let capacity = match spec.path(&["resources", "requests", "storage"]) {
            Value::Null => "<default>".to_string(),
            storage => scalar(storage),
        };
        w.field(1, "Capacity", &capacity);
        w.field(1, "Access Modes", &format!("[{}]", join(spec.get("accessModes"), " ")));
    }
}
