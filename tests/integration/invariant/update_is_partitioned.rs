//! A roll-out moves from the top (upstream's assertUpdateInvariants).

use statefulset_playground::api::object::Object;
use statefulset_playground::client::Lister;

use super::sometimes::met;

/// The first `currentReplicas` Pods have the current revision, the last `updatedReplicas` the
/// update revision. Holds as long as nothing but the controller deletes Pods.
#[track_caller]
pub fn check(lister: Lister, set: &Object) {
    let number = |field| set.status().get(field).as_i64().unwrap_or(0) as usize;
    let all = super::pods(lister, set).into_iter().map(|(_, pod)| pod);
    let pods: Vec<_> = all.filter(|pod| !pod.is_terminating()).collect();
    let revision = |pod: &Object| pod.label("controller-revision-hash").unwrap_or("").to_owned();
    let named = |field| set.status().get(field).str();
    met("Pods of two revisions", {
        number("currentReplicas") > 0
            && number("updatedReplicas") > 0
            && named("currentRevision") != named("updateRevision")
    });
    for pod in pods.iter().take(number("currentReplicas")) {
        assert_eq!(revision(pod), set.status().get("currentRevision").str(), "{}", pod.name());
    }
    for pod in pods.iter().rev().take(number("updatedReplicas")) {
        assert_eq!(revision(pod), set.status().get("updateRevision").str(), "{}", pod.name());
    }
}
