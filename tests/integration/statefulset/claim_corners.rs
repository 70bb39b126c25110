//! Corners of claims: what is told, whom they belong to, and what a refusal holds up. Each was
//! found by a mutant that survived (see MUTANTS.md).

use statefulset_playground::api::object::Object;
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::request::{Actor, DeleteOptions, Request, Verb};
use statefulset_playground::controller::reason::StatefulSetReason as R;
use statefulset_playground::controller::reason::statefulset::ClaimOwner;
use statefulset_playground::controller::statefulset::retention::{
    Owners, has_stale_owner, is_claim_owner_up_to_date,
};
use statefulset_playground::value;

use super::bench::key;
use super::corners::{add_pod, ready, set_ready};
use super::model::{CLAIM, Model, Refuse, set};

const CLAIMS: Kind = Kind::PersistentVolumeClaim;
const CLAIMS_GO: &str =
    "persistentVolumeClaimRetentionPolicy: {whenScaled: Delete, whenDeleted: Delete}\n";

/// A claim that is being deleted and does not go.
fn claim_stays(model: &mut Model, name: &str) {
    delete_claim(model, name, "[a/b]");
}

/// A claim that is being deleted and goes at once.
fn claim_goes(model: &mut Model, name: &str) {
    delete_claim(model, name, "null");
}

fn delete_claim(model: &mut Model, name: &str, finalizers: &str) {
    model.patch(CLAIMS, name, &format!("metadata: {{finalizers: {finalizers}}}"));
    let verb = Verb::Delete(DeleteOptions::default());
    model.user(Request::new(Actor::User, key(CLAIMS, name), verb));
}

fn two_claims() -> String {
    let second = CLAIM.replace("www", "log").replace("volumeClaimTemplates:\n", "");
    format!("{CLAIM}{second}")
}

fn pod_goes(model: &mut Model, ordinal: i32) {
    model.delete_pod(ordinal);
    model.gone(ordinal);
}

fn owners(model: &Model, claim: &str) -> Vec<String> {
    let claim = model.get(CLAIMS, claim).unwrap();
    claim.owner_references().map(|owner| format!("{}/{}", owner.kind(), owner.name())).collect()
}

#[test]
fn several_claims_that_go_are_told_together() {
    let mut model = ready(1, &two_claims());
    pod_goes(&mut model, 0);
    claim_stays(&mut model, "log-web-0");
    assert_eq!(model.sync().unwrap_err(), "pvc log-web-0 is being deleted");
    let about_set: Vec<_> = model.told.iter().filter(|(about, _)| about == "web").collect();
    let stuck = R::ClaimTerminating { claim: "log-web-0".into(), pod: "web-0".into() };
    assert_eq!(about_set, [&("web".into(), stuck)]);
    claim_stays(&mut model, "www-web-0");
    let error = "[pvc www-web-0 is being deleted, pvc log-web-0 is being deleted]";
    assert_eq!(model.sync().unwrap_err(), error);
    assert!(model.events.last().unwrap().ends_with(error), "{:?}", model.events);
}

/// Two Pods want to be put right; the first cannot. Only side by side the second is.
#[test]
fn a_pod_that_cannot_be_put_right_ends_the_sync_in_order() {
    const LABEL: &str = "statefulset.kubernetes.io/pod-name";
    for (policy, expected) in [("OrderedReady", "other"), ("Parallel", "web-2")] {
        let mut model = ready(3, &format!("podManagementPolicy: {policy}\n{CLAIM}"));
        claim_stays(&mut model, "www-web-1");
        pod_goes(&mut model, 1);
        add_pod(&mut model, "web-1");
        set_ready(&mut model, "web-1", "True");
        model.patch(Kind::Pod, "web-2", &format!("metadata: {{labels: {{{LABEL}: other}}}}"));
        assert_eq!(model.sync().unwrap_err(), "pvc www-web-1 is being deleted");
        assert_eq!(model.pod(2).label(LABEL), Some(expected), "{policy}");
    }
}

