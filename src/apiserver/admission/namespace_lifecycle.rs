//! Nothing new in namespaces that are absent or being deleted.
//!
//! Models `k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle`.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::apiserver::registry::Handler;

/// Refuses a new object whose namespace is absent or being deleted.
pub fn admit(handler: &Handler, object: &Object) -> Result<(), Status> {
    let resource = object.kind.resource();
    if !resource.namespaced {
        return Ok(());
    }
    let namespace = object.namespace();
    let key = ObjectKey::new(Kind::Namespace, "", namespace);
    let Some(found) = handler.storage.get(&key) else {
        return Err(Status::not_found("namespaces", namespace));
    };
    if found.is_terminating() {
        let why = format!(
            "unable to create new content in namespace {namespace} because it is being terminated"
        );
        let name = match object.name() {
            "" => object.metadata().get("generateName").str(),
            name => name,
        };
        return Err(Status::forbidden(&resource.qualified_plural(), name, &why));
    }
    Ok(())
}

/// Refuses to delete the namespaces that a cluster cannot do without.
pub fn admit_delete(existing: &Object) -> Result<(), Status> {
    let immortal = matches!(existing.name(), "default" | "kube-system" | "kube-public");
    if existing.kind == Kind::Namespace && immortal {
        let why = "this namespace may not be deleted";
        return Err(Status::forbidden("namespaces", existing.name(), why));
    }
    Ok(())
}
