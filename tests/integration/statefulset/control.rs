//! Upstream's `stateful_set_control_test.go`, case by case under its names.

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;

use super::model::{CLAIM, Model, Refuse, set};
use crate::invariant;

const POLICIES: [&str; 2] = ["OrderedReady", "Parallel"];
const RETENTION: [(&str, &str); 4] =
    [("Retain", "Retain"), ("Retain", "Delete"), ("Delete", "Retain"), ("Delete", "Delete")];

/// Runs a case with both ways of managing Pods and the four retention policies.
fn run_test_over_pvc_retention_policies(case: impl Fn(&str)) {
    for policy in POLICIES {
        for (scaled, deleted) in RETENTION {
            let retention = format!("{{whenScaled: {scaled}, whenDeleted: {deleted}}}");
            case(&format!(
                "podManagementPolicy: {policy}
persistentVolumeClaimRetentionPolicy: {retention}
{CLAIM}"
            ));
        }
    }
}

fn model(replicas: u32, more: &str) -> Model {
    let mut model = Model::new(&set(replicas, more));
    model.complete();
    model
}

/// All invariants that hold when nothing but the controller changes anything.
#[track_caller]
fn check_all(model: &Model) {
    let (lister, set) = (model.lister(), model.set());
    invariant::check(lister, &set);
    invariant::claims_follow_policy::check(lister, &set);
    invariant::identity_and_storage::check_labels(lister, &set);
    if set.spec().get("podManagementPolicy").str() == "OrderedReady" {
        invariant::ordered_ready::check(lister, &set);
        invariant::update_is_partitioned::check(lister, &set);
    }
}

/// As [`Model::complete`], with all invariants after every step.
#[track_caller]
fn complete(model: &mut Model) {
    for _ in 0..200 {
        let done = model.settle();
        check_all(model);
        if done.is_empty() && model.environment().is_empty() {
            return;
        }
    }
    panic!("does not end");
}

#[test]
fn creates_pods() {
    run_test_over_pvc_retention_policies(|spec| {
        let mut model = Model::new(&set(3, spec));
        complete(&mut model);
        assert_eq!(model.counters(), [3, 3, 3, 3], "{spec}");
        assert_eq!(
            model.names(Kind::PersistentVolumeClaim),
            ["www-web-0", "www-web-1", "www-web-2"]
        );
    });
}

#[test]
fn scales_up() {
    run_test_over_pvc_retention_policies(|spec| {
        let mut model = model(3, spec);
        model.spec("replicas: 4");
        complete(&mut model);
        assert_eq!(model.counters(), [4, 4, 4, 4], "{spec}");
    });
}

#[test]
fn scales_down() {
    run_test_over_pvc_retention_policies(|spec| {
        let mut model = model(3, spec);
        model.spec("replicas: 0");
        complete(&mut model);
        assert_eq!(model.counters(), [0, 0, 0, 0], "{spec}");
        // Each claim belongs to its Pod, for the garbage collector; or to the set; or to nobody.
        for name in ["www-web-0", "www-web-1", "www-web-2"] {
            let claim = model.get(Kind::PersistentVolumeClaim, name).unwrap();
            let owners: Vec<&str> = claim.owner_references().map(|owner| owner.kind()).collect();
            let expected: &[&str] = if spec.contains("whenScaled: Delete") {
                &["Pod"]
            } else if spec.contains("whenDeleted: Delete") {
                &["StatefulSet"]
            } else {
                &[]
            };
            assert_eq!(owners, expected, "{spec}");
        }
    });
}

#[test]
fn replaces_pods() {
    run_test_over_pvc_retention_policies(|spec| {
        let mut model = model(5, spec);
        for ordinal in [0, 2, 4] {
            let before = model.pod(ordinal);
            model.delete_pod(ordinal);
            model.settle();
            model.gone(ordinal);
            model.complete();
            let after = model.pod(ordinal);
            assert_eq!(before.name(), after.name());
            assert_ne!(before.uid(), after.uid());
            assert_eq!(before.spec().get("volumes").at(0), after.spec().get("volumes").at(0));
            check_all(&model);
        }
        assert_eq!(model.counters(), [5, 5, 5, 5]);
    });
}

