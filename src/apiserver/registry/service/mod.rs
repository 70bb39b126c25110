//! Services: defaults, cluster IPs and node ports.
//!
//! Models `pkg/registry/core/service` with its IP and port allocators.

pub mod default;
pub mod update;
pub mod validate;

use super::Handler;
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::status::{FieldError, Status};
use crate::api::value::Value;

fn has_cluster_ip(object: &Object) -> bool {
    object.spec().get("type").str() != "ExternalName"
}

fn has_node_ports(object: &Object) -> bool {
    match object.spec().get("type").str() {
        "NodePort" => true,
        "LoadBalancer" => object.spec().get("allocateLoadBalancerNodePorts") != &Value::Bool(false),
        _ => false,
    }
}

/// Hands out what is not written: an address of 10.96.0.0/12, ports of 30000-32767.
pub fn allocate(
    handler: &mut Handler,
    object: &mut Object,
    existing: Option<&Object>,
) -> Result<(), Status> {
    if has_cluster_ip(object) {
        allocate_cluster_ip(handler, object, existing)?;
    }
    if has_node_ports(object) {
        allocate_node_ports(handler, object, existing)?;
    }
    Ok(())
}

fn invalid(object: &Object, error: FieldError) -> Status {
    Status::invalid("Service", object.name(), vec![error])
}

fn allocate_cluster_ip(
    handler: &mut Handler,
    object: &mut Object,
    existing: Option<&Object>,
) -> Result<(), Status> {
    let wanted = object.spec().get("clusterIP").str().to_owned();
    if wanted == "None"
        || existing.is_some_and(|e| e.spec().get("clusterIP").str() == wanted) && !wanted.is_empty()
    {
        return Ok(());
    }
    if handler.request.options.dry_run && !wanted.is_empty() {
        return Ok(());
    }
    let key = object.key();
    let taken = |address: &str| {
        let mut services = handler.storage.list(Kind::Service, None);
        services.any(|s| s.key() != key && s.spec().get("clusterIP").str() == address)
    };
    if !wanted.is_empty() {
        let why = match () {
            () if !in_range(&wanted) => {
                Some("the provided network does not match the current range")
            }
            () if taken(&wanted) => Some("provided IP is already allocated"),
            () => None,
        };
        if let Some(why) = why {
            let why = format!("failed to allocate IP {wanted}: {why}");
            let value = Value::from(vec![wanted.as_str()]);
            return Err(invalid(object, FieldError::invalid("spec.clusterIPs", &value, &why)));
        }
        return Ok(());
    }
    let address = loop {
        // The upper part of the range, which dynamic allocation prefers.
        let offset = 4096 + handler.choice.below((1 << 20) - 4096 - 1) as u32;
        let [a, b, c, d] = (0x0A60_0000u32 + offset).to_be_bytes();
        let address = format!("{a}.{b}.{c}.{d}");
        let mut services = handler.storage.list(Kind::Service, None);
        if !services.any(|s| s.spec().get("clusterIP").str() == address) {
            break address;
        }
    };
    object.set(&["spec", "clusterIP"], &address);
    object.set(&["spec", "clusterIPs"], Value::from(vec![address]));
    Ok(())
}

fn in_range(address: &str) -> bool {
    let address: Option<std::net::Ipv4Addr> = address.parse().ok();
    address.is_some_and(|address| address.to_bits() >> 20 == 0x0A60_0000 >> 20)
}

fn node_ports_taken(handler: &Handler, object: &Object) -> Vec<(i64, String)> {
    let key = object.key();
    let others = handler.storage.list(Kind::Service, None).filter(|s| s.key() != key);
    let ports = others.flat_map(|s| s.spec().get("ports").items().to_vec());
    ports
        .filter_map(|p| Some((p.get("nodePort").as_i64()?, p.get("protocol").str().to_owned())))
        .collect()
}

fn allocate_node_ports(
    handler: &mut Handler,
    object: &mut Object,
    existing: Option<&Object>,
) -> Result<(), Status> {
    let mut taken = node_ports_taken(handler, object);
    let ports = object.spec().get("ports").items().to_vec();
    for (index, port) in ports.iter().enumerate() {
        let protocol = port.get("protocol").str().to_owned();
        let wanted = port.get("nodePort").as_i64().unwrap_or(0);
        let kept = existing.is_some_and(|e| {
            let old = e.spec().get("ports").items();
            old.iter().any(|p| p.get("nodePort").as_i64() == Some(wanted))
        });
        if wanted != 0 && (kept || handler.request.options.dry_run) {
            taken.push((wanted, protocol));
            continue;
        }
        let refuse = |why: &str| {
            let path = format!("spec.ports[{index}].nodePort");
            Err(invalid(object, FieldError::invalid(&path, &wanted.into(), why)))
        };
        if wanted != 0 && !(30000..=32767).contains(&wanted) {
            return refuse(
                "provided port is not in the valid range. The range of valid ports is 30000-32767",
            );
        }
        if wanted != 0 && taken.contains(&(wanted, protocol.clone())) {
            return refuse("provided port is already allocated");
        }
        let number = match wanted {
            0 => loop {
                // The upper part of the range, which dynamic allocation prefers.
                let number = 30086 + handler.choice.below(32767 - 30086 + 1) as i64;
                if !taken.iter().any(|(taken, _)| *taken == number) {
                    break number;
                }
            },
            wanted => wanted,
        };
        taken.push((number, protocol));
        let ports = object.value.path_mut(&["spec", "ports"]).array_mut();
        if let Some(port) = ports.get_mut(index) {
            port.set(&["nodePort"], number);
        }
    }
    Ok(())
}
