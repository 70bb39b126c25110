//! What holds after every step of a StatefulSet, whatever happens (upstream's `assert*Invariants`).

pub mod at_most_one_per_identity;
pub mod claims_follow_policy;
pub mod identity_and_storage;
pub mod no_data_is_lost;
pub mod ordered_ready;
pub mod sometimes;
pub mod status_adds_up;
pub mod update_is_partitioned;
pub mod volumes;

use statefulset_playground::api::object::Object;
use statefulset_playground::api::pod::parent_name_and_ordinal;
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::client::Lister;

/// Checks everything about a set that has just been synced.
#[track_caller]
pub fn check(lister: Lister, set: &Object) {
    at_most_one_per_identity::check(lister, set);
    identity_and_storage::check(lister, set);
    status_adds_up::check(lister, set);
}

/// The set's Pods by ordinal.
pub fn pods<'a>(lister: Lister<'a>, set: &'a Object) -> Vec<(i32, &'a Object)> {
    let ours = lister
        .in_namespace(Kind::Pod, set.namespace())
        .filter(|pod| pod.controller().is_some_and(|owner| owner.uid() == set.uid()));
    let mut pods: Vec<_> = ours
        .filter_map(|pod| parent_name_and_ordinal(pod.name()).map(|(_, ordinal)| (ordinal, pod)))
        .collect();
    pods.sort_by_key(|(ordinal, _)| *ordinal);
    pods
}

/// The first wanted ordinal and how many are wanted.
pub fn range(set: &Object) -> (i32, i32) {
    let start = set.path(&["spec", "ordinals", "start"]).as_i64().unwrap_or(0);
    let replicas = set.spec().get("replicas").as_i64().unwrap_or(1);
    (start as i32, replicas as i32)
}
