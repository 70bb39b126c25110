//! The DaemonSet controller: one Pod on every node that takes it.
//!
//! Models `pkg/controller/daemon`.

mod nodes;
mod update;

use crate::api::object::{Object, ObjectKey};
use crate::api::pod::{is_terminal, phase};
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::Value;
use crate::apiserver::request::{Patch, Request, Verb};
use crate::apiserver::watch::WatchEvent;
use crate::client::Lister;
use crate::controller::reason::WorkloadReason as R;
use crate::controller::replicaset::{owners_of, set_numbers};
use crate::controller::{
    Controller, Decision, OnRefusal, Reason, Record, Step, history, pod_control,
};

/// Keeps the Pods of DaemonSets.
pub struct DaemonSetsController;

const REVISION_LABEL: &str = "controller-revision-hash";

impl Controller for DaemonSetsController {
    fn name(&self) -> &'static str {
        "daemonset-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        match changed.key.kind {
            Kind::DaemonSet => vec![changed.key.clone()],
            Kind::Pod => owners_of(changed, Kind::DaemonSet, lister),
            Kind::Node => {
                let same = |old: &Object| {
                    old.spec() == changed.object.spec() && old.labels() == changed.object.labels()
                };
                match changed.previous.as_ref().is_some_and(same) {
                    true => Vec::new(),
                    false => lister.all(Kind::DaemonSet).map(Object::key).collect(),
                }
            }
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let mut decision = Decision::default();
        let Some(set) = lister.get(key) else { return decision };
        let wanted = history::new_revision(set, 1, 0);
        let revisions = history::list(lister, set);
        let hash = pod_control::template_hash(set.spec().get("template"), None);
        if !set.is_terminating() {
            decision.steps.extend(self.snapshot(set, wanted, &revisions, &hash));
        }
        let sync = Sync { set, hash: &hash, pods: pod_control::owned_pods(lister, set), now };
        let nodes: Vec<&Object> = lister.all(Kind::Node).collect();
        if !set.is_terminating() {
            self.manage(&sync, &nodes, &mut decision);
        }
        decision.finally.extend(pod_control::write_status(set, sync.status(&nodes), &self.actor()));
        decision
    }
}

/// One look at a DaemonSet.
struct Sync<'a> {
    set: &'a Object,
    hash: &'a str,
    pods: Vec<&'a Object>,
    now: Time,
}

impl DaemonSetsController {
    /// Models snapshot and dedupCurHistories: the revision of the present template is the newest.
    fn snapshot(&self, set: &Object, mut new: Object, old: &[&Object], hash: &str) -> Option<Step> {
        let last = old.iter().map(|revision| history::number(revision)).max().unwrap_or(0);
        let number = last + 1;
        if let Some(same) = old.iter().find(|revision| history::is_equal(revision, &new)) {
            let patch = crate::value!({"revision": number});
            let verb = Verb::Patch(Patch::Strategic(patch));
            let request = Request::new(self.actor(), same.key(), verb);
            return (history::number(same) < last).then(|| Step::new(request));
        }
        new.set(&["revision"], number);
        new.value.remove(&["metadata", "labels", history::HASH_LABEL]);
        new.set(&["metadata", "labels", REVISION_LABEL], hash);
        new.set(&["metadata", "name"], history::name(set.name(), hash));
        let there = OnRefusal::Accept(vec!["AlreadyExists".into()]);
        Some(Step::new(Request::create(self.actor(), &new)).on_refusal(there))
    }

    /// Models manage and rollingUpdate, which waits until manage has nothing to do.
    fn manage(&self, sync: &Sync, nodes: &[&Object], decision: &mut Decision) {
        let mut change = Change::default();
        for node in nodes {
            sync.manage_node(node, &mut change, decision);
        }
        let reason = match change.create.len() as i64 {
            0 => R::EveryNodeHasOne { nodes: nodes.len() as i64 },
            missing => R::PodsMissing { missing },
        };
        decision.reasons.push((sync.set.key(), Reason::Workload(reason)));
        let updates = sync.set.path(&["spec", "updateStrategy", "type"]).str() != "OnDelete";
        if change.is_empty() && updates {
            change = sync.update(nodes);
        }
        self.carry_out(sync, change, decision);
    }

