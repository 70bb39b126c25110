//! Names, labels and volumes that make a Pod the n-th of its set.
//!
//! Models the first half of `pkg/controller/statefulset/stateful_set_utils.go`.

use crate::api::object::{Object, OwnerReference};
use crate::api::pod::parent_name_and_ordinal;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};

/// Label with the Pod's name.
pub const POD_NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";
/// Label with the ordinal.
pub const POD_INDEX_LABEL: &str = "apps.kubernetes.io/pod-index";
/// Label with the name of the ControllerRevision.
pub const REVISION_LABEL: &str = "controller-revision-hash";

/// `web-0`
pub fn pod_name(set: &Object, ordinal: i32) -> EcoString {
    format!("{}-{ordinal}", set.name()).into()
}

/// Whether the Pod's name is one of the set's (`isMemberOf`).
pub fn is_member_of(set: &Object, pod: &Object) -> bool {
    parent_name_and_ordinal(pod.name()).is_some_and(|(parent, _)| parent == set.name())
}

/// The name of the ControllerRevision that a Pod was made from, "" if its label is gone
/// (`getPodRevision`).
pub fn pod_revision(pod: &Object) -> &str {
    pod.label(REVISION_LABEL).unwrap_or_default()
}

/// Models `identityMatches`.
pub fn identity_matches(set: &Object, pod: &Object) -> bool {
    parent_name_and_ordinal(pod.name()).is_some_and(|(_, ordinal)| {
        pod.name() == pod_name(set, ordinal)
            && pod.namespace() == set.namespace()
            && pod.label(POD_NAME_LABEL) == Some(pod.name())
    })
}

/// Puts name and labels right (`updateIdentity`).
pub fn update_identity(set: &Object, pod: &mut Object, ordinal: i32) {
    let name = pod_name(set, ordinal);
    pod.set(&["metadata", "name"], &name);
    pod.set(&["metadata", "namespace"], set.namespace());
    pod.set(&["metadata", "labels", POD_NAME_LABEL], name);
    pod.set(&["metadata", "labels", POD_INDEX_LABEL], ordinal.to_string());
}

/// The set's claim templates.
pub fn claim_templates(set: &Object) -> &[Value] {
    set.spec().get("volumeClaimTemplates").items()
}

/// `www-web-0` (`getPersistentVolumeClaimName`)
pub fn claim_name(set: &Object, template: &Value, ordinal: i32) -> EcoString {
    let template = template.path(&["metadata", "name"]).str();
    format!("{template}-{}-{ordinal}", set.name()).into()
}

/// The claim that a template describes for an ordinal: its labels are the template's overlaid
/// with those of the selector (`getPersistentVolumeClaims`).
pub fn new_claim(set: &Object, template: &Value, ordinal: i32) -> Object {
    let mut value = template.clone();
    value.set(&["metadata", "name"], claim_name(set, template, ordinal));
    value.set(&["metadata", "namespace"], set.namespace());
    for (key, label) in set.path(&["spec", "selector", "matchLabels"]).entries() {
        value.set(&["metadata", "labels", key], label);
    }
    Object::new(Kind::PersistentVolumeClaim, value)
}

/// Whether the Pod uses the claim of its ordinal for every template (`storageMatches`).
pub fn storage_matches(set: &Object, pod: &Object, ordinal: i32) -> bool {
    let volumes = pod.spec().get("volumes").items();
    claim_templates(set).iter().all(|template| {
        let name = template.path(&["metadata", "name"]).str();
        let claim = claim_name(set, template, ordinal);
        volumes.iter().any(|volume| {
            volume.get("name").str() == name
                && volume.path(&["persistentVolumeClaim", "claimName"]).str() == claim
        })
    })
}

/// Puts one volume for each claim template before the others; it wins over one of its name
/// (`updateStorage`).
pub fn update_storage(set: &Object, pod: &mut Object, ordinal: i32) {
    let templates = claim_templates(set);
    let name = |template: &Value| EcoString::from(template.path(&["metadata", "name"]).str());
    let mut volumes: Vec<Value> = templates
        .iter()
        .map(|template| {
            let claim = claim_name(set, template, ordinal);
            crate::value!({
                "name": (name(template)),
                "persistentVolumeClaim": {"claimName": claim},
            })
        })
        .collect();
    let is_ours = |volume: &&Value| templates.iter().any(|t| name(t) == volume.get("name").str());
    let others = pod.spec().get("volumes").items().iter().filter(|v| !is_ours(v));
    volumes.extend(others.cloned());
    pod.set(&["spec", "volumes"], volumes);
}

/// The Pod of an ordinal, made from a template that a revision holds.
///
/// Models newStatefulSetPod and setPodRevision.
pub fn new_pod(set: &Object, template: &Value, ordinal: i32, revision: &str) -> Object {
    let from = template.get("metadata");
    let mut metadata = crate::value!({
        "generateName": (format!("{}-", set.name())),
        "ownerReferences": [(OwnerReference::controller_of(set))],
    });
    for field in ["labels", "annotations", "finalizers"] {
        metadata.set(&[field], from.get(field));
    }
    let value = crate::value!({"metadata": metadata, "spec": (template.get("spec"))});
    let mut pod = Object::new(Kind::Pod, value);
    update_identity(set, &mut pod, ordinal);
    pod.set(&["metadata", "labels", REVISION_LABEL], revision);
    pod.set(&["spec", "hostname"], pod_name(set, ordinal));
    pod.set(&["spec", "subdomain"], set.spec().get("serviceName"));
    update_storage(set, &mut pod, ordinal);
    pod
}
