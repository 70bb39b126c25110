//! The ReplicaSet controller: as many Pods as wanted, whichever they are.
//!
//! Models `pkg/controller/replicaset`.
//!
//! # Scope
//! - No `ReplicaFailure` condition.

use crate::api::object::{Object, ObjectKey};
use crate::api::pod::is_terminal;
use crate::api::scheme::Kind;
use crate::api::selector::selector_matches;
use crate::api::time::{Duration, Time};
use crate::api::value::Value;
use crate::apiserver::watch::WatchEvent;
use crate::client::Lister;
use crate::controller::reason::WorkloadReason as R;
use crate::controller::{Controller, Decision, Reason, controller_ref_manager, pod_control};

/// Keeps the number of Pods of ReplicaSets.
pub struct ReplicaSetController;

/// How many Pods one sync makes at most (`BurstReplicas`).
const BURST_REPLICAS: i64 = 500;

impl Controller for ReplicaSetController {
    fn name(&self) -> &'static str {
        "replicaset-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        match changed.key.kind {
            Kind::ReplicaSet => vec![changed.key.clone()],
            Kind::Pod => owners_of(changed, Kind::ReplicaSet, lister),
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let mut decision = Decision::default();
        let Some(set) = lister.get(key) else { return decision };
        let pods = self.claim(lister, set, &mut decision);
        let is_stopping = |pod: &&&Object| pod.is_terminating() && !is_terminal(pod);
        let stopping = pods.iter().filter(is_stopping).count();
        let active: Vec<&Object> = pods.into_iter().filter(|p| pod_control::is_active(p)).collect();
        if !set.is_terminating() {
            self.manage(set, &active, &mut decision);
        }
        let mut status = status(set, &active, now);
        status.set(&["terminatingReplicas"], stopping as i64);
        let available = status.get("availableReplicas").as_i64().unwrap_or(0);
        decision.finally.extend(pod_control::write_status(set, status, &self.actor()));
        let wait = set.spec().get("minReadySeconds").as_i64().unwrap_or(0);
        if wait > 0 && available < replicas(set) {
            decision.requeue_after = Some(Duration::from_secs(wait as u64 + 1));
        }
        decision
    }
}

/// Keys of the owners of this kind that a Pod had or has, or that may adopt it.
pub fn owners_of(changed: &WatchEvent, kind: Kind, lister: Lister<'_>) -> Vec<ObjectKey> {
    let key = |name: &str| ObjectKey::new(kind, changed.key.namespace.clone(), name);
    let versions = [Some(&changed.object), changed.previous.as_ref()];
    let owners = versions.iter().flatten().filter_map(|pod| pod.controller());
    let mut keys: Vec<ObjectKey> =
        owners.filter(|owner| owner.kind() == kind.name()).map(|o| key(o.name())).collect();
    if changed.object.controller().is_none() {
        let labels = changed.object.labels();
        let may = |set: &&Object| selector_matches(set.spec().get("selector"), labels);
        keys.extend(lister.in_namespace(kind, &changed.key.namespace).filter(may).map(Object::key));
    }
    keys.dedup();
    keys
}

/// `spec.replicas`
pub fn replicas(object: &Object) -> i64 {
    object.spec().get("replicas").as_i64().unwrap_or(1)
}

impl ReplicaSetController {
    /// Models ClaimPods: orphans that fit are adopted, Pods that no longer fit are let go.
    fn claim<'a>(
        &self,
        lister: Lister<'a>,
        set: &'a Object,
        decision: &mut Decision,
    ) -> Vec<&'a Object> {
        let mut claimed = Vec::new();
        let actor = self.actor();
        for pod in lister.in_namespace(Kind::Pod, set.namespace()) {
            let fits = selector_matches(set.spec().get("selector"), pod.labels());
            match pod.controller() {
                Some(owner) if owner.uid() != set.uid() => {}
                Some(_) if fits || set.is_terminating() => claimed.push(pod),
                Some(_) => {
                    decision.steps.push(controller_ref_manager::release(set, pod, &actor));
                }
                None if fits && !set.is_terminating() && pod_control::is_active(pod) => {
                    decision.steps.push(controller_ref_manager::adopt(set, pod, &actor));
                    claimed.push(pod);
                }
                None => {}
            }
        }
        claimed
    }

    /// Models manageReplicas.
    fn manage(&self, set: &Object, active: &[&Object], decision: &mut Decision) {
        let actor = self.actor();
        let missing = replicas(set) - active.len() as i64;
        let reason = match missing {
            0 => R::EnoughPods { wanted: replicas(set) },
            1.. => R::PodsMissing { missing },
            _ => R::PodsTooMany { surplus: -missing },
        };
        decision.reasons.push((set.key(), Reason::Workload(reason)));
        let pod = pod_control::pod_from_template(set, set.spec().get("template"));
        let create = |_| pod_control::create(set, &pod, &actor);
        let steps = (0..missing.min(BURST_REPLICAS)).map(create).collect();
        decision.steps.extend(pod_control::slow_start(steps));
        if missing < 0 {
            let mut ranked = active.to_vec();
            ranked.sort_by_key(|pod| (pod_control::removal_rank(pod), pod.name()));
            for pod in ranked.into_iter().take(missing.unsigned_abs() as usize) {
                decision.steps.push(pod_control::delete(set, pod, &actor));
            }
        }
    }
}

/// Models calculateStatus.
fn status(set: &Object, active: &[&Object], now: Time) -> Value {
    let template = set.path(&["spec", "template", "metadata", "labels"]);
    let labelled =
        |pod: &&&Object| template.entries().all(|(key, value)| pod.label(key) == Some(value.str()));
    let readiness: Vec<_> = active.iter().map(|p| pod_control::readiness(set, p, now)).collect();
    let mut status = set.status().clone();
    status.set(&["replicas"], active.len() as i64);
    let numbers = [
        ("fullyLabeledReplicas", active.iter().filter(labelled).count()),
        ("readyReplicas", readiness.iter().filter(|(ready, _)| *ready).count()),
        ("availableReplicas", readiness.iter().filter(|(_, available)| *available).count()),
    ];
    set_numbers(&mut status, &numbers);
    status.set(&["observedGeneration"], set.generation());
    status
}

/// Sets numbers; zero is left out.
pub fn set_numbers(status: &mut Value, numbers: &[(&str, usize)]) {
    for (field, number) in numbers {
        match number {
            0 => {
                status.remove(&[field]);
            }
            number => status.set(&[field], *number as i64),
        }
    }
}
