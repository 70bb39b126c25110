//! `kubectl replace`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/replace`.

use std::collections::VecDeque;

use super::{Running, delete, raw};
use crate::api::object::{Object, ObjectKey};
use crate::api::time::{Duration, Time};
use crate::apiserver::request::{Actor, DeleteOptions, Request, Verb};
use crate::kubectl::command::{
    Command, DRY_RUN_FLAG, FILENAME_FLAGS, Flag, PRINT_FLAGS, RECORD_FLAG,
};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::{Failure, with_source};
use crate::kubectl::invocation::Invocation;
use crate::kubectl::last_applied;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::record::record;
use crate::kubectl::resource_builder::{Builder, Info};
use crate::kubectl::validation::{self, VALIDATE_FLAG};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new(
    "replace",
    &[DRY_RUN_FLAG, FILENAME_FLAGS, PRINT_FLAGS, RECORD_FLAG, VALIDATE_FLAG, FLAGS],
    run,
)];

static FLAGS: &[Flag] = &[
    Flag::text("cascade").default("background").bare("background"),
    Flag::text("field-manager").default("kubectl-replace"),
    Flag::bool("force"),
    Flag::int("grace-period", "-1"),
    Flag::text("raw"),
    Flag::bool("save-config"),
    Flag::text("subresource"),
    Flag::duration("timeout", "0s"),
    Flag::bool("wait"),
];

/// How long a forced replacement waits for the old objects.
const TIMEOUT: Duration = Duration::from_secs(300);

/// A forced replacement that waits for the end of the old objects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Replace {
    waiting: VecDeque<ObjectKey>,
    infos: Vec<Info>,
    until: Time,
}

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let dry_run = DryRun::of(invocation, world)?;
    validation::of(invocation)?;
    validate(invocation)?;
    if !invocation.text("raw").is_empty() {
        return raw::send(invocation, world);
    }
    match invocation.is_true("force") {
        true => force(invocation, world),
        false => {
            let (infos, failures) = Builder::new(invocation).find(world)?.split();
            write_all(invocation, dry_run, infos, failures, world)
        }
    }
}

/// Models ReplaceOptions.Validate.
fn validate(invocation: &Invocation) -> Result<(), Failure> {
    let force = invocation.is_true("force");
    let message = match () {
        () if invocation.int("grace-period") >= 0 && !force => {
            "--grace-period must have --force specified"
        }
        () if invocation.micros("timeout") != 0 && !force => {
            "--timeout must have --force specified"
        }
        () if invocation.list("filename").is_empty() && invocation.text("kustomize").is_empty() => {
            "must specify one of -f and -k"
        }
        () if invocation.int("grace-period") > 0 && force => {
            "--force and --grace-period greater than 0 cannot be specified together"
        }
        () => return Ok(()),
    };
    Err(Failure::message(message))
}

fn write_all(
    invocation: &Invocation,
    dry_run: DryRun,
    infos: Vec<Info>,
    mut failures: Vec<Failure>,
    world: &mut World<'_>,
) -> Outcome {
    let mut printer = Printer::of(invocation, &dry_run.operation("replaced"), world)?;
    if infos.is_empty() && failures.is_empty() {
        return Err(Failure::message("no objects passed to replace"));
    }
    for info in infos {
        match write(invocation, dry_run, &info, world) {
            Ok(object) => printer.print(&object.value, world)?,
            Err(failure) => failures.push(failure),
        }
    }
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

fn write(
    invocation: &Invocation,
    dry_run: DryRun,
    info: &Info,
    world: &mut World<'_>,
) -> Result<Object, Failure> {
    let Some(object) = &info.object else {
        return Err(Failure::message("no objects passed to replace"));
    };
    let mut object = object.clone();
    object.value = last_applied::create_or_update(invocation.is_true("save-config"), &object.value);
    record(invocation, &mut object.value);
    if dry_run == DryRun::Client {
        return Ok(object);
    }
    let request = match invocation.is_true("force") {
        true => {
            object.value.remove(&["metadata", "resourceVersion"]);
            Request::create(Actor::User, &object)
        }
        false => Request::update(Actor::User, &object).on(invocation.text("subresource")),
    };
    let mut request = request;
    request.options.field_validation = validation::of(invocation)?;
    request.options.dry_run = dry_run == DryRun::Server;
    request.options.field_manager = Some(invocation.text("field-manager").into());
    let refused = |status| match invocation.is_true("force") {
        true => Failure::from(status),
        false => Failure::from(with_source(status, "replacing", &info.source)),
    };
    let response = world.send(&request).map_err(refused)?;
    Ok(response.object.unwrap_or(object))
}

/// Deletes everything first (`forceReplace`).
fn force(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let infos = Builder::new(invocation).find(world)?.infos()?;
    if infos.is_empty() {
        return Err(Failure::message("no objects passed to replace"));
    }
    let propagation = delete::propagation(invocation.text("cascade"), world)?;
    let grace = invocation.int("grace-period");
    let mut waiting = VecDeque::new();
    for info in &infos {
        let options = DeleteOptions {
            grace_period_seconds: (grace >= 0).then_some(grace),
            propagation: Some(propagation),
            ..DeleteOptions::default()
        };
        match world.send(&Request::new(Actor::User, info.key(), Verb::Delete(options))) {
            Ok(_) => world.print_line(&delete::deleted(info)),
            Err(status) if status.is("NotFound") => {}
            Err(status) => return Err(with_source(status, "deleting", &info.source).into()),
        }
        waiting.push_back(info.key());
    }
    let timeout = match invocation.micros("timeout") {
        micros if micros > 0 => Duration::from_micros(micros as u64),
        _ => TIMEOUT,
    };
    let until = world.client.now().after(timeout);
    Replace { waiting, infos, until }.poll(invocation, world)
}

impl Replace {
    /// Makes the objects anew once their predecessors are gone.
    pub fn poll(mut self, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
        while let Some(key) = self.waiting.front() {
            let get = Request::new(Actor::User, key.clone(), Verb::Get);
            if world.client.request(&get).is_ok() {
                break;
            }
            self.waiting.pop_front();
        }
        if self.waiting.is_empty() {
            return write_all(invocation, DryRun::No, self.infos, Vec::new(), world);
        }
        if world.client.now() >= self.until {
            return Err(Failure::message("timed out waiting for the condition"));
        }
        let until = self.until;
        Ok(Flow::Wait(Running::Replace(self), Some(until)))
    }
}
