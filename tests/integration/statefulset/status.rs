//! Upstream's `stateful_set_status_updater_test.go`: what is written, and what when it cannot be.

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::controller::statefulset::status::Status;

use super::model::{Model, set};

fn ready(replicas: u32, more: &str) -> Model {
    let mut model = Model::new(&set(replicas, more));
    model.complete();
    model
}

#[test]
fn updates_set_status() {
    let model = ready(2, "");
    assert_eq!(model.counters(), [2; 4]);
    assert_eq!(model.status("availableReplicas"), 2);
    assert_eq!(model.set().status().get("collisionCount").as_i64(), Some(0));
}

#[test]
fn updates_observed_generation() {
    let mut model = ready(1, "");
    model.spec("minReadySeconds: 0, revisionHistoryLimit: 3");
    assert_eq!(model.status("observedGeneration"), 1);
    model.settle();
    assert_eq!(model.status("observedGeneration"), 2);
}

#[test]
fn update_replicas_failure() {
    let mut model = ready(1, "");
    model.spec("replicas: 0");
    model.refuse("update", Kind::StatefulSet, 1);
    assert!(model.sync().is_err());
    assert_eq!(model.status("observedGeneration"), 1, "nothing was written");
    model.settle();
    assert_eq!(model.status("observedGeneration"), 2);
}

/// Upstream reads the set again and repeats the write; whoever was faster keeps what they wrote.
#[test]
fn update_replicas_conflict() {
    let mut model = ready(1, "");
    model.spec("replicas: 2");
    let mut running = model.begin();
    model.patch(Kind::StatefulSet, "web", "metadata: {labels: {meanwhile: here}}");
    while model.step(&mut running, &mut Vec::new()) {}
    assert_eq!(running.error, None);
    assert_eq!(model.set().label("meanwhile"), Some("here"));
    assert_eq!(model.status("observedGeneration"), 2);
}

/// A set of the same name that was made meanwhile gets nothing of the old one's status.
#[test]
fn update_replicas_conflict_failure() {
    let mut model = ready(1, "");
    model.spec("replicas: 3");
    let mut running = model.begin();
    let key = super::bench::key(Kind::StatefulSet, "web");
    use statefulset_playground::apiserver::request::{Actor, DeleteOptions, Request, Verb};
    model.user(Request::new(Actor::User, key, Verb::Delete(DeleteOptions::default())));
    model.create(&set(5, ""));
    while model.step(&mut running, &mut Vec::new()) {}
    assert!(running.error.is_some());
    assert_eq!(model.counters(), [0; 4]);
}

#[test]
fn get_available_replicas() {
    let mut model = ready(2, "");
    assert_eq!(model.status("availableReplicas"), 2);
    model.unready(1);
    model.settle();
    assert_eq!((model.status("readyReplicas"), model.status("availableReplicas")), (1, 1));
    model.spec("minReadySeconds: 3600");
    model.settle();
    assert_eq!((model.status("readyReplicas"), model.status("availableReplicas")), (1, 0));
}

/// Whatever differs is written, except for the collision count.
#[test]
fn every_field_counts() {
    let set = ready(1, "").set();
    let text = |field: &str| set.status().get(field).str().into();
    let same = Status {
        replicas: 1,
        ready_replicas: 1,
        available_replicas: 1,
        current_replicas: 1,
        updated_replicas: 1,
        current_revision: text("currentRevision"),
        update_revision: text("updateRevision"),
        collision_count: 7,
        observed_generation: 1,
        progress: None,
    };
    assert!(!same.is_inconsistent(&set));
    let changes: [fn(&mut Status); 9] = [
        |status| status.replicas = 0,
        |status| status.ready_replicas = 0,
        |status| status.available_replicas = 0,
        |status| status.current_replicas = 0,
        |status| status.updated_replicas = 0,
        |status| status.current_revision = "other".into(),
        |status| status.update_revision = "other".into(),
        |status| status.observed_generation = 2,
        |status| status.progress = Some("Other"),
    ];
    for change in changes {
        let mut other = same.clone();
        change(&mut other);
        assert!(other.is_inconsistent(&set), "{other:?}");
    }
    let older = Status { observed_generation: 0, ..same };
    assert!(!older.is_inconsistent(&set), "a newer one has looked");
}
