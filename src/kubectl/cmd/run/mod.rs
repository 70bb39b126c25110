//! `kubectl run`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/run`: a Pod made from flags, and a session with it.

mod generate;
mod session;

use crate::api::image_reference::Reference;
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::types::normal::normalize;
use crate::api::value::Value;
use crate::apiserver::request::{Actor, Request};
use crate::kubectl::command::{Command, DRY_RUN_FLAG, Flag, PRINT_FLAGS, RECORD_FLAG};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::last_applied;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};

pub use session::Session;

/// Its row.
pub static COMMANDS: &[Command] =
    &[Command::new("run", &[DRY_RUN_FLAG, PRINT_FLAGS, RECORD_FLAG, FLAGS], run)];

static FLAGS: &[Flag] = &[
    Flag::array("annotations"),
    Flag::bool("attach"),
    Flag::text("cascade").default("background").bare("background"),
    Flag::bool("command"),
    Flag::array("env"),
    Flag::bool("expose"),
    Flag::text("field-manager").default("kubectl-run"),
    Flag::bool("force"),
    Flag::int("grace-period", "-1"),
    Flag::text("image"),
    Flag::text("image-pull-policy"),
    Flag::text("labels").short('l'),
    Flag::bool("leave-stdin-open"),
    Flag::text("override-type").default("merge"),
    Flag::text("overrides"),
    Flag::duration("pod-running-timeout", "1m0s"),
    Flag::text("port"),
    Flag::bool("privileged"),
    Flag::bool("quiet").short('q'),
    Flag::text("restart").default("Always"),
    Flag::bool("rm"),
    Flag::bool("save-config"),
    Flag::bool("stdin").short('i'),
    Flag::duration("timeout", "0s"),
    Flag::bool("tty").short('t'),
    Flag::bool("wait"),
];

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    if !invocation.is_set("image") {
        return Err(Failure::message("required flag(s) \"image\" not set"));
    }
    let dry_run = DryRun::of(invocation, world)?;
    let attach = match invocation.is_set("attach") {
        true => invocation.is_true("attach"),
        false => invocation.is_true("stdin"),
    };
    validate(invocation, dry_run, attach)?;
    let pod = generate::pod(invocation)?;
    let service = match invocation.is_true("expose") {
        true => Some(generate::service(&pod)),
        false => None,
    };
    let created = create(invocation, dry_run, Kind::Pod, pod, world)?;
    if let Some(service) = service {
        let service = create(invocation, dry_run, Kind::Service, service, world)?;
        print(invocation, dry_run, &service, world)?;
    }
    match attach {
        true => Session::start(invocation, created, world),
        false => {
            print(invocation, dry_run, &created, world)?;
            Ok(Flow::Done(0))
        }
    }
}

fn print(
    invocation: &Invocation,
    dry_run: DryRun,
    object: &Object,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let operation = dry_run.operation("created");
    Printer::of(invocation, &operation, world)?.print(&object.value, world)
}

/// Models the beginning of RunOptions.Run.
fn validate(invocation: &Invocation, dry_run: DryRun, attach: bool) -> Result<(), Failure> {
    if invocation.args.is_empty() || invocation.args_before_dash == Some(0) {
        return Err(Failure::message("NAME is required for run"));
    }
    let image = invocation.text("image");
    if image.is_empty() {
        return Err(Failure::message("--image is required"));
    }
    if Reference::parse(image).is_err() {
        let text = format!("invalid image name {image:?}: invalid reference format");
        return Err(Failure::message(text));
    }
    let is = |name: &str| invocation.is_true(name);
    let restart = invocation.text("restart");
    let pull = invocation.text("image-pull-policy");
    let text = match () {
        () if is("tty") && !is("stdin") => {
            "-i/--stdin is required for containers with -t/--tty=true".to_string()
        }
        () if is("expose") && invocation.text("port").is_empty() => {
            "--port must be set when exposing a service".into()
        }
        () if !matches!(restart, "Always" | "OnFailure" | "Never") => {
            format!("invalid restart policy: {restart}, valid values are: Always, OnFailure, Never")
        }
        () if is("rm") && !attach => "--rm should only be used for attached containers".into(),
        () if attach && dry_run != DryRun::No => {
            "--dry-run=[server|client] can't be used with attached containers options (--attach, \
             --stdin, or --tty)"
                .into()
        }
        () if !matches!(pull, "" | "Always" | "IfNotPresent" | "Never") => {
            format!("invalid image pull policy: {pull}")
        }
        () => return Ok(()),
    };
    Err(Failure::message(text))
}

fn create(
    invocation: &Invocation,
    dry_run: DryRun,
    kind: Kind,
    value: Value,
    world: &mut World<'_>,
) -> Result<Object, Failure> {
    let mut object = Object::new(kind, value);
    normalize(kind.name(), &mut object.value);
    if invocation.is_true("save-config") {
        object.value = last_applied::annotated(&object.value);
    }
    if dry_run == DryRun::Client {
        return Ok(object);
    }
    object.set(&["metadata", "namespace"], invocation.namespace.clone());
    let mut request = Request::create(Actor::User, &object);
    request.options.dry_run = dry_run == DryRun::Server;
    request.options.field_manager = Some(invocation.text("field-manager").into());
    Ok(world.send(&request)?.object.unwrap_or(object))
}
