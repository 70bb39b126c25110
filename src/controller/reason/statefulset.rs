//! What the StatefulSet controller says about its decisions.
//!
//! One variant for each branch of `pkg/controller/statefulset` that a learner can ask about,
//! doing nothing included.

use crate::api::time::Time;
use crate::api::value::EcoString;

/// Why the StatefulSet controller did something, or did not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum StatefulSetReason {
    /// The set is gone; nothing is left to do. (`sync`)
    SetGone,
    /// A ControllerRevision without owner matches the selector and gets the set as its owner.
    /// (`adoptOrphanRevisions`)
    RevisionAdopted {
        /// The ControllerRevision.
        revision: EcoString,
    },
    /// The set is being deleted, so orphaned ControllerRevisions cannot be adopted: the sync
    /// fails. (`canAdoptFunc`)
    RevisionsNotAdopted {
        /// How many wait.
        count: u32,
    },
    /// A Pod without owner matches selector and name, and becomes the set's. (`AdoptPod`)
    PodAdopted {
        /// The Pod.
        pod: EcoString,
    },
    /// A matching Pod without owner is not taken, because it or the set is being deleted.
    /// (`ClaimObject`)
    PodNotAdopted {
        /// The Pod.
        pod: EcoString,
        /// Whether it is the set that is being deleted.
        set_terminating: bool,
    },
    /// A Pod of the set no longer matches the selector and is let go. (`ReleasePod`)
    PodReleased {
        /// The Pod.
        pod: EcoString,
        /// Whether the labels are the reason; otherwise it is the name.
        labels: bool,
    },
    /// A matching Pod belongs to somebody else and is ignored. (`ClaimObject`)
    PodOfAnother {
        /// The Pod.
        pod: EcoString,
        /// Kind and name of its controller.
        owner: EcoString,
    },
    /// The Pod template is new: a ControllerRevision keeps it. (`getStatefulSetRevisions`)
    RevisionCreated {
        /// The ControllerRevision.
        revision: EcoString,
        /// Its number.
        number: i64,
    },
    /// The Pod template equals an older one, whose ControllerRevision is renumbered and becomes
    /// the newest. (`getStatefulSetRevisions`)
    RevisionReused {
        /// The ControllerRevision.
        revision: EcoString,
        /// Its number so far.
        from: i64,
        /// Its new number.
        to: i64,
    },
    /// The name for a new ControllerRevision was taken with other content, so the hash got a
    /// collision count. (`CreateControllerRevision`)
    RevisionCollision {
        /// The name that was taken.
        taken: EcoString,
        /// The count.
        count: i64,
    },
    /// A ControllerRevision of this name and content exists but is not the set's own; it is used
    /// by name. (`CreateControllerRevision`)
    RevisionBorrowed {
        /// The ControllerRevision.
        revision: EcoString,
    },
    /// Older ControllerRevisions than the limit keeps are deleted. (`truncateHistory`)
    RevisionTruncated {
        /// The ControllerRevision.
        revision: EcoString,
        /// `spec.revisionHistoryLimit`
        limit: i64,
    },
    /// The set is being deleted: only its status is kept up. (`updateStatefulSet`)
    SetTerminating,
    /// A Pod has ended and is deleted, to be made again. (`processReplica`)
    EndedPodDeleted {
        /// The Pod.
        pod: EcoString,
        /// Whether it failed; otherwise it succeeded.
        failed: bool,
    },
    /// A Pod has ended and is already being deleted. (`processReplica`)
    EndedPodTerminating {
        /// The Pod.
        pod: EcoString,
    },
    /// A Pod is missing and is created. (`processReplica`)
    PodCreated {
        /// The Pod.
        pod: EcoString,
        /// The ControllerRevision it is made from.
        revision: EcoString,
        /// Why this one.
        choice: RevisionChoice,
    },
    /// A missing claim is created for a Pod. (`createPersistentVolumeClaims`)
    ClaimCreated {
        /// The claim.
        claim: EcoString,
        /// The Pod.
        pod: EcoString,
    },
    /// A claim of the right name is there already, and is used whatever its size and class.
    /// (`createPersistentVolumeClaims`)
    ClaimReused {
        /// The claim.
        claim: EcoString,
        /// The Pod.
        pod: EcoString,
    },
    /// A Pod cannot be created because its claim is being deleted; tried again with back-off.
    /// (`createPersistentVolumeClaims`)
    ClaimTerminating {
        /// The claim.
        claim: EcoString,
        /// The Pod.
        pod: EcoString,
    },
    /// A Pod cannot be created yet: its claim still belongs to the former Pod of this name and is
    /// about to be deleted; nothing wakes the set when it is gone. (`PodClaimIsStale`)
    ClaimStale {
        /// The claim.
        claim: EcoString,
        /// The Pod.
        pod: EcoString,
    },
    /// Nothing above a Pod is touched until it has stopped. (`processReplica`)
    WaitingForTermination {
        /// The Pod.
        pod: EcoString,
    },
    /// Nothing above a Pod is touched until it is running and ready. (`processReplica`)
    WaitingForReady {
        /// The Pod.
        pod: EcoString,
        /// Whether it runs already.
        running: bool,
        /// Whether it still has an old revision: the forced-rollback trap.
        outdated: bool,
    },
    /// Nothing above a Pod is touched until it has been ready for long enough.
    /// (`processReplica`)
    WaitingForAvailable {
        /// The Pod.
        pod: EcoString,
        /// When it will be.
        at: Time,
    },
    /// An ordinal does not exist yet because a lower one blocks it. (`runForAll`)
    NotCreatedYet {
        /// The lowest missing Pod above the blocker.
        pod: EcoString,
        /// How many are missing above the blocker.
        count: u32,
        /// The Pod that blocks.
        blocker: EcoString,
    },
    /// Surplus Pods stay because a Pod within the range blocks. (`runForAll`)
    NotScaledDownYet {
        /// How many surplus Pods there are.
        count: u32,
        /// The Pod that blocks.
        blocker: EcoString,
    },
    /// Outdated Pods stay because a Pod within the range blocks. (`runForAll`)
    NotUpdatedYet {
        /// How many are outdated.
        count: u32,
        /// The Pod that blocks.
        blocker: EcoString,
    },
    /// A Pod's name label was not right and is put right. (`UpdateStatefulPod`)
    IdentityRepaired {
        /// The Pod.
        pod: EcoString,
    },
    /// A Pod's volumes are not those of the claim templates; the API refuses to change them.
    /// (`UpdateStatefulPod`)
    StorageMismatch {
        /// The Pod.
        pod: EcoString,
    },
    /// A claim's owner references are brought in line with the retention policy.
    /// (`UpdatePodClaimForRetentionPolicy`)
    ClaimOwnersUpdated {
        /// The claim.
        claim: EcoString,
        /// Who owns it afterwards.
        owner: ClaimOwner,
    },
    /// A claim belongs to another controller; the retention policy does not apply to it.
    /// (`hasUnexpectedController`)
    ClaimOfAnother {
        /// The claim.
        claim: EcoString,
    },
    /// A Pod is beyond the wanted number and is deleted. (`processCondemned`)
    ScaledDown {
        /// The Pod.
        pod: EcoString,
        /// `spec.replicas`
        replicas: i64,
    },
    /// A surplus Pod is stopping; the next one waits for it. (`processCondemned`)
    CondemnedTerminating {
        /// The Pod.
        pod: EcoString,
    },
    /// A surplus Pod is not ready, and another unhealthy Pod below it has to recover or go first.
    /// (`processCondemned`)
    CondemnedBlocked {
        /// The Pod.
        pod: EcoString,
        /// The lowest unhealthy Pod.
        blocker: EcoString,
        /// Whether it is ready but not yet for long enough.
        ready: bool,
    },
    /// Outdated Pods are replaced only when somebody deletes them. (`updateStatefulSet`)
    OnDelete {
        /// How many are outdated.
        count: u32,
    },
    /// Outdated Pods below the partition keep the current revision.
    /// (`updateStatefulSetAfterInvariantEstablished`)
    BelowPartition {
        /// How many are outdated below it.
        count: u32,
        /// The partition.
        partition: i64,
    },
    /// As many Pods as may be are unavailable already; the next outdated one waits.
    /// (`updateStatefulSetAfterInvariantEstablished`)
    UpdateWaits {
        /// How many are unavailable.
        unavailable: u32,
        /// How many may be.
        max_unavailable: u32,
        /// The highest unavailable Pod.
        blocker: EcoString,
    },
    /// An outdated Pod is deleted to be made from the new revision.
    /// (`updateStatefulSetAfterInvariantEstablished`)
    PodUpdated {
        /// The Pod.
        pod: EcoString,
        /// Its revision, "" if it has none.
        from: EcoString,
        /// The new revision.
        to: EcoString,
        /// Whether it was unavailable anyway, so that it takes nothing from the budget.
        unavailable: bool,
    },
    /// The strategy is Recreate: every Pod of an old revision is deleted at once.
    /// (`updateStatefulSet`)
    PodRecreated {
        /// The Pod.
        pod: EcoString,
        /// Its revision, "" if it has none.
        from: EcoString,
        /// The new revision.
        to: EcoString,
    },
    /// The strategy is Recreate: no new Pod is made until the last old one is gone.
    /// (`updateStatefulSet`)
    RecreateWaits {
        /// How many old ones are left.
        count: u32,
        /// The lowest of them.
        pod: EcoString,
    },
    /// All Pods are new and ready: the update revision becomes the current one.
    /// (`completeRollingUpdate`)
    RolloutComplete {
        /// The revision.
        revision: EcoString,
    },
    /// Everything is as the spec wants it. (`updateStatefulSet`)
    UpToDate {
        /// How many Pods there are.
        replicas: u32,
    },
    /// Not all Pods are available yet; the set is looked at again without a change.
    /// (`syncStatefulSet`)
    LookAgain {
        /// When.
        at: Time,
    },
}

