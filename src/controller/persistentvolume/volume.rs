//! Facts about claims and volumes that binder, scheduler and others share.
//!
//! Models `component-helpers/storage/volume/pv_helpers.go`.

use crate::api::object::Object;
use crate::api::quantity::Quantity;
use crate::api::scheme::Kind;
use crate::api::selector::{node_selector_matches, selector_matches};
use crate::api::value::Value;
use crate::client::Lister;

/// Set on a claim once its binding is complete.
pub const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
/// Set where the controller, not a user, chose the other side.
pub const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
/// Which provisioner made a volume.
pub const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";
/// Which provisioner is to make a volume for a claim; the older name stands beside it.
pub const STORAGE_PROVISIONER: &str = "volume.kubernetes.io/storage-provisioner";
/// The older name of [`STORAGE_PROVISIONER`].
pub const BETA_STORAGE_PROVISIONER: &str = "volume.beta.kubernetes.io/storage-provisioner";
/// On which node the scheduler wants a claim's Pod.
pub const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
/// Marks the default class.
pub const IS_DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";
/// The older name of [`IS_DEFAULT_CLASS`].
pub const BETA_IS_DEFAULT_CLASS: &str = "storageclass.beta.kubernetes.io/is-default-class";
/// Names the class of a claim or volume in old manifests; goes before the field.
pub const BETA_STORAGE_CLASS: &str = "volume.beta.kubernetes.io/storage-class";
/// A provisioner that makes nothing.
pub const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

/// The class of a claim or volume, "" for none (`GetPersistentVolumeClaimClass`).
pub fn class_name(object: &Object) -> &str {
    object
        .annotation(BETA_STORAGE_CLASS)
        .unwrap_or_else(|| object.spec().get("storageClassName").str())
}

/// Whether a claim says which class it wants, be it none.
pub fn names_class(claim: &Object) -> bool {
    claim.annotation(BETA_STORAGE_CLASS).is_some()
        || !claim.spec().get("storageClassName").is_null()
}

/// The class object of a claim.
pub fn class_of<'a>(lister: Lister<'a>, claim: &Object) -> Option<&'a Object> {
    lister.find(Kind::StorageClass, "", class_name(claim))
}

/// The default class: of several the newest, on a tie the first by name.
///
/// Models `pkg/volume/util/storageclass.go` `GetDefaultClass`.
pub fn default_class<'a>(lister: Lister<'a>) -> Option<&'a Object> {
    let marked = |class: &&Object| {
        [IS_DEFAULT_CLASS, BETA_IS_DEFAULT_CLASS]
            .iter()
            .any(|name| class.annotation(name) == Some("true"))
    };
    let newest_first = |class: &&Object| std::cmp::Reverse(class.created_at());
    lister.all(Kind::StorageClass).filter(marked).min_by_key(newest_first)
}

/// Whether a class binds only once a Pod is scheduled (`IsDelayBindingMode`).
pub fn is_delayed(class: Option<&Object>) -> bool {
    class.is_some_and(|c| c.value.get("volumeBindingMode").str() == "WaitForFirstConsumer")
}

/// Whether a claim is bound to the last annotation (`isPVCFullyBound`).
pub fn is_fully_bound(claim: &Object) -> bool {
    !claim.spec().get("volumeName").str().is_empty() && claim.annotation(BIND_COMPLETED).is_some()
}

/// Whether a volume's claimRef names this claim; a uid in it must agree
/// (`IsVolumeBoundToClaim`).
pub fn is_bound_to(volume: &Object, claim: &Object) -> bool {
    let reference = volume.spec().get("claimRef");
    !reference.is_null()
        && reference.get("name").str() == claim.name()
        && reference.get("namespace").str() == claim.namespace()
        && ["", claim.uid()].contains(&reference.get("uid").str())
}

/// What a claim asks for.
pub fn requested(claim: &Object) -> Quantity {
    Quantity::of(claim.path(&["spec", "resources", "requests", "storage"]))
}

/// How much a volume holds.
pub fn capacity(volume: &Object) -> Quantity {
    Quantity::of(volume.path(&["spec", "capacity", "storage"]))
}

/// `Filesystem` or `Block`.
pub fn volume_mode(object: &Object) -> &str {
    object.spec().get("volumeMode").as_str().unwrap_or("Filesystem")
}

/// Whether a volume offers every access mode that a claim asks for.
pub fn offers_modes(volume: &Object, claim: &Object) -> bool {
    let offered = volume.spec().get("accessModes").items();
    claim.spec().get("accessModes").items().iter().all(|mode| offered.contains(mode))
}

/// Whether a volume may be used on a node (`CheckNodeAffinity`).
pub fn fits_node(volume: &Object, node: &Object) -> bool {
    let required = volume.path(&["spec", "nodeAffinity", "required"]);
    required.is_null() || node_selector_matches(required, node)
}

