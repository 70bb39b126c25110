//! `kubectl rollout undo`.
//!
//! Models `rollout_undo.go` and the rollbackers of `pkg/polymorphichelpers/rollback.go`.

use super::history::template_text;
use super::{find, is_rolled_out, number, revisions, with_revision};
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::value;

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

pub(super) fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let dry_run = DryRun::of(invocation, world)?;
    let found = find(invocation, world)?;
    let mut failures = Vec::new();
    for item in found.items {
        let object = item.map(|info| info.object);
        let undone = object.and_then(|object| match object {
            Some(object) => undo(invocation, &object, dry_run, world),
            None => Ok(()),
        });
        failures.extend(undone.err());
    }
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

fn undo(
    invocation: &Invocation,
    object: &Object,
    dry_run: DryRun,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    if !is_rolled_out(object.kind) {
        return Err(Failure::message(format!(
            "no rollbacker has been implemented for {:?}",
            object.kind.name()
        )));
    }
    if object.annotation(LAST_APPLIED).is_some() {
        warn_applied(object, world);
    }
    let result = roll_back(object, invocation.int("to-revision"), dry_run, world)?;
    Printer::of(invocation, &dry_run.operation(&result), world)?.print(&object.value, world)
}

fn warn_applied(object: &Object, world: &mut World<'_>) {
    world.complain(&format!(
        "Warning: resource {}/{} was previously managed with 'kubectl apply'. Rolling back will \
         not update the kubectl.kubernetes.io/last-applied-configuration annotation, which may \
         cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl \
         apply' with your previous configuration file instead.",
        object.kind.resource().plural,
        object.name()
    ));
}

/// Models StatefulSetRollbacker.Rollback; gives the word to print.
fn roll_back(
    set: &Object,
    to_revision: i64,
    dry_run: DryRun,
    world: &mut World<'_>,
) -> Result<String, Failure> {
    let history = revisions(set, world)?;
    let of_deployment = set.kind == Kind::Deployment;
    if of_deployment && set.spec().get("paused").is_true() {
        return Err(Failure::message(format!(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume \
             deployment/{}' and try again",
            set.name()
        )));
    }
    if of_deployment && to_revision == 0 && history.len() <= 1 {
        let name = set.name();
        return Err(Failure::message(format!("no rollout history found for deployment {name:?}")));
    }
    if to_revision == 0 && history.len() <= 1 {
        return Err(Failure::message("no last revision to roll back to"));
    }
    let target = match to_revision {
        0 => history.iter().rev().nth(1),
        wanted => history.iter().find(|revision| number(revision) == wanted),
    };
    let target = target.ok_or_else(|| {
        Failure::message(format!("unable to find specified revision {to_revision} in history"))
    })?;
    let mut restored = with_revision(set, target)?;
    let template = ["spec", "template"];
    restored.remove(&["spec", "template", "metadata", "labels", "pod-template-hash"]);
    if dry_run == DryRun::Client {
        return Ok(format!("will roll back to {}", template_text(restored.path(&template))));
    }
    if restored.path(&template) == set.path(&template) {
        return Ok(format!(
            "skipped rollback (current template already matches revision {to_revision})"
        ));
    }
    let patch = match of_deployment {
        true => {
            let patch = value!([
                {"op": "replace", "path": "/spec/template", "value": (restored.path(&template))}
            ]);
            Patch::Json(patch)
        }
        false => Patch::Strategic(target.path(&["data"]).clone()),
    };
    let verb = Verb::Patch(patch);
    let mut request = Request::new(Actor::User, set.key(), verb);
    request.options.dry_run = dry_run == DryRun::Server;
    let response = world.request(&request).map_err(|status| {
        Failure::message(format!("failed restoring revision {to_revision}: {status}"))
    })?;
    world.warn(&response.warnings);
    Ok("rolled back".into())
}
