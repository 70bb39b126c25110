//! Endpoints, the older form of EndpointSlices.
//!
//! Models `pkg/controller/endpoint`.

use std::collections::BTreeMap;

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::selector::labels_match;
use crate::api::time::{Duration, Time};
use crate::api::value::Value;
use crate::apiserver::request::{Actor, Request};
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::value;

use super::endpointslice::endpoint::{self, LAST_CHANGE};
use super::endpointslice::incremental;
use super::{Controller, Decision, OnRefusal, Step};

/// endpoint-controller
pub struct EndpointController;

const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";
// How long changes of a big Service are put off.
const BATCH_PERIOD: Duration = Duration::from_secs(10);
/// How many addresses the object holds; more are left out (`maxCapacity`).
pub const ADDRESSES_MAX: usize = 1000;

impl Controller for EndpointController {
    fn name(&self) -> &'static str {
        "endpoint-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        match changed.key.kind {
            Kind::Service => vec![changed.key.clone()],
            Kind::Pod => endpoint::affected_services(changed, lister),
            Kind::Endpoints if changed.event_type == WatchEventType::Deleted => {
                let (namespace, name) = (changed.key.namespace.clone(), changed.key.name.clone());
                vec![ObjectKey::new(Kind::Service, namespace, name)]
            }
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let current = lister.find(Kind::Endpoints, &key.namespace, &key.name);
        let step = match lister.get(key) {
            None => current.map(|endpoints| {
                let gone = OnRefusal::Accept(vec!["NotFound".into()]);
                Step::new(Request::delete(self.actor(), endpoints)).on_refusal(gone)
            }),
            Some(service) if endpoint::has_selector(service) => {
                if let Some(left) = put_off(lister, service, current, now) {
                    return Decision { requeue_after: Some(left), ..Decision::default() };
                }
                sync_service(lister, service, current, self.actor(), now)
            }
            Some(_) => None,
        };
        Decision { steps: step.into_iter().collect(), ..Decision::default() }
    }
}

// Changes of a big Service are taken together: for how long to wait with the next.
fn put_off(
    lister: Lister<'_>,
    service: &Object,
    current: Option<&Object>,
    now: Time,
) -> Option<Duration> {
    if !incremental::is_big(lister, service.namespace(), service.name()) {
        return None;
    }
    let changed = Time::parse(current?.annotation(LAST_CHANGE)?)?;
    BATCH_PERIOD.checked_sub(now.since(changed)).filter(|left| !left.is_zero())
}

fn sync_service(
    lister: Lister<'_>,
    service: &Object,
    current: Option<&Object>,
    actor: Actor,
    now: Time,
) -> Option<Step> {
    let (subsets, is_truncated) = subsets(lister, service);
    let mut labels = endpoint::labels(service);
    labels.set(&[MANAGED_BY], "endpoint-controller");
    let is_same = current.is_some_and(|current| {
        current.value.get("subsets").items() == subsets.as_slice()
            && current.metadata().get("labels") == &labels
            && (current.annotation(OVER_CAPACITY) == Some("truncated")) == is_truncated
    });
    if is_same {
        return None;
    }
    let empty = value!({
        "metadata": {"name": (service.name()), "namespace": (service.namespace())},
    });
    let mut endpoints = current.cloned().unwrap_or_else(|| Object::new(Kind::Endpoints, empty));
    endpoints.set(&["metadata", "labels"], labels);
    endpoints.set(&["metadata", "annotations", LAST_CHANGE], now.rfc3339());
    match is_truncated {
        true => endpoints.set(&["metadata", "annotations", OVER_CAPACITY], "truncated"),
        false => {
            endpoints.value.remove(&["metadata", "annotations", OVER_CAPACITY]);
        }
    }
    match subsets.is_empty() {
        true => {
            endpoints.value.remove(&["subsets"]);
        }
        false => endpoints.set(&["subsets"], subsets),
    }
    Some(Step::new(match current {
        Some(_) => Request::update(actor, &endpoints),
        None => Request::create(actor, &endpoints),
    }))
}

// One subset for each set of ports, addresses sorted (`RepackSubsets`).
fn subsets(lister: Lister<'_>, service: &Object) -> (Vec<Value>, bool) {
    let published = service.spec().get("publishNotReadyAddresses").is_true();
    let selector = service.spec().get("selector");
    type Addresses = BTreeMap<Vec<u32>, Value>;
    let mut by_ports: Vec<(Vec<Value>, Addresses, Addresses)> = Vec::new();
    let mut count = 0;
    let mut is_truncated = false;
    let pods = lister.in_namespace(Kind::Pod, service.namespace());
    for pod in pods.filter(|pod| labels_match(selector, pod.labels())) {
        if !endpoint::is_endpoint(pod, published) {
            continue;
        }
        let (ports, _) = endpoint::ports(service, pod);
        if ports.is_empty() && !service.spec().get("ports").items().is_empty() {
            continue;
        }
        if count == ADDRESSES_MAX {
            is_truncated = true;
            break;
        }
        count += 1;
        let ports: Vec<Value> = ports.into_iter().map(without_empty_name).collect();
        let index = by_ports.iter().position(|(p, _, _)| *p == ports).unwrap_or_else(|| {
            by_ports.push((ports, Addresses::new(), Addresses::new()));
            by_ports.len() - 1
        });
        let (_, ready, unready) = &mut by_ports[index];
        let side = if published || endpoint::is_ready(pod) { ready } else { unready };
        side.insert(octets(endpoint::address(pod)), address(service, pod));
    }
    (
        by_ports.into_iter().map(|(p, ready, unready)| subset(p, ready, unready)).collect(),
        is_truncated,
    )
}

// In Endpoints an empty name is left out.
fn without_empty_name(mut port: Value) -> Value {
    if port.get("name").str().is_empty() {
        port.remove(&["name"]);
    }
    port
}

fn subset(
    ports: Vec<Value>,
    ready: BTreeMap<Vec<u32>, Value>,
    unready: BTreeMap<Vec<u32>, Value>,
) -> Value {
    let mut subset = Value::object();
    for (field, addresses) in [("addresses", ready), ("notReadyAddresses", unready)] {
        if !addresses.is_empty() {
            subset.set(&[field], addresses.into_values().collect::<Vec<_>>());
        }
    }
    if !ports.is_empty() {
        subset.set(&["ports"], ports);
    }
    subset
}

fn octets(address: &str) -> Vec<u32> {
    address.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

fn address(service: &Object, pod: &Object) -> Value {
    let mut address = value!({
        "ip": (endpoint::address(pod)),
        "targetRef": (endpoint::target_reference(pod)),
    });
    let node = pod.spec().get("nodeName").str();
    if !node.is_empty() {
        address.set(&["nodeName"], node);
    }
    if let Some(hostname) = endpoint::hostname(service, pod) {
        address.set(&["hostname"], hostname);
    }
    address
}
