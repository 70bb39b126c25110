//! Creating objects.
//!
//! Models `handlers/create.go`, `rest.BeforeCreate` and `Store.Create`.

use super::super::{Handler, meta, strategy};
use super::{Ownership, Part};
use crate::api::object::Object;
use crate::api::status::Status;
use crate::api::value::Value;
use crate::apiserver::request::Response;
use crate::apiserver::{admission, managed_fields};

impl Handler<'_> {
    /// Makes an object.
    pub fn create(&mut self, value: Value) -> Result<Response, Status> {
        let kind = self.kind();
        let value = self.decode(value)?;
        self.create_object(Object::new(kind, value), Ownership::Track)
    }

    /// Makes an object that is decoded already.
    pub fn create_object(
        &mut self,
        mut object: Object,
        ownership: Ownership,
    ) -> Result<Response, Status> {
        meta::match_namespace(&mut object, self.key())?;
        strategy::default(&mut object, None);
        if ownership == Ownership::Track {
            let write = managed_fields::Write::of(self.request, self.now);
            managed_fields::track(&write, None, &mut object);
        }
        admission::admit_create(self, &mut object)?;
        self.before_create(&mut object)?;
        self.refuse_taken_name(&object)?;
        admission::validate_create(self, &object)?;
        strategy::canonicalize(Part::Main, &mut object, None);
        if self.request.options.dry_run {
            return Ok(self.respond(object, false));
        }
        let stored = self.storage.put(&self.origin(), object);
        strategy::after_create(self, &stored);
        Ok(self.respond(stored, true))
    }

    // Models rest.BeforeCreate.
    fn before_create(&mut self, object: &mut Object) -> Result<(), Status> {
        meta::fill_system_fields(object, self.now, self.choice);
        meta::generate_name(object, self.choice);
        strategy::prepare_for_create(object);
        strategy::allocate(self, object, None)?;
        let errors = strategy::validate_create(object, self.storage.feature_gates());
        if !errors.is_empty() {
            let kind = object.kind.resource().qualified_kind();
            return Err(Status::invalid(&kind, object.name(), errors));
        }
        for warning in strategy::warnings_on_create(object) {
            self.warn(warning);
        }
        Ok(())
    }

    fn refuse_taken_name(&self, object: &Object) -> Result<(), Status> {
        let Some(existing) = self.storage.get(&object.key()) else {
            return Ok(());
        };
        let resource = object.kind.resource().qualified_plural();
        let mut status = Status::already_exists(&resource, object.name());
        if existing.is_terminating() {
            status.message = format!("object is being deleted: {}", status.message).into();
        }
        Err(status)
    }
}
