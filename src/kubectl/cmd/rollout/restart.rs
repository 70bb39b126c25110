//! `kubectl rollout restart`, `pause` and `resume`.
//!
//! Models `rollout_restart.go`, `rollout_pause.go`, `rollout_resume.go`.

use super::{find, is_rolled_out};
use crate::api::patch;
use crate::api::scheme::Kind;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::Info;

const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

pub(super) fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    each(invocation, world, restart)
}

pub(super) fn pause(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    each(invocation, world, |invocation, info, world| {
        if info.kind != Kind::Deployment {
            return Err(unsupported(info, "pausing is not supported"));
        }
        match is_paused(info) {
            true => Err(unsupported(info, "is already paused")),
            false => set_paused(invocation, info, true, world),
        }
    })
}

pub(super) fn resume(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    each(invocation, world, |invocation, info, world| {
        if info.kind != Kind::Deployment {
            return Err(unsupported(info, "resuming is not supported"));
        }
        match is_paused(info) {
            true => set_paused(invocation, info, false, world),
            false => Err(unsupported(info, "is not paused")),
        }
    })
}

fn is_paused(info: &Info) -> bool {
    info.object.as_ref().is_some_and(|object| object.spec().get("paused").is_true())
}

/// Models defaultObjectPauser and defaultObjectResumer.
fn set_paused(
    invocation: &Invocation,
    info: &Info,
    paused: bool,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let patch = crate::value!({"spec": {"paused": (paused.then_some(true))}});
    let mut request = Request::new(Actor::User, info.key(), Verb::Patch(Patch::Strategic(patch)));
    request.options.field_manager = Some(invocation.text("field-manager").into());
    let response = world
        .request(&request)
        .map_err(|status| Failure::message(format!("failed to patch: {status}")))?;
    let written = response.object.map(|object| object.value).unwrap_or_default();
    let operation = if paused { "paused" } else { "resumed" };
    Printer::of(invocation, operation, world)?.print(&written, world)
}

type Act = fn(&Invocation, &Info, &mut World<'_>) -> Result<(), Failure>;

/// Acts on every object; what could not be read fails first.
fn each(invocation: &Invocation, world: &mut World<'_>, act: Act) -> Outcome {
    let found = find(invocation, world)?;
    if found.items.is_empty() {
        world.complain(&format!("No resources found in {} namespace.", invocation.namespace));
        return Ok(Flow::Done(0));
    }
    let (infos, failures): (Vec<_>, Vec<_>) = found.items.into_iter().partition(Result::is_ok);
    let mut failures: Vec<Failure> = failures.into_iter().filter_map(Result::err).collect();
    for info in infos.into_iter().flatten() {
        failures.extend(act(invocation, &info, world).err());
    }
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

fn unsupported(info: &Info, why: &str) -> Failure {
    let plural = info.kind.resource().qualified_plural();
    Failure::message(format!("error: {plural} {:?} {why}", info.name.as_str()))
}

/// Models defaultObjectRestarter: an annotation in the template makes a new revision.
fn restart(invocation: &Invocation, info: &Info, world: &mut World<'_>) -> Result<(), Failure> {
    if !is_rolled_out(info.kind) {
        return Err(unsupported(info, "restarting is not supported"));
    }
    if is_paused(info) {
        let why = "can't restart paused deployment (run rollout resume first)";
        return Err(unsupported(info, why));
    }
    let Some(object) = &info.object else { return Ok(()) };
    let mut changed = object.clone();
    let now = world.client.now().rfc3339();
    changed.set(&["spec", "template", "metadata", "annotations", RESTARTED_AT], now);
    let patch = patch::two_way(info.kind, &object.value, &changed.value)
        .map_err(|why| Failure::message(why.to_string()))?;
    if patch.entries().next().is_none() {
        return Err(Failure::message(format!(
            "failed to create patch for {}: if restart has already been triggered within the past \
             second, please wait before attempting to trigger another",
            info.name
        )));
    }
    let verb = Verb::Patch(Patch::Strategic(patch));
    let mut request = Request::new(Actor::User, info.key(), verb);
    request.options.field_manager = Some(invocation.text("field-manager").into());
    let response = world
        .client
        .request(&request)
        .map_err(|status| Failure::message(format!("failed to patch: {status}")))?;
    world.warn(&response.warnings);
    let written = response.object.unwrap_or(changed);
    Printer::of(invocation, "restarted", world)?.print(&written.value, world)
}
