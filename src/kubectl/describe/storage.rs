//! Claims, volumes and classes.
//!
//! Models PersistentVolumeClaimDescriber, PersistentVolumeDescriber and StorageClassDescriber of
//! describe.go.

use super::writer::{bool_word, join, joined_labels, long_time, scalar};
use super::{Surroundings, Writer, volume};
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::Value;
use crate::kubectl::printers::access_modes;
use crate::text::duration;

fn class(object: &Object) -> &str {
    let annotated = object.annotation("volume.beta.kubernetes.io/storage-class");
    annotated.unwrap_or_else(|| object.spec().get("storageClassName").str())
}

fn phase(object: &Object, w: &mut Writer, now: Time) {
    match object.deletion_timestamp() {
        Some(at) => {
            let lasts = duration::age(now, Some(at));
            w.field(0, "Status", &format!("Terminating (lasts {lasts})"));
        }
        None => w.field(0, "Status", object.status().get("phase").str()),
    }
}

fn finalizers(object: &Object, w: &mut Writer) {
    let list = join(object.metadata().get("finalizers"), " ");
    w.field(0, "Finalizers", &format!("[{list}]"));
}

/// Writes a claim.
pub fn describe_claim(claim: &Object, w: &mut Writer, around: &mut Surroundings<'_, '_>) {
    let (spec, status) = (claim.spec(), claim.status());
    w.field(0, "Name", claim.name());
    w.field(0, "Namespace", claim.namespace());
    w.field(0, "StorageClass", class(claim));
    phase(claim, w, around.now);
    let volume = spec.get("volumeName").str();
    w.field(0, "Volume", volume);
    w.labels("Labels", claim.metadata().get("labels"));
    w.annotations("Annotations", claim.metadata().get("annotations"));
    finalizers(claim, w);
    let (capacity, modes) = match volume {
        "" => (String::new(), String::new()),
        _ => {
            let storage = status.path(&["capacity", "storage"]);
            let capacity = if storage.is_null() { "0".into() } else { scalar(storage) };
            (capacity, access_modes(status.get("accessModes")))
        }
    };
    w.field(0, "Capacity", &capacity);
    w.field(0, "Access Modes", &modes);
    w.field_if(0, "VolumeMode", spec.get("volumeMode").str());
    data_source(spec.get("dataSource"), w);
    used_by(claim, w, around);
    conditions(status.get("conditions").items(), w);
}

fn data_source(source: &Value, w: &mut Writer) {
    if source.is_null() {
        return;
    }
    w.line(0, "DataSource:");
    if !source.get("apiGroup").is_null() {
        w.field(1, "APIGroup", source.get("apiGroup").str());
    }
    w.field(1, "Kind", source.get("kind").str());
    w.field(1, "Name", source.get("name").str());
}

/// The Pods that mount the claim (`getMountPods`).
fn used_by(claim: &Object, w: &mut Writer, around: &mut Surroundings<'_, '_>) {
    let pods = around.list(Kind::Pod, claim.namespace());
    let mounts = |pod: &&Object| {
        let volumes = pod.spec().get("volumes").items();
        volumes.iter().any(|volume| {
            volume.path(&["persistentVolumeClaim", "claimName"]).str() == claim.name()
        })
    };
    let names: Vec<String> = pods.iter().filter(mounts).map(|pod| pod.name().into()).collect();
    w.multiline("Used By", &names);
}

fn conditions(conditions: &[Value], w: &mut Writer) {
    if conditions.is_empty() {
        return;
    }
    w.line(0, "Conditions:");
    w.line(1, "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage");
    w.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for condition in conditions {
        let text = |field: &str| condition.get(field).str();
        let (probe, transition) = (
            long_time(condition.get("lastProbeTime")),
            long_time(condition.get("lastTransitionTime")),
        );
        let (kind, status) = (text("type"), text("status"));
        let (reason, message) = (text("reason"), text("message"));
        let times = format!("{probe} \t{transition}");
        w.line(1, &format!("{kind} \t{status} \t{times} \t{reason} \t{message}"));
    }
}

/// Writes a volume.
pub fn describe_volume(pv: &Object, w: &mut Writer, now: Time) {
    let spec = pv.spec();
    w.field(0, "Name", pv.name());
    w.labels("Labels", pv.metadata().get("labels"));
    w.annotations("Annotations", pv.metadata().get("annotations"));
    finalizers(pv, w);
    w.field(0, "StorageClass", class(pv));
    phase(pv, w, now);
    let claim = spec.get("claimRef");
    let claim = match claim.get("name").str() {
        "" => String::new(),
        name => format!("{}/{name}", claim.get("namespace").str()),
    };
    w.field(0, "Claim", &claim);
    w.field(0, "Reclaim Policy", spec.get("persistentVolumeReclaimPolicy").str());
    w.field(0, "Access Modes", &access_modes(spec.get("accessModes")));
    w.field_if(0, "VolumeMode", spec.get("volumeMode").str());
    w.field(0, "Capacity", &scalar(spec.path(&["capacity", "storage"])));
    node_affinity(spec.path(&["nodeAffinity", "required"]), w);
    w.field(0, "Message", pv.status().get("message").str());
    w.line(0, "Source:");
    if !volume::source(spec, w, true) {
        w.line(0, "<unknown>");
    }
}

/// Models printVolumeNodeAffinity.
fn node_affinity(required: &Value, w: &mut Writer) {
    if required.is_null() {
        return w.field(0, "Node Affinity", "<none>");
    }
    w.field(0, "Node Affinity", "");
    let terms = required.get("nodeSelectorTerms").items();
    if terms.is_empty() {
        return w.field(1, "Required Terms", "<none>");
    }
    w.field(1, "Required Terms", "");
    for (index, term) in terms.iter().enumerate() {
        let requirements = term.get("matchExpressions").items();
        let lines: Vec<String> = requirements
            .iter()
            .map(|requirement| {
                let operator = requirement.get("operator").str().to_lowercase();
                let line = format!("{} {operator}", requirement.get("key").str());
                match requirement.get("values").items() {
                    [] => line,
                    _ => format!("{line} [{}]", join(requirement.get("values"), ", ")),
                }
            })
            .collect();
        w.multiline(&format!("    Term {index}"), &lines);
    }
}

/// Writes a class.
pub fn describe_class(class: &Object, w: &mut Writer) {
    let value = &class.value;
    let annotations = class.metadata().get("annotations");
    let default = annotations.get("storageclass.kubernetes.io/is-default-class").str() == "true";
    w.field(0, "Name", class.name());
    w.field(0, "IsDefaultClass", if default { "Yes" } else { "No" });
    w.field(0, "Annotations", &joined_labels(annotations));
    w.field(0, "Provisioner", value.get("provisioner").str());
    w.field(0, "Parameters", &joined_labels(value.get("parameters")));
    let expansion = value.get("allowVolumeExpansion").as_bool().map(bool_word);
    w.field(0, "AllowVolumeExpansion", expansion.unwrap_or("<unset>"));
    let options = value.get("mountOptions").items();
    w.line(0, if options.is_empty() { "MountOptions:\t<none>" } else { "MountOptions:" });
    for option in options {
        w.line(1, option.str());
    }
    w.field_if(0, "ReclaimPolicy", value.get("reclaimPolicy").str());
    w.field_if(0, "VolumeBindingMode", value.get("volumeBindingMode").str());
}