    /// Models syncNodes.
    fn carry_out(&self, sync: &Sync, change: Change, decision: &mut Decision) {
        let (actor, set) = (self.actor(), sync.set);
        let pods = change.create.iter().map(|node| nodes::pod_for(set, node, sync.hash));
        let steps = pods.map(|pod| pod_control::create(set, &pod, &actor)).collect();
        decision.steps.extend(pod_control::slow_start(steps));
        // Deletions go on even where Pods cannot be made.
        let deletions = change.delete.iter().map(|pod| pod_control::delete(set, pod, &actor));
        decision.finally.extend(deletions);
    }
}

/// What becomes of a set's Pods.
#[derive(Default)]
struct Change<'a> {
    delete: Vec<&'a Object>,
    /// On these nodes.
    create: Vec<&'a str>,
}

impl Change<'_> {
    fn is_empty(&self) -> bool {
        self.delete.is_empty() && self.create.is_empty()
    }
}

fn failed_record(set: &Object, pod: &Object, node: &str) -> Record {
    let name = format!("{}/{}", pod.namespace(), pod.name());
    match phase(pod) {
        "Failed" => {
            let message =
                format!("Found failed daemon pod {name} on node {node}, will try to kill it");
            Record::warning(set, "FailedDaemonPod", message)
        }
        _ => {
            let message =
                format!("Found succeeded daemon pod {name} on node {node}, will try to delete it");
            Record::normal(set, "SucceededDaemonPod", message)
        }
    }
}

impl<'a> Sync<'a> {
    fn on<'s>(&'s self, node: &'s str) -> impl Iterator<Item = &'a Object> + use<'a, 's> {
        self.pods.iter().copied().filter(move |pod| nodes::node_of(pod) == node)
    }

    /// Models podsShouldBeOnNode.
    fn manage_node(&self, node: &'a Object, change: &mut Change<'a>, decision: &mut Decision) {
        let here: Vec<&Object> = self.on(node.name()).collect();
        if nodes::should_run(self.set, node) && here.is_empty() {
            change.create.push(node.name());
            return;
        }
        let staying = here.iter().copied().filter(|pod| !pod.is_terminating());
        if !nodes::should_continue(self.set, node) {
            change.delete.extend(staying);
            return;
        }
        let (ended, running): (Vec<&Object>, Vec<&Object>) = staying.partition(|p| is_terminal(p));
        for pod in ended {
            decision.records.push(failed_record(self.set, pod, node.name()));
            change.delete.push(pod);
        }
        change.delete.extend(self.surplus(running));
    }

    /// Models updateDaemonSetStatus.
    fn status(&self, nodes: &[&Object]) -> Value {
        let (mut desired, mut current, mut ready) = (0i64, 0i64, 0i64);
        let (mut misscheduled, mut updated, mut available) = (0i64, 0usize, 0usize);
        for node in nodes {
            let mut here: Vec<&Object> = self.on(node.name()).collect();
            here.sort_by_key(|pod| pod.created_at());
            let wanted = nodes::should_run(self.set, node);
            desired += i64::from(wanted);
            let Some(pod) = here.first() else { continue };
            misscheduled += i64::from(!wanted);
            if wanted {
                let (is_ready, is_available) = pod_control::readiness(self.set, pod, self.now);
                current += 1;
                ready += i64::from(is_ready);
                available += usize::from(is_available);
                updated += usize::from(pod.label(REVISION_LABEL) == Some(self.hash));
            }
        }
        let mut status = self.set.status().clone();
        status.set(&["currentNumberScheduled"], current);
        status.set(&["desiredNumberScheduled"], desired);
        status.set(&["numberMisscheduled"], misscheduled);
        status.set(&["numberReady"], ready);
        let unavailable = (desired - available as i64).max(0) as usize;
        set_numbers(
            &mut status,
            &[
                ("updatedNumberScheduled", updated),
                ("numberAvailable", available),
                ("numberUnavailable", unavailable),
            ],
        );
        status.set(&["observedGeneration"], self.set.generation());
        status
    }
}
