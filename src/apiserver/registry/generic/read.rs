//! Reading: get and list with selectors.
//!
//! Models `Store.Get` and `Store.ListPredicate`.

use super::super::Handler;
use crate::api::object::Object;
use crate::api::selector::fields::FieldSelector;
use crate::api::selector::labels::LabelSelector;
use crate::api::status::Status;
use crate::apiserver::request::{Response, Selectors};

impl Handler<'_> {
    /// One object.
    pub fn get(&mut self) -> Result<Response, Status> {
        let object = self.existing()?;
        Ok(self.respond(object, false))
    }

    /// All objects that the selectors select.
    pub fn list(&mut self, selectors: &Selectors) -> Result<Response, Status> {
        let key = self.key();
        let namespace = (!key.namespace.is_empty()).then_some(key.namespace.as_str());
        let matches = self.matcher(selectors)?;
        let items = self.storage.list(key.kind, namespace).filter(|o| matches(o)).cloned();
        let items: Vec<Object> = items.collect();
        let warnings = std::mem::take(&mut self.warnings);
        Ok(Response { object: None, value: None, items, warnings, changed: false })
    }

    fn matcher(&self, selectors: &Selectors) -> Result<impl Fn(&Object) -> bool + use<>, Status> {
        let kind = self.kind();
        let labels = LabelSelector::parse(&selectors.labels).map_err(Status::bad_request)?;
        let fields =
            FieldSelector::parse_for(kind, &selectors.fields).map_err(Status::bad_request)?;
        Ok(move |object: &Object| labels.matches(object.labels()) && fields.matches(object))
    }
}
