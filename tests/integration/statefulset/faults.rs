//! Whole clusters when something goes wrong: writes refused, controllers restarted, watches
//! delayed. Lifecycles x faults x seeds, with invariants after every event.

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::simulation::fault::{Fault, Refusals, RefusedVerb};

use super::bench::{Bench, web};
use crate::invariant;

const CONTROLLER: &str = "statefulset-controller";

fn refused(kind: Kind, verb: RefusedVerb, count: u32) -> Fault {
    let (actor, verb) = (CONTROLLER.into(), Some(verb));
    Fault::WritesRefused(Refusals { actor, kind, verb, count })
}

/// Name, and what goes wrong at the beginning.
fn faults() -> Vec<(&'static str, Vec<Fault>)> {
    vec![
        ("nothing", vec![]),
        ("Pods refused", vec![refused(Kind::Pod, RefusedVerb::Create, 3)]),
        ("deletions refused", vec![refused(Kind::Pod, RefusedVerb::Delete, 3)]),
        ("status refused", vec![refused(Kind::StatefulSet, RefusedVerb::Update, 4)]),
        ("revision refused", vec![refused(Kind::ControllerRevision, RefusedVerb::Create, 2)]),
        ("restarted", vec![Fault::ControllerRestarted(CONTROLLER.into())]),
        ("late", vec![Fault::WatchDelayed(CONTROLLER.into(), Duration::from_millis(900))]),
    ]
}

type Change = fn(&mut Bench);

fn lifecycles() -> Vec<(&'static str, Change, [i64; 4])> {
    vec![
        ("stays", |_| {}, [3; 4]),
        ("scales up", |b| scale(b, 4), [4; 4]),
        ("scales down", |b| scale(b, 1), [1; 4]),
        (
            "rolls out",
            |b| {
                let image = "spec: {template: {spec: {containers: [{name: nginx, image: httpd}]}}}";
                b.patch(Kind::StatefulSet, "web", image);
            },
            [3; 4],
        ),
        (
            "loses a Pod",
            |b| {
                b.delete(Kind::Pod, "web-1");
            },
            [3; 4],
        ),
    ]
}

fn scale(bench: &mut Bench, replicas: u32) {
    bench.patch(Kind::StatefulSet, "web", &format!("spec: {{replicas: {replicas}}}"));
}

/// Lets time pass, checking the invariants after every event.
#[track_caller]
fn run(bench: &mut Bench, seconds: u64) {
    let end = bench.cluster.now().after(Duration::from_secs(seconds));
    let mut revision = 0;
    while bench.cluster.next_at().is_some_and(|next| next <= end) {
        bench.cluster.step();
        let now = bench.cluster.api().storage().revision();
        if now != revision {
            revision = now;
            if let Some(set) = bench.get(Kind::StatefulSet, "web") {
                invariant::check(bench.cluster.lister(), &set);
            }
        }
    }
    bench.cluster.wait_until(end);
}

#[test]
fn every_lifecycle_ends_well_whatever_goes_wrong() {
    for policy in ["OrderedReady", "Parallel"] {
        for (lifecycle, change, expected) in lifecycles() {
            for (number, (name, list)) in faults().into_iter().enumerate() {
                let mut bench = Bench::new(number as u64);
                bench.create(&web(3, &format!("podManagementPolicy: {policy}")));
                run(&mut bench, 20);
                for fault in list {
                    bench.cluster.inject(&fault);
                }
                change(&mut bench);
                run(&mut bench, 40);
                let counters = bench.counters("web");
                assert_eq!(counters, expected, "{policy} {lifecycle} with {name}");
            }
        }
    }
}

#[test]
fn a_pod_on_a_lost_node_is_not_replaced_until_the_node_is_back() {
    let mut bench = Bench::new(3);
    bench.create(&web(3, ""));
    run(&mut bench, 20);
    let pod = bench.get(Kind::Pod, "web-1").unwrap();
    let node = pod.spec().get("nodeName").str().to_owned();
    bench.cluster.inject(&Fault::NodeLost(node.as_str().into()));
    bench.delete(Kind::Pod, "web-1");
    run(&mut bench, 120);
    let same = bench.get(Kind::Pod, "web-1").unwrap();
    assert_eq!(same.uid(), pod.uid(), "at most one: it may still be running");
    assert!(same.is_terminating());
    bench.cluster.inject(&Fault::NodeBack(node.as_str().into()));
    run(&mut bench, 60);
    assert_ne!(bench.get(Kind::Pod, "web-1").unwrap().uid(), pod.uid());
    assert_eq!(bench.counters("web"), [3; 4]);
}
