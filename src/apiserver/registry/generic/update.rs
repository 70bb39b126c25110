//! Replacing objects, whole or in part.
//!
//! Models `handlers/update.go`, `rest.BeforeUpdate` and `Store.Update`.

use super::super::{Handler, meta, strategy};
use super::Part;
use crate::api::object::Object;
use crate::api::pool;
use crate::api::status::Status;
use crate::api::value::Value;
use crate::apiserver::request::Response;
use crate::apiserver::{admission, managed_fields};

/// How a write settles who owns the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// The writer owns what it changes.
    Track,
    /// Only the number of replicas, through the scale subresource.
    Scale,
    /// Settled already, by server-side apply.
    Settled,
}

impl Handler<'_> {
    /// Replaces an object, or a part of it.
    pub fn update(&mut self, part: Part, value: Value) -> Result<Response, Status> {
        let kind = self.kind();
        let value = self.decode(value)?;
        let mut object = Object::new(kind, value);
        meta::match_namespace(&mut object, self.key())?;
        meta::match_name(&object, self.key())?;
        let existing = self.existing()?;
        meta::check_uid_precondition(&object, &existing)?;
        self.replace(part, existing, object)
    }

    /// Writes `object` in the place of `existing`, or removes both if nothing holds them.
    pub fn replace(
        &mut self,
        part: Part,
        existing: Object,
        object: Object,
    ) -> Result<Response, Status> {
        self.replace_owned(part, existing, object, Ownership::Track)
    }

    /// The same with a word about who owns the fields then.
    pub fn replace_owned(
        &mut self,
        part: Part,
        existing: Object,
        mut object: Object,
        ownership: Ownership,
    ) -> Result<Response, Status> {
        meta::check_resource_version(&object, &existing)?;
        // What stays as it was is not looked into again below.
        object.value = pool::reunited(&object.value, &existing.value);
        meta::keep_system_fields(&mut object, &existing);
        strategy::keep_other_parts(part, &mut object, &existing);
        if part != Part::Status {
            strategy::default(&mut object, Some(&existing));
        }
        let write = managed_fields::Write::of(self.request, self.now);
        // What is in its final form already.
        let mut canonical = existing.clone();
        match ownership {
            Ownership::Settled => {}
            Ownership::Scale => managed_fields::track_scale(&write, &existing, &mut object),
            Ownership::Track => {
                strategy::canonicalize(part, &mut object, Some(&existing));
                canonical = object.clone();
                managed_fields::track(&write, Some(&existing), &mut object);
            }
        }
        admission::admit_update(part, &mut object, &existing);
        strategy::prepare_for_update(part, &mut object, &existing);
        if part == Part::Main {
            strategy::allocate(self, &mut object, Some(&existing))?;
        }
        let errors =
            strategy::validate_update(part, &object, &existing, self.storage.feature_gates());
        if !errors.is_empty() {
            let kind = object.kind.resource().qualified_kind();
            return Err(Status::invalid(&kind, existing.name(), errors));
        }
        for warning in strategy::warnings_on_update(part, &object, &existing) {
            self.warn(warning);
        }
        strategy::canonicalize(part, &mut object, Some(&canonical));
        admission::validate_update(self, part, &object, &existing)?;
        self.commit(existing, object)
    }

    fn commit(&mut self, existing: Object, object: Object) -> Result<Response, Status> {
        let dry_run = self.request.options.dry_run;
        if strategy::is_released(&object, &existing) {
            if dry_run {
                return Ok(self.respond(object, true));
            }
            let last = self.storage.remove(&self.origin(), object.clone()).unwrap_or(object);
            strategy::after_delete(self, &last);
            return Ok(self.respond(last, true));
        }
        if object == existing {
            return Ok(self.respond(existing, false));
        }
        if dry_run {
            return Ok(self.respond(object, true));
        }
        let stored = self.storage.put(&self.origin(), object);
        strategy::after_update(self, &stored, &existing);
        Ok(self.respond(stored, true))
    }
}
