//! What the disruption controller says about its decisions (`pkg/controller/disruption`).

/// What the disruption controller found out for a PodDisruptionBudget.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DisruptionReason {
    /// Some Pods may be evicted. (`updatePdbStatus`)
    DisruptionsAllowed {
        /// How many.
        allowed: i64,
        /// Healthy Pods.
        healthy: i64,
        /// How many must stay healthy.
        desired: i64,
    },
    /// No Pod may be evicted. (`updatePdbStatus`)
    NoDisruptionAllowed {
        /// Healthy Pods.
        healthy: i64,
        /// How many must stay healthy.
        desired: i64,
    },
    /// The number of wanted Pods cannot be found out; no Pod may be evicted. (`failSafe`)
    SyncFailed,
}

impl DisruptionReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::DisruptionsAllowed { .. } | Self::NoDisruptionAllowed { .. } => "updatePdbStatus",
            Self::SyncFailed => "failSafe",
        }
    }
}
