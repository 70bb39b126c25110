//! Reading: get and list with selectors.
//!
//! Models `Store.Get` and `Store.ListPredicate`.

use super::super::Handler;
use crate::api::object::Object;
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
        let matches = Self::matcher(selectors)?;
        let items = self.storage.list(key.kind, namespace).filter(|o| matches(o)).cloned();
        let items: Vec<Object> = items.collect();
        let warnings = std::mem::take(&mut self.warnings);
        Ok(Response { object: None, value: None, items, warnings, changed: false })
    }

    fn matcher(selectors: &Selectors) -> Result<impl Fn(&Object) -> bool, Status> {
        let labels = requirements(&selectors.labels);
        let fields = requirements(&selectors.fields);
        Ok(move |object: &Object| {
            labels.iter().all(|r| r.matches(object.label(&r.key)))
                && fields.iter().all(|r| {
                    let path: Vec<&str> = r.key.split('.').collect();
                    r.matches(Some(object.path(&path).str()))
                })
        })
    }
}

struct Requirement {
    key: String,
    value: Option<String>,
    negated: bool,
}

impl Requirement {
    fn matches(&self, actual: Option<&str>) -> bool {
        let holds = match &self.value {
            Some(value) => actual == Some(value.as_str()),
            None => actual.is_some(),
        };
        holds != self.negated
    }
}

fn requirements(text: &str) -> Vec<Requirement> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (negated, part) = match part.strip_prefix('!') {
                Some(rest) => (true, rest),
                None => (false, part),
            };
            match part.split_once("!=") {
                Some((key, value)) => {
                    Requirement { key: key.into(), value: Some(value.into()), negated: true }
                }
                None => match part.split_once('=') {
                    Some((key, value)) => {
                        let value = value.trim_start_matches('=');
                        Requirement { key: key.into(), value: Some(value.into()), negated }
                    }
                    None => Requirement { key: part.into(), value: None, negated },
                },
            }
        })
        .collect()
}
