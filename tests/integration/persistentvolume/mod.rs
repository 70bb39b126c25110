//! Claims, volumes and the Pods that use them, in whole clusters.

use statefulset_playground::api::object::{Object, ObjectKey};
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::request::{Actor, DeleteOptions, Request, Verb};
use statefulset_playground::chance::Choice;
use statefulset_playground::simulation::cluster::Cluster;
use statefulset_playground::value;

use crate::invariant::volumes::check as check_volumes;

fn cluster(seed: u64) -> Cluster {
    let mut cluster = Cluster::new(Choice::seeded(seed));
    run(&mut cluster, 2);
    cluster
}

fn run(cluster: &mut Cluster, seconds: u64) {
    let end = cluster.now().after(Duration::from_secs(seconds));
    while cluster.next_at().is_some_and(|next| next <= end) {
        cluster.step();
        check_volumes(cluster);
    }
    cluster.wait_until(end);
}

#[track_caller]
fn create(cluster: &mut Cluster, kind: Kind, content: Value) {
    let request = Request::create(Actor::User, &Object::new(kind, content));
    if let Err(refusal) = cluster.request(&request) {
        panic!("{refusal}");
    }
}

#[track_caller]
fn delete(cluster: &mut Cluster, kind: Kind, namespace: &str, name: &str) {
    let key = ObjectKey::new(kind, namespace, name);
    let verb = Verb::Delete(DeleteOptions::default());
    if let Err(refusal) = cluster.request(&Request::new(Actor::User, key, verb)) {
        panic!("{refusal}");
    }
}

fn volume(name: &str, size: &str, policy: &str) -> Value {
    value!({
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": size},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": policy,
            "hostPath": {"path": (format!("/srv/{name}"))},
        },
    })
}

fn set(replicas: i64, class: Value) -> Value {
    let mut claim = value!({
        "metadata": {"name": "www"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    });
    if !class.is_null() {
        claim.set(&["spec", "storageClassName"], class);
    }
    value!({
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "serviceName": "nginx",
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "nginx"}},
            "template": {
                "metadata": {"labels": {"app": "nginx"}},
                "spec": {"containers": [{
                    "name": "nginx", "image": "nginx:1.25",
                    "volumeMounts": [{"name": "www", "mountPath": "/usr/share/nginx/html"}],
                }]},
            },
            "volumeClaimTemplates": [claim],
        },
    })
}

fn field(cluster: &Cluster, kind: Kind, name: &str, path: &[&str]) -> String {
    let namespace = if kind == Kind::PersistentVolume { "" } else { "default" };
    let object = cluster.lister().find(kind, namespace, name);
    object.map_or("missing".into(), |object| object.path(path).str().to_string())
}

fn phase(cluster: &Cluster, kind: Kind, name: &str) -> String {
    field(cluster, kind, name, &["status", "phase"])
}

fn volume_of(cluster: &Cluster, claim: &str) -> String {
    field(cluster, Kind::PersistentVolumeClaim, claim, &["spec", "volumeName"])
}

fn events(cluster: &Cluster, about: &str) -> Vec<String> {
    let events = cluster.lister().all(Kind::Event);
    let about = events.filter(|e| e.value.path(&["involvedObject", "name"]).str() == about);
    about.map(|e| e.value.get("message").str().to_string()).collect()
}

