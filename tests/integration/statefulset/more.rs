//! Upstream's remaining cases of controller, utilities and integration, under their names.

use statefulset_playground::api::object::{Object, OwnerReference};
use statefulset_playground::api::pod;
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::request::{
    Actor, DeleteOptions, Propagation, Request, Verb,
};
use statefulset_playground::controller::Controller;
use statefulset_playground::controller::reason::StatefulSetReason as R;
use statefulset_playground::controller::statefulset::StatefulSetController;
use statefulset_playground::value;

use super::bench::{Bench, key, web};
use super::model::{CLAIM, Model, set};

fn ready(replicas: u32, more: &str) -> Model {
    let mut model = Model::new(&set(replicas, more));
    model.complete();
    model
}

fn retention(scaled: &str, deleted: &str) -> String {
    let policy = format!("{{whenScaled: {scaled}, whenDeleted: {deleted}}}");
    format!("persistentVolumeClaimRetentionPolicy: {policy}\n{CLAIM}")
}

/// Kind and name of each owner of a claim.
fn owners(model: &Model, claim: &str) -> Vec<String> {
    let claim = model.get(Kind::PersistentVolumeClaim, claim).unwrap();
    claim.owner_references().map(|owner| format!("{}/{}", owner.kind(), owner.name())).collect()
}

#[test]
fn creates() {
    let model = ready(3, "");
    assert_eq!(model.counters(), [3; 4]);
    assert_eq!(model.ordinals(), [0, 1, 2]);
}

#[test]
fn deletes() {
    let mut model = ready(3, "");
    model.spec("replicas: 0");
    model.complete();
    assert_eq!(model.counters(), [0; 4]);
    assert!(model.ordinals().is_empty());
}

#[test]
fn get_stateful_sets_for_pod() {
    let mut model = Model::new(&set(0, ""));
    model.create(&set(0, "").replace("name: web", "name: twin"));
    model.create(&set(0, "").replace("name: web", "name: apart").replace("app: nginx", "app: no"));
    model.create(
        "apiVersion: v1
kind: Pod
metadata: {name: lonely, labels: {app: nginx}}
spec: {containers: [{name: a, image: a}]}",
    );
    let revision = model.api.storage().revision();
    let last = model.api.storage().events_since(revision - 1).next().unwrap().clone();
    let mut woken = StatefulSetController.enqueue(&last, model.lister());
    woken.sort();
    assert_eq!(woken, [key(Kind::StatefulSet, "twin"), key(Kind::StatefulSet, "web")]);
}

/// The names of Pods and sets stay when the set is orphan-deleted and made again; its claims are
/// owned by the new set.
#[test]
fn orphaned_pods_with_pvc_delete_policy() {
    let mut model = ready(3, &retention("Delete", "Delete"));
    let old = model.set().uid().to_owned();
    let verb = Verb::Delete(DeleteOptions {
        propagation: Some(Propagation::Orphan),
        ..DeleteOptions::default()
    });
    model.user(Request::new(Actor::User, key(Kind::StatefulSet, "web"), verb));
    // What the garbage collector does: it takes the owner from all dependents.
    for kind in [Kind::Pod, Kind::ControllerRevision, Kind::PersistentVolumeClaim] {
        for name in model.names(kind) {
            let mut object = model.get(kind, &name).unwrap();
            object.value.remove(&["metadata", "ownerReferences"]);
            model.user(Request::update(Actor::System, &object));
        }
    }
    let mut gone = model.set();
    gone.set(&["metadata", "finalizers"], Value::Null);
    model.user(Request::update(Actor::System, &gone));
    model.create(&set(3, &retention("Delete", "Delete")));
    model.complete();
    assert_ne!(model.set().uid(), old);
    assert_eq!(model.ordinals(), [0, 1, 2], "adopted");
    for ordinal in 0..3 {
        assert_eq!(owners(&model, &format!("www-web-{ordinal}")), ["StatefulSet/web"]);
    }
}

#[test]
fn stale_owner_ref_on_scaleup() {
    for deleted in ["Retain", "Delete"] {
        let mut model = ready(3, &retention("Delete", deleted));
        model.spec("replicas: 2");
        model.settle();
        assert_eq!(owners(&model, "www-web-2"), ["Pod/web-2"]);
        model.gone(2);
        model.spec("replicas: 3");
        assert!(model.settle().is_empty(), "the claim of the former Pod is in the way");
        let stale = R::ClaimStale { claim: "www-web-2".into(), pod: "web-2".into() };
        assert!(model.reasons.contains(&stale), "{:?}", model.reasons);
        let claim = key(Kind::PersistentVolumeClaim, "www-web-2");
        let mut object = model.get(Kind::PersistentVolumeClaim, "www-web-2").unwrap();
        object.set(&["metadata", "finalizers"], Value::Null);
        model.user(Request::update(Actor::System, &object));
        model.user(Request::new(Actor::System, claim, Verb::Delete(DeleteOptions::default())));
        model.complete();
        assert_eq!(model.ordinals(), [0, 1, 2]);
    }
}

