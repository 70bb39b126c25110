//! Lifecycles under every schedule: at random for larger sets, exhaustively for small ones.
//!
//! A state is the objects, the decision being carried out and what may still go wrong. From each
//! state every next event is tried: a step of the decision, a Pod that becomes ready, stops,
//! breaks or is deleted, a write that is refused, a node that is lost and comes back, a controller
//! that restarts amid its steps. A watch that is late is no event of its own: a sync begins at
//! any time after the change that asks for it.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use statefulset_playground::api::object::Object;
use statefulset_playground::api::pod::{is_running_and_ready, phase};
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::value::Value;
use statefulset_playground::chance::Choice;
use statefulset_playground::simulation::worker::Running;

use super::model::{CLAIM, Model, set};
use crate::invariant::{self, sometimes};

/// A way through a set's life: how it begins, and what the user does then.
struct Lifecycle {
    name: &'static str,
    replicas: u32,
    more: &'static str,
    then: fn(&mut Model),
}

const LIFECYCLES: [Lifecycle; 10] = [
    Lifecycle { name: "creates", replicas: 0, more: "", then: |m| m.spec("replicas: 3") },
    Lifecycle { name: "scales up", replicas: 1, more: CLAIM, then: |m| m.spec("replicas: 3") },
    Lifecycle { name: "scales down", replicas: 3, more: "", then: |m| m.spec("replicas: 1") },
    Lifecycle { name: "rolls out", replicas: 3, more: "", then: |m| m.image("nginx:B") },
    Lifecycle {
        name: "rolls out two at once",
        replicas: 3,
        more: "updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 2}}",
        then: |m| m.image("nginx:B"),
    },
    Lifecycle {
        name: "rolls out above a partition",
        replicas: 3,
        more: "updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}",
        then: |m| m.image("nginx:B"),
    },
    Lifecycle {
        name: "is rolled back half way",
        replicas: 3,
        more: "updateStrategy: {type: RollingUpdate}",
        then: |m| {
            m.image("nginx:B");
            m.settle();
            m.environment();
            m.image("nginx:A");
        },
    },
    Lifecycle {
        name: "scales down while rolling out",
        replicas: 3,
        more: CLAIM,
        then: |m| {
            m.image("nginx:B");
            m.spec("replicas: 2");
        },
    },
    Lifecycle {
        name: "moves its ordinals",
        replicas: 2,
        more: "",
        then: |m| m.spec("ordinals: {start: 1}"),
    },
    Lifecycle {
        name: "scales down with its claims",
        replicas: 3,
        more: CLAIMS_GO,
        then: |m| m.spec("replicas: 1"),
    },
];

/// One claim template, whose claims go with the set and with Pods that are scaled away.
const CLAIMS_GO: &str =
    "persistentVolumeClaimRetentionPolicy: {whenScaled: Delete, whenDeleted: Delete}
volumeClaimTemplates:
- metadata:
    name: www
  spec:
    accessModes: [ReadWriteOnce]
    resources:
      requests:
        storage: 1Gi
";

/// What may still go wrong.
#[derive(Clone, Copy, Hash)]
struct Budget {
    deletions: u8,
    failures: u8,
    refusals: u8,
    lost_nodes: u8,
    restarts: u8,
}

const QUIET: Budget = Budget { deletions: 0, failures: 0, refusals: 0, lost_nodes: 0, restarts: 0 };

/// A world between two events.
#[derive(Clone)]
struct State {
    model: Model,
    running: Option<Running>,
    budget: Budget,
    // The Pod whose node is lost, by ordinal and uid: nobody can stop it or tell that it is ready.
    lost: Option<(i32, String)>,
    // Whether nobody but the controller ends Pods.
    quiet: bool,
    // Whether the controller has something to look at.
    dirty: bool,
}

/// What may happen next.
#[derive(Clone, Debug, PartialEq)]
enum Event {
    Begin,
    Step,
    StepRefused,
    Ready(i32),
    Gone(i32),
    Delete(i32),
    Fail(i32),
    Lose(i32),
    Back,
    ForceDelete,
    Restart,
}

