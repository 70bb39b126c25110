//! EndpointSlices by the Pods in them, kept up to date with every write.
//!
//! Models what `k8s.io/endpointslice` keeps beside its informers (`EndpointSliceTracker`), so
//! that the change of one Pod never costs a look at all slices of a big Service.

use imbl::{OrdMap, OrdSet};

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};

/// Label with the name of the Service that a slice belongs to.
pub const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// In which slices Pods are; follows from the objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EndpointIndex {
    // Namespace, name of the Pod, name of the slice: one set takes less room than one for each.
    pairs: OrdSet<(EcoString, EcoString, EcoString)>,
    // By namespace and name.
    services: OrdMap<(EcoString, EcoString), Slices>,
}

// The slices of a Service: how many endpoints each holds, and all together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Slices {
    sizes: OrdMap<EcoString, usize>,
    total: usize,
}

impl EndpointIndex {
    /// Names of the slices in which a Pod is.
    pub fn slices_with<'a>(
        &'a self,
        namespace: &'a str,
        pod: &str,
    ) -> impl Iterator<Item = &'a EcoString> {
        let pod = EcoString::from(pod);
        let start = (EcoString::from(namespace), pod.clone(), EcoString::new());
        let pairs = self.pairs.range(start..);
        let is_its = move |(n, p, _): &&(EcoString, EcoString, EcoString)| {
            n.as_str() == namespace && *p == pod
        };
        pairs.take_while(is_its).map(|(_, _, slice)| slice)
    }

    /// How many endpoints the slices of a Service hold.
    pub fn count(&self, namespace: &str, service: &str) -> usize {
        self.slices_of(namespace, service).map_or(0, |slices| slices.total)
    }

    /// The slices of a Service, by name, with the number of endpoints in each.
    pub fn sizes(
        &self,
        namespace: &str,
        service: &str,
    ) -> impl Iterator<Item = (&EcoString, usize)> {
        let slices = self.slices_of(namespace, service);
        slices.into_iter().flat_map(|slices| slices.sizes.iter()).map(|(name, size)| (name, *size))
    }

    fn slices_of(&self, namespace: &str, service: &str) -> Option<&Slices> {
        self.services.get(&(namespace.into(), service.into()))
    }

    /// Takes note that `previous` became `current`.
    pub(super) fn changed(&mut self, previous: Option<&Object>, current: Option<&Object>) {
        let Some(slice) = current.or(previous).filter(|o| o.kind == Kind::EndpointSlice) else {
            return;
        };
        if let Some(previous) = previous {
            self.forget_size(previous);
        }
        if let Some(current) = current {
            self.keep_size(current);
        }
        let (old, new) = (endpoints(previous), endpoints(current));
        // Mostly one endpoint changes and its neighbours stay where they were.
        for (index, endpoint) in old.iter().enumerate() {
            if new.get(index).is_none_or(|new| is_another(new, endpoint)) {
                self.remove(slice, pod(endpoint));
            }
        }
        for (index, endpoint) in new.iter().enumerate() {
            if old.get(index).is_none_or(|old| is_another(old, endpoint)) {
                self.insert(slice, pod(endpoint));
            }
        }
    }

    fn keep_size(&mut self, slice: &Object) {
        let Some(key) = service_key(slice) else { return };
        let (slices, size) = (self.services.entry(key).or_default(), endpoints(Some(slice)).len());
        slices.total += size;
        slices.sizes.insert(slice.name().into(), size);
    }

    fn forget_size(&mut self, slice: &Object) {
        let Some(key) = service_key(slice) else { return };
        let Some(slices) = self.services.get_mut(&key) else { return };
        slices.total -= slices.sizes.remove(slice.name()).unwrap_or(0);
        if slices.sizes.is_empty() {
            self.services.remove(&key);
        }
    }

    fn insert(&mut self, slice: &Object, pod: &str) {
        self.pairs.insert(pair(slice, pod));
    }

    fn remove(&mut self, slice: &Object, pod: &str) {
        self.pairs.remove(&pair(slice, pod));
    }
}

// Namespace and name of a slice's Service.
fn service_key(slice: &Object) -> Option<(EcoString, EcoString)> {
    Some((slice.namespace().into(), slice.label(SERVICE_NAME)?.into()))
}

fn pair(slice: &Object, pod: &str) -> (EcoString, EcoString, EcoString) {
    (slice.namespace().into(), pod.into(), slice.name().into())
}

fn is_another(a: &Value, b: &Value) -> bool {
    !a.is_same(b) && pod(a) != pod(b)
}

fn endpoints(slice: Option<&Object>) -> &[Value] {
    slice.map_or(&[], |slice| slice.value.get("endpoints").items())
}

fn pod(endpoint: &Value) -> &str {
    endpoint.path(&["targetRef", "name"]).str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    fn slice(name: &str, pods: &[&str]) -> Object {
        let endpoint = |pod: &&str| value!({"targetRef": {"kind": "Pod", "name": (*pod)}});
        let endpoints: Vec<Value> = pods.iter().map(endpoint).collect();
        let labels = value!({SERVICE_NAME: "nginx"});
        let metadata = value!({"name": name, "namespace": "default", "labels": labels});
        let content = value!({"metadata": metadata, "endpoints": endpoints});
        Object::new(Kind::EndpointSlice, content)
    }

    fn slices_with(index: &EndpointIndex, pod: &str) -> Vec<String> {
        index.slices_with("default", pod).map(|name| name.to_string()).collect()
    }

    #[test]
    fn pods_move_between_slices_and_places() {
        let mut index = EndpointIndex::default();
        let (a, shifted) = (slice("a", &["web-0", "web-1", "web-2"]), slice("a", &["web-1"]));
        let b = slice("b", &["web-1", "web-0"]);
        index.changed(None, Some(&a));
        index.changed(None, Some(&b));
        assert_eq!(slices_with(&index, "web-1"), ["a", "b"]);
        assert_eq!((index.count("default", "nginx"), index.count("default", "b")), (5, 0));
        index.changed(Some(&a), Some(&shifted));
        assert_eq!(slices_with(&index, "web-0"), ["b"]);
        assert_eq!(slices_with(&index, "web-1"), ["a", "b"]);
        assert_eq!(slices_with(&index, "web-2"), [""; 0]);
        index.changed(Some(&shifted), None);
        index.changed(Some(&b), None);
        assert_eq!(index, EndpointIndex::default());
    }
}
