//! The subresources: status, scale, binding, eviction, finalize, resize.
//!
//! Models the REST storages beside the main one in `pkg/registry/<group>/<kind>/storage`.

use super::Handler;
use super::generic::{Ownership, Part};
use crate::api::go;
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::status::{FieldError, Status};
use crate::api::value::Value;
use crate::apiserver::request::{Response, Verb};
use crate::apiserver::{decode, patch};
use crate::value;

impl Handler<'_> {
    /// Carries out a request on a subresource.
    pub fn handle_subresource(&mut self) -> Result<Response, Status> {
        let subresource = self.request.subresource.as_str();
        if !self.kind().resource().subresources.contains(&subresource) {
            return Err(no_such_resource());
        }
        match (subresource, &self.request.verb) {
            ("scale", verb) => self.scale(verb),
            ("status" | "resize", Verb::Get) => self.get(),
            ("status", Verb::Update(value)) => self.update(Part::Status, value.clone()),
            ("status", Verb::Patch(patch)) => self.patch(Part::Status, patch),
            ("resize", Verb::Update(value)) => self.update(Part::Resize, value.clone()),
            ("resize", Verb::Patch(patch)) => self.patch(Part::Resize, patch),
            ("finalize", Verb::Update(value)) => self.update(Part::Finalize, value.clone()),
            ("binding", Verb::Create(value)) => self.bind(value),
            ("eviction", Verb::Create(value)) => self.evict(value),
            ("ephemeralcontainers", _) => Err(Status::new(
                501,
                "NotImplemented",
                "ephemeral containers are not simulated here yet",
            )),
            _ => Err(no_such_resource()),
        }
    }

    // Models pkg/registry/core/pod/storage BindingREST.
    fn bind(&mut self, binding: &Value) -> Result<Response, Status> {
        let existing = self.existing()?;
        let refuse = |why: &str| Err(Status::conflict("pods/binding", existing.name(), why));
        if existing.is_terminating() {
            return refuse(&format!(
                "pod {} is being deleted, cannot be assigned to a host",
                existing.name()
            ));
        }
        let assigned = existing.spec().get("nodeName").str();
        if !assigned.is_empty() {
            let name = existing.name();
            return refuse(&format!("pod {name} is already assigned to node {assigned:?}"));
        }
        let mut object = existing.clone();
        let node = binding.path(&["target", "name"]).str();
        object.set(&["spec", "nodeName"], node);
        // ClearingNominatedNodeNameAfterBinding, on by default since 1.35.
        object.value.remove(&["status", "nominatedNodeName"]);
        for (key, annotation) in binding.path(&["metadata", "annotations"]).entries() {
            object.set(&["metadata", "annotations", key], annotation);
        }
        let condition = value!({
            "type": "PodScheduled",
            "status": "True",
            "lastProbeTime": null,
            "lastTransitionTime": (self.now.rfc3339()),
            "observedGeneration": (existing.generation()),
        });
        object.put_condition(condition);
        self.write(object)
    }

    fn write(&mut self, object: Object) -> Result<Response, Status> {
        if self.request.options.dry_run {
            return Ok(self.respond(object, false));
        }
        let stored = self.storage.put(&self.origin(), object);
        Ok(self.respond(stored, true))
    }

    fn scale(&mut self, verb: &Verb) -> Result<Response, Status> {
        let existing = self.existing()?;
        let old = scale_of(&existing);
        let new = match verb {
            Verb::Get => {
                let mut response = self.respond(existing, false);
                response.value = Some(old);
                return Ok(response);
            }
            Verb::Update(value) => value.clone(),
            Verb::Patch(change) => patch::apply_untyped(&old, change)?,
            _ => return Err(no_such_resource()),
        };
        self.decode_scale(verb, &new)?;
        let replicas = new.path(&["spec", "replicas"]).as_i64().unwrap_or(0);
        if replicas < 0 {
            let why = "must be greater than or equal to 0";
            let error = FieldError::invalid("spec.replicas", &replicas.into(), why);
            return Err(Status::invalid("Scale", existing.name(), vec![error]));
        }
        let mut object = existing.clone();
        if object.spec().get("replicas").as_i64() != Some(replicas) {
            object.set(&["spec", "replicas"], replicas);
        }
        let version = new.path(&["metadata", "resourceVersion"]).str();
        object.set(&["metadata", "resourceVersion"], version);
        let mut response = self.replace_owned(Part::Main, existing, object, Ownership::Scale)?;
        response.value = response.object.as_ref().map(scale_of);
        Ok(response)
    }
}

