//! At most one Pod has an identity: what StatefulSets promise above all.

use std::collections::BTreeMap;

use statefulset_playground::api::object::Object;
use statefulset_playground::client::Lister;
use statefulset_playground::simulation::cluster::Cluster;

use super::sometimes::met;

/// No two Pods of the set have one ordinal.
#[track_caller]
pub fn check(lister: Lister, set: &Object) {
    let pods = super::pods(lister, set);
    for pair in pods.windows(2) {
        assert_ne!(pair[0].0, pair[1].0, "two Pods with one ordinal");
        met("two Pods of a set", true);
    }
}

/// No two Pods of one name have processes at one time, on whichever nodes.
#[track_caller]
pub fn check_processes(cluster: &Cluster, set: &Object) {
    let mut places: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for (node, pod) in cluster.kubelets().running_pods() {
        if !is_of(pod, set) {
            continue;
        }
        let other = places.insert(pod.name(), (node, pod.uid()));
        assert!(other.is_none(), "{} runs on {node} and as {other:?}", pod.name());
        let object = cluster.lister().get(&pod.key());
        met("a process of a Pod that is gone or replaced", {
            object.is_none_or(|object| object.uid() != pod.uid())
        });
        met("a process of a Pod", true);
    }
}

fn is_of(pod: &Object, set: &Object) -> bool {
    pod.controller().is_some_and(|owner| owner.uid() == set.uid())
}
