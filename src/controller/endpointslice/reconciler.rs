//! From the slices that are there to those that should be.
//!
//! Models `k8s.io/endpointslice/reconciler.go` (`reconcileByAddressType`, `finalize`).

use std::collections::BTreeMap;

use crate::api::object::{Object, OwnerReference};
use crate::api::scheme::Kind;
use crate::api::selector::labels_match;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, Request};
use crate::client::Lister;
use crate::controller::reason::EndpointSliceReason;
use crate::controller::{Decision, Reason, Step};
use crate::value;

use super::endpoint::{self, Entry, LAST_CHANGE};
use super::{CONTROLLER_NAME, MANAGED_BY, SERVICE_NAME, slices_of};

/// How many endpoints a slice holds (`--max-endpoints-per-slice`).
pub const ENDPOINTS_MAX: usize = 100;

// Endpoints that have their ports in common, by the uid of their Pods.
#[derive(Default)]
struct Group {
    ports: Vec<Value>,
    endpoints: BTreeMap<(EcoString, EcoString), Value>,
}

#[derive(Default)]
struct Changes {
    create: Vec<Object>,
    update: Vec<Object>,
    delete: Vec<Object>,
    // How many slices stay as they are.
    kept_count: usize,
}

/// Brings the slices of a Service in line with its Pods.
pub fn reconcile(lister: Lister<'_>, service: &Object, actor: Actor, now: Time) -> Decision {
    let mut decision = Decision::default();
    let groups = desired(lister, service, &mut decision);
    let is_ours = |slice: &&Object| {
        slice.label(MANAGED_BY) == Some(CONTROLLER_NAME) && !slice.is_terminating()
    };
    let existing: Vec<&Object> =
        slices_of(lister, service.namespace(), service.name()).filter(is_ours).collect();
    let mut changes = Changes::default();
    for slice in &existing {
        if !groups.iter().any(|group| has_ports(slice, group)) {
            changes.delete.push((*slice).clone());
        }
    }
    for group in &groups {
        let slices: Vec<&Object> =
            existing.iter().copied().filter(|slice| has_ports(slice, group)).collect();
        reconcile_group(service, group, &slices, &mut changes);
    }
    keep_one(service, &mut changes);
    reuse(&mut changes);
    decision.steps = changes.steps(actor, now);
    decision
}

fn desired(lister: Lister<'_>, service: &Object, decision: &mut Decision) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let (mut ready, mut unready, mut terminating, mut absent) = (0, 0, 0, 0);
    let mut explain = |reason| {
        decision.reasons.push((service.key(), Reason::EndpointSlice(reason)));
    };
    let mut missing_port = None;
    let selector = service.spec().get("selector");
    let pods = lister.in_namespace(Kind::Pod, service.namespace());
    for pod in pods.filter(|pod| labels_match(selector, pod.labels())) {
        if !endpoint::is_endpoint(pod, true) {
            absent += 1;
            continue;
        }
        let Entry { endpoint, ports, missing, .. } = &*Entry::of(lister, service, pod);
        let condition = |name: &str| endpoint.path(&["conditions", name]).is_true();
        match (condition("ready"), condition("terminating")) {
            (true, _) => ready += 1,
            (false, true) => terminating += 1,
            (false, false) => unready += 1,
        }
        missing_port = missing_port.or(missing.first().map(|port| (port.clone(), pod.name())));
        let index = groups.iter().position(|group| group.ports == *ports).unwrap_or_else(|| {
            groups.push(Group { ports: ports.clone(), ..Group::default() });
            groups.len() - 1
        });
        groups[index].endpoints.insert((pod.name().into(), pod.uid_text()), endpoint.clone());
    }
    match ready + unready + terminating + absent {
        0 => explain(EndpointSliceReason::NothingSelected),
        _ => explain(EndpointSliceReason::Selected {
            ready_count: ready,
            unready_count: unready,
            terminating_count: terminating,
            absent_count: absent,
        }),
    }
    if let Some((port, pod)) = missing_port {
        explain(EndpointSliceReason::PortNotFound { port, pod: pod.into() });
    }
    groups
}

fn has_ports(slice: &Object, group: &Group) -> bool {
    let ports = slice.value.get("ports").items();
    ports.len() == group.ports.len() && ports.iter().all(|port| group.ports.contains(port))
}

/// Which Pod an endpoint is: name and uid.
pub fn key_of(endpoint: &Value) -> (EcoString, EcoString) {
    let target = endpoint.get("targetRef");
    (target.get("name").text(), target.get("uid").text())
}

