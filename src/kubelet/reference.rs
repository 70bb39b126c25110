//! Values that a Pod takes from its own fields, its resources, ConfigMaps and Secrets.
//!
//! Models `pkg/fieldpath`, `pkg/api/v1/resource` and what `pkg/kubelet/kubelet_pods.go` reads
//! with them.

use crate::api::object::Object;
use crate::api::pod::condition;
use crate::api::quantity::Quantity;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::client::Lister;

/// A Pod with what its references lead to.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The Pod.
    pub pod: &'a Object,
    /// Its address, "" before it has one.
    pub address: &'a str,
    /// Its node's name.
    pub node: &'a str,
    /// Its node's address.
    pub host: &'a str,
    /// Everything else.
    pub lister: Lister<'a>,
}

impl Source<'_> {
    /// The value of a field of the Pod, as `fieldRef` names it.
    ///
    /// Models pkg/fieldpath/fieldpath.go ExtractFieldPathAsString.
    pub fn field(&self, path: &str) -> EcoString {
        let metadata = self.pod.metadata();
        match subscript(path) {
            Some(("annotations", key)) => return self.annotations().get(key).str().into(),
            Some((list, key)) => return metadata.path(&[list, key]).str().into(),
            None => {}
        }
        match path {
            "metadata.name" => self.pod.name().into(),
            "metadata.namespace" => self.pod.namespace().into(),
            "metadata.uid" => self.pod.uid().into(),
            "metadata.labels" => lines(metadata.get("labels")),
            "metadata.annotations" => lines(&self.annotations()),
            "spec.nodeName" => self.node.into(),
            "spec.serviceAccountName" => self.pod.spec().get("serviceAccountName").str().into(),
            "status.podIP" | "status.podIPs" => self.address.into(),
            "status.hostIP" | "status.hostIPs" => self.host.into(),
            _ => EcoString::new(),
        }
    }

    // Those of the Pod, and what the kubelet notes on its own copy.
    //
    // Models pkg/kubelet/config/config.go updatePodsFunc. When it was seen first is told to the
    // second, as the scheduler did.
    fn annotations(&self) -> Value {
        let mut all = self.pod.metadata().get("annotations").clone();
        let scheduled = condition(self.pod, "PodScheduled").map(|c| c.get("lastTransitionTime"));
        let seen = scheduled.filter(|at| !at.is_null());
        let seen = seen.unwrap_or_else(|| self.pod.metadata().get("creationTimestamp"));
        all.set(&["kubernetes.io/config.seen"], seen.clone());
        all.set(&["kubernetes.io/config.source"], "api");
        all
    }

    /// A request or limit of a container, in units of the divisor; without a limit what the node
    /// has to give.
    ///
    /// Models pkg/api/v1/resource/helpers.go ExtractContainerResourceValue.
    pub fn resource(&self, container: &Value, reference: &Value) -> EcoString {
        let name = reference.get("resource").str();
        let (list, resource) = name.split_once('.').unwrap_or((name, ""));
        let of = |value: &Value| (!value.is_null()).then(|| Quantity::of(value));
        let own = of(container.path(&["resources", list, resource]));
        let allocatable = || {
            let node = self.lister.find(Kind::Node, "", self.node)?;
            of(node.path(&["status", "allocatable", resource]))
        };
        let amount = match list {
            "limits" => own.filter(|q| !q.is_zero()).or_else(allocatable),
            _ => own,
        };
        let amount = amount.unwrap_or_default();
        let divisor = match reference.get("divisor") {
            Value::Null => Quantity::from_units(1),
            divisor => Quantity::of(divisor),
        };
        let divisor = if divisor.is_zero() { Quantity::from_units(1) } else { divisor };
        let (amount, divisor) = match resource {
            "cpu" => (amount.milli(), divisor.milli().max(1)),
            _ => (amount.units(), divisor.units().max(1)),
        };
        let rounded_up = amount / divisor + i64::from(amount % divisor > 0);
        rounded_up.to_string().into()
    }

    /// All keys of a ConfigMap with their contents.
    pub fn config_map(&self, name: &str) -> Option<Vec<(EcoString, Vec<u8>)>> {
        let found = self.lister.find(Kind::ConfigMap, self.pod.namespace(), name)?;
        let texts = found.path(&["data"]).entries();
        let mut data: Vec<_> =
            texts.map(|(key, text)| (key.clone(), text.str().as_bytes().to_vec())).collect();
        data.extend(decoded(found.path(&["binaryData"])));
        data.sort();
        Some(data)
    }

    /// All keys of a Secret with their contents.
    pub fn secret(&self, name: &str) -> Option<Vec<(EcoString, Vec<u8>)>> {
        let found = self.lister.find(Kind::Secret, self.pod.namespace(), name)?;
        Some(decoded(found.path(&["data"])))
    }
}

// `metadata.labels['app']`
fn subscript(path: &str) -> Option<(&str, &str)> {
    let (list, rest) = path.strip_prefix("metadata.")?.split_once("['")?;
    Some((list, rest.strip_suffix("']")?))
}

// `key="value"` lines, as downwardAPI files carry maps (FormatMap).
fn lines(map: &Value) -> EcoString {
    let line = |(key, value): (&EcoString, &Value)| {
        format!("{key}={}", crate::api::go::quote(value.str()))
    };
    map.entries().map(line).collect::<Vec<_>>().join("\n").into()
}

fn decoded(map: &Value) -> Vec<(EcoString, Vec<u8>)> {
    map.entries().map(|(key, text)| (key.clone(), decode_base64(text.str()))).collect()
}

/// Standard base64; what is no part of it is skipped.
pub fn decode_base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bits, mut count, mut out) = (0u32, 0, Vec::new());
    for value in text.bytes().filter_map(digit) {
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded() {
        assert_eq!(decode_base64("cGFzc3dvcmQ="), b"password");
        assert_eq!(decode_base64(""), b"");
    }

    #[test]
    fn subscripts_are_read() {
        assert_eq!(subscript("metadata.labels['a/b']"), Some(("labels", "a/b")));
        assert_eq!(subscript("metadata.labels"), None);
    }
}
