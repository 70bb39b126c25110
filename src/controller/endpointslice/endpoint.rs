//! What a Pod is as an endpoint of a Service.
//!
//! Models `k8s.io/endpointslice` utils.go (`podToEndpoint`, `getEndpointPorts`) and
//! `pkg/controller/util/endpoint`.

use std::cell::RefCell;
use std::rc::Rc;

use crate::api::memory::Memory;
use crate::api::object::Object;
use crate::api::pod::is_terminal;
use crate::api::pool;
use crate::api::scheme::Kind;
use crate::api::selector::labels_match;
use crate::api::value::{EcoString, Value};
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::value;

/// Whether a Service's endpoints are kept by its selector.
pub fn has_selector(service: &Object) -> bool {
    !service.spec().get("selector").is_null() && service.spec().get("type").str() != "ExternalName"
}

/// Whether a Service is headless.
pub fn is_headless(service: &Object) -> bool {
    service.spec().get("clusterIP").str() == "None"
}

/// The Services of a Pod's namespace that select it.
pub fn services_of<'a>(lister: Lister<'a>, pod: &'a Object) -> impl Iterator<Item = &'a Object> {
    let services = lister.in_namespace(Kind::Service, pod.namespace());
    services.filter(|service| {
        has_selector(service) && labels_match(service.spec().get("selector"), pod.labels())
    })
}

/// The Services whose endpoints may change with this change of a Pod (`GetServicesToUpdate`).
pub fn affected_services(
    changed: &WatchEvent,
    lister: Lister<'_>,
) -> Vec<crate::api::object::ObjectKey> {
    let pod = &changed.object;
    let mut keys = Vec::new();
    let previous =
        changed.previous.as_ref().filter(|_| changed.event_type == WatchEventType::Modified);
    if previous.is_some_and(|previous| facts(previous) == facts(pod)) {
        return keys;
    }
    for pod in previous.into_iter().chain([pod]) {
        for service in services_of(lister, pod) {
            let key = service.key();
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys
}

type Facts<'a> = (&'a Value, &'a Value, bool, bool, bool, &'a str);

// What of a Pod its endpoint shows (`podEndpointsChanged`).
fn facts(pod: &Object) -> Facts<'_> {
    (
        pod.metadata().get("labels"),
        pod.status().get("podIPs"),
        is_ready(pod),
        is_terminal(pod),
        pod.is_terminating(),
        pod.spec().get("nodeName").str(),
    )
}

/// Whether the condition Ready is true.
pub fn is_ready(pod: &Object) -> bool {
    let mut conditions = pod.status().get("conditions").items().iter();
    conditions.any(|c| c.get("type").str() == "Ready" && c.get("status").str() == "True")
}

/// A Pod's address, "" if it has none yet.
pub fn address(pod: &Object) -> &str {
    pod.status().get("podIP").str()
}

/// Whether a Pod belongs to the endpoints of a Service that selects it
/// (`ShouldPodBeInEndpoints`).
pub fn is_endpoint(pod: &Object, with_terminating: bool) -> bool {
    !is_terminal(pod) && !address(pod).is_empty() && (with_terminating || !pod.is_terminating())
}

/// The name under which a Pod is known in a Service, if it has one (`ShouldSetHostname`).
pub fn hostname<'a>(service: &Object, pod: &'a Object) -> Option<&'a str> {
    let hostname = pod.spec().get("hostname").as_str().filter(|name| !name.is_empty())?;
    let in_service = pod.spec().get("subdomain").str() == service.name()
        && pod.namespace() == service.namespace();
    in_service.then_some(hostname)
}

/// A reference to a Pod as endpoints carry it.
pub fn target_reference(pod: &Object) -> Value {
    value!({
        "kind": "Pod",
        "namespace": (pod.namespace()),
        "name": (pod.name()),
        "uid": (pod.uid()),
    })
}

/// What a Pod is in the slices of a Service.
pub struct Entry {
    /// Its endpoint.
    pub endpoint: Value,
    /// The ports of the slices that it belongs to.
    pub ports: Vec<Value>,
    /// Names of the ports that it does not have.
    pub missing: Vec<EcoString>,
    // What that follows from besides the Pod.
    service: Value,
    node: Value,
}

/// How many Pods are remembered: those of a Service that is not big.
const ENTRIES_MAX: usize = 256;

thread_local! {
    static KNOWN: RefCell<Memory<Entry>> = const { RefCell::new(Memory::new(ENTRIES_MAX)) };
}

