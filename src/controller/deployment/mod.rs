//! The Deployment controller: a ReplicaSet for each Pod template, the newest growing while the
//! others shrink.
//!
//! Models `pkg/controller/deployment`.
//!
//! # Scope
//! - A change of `replicas` amid a roll-out is not spread over the ReplicaSets by proportion.

mod rolling;
mod status;

use crate::api::object::{Object, ObjectKey, OwnerReference};
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Patch, Request, Verb};
use crate::apiserver::watch::WatchEvent;
use crate::client::Lister;
use crate::controller::reason::WorkloadReason as R;
use crate::controller::replicaset::{owners_of, replicas};
use crate::controller::{Controller, Decision, OnRefusal, Reason, Record, Step, pod_control};

/// Rolls Deployments out.
pub struct DeploymentController;

/// The label that tells the ReplicaSets of a Deployment apart.
pub const HASH_LABEL: &str = "pod-template-hash";
/// The annotation with the number of a revision.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const MAX: &str = "deployment.kubernetes.io/max-replicas";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl Controller for DeploymentController {
    fn name(&self) -> &'static str {
        "deployment-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        match changed.key.kind {
            Kind::Deployment => vec![changed.key.clone()],
            Kind::ReplicaSet => owners_of(changed, Kind::Deployment, lister),
            // Recreate waits for the end of the last Pod.
            Kind::Pod => {
                let owner = changed.object.controller();
                let set = owner.filter(|owner| owner.kind() == "ReplicaSet").and_then(|owner| {
                    lister.find(Kind::ReplicaSet, &changed.key.namespace, owner.name())
                });
                let deployment = set.and_then(Object::controller);
                let namespace = changed.key.namespace.clone();
                let key = |o: OwnerReference| ObjectKey::new(Kind::Deployment, namespace, o.name());
                deployment.map(key).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let Some(deployment) = lister.get(key) else { return Decision::default() };
        let mut sets: Vec<&Object> = lister
            .owned_by(deployment.uid())
            .filter(|object| object.kind == Kind::ReplicaSet)
            .collect();
        sets.sort_by_key(|set| (set.created_at(), set.name()));
        let new = sets.iter().copied().find(|set| is_same_template(deployment, set));
        let old = sets.iter().copied().filter(|s| new.is_none_or(|n| n.uid() != s.uid())).collect();
        let mut sync = Sync {
            lister,
            deployment,
            new,
            old,
            now,
            controller: self,
            decision: Decision::default(),
        };
        sync.sync();
        sync.decision
    }
}

/// One look at a Deployment.
struct Sync<'a> {
    lister: Lister<'a>,
    deployment: &'a Object,
    /// The ReplicaSet of the present template.
    new: Option<&'a Object>,
    /// The others, oldest first.
    old: Vec<&'a Object>,
    now: Time,
    controller: &'a DeploymentController,
    decision: Decision,
}

/// Whether a ReplicaSet has the Deployment's template (`EqualIgnoreHash`).
fn is_same_template(deployment: &Object, set: &Object) -> bool {
    let mut template = set.spec().get("template").clone();
    template.remove(&["metadata", "labels", HASH_LABEL]);
    template == *deployment.spec().get("template")
}

/// The number of a revision.
pub fn revision(object: &Object) -> i64 {
    object.annotation(REVISION).and_then(|text| text.parse().ok()).unwrap_or(0)
}

impl<'a> Sync<'a> {
    /// Models syncDeployment.
    fn sync(&mut self) {
        let paused = self.deployment.spec().get("paused").is_true();
        if !self.deployment.is_terminating() {
            let is_new = self.new.is_none();
            self.note_revision();
            let recreate = self.strategy("type").str() == "Recreate";
            match (paused, recreate) {
                (true, _) => self.scale_paused(),
                (false, true) => self.recreate(),
                (false, false) => self.roll(),
            }
            if !is_new && !paused {
                self.clean_up();
            }
        }
        self.write_status(paused);
    }

