//! Corners that no other test looks into, each found by a mutant that survived
//! (see MUTANTS.md).

use statefulset_playground::api::object::Object;
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::feature_gates::Gate;
use statefulset_playground::apiserver::request::{Actor, DeleteOptions, Request, Verb};
use statefulset_playground::controller::Controller;
use statefulset_playground::controller::reason::StatefulSetReason as R;
use statefulset_playground::controller::statefulset::StatefulSetController;
use statefulset_playground::controller::statefulset::control::max_unavailable;
use statefulset_playground::controller::statefulset::retention::{
    Owners, has_stale_owner, is_claim_owner_up_to_date,
};
use statefulset_playground::value;

use super::bench::key;
use super::model::{CLAIM, Model, set};

pub fn ready(replicas: u32, more: &str) -> Model {
    let mut model = Model::new(&set(replicas, more));
    model.complete();
    model
}

/// A Pod of the set made by hand, with the revision that is in force.
pub fn add_pod(model: &mut Model, name: &str) {
    let set = model.set();
    let revision = set.status().get("updateRevision").str().to_owned();
    let pod = value!({
        "metadata": {
            "name": name,
            "namespace": "default",
            "labels": {
                "app": "nginx",
                "statefulset.kubernetes.io/pod-name": name,
                "controller-revision-hash": revision,
            },
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web",
                "uid": (set.uid()), "controller": true,
            }],
        },
        "spec": {"containers": [{"name": "nginx", "image": "nginx:A"}]},
    });
    model.user(Request::create(Actor::User, &Object::new(Kind::Pod, pod)));
}

pub fn set_ready(model: &mut Model, name: &str, ready: &str) {
    let target = value!({"kind": "Node", "name": "node1"});
    let binding = value!({"metadata": {"name": name}, "target": target});
    let bind = Request::new(Actor::Scheduler, key(Kind::Pod, name), Verb::Create(binding));
    model.user(bind.on("binding"));
    let since: Value = model.now.rfc3339().into();
    let status = value!({"status": {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": since}],
    }});
    let verb = Verb::Patch(statefulset_playground::apiserver::request::Patch::Merge(status));
    let kubelet = Actor::Kubelet("node1".into());
    model.user(Request::new(kubelet, key(Kind::Pod, name), verb).on("status"));
}

#[test]
fn a_set_at_rest_is_not_written_to() {
    let mut model = ready(2, CLAIM);
    let decision = model.begin().decision;
    assert!(decision.steps.is_empty() && decision.finally.is_empty(), "{decision:?}");
    assert_eq!(StatefulSetController.name(), "statefulset-controller");
}

#[test]
fn without_its_revision_nothing_is_made() {
    let mut model = Model::new(&set(1, ""));
    model.refuse("create", Kind::ControllerRevision, 1);
    assert!(model.sync().is_err());
    assert!(model.names(Kind::Pod).is_empty());
    assert!(model.set().status().get("currentRevision").is_null(), "no status either");
    model.image("nginx:B");
    model.complete();
    assert_eq!(model.counters(), [1; 4]);
}

#[test]
fn percentages_of_replicas_are_rounded_down() {
    for (text, replicas, expected) in [("100%", 99, 99), ("99%", 100, 99), ("50%", 3, 1)] {
        assert_eq!(max_unavailable(&text.into(), replicas), expected, "{text} of {replicas}");
    }
}

/// Claims of web-1 cannot be made; web-2, of the same batch, comes; web-3, of the next, does not.
#[test]
fn a_failure_ends_the_sync_after_its_batch() {
    let mut model = ready(4, &format!("podManagementPolicy: Parallel\n{CLAIM}"));
    let finalizers = "metadata: {finalizers: [a/b]}";
    model.patch(Kind::PersistentVolumeClaim, "www-web-1", finalizers);
    let claim = key(Kind::PersistentVolumeClaim, "www-web-1");
    model.user(Request::new(Actor::User, claim, Verb::Delete(DeleteOptions::default())));
    for ordinal in 0..4 {
        model.delete_pod(ordinal);
        model.gone(ordinal);
    }
    let error = model.sync().unwrap_err();
    assert_eq!(error, "pvc www-web-1 is being deleted");
    assert_eq!(model.names(Kind::Pod), ["web-0", "web-2"]);
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
    assert!(model.told.contains(&("web".into(), reason)), "the set can be asked why");
}

