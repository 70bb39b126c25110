//! What becomes of a claim.
//!
//! Models `pkg/controller/volume/persistentvolume/pv_controller.go` `syncClaim`.

use crate::api::object::Object;
use crate::api::pod::is_terminal;
use crate::api::scheme::Kind;
use crate::api::selector::selector_matches;
use crate::api::value::{EcoString, Map};
use crate::apiserver::request::{Patch, Request, Verb};
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::controller::reason::persistent_volume::{
    Misfit, PersistentVolumeReason as Reason, VolumeChoice,
};
use crate::controller::{Decision, Step};
use crate::value;

use super::volume::{self as facts, BIND_COMPLETED, BOUND_BY_CONTROLLER};
use super::{because, bind};

/// Looks at a claim.
pub fn sync(lister: Lister<'_>, claim: &Object) -> Decision {
    match claim.annotation(BIND_COMPLETED) {
        None => sync_unbound(lister, claim),
        Some(_) => sync_bound(lister, claim),
    }
}

// `syncBoundClaim`
fn sync_bound(lister: Lister<'_>, claim: &Object) -> Decision {
    let mut decision = Decision::default();
    let name = claim.spec().get("volumeName").str();
    if name.is_empty() {
        lose(&mut decision, claim, Reason::Lost(EcoString::new()), "ClaimLost", LOST_REFERENCE);
        return decision;
    }
    let Some(volume) = lister.find(Kind::PersistentVolume, "", name) else {
        lose(&mut decision, claim, Reason::Lost(name.into()), "ClaimLost", LOST_VOLUME);
        return decision;
    };
    let reference = volume.spec().get("claimRef");
    if reference.is_null() || reference.get("uid").str() == claim.uid() {
        decision.steps = bind::steps(volume, claim);
        if !decision.steps.is_empty() {
            let bound = Reason::Bound { volume: name.into(), choice: VolumeChoice::Named };
            because(&mut decision, claim, bound);
        }
    } else {
        let reason = Reason::Misbound(name.into());
        lose(&mut decision, claim, reason, "ClaimMisbound", MISBOUND);
    }
    decision
}

const LOST_REFERENCE: &str =
    "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!";
const LOST_VOLUME: &str = "Bound claim has lost its PersistentVolume. Data on the volume is lost!";
const MISBOUND: &str = "Two claims are bound to the same volume, this one is bound incorrectly";

fn lose(decision: &mut Decision, claim: &Object, reason: Reason, event: &str, sentence: &str) {
    because(decision, claim, reason);
    if claim.status().get("phase").str() == "Lost" {
        return;
    }
    if let Some(mut step) = bind::claim_status(claim, "Lost", None) {
        step.on_success.push(Record::warning(claim, event, sentence.into()));
        decision.steps.push(step);
    }
}

// `syncUnboundClaim`
fn sync_unbound(lister: Lister<'_>, claim: &Object) -> Decision {
    match claim.spec().get("volumeName").str() {
        "" => find_volume(lister, claim),
        name => check_named(lister, claim, name),
    }
}

// The user, or an interrupted binding, has named a volume.
fn check_named(lister: Lister<'_>, claim: &Object, name: &str) -> Decision {
    let mut decision = Decision::default();
    let Some(volume) = lister.find(Kind::PersistentVolume, "", name) else {
        because(&mut decision, claim, Reason::NamedVolumeNotFound(name.into()));
        decision.steps.extend(bind::claim_status(claim, "Pending", None));
        return decision;
    };
    let is_free = volume.spec().get("claimRef").is_null();
    let misfit = misfit_of_named(volume, claim).filter(|_| is_free);
    if let Some((sentence, misfit)) = misfit {
        let sentence = format!("Cannot bind to requested volume {name:?}: {sentence}");
        decision.records.push(Record::warning(claim, "VolumeMismatch", sentence));
        because(&mut decision, claim, Reason::NamedVolumeMisfit(name.into(), misfit));
        decision.steps.extend(bind::claim_status(claim, "Pending", None));
    } else if is_free || facts::is_bound_to(volume, claim) {
        decision.steps = bind::steps(volume, claim);
        let bound = Reason::Bound { volume: name.into(), choice: VolumeChoice::Named };
        because(&mut decision, claim, bound);
    } else {
        because(&mut decision, claim, Reason::NamedVolumeTaken(name.into()));
        if claim.annotation(BOUND_BY_CONTROLLER).is_none() {
            let sentence = format!("volume {name:?} already bound to a different claim.");
            decision.records.push(Record::warning(claim, "FailedBinding", sentence));
            decision.steps.extend(bind::claim_status(claim, "Pending", None));
        }
    }
    decision
}

