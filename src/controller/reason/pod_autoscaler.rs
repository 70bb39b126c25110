//! What the autoscaler says about the size of its target (`pkg/controller/podautoscaler`).

use crate::api::value::EcoString;

/// Why a HorizontalPodAutoscaler changed its target's size, or did not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PodAutoscalerReason {
    /// What it scales is not there, or cannot be scaled. (`reconcileAutoscaler`)
    TargetMissing {
        /// Kind and name.
        target: EcoString,
    },
    /// The target was scaled to nothing, which switches the autoscaler off.
    /// (`reconcileAutoscaler`)
    TargetAtZero {
        /// Kind and name.
        target: EcoString,
    },
    /// The target is smaller or larger than the limits allow and is brought inside.
    /// (`reconcileAutoscaler`)
    BroughtInside {
        /// Kind and name.
        target: EcoString,
        /// Its size.
        from: i64,
        /// The limit, its new size.
        to: i64,
    },
    /// The size is within the limits, and without metrics there is no reason to change it.
    /// (`computeReplicasForMetrics`)
    WithinLimits {
        /// Kind and name.
        target: EcoString,
        /// Its size.
        replicas: i64,
    },
    /// One of its metrics is of a type whose answers are not simulated.
    /// (`computeReplicasForMetrics`)
    MetricNotSimulated {
        /// `External`
        metric: EcoString,
    },
}

impl PodAutoscalerReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::TargetMissing { .. } | Self::TargetAtZero { .. } | Self::BroughtInside { .. } => {
                "reconcileAutoscaler"
            }
            Self::WithinLimits { .. } | Self::MetricNotSimulated { .. } => {
                "computeReplicasForMetrics"
            }
        }
    }
}
