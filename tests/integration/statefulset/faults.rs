//! Whole clusters when something goes wrong: writes refused, controllers restarted, watches
//! delayed, nodes lost. Lifecycles x faults x seeds, with invariants after every event.

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::apiserver::request::DeleteOptions;
use statefulset_playground::chance::Choice;
use statefulset_playground::simulation::fault::{Fault, Refusals, RefusedVerb};

use super::bench::{Bench, web};
use crate::invariant::at_most_one_per_identity::check_processes;
use crate::invariant::{self, sometimes};

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
                check_processes(&bench.cluster, &set);
            }
        }
    }
    bench.cluster.wait_until(end);
}

/// Whether a Pod of the set is where nobody can stop it.
fn is_stuck_on(bench: &Bench, node: &str) -> Vec<String> {
    let pods = bench.cluster.lister().pods_on_node(node);
    pods.filter(|pod| pod.is_terminating()).map(|pod| pod.name().to_owned()).collect()
}

fn has_taint(bench: &Bench, node: &str, key: &str) -> bool {
    let node = bench.get(Kind::Node, node).expect("the node is there");
    node.spec().get("taints").items().iter().any(|taint| taint.get("key").str() == key)
}

#[test]
fn every_lifecycle_ends_well_whatever_goes_wrong() {
    sometimes::forget();
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
    sometimes::assert_met(&["two Pods of a set", "a process of a Pod", "a status amid a roll-out"]);
}

/// What ends the wait for a Pod that is Terminating on a lost node.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cure {
    NodeBack,
    ForceDeletion,
}

/// The node of web-1 is silent; after 50 s it is tainted, 300 s later its Pod is evicted, which
/// then is Terminating and not replaced until one of the cures.
#[test]
fn every_lifecycle_ends_well_with_a_lost_node() {
    sometimes::forget();
    let (mut stuck_runs, mut seed) = (0, 0);
    for policy in ["OrderedReady", "Parallel"] {
        for (lifecycle, change, expected) in lifecycles() {
            for cure in [Cure::NodeBack, Cure::ForceDeletion] {
                seed += 1;
                let what = format!("{policy} {lifecycle} until {cure:?}");
                let mut bench = Bench::new(seed);
                bench.create(&web(3, &format!("podManagementPolicy: {policy}")));
                run(&mut bench, 20);
                let stuck = stay_on_lost_node(&mut bench, change, &what);
                stuck_runs += i32::from(!stuck.is_empty());
                cure_lost_node(&mut bench, cure, stuck);
                assert_eq!(bench.counters("web"), expected, "{what}");
            }
        }
    }
    assert!(stuck_runs >= 16, "only {stuck_runs} runs had a Pod that was stuck");
    sometimes::assert_met(&["a process of a Pod", "a status with Pods that are not ready"]);
}

const UNREACHABLE: &str = "node.kubernetes.io/unreachable";

/// Takes the node of web-1 away while the set changes; gives the Pods that are stuck there.
#[track_caller]
fn stay_on_lost_node(bench: &mut Bench, change: Change, what: &str) -> Vec<String> {
    let pod = bench.get(Kind::Pod, "web-1").unwrap();
    let node = pod.spec().get("nodeName").str().to_owned();
    bench.cluster.inject(&Fault::NodeLost(node.as_str().into()));
    change(bench);
    run(bench, 40);
    assert!(!has_taint(bench, &node, UNREACHABLE), "{what}: tainted too early");
    run(bench, 30);
    assert!(has_taint(bench, &node, UNREACHABLE), "{what}: not tainted");
    let evicted_too_early = is_stuck_on(bench, &node);
    assert!(evicted_too_early.is_empty() || !what.contains("stays"), "{what}: evicted too early");
    run(bench, 320);
    let stuck = is_stuck_on(bench, &node);
    for name in &stuck {
        assert_eq!(bench.names(Kind::Pod).iter().filter(|pod| *pod == name).count(), 1, "{what}");
    }
    if let Some(now) = bench.get(Kind::Pod, "web-1") {
        // It may have been created anew only where a scale-down had let it go before.
        assert_eq!(now.uid(), pod.uid(), "{what}: replaced although its node is lost");
        assert!(now.is_terminating(), "{what}: not evicted");
        let [all, ready, ..] = bench.counters("web");
        assert!(ready < all, "{what}: ready on a lost node");
    }
    stuck
}

fn cure_lost_node(bench: &mut Bench, cure: Cure, stuck: Vec<String>) {
    match cure {
        Cure::NodeBack => {
            let nodes = bench.cluster.faults().lost_nodes.clone();
            for node in nodes {
                bench.cluster.inject(&Fault::NodeBack(node));
            }
        }
        Cure::ForceDeletion => {
            let zero = Some(0);
            for name in stuck {
                let options = DeleteOptions { grace_period_seconds: zero, ..Default::default() };
                bench.delete_with(Kind::Pod, &name, options);
            }
        }
    }
    run(bench, 120);
}

/// The whole matrix at once: any fault, at any time, some of them together.
#[test]
fn random_faults_end_well() {
    sometimes::forget();
    for seed in 0..12 {
        let mut choice = Choice::seeded(seed);
        let mut bench = Bench::new(100 + seed);
        let policy = ["OrderedReady", "Parallel"][seed as usize % 2];
        bench.create(&web(3, &format!("podManagementPolicy: {policy}")));
        run(&mut bench, 20);
        let all = lifecycles();
        let (lifecycle, change, expected) = &all[choice.below(all.len() as u64) as usize];
        change(&mut bench);
        for _ in 0..4 {
            let mut list = faults();
            let (_, list) = list.remove(choice.below(list.len() as u64) as usize);
            list.iter().for_each(|fault| bench.cluster.inject(fault));
            let node = format!("node{}", 1 + choice.below(3));
            bench.cluster.inject(&Fault::NodeLost(node.as_str().into()));
            run(&mut bench, choice.below(500));
            bench.cluster.inject(&Fault::NodeBack(node.as_str().into()));
            run(&mut bench, choice.below(20));
        }
        bench.cluster.inject(&Fault::WatchDelayed(CONTROLLER.into(), Duration::ZERO));
        run(&mut bench, 400);
        let pods = bench.cluster.lister().in_namespace(Kind::Pod, "default");
        let pods: Vec<_> = pods.map(|pod| (pod.name(), pod.status())).collect();
        assert_eq!(bench.counters("web"), *expected, "{lifecycle} with seed {seed}: {pods:?}");
    }
    sometimes::assert_met(&["a process of a Pod", "a status with Pods that are not ready"]);
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
