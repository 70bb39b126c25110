//! What happens to a request: one handler for each, one strategy for each kind.
//!
//! Models `k8s.io/apiserver/pkg/registry` and `pkg/registry` of kube-apiserver.

pub mod config;
pub mod config_validation;
pub mod defaulting;
pub mod eviction;
pub mod generic;
pub mod image;
pub mod job_policy_validation;
pub mod job_validation;
pub mod meta;
pub mod namespace;
pub mod pod;
pub mod quota_validation;
pub mod service;
pub mod stateful_set;
pub mod storage_validation;
pub mod strategy;
pub mod subresource;
pub mod validation;
pub mod volume_source;
pub mod workload;
pub mod workload_validation;

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::chance::Choice;

use super::Context;
use super::decode;
use super::request::{Actor, Request, Response, Verb};
use super::storage::{Origin, Storage};

/// Handles one request.
pub struct Handler<'a> {
    /// The store.
    pub storage: &'a mut Storage,
    /// The time.
    pub now: Time,
    /// Chance.
    pub choice: &'a mut Choice,
    /// The request.
    pub request: &'a Request,
    /// `Warning:` headers so far.
    pub warnings: Vec<EcoString>,
}

impl<'a> Handler<'a> {
    /// A handler for `request`.
    pub fn new(storage: &'a mut Storage, context: Context<'a>, request: &'a Request) -> Self {
        let Context { now, choice } = context;
        Handler { storage, now, choice, request, warnings: Vec::new() }
    }

    /// Carries the request out.
    pub fn handle(&mut self) -> Result<Response, Status> {
        if self.kind() == Kind::Endpoints && self.is_user() {
            self.warn(
                "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
            );
        }
        if !self.request.subresource.is_empty() {
            return self.handle_subresource();
        }
        match &self.request.verb {
            Verb::Get => self.get(),
            Verb::List(selectors) => self.list(selectors),
            Verb::Create(value) => self.create(value.clone()),
            Verb::Update(value) => self.update(generic::Part::Main, value.clone()),
            Verb::Patch(patch) => self.patch(generic::Part::Main, patch),
            Verb::Delete(options) => self.delete(options),
        }
    }

    /// The kind of the request.
    pub fn kind(&self) -> Kind {
        self.request.key.kind
    }

    /// The key of the request.
    pub fn key(&self) -> &'a ObjectKey {
        &self.request.key
    }

    /// Whether the learner's own words make the request, as opposed to a control loop.
    pub fn is_user(&self) -> bool {
        self.request.actor == Actor::User
    }

    /// What the request sends, as an object of its kind. Control loops are taken at their word:
    /// they change what was decoded before.
    pub fn decode(&mut self, value: Value) -> Result<Value, Status> {
        if !self.is_user() {
            return Ok(value);
        }
        let validation = self.request.options.field_validation;
        let (value, warnings) = decode::decode(self.kind(), &value, validation)?;
        self.warnings.extend(warnings);
        Ok(value)
    }

    /// What the store's log keeps beside a write.
    pub fn origin(&self) -> Origin {
        Origin {
            actor: self.request.actor.clone(),
            now: self.now,
            subresource: self.request.subresource.clone(),
        }
    }

    /// The object of the request, or NotFound.
    pub fn existing(&self) -> Result<Object, Status> {
        let key = self.key();
        match self.storage.get(key) {
            Some(object) => Ok(object.clone()),
            None if !self.has_namespace() => Err(Status::not_found("namespaces", &key.namespace)),
            None => Err(Status::not_found(&key.kind.resource().qualified_plural(), &key.name)),
        }
    }

    // Whether the namespace that the request names is there.
    fn has_namespace(&self) -> bool {
        let key = self.key();
        let namespace = ObjectKey::new(Kind::Namespace, "", key.namespace.clone());
        !key.kind.resource().namespaced || self.storage.get(&namespace).is_some()
    }

    /// The answer with this object.
    pub fn respond(&mut self, object: Object, changed: bool) -> Response {
        let warnings = std::mem::take(&mut self.warnings);
        Response { object: Some(object), value: None, items: Vec::new(), warnings, changed }
    }

    /// Adds a warning unless it was given already.
    pub fn warn(&mut self, warning: impl Into<EcoString>) {
        let warning = warning.into();
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}
