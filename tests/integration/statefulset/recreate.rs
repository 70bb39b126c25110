//! The alpha update strategy `Recreate` (KEP-3541): refused by default, all at once behind its
//! gate.

use statefulset_playground::apiserver::feature_gates::Gate;
use statefulset_playground::controller::reason::StatefulSetReason as R;
use statefulset_playground::shell::session::{Input, Session};
use statefulset_playground::simulation::setting::Setting;
use statefulset_playground::simulation::timeline::World;

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
        let claims = model.names(statefulset_playground::api::scheme::Kind::PersistentVolumeClaim);
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
