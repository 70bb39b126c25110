//! Nodes that fall silent, are tainted, cordoned or deleted, and their Pods.

use statefulset_playground::api::object::{Object, ObjectKey};
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::request::{Actor, Patch, Request, Verb};
use statefulset_playground::chance::Choice;
use statefulset_playground::simulation::cluster::Cluster;
use statefulset_playground::simulation::fault::Fault;
use statefulset_playground::value;

fn run(cluster: &mut Cluster, seconds: u64) {
    let end = cluster.now().after(Duration::from_secs(seconds));
    cluster.advance_to(end);
}

#[track_caller]
fn patch(cluster: &mut Cluster, node: &str, content: Value) {
    let key = ObjectKey::new(Kind::Node, "", node);
    let request = Request::new(Actor::User, key, Verb::Patch(Patch::Merge(content)));
    if let Err(refusal) = cluster.request(&request) {
        panic!("{refusal}");
    }
}

fn cluster_with_set(tolerations: Value) -> Cluster {
    let mut cluster = Cluster::new(Choice::seeded(5));
    let set = value!({
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "serviceName": "nginx",
            "replicas": 3,
            "selector": {"matchLabels": {"app": "nginx"}},
            "template": {
                "metadata": {"labels": {"app": "nginx"}},
                "spec": {
                    "containers": [{"name": "nginx", "image": "nginx:1.25"}],
                    "tolerations": tolerations,
                },
            },
        },
    });
    let set = Object::new(Kind::StatefulSet, set);
    cluster.request(&Request::create(Actor::User, &set)).unwrap();
    run(&mut cluster, 20);
    cluster
}

fn pod_on<'a>(cluster: &'a Cluster, node: &str) -> &'a Object {
    cluster.lister().pods_on_node(node).next().unwrap()
}

fn has_taint(cluster: &Cluster, node: &str, key: &str) -> bool {
    let node = cluster.lister().find(Kind::Node, "", node).unwrap();
    node.spec().get("taints").items().iter().any(|taint| taint.get("key").str() == key)
}

#[test]
fn a_silent_node_is_tainted_and_its_pod_waits_for_ever() {
    let mut cluster = cluster_with_set(Value::array());
    let name = pod_on(&cluster, "node2").name().to_string();
    cluster.inject(&Fault::NodeLost("node2".into()));
    run(&mut cluster, 40);
    assert!(!has_taint(&cluster, "node2", "node.kubernetes.io/unreachable"));
    run(&mut cluster, 30);
    assert!(has_taint(&cluster, "node2", "node.kubernetes.io/unreachable"));
    assert!(!pod_on(&cluster, "node2").is_terminating());
    run(&mut cluster, 320);
    let pod = cluster.lister().find(Kind::Pod, "default", &name).unwrap();
    assert!(pod.is_terminating() && pod.spec().get("nodeName").str() == "node2");
    run(&mut cluster, 600);
    let still = cluster.lister().find(Kind::Pod, "default", &name).unwrap();
    assert_eq!(still.uid(), pod_on(&cluster, "node2").uid());
}

#[test]
fn a_taint_throws_out_whom_it_does_not_suit() {
    let tolerations = value!([{"key": "maintenance", "operator": "Exists",
        "effect": "NoExecute", "tolerationSeconds": 60}]);
    let taint = value!({"key": "maintenance", "value": "now", "effect": "NoExecute"});
    let taints = value!({"spec": {"taints": [taint]}});
    let mut plain = cluster_with_set(Value::array());
    patch(&mut plain, "node1", taints.clone());
    run(&mut plain, 10);
    assert_eq!(plain.lister().pods_on_node("node1").count(), 0);
    let mut tolerant = cluster_with_set(tolerations);
    let first = pod_on(&tolerant, "node1").clone();
    let is_there = |cluster: &Cluster| {
        let pod = cluster.lister().get(&first.key());
        pod.is_some_and(|pod| pod.uid() == first.uid())
    };
    patch(&mut tolerant, "node1", taints);
    run(&mut tolerant, 50);
    assert!(is_there(&tolerant));
    run(&mut tolerant, 30);
    assert!(!is_there(&tolerant));
}

#[test]
fn cordoning_adds_a_taint_and_uncordoning_takes_it_away() {
    let mut cluster = cluster_with_set(Value::array());
    patch(&mut cluster, "node1", value!({"spec": {"unschedulable": true}}));
    run(&mut cluster, 2);
    assert!(has_taint(&cluster, "node1", "node.kubernetes.io/unschedulable"));
    patch(&mut cluster, "node1", value!({"spec": {"unschedulable": null}}));
    run(&mut cluster, 2);
    assert!(!has_taint(&cluster, "node1", "node.kubernetes.io/unschedulable"));
}
