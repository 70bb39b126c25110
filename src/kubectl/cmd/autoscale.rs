//! `kubectl autoscale`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/autoscale`. The second attempt with `autoscaling/v1` is made
//! with the fields that this version has in common with `autoscaling/v2`.

use crate::api::go;
use crate::api::object::Object;
use crate::api::quantity::Quantity;
use crate::api::scheme::Kind;
use crate::api::types::normal::normalize;
use crate::api::value::{EcoString, Value};
use crate::apiserver::registry::subresource::has_scale;
use crate::apiserver::request::{Actor, Request};
use crate::kubectl::command::{
    Command, DRY_RUN_FLAG, FILENAME_FLAGS, Flag, PRINT_FLAGS, RECORD_FLAG,
};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::last_applied;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::record::record;
use crate::kubectl::resource_builder::{Builder, Info};
use crate::value;

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new(
    "autoscale",
    &[DRY_RUN_FLAG, FILENAME_FLAGS, PRINT_FLAGS, RECORD_FLAG, FLAGS],
    run,
)];

const CPU_PERCENT_DEPRECATED: &str = "Use --cpu with percentage or resource quantity format \
                                      (e.g., '70%' for utilization or '500m' for milliCPU).";

static FLAGS: &[Flag] = &[
    Flag::text("cpu"),
    Flag::int32("cpu-percent", "-1").deprecated(CPU_PERCENT_DEPRECATED),
    Flag::text("field-manager").default("kubectl-autoscale"),
    Flag::int32("max", "-1"),
    Flag::text("memory"),
    Flag::int32("min", "-1"),
    Flag::text("name"),
    Flag::bool("save-config"),
];

/// What a metric is held at.
enum Target {
    Utilization(i64),
    AverageValue(EcoString),
}

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    if !invocation.is_set("max") {
        return Err(Failure::message("required flag(s) \"max\" not set"));
    }
    let dry_run = DryRun::of(invocation, world)?;
    validate(invocation)?;
    let (infos, mut failures) = Builder::new(invocation).find(world)?.split();
    let mut count = 0;
    for info in infos {
        match autoscale(invocation, dry_run, &info, world) {
            Ok(()) => count += 1,
            Err(failure) => failures.push(failure),
        }
    }
    Failure::aggregate(failures)?;
    match count {
        0 => Err(Failure::message("no objects passed to autoscale")),
        _ => Ok(Flow::Done(0)),
    }
}

/// Models AutoscaleOptions.Validate.
fn validate(invocation: &Invocation) -> Result<(), Failure> {
    let (least, most) = (invocation.int("min"), invocation.int("max"));
    if most < 1 {
        return Err(Failure::message(format!(
            "--max=MAXPODS is required and must be at least 1, max: {most}"
        )));
    }
    if most < least {
        return Err(Failure::message(format!(
            "--max=MAXPODS must be larger or equal to --min=MINPODS, max: {most}, min: {least}"
        )));
    }
    if invocation.int("cpu-percent") > 0 && !invocation.text("cpu").is_empty() {
        return Err(Failure::message("--cpu-percent and --cpu are mutually exclusive"));
    }
    for resource in ["cpu", "memory"] {
        if !invocation.text(resource).is_empty() {
            target(invocation.text(resource), resource)?;
        }
    }
    Ok(())
}

/// Models parseResourceInput.
fn target(input: &str, resource: &str) -> Result<Target, Failure> {
    let input = input.trim();
    if input.is_empty() {
        return Err(Failure::message("empty input"));
    }
    if let Some(percent) = input.strip_suffix('%') {
        return match percent.parse::<i32>() {
            Ok(number) if number >= 0 => Ok(Target::Utilization(number.into())),
            _ => Err(Failure::message(format!("invalid percentage value: {percent}"))),
        };
    }
    let unit = if resource == "cpu" { "m" } else { "Mi" };
    let stored = match input.parse::<f64>() {
        // A bare number is in the unit of the resource.
        Ok(number) => {
            let text = format!("{}{unit}", go::float_g(number));
            Quantity::stored(&text).map_err(Failure::message)?
        }
        Err(_) => Quantity::stored(input)
            .map_err(|_| Failure::message(format!("invalid resource {resource} value: {input}")))?,
    };
    Ok(Target::AverageValue(stored))
}