/// Picks the volume for a claim: a reserved one, or the smallest that fits.
///
/// Models `component-helpers/storage/volume/pv_helpers.go` `FindMatchingVolume` on top of
/// `pkg/controller/volume/persistentvolume/index.go` `findByClaim`: volumes with fewer access
/// modes go first. Upstream leaves open which of equally big ones is taken; here it is the first
/// by name. With a node only volumes for that node count; without one a `delayed` claim gets
/// nothing but a reserved volume.
pub fn find_matching<'a>(
    volumes: &[&'a Object],
    claim: &Object,
    node: Option<&Object>,
    delayed: bool,
) -> Option<&'a Object> {
    let offering: Vec<&Object> =
        volumes.iter().copied().filter(|volume| offers_modes(volume, claim)).collect();
    let mut sizes: Vec<usize> = offering.iter().map(|v| mode_count(v)).collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes.iter().find_map(|size| {
        let group: Vec<&Object> =
            offering.iter().copied().filter(|v| mode_count(v) == *size).collect();
        find_in_group(&group, claim, node, delayed)
    })
}

fn mode_count(volume: &Object) -> usize {
    volume.spec().get("accessModes").items().len()
}

fn find_in_group<'a>(
    group: &[&'a Object],
    claim: &Object,
    node: Option<&Object>,
    delayed: bool,
) -> Option<&'a Object> {
    let possible = || group.iter().copied().filter(|v| is_possible(v, claim));
    let reserved = possible().find(|v| is_bound_to(v, claim));
    if let Some(volume) = reserved {
        return node.is_none_or(|node| fits_node(volume, node)).then_some(volume);
    }
    if delayed && node.is_none() {
        return None;
    }
    possible()
        .filter(|v| v.spec().get("claimRef").is_null() && is_free_match(v, claim))
        .filter(|v| node.is_none_or(|node| fits_node(v, node)))
        .min_by_key(|v| (capacity(v), v.name()))
}

fn is_possible(volume: &Object, claim: &Object) -> bool {
    (volume.spec().get("claimRef").is_null() || is_bound_to(volume, claim))
        && capacity(volume) >= requested(claim)
        && volume_mode(volume) == volume_mode(claim)
        && attributes_class(volume) == attributes_class(claim)
        && !volume.is_terminating()
}

fn attributes_class(object: &Object) -> &str {
    object.spec().get("volumeAttributesClassName").str()
}

fn is_free_match(volume: &Object, claim: &Object) -> bool {
    let selector = claim.spec().get("selector");
    volume.status().get("phase").str() == "Available"
        && (selector.is_null() || selector_matches(selector, volume.labels()))
        && class_name(volume) == class_name(claim)
}

/// A reference to a claim as a volume keeps it.
pub fn claim_reference(claim: &Object) -> Value {
    crate::value!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "name": (claim.name()),
        "namespace": (claim.namespace()),
        "resourceVersion": (claim.resource_version()),
        "uid": (claim.uid()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    fn volume(name: &str, size: &str, modes: &[&str]) -> Object {
        let modes: Value = modes.iter().copied().collect();
        let spec = value!({"capacity": {"storage": size}, "accessModes": modes});
        let status = value!({"phase": "Available"});
        let content = value!({"metadata": {"name": name}, "spec": spec, "status": status});
        Object::new(Kind::PersistentVolume, content)
    }

    fn claim(size: &str) -> Object {
        let spec = value!({
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}},
        });
        let metadata = value!({"name": "c", "namespace": "default", "uid": "u1"});
        let content = value!({"metadata": metadata, "spec": spec});
        Object::new(Kind::PersistentVolumeClaim, content)
    }

    fn found(volumes: &[Object], claim: &Object) -> Option<String> {
        let volumes: Vec<&Object> = volumes.iter().collect();
        find_matching(&volumes, claim, None, false).map(|v| v.name().to_string())
    }

    #[test]
    fn fewer_modes_go_before_a_tighter_fit() {
        let volumes = [
            volume("tight", "1Gi", &["ReadWriteOnce", "ReadWriteMany"]),
            volume("big", "9Gi", &["ReadWriteOnce"]),
            volume("small", "2Gi", &["ReadWriteOnce"]),
        ];
        assert_eq!(found(&volumes, &claim("1Gi")).as_deref(), Some("small"));
        assert_eq!(found(&volumes, &claim("3Gi")).as_deref(), Some("big"));
        assert_eq!(found(&volumes, &claim("10Gi")), None);
    }

    #[test]
    fn a_reserved_volume_is_taken_whatever_its_class() {
        let mut reserved = volume("kept", "5Gi", &["ReadWriteOnce"]);
        reserved.set(&["spec", "claimRef"], value!({"name": "c", "namespace": "default"}));
        reserved.set(&["spec", "storageClassName"], "gold");
        let volumes = [volume("free", "1Gi", &["ReadWriteOnce"]), reserved];
        assert_eq!(found(&volumes, &claim("1Gi")).as_deref(), Some("kept"));
        let mut stale = volumes[1].clone();
        stale.set(&["spec", "claimRef", "uid"], "older");
        assert_eq!(found(&[stale], &claim("1Gi")), None);
    }

    #[test]
    fn a_released_volume_is_not_available() {
        let mut released = volume("old", "1Gi", &["ReadWriteOnce"]);
        released.set(&["status", "phase"], "Released");
        assert_eq!(found(&[released], &claim("1Gi")), None);
    }
}
