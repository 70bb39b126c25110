//! EndpointSlices for Endpoints that somebody writes by hand.
//!
//! Models `pkg/controller/endpointslicemirroring`. Leaves out IPv6 and the limit of 1000
//! addresses for each subset.

use crate::api::object::{Object, ObjectKey, OwnerReference};
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::Value;
use crate::apiserver::request::Request;
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::value;

use super::endpointslice::endpoint::{self, LAST_CHANGE};
use super::endpointslice::{MANAGED_BY, SERVICE_NAME, slices_of};
use super::reason::EndpointSliceReason;
use super::{Controller, Decision, Reason, Step};

/// This controller in [`MANAGED_BY`].
pub const CONTROLLER_NAME: &str = "endpointslicemirroring-controller.k8s.io";

const SKIP_MIRROR: &str = "endpointslice.kubernetes.io/skip-mirror";
const LEADER: &str = "control-plane.alpha.kubernetes.io/leader";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// endpoint-slice-mirroring-controller
pub struct EndpointSliceMirroringController;

impl Controller for EndpointSliceMirroringController {
    fn name(&self) -> &'static str {
        "endpoint-slice-mirroring-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        let key = |name: &str| ObjectKey::new(Kind::Endpoints, &changed.key.namespace, name);
        match changed.key.kind {
            Kind::Endpoints => vec![changed.key.clone()],
            Kind::Service => {
                let endpoints = key(&changed.key.name);
                let is_new = changed.event_type != WatchEventType::Deleted;
                let concerns = is_new && lister.get(&endpoints).is_some();
                if concerns { vec![endpoints] } else { Vec::new() }
            }
            Kind::EndpointSlice if is_ours(&changed.object) && changed.actor != self.actor() => {
                changed.object.label(SERVICE_NAME).map(key).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, _now: Time) -> Decision {
        let wanted = match mirrored(lister, key) {
            Some(endpoints) => desired(endpoints),
            None => Vec::new(),
        };
        let existing: Vec<&Object> =
            slices_of(lister, &key.namespace, &key.name).filter(|slice| is_ours(slice)).collect();
        let mut decision =
            Decision { steps: self.steps(&existing, &wanted), ..Decision::default() };
        if !wanted.is_empty() {
            let service = ObjectKey::new(Kind::Service, &key.namespace, &key.name);
            let reason = Reason::EndpointSlice(EndpointSliceReason::Mirrored);
            decision.reasons.push((service, reason));
        }
        decision
    }
}

fn is_ours(slice: &Object) -> bool {
    slice.label(MANAGED_BY) == Some(CONTROLLER_NAME)
}

// The Endpoints, unless others keep them (`shouldMirror`, `syncEndpoints`).
fn mirrored<'a>(lister: Lister<'a>, key: &ObjectKey) -> Option<&'a Object> {
    let endpoints = lister.get(key)?;
    let service = lister.find(Kind::Service, &key.namespace, &key.name)?;
    let is_left_out = endpoints.label(SKIP_MIRROR) == Some("true")
        || endpoints.annotation(LEADER).is_some()
        || endpoint::has_selector(service);
    (!is_left_out).then_some(endpoints)
}

// One slice for each set of ports (`reconcile`).
fn desired(endpoints: &Object) -> Vec<Object> {
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for subset in endpoints.value.get("subsets").items() {
        let ports: Value = subset.get("ports").items().iter().map(port).collect();
        let lists = [("addresses", true), ("notReadyAddresses", false)];
        let found = lists.iter().flat_map(|(list, is_ready)| {
            subset.get(list).items().iter().map(|address| entry(address, *is_ready))
        });
        let found: Vec<Value> = found.collect();
        match groups.iter_mut().find(|(known, _)| *known == ports) {
            Some((_, entries)) => entries.extend(found),
            None => groups.push((ports, found)),
        }
    }
    groups.retain(|(_, entries)| !entries.is_empty());
    groups.into_iter().map(|(ports, entries)| slice(endpoints, ports, entries)).collect()
}

// `epPortsToEpsPorts`
fn port(port: &Value) -> Value {
    let mut copy = value!({
        "name": (port.get("name").str()),
        "port": (port.get("port")),
        "protocol": (port.get("protocol").as_str().unwrap_or("TCP")),
    });
    if !port.get("appProtocol").is_null() {
        copy.set(&["appProtocol"], port.get("appProtocol"));
    }
    copy
}

// `addressToEndpoint`
fn entry(address: &Value, is_ready: bool) -> Value {
    let mut entry = value!({
        "addresses": [(address.get("ip"))],
        "conditions": {"ready": is_ready},
    });
    for field in ["hostname", "nodeName", "targetRef"] {
        if !address.get(field).is_null() {
            entry.set(&[field], address.get(field));
        }
    }
    entry
}

// `newEndpointSlice`
fn slice(endpoints: &Object, ports: Value, entries: Vec<Value>) -> Object {
    let mut labels = match endpoints.metadata().get("labels") {
        Value::Null => Value::object(),
        labels => labels.clone(),
    };
    labels.set(&[SERVICE_NAME], endpoints.name());
    labels.set(&[MANAGED_BY], CONTROLLER_NAME);
    let mut metadata = value!({
        "generateName": (format!("{}-", endpoints.name())),
        "namespace": (endpoints.namespace()),
        "labels": labels,
        "ownerReferences": [(OwnerReference::controller_of(endpoints))],
    });
    for (name, text) in endpoints.metadata().get("annotations").entries() {
        if ![LAST_CHANGE, LAST_APPLIED].contains(&name.as_str()) {
            metadata.set(&["annotations", name], text);
        }
    }
    let entries: Value = entries.into_iter().collect();
    let content = value!({
        "metadata": metadata,
        "addressType": "IPv4",
        "endpoints": entries,
        "ports": ports,
    });
    Object::new(Kind::EndpointSlice, content)
}

impl EndpointSliceMirroringController {
    // `reconcileByPortMapping`, slice by slice.
    fn steps(&self, existing: &[&Object], wanted: &[Object]) -> Vec<Step> {
        let mut left: Vec<&Object> = existing.to_vec();
        let mut steps = Vec::new();
        for slice in wanted {
            let ports = |other: &&Object| other.value.get("ports") == slice.value.get("ports");
            let place = left.iter().position(ports);
            let place = place.or(if left.is_empty() { None } else { Some(0) });
            let Some(place) = place else {
                steps.push(Step::new(Request::create(self.actor(), slice)));
                continue;
            };
            let current = left.remove(place);
            let mut updated = current.clone();
            for field in ["endpoints", "ports"] {
                updated.set(&[field], slice.value.get(field));
            }
            updated.set(&["metadata", "labels"], slice.metadata().get("labels"));
            match slice.metadata().get("annotations") {
                Value::Null => {
                    updated.value.remove(&["metadata", "annotations"]);
                }
                annotations => updated.set(&["metadata", "annotations"], annotations),
            }
            if &updated != current {
                steps.push(Step::new(Request::update(self.actor(), &updated)));
            }
        }
        let deletions = left.into_iter().map(|slice| Request::delete(self.actor(), slice));
        steps.extend(deletions.map(|request| Step::new(request).or_gone()));
        steps
    }
}
