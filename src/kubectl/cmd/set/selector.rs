//! `kubectl set selector`.
//!
//! Models `set_selector.go`.

use super::{check_local, difference, find, send};
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::value::Value;
use crate::kubectl::command::Flag;
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::label_selector;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::record::record;

pub(super) static FLAGS: &[Flag] = &[Flag::text("resource-version")];

pub(super) fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let dry_run = DryRun::of(invocation, world)?;
    let Some((selector, resources)) = invocation.args.split_last() else {
        return Err(Failure::message("one selector is required"));
    };
    check_local(invocation, dry_run)?;
    let selector = label_selector::parse(selector)?;
    let infos = find(invocation, resources, world)?;
    let mut failures = Vec::new();
    for object in infos.into_iter().filter_map(|info| info.object) {
        failures.extend(set(invocation, dry_run, &object, &selector, world).err());
    }
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

fn set(
    invocation: &Invocation,
    dry_run: DryRun,
    object: &Object,
    selector: &Value,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    if object.kind != Kind::Service {
        return Err(Failure::message("setting a selector is only supported for Services"));
    }
    let expressions = selector.get("matchExpressions").items();
    if !expressions.is_empty() {
        let shown: Vec<String> = expressions.iter().map(shown).collect();
        let shown = shown.join(" ");
        let text = format!("match expression [{shown}] not supported on this object");
        return Err(Failure::message(text));
    }
    let mut value = object.value.clone();
    value.set(&["spec", "selector"], selector.get("matchLabels").clone());
    record(invocation, &mut value);
    let mut printer = Printer::of(invocation, &dry_run.operation("selector updated"), world)?;
    if invocation.is_true("local") || dry_run == DryRun::Client {
        return printer.print(&value, world);
    }
    let mut patch = difference(object, &value)?;
    if !invocation.text("resource-version").is_empty() {
        patch.set(&["metadata", "resourceVersion"], invocation.text("resource-version"));
    }
    let written = send(invocation, dry_run, object, patch, world)?;
    printer.print(&written, world)
}

// `{tier In [a b]}`, as Go prints a LabelSelectorRequirement.
fn shown(expression: &Value) -> String {
    let values: Vec<&str> = expression.get("values").items().iter().map(Value::str).collect();
    let (key, operator) = (expression.get("key").str(), expression.get("operator").str());
    format!("{{{key} {operator} [{}]}}", values.join(" "))
}
