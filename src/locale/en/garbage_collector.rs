//! English sentences of the garbage collector.

use crate::controller::reason::GarbageCollectorReason;

/// Why the garbage collector did something, or did not.
pub fn sentence(reason: &GarbageCollectorReason) -> String {
    use GarbageCollectorReason as R;
    match reason {
        R::OwnersGone { owner } => {
            format!("Its owner {owner} no longer exists, so the garbage collector deletes it.")
        }
        R::StaleReferencesRemoved { owner } => format!(
            "Some of its owners no longer exist, but {owner} does, so only the stale owner \
             references are removed."
        ),
        R::OwnerWaits { owner } => format!(
            "{owner} is being deleted in the foreground and waits for its dependents, so this one \
             is deleted first."
        ),
        R::WaitingForDependents { dependent, count: 1 } => {
            format!("It is being deleted in the foreground and waits for {dependent}.")
        }
        R::WaitingForDependents { dependent, count } => format!(
            "It is being deleted in the foreground and waits for {count} dependents, {dependent} \
             among them."
        ),
        R::DependentsGone => {
            "All dependents that block are gone, so the finalizer foregroundDeletion is removed \
             and the object goes."
                .into()
        }
        R::Orphaned { owner } => format!(
            "{owner} was deleted with --cascade=orphan, so its owner reference is removed and \
             this object stays."
        ),
        R::OrphaningDone { count } => format!(
            "{count} dependents were orphaned, so the finalizer orphan is removed and the object \
             goes."
        ),
    }
}
