//! `kubectl create -f`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/create/create.go`.

use crate::api::value::EcoString;
use crate::apiserver::request::{Actor, FieldValidation, Request};
use crate::kubectl::command::{
    Command, DRY_RUN_FLAG, FILENAME_FLAGS, Flag, PRINT_FLAGS, RECORD_FLAG, SELECTOR_FLAG,
};
use crate::kubectl::errors::{Failure, with_source};
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::{Builder, Info};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new(
    "create",
    &[FILENAME_FLAGS, PRINT_FLAGS, SELECTOR_FLAG, DRY_RUN_FLAG, RECORD_FLAG, FLAGS],
    run,
)];

static FLAGS: &[Flag] = &[
    Flag::bool("edit"),
    Flag::text("field-manager").default("kubectl-create"),
    Flag::text("raw"),
    Flag::bool("save-config"),
    Flag::text("validate").default("strict").bare("strict"),
    Flag::bool("windows-line-endings"),
];

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    if invocation.list("filename").is_empty() && invocation.text("kustomize").is_empty() {
        return Err(Failure::message("must specify one of -f and -k"));
    }
    let mut printer = Printer::of(invocation, "created", world)?;
    let found = Builder::new(invocation).find(world)?;
    let mut failures = Vec::new();
    let mut count = 0;
    for item in found.items {
        match item.and_then(|info| create(invocation, &info, world)) {
            Ok(object) => {
                count += 1;
                printer.print(&object.value, world)?;
            }
            Err(failure) => failures.push(failure),
        }
    }
    if count == 0 && failures.is_empty() {
        return Err(Failure::message("no objects passed to create"));
    }
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

fn create(
    invocation: &Invocation,
    info: &Info,
    world: &mut World<'_>,
) -> Result<crate::api::object::Object, Failure> {
    let Some(object) = &info.object else {
        return Err(Failure::message("no objects passed to create"));
    };
    let mut request = Request::create(Actor::User, object);
    request.options.field_validation = validation(invocation);
    request.options.dry_run = invocation.text("dry-run") == "server";
    request.options.field_manager = Some(EcoString::from(invocation.text("field-manager")));
    let refused = |status| Failure::from(with_source(status, "creating", &info.source));
    let response = world.request(&request).map_err(refused)?;
    world.warn(&response.warnings);
    Ok(response.object.unwrap_or_else(|| object.clone()))
}

fn validation(invocation: &Invocation) -> FieldValidation {
    match invocation.text("validate") {
        "warn" => FieldValidation::Warn,
        "ignore" | "false" => FieldValidation::Ignore,
        _ => FieldValidation::Strict,
    }
}
