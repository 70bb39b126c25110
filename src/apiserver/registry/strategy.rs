//! What differs between kinds: the table of their strategies.
//!
//! Models `rest.RESTCreateStrategy`, `RESTUpdateStrategy` and `RESTDeleteStrategy` with the
//! implementations in `pkg/registry/<group>/<kind>/strategy.go`.

use super::Handler;
use super::generic::Part;
use crate::api::object::Object;
use crate::api::pod::is_terminal;
use crate::api::scheme::Kind;
use crate::api::status::{FieldError, Status};
use crate::api::types::normal::{normalize_beside, normalize_fields};
use crate::api::value::Value;
use crate::apiserver::feature_gates::FeatureGates;
use crate::apiserver::request::{DeleteOptions, Response};

use super::defaulting::within;
use super::validation::{Errors, metadata};
use super::{config, config_validation, job_validation, namespace, pod, quota_validation};
use super::{service, stateful_set, storage_validation, workload, workload_validation};

/// Fills in what the object leaves out; `existing` is the stored version that it replaces.
pub fn default(object: &mut Object, existing: Option<&Object>) {
    let known = existing.map_or(&Value::Null, |existing| &existing.value);
    normalize_beside(object.kind.name(), &mut object.value, known);
    match object.kind {
        Kind::Service => service::default::default(object),
        Kind::Namespace => namespace::default(object),
        Kind::Pod => pod::default::default(object),
        Kind::StatefulSet => stateful_set::default::default(object),
        Kind::Secret => config::default_secret(object),
        Kind::StorageClass => config::default_storage_class(object),
        Kind::PriorityClass => config::default_priority_class(object),
        Kind::LimitRange => config::default_limit_range(object),
        Kind::EndpointSlice => config::default_endpoint_slice(object),
        Kind::Endpoints => config::default_endpoints(object),
        Kind::PersistentVolume => config::default_persistent_volume(object),
        Kind::PersistentVolumeClaim => {
            within(&mut object.value, "spec", pod::default::default_claim_spec);
        }
        _ => workload::default(object),
    }
}

/// Resets what a client cannot set on a new object.
pub fn prepare_for_create(object: &mut Object) {
    if has_status(object.kind) {
        object.value.remove(&["status"]);
    }
    if object.kind.resource().has_generation {
        object.set(&["metadata", "generation"], 1);
    }
    match object.kind {
        Kind::Namespace => namespace::prepare_for_create(object),
        Kind::Pod => {
            let grace = object.spec().get("terminationGracePeriodSeconds").as_i64();
            if grace.is_some_and(|seconds| seconds < 0) {
                object.set(&["spec", "terminationGracePeriodSeconds"], 1);
            }
            let status = pod::default::initial_status(object);
            object.set(&["status"], status);
        }
        Kind::Job => workload::generate_job_selector(object),
        Kind::DaemonSet => workload::set_template_generation(object, 1),
        Kind::PersistentVolumeClaim | Kind::PersistentVolume => {
            if object.kind == Kind::PersistentVolumeClaim {
                super::config::normalize_data_sources(object);
            }
            object.set(&["status"], crate::value!({"phase": "Pending"}))
        }
        Kind::Service => {
            let mut spec = object.spec().clone();
            service::families::normalize(&mut spec, None);
            object.set(&["spec"], spec);
            object.set(&["status"], crate::value!({"loadBalancer": {}}));
        }
        _ => {}
    }
}

fn has_status(kind: Kind) -> bool {
    kind.resource().subresources.contains(&"status")
}

/// Everything that is wrong with a new object.
pub fn validate_create(object: &Object, gates: &FeatureGates) -> Vec<FieldError> {
    let mut errors = Vec::new();
    metadata::create(&mut errors, object);
    if object.kind == Kind::CronJob {
        workload_validation::cron_job_name(&mut errors, object.name());
    }
    if object.kind == Kind::Job {
        job_validation::generated_selector(&mut errors, object);
    }
    validate_content(&mut errors, object, None, gates);
    if object.kind == Kind::Pod {
        pod::update::validate_create(&mut errors, object);
    }
    errors
}

