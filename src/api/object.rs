//! API objects: a [`Value`] with the metadata that every kind has.
//!
//! Models `metav1.ObjectMeta` and `metav1.OwnerReference`.

use super::scheme::Kind;
use super::time::Time;
use super::value::{EcoString, Map, Value};

/// Names one object in the store; sorted as etcd sorts keys (kind, namespace, name).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace, "" for cluster-scoped kinds.
    pub namespace: EcoString,
    /// Its name.
    pub name: EcoString,
}

impl ObjectKey {
    /// A key from its three parts.
    pub fn new(kind: Kind, namespace: impl Into<EcoString>, name: impl Into<EcoString>) -> Self {
        ObjectKey { kind, namespace: namespace.into(), name: name.into() }
    }
}

impl std::fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self.namespace.as_str() {
            "" => write!(f, "{}/{}", self.kind, self.name),
            namespace => write!(f, "{}/{namespace}/{}", self.kind, self.name),
        }
    }
}

/// An object of the API: cheap to clone, copied on write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Object {
    /// Its kind.
    pub kind: Kind,
    /// The whole object as JSON, with `apiVersion` and `kind`.
    pub value: Value,
}

impl Object {
    /// An object of `kind` with this content; `apiVersion` and `kind` are put in.
    pub fn new(kind: Kind, mut value: Value) -> Self {
        let resource = kind.resource();
        value.set(&["apiVersion"], resource.api_version());
        value.set(&["kind"], resource.name);
        Object { kind, value }
    }

    /// The key under which it is stored.
    pub fn key(&self) -> ObjectKey {
        ObjectKey::new(self.kind, self.namespace(), self.name())
    }

    /// A field by its path, null if absent.
    pub fn path(&self, path: &[&str]) -> &Value {
        self.value.path(path)
    }

    /// `metadata`
    pub fn metadata(&self) -> &Value {
        self.value.get("metadata")
    }

    /// `spec`
    pub fn spec(&self) -> &Value {
        self.value.get("spec")
    }

    /// `status`
    pub fn status(&self) -> &Value {
        self.value.get("status")
    }

    /// `metadata.name`
    pub fn name(&self) -> &str {
        self.metadata().get("name").str()
    }

    /// `metadata.namespace`, "" for cluster-scoped kinds.
    pub fn namespace(&self) -> &str {
        self.metadata().get("namespace").str()
    }

    /// `metadata.uid`
    pub fn uid(&self) -> &str {
        self.metadata().get("uid").str()
    }

    /// The same sharing its memory.
    pub fn uid_text(&self) -> EcoString {
        self.metadata().get("uid").text()
    }

    /// `metadata.resourceVersion`
    pub fn resource_version(&self) -> &str {
        self.metadata().get("resourceVersion").str()
    }

    /// `metadata.generation`, 0 if absent.
    pub fn generation(&self) -> i64 {
        self.metadata().get("generation").as_i64().unwrap_or(0)
    }

    /// A label's value.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.metadata().get("labels").get(key).as_str()
    }

    /// `metadata.labels`
    pub fn labels(&self) -> Option<&Map> {
        self.metadata().get("labels").as_object()
    }

    /// An annotation's value.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata().get("annotations").get(key).as_str()
    }

    /// `metadata.creationTimestamp`
    pub fn created_at(&self) -> Option<Time> {
        Time::parse(self.metadata().get("creationTimestamp").str())
    }

    /// `metadata.deletionTimestamp`
    pub fn deletion_timestamp(&self) -> Option<Time> {
        Time::parse(self.metadata().get("deletionTimestamp").str())
    }

    /// Whether it is being deleted (upstream's `isTerminating`).
    pub fn is_terminating(&self) -> bool {
        !self.metadata().get("deletionTimestamp").is_null()
    }

    /// Whether this finalizer holds it.
    pub fn has_finalizer(&self, name: &str) -> bool {
        let finalizers = self.metadata().get("finalizers");
        finalizers.items().iter().any(|f| f.str() == name)
    }

    /// Its owner references.
    pub fn owner_references(&self) -> impl Iterator<Item = OwnerReference<'_>> {
        let references = self.metadata().get("ownerReferences");
        references.items().iter().map(OwnerReference)
    }

    /// The owner reference with `controller: true` (`metav1.GetControllerOf`).
    pub fn controller(&self) -> Option<OwnerReference<'_>> {
        self.owner_references().find(|r| r.is_controller())
    }

    /// Whether `owner` controls it (`metav1.IsControlledBy`).
    pub fn is_controlled_by(&self, owner: &Object) -> bool {
        self.controller().is_some_and(|reference| reference.uid() == owner.uid())
    }

    /// Puts `condition` at the end of `status.conditions`, in the place of the one of its type.
    pub fn put_condition(&mut self, condition: Value) {
        let mut conditions = self.value.path_mut(&["status", "conditions"]).array_mut();
        conditions.retain(|known| known.get("type") != condition.get("type"));
        conditions.push(condition);
    }

    /// Puts `value` at `path`.
    pub fn set(&mut self, path: &[&str], value: impl Into<Value>) {
        self.value.set(path, value);
    }
}

/// One entry of `metadata.ownerReferences`.
#[derive(Clone, Copy, Debug)]
pub struct OwnerReference<'a>(pub &'a Value);

impl<'a> OwnerReference<'a> {
    /// Kind of the owner as written.
    pub fn kind(self) -> &'a str {
        self.0.get("kind").str()
    }

    /// apiVersion of the owner.
    pub fn api_version(self) -> &'a str {
        self.0.get("apiVersion").str()
    }

    /// Name of the owner.
    pub fn name(self) -> &'a str {
        self.0.get("name").str()
    }

    /// uid of the owner, which alone identifies it.
    pub fn uid(self) -> &'a str {
        self.0.get("uid").str()
    }

    /// Whether the owner manages the object.
    pub fn is_controller(self) -> bool {
        self.0.get("controller").is_true()
    }

    /// Whether foreground deletion of the owner waits for the object.
    pub fn blocks_owner_deletion(self) -> bool {
        self.0.get("blockOwnerDeletion").is_true()
    }

    /// A controller reference to `owner` (`metav1.NewControllerRef`).
    pub fn controller_of(owner: &Object) -> Value {
        let mut reference = Self::plain(owner);
        reference.set(&["controller"], true);
        reference.set(&["blockOwnerDeletion"], true);
        reference
    }

    /// A plain reference to `owner`.
    pub fn plain(owner: &Object) -> Value {
        crate::value!({
            "apiVersion": (owner.kind.resource().api_version()),
            "kind": (owner.kind.name()),
            "name": (owner.name()),
            "uid": (owner.uid()),
        })
    }
}
