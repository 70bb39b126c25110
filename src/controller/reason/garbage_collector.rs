//! What the garbage collector says about its decisions (`pkg/controller/garbagecollector`).

use crate::api::object::ObjectKey;
use crate::api::value::EcoString;

/// Why the garbage collector did something, or did not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GarbageCollectorReason {
    /// None of its owners exists any more: it is deleted. (`attemptToDeleteItem`)
    OwnersGone {
        /// Kind and name of an owner that is gone.
        owner: EcoString,
    },
    /// Some owners are gone, but one is still there: only the references are taken out.
    /// (`attemptToDeleteItem`)
    StaleReferencesRemoved {
        /// The owner that is there.
        owner: EcoString,
    },
    /// Its owner waits for it to be gone before it goes itself: it is deleted.
    /// (`attemptToDeleteItem`)
    OwnerWaits {
        /// Kind and name of the owner.
        owner: EcoString,
    },
    /// It is being deleted itself, foreground, and waits for its dependents.
    /// (`processDeletingDependentsItem`)
    WaitingForDependents {
        /// One of them.
        dependent: ObjectKey,
        /// How many there are.
        count: u32,
    },
    /// All dependents that block are gone: the finalizer is taken out and the object goes.
    /// (`processDeletingDependentsItem`)
    DependentsGone,
    /// The owner was deleted with orphan propagation: its reference is taken out of a dependent.
    /// (`orphanDependents`)
    Orphaned {
        /// Kind and name of the owner.
        owner: EcoString,
    },
    /// All dependents are orphaned: the finalizer is taken out and the object goes.
    /// (`attemptToOrphanWorker`)
    OrphaningDone {
        /// How many dependents there were.
        count: u32,
    },
}

impl GarbageCollectorReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        use GarbageCollectorReason as R;
        match self {
            R::OwnersGone { .. } | R::StaleReferencesRemoved { .. } | R::OwnerWaits { .. } => {
                "attemptToDeleteItem"
            }
            R::WaitingForDependents { .. } | R::DependentsGone => "processDeletingDependentsItem",
            R::Orphaned { .. } => "orphanDependents",
            R::OrphaningDone { .. } => "attemptToOrphanWorker",
        }
    }
}