#[test]
fn recreates_failed_pod() {
    run_test_over_pvc_retention_policies(|spec| {
        for phase in ["Failed", "Succeeded"] {
            let mut model = Model::new(&set(3, spec));
            model.settle();
            let uid = model.pod(0).uid().to_owned();
            model.run_pod(0, phase, false);
            let done = model.settle();
            assert_eq!(done.first().map(String::as_str), Some("delete 0"), "{spec} {phase}");
            complete(&mut model);
            assert_ne!(model.pod(0).uid(), uid);
            assert_eq!(model.counters(), [3, 3, 3, 3]);
        }
    });
}

#[test]
fn create_pod_failure() {
    run_test_over_pvc_retention_policies(|spec| {
        let mut model = Model::new(&set(3, spec));
        model.refusals.push(Refuse { verb: "create", kind: Kind::Pod, after: 2, times: 1 });
        let mut failed = false;
        for _ in 0..20 {
            match model.sync() {
                Err(error) => {
                    assert_eq!(error, "API server failed");
                    failed = true;
                    break;
                }
                Ok(done) if done.is_empty() => drop(model.environment()),
                Ok(_) => {}
            }
        }
        assert!(failed, "{spec}");
        let event = "Warning FailedCreate Create Pod web-2 in StatefulSet web failed error: API \
                     server failed";
        assert!(model.events.iter().any(|e| e == event), "{:?}", model.events);
        model.settle();
        complete(&mut model);
        assert_eq!(model.counters(), [3, 3, 3, 3], "{spec}");
    });
}

#[test]
fn update_pod_failure() {
    run_test_over_pvc_retention_policies(|spec| {
        let mut model = model(3, spec);
        let label = "metadata: {labels: {statefulset.kubernetes.io/pod-name: other}}";
        model.patch(Kind::Pod, "web-0", label);
        model.refuse("update", Kind::Pod, 1);
        assert_eq!(model.sync(), Err("API server failed".into()), "{spec}");
        let event = "Warning FailedUpdate Update Pod web-0 in StatefulSet web failed error: API \
                     server failed";
        assert!(model.events.iter().any(|e| e == event), "{:?}", model.events);
        complete(&mut model);
        assert_eq!(model.pod(0).label("statefulset.kubernetes.io/pod-name"), Some("web-0"));
        let event = "Normal SuccessfulUpdate Update Pod web-0 in StatefulSet web successful";
        assert!(model.events.iter().any(|e| e == event), "{:?}", model.events);
    });
}

#[test]
fn update_set_status_failure() {
    run_test_over_pvc_retention_policies(|spec| {
        let mut model = Model::new(&set(3, spec));
        model.refuse("update", Kind::StatefulSet, 1);
        assert_eq!(model.sync(), Err("API server failed".into()));
        complete(&mut model);
        assert_eq!(model.counters(), [3, 3, 3, 3], "{spec}");
    });
}

#[test]
fn pod_recreate_delete_failure() {
    run_test_over_pvc_retention_policies(|spec| {
        let mut model = Model::new(&set(3, spec));
        model.settle();
        model.run_pod(0, "Failed", false);
        model.refuse("delete", Kind::Pod, 1);
        assert_eq!(model.sync(), Err("API server failed".into()), "{spec}");
        assert!(model.get(Kind::Pod, "web-0").is_some());
        complete(&mut model);
        assert_eq!(model.counters(), [3, 3, 3, 3]);
    });
}

#[test]
fn creates_pods_with_start_ordinal() {
    for policy in POLICIES {
        let mut model = model(3, &format!("podManagementPolicy: {policy}\nordinals: {{start: 2}}"));
        assert_eq!(model.ordinals(), [2, 3, 4]);
        model.spec("ordinals: {start: 0}");
        complete_moving(&mut model);
        assert_eq!(model.ordinals(), [0, 1, 2]);
    }
}

