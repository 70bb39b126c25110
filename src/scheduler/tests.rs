//! The scheduler's decisions on hand-made clusters.

use super::*;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::apiserver::storage::{Origin, Storage};
use crate::value;

fn put(storage: &mut Storage, kind: Kind, content: Value) {
    let now = Time::START;
    let origin = Origin { actor: Actor::System, now, subresource: EcoString::new() };
    storage.put(&origin, Object::new(kind, content));
}

fn cluster() -> Storage {
    let mut storage = Storage::default();
    for name in ["node1", "node2", "node3"] {
        put(
            &mut storage,
            Kind::Node,
            value!({
                "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
                "status": {"allocatable": {"cpu": "2", "memory": "8Gi", "pods": "110"}},
            }),
        );
    }
    storage
}

fn pod(name: &str, spec: Value) -> Value {
    let metadata = value!({
        "name": name, "namespace": "default", "uid": name, "labels": {"app": "web"},
        "ownerReferences": [{"kind": "StatefulSet", "uid": "set", "controller": true}],
    });
    value!({"metadata": metadata, "spec": spec, "status": {"phase": "Pending"}})
}

fn containers(cpu: &str) -> Value {
    value!([{"name": "main", "resources": {"requests": {"cpu": cpu}}}])
}

fn decide(storage: &Storage, name: &str) -> Decision {
    let key = ObjectKey::new(Kind::Pod, "default", name);
    Scheduler.sync(Lister::new(storage), &key, Time::START)
}

fn node_of(decision: &Decision) -> String {
    match &decision.steps.first().map(|step| &step.request.verb) {
        Some(Verb::Create(binding)) => binding.path(&["target", "name"]).str().into(),
        other => panic!("no binding: {other:?}"),
    }
}

fn sentence(decision: &Decision) -> &str {
    decision.records.first().map(|r| r.message.as_str()).unwrap_or_default()
}

#[test]
fn members_of_a_set_spread_over_the_nodes() {
    let mut storage = cluster();
    let mut nodes = Vec::new();
    for name in ["web-0", "web-1", "web-2"] {
        put(&mut storage, Kind::Pod, pod(name, value!({"containers": (containers("100m"))})));
        let node = node_of(&decide(&storage, name));
        let spec = value!({"containers": (containers("100m")), "nodeName": (node.as_str())});
        put(&mut storage, Kind::Pod, pod(name, spec));
        nodes.push(node);
    }
    nodes.sort();
    assert_eq!(nodes, ["node1", "node2", "node3"]);
}

#[test]
fn a_claim_that_is_not_bound_stops_the_pod_before_nodes_are_looked_at() {
    let mut storage = cluster();
    let volumes = value!([{"name": "www", "persistentVolumeClaim": {"claimName": "www-web-0"}}]);
    let spec = value!({"containers": (containers("100m")), "volumes": volumes});
    put(&mut storage, Kind::Pod, pod("web-0", spec));
    let missing =
        "0/3 nodes are available: persistentvolumeclaim \"www-web-0\" not found. not found";
    assert_eq!(sentence(&decide(&storage, "web-0")), missing);
    let metadata = value!({"name": "www-web-0", "namespace": "default", "uid": "c"});
    put(&mut storage, Kind::PersistentVolumeClaim, value!({"metadata": metadata, "spec": {}}));
    let unbound =
        "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found";
    assert_eq!(sentence(&decide(&storage, "web-0")), unbound);
}

#[test]
fn full_nodes_and_small_nodes_are_told_apart() {
    let mut storage = cluster();
    for (name, node) in [("a", "node1"), ("b", "node2"), ("c", "node3")] {
        let spec = value!({"containers": (containers("1500m")), "nodeName": node});
        put(&mut storage, Kind::Pod, pod(name, spec));
    }
    put(&mut storage, Kind::Pod, pod("web-0", value!({"containers": (containers("700m"))})));
    put(&mut storage, Kind::Pod, pod("web-1", value!({"containers": (containers("12"))})));
    assert_eq!(
        sentence(&decide(&storage, "web-0")),
        "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No \
         preemption victims found for incoming pod."
    );
    assert!(sentence(&decide(&storage, "web-1")).ends_with(
        "3 Preemption is not helpful for \
         scheduling."
    ));
}