    fn strategy(&self, field: &str) -> &'a Value {
        self.deployment.path(&["spec", "strategy", field])
    }

    /// Keeps the number of the newest revision on the Deployment and its ReplicaSet
    /// (`getNewReplicaSet`).
    fn note_revision(&mut self) {
        let newest = self.old.iter().map(|set| revision(set)).max().unwrap_or(0) + 1;
        let mut number = newest;
        if let Some(new) = self.new {
            number = revision(new).max(newest);
            let wanted = self.annotations(number);
            let differs =
                wanted.entries().any(|(key, value)| new.annotation(key) != Some(value.str()));
            if differs {
                self.patch(new, crate::value!({"metadata": {"annotations": wanted}}));
            }
        }
        if revision(self.deployment) != number {
            let annotations = crate::value!({REVISION: (number.to_string())});
            let patch = crate::value!({"metadata": {"annotations": annotations}});
            self.patch(self.deployment, patch);
        }
    }

    /// What a ReplicaSet is annotated with (`SetNewReplicaSetAnnotations`).
    fn annotations(&self, number: i64) -> Value {
        let mut annotations = Value::object();
        for (key, value) in self.deployment.metadata().get("annotations").entries() {
            if !matches!(key.as_str(), REVISION | DESIRED | MAX | LAST_APPLIED) {
                annotations.set(&[key], value);
            }
        }
        let wanted = replicas(self.deployment);
        annotations.set(&[REVISION], number.to_string());
        annotations.set(&[DESIRED], wanted.to_string());
        annotations.set(&[MAX], (wanted + self.max_surge()).to_string());
        annotations
    }

    fn patch(&mut self, object: &Object, patch: Value) {
        let verb = Verb::Patch(Patch::Merge(patch));
        let request = Request::new(self.controller.actor(), object.key(), verb);
        self.decision.steps.push(Step::new(request));
    }

    /// Makes the ReplicaSet of the present template.
    fn create(&mut self, wanted: i64) {
        let template = self.deployment.spec().get("template");
        let hash = pod_control::template_hash(template, None);
        let name: EcoString = format!("{}-{hash}", self.deployment.name()).into();
        let number = self.old.iter().map(|set| revision(set)).max().unwrap_or(0) + 1;
        let mut labelled = template.clone();
        labelled.set(&["metadata", "labels", HASH_LABEL], hash.as_str());
        let mut selector = self.deployment.spec().get("selector").clone();
        selector.set(&["matchLabels", HASH_LABEL], hash.as_str());
        let mut spec = crate::value!({
            "replicas": wanted,
            "selector": selector,
            "template": (labelled.clone()),
        });
        let wait = self.deployment.spec().get("minReadySeconds");
        if !wait.is_null() {
            spec.set(&["minReadySeconds"], wait);
        }
        let value = crate::value!({
            "metadata": {
                "name": (name.clone()),
                "namespace": (self.deployment.namespace()),
                "labels": (labelled.path(&["metadata", "labels"])),
                "annotations": (self.annotations(number)),
                "ownerReferences": [(OwnerReference::controller_of(self.deployment))],
            },
            "spec": spec,
        });
        let set = Object::new(Kind::ReplicaSet, value);
        let failure = format!("Failed to create new replica set {name:?}: {{error}}");
        let failure = Record::warning(self.deployment, "ReplicaSetCreateError", failure);
        let there = OnRefusal::Accept(vec!["AlreadyExists".into()]);
        let request = Request::create(self.controller.actor(), &set);
        let mut step = Step::new(request).on_refusal(there);
        step.on_failure.push(failure);
        if wanted > 0 {
            step.on_success.push(self.scaled(&name, 0, wanted));
        }
        self.decision.steps.push(step);
    }

    fn scaled(&mut self, name: &str, from: i64, to: i64) -> Record {
        let reason = R::ReplicaSetScaled { replica_set: name.into(), from, to };
        self.decision.reasons.push((self.deployment.key(), Reason::Workload(reason)));
        let direction = if to > from { "up" } else { "down" };
        let message = format!("Scaled {direction} replica set {name} from {from} to {to}");
        Record::normal(self.deployment, "ScalingReplicaSet", message)
    }

    /// Models scaleReplicaSet.
    fn scale(&mut self, set: &Object, to: i64) {
        let from = replicas(set);
        if from == to {
            return;
        }
        let annotations = self.annotations(revision(set));
        let patch = crate::value!({
            "metadata": {"annotations": {
                DESIRED: (annotations.get(DESIRED)),
                MAX: (annotations.get(MAX)),
            }},
            "spec": {"replicas": to},
        });
        let record = self.scaled(set.name(), from, to);
        self.patch(set, patch);
        if let Some(step) = self.decision.steps.last_mut() {
            step.on_success.push(record);
        }
    }

    /// Deletes ReplicaSets of former templates beyond the limit (`cleanupDeployment`).
    fn clean_up(&mut self) {
        let limit = self.deployment.spec().get("revisionHistoryLimit").as_i64().unwrap_or(10);
        let mut idle: Vec<&Object> = self.old.clone();
        idle.retain(|set| {
            replicas(set) == 0
                && set.status().get("replicas").as_i64().unwrap_or(0) == 0
                && !set.is_terminating()
        });
        idle.sort_by_key(|set| revision(set));
        let surplus = (self.old.len() as i64 - limit).max(0) as usize;
        for set in idle.into_iter().take(surplus) {
            let request = Request::delete(self.controller.actor(), set);
            self.decision.steps.push(Step::new(request).or_gone());
        }
    }
}
