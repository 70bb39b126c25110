//! Ports of the nodes that Services are given.
//!
//! Models `pkg/registry/core/service/portallocator` and what `alloc.go` beside it does with it:
//! a number is taken whatever its protocol, but ports of one Service with one number share it.

use std::collections::BTreeSet;

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::status::{FieldError, Status};
use crate::api::value::Value;
use crate::apiserver::registry::Handler;

use super::{invalid, needs_health_check};

const RANGE: std::ops::RangeInclusive<i64> = 30_000..=32_767;
// Dynamic allocation prefers the upper part of the range, so that the lower is free for numbers
// that are asked for.
const DYNAMIC_START: i64 = 30_086;

fn number(port: &Value) -> i64 {
    port.get("nodePort").as_i64().unwrap_or(0)
}

fn numbers(spec: &Value) -> Vec<i64> {
    let mut all: Vec<i64> = spec.get("ports").items().iter().map(number).collect();
    all.push(spec.get("healthCheckNodePort").as_i64().unwrap_or(0));
    all.retain(|number| *number != 0);
    all
}

// What this write has taken, beside what is stored.
struct Operation {
    taken: BTreeSet<i64>,
    dry_run: bool,
}

impl Operation {
    fn new(handler: &Handler) -> Self {
        let services = handler.storage.list(Kind::Service, None);
        let taken = services.flat_map(|service| numbers(service.spec())).collect();
        Operation { taken, dry_run: handler.request.options.dry_run }
    }

    fn allocate(&mut self, number: i64) -> Result<(), &'static str> {
        if self.dry_run {
            return Ok(());
        }
        if !RANGE.contains(&number) {
            return Err("provided port is not in the valid range. The range of valid ports is \
                        30000-32767");
        }
        if self.taken.contains(&number) {
            return Err("provided port is already allocated");
        }
        self.taken.insert(number);
        Ok(())
    }

    /// One that is free, of the upper part of the range if there is one.
    fn next(&mut self, handler: &mut Handler) -> Result<i64, &'static str> {
        let parts = [(DYNAMIC_START, *RANGE.end()), (*RANGE.start(), DYNAMIC_START - 1)];
        for (first, last) in parts {
            let size = last - first + 1;
            let from = handler.choice.below(size.unsigned_abs()) as i64;
            let mut numbers = (0..size).map(|offset| first + (from + offset) % size);
            if let Some(number) = numbers.find(|number| !self.taken.contains(number)) {
                self.taken.insert(number);
                return Ok(number);
            }
        }
        Err("range is full")
    }
}

fn internal_error(why: &str) -> Status {
    Status::new(500, "InternalError", format!("Internal error occurred: {why}"))
}

fn is_wanted(spec: &Value) -> bool {
    spec.get("type").str() != "LoadBalancer"
        || spec.get("allocateLoadBalancerNodePorts") != &Value::Bool(false)
}

/// Hands out node ports (`initNodePorts`, `updateNodePorts`).
pub fn allocate(
    handler: &mut Handler,
    object: &mut Object,
    existing: Option<&Object>,
) -> Result<(), Status> {
    let mut operation = Operation::new(handler);
    let old = existing.map(|existing| numbers(existing.spec())).unwrap_or_default();
    let ports = object.spec().get("ports").items().to_vec();
    let is_wanted = is_wanted(object.spec());
    // Numbers of this Service so far, with the port for which they were taken.
    let mut own: Vec<(i64, i64)> = Vec::new();
    for (index, port) in ports.iter().enumerate() {
        let key = port.get("port").as_i64().unwrap_or(0);
        let shared = own.iter().find(|(port, _)| *port == key).map(|(_, number)| *number);
        let mut same = ports.iter().filter(|p| p.get("port") == port.get("port")).map(number);
        let requested = same.find(|number| *number != 0);
        let given = match (number(port), shared, requested) {
            (0, _, _) if !is_wanted => continue,
            (0, Some(shared), _) if existing.is_none() => shared,
            (0, _, Some(requested)) if existing.is_none() => {
                reserve(&mut operation, object, index, requested)?
            }
            (0, _, _) => operation
                .next(handler)
                .map_err(|why| internal_error(&format!("failed to allocate a nodePort: {why}")))?,
            (wanted, Some(shared), _) if wanted == shared => wanted,
            (wanted, _, _) if old.contains(&wanted) => wanted,
            (wanted, _, _) => reserve(&mut operation, object, index, wanted)?,
        };
        own.push((key, given));
        if number(port) != given
            && let Some(port) = object.value.path_mut(&["spec", "ports"]).items_mut().get_mut(index)
        {
            port.set(&["nodePort"], given);
        }
    }
    Ok(())
}

fn reserve(
    operation: &mut Operation,
    object: &Object,
    index: usize,
    wanted: i64,
) -> Result<i64, Status> {
    let path = format!("spec.ports[{index}].nodePort");
    let refuse = |why: &str| invalid(object, FieldError::invalid(&path, &wanted.into(), why));
    operation.allocate(wanted).map_err(refuse)?;
    Ok(wanted)
}

/// Hands out the port at which a load balancer asks for a node's health
/// (`allocHealthCheckNodePort`, `updateHealthCheckNodePort`).
pub fn allocate_health_check(
    handler: &mut Handler,
    object: &mut Object,
    existing: Option<&Object>,
) -> Result<(), Status> {
    if existing.is_some_and(|existing| needs_health_check(existing.spec())) {
        return Ok(());
    }
    let mut operation = Operation::new(handler);
    operation.taken.extend(object.spec().get("ports").items().iter().map(number));
    match object.spec().get("healthCheckNodePort").as_i64().unwrap_or(0) {
        0 => {
            let number = operation.next(handler).map_err(|why| {
                internal_error(&format!("failed to allocate a HealthCheck NodePort 0: {why}"))
            })?;
            object.set(&["spec", "healthCheckNodePort"], number);
        }
        wanted => operation.allocate(wanted).map_err(|why| {
            internal_error(&format!(
                "failed to allocate requested HealthCheck NodePort {wanted}: {why}"
            ))
        })?,
    }
    Ok(())
}
