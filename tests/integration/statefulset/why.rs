//! Every branch of the controller says what it did, of the right objects and with the right facts,
//! and nothing else.

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::apiserver::feature_gates::Gate;
use statefulset_playground::apiserver::request::{
    Actor, DeleteOptions, Propagation, Request, Verb,
};
use statefulset_playground::controller::Controller;
use statefulset_playground::controller::reason::StatefulSetReason as R;
use statefulset_playground::controller::statefulset::StatefulSetController;

use super::bench::key;
use super::model::{CLAIM, Model, set};

const CLAIMS_GO: &str =
    "persistentVolumeClaimRetentionPolicy: {whenScaled: Delete, whenDeleted: Delete}\n";

fn ready(replicas: u32, more: &str) -> Model {
    let mut model = Model::new(&set(replicas, more));
    model.complete();
    model
}

fn letters_of_revisions(model: &Model) -> Vec<(String, String)> {
    let letter = |name: &String| {
        let revision = model.get(Kind::ControllerRevision, name).expect("it is listed");
        let template = revision.path(&["data", "spec", "template", "spec", "containers"]);
        template.at(0).get("image").str().rsplit(':').next().unwrap_or_default().to_owned()
    };
    let revisions = model.names(Kind::ControllerRevision);
    revisions.into_iter().map(|name| (name.clone(), letter(&name))).collect()
}

/// One sync, carried out; what was said, with a revision's letter for its name.
fn why(model: &mut Model) -> Vec<String> {
    let mut letters = letters_of_revisions(model);
    let _ = model.sync();
    letters.extend(letters_of_revisions(model));
    let mut said: Vec<String> = model
        .told
        .iter()
        .map(|(about, reason)| {
            let text = format!("{about}: {reason:?}").replace('"', "");
            letters.iter().fold(text, |text, (name, letter)| text.replace(name, letter))
        })
        .collect();
    said.sort();
    said
}

/// Compares with lines in which `both(x)` stands for a reason told of the Pod and of the set.
#[track_caller]
fn check(model: &mut Model, expected: &[&str]) {
    let mut lines = Vec::new();
    for line in expected {
        match line.split_once(" & web: ") {
            Some((about, reason)) => {
                lines.push(format!("{about}: {reason}"));
                lines.push(format!("web: {reason}"));
            }
            None => lines.push((*line).to_owned()),
        }
    }
    lines.sort();
    assert_eq!(why(model), lines);
}

#[test]
fn creation() {
    let mut model = Model::new(&set(3, CLAIM));
    check(
        &mut model,
        &[
            "web: RevisionCreated { revision: A, number: 1 }",
            "web-0: ClaimCreated { claim: www-web-0, pod: web-0 }",
            "www-web-0: ClaimCreated { claim: www-web-0, pod: web-0 }",
            "web-0 & web: PodCreated { pod: web-0, revision: A, choice: Only }",
            "web-1: NotCreatedYet { pod: web-1, count: 2, blocker: web-0 }",
        ],
    );
    let waits = "web-1: NotCreatedYet { pod: web-1, count: 2, blocker: web-0 }";
    let told = "web-0 & web: WaitingForReady { pod: web-0, running: false, outdated: false }";
    check(&mut model, &[told, waits]);
    model.unready(0);
    let told = "web-0 & web: WaitingForReady { pod: web-0, running: true, outdated: false }";
    check(&mut model, &[told, waits]);
    model.ready(0);
    check(
        &mut model,
        &[
            "web-1: ClaimCreated { claim: www-web-1, pod: web-1 }",
            "www-web-1: ClaimCreated { claim: www-web-1, pod: web-1 }",
            "web-1 & web: PodCreated { pod: web-1, revision: A, choice: Only }",
            "web-2: NotCreatedYet { pod: web-2, count: 1, blocker: web-1 }",
        ],
    );
    model.complete();
    check(&mut model, &["web: UpToDate { replicas: 3 }"]);
}

#[test]
fn creation_side_by_side() {
    let mut model = Model::new(&set(2, "podManagementPolicy: Parallel"));
    check(
        &mut model,
        &[
            "web: RevisionCreated { revision: A, number: 1 }",
            "web-0 & web: PodCreated { pod: web-0, revision: A, choice: Only }",
            "web-1 & web: PodCreated { pod: web-1, revision: A, choice: Only }",
        ],
    );
}