/// The claims of surplus Pods are given to them highest first, or in batches of 1, 2, 4; no Pod
/// goes before all have been.
#[test]
fn a_claim_that_cannot_be_given_away_keeps_the_surplus_pods() {
    for (policy, given) in [("OrderedReady", [3].as_slice()), ("Parallel", &[1, 3])] {
        let more = format!("podManagementPolicy: {policy}\n{CLAIMS_GO}{CLAIM}");
        let mut model = ready(4, &more);
        model.spec("replicas: 0");
        model.refusals.push(Refuse { verb: "update", kind: CLAIMS, after: 1, times: 1 });
        model.sync().unwrap_err();
        let is_given = |ordinal: &i32| {
            owners(&model, &format!("www-web-{ordinal}")) == [format!("Pod/web-{ordinal}")]
        };
        assert_eq!((0..4).filter(is_given).collect::<Vec<_>>(), given, "{policy}");
        assert!((0..4).all(|ordinal| !model.pod(ordinal).is_terminating()), "{policy}");
        assert!(!model.events.iter().any(|event| event.starts_with("Warning")), "{policy}");
    }
}

/// A sync that fails is repeated soon; it does not ask to be woken for a Pod that becomes
/// available later.
#[test]
fn a_failed_sync_does_not_look_again() {
    let more = format!("podManagementPolicy: Parallel\nminReadySeconds: 30\n{CLAIM}");
    let mut model = ready(2, &more);
    claim_stays(&mut model, "www-web-1");
    pod_goes(&mut model, 1);
    model.unready(0);
    model.now = model.now.after(Duration::from_secs(60));
    model.ready(0);
    model.sync().unwrap_err();
    assert_eq!(model.requeue_after, None);
}

#[test]
fn a_claim_made_for_a_pending_pod_is_told_of() {
    let mut model = Model::new(&set(1, CLAIM));
    model.settle();
    claim_goes(&mut model, "www-web-0");
    assert_eq!(model.names(CLAIMS), [] as [&str; 0]);
    model.sync().unwrap();
    let made = R::ClaimCreated { claim: "www-web-0".into(), pod: "web-0".into() };
    for about in ["www-web-0", "web-0"] {
        assert!(model.told.contains(&(about.into(), made.clone())), "{:?}", model.told);
    }
    model.sync().unwrap();
    let reused = |(_, reason): &(String, R)| matches!(reason, R::ClaimReused { .. });
    assert!(!model.told.iter().any(reused), "it waits, and uses nothing anew");
}

/// A claim that somebody else manages loses the set as its owner, and gets none.
#[test]
fn a_claim_of_another_controller_is_told_of() {
    let mut model = ready(1, &format!("{CLAIMS_GO}{CLAIM}"));
    let uid = model.set().uid().to_owned();
    let owners = format!(
        "{{apiVersion: v1, kind: ConfigMap, name: other, controller: true,
           uid: 00000000-0000-4000-8000-000000000001}},
         {{apiVersion: apps/v1, kind: StatefulSet, name: web, uid: {uid}}}"
    );
    let yaml = format!("metadata: {{ownerReferences: [{owners}]}}");
    model.patch(CLAIMS, "www-web-0", &yaml);
    model.sync().unwrap();
    let claim = || "www-web-0".into();
    let updated = R::ClaimOwnersUpdated { claim: claim(), owner: ClaimOwner::Nobody };
    for reason in [R::ClaimOfAnother { claim: claim() }, updated] {
        assert!(model.told.contains(&("www-web-0".into(), reason)), "{:?}", model.told);
    }
}

/// A claim that somebody else was faster to create is no failure to tell of.
#[test]
fn a_claim_that_exists_by_now_is_not_told_of() {
    let mut model = Model::new(&set(1, CLAIM));
    let mut running = model.begin();
    let spec = CLAIM.split_once("  spec:\n").unwrap().1;
    model.create(&format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: www-web-0}}\nspec:\n{spec}"
    ));
    while model.step(&mut running, &mut Vec::new()) {}
    assert!(running.error.unwrap().starts_with("failed to create PVC www-web-0: "));
    let about_claim = |event: &&String| event.contains("Create Claim");
    assert_eq!(model.events.iter().find(about_claim), None);
}

/// A pending Pod waits for a claim that goes; its other claims are left as they are.
#[test]
fn claims_beside_one_that_goes_keep_their_owners() {
    let mut model = Model::new(&set(1, &two_claims()));
    model.settle();
    claim_stays(&mut model, "log-web-0");
    model.spec("persistentVolumeClaimRetentionPolicy: {whenScaled: Retain, whenDeleted: Delete}");
    model.sync().unwrap_err();
    assert_eq!(owners(&model, "www-web-0"), [] as [&str; 0]);
}

