//! Admission: what changes or refuses a request after decoding and before the store.
//!
//! Models `plugin/pkg/admission` with the plugins that kube-apiserver enables by default.

pub mod limit_ranger;
pub mod namespace_lifecycle;
pub mod pod_defaults;
pub mod pod_resize;
pub mod pod_security;
pub mod resource_quota;
pub mod storage;

use super::registry::Handler;
use super::registry::generic::Part;
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::status::Status;

/// Mutating admission of a new object, in the order of the plugins.
pub fn admit_create(handler: &mut Handler, object: &mut Object) -> Result<(), Status> {
    namespace_lifecycle::admit(handler, object)?;
    limit_ranger::admit(handler, object);
    if object.kind == Kind::Pod {
        pod_defaults::admit(handler, object)?;
    }
    storage::set_default_class(handler, object);
    protect_storage(object);
    Ok(())
}

/// Mutating admission of a changed object.
pub fn admit_update(part: Part, object: &mut Object, existing: &Object) {
    if object.kind == Kind::Pod && part == Part::Main {
        pod_defaults::admit_update(object, existing);
    }
}

/// Admission of a deletion.
pub fn admit_delete(existing: &Object) -> Result<(), Status> {
    namespace_lifecycle::admit_delete(existing)
}

/// Validating admission of a new object; the last plugin writes down what it uses up.
pub fn validate_create(handler: &mut Handler, object: &Object) -> Result<(), Status> {
    limit_ranger::validate(handler, object)?;
    pod_security::validate(handler, object)?;
    resource_quota::admit(handler, object, None)
}

/// Validating admission of a changed object.
pub fn validate_update(
    handler: &mut Handler,
    part: Part,
    object: &Object,
    existing: &Object,
) -> Result<(), Status> {
    if part == Part::Status || object.spec() == existing.spec() {
        return Ok(());
    }
    if object.kind != Kind::Pod {
        limit_ranger::validate(handler, object)?;
        pod_security::validate(handler, object)?;
    }
    if part == Part::Resize {
        pod_resize::validate(handler, object)?;
    }
    storage::validate_resize(handler, object, existing)?;
    resource_quota::admit(handler, object, Some(existing))
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