#[test]
fn what_is_missing_above_a_blocker_is_counted() {
    let mut model = ready(4, "");
    model.delete_pod(3);
    model.gone(3);
    model.delete_pod(1);
    model.gone(1);
    model.unready(0);
    let told = "web-0 & web: WaitingForReady { pod: web-0, running: true, outdated: false }";
    check(&mut model, &[told, "web-1: NotCreatedYet { pod: web-1, count: 2, blocker: web-0 }"]);
    let mut shifted = ready(3, "ordinals: {start: 5}");
    shifted.delete_pod(7);
    shifted.gone(7);
    shifted.unready(5);
    let told = "web-5 & web: WaitingForReady { pod: web-5, running: true, outdated: false }";
    check(&mut shifted, &[told, "web-7: NotCreatedYet { pod: web-7, count: 1, blocker: web-5 }"]);
}

#[test]
fn availability() {
    let mut model = Model::new(&set(2, "minReadySeconds: 30"));
    model.settle();
    model.ready(0);
    let at = format!("{:?}", model.now.after(Duration::from_secs(30)));
    let told = format!("web-0 & web: WaitingForAvailable {{ pod: web-0, at: {at} }}");
    let waits = "web-1: NotCreatedYet { pod: web-1, count: 1, blocker: web-0 }";
    check(&mut model, &[&told, waits]);
    assert_eq!(model.requeue_after, Some(Duration::from_millis(30_001)));
    model.now = model.now.after(Duration::from_secs(20));
    check(&mut model, &[&told, waits]);
    assert_eq!(model.requeue_after, Some(Duration::from_millis(10_001)));
    let parallel = "podManagementPolicy: Parallel\nminReadySeconds: 30";
    let mut model = Model::new(&set(1, parallel));
    model.settle();
    model.ready(0);
    let at = format!("{:?}", model.now.after(Duration::from_secs(30)));
    check(
        &mut model,
        &[&format!("web: LookAgain {{ at: {at} }}"), "web: UpToDate { replicas: 1 }"],
    );
    model.now = model.now.after(Duration::from_secs(31));
    check(&mut model, &["web: UpToDate { replicas: 1 }"]);
    assert_eq!(model.requeue_after, None);
}

#[test]
fn a_blocker_holds_up_scaling_and_updates() {
    let mut model = ready(5, "");
    model.delete_pod(0);
    model.spec("replicas: 3");
    model.image("nginx:B");
    check(
        &mut model,
        &[
            "web: RevisionCreated { revision: B, number: 2 }",
            "web-0 & web: WaitingForTermination { pod: web-0 }",
            "web-4: NotScaledDownYet { count: 2, blocker: web-0 }",
            "web-2: NotUpdatedYet { count: 4, blocker: web-0 }",
        ],
    );
    let mut model = ready(2, "updateStrategy: {type: OnDelete}");
    model.image("nginx:B");
    model.unready(0);
    check(
        &mut model,
        &[
            "web: RevisionCreated { revision: B, number: 2 }",
            "web-0 & web: WaitingForReady { pod: web-0, running: true, outdated: true }",
        ],
    );
}

#[test]
fn a_roll_out() {
    let mut model = ready(2, "");
    model.image("nginx:B");
    check(
        &mut model,
        &[
            "web: RevisionCreated { revision: B, number: 2 }",
            "web-1 & web: PodUpdated { pod: web-1, from: A, to: B, unavailable: false }",
        ],
    );
    check(&mut model, &["web-1 & web: WaitingForTermination { pod: web-1 }"]);
    model.gone(1);
    check(&mut model, &["web-1 & web: PodCreated { pod: web-1, revision: B, choice: Update }"]);
    model.ready(1);
    check(
        &mut model,
        &["web-0 & web: PodUpdated { pod: web-0, from: A, to: B, unavailable: false }"],
    );
    model.gone(0);
    model.settle();
    model.ready(0);
    check(&mut model, &["web: UpToDate { replicas: 2 }", "web: RolloutComplete { revision: B }"]);
    check(&mut model, &["web: UpToDate { replicas: 2 }"]);
}

