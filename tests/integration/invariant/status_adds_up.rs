//! The numbers of a status fit each other.

use statefulset_playground::api::object::Object;
use statefulset_playground::client::Lister;

use super::sometimes::met;

/// Available are at most as many as are ready, ready as exist; the other two likewise.
#[track_caller]
pub fn check(_lister: Lister, set: &Object) {
    let number = |field| set.status().get(field).as_i64().unwrap_or(0);
    met("a status with Pods that are not ready", number("readyReplicas") < number("replicas"));
    met("a status amid a roll-out", {
        (1..number("replicas")).contains(&number("updatedReplicas"))
    });
    met("a status that lags", number("observedGeneration") < set.generation());
    assert!(number("availableReplicas") <= number("readyReplicas"), "{:?}", set.status());
    assert!(number("readyReplicas") <= number("replicas"), "{:?}", set.status());
    assert!(number("currentReplicas") <= number("replicas"), "{:?}", set.status());
    assert!(number("updatedReplicas") <= number("replicas"), "{:?}", set.status());
    assert!(number("observedGeneration") <= set.generation(), "{:?}", set.status());
}
