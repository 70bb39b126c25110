//! Where the Pod spec of a workload is.
//!
//! Models `polymorphichelpers.UpdatePodSpecForObjectFn`.

use super::errors::Failure;
use crate::api::scheme::Kind;

/// The path of the Pod spec in objects of this kind.
pub fn path(kind: Kind) -> Result<&'static [&'static str], Failure> {
    match kind {
        Kind::Pod => Ok(&["spec"]),
        Kind::Deployment | Kind::DaemonSet | Kind::ReplicaSet | Kind::StatefulSet | Kind::Job => {
            Ok(&["spec", "template", "spec"])
        }
        Kind::CronJob => Ok(&["spec", "jobTemplate", "spec", "template", "spec"]),
        _ => Err(Failure::message(format!(
            "the object is not a pod or does not have a pod template: *{}.{kind}",
            kind.resource().version
        ))),
    }
}
