//! Resizing Pods: no more than the node has.
//!
//! Models the admission of Pod resizes under `plugin/pkg/admission`: what can never be given is
//! refused at once. Leaves out nodes without Linux or without the feature.

use crate::api::go;
use crate::api::object::{Object, ObjectKey};
use crate::api::pod_requests::{amount, pod_requests, resource_list};
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::apiserver::registry::Handler;

/// Refuses a Pod that asks for more than its node can allocate, or whose node is gone.
///
/// Models validateRequestsWithinAllocatable.
pub fn validate(handler: &Handler, pod: &Object) -> Result<(), Status> {
    let name = pod.spec().get("nodeName").str();
    if name.is_empty() {
        return Ok(());
    }
    let Some(node) = handler.storage.get(&ObjectKey::new(Kind::Node, "", name)) else {
        let why = format!("node {} not found", go::quote(name));
        return Err(Status::forbidden("pods", pod.name(), &why));
    };
    let allocatable = resource_list(node.status().get("allocatable"));
    let requests = pod_requests(pod.spec());
    let mut problems = Vec::new();
    for name in ["cpu", "memory"] {
        let (requested, total) = (amount(&requests, name), amount(&allocatable, name));
        if requested > total {
            problems.push(format!("{name}, requested: {requested}, allocatable: {total}"));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    let list = problems.join("; ");
    let why = format!("node didn't have enough allocatable resources: {list}");
    Err(Status::forbidden("pods", pod.name(), &why))
}
