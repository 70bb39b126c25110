//! `kubectl cordon` and `kubectl uncordon`.
//!
//! Models `RunCordonOrUncordon` of `k8s.io/kubectl/pkg/cmd/drain` and `pkg/drain/cordon.go`.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::value::EcoString;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::kubectl::command::{Command, DRY_RUN_FLAG, SELECTOR_FLAG};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::Builder;

/// Their rows.
pub static COMMANDS: &[Command] = &[
    Command::new("cordon", &[DRY_RUN_FLAG, SELECTOR_FLAG], cordon),
    Command::new("uncordon", &[DRY_RUN_FLAG, SELECTOR_FLAG], uncordon),
];

fn cordon(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    run(true, invocation, world)
}

fn uncordon(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    run(false, invocation, world)
}

pub(super) fn run(unschedulable: bool, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let dry_run = DryRun::of(invocation, world)?;
    let verb = if unschedulable { "cordon" } else { "uncordon" };
    for node in nodes(invocation, world)? {
        mark(&node, unschedulable, dry_run, world).map_err(|status| {
            let text = format!("unable to {verb} node {:?}: {status}", node.name());
            Failure::message(text)
        })?;
    }
    Ok(Flow::Done(0))
}

/// The nodes that the command line names.
pub(super) fn nodes(
    invocation: &Invocation,
    world: &mut World<'_>,
) -> Result<Vec<Object>, Failure> {
    let selects = !invocation.text("selector").is_empty();
    if invocation.args.is_empty() && !selects {
        let usage = format!("USAGE: {} NODE [flags]", invocation.command);
        return Err(invocation.usage(&usage));
    }
    if !invocation.args.is_empty() && selects {
        return Err(
            invocation.usage("error: cannot specify both a node name and a --selector option")
        );
    }
    let mut arguments: Vec<EcoString> = Vec::new();
    let is_typed = invocation.args.iter().any(|arg| arg.contains('/'));
    if !is_typed {
        arguments.push("nodes".into());
    }
    arguments.extend(invocation.args.iter().cloned());
    let found = Builder::new(invocation).arguments(&arguments).find(world)?.infos()?;
    let objects = found.into_iter().filter_map(|info| info.object);
    Ok(objects.filter(|object| object.kind == Kind::Node).collect())
}

/// Marks a node and says so.
fn mark(
    node: &Object,
    unschedulable: bool,
    dry_run: DryRun,
    world: &mut World<'_>,
) -> Result<(), Status> {
    let word = if unschedulable { "cordoned" } else { "uncordoned" };
    let is_marked = node.spec().get("unschedulable").is_true();
    if is_marked == unschedulable {
        let operation = dry_run.operation(&format!("already {word}"));
        world.print_line(&format!("node/{} {operation}", node.name()));
        return Ok(());
    }
    if dry_run != DryRun::Client {
        let value = if unschedulable { true.into() } else { crate::api::value::Value::Null };
        let patch = crate::value!({"spec": {"unschedulable": value}});
        let verb = Verb::Patch(Patch::Strategic(patch));
        let mut request = Request::new(Actor::User, node.key(), verb);
        request.options.dry_run = dry_run == DryRun::Server;
        world.send(&request)?;
    }
    let operation = dry_run.operation(word);
    world.print_line(&format!("node/{} {operation}", node.name()));
    Ok(())
}
