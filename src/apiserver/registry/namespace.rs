//! Namespaces: the `kubernetes` finalizer in their spec, and deletion in two steps.
//!
//! Models `pkg/registry/core/namespace`.

use super::Handler;
use super::generic::Part;
use crate::api::object::Object;
use crate::api::status::Status;
use crate::api::value::Value;
use crate::apiserver::request::Response;

const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The label with the name is always there.
pub fn default(object: &mut Object) {
    let name = object.name().to_owned();
    if !name.is_empty() && object.label(NAME_LABEL) != Some(&name) {
        object.set(&["metadata", "labels", NAME_LABEL], name);
    }
}

/// A new namespace is active and held until its content is gone.
pub fn prepare_for_create(object: &mut Object) {
    object.set(&["status"], crate::value!({"phase": "Active"}));
    let finalizers = object.path(&["spec", "finalizers"]).items();
    if !finalizers.iter().any(|f| f.str() == "kubernetes") {
        let mut finalizers = finalizers.to_vec();
        finalizers.push("kubernetes".into());
        object.set(&["spec", "finalizers"], Value::from(finalizers));
    }
    default(object);
}

/// Only the finalize subresource changes the finalizers in the spec.
pub fn prepare_for_update(part: Part, object: &mut Object, existing: &Object) {
    if part != Part::Finalize && object.path(&["spec"]) != existing.path(&["spec"]) {
        object.set(&["spec"], existing.spec());
    }
}

/// The first deletion makes it Terminating; the namespace controller empties it.
pub fn delete(handler: &mut Handler, existing: &Object) -> Option<Result<Response, Status>> {
    if existing.path(&["spec", "finalizers"]).items().is_empty() {
        return None;
    }
    if existing.is_terminating() {
        let why = "The system is ensuring all content is removed from this namespace.  Upon \
                   completion, this namespace will automatically be purged by the system.";
        return Some(Err(Status::conflict("namespaces", existing.name(), why)));
    }
    let mut object = existing.clone();
    object.set(&["metadata", "deletionTimestamp"], handler.now.rfc3339());
    object.set(&["status", "phase"], "Terminating");
    if handler.request.options.dry_run {
        return Some(Ok(handler.respond(object, false)));
    }
    let stored = handler.storage.put(&handler.origin(), object);
    Some(Ok(handler.respond(stored, true)))
}