#[test]
fn a_roll_back() {
    let mut model = ready(1, "revisionHistoryLimit: 0");
    model.image("nginx:B");
    model.complete();
    model.image("nginx:A");
    check(
        &mut model,
        &[
            "web: RevisionCreated { revision: A, number: 3 }",
            "web-0 & web: PodUpdated { pod: web-0, from: B, to: A, unavailable: false }",
        ],
    );
    model.image("nginx:B");
    check(
        &mut model,
        &[
            "web: RevisionReused { revision: B, from: 2, to: 4 }",
            "web-0 & web: WaitingForTermination { pod: web-0 }",
            "web: RevisionTruncated { revision: A, limit: 0 }",
        ],
    );
}

#[test]
fn a_partition() {
    let mut model = ready(3, "updateStrategy: {rollingUpdate: {partition: 2}}");
    model.image("nginx:B");
    check(
        &mut model,
        &[
            "web: RevisionCreated { revision: B, number: 2 }",
            "web-2 & web: PodUpdated { pod: web-2, from: A, to: B, unavailable: false }",
            "web-1: BelowPartition { count: 2, partition: 2 }",
        ],
    );
    model.complete();
    check(&mut model, &["web-1 & web: BelowPartition { count: 2, partition: 2 }"]);
    model.delete_pod(0);
    model.gone(0);
    check(
        &mut model,
        &[
            "web-0 & web: PodCreated { pod: web-0, revision: A, \
             choice: BelowPartition { partition: 2 } }",
            "web-1: NotUpdatedYet { count: 1, blocker: web-0 }",
        ],
    );
}

#[test]
fn the_first_of_a_plain_rolling_update_stay_old() {
    let mut model = ready(3, "updateStrategy: {type: RollingUpdate}");
    model.image("nginx:B");
    model.settle();
    model.gone(2);
    model.delete_pod(0);
    model.gone(0);
    model.settle();
    let created = model.pod_image(0);
    assert_eq!(created, "nginx:A");
    model.delete_pod(0);
    check(
        &mut model,
        &[
            "web-0 & web: PodCreated { pod: web-0, revision: A, \
             choice: BelowCurrentReplicas { current_replicas: 2 } }",
            "web-2: NotCreatedYet { pod: web-2, count: 1, blocker: web-0 }",
            "web-1: NotUpdatedYet { count: 1, blocker: web-0 }",
        ],
    );
    model.ready(0);
    assert_eq!(model.sync().unwrap(), ["create 2@B"]);
}

#[test]
fn an_update_that_waits() {
    let mut model = ready(3, "podManagementPolicy: Parallel");
    model.image("nginx:B");
    model.settle();
    check(
        &mut model,
        &["web-1 & web: UpdateWaits { unavailable: 1, max_unavailable: 1, blocker: web-2 }"],
    );
    model.unready(0);
    check(
        &mut model,
        &["web-0 & web: PodUpdated { pod: web-0, from: A, to: B, unavailable: true }"],
    );
    let mut model = ready(2, "updateStrategy: {type: OnDelete}");
    check(&mut model, &["web: UpToDate { replicas: 2 }"]);
    model.image("nginx:B");
    model.settle();
    check(&mut model, &["web: OnDelete { count: 2 }"]);
}

#[test]
fn scaling_down() {
    let mut model = ready(3, "");
    model.spec("replicas: 1");
    check(&mut model, &["web-2 & web: ScaledDown { pod: web-2, replicas: 1 }"]);
    check(&mut model, &["web-2 & web: CondemnedTerminating { pod: web-2 }"]);
    let mut model = ready(3, "");
    model.unready(1);
    model.unready(2);
    model.spec("replicas: 1");
    check(
        &mut model,
        &["web-2 & web: CondemnedBlocked { pod: web-2, blocker: web-1, ready: false }"],
    );
    model.spec("minReadySeconds: 30");
    model.now = model.now.after(Duration::from_secs(60));
    model.ready(1);
    model.ready(2);
    check(
        &mut model,
        &["web-2 & web: CondemnedBlocked { pod: web-2, blocker: web-1, ready: true }"],
    );
    let mut model = ready(3, "podManagementPolicy: Parallel");
    model.spec("replicas: 1");
    check(
        &mut model,
        &[
            "web-2 & web: ScaledDown { pod: web-2, replicas: 1 }",
            "web-1 & web: ScaledDown { pod: web-1, replicas: 1 }",
        ],
    );
}