/// Each claim counts: one that lost its owner gets it back, one that a Pod does not use is told.
#[test]
fn one_of_two_claims_is_put_right() {
    let mut model = ready(1, &format!("{CLAIMS_GO}{}", two_claims()));
    model.patch(CLAIMS, "log-web-0", "metadata: {ownerReferences: null}");
    model.settle();
    for claim in ["www-web-0", "log-web-0"] {
        assert_eq!(owners(&model, claim), ["StatefulSet/web"], "{claim}");
    }
    let mut model = ready(1, &two_claims());
    pod_goes(&mut model, 0);
    add_pod(&mut model, "web-0");
    let mut pod = model.pod(0);
    model.delete_pod(0);
    for field in ["uid", "resourceVersion"] {
        pod.value.remove(&["metadata", field]);
    }
    let container = value!({"name": "nginx", "image": "nginx:A"});
    let volume = value!({"name": "www", "persistentVolumeClaim": {"claimName": "www-web-0"}});
    pod.set(&["spec"], value!({"containers": [container], "volumes": [volume]}));
    model.user(Request::create(Actor::User, &pod));
    set_ready(&mut model, "web-0", "True");
    model.sync().unwrap_err();
    let mismatch = R::StorageMismatch { pod: "web-0".into() };
    assert!(model.reasons.contains(&mismatch), "{:?}", model.reasons);
}

/// Who owns a claim besides stays; a claim that changes meanwhile is a conflict.
#[test]
fn owners_of_a_claim_are_updated_with_care() {
    let mut model = ready(1, CLAIM);
    let other = "{apiVersion: v1, kind: ConfigMap, name: other,
                  uid: 00000000-0000-4000-8000-000000000001}";
    let yaml = format!("metadata: {{ownerReferences: [{other}]}}");
    model.patch(CLAIMS, "www-web-0", &yaml);
    model.spec("persistentVolumeClaimRetentionPolicy: {whenScaled: Retain, whenDeleted: Delete}");
    let mut running = model.begin();
    model.patch(CLAIMS, "www-web-0", "metadata: {labels: {meanwhile: here}}");
    while model.step(&mut running, &mut Vec::new()) {}
    let error = running.error.unwrap();
    assert!(error.contains("the object has been modified"), "{error}");
    model.settle();
    assert_eq!(owners(&model, "www-web-0"), ["ConfigMap/other", "StatefulSet/web"]);
}

/// A claim gets its owner after what the server gave it, and keeps that.
#[test]
fn a_new_claim_keeps_what_the_server_gave_it() {
    let mut model = Model::new(&set(0, &format!("{CLAIMS_GO}{CLAIM}")));
    model.create(
        "apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: standard, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}
provisioner: sim/provisioner",
    );
    model.spec("replicas: 1");
    model.settle();
    let claim = model.get(CLAIMS, "www-web-0").unwrap();
    assert_eq!(claim.spec().get("storageClassName").str(), "standard");
    assert_eq!(owners(&model, "www-web-0"), ["StatefulSet/web"]);
}

/// Without its claims a Pod is not put right, nor are their owners.
#[test]
fn a_refused_claim_ends_what_needs_it() {
    let mut model = Model::new(&set(1, &format!("{CLAIMS_GO}{CLAIM}")));
    model.refuse("create", CLAIMS, 1);
    let error = "failed to create PVC www-web-0: API server failed";
    assert_eq!(model.sync().unwrap_err(), error);
    let told = |model: &Model| model.events.iter().filter(|e| e.starts_with("Warning")).count();
    assert_eq!(told(&model), 2, "of the claim and of the Pod: {:?}", model.events);
    let mut model = ready(1, CLAIM);
    pod_goes(&mut model, 0);
    claim_goes(&mut model, "www-web-0");
    add_pod(&mut model, "web-0");
    set_ready(&mut model, "web-0", "True");
    model.refuse("create", CLAIMS, 1);
    assert_eq!(model.sync().unwrap_err(), error);
}

#[test]
fn volumes_are_not_repaired_while_their_claim_goes() {
    let mut model = ready(1, CLAIM);
    model.delete_pod(0);
    model.gone(0);
    model.patch(Kind::PersistentVolumeClaim, "www-web-0", "metadata: {finalizers: [a/b]}");
    let claim = key(Kind::PersistentVolumeClaim, "www-web-0");
    model.user(Request::new(Actor::User, claim, Verb::Delete(DeleteOptions::default())));
    add_pod(&mut model, "web-0");
    set_ready(&mut model, "web-0", "True");
    assert_eq!(model.sync().unwrap_err(), "pvc www-web-0 is being deleted");
    let event = "Warning FailedUpdate Update Pod web-0 in StatefulSet web failed error: \
                 pvc www-web-0 is being deleted";
    assert!(model.events.contains(&event.to_owned()), "{:?}", model.events);
    let reason = R::ClaimTerminating { claim: "www-web-0".into(), pod: "web-0".into() };
    assert!(model.told.contains(&("web".into(), reason)), "the set can be asked why");
}

