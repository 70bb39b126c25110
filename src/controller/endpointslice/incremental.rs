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

use super::endpoint::{self, LAST_CHANGE};
use super::reconciler::{ENDPOINTS_MAX, key_of, new_slice, with_endpoints};
use super::slices_of;

// From so many slices on a Service is big.
const SLICES_MIN: usize = 4;

/// Whether a Service has so many endpoints that its Pods are looked at one by one.
pub fn is_big(lister: Lister<'_>, namespace: &str, service: &str) -> bool {
    slices_of(lister, namespace, service).nth(SLICES_MIN - 1).is_some()
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
    let mut roomiest: Option<(usize, &Object)> = None;
    for slice in slices_of(lister, service.namespace(), service.name()) {
        let endpoints = slice.value.get("endpoints").items();
        let fits = |ports: &Vec<Value>| slice.value.get("ports").items() == ports.as_slice();
        let has_ports = wanted.as_ref().is_some_and(|(ports, _)| fits(ports));
        if let Some(index) = endpoints.iter().position(is_its) {
            let mut endpoints = endpoints.to_vec();
            match &wanted {
                Some((_, endpoint))
                    if has_ports && key_of(endpoint) == key_of(&endpoints[index]) =>
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
        } else if has_ports
            && endpoints.len() < ENDPOINTS_MAX
            && roomiest.is_none_or(|(count, _)| endpoints.len() > count)
        {
            roomiest = Some((endpoints.len(), slice));
        }
    }
    if let Some((ports, endpoint)) = wanted.filter(|_| !is_placed) {
        let (slice, mut endpoints) = match roomiest {
            Some((_, slice)) => (slice.clone(), slice.value.get("endpoints").items().to_vec()),
            None => (new_slice(service), Vec::new()),
        };
        endpoints.push(endpoint);
        changed.push(with_endpoints(service, slice, &ports, endpoints));
    }
    changed
}
