//! What is wrong with volumes, claims and classes.
//!
//! Models `ValidatePersistentVolume*` in `pkg/apis/core/validation` and `pkg/apis/storage/validation`.

use crate::api::object::Object;
use crate::api::quantity::Quantity;
use crate::api::status::FieldError;
use crate::api::types::{find, internal};
use crate::api::value::Value;

use super::pod::validate as pod;
use super::validation::metadata::IMMUTABLE;
use super::validation::numbers::{one_of, quantity_positive};
use super::validation::{Errors, diff, names, selector};
use super::volume_source;

// Names the class in old manifests.
const BETA_STORAGE_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

// In the order in which upstream looks at them.
const SOURCES: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

/// Complaints about the spec of a volume.
pub fn volume(errors: &mut Errors, volume: &Object) {
    let spec = volume.spec();
    let modes = spec.get("accessModes");
    if modes.items().is_empty() {
        errors.push(FieldError::required("spec.accessModes", ""));
    }
    pod::access_modes(errors, "spec.accessModes", modes);
    capacity(errors, spec.get("capacity"));
    let policy = spec.get("persistentVolumeReclaimPolicy");
    let supported = ["Delete", "Recycle", "Retain"];
    one_of(errors, "spec.persistentVolumeReclaimPolicy", policy, &supported);
    let affinity = spec.path(&["nodeAffinity", "required"]);
    if !affinity.is_null() {
        selector::node_selector(errors, "spec.nodeAffinity.required", affinity);
    } else if !spec.get("nodeAffinity").is_null() {
        let why = "must specify required node constraints";
        errors.push(FieldError::required("spec.nodeAffinity.required", why));
    }
    sources(errors, spec);
    let root = spec.path(&["hostPath", "path"]).str();
    let is_root = !root.is_empty() && root.chars().all(|c| c == '/');
    if is_root && policy.str() == "Recycle" {
        let why = "may not be 'recycle' for a hostPath mount of '/'";
        errors.push(FieldError::forbidden("spec.persistentVolumeReclaimPolicy", why));
    }
    class_name(errors, spec);
    let mode = spec.get("volumeMode");
    if !mode.is_null() {
        one_of(errors, "spec.volumeMode", mode, &["Block", "Filesystem"]);
    }
    attributes_class(errors, spec);
}

fn attributes_class(errors: &mut Errors, spec: &Value) {
    let (path, class) = ("spec.volumeAttributesClassName", spec.get("volumeAttributesClassName"));
    if class.is_null() {
        return;
    }
    match class.str() {
        "" => errors.push(FieldError::required(path, "an empty string is disallowed")),
        name => names::add(errors, path, name, names::dns_subdomain(name)),
    }
    if spec.get("csi").is_null() {
        let why = "has to be specified when using volumeAttributesClassName";
        errors.push(FieldError::required("spec.csi", why));
    }
}

fn class_name(errors: &mut Errors, spec: &Value) {
    let class = spec.get("storageClassName").str();
    if !class.is_empty() {
        names::add(errors, "spec.storageClassName", class, names::dns_subdomain(class));
    }
}

fn capacity(errors: &mut Errors, capacity: &Value) {
    if capacity.as_object().is_none_or(|map| map.is_empty()) {
        errors.push(FieldError::required("spec.capacity", ""));
    }
    let storage = capacity.get("storage");
    if storage.is_null() || capacity.as_object().is_some_and(|map| map.len() > 1) {
        let supported = ["storage"];
        errors.push(FieldError::not_supported("spec.capacity", capacity, &supported));
    }
    for (name, amount) in capacity.entries() {
        if name != "storage" {
            continue;
        }
        let path = format!("spec.capacity[{name}]");
        // Whole units as upstream counts them, which may overflow.
        let units = Quantity::of(amount).units();
        if units < 0 {
            let why = "must be a valid resource quantity";
            errors.push(FieldError::invalid(&path, &units.into(), why));
        }
        quantity_positive(errors, &path, amount);
    }
}

