//! `kubectl get`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/get/get.go`.

mod sorter;
pub mod table;
mod watch;

use super::{raw, unstored};
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::kubectl::command::{
    ALL_NAMESPACES_FLAG, CHUNK_SIZE_FLAG, Command, FIELD_SELECTOR_FLAG, FILENAME_FLAGS, Flag,
    PRINT_FLAGS, SELECTOR_FLAG,
};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::{Printer, list_of};
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::{Builder, Found, Info};

use table::{TableOptions, TablePrinter};
pub use watch::{Filter, Watch};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new(
    "get",
    &[
        ALL_NAMESPACES_FLAG,
        CHUNK_SIZE_FLAG,
        FIELD_SELECTOR_FLAG,
        FILENAME_FLAGS,
        PRINT_FLAGS,
        SELECTOR_FLAG,
        FLAGS,
    ],
    run,
)];

static FLAGS: &[Flag] = &[
    Flag::bool("ignore-not-found"),
    Flag::slice("label-columns").short('L'),
    Flag::bool("no-headers"),
    Flag::bool("output-watch-events"),
    Flag::text("raw"),
    Flag::bool("server-print").default("true"),
    Flag::bool("show-kind"),
    Flag::bool("show-labels"),
    Flag::text("sort-by"),
    Flag::text("subresource"),
    Flag::bool("watch").short('w'),
    Flag::bool("watch-only"),
];

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    if !invocation.text("raw").is_empty() {
        return raw::get(invocation, world);
    }
    validate(invocation, world)?;
    if let Some(outcome) = unstored::answer(invocation, world) {
        return outcome;
    }
    let builder = Builder::new(invocation).select_all(true).latest();
    if watches(invocation) {
        return watch::start(invocation, &builder, world);
    }
    let found = builder.find(world)?;
    let subresource = invocation.text("subresource");
    if !subresource.is_empty() && found.is_list {
        let text = "subresource cannot be used when bulk resources are specified";
        return Err(Failure::message(text));
    }
    let (infos, mut failures) = split(found.items.clone(), invocation);
    match is_table(invocation) {
        true => print_tables(invocation, &found, infos, &mut failures, world),
        false => print_generic(invocation, &found, infos, &mut failures, world)?,
    }
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

fn watches(invocation: &Invocation) -> bool {
    invocation.is_true("watch") || invocation.is_true("watch-only")
}

/// Models GetOptions.Complete and GetOptions.Validate.
fn validate(invocation: &Invocation, world: &mut World<'_>) -> Result<(), Failure> {
    if invocation.is_true("output-watch-events") && !watches(invocation) {
        return Err(Failure::message(
            "--output-watch-events option can only be used with --watch or --watch-only",
        ));
    }
    let no_files = invocation.list("filename").is_empty();
    if invocation.args.is_empty() && no_files && invocation.text("kustomize").is_empty() {
        world.complain(
            "You must specify the type of resource to get. Use \"kubectl api-resources\" for a \
             complete list of supported resources.\n",
        );
        return Err(invocation.usage(
            "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed \
             description of that resource (e.g. kubectl explain pods).",
        ));
    }
    Ok(())
}

/// Whether rows are printed (`IsHumanReadablePrinter`).
fn is_table(invocation: &Invocation) -> bool {
    let no_template = invocation.text("template").is_empty();
    matches!((invocation.text("output"), no_template), ("wide", _) | ("", true))
}

/// Takes objects and failures apart; with `--ignore-not-found` missing objects are none.
fn split(items: Vec<Result<Info, Failure>>, invocation: &Invocation) -> (Vec<Info>, Vec<Failure>) {
    let ignored = |failure: &Failure| {
        let missing = failure.status().is_some_and(|status| status.is("NotFound"));
        missing && invocation.is_true("ignore-not-found")
    };
    let (mut infos, mut failures) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Ok(info) => infos.push(info),
            Err(failure) if ignored(&failure) => {}
            Err(failure) => failures.push(failure),
        }
    }
    (infos, failures)
}

/// One table for each run of objects of a kind (GetOptions.Run).
fn print_tables(
    invocation: &Invocation,
    found: &Found,
    infos: Vec<Info>,
    failures: &mut [Failure],
    world: &mut World<'_>,
) {
    let groups = groups(found, infos);
    let several_kinds = match found.is_list {
        true => found.kinds.len() > 1,
        false => groups.iter().any(|(kind, _)| Some(kind) != groups.first().map(|(k, _)| k)),
    };
    let mut written = false;
    let mut all_namespaced = !invocation.is_true("all-namespaces");
    for (kind, objects) in groups {
        all_namespaced &= kind.resource().namespaced;
        let mut options = TableOptions::of(invocation, kind);
        options.with_kind |= several_kinds;
        let mut printer = TablePrinter::new(options);
        let objects = sorter::sort_rows(objects, invocation.text("sort-by"));
        printer.add(kind, None, &objects, world.client.now());
        let text = printer.flush();
        if written && !text.is_empty() && !invocation.is_true("no-headers") {
            world.print("\n");
        }
        written |= !text.is_empty();
        world.print(&text);
    }
    if !written && !invocation.is_true("ignore-not-found") && failures.is_empty() {
        match all_namespaced {
            true => world
                .complain(&format!("No resources found in {} namespace.", invocation.namespace)),
            false => world.complain("No resources found"),
        }
    }
}

/// Objects in runs of one kind; every kind of a list has one, though it be empty.
fn groups(found: &Found, infos: Vec<Info>) -> Vec<(Kind, Vec<Object>)> {
    let mut groups: Vec<(Kind, Vec<Object>)> = Vec::new();
    if found.is_list {
        groups.extend(found.kinds.iter().map(|kind| (*kind, Vec::new())));
    }
    for info in infos {
        let Some(object) = info.object else { continue };
        let group = match found.is_list {
            true => groups.iter_mut().find(|(kind, _)| *kind == info.kind),
            false => groups.last_mut().filter(|(kind, _)| *kind == info.kind),
        };
        match group {
            Some((_, objects)) => objects.push(object),
            None => groups.push((info.kind, vec![object])),
        }
    }
    groups
}

/// Models GetOptions.printGeneric: one object as it is, several as a List.
fn print_generic(
    invocation: &Invocation,
    found: &Found,
    infos: Vec<Info>,
    failures: &mut Vec<Failure>,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    if found.single && !failures.is_empty() {
        return Ok(());
    }
    if infos.is_empty() && invocation.is_true("ignore-not-found") && !found.is_list {
        return Ok(());
    }
    let mut printer = Printer::of_get(invocation, world)?;
    let values: Vec<_> =
        infos.into_iter().filter_map(|info| info.object).map(|object| object.value).collect();
    let value = match values.as_slice() {
        [one] if found.single => one.clone(),
        _ => list_of(sorter::sort_list(values, invocation.text("sort-by"))?),
    };
    if let Err(failure) = printer.print(&value, world) {
        failures.push(failure);
    }
    Ok(())
}
