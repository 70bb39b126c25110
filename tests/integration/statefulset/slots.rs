//! Pods of irregular names in the slots of a set (`web-01` in that of web-1), and slots that are
//! looked at together. Each was found by a mutant that survived (see MUTANTS.md).

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::request::{Actor, DeleteOptions, Patch, Request, Verb};
use statefulset_playground::controller::reason::StatefulSetReason as R;
use statefulset_playground::value;

use super::bench::key;
use super::corners::{add_pod, ready, set_ready, set_status};
use super::model::{Model, set};

const LABEL: &str = "statefulset.kubernetes.io/pod-name";

/// A set whose Pods were made by hand, ready or not, before it wants any.
fn by_hand(pods: &[(&str, &str)], more: &str) -> Model {
    let mut model = Model::new(&set(0, more));
    model.settle();
    for (name, ready) in pods {
        add_pod(&mut model, name);
        set_ready(&mut model, name, ready);
    }
    model.now = model.now.after(Duration::from_secs(60));
    model
}

fn told(model: &Model, about: &str) -> Vec<R> {
    let about = model.told.iter().filter(|(name, _)| name == about);
    about.map(|(_, reason)| reason.clone()).collect()
}

#[test]
fn all_mislabelled_pods_are_put_right_at_once() {
    let mut model = ready(3, "");
    for name in ["web-0", "web-2"] {
        let yaml = format!("metadata: {{labels: {{{LABEL}: other}}}}");
        model.patch(Kind::Pod, name, &yaml);
    }
    model.sync().unwrap();
    for ordinal in 0..3 {
        assert_eq!(model.pod(ordinal).label(LABEL), Some(&*format!("web-{ordinal}")));
    }
}

/// A slot with a Pod of an irregular name is not missing.
#[test]
fn an_irregular_name_fills_its_slot() {
    let mut model = by_hand(&[("web-0", "False"), ("web-01", "True"), ("web-3", "True")], "");
    model.spec("replicas: 5");
    model.sync().unwrap();
    let (pod, blocker) = ("web-2".into(), "web-0".into());
    assert_eq!(told(&model, "web-2"), [R::NotCreatedYet { pod, count: 2, blocker }]);
    for other in ["web-1", "web-01", "web-4"] {
        assert_eq!(told(&model, other), [], "{other}");
    }
}

/// Whatever waits for a Pod names it as it is called.
#[test]
fn an_irregular_name_is_told_as_it_is() {
    let mut model = by_hand(&[("web-0", "True"), ("web-01", "False"), ("web-2", "False")], "");
    model.spec("replicas: 1");
    model.sync().unwrap();
    let (pod, blocker) = ("web-2".into(), "web-01".into());
    assert_eq!(told(&model, "web-2"), [R::CondemnedBlocked { pod, blocker, ready: false }]);
    let mut available = model.clone();
    set_status(&mut available, "web-01", "True");
    assert_eq!(available.sync().unwrap(), ["delete 2"], "only what is unavailable blocks");
    model.spec("replicas: 3");
    model.sync().unwrap();
    let waits = R::WaitingForReady { pod: "web-01".into(), running: true, outdated: false };
    assert_eq!(told(&model, "web-01"), [waits]);
    let mut model =
        by_hand(&[("web-0", "True"), ("web-01", "True")], "podManagementPolicy: Parallel");
    let verb = Verb::Delete(DeleteOptions::default());
    model.user(Request::new(Actor::User, key(Kind::Pod, "web-01"), verb));
    model.spec("replicas: 2");
    model.image("nginx:B");
    model.sync().unwrap_err();
    let blocker = "web-01".into();
    let waits = R::UpdateWaits { unavailable: 1, max_unavailable: 1, blocker };
    assert_eq!(told(&model, "web-0"), [waits]);
}

/// A Pod is available when the time is past, not when it is reached.
#[test]
fn an_irregular_name_becomes_available_like_others() {
    for (seconds, available) in [(60, 0), (61, 2)] {
        let mut model = by_hand(&[("web-0", "True"), ("web-01", "True")], "");
        model.now = model.now.after(Duration::from_secs(seconds - 60));
        model.spec("replicas: 2, minReadySeconds: 60");
        let _ = model.sync();
        assert_eq!(model.status("availableReplicas"), available, "{seconds}");
    }
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
            let patch = Patch::Merge(status);
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
    model.gone(1);
    model.complete();
    model.image("nginx:C");
    model.settle();
    model.gone(3);
    model.settle();
    model.ready(3);
    assert_eq!(model.sync().unwrap(), ["delete 2"]);
    let reason = R::UpdateWaits { unavailable: 1, max_unavailable: 1, blocker: "web-2".into() };
    assert!(told(&mut model).contains(&reason), "{:?}", model.reasons);
    model.gone(2);
    assert!(told(&mut model).contains(&reason), "missing is unavailable: {:?}", model.reasons);
}

#[test]
fn the_highest_irregular_name_goes_first() {
    for (replicas, image) in [(0, "nginx:A"), (3, "nginx:B")] {
        let names = [("web-0", "True"), ("web-01", "True"), ("web-02", "True")];
        let mut model = by_hand(&names, "podManagementPolicy: Parallel");
        model.image(image);
        model.spec(&format!("replicas: {replicas}"));
        let decision = model.begin().decision;
        let mut deletions =
            decision.steps.iter().filter(|s| matches!(s.request.verb, Verb::Delete(_)));
        assert_eq!(deletions.next().map(|step| &*step.request.key.name), Some("web-02"));
    }
}