fn complete_moving(model: &mut Model) {
    for _ in 0..50 {
        let done = model.settle();
        if done.is_empty() && model.environment().is_empty() {
            return;
        }
    }
    panic!("does not end");
}

#[test]
fn scale_down_delete_error() {
    for policy in POLICIES {
        let mut model = model(3, &format!("podManagementPolicy: {policy}"));
        model.spec("replicas: 0");
        model.refusals.push(Refuse { verb: "delete", kind: Kind::Pod, after: 0, times: 1 });
        assert_eq!(model.sync(), Err("API server failed".into()));
        let event = "Warning FailedDelete Delete Pod web-2 in StatefulSet web failed error: API \
                     server failed";
        assert!(model.events.iter().any(|e| e == event), "{:?}", model.events);
        model.complete();
        assert_eq!(model.counters(), [0, 0, 0, 0]);
    }
}

#[test]
fn get_set_revisions() {
    let mut model = model(1, "");
    let numbers = |model: &Model| {
        let revisions = model.lister().in_namespace(Kind::ControllerRevision, "default");
        let mut numbers: Vec<i64> =
            revisions.map(|r| r.path(&["revision"]).as_i64().unwrap()).collect();
        numbers.sort_unstable();
        numbers
    };
    assert_eq!(numbers(&model), [1], "creates the initial revision");
    model.spec("replicas: 2");
    model.complete();
    assert_eq!(numbers(&model), [1], "does not create a new one for the same template");
    let first = model.set().status().get("updateRevision").str().to_owned();
    model.image("nginx:B");
    model.complete();
    assert_eq!(numbers(&model), [1, 2], "creates one on update");
    model.image("nginx:A");
    model.complete();
    assert_eq!(numbers(&model), [2, 3], "rolls back to the former one, renumbered");
    assert_eq!(model.set().status().get("updateRevision").str(), first);
}

#[test]
fn a_revision_name_that_is_taken_raises_the_collision_count() {
    let mut model = Model::new(&set(1, ""));
    model.sync().unwrap();
    let name = model.set().status().get("updateRevision").str().to_owned();
    let mut other = Model::new(&format!(
        "apiVersion: apps/v1
kind: ControllerRevision
metadata: {{name: {name}}}
data: {{other: content}}
revision: 1"
    ));
    other.create(&set(1, ""));
    other.complete();
    assert_eq!(other.status("collisionCount"), 1);
    let second = other.set().status().get("updateRevision").str().to_owned();
    assert_ne!(second, name);
    let revision = other.get(Kind::ControllerRevision, &second).unwrap();
    // The label keeps the hash that was computed first.
    let hash = name.trim_start_matches("web-");
    assert_eq!(revision.label("controller.kubernetes.io/hash"), Some(hash));
}

#[test]
fn rolling_update_with_max_unavailable() {
    let mut model = model(
        6,
        "podManagementPolicy: Parallel
updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 3, maxUnavailable: 2}}",
    );
    model.image("nginx:B");
    assert_eq!(model.settle(), ["delete 5", "delete 4"]);
    model.gone(4);
    assert_eq!(model.settle(), ["create 4@B"]);
    model.ready(4);
    assert_eq!(model.settle(), ["delete 3"], "one is unavailable, so one more may be");
    model.gone(5);
    model.gone(3);
    assert_eq!(model.settle(), ["create 3@B", "create 5@B"]);
    model.ready(3);
    model.ready(5);
    assert_eq!(model.settle(), [] as [&str; 0], "below the partition nothing is updated");
    assert_eq!([0, 1, 2].map(|o| model.pod_image(o)), ["nginx:A"; 3]);
}

