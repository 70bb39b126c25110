//! What a Pod asks of its node in all.
//!
//! Models `component-helpers/resource` (`PodRequests`): containers and sidecars together, or an
//! init container with the sidecars before it if that is more; pod-level requests go first.

use std::collections::BTreeMap;

use super::quantity::Quantity;
use super::value::{EcoString, Value};

/// Amounts by resource name.
pub type ResourceList = BTreeMap<EcoString, Quantity>;

/// The requests of a Pod with this spec.
pub fn pod_requests(spec: &Value) -> ResourceList {
    pod_resources(spec, "requests", &ResourceList::new())
}

/// The limits of a Pod with this spec.
pub fn pod_limits(spec: &Value) -> ResourceList {
    pod_resources(spec, "limits", &ResourceList::new())
}

/// CPU in thousandths and memory in bytes that a Pod counts for where nodes are compared: a
/// container that asks for nothing counts too (`DefaultMilliCPURequest`, `DefaultMemoryRequest`).
pub fn nonzero_requests(spec: &Value) -> (i64, i64) {
    let defaults = [("cpu", "100m"), ("memory", "200Mi")];
    let defaults = defaults.map(|(name, amount)| (name.into(), Quantity::of(&amount.into())));
    let total = pod_resources(spec, "requests", &defaults.into());
    (amount(&total, "cpu"), amount(&total, "memory"))
}

fn pod_resources(spec: &Value, field: &str, defaults: &ResourceList) -> ResourceList {
    let of = |container: &Value| {
        let mut list = defaults.clone();
        list.extend(resource_list(container.path(&["resources", field])));
        list
    };
    let mut total = ResourceList::new();
    for container in spec.get("containers").items() {
        add(&mut total, &of(container));
    }
    let mut sidecars = ResourceList::new();
    let mut init = ResourceList::new();
    for container in spec.get("initContainers").items() {
        let mut while_it_runs = of(container);
        if container.get("restartPolicy").str() == "Always" {
            add(&mut total, &while_it_runs);
            add(&mut sidecars, &while_it_runs);
            while_it_runs = sidecars.clone();
        } else {
            add(&mut while_it_runs, &sidecars);
        }
        raise(&mut init, &while_it_runs);
    }
    raise(&mut total, &init);
    let of_pod = resource_list(spec.path(&["resources", field]));
    total.extend(of_pod);
    add(&mut total, &resource_list(spec.get("overhead")));
    total
}

/// A `v1.ResourceList` as amounts.
pub fn resource_list(list: &Value) -> ResourceList {
    list.entries().map(|(name, amount)| (name.clone(), Quantity::of(amount))).collect()
}

/// An amount of a list as whole numbers are compared: CPU in thousandths, 0 if it is not there.
pub fn amount(list: &ResourceList, name: &str) -> i64 {
    list.get(name).map_or(0, |amount| match name {
        "cpu" => amount.milli(),
        _ => amount.units(),
    })
}

fn add(total: &mut ResourceList, more: &ResourceList) {
    for (name, amount) in more {
        let entry = total.entry(name.clone()).or_default();
        *entry = *entry + *amount;
    }
}

fn raise(total: &mut ResourceList, other: &ResourceList) {
    for (name, amount) in other {
        let entry = total.entry(name.clone()).or_default();
        *entry = (*entry).max(*amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn a_big_init_container_counts_alone_and_sidecars_always() {
        let asks = |cpu: &str| value!({"requests": {"cpu": cpu}});
        let spec = value!({
            "containers": [{"resources": (asks("100m"))}, {"resources": (asks("200m"))}],
            "initContainers": [
                {"restartPolicy": "Always", "resources": (asks("50m"))},
                {"resources": (asks("1"))},
            ],
        });
        assert_eq!(pod_requests(&spec)["cpu"].milli(), 1050);
    }
}
