//! Upstream's `stateful_pod_control_test.go`, case by case under its names.

use statefulset_playground::api::object::Object;
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::apiserver::request::{Actor, DeleteOptions, Request, Verb};

use super::model::{CLAIM, Model, set};

fn with_claims(more: &str) -> Model {
    Model::new(&set(1, &format!("{CLAIM}{more}")))
}

const POD_NAME: &str = "metadata: {labels: {statefulset.kubernetes.io/pod-name: other}}";

#[test]
fn creates_pods() {
    let mut model = with_claims("");
    model.sync().unwrap();
    assert_eq!(
        model.events,
        [
            "Normal SuccessfulCreate Create Claim www-web-0 Pod web-0 in StatefulSet web success",
            "Normal SuccessfulCreate Create Pod web-0 in StatefulSet web successful",
        ]
    );
    let claim = model.get(Kind::PersistentVolumeClaim, "www-web-0").unwrap();
    assert_eq!(claim.label("app"), Some("nginx"), "labels of the selector");
    let order = |kind| {
        let mut events = model.api.storage().events_since(0);
        events.find(|event| event.key.kind == kind).unwrap().revision
    };
    assert!(order(Kind::PersistentVolumeClaim) < order(Kind::Pod), "claims come first");
}

#[test]
fn create_pod_exists() {
    let mut model = with_claims("");
    let pod = "apiVersion: v1
kind: Pod
metadata: {name: web-0}
spec: {containers: [{name: other, image: other}]}";
    model.create(pod);
    let error = model.sync().unwrap_err();
    assert_eq!(error, "pods \"web-0\" already exists");
    let claim =
        "Normal SuccessfulCreate Create Claim www-web-0 Pod web-0 in StatefulSet web success";
    assert_eq!(model.events, [claim], "no event for a Pod that exists");
}

#[test]
fn create_pod_pvc_create_failure() {
    let mut model = with_claims("");
    model.refuse("create", Kind::PersistentVolumeClaim, 1);
    let error = model.sync().unwrap_err();
    assert_eq!(error, "failed to create PVC www-web-0: API server failed");
    assert_eq!(
        model.events,
        [
            "Warning FailedCreate Create Claim www-web-0 for Pod web-0 in StatefulSet web failed \
             error: API server failed",
            "Warning FailedCreate Create Pod web-0 in StatefulSet web failed error: failed to \
             create PVC www-web-0: API server failed",
        ]
    );
    assert_eq!(model.names(Kind::Pod), [] as [&str; 0]);
}

#[test]
fn create_pod_two_pvc_create_failures_are_told_together() {
    let second = CLAIM.replace("www", "log").replace("volumeClaimTemplates:\n", "");
    let mut model = with_claims(&second);
    model.refuse("create", Kind::PersistentVolumeClaim, 2);
    model.sync().unwrap_err();
    let last = model.events.last().unwrap();
    assert!(last.ends_with(
        "failed error: [failed to create PVC www-web-0: API server failed, failed to create PVC \
         log-web-0: API server failed]"
    ));
}

#[test]
fn create_pod_pvc_deleting() {
    let mut model = with_claims("");
    model.create(
        "apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: www-web-0, finalizers: [example.com/hold]}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
    );
    let claim = model.get(Kind::PersistentVolumeClaim, "www-web-0").unwrap();
    model.user(Request::delete(Actor::User, &claim));
    assert_eq!(model.sync(), Err("pvc www-web-0 is being deleted".into()));
    assert_eq!(
        model.events,
        ["Warning FailedCreate Create Pod web-0 in StatefulSet web failed error: pvc www-web-0 \
          is being deleted"]
    );
}

#[test]
fn create_pod_failed() {
    let mut model = with_claims("");
    model.refuse("create", Kind::Pod, 1);
    assert_eq!(model.sync(), Err("API server failed".into()));
    let event =
        "Warning FailedCreate Create Pod web-0 in StatefulSet web failed error: API server failed";
    assert_eq!(model.events.last().unwrap(), event);
    assert_eq!(model.names(Kind::PersistentVolumeClaim), ["www-web-0"], "the claim stays");
}

#[test]
fn no_op_update() {
    let mut model = with_claims("");
    model.complete();
    model.events.clear();
    let revision = model.api.storage().revision();
    model.sync().unwrap();
    assert_eq!((model.events.len(), model.api.storage().revision()), (0, revision));
}

#[test]
fn updates_identity() {
    let mut model = with_claims("");
    model.complete();
    model.patch(Kind::Pod, "web-0", POD_NAME);
    model.events.clear();
    model.sync().unwrap();
    let event = "Normal SuccessfulUpdate Update Pod web-0 in StatefulSet web successful";
    assert_eq!(model.events, [event]);
    assert_eq!(model.pod(0).label("statefulset.kubernetes.io/pod-name"), Some("web-0"));
}