// The fields of `autoscaling/v1` Scale, and those of the structs in it.
const SCALE_FIELDS: [(&str, &[&str]); 3] = [
    ("", &["apiVersion", "kind", "metadata", "spec", "status"]),
    ("spec", &["replicas"]),
    ("status", &["replicas", "selector"]),
];

impl Handler<'_> {
    // Refuses a scale of the wrong form; fields that it does not have are judged as elsewhere.
    fn decode_scale(&mut self, verb: &Verb, scale: &Value) -> Result<(), Status> {
        let refuse = |error: String| match verb {
            Verb::Patch(_) => {
                let shown = go::quote(&go::json(scale));
                let cause = FieldError::invalid_as_written("patch", shown, &error);
                Status::invalid("", "", vec![cause])
            }
            _ => Status::bad_request(format!(
                "Scale in version \"v1\" cannot be handled as a Scale: {error}"
            )),
        };
        for field in ["spec", "status"] {
            let replicas = scale.path(&[field, "replicas"]);
            if !replicas.is_null() && replicas.as_i64().is_none() {
                let (found, name) = (go::json_type(replicas), capitalized(field));
                return Err(refuse(format!(
                    "json: cannot unmarshal {found} into Go struct field \
                     Scale{name}.{field}.replicas of type int32"
                )));
            }
        }
        let mut unknown = Vec::new();
        for (place, known) in SCALE_FIELDS {
            let fields = if place.is_empty() { scale } else { scale.get(place) };
            let others = fields.entries().filter(|(key, _)| !known.contains(&key.as_str()));
            unknown.extend(others.map(|(key, _)| match place {
                "" => key.clone(),
                place => format!("{place}.{key}").into(),
            }));
        }
        let complaints = decode::unknown_fields(&unknown);
        for warning in
            decode::judge(complaints, self.request.options.field_validation).map_err(refuse)?
        {
            self.warn(warning);
        }
        Ok(())
    }
}

fn capitalized(field: &str) -> &'static str {
    if field == "spec" { "Spec" } else { "Status" }
}

fn no_such_resource() -> Status {
    Status::new(404, "NotFound", "the server could not find the requested resource")
}

/// The `scale` subresource of an object.
///
/// Models `scaleFromStatefulSet` and its siblings in `pkg/registry/apps/*/storage`.
fn scale_of(object: &Object) -> Value {
    let mut metadata = value!({"name": (object.name()), "namespace": (object.namespace())});
    for field in ["uid", "resourceVersion", "creationTimestamp"] {
        metadata.set(&[field], object.metadata().get(field));
    }
    value!({
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": (metadata),
        "spec": {"replicas": (object.spec().get("replicas"))},
        "status": {
            "replicas": (object.status().get("replicas").as_i64().unwrap_or(0)),
            "selector": (selector_text(object.spec().get("selector"))),
        },
    })
}

/// A label selector in one line (`metav1.FormatLabelSelector`).
fn selector_text(selector: &Value) -> String {
    let mut parts: Vec<String> =
        selector.get("matchLabels").entries().map(|(k, v)| format!("{k}={}", v.str())).collect();
    for expression in selector.get("matchExpressions").items() {
        let key = expression.get("key").str();
        let mut values: Vec<&str> =
            expression.get("values").items().iter().map(Value::str).collect();
        values.sort_unstable();
        let values = values.join(",");
        parts.push(match expression.get("operator").str() {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "Exists" => key.to_owned(),
            _ => format!("!{key}"),
        });
    }
    parts.sort();
    parts.join(",")
}

/// Whether a Kind has a `scale` subresource.
pub fn has_scale(kind: Kind) -> bool {
    kind.resource().subresources.contains(&"scale")
}