/// `web-01` stands in the slot of web-1: it counts as unavailable once, not ready or ready too
/// recently.
#[test]
fn a_pod_with_an_irregular_name_takes_from_the_budget() {
    for (ready_1, min_ready, max, expected) in [
        ("False", 0, 1, vec!["delete web-01"]),
        ("True", 30, 1, vec!["delete web-01"]),
        ("True", 30, 2, vec!["delete web-01", "delete web-2"]),
    ] {
        let mut model = Model::new(&set(0, "podManagementPolicy: Parallel"));
        model.settle();
        for name in ["web-0", "web-2", "web-01"] {
            add_pod(&mut model, name);
            set_ready(&mut model, name, if name == "web-01" { "False" } else { "True" });
        }
        model.now = model.now.after(Duration::from_secs(60));
        if ready_1 == "True" {
            let since: Value = model.now.rfc3339().into();
            let status = value!({"status": {"conditions": [
                {"type": "Ready", "status": "True", "lastTransitionTime": since},
            ]}});
            let patch = statefulset_playground::apiserver::request::Patch::Merge(status);
            let kubelet = Actor::Kubelet("node1".into());
            let pod = key(Kind::Pod, "web-01");
            model.user(Request::new(kubelet, pod, Verb::Patch(patch)).on("status"));
        }
        let budget = format!("updateStrategy: {{rollingUpdate: {{maxUnavailable: {max}}}}}");
        model.spec(&format!("replicas: 3, minReadySeconds: {min_ready}, {budget}"));
        model.image("nginx:B");
        let decision = model.begin().decision;
        let deletions = decision.steps.iter().filter(|s| matches!(s.request.verb, Verb::Delete(_)));
        let done: Vec<_> = deletions.map(|s| format!("delete {}", s.request.key.name)).collect();
        assert_eq!(done, expected, "{ready_1} {min_ready} {max}");
    }
}

