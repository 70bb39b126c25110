//! Metadata of new and of changed objects.
//!
//! Models `ValidateObjectMeta` and `ValidateObjectMetaUpdate` in
//! `k8s.io/apimachinery/pkg/api/validation/objectmeta.go`.

use super::{Errors, names, numbers, selector};
use crate::api::go;
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::status::FieldError;
use crate::api::types::internal;
use crate::api::value::Value;

/// What is wrong with the metadata of a new object.
pub fn create(errors: &mut Errors, object: &Object) {
    let metadata = object.metadata();
    let base = metadata.get("generateName").str();
    if !base.is_empty() {
        let masked = masked_trailing_dash(base);
        names::add(errors, "metadata.generateName", base, name_rule(object.kind)(&masked));
    }
    match object.name() {
        "" => {
            let why = "name or generateName is required";
            errors.push(FieldError::required("metadata.name", why));
        }
        name => names::add(errors, "metadata.name", name, name_rule(object.kind)(name)),
    }
    numbers::not_negative(errors, "metadata.generation", metadata.get("generation"));
    common(errors, metadata, &Value::Null);
}

// What is as it was before was looked at then.
fn common(errors: &mut Errors, metadata: &Value, old: &Value) {
    let differs = |field: &str| !metadata.get(field).is_same(old.get(field));
    if differs("labels") {
        selector::labels(errors, "metadata.labels", metadata.get("labels"));
    }
    if differs("annotations") {
        selector::annotations(errors, "metadata.annotations", metadata.get("annotations"));
    }
    if differs("ownerReferences") {
        owner_references(errors, metadata.get("ownerReferences"));
    }
    if differs("finalizers") {
        finalizers(errors, metadata.get("finalizers"));
    }
}

// A generated name goes on after the dash.
fn masked_trailing_dash(base: &str) -> String {
    match base.strip_suffix('-') {
        Some(rest) if !rest.is_empty() => format!("{rest}a"),
        _ => base.to_owned(),
    }
}

fn name_rule(kind: Kind) -> fn(&str) -> Vec<String> {
    match kind {
        Kind::StatefulSet | Kind::Service | Kind::Namespace => names::dns_label,
        _ => names::dns_subdomain,
    }
}

fn owner_references(errors: &mut Errors, references: &Value) {
    let mut controllers = Vec::new();
    for (index, reference) in references.items().iter().enumerate() {
        let path = format!("metadata.ownerReferences[{index}]");
        for field in ["apiVersion", "kind", "name", "uid"] {
            if reference.get(field).str().is_empty() {
                let path = format!("{path}.{field}");
                errors.push(FieldError::required(&path, "must not be empty"));
            }
        }
        let api_version = reference.get("apiVersion").str();
        if api_version.matches('/').count() > 1 {
            let path = format!("{path}.apiVersion");
            let why = "must be <group>/<version> or <version>";
            errors.push(FieldError::invalid(&path, &api_version.into(), why));
        }
        if api_version == "v1" && reference.get("kind").str() == "Event" {
            let value = internal::compact("OwnerReference", reference);
            let why = "/v1, Kind=Event is disallowed from being an owner";
            errors.push(FieldError::invalid_as_written(&path, value, why));
        }
        if reference.get("controller").is_true() {
            controllers.push(reference);
        }
    }
    if let [first, second, ..] = controllers.as_slice() {
        let named = |r: &Value| format!("{}/{}", r.get("kind").str(), r.get("name").str());
        let why = format!(
            "Only one reference can have Controller set to true. Found \"true\" in references \
             for {} and {}",
            named(first),
            named(second)
        );
        let value = internal::compact_list("OwnerReference", references);
        errors.push(FieldError::invalid_as_written("metadata.ownerReferences", value, &why));
    }
}

fn finalizers(errors: &mut Errors, finalizers: &Value) {
    let (mut orphan, mut foreground) = (false, false);
    for (index, finalizer) in finalizers.items().iter().enumerate() {
        let (path, name) = (format!("metadata.finalizers[{index}]"), finalizer.str());
        let sentences = names::qualified_name(name);
        let is_standard = matches!(name, "kubernetes" | "orphan" | "foregroundDeletion");
        if sentences.is_empty() && !name.contains('/') && !is_standard {
            let why = "name is neither a standard finalizer name nor is it fully qualified";
            errors.push(FieldError::invalid(&path, finalizer, why));
        }
        names::add(errors, "metadata.finalizers", name, sentences);
        orphan |= name == "orphan";
        foreground |= name == "foregroundDeletion";
    }
    if orphan && foreground {
        let why = "finalizer orphan and foregroundDeletion cannot be both set";
        errors.push(FieldError::invalid("metadata.finalizers", finalizers, why));
    }
}

/// What is wrong with the metadata of a changed object.
pub fn update(errors: &mut Errors, object: &Object, existing: &Object) {
    let (new, old) = (object.metadata(), existing.metadata());
    new_finalizers(errors, object, existing);
    for field in ["name", "namespace", "uid", "creationTimestamp"] {
        if new.get(field) != old.get(field) {
            let path = format!("metadata.{field}");
            errors.push(FieldError::invalid(&path, new.get(field), IMMUTABLE));
        }
    }
    common(errors, new, old);
}

/// What a change of a fixed field is told.
pub const IMMUTABLE: &str = "field is immutable";

fn new_finalizers(errors: &mut Errors, object: &Object, existing: &Object) {
    if !existing.is_terminating() {
        return;
    }
    let finalizers = object.metadata().get("finalizers").items();
    let added = finalizers.iter().filter(|f| !existing.has_finalizer(f.str()));
    let added: Vec<String> = added.map(|f| go::quote(f.str())).collect();
    if !added.is_empty() {
        let why = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers \
             []string{{{}}}",
            added.join(", ")
        );
        errors.push(FieldError::forbidden("metadata.finalizers", &why));
    }
}
