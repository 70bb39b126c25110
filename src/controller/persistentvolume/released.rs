//! What becomes of a volume.
//!
//! Models `pkg/controller/volume/persistentvolume/pv_controller.go` `syncVolume`.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::controller::Decision;
use crate::controller::reason::PersistentVolumeReason as Reason;

use super::volume::{self as facts, BOUND_BY_CONTROLLER, PROVISIONED_BY};
use super::{because, bind, reclaim};

/// Looks at a volume.
pub fn sync(lister: Lister<'_>, volume: &Object) -> Decision {
    let mut decision = Decision::default();
    let reference = volume.spec().get("claimRef");
    let (namespace, name) = (reference.get("namespace").str(), reference.get("name").str());
    if reference.is_null() || reference.get("uid").str().is_empty() {
        // Free, or kept for a claim that the claim's own sync will bind.
        decision.steps.extend(bind::volume_phase(volume, "Available", ""));
        because(
            &mut decision,
            volume,
            match reference.is_null() {
                true => Reason::Available,
                false => Reason::Reserved(format!("{namespace}/{name}").into()),
            },
        );
        return decision;
    }
    let claim = lister.find(Kind::PersistentVolumeClaim, namespace, name);
    match claim.filter(|claim| claim.uid() == reference.get("uid").str()) {
        None => {
            release(volume, &mut decision);
            reclaim::reclaim(lister, volume, &mut decision);
        }
        Some(claim) => of_claim(lister, volume, claim, &mut decision),
    }
    decision
}

// A phase Failed stays, so that the user sees it.
fn release(volume: &Object, decision: &mut Decision) {
    if !matches!(volume.status().get("phase").str(), "Released" | "Failed") {
        decision.steps.extend(bind::volume_phase(volume, "Released", ""));
    }
}

fn of_claim(lister: Lister<'_>, volume: &Object, claim: &Object, decision: &mut Decision) {
    match claim.spec().get("volumeName").str() {
        "" if facts::volume_mode(volume) != facts::volume_mode(claim) => {
            mismatch(volume, claim, decision);
        }
        // The claim's own sync goes on with the binding.
        "" => {}
        name if name == volume.name() => {
            decision.steps.extend(bind::volume_phase(volume, "Bound", ""));
        }
        // The claim has got another volume.
        _ if volume.annotation(PROVISIONED_BY).is_some()
            && volume.spec().get("persistentVolumeReclaimPolicy").str() == "Delete" =>
        {
            release(volume, decision);
            reclaim::reclaim(lister, volume, decision);
        }
        _ => {
            decision.steps.push(bind::unbind(volume));
            if volume.annotation(BOUND_BY_CONTROLLER).is_some() {
                decision.steps.extend(bind::volume_phase(volume, "Available", ""));
            }
        }
    }
}

fn mismatch(volume: &Object, claim: &Object, decision: &mut Decision) {
    let of_volume = format!(
        "Cannot bind PersistentVolume to requested PersistentVolumeClaim {:?} due to \
         incompatible volumeMode.",
        claim.name()
    );
    let of_claim = format!(
        "Cannot bind PersistentVolume {:?} to requested PersistentVolumeClaim due to \
         incompatible volumeMode.",
        volume.name()
    );
    decision.records.push(Record::warning(volume, "VolumeMismatch", of_volume));
    decision.records.push(Record::warning(claim, "VolumeMismatch", of_claim));
}
