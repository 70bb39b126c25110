//! What the controllers of other workloads say: ReplicaSet, Deployment, DaemonSet, Job.

use crate::api::value::EcoString;

/// What one of these controllers found out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WorkloadReason {
    /// There are as many Pods as wanted. (`manageReplicas`)
    EnoughPods {
        /// How many.
        wanted: i64,
    },
    /// Pods are made. (`manageReplicas`)
    PodsMissing {
        /// How many.
        missing: i64,
    },
    /// Pods are deleted. (`manageReplicas`)
    PodsTooMany {
        /// How many.
        surplus: i64,
    },
    /// A Deployment makes a ReplicaSet larger or smaller. (`scaleReplicaSet`)
    ReplicaSetScaled {
        /// Which.
        replica_set: EcoString,
        /// From so many Pods.
        from: i64,
        /// To so many.
        to: i64,
    },
    /// Every node that should has its Pod. (`podsShouldBeOnNode`)
    EveryNodeHasOne {
        /// How many nodes.
        nodes: i64,
    },
    /// A CronJob's schedule asks for a Job. (`syncCronJob`)
    JobDue {
        /// Its name.
        job: EcoString,
    },
    /// Enough Pods of a Job have succeeded. (`enactJobFinished`)
    JobComplete,
    /// Too many Pods of a Job have failed, or it took too long. (`enactJobFinished`)
    JobFailed,
}

impl WorkloadReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::EnoughPods { .. } | Self::PodsMissing { .. } | Self::PodsTooMany { .. } => {
                "manageReplicas"
            }
            Self::ReplicaSetScaled { .. } => "scaleReplicaSet",
            Self::EveryNodeHasOne { .. } => "podsShouldBeOnNode",
            Self::JobDue { .. } => "syncCronJob",
            Self::JobComplete | Self::JobFailed => "enactJobFinished",
        }
    }
}
