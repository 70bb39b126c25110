//! Admission: what changes or refuses a request after decoding and before the store.
//!
//! Models `plugin/pkg/admission` with the plugins that kube-apiserver enables by default.

pub mod namespace_lifecycle;
pub mod pod_defaults;

use super::registry::Handler;
use super::registry::generic::Part;
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::status::Status;

/// Mutating admission of a new object, in the order of the plugins.
pub fn admit_create(handler: &mut Handler, object: &mut Object) -> Result<(), Status> {
    namespace_lifecycle::admit(handler, object)?;
    if object.kind == Kind::Pod {
        pod_defaults::admit(handler, object)?;
    }
    protect_storage(object);
    Ok(())
}

/// Mutating admission of a changed object.
pub fn admit_update(
    handler: &mut Handler,
    part: Part,
    object: &mut Object,
    existing: &Object,
) -> Result<(), Status> {
    let _ = (handler, part, object, existing);
    Ok(())
}

/// Admission of a deletion.
pub fn admit_delete(handler: &mut Handler, existing: &Object) -> Result<(), Status> {
    namespace_lifecycle::admit_delete(handler, existing)
}

/// Validating admission of a new object.
pub fn validate_create(handler: &mut Handler, object: &Object) -> Result<(), Status> {
    let _ = (handler, object);
    Ok(())
}

/// Validating admission of a changed object.
pub fn validate_update(
    handler: &mut Handler,
    part: Part,
    object: &Object,
    existing: &Object,
) -> Result<(), Status> {
    let _ = (handler, part, object, existing);
    Ok(())
}

/// Writes down what the new object uses up.
pub fn account(handler: &mut Handler, object: &Object) -> Result<(), Status> {
    let _ = (handler, object);
    Ok(())
}

// Models plugin/pkg/admission/storage/storageobjectinuseprotection.
fn protect_storage(object: &mut Object) {
    let finalizer = match object.kind {
        Kind::PersistentVolumeClaim => "kubernetes.io/pvc-protection",
        Kind::PersistentVolume => "kubernetes.io/pv-protection",
        _ => return,
    };
    if !object.has_finalizer(finalizer) {
        object.value.path_mut(&["metadata", "finalizers"]).array_mut().push(finalizer.into());
    }
}