fn autoscale(
    invocation: &Invocation,
    dry_run: DryRun,
    info: &Info,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let resource = info.kind.resource();
    if !has_scale(info.kind) {
        let (group, version, plural) = (resource.group, resource.version, resource.plural);
        return Err(Failure::message(format!(
            "cannot autoscale a {}: could not find scale subresource for {group}/{version}, \
             Resource={plural} in discovery information",
            info.kind.name()
        )));
    }
    let autoscaler = autoscaler(invocation, info, metrics(invocation)?);
    let Err(failure) = handle(invocation, dry_run, autoscaler, world) else { return Ok(()) };
    let incompatible = |why: &str| {
        Failure::message(format!(
            "failed to create autoscaling/v2 HPA and the configuration is incompatible with \
             autoscaling/v1: {why}"
        ))
    };
    if !matches!(failure, Failure::Status(_)) {
        return Err(failure);
    }
    // Models canCreateHPAV1, which prints no error as one.
    let is_utilization = match target(invocation.text("cpu"), "cpu") {
        Ok(target) => matches!(target, Target::Utilization(_)),
        Err(failure) => return Err(incompatible(&failure.sentence())),
    };
    let percent = invocation.int("cpu-percent");
    if !invocation.text("memory").is_empty() || !(percent >= 0 || is_utilization) {
        return Err(incompatible("%!w(<nil>)"));
    }
    let metrics = (percent >= 0).then(|| metric("cpu", Target::Utilization(percent)));
    let autoscaler = self::autoscaler(invocation, info, metrics.into_iter().collect());
    handle(invocation, dry_run, autoscaler, world)
}

fn metrics(invocation: &Invocation) -> Result<Vec<Value>, Failure> {
    let mut metrics = Vec::new();
    let percent = invocation.int("cpu-percent");
    if percent > 0 {
        metrics.push(metric("cpu", Target::Utilization(percent)));
    }
    for resource in ["cpu", "memory"] {
        if !invocation.text(resource).is_empty() {
            metrics.push(metric(resource, target(invocation.text(resource), resource)?));
        }
    }
    Ok(metrics)
}

fn metric(resource: &str, target: Target) -> Value {
    let target = match target {
        Target::Utilization(percent) => {
            value!({"type": "Utilization", "averageUtilization": percent})
        }
        Target::AverageValue(amount) => value!({"type": "AverageValue", "averageValue": amount}),
    };
    value!({"type": "Resource", "resource": {"name": resource, "target": (target)}})
}

/// Models createHorizontalPodAutoscalerV2.
fn autoscaler(invocation: &Invocation, info: &Info, metrics: Vec<Value>) -> Object {
    let name = match invocation.text("name") {
        "" => info.name.as_str(),
        name => name,
    };
    let mut value = value!({
        "metadata": {"name": name},
        "spec": {
            "scaleTargetRef": {
                "kind": (info.kind.name()),
                "name": (&info.name),
                "apiVersion": (info.kind.resource().api_version()),
            },
            "maxReplicas": (invocation.int("max")),
        },
    });
    if invocation.int("min") > 0 {
        value.set(&["spec", "minReplicas"], invocation.int("min"));
    }
    if !metrics.is_empty() {
        value.set(&["spec", "metrics"], metrics);
    }
    record(invocation, &mut value);
    let mut autoscaler = Object::new(Kind::HorizontalPodAutoscaler, value);
    normalize("HorizontalPodAutoscaler", &mut autoscaler.value);
    autoscaler
}

/// Models handleHPA.
fn handle(
    invocation: &Invocation,
    dry_run: DryRun,
    mut autoscaler: Object,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    if dry_run == DryRun::Client {
        let mut printer = Printer::of(invocation, &dry_run.operation("created"), world)?;
        return printer.print(&autoscaler.value, world);
    }
    let saves = invocation.is_true("save-config");
    autoscaler.value = last_applied::create_or_update(saves, &autoscaler.value);
    autoscaler.set(&["metadata", "namespace"], invocation.namespace.clone());
    let mut request = Request::create(Actor::User, &autoscaler);
    request.options.dry_run = dry_run == DryRun::Server;
    request.options.field_manager = Some(invocation.text("field-manager").into());
    let created = world.send(&request)?.object.unwrap_or(autoscaler);
    let mut printer = Printer::of(invocation, &dry_run.operation("autoscaled"), world)?;
    printer.print(&created.value, world)
}
