//! One Pod's endpoint in the slices of a big Service.
//!
//! Upstream looks at all Pods of a Service at every change, and puts changes off until it can
//! take several together. Here a change of one Pod touches the one slice that it is in, so that
//! ten thousand Pods roll out in bearable time; the outcome is the same.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::selector::labels_match;
use crate::api::time::Time;
use crate::api::value::Value;
use crate::apiserver::request::{Actor, Request};
use crate::apiserver::watch::WatchEvent;
use crate::client::Lister;
use crate::controller::{Decision, Step};

use super::SERVICE_NAME;
use super::endpoint::{self, LAST_CHANGE};
use super::reconciler::{ENDPOINTS_MAX, key_of, new_slice, with_endpoints};

/// Whether a Service has so many endpoints that its Pods are looked at one by one.
pub fn is_big(lister: Lister<'_>, namespace: &str, service: &str) -> bool {
    has_more_than(lister, namespace, service, ENDPOINTS_MAX)
}

/// Whether a Service has more than so many endpoints.
pub fn has_more_than(lister: Lister<'_>, namespace: &str, service: &str, most: usize) -> bool {
    lister.endpoint_count(namespace, service) > most
}

/// The keys to look at because of a change of a Pod: its Services, or itself where they are big.
pub fn keys(changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
    let mut keys = endpoint::affected_services(changed, lister);
    let count = keys.len();
    keys.retain(|key| !is_big(lister, &key.namespace, &key.name));
    if keys.len() < count {
        keys.push(changed.key.clone());
    }
    keys
}

/// Brings the slices of a Pod's big Services in line with it. The Pod may be gone.
pub fn sync(lister: Lister<'_>, key: &ObjectKey, actor: Actor, now: Time) -> Decision {
    let mut decision = Decision::default();
    let pod = lister.get(key);
    for service in lister.in_namespace(Kind::Service, &key.namespace) {
        if !endpoint::has_selector(service) || !is_big(lister, service.namespace(), service.name())
        {
            continue;
        }
        let selector = service.spec().get("selector");
        let selected = pod
            .filter(|pod| labels_match(selector, pod.labels()) && endpoint::is_endpoint(pod, true));
        for mut slice in changes(lister, service, &key.name, selected) {
            slice.set(&["metadata", "annotations", LAST_CHANGE], now.rfc3339());
            let is_empty = slice.value.get("endpoints").items().is_empty();
            decision.steps.push(Step::new(match slice.name() {
                "" => Request::create(actor.clone(), &slice),
                _ if is_empty => Request::delete(actor.clone(), &slice),
                _ => Request::update(actor.clone(), &slice),
            }));
        }
    }
    decision
}

// The slices to write: the one that holds the Pod, or one with room for it.
fn changes(lister: Lister<'_>, service: &Object, name: &str, pod: Option<&Object>) -> Vec<Object> {
    let wanted =
        pod.map(|pod| (endpoint::ports(service, pod).0, endpoint::endpoint(lister, service, pod)));
    let is_its = |endpoint: &Value| endpoint.path(&["targetRef", "name"]).str() == name;
    let mut changed = Vec::new();
    let mut is_placed = false;
    let holders = lister.slices_with(service.namespace(), name);
    for slice in holders.filter(|slice| slice.label(SERVICE_NAME) == Some(service.name())) {
        let mut endpoints = slice.value.get("endpoints").items().to_vec();
        let Some(index) = endpoints.iter().position(is_its) else { continue };
        match &wanted {
            Some((ports, endpoint))
                if has_ports(slice, ports) && key_of(endpoint) == key_of(&endpoints[index]) =>
            {
                is_placed = true;
                if endpoints[index] == *endpoint {
                    continue;
                }
                endpoints[index] = endpoint.clone();
            }
            _ => {
                endpoints.remove(index);
            }
        }
        let mut slice = slice.clone();
        slice.set(&["endpoints"], endpoints);
        changed.push(slice);
    }
    if let Some((ports, endpoint)) = wanted.filter(|_| !is_placed) {
        let (slice, mut endpoints) = match roomiest(lister, service, &ports, is_its) {
            Some(slice) => (slice.clone(), slice.value.get("endpoints").items().to_vec()),
            None => (new_slice(service), Vec::new()),
        };
        endpoints.push(endpoint);
        changed.push(with_endpoints(service, slice, &ports, endpoints));
    }
    changed
}

fn has_ports(slice: &Object, ports: &[Value]) -> bool {
    slice.value.get("ports").items() == ports
}

// The first of the fullest slices that have room for a Pod that is not in them.
fn roomiest<'a>(
    lister: Lister<'a>,
    service: &'a Object,
    ports: &[Value],
    is_its: impl Fn(&Value) -> bool,
) -> Option<&'a Object> {
    let mut found: Option<(usize, &Object)> = None;
    for slice in lister.slices_with_room(service.namespace(), service.name(), ENDPOINTS_MAX) {
        let endpoints = slice.value.get("endpoints").items();
        let count = endpoints.len();
        if found.is_none_or(|(most, _)| count > most)
            && has_ports(slice, ports)
            && !endpoints.iter().any(&is_its)
        {
            found = Some((count, slice));
        }
    }
    found.map(|(_, slice)| slice)
}