/// A Pod that is pending for want of a claim that goes: the sync fails, and says so of the set.
#[test]
fn a_pending_pod_waits_for_its_claim_to_go() {
    let mut model = Model::new(&set(1, CLAIM));
    model.settle();
    model.patch(Kind::PersistentVolumeClaim, "www-web-0", "metadata: {finalizers: [a/b]}");
    let claim = key(Kind::PersistentVolumeClaim, "www-web-0");
    model.user(Request::new(Actor::User, claim, Verb::Delete(DeleteOptions::default())));
    assert_eq!(model.sync().unwrap_err(), "pvc www-web-0 is being deleted");
    let reason = R::ClaimTerminating { claim: "www-web-0".into(), pod: "web-0".into() };
    let told = ["web", "www-web-0", "web-0"].map(|about| (about.to_owned(), reason.clone()));
    assert_eq!(model.told, told, "and nothing else");
}

/// An owner of the same name but of another kind, or of another group, is not a former set.
#[test]
fn owners_are_told_apart_by_kind_and_group() {
    let model = Model::new(&set(0, ""));
    for (version, kind, expected) in [
        ("apps/v1", "StatefulSet", true),
        ("apps/v1", "Deployment", false),
        ("apps.example.org/v1", "StatefulSet", false),
    ] {
        let claim = value!({"metadata": {"name": "www-web-0", "ownerReferences": [
            {"apiVersion": version, "kind": kind, "name": "web", "uid": "former"},
        ]}});
        let claim = Object::new(Kind::PersistentVolumeClaim, claim);
        assert_eq!(has_stale_owner(&claim, &model.set()), expected, "{version} {kind}");
    }
}

/// What a former set or Pod owns is the garbage collector's, whatever the policy says.
#[test]
fn a_claim_of_a_former_owner_is_up_to_date() {
    let policy = "persistentVolumeClaimRetentionPolicy: {whenScaled: Delete, whenDeleted: Delete}";
    let mut model = Model::new(&set(0, policy));
    add_pod(&mut model, "web-0");
    let (set, pod) = (model.set(), model.pod(0));
    let reference = |version: &str, kind: &str, name: &str, uid: &str| value!({"apiVersion": version, "kind": kind, "name": name, "uid": uid});
    let claim = |references: Vec<Value>| {
        let metadata = value!({"name": "www-web-0", "ownerReferences": references});
        Object::new(Kind::PersistentVolumeClaim, value!({"metadata": metadata}))
    };
    let of_pod = |uid: &str| reference("v1", "Pod", "web-0", uid);
    let of_set = |uid: &str| reference("apps/v1", "StatefulSet", "web", uid);
    let mut foreign = reference("v1", "ConfigMap", "other", "other");
    foreign.set(&["controller"], true);
    let owners = Owners { set: &set, pod: &pod, condemned: false };
    for (references, expected) in [
        (vec![of_set("former")], true),
        (vec![of_pod("former")], true),
        (vec![of_pod("former"), of_set(set.uid())], true),
        (vec![of_set("former"), of_pod(pod.uid())], true),
        (vec![of_set(set.uid())], true),
        (vec![of_pod(pod.uid())], false),
        (vec![foreign.clone()], true),
        (vec![foreign.clone(), of_set(set.uid())], false),
        (vec![foreign, of_pod(pod.uid())], false),
    ] {
        let claim = claim(references);
        assert_eq!(is_claim_owner_up_to_date(&claim, owners), expected, "{claim:?}");
    }
}

/// A Pod that cannot be made ends the sync before surplus Pods go, side by side as well.
#[test]
fn a_failed_batch_keeps_the_surplus_pods() {
    let mut model = ready(3, &format!("podManagementPolicy: Parallel\n{CLAIM}"));
    claim_stays(&mut model, "www-web-0");
    pod_goes(&mut model, 0);
    model.spec("replicas: 2");
    assert_eq!(model.sync().unwrap_err(), "pvc www-web-0 is being deleted");
    assert!(!model.pod(2).is_terminating());
}