fn validate_content(
    errors: &mut Errors,
    object: &Object,
    existing: Option<&Object>,
    gates: &FeatureGates,
) {
    match object.kind {
        Kind::Pod => pod::validate::pod_spec(errors, "spec", object.spec()),
        Kind::StatefulSet => stateful_set::validate::spec(errors, object, existing, gates),
        Kind::Service => service::validate::spec(errors, object),
        Kind::PersistentVolume => storage_validation::volume(errors, object),
        Kind::PersistentVolumeClaim => {
            pod::validate::claim_spec(errors, "spec", object.spec());
        }
        Kind::StorageClass => storage_validation::class(errors, object),
        Kind::ConfigMap => config_validation::config_map(errors, object),
        Kind::Secret => config_validation::secret(errors, object),
        Kind::PodDisruptionBudget => config_validation::budget(errors, object),
        Kind::Namespace => config_validation::namespace(errors, object),
        Kind::PriorityClass => config_validation::priority_class(errors, object),
        Kind::ResourceQuota => quota_validation::quota(errors, object),
        Kind::LimitRange => quota_validation::limit_range(errors, object),
        Kind::EndpointSlice => config_validation::endpoint_slice(errors, object, existing),
        _ => workload_validation::spec(errors, object),
    }
}

/// What the client should know about a new object.
pub fn warnings_on_create(object: &Object) -> Vec<String> {
    let template = "spec.template";
    match object.kind {
        Kind::Pod => pod::warnings::pod_spec("spec", object.spec()),
        Kind::StatefulSet => stateful_set::validate::warnings(object),
        Kind::PersistentVolumeClaim => pod::warnings::claim("spec", object.spec()),
        Kind::PersistentVolume => storage_validation::volume_warnings(object),
        Kind::Service => service::warnings::of(object),
        Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet | Kind::Job => {
            pod::warnings::template(template, object.spec().get("template"))
        }
        Kind::CronJob => {
            let own = object.path(&["spec", "jobTemplate", "spec", "template"]);
            pod::warnings::template("spec.jobTemplate.spec.template", own)
        }
        _ => Vec::new(),
    }
}

/// Takes the parts that this write is not about from the stored object.
pub fn keep_other_parts(part: Part, object: &mut Object, existing: &Object) {
    match part {
        Part::Status => {
            let status = object.status().clone();
            let metadata = object.metadata().clone();
            object.value = existing.value.clone();
            put(&mut object.value, "metadata", metadata);
            put(&mut object.value, "status", status);
        }
        Part::Resize => pod::update::keep_all_but_resources(object, existing),
        _ if has_status(object.kind) => {
            put(&mut object.value, "status", existing.status().clone());
        }
        _ => {}
    }
}

/// Puts a field, or takes it out if it is null, without copying what is equal.
fn put(value: &mut Value, field: &str, new: Value) {
    if value.get(field) == &new {
        return;
    }
    match new {
        Value::Null => {
            value.remove(&[field]);
        }
        new => value.set(&[field], new),
    }
}

/// Counts changes of the spec, and what else a kind does on update.
pub fn prepare_for_update(part: Part, object: &mut Object, existing: &Object) {
    match (object.kind, part) {
        (Kind::Pod, Part::Status) => pod::update::prepare_status(object, existing),
        (Kind::Namespace, _) => namespace::prepare_for_update(part, object, existing),
        (Kind::Service, Part::Main) => service::update::prepare(object, existing),
        (Kind::DaemonSet, _) => workload::keep_template_generation(object, existing),
        _ => {}
    }
    if part != Part::Status && counts_as_change(object, existing) {
        object.set(&["metadata", "generation"], existing.generation() + 1);
    }
}

// Whether `metadata.generation` goes up.
fn counts_as_change(object: &Object, existing: &Object) -> bool {
    if !object.kind.resource().has_generation {
        return false;
    }
    match object.kind {
        Kind::EndpointSlice => {
            let labels = ["metadata", "labels"];
            let fields = ["endpoints", "ports", "addressType"];
            object.path(&labels) != existing.path(&labels)
                || fields.iter().any(|f| object.path(&[f]) != existing.path(&[f]))
        }
        Kind::PriorityClass => false,
        _ => object.spec() != existing.spec(),
    }
}