#[test]
fn pods_that_have_ended() {
    let mut model = ready(2, "");
    model.delete_pod(1);
    model.run_pod(0, "Failed", false);
    model.run_pod(1, "Succeeded", false);
    check(&mut model, &["web-0 & web: EndedPodDeleted { pod: web-0, failed: true }"]);
    model.complete();
    model.run_pod(0, "Succeeded", false);
    check(&mut model, &["web-0 & web: EndedPodDeleted { pod: web-0, failed: false }"]);
    let mut model = ready(1, "");
    model.delete_pod(0);
    model.run_pod(0, "Failed", false);
    check(&mut model, &["web-0 & web: EndedPodTerminating { pod: web-0 }"]);
}

/// Takes the owner of an object away, or gives it labels.
fn edit(model: &mut Model, kind: Kind, name: &str, yaml: &str) {
    model.patch(kind, name, &format!("metadata: {{{yaml}}}"));
}

#[test]
fn adoption_and_release() {
    let mut model = ready(2, "");
    edit(&mut model, Kind::Pod, "web-1", "ownerReferences: null");
    let revision = model.names(Kind::ControllerRevision).remove(0);
    edit(&mut model, Kind::ControllerRevision, &revision, "ownerReferences: null");
    check(
        &mut model,
        &[
            "A & web: RevisionAdopted { revision: A }",
            "web-1 & web: PodAdopted { pod: web-1 }",
            "web: UpToDate { replicas: 2 }",
        ],
    );
    edit(&mut model, Kind::Pod, "web-1", "labels: {app: other}");
    check(
        &mut model,
        &[
            "web-1 & web: PodReleased { pod: web-1, labels: true }",
            "web-1 & web: PodCreated { pod: web-1, revision: A, choice: Only }",
        ],
    );
    edit(&mut model, Kind::Pod, "web-1", "labels: {app: nginx}");
    model.delete_pod(1);
    check(
        &mut model,
        &[
            "web-1 & web: PodNotAdopted { pod: web-1, set_terminating: false }",
            "web-1 & web: PodCreated { pod: web-1, revision: A, choice: Only }",
        ],
    );
}

/// A Pod of another name is let go, one that the set merely owns without managing it is not.
#[test]
fn release_of_other_names() {
    let mut model = ready(1, "");
    let uid = model.set().uid().to_owned();
    for (name, label, controller) in [("other-5", "nginx", true), ("friend", "friend", false)] {
        model.create(&format!(
            "apiVersion: v1
kind: Pod
metadata:
  name: {name}
  labels: {{app: {label}}}
  ownerReferences:
  - {{apiVersion: apps/v1, kind: StatefulSet, name: web, uid: {uid}, controller: {controller}}}
spec: {{containers: [{{name: nginx, image: nginx}}]}}"
        ));
    }
    check(
        &mut model,
        &[
            "other-5 & web: PodReleased { pod: other-5, labels: false }",
            "web: UpToDate { replicas: 1 }",
        ],
    );
    edit(&mut model, Kind::Pod, "web-0", "labels: {app: other}");
    delete_in_foreground(&mut model);
    check(&mut model, &["web: SetTerminating"]);
    assert!(model.pod(0).controller().is_some(), "a set on its way out lets nothing go");
}

#[test]
fn pods_of_others() {
    let mut model = ready(1, "");
    model.create(&set(1, "").replace("name: web", "name: other"));
    let theirs = "apiVersion: v1
kind: Pod
metadata:
  name: NAME
  labels: {app: LABEL}
  ownerReferences:
  - {apiVersion: apps/v1, kind: StatefulSet, name: other, uid: UID, controller: true}
spec: {containers: [{name: nginx, image: nginx}]}";
    let uid = model.get(Kind::StatefulSet, "other").unwrap().uid().to_owned();
    for (name, label) in [("web-6", "other"), ("web-7", "nginx"), ("web-8", "nginx")] {
        let theirs = theirs.replace("NAME", name).replace("LABEL", label);
        model.create(&theirs.replace("UID", &uid));
    }
    let first = "00000000-0000-4000-8000-000000000000";
    let of_first = theirs.replace("StatefulSet, name: other", "ReplicaSet, name: first");
    let pod = of_first.replace("NAME", "web-9").replace("LABEL", "nginx");
    model.create(&pod.replace("UID", first));
    // A claim of theirs is not one of their Pods.
    let claim = "apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: theirs
  labels: {app: nginx}
  ownerReferences:
  - {apiVersion: apps/v1, kind: StatefulSet, name: other, uid: UID, controller: true}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}";
    model.create(&claim.replace("UID", &uid));
    check(
        &mut model,
        &[
            "web: PodOfAnother { pod: web-7, owner: StatefulSet/other }",
            "web: PodOfAnother { pod: web-9, owner: ReplicaSet/first }",
            "web: UpToDate { replicas: 1 }",
        ],
    );
}

