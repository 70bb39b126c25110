//! The four writes that bind a claim and a volume to each other.
//!
//! Models `pkg/controller/volume/persistentvolume/pv_controller.go` `bind`,
//! `updateVolumePhase`, `updateClaimStatus`, `unbindVolume`.

use crate::api::object::Object;
use crate::api::value::Value;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::controller::Step;
use crate::value;

use super::volume::{BIND_COMPLETED, BOUND_BY_CONTROLLER, claim_reference, is_bound_to};

// A claim is bound 0.03 to 0.3 s after it was made: later than a Pod made with it is looked at
// by the scheduler.
const CLAIM_WRITE_DELAY: u64 = 28_000;

/// Who makes the writes.
pub fn actor() -> Actor {
    Actor::Controller(super::NAME.into())
}

/// The writes that are still needed to bind `claim` and `volume`.
pub fn steps(volume: &Object, claim: &Object) -> Vec<Step> {
    let mut steps = Vec::new();
    steps.extend(volume_to_claim(volume, claim));
    steps.extend(volume_phase(volume, "Bound", ""));
    let claim_step = claim_to_volume(claim, volume).map(|mut step| {
        step.delay = CLAIM_WRITE_DELAY;
        step
    });
    steps.extend(claim_step);
    steps.extend(claim_status(claim, "Bound", Some(volume)));
    steps
}

// `bindVolumeToClaim`
fn volume_to_claim(volume: &Object, claim: &Object) -> Option<Step> {
    if volume.path(&["spec", "claimRef", "uid"]).str() == claim.uid() {
        return None;
    }
    let mut bound = volume.clone();
    if !is_bound_to(volume, claim) {
        bound.set(&["metadata", "annotations", BOUND_BY_CONTROLLER], "yes");
    }
    bound.set(&["spec", "claimRef"], claim_reference(claim));
    Some(Step::new(Request::update(actor(), &bound)))
}

// `bindClaimToVolume`
fn claim_to_volume(claim: &Object, volume: &Object) -> Option<Step> {
    let mut bound = claim.clone();
    if claim.spec().get("volumeName").str() != volume.name() {
        bound.set(&["spec", "volumeName"], volume.name());
        bound.set(&["metadata", "annotations", BOUND_BY_CONTROLLER], "yes");
    }
    bound.set(&["metadata", "annotations", BIND_COMPLETED], "yes");
    (&bound != claim).then(|| Step::new(Request::update(actor(), &bound)))
}

/// Patches part of an object's status.
pub fn patch_status(object: &Object, status: Value) -> Step {
    let verb = Verb::Patch(Patch::Merge(value!({"status": status})));
    Step::new(Request::new(actor(), object.key(), verb).on("status"))
}

/// Puts a volume into a phase, if it is not in it already (`updateVolumePhase`).
pub fn volume_phase(volume: &Object, phase: &str, message: &str) -> Option<Step> {
    if volume.status().get("phase").str() == phase {
        return None;
    }
    let message = if message.is_empty() { Value::Null } else { message.into() };
    Some(patch_status(volume, value!({"phase": phase, "message": message})))
}

/// Puts a claim into a phase, with what its volume offers (`updateClaimStatus`).
pub fn claim_status(claim: &Object, phase: &str, volume: Option<&Object>) -> Option<Step> {
    let status = claim.status();
    let was_bound = status.get("phase").str() == "Bound";
    let (modes, capacity) = match volume {
        None => (Value::Null, Value::Null),
        Some(volume) => {
            let of_volume = volume.path(&["spec", "capacity", "storage"]);
            let capacity = match was_bound {
                true => status.get("capacity").clone(),
                false => value!({"storage": of_volume}),
            };
            (volume.spec().get("accessModes").clone(), capacity)
        }
    };
    let is_same = status.get("phase").str() == phase
        && status.get("accessModes") == &modes
        && status.get("capacity") == &capacity;
    let status = value!({"phase": phase, "accessModes": modes, "capacity": capacity});
    (!is_same).then(|| patch_status(claim, status))
}

/// Frees a volume: a claimRef that the controller made goes, one that a user made loses its uid
/// only (`unbindVolume`).
pub fn unbind(volume: &Object) -> Step {
    let patch = match volume.annotation(BOUND_BY_CONTROLLER).is_some() {
        true => {
            let annotations: crate::api::value::Map =
                [(BOUND_BY_CONTROLLER, Value::Null)].into_iter().collect();
            value!({"metadata": {"annotations": annotations}, "spec": {"claimRef": null}})
        }
        false => value!({"spec": {"claimRef": {"uid": null}}}),
    };
    Step::new(Request::new(actor(), volume.key(), Verb::Patch(Patch::Merge(patch))))
}
