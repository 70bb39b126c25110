//! Why claims and volumes are bound, or wait, or go.

use crate::api::value::EcoString;

/// What the volume controllers say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PersistentVolumeReason {
    /// A claim gets this volume.
    Bound {
        /// The volume.
        volume: EcoString,
        /// Why this one.
        choice: VolumeChoice,
    },
    /// A claim waits: no volume fits, and it has no class that could make one.
    NoVolumeFits(Vec<(EcoString, Misfit)>),
    /// A claim's class does not exist, and no volume of that class name fits.
    ClassNotFound {
        /// The class.
        class: EcoString,
        /// Why the volumes there are do not fit.
        misfits: Vec<(EcoString, Misfit)>,
    },
    /// Its class has nobody who makes volumes.
    ClassMakesNone(EcoString),
    /// It waits for a Pod that uses it.
    WaitingForFirstConsumer,
    /// It waits until these Pods are scheduled.
    WaitingForPods(Vec<EcoString>),
    /// The provisioner was asked to make a volume.
    AskedProvisioner(EcoString),
    /// The default class was assigned after the fact.
    DefaultClassAssigned(EcoString),
    /// The volume that it names does not exist.
    NamedVolumeNotFound(EcoString),
    /// The volume that it names does not fit.
    NamedVolumeMisfit(EcoString, Misfit),
    /// The volume that it names belongs to another claim.
    NamedVolumeTaken(EcoString),
    /// Its volume is gone.
    Lost(EcoString),
    /// Its volume belongs to another claim.
    Misbound(EcoString),
    /// A volume is free.
    Available,
    /// A volume is kept for a claim of this name (`namespace/name`).
    Reserved(EcoString),
    /// A volume's claim is gone; the policy is Retain: it keeps its data and is not used again.
    Retained(EcoString),
    /// A volume's claim is gone; the policy is Delete.
    Deleting(EcoString),
    /// A volume cannot be deleted.
    DeleteFailed(EcoString),
    /// A volume's claim is gone; a Pod empties it.
    Recycling(EcoString),
    /// It was emptied and is free again.
    Recycled,
    /// It could not be emptied.
    RecycleFailed(EcoString),
    /// These Pods use it still.
    StillUsed(Vec<EcoString>),
    /// The provisioner has made a volume for a claim.
    Provisioned {
        /// The volume.
        volume: EcoString,
        /// Its node, if it is on one.
        node: Option<EcoString>,
    },
    /// This provisioner does not answer for this class.
    ProvisionerSilent(EcoString),
    /// The provisioner deletes a volume whose claim is gone.
    ProvisionerDeletes,
    /// A deleted claim stays because these Pods use it.
    ClaimInUse(Vec<EcoString>),
    /// A deleted volume stays because this claim is bound to it.
    VolumeInUse(EcoString),
    /// Nothing uses it: it goes.
    ProtectionLifted,
    /// A Pod's ephemeral volume gets this claim of its own.
    EphemeralClaimMade(EcoString),
    /// The claim of a Pod's ephemeral volume would be called like this one of somebody else.
    EphemeralClaimTaken(EcoString),
    /// The node for which a volume is to be made does not exist.
    SelectedNodeNotFound(EcoString),
    /// More room was asked for; an outside controller has to make it.
    ExpansionAsked,
}

/// Why one volume was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum VolumeChoice {
    /// It is the smallest of so many that fit.
    Smallest {
        /// How many fit.
        fitting_count: u32,
    },
    /// It was reserved for, or made for, the claim.
    Reserved,
    /// The claim names it.
    Named,
}

/// Why a volume does not fit a claim.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Misfit {
    /// It is too small.
    TooSmall {
        /// What it holds.
        capacity: EcoString,
    },
    /// It does not have all the access modes.
    AccessModes(Vec<EcoString>),
    /// Its class is another one.
    Class(EcoString),
    /// Filesystem against Block.
    VolumeMode(EcoString),
    /// Its labels are not those of the selector.
    Selector,
    /// Another claim has it (`namespace/name`).
    Claimed(EcoString),
    /// Its claim is gone, its data are kept (`namespace/name`).
    Released(EcoString),
    /// It is being deleted.
    Terminating,
    /// It is in this phase.
    Phase(EcoString),
}

impl PersistentVolumeReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        use PersistentVolumeReason as R;
        match self {
            R::Bound { .. } => "bind",
            R::NoVolumeFits(_)
            | R::NamedVolumeNotFound(_)
            | R::NamedVolumeMisfit(..)
            | R::NamedVolumeTaken(_) => "syncUnboundClaim",
            R::ClassNotFound { .. } | R::ClassMakesNone(_) => "provisionClaim",
            R::WaitingForFirstConsumer | R::WaitingForPods(_) => {
                "emitEventForUnboundDelayBindingClaim"
            }
            R::AskedProvisioner(_) => "provisionClaimOperationExternal",
            R::DefaultClassAssigned(_) => "assignDefaultStorageClass",
            R::Lost(_) | R::Misbound(_) => "syncBoundClaim",
            R::Available | R::Reserved(_) => "syncVolume",
            R::Retained(_) => "reclaimVolume",
            R::Deleting(_) | R::DeleteFailed(_) => "deleteVolumeOperation",
            R::Recycling(_) | R::Recycled | R::RecycleFailed(_) | R::StillUsed(_) => {
                "recycleVolumeOperation"
            }
            R::EphemeralClaimMade(_) | R::EphemeralClaimTaken(_) => "handleVolume",
            R::SelectedNodeNotFound(_) => "provisionVolumeErrorHandling",
            R::Provisioned { .. } | R::ProvisionerSilent(_) => "provisionClaimOperation",
            R::ProvisionerDeletes => "deleteVolumeOperation",
            R::ClaimInUse(_) => "isBeingUsed",
            R::VolumeInUse(_) => "isBeingUsed",
            R::ProtectionLifted => "removeFinalizer",
            R::ExpansionAsked => "syncHandler",
        }
    }
}