#[test]
fn anti_affinity_keeps_apart_in_both_directions() {
    let mut storage = cluster();
    let term = value!({
        "topologyKey": "kubernetes.io/hostname",
        "labelSelector": {"matchLabels": {"app": "web"}},
    });
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let affinity = value!({"podAntiAffinity": {required: [term]}});
    for (name, node) in [("a", "node1"), ("b", "node2")] {
        let spec = value!({
            "containers": (containers("1m")), "nodeName": node, "affinity": (affinity.clone()),
        });
        put(&mut storage, Kind::Pod, pod(name, spec));
    }
    // It has no wish of its own; the others have.
    put(&mut storage, Kind::Pod, pod("web-0", value!({"containers": (containers("1m"))})));
    assert_eq!(node_of(&decide(&storage, "web-0")), "node3");
}

#[test]
fn a_delayed_claim_is_arranged_for_before_the_pod_is_bound() {
    let mut storage = cluster();
    put(
        &mut storage,
        Kind::StorageClass,
        value!({
            "metadata": {"name": "near"},
            "provisioner": "sim/provisioner",
            "volumeBindingMode": "WaitForFirstConsumer",
        }),
    );
    let metadata = value!({"name": "www-web-0", "namespace": "default", "uid": "c"});
    let spec = value!({"storageClassName": "near", "accessModes": ["ReadWriteOnce"]});
    put(&mut storage, Kind::PersistentVolumeClaim, value!({"metadata": metadata, "spec": spec}));
    let volumes = value!([{"name": "www", "persistentVolumeClaim": {"claimName": "www-web-0"}}]);
    let spec = value!({"containers": (containers("1m")), "volumes": volumes});
    put(&mut storage, Kind::Pod, pod("web-0", spec));
    let decision = decide(&storage, "web-0");
    let kinds: Vec<Kind> = decision.steps.iter().map(|step| step.request.kind()).collect();
    assert_eq!(kinds, [Kind::Pod, Kind::PersistentVolumeClaim]);
    assert!(decision.records.is_empty());
    assert!(decision.requeue_after.is_some());
}

#[test]
fn a_more_important_pod_makes_the_least_important_go() {
    let mut storage = cluster();
    for (name, node, priority) in [("a", "node1", 5), ("b", "node2", 1), ("c", "node3", 3)] {
        let spec = value!({
            "containers": (containers("1500m")), "nodeName": node, "priority": priority,
        });
        put(&mut storage, Kind::Pod, pod(name, spec));
    }
    let spec = value!({"containers": (containers("1")), "priority": 2});
    put(&mut storage, Kind::Pod, pod("web-0", spec));
    let decision = decide(&storage, "web-0");
    assert_eq!(sentence(&decision), "0/3 nodes are available: 3 Insufficient cpu.");
    let deleted = decision.steps.iter().find(|s| matches!(s.request.verb, Verb::Delete(_)));
    assert_eq!(deleted.map(|step| step.request.key.name.as_str()), Some("b"));
}

#[test]
fn those_go_whom_no_budget_keeps() {
    let mut storage = cluster();
    for (name, node) in [("a", "node1"), ("b", "node2"), ("c", "node3")] {
        let spec = value!({"containers": (containers("1500m")), "nodeName": node});
        let mut pod = pod(name, spec);
        pod.set(&["metadata", "labels", "app"], if name == "b" { "free" } else { "kept" });
        put(&mut storage, Kind::Pod, pod);
    }
    let metadata = value!({"name": "kept", "namespace": "default", "uid": "p"});
    let spec = value!({"selector": {"matchLabels": {"app": "kept"}}, "minAvailable": 2});
    let budget = value!({
        "metadata": metadata, "spec": spec, "status": {"disruptionsAllowed": 0},
    });
    put(&mut storage, Kind::PodDisruptionBudget, budget);
    let spec = value!({"containers": (containers("700m")), "priority": 1000});
    put(&mut storage, Kind::Pod, pod("web-0", spec));
    let decision = decide(&storage, "web-0");
    let preempted = decision.steps.iter().flat_map(|step| &step.on_success);
    let about: Vec<&str> = preempted.map(|record| record.about.get("name").str()).collect();
    assert_eq!(about, ["b"]);
}
