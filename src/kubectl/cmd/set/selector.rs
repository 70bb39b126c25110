//! `kubectl set selector`.
//!
//! Models `set_selector.go`.

use super::{check_local, difference, find, send};
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::selector::labels::LabelSelector;
use crate::api::value::Value;
use crate::kubectl::command::Flag;
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
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
    let selector = as_map(selector)?;
    let infos = find(invocation, resources, world)?;
    let mut failures = Vec::new();
    for object in infos.into_iter().filter_map(|info| info.object) {
        failures.extend(set(invocation, dry_run, &object, &selector, world).err());
    }
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

/// Models metav1.ParseToLabelSelector and LabelSelectorAsMap.
fn as_map(text: &str) -> Result<Value, Failure> {
    LabelSelector::parse(text).map_err(|why| Failure::message(why.to_string()))?;
    let mut map = Value::object();
    for requirement in text.split(',').filter(|part| !part.trim().is_empty()) {
        let Some((key, value)) = requirement.split_once('=') else {
            return Err(Failure::not_simulated(
                &format!("the selector expression {requirement:?}"),
                "convert it if it has a single value",
            ));
        };
        let value = value.strip_prefix('=').unwrap_or(value);
        map.set(&[key.trim()], value.trim());
    }
    Ok(map)
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
    let mut value = object.value.clone();
    value.set(&["spec", "selector"], selector);
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