#[test]
fn rolling_update_with_max_unavailable_in_ordered_mode_verify_invariant() {
    for (max_unavailable, partition) in [(1, 0), (2, 0), (3, 0), (2, 2), (5, 1), (2, 5)] {
        let strategy = format!(
            "updateStrategy: {{type: RollingUpdate, rollingUpdate: \
             {{partition: {partition}, maxUnavailable: {max_unavailable}}}}}"
        );
        let mut model = model(5, &strategy);
        model.image("nginx:B");
        let mut first: Vec<String> = Vec::new();
        for _ in 0..50 {
            let done = model.settle();
            invariant::update_is_partitioned::check(model.lister(), &model.set());
            if first.is_empty() {
                first = done.clone();
            }
            if done.is_empty() && model.environment().is_empty() {
                break;
            }
        }
        let batch = (5 - partition).min(max_unavailable);
        let expected: Vec<String> = (0..batch).map(|n| format!("delete {}", 4 - n)).collect();
        assert_eq!(first, expected);
        for ordinal in 0..5 {
            let image = if ordinal < partition { "nginx:A" } else { "nginx:B" };
            assert_eq!(model.pod_image(ordinal), image);
        }
    }
}

#[test]
fn rolling_update() {
    for policy in POLICIES {
        for replicas in [3, 5, 1] {
            let mut model = model(3, &format!("podManagementPolicy: {policy}"));
            model.image("nginx:B");
            model.spec(&format!("replicas: {replicas}"));
            model.complete();
            let images: Vec<String> = (0..replicas).map(|o| model.pod_image(o)).collect();
            assert!(images.iter().all(|image| image == "nginx:B"), "{policy} {images:?}");
            assert_eq!(model.ordinals(), (0..replicas).collect::<Vec<_>>());
        }
    }
}

#[test]
fn on_delete_update() {
    for policy in POLICIES {
        let spec = format!("podManagementPolicy: {policy}\nupdateStrategy: {{type: OnDelete}}");
        let mut model = model(3, &spec);
        model.image("nginx:B");
        model.complete();
        assert_eq!([0, 1, 2].map(|o| model.pod_image(o)), ["nginx:A"; 3]);
        model.delete_pod(1);
        model.gone(1);
        model.complete();
        assert_eq!([0, 1, 2].map(|o| model.pod_image(o)), ["nginx:A", "nginx:B", "nginx:A"]);
        model.spec("replicas: 4");
        model.complete();
        assert_eq!(model.pod_image(3), "nginx:B");
        assert_eq!(model.counters(), [4, 4, 2, 2]);
        for ordinal in [0, 2] {
            model.delete_pod(ordinal);
            model.gone(ordinal);
        }
        model.complete();
        assert_eq!(model.counters(), [4, 4, 4, 4], "1.37 completes the roll-out as well");
    }
}

#[test]
fn rolling_update_with_partition() {
    for policy in POLICIES {
        for replicas in [3, 4] {
            let spec = format!(
                "podManagementPolicy: {policy}
updateStrategy: {{type: RollingUpdate, rollingUpdate: {{partition: 2}}}}"
            );
            let mut model = model(3, &spec);
            model.image("nginx:B");
            model.spec(&format!("replicas: {replicas}"));
            model.complete();
            for ordinal in 0..replicas {
                let image = if ordinal < 2 { "nginx:A" } else { "nginx:B" };
                assert_eq!(model.pod_image(ordinal), image, "{policy} {ordinal}");
            }
            let status = model.set();
            let revision = |field| status.status().get(field).str().to_owned();
            assert_ne!(revision("currentRevision"), revision("updateRevision"));
        }
    }
}

#[test]
fn honors_revision_history_limit() {
    for (limit, kept) in [(2, 3), (0, 1), (1, 2), (-1, 6)] {
        let mut model = model(2, &format!("revisionHistoryLimit: {limit}"));
        for tag in 1..6 {
            model.image(&format!("nginx:{tag}"));
            model.complete();
        }
        let revisions = model.names(Kind::ControllerRevision);
        assert_eq!(revisions.len(), kept, "limit {limit}: {revisions:?}");
    }
}