fn sources(errors: &mut Errors, spec: &Value) {
    let mut present = SOURCES.iter().filter(|source| !spec.get(source).is_null());
    let Some(first) = present.next() else {
        errors.push(FieldError::required("spec", "must specify a volume type"));
        return;
    };
    let (path, source) = (format!("spec.{first}"), spec.get(first));
    match *first {
        "hostPath" => pod::host_path(errors, &path, source),
        "nfs" => pod::nfs(errors, &path, source),
        "local" => {
            pod::required(errors, &path, source, "path");
            pod::no_backsteps(errors, &format!("{path}.path"), source.get("path").str());
            if spec.path(&["nodeAffinity", "required"]).is_null() {
                let why = "Local volume requires node affinity";
                errors.push(FieldError::required("spec.nodeAffinity", why));
            }
        }
        "csi" => {
            volume_source::csi_driver(errors, &path, source);
            pod::required(errors, &path, source, "volumeHandle");
            volume_source::csi_secrets(errors, &path, source);
        }
        other => volume_source::check(errors, &path, other, source),
    }
    for other in present {
        let why = "may not specify more than 1 volume type";
        errors.push(FieldError::forbidden(&format!("spec.{other}"), why));
    }
}

/// What the client should know about a volume (`pvutil.GetWarningsForPersistentVolume`).
pub fn volume_warnings(volume: &Object) -> Vec<String> {
    let recycles = volume.spec().get("persistentVolumeReclaimPolicy").str() == "Recycle";
    let warning = "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. \
                   Instead, the recommended approach is to use dynamic provisioning.";
    recycles.then(|| warning.to_string()).into_iter().collect()
}

/// Complaints about a change of what is fixed in a volume.
pub fn volume_immutable(errors: &mut Errors, volume: &Object, existing: &Object) {
    let (new, old) = (volume.spec(), existing.spec());
    let lines = |spec: &Value| internal::indented("PersistentVolumeSource", &source_only(spec));
    let (before, after) = (lines(old), lines(new));
    if before != after {
        let difference = diff::unified(&before, &after);
        let why = format!("spec.persistentvolumesource is immutable after creation\n{difference}");
        errors.push(FieldError::forbidden("spec.persistentvolumesource", &why));
    }
    if new.get("volumeMode") != old.get("volumeMode") {
        errors.push(FieldError::invalid("volumeMode", new.get("volumeMode"), IMMUTABLE));
    }
    let (affinity, before) = (new.get("nodeAffinity"), old.get("nodeAffinity"));
    if !before.is_null() && affinity != before {
        let why = format!("{IMMUTABLE}, except for updating from beta label to GA");
        let mut error = FieldError::invalid("nodeAffinity", &Value::Null, &why);
        if !affinity.is_null() {
            error.value = internal::compact("VolumeNodeAffinity", affinity).into();
        }
        errors.push(error);
    }
    attributes_class_kept(errors, new, old);
}

fn attributes_class_kept(errors: &mut Errors, new: &Value, old: &Value) {
    let field = "volumeAttributesClassName";
    if !old.get(field).is_null() && new.get(field).is_null() {
        let why = "update from non-nil value to nil is forbidden";
        errors.push(FieldError::forbidden(&format!("spec.{field}"), why));
    }
}

fn source_only(spec: &Value) -> Value {
    let fields = find("PersistentVolumeSource").map_or(&[][..], |found| &found.fields);
    let present = fields.iter().filter(|field| !spec.get(field.json).is_null());
    let mut source = Value::object();
    for field in present {
        source.set(&[field.json], spec.get(field.json));
    }
    source
}

