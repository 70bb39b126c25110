//! Services: defaults, cluster IPs and node ports.
//!
//! Models `pkg/registry/core/service` with its IP and port allocators.

pub mod default;
pub mod families;
pub mod node_port;
pub mod update;
pub mod validate;
pub mod warnings;

use super::Handler;
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::status::{FieldError, Status};
use crate::api::value::Value;

fn has_address(spec: &Value) -> bool {
    spec.get("type").str() != "ExternalName"
}

fn has_node_ports(spec: &Value) -> bool {
    matches!(spec.get("type").str(), "NodePort" | "LoadBalancer")
}

/// Whether one reaches a Service from outside of the cluster (`ExternallyAccessible`).
pub fn is_externally_accessible(spec: &Value) -> bool {
    has_node_ports(spec)
        || spec.get("type").str() == "ClusterIP" && !spec.get("externalIPs").items().is_empty()
}

/// Whether a load balancer asks the nodes which of them have endpoints (`NeedsHealthCheck`).
pub fn needs_health_check(spec: &Value) -> bool {
    spec.get("type").str() == "LoadBalancer" && spec.get("externalTrafficPolicy").str() == "Local"
}

/// Hands out what is not written: an address of 10.96.0.0/12, ports of 30000-32767.
///
/// As upstream (`BeginCreate`, `BeginUpdate`) this comes before validation, so what cannot be
/// handed out hides what else is wrong.
pub fn allocate(
    handler: &mut Handler,
    object: &mut Object,
    existing: Option<&Object>,
) -> Result<(), Status> {
    let mut spec = object.spec().clone();
    let initialized = families::initialize(&mut spec, existing.map(Object::spec));
    if spec != *object.spec() {
        object.set(&["spec"], spec);
    }
    initialized.map_err(|errors| Status::invalid("Service", object.name(), errors))?;
    if has_address(object.spec()) {
        allocate_cluster_ip(handler, object, existing)?;
    }
    if has_node_ports(object.spec()) {
        node_port::allocate(handler, object, existing)?;
    }
    if needs_health_check(object.spec()) {
        node_port::allocate_health_check(handler, object, existing)?;
    }
    Ok(())
}

fn invalid(object: &Object, error: FieldError) -> Status {
    Status::invalid("Service", object.name(), vec![error])
}

// Addresses are handed out once: a later version keeps its own, or is told so by validation.
fn allocate_cluster_ip(
    handler: &mut Handler,
    object: &mut Object,
    existing: Option<&Object>,
) -> Result<(), Status> {
    if existing.is_some_and(|existing| has_address(existing.spec())) {
        return Ok(());
    }
    let wanted = object.spec().get("clusterIPs").at(0).str().to_owned();
    match wanted.as_str() {
        "None" => Ok(()),
        "" => {
            let address = free_address(handler);
            object.set(&["spec", "clusterIP"], &address);
            object.set(&["spec", "clusterIPs"], Value::from(vec![address]));
            Ok(())
        }
        _ if handler.request.options.dry_run => Ok(()),
        wanted => reserve_address(handler, object, wanted),
    }
}

fn is_taken(handler: &Handler, address: &str) -> bool {
    let mut services = handler.storage.list(Kind::Service, None);
    services.any(|service| service.spec().get("clusterIP").str() == address)
}

fn reserve_address(handler: &Handler, object: &Object, wanted: &str) -> Result<(), Status> {
    let why = match () {
        () if !in_range(wanted) => "the provided network does not match the current range",
        () if is_taken(handler, wanted) => "provided IP is already allocated",
        () => return Ok(()),
    };
    let why = format!("failed to allocate IP {wanted}: {why}");
    let value = object.spec().get("clusterIPs");
    Err(invalid(object, FieldError::invalid("spec.clusterIPs", value, &why)))
}

// One of the upper part of the range, which dynamic allocation prefers.
fn free_address(handler: &mut Handler) -> String {
    loop {
        let offset = 4096 + handler.choice.below((1 << 20) - 4096 - 1) as u32;
        let [a, b, c, d] = (0x0A60_0000u32 + offset).to_be_bytes();
        let address = format!("{a}.{b}.{c}.{d}");
        if !is_taken(handler, &address) {
            return address;
        }
    }
}

fn in_range(address: &str) -> bool {
    let address: Option<std::net::Ipv4Addr> = address.parse().ok();
    address.is_some_and(|address| address.to_bits() >> 20 == 0x0A60_0000 >> 20)
}