impl State {
    fn new(lifecycle: &Lifecycle, policy: &str, budget: Budget) -> Self {
        let spec = format!("podManagementPolicy: {policy}\n{}", lifecycle.more);
        let mut model = Model::new(&set(lifecycle.replicas, &spec));
        model.complete();
        (lifecycle.then)(&mut model);
        let quiet = budget.deletions + budget.failures + budget.lost_nodes == 0;
        State { model, running: None, budget, lost: None, quiet, dirty: true }
    }

    fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        match &self.running {
            Some(running) => {
                events.push(Event::Step);
                let writes = running.step().is_some_and(|step| step.request.writes());
                if self.budget.refusals > 0 && writes {
                    events.push(Event::StepRefused);
                }
            }
            None if self.dirty => events.push(Event::Begin),
            None => {}
        }
        if self.running.is_some() && self.budget.restarts > 0 {
            events.push(Event::Restart);
        }
        for ordinal in self.model.ordinals() {
            match self.lost.as_ref().is_some_and(|(lost, _)| *lost == ordinal) {
                true => self.events_of_lost(ordinal, &mut events),
                false => self.events_of_pod(ordinal, &mut events),
            }
        }
        events
    }

    fn events_of_pod(&self, ordinal: i32, events: &mut Vec<Event>) {
        let pod = self.model.pod(ordinal);
        let failed = phase(&pod) == "Failed";
        if self.budget.lost_nodes > 0 && is_running_and_ready(&pod) {
            events.push(Event::Lose(ordinal));
        }
        if pod.is_terminating() {
            events.push(Event::Gone(ordinal));
            return;
        }
        if !is_running_and_ready(&pod) && !failed {
            events.push(Event::Ready(ordinal));
        } else if self.budget.deletions > 0 {
            events.push(Event::Delete(ordinal));
        }
        if self.budget.failures > 0 && !failed {
            events.push(Event::Fail(ordinal));
        }
    }

    // It is evicted; when that is done the node comes back, or somebody takes its Pod away.
    fn events_of_lost(&self, ordinal: i32, events: &mut Vec<Event>) {
        match self.model.pod(ordinal).is_terminating() {
            true => events.extend([Event::Back, Event::ForceDelete]),
            false => events.extend([Event::Back, Event::Delete(ordinal)]),
        }
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Begin => {
                self.dirty = false;
                self.running = Some(self.model.begin());
                self.end_if_done();
            }
            Event::Step => self.step(),
            Event::StepRefused => {
                self.budget.refusals -= 1;
                for verb in ["create", "update", "delete"] {
                    let kind = self.running.as_ref().and_then(|r| r.step());
                    let kind = kind.map_or(Kind::Pod, |step| step.request.key.kind);
                    self.model.refuse(verb, kind, 1);
                }
                self.step();
                self.model.refusals.clear();
            }
            Event::Ready(ordinal) => self.model.ready(*ordinal),
            Event::Gone(ordinal) => self.model.gone(*ordinal),
            Event::Delete(ordinal) => {
                if self.lost.as_ref().is_none_or(|(lost, _)| lost != ordinal) {
                    self.budget.deletions -= 1;
                }
                self.model.delete_pod(*ordinal);
            }
            Event::Lose(ordinal) => {
                self.budget.lost_nodes -= 1;
                self.model.unready(*ordinal);
                self.lost = Some((*ordinal, self.model.pod(*ordinal).uid().to_owned()));
            }
            Event::Back => self.lost = None,
            Event::ForceDelete => {
                if let Some((ordinal, _)) = self.lost.take() {
                    self.model.gone(ordinal);
                }
            }
            // What it had begun is forgotten; it looks at everything again.
            Event::Restart => {
                self.budget.restarts -= 1;
                (self.running, self.dirty) = (None, true);
            }
            Event::Fail(ordinal) => {
                self.budget.failures -= 1;
                self.model.run_pod(*ordinal, "Failed", false);
            }
        }
        let by_controller = matches!(event, Event::Begin | Event::Step | Event::StepRefused);
        self.dirty |= !by_controller;
    }

    fn step(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        let before = self.model.api.storage().revision();
        self.model.step(&mut running, &mut Vec::new());
        self.dirty |= self.model.api.storage().revision() > before;
        self.running = Some(running);
        self.end_if_done();
    }

    fn end_if_done(&mut self) {
        if self.running.as_ref().is_some_and(|running| running.step().is_none()) {
            // A sync that failed is tried again.
            self.dirty |= self.running.take().is_some_and(|running| running.error.is_some());
        }
    }

    fn hash(&self) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        for kind in
            [Kind::StatefulSet, Kind::Pod, Kind::ControllerRevision, Kind::PersistentVolumeClaim]
        {
            for object in self.model.lister().in_namespace(kind, "default") {
                (kind, plain(object)).hash(&mut hasher);
            }
        }
        if let Some(running) = &self.running {
            running.next.hash(&mut hasher);
            for step in running.decision.steps.iter().chain(&running.decision.finally) {
                (&step.request.key, format!("{:?}", step.request.verb).len()).hash(&mut hasher);
            }
        }
        let lost = self.lost.as_ref().map(|(ordinal, _)| *ordinal);
        (self.budget, self.dirty, lost).hash(&mut hasher);
        hasher.finish()
    }

    #[track_caller]
    fn check(&self, lifecycle: &Lifecycle) {
        let (lister, set) = (self.model.lister(), self.model.set());
        invariant::check(lister, &set);
        if let Some((ordinal, uid)) = &self.lost {
            let pod = self.model.pod(*ordinal);
            assert_eq!(pod.uid(), uid, "replaced although it may still run");
            sometimes::met("a Pod stuck on a lost node", pod.is_terminating());
        }
        let quiet = self.quiet;
        if self.running.is_none() && !self.dirty {
            invariant::identity_and_storage::check_labels(lister, &set);
            if quiet {
                invariant::claims_follow_policy::check(lister, &set);
            }
        }
        let ordered = set.spec().get("podManagementPolicy").str() == "OrderedReady";
        let grows = ["creates", "scales up", "scales down"].contains(&lifecycle.name);
        if quiet && ordered && grows {
            invariant::ordered_ready::check(lister, &set);
        }
        let rolls = lifecycle.name.starts_with("rolls out");
        if quiet && ordered && rolls && self.running.is_none() && !self.dirty {
            invariant::update_is_partitioned::check(lister, &set);
        }
        // Nobody but the controller acts on Pods here, so never more than allowed are missing.
        if quiet && lifecycle.name == "rolls out" {
            let all = invariant::pods(lister, &set).into_iter();
            let up = all.filter(|(_, p)| is_running_and_ready(p) && !p.is_terminating()).count();
            assert!(up >= 2, "more than one Pod is unavailable");
        }
    }

    /// Where nothing can happen any more, everything is as the spec wants it.
    #[track_caller]
    fn check_end(&self) {
        let set = self.model.set();
        let (start, replicas) = invariant::range(&set);
        assert_eq!(self.model.ordinals(), (start..start + replicas).collect::<Vec<_>>());
        let replicas = i64::from(replicas);
        assert_eq!(self.model.counters()[..2], [replicas, replicas]);
        let partition = set.path(&["spec", "updateStrategy", "rollingUpdate", "partition"]);
        if partition.as_i64().unwrap_or(0) == 0 {
            assert_eq!(self.model.counters(), [replicas; 4]);
        }
        invariant::claims_follow_policy::check(self.model.lister(), &set);
    }
}

