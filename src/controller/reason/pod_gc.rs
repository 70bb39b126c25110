//! What the Pod garbage collector says about its decisions (`pkg/controller/podgc`).

use crate::api::value::EcoString;

/// Why the Pod garbage collector deleted a Pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PodGcReason {
    /// Its node is gone for good. (`gcOrphaned`)
    NodeGone {
        /// The node.
        node: EcoString,
    },
    /// Its node has been out of service by its taint. (`gcTerminating`)
    NodeOutOfService {
        /// The node.
        node: EcoString,
    },
    /// It was deleted before it ever had a node. (`gcUnscheduledTerminating`)
    NeverScheduled,
}

impl PodGcReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::NodeGone { .. } => "gcOrphaned",
            Self::NodeOutOfService { .. } => "gcTerminating",
            Self::NeverScheduled => "gcUnscheduledTerminating",
        }
    }
}
