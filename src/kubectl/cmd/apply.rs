//! `kubectl apply`, on the client's side.
//!
//! Models `k8s.io/kubectl/pkg/cmd/apply`.

use crate::api::go;
use crate::api::object::Object;
use crate::api::value::Value;
use crate::apiserver::request::{Actor, FieldValidation, Patch, Request, Verb};
use crate::kubectl::command::{
    Command, DRY_RUN_FLAG, FILENAME_FLAGS, Flag, PRINT_FLAGS, RECORD_FLAG, SELECTOR_FLAG,
};
use crate::kubectl::errors::{Failure, with_source};
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::{Builder, Info};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new(
    "apply",
    &[FILENAME_FLAGS, PRINT_FLAGS, SELECTOR_FLAG, DRY_RUN_FLAG, RECORD_FLAG, FLAGS],
    run,
)];

static FLAGS: &[Flag] = &[
    Flag::text("field-manager").default("kubectl-client-side-apply"),
    Flag::text("validate").default("strict").bare("strict"),
];

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    if invocation.list("filename").is_empty() && invocation.text("kustomize").is_empty() {
        return Err(Failure::message("must specify one of -f and -k"));
    }
    let found = Builder::new(invocation).find(world)?;
    if found.items.is_empty() {
        return Err(Failure::message("no objects passed to apply"));
    }
    let mut failures = Vec::new();
    for item in found.items {
        if let Err(failure) = item.and_then(|info| apply(invocation, &info, world)) {
            failures.push(failure);
        }
    }
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

fn apply(invocation: &Invocation, info: &Info, world: &mut World<'_>) -> Result<(), Failure> {
    let Some(object) = &info.object else { return Ok(()) };
    let modified = with_last_applied(object);
    let (operation, response) = match info.get(world) {
        Err(status) if status.is("NotFound") => {
            let request = configured(invocation, Request::create(Actor::User, &modified));
            let refused = |status| Failure::from(with_source(status, "creating", &info.source));
            ("created", world.request(&request).map_err(refused)?)
        }
        Err(status) => return Err(status.into()),
        Ok(current) => {
            let patch = three_way(&last_applied(&current), &modified.value, &current.value);
            if patch.as_object().is_none_or(|map| map.is_empty()) {
                return Printer::of(invocation, "unchanged", world)?.print(&current.value, world);
            }
            let verb = Verb::Patch(Patch::Merge(patch));
            let request = configured(invocation, Request::new(Actor::User, info.key(), verb));
            ("configured", world.request(&request)?)
        }
    };
    world.warn(&response.warnings);
    let object = response.object.unwrap_or(modified);
    Printer::of(invocation, operation, world)?.print(&object.value, world)
}

fn configured(invocation: &Invocation, mut request: Request) -> Request {
    request.options.field_validation = match invocation.text("validate") {
        "warn" => FieldValidation::Warn,
        "ignore" | "false" => FieldValidation::Ignore,
        _ => FieldValidation::Strict,
    };
    request.options.dry_run = invocation.text("dry-run") == "server";
    request.options.field_manager = Some(invocation.text("field-manager").into());
    request
}

/// The object with itself as its annotation (util.CreateApplyAnnotation).
fn with_last_applied(object: &Object) -> Object {
    let mut plain = object.clone();
    plain.value.remove(&["metadata", "annotations", LAST_APPLIED]);
    let annotations = plain.value.path(&["metadata", "annotations"]).clone();
    if annotations.is_null() {
        plain.set(&["metadata", "annotations"], Value::object());
    }
    let text = format!("{}\n", go::json_plain(&plain.value));
    plain.set(&["metadata", "annotations", LAST_APPLIED], text);
    plain
}

fn last_applied(current: &Object) -> Value {
    let text = current.annotation(LAST_APPLIED).unwrap_or("{}");
    serde_json::from_str(text).unwrap_or_default()
}

/// Models jsonmergepatch.CreateThreeWayJSONMergePatch.
fn three_way(original: &Value, modified: &Value, current: &Value) -> Value {
    let mut patch = Value::object();
    for (key, wanted) in modified.entries() {
        let (before, now) = (original.get(key), current.get(key));
        if wanted == now {
            continue;
        }
        if wanted.as_object().is_some() && now.as_object().is_some() {
            let inner = three_way(before, wanted, now);
            if inner.as_object().is_some_and(|map| !map.is_empty()) {
                patch.set(&[key], inner);
            }
        } else {
            patch.set(&[key], wanted.clone());
        }
    }
    for (key, _) in original.entries() {
        if modified.get(key).is_null() && !current.get(key).is_null() {
            patch.set(&[key], Value::Null);
        }
    }
    patch
}
