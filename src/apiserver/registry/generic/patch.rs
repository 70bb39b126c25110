//! Changing parts of objects.
//!
//! Models `handlers/patch.go`: the patch is applied to the stored object, the result goes the way
//! of an update.

use super::super::{Handler, meta};
use super::{Ownership, Part};
use crate::api::object::Object;
use crate::api::status::{FieldError, Status};
use crate::api::value::Value;
use crate::apiserver::request::{Patch, Response};
use crate::apiserver::{managed_fields, patch};

impl Handler<'_> {
    /// Applies a patch.
    pub fn patch(&mut self, part: Part, patch: &Patch) -> Result<Response, Status> {
        if let Patch::Apply(config) = patch {
            return self.apply(part, config);
        }
        let existing = self.existing()?;
        let patched = patch::apply(existing.kind, &existing.value, patch, &self.request.options)?;
        for warning in patched.warnings {
            self.warn(warning);
        }
        let mut object = Object::new(existing.kind, patched.value);
        meta::match_patched_name(&object, self.key())?;
        meta::match_namespace(&mut object, self.key())?;
        self.replace(part, existing, object)
    }

    // Models applyPatcher: server-side apply makes what is not there.
    fn apply(&mut self, part: Part, config: &Value) -> Result<Response, Status> {
        if self.request.options.field_manager.as_deref() == Some("") {
            let cause = FieldError::required("fieldManager", "is required for apply patch");
            return Err(Status::invalid("PatchOptions.meta.k8s.io", "", vec![cause]));
        }
        let kind = self.kind();
        let write = managed_fields::Write::of(self.request, self.now);
        let existing = match self.existing() {
            Ok(existing) => Some(existing),
            Err(_) if part == Part::Main => None,
            Err(status) => return Err(status),
        };
        let mut object = managed_fields::apply(&write, kind, existing.as_ref(), config)?;
        match existing {
            None => self.create_object(object, Ownership::Settled),
            Some(existing) => {
                meta::match_patched_name(&object, self.key())?;
                meta::match_namespace(&mut object, self.key())?;
                self.replace_owned(part, existing, object, Ownership::Settled)
            }
        }
    }
}
