//! `kubectl describe`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/describe/describe.go`.

use super::unstored;
use crate::kubectl::command::{
    ALL_NAMESPACES_FLAG, CHUNK_SIZE_FLAG, Command, FILENAME_FLAGS, Flag, SELECTOR_FLAG,
};
use crate::kubectl::describe::{Surroundings, describe};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::{Builder, Info, info_of};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new(
    "describe",
    &[ALL_NAMESPACES_FLAG, CHUNK_SIZE_FLAG, FILENAME_FLAGS, SELECTOR_FLAG, FLAGS],
    run,
)];

static FLAGS: &[Flag] = &[Flag::bool("show-events").default("true")];

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let no_files = invocation.list("filename").is_empty();
    if invocation.args.is_empty() && no_files && invocation.text("kustomize").is_empty() {
        return Err(Failure::message(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" \
             for a complete list of supported resources.",
        ));
    }
    if let Some(outcome) = unstored::answer(invocation, world) {
        return outcome;
    }
    let builder = Builder::new(invocation).select_all(true).latest();
    let found = builder.find(world)?;
    let (mut infos, mut failures) = (Vec::new(), Vec::new());
    for item in found.items {
        match item {
            Ok(info) => infos.push(info),
            Err(failure) => failures.push(failure),
        }
    }
    if infos.is_empty() && invocation.args.len() == 2 && is_not_found(&failures) {
        return by_prefix(invocation, &builder, world, failures);
    }
    let show_events = show_events(invocation, infos.len());
    print_all(&infos, show_events, world);
    if infos.is_empty() && failures.is_empty() {
        nothing_found(invocation, world);
    }
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

/// Events are shown by default only of a single object.
fn show_events(invocation: &Invocation, count: usize) -> bool {
    match invocation.is_set("show-events") {
        true => invocation.is_true("show-events"),
        false => count == 1,
    }
}

fn print_all(infos: &[Info], show_events: bool, world: &mut World<'_>) {
    let objects = infos.iter().filter_map(|info| info.object.as_ref());
    for (index, object) in objects.enumerate() {
        let text = describe(object, show_events, &mut Surroundings::new(world));
        if index > 0 {
            world.print("\n\n");
        }
        world.print(&text);
    }
}

fn nothing_found(invocation: &Invocation, world: &mut World<'_>) {
    match invocation.is_true("all-namespaces") {
        true => world.complain("No resources found"),
        false => {
            world.complain(&format!("No resources found in {} namespace.", invocation.namespace))
        }
    }
}

fn is_not_found(failures: &[Failure]) -> bool {
    !failures.is_empty()
        && failures.iter().all(|f| f.status().is_some_and(|status| status.is("NotFound")))
}

/// Models DescribeMatchingResources: objects whose name begins with the one given.
fn by_prefix(
    invocation: &Invocation,
    builder: &Builder,
    world: &mut World<'_>,
    failures: Vec<Failure>,
) -> Outcome {
    let prefix = invocation.args.get(1).cloned().unwrap_or_default();
    let mut found = false;
    for kind in builder.kinds()? {
        for object in builder.list(world, kind)? {
            if !object.name().starts_with(prefix.as_str()) {
                continue;
            }
            found = true;
            let info = info_of(object, "");
            let show = invocation.is_set("show-events") && invocation.is_true("show-events");
            print_all(&[info], show, world);
            world.print("\n");
        }
    }
    match found {
        true => Ok(Flow::Done(0)),
        false => Failure::aggregate(failures).map(|()| Flow::Done(0)),
    }
}