/// The Pod has changed meanwhile: the repair is tried again on the newest and succeeds.
#[test]
fn update_pod_conflict_success() {
    let mut model = ready(1, "");
    let label = "metadata: {labels: {statefulset.kubernetes.io/pod-name: other}}";
    model.patch(Kind::Pod, "web-0", label);
    let mut running = model.begin();
    model.patch(Kind::Pod, "web-0", "metadata: {labels: {meanwhile: here}}");
    while model.step(&mut running, &mut Vec::new()) {}
    model.settle();
    assert_eq!(model.pod(0).label("statefulset.kubernetes.io/pod-name"), Some("web-0"));
    assert_eq!(model.pod(0).label("meanwhile"), Some("here"));
}

#[test]
fn is_running_and_ready() {
    let with = |phase: &str, ready: &str| {
        let conditions = value!([{"type": "Ready", "status": ready}]);
        let status = value!({"phase": phase, "conditions": conditions});
        Object::new(Kind::Pod, value!({"status": status}))
    };
    assert!(pod::is_running_and_ready(&with("Running", "True")));
    assert!(!pod::is_running_and_ready(&with("Running", "False")));
    assert!(!pod::is_running_and_ready(&with("Pending", "True")));
    assert!(!pod::is_running_and_ready(&Object::new(Kind::Pod, value!({}))));
}

#[test]
fn ordinals_are_compared_as_numbers() {
    let mut model = Model::new(&set(11, "podManagementPolicy: Parallel"));
    model.complete();
    model.spec("replicas: 0");
    let deleted = model.settle();
    let highest_first: Vec<String> = (0..11).rev().map(|o| format!("delete {o}")).collect();
    assert_eq!(deleted, highest_first, "10 comes before 9");
}

#[test]
fn create_apply_revision() {
    let mut model = ready(1, "");
    let first = model.set().status().get("currentRevision").str().to_owned();
    model.image("nginx:B");
    model.complete();
    let revision = model.get(Kind::ControllerRevision, &first).unwrap();
    let image = |object: &Object, path: &[&str]| {
        object.path(path).get("containers").at(0).get("image").str().to_owned()
    };
    // Applied to the set, the old revision gives back the old template.
    let template = revision.path(&["data", "spec", "template"]).clone();
    let mut restored = model.set();
    restored.set(&["spec", "template"], template);
    restored.value.remove(&["spec", "template", "$patch"]);
    assert_eq!(image(&restored, &["spec", "template", "spec"]), "nginx:A");
    model.user(Request::update(Actor::User, &restored));
    model.complete();
    assert_eq!(model.set().status().get("currentRevision").str(), first);
    assert_eq!(model.names(Kind::ControllerRevision).len(), 2, "no third one");
}

/// Below the partition a Pod is made from the current revision, with all that its template had.
#[test]
fn rolling_update_apply_revision() {
    let mut model = ready(2, "updateStrategy: {rollingUpdate: {partition: 1}}");
    model.image("nginx:B");
    model.spec("template: {metadata: {annotations: {new: here}}}");
    model.complete();
    model.delete_pod(0);
    model.gone(0);
    model.settle();
    assert_eq!(model.pod_image(0), "nginx:A");
    assert_eq!(model.pod(0).annotation("new"), None);
    assert_eq!(model.pod(1).annotation("new"), Some("here"));
}

#[test]
fn autodelete_owner_refs() {
    let cases = [
        ("Retain", "Retain", [false, false]),
        ("Retain", "Delete", [true, true]),
        ("Delete", "Retain", [false, false]),
        ("Delete", "Delete", [true, true]),
    ];
    for (scaled, deleted, owned) in cases {
        let model = ready(2, &retention(scaled, deleted));
        for (ordinal, owned) in owned.into_iter().enumerate() {
            let expected: &[&str] = if owned { &["StatefulSet/web"] } else { &[] };
            let found = owners(&model, &format!("www-web-{ordinal}"));
            assert_eq!(found, expected, "{scaled} {deleted}");
        }
    }
}

/// A Pod below the partition that is being deleted does not hold the update of those above up
/// once it is back, and comes back old.
#[test]
fn deleting_pod_for_rolling_update_partition() {
    let mut model = ready(2, "updateStrategy: {rollingUpdate: {partition: 1}}");
    model.delete_pod(0);
    model.image("nginx:B");
    assert!(model.settle().is_empty());
    model.gone(0);
    model.complete();
    assert_eq!((model.pod_image(0).as_str(), model.pod_image(1).as_str()), ("nginx:A", "nginx:B"));
}

#[test]
fn should_delete_pvcs_after_adopting_pod_when_scaled() {
    let class = "apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: standard, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}
provisioner: sim/provisioner";
    let set = web(3, &retention("Delete", "Retain"));
    let mut bench = Bench::new(21);
    bench.create(class).create(&set).run(60);
    bench.delete_cascading(Kind::StatefulSet, "web", Propagation::Orphan).run(10);
    bench.create(&set).run(10);
    let pod = bench.get(Kind::Pod, "web-1").unwrap();
    assert!(pod.controller().is_some_and(|owner: OwnerReference| owner.name() == "web"));
    bench.patch(Kind::StatefulSet, "web", "spec: {replicas: 1}").run(40);
    assert_eq!(bench.names(Kind::PersistentVolumeClaim), ["www-web-0"]);
}