fn delete_in_foreground(model: &mut Model) {
    let how = Some(Propagation::Foreground);
    let verb = Verb::Delete(DeleteOptions { propagation: how, ..DeleteOptions::default() });
    model.user(Request::new(Actor::User, key(Kind::StatefulSet, "web"), verb));
}

#[test]
fn a_set_on_its_way_out() {
    let mut model = ready(2, "");
    delete_in_foreground(&mut model);
    check(&mut model, &["web: SetTerminating"]);
    edit(&mut model, Kind::Pod, "web-1", "ownerReferences: null");
    check(
        &mut model,
        &[
            "web: SetTerminating",
            "web-1 & web: PodNotAdopted { pod: web-1, set_terminating: true }",
        ],
    );
    let revision = model.names(Kind::ControllerRevision).remove(0);
    edit(&mut model, Kind::ControllerRevision, &revision, "ownerReferences: null");
    check(&mut model, &["web: RevisionsNotAdopted { count: 1 }"]);
    let error = model.sync().unwrap_err();
    let begins = "can't adopt ControllerRevisions: default/web has just been deleted at 20";
    assert!(error.starts_with(begins), "{error}");
    let api = Model::new(&set(0, "").replace("name: web", "name: other")).api;
    let lister = statefulset_playground::client::Lister::new(api.storage());
    let gone = StatefulSetController.sync(lister, &key(Kind::StatefulSet, "web"), model.now);
    assert_eq!(format!("{:?}", gone.reasons[0].1), "StatefulSet(SetGone)");
    assert!(gone.steps.is_empty() && gone.finally.is_empty());
}

/// The name that the revision of image B will get.
fn name_of_b(model: &Model) -> String {
    let mut ahead = model.clone();
    let before = ahead.names(Kind::ControllerRevision);
    ahead.image("nginx:B");
    ahead.settle();
    let mut after = ahead.names(Kind::ControllerRevision).into_iter();
    after.find(|name| !before.contains(name)).unwrap()
}

#[test]
fn names_of_revisions_that_are_taken() {
    let mut model = ready(1, "");
    let name = name_of_b(&model);
    let mut borrowed = model.clone();
    let other = format!(
        "apiVersion: apps/v1
kind: ControllerRevision
metadata: {{name: {name}}}
revision: 7
data: {{spec: {{template: {{spec: {{containers: [{{image: 'nginx:X'}}]}}}}}}}}"
    );
    model.create(&other);
    let mut both = model.clone();
    model.image("nginx:B");
    check(
        &mut model,
        &[
            "web: RevisionCollision { taken: X, count: 1 }",
            "web: RevisionCreated { revision: B, number: 2 }",
            "web-0 & web: PodUpdated { pod: web-0, from: A, to: B, unavailable: false }",
        ],
    );
    assert_eq!(model.status("collisionCount"), 1);
    let second = name_of_b(&both);
    borrow(&mut both, &second);
    both.image("nginx:B");
    both.sync().unwrap();
    assert!(both.reasons.contains(&R::RevisionBorrowed { revision: second.as_str().into() }));
    assert_eq!(both.set().status().get("updateRevision").str(), second);
    borrow(&mut borrowed, &name);
    borrowed.image("nginx:B");
    let updated = "web-0 & web: PodUpdated { pod: web-0, from: A, to: B, unavailable: false }";
    check(&mut borrowed, &["web: RevisionBorrowed { revision: B }", updated]);
}