/// Why a Pod is made from the current or the update revision (`newVersionedStatefulSetPod`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RevisionChoice {
    /// There is no update going on: both are the same.
    Only,
    /// Its ordinal is below the partition: current.
    BelowPartition {
        /// The partition.
        partition: i64,
    },
    /// `rollingUpdate` is absent and the ordinal is below the count of current Pods: current.
    BelowCurrentReplicas {
        /// `status.currentReplicas`
        current_replicas: i64,
    },
    /// Otherwise: update.
    Update,
}

/// Who owns a claim by the retention policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClaimOwner {
    /// Nobody: it outlives Pod and set.
    Nobody,
    /// The set: it goes with the set.
    Set,
    /// Its Pod: it goes with the Pod, which is being scaled away.
    Pod,
}

impl StatefulSetReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        use StatefulSetReason as R;
        match self {
            R::SetGone => "sync",
            R::RevisionAdopted { .. } => "adoptOrphanRevisions",
            R::RevisionsNotAdopted { .. } => "canAdoptFunc",
            R::PodAdopted { .. } => "AdoptPod",
            R::PodReleased { .. } => "ReleasePod",
            R::PodNotAdopted { .. } | R::PodOfAnother { .. } => "ClaimObject",
            R::RevisionCreated { .. } | R::RevisionReused { .. } => "getStatefulSetRevisions",
            R::RevisionCollision { .. } | R::RevisionBorrowed { .. } => "CreateControllerRevision",
            R::RevisionTruncated { .. } => "truncateHistory",
            R::SetTerminating
            | R::OnDelete { .. }
            | R::UpToDate { .. }
            | R::PodRecreated { .. }
            | R::RecreateWaits { .. } => "updateStatefulSet",
            R::EndedPodDeleted { .. }
            | R::EndedPodTerminating { .. }
            | R::PodCreated { .. }
            | R::WaitingForTermination { .. }
            | R::WaitingForReady { .. }
            | R::WaitingForAvailable { .. } => "processReplica",
            R::ClaimCreated { .. } | R::ClaimReused { .. } | R::ClaimTerminating { .. } => {
                "createPersistentVolumeClaims"
            }
            R::ClaimStale { .. } => "PodClaimIsStale",
            R::NotCreatedYet { .. } | R::NotScaledDownYet { .. } | R::NotUpdatedYet { .. } => {
                "runForAll"
            }
            R::IdentityRepaired { .. } | R::StorageMismatch { .. } => "UpdateStatefulPod",
            R::ClaimOwnersUpdated { .. } => "UpdatePodClaimForRetentionPolicy",
            R::ClaimOfAnother { .. } => "hasUnexpectedController",
            R::ScaledDown { .. } | R::CondemnedTerminating { .. } | R::CondemnedBlocked { .. } => {
                "processCondemned"
            }
            R::BelowPartition { .. } | R::UpdateWaits { .. } | R::PodUpdated { .. } => {
                "updateStatefulSetAfterInvariantEstablished"
            }
            R::RolloutComplete { .. } => "completeRollingUpdate",
            R::LookAgain { .. } => "syncStatefulSet",
        }
    }
}
