//! Corners that no other test looks into, each found by a mutant that survived
//! (see MUTANTS.md).

use statefulset_playground::api::object::Object;
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::request::{Actor, DeleteOptions, Patch, Request, Verb};
use statefulset_playground::controller::Controller;
use statefulset_playground::controller::reason::StatefulSetReason as R;
use statefulset_playground::controller::statefulset::StatefulSetController;
use statefulset_playground::controller::statefulset::control::max_unavailable;
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
    set_status(model, name, ready);
}

/// Running, and Ready or not.
pub fn set_status(model: &mut Model, name: &str, ready: &str) {
    let since: Value = model.now.rfc3339().into();
    let status = value!({"status": {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": since}],
    }});
    let verb = Verb::Patch(Patch::Merge(status));
    let kubelet = Actor::Kubelet("node1".into());
    model.user(Request::new(kubelet, key(Kind::Pod, name), verb).on("status"));
}

#[test]
fn a_set_at_rest_is_not_written_to() {
    let policy = "persistentVolumeClaimRetentionPolicy: {whenScaled: Delete, whenDeleted: Delete}";
    for (replicas, policy) in [(2, ""), (2, policy), (0, "")] {
        let mut model = ready(replicas, &format!("{CLAIM}{policy}"));
        let decision = model.begin().decision;
        assert!(decision.steps.is_empty() && decision.finally.is_empty(), "{decision:?}");
    }
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
    for (text, replicas, expected) in
        [("100%", 99, 99), ("99%", 100, 99), ("50%", 3, 1), ("10%", 4, 1)]
    {
        assert_eq!(max_unavailable(&text.into(), replicas), expected, "{text} of {replicas}");
    }
}

/// Pods come in batches of 1, 2, 4 and so on. One whose claims cannot be made ends the sync after
/// its batch.
#[test]
fn a_failure_ends_the_sync_after_its_batch() {
    for (start, failing, created) in
        [(0, 1, vec![0, 2]), (0, 3, vec![0, 1, 2, 4, 5, 6]), (3, 4, vec![3, 5])]
    {
        let mut model = ready(
            9,
            &format!("podManagementPolicy: Parallel\nordinals: {{start: {start}}}\n{CLAIM}"),
        );
        let name = format!("www-web-{failing}");
        model.patch(Kind::PersistentVolumeClaim, &name, "metadata: {finalizers: [a/b]}");
        let claim = key(Kind::PersistentVolumeClaim, &name);
        model.user(Request::new(Actor::User, claim, Verb::Delete(DeleteOptions::default())));
        for ordinal in start..start + 9 {
            model.delete_pod(ordinal);
            model.gone(ordinal);
        }
        assert_eq!(model.sync().unwrap_err(), format!("pvc {name} is being deleted"));
        assert_eq!(model.ordinals(), created);
    }
}

/// No batch has more than 500 Pods: after 1, 2, 4 ... 256 they end at 511, 1011 and 1511.
#[test]
fn a_batch_has_500_pods_at_most() {
    let mut model = Model::new(&set(1_020, "podManagementPolicy: Parallel"));
    model.settle();
    for ordinal in [1_005, 1_015] {
        model.delete_pod(ordinal);
    }
    model.refuse("create", Kind::Pod, 1);
    model.sync().unwrap_err();
    let made = model.ordinals().into_iter().filter(|ordinal| *ordinal > 1_000);
    assert!(!made.clone().any(|ordinal| ordinal == 1_015), "{:?}", made.collect::<Vec<_>>());
}

