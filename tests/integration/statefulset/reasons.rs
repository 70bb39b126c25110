//! Whatever a control loop did or left undone, it can be asked why, in both languages.

use statefulset_playground::api::object::ObjectKey;
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::controller::Reason;
use statefulset_playground::controller::reason::{PodAutoscalerReason as P, WorkQueueReason as W};
use statefulset_playground::locale::{Language, sentence};

use super::bench::{Bench, key, web};

const QUOTA: &str = "apiVersion: v1
kind: ResourceQuota
metadata: {name: few}
spec: {hard: {pods: '1'}}
";

fn scaler(target: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: {target}}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: StatefulSet, name: {target}}}
  minReplicas: 2
  maxReplicas: 4
"
    )
}

fn about(bench: &Bench, key: &ObjectKey) -> Vec<Reason> {
    let entries = bench.cluster.trace().entries().iter();
    entries.filter(|entry| entry.about == *key).map(|entry| entry.reason.clone()).collect()
}

#[test]
fn a_refused_write_says_who_refused_it_and_when_it_is_tried_again() {
    let mut bench = Bench::new(1);
    bench.create(QUOTA).run(5);
    bench.create(&web(2, "podManagementPolicy: Parallel")).run(20);
    let set = about(&bench, &key(Kind::StatefulSet, "web"));
    let error = set.iter().find_map(|reason| match reason {
        Reason::WorkQueue(W::Refused { verb, what, error }) => {
            assert_eq!((verb.as_str(), what.as_str()), ("create", "Pod web-1"));
            Some(error.clone())
        }
        _ => None,
    });
    assert!(error.unwrap().contains("exceeded quota: few"));
    let waits = set.iter().filter_map(|reason| match reason {
        Reason::WorkQueue(W::TriedAgain { failures, after }) => Some((*failures, *after)),
        _ => None,
    });
    let waits: Vec<_> = waits.collect();
    assert!(waits.len() > 5, "{waits:?}");
    for pair in waits.windows(2).filter(|pair| pair[1].0 == pair[0].0 + 1) {
        assert_eq!(pair[1].1, 2 * pair[0].1, "the wait doubles");
    }
    let of_pod = about(&bench, &key(Kind::Pod, "web-1"));
    assert!(of_pod.iter().any(|r| matches!(r, Reason::WorkQueue(W::Refused { .. }))));
}

#[test]
fn an_autoscaler_says_why_it_scales_and_why_not() {
    let mut bench = Bench::new(2);
    bench.create(&scaler("web")).run(5);
    let scaler_key = key(Kind::HorizontalPodAutoscaler, "web");
    let target = || "StatefulSet web".into();
    let last = |bench: &Bench| about(bench, &scaler_key).pop();
    let missing = Reason::PodAutoscaler(P::TargetMissing { target: target() });
    assert_eq!(last(&bench), Some(missing));
    let condition = |bench: &Bench| {
        let scaler = bench.get(Kind::HorizontalPodAutoscaler, "web").unwrap();
        scaler.status().get("conditions").at(0).get("reason").str().to_owned()
    };
    assert_eq!(condition(&bench), "FailedGetScale");
    bench.create(&web(1, "")).run(20);
    let inside = Reason::PodAutoscaler(P::BroughtInside { target: target(), from: 1, to: 2 });
    assert!(about(&bench, &scaler_key).contains(&inside));
    assert!(about(&bench, &key(Kind::StatefulSet, "web")).contains(&inside));
    bench.run(20);
    let within = Reason::PodAutoscaler(P::WithinLimits { target: target(), replicas: 2 });
    assert_eq!(last(&bench), Some(within));
    assert_eq!(condition(&bench), "SucceededGetScale");
    bench.patch(Kind::StatefulSet, "web", "spec: {replicas: 0}").run(20);
    assert_eq!(last(&bench), Some(Reason::PodAutoscaler(P::TargetAtZero { target: target() })));
    assert_eq!(bench.counters("web"), [0; 4]);
}

#[test]
fn every_reason_has_a_rule_and_a_sentence_in_both_languages() {
    let mut bench = Bench::new(3);
    bench.create(QUOTA).create(&scaler("web")).create(&web(3, "")).run(30);
    bench.delete(Kind::StatefulSet, "web").run(60);
    let mut count = 0;
    for entry in bench.cluster.trace().entries() {
        count += 1;
        assert!(!entry.reason.rule().is_empty(), "{:?}", entry.reason);
        let texts = [Language::En, Language::Zh].map(|l| sentence(&entry.reason, l));
        assert!(texts.iter().all(|text| !text.is_empty()), "{:?}", entry.reason);
        assert_ne!(texts[0], texts[1]);
    }
    assert!(count > 50, "{count}");
}
