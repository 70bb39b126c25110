//! The alpha update strategy `Recreate` (KEP-3541): refused by default, all at once behind its
//! gate.

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::feature_gates::Gate;
use statefulset_playground::apiserver::request::{
    Actor, DeleteOptions, Patch, Propagation, Request, Verb,
};
use statefulset_playground::controller::reason::StatefulSetReason as R;
use statefulset_playground::shell::session::{Input, Session};
use statefulset_playground::simulation::setting::Setting;
use statefulset_playground::simulation::timeline::World;
use statefulset_playground::value;

use super::bench::key;
use super::corners::{add_pod, ready, set_ready};
use super::model::{CLAIM, Model, set};

const RECREATE: &str = "updateStrategy: {type: Recreate}\n";

/// A model whose set gets the strategy after the gate was opened.
fn model(replicas: u32, more: &str) -> Model {
    let mut model = Model::new(&set(replicas, more));
    model.api.set_feature_gate(Gate::StatefulSetRecreateStrategy, true);
    model.spec("updateStrategy: {type: Recreate, rollingUpdate: null}");
    model.complete();
    model
}

fn reason_of_progress(model: &Model) -> String {
    let set = model.set();
    let conditions = set.status().get("conditions").items().iter();
    let mut found = conditions
        .filter(|c| c.get("type").str() == "Progressing" && c.get("status").str() == "True");
    found.next().map(|c| c.get("reason").str().to_owned()).unwrap_or_default()
}

#[test]
#[should_panic(expected = "must be 'RollingUpdate' or 'OnDelete'")]
fn by_default_it_is_refused() {
    Model::new(&set(3, RECREATE));
}

#[test]
fn all_old_pods_go_before_the_first_new_one_comes() {
    for policy in ["OrderedReady", "Parallel"] {
        let mut model = model(3, &format!("podManagementPolicy: {policy}\n{CLAIM}"));
        assert_eq!(reason_of_progress(&model), "RecreateComplete");
        model.image("nginx:B");
        assert_eq!(model.settle(), ["delete 0", "delete 1", "delete 2"], "{policy}");
        assert_eq!(reason_of_progress(&model), "RecreateInProgress");
        model.gone(2);
        model.gone(0);
        assert!(model.settle().is_empty());
        assert_eq!(model.reasons, [R::RecreateWaits { count: 1, pod: "web-1".into() }]);
        model.gone(1);
        let first = match policy {
            "Parallel" => vec!["create 0@B", "create 1@B", "create 2@B"],
            _ => vec!["create 0@B"],
        };
        assert_eq!(model.settle(), first);
        model.complete();
        assert_eq!(model.counters(), [3; 4]);
        assert_eq!(reason_of_progress(&model), "RecreateComplete");
        assert_eq!(model.letter_of_revision("currentRevision"), "B");
        let claims = model.names(Kind::PersistentVolumeClaim);
        assert_eq!(claims.len(), 3, "claims stay");
    }
}

#[test]
fn a_broken_template_holds_nothing_up() {
    let mut model = model(3, "");
    model.image("nginx:X");
    model.complete();
    // web-0 never becomes ready; a RollingUpdate would wait for it for ever.
    model.image("nginx:C");
    assert_eq!(model.settle(), ["delete 0"]);
    model.complete();
    assert_eq!((0..3).map(|o| model.pod_image(o)).collect::<Vec<_>>(), ["nginx:C"; 3]);
}

#[test]
fn surplus_pods_of_an_old_revision_go_with_the_others() {
    let mut model = model(3, "");
    model.image("nginx:B");
    model.spec("replicas: 1");
    assert_eq!(model.settle(), ["delete 0", "delete 1", "delete 2"]);
    model.complete();
    assert_eq!(model.ordinals(), [0]);
}

#[test]
fn a_change_of_the_strategy_alone_touches_no_pod() {
    let mut model = model(2, "");
    model.spec("updateStrategy: {type: RollingUpdate}");
    assert!(model.settle().is_empty());
    model.spec("updateStrategy: {type: Recreate}");
    assert!(model.settle().is_empty());
}

#[test]
fn with_the_gate_closed_again_the_set_is_updated_one_by_one() {
    let mut model = model(2, "");
    model.api.set_feature_gate(Gate::StatefulSetRecreateStrategy, false);
    model.image("nginx:B");
    assert_eq!(model.settle(), ["delete 1"]);
    model.complete();
    assert_eq!(model.pod_image(0), "nginx:B");
}

#[test]
fn a_session_opens_the_gate_and_keeps_that_in_its_timeline() {
    let mut session = Session::new(1);
    let is_open = |session: &Session| {
        session.cluster().lister().feature_enabled(Gate::StatefulSetRecreateStrategy)
    };
    assert!(!is_open(&session));
    let setting = Setting::FeatureGate(Gate::StatefulSetRecreateStrategy, true);
    session.apply(&Input::Setting(setting));
    assert!(is_open(&session));
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
    let verb = Verb::Patch(Patch::Merge(status));
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
    assert!(model.begin().decision.finally.is_empty(), "and is written once");
}

/// Only what is old goes; a set of another strategy is updated one by one, with the gate open too.
#[test]
fn new_pods_stay() {
    let mut model = model(3, "");
    model.spec("updateStrategy: {type: OnDelete}");
    model.image("nginx:B");
    model.settle();
    model.delete_pod(1);
    model.gone(1);
    model.complete();
    model.spec("updateStrategy: {type: Recreate}");
    assert_eq!(model.settle(), ["delete 0", "delete 2"]);
    model.complete();
    model.spec("updateStrategy: {type: RollingUpdate}");
    model.image("nginx:C");
    assert_eq!(model.settle(), ["delete 2"]);
}

#[test]
fn a_set_on_its_way_out_makes_no_progress() {
    let mut model = model(1, "");
    model.image("nginx:B");
    let propagation = Some(Propagation::Foreground);
    let verb = Verb::Delete(DeleteOptions { propagation, ..DeleteOptions::default() });
    model.user(Request::new(Actor::User, key(Kind::StatefulSet, "web"), verb));
    model.sync().unwrap();
    assert_eq!(reason_of_progress(&model), "RecreateComplete");
}

#[test]
fn other_strategies_have_no_progress_with_the_gate_open() {
    let mut model = Model::new(&set(1, ""));
    model.api.set_feature_gate(Gate::StatefulSetRecreateStrategy, true);
    model.complete();
    assert_eq!(reason_of_progress(&model), "");
}
