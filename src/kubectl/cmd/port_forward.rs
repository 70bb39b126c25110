//! `kubectl port-forward`, as far as its arguments go.
//!
//! Models `k8s.io/kubectl/pkg/cmd/portforward/portforward.go`. The tunnel itself is left out:
//! nothing on the learner's side could connect to it.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::value::Value;
use crate::kubectl::cmd::exec;
use crate::kubectl::command::{Command, Flag};
use crate::kubectl::container;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Outcome, World};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new("port-forward", &[FLAGS], run)];

static FLAGS: &[Flag] = &[Flag::slice("address"), Flag::duration("pod-running-timeout", "1m0s")];

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let (target, ports) = match invocation.args.split_at_checked(1) {
        Some((target, ports)) if !ports.is_empty() => (target, ports),
        _ => {
            let text = "TYPE/NAME and list of ports are required for port-forward";
            return Err(invocation.usage(text));
        }
    };
    let object = exec::find_object(invocation, target, world)?;
    let pod = container::attachable_pod(&object, world)?;
    for port in ports {
        let remote = port.rsplit_once(':').map_or(port.as_str(), |(_, remote)| remote);
        match object.kind {
            Kind::Service => check_service_port(&object, &pod, remote)?,
            _ => check_pod_port(&pod, remote)?,
        }
    }
    let phase = pod.status().get("phase").str();
    if phase != "Running" {
        return Err(Failure::message(format!(
            "unable to forward port because pod is not running. Current status={phase}"
        )));
    }
    let real = "listen on this side and forward to the Pod until Ctrl-C";
    Err(Failure::not_simulated("kubectl port-forward", real))
}

/// Models translateServicePortToTargetPort.
fn check_service_port(service: &Object, pod: &Object, remote: &str) -> Result<(), Failure> {
    let ports = service.spec().get("ports").items();
    let name = service.name();
    let port = match remote.parse::<i64>() {
        Ok(number) => {
            let found = ports.iter().find(|port| port.get("port").as_i64() == Some(number));
            found.ok_or_else(|| format!("Service {name} does not have a service port {number}"))
        }
        Err(_) => {
            let found = ports.iter().find(|port| port.get("name").str() == remote);
            found.ok_or_else(|| format!("Service '{name}' does not have a named port '{remote}'"))
        }
    };
    let target = port.map_err(Failure::message)?.get("targetPort").str();
    if target.is_empty() { Ok(()) } else { check_pod_port(pod, target) }
}

/// Models convertPodNamedPortToNumber.
fn check_pod_port(pod: &Object, remote: &str) -> Result<(), Failure> {
    let named = |port: &Value| port.get("name").str() == remote;
    let mut containers = pod.spec().get("containers").items().iter();
    let known = containers.any(|one| one.get("ports").items().iter().any(named));
    if known || remote.parse::<i64>().is_ok() {
        return Ok(());
    }
    let name = pod.name();
    Err(Failure::message(format!("Pod '{name}' does not have a named port '{remote}'")))
}