/// Everything that is wrong with an update.
pub fn validate_update(
    part: Part,
    object: &Object,
    existing: &Object,
    gates: &FeatureGates,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    metadata::update(&mut errors, object, existing);
    if part == Part::Status {
        match object.kind {
            Kind::StatefulSet => stateful_set::validate::status(&mut errors, object),
            Kind::Service => service::validate::status(&mut errors, object),
            _ => {}
        }
        return errors;
    }
    // What is fixed comes before the rest in some kinds and after it in others.
    match object.kind {
        Kind::Secret => config_validation::secret_immutable(&mut errors, object, existing),
        Kind::ConfigMap => {
            let fields = ["data", "binaryData"];
            config_validation::frozen(&mut errors, object, existing, &fields);
        }
        Kind::Service => service::validate::immutable(&mut errors, object, existing),
        _ => {}
    }
    if object.value != existing.value {
        validate_content(&mut errors, object, Some(existing), gates);
    }
    validate_fixed(&mut errors, part, object, existing);
    errors
}

fn validate_fixed(errors: &mut Errors, part: Part, object: &Object, existing: &Object) {
    match object.kind {
        Kind::Pod if part == Part::Main => pod::update::immutable(errors, object, existing),
        Kind::StatefulSet => stateful_set::validate::immutable(errors, object, existing),
        Kind::PersistentVolume => storage_validation::volume_immutable(errors, object, existing),
        Kind::PersistentVolumeClaim => {
            storage_validation::claim_immutable(errors, object, existing);
        }
        Kind::StorageClass => storage_validation::class_immutable(errors, object, existing),
        Kind::PriorityClass => {
            config_validation::priority_class_immutable(errors, object, existing);
        }
        Kind::ControllerRevision => {
            config_validation::revision_immutable(errors, object, existing);
        }
        _ => workload_validation::immutable(errors, object, existing),
    }
}

/// What the client should know about an update.
pub fn warnings_on_update(part: Part, object: &Object, existing: &Object) -> Vec<String> {
    match part {
        Part::Main if object.kind == Kind::Service => warnings_on_create(object),
        Part::Main if object.spec() != existing.spec() => warnings_on_create(object),
        _ => Vec::new(),
    }
}

/// Brings equal contents into one form; `existing` is the stored version that it replaces.
pub fn canonicalize(part: Part, object: &mut Object, existing: Option<&Object>) {
    let known = existing.map_or(&Value::Null, |existing| &existing.value);
    match part {
        // All but metadata and status is what was stored before.
        Part::Status => {
            let fields = ["metadata", "status"];
            normalize_fields(object.kind.name(), &mut object.value, known, &fields);
        }
        _ => normalize_beside(object.kind.name(), &mut object.value, known),
    }
}

/// Hands out cluster IPs and node ports.
pub fn allocate(
    handler: &mut Handler,
    object: &mut Object,
    existing: Option<&Object>,
) -> Result<(), Status> {
    match object.kind {
        Kind::Service => service::allocate(handler, object, existing),
        _ => Ok(()),
    }
}

/// Seconds that an object of this kind is given to end; `None` for kinds without grace.
pub fn grace_period(object: &Object, options: &DeleteOptions) -> Option<i64> {
    if object.kind != Kind::Pod {
        return None;
    }
    let unscheduled = object.spec().get("nodeName").str().is_empty();
    let ended = is_terminal(object);
    if unscheduled || ended {
        return Some(0);
    }
    let own = object.spec().get("terminationGracePeriodSeconds").as_i64();
    let period = options.grace_period_seconds.or(own).unwrap_or(30);
    Some(if period < 0 { 1 } else { period })
}

/// Kinds with a deletion of their own.
pub fn delete_in_steps(
    handler: &mut Handler,
    existing: &Object,
) -> Option<Result<Response, Status>> {
    match existing.kind {
        Kind::Namespace => namespace::delete(handler, existing),
        _ => None,
    }
}

/// Whether an update takes away the last thing that held an object being deleted.
pub fn is_released(object: &Object, existing: &Object) -> bool {
    let held = !object.metadata().get("finalizers").items().is_empty();
    let left = existing.metadata().get("deletionGracePeriodSeconds").as_i64().unwrap_or(0);
    let content =
        object.kind == Kind::Namespace && !object.path(&["spec", "finalizers"]).items().is_empty();
    object.is_terminating() && !held && left == 0 && !content
}

/// What follows the creation of an object at once.
pub fn after_create(handler: &mut Handler, object: &Object) {
    let _ = (handler, object);
}

/// What follows an update at once.
pub fn after_update(handler: &mut Handler, object: &Object, existing: &Object) {
    let _ = (handler, object, existing);
}

/// What follows a deletion at once.
pub fn after_delete(handler: &mut Handler, object: &Object) {
    let _ = (handler, object);
}
