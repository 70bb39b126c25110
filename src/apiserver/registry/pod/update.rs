//! What may change in a Pod that exists.
//!
//! Models `ValidatePodUpdate` and `ValidatePodResize` in `pkg/apis/core/validation` and
//! `pkg/registry/core/pod/strategy.go`.

use crate::api::object::Object;
use crate::api::status::FieldError;
use crate::api::types::internal;
use crate::api::value::Value;
use crate::apiserver::registry::validation::{Errors, diff};

const MUTABLE: &str = "`spec.containers[*].image`,`spec.initContainers[*].image`,\
                       `spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to \
                       existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to \
                       be set to 1 if it was previously negative)";

/// Complaints about a change of what is fixed in a Pod.
pub fn immutable(errors: &mut Errors, pod: &Object, existing: &Object) {
    let (new, old) = (pod.spec(), existing.spec());
    if new == old {
        return;
    }
    for list in ["containers", "initContainers"] {
        if new.get(list).items().len() != old.get(list).items().len() {
            let why = "pod updates may not add or remove containers";
            errors.push(FieldError::forbidden(&format!("spec.{list}"), why));
            return;
        }
    }
    if !deadline(errors, new, old) {
        return;
    }
    tolerations(errors, new, old);
    gates(errors, new, old);
    let allowed = without_mutable(new, old);
    if &allowed != old {
        let lines = |spec: &Value| internal::indented("PodSpec", spec);
        let difference = diff::unified(&lines(old), &lines(&allowed));
        let why = format!("pod updates may not change fields other than {MUTABLE}\n{difference}");
        errors.push(FieldError::forbidden("spec", &why));
    }
}

// Whether the other rules are worth looking at.
fn deadline(errors: &mut Errors, new: &Value, old: &Value) -> bool {
    let path = "spec.activeDeadlineSeconds";
    let (new, old) = (new.get("activeDeadlineSeconds"), old.get("activeDeadlineSeconds"));
    match (new.as_i64(), old.as_i64()) {
        (Some(after), Some(before)) if after > before => {
            let why = "must be less than or equal to previous value";
            errors.push(FieldError::invalid(path, new, why));
            false
        }
        (None, Some(_)) => {
            let why = "must not update from a positive integer to nil value";
            errors.push(FieldError::invalid(path, &Value::Null, why));
            true
        }
        _ => true,
    }
}

fn tolerations(errors: &mut Errors, new: &Value, old: &Value) {
    let same = |a: &Value, b: &Value| {
        ["key", "operator", "value", "effect"].iter().all(|field| a.get(field) == b.get(field))
    };
    let after = new.get("tolerations").items();
    let mut before = old.get("tolerations").items().iter();
    if !before.all(|old| after.iter().any(|new| same(new, old))) {
        let why = "existing toleration can not be modified except its tolerationSeconds";
        errors.push(FieldError::forbidden("spec.tolerations", why));
    }
}

fn gates(errors: &mut Errors, new: &Value, old: &Value) {
    let before = old.get("schedulingGates").items();
    let added = new.get("schedulingGates").items().iter().filter(|gate| !before.contains(gate));
    let names: Vec<&str> = added.map(|gate| gate.get("name").str()).collect();
    if !names.is_empty() {
        let why = format!(
            "only deletion is allowed, but found new scheduling gates '{{{}}}'",
            names.join(",")
        );
        errors.push(FieldError::forbidden("spec.schedulingGates", &why));
    }
}

// The new spec with the old values of what may change.
fn without_mutable(new: &Value, old: &Value) -> Value {
    let mut spec = new.clone();
    for list in ["containers", "initContainers"] {
        for index in 0..new.get(list).items().len() {
            let image = old.get(list).at(index).get("image");
            if new.get(list).at(index).get("image") == image {
                continue;
            }
            if let Some(container) = spec.path_mut(&[list]).items_mut().get_mut(index) {
                container.set(&["image"], image);
            }
        }
    }
    let mut fields = vec!["activeDeadlineSeconds", "tolerations", "schedulingGates"];
    let seconds = |spec: &Value| spec.get("terminationGracePeriodSeconds").as_i64();
    if seconds(old).is_some_and(|seconds| seconds < 0) && seconds(new) == Some(1) {
        fields.push("terminationGracePeriodSeconds");
    }
    for field in fields {
        match old.get(field) {
            Value::Null => {
                spec.remove(&[field]);
            }
            value if value == spec.get(field) => {}
            value => spec.set(&[field], value),
        }
    }
    spec
}

/// A resize takes nothing from the new Pod but what its containers ask for.
///
/// Models `dropNonResizeUpdates`.
pub fn keep_all_but_resources(pod: &mut Object, existing: &Object) {
    let mut result = existing.clone();
    for list in ["containers", "initContainers"] {
        for (index, container) in existing.spec().get(list).items().iter().enumerate() {
            let same = |c: &&Value| c.get("name") == container.get("name");
            let new = pod.spec().get(list).items().iter().find(same);
            let Some(new) = new.filter(|new| new.get("resources") != container.get("resources"))
            else {
                continue;
            };
            let list = result.value.path_mut(&["spec", list]).items_mut();
            if let Some(place) = list.get_mut(index) {
                place.set(&["resources"], new.get("resources"));
            }
        }
    }
    *pod = result;
}

/// What of a status stays that a client leaves out or may not touch.
pub fn prepare_status(pod: &mut Object, existing: &Object) {
    let references = existing.metadata().get("ownerReferences");
    if pod.metadata().get("ownerReferences") != references {
        match references {
            Value::Null => {
                pod.value.remove(&["metadata", "ownerReferences"]);
            }
            references => pod.set(&["metadata", "ownerReferences"], references),
        }
    }
    if pod.status().get("qosClass").is_null() && !existing.status().get("qosClass").is_null() {
        pod.set(&["status", "qosClass"], existing.status().get("qosClass"));
    }
}

/// Complaints about a new Pod beyond those about its spec.
pub fn validate_create(errors: &mut Errors, pod: &Object) {
    let spec = pod.spec();
    if !spec.get("ephemeralContainers").items().is_empty() {
        let why = "cannot be set on create";
        errors.push(FieldError::forbidden("spec.ephemeralContainers", why));
    }
    let gated = !spec.get("schedulingGates").items().is_empty();
    if gated && !spec.get("nodeName").str().is_empty() {
        let why = "cannot be set until all schedulingGates have been cleared";
        errors.push(FieldError::forbidden("spec.nodeName", why));
    }
}
