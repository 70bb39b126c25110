//! English sentences of the small controllers: namespaces, Pod garbage, disruption budgets,
//! service accounts.

use crate::controller::reason::{
    DisruptionReason, NamespaceReason, PodGcReason, ServiceAccountReason,
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
