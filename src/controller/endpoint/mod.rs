//! Endpoints, the older form of EndpointSlices.
//!
//! Models `pkg/controller/endpoint`.
//!
//! # Scope
//! - Changes of a Service with more than 300 endpoints are put off for 10 s, of one with more than
//!   the object holds for 60 s: ours, so that large sets stay quick. Upstream does so only where
//!   `--endpoint-updates-batch-period` is set, which by default it is not.

mod facts;

use std::collections::BTreeMap;
use std::rc::Rc;

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
use super::{Controller, Decision, Step};
use facts::Facts;

/// endpoint-controller
pub struct EndpointController;

const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";
// A Service with more endpoints is big.
const ENDPOINTS_MAX: usize = 300;
// How long changes of a big Service are put off.
const BATCH_PERIOD: Duration = Duration::from_secs(10);
// The same where addresses are left out: most changes are not among those that stand there.
const TRUNCATED_PERIOD: Duration = Duration::from_secs(60);
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

    // Upstream has `endpointUpdatesBatchPeriod` for it, which is nothing by default (see Scope).
    fn delay(&self, changed: &WatchEvent, key: &ObjectKey, lister: Lister<'_>) -> Option<Duration> {
        let current = lister.find(Kind::Endpoints, &key.namespace, &key.name)?;
        let is_put_off = changed.key.kind == Kind::Pod && is_truncated(current);
        is_put_off.then_some(TRUNCATED_PERIOD)
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let current = lister.find(Kind::Endpoints, &key.namespace, &key.name);
        let step = match lister.get(key) {
            None => current
                .map(|endpoints| Step::new(Request::delete(self.actor(), endpoints)).or_gone()),
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

fn is_truncated(endpoints: &Object) -> bool {
    endpoints.annotation(OVER_CAPACITY) == Some("truncated")
}

// Changes of a big Service are taken together: for how long to wait with the next.
fn put_off(
    lister: Lister<'_>,
    service: &Object,
    current: Option<&Object>,
    now: Time,
) -> Option<Duration> {
    if !incremental::has_more_than(lister, service.namespace(), service.name(), ENDPOINTS_MAX) {
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
            && self::is_truncated(current) == is_truncated
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

// What the Pods with the same ports have: addresses, sorted by octets (`RepackSubsets`).
struct Group<'a> {
    // Numbers of the Service's ports; `None` where a Pod has no such port.
    numbers: Vec<Option<i64>>,
    ports: Vec<Value>,
    ready: Addresses<'a>,
    unready: Addresses<'a>,
}

type Addresses<'a> = BTreeMap<facts::Octets, (Rc<Facts>, &'a Object)>;

// One subset for each set of ports, and whether addresses were left out.
fn subsets(lister: Lister<'_>, service: &Object) -> (Vec<Value>, bool) {
    let published = service.spec().get("publishNotReadyAddresses").is_true();
    let selector = service.spec().get("selector");
    let service_ports = service.spec().get("ports").items();
    let mut groups: Vec<Group> = Vec::new();
    let mut numbers = Vec::new();
    for pod in lister.in_namespace(Kind::Pod, service.namespace()) {
        if !labels_match(selector, pod.labels()) {
            continue;
        }
        let facts = facts::of(pod);
        if !facts.is_endpoint(published) {
            continue;
        }
        numbers.clear();
        numbers.extend(service_ports.iter().map(|port| endpoint::target_port(port, pod)));
        if !numbers.is_empty() && numbers.iter().all(Option::is_none) {
            continue;
        }
        let is_its = |group: &Group| group.numbers == numbers;
        let index = groups.iter().position(is_its).unwrap_or_else(|| {
            groups.push(Group::of(service, pod, &numbers));
            groups.len() - 1
        });
        let Group { ready, unready, .. } = &mut groups[index];
        let side = if published || facts.is_ready { ready } else { unready };
        side.insert(facts.octets, (facts, pod));
    }
    let is_truncated = truncate(&mut groups);
    let subsets = groups.into_iter().map(|group| group.subset(service));
    (
        subsets.filter(|subset| subset.as_object().is_some_and(|s| !s.is_empty())).collect(),
        is_truncated,
    )
}

// `truncateEndpoints`: addresses that are not ready go first; each subset keeps its share.
fn truncate(groups: &mut [Group]) -> bool {
    let ready: usize = groups.iter().map(|group| group.ready.len()).sum();
    let unready: usize = groups.iter().map(|group| group.unready.len()).sum();
    if ready + unready <= ADDRESSES_MAX {
        return false;
    }
    let (room, total) = match ready > ADDRESSES_MAX {
        true => (ADDRESSES_MAX, ready),
        false => (ADDRESSES_MAX - ready, unready),
    };
    let mut left = room;
    for group in groups {
        let side = match ready > ADDRESSES_MAX {
            true => {
                group.unready.clear();
                &mut group.ready
            }
            false => &mut group.unready,
        };
        let share = (side.len() * room).div_ceil(total).min(left);
        if let Some(first_out) = side.keys().nth(share).copied() {
            side.split_off(&first_out);
        }
        left -= side.len();
    }
    true
}

// In Endpoints an empty name is left out.
fn without_empty_name(mut port: Value) -> Value {
    if port.get("name").str().is_empty() {
        port.remove(&["name"]);
    }
    port
}

impl<'a> Group<'a> {
    fn of(service: &Object, pod: &Object, numbers: &[Option<i64>]) -> Self {
        Group {
            numbers: numbers.to_vec(),
            ports: endpoint::ports(service, pod).0.into_iter().map(without_empty_name).collect(),
            ready: BTreeMap::new(),
            unready: BTreeMap::new(),
        }
    }

    fn subset(self, service: &Object) -> Value {
        let mut subset = Value::object();
        let address = |(facts, pod): &(Rc<Facts>, &Object)| facts.address(pod, service).clone();
        for (field, pods) in [("addresses", self.ready), ("notReadyAddresses", self.unready)] {
            if !pods.is_empty() {
                subset.set(&[field], pods.values().map(address).collect::<Vec<_>>());
            }
        }
        if !self.ports.is_empty() {
            subset.set(&["ports"], self.ports);
        }
        subset
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::value::EcoString;
    use crate::apiserver::request::Verb;
    use crate::apiserver::storage::{Origin, Storage};

    fn put(storage: &mut Storage, object: Object) -> Object {
        let (actor, now) = (Actor::System, Time::START);
        storage.put(&Origin { actor, now, subresource: EcoString::new() }, object)
    }

    fn service() -> Object {
        let metadata = value!({"name": "nginx", "namespace": "default"});
        let spec = value!({"selector": {"app": "nginx"}, "ports": [{"port": 80}]});
        Object::new(Kind::Service, value!({"metadata": metadata, "spec": spec}))
    }

    fn pod(index: usize, ready: bool) -> Object {
        let name = format!("web-{index}");
        let labels = value!({"app": "nginx"});
        let metadata = value!({"name": name, "namespace": "default", "labels": labels});
        let ready = if ready { "True" } else { "False" };
        let status = value!({
            "podIP": (format!("10.244.{}.{}", index / 100, index % 100)),
            "conditions": [{"type": "Ready", "status": ready}],
        });
        Object::new(Kind::Pod, value!({"metadata": metadata, "spec": {}, "status": status}))
    }

    /// The Endpoints of so many Pods, of which the first are not ready.
    fn endpoints(pods: usize, unready: usize) -> (Storage, Object) {
        let mut storage = Storage::default();
        let service = put(&mut storage, service());
        for index in 0..pods {
            put(&mut storage, pod(index, index >= unready));
        }
        let lister = Lister::new(&storage);
        let decision = EndpointController.sync(lister, &service.key(), Time::START);
        let Some(Verb::Create(value)) = decision.steps.into_iter().next().map(|s| s.request.verb)
        else {
            panic!("nothing is created")
        };
        let endpoints = put(&mut storage, Object::new(Kind::Endpoints, value));
        (storage, endpoints)
    }

    fn addresses(endpoints: &Object, field: &str) -> Vec<String> {
        let subset = endpoints.path(&["subsets"]).at(0);
        subset.get(field).items().iter().map(|a| a.get("ip").str().to_string()).collect()
    }

    #[test]
    fn a_thousand_addresses_stand_there_ready_ones_first() {
        let (_, endpoints) = endpoints(1004, 3);
        let ready = addresses(&endpoints, "addresses");
        assert_eq!((ready.len(), ready[0].as_str()), (1000, "10.244.0.3"));
        assert_eq!(ready.last().map(String::as_str), Some("10.244.10.2"));
        assert!(addresses(&endpoints, "notReadyAddresses").is_empty());
        assert!(is_truncated(&endpoints));
    }

    #[test]
    fn those_that_are_not_ready_get_the_room_that_is_left() {
        let (_, truncated) = endpoints(1003, 5);
        let count = |field| addresses(&truncated, field).len();
        assert_eq!((count("addresses"), count("notReadyAddresses")), (998, 2));
        let (_, whole) = endpoints(1000, 5);
        assert!(!is_truncated(&whole));
    }

    #[test]
    fn changes_of_pods_wait_where_addresses_are_left_out() {
        let (storage, endpoints) = endpoints(1001, 0);
        let lister = Lister::new(&storage);
        let key = ObjectKey::new(Kind::Service, "default", endpoints.name());
        let delay = |object: Object| {
            let changed = WatchEvent::listed(&object, Time::START);
            EndpointController.delay(&changed, &key, lister)
        };
        assert_eq!(delay(pod(7, false)), Some(TRUNCATED_PERIOD));
        assert_eq!(delay(service()), None);
    }
}