// `checkVolumeSatisfyClaim`
fn misfit_of_named(volume: &Object, claim: &Object) -> Option<(String, Misfit)> {
    let sentence = |text: &str| text.to_string();
    let name = volume.name();
    if volume.is_terminating() {
        let text = format!("the volume is marked for deletion {name:?}");
        Some((text, Misfit::Terminating))
    } else if facts::capacity(volume) < facts::requested(claim) {
        Some((sentence("requested PV is too small"), too_small(volume)))
    } else if facts::class_name(volume) != facts::class_name(claim) {
        let class = facts::class_name(volume).into();
        Some((sentence("storageClassName does not match"), Misfit::Class(class)))
    } else if facts::volume_mode(volume) != facts::volume_mode(claim) {
        let mode = facts::volume_mode(volume).into();
        Some((sentence("incompatible volumeMode"), Misfit::VolumeMode(mode)))
    } else if !facts::offers_modes(volume, claim) {
        Some((sentence("incompatible accessMode"), access_modes(volume)))
    } else {
        None
    }
}

fn too_small(volume: &Object) -> Misfit {
    Misfit::TooSmall { capacity: volume.path(&["spec", "capacity", "storage"]).str().into() }
}

fn access_modes(volume: &Object) -> Misfit {
    let modes = volume.spec().get("accessModes").items().iter();
    Misfit::AccessModes(modes.map(|mode| mode.str().into()).collect())
}

fn find_volume(lister: Lister<'_>, claim: &Object) -> Decision {
    let mut decision = Decision::default();
    let class = facts::class_of(lister, claim);
    let delayed = facts::is_delayed(class);
    let volumes: Vec<&Object> = lister.all(Kind::PersistentVolume).collect();
    if let Some(volume) = facts::find_matching(&volumes, claim, None, delayed) {
        let choice = match facts::is_bound_to(volume, claim) {
            true => VolumeChoice::Reserved,
            false => {
                let fitting = volumes.iter().filter(|v| misfit(v, claim).is_none()).count();
                VolumeChoice::Smallest { fitting_count: u32::try_from(fitting).unwrap_or(1) }
            }
        };
        because(&mut decision, claim, Reason::Bound { volume: volume.name().into(), choice });
        decision.steps = bind::steps(volume, claim);
        return decision;
    }
    if assign_default_class(lister, claim, &mut decision) {
        return decision;
    }
    let misfits = || {
        let misfits = volumes.iter().filter_map(|v| Some((v.name().into(), misfit(v, claim)?)));
        // A few tell enough.
        misfits.take(20).collect::<Vec<(EcoString, Misfit)>>()
    };
    if delayed && claim.annotation(facts::SELECTED_NODE).is_none() {
        wait_for_consumer(lister, claim, &mut decision);
    } else if !facts::class_name(claim).is_empty() {
        ask_provisioner(claim, class, misfits, &mut decision);
        return decision;
    } else {
        let sentence = "no persistent volumes available for this claim and no storage class is set";
        decision.records.push(Record::normal(claim, "FailedBinding", sentence.into()));
        because(&mut decision, claim, Reason::NoVolumeFits(misfits()));
    }
    decision.steps.extend(bind::claim_status(claim, "Pending", None));
    decision
}

/// Why a volume is not for a claim.
pub fn misfit(volume: &Object, claim: &Object) -> Option<Misfit> {
    let reference = volume.spec().get("claimRef");
    let holder = || -> EcoString {
        format!("{}/{}", reference.get("namespace").str(), reference.get("name").str()).into()
    };
    let selector = claim.spec().get("selector");
    let phase = volume.status().get("phase").str();
    if !reference.is_null() && !facts::is_bound_to(volume, claim) {
        return Some(match phase {
            "Released" | "Failed" => Misfit::Released(holder()),
            _ => Misfit::Claimed(holder()),
        });
    }
    if volume.is_terminating() {
        Some(Misfit::Terminating)
    } else if !facts::offers_modes(volume, claim) {
        Some(access_modes(volume))
    } else if facts::capacity(volume) < facts::requested(claim) {
        Some(too_small(volume))
    } else if facts::volume_mode(volume) != facts::volume_mode(claim) {
        Some(Misfit::VolumeMode(facts::volume_mode(volume).into()))
    } else if facts::class_name(volume) != facts::class_name(claim) {
        Some(Misfit::Class(facts::class_name(volume).into()))
    } else if !selector.is_null() && !selector_matches(selector, volume.labels()) {
        Some(Misfit::Selector)
    } else if phase != "Available" {
        Some(Misfit::Phase(phase.into()))
    } else {
        None
    }
}