#[test]
fn update_identity_failure() {
    let mut model = with_claims("");
    model.complete();
    model.patch(Kind::Pod, "web-0", POD_NAME);
    model.events.clear();
    model.refuse("update", Kind::Pod, 1);
    model.sync().unwrap_err();
    let event =
        "Warning FailedUpdate Update Pod web-0 in StatefulSet web failed error: API server failed";
    assert_eq!(model.events, [event]);
}

#[test]
fn updates_pod_storage_tries_what_the_server_refuses() {
    let mut model = Model::new(&set(1, ""));
    model.complete();
    // A set of the same name with claims takes the Pod over.
    let orphan = model.pod(0);
    let set_key = model.set();
    let options = DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() };
    let verb = Verb::Delete(options);
    model.user(Request::new(Actor::User, set_key.key(), verb));
    model.create(&set(1, CLAIM));
    let mut pod = orphan.clone();
    pod.value.remove(&["metadata", "ownerReferences"]);
    pod.value.remove(&["metadata", "resourceVersion"]);
    model.user(Request::update(Actor::User, &pod));
    let error = model.sync().unwrap_err();
    assert!(
        error.contains("Pod \"web-0\" is invalid: spec: Forbidden: pod updates may not"),
        "{error}"
    );
    let claims = model.names(Kind::PersistentVolumeClaim);
    assert_eq!(claims, ["www-web-0"], "the missing claim is created");
    assert!(model.events.iter().any(|e| e.starts_with("Warning FailedUpdate Update Pod web-0")));
}

#[test]
fn deletes_stateful_pod() {
    let mut model = with_claims("");
    model.complete();
    model.events.clear();
    model.spec("replicas: 0");
    model.sync().unwrap();
    let event = "Normal SuccessfulDelete Delete Pod web-0 in StatefulSet web successful";
    assert_eq!(model.events, [event]);
}

#[test]
fn delete_failure() {
    let mut model = with_claims("");
    model.complete();
    model.events.clear();
    model.spec("replicas: 0");
    model.refuse("delete", Kind::Pod, 1);
    model.sync().unwrap_err();
    let event =
        "Warning FailedDelete Delete Pod web-0 in StatefulSet web failed error: API server failed";
    assert_eq!(model.events, [event]);
}

fn policy(scaled: &str, deleted: &str) -> String {
    format!(
        "persistentVolumeClaimRetentionPolicy: {{whenScaled: {scaled}, whenDeleted: {deleted}}}"
    )
}

fn owners(model: &Model, claim: &str) -> Vec<String> {
    let claim = model.get(Kind::PersistentVolumeClaim, claim).unwrap();
    claim.owner_references().map(|owner| format!("{}/{}", owner.kind(), owner.name())).collect()
}

#[test]
fn retention_policy_update() {
    let mut model = with_claims("");
    model.complete();
    assert_eq!(owners(&model, "www-web-0"), [] as [&str; 0]);
    model.events.clear();
    model.spec(&policy("Retain", "Delete"));
    model.sync().unwrap();
    assert_eq!(owners(&model, "www-web-0"), ["StatefulSet/web"]);
    let event = "Normal SuccessfulUpdate Update Pod web-0 in StatefulSet web successful";
    assert_eq!(model.events, [event]);
    model.spec(&policy("Delete", "Delete"));
    model.settle();
    assert_eq!(owners(&model, "www-web-0"), ["StatefulSet/web"]);
    model.spec(&policy("Delete", "Retain"));
    model.settle();
    assert_eq!(owners(&model, "www-web-0"), [] as [&str; 0]);
}

#[test]
fn retention_policy_update_missing_claims() {
    let mut model = with_claims("");
    model.complete();
    let claim = model.get(Kind::PersistentVolumeClaim, "www-web-0").unwrap();
    let mut claim: Object = claim;
    claim.value.remove(&["metadata", "finalizers"]);
    model.user(Request::update(Actor::User, &claim));
    let claim = model.get(Kind::PersistentVolumeClaim, "www-web-0").unwrap();
    model.user(Request::delete(Actor::User, &claim));
    model.spec(&policy("Delete", "Delete"));
    model.settle();
    // A Pod that runs does not get its claim back; it is made again with the next Pod.
    assert_eq!(model.names(Kind::PersistentVolumeClaim), [] as [&str; 0]);
    model.unready(0);
    model.run_pod(0, "Pending", false);
    model.settle();
    assert_eq!(owners(&model, "www-web-0"), ["StatefulSet/web"], "a pending one does");
}

#[test]
fn update_pod_claim_failure_is_told_and_the_creation_is_not() {
    let mut model = with_claims(&policy("Retain", "Delete"));
    model.refuse("update", Kind::PersistentVolumeClaim, 1);
    let error = model.sync().unwrap_err();
    assert_eq!(
        error,
        "could not update claim www-web-0 for delete policy ownerRefs: API server failed"
    );
    assert_eq!(
        model.events[1..],
        [
            "Warning FailedUpdate Update Pod web-0 in StatefulSet web failed error: could not update \
          claim www-web-0 for delete policy ownerRefs: API server failed"
        ]
    );
    model.settle();
    assert_eq!(owners(&model, "www-web-0"), ["StatefulSet/web"]);
}

