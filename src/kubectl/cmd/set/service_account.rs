//! `kubectl set serviceaccount`.
//!
//! Models `set_serviceaccount.go`.

use super::{Change, check_all, check_local, find};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};

pub(super) fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let dry_run = DryRun::of(invocation, world)?;
    check_local(invocation, dry_run)?;
    let Some((name, resources)) = invocation.args.split_last() else {
        return Err(Failure::message("serviceaccount is required"));
    };
    check_all(invocation)?;
    let infos = find(invocation, resources, world)?;
    let change = Change {
        invocation,
        dry_run,
        operation: "serviceaccount updated",
        refusal: "failed to patch ServiceAccountName",
        skips_unchanged: false,
        failures: Vec::new(),
    };
    change.apply(
        &infos,
        &mut |_, spec, _, _| {
            spec.set(&["serviceAccountName"], name);
            Ok(())
        },
        world,
    )?;
    Ok(Flow::Done(0))
}
