//! Claims and their classes.
//!
//! Models `plugin/pkg/admission/storage/{storageclass/setdefault,persistentvolume/resize}`.

use crate::api::object::{Object, ObjectKey};
use crate::api::quantity::Quantity;
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::apiserver::registry::Handler;

const IS_DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";

/// Gives a new claim without class the default one: the youngest, then the first by name.
pub fn set_default_class(handler: &Handler, claim: &mut Object) {
    if claim.kind != Kind::PersistentVolumeClaim || !claim.spec().get("storageClassName").is_null()
    {
        return;
    }
    let beta = "storageclass.beta.kubernetes.io/is-default-class";
    let is_default = |class: &&Object| {
        [IS_DEFAULT, beta].iter().any(|key| class.annotation(key) == Some("true"))
    };
    let mut best: Option<&Object> = None;
    for class in handler.storage.list(Kind::StorageClass, None).filter(is_default) {
        if best.is_none_or(|best| class.created_at() > best.created_at()) {
            best = Some(class);
        }
    }
    if let Some(class) = best {
        claim.set(&["spec", "storageClassName"], class.name());
    }
}

/// Refuses to grow a claim whose class does not allow it.
pub fn validate_resize(handler: &Handler, claim: &Object, existing: &Object) -> Result<(), Status> {
    let amount = ["spec", "resources", "requests", "storage"];
    let grows = Quantity::of(claim.path(&amount)) > Quantity::of(existing.path(&amount));
    let bound = existing.status().get("phase").str() == "Bound";
    if claim.kind != Kind::PersistentVolumeClaim || !grows || !bound {
        return Ok(());
    }
    let name = claim.spec().get("storageClassName").str();
    let key = ObjectKey::new(Kind::StorageClass, "", name);
    let class = handler.storage.get(&key);
    if class.is_some_and(|class| class.path(&["allowVolumeExpansion"]).is_true()) {
        return Ok(());
    }
    let why = "only dynamically provisioned pvc can be resized and the storageclass that \
               provisions the pvc must support resize";
    Err(Status::forbidden("persistentvolumeclaims", claim.name(), why))
}
