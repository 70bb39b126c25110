//! What the volume controllers say, in English.

use crate::api::value::EcoString;
use crate::controller::reason::persistent_volume::{
    Misfit, PersistentVolumeReason as R, VolumeChoice,
};

/// A reason as one sentence.
pub fn sentence(reason: &R) -> String {
    match reason {
        R::Bound { volume, choice } => bound(volume, choice),
        R::NoVolumeFits(misfits) => {
            format!("No PersistentVolume fits, and no class could make one.{}", list(misfits))
        }
        R::ClassNotFound { class, misfits } => {
            format!("No volume of class {class} fits, and no such class exists.{}", list(misfits))
        }
        R::ClassMakesNone(class) => format!("Nobody makes volumes for the class {class}."),
        R::WaitingForFirstConsumer => {
            "It waits for a Pod: its class binds only when a Pod has been given a node.".into()
        }
        R::WaitingForPods(pods) => format!("It waits until {} is scheduled.", pods.join(", ")),
        R::AskedProvisioner(name) => format!("{name} was asked to make a volume."),
        R::DefaultClassAssigned(class) => {
            format!("It named no class, so it gets the default class {class} now.")
        }
        R::NamedVolumeNotFound(volume) => {
            format!("It names the volume {volume}, which does not exist.")
        }
        R::NamedVolumeMisfit(volume, why) => {
            format!("It names the volume {volume}, which does not fit: {}.", misfit(why))
        }
        R::NamedVolumeTaken(volume) => {
            format!("It names the volume {volume}, which belongs to another claim.")
        }
        R::Lost(volume) => format!("Its volume {volume} is gone, and its data with it."),
        R::Misbound(volume) => format!("Its volume {volume} belongs to another claim."),
        R::Available => "It is free: any claim that it fits may take it.".into(),
        R::Reserved(claim) => format!("It is kept for a claim named {claim}."),
        R::Retained(claim) => format!(
            "Its claim {claim} is gone. The policy is Retain: the data stay, and no other claim \
             gets the volume until its claimRef is cleared."
        ),
        R::Deleting(by) if by.is_empty() => {
            "Its claim is gone. The policy is Delete: the volume goes as well.".into()
        }
        R::Deleting(by) => {
            format!("Its claim is gone. The policy is Delete: {by} deletes it with its data.")
        }
        R::DeleteFailed(why) => format!("It could not be deleted: {why}."),
        R::Recycling(pod) => {
            format!("Its claim is gone. The policy is Recycle: the Pod {pod} empties it.")
        }
        R::Recycled => "It was emptied and is free again.".into(),
        R::RecycleFailed(why) => format!("It could not be emptied: {why}"),
        R::StillUsed(pods) => format!("It is not emptied while {} uses it.", pods.join(", ")),
        R::Provisioned { volume, node: Some(node) } => {
            format!("The volume {volume} is made on {node}, and stays there.")
        }
        R::Provisioned { volume, node: None } => format!("The volume {volume} is made for it."),
        R::EphemeralClaimMade(claim) => ephemeral(claim),
        R::EphemeralClaimTaken(claim) => not_its_own(claim),
        R::SelectedNodeNotFound(node) => no_node(node),
        R::ProvisionerSilent(class) => silent(class),
        R::ProvisionerDeletes => "Its provisioner deletes it with its data.".into(),
        R::ClaimInUse(pods) => {
            format!("Its finalizer protects its data until {} is gone.", pods.join(", "))
        }
        R::VolumeInUse(claim) => {
            format!("Its finalizer protects its data until the claim {claim} is gone.")
        }
        R::ProtectionLifted => "Nothing uses it any more, so it may go.".into(),
        R::ExpansionAsked => {
            "More room is asked for; nobody here can make it (an outside controller could).".into()
        }
    }
}

fn ephemeral(claim: &str) -> String {
    format!("The claim {claim} is made for its ephemeral volume, and goes with it.")
}

fn not_its_own(claim: &str) -> String {
    format!("The claim {claim} exists already, and is not its own: it must not use it.")
}

fn no_node(node: &str) -> String {
    format!("The node {node} does not exist: the scheduler has to choose another one.")
}

fn silent(class: &str) -> String {
    format!("The provisioner does not answer for the class {class}.")
}

fn bound(volume: &str, choice: &VolumeChoice) -> String {
    match choice {
        VolumeChoice::Smallest { fitting_count: 1 } => {
            format!("It gets {volume}, the only free volume that fits.")
        }
        VolumeChoice::Smallest { fitting_count } => format!(
            "It gets {volume}: {fitting_count} free volumes fit, this is the smallest of those \
             with the fewest access modes."
        ),
        VolumeChoice::Reserved => format!("It gets {volume}, which was kept for it."),
        VolumeChoice::Named => format!("It is bound to {volume}, which it names."),
    }
}

fn list(misfits: &[(EcoString, Misfit)]) -> String {
    let each: Vec<String> =
        misfits.iter().map(|(volume, why)| format!("{volume}: {}", misfit(why))).collect();
    match each.is_empty() {
        true => String::new(),
        false => format!(" ({})", each.join("; ")),
    }
}

fn misfit(why: &Misfit) -> String {
    match why {
        Misfit::TooSmall { capacity } => format!("too small ({capacity})"),
        Misfit::AccessModes(modes) => format!("offers only {}", modes.join(", ")),
        Misfit::Class(class) if class.is_empty() => "has no class".into(),
        Misfit::Class(class) => format!("is of class {class}"),
        Misfit::VolumeMode(mode) => format!("its volumeMode is {mode}"),
        Misfit::Selector => "its labels are not those of the selector".into(),
        Misfit::Claimed(claim) => format!("belongs to {claim}"),
        Misfit::Released(claim) => format!("still holds the data of {claim}"),
        Misfit::Terminating => "is being deleted".into(),
        Misfit::Phase(phase) => format!("is {phase}"),
    }
}
