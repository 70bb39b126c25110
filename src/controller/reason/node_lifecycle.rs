//! Why nodes are tainted and Pods thrown off them.

use crate::api::value::EcoString;

/// What the node controllers say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NodeLifecycleReason {
    /// The kubelet has been silent for so many seconds: nobody knows how the node is.
    Silent {
        /// Seconds since its last heartbeat.
        seconds: u64,
    },
    /// The node is cordoned.
    Cordoned,
    /// Its Pods no longer count as ready, because nobody knows.
    PodsMarkedNotReady {
        /// How many.
        count: u32,
    },
    /// A Pod does not tolerate a taint of its node, or no longer.
    Evicted {
        /// The node.
        node: EcoString,
        /// `key=value:effect`
        taint: EcoString,
    },
    /// A Pod tolerates its node's taints for so many seconds more.
    Tolerated {
        /// The node.
        node: EcoString,
        /// `key=value:effect`
        taint: EcoString,
        /// How many seconds.
        seconds: u64,
    },
}

impl NodeLifecycleReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        match self {
            NodeLifecycleReason::Silent { .. } => "tryUpdateNodeHealth",
            NodeLifecycleReason::Cordoned => "doNoScheduleTaintingPass",
            NodeLifecycleReason::PodsMarkedNotReady { .. } => "MarkPodsNotReady",
            NodeLifecycleReason::Evicted { .. } | NodeLifecycleReason::Tolerated { .. } => {
                "processPodOnNode"
            }
        }
    }
}
