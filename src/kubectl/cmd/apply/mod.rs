//! `kubectl apply`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/apply`. Leaves out apply sets.

mod client_side;
mod last_applied;
mod prune;
mod server_side;

use std::collections::VecDeque;

use super::{Running, show_help};
use crate::api::object::Object;
use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::Request;
use crate::kubectl::command::{
    ALL_FLAG, Command, DRY_RUN_FLAG, FILENAME_FLAGS, Flag, PRINT_FLAGS, RECORD_FLAG, SELECTOR_FLAG,
};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::{Builder, Info};
use crate::kubectl::validation::{self, VALIDATE_FLAG};

/// Their rows.
pub static COMMANDS: &[Command] = &[
    Command::new(
        "apply",
        &[
            ALL_FLAG,
            DRY_RUN_FLAG,
            FILENAME_FLAGS,
            PRINT_FLAGS,
            RECORD_FLAG,
            SELECTOR_FLAG,
            VALIDATE_FLAG,
            FLAGS,
        ],
        run,
    ),
    Command::new(
        "apply edit-last-applied",
        &[FILENAME_FLAGS, PRINT_FLAGS, last_applied::EDIT_FLAGS],
        super::edit::run_last_applied,
    ),
    Command::new(
        "apply set-last-applied",
        &[DRY_RUN_FLAG, FILENAME_FLAGS, PRINT_FLAGS, last_applied::SET_FLAGS],
        last_applied::set,
    ),
    Command::new(
        "apply view-last-applied",
        &[ALL_FLAG, FILENAME_FLAGS, SELECTOR_FLAG, last_applied::VIEW_FLAGS],
        last_applied::view,
    ),
];

static FLAGS: &[Flag] = &[
    Flag::text("cascade").default("background").bare("background"),
    Flag::text("field-manager").default("kubectl-client-side-apply"),
    Flag::bool("force"),
    Flag::bool("force-conflicts"),
    Flag::int("grace-period", "-1"),
    Flag::bool("openapi-patch").default("true"),
    Flag::bool("overwrite").default("true"),
    Flag::bool("prune"),
    Flag::array("prune-allowlist"),
    Flag::bool("server-side"),
    Flag::text("subresource"),
    Flag::duration("timeout", "0s"),
    Flag::bool("wait"),
];

/// An apply with what is left of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Apply {
    dry_run: DryRun,
    queue: VecDeque<Info>,
    failures: Vec<Failure>,
    /// Objects that are printed at the end (`-o yaml`).
    objects: Vec<Value>,
    /// What was applied, for pruning.
    visited: Vec<Object>,
    /// An object that is deleted to be made anew.
    forced: Option<Forced>,
}

/// An object that waits for the end of its predecessor (`deleteAndCreate`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Forced {
    info: Info,
    modified: Value,
    original: Value,
    /// When it is looked at again.
    next: Time,
    until: Option<Time>,
}

/// How often it is looked whether an object has gone.
const INTERVAL: Duration = Duration::from_secs(1);

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    if invocation.command != "apply" {
        return show_help(invocation, world);
    }
    if !invocation.args.is_empty() {
        let args: Vec<&str> = invocation.args.iter().map(EcoString::as_str).collect();
        return Err(invocation.usage(&format!("Unexpected args: [{}]", args.join(" "))));
    }
    let dry_run = DryRun::of(invocation, world)?;
    validation::of(invocation)?;
    if invocation.list("filename").is_empty() && invocation.text("kustomize").is_empty() {
        return Err(Failure::message("must specify one of -f and -k"));
    }
    validate(invocation, dry_run)?;
    let found = Builder::new(invocation).find(world)?;
    let (infos, failures) = found.split();
    if infos.is_empty() && failures.is_empty() {
        return Err(Failure::message("no objects passed to apply"));
    }
    let apply = Apply {
        dry_run,
        queue: infos.into(),
        failures,
        objects: Vec::new(),
        visited: Vec::new(),
        forced: None,
    };
    apply.poll(invocation, world)
}

