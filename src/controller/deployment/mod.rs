//! The Deployment controller: a ReplicaSet for each Pod template, the newest growing while the
//! others shrink.
//!
//! Models `pkg/controller/deployment`.

mod rolling;
mod scale;
mod status;

use crate::api::object::{Object, ObjectKey, OwnerReference};
use crate::api::scheme::Kind;
use crate::api::selector::selector_matches;
use crate::api::status::Status;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Patch, Request, Verb};
use crate::apiserver::watch::WatchEvent;
use crate::client::Lister;
use crate::controller::reason::WorkloadReason as R;
use crate::controller::replicaset::{owners_of, replicas};
use crate::controller::{
    Controller, Decision, OnRefusal, Reason, Record, Step, controller_ref_manager, pod_control,
};

/// Rolls Deployments out.
pub struct DeploymentController;

/// The label that tells the ReplicaSets of a Deployment apart.
pub const HASH_LABEL: &str = "pod-template-hash";
/// The annotation with the number of a revision.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
const HISTORY: &str = "deployment.kubernetes.io/revision-history";
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
        let mut decision = Decision::default();
        let mut sets = self.claim(lister, deployment, &mut decision);
        sets.sort_by_key(|set| (set.created_at(), set.name()));
        let new = sets.iter().copied().find(|set| is_same_template(deployment, set));
        let old = sets.iter().copied().filter(|s| new.is_none_or(|n| n.uid() != s.uid())).collect();
        let mut sync = Sync { lister, deployment, new, old, now, controller: self, decision };
        sync.sync();
        sync.decision
    }
}

impl DeploymentController {
    /// Models ClaimReplicaSets: orphans that fit are adopted, sets that no longer fit are let go.
    fn claim<'a>(
        &self,
        lister: Lister<'a>,
        deployment: &'a Object,
        decision: &mut Decision,
    ) -> Vec<&'a Object> {
        let (mut claimed, actor) = (Vec::new(), self.actor());
        for set in lister.in_namespace(Kind::ReplicaSet, deployment.namespace()) {
            let fits = selector_matches(deployment.spec().get("selector"), set.labels());
            let is_stopping = deployment.is_terminating() || set.is_terminating();
            match set.controller() {
                Some(_) if !set.is_controlled_by(deployment) => {}
                Some(_) if fits || deployment.is_terminating() => claimed.push(set),
                Some(_) => {
                    let step = controller_ref_manager::release(deployment, set, &actor);
                    decision.steps.push(step);
                }
                None if fits && !is_stopping => {
                    decision.steps.push(controller_ref_manager::adopt(deployment, set, &actor));
                    claimed.push(set);
                }
                None => {}
            }
        }
        claimed
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
        let scales = paused || self.is_scaling_event();
        if !self.deployment.is_terminating() {
            let is_new = self.new.is_none();
            self.note_revision();
            let recreate = self.strategy("type").str() == "Recreate";
            match (scales, recreate) {
                (true, _) => self.scale_all(),
                (false, true) => self.recreate(),
                (false, false) => self.roll(),
            }
            if !is_new && (paused || !scales) {
                self.clean_up();
            }
        }
        if self.decision.error.is_none() {
            self.write_status(paused, scales);
        }
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
            let wanted = self.annotations(Some(new), number);
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
    fn annotations(&self, existing: Option<&Object>, number: i64) -> Value {
        let mut annotations = Value::object();
        for (key, value) in self.deployment.metadata().get("annotations").entries() {
            if !matches!(key.as_str(), REVISION | HISTORY | DESIRED | MAX | LAST_APPLIED) {
                annotations.set(&[key], value);
            }
        }
        annotations.set(&[REVISION], number.to_string());
        // A set that is rolled back to keeps the numbers that it had.
        if let Some(old) = existing.filter(|set| (1..number).contains(&revision(set))) {
            let before = old.annotation(HISTORY).filter(|history| !history.is_empty());
            let before = before.map(|history| format!("{history},")).unwrap_or_default();
            annotations.set(&[HISTORY], format!("{before}{}", revision(old)));
        }
        annotations
    }

    /// The sizes that a ReplicaSet is annotated with (`SetReplicasAnnotations`).
    fn sizes(&self) -> [(&'static str, String); 2] {
        let wanted = replicas(self.deployment);
        [(DESIRED, wanted.to_string()), (MAX, (wanted + self.max_surge()).to_string())]
    }

    fn patch(&mut self, object: &Object, patch: Value) {
        let verb = Verb::Patch(Patch::Merge(patch));
        let request = Request::new(self.controller.actor(), object.key(), verb);
        self.decision.steps.push(Step::new(request));
    }

    /// Makes the ReplicaSet of the present template.
    fn create(&mut self, wanted: i64) {
        let template = self.deployment.spec().get("template");
        let collisions = self.deployment.status().get("collisionCount").as_i64();
        let hash = pod_control::template_hash(template, collisions);
        let name: EcoString = format!("{}-{hash}", self.deployment.name()).into();
        if self.collides(&name, collisions) {
            return;
        }
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
        let mut annotations = self.annotations(None, number);
        for (key, size) in self.sizes() {
            annotations.set(&[key], size);
        }
        let value = crate::value!({
            "metadata": {
                "name": (name.clone()),
                "namespace": (self.deployment.namespace()),
                "labels": (labelled.path(&["metadata", "labels"])),
                "annotations": annotations,
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

    /// Counts a collision: another ReplicaSet has the name that the new one is to have, so that
    /// the next look makes up another.
    fn collides(&mut self, name: &str, collisions: Option<i64>) -> bool {
        let key = ObjectKey::new(Kind::ReplicaSet, self.deployment.namespace(), name);
        if self.lister.get(&key).is_none() {
            return false;
        }
        let mut status = self.deployment.status().clone();
        status.set(&["collisionCount"], collisions.unwrap_or(0) + 1);
        let (actor, own) = (self.controller.actor(), self.deployment.key());
        // The revision is noted when the set is there.
        self.decision.steps.retain(|step| step.request.key != own);
        let written = pod_control::write_status(self.deployment, status, &actor);
        self.decision.steps.extend(written);
        let plural = Kind::ReplicaSet.resource().qualified_plural();
        self.decision.error = Some(Status::already_exists(&plural, name).message);
        true
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
        if replicas(set) != to {
            self.resize(set, to);
        }
    }

    /// The same, which notes the sizes even if this one is as it was.
    fn resize(&mut self, set: &Object, to: i64) {
        let (from, sizes) = (replicas(set), self.sizes());
        let is_noted = sizes.iter().all(|(key, size)| set.annotation(key) == Some(size.as_str()));
        if from == to && is_noted {
            return;
        }
        let [(desired, wanted), (max, most)] = sizes;
        let patch = crate::value!({
            "metadata": {"annotations": {desired: wanted, max: most}},
            "spec": {"replicas": to},
        });
        self.patch(set, patch);
        if from != to {
            let record = self.scaled(set.name(), from, to);
            if let Some(step) = self.decision.steps.last_mut() {
                step.on_success.push(record);
            }
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
