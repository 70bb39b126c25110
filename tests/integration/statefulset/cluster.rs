//! Whole clusters: kernel, scheduler and kubelets around the controller.

use statefulset_playground::api::object::Object;
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::apiserver::request::{Actor, Request};
use statefulset_playground::chance::Choice;
use statefulset_playground::simulation::cluster::Cluster;
use statefulset_playground::value;

fn web(replicas: i64) -> Object {
    let value = value!({
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "serviceName": "nginx",
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "nginx"}},
            "template": {
                "metadata": {"labels": {"app": "nginx"}},
                "spec": {"containers": [{"name": "nginx", "image": "nginx:1.25"}]},
            },
        },
    });
    Object::new(Kind::StatefulSet, value)
}

/// The writes to a set's status while three Pods come up, as recorded in sts-update-counters.
#[test]
fn three_pods_come_up_with_the_recorded_counters() {
    let mut cluster = Cluster::new(Choice::seeded(1));
    let before = cluster.api().storage().revision();
    cluster.request(&Request::create(Actor::User, &web(3))).expect("created");
    let end = cluster.now().after(Duration::from_secs(30));
    cluster.advance_to(end);
    let events = cluster.api().storage().events_since(before);
    let counters: Vec<_> = events
        .filter(|event| event.key.kind == Kind::StatefulSet && event.subresource == "status")
        .map(|event| {
            let fields = ["replicas", "readyReplicas", "currentReplicas", "updatedReplicas"];
            fields.map(|field| event.object.status().get(field).as_i64().unwrap_or(0))
        })
        .collect();
    let recorded = [
        [0, 0, 0, 0],
        [1, 0, 1, 1],
        [1, 1, 1, 1],
        [2, 1, 2, 2],
        [2, 2, 2, 2],
        [3, 2, 3, 3],
        [3, 3, 3, 3],
    ];
    assert_eq!(counters, recorded);
    let set = cluster.lister().find(Kind::StatefulSet, "default", "web").expect("there");
    assert_eq!(set.status().get("currentRevision").str(), "web-6cdf689c4c");
}
