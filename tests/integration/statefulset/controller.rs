//! Upstream's `stateful_set_test.go`: what wakes the controller, what it claims and lets go.

use statefulset_playground::api::object::{Object, ObjectKey, OwnerReference};
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::apiserver::request::{
    Actor, DeleteOptions, Propagation, Request, Verb,
};
use statefulset_playground::apiserver::watch::WatchEvent;
use statefulset_playground::controller::Controller;
use statefulset_playground::controller::reason::StatefulSetReason as R;
use statefulset_playground::controller::statefulset::StatefulSetController;

use super::bench::key;
use super::model::{Model, set};

/// The keys that the last write wakes.
fn woken(model: &Model) -> Vec<ObjectKey> {
    let revision = model.api.storage().revision();
    let last: Vec<WatchEvent> = model.api.storage().events_since(revision - 1).cloned().collect();
    StatefulSetController.enqueue(&last[0], model.lister())
}

fn ready(replicas: u32, more: &str) -> Model {
    let mut model = Model::new(&set(replicas, more));
    model.complete();
    model
}

fn web() -> Vec<ObjectKey> {
    vec![key(Kind::StatefulSet, "web")]
}

const BARE: &str = "apiVersion: v1
kind: Pod
metadata: {name: web-7, labels: {app: nginx}}
spec: {containers: [{name: a, image: a}]}";

#[test]
fn respects_termination() {
    for policy in ["OrderedReady", "Parallel"] {
        let mut model = ready(3, &format!("podManagementPolicy: {policy}"));
        model.delete_pod(2);
        model.spec("replicas: 0");
        let done = model.settle();
        assert!(!done.contains(&"delete 2".to_owned()), "not deleted twice: {done:?}");
        if policy == "OrderedReady" {
            assert_eq!(done, [] as [&str; 0], "and blocks the others");
        }
        model.gone(2);
        model.complete();
        assert_eq!(model.counters(), [0; 4]);
    }
}

#[test]
fn blocks_scaling() {
    let mut model = ready(3, "");
    model.delete_pod(0);
    model.spec("replicas: 5");
    assert_eq!(model.settle(), [] as [&str; 0]);
    assert!(model.reasons.contains(&R::WaitingForTermination { pod: "web-0".into() }));
    model.gone(0);
    assert_eq!(model.settle(), ["create 0@A"]);
}

#[test]
fn deletion_timestamp() {
    let mut model = Model::new(&set(3, ""));
    let options =
        DeleteOptions { propagation: Some(Propagation::Foreground), ..DeleteOptions::default() };
    model.user(Request::new(Actor::User, key(Kind::StatefulSet, "web"), Verb::Delete(options)));
    assert_eq!(model.settle(), [] as [&str; 0], "no Pod is created");
    assert!(model.reasons.contains(&R::SetTerminating));
    assert_eq!(model.status("observedGeneration"), 2, "the status is kept up");
}

#[test]
fn a_set_being_deleted_adopts_nothing() {
    let mut model = Model::new(&set(1, ""));
    model.create(&BARE.replace("web-7", "web-0"));
    let options =
        DeleteOptions { propagation: Some(Propagation::Foreground), ..DeleteOptions::default() };
    model.user(Request::new(Actor::User, key(Kind::StatefulSet, "web"), Verb::Delete(options)));
    model.settle();
    assert!(model.pod(0).controller().is_none());
    let reason = R::PodNotAdopted { pod: "web-0".into(), set_terminating: true };
    assert!(model.reasons.contains(&reason), "{:?}", model.reasons);
}

#[test]
fn add_pod() {
    let mut model = Model::new(&set(1, ""));
    model.sync().unwrap();
    let created = model.api.storage().events_since(0).find(|e| e.key.kind == Kind::Pod).cloned();
    assert_eq!(StatefulSetController.enqueue(&created.unwrap(), model.lister()), web());
}

#[test]
fn add_pod_orphan() {
    let mut model = Model::new(&set(1, ""));
    let second = set(1, "").replace("name: web\n", "name: other\n").replace("app: nginx", "app: x");
    model.create(&second);
    model.create(BARE);
    assert_eq!(woken(&model), web(), "only sets whose selector matches");
}

#[test]
fn add_pod_no_set() {
    let mut model = Model::new(&set(1, ""));
    model.create(&BARE.replace("app: nginx", "app: unknown"));
    assert_eq!(woken(&model), []);
}

#[test]
fn update_pod() {
    let mut model = ready(1, "");
    model.unready(0);
    assert_eq!(woken(&model), web());
}

#[test]
fn update_pod_orphan_with_new_labels() {
    let mut model = Model::new(&set(1, ""));
    model.create(&BARE.replace("app: nginx", "app: unknown"));
    model.patch(Kind::Pod, "web-7", "metadata: {labels: {app: nginx}}");
    assert_eq!(woken(&model), web());
    model.patch(Kind::Pod, "web-7", "metadata: {annotations: {any: thing}}");
    assert_eq!(woken(&model), [], "neither labels nor owner have changed");
}

