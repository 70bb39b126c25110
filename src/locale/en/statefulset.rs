//! English sentences of the StatefulSet controller.

use crate::controller::reason::StatefulSetReason;
use crate::controller::reason::statefulset::{ClaimOwner, RevisionChoice};

/// Why the StatefulSet controller did something, or did not.
pub fn sentence(reason: &StatefulSetReason) -> String {
    use StatefulSetReason as R;
    match reason {
        R::SetGone => "The StatefulSet is gone; there is nothing left to do.".into(),
        R::RevisionAdopted { revision } => format!(
            "ControllerRevision {revision} matches the selector and has no owner, so this \
             StatefulSet becomes its owner."
        ),
        R::RevisionsNotAdopted { count } => format!(
            "{count} ControllerRevisions have no owner, but a StatefulSet that is being deleted \
             adopts nothing. The sync fails and is tried again."
        ),
        R::PodAdopted { pod } => format!(
            "{pod} has no owner and matches both the selector and the naming pattern, so the \
             StatefulSet adopts it."
        ),
        R::PodNotAdopted { pod, set_terminating: true } => format!(
            "{pod} matches and has no owner, but the StatefulSet is being deleted and adopts \
             nothing."
        ),
        R::PodNotAdopted { pod, set_terminating: false } => {
            format!("{pod} matches and has no owner, but it is being deleted and is not adopted.")
        }
        R::PodReleased { pod, labels: true } => format!(
            "{pod}'s labels no longer match the selector, so the StatefulSet lets it go. It runs \
             on as a bare Pod, and its name stays taken."
        ),
        R::PodReleased { pod, labels: false } => {
            format!("{pod}'s name is not one of this StatefulSet's, so the Pod is let go.")
        }
        R::PodOfAnother { pod, owner } => {
            format!("{pod} matches the selector but belongs to {owner}, so it is ignored.")
        }
        R::RevisionCreated { revision, number } => format!(
            "The Pod template has not been seen before: ControllerRevision {revision} keeps it \
             as revision {number}."
        ),
        R::RevisionReused { revision, from, to } => format!(
            "The Pod template equals that of ControllerRevision {revision}, so that one is used \
             again: its number goes from {from} to {to}. This is what a rollback is."
        ),
        R::RevisionCollision { taken, count } => format!(
            "The name {taken} is taken by a ControllerRevision with other content, so the hash \
             is computed again with collisionCount {count}."
        ),
        R::RevisionBorrowed { revision } => format!(
            "ControllerRevision {revision} has exactly this content but another owner; it is \
             used by its name."
        ),
        R::RevisionTruncated { revision, limit } => format!(
            "ControllerRevision {revision} is no longer in use, and revisionHistoryLimit keeps \
             only {limit} of those, so it is deleted."
        ),
        R::SetTerminating => "The StatefulSet is being deleted: no Pod is created, deleted or \
                              updated any more, only the status is kept up."
            .into(),
        R::EndedPodDeleted { pod, failed } => format!(
            "{pod} has {}. It is deleted now and made again once it is gone.",
            if *failed { "failed" } else { "run to its end" }
        ),
        R::EndedPodTerminating { pod } => {
            format!("{pod} has ended and is being deleted; it is made again once it is gone.")
        }
        R::PodCreated { pod, revision, choice } => {
            format!("{pod} is missing and is created from {revision}, {}.", choice_of(*choice))
        }
        R::ClaimCreated { claim, pod } => {
            format!("{pod} needs PersistentVolumeClaim {claim}, which is created first.")
        }
        R::ClaimReused { claim, pod } => format!(
            "PersistentVolumeClaim {claim} is there already, so {pod} uses it with the data it \
             holds; its size and class are not compared with the template."
        ),
        R::ClaimTerminating { claim, pod } => format!(
            "{pod} cannot be created: PersistentVolumeClaim {claim} is being deleted. The \
             controller tries again with growing pauses."
        ),
        R::ClaimStale { claim, pod } => format!(
            "{pod} is not created yet: PersistentVolumeClaim {claim} belongs to the former {pod} \
             and is about to be collected. Nothing wakes the StatefulSet when it is gone."
        ),
        R::WaitingForTermination { pod } => format!(
            "{pod} is being deleted. With OrderedReady nothing else is done until it has stopped."
        ),
        R::WaitingForReady { pod, running, outdated } => {
            waiting_for_ready(pod, *running, *outdated)
        }
        R::WaitingForAvailable { pod, at } => format!(
            "{pod} is Ready but has to stay so for minReadySeconds, until {}.",
            at.rfc3339()
        ),
        R::NotCreatedYet { pod, count: 1, blocker } => {
            format!("{pod} does not exist yet: with OrderedReady {blocker} comes first.")
        }
        R::NotCreatedYet { pod, count, blocker } => format!(
            "{pod} and {} more Pods do not exist yet: with OrderedReady {blocker} comes first.",
            count - 1
        ),
        R::NotScaledDownYet { count, blocker } => format!(
            "{count} surplus Pods stay for now: with OrderedReady nothing is scaled down until \
             {blocker} is Ready."
        ),
        R::NotUpdatedYet { count, blocker } => format!(
            "{count} Pods still have an old revision: with OrderedReady no update goes on until \
             {blocker} is Ready."
        ),
        R::IdentityRepaired { pod } => {
            format!("{pod}'s label statefulset.kubernetes.io/pod-name is put right.")
        }
        R::StorageMismatch { pod } => format!(
            "{pod}'s volumes are not those of the volumeClaimTemplates. The controller tries to \
             change them, which the API server refuses for a Pod that exists."
        ),
        R::ClaimOwnersUpdated { claim, owner } => match owner {
            ClaimOwner::Nobody => format!(
                "By the retention policy PersistentVolumeClaim {claim} is kept, so its owner \
                 reference is removed."
            ),
            ClaimOwner::Set => format!(
                "By the retention policy PersistentVolumeClaim {claim} is deleted with the \
                 StatefulSet, which becomes its owner."
            ),
            ClaimOwner::Pod => format!(
                "By the retention policy PersistentVolumeClaim {claim} is deleted with its Pod, \
                 which is being scaled away and becomes its owner."
            ),
        },
        R::ClaimOfAnother { claim } => format!(
            "PersistentVolumeClaim {claim} belongs to another controller, so the retention \
             policy does not apply to it."
        ),
        R::ScaledDown { pod, replicas } => format!(
            "{pod} is beyond the wanted {replicas} replicas and has the highest ordinal, so it is \
             deleted."
        ),
        R::CondemnedTerminating { pod } => {
            format!("{pod} is being scaled away; the next one waits until it is gone.")
        }
        R::CondemnedBlocked { pod, blocker, ready: false } => format!(
            "{pod} is to be scaled away but is not Ready, and {blocker} below it is unhealthy \
             too. With OrderedReady the scale-down waits until {blocker} is healthy or gone."
        ),
        R::CondemnedBlocked { pod, blocker, ready: true } => format!(
            "{pod} is to be scaled away but has not been Ready for minReadySeconds, and \
             {blocker} below it is unhealthy. The scale-down waits."
        ),
        R::OnDelete { count } => format!(
            "{count} Pods have an old revision. With the update strategy OnDelete they are \
             replaced only when somebody deletes them."
        ),
        R::BelowPartition { count, partition } => format!(
            "{count} Pods below partition {partition} keep the old revision; that is what the \
             partition is for."
        ),
        R::UpdateWaits { unavailable, max_unavailable, blocker } => format!(
            "{unavailable} Pods are unavailable ({blocker} among them) and maxUnavailable allows \
             {max_unavailable}, so no further Pod is replaced for now."
        ),
        R::PodUpdated { pod, from, to, unavailable } => {
            let from = if from.is_empty() { "no revision" } else { from };
            let why = match unavailable {
                true => "It is unavailable anyway, so nothing is lost",
                false => "The highest outdated ordinal goes first",
            };
            format!("{pod} has {from} and is deleted, to come back as {to}. {why}.")
        }
        R::PodRecreated { pod, from, to } => {
            let from = if from.is_empty() { "no revision" } else { from };
            format!(
                "{pod} has {from} and is deleted together with every other old Pod (Recreate); it \
                 comes back as {to} when all of them are gone."
            )
        }
        R::RecreateWaits { count, pod } => format!(
            "{count} old Pods ({pod} among them) are still stopping. With the update strategy \
             Recreate no new Pod is made until the last of them is gone."
        ),
        R::RolloutComplete { revision } => {
            format!("All Pods are Ready with {revision}, which becomes the current revision.")
        }
        R::UpToDate { replicas } => {
            format!("All {replicas} Pods are as the spec wants them; there is nothing to do.")
        }
        R::LookAgain { at } => format!(
            "Not all Pods have been Ready for minReadySeconds; the controller looks again at {}.",
            at.rfc3339()
        ),
    }
}

fn waiting_for_ready(pod: &str, running: bool, outdated: bool) -> String {
    let state = if running { "runs but is not Ready" } else { "does not run yet" };
    let mut text = format!("{pod} {state}. With OrderedReady nothing else is done until it is.");
    if outdated {
        text.push_str(" It has an old revision and is not replaced by itself: delete it by hand.");
    }
    text
}

fn choice_of(choice: RevisionChoice) -> String {
    match choice {
        RevisionChoice::Only => "the only revision in use".into(),
        RevisionChoice::BelowPartition { partition } => {
            format!("the current revision, because its ordinal is below partition {partition}")
        }
        RevisionChoice::BelowCurrentReplicas { current_replicas } => format!(
            "the current revision, because rollingUpdate is not set and its ordinal is below \
             currentReplicas ({current_replicas})"
        ),
        RevisionChoice::Update => "the update revision".into(),
    }
}
