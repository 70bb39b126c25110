//! `kubectl create service`.
//!
//! Models `create_service.go`.

use super::generator::{finish, name, require};
use crate::api::scheme::Kind;
use crate::api::value::Value;
use crate::kubectl::command::Flag;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Outcome, World};

pub(super) static TCP_FLAG: &[Flag] = &[Flag::slice("tcp")];
pub(super) static CLUSTER_IP_FLAGS: &[Flag] = &[Flag::text("clusterip"), Flag::slice("tcp")];
pub(super) static NAME_FLAGS: &[Flag] = &[Flag::text("external-name"), Flag::slice("tcp")];
pub(super) static NODE_PORT_FLAGS: &[Flag] = &[Flag::int("node-port", "0"), Flag::slice("tcp")];

pub(super) fn cluster_ip(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    run("ClusterIP", invocation, world)
}

pub(super) fn node_port(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    run("NodePort", invocation, world)
}

pub(super) fn load_balancer(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    run("LoadBalancer", invocation, world)
}

pub(super) fn external_name(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    require(invocation, &["external-name"])?;
    run("ExternalName", invocation, world)
}

fn run(service_type: &str, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = name(invocation)?;
    let ports = invocation.list("tcp");
    let cluster_ip = match service_type {
        "ClusterIP" => invocation.text("clusterip"),
        _ => "",
    };
    if ports.is_empty() && cluster_ip != "None" && service_type != "ExternalName" {
        return Err(Failure::message("at least one tcp port specifier must be provided"));
    }
    let mut spec = crate::value!({"type": service_type, "selector": {"app": (name.clone())}});
    let ports = ports.iter().map(|port| parse_port(port)).collect::<Result<Vec<_>, _>>()?;
    if !ports.is_empty() {
        spec.set(&["ports"], ports);
    }
    if !cluster_ip.is_empty() {
        spec.set(&["clusterIP"], cluster_ip);
    }
    if service_type == "ExternalName" {
        spec.set(&["externalName"], invocation.text("external-name"));
    }
    let node_port = if service_type == "NodePort" { invocation.int("node-port") } else { 0 };
    if node_port > 0
        && let Some(first) = spec.path_mut(&["ports"]).items_mut().first_mut()
    {
        first.set(&["nodePort"], node_port);
    }
    let value = crate::value!({
        "metadata": {"name": (name.clone()), "labels": {"app": (name.clone())}},
        "spec": spec,
    });
    finish(invocation, Kind::Service, value, &format!("{service_type} service"), world)
}

/// Models parsePorts: `80:8080`, named `80-8080`.
fn parse_port(text: &str) -> Result<Value, Failure> {
    let (port, target) = text.split_once(':').unwrap_or((text, text));
    let number = |text: &str| {
        text.parse::<i64>().ok().filter(|port| (1..=65535).contains(port)).ok_or_else(|| {
            let text = format!("invalid port: {text}, must be between 1 and 65535, inclusive");
            Failure::message(text)
        })
    };
    let port = number(port)?;
    let target = match target.parse::<i64>() {
        Ok(_) => Value::from(number(target)?),
        Err(_) => Value::from(target),
    };
    Ok(crate::value!({
        "name": (text.replace(':', "-")),
        "port": port,
        "protocol": "TCP",
        "targetPort": target,
    }))
}