/// A surplus Pod takes nothing from the budget; one that is being deleted and became ready too
/// recently takes from it once.
#[test]
fn every_wanted_pod_takes_from_the_budget_once() {
    for (replicas, max) in [(2, 1), (3, 2)] {
        let mut model = ready(3, "podManagementPolicy: Parallel");
        model.unready(2);
        model.now = model.now.after(Duration::from_secs(60));
        model.ready(2);
        model.delete_pod(2);
        let budget = format!("updateStrategy: {{rollingUpdate: {{maxUnavailable: {max}}}}}");
        model.spec(&format!("replicas: {replicas}, minReadySeconds: 30, {budget}"));
        model.image("nginx:B");
        assert_eq!(model.sync().unwrap(), ["delete 1"], "{replicas}");
    }
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

/// A revision that cannot be deleted does not keep the others.
#[test]
fn history_is_cut_as_far_as_it_can_be() {
    let mut model = ready(1, "");
    for image in ["nginx:B", "nginx:C"] {
        model.image(image);
        model.complete();
    }
    assert_eq!(model.names(Kind::ControllerRevision).len(), 3);
    model.spec("revisionHistoryLimit: 0");
    model.refuse("delete", Kind::ControllerRevision, 1);
    assert!(model.sync().is_err());
    assert_eq!(model.names(Kind::ControllerRevision).len(), 2);
    model.settle();
    assert_eq!(model.names(Kind::ControllerRevision).len(), 1);
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
    let owners = Owners { set: &set, pod: &pod, condemned: false };
    for (references, expected) in [
        (vec![of_set("former")], true),
        (vec![of_pod("former")], true),
        (vec![of_pod("former"), of_set(set.uid())], true),
        (vec![of_set("former"), of_pod(pod.uid())], true),
        (vec![of_set(set.uid())], true),
        (vec![of_pod(pod.uid())], false),
    ] {
        let claim = claim(references);
        assert_eq!(is_claim_owner_up_to_date(&claim, owners), expected, "{claim:?}");
    }
}

#[test]
fn the_lowest_pod_that_is_not_available_yet_is_waited_for() {
    let mut model = ready(3, "");
    for ordinal in [0, 1, 2] {
        model.unready(ordinal);
    }
    model.spec("minReadySeconds: 30");
    model.now = model.now.after(Duration::from_secs(60));
    for ordinal in [0, 1, 2] {
        model.ready(ordinal);
    }
    model.sync().unwrap();
    let at = model.now.after(Duration::from_secs(30));
    let reason = R::WaitingForAvailable { pod: "web-0".into(), at };
    assert_eq!(model.reasons[0], reason);
}

#[test]
fn the_highest_unavailable_pod_is_named() {
    let mut model = ready(4, "podManagementPolicy: Parallel");
    model.image("nginx:B");
    model.settle();
    model.gone(3);
    model.settle();
    model.delete_pod(1);
    let told = |model: &mut Model| {
        model.sync().unwrap();
        model.reasons.clone()
    };
    let blocker = "web-3".into();
    let reason = R::UpdateWaits { unavailable: 2, max_unavailable: 1, blocker };
    assert!(told(&mut model).contains(&reason), "{:?}", model.reasons);
}

/// `currentReplicas` goes down in the very sync that deletes a Pod to update it.
#[test]
fn a_deletion_for_an_update_is_counted_at_once() {
    let mut model = ready(3, "");
    model.image("nginx:B");
    assert_eq!(model.sync().unwrap(), ["delete 2"]);
    assert_eq!(model.counters(), [3, 3, 2, 0]);
}

/// A selector of expressions alone is as good as one of labels.
#[test]
fn a_selector_of_expressions_selects() {
    let selector = "selector:\n    matchExpressions: [{key: app, operator: In, values: [nginx]}]";
    let text = set(2, "").replace("selector:\n    matchLabels:\n      app: nginx", selector);
    let mut model = Model::new(&text);
    model.complete();
    assert_eq!(model.counters(), [2; 4]);
}

/// `Recreate` deletes Pods of irregular names, too, and waits for them.
#[test]
fn recreation_knows_irregular_names() {
    let mut model = ready(1, "");
    model.api.set_feature_gate(Gate::StatefulSetRecreateStrategy, true);
    model.spec("updateStrategy: {type: Recreate, rollingUpdate: null}");
    add_pod(&mut model, "web-07");
    set_ready(&mut model, "web-07", "True");
    model.image("nginx:B");
    model.sync().unwrap();
    for name in ["web-0", "web-07"] {
        assert!(model.get(Kind::Pod, name).unwrap().is_terminating(), "{name}");
    }
    model.gone(0);
    model.sync().unwrap();
    assert_eq!(model.reasons, [R::RecreateWaits { count: 1, pod: "web-07".into() }]);
}

/// The condition of `Recreate` stands beside others and keeps its time while its reason changes.
#[test]
fn progress_is_one_condition_among_others() {
    let mut model = ready(1, "");
    let since = "2026-01-02T03:04:05Z";
    let status = value!({"status": {"conditions": [
        {"type": "First", "status": "True", "lastTransitionTime": since},
        {"type": "Progressing", "status": "True", "lastTransitionTime": since, "reason": "Old"},
        {"type": "Last", "status": "True", "lastTransitionTime": since},
    ]}});
    let verb = Verb::Patch(statefulset_playground::apiserver::request::Patch::Merge(status));
    let web = key(Kind::StatefulSet, "web");
    model.user(Request::new(Actor::User, web, verb).on("status"));
    model.api.set_feature_gate(Gate::StatefulSetRecreateStrategy, true);
    model.spec("updateStrategy: {type: Recreate, rollingUpdate: null}");
    model.settle();
    let set = model.set();
    let conditions = set.status().get("conditions").items();
    let told = |c: &Value| {
        let field = |name| c.get(name).str().to_owned();
        (field("type"), field("lastTransitionTime"), field("reason"))
    };
    let expected = [("First", ""), ("Last", ""), ("Progressing", "RecreateComplete")]
        .map(|(name, reason)| (name.to_owned(), since.to_owned(), reason.to_owned()));
    assert_eq!(conditions.iter().map(told).collect::<Vec<_>>(), expected);
}