/// Upstream's processReplica fails where a pending Pod's claim cannot be made.
#[test]
fn a_claim_refused_for_a_pending_pod_ends_the_sync_after_its_batch() {
    let mut model = Model::new(&set(3, &format!("podManagementPolicy: Parallel\n{CLAIM}")));
    model.settle();
    claim_goes(&mut model, "www-web-0");
    model.delete_pod(2);
    model.refuse("create", CLAIMS, 1);
    model.sync().unwrap_err();
    assert_eq!(model.ordinals(), [0, 1]);
}

/// A Pod without its volumes gets the claim that it misses, then the claim its owners, then the
/// Pod its volumes: what comes after a refusal is left out, which is told of the Pod.
#[test]
fn a_refused_claim_is_neither_given_away_nor_used() {
    const PARALLEL: &str = "podManagementPolicy: Parallel\n";
    for (order, policy) in [("", CLAIMS_GO), ("", ""), (PARALLEL, CLAIMS_GO), (PARALLEL, "")] {
        let mut model = ready(1, &format!("{order}{policy}{CLAIM}"));
        pod_goes(&mut model, 0);
        claim_goes(&mut model, "www-web-0");
        add_pod(&mut model, "web-0");
        set_ready(&mut model, "web-0", "True");
        model.refuse("create", CLAIMS, 1);
        let before = (model.events.len(), model.pod(0).value);
        let error = "failed to create PVC www-web-0: API server failed";
        assert_eq!(model.sync().unwrap_err(), error);
        let told = &model.events[before.0..];
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("Warning FailedCreate"), "{told:?}");
        let failed = format!("Update Pod web-0 in StatefulSet web failed error: {error}");
        assert_eq!(told[1], format!("Warning FailedUpdate {failed}"));
        assert_eq!(model.pod(0).value, before.1);
    }
}

/// Of several claims that get owners the first that is refused is told of.
#[test]
fn one_refused_owner_is_told_of() {
    let mut model = ready(1, &format!("podManagementPolicy: Parallel\n{}", two_claims()));
    model.spec("persistentVolumeClaimRetentionPolicy: {whenScaled: Delete, whenDeleted: Delete}");
    model.refuse("update", CLAIMS, 1);
    let before = model.events.len();
    model.sync().unwrap_err();
    let told = &model.events[before..];
    assert_eq!(told.iter().filter(|event| event.starts_with("Warning")).count(), 1, "{told:?}");
}

/// A claim that goes ends the repair of a Pod's volumes.
#[test]
fn a_pod_is_not_repaired_with_a_claim_that_goes() {
    let mut model = ready(1, CLAIM);
    claim_stays(&mut model, "www-web-0");
    pod_goes(&mut model, 0);
    add_pod(&mut model, "web-0");
    set_ready(&mut model, "web-0", "True");
    let before = model.pod(0).value;
    assert_eq!(model.sync().unwrap_err(), "pvc www-web-0 is being deleted");
    assert_eq!(model.pod(0).value, before);
    let repaired = |(_, reason): &(String, R)| matches!(reason, R::StorageMismatch { .. });
    assert!(!model.told.iter().any(repaired), "{:?}", model.told);
}

/// A claim of another controller is told of; the set is asked why, all the same.
#[test]
fn what_is_told_of_a_claim_is_not_told_of_the_set() {
    let more = format!("podManagementPolicy: Parallel\n{CLAIMS_GO}{CLAIM}");
    let mut model = Model::new(&set(1, &more));
    model.settle();
    let owner = "{apiVersion: v1, kind: ConfigMap, name: other, controller: true, uid: other}";
    model.patch(CLAIMS, "www-web-0", &format!("metadata: {{ownerReferences: [{owner}]}}"));
    model.settle();
    let about: Vec<&str> = model.told.iter().map(|(about, _)| about.as_str()).collect();
    assert!(about.contains(&"www-web-0") && about.contains(&"web"), "{about:?}");
}

/// An owner is known by version, kind and name, all three.
#[test]
fn an_owner_is_known_by_three_things() {
    let model = Model::new(&set(1, ""));
    let cases = [
        ("apps/v1", "StatefulSet", "web", true),
        ("apps/v1beta1", "StatefulSet", "web", false),
        ("apps/v1", "Deployment", "web", false),
        ("apps/v1", "StatefulSet", "other", false),
    ];
    for (version, kind, name, expected) in cases {
        let owner = value!({"apiVersion": version, "kind": kind, "name": name, "uid": "former"});
        let metadata = value!({"name": "www-web-0", "ownerReferences": [owner]});
        let claim = Object::new(CLAIMS, value!({"metadata": metadata}));
        assert_eq!(has_stale_owner(&claim, &model.set()), expected, "{version} {kind} {name}");
    }
}
