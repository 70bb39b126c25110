//! English sentences of the small controllers: namespaces, Pod garbage, disruption budgets,
//! service accounts.

use crate::controller::reason::{
    DisruptionReason, NamespaceReason, PodAutoscalerReason, PodGcReason, ResourceQuotaReason,
    ServiceAccountReason, WorkQueueReason, WorkloadReason,
};

/// Why the namespace controller did something, or did not.
pub fn namespace(reason: &NamespaceReason) -> String {
    use NamespaceReason as R;
    match reason {
        R::ContentDeleted { count } => format!(
            "The namespace is being deleted, so the {count} objects in it are deleted as well."
        ),
        R::ContentRemains { what } => format!("The namespace cannot go yet: {what}"),
        R::Empty => "Nothing is left in the namespace, so it goes.".into(),
    }
}

/// Why the Pod garbage collector deleted a Pod.
pub fn pod_gc(reason: &PodGcReason) -> String {
    use PodGcReason as R;
    match reason {
        R::NodeGone { node } => format!(
            "Node {node} no longer exists, so no kubelet will ever confirm that the Pod has \
             stopped: it is deleted by force."
        ),
        R::NodeOutOfService { node } => format!(
            "Node {node} has the taint node.kubernetes.io/out-of-service, so the Pod that is being \
             deleted there is removed by force."
        ),
        R::NeverScheduled => {
            "The Pod was deleted before it had a node, so it is removed at once.".into()
        }
    }
}

/// What the disruption controller found out for a PodDisruptionBudget.
pub fn disruption(reason: &DisruptionReason) -> String {
    use DisruptionReason as R;
    match reason {
        R::DisruptionsAllowed { allowed, healthy, desired } => format!(
            "{healthy} Pods are healthy and {desired} have to be, so {allowed} may be evicted."
        ),
        R::NoDisruptionAllowed { healthy, desired } => {
            format!("{healthy} Pods are healthy and {desired} have to be, so none may be evicted.")
        }
        R::SyncFailed => {
            "How many Pods are wanted cannot be found out, so none may be evicted.".into()
        }
    }
}

/// Why something was put into a namespace.
pub fn service_account(reason: &ServiceAccountReason) -> String {
    use ServiceAccountReason as R;
    match reason {
        R::DefaultCreated => "Every namespace has a ServiceAccount named default.".into(),
        R::RootCertificatePublished => {
            "Every namespace has the ConfigMap kube-root-ca.crt with the cluster's root certificate."
                .into()
        }
        R::RootCertificateRestored => {
            "The ConfigMap kube-root-ca.crt was changed and is put right.".into()
        }
    }
}

/// Why an autoscaler changed the size of its target, or did not.
pub fn pod_autoscaler(reason: &PodAutoscalerReason) -> String {
    use PodAutoscalerReason as R;
    match reason {
        R::TargetMissing { target } => {
            format!("{target}, which it should scale, does not exist or cannot be scaled.")
        }
        R::TargetAtZero { target } => {
            format!("{target} was scaled to 0, which switches the autoscaler off.")
        }
        R::BroughtInside { target, from, to } => {
            let limit = if from > to { "maxReplicas" } else { "minReplicas" };
            format!("{target} has {from} replicas; {limit} is {to}, so it is scaled to {to}.")
        }
        R::MetricNotSimulated { metric } => format!(
            "What a cluster answers for metrics of the type {metric} is not simulated here: no \
             event and no condition tells of it. A real cluster without metrics would complain."
        ),
        R::WithinLimits { target, replicas } => format!(
            "{target} has {replicas} replicas, which is within the limits; without metrics there \
             is no reason to change that."
        ),
    }
}

/// Why the status of a quota was written, or not.
pub fn resource_quota(reason: &ResourceQuotaReason) -> String {
    match reason {
        ResourceQuotaReason::Recounted => {
            "What the namespace uses has changed, so the quota's status is counted anew.".into()
        }
        ResourceQuotaReason::UpToDate => {
            "The quota's status is what the namespace uses; there is nothing to do.".into()
        }
    }
}

/// Why something decided was not done, and when it is tried again.
pub fn work_queue(reason: &WorkQueueReason) -> String {
    match reason {
        WorkQueueReason::Refused { verb, what, error } => {
            format!("The API server refused to {verb} {what}: {error}")
        }
        WorkQueueReason::TriedAgain { failures, after } => format!(
            "This has failed {failures} times in a row. Nothing else wakes the controller, so it \
             tries again by itself in {:.3} s; the wait doubles every time.",
            after.as_secs_f64()
        ),
    }
}

/// What the controllers of other workloads found out.
pub fn workload(reason: &WorkloadReason) -> String {
    use WorkloadReason as R;
    match reason {
        R::EnoughPods { wanted } => format!("There are the {wanted} Pods that are wanted."),
        R::PodsMissing { missing } => format!("{missing} Pods are missing, so they are made."),
        R::PodsTooMany { surplus } => format!("{surplus} Pods are too many, so they are deleted."),
        R::ReplicaSetScaled { replica_set, from, to } => {
            format!(
                "The ReplicaSet {replica_set} goes from {from} to {to} Pods, as the roll-out allows."
            )
        }
        R::EveryNodeHasOne { nodes } => {
            format!("Each of the {nodes} nodes that should have a Pod has one.")
        }
        R::JobDue { job } => format!("The schedule says it is time, so the Job {job} is made."),
        R::NextDue { at } => format!("The schedule is due next at {}.", at.rfc3339()),
        R::NeverDue => "The schedule names no time that ever comes.".into(),
        R::CronJobSuspended => "It is suspended, so no Job is made.".into(),
        R::TimeZoneNotKnown { zone } => format!(
            "The times of the zone {zone} are not simulated here, so no Job is made; a real \
             cluster would make them. UTC is known."
        ),
        R::JobTooLate { due } => format!(
            "A Job was due at {}; that is longer ago than startingDeadlineSeconds, so it is left \
             out.",
            due.rfc3339()
        ),
        R::JobForbidden { job } => {
            format!("The Job {job} still runs, and concurrencyPolicy Forbid allows no second one.")
        }
        R::JobReplaced { job } => {
            format!("The Job {job} still runs; concurrencyPolicy Replace deletes it for the next.")
        }
        R::JobNameTaken { job } => format!(
            "There is a Job {job} already which is not this CronJob's, so none is made for this \
             time."
        ),
        R::JobUnexpected { job } => format!(
            "The Job {job} is this CronJob's, but the schedule did not make it: it is not counted \
             as active."
        ),
        R::JobManagedElsewhere { manager } => format!(
            "Its managedBy names {manager}, so this controller leaves it alone. Such a controller \
             is not simulated here."
        ),
        R::JobBacksOff { until } => format!(
            "A Pod has failed, so the next one waits until {}; each failure doubles the wait.",
            until.rfc3339()
        ),
        R::JobComplete => "Enough Pods have succeeded: the Job is complete.".into(),
        R::JobFailed => "Too many Pods have failed or time is up: the Job has failed.".into(),
    }
}