/// Creates the revision that image B will get, as if somebody else had.
fn borrow(model: &mut Model, name: &str) {
    let mut ahead = model.clone();
    ahead.image("nginx:B");
    ahead.settle();
    let mut copy = ahead.get(Kind::ControllerRevision, name).unwrap();
    for field in ["uid", "resourceVersion", "ownerReferences", "labels"] {
        copy.value.remove(&["metadata", field]);
    }
    model.user(Request::create(Actor::User, &copy));
}

#[test]
fn claims() {
    let mut model = ready(2, CLAIM);
    model.delete_pod(1);
    model.gone(1);
    check(
        &mut model,
        &[
            "web-1 & web: PodCreated { pod: web-1, revision: A, choice: Only }",
            "web-1: ClaimReused { claim: www-web-1, pod: web-1 }",
            "www-web-1: ClaimReused { claim: www-web-1, pod: web-1 }",
        ],
    );
    model.complete();
    edit(&mut model, Kind::PersistentVolumeClaim, "www-web-1", "finalizers: [a/b]");
    let claim = key(Kind::PersistentVolumeClaim, "www-web-1");
    model.user(Request::new(Actor::User, claim, Verb::Delete(DeleteOptions::default())));
    model.delete_pod(1);
    model.gone(1);
    check(
        &mut model,
        &[
            "web: ClaimTerminating { claim: www-web-1, pod: web-1 }",
            "web-1: ClaimTerminating { claim: www-web-1, pod: web-1 }",
            "www-web-1: ClaimTerminating { claim: www-web-1, pod: web-1 }",
        ],
    );
}

#[test]
fn owners_of_claims() {
    let mut model = ready(2, &format!("{CLAIMS_GO}{CLAIM}"));
    model.spec("replicas: 1");
    check(
        &mut model,
        &[
            "www-web-1 & web: ClaimOwnersUpdated { claim: www-web-1, owner: Pod }",
            "web-1 & web: ClaimOwnersUpdated { claim: www-web-1, owner: Pod }",
            "web-1 & web: ScaledDown { pod: web-1, replicas: 1 }",
        ],
    );
    model.gone(1);
    model.spec("replicas: 3");
    check(
        &mut model,
        &[
            "web-1 & web: ClaimStale { claim: www-web-1, pod: web-1 }",
            "web-2: NotCreatedYet { pod: web-2, count: 1, blocker: web-1 }",
        ],
    );
    model.spec("persistentVolumeClaimRetentionPolicy: {whenScaled: Retain, whenDeleted: Retain}");
    assert_eq!(model.sync().unwrap(), ["create 1@A"], "a claim that stays is nobody's");
    let mut model = ready(1, CLAIM);
    model.spec("persistentVolumeClaimRetentionPolicy: {whenScaled: Retain, whenDeleted: Delete}");
    check(
        &mut model,
        &[
            "www-web-0 & web: ClaimOwnersUpdated { claim: www-web-0, owner: Set }",
            "web-0 & web: ClaimOwnersUpdated { claim: www-web-0, owner: Set }",
        ],
    );
    model.spec("persistentVolumeClaimRetentionPolicy: {whenScaled: Retain, whenDeleted: Retain}");
    check(
        &mut model,
        &[
            "www-web-0 & web: ClaimOwnersUpdated { claim: www-web-0, owner: Nobody }",
            "web-0 & web: ClaimOwnersUpdated { claim: www-web-0, owner: Nobody }",
        ],
    );
}

#[test]
fn repairs() {
    let mut model = ready(1, "");
    let label = "labels: {statefulset.kubernetes.io/pod-name: other}";
    edit(&mut model, Kind::Pod, "web-0", label);
    check(&mut model, &["web-0 & web: IdentityRepaired { pod: web-0 }"]);
    check(&mut model, &["web: UpToDate { replicas: 1 }"]);
}

#[test]
fn recreation() {
    let mut model = Model::new(&set(2, ""));
    model.api.set_feature_gate(Gate::StatefulSetRecreateStrategy, true);
    model.spec("updateStrategy: {type: Recreate, rollingUpdate: null}");
    model.complete();
    model.image("nginx:B");
    check(
        &mut model,
        &[
            "web: RevisionCreated { revision: B, number: 2 }",
            "web-0 & web: PodRecreated { pod: web-0, from: A, to: B }",
            "web-1 & web: PodRecreated { pod: web-1, from: A, to: B }",
        ],
    );
    check(&mut model, &["web: RecreateWaits { count: 2, pod: web-0 }"]);
}