/// Complaints about a change of what is fixed in a claim.
///
/// Models `ValidatePersistentVolumeClaimUpdate`.
pub fn claim_immutable(errors: &mut Errors, claim: &Object, existing: &Object) {
    let (new, old) = (claim.spec(), existing.spec());
    if claim.annotation(BETA_STORAGE_CLASS) != existing.annotation(BETA_STORAGE_CLASS) {
        let path = format!("metadata.annotations.{BETA_STORAGE_CLASS}");
        let value = claim.annotation(BETA_STORAGE_CLASS).unwrap_or_default().into();
        errors.push(FieldError::invalid(&path, &value, IMMUTABLE));
    }
    let bound = existing.status().get("phase").str() == "Bound";
    let mut allowed = new.clone();
    let amount = ["resources", "requests", "storage"];
    if old.get("volumeName").str().is_empty() {
        keep(&mut allowed, old, &["volumeName"]);
    }
    if old.get("storageClassName").is_null() && !new.get("storageClassName").is_null() {
        keep(&mut allowed, old, &["storageClassName"]);
    }
    if bound {
        keep(&mut allowed, old, &amount);
        keep(&mut allowed, old, &["volumeAttributesClassName"]);
    }
    if &allowed != old {
        let lines = |spec: &Value| internal::indented("PersistentVolumeClaimSpec", spec);
        let difference = diff::unified(&lines(old), &lines(&allowed));
        let why = format!(
            "spec is immutable after creation except resources.requests and \
             volumeAttributesClassName for bound claims\n{difference}"
        );
        errors.push(FieldError::forbidden("spec", &why));
    }
    let wanted = Quantity::of(new.path(&amount));
    let capacity = existing.path(&["status", "capacity", "storage"]);
    let shrinks = wanted < Quantity::of(old.path(&amount));
    if bound && shrinks && wanted <= Quantity::of(capacity) {
        let why = "field can not be less than status.capacity";
        errors.push(FieldError::forbidden("spec.resources.requests.storage", why));
    }
    if new.get("volumeMode") != old.get("volumeMode") {
        errors.push(FieldError::invalid("volumeMode", new.get("volumeMode"), IMMUTABLE));
    }
    attributes_class_kept(errors, new, old);
}

fn keep(allowed: &mut Value, old: &Value, path: &[&str]) {
    match old.path(path) {
        Value::Null => {
            allowed.remove(path);
        }
        value => allowed.set(path, value),
    }
}

/// Complaints about a class.
pub fn class(errors: &mut Errors, class: &Object) {
    let provisioner = class.path(&["provisioner"]).str();
    match provisioner {
        "" => errors.push(FieldError::required("provisioner", "")),
        // Upstream looks at the lower-case form and shows it.
        name => {
            let lower = name.to_lowercase();
            names::add(errors, "provisioner", &lower, names::qualified_name(&lower));
        }
    }
    let policy = class.path(&["reclaimPolicy"]);
    one_of(errors, "reclaimPolicy", policy, &["Delete", "Retain"]);
    let mode = class.path(&["volumeBindingMode"]);
    one_of(errors, "volumeBindingMode", mode, &["Immediate", "WaitForFirstConsumer"]);
    for (name, _) in class.path(&["parameters"]).entries() {
        if name.is_empty() {
            let why = "field must not be empty.";
            errors.push(FieldError::invalid("parameters", &"".into(), why));
        }
    }
    topologies(errors, class.path(&["allowedTopologies"]));
}

// Models validateAllowedTopologies and ValidateTopologySelectorTerm.
fn topologies(errors: &mut Errors, topologies: &Value) {
    for (index, term) in topologies.items().iter().enumerate() {
        let requirements = term.get("matchLabelExpressions").items();
        for (number, requirement) in requirements.iter().enumerate() {
            let path = format!("allowedTopologies[{index}].matchLabelExpressions[{number}]");
            let values = requirement.get("values").items();
            if values.is_empty() {
                errors.push(FieldError::required(&format!("{path}.values"), ""));
            }
            for (place, value) in values.iter().enumerate() {
                if values.iter().take(place).any(|other| other == value) {
                    errors.push(FieldError::duplicate(&format!("{path}.values[{place}]"), value));
                }
            }
            let key = requirement.get("key");
            names::add(errors, &format!("{path}.key"), key.str(), names::qualified_name(key.str()));
            if requirements.iter().take(number).any(|other| other.get("key") == key) {
                errors.push(FieldError::duplicate(&format!("{path}.key"), key));
            }
        }
        if topologies.items().iter().take(index).any(|other| other == term) {
            let path = format!("allowedTopologies[{index}].matchLabelExpressions");
            errors.push(FieldError::duplicate(&path, &"".into()));
        }
    }
}

/// Complaints about a change of what is fixed in a class; the value shown is always null.
pub fn class_immutable(errors: &mut Errors, class: &Object, existing: &Object) {
    for field in ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"] {
        if class.path(&[field]) != existing.path(&[field]) {
            errors.push(FieldError::invalid(field, &Value::Null, IMMUTABLE));
        }
    }
}