/// A Pod that cannot be adopted ends the sync, side by side as well.
#[test]
fn a_refused_adoption_ends_the_sync() {
    for policy in ["OrderedReady", "Parallel"] {
        let mut model = ready(2, &format!("podManagementPolicy: {policy}"));
        model.patch(Kind::Pod, "web-0", "metadata: {ownerReferences: null}");
        model.delete_pod(1);
        model.gone(1);
        model.refuse("update", Kind::Pod, 1);
        model.sync().unwrap_err();
        assert_eq!(model.names(Kind::Pod), ["web-0"], "{policy}");
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

/// `currentReplicas` goes down in the very sync that deletes a Pod to update it.
#[test]
fn a_deletion_for_an_update_is_counted_at_once() {
    let mut model = ready(3, "");
    model.image("nginx:B");
    assert_eq!(model.sync().unwrap(), ["delete 2"]);
    assert_eq!(model.counters(), [3, 3, 2, 0]);
    let mut model = ready(3, "");
    model.image("nginx:B");
    model.refuse("delete", Kind::Pod, 1);
    model.sync().unwrap_err();
    assert_eq!(model.counters(), [3, 3, 3, 0]);
    assert_eq!(model.sync().unwrap(), ["delete 2"], "and nothing else has changed");
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

/// What metadata a Pod takes from the template, and what of its name comes from the set.
#[test]
fn a_pod_takes_its_metadata_from_the_template() {
    let text = set(1, "").replace("  serviceName: nginx\n", "");
    let labels = "      labels:\n";
    let more = "      annotations: {note: a}\n      finalizers: [example.com/hold]\n";
    let mut model = Model::new(&text.replace(labels, &format!("{more}{labels}")));
    model.sync().unwrap();
    let pod = model.pod(0);
    assert_eq!(pod.metadata().get("annotations").get("note").str(), "a");
    assert_eq!(pod.metadata().get("finalizers").at(0).str(), "example.com/hold");
    assert_eq!(pod.metadata().get("generateName").str(), "web-");
    assert_eq!(pod.spec().get("hostname").str(), "web-0");
    assert!(pod.spec().get("subdomain").is_null());
    assert_eq!(ready(1, "").pod(0).spec().get("subdomain").str(), "nginx");
}

/// A partition above everything keeps everything, wherever the ordinals begin.
#[test]
fn a_partition_may_be_as_high_as_can_be() {
    let mut model = ready(2, "ordinals: {start: 1}");
    model.spec("updateStrategy: {rollingUpdate: {partition: 2147483647}}");
    model.image("nginx:B");
    assert_eq!(model.settle(), [] as [&str; 0]);
}

/// Ordinals end with the last 32-bit number.
#[test]
fn the_last_ordinals_are_not_passed() {
    let mut model = Model::new(&set(3, "podManagementPolicy: Parallel"));
    model.spec("ordinals: {start: 2147483645}");
    model.settle();
    assert_eq!(model.ordinals(), [i32::MAX - 2, i32::MAX - 1]);
}

/// Revisions stay that the next Pod will be made from, even while no Pod has them.
#[test]
fn revisions_in_force_are_kept_without_pods() {
    let budget = "updateStrategy: {rollingUpdate: {partition: 1}}";
    let mut model = ready(1, &format!("revisionHistoryLimit: 0\n{budget}"));
    model.image("nginx:B");
    model.settle();
    model.delete_pod(0);
    model.settle();
    assert_eq!(model.names(Kind::ControllerRevision).len(), 2, "B has no Pod yet");
    model.gone(0);
    assert_eq!(model.settle(), ["create 0@A"]);
    assert_eq!(model.names(Kind::ControllerRevision).len(), 2);
}

/// A status that is refused does not keep old revisions.
#[test]
fn history_is_cut_without_a_status() {
    let mut model = ready(1, "");
    model.image("nginx:B");
    model.complete();
    model.spec("revisionHistoryLimit: 0");
    model.refuse("update", Kind::StatefulSet, 1);
    model.sync().unwrap_err();
    assert_eq!(model.names(Kind::ControllerRevision).len(), 1);
}

/// A revision that cannot be numbered anew ends the sync before anything else.
#[test]
fn without_its_number_a_revision_is_not_used() {
    let mut model = ready(1, "");
    model.image("nginx:B");
    model.complete();
    model.image("nginx:A");
    model.refuse("update", Kind::ControllerRevision, 1);
    model.sync().unwrap_err();
    assert!(!model.pod(0).is_terminating());
    assert_eq!(model.status("observedGeneration"), 2, "no status either");
    assert_eq!(model.settle(), ["delete 0"]);
}

/// A revision that was replaced meanwhile is not numbered anew, and nothing is made from it.
#[test]
fn a_revision_is_renumbered_with_care() {
    let mut model = ready(1, "");
    let first = model.names(Kind::ControllerRevision).remove(0);
    model.image("nginx:B");
    model.complete();
    model.image("nginx:A");
    let mut running = model.begin();
    let mut copy = model.get(Kind::ControllerRevision, &first).unwrap();
    model.user(Request::delete(Actor::User, &copy));
    for field in ["uid", "resourceVersion"] {
        copy.value.remove(&["metadata", field]);
    }
    model.user(Request::create(Actor::User, &copy));
    while model.step(&mut running, &mut Vec::new()) {}
    assert!(running.error.is_some());
    assert!(!model.pod(0).is_terminating());
}

/// In order, a sync that scales down updates nothing.
#[test]
fn scaling_down_comes_before_updates() {
    let mut model = ready(3, "");
    model.image("nginx:B");
    model.spec("replicas: 2");
    assert_eq!(model.sync().unwrap(), ["delete 2"]);
    let decision = model.begin().decision;
    assert!(decision.reasons.iter().any(|(about, _)| *about == key(Kind::Pod, "web-2")));
}

/// A revision stays as long as a Pod has it.
#[test]
fn revisions_of_pods_are_kept() {
    let mut model = ready(3, "revisionHistoryLimit: 0");
    model.image("nginx:B");
    model.settle();
    model.gone(2);
    model.settle();
    model.image("nginx:C");
    model.settle();
    assert_eq!(model.names(Kind::ControllerRevision).len(), 3);
}

/// A set whose Pods are being put right is not up to date.
#[test]
fn a_repair_is_no_rest() {
    const LABEL: &str = "statefulset.kubernetes.io/pod-name";
    let mut model = ready(2, "podManagementPolicy: Parallel");
    model.patch(Kind::Pod, "web-1", &format!("metadata: {{labels: {{{LABEL}: other}}}}"));
    model.sync().unwrap();
    let rests = |reason: &R| matches!(reason, R::UpToDate { .. });
    assert!(!model.reasons.iter().any(rests), "{:?}", model.reasons);
    model.sync().unwrap();
    assert!(model.reasons.iter().any(rests), "{:?}", model.reasons);
}

#[test]
fn a_reason_about_a_missing_pod_is_about_a_pod() {
    let mut model = Model::new(&set(1, ""));
    let decision = model.begin().decision;
    let about = |kind| decision.reasons.iter().any(|(about, _)| *about == key(kind, "web-0"));
    assert!(about(Kind::Pod) && !about(Kind::Node), "{:?}", decision.reasons);
}

/// Pods of several old revisions go by their ordinals, whatever revision they have.
#[test]
fn the_highest_ordinal_of_all_old_revisions_goes_first() {
    let mut model = ready(3, "updateStrategy: {type: OnDelete}");
    model.image("nginx:B");
    model.delete_pod(1);
    model.gone(1);
    model.complete();
    assert_eq!(
        [0, 1, 2].map(|ordinal| model.pod_image(ordinal)),
        ["nginx:A", "nginx:B", "nginx:A"]
    );
    model.image("nginx:C");
    model.spec("updateStrategy: {type: RollingUpdate}");
    assert_eq!(model.settle(), ["delete 2"]);
}
