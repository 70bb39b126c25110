//! What all generators share, and the simplest of them.
//!
//! Models `NameFromCommandArgs` and the end of every `CreateXOptions.Run`.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::types::normal::normalize;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, Request};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::last_applied;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::validation;

pub(super) fn namespace(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = name(invocation)?;
    finish(invocation, Kind::Namespace, named(&name), "", world)
}

pub(super) fn service_account(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = name(invocation)?;
    finish(invocation, Kind::ServiceAccount, named(&name), "serviceaccount", world)
}

/// The one argument before `--`.
pub(super) fn name(invocation: &Invocation) -> Result<EcoString, Failure> {
    let before = invocation.args_before_dash.map_or(invocation.args.len(), |dash| dash as usize);
    match invocation.args.get(..before) {
        Some([name]) => Ok(name.clone()),
        names => {
            let count = names.map_or(0, <[EcoString]>::len);
            let text = format!("exactly one NAME is required, got {count}");
            Err(invocation.usage(&text))
        }
    }
}

/// The arguments after `--`.
pub(super) fn command(invocation: &Invocation) -> Vec<Value> {
    let before = invocation.args_before_dash.map_or(invocation.args.len(), |dash| dash as usize);
    invocation.args.iter().skip(before).map(Value::from).collect()
}

/// Flags that must be given (cobra's `MarkFlagRequired`).
pub(super) fn require(invocation: &Invocation, flags: &[&str]) -> Result<(), Failure> {
    let missing: Vec<String> =
        flags.iter().filter(|flag| !invocation.is_set(flag)).map(|f| format!("{f:?}")).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => {
            let text = format!("required flag(s) {} not set", missing.join(", "));
            Err(Failure::message(text))
        }
    }
}

/// An object with nothing but a name.
pub(super) fn named(name: &str) -> Value {
    crate::value!({"metadata": {"name": name}})
}

/// Prints an object of a kind that is not stored here; making it is refused.
pub(super) fn show(
    invocation: &Invocation,
    mut value: Value,
    is_namespaced: bool,
    world: &mut World<'_>,
) -> Outcome {
    let dry_run = DryRun::of(invocation, world)?;
    if invocation.enforce_namespace && is_namespaced {
        value.set(&["metadata", "namespace"], invocation.namespace.clone());
    }
    if invocation.is_true("save-config") {
        value = last_applied::annotated(&value);
    }
    let mut printer = Printer::of(invocation, &dry_run.operation("created"), world)?;
    if dry_run != DryRun::Client {
        let what = format!("objects of kind {}", value.get("kind").str());
        return Err(Failure::not_simulated(&what, "ask the API server to make it"));
    }
    printer.print(&value, world)?;
    Ok(Flow::Done(0))
}

/// Makes the object and prints it; `what` names it in refusals, "" for none of our words.
pub(super) fn finish(
    invocation: &Invocation,
    kind: Kind,
    value: Value,
    what: &str,
    world: &mut World<'_>,
) -> Outcome {
    let dry_run = DryRun::of(invocation, world)?;
    let mut object = Object::new(kind, value);
    normalize(kind.name(), &mut object.value);
    if invocation.enforce_namespace && kind.resource().namespaced {
        object.set(&["metadata", "namespace"], invocation.namespace.clone());
    }
    if invocation.is_true("save-config") {
        object.value = last_applied::annotated(&object.value);
    }
    if dry_run != DryRun::Client {
        let mut sent = object.clone();
        if kind.resource().namespaced {
            sent.set(&["metadata", "namespace"], invocation.namespace.clone());
        }
        let mut request = Request::create(Actor::User, &sent);
        request.options.field_validation = validation::of(invocation)?;
        request.options.dry_run = dry_run == DryRun::Server;
        request.options.field_manager = Some(invocation.text("field-manager").into());
        let response = world.send(&request).map_err(|status| match what {
            "" => Failure::from(status),
            what => Failure::message(format!("failed to create {what}: {status}")),
        })?;
        object = response.object.unwrap_or(object);
    }
    let operation = dry_run.operation("created");
    Printer::of(invocation, &operation, world)?.print(&object.value, world)?;
    Ok(Flow::Done(0))
}