#[test]
fn pod_claim_is_stale() {
    let mut model = Model::new(&set(2, &format!("{CLAIM}{}", policy("Delete", "Retain"))));
    model.complete();
    model.spec("replicas: 1");
    model.settle();
    assert_eq!(owners(&model, "www-web-1"), ["Pod/web-1"]);
    model.gone(1);
    model.spec("replicas: 2");
    assert_eq!(model.settle(), [] as [&str; 0], "the claim is the former Pod's");
    let waits = format!("{:?}", model.reasons);
    assert!(waits.contains("ClaimStale"), "{waits}");
    assert_eq!(model.requeue_after, None, "and nothing wakes the set");
    let mut claim = model.get(Kind::PersistentVolumeClaim, "www-web-1").unwrap();
    claim.value.remove(&["metadata", "finalizers"]);
    model.user(Request::update(Actor::User, &claim));
    let claim = model.get(Kind::PersistentVolumeClaim, "www-web-1").unwrap();
    model.user(Request::delete(Actor::User, &claim));
    assert_eq!(model.settle(), ["create 1@A"]);
}

#[test]
fn a_foreign_controller_of_a_claim_is_told_only_if_there_is_something_to_scrub() {
    let mut model = with_claims(&policy("Retain", "Delete"));
    model.complete();
    model.events.clear();
    let foreign = "{apiVersion: v1, kind: ConfigMap, name: other, \
                   uid: 00000000-0000-4000-8000-000000000001, controller: true}";
    let uid = model.set().uid().to_owned();
    let ours = format!("{{apiVersion: apps/v1, kind: StatefulSet, name: web, uid: {uid}}}");
    let claim = |model: &mut Model, references: String| {
        let yaml = format!("metadata: {{ownerReferences: [{references}]}}");
        model.patch(Kind::PersistentVolumeClaim, "www-web-0", &yaml);
        model.settle();
    };
    claim(&mut model, foreign.into());
    assert_eq!(model.events, [] as [&str; 0]);
    claim(&mut model, format!("{foreign}, {ours}"));
    let event = "Warning ConflictingController PersistentVolumeClaim www-web-0 has a conflicting \
                 OwnerReference that acts as a manging controller, the retention policy is \
                 ignored for this claim";
    assert_eq!(model.events[0], event);
    assert_eq!(owners(&model, "www-web-0"), ["ConfigMap/other"]);
    let mut retaining = model.clone();
    retaining.spec(&policy("Retain", "Retain"));
    retaining.settle();
    retaining.events.clear();
    claim(&mut retaining, format!("{foreign}, {ours}"));
    assert_eq!(owners(&retaining, "www-web-0"), ["ConfigMap/other"]);
    assert!(!retaining.events.iter().any(|event| event.starts_with("Warning")), "no conflict");
    model.events.clear();
    model.spec("replicas: 0");
    model.sync().unwrap();
    let event = "Normal SuccessfulDelete Delete Pod web-0 in StatefulSet web successful";
    assert_eq!(model.events, [event]);
}

/// What is put right of a Pod is what is wrong, of the very Pod that was looked at.
#[test]
fn a_pod_is_repaired_with_care() {
    let text = set(1, "").replace("app: nginx", "tier: web");
    let mut model = Model::new(&text);
    model.complete();
    let wrong = "metadata: {labels: {statefulset.kubernetes.io/pod-name: other,
                 apps.kubernetes.io/pod-index: other}}";
    model.patch(Kind::Pod, "web-0", wrong);
    let mut running = model.begin();
    model.patch(Kind::Pod, "web-0", "metadata: {labels: {tier: changed}}");
    while model.step(&mut running, &mut Vec::new()) {}
    let labels = ["statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "tier"]
        .map(|name| model.pod(0).label(name).unwrap_or_default().to_owned());
    assert_eq!(labels, ["web-0", "0", "changed"]);
    model.patch(Kind::Pod, "web-0", "metadata: {labels: {tier: web}}");
    model.patch(Kind::Pod, "web-0", wrong);
    let mut running = model.begin();
    model.delete_pod(0);
    model.gone(0);
    model.create(
        "apiVersion: v1
kind: Pod
metadata: {name: web-0}
spec: {containers: [{name: other, image: other}]}",
    );
    while model.step(&mut running, &mut Vec::new()) {}
    let error = running.error.unwrap();
    assert!(error.starts_with("Pod \"web-0\" is invalid: metadata.uid: "), "{error}");
    assert!(model.pod(0).labels().is_none());
}
