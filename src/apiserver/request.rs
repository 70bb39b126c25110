//! What can be asked of the API server, and what it answers.
//!
//! Models the verbs of `k8s.io/apiserver/pkg/endpoints/handlers` without HTTP.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};

/// Who makes a request: shown in the trace, default of the field manager, and what admission
/// knows the user by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// The learner, through kubectl.
    User,
    /// A controller of kube-controller-manager, by its name (`statefulset-controller`).
    Controller(EcoString),
    /// default-scheduler
    Scheduler,
    /// The kubelet of a node.
    Kubelet(EcoString),
    /// An external volume provisioner, by its name.
    Provisioner(EcoString),
    /// The API server itself (namespaces, `kubernetes` Service, ...), or the scenario at its start.
    System,
}

impl Actor {
    /// The field manager recorded for its writes where the request names none.
    pub fn manager(&self) -> &str {
        match self {
            Actor::User => "kubectl",
            Actor::Controller(_) => "kube-controller-manager",
            Actor::Scheduler => "kube-scheduler",
            Actor::Kubelet(_) => "kubelet",
            Actor::Provisioner(name) => name,
            Actor::System => "kube-apiserver",
        }
    }
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// Who asks.
    pub actor: Actor,
    /// What it is about: kind, namespace ("" for cluster scope and for "all namespaces"), and
    /// name ("" where the verb has none).
    pub key: ObjectKey,
    /// Subresource, "" for the object itself: `status`, `scale`, `binding`, `eviction`, `resize`,
    /// `finalize`.
    pub subresource: EcoString,
    /// What to do.
    pub verb: Verb,
    /// How to do it.
    pub options: Options,
}

/// The verbs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Read one object.
    Get,
    /// Read all that the selectors select.
    List(Selectors),
    /// Make an object.
    Create(Value),
    /// Replace an object.
    Update(Value),
    /// Change parts of an object.
    Patch(Patch),
    /// Delete an object.
    Delete(DeleteOptions),
}

impl Verb {
    /// Its name in authorization and audit.
    pub fn name(&self) -> &'static str {
        match self {
            Verb::Get => "get",
            Verb::List(_) => "list",
            Verb::Create(_) => "create",
            Verb::Update(_) => "update",
            Verb::Patch(_) => "patch",
            Verb::Delete(_) => "delete",
        }
    }
}

/// Label and field selectors as the client wrote them; empty selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selectors {
    /// `app=nginx,tier in (a,b)`
    pub labels: EcoString,
    /// `metadata.name=web-0`
    pub fields: EcoString,
}

/// A patch with its type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Patch {
    /// application/strategic-merge-patch+json
    Strategic(Value),
    /// application/merge-patch+json
    Merge(Value),
    /// application/json-patch+json
    Json(Value),
    /// application/apply-patch+yaml: server-side apply
    Apply(Value),
}

/// Options of a write (`metav1.CreateOptions` and its siblings).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// Run everything but the write.
    pub dry_run: bool,
    /// Field manager; `None` is the actor's default.
    pub field_manager: Option<EcoString>,
    /// Strict (default of kubectl), Warn (default of the server) or Ignore.
    pub field_validation: FieldValidation,
    /// Server-side apply takes over fields of other managers.
    pub force: bool,
}

/// What happens to unknown and duplicate fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FieldValidation {
    /// The request is refused.
    Strict,
    /// The field is dropped with a warning.
    #[default]
    Warn,
    /// The field is dropped.
    Ignore,
}

/// How to delete (`metav1.DeleteOptions`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DeleteOptions {
    /// Seconds; `None` is the object's own.
    pub grace_period_seconds: Option<i64>,
    /// What becomes of dependents; `None` is the kind's default (background).
    pub propagation: Option<Propagation>,
    /// Delete only this uid.
    pub uid: Option<EcoString>,
    /// Delete only this version.
    pub resource_version: Option<EcoString>,
}

/// Deletion propagation policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Propagation {
    /// Dependents are orphaned.
    Orphan,
    /// The object goes at once, dependents follow.
    Background,
    /// Dependents go first.
    Foreground,
}

/// The answer to a request that was not refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Response {
    /// The object read or as written. A delete gives the object as it was left, marked or gone.
    pub object: Option<Object>,
    /// What a subresource such as `scale` answers in place of the object.
    pub value: Option<Value>,
    /// The objects of a list, in key order.
    pub items: Vec<Object>,
    /// `Warning:` headers, in order.
    pub warnings: Vec<EcoString>,
    /// Whether anything was written, or would have been but for a dry run.
    pub changed: bool,
}

impl Request {
    /// A request about `key` with default options.
    pub fn new(actor: Actor, key: ObjectKey, verb: Verb) -> Self {
        let (subresource, options) = (EcoString::new(), Options::default());
        Request { actor, key, subresource, verb, options }
    }

    /// The same on a subresource.
    pub fn on(mut self, subresource: &str) -> Self {
        self.subresource = subresource.into();
        self
    }

    /// Creates `object`.
    pub fn create(actor: Actor, object: &Object) -> Self {
        Self::new(actor, object.key(), Verb::Create(object.value.clone()))
    }

    /// Replaces `object`; its resourceVersion, if it has one, is the precondition.
    pub fn update(actor: Actor, object: &Object) -> Self {
        Self::new(actor, object.key(), Verb::Update(object.value.clone()))
    }

    /// Deletes `object`, only if it still has this uid.
    pub fn delete(actor: Actor, object: &Object) -> Self {
        Self::delete_with(actor, object, DeleteOptions::default())
    }

    /// The same in this way.
    pub fn delete_with(actor: Actor, object: &Object, options: DeleteOptions) -> Self {
        let options = DeleteOptions { uid: Some(object.uid().into()), ..options };
        Self::new(actor, object.key(), Verb::Delete(options))
    }

    /// The same, and what becomes of its dependents.
    pub fn delete_propagating(actor: Actor, object: &Object, policy: Propagation) -> Self {
        let options = DeleteOptions { propagation: Some(policy), ..DeleteOptions::default() };
        Self::delete_with(actor, object, options)
    }

    /// Whether it may write.
    pub fn writes(&self) -> bool {
        !matches!(self.verb, Verb::Get | Verb::List(_))
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.key.kind
    }
}
