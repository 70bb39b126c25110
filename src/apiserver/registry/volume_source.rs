//! What volumes of clouds and storage systems have to say, in a Pod or in a PersistentVolume.
//!
//! Models the small functions `validate*VolumeSource` of `pkg/apis/core/validation`.

use super::validation::numbers::{one_of, within};
use super::validation::{Errors, names};
use crate::api::status::FieldError;
use crate::api::value::Value;

// Fields that must not be empty, by kind of volume.
const REQUIRED: &[(&str, &[&str])] = &[
    ("gcePersistentDisk", &["pdName"]),
    ("awsElasticBlockStore", &["volumeID"]),
    ("glusterfs", &["endpoints", "path"]),
    ("rbd", &["monitors", "image"]),
    ("cinder", &["volumeID"]),
    ("cephfs", &["monitors"]),
    ("flexVolume", &["driver"]),
    ("azureFile", &["secretName", "shareName"]),
    ("azureDisk", &["diskName", "diskURI"]),
    ("vsphereVolume", &["volumePath"]),
    ("photonPersistentDisk", &["pdID"]),
    ("portworxVolume", &["volumeID"]),
    ("scaleIO", &["gateway", "system", "volumeName"]),
    ("storageos", &["volumeName"]),
    ("quobyte", &["registry", "volume"]),
    ("iscsi", &["targetPortal", "iqn"]),
    ("gitRepo", &["repository"]),
    ("persistentVolumeClaim", &["claimName"]),
    ("image", &["reference"]),
];

/// Complaints about a source of which only plain rules are known.
pub fn check(errors: &mut Errors, path: &str, kind: &str, source: &Value) {
    // Upstream calls this one differently.
    let path = path.replace("gcePersistentDisk", "persistentDisk");
    let fields = REQUIRED.iter().find(|(known, _)| *known == kind);
    for field in fields.map_or(&[][..], |(_, fields)| fields) {
        let value = source.get(field);
        if value.str().is_empty() && value.items().is_empty() {
            errors.push(FieldError::required(&format!("{path}.{field}"), ""));
        }
    }
    match kind {
        "gcePersistentDisk" | "awsElasticBlockStore" => {
            let (path, partition) = (format!("{path}.partition"), source.get("partition"));
            if partition.as_i64().is_some_and(|number| !(0..=255).contains(&number)) {
                let why = "must be between 1 and 255, inclusive";
                errors.push(FieldError::invalid(&path, partition, why));
            }
        }
        "iscsi" => iscsi(errors, &path, source),
        "azureDisk" => azure_disk(errors, &path, source),
        _ => {}
    }
}

fn iscsi(errors: &mut Errors, path: &str, source: &Value) {
    let name = source.get("iqn").str();
    let is_known = ["iqn", "eui", "naa"].iter().any(|start| name.starts_with(start));
    if !name.is_empty() && !is_known {
        let why = "must be valid format starting with iqn, eui, or naa";
        errors.push(FieldError::invalid(&format!("{path}.iqn"), &name.into(), why));
    }
    within(errors, &format!("{path}.lun"), source.get("lun"), 0, 255);
}

fn azure_disk(errors: &mut Errors, path: &str, source: &Value) {
    let choices: [(&str, &[&str]); 2] = [
        ("cachingMode", &["None", "ReadOnly", "ReadWrite"]),
        ("kind", &["Dedicated", "Managed", "Shared"]),
    ];
    for (field, supported) in choices {
        if !source.get(field).is_null() {
            one_of(errors, &format!("{path}.{field}"), source.get(field), supported);
        }
    }
}

/// Complaints about the driver of a CSI volume (`ValidateCSIDriverName`).
pub fn csi_driver(errors: &mut Errors, path: &str, source: &Value) {
    let (path, driver) = (format!("{path}.driver"), source.get("driver").str());
    if driver.is_empty() {
        errors.push(FieldError::required(&path, ""));
        return;
    }
    if driver.len() > 63 {
        errors.push(FieldError::too_long(&path, "may not be more than 63 bytes"));
    }
    names::add(errors, &path, driver, names::dns_subdomain(&driver.to_lowercase()));
}

/// Complaints about references to Secrets of a CSI volume (`validatePVSecretReference`).
pub fn csi_secrets(errors: &mut Errors, path: &str, source: &Value) {
    let fields = ["controllerPublish", "controllerExpand", "nodePublish", "nodeExpand"];
    for field in fields.map(|field| format!("{field}SecretRef")) {
        let reference = source.get(&field);
        if reference.is_null() {
            continue;
        }
        let (name, namespace) = (reference.get("name").str(), reference.get("namespace").str());
        let parts = [
            ("name", name, names::dns_subdomain(name)),
            ("namespace", namespace, names::dns_label(namespace)),
        ];
        for (part, text, sentences) in parts {
            let path = format!("{path}.{field}.{part}");
            match text {
                "" => errors.push(FieldError::required(&path, "")),
                text => names::add(errors, &path, text, sentences),
            }
        }
    }
}
