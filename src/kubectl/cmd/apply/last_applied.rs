//! `kubectl apply view-last-applied` and `set-last-applied`.
//!
//! Models `apply_view_last_applied.go` and `apply_set_last_applied.go`.

use crate::api::go;
use crate::api::object::Object;
use crate::api::patch::merge;
use crate::api::value::Value;
use crate::api::yaml;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::kubectl::command::Flag;
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::{Failure, with_source};
use crate::kubectl::invocation::Invocation;
use crate::kubectl::last_applied::{self, ANNOTATION};
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::{Builder, Info};

pub(super) static VIEW_FLAGS: &[Flag] = &[Flag::text("output").short('o').default("yaml")];
pub(super) static SET_FLAGS: &[Flag] = &[
    Flag::bool("create-annotation"),
    Flag::text("field-manager").default("kubectl-set-last-applied"),
];
pub(super) static EDIT_FLAGS: &[Flag] = &[
    Flag::text("field-manager").default("kubectl-client-side-apply"),
    Flag::bool("windows-line-endings"),
];

pub(super) fn view(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let output = invocation.text("output");
    if !matches!(output, "yaml" | "json") {
        return Err(invocation.usage(&format!(
            "Unexpected -o output mode: {output}, the flag 'output' must be one of yaml|json"
        )));
    }
    let builder = Builder::new(invocation).select_all(invocation.is_true("all")).latest();
    for info in builder.find(world)?.infos()? {
        let Some(object) = &info.object else { continue };
        let Some(text) = last_applied::original_text(object) else { continue };
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        match output {
            "json" => world.print_line(&go::json_indented(&value, "  ")),
            _ => world.print(&yaml::write(&value)),
        }
    }
    Ok(Flow::Done(0))
}

pub(super) fn set(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let dry_run = DryRun::of(invocation, world)?;
    if invocation.list("filename").is_empty() {
        return Err(Failure::message("must specify one of -f and -k"));
    }
    let found = Builder::new(invocation).find(world)?;
    let (mut changes, mut failures) = (Vec::new(), Vec::new());
    for item in found.items {
        let change = item.and_then(|info| change_of(invocation, info, world));
        match change {
            Ok(change) => changes.extend(change),
            Err(failure) => failures.push(failure),
        }
    }
    Failure::aggregate(failures)?;
    for (info, current, patch) in changes {
        let shown = match dry_run {
            DryRun::Client => current,
            _ => send(invocation, dry_run, &info, patch, world)?.unwrap_or(current),
        };
        let operation = dry_run.operation("configured");
        Printer::of(invocation, &operation, world)?.print(&shown.value, world)?;
    }
    Ok(Flow::Done(0))
}

/// The patch that puts the file's content into the annotation, unless it is there.
fn change_of(
    invocation: &Invocation,
    info: Info,
    world: &mut World<'_>,
) -> Result<Option<(Info, Object, Value)>, Failure> {
    let Some(object) = &info.object else { return Ok(None) };
    let text = format!("{}\n", go::json(&object.value));
    let mut annotated = object.value.clone();
    annotated.set(&["metadata", "annotations", ANNOTATION], text.clone());
    let patch = merge::create(&object.value, &annotated);
    let current = info.get(world).map_err(|status| match status.is("NotFound") {
        true => Failure::from(status),
        false => {
            let verb = format!("retrieving current configuration of:\n{info}\nfrom server for:");
            with_source(status, &verb, &info.source).into()
        }
    })?;
    let original = last_applied::original_text(&current);
    if original.is_none() && !invocation.is_true("create-annotation") {
        return Err(Failure::message(format!(
            "no last-applied-configuration annotation found on resource: {}, to create the \
             annotation, run the command with --create-annotation",
            info.name
        )));
    }
    if original.is_some_and(|original| original.trim() == text.trim()) {
        world.print_line(&format!("set-last-applied {}: no changes required.", info.name));
        return Ok(None);
    }
    Ok(Some((info, current, patch)))
}

fn send(
    invocation: &Invocation,
    dry_run: DryRun,
    info: &Info,
    patch: Value,
    world: &mut World<'_>,
) -> Result<Option<Object>, Failure> {
    let verb = Verb::Patch(Patch::Merge(patch));
    let mut request = Request::new(Actor::User, info.key(), verb);
    request.options.dry_run = dry_run == DryRun::Server;
    request.options.field_manager = Some(invocation.text("field-manager").into());
    Ok(world.send(&request)?.object)
}
