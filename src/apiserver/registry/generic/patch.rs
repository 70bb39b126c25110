//! Changing parts of objects.
//!
//! Models `handlers/patch.go`: the patch is applied to the stored object, the result goes the way
//! of an update.

use super::super::{Handler, meta};
use super::Part;
use crate::api::object::Object;
use crate::api::status::Status;
use crate::apiserver::patch;
use crate::apiserver::request::{Patch, Response};

impl Handler<'_> {
    /// Applies a patch.
    pub fn patch(&mut self, part: Part, patch: &Patch) -> Result<Response, Status> {
        let existing = match self.existing() {
            Ok(existing) => existing,
            // Server-side apply makes what is not there.
            Err(status) => match patch {
                Patch::Apply(value) if part == Part::Main => return self.create(value.clone()),
                _ => return Err(status),
            },
        };
        let patched = patch::apply(existing.kind, &existing.value, patch, &self.request.options)?;
        for warning in patched.warnings {
            self.warn(warning);
        }
        let mut object = Object::new(existing.kind, patched.value);
        meta::match_patched_name(&object, self.key())?;
        meta::match_namespace(&mut object, self.key())?;
        self.replace(part, existing, object)
    }
}
