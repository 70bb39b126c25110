//! `kubectl set resources`.
//!
//! Models `set_resources.go` and `generateversioned.HandleResourceRequirementsV1`.

use super::{Change, check_all, check_local, find, for_selected};
use crate::api::quantity::Quantity;
use crate::api::value::EcoString;
use crate::kubectl::command::Flag;
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};

pub(super) static FLAGS: &[Flag] = &[
    Flag::text("containers").short('c').default("*"),
    Flag::text("limits"),
    Flag::text("requests"),
];

pub(super) fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let dry_run = DryRun::of(invocation, world)?;
    let infos = find(invocation, &invocation.args, world)?;
    check_all(invocation)?;
    check_local(invocation, dry_run)?;
    if invocation.text("limits").is_empty() && invocation.text("requests").is_empty() {
        return Err(Failure::message(
            "you must specify an update to requests or limits (in the form of \
             --requests/--limits)",
        ));
    }
    let lists = [
        ("limits", quantities(invocation.text("limits"))?),
        ("requests", quantities(invocation.text("requests"))?),
    ];
    let selector = invocation.text("containers");
    let change = Change {
        invocation,
        dry_run,
        operation: "resource requirements updated",
        refusal: "failed to patch resources update to pod template",
        skips_unchanged: true,
        failures: Vec::new(),
    };
    change.apply(
        &infos,
        &mut |_, spec, failures, _| {
            let count = for_selected(spec, selector, |container| {
                for (list, amounts) in &lists {
                    for (name, amount) in amounts {
                        container.set(&["resources", list, name], amount);
                    }
                }
            });
            if count == 0 {
                let text = format!("error: unable to find container named {selector}");
                failures.push(Failure::message(text));
            }
            Ok(())
        },
        world,
    )?;
    Ok(Flow::Done(0))
}

/// `cpu=100m,memory=64Mi` (`populateResourceListV1`)
pub(crate) fn quantities(text: &str) -> Result<Vec<(EcoString, EcoString)>, Failure> {
    let mut amounts = Vec::new();
    for statement in text.split(',').filter(|_| !text.is_empty()) {
        let parts: Vec<&str> = statement.split('=').collect();
        let [name, amount] = parts.as_slice() else {
            return Err(Failure::message(format!(
                "Invalid argument syntax {statement}, expected <resource>=<value>"
            )));
        };
        let amount = Quantity::stored(amount).map_err(Failure::message)?;
        amounts.push((EcoString::from(*name), amount));
    }
    Ok(amounts)
}
