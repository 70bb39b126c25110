//! Pods managed in order come up one after another (upstream's assertMonotonicInvariants a, b).

use statefulset_playground::api::object::Object;
use statefulset_playground::api::pod::is_running_and_ready;
use statefulset_playground::client::Lister;

use super::sometimes::met;

/// Ordinals have no gap, and a Pod that is ready has only ready Pods below it. Holds as long as
/// nothing but the controller deletes Pods and none breaks.
#[track_caller]
pub fn check(lister: Lister, set: &Object) {
    let (start, _) = super::range(set);
    let pods = super::pods(lister, set);
    for (index, (ordinal, pod)) in pods.iter().enumerate() {
        assert_eq!(*ordinal, start + index as i32, "a gap below {}", pod.name());
        if index > 0 && is_running_and_ready(pod) {
            let (_, below) = pods[index - 1];
            met("a ready Pod above another", true);
            assert!(is_running_and_ready(below), "{} came before {}", pod.name(), below.name());
        }
    }
}
