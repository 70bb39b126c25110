//! Resizing Pods: no more than the node has.
//!
//! Models the admission of Pod resizes under `plugin/pkg/admission`: what can never be given is
//! refused at once. Leaves out nodes without Linux or without the feature.

use crate::api::object::{Object, ObjectKey};
use crate::api::pod_requests::{pod_requests, resource_list};
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::apiserver::registry::Handler;

/// Refuses a Pod that asks for more than its node can allocate.
///
/// Models validateRequestsWithinAllocatable.
pub fn validate(handler: &Handler, pod: &Object) -> Result<(), Status> {
    let key = ObjectKey::new(Kind::Node, "", pod.spec().get("nodeName").str());
    let Some(node) = handler.storage.get(&key) else { return Ok(()) };
    let allocatable = resource_list(node.status().get("allocatable"));
    let requests = pod_requests(pod.spec());
    let mut problems = Vec::new();
    for name in ["cpu", "memory"] {
        let amount = |list: &crate::api::pod_requests::ResourceList| match name {
            "cpu" => list.get(name).map_or(0, |amount| amount.milli()),
            _ => list.get(name).map_or(0, |amount| amount.units()),
        };
        let (requested, total) = (amount(&requests), amount(&allocatable));
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
