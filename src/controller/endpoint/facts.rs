//! What a Pod is as an address of Endpoints, worked out once for each version of the Pod.
//!
//! Upstream does it for every Pod of a Service whenever one of them changes; here a Pod that has
//! not changed costs a look-up.

use std::cell::RefCell;
use std::rc::Rc;

use crate::api::memory::Memory;
use crate::api::object::Object;
use crate::api::value::{EcoString, Value};
use crate::controller::endpointslice::endpoint;
use crate::value;

/// How many Pods are remembered.
const FACTS_MAX: usize = 2048;

/// The octets of an address, by which addresses are sorted.
pub type Octets = [u32; 4];

/// A Pod as Endpoints see it.
pub struct Facts {
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
        let address = address(pod);
        let spec = pod.spec();
        let (hostname, subdomain) = (spec.get("hostname").str(), spec.get("subdomain").str());
        let named = (!hostname.is_empty()).then(|| {
            let mut address = address.clone();
            address.set(&["hostname"], hostname);
            (subdomain.into(), address)
        });
        Facts { address, named }
    }

    /// The entry of the Pod in the Endpoints of a Service of its namespace.
    pub fn address(&self, service: &Object) -> &Value {
        let named = self.named.as_ref().filter(|(subdomain, _)| subdomain == service.name());
        named.map_or(&self.address, |(_, address)| address)
    }
}

/// The octets of an address.
pub fn octets(address: &str) -> Octets {
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
        assert_eq!(octets("10.244.1.2"), [10, 244, 1, 2]);
        assert_eq!(first.address(&service("nginx")).get("hostname").str(), "web-0");
        assert!(first.address(&service("other")).get("hostname").is_null());
        pod.set(&["status", "podIP"], "10.244.1.3");
        assert_eq!(of(&pod).address(&service("other")).get("ip").str(), "10.244.1.3");
        assert_eq!(first.address(&service("other")).get("ip").str(), "10.244.1.2");
    }
}