#[test]
fn update_pod_change_controller_ref() {
    let mut model = ready(1, "");
    let second = set(1, "").replace("name: web\n", "name: other\n");
    model.create(&second);
    let other = model.get(Kind::StatefulSet, "other").unwrap();
    let mut pod = model.pod(0);
    pod.set(&["metadata", "ownerReferences"], vec![OwnerReference::controller_of(&other)]);
    model.user(Request::update(Actor::User, &pod));
    assert_eq!(woken(&model), [key(Kind::StatefulSet, "web"), key(Kind::StatefulSet, "other")]);
}

#[test]
fn update_pod_release() {
    let mut model = ready(1, "");
    let mut pod = model.pod(0);
    pod.value.remove(&["metadata", "ownerReferences"]);
    model.user(Request::update(Actor::User, &pod));
    let keys = woken(&model);
    assert!(keys.contains(&key(Kind::StatefulSet, "web")), "{keys:?}");
    model.settle();
    assert!(model.pod(0).controller().is_some(), "adopted again");
}

#[test]
fn delete_pod_and_delete_pod_orphan() {
    let mut model = ready(1, "");
    model.create(BARE);
    model.delete_pod(7);
    assert!(model.get(Kind::Pod, "web-7").is_none(), "never scheduled, so it goes at once");
    assert_eq!(woken(&model), [], "an orphan's end wakes nobody");
    model.delete_pod(0);
    model.gone(0);
    assert_eq!(woken(&model), web());
}

#[test]
fn get_pods_for_stateful_set_adopt() {
    let mut model = Model::new(&set(1, ""));
    model.create(&BARE.replace("web-7", "web-0"));
    model.create(&BARE.replace("web-7", "web-0x"));
    model.create(&BARE.replace("web-7", "other-0"));
    model.create(&BARE.replace("web-7", "web-3").replace("app: nginx", "app: unknown"));
    model.settle();
    let owned = |name: &str| model.get(Kind::Pod, name).unwrap().controller().is_some();
    assert_eq!(["web-0", "web-0x", "other-0", "web-3"].map(owned), [true, false, false, false]);
}

#[test]
fn adopt_orphan_revisions() {
    let mut model = ready(1, "");
    let name = model.names(Kind::ControllerRevision)[0].clone();
    let mut revision = model.get(Kind::ControllerRevision, &name).unwrap();
    revision.value.remove(&["metadata", "ownerReferences"]);
    model.user(Request::update(Actor::User, &revision));
    model.settle();
    let revision: Object = model.get(Kind::ControllerRevision, &name).unwrap();
    assert_eq!(revision.controller().unwrap().uid(), model.set().uid());
    assert_eq!(model.names(Kind::ControllerRevision).len(), 1);
}

#[test]
fn get_pods_for_stateful_set_release() {
    let mut model = ready(3, "");
    model.patch(Kind::Pod, "web-1", "metadata: {labels: {app: other}}");
    let error = model.sync().unwrap_err();
    assert_eq!(error, "pods \"web-1\" already exists", "its name stays taken");
    assert!(model.pod(1).controller().is_none());
    assert_eq!(model.events.iter().filter(|e| e.contains("already exists")).count(), 0);
    model.patch(Kind::Pod, "web-1", "metadata: {labels: {app: nginx}}");
    assert_eq!(woken(&model), web());
    model.settle();
    assert!(model.pod(1).controller().is_some());
    assert_eq!(model.counters(), [3; 4]);
}

#[test]
fn an_adopted_pod_without_revision_is_replaced() {
    let mut model = Model::new(&set(2, ""));
    model.create(&BARE.replace("web-7", "web-0"));
    model.ready(0);
    model.settle();
    assert!(model.events.iter().any(|e| e.contains("SuccessfulUpdate Update Pod web-0")));
    assert_eq!(model.counters(), [2, 1, 1, 1], "it counts, but not as current or updated");
    model.ready(1);
    assert_eq!(model.settle(), ["delete 0"]);
    model.complete();
    assert_eq!(model.counters(), [2; 4]);
}

#[test]
fn two_sets_with_one_selector_keep_apart() {
    let mut model = ready(2, "");
    let second = set(1, "").replace("name: web\n", "name: other\n");
    model.create(&second);
    model.sync().unwrap();
    assert_eq!(model.ordinals(), [0, 1]);
    let pods = model.names(Kind::Pod);
    assert_eq!(pods, ["web-0", "web-1"]);
}

#[test]
fn an_irregular_name_is_an_ordinal_all_the_same() {
    let mut model = Model::new(&set(2, "podManagementPolicy: Parallel"));
    model.create(&BARE.replace("web-7", "web-01"));
    let error = model.sync().unwrap_err();
    assert_eq!(error, "pods \"web-1\" not found", "its name cannot be put right");
    assert_eq!(model.ordinals(), [0, 1]);
    model.spec("replicas: 1");
    assert_eq!(model.settle(), ["delete 1"], "and is scaled away");
}

/// An orphan that another controller has let go is looked at as a new one is.
#[test]
fn a_pod_that_another_controller_releases_wakes_the_set() {
    let mut model = Model::new(&set(1, ""));
    let owner =
        "{apiVersion: apps/v1, kind: ReplicaSet, name: other, controller: true, uid: other}";
    let owned = format!("{{ownerReferences: [{owner}], name");
    model.create(&BARE.replace("{name", &owned));
    assert_eq!(woken(&model), []);
    model.patch(Kind::Pod, "web-7", "metadata: {ownerReferences: null}");
    assert_eq!(woken(&model), web());
}