// An object without what differs from run to run.
fn plain(object: &Object) -> Value {
    let mut value = object.value.clone();
    for field in ["uid", "resourceVersion", "creationTimestamp", "managedFields", "generation"] {
        value.remove(&["metadata", field]);
    }
    value.remove(&["metadata", "annotations"]);
    value
}

/// Every schedule, each state once; gives how many states there are.
#[track_caller]
fn explore(lifecycle: &Lifecycle, policy: &str, budget: Budget, most: usize) -> usize {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![State::new(lifecycle, policy, budget)];
    let mut ends = 0;
    while let Some(state) = waiting.pop() {
        if !seen.insert(state.hash()) {
            continue;
        }
        assert!(seen.len() <= most, "{} {policy}: more than {most} states", lifecycle.name);
        state.check(lifecycle);
        let events = state.events();
        let by_chance = |e: &Event| matches!(e, Event::Delete(_) | Event::Fail(_) | Event::Lose(_));
        if events.iter().all(by_chance) {
            ends += 1;
            state.check_end();
        }
        for event in events {
            let mut next = state.clone();
            next.happen(&event);
            waiting.push(next);
        }
    }
    assert!(ends > 0, "{} {policy} never ends", lifecycle.name);
    seen.len()
}

#[test]
fn every_schedule_of_three_pods_ends_well() {
    sometimes::forget();
    for lifecycle in &LIFECYCLES {
        for policy in ["OrderedReady", "Parallel"] {
            let states = explore(lifecycle, policy, QUIET, 20_000);
            println!("{} {policy}: {states} states", lifecycle.name);
            assert!(states > 10, "{} {policy}: only {states} states", lifecycle.name);
        }
    }
    sometimes::assert_met(&[
        "two Pods of a set",
        "a volume of a claim",
        "labels of an identity",
        "a status with Pods that are not ready",
        "a status amid a roll-out",
        "a status that lags",
        "a ready Pod above another",
        "Pods of two revisions",
        "a claim of a Pod",
        "a claim of the set",
        "a claim of nobody",
    ]);
}

