//! What goes when something else goes: owners, namespaces, nodes; and what is always there.

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::apiserver::request::Propagation;

use super::bench::{Bench, web};

#[test]
fn pods_and_revisions_follow_a_set_in_the_background() {
    let mut bench = Bench::new(2);
    bench.create(&web(2, "")).run(20).delete(Kind::StatefulSet, "web");
    assert_eq!(bench.names(Kind::StatefulSet), [] as [String; 0]);
    assert_eq!(bench.names(Kind::Pod), ["web-0", "web-1"]);
    bench.run(20);
    assert_eq!(bench.names(Kind::Pod), [] as [String; 0]);
    assert_eq!(bench.names(Kind::ControllerRevision), [] as [String; 0]);
}

#[test]
fn a_set_deleted_in_the_foreground_goes_after_its_pods() {
    let mut bench = Bench::new(3);
    bench.create(&web(2, "")).run(20);
    bench.delete_cascading(Kind::StatefulSet, "web", Propagation::Foreground);
    assert!(bench.get(Kind::StatefulSet, "web").unwrap().is_terminating());
    bench.run(20);
    for kind in [Kind::StatefulSet, Kind::Pod, Kind::ControllerRevision] {
        assert_eq!(bench.names(kind), [] as [String; 0]);
    }
}

#[test]
fn orphaned_pods_stay_and_are_adopted_again() {
    let mut bench = Bench::new(4);
    bench.create(&web(2, "")).run(20);
    let uid = |bench: &Bench| bench.get(Kind::Pod, "web-1").unwrap().uid().to_string();
    let before = uid(&bench);
    bench.delete_cascading(Kind::StatefulSet, "web", Propagation::Orphan).run(10);
    assert_eq!(bench.names(Kind::StatefulSet), [] as [String; 0]);
    assert_eq!(bench.names(Kind::Pod), ["web-0", "web-1"]);
    let pod = bench.get(Kind::Pod, "web-0").unwrap();
    assert!(pod.controller().is_none());
    bench.create(&web(2, "")).run(10);
    assert_eq!(uid(&bench), before, "nothing restarts");
    assert_eq!(bench.counters("web"), [2, 2, 2, 2]);
    let set = bench.get(Kind::StatefulSet, "web").unwrap();
    let pod = bench.get(Kind::Pod, "web-0").unwrap();
    assert_eq!(pod.controller().unwrap().uid(), set.uid());
}

#[test]
fn what_names_an_owner_that_does_not_exist_is_collected() {
    let mut bench = Bench::new(5);
    let map = "apiVersion: v1
kind: ConfigMap
metadata:
  name: child
  ownerReferences:
  - {apiVersion: v1, kind: ConfigMap, name: parent, uid: 00000000-0000-4000-8000-000000000000}";
    bench.create(map).run(1);
    assert_eq!(bench.get(Kind::ConfigMap, "child"), None);
}

#[test]
fn a_namespace_is_emptied_and_then_goes() {
    let mut bench = Bench::new(6);
    bench.create("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}").run(1);
    let lister = bench.cluster.lister();
    assert!(lister.find(Kind::ServiceAccount, "shop", "default").is_some());
    assert!(lister.find(Kind::ConfigMap, "shop", "kube-root-ca.crt").is_some());
    let set = web(2, "").replace("  name: web\n", "  name: web\n  namespace: shop\n");
    let map = "apiVersion: v1
kind: ConfigMap
metadata: {name: held, namespace: shop, finalizers: [example.com/hold]}";
    bench.create(&set).create(map).run(20).delete(Kind::Namespace, "shop").run(22);
    let namespace = bench.get(Kind::Namespace, "shop").unwrap();
    let conditions = namespace.status().get("conditions").items();
    let texts: Vec<String> = conditions
        .iter()
        .map(|c| {
            format!("{} {} {}", c.get("type").str(), c.get("status").str(), c.get("message").str())
        })
        .collect();
    assert_eq!(
        texts[3..],
        [
            "NamespaceContentRemaining True Some resources are remaining: configmaps. has 1 \
             resource instances",
            "NamespaceFinalizersRemaining True Some content in the namespace has finalizers \
             remaining: example.com/hold in 1 resource instances",
        ]
    );
    let lister = bench.cluster.lister();
    assert_eq!(lister.in_namespace(Kind::Pod, "shop").count(), 0);
    let mut held = lister.find(Kind::ConfigMap, "shop", "held").unwrap().clone();
    held.value.remove(&["metadata", "finalizers"]);
    let request = statefulset_playground::apiserver::request::Request::update(
        statefulset_playground::apiserver::request::Actor::User,
        &held,
    );
    bench.request(request);
    bench.run(10);
    assert_eq!(bench.get(Kind::Namespace, "shop"), None);
}

#[test]
fn pods_of_a_deleted_node_are_replaced_after_a_while() {
    let mut bench = Bench::new(7);
    bench.create(&web(3, "")).run(20);
    let uid = bench.get(Kind::Pod, "web-1").unwrap().uid().to_string();
    let node = bench.get(Kind::Pod, "web-1").unwrap().spec().get("nodeName").str().to_string();
    bench.delete(Kind::Node, &node).run(40);
    assert_eq!(bench.get(Kind::Pod, "web-1").unwrap().uid(), uid);
    bench.run(60);
    let pod = bench.get(Kind::Pod, "web-1").unwrap();
    assert_ne!(pod.uid(), uid);
    assert_ne!(pod.spec().get("nodeName").str(), node);
    assert_eq!(bench.counters("web"), [3, 3, 3, 3]);
}

#[test]
fn a_budget_counts_what_may_be_evicted() {
    let mut bench = Bench::new(8);
    let budget = "apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  maxUnavailable: 1
  selector: {matchLabels: {app: nginx}}";
    bench.create(budget).run(1);
    let status = bench.get(Kind::PodDisruptionBudget, "web").unwrap();
    assert_eq!(status.path(&["status", "disruptionsAllowed"]).as_i64(), Some(0));
    assert_eq!(bench.events("web"), ["NoPods No matching pods found"]);
    bench.create(&web(3, "")).run(20);
    let budget = bench.get(Kind::PodDisruptionBudget, "web").unwrap();
    let number = |field| budget.status().get(field).as_i64();
    let counts = ["currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"];
    assert_eq!(counts.map(number), [3, 2, 1, 3].map(Some));
    let condition = budget.status().get("conditions").at(0);
    assert_eq!(condition.get("reason").str(), "SufficientPods");
}
