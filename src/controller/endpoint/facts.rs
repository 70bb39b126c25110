//! What a Pod is as an address of Endpoints, worked out once for each version of the Pod.
//!
//! Upstream does it for every Pod of a Service whenever one of them changes; here a Pod that has
//! not changed costs a look-up.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use crate::api::memory::Memory;
use crate::api::object::Object;
use crate::api::pool;
use crate::api::value::{EcoString, Value};
use crate::controller::endpointslice::endpoint;
use crate::value;

/// How many Pods are remembered.
const FACTS_MAX: usize = 2048;

/// The octets of an address, by which addresses are sorted.
pub type Octets = [u32; 4];

/// A Pod as Endpoints see it.
pub struct Facts {
    /// The octets of its address.
    pub octets: Octets,
    /// Whether its condition Ready is true.
    pub is_ready: bool,
    // Among all endpoints, and among those that are not being deleted.
    is_endpoint: [bool; 2],
    entry: OnceCell<Entry>,
}

// The entry of a Pod: of many it is never asked for.
struct Entry {
    address: Value,
    // The address with the Pod's hostname, for the Service of this name.
    named: Option<(EcoString, Value)>,
}

thread_local! {
    static KNOWN: RefCell<Memory<Facts>> = const { RefCell::new(Memory::new(FACTS_MAX)) };
}

/// The facts about a Pod.
pub fn of(pod: &Object) -> Rc<Facts> {
    KNOWN.with_borrow_mut(|known| known.of(&pod.value, || Facts::of(pod)))
}

impl Facts {
    fn of(pod: &Object) -> Self {
        Facts {
            octets: octets(endpoint::address(pod)),
            is_ready: endpoint::is_ready(pod),
            is_endpoint: [true, false].map(|all| endpoint::is_endpoint(pod, all)),
            entry: OnceCell::new(),
        }
    }

    /// As `endpoint::is_endpoint` has it.
    pub fn is_endpoint(&self, with_terminating: bool) -> bool {
        self.is_endpoint[usize::from(!with_terminating)]
    }

    /// The entry of the Pod in the Endpoints of a Service of its namespace.
    pub fn address(&self, pod: &Object, service: &Object) -> &Value {
        let entry = self.entry.get_or_init(|| Entry::of(pod));
        let named = entry.named.as_ref().filter(|(subdomain, _)| subdomain == service.name());
        named.map_or(&entry.address, |(_, address)| address)
    }
}

impl Entry {
    fn of(pod: &Object) -> Self {
        let address = pool::settled_part(&address(pod));
        let spec = pod.spec();
        let (hostname, subdomain) = (spec.get("hostname").str(), spec.get("subdomain").str());
        let named = (!hostname.is_empty()).then(|| {
            let mut address = address.clone();
            address.set(&["hostname"], hostname);
            (subdomain.into(), pool::settled_part(&address))
        });
        Entry { address, named }
    }
}

fn octets(address: &str) -> Octets {
    let mut octets = Octets::default();
    for (octet, part) in octets.iter_mut().zip(address.split('.')) {
        *octet = part.parse().unwrap_or(0);
    }
    octets
}

fn address(pod: &Object) -> Value {
    let mut address = value!({
        "ip": (endpoint::address(pod)),
        "targetRef": (endpoint::target_reference(pod)),
    });
    let node = pod.spec().get("nodeName").str();
    if !node.is_empty() {
        address.set(&["nodeName"], node);
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scheme::Kind;

    #[test]
    fn what_has_changed_is_looked_at_again() {
        let service = |name: &str| Object::new(Kind::Service, value!({"metadata": {"name": name}}));
        let mut pod = Object::new(
            Kind::Pod,
            value!({
                "metadata": {"name": "web-0", "labels": {"app": "web"}},
                "spec": {"hostname": "web-0", "subdomain": "nginx"},
                "status": {"podIP": "10.244.1.2"},
            }),
        );
        let first = of(&pod);
        assert!(Rc::ptr_eq(&first, &of(&pod)));
        assert_eq!(first.octets, [10, 244, 1, 2]);
        assert_eq!(first.address(&pod, &service("nginx")).get("hostname").str(), "web-0");
        assert!(first.address(&pod, &service("other")).get("hostname").is_null());
        let conditions = value!([{"type": "Ready", "status": "True"}]);
        pod.set(&["status"], value!({"podIP": "10.244.1.3", "conditions": conditions}));
        assert_eq!(of(&pod).address(&pod, &service("other")).get("ip").str(), "10.244.1.3");
        assert_eq!((first.is_ready, of(&pod).is_ready), (false, true));
    }
}
