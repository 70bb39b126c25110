//! Claims and volumes in use do not go; and whether a claim is in use at all.
//!
//! Models `pkg/controller/volume/pvcprotection` (with the condition Unused of 1.37) and
//! `pkg/controller/volume/pvprotection`.

use crate::api::object::{Object, ObjectKey};
use crate::api::pod::is_terminal;
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::apiserver::index::claim_names;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::controller::reason::PersistentVolumeReason as Reason;
use crate::controller::{Controller, Decision, Step};
use crate::value;

use super::because;
use super::reclaim::former_claim;

/// The finalizer of claims.
pub const CLAIM_FINALIZER: &str = "kubernetes.io/pvc-protection";
/// The finalizer of volumes.
pub const VOLUME_FINALIZER: &str = "kubernetes.io/pv-protection";

/// pvc-protection-controller
pub struct ClaimProtectionController;

/// pv-protection-controller
pub struct VolumeProtectionController;

impl Controller for ClaimProtectionController {
    fn name(&self) -> &'static str {
        "pvc-protection-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, _lister: Lister<'_>) -> Vec<ObjectKey> {
        match changed.key.kind {
            Kind::PersistentVolumeClaim if changed.event_type != WatchEventType::Deleted => {
                vec![changed.key.clone()]
            }
            Kind::Pod if concerns_claims(changed) => {
                let pod = &changed.object;
                let claim =
                    |name| ObjectKey::new(Kind::PersistentVolumeClaim, pod.namespace(), name);
                claim_names(pod).into_iter().map(claim).collect()
            }
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let mut decision = Decision::default();
        let Some(claim) = lister.get(key) else { return decision };
        if claim.is_terminating() {
            let_claim_go(lister, claim, self.actor(), &mut decision);
        } else if !claim.has_finalizer(CLAIM_FINALIZER) {
            decision.steps.push(with_finalizer(claim, CLAIM_FINALIZER, self.actor()));
        } else {
            decision.steps.extend(unused_condition(lister, claim, self.actor(), now));
        }
        decision
    }
}

// Only coming, getting a node, ending and going of a Pod matter to its claims.
fn concerns_claims(changed: &WatchEvent) -> bool {
    let Some(previous) = &changed.previous else { return true };
    let node = |pod: &Object| !pod.spec().get("nodeName").str().is_empty();
    changed.event_type == WatchEventType::Deleted
        || node(previous) != node(&changed.object)
        || is_terminal(previous) != is_terminal(&changed.object)
}

fn let_claim_go(lister: Lister<'_>, claim: &Object, actor: Actor, decision: &mut Decision) {
    if !claim.has_finalizer(CLAIM_FINALIZER) {
        return;
    }
    // A Pod that has a node counts until its object is gone, even if it has ended.
    let pods = lister.pods_of_claim(claim.namespace(), claim.name());
    let users: Vec<EcoString> = pods
        .filter(|pod| !pod.spec().get("nodeName").str().is_empty())
        .map(|pod| pod.name().into())
        .collect();
    match users.is_empty() {
        true => {
            decision.steps.push(without_finalizer(claim, CLAIM_FINALIZER, actor));
            because(decision, claim, Reason::ProtectionLifted);
        }
        false => because(decision, claim, Reason::ClaimInUse(users)),
    }
}

// Kept on claims that have once been bound.
fn unused_condition(lister: Lister<'_>, claim: &Object, actor: Actor, now: Time) -> Option<Step> {
    let conditions = claim.status().get("conditions").items();
    let current = conditions.iter().find(|c| c.get("type").str() == "Unused");
    if claim.status().get("phase").str() != "Bound" {
        return None;
    }
    let mut pods = lister.pods_of_claim(claim.namespace(), claim.name());
    let (status, reason, message) = match pods.any(|pod| !is_terminal(pod)) {
        true => ("False", "PodUsingPVC", "A pod is currently referencing this PVC"),
        false => ("True", "NoPodsUsingPVC", "No pods are currently referencing this PVC"),
    };
    if current.is_some_and(|condition| condition.get("status").str() == status) {
        return None;
    }
    let condition = value!({
        "type": "Unused",
        "status": status,
        "reason": reason,
        "message": message,
        "lastProbeTime": null,
        "lastTransitionTime": (now.rfc3339()),
    });
    let patch = value!({"status": {"conditions": [condition]}});
    let verb = Verb::Patch(Patch::Strategic(patch));
    Some(Step::new(Request::new(actor, claim.key(), verb).on("status")).or_gone())
}

impl Controller for VolumeProtectionController {
    fn name(&self) -> &'static str {
        "pv-protection-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, _lister: Lister<'_>) -> Vec<ObjectKey> {
        let is_there = changed.event_type != WatchEventType::Deleted;
        match changed.key.kind {
            Kind::PersistentVolume if is_there => vec![changed.key.clone()],
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, _now: Time) -> Decision {
        let mut decision = Decision::default();
        let Some(volume) = lister.get(key) else { return decision };
        let is_protected = volume.has_finalizer(VOLUME_FINALIZER);
        match (volume.is_terminating(), volume.status().get("phase").str()) {
            (true, "Bound") if is_protected => {
                let claim = former_claim(volume);
                because(&mut decision, volume, Reason::VolumeInUse(claim));
            }
            (true, _) if is_protected => {
                let step = without_finalizer(volume, VOLUME_FINALIZER, self.actor());
                decision.steps.push(step);
                because(&mut decision, volume, Reason::ProtectionLifted);
            }
            (false, _) if !is_protected => {
                decision.steps.push(with_finalizer(volume, VOLUME_FINALIZER, self.actor()));
            }
            _ => {}
        }
        decision
    }
}

fn with_finalizer(object: &Object, finalizer: &str, actor: Actor) -> Step {
    let mut finalizers = object.metadata().get("finalizers").items().to_vec();
    finalizers.push(finalizer.into());
    rewritten(object, finalizers, actor)
}

fn without_finalizer(object: &Object, finalizer: &str, actor: Actor) -> Step {
    let finalizers = object.metadata().get("finalizers").items().iter();
    let others = finalizers.filter(|f| f.str() != finalizer).cloned().collect();
    rewritten(object, others, actor)
}

fn rewritten(object: &Object, finalizers: Vec<Value>, actor: Actor) -> Step {
    let mut changed = object.clone();
    match finalizers.is_empty() {
        true => {
            changed.value.remove(&["metadata", "finalizers"]);
        }
        false => changed.set(&["metadata", "finalizers"], finalizers),
    }
    Step::new(Request::update(actor, &changed)).or_gone()
}
