//! `kubectl set image`.
//!
//! Models `set_image.go`.

use super::{Change, check_all, check_local, find};
use crate::api::value::Value;
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::pairs::{self, Pairs};
use crate::kubectl::process::{Flow, Outcome, World};

pub(super) fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let dry_run = DryRun::of(invocation, world)?;
    let arguments = pairs::split(&invocation.args, "image")?;
    let images = pairs::parse(&arguments.pairs, "image", false)?;
    let infos = find(invocation, &arguments.resources, world)?;
    validate(invocation, dry_run, &images)?;
    let change = Change {
        invocation,
        dry_run,
        operation: "image updated",
        refusal: "failed to patch image update to pod template:",
        skips_unchanged: true,
        failures: Vec::new(),
    };
    change.apply(
        &infos,
        &mut |_, spec, failures, _| {
            for (name, image) in &images.new {
                if !set_image(spec, name, image) {
                    failures.push(Failure::message(format!(
                        "error: unable to find container named {:?}",
                        name.as_str()
                    )));
                }
            }
            Ok(())
        },
        world,
    )?;
    Ok(Flow::Done(0))
}

fn validate(invocation: &Invocation, dry_run: DryRun, images: &Pairs) -> Result<(), Failure> {
    let mut failures = Vec::new();
    failures.extend(check_all(invocation).err());
    if images.new.is_empty() {
        failures.push(Failure::message("at least one image update is required"));
    } else if images.new.len() > 1 && images.new.iter().any(|(name, _)| name == "*") {
        failures.push(Failure::message(
            "all containers are already specified by *, but saw more than one \
             container_name=container_image pairs",
        ));
    }
    failures.extend(check_local(invocation, dry_run).err());
    Failure::aggregate(failures)
}

/// Sets the image of the containers of this name, `*` for all; gives whether there were any.
fn set_image(spec: &mut Value, name: &str, image: &str) -> bool {
    let mut found = false;
    for list in super::CONTAINER_LISTS {
        let mut containers = spec.get(list).items().to_vec();
        let mut touched = false;
        for container in &mut containers {
            if name == "*" || container.get("name").str() == name {
                container.set(&["image"], image);
                touched = true;
            }
        }
        if touched {
            found = true;
            spec.set(&[list], containers);
        }
    }
    found
}