#[test]
fn limits_history() {
    for policy in POLICIES {
        let spec = format!("podManagementPolicy: {policy}\nrevisionHistoryLimit: 2");
        let mut model = model(3, &spec);
        for tag in 0..10 {
            model.image(&format!("nginx:{tag}"));
            model.complete();
            assert!(model.names(Kind::ControllerRevision).len() <= 3);
        }
    }
}

#[test]
fn rollback() {
    for policy in POLICIES {
        let mut model = model(3, &format!("podManagementPolicy: {policy}"));
        let first = model.set().status().get("currentRevision").str().to_owned();
        model.image("nginx:B");
        model.complete();
        assert_eq!(model.pod_image(2), "nginx:B");
        model.image("nginx:A");
        model.complete();
        assert_eq!([0, 1, 2].map(|o| model.pod_image(o)), ["nginx:A"; 3]);
        assert_eq!(model.names(Kind::ControllerRevision).len(), 2, "no third revision");
        assert_eq!(model.set().status().get("currentRevision").str(), first);
    }
}

#[test]
fn availability() {
    for policy in POLICIES {
        let spec = format!("podManagementPolicy: {policy}\nminReadySeconds: 30");
        let mut model = Model::new(&set(1, &spec));
        model.settle();
        model.ready(0);
        model.settle();
        assert_eq!((model.status("readyReplicas"), model.status("availableReplicas")), (1, 0));
        let wait = model.requeue_after.expect("looks again");
        assert!(wait > Duration::from_secs(30) && wait < Duration::from_secs(31), "{wait:?}");
        model.now = model.now.after(Duration::from_secs(30));
        model.settle();
        assert_eq!(model.status("availableReplicas"), 0, "the time must be past");
        model.now = model.now.after(Duration::from_millis(1));
        model.settle();
        assert_eq!(model.status("availableReplicas"), 1);
        assert_eq!(model.requeue_after, None);
    }
}

#[test]
fn status_update() {
    for policy in POLICIES {
        let spec = |n: u32| set(n, &format!("podManagementPolicy: {policy}"));
        let mut created = Model::new(&spec(3));
        created.refuse("create", Kind::Pod, 1);
        created.sync().unwrap_err();
        assert_eq!(created.status("observedGeneration"), 1, "written though a Pod was refused");
        for (verb, change) in [("delete", "replicas: 1"), ("update", "replicas: 3")] {
            let mut model = Model::new(&spec(3));
            model.complete();
            model.spec(change);
            model.spec("minReadySeconds: 0, revisionHistoryLimit: 3");
            let label = "metadata: {labels: {statefulset.kubernetes.io/pod-name: other}}";
            model.patch(Kind::Pod, "web-0", label);
            model.refuse(verb, Kind::Pod, 1);
            model.sync().unwrap_err();
            assert_eq!(model.status("observedGeneration"), model.set().generation(), "{verb}");
        }
    }
}

#[test]
fn a_refused_update_is_not_taken_off_the_current_replicas() {
    let mut model = model(
        4,
        "podManagementPolicy: Parallel
updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 3}}",
    );
    model.image("nginx:B");
    model.refusals.push(Refuse { verb: "delete", kind: Kind::Pod, after: 1, times: 1 });
    model.sync().unwrap_err();
    assert_eq!(model.status("currentReplicas"), 3, "one of three was deleted");
}

#[test]
fn parallel_creation_fails_batch_by_batch() {
    let mut model = Model::new(&set(10, "podManagementPolicy: Parallel"));
    // The second batch is web-1 and web-2; web-1 is refused, web-2 is still tried.
    model.refusals.push(Refuse { verb: "create", kind: Kind::Pod, after: 1, times: 1 });
    model.sync().unwrap_err();
    assert_eq!(model.ordinals(), [0, 2]);
    model.complete();
    assert_eq!(model.ordinals(), (0..10).collect::<Vec<_>>());
}
