//! `kubectl scale`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/scale/scale.go` and `pkg/scale`.

use crate::api::object::Object;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::kubectl::command::{
    ALL_FLAG, Command, DRY_RUN_FLAG, FILENAME_FLAGS, Flag, PRINT_FLAGS, RECORD_FLAG, SELECTOR_FLAG,
};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::record::record;
use crate::kubectl::resource_builder::{Builder, Info};
use crate::value;

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new(
    "scale",
    &[ALL_FLAG, DRY_RUN_FLAG, FILENAME_FLAGS, PRINT_FLAGS, RECORD_FLAG, SELECTOR_FLAG, FLAGS],
    run,
)];

static FLAGS: &[Flag] = &[
    Flag::int("current-replicas", "-1"),
    Flag::int("replicas", "0"),
    Flag::text("resource-version"),
    Flag::duration("timeout", "0s"),
];

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    if !invocation.is_set("replicas") {
        return Err(Failure::message("required flag(s) \"replicas\" not set"));
    }
    let replicas = invocation.int("replicas");
    if replicas < 0 {
        return Err(Failure::message(
            "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
        ));
    }
    let dry_run = DryRun::of(invocation, world)?;
    let mut printer = Printer::of(invocation, &dry_run.operation("scaled"), world)?;
    let found =
        Builder::new(invocation).select_all(invocation.is_true("all")).latest().find(world)?;
    let (mut failures, mut count) = (Vec::new(), 0);
    for item in found.items {
        match item {
            Ok(info) => {
                count += 1;
                let mut object = scale(invocation, &info, replicas, dry_run, world)?;
                if dry_run != DryRun::No {
                    // What was not done is shown as if it were.
                    object.set(&["spec", "replicas"], replicas);
                }
                printer.print(&object.value, world)?;
            }
            Err(failure) => failures.push(failure),
        }
    }
    Failure::aggregate(failures)?;
    match count {
        0 => Err(Failure::message("no objects passed to scale")),
        _ => Ok(Flow::Done(0)),
    }
}

fn scale(
    invocation: &Invocation,
    info: &Info,
    replicas: i64,
    dry_run: DryRun,
    world: &mut World<'_>,
) -> Result<Object, Failure> {
    let get = Request::new(Actor::User, info.key(), Verb::Get).on("scale");
    let present = world.request(&get)?.value.unwrap_or_default();
    let had = present.path(&["spec", "replicas"]).as_i64().unwrap_or(0);
    let expected = invocation.int("current-replicas");
    if expected >= 0 && expected != had {
        return Err(Failure::message(format!("Expected replicas to be {expected}, was {had}")));
    }
    let wanted = invocation.text("resource-version");
    let version = present.path(&["metadata", "resourceVersion"]).str();
    if !wanted.is_empty() && wanted != version {
        return Err(Failure::message(format!(
            "Expected resource version to be {wanted}, was {version}"
        )));
    }
    if dry_run != DryRun::Client {
        let patch = Patch::Merge(value!({"spec": {"replicas": replicas}}));
        let mut request = Request::new(Actor::User, info.key(), Verb::Patch(patch)).on("scale");
        request.options.dry_run = dry_run == DryRun::Server;
        let response = world.request(&request)?;
        world.warn(&response.warnings);
        record_scale(invocation, info, world)?;
    }
    info.object.clone().ok_or_else(|| Failure::message("no objects passed to scale"))
}

/// Notes the command line on what was scaled, in a write of its own.
fn record_scale(
    invocation: &Invocation,
    info: &Info,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let mut patch = crate::api::value::Value::object();
    record(invocation, &mut patch);
    if invocation.text("dry-run") == "server" || patch.get("metadata").is_null() {
        return Ok(());
    }
    let verb = Verb::Patch(Patch::Merge(patch));
    world.send(&Request::new(Actor::User, info.key(), verb))?;
    Ok(())
}