// `reconcileByPortMapping`: keeps endpoints where they are, fills gaps, opens new slices.
fn reconcile_group(service: &Object, group: &Group, slices: &[&Object], changes: &mut Changes) {
    let mut missing = group.endpoints.clone();
    let mut updated = Vec::new();
    let mut unchanged = Vec::new();
    for slice in slices {
        let old = slice.value.get("endpoints").items();
        let kept: Vec<Value> = old.iter().filter_map(|e| missing.remove(&key_of(e))).collect();
        let is_same = kept.as_slice() == old && slice.metadata().get("labels") == &labels(service);
        match (is_same, kept.is_empty()) {
            (true, false) => unchanged.push((*slice, kept)),
            (false, false) => updated.push((*slice, kept)),
            (_, true) => changes.delete.push((*slice).clone()),
        }
    }
    let mut missing: Vec<Value> = missing.into_values().collect();
    fill(&mut updated, &mut missing);
    // An unchanged slice is touched only if everything left finds room in it.
    if !missing.is_empty() {
        let has_room = |kept: &[Value]| kept.len() + missing.len() <= ENDPOINTS_MAX;
        if let Some(i) = unchanged.iter().position(|(_, kept)| has_room(kept)) {
            let (slice, mut kept) = unchanged.remove(i);
            kept.append(&mut missing);
            updated.push((slice, kept));
        }
    }
    changes.kept_count += unchanged.len();
    for (slice, endpoints) in updated {
        changes.update.push(with_endpoints(service, slice.clone(), &group.ports, endpoints));
    }
    for chunk in missing.chunks(ENDPOINTS_MAX) {
        let slice = new_slice(service);
        changes.create.push(with_endpoints(service, slice, &group.ports, chunk.to_vec()));
    }
}

fn fill(slices: &mut [(&Object, Vec<Value>)], missing: &mut Vec<Value>) {
    for (_, kept) in slices {
        let room = ENDPOINTS_MAX.saturating_sub(kept.len()).min(missing.len());
        kept.extend(missing.drain(..room));
    }
}

fn labels(service: &Object) -> Value {
    let mut labels = endpoint::labels(service);
    labels.set(&[SERVICE_NAME], service.name());
    labels.set(&[MANAGED_BY], CONTROLLER_NAME);
    labels
}

/// A slice that the API server will name.
pub fn new_slice(service: &Object) -> Object {
    Object::new(
        Kind::EndpointSlice,
        value!({
            "metadata": {
                "generateName": (format!("{}-", service.name())),
                "namespace": (service.namespace()),
                "ownerReferences": [(OwnerReference::controller_of(service))],
            },
            "addressType": "IPv4",
        }),
    )
}

/// A slice with these contents and its Service's labels.
pub fn with_endpoints(
    service: &Object,
    mut slice: Object,
    ports: &[Value],
    endpoints: Vec<Value>,
) -> Object {
    slice.set(&["metadata", "labels"], labels(service));
    slice.set(&["endpoints"], endpoints);
    slice.set(&["ports"], ports.to_vec());
    slice
}

// A Service without endpoints keeps an empty slice.
fn keep_one(service: &Object, changes: &mut Changes) {
    if changes.kept_count + changes.update.len() + changes.create.len() > 0 {
        return;
    }
    let is_placeholder = |slice: &Object| {
        slice.value.get("endpoints").items().is_empty()
            && slice.value.get("ports").items().is_empty()
            && slice.metadata().get("labels") == &labels(service)
    };
    match changes.delete.iter().position(is_placeholder) {
        Some(index) if changes.delete.len() == 1 => {
            changes.delete.remove(index);
        }
        _ => {
            let slice = new_slice(service);
            changes.create.push(with_endpoints(service, slice, &[], Vec::new()));
        }
    }
}

// `finalize`: a slice to delete becomes one to create, by an update.
fn reuse(changes: &mut Changes) {
    while !changes.create.is_empty() && !changes.delete.is_empty() {
        let (mut old, new) = (changes.delete.remove(0), changes.create.remove(0));
        for field in ["endpoints", "ports"] {
            old.set(&[field], new.value.get(field));
        }
        old.set(&["metadata", "labels"], new.metadata().get("labels"));
        changes.update.push(old);
    }
}

