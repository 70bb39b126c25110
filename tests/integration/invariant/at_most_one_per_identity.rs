//! At most one Pod has an ordinal: what StatefulSets promise above all.

use statefulset_playground::api::object::Object;
use statefulset_playground::client::Lister;

/// No two Pods of the set have one ordinal.
#[track_caller]
pub fn check(lister: Lister, set: &Object) {
    let pods = super::pods(lister, set);
    for pair in pods.windows(2) {
        assert_ne!(pair[0].0, pair[1].0, "two Pods with one ordinal");
    }
}