impl Entry {
    /// A Pod in the slices of a Service, worked out once for each version of the Pod.
    pub fn of(lister: Lister<'_>, service: &Object, pod: &Object) -> Rc<Self> {
        let node = lister.find(Kind::Node, "", pod.spec().get("nodeName").str());
        let node = node.map_or(&Value::Null, |node| &node.value);
        let make = || {
            let endpoint = pool::settled_part(&endpoint(lister, service, pod));
            let (ports, missing) = ports(service, pod);
            Entry { endpoint, ports, missing, service: service.value.clone(), node: node.clone() }
        };
        let entry = KNOWN.with_borrow_mut(|known| known.of(&pod.value, make));
        let is_same_node = node.is_null() && entry.node.is_null() || node.is_same(&entry.node);
        match entry.service.is_same(&service.value) && is_same_node {
            true => entry,
            false => Rc::new(make()),
        }
    }
}

/// A Pod as an entry of an EndpointSlice.
pub fn endpoint(lister: Lister<'_>, service: &Object, pod: &Object) -> Value {
    let (serving, terminating) = (is_ready(pod), pod.is_terminating());
    let published = service.spec().get("publishNotReadyAddresses").is_true();
    let mut endpoint = value!({
        "addresses": [(address(pod))],
        "conditions": {
            "ready": (published || (serving && !terminating)),
            "serving": serving,
            "terminating": terminating,
        },
        "targetRef": (target_reference(pod)),
    });
    let node_name = pod.spec().get("nodeName").str();
    if !node_name.is_empty() {
        endpoint.set(&["nodeName"], node_name);
    }
    let node = lister.find(Kind::Node, "", node_name);
    if let Some(zone) = node.and_then(|node| node.label("topology.kubernetes.io/zone")) {
        endpoint.set(&["zone"], zone);
    }
    if let Some(hostname) = hostname(service, pod) {
        endpoint.set(&["hostname"], hostname);
    }
    endpoint
}

/// The ports of a Pod's endpoint, and the names of those that it does not have.
pub fn ports(service: &Object, pod: &Object) -> (Vec<Value>, Vec<EcoString>) {
    let (mut ports, mut missing) = (Vec::new(), Vec::new());
    for port in service.spec().get("ports").items() {
        let Some(number) = target_port(port, pod) else {
            missing.push(port.get("targetPort").str().into());
            continue;
        };
        let mut entry = value!({
            "name": (port.get("name").str()),
            "port": number,
            "protocol": (port.get("protocol").as_str().unwrap_or("TCP")),
        });
        if let Some(protocol) = port.get("appProtocol").as_str() {
            entry.set(&["appProtocol"], protocol);
        }
        ports.push(entry);
    }
    (ports, missing)
}

/// The number of a Pod's port that a Service port leads to (`podutil.FindPort`).
pub fn target_port(port: &Value, pod: &Object) -> Option<i64> {
    let target = port.get("targetPort");
    if let Some(number) = target.as_i64() {
        return Some(number);
    }
    let Some(name) = target.as_str().filter(|name| !name.is_empty()) else {
        return port.get("port").as_i64();
    };
    let protocol = port.get("protocol").as_str().unwrap_or("TCP");
    let spec = pod.spec();
    let is_sidecar = |c: &&Value| c.get("restartPolicy").str() == "Always";
    let sidecars = spec.get("initContainers").items().iter().filter(is_sidecar);
    let mut ports = spec
        .get("containers")
        .items()
        .iter()
        .chain(sidecars)
        .flat_map(|container| container.get("ports").items());
    let is_it = |port: &&Value| {
        port.get("name").str() == name && port.get("protocol").as_str().unwrap_or("TCP") == protocol
    };
    ports.find(is_it)?.get("containerPort").as_i64()
}

/// Labels that every endpoints object of a Service carries: the Service's, and whether it is
/// headless.
pub fn labels(service: &Object) -> Value {
    let mut labels = service.metadata().get("labels").clone();
    if labels.is_null() {
        labels = Value::object();
    }
    let headless = "service.kubernetes.io/headless";
    match is_headless(service) {
        true => labels.set(&[headless], ""),
        false => {
            labels.remove(&[headless]);
        }
    }
    labels
}

/// Notes when the endpoints were last changed by something outside.
pub const LAST_CHANGE: &str = "endpoints.kubernetes.io/last-change-trigger-time";