#[test]
fn every_schedule_with_a_refused_write_ends_well() {
    let budget = Budget { refusals: 1, ..QUIET };
    for lifecycle in LIFECYCLES.iter().take(4) {
        let states = explore(lifecycle, "OrderedReady", budget, 40_000);
        println!("{}: {states} states", lifecycle.name);
    }
}

#[test]
fn every_schedule_with_a_deleted_or_failed_pod_ends_well() {
    for budget in [Budget { deletions: 1, ..QUIET }, Budget { failures: 1, ..QUIET }] {
        let states = explore(&LIFECYCLES[3], "OrderedReady", budget, 40_000);
        println!("{states} states");
    }
}

/// A node is lost under any of its Pods at any time; it comes back, or the Pod is deleted by
/// force. Until then nobody takes the place of the Pod.
#[test]
fn every_schedule_with_a_lost_node_ends_well() {
    sometimes::forget();
    let budget = Budget { lost_nodes: 1, ..QUIET };
    for (lifecycle, policy) in [(2, "OrderedReady"), (3, "OrderedReady"), (2, "Parallel")] {
        let states = explore(&LIFECYCLES[lifecycle], policy, budget, 40_000);
        println!("{} {policy}: {states} states", LIFECYCLES[lifecycle].name);
    }
    sometimes::assert_met(&["a Pod stuck on a lost node"]);
}

/// A controller that restarts amid a decision finds its way from what has been written so far.
#[test]
fn every_schedule_with_a_restarted_controller_ends_well() {
    let budget = Budget { restarts: 1, ..QUIET };
    for lifecycle in [&LIFECYCLES[1], &LIFECYCLES[3], &LIFECYCLES[9]] {
        for policy in ["OrderedReady", "Parallel"] {
            let states = explore(lifecycle, policy, budget, 40_000);
            println!("{} {policy}: {states} states", lifecycle.name);
        }
    }
}

/// Random schedules of larger sets with everything that may go wrong.
#[test]
fn random_schedules_end_well() {
    let (mut deleted, mut failed, mut refused, mut lost, mut restarted) = (0, 0, 0, 0, 0);
    for lifecycle in &LIFECYCLES {
        for policy in ["OrderedReady", "Parallel"] {
            for seed in 0..20 {
                let budget =
                    Budget { deletions: 2, failures: 2, refusals: 3, lost_nodes: 2, restarts: 2 };
                let mut state = State::new(lifecycle, policy, budget);
                let mut choice = Choice::seeded(seed);
                for _ in 0..2_000 {
                    let events = state.events();
                    if events.is_empty() {
                        break;
                    }
                    let event = &events[choice.below(events.len() as u64) as usize];
                    state.happen(event);
                    invariant::check(state.model.lister(), &state.model.set());
                    deleted += i32::from(matches!(event, Event::Delete(_)));
                    failed += i32::from(matches!(event, Event::Fail(_)));
                    refused += i32::from(*event == Event::StepRefused);
                    lost += i32::from(matches!(event, Event::Lose(_)));
                    restarted += i32::from(*event == Event::Restart);
                }
                state.budget = QUIET;
                while let Some(event) = state.events().first() {
                    state.happen(&event.clone());
                }
                state.check_end();
            }
        }
    }
    let all = [deleted, failed, refused, lost, restarted];
    assert!(all.iter().all(|times| *times > 100), "{all:?}");
}
