//! Small kinds: Secrets, classes, ranges, endpoints.
//!
//! Models their defaults in `pkg/apis/{core,discovery,scheduling,storage}` and the merging of a
//! Secret's `stringData` in `pkg/apis/core/v1/conversion.go`.

use crate::api::object::Object;
use crate::api::quantity::rounded_to_milli;
use crate::api::value::Value;

use super::defaulting::{absent, each, empty, within};

/// A Secret has a type; its text becomes data.
pub fn default_secret(secret: &mut Object) {
    empty(&mut secret.value, "type", "Opaque");
    let Some(texts) = secret.value.remove(&["stringData"]) else {
        return;
    };
    for (key, text) in texts.entries() {
        secret.set(&["data", key], base64(text.str().as_bytes()));
    }
}

/// Standard base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for position in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * position) & 63) as usize] as char;
            out.push(if position <= chunk.len() { digit } else { '=' });
        }
    }
    out
}

/// The bytes behind standard base64; what is no digit is left out.
pub fn from_base64(text: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => Some(c - b'A'),
        b'a'..=b'z' => Some(c - b'a' + 26),
        b'0'..=b'9' => Some(c - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bits, mut count, mut bytes) = (0u32, 0, Vec::new());
    for value in text.bytes().filter_map(digit) {
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

/// A StorageClass deletes and binds at once.
pub fn default_storage_class(class: &mut Object) {
    absent(&mut class.value, "reclaimPolicy", "Delete");
    absent(&mut class.value, "volumeBindingMode", "Immediate");
}

/// A PriorityClass preempts.
pub fn default_priority_class(class: &mut Object) {
    absent(&mut class.value, "preemptionPolicy", "PreemptLowerPriority");
}

/// A LimitRange's defaults follow from its maxima and minima.
///
/// Models `SetDefaults_LimitRangeItem`.
pub fn default_limit_range(range: &mut Object) {
    within(&mut range.value, "spec", |spec| {
        each(spec, "limits", |item| {
            if item.get("type").str() != "Container" {
                return;
            }
            inherit(item, "default", "max");
            inherit(item, "defaultRequest", "default");
            inherit(item, "defaultRequest", "min");
        });
    });
}

fn inherit(item: &mut Value, to: &str, from: &str) {
    let missing = item.get(from).entries().filter(|(name, _)| item.get(to).get(name).is_null());
    let missing: Vec<_> = missing.map(|(name, amount)| (name.clone(), amount.clone())).collect();
    for (name, amount) in missing {
        item.set(&[to, &name], amount);
    }
}

/// Ports of an EndpointSlice have a name and a protocol.
pub fn default_endpoint_slice(slice: &mut Object) {
    each(&mut slice.value, "ports", |port| {
        absent(port, "name", "");
        absent(port, "protocol", "TCP");
    });
}

/// Ports of Endpoints have a protocol.
pub fn default_endpoints(endpoints: &mut Object) {
    each(&mut endpoints.value, "subsets", |subset| {
        each(subset, "ports", |port| empty(port, "protocol", "TCP"));
    });
}

/// A PersistentVolume is retained and holds files.
pub fn default_persistent_volume(volume: &mut Object) {
    within(&mut volume.value, "spec", |spec| {
        empty(spec, "persistentVolumeReclaimPolicy", "Retain");
        empty(spec, "volumeMode", "Filesystem");
        within(spec, "hostPath", |path| absent(path, "type", ""));
        default_source(spec);
        within(spec, "capacity", round_up);
    });
}

/// Fills in what sources of storage systems leave out, in a Pod's volume or a PersistentVolume.
pub fn default_source(volume: &mut Value) {
    let texts = |source: &mut Value, defaults: &[(&str, &str)]| {
        for (field, text) in defaults {
            empty(source, field, text);
        }
    };
    within(volume, "iscsi", |iscsi| texts(iscsi, &[("iscsiInterface", "default")]));
    within(volume, "azureDisk", |disk| {
        texts(disk, &[("cachingMode", "ReadWrite"), ("kind", "Shared"), ("fsType", "ext4")]);
        absent(disk, "readOnly", false);
    });
    within(volume, "rbd", |rbd| {
        texts(rbd, &[("pool", "rbd"), ("user", "admin"), ("keyring", "/etc/ceph/keyring")]);
    });
    within(volume, "scaleIO", |source| {
        texts(source, &[("storageMode", "ThinProvisioned"), ("fsType", "xfs")]);
    });
}

/// Rounds amounts up to thousandths (`SetDefaults_ResourceList`).
pub fn round_up(list: &mut Value) {
    let rounded = |amount: &Value| match amount.as_str() {
        Some(text) => Some(rounded_to_milli(text)).filter(|rounded| rounded != text),
        None => None,
    };
    let changed: Vec<_> =
        list.entries().filter_map(|(k, v)| Some((k.clone(), rounded(v)?))).collect();
    for (name, amount) in changed {
        list.set(&[&name], amount);
    }
}

/// Says in both fields of a claim where its data is to come from, and drops what the older one
/// cannot say.
///
/// Models `DropDisabledFields`, `EnforceDataSourceBackwardsCompatibility` and
/// `NormalizeDataSources` in `pkg/api/persistentvolumeclaim`.
pub fn normalize_data_sources(claim: &mut Object) {
    let source = claim.spec().get("dataSource").clone();
    let is_known = match source.get("kind").str() {
        "PersistentVolumeClaim" => source.get("apiGroup").str().is_empty(),
        "VolumeSnapshot" => source.get("apiGroup").str() == "snapshot.storage.k8s.io",
        _ => false,
    };
    if !source.is_null() && !is_known {
        claim.value.remove(&["spec", "dataSource"]);
    }
    let source = claim.spec().get("dataSource").clone();
    // Sources in other namespaces are behind a gate that is shut.
    claim.value.remove(&["spec", "dataSourceRef", "namespace"]);
    let reference = claim.spec().get("dataSourceRef").clone();
    match (source.is_null(), reference.is_null()) {
        (false, true) => claim.set(&["spec", "dataSourceRef"], source),
        (true, false) => claim.set(&["spec", "dataSource"], reference),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_pads() {
        let encoded: Vec<_> =
            ["", "a", "ab", "abc", "s3cret"].map(|text| super::base64(text.as_bytes())).into();
        assert_eq!(super::from_base64("czNjcmV0"), b"s3cret");
        assert_eq!(encoded, ["", "YQ==", "YWI=", "YWJj", "czNjcmV0"]);
    }
}
