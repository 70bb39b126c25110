//! Rows of claims, volumes and classes.
//!
//! Models printPersistentVolumeClaim, printPersistentVolume, printStorageClass of
//! `pkg/printers/internalversion/printers.go`.

use super::{TableDefinition, age, column, wide};
use crate::api::object::Object;
use crate::api::value::Value;

/// The table of PersistentVolumeClaims.
pub const PERSISTENT_VOLUME_CLAIM: TableDefinition = TableDefinition {
    columns: &[
        column("Name"),
        column("Status"),
        column("Volume"),
        column("Capacity"),
        column("Access Modes"),
        column("StorageClass"),
        column("VolumeAttributesClass"),
        column("Age"),
        wide("VolumeMode"),
    ],
    row: |claim, now| {
        let volume = claim.spec().get("volumeName").str();
        let (capacity, modes) = match volume {
            "" => (String::new(), String::new()),
            _ => (
                capacity(claim.status().get("capacity")),
                access_modes(claim.status().get("accessModes")),
            ),
        };
        vec![
            claim.name().into(),
            phase(claim),
            volume.into(),
            capacity,
            modes,
            class(claim).into(),
            or_unset(claim.spec().get("volumeAttributesClassName")),
            age(claim, now),
            or_unset(claim.spec().get("volumeMode")),
        ]
    },
};

/// The table of PersistentVolumes.
pub const PERSISTENT_VOLUME: TableDefinition = TableDefinition {
    columns: &[
        column("Name"),
        column("Capacity"),
        column("Access Modes"),
        column("Reclaim Policy"),
        column("Status"),
        column("Claim"),
        column("StorageClass"),
        column("VolumeAttributesClass"),
        column("Reason"),
        column("Age"),
        wide("VolumeMode"),
    ],
    row: |volume, now| {
        let claim = volume.spec().get("claimRef");
        let claim = match claim.get("name").str() {
            "" => String::new(),
            name => format!("{}/{name}", claim.get("namespace").str()),
        };
        vec![
            volume.name().into(),
            capacity(volume.spec().get("capacity")),
            access_modes(volume.spec().get("accessModes")),
            volume.spec().get("persistentVolumeReclaimPolicy").str().into(),
            phase(volume),
            claim,
            class(volume).into(),
            or_unset(volume.spec().get("volumeAttributesClassName")),
            volume.status().get("reason").str().into(),
            age(volume, now),
            or_unset(volume.spec().get("volumeMode")),
        ]
    },
};

/// The table of StorageClasses.
pub const STORAGE_CLASS: TableDefinition = TableDefinition {
    columns: &[
        column("Name"),
        column("Provisioner"),
        column("ReclaimPolicy"),
        column("VolumeBindingMode"),
        column("AllowVolumeExpansion"),
        column("Age"),
    ],
    row: |class, now| {
        let or = |field: &str, default: &str| match class.value.get(field).str() {
            "" => default.to_string(),
            text => text.to_string(),
        };
        vec![
            class.name().into(),
            class.value.get("provisioner").str().into(),
            or("reclaimPolicy", "Delete"),
            or("volumeBindingMode", "Immediate"),
            class.value.get("allowVolumeExpansion").is_true().to_string(),
            age(class, now),
        ]
    },
};

/// The default class in a list, which alone is marked: of several the newest, on a tie the first
/// (`printStorageClassList`).
pub fn default_class(classes: &[Object]) -> Option<&str> {
    let newest_first = |class: &&Object| std::cmp::Reverse(class.created_at());
    let defaults = classes.iter().filter(|class| is_default(class));
    defaults.min_by_key(newest_first).map(Object::name)
}

fn is_default(class: &Object) -> bool {
    let names = [
        "storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class",
    ];
    names.iter().any(|name| class.annotation(name) == Some("true"))
}

fn phase(object: &Object) -> String {
    match object.is_terminating() {
        true => "Terminating".into(),
        false => object.status().get("phase").str().into(),
    }
}

/// The class by the old annotation or the field (`GetPersistentVolumeClaimClass`).
fn class(object: &Object) -> &str {
    let annotated = object.annotation("volume.beta.kubernetes.io/storage-class");
    annotated.unwrap_or_else(|| object.spec().get("storageClassName").str())
}

fn capacity(capacity: &Value) -> String {
    match capacity.get("storage") {
        Value::Null => "0".into(),
        Value::Int(number) => number.to_string(),
        storage => storage.str().into(),
    }
}

/// Short names of access modes in a fixed order, each once (`GetAccessModesAsString`).
pub fn access_modes(modes: &Value) -> String {
    const SHORT: [(&str, &str); 4] = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let has = |mode: &str| modes.items().iter().any(|m| m.str() == mode);
    let shown: Vec<&str> =
        SHORT.iter().filter(|(mode, _)| has(mode)).map(|(_, short)| *short).collect();
    shown.join(",")
}

fn or_unset(value: &Value) -> String {
    match value.str() {
        "" => "<unset>".into(),
        text => text.into(),
    }
}
