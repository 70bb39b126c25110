//! `kubectl expose`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/expose` and `polymorphichelpers.MapBasedSelectorForObject`.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::types::normal::normalize;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, Request};
use crate::kubectl::command::{
    Command, DRY_RUN_FLAG, FILENAME_FLAGS, Flag, PRINT_FLAGS, RECORD_FLAG,
};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::Builder;
use crate::value;

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new(
    "expose",
    &[DRY_RUN_FLAG, FILENAME_FLAGS, PRINT_FLAGS, RECORD_FLAG, FLAGS],
    run,
)];

static FLAGS: &[Flag] = &[
    Flag::text("cluster-ip"),
    Flag::text("external-ip"),
    Flag::text("field-manager").default("kubectl-expose"),
    Flag::text("labels").short('l'),
    Flag::text("load-balancer-ip"),
    Flag::text("name"),
    Flag::text("override-type").default("merge"),
    Flag::text("overrides"),
    Flag::text("port"),
    Flag::text("protocol"),
    Flag::bool("save-config"),
    Flag::text("selector"),
    Flag::text("session-affinity"),
    Flag::text("target-port"),
    Flag::text("type"),
];

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let dry_run = DryRun::of(invocation, world)?;
    if !invocation.text("overrides").is_empty() {
        return Err(Failure::not_simulated("expose --overrides", "use it"));
    }
    let mut builder = Builder::new(invocation).latest();
    if !invocation.text("selector").is_empty() {
        // `--selector` is that of the new Service.
        builder = Builder::in_namespace(invocation).arguments(&invocation.args);
    }
    let mut printer = Printer::of(invocation, &dry_run.operation("exposed"), world)?;
    let (infos, mut failures) = builder.find(world)?.split();
    for object in infos.into_iter().filter_map(|info| info.object) {
        match expose(invocation, dry_run, &object, world) {
            Ok(service) => printer.print(&service.value, world)?,
            Err(failure) => failures.push(failure),
        }
    }
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

fn expose(
    invocation: &Invocation,
    dry_run: DryRun,
    object: &Object,
    world: &mut World<'_>,
) -> Result<Object, Failure> {
    can_be_exposed(object.kind)?;
    let mut service = service(invocation, object)?;
    if dry_run == DryRun::Client {
        if !invocation.enforce_namespace {
            service.value.remove(&["metadata", "namespace"]);
        }
        normalize("Service", &mut service.value);
        return Ok(service);
    }
    let mut request = Request::create(Actor::User, &service);
    request.options.dry_run = dry_run == DryRun::Server;
    request.options.field_manager = Some(invocation.text("field-manager").into());
    Ok(world.send(&request)?.object.unwrap_or(service))
}

/// Models CanBeExposed.
fn can_be_exposed(kind: Kind) -> Result<(), Failure> {
    match kind {
        Kind::Pod | Kind::Service | Kind::Deployment | Kind::ReplicaSet => Ok(()),
        _ => Err(Failure::message(format!("cannot expose a {}", kind.resource().qualified_kind()))),
    }
}

/// Models ExposeServiceOptions.createService.
fn service(invocation: &Invocation, object: &Object) -> Result<Object, Failure> {
    let name = match invocation.text("name") {
        "" => object.name(),
        name => name,
    };
    let mut value = value!({
        "metadata": {"name": name, "namespace": (object.namespace())},
        "spec": {"selector": (selector(invocation, object)?)}
    });
    let labels = match invocation.text("labels") {
        "" => object.metadata().get("labels").clone(),
        text => parse_map(text)?,
    };
    if labels.entries().next().is_some() {
        value.set(&["metadata", "labels"], labels);
    }
    value.set(&["spec", "ports"], ports(invocation, object)?);
    if !invocation.text("external-ip").is_empty() {
        value.set(&["spec", "externalIPs"], value!([(invocation.text("external-ip"))]));
    }
    for (flag, field) in [
        ("type", "type"),
        ("session-affinity", "sessionAffinity"),
        ("cluster-ip", "clusterIP"),
        ("load-balancer-ip", "loadBalancerIP"),
    ] {
        if !invocation.text(flag).is_empty() {
            value.set(&["spec", field], invocation.text(flag));
        }
    }
    Ok(Object::new(Kind::Service, value))
}

fn selector(invocation: &Invocation, object: &Object) -> Result<Value, Failure> {
    if !invocation.text("selector").is_empty() {
        return parse_map(invocation.text("selector"));
    }
    let found = match object.kind {
        Kind::Pod => object.metadata().get("labels"),
        Kind::Service => object.spec().get("selector"),
        _ => object.path(&["spec", "selector", "matchLabels"]),
    };
    if found.entries().next().is_none() {
        return Err(Failure::message(match object.kind {
            Kind::Pod => "the pod has no labels and cannot be exposed",
            Kind::Service => "the service has no pod selector set",
            _ => "invalid deployment: no selectors, therefore cannot be exposed",
        }));
    }
    Ok(found.clone())
}

fn parse_map(text: &str) -> Result<Value, Failure> {
    let mut map = Value::object();
    for part in text.split(',') {
        let pair = part.split_once('=').filter(|(key, _)| !key.is_empty());
        let (key, label) =
            pair.ok_or_else(|| Failure::message(format!("unexpected label spec: {part}")))?;
        map.set(&[key], label);
    }
    Ok(map)
}

/// The ports of the object with their protocols (`PortsForObject`, `ProtocolsForObject`).
fn own_ports(object: &Object) -> Vec<(i64, EcoString)> {
    let protocol = |port: &Value| match port.get("protocol").str() {
        "" => EcoString::from("TCP"),
        protocol => protocol.into(),
    };
    let (list, field) = match object.kind {
        Kind::Service => (object.spec().get("ports").items().to_vec(), "port"),
        kind => {
            let path = crate::kubectl::pod_spec::path(kind).unwrap_or(&["spec"]);
            let containers = object.path(path).get("containers").items();
            let ports = containers.iter().flat_map(|c| c.get("ports").items()).cloned();
            (ports.collect(), "containerPort")
        }
    };
    list.iter().filter_map(|port| Some((port.get(field).as_i64()?, protocol(port)))).collect()
}

fn ports(invocation: &Invocation, object: &Object) -> Result<Vec<Value>, Failure> {
    let own = own_ports(object);
    let headless = invocation.text("cluster-ip") == "None";
    let wanted: Vec<i64> = match invocation.text("port") {
        "" if own.is_empty() && headless => return Ok(Vec::new()),
        "" if own.is_empty() => {
            return Err(Failure::message("couldn't find port via --port flag or introspection"));
        }
        "" => own.iter().map(|(port, _)| *port).collect(),
        text => {
            let numbers = text.split(',').map(str::parse::<i64>).collect::<Result<_, _>>();
            numbers.map_err(|_| {
                let text = format!("strconv.Atoi: parsing {text:?}: invalid syntax");
                Failure::message(text)
            })?
        }
    };
    let target = invocation.text("target-port");
    let named = wanted.len() > 1;
    let mut ports = Vec::new();
    for (index, port) in wanted.into_iter().enumerate() {
        let known = own.iter().find(|(number, _)| *number == port);
        let protocol = match invocation.text("protocol") {
            "" => known.map_or("TCP", |(_, protocol)| protocol),
            protocol => protocol,
        };
        let target = match target {
            "" => Value::from(port),
            text => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
        };
        let mut entry = value!({"port": port, "protocol": protocol, "targetPort": target});
        if named {
            entry.set(&["name"], format!("port-{}", index + 1));
        }
        ports.push(entry);
    }
    Ok(ports)
}