/// Models ApplyOptions.Validate.
fn validate(invocation: &Invocation, dry_run: DryRun) -> Result<(), Failure> {
    let is = |name: &str| invocation.is_true(name);
    let selects = !invocation.text("selector").is_empty();
    let message = match () {
        () if is("force-conflicts") && !is("server-side") => {
            "--force-conflicts only works with --server-side"
        }
        () if dry_run == DryRun::Client && is("server-side") => {
            "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server \
             instead?)"
        }
        () if is("server-side") && is("force") => "--force cannot be used with --server-side",
        () if dry_run == DryRun::Server && is("force") => {
            "--dry-run=server cannot be used with --force"
        }
        () if is("all") && selects => "cannot set --all and --selector at the same time",
        () if is("prune") && !is("all") && !selects => {
            "all resources selected for prune without explicitly passing --all. To prune all \
             resources, pass the --all flag. If you did not mean to prune all resources, specify \
             a label selector"
        }
        () if is("prune") && is("server-side") => {
            "--prune is in alpha and doesn't currently work on objects created by server-side \
             apply"
        }
        () => return Ok(()),
    };
    Err(Failure::message(message))
}

impl Apply {
    /// Applies what is left, as far as it gets.
    pub fn poll(mut self, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
        loop {
            if let Some(forced) = self.forced.take() {
                if let Some(next) = self.replace(forced, invocation, world) {
                    return Ok(Flow::Wait(Running::Apply(self), Some(next)));
                }
            } else if let Some(info) = self.queue.pop_front() {
                let result = match invocation.is_true("server-side") {
                    true => self.apply_on_server(&info, invocation, world),
                    false => self.apply_here(&info, invocation, world),
                };
                self.failures.extend(result.err());
            } else {
                break;
            }
        }
        Failure::aggregate(std::mem::take(&mut self.failures))?;
        self.print_objects(invocation, world)?;
        if invocation.is_true("prune") {
            prune::prune(invocation, self.dry_run, &self.visited, world)?;
        }
        Ok(Flow::Done(0))
    }

    /// Prints what was done to an object, or keeps it for the end.
    fn report(
        &mut self,
        invocation: &Invocation,
        operation: &str,
        value: Value,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        if prints_objects(invocation) {
            self.objects.push(value);
            return Ok(());
        }
        let operation = self.dry_run.operation(operation);
        Printer::of(invocation, &operation, world)?.print(&value, world)
    }

    /// Models ApplyOptions.printObjects.
    fn print_objects(
        &mut self,
        invocation: &Invocation,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let mut objects = std::mem::take(&mut self.objects);
        let value = match objects.len() {
            0 => return Ok(()),
            1 => objects.remove(0),
            _ => crate::value!({
                "apiVersion": "v1",
                "kind": "List",
                "metadata": {},
                "items": (objects)
            }),
        };
        Printer::of(invocation, "", world)?.print(&value, world)
    }
}

/// Whether `-o` asks for the objects themselves (`shouldPrintObject`).
fn prints_objects(invocation: &Invocation) -> bool {
    let output = invocation.text("output");
    !matches!(output, "" | "name") || !invocation.text("template").is_empty()
}

/// A request with the options of the command line.
fn configured(invocation: &Invocation, dry_run: DryRun, mut request: Request) -> Request {
    request.options.field_validation = validation::of(invocation).unwrap_or_default();
    request.options.dry_run = dry_run == DryRun::Server;
    request.options.field_manager = Some(invocation.text("field-manager").into());
    request
}

fn warn_if_deleting(object: &Object, world: &mut World<'_>) {
    if object.is_terminating() {
        world.complain(&format!(
            "Warning: Detected changes to resource {} which is currently being deleted.",
            object.name()
        ));
    }
}