impl Changes {
    fn steps(self, actor: Actor, now: Time) -> Vec<Step> {
        let stamped = |mut slice: Object| {
            slice.set(&["metadata", "annotations", LAST_CHANGE], now.rfc3339());
            slice
        };
        let create = self.create.into_iter().map(stamped);
        let create: Vec<_> = create.map(|s| Request::create(actor.clone(), &s)).collect();
        let update = self.update.into_iter().map(stamped);
        let update: Vec<_> = update.map(|s| Request::update(actor.clone(), &s)).collect();
        let delete = self.delete.iter().map(|s| Request::delete(actor.clone(), s));
        create.into_iter().chain(update).chain(delete).map(Step::new).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::incremental;
    use super::*;
    use crate::api::value::EcoString;
    use crate::apiserver::request::Verb;
    use crate::apiserver::storage::{Origin, Storage};

    fn put(storage: &mut Storage, object: Object) {
        let (actor, now) = (Actor::System, Time::START);
        storage.put(&Origin { actor, now, subresource: EcoString::new() }, object);
    }

    fn service() -> Object {
        Object::new(
            Kind::Service,
            value!({
                "metadata": {"name": "nginx", "namespace": "default", "uid": "s"},
                "spec": {
                    "clusterIP": "None",
                    "selector": {"app": "nginx"},
                    "ports": [{"name": "web", "port": 80, "targetPort": "http"}],
                },
            }),
        )
    }

    fn pod(index: usize, port_name: &str) -> Object {
        let name = format!("web-{index}");
        Object::new(
            Kind::Pod,
            value!({
                "metadata": {
                    "name": (&name), "namespace": "default", "uid": (&name),
                    "labels": {"app": "nginx"},
                },
                "spec": {
                    "hostname": (&name), "subdomain": "nginx",
                    "containers": [{"ports": [{"name": port_name, "containerPort": 8080}]}],
                },
                "status": {
                    "podIP": (format!("10.244.1.{index}")),
                    "conditions": [{"type": "Ready", "status": "True"}],
                },
            }),
        )
    }

    fn sync(storage: &mut Storage) -> Vec<&'static str> {
        let decision = reconcile(Lister::new(storage), &service(), Actor::System, Time::START);
        carry_out(storage, decision)
    }

    // Carries the steps out as the API server would.
    fn carry_out(storage: &mut Storage, decision: Decision) -> Vec<&'static str> {
        let mut verbs = Vec::new();
        for (i, step) in decision.steps.into_iter().enumerate() {
            match step.request.verb {
                Verb::Create(mut value) => {
                    let name = format!("nginx-{}-{i}", storage.revision());
                    value.set(&["metadata", "name"], name);
                    put(storage, Object { kind: Kind::EndpointSlice, value });
                    verbs.push("create");
                }
                Verb::Update(value) => {
                    put(storage, Object { kind: Kind::EndpointSlice, value });
                    verbs.push("update");
                }
                Verb::Delete(_) => {
                    let (actor, now) = (Actor::System, Time::START);
                    let origin = Origin { actor, now, subresource: EcoString::new() };
                    if let Some(slice) = storage.get(&step.request.key).cloned() {
                        storage.remove(&origin, slice);
                    }
                    verbs.push("delete");
                }
                other => panic!("unexpected {other:?}"),
            }
        }
        verbs
    }

    fn sizes(storage: &Storage) -> Vec<usize> {
        let slices = slices_of(Lister::new(storage), "default", "nginx");
        slices.map(|slice| slice.value.get("endpoints").items().len()).collect()
    }

    #[test]
    fn an_empty_service_keeps_a_placeholder_that_is_used_later() {
        let mut storage = Storage::default();
        assert_eq!(sync(&mut storage), ["create"]);
        assert_eq!(sync(&mut storage), [""; 0]);
        put(&mut storage, pod(0, "http"));
        assert_eq!(sync(&mut storage), ["update"]);
        assert_eq!(sizes(&storage), [1]);
        assert_eq!(sync(&mut storage), [""; 0]);
    }

    #[test]
    fn a_slice_holds_a_hundred_endpoints_and_ports_divide() {
        let mut storage = Storage::default();
        (0..150).for_each(|index| put(&mut storage, pod(index, "http")));
        sync(&mut storage);
        assert_eq!(sizes(&storage).iter().sum::<usize>(), 150);
        assert_eq!(sizes(&storage).len(), 2);
        put(&mut storage, pod(150, "other"));
        sync(&mut storage);
        assert_eq!(sizes(&storage).len(), 3);
        assert_eq!(sync(&mut storage), [""; 0]);
    }

    #[test]
    fn one_pod_at_a_time_comes_to_the_same() {
        let mut storage = Storage::default();
        put(&mut storage, service());
        (0..350).for_each(|index| put(&mut storage, pod(index, "http")));
        sync(&mut storage);
        assert_eq!(sizes(&storage).len(), 4);
        let mut step = |changed: Object, is_there: bool| {
            let key = changed.key();
            let origin =
                Origin { actor: Actor::System, now: Time::START, subresource: EcoString::new() };
            match is_there {
                true => {
                    storage.put(&origin, changed);
                }
                false => {
                    storage.remove(&origin, changed);
                }
            }
            let lister = Lister::new(&storage);
            let decision = incremental::sync(lister, &key, Actor::System, Time::START);
            carry_out(&mut storage, decision);
            assert_eq!(sync(&mut storage), [""; 0], "{key}");
        };
        step(pod(400, "http"), true);
        step(pod(7, "http"), false);
        let mut unready = pod(8, "http");
        unready.value.remove(&["status", "conditions"]);
        step(unready, true);
        let mut replaced = pod(9, "http");
        replaced.set(&["metadata", "uid"], "other");
        step(replaced, true);
        let mut released = pod(10, "http");
        released.value.remove(&["metadata", "labels"]);
        step(released, true);
        assert_eq!(sizes(&storage).iter().sum::<usize>(), 349);
    }
}