// `assignDefaultStorageClass`: a claim that says nothing about its class gets the default class
// that has come since.
fn assign_default_class(lister: Lister<'_>, claim: &Object, decision: &mut Decision) -> bool {
    if facts::names_class(claim) {
        return false;
    }
    let Some(class) = facts::default_class(lister) else { return false };
    let mut assigned = claim.clone();
    assigned.set(&["spec", "storageClassName"], class.name());
    decision.steps.push(Step::new(Request::update(bind::actor(), &assigned)));
    because(decision, claim, Reason::DefaultClassAssigned(class.name().into()));
    true
}

// `emitEventForUnboundDelayBindingClaim`
fn wait_for_consumer(lister: Lister<'_>, claim: &Object, decision: &mut Decision) {
    let is_waiting =
        |pod: &&Object| pod.spec().get("nodeName").str().is_empty() && !is_terminal(pod);
    let pods = lister.pods_of_claim(claim.namespace(), claim.name()).filter(is_waiting);
    let names: Vec<EcoString> = pods.map(|pod| pod.name().into()).collect();
    let (event, sentence) = match names.as_slice() {
        [] => (
            "WaitForFirstConsumer",
            "waiting for first consumer to be created before binding".to_string(),
        ),
        [one] => ("WaitForPodScheduled", format!("waiting for pod {one} to be scheduled")),
        several => (
            "WaitForPodScheduled",
            format!("waiting for pods {} to be scheduled", several.join(",")),
        ),
    };
    decision.records.push(Record::normal(claim, event, sentence));
    because(
        decision,
        claim,
        match names.is_empty() {
            true => Reason::WaitingForFirstConsumer,
            false => Reason::WaitingForPods(names),
        },
    );
}

// `provisionClaim`
fn ask_provisioner(
    claim: &Object,
    class: Option<&Object>,
    misfits: impl Fn() -> Vec<(EcoString, Misfit)>,
    decision: &mut Decision,
) {
    let name = facts::class_name(claim);
    let Some(class) = class else {
        let sentence = format!("storageclass.storage.k8s.io {name:?} not found");
        decision.records.push(Record::warning(claim, "ProvisioningFailed", sentence));
        let reason = Reason::ClassNotFound { class: name.into(), misfits: misfits() };
        because(decision, claim, reason);
        return;
    };
    let provisioner = class.value.get("provisioner").str();
    // No in-tree plugin is left that makes volumes.
    if provisioner.starts_with("kubernetes.io/") {
        let sentence = format!("no volume plugin matched name: {provisioner}");
        decision.records.push(Record::warning(claim, "ProvisioningFailed", sentence));
        because(decision, claim, Reason::ClassMakesNone(name.into()));
        return;
    }
    let sentence = format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or \
         manually by the system administrator. If volume creation is delayed, please verify that \
         the provisioner is running and correctly registered."
    );
    let record = Record::normal(claim, "ExternalProvisioning", sentence);
    match claim.annotation(facts::STORAGE_PROVISIONER) == Some(provisioner) {
        true => decision.records.push(record),
        false => {
            let names = [facts::STORAGE_PROVISIONER, facts::BETA_STORAGE_PROVISIONER];
            let annotations: Map = names.into_iter().map(|name| (name, provisioner)).collect();
            let patch = value!({"metadata": {"annotations": annotations}});
            let verb = Verb::Patch(Patch::Merge(patch));
            let mut step = Step::new(Request::new(bind::actor(), claim.key(), verb));
            step.on_success.push(record);
            decision.steps.push(step);
        }
    }
    because(decision, claim, Reason::AskedProvisioner(provisioner.into()));
}
