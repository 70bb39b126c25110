//! TestStatefulSetControlRollingUpdateWithMaxUnavailableAndUnavailableStalePod: what the update
//! phase deletes when all Pods are outdated and some unavailable (kubernetes-behaviour §7.3).

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::apiserver::request::{Actor, Verb};
use statefulset_playground::controller::Decision;
use statefulset_playground::controller::statefulset::control::Control;
use statefulset_playground::controller::statefulset::replicas::Replicas;
use statefulset_playground::controller::statefulset::revision::get_revisions;

use super::model::{Model, set};

struct Case {
    policy: &'static str,
    replicas: u32,
    partition: u32,
    max_unavailable: u32,
    unready: &'static [i32],
    terminating: &'static [i32],
    left: &'static [i32],
}

const fn case(
    policy: &'static str,
    [replicas, partition, max_unavailable]: [u32; 3],
    [unready, terminating, left]: [&'static [i32]; 3],
) -> Case {
    Case { policy, replicas, partition, max_unavailable, unready, terminating, left }
}

const P: &str = "Parallel";
const O: &str = "OrderedReady";
const CASES: [Case; 20] = [
    case(P, [1, 0, 1], [&[0], &[], &[]]),
    case(P, [3, 0, 1], [&[2], &[], &[0, 1]]),
    case(P, [5, 0, 2], [&[3, 4], &[], &[0, 1, 2]]),
    case(O, [1, 0, 1], [&[0], &[], &[0]]),
    case(O, [3, 0, 1], [&[2], &[], &[0, 1, 2]]),
    case(O, [5, 0, 2], [&[4], &[], &[0, 1, 2, 3]]),
    case(P, [3, 0, 1], [&[], &[2], &[0, 1, 2]]),
    case(O, [3, 0, 1], [&[], &[2], &[0, 1, 2]]),
    case(P, [5, 0, 3], [&[3], &[4], &[0, 1, 4]]),
    case(P, [5, 0, 3], [&[4], &[3], &[0, 1, 3]]),
    case(O, [5, 0, 3], [&[3], &[4], &[0, 1, 2, 4]]),
    case(O, [5, 0, 3], [&[4], &[3], &[0, 1, 2, 3]]),
    case(P, [5, 2, 1], [&[4], &[], &[0, 1, 2, 3]]),
    case(P, [5, 2, 1], [&[2], &[], &[0, 1, 3, 4]]),
    case(P, [5, 2, 1], [&[1], &[], &[0, 1, 2, 3, 4]]),
    case(O, [5, 2, 1], [&[4], &[], &[0, 1, 2, 3, 4]]),
    case(P, [5, 3, 2], [&[3, 4], &[], &[0, 1, 2]]),
    case(P, [5, 3, 2], [&[1, 4], &[], &[0, 1, 2, 3]]),
    case(P, [4, 0, 2], [&[0, 1], &[], &[2, 3]]),
    case(P, [5, 0, 3], [&[0, 1], &[], &[2, 3]]),
];

fn model(case: &Case, more: &str) -> Model {
    let Case { policy, replicas, partition, max_unavailable, .. } = case;
    let spec = format!(
        "podManagementPolicy: {policy}
updateStrategy:
  type: RollingUpdate
  rollingUpdate: {{partition: {partition}, maxUnavailable: {max_unavailable}}}
{more}"
    );
    let mut model = Model::new(&set(*replicas, &spec));
    model.complete();
    model.image("nginx:B");
    for ordinal in case.unready {
        model.unready(*ordinal);
    }
    for ordinal in case.terminating {
        model.delete_pod(*ordinal);
    }
    model
}

/// The Pods that one call of the update phase does not delete.
fn left(model: &Model) -> Vec<i32> {
    let (set, actor) = (model.set(), Actor::System);
    let pods = model.lister().owner_index().pods_of("default", set.uid()).unwrap().clone();
    let replicas = Replicas::new(model.lister(), &set, pods, model.now);
    let revisions = get_revisions(model.lister(), &set, &actor);
    let context = (model.lister(), &actor, model.now);
    let mut control = Control::new(context, &set, replicas, revisions, Decision::default());
    control.update_after_invariant_established();
    let deleted: Vec<String> = control
        .decision
        .steps
        .iter()
        .filter(|step| matches!(step.request.verb, Verb::Delete(_)))
        .map(|step| step.request.key.name.to_string())
        .collect();
    let is_left = |ordinal: &i32| !deleted.contains(&format!("web-{ordinal}"));
    model.ordinals().into_iter().filter(is_left).collect()
}

#[test]
fn rolling_update_with_max_unavailable_and_unavailable_stale_pod() {
    for (number, case) in CASES.iter().enumerate() {
        assert_eq!(left(&model(case, "")), case.left, "row {number} ({})", case.policy);
    }
}

#[test]
fn a_pod_that_is_not_available_yet_counts_as_unavailable() {
    for (policy, expected) in [(P, &[0, 1][..]), (O, &[0, 1, 2][..])] {
        let case = case(policy, [3, 0, 1], [&[], &[], &[]]);
        let mut model = model(&case, "");
        model.spec("minReadySeconds: 30");
        model.now = model.now.after(Duration::from_secs(100));
        model.unready(2);
        model.ready(2);
        assert_eq!(left(&model), expected, "{policy}");
    }
}

#[test]
fn a_pod_that_does_not_exist_takes_from_the_budget() {
    let case = case(P, [3, 0, 1], [&[], &[], &[]]);
    let mut model = model(&case, "");
    model.delete_pod(0);
    model.gone(0);
    assert_eq!(left(&model), [1, 2]);
    assert!(model.get(Kind::Pod, "web-0").is_none());
}
