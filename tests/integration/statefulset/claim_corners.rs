//! Corners of claims: what is told, whom they belong to, and what a refusal holds up. Each was
//! found by a mutant that survived (see MUTANTS.md).

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::apiserver::request::{Actor, DeleteOptions, Request, Verb};
use statefulset_playground::controller::reason::StatefulSetReason as R;
use statefulset_playground::controller::reason::statefulset::ClaimOwner;

use super::bench::key;
use super::corners::{add_pod, ready, set_ready};
use super::model::{CLAIM, Model, Refuse, set};

const CLAIMS: Kind = Kind::PersistentVolumeClaim;
const CLAIMS_GO: &str =
    "persistentVolumeClaimRetentionPolicy: {whenScaled: Delete, whenDeleted: Delete}\n";

/// A claim that is being deleted and does not go.
fn claim_stays(model: &mut Model, name: &str) {
    model.patch(CLAIMS, name, "metadata: {finalizers: [a/b]}");
    let verb = Verb::Delete(DeleteOptions::default());
    model.user(Request::new(Actor::User, key(CLAIMS, name), verb));
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
    let second = CLAIM.replace("www", "log").replace("volumeClaimTemplates:\n", "");
    let mut model = ready(1, &format!("{CLAIM}{second}"));
    for claim in ["www-web-0", "log-web-0"] {
        claim_stays(&mut model, claim);
    }
    pod_goes(&mut model, 0);
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
    model.patch(CLAIMS, "www-web-0", "metadata: {finalizers: null}");
    let verb = Verb::Delete(DeleteOptions::default());
    model.user(Request::new(Actor::User, key(CLAIMS, "www-web-0"), verb));
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
