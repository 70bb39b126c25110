//! What the controllers of other workloads say: ReplicaSet, Deployment, DaemonSet, Job,
//! CronJob.

use crate::api::time::Time;
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
    /// It is not time yet. (`nextScheduleTimeDuration`)
    NextDue {
        /// When it will be.
        at: Time,
    },
    /// The schedule names no time. (`mostRecentScheduleTime`)
    NeverDue,
    /// `spec.suspend` (`syncCronJob`)
    CronJobSuspended,
    /// Of this zone the simulation has no times. (`syncCronJob`)
    TimeZoneNotKnown {
        /// Its name.
        zone: EcoString,
    },
    /// More than `startingDeadlineSeconds` have passed. (`syncCronJob`)
    JobTooLate {
        /// When it was due.
        due: Time,
    },
    /// Another Job runs, and concurrencyPolicy is Forbid. (`syncCronJob`)
    JobForbidden {
        /// The other.
        job: EcoString,
    },
    /// A Job that still runs makes room, as concurrencyPolicy Replace says. (`syncCronJob`)
    JobReplaced {
        /// Which.
        job: EcoString,
    },
    /// There is a Job of that name which is not the CronJob's. (`syncCronJob`)
    JobNameTaken {
        /// Its name.
        job: EcoString,
    },
    /// A running Job belongs to the CronJob, but the schedule did not make it. (`syncCronJob`)
    JobUnexpected {
        /// Its name.
        job: EcoString,
    },
    /// Another controller runs the Job: `spec.managedBy`. (`syncJob`)
    JobManagedElsewhere {
        /// Which.
        manager: EcoString,
    },
    /// The next Pod waits, since one has failed. (`manageJob`)
    JobBacksOff {
        /// Until when.
        until: Time,
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
            Self::NextDue { .. } => "nextScheduleTimeDuration",
            Self::NeverDue => "mostRecentScheduleTime",
            Self::JobDue { .. }
            | Self::CronJobSuspended
            | Self::TimeZoneNotKnown { .. }
            | Self::JobTooLate { .. }
            | Self::JobForbidden { .. }
            | Self::JobReplaced { .. }
            | Self::JobNameTaken { .. }
            | Self::JobUnexpected { .. } => "syncCronJob",
            Self::JobManagedElsewhere { .. } => "syncJob",
            Self::JobBacksOff { .. } => "manageJob",
            Self::JobComplete | Self::JobFailed => "enactJobFinished",
        }
    }
}
