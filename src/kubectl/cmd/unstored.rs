//! Kinds that are served, of which a cluster has no object unless somebody makes one.
//!
//! They are not stored here, so that nobody can make one either: asked for them, kubectl finds
//! none, as in a real cluster. Making one is refused elsewhere.

use crate::api::scheme::RESOURCES;
use crate::api::status::Status;
use crate::kubectl::discovery::{self, ApiResource};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};

/// Kinds of which a cluster has objects from the start.
const POPULATED: &[&str] = &[
    "APIService",
    "ClusterRole",
    "ClusterRoleBinding",
    "ComponentStatus",
    "CSINode",
    "FlowSchema",
    "IPAddress",
    "PriorityLevelConfiguration",
    "Role",
    "RoleBinding",
    "ServiceCIDR",
];

/// The answer to `get` and `describe` of such a kind; `None` for every other.
pub fn answer(invocation: &Invocation, world: &mut World<'_>) -> Option<Outcome> {
    let (first, names) = invocation.args.split_first()?;
    let (kind, name) = first.split_once('/').unwrap_or((first, ""));
    let resource = discovery::find(kind).filter(is_empty)?;
    let group = resource.group();
    let qualified = match group {
        "" => resource.name.to_string(),
        group => format!("{}.{group}", resource.name),
    };
    let names = names.iter().map(|name| name.as_str());
    let names: Vec<&str> = names.chain((!name.is_empty()).then_some(name)).collect();
    if names.is_empty() {
        return nothing(invocation, &resource, world);
    }
    if names.iter().any(|name| name.contains('/')) {
        return None;
    }
    let missing = names.iter().map(|name| Status::not_found(&qualified, name).into());
    let failures: Vec<Failure> = match invocation.is_true("ignore-not-found") {
        true => Vec::new(),
        false => missing.collect(),
    };
    Some(Failure::aggregate(failures).map(|()| Flow::Done(0)))
}

fn is_empty(resource: &ApiResource) -> bool {
    resource.verbs.contains("list")
        && !POPULATED.contains(&resource.kind)
        && !RESOURCES.iter().any(|stored| stored.name == resource.kind)
}

fn nothing(
    invocation: &Invocation,
    resource: &ApiResource,
    world: &mut World<'_>,
) -> Option<Outcome> {
    let namespaced = resource.namespaced && !invocation.is_true("all-namespaces");
    match invocation.text("output") {
        "" | "wide" if invocation.is_true("watch") => return None,
        "" | "wide" if invocation.is_true("ignore-not-found") => {}
        "" | "wide" if namespaced => {
            world.complain(&format!("No resources found in {} namespace.", invocation.namespace));
        }
        "" | "wide" => world.complain("No resources found"),
        "name" => {}
        _ => return None,
    }
    Some(Ok(Flow::Done(0)))
}