#[test]
fn each_ordinal_gets_the_smallest_volume_and_is_seen_unbound_once() {
    for seed in 0..10 {
        let mut cluster = cluster(seed);
        for (name, size) in [("c", "3Gi"), ("a", "1Gi"), ("b", "2Gi"), ("tiny", "1Mi")] {
            create(&mut cluster, Kind::PersistentVolume, volume(name, size, "Retain"));
        }
        run(&mut cluster, 1);
        assert_eq!(phase(&cluster, Kind::PersistentVolume, "a"), "Available");
        create(&mut cluster, Kind::StatefulSet, set(3, Value::Null));
        run(&mut cluster, 30);
        for (claim, volume) in [("www-web-0", "a"), ("www-web-1", "b"), ("www-web-2", "c")] {
            assert_eq!(volume_of(&cluster, claim), volume, "seed {seed}");
            assert_eq!(phase(&cluster, Kind::PersistentVolumeClaim, claim), "Bound");
            assert_eq!(phase(&cluster, Kind::PersistentVolume, volume), "Bound");
        }
        let unbound = "0/3 nodes are available: pod has unbound immediate \
                       PersistentVolumeClaims. not found";
        for pod in ["web-0", "web-1", "web-2"] {
            assert!(events(&cluster, pod).iter().any(|e| e == unbound), "seed {seed}, {pod}");
            assert_eq!(phase(&cluster, Kind::Pod, pod), "Running", "seed {seed}");
        }
    }
}

#[test]
fn a_retained_volume_is_not_taken_again() {
    let mut cluster = cluster(1);
    create(&mut cluster, Kind::PersistentVolume, volume("only", "1Gi", "Retain"));
    create(&mut cluster, Kind::StatefulSet, set(1, Value::Null));
    run(&mut cluster, 10);
    delete(&mut cluster, Kind::StatefulSet, "default", "web");
    run(&mut cluster, 20);
    assert_eq!(phase(&cluster, Kind::PersistentVolumeClaim, "www-web-0"), "Bound");
    delete(&mut cluster, Kind::PersistentVolumeClaim, "default", "www-web-0");
    run(&mut cluster, 5);
    assert_eq!(phase(&cluster, Kind::PersistentVolume, "only"), "Released");
    create(&mut cluster, Kind::StatefulSet, set(1, Value::Null));
    run(&mut cluster, 20);
    assert_eq!(phase(&cluster, Kind::PersistentVolumeClaim, "www-web-0"), "Pending");
    assert_eq!(phase(&cluster, Kind::Pod, "web-0"), "Pending");
}

#[test]
fn a_class_that_waits_binds_where_the_pod_goes() {
    let mut cluster = cluster(2);
    create(
        &mut cluster,
        Kind::StorageClass,
        value!({
            "metadata": {"name": "near"},
            "provisioner": "sim/provisioner",
            "volumeBindingMode": "WaitForFirstConsumer",
        }),
    );
    create(&mut cluster, Kind::StatefulSet, set(2, "near".into()));
    run(&mut cluster, 30);
    for ordinal in 0..2 {
        let pod = format!("web-{ordinal}");
        let node = field(&cluster, Kind::Pod, &pod, &["spec", "nodeName"]);
        let volume = volume_of(&cluster, &format!("www-{pod}"));
        let volume = cluster.lister().find(Kind::PersistentVolume, "", &volume).unwrap();
        let terms = volume.path(&["spec", "nodeAffinity", "required", "nodeSelectorTerms"]);
        let values = terms.at(0).get("matchExpressions").at(0).get("values");
        assert_eq!(values.at(0).str(), node);
        assert_eq!(phase(&cluster, Kind::Pod, &pod), "Running");
    }
}

#[test]
fn a_claim_in_use_stays_until_its_pod_is_gone() {
    let mut cluster = cluster(3);
    create(
        &mut cluster,
        Kind::StorageClass,
        value!({
            "metadata": {"name": "throwaway"}, "provisioner": "sim/provisioner",
        }),
    );
    create(&mut cluster, Kind::StatefulSet, set(1, "throwaway".into()));
    run(&mut cluster, 15);
    let first = volume_of(&cluster, "www-web-0");
    delete(&mut cluster, Kind::PersistentVolumeClaim, "default", "www-web-0");
    run(&mut cluster, 5);
    assert_eq!(volume_of(&cluster, "www-web-0"), first);
    delete(&mut cluster, Kind::Pod, "default", "web-0");
    run(&mut cluster, 20);
    let second = volume_of(&cluster, "www-web-0");
    assert_ne!(second, first);
    assert_eq!(phase(&cluster, Kind::PersistentVolume, &first), "missing");
    assert_eq!(phase(&cluster, Kind::Pod, "web-0"), "Running");
}
