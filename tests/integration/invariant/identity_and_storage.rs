//! Pods use the claims of their ordinal and carry the labels of their identity (§ c, d).

use statefulset_playground::api::object::Object;
use statefulset_playground::api::pod::is_running_and_ready;
use statefulset_playground::client::Lister;

use super::sometimes::met;

/// Volumes match the claim templates, and labels the name, of every Pod that is ready.
#[track_caller]
pub fn check(lister: Lister, set: &Object) {
    for (ordinal, pod) in super::pods(lister, set) {
        if !is_running_and_ready(pod) || pod.is_terminating() {
            continue;
        }
        for template in set.spec().get("volumeClaimTemplates").items() {
            let name = template.path(&["metadata", "name"]).str();
            let claim = format!("{name}-{}-{ordinal}", set.name());
            let volumes = pod.spec().get("volumes").items();
            let found = volumes.iter().any(|volume| {
                volume.get("name").str() == name
                    && volume.path(&["persistentVolumeClaim", "claimName"]).str() == claim
            });
            met("a volume of a claim", found);
            assert!(found, "{} does not use {claim}", pod.name());
        }
    }
}

/// The labels of identity, once the controller has had its turn.
#[track_caller]
pub fn check_labels(lister: Lister, set: &Object) {
    for (ordinal, pod) in super::pods(lister, set) {
        assert_eq!(pod.name(), format!("{}-{ordinal}", set.name()));
        met("labels of an identity", true);
        assert_eq!(pod.label("statefulset.kubernetes.io/pod-name"), Some(pod.name()));
    }
}
