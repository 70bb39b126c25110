//! Volumes of a Pod and the spec of a claim.
//!
//! Models `ValidateVolumes`, `validateVolumeSource` and `ValidatePersistentVolumeClaimSpec`.

use super::Volumes;
use super::environment;
use crate::api::quantity::Quantity;
use crate::api::status::FieldError;
use crate::api::value::Value;
use crate::apiserver::registry::validation::numbers::{one_of, quantity_positive};
use crate::apiserver::registry::validation::{Errors, names, selector};
use crate::apiserver::registry::volume_source;

const MANY: &str = "may not specify more than 1 volume type";

// In the order in which upstream looks at them; the first one found is the volume's.
const SOURCES: &[&str] = &[
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
];

/// Complaints about volumes; gives those without any.
pub fn volumes<'a>(errors: &mut Errors, path: &str, volumes: &'a Value) -> Volumes<'a> {
    let mut valid = Volumes::new();
    for (index, volume) in volumes.items().iter().enumerate() {
        let path = format!("{path}[{index}]");
        let before = errors.len();
        source(errors, &path, volume);
        let name = volume.get("name").str();
        let name_path = format!("{path}.name");
        match name {
            "" => errors.push(FieldError::required(&name_path, "")),
            name => names::add(errors, &name_path, name, names::dns_label(name)),
        }
        if valid.contains_key(name) {
            errors.push(FieldError::duplicate(&name_path, &name.into()));
        }
        if errors.len() == before {
            valid.insert(name, volume);
        }
    }
    valid
}

fn source(errors: &mut Errors, path: &str, volume: &Value) {
    let mut present = SOURCES.iter().filter(|source| !volume.get(source).is_null());
    let Some(first) = present.next() else {
        errors.push(FieldError::required(path, "must specify a volume type"));
        return;
    };
    one_source(errors, &format!("{path}.{first}"), first, volume.get(first));
    for other in present {
        errors.push(FieldError::forbidden(&format!("{path}.{other}"), MANY));
    }
}

fn one_source(errors: &mut Errors, path: &str, kind: &str, source: &Value) {
    match kind {
        "emptyDir" => {
            if Quantity::of(source.get("sizeLimit")) < Quantity::ZERO {
                let why = "SizeLimit field must be a valid resource quantity";
                errors.push(FieldError::forbidden(&format!("{path}.sizeLimit"), why));
            }
        }
        "hostPath" => host_path(errors, path, source),
        "nfs" => nfs(errors, path, source),
        "secret" => {
            required(errors, path, source, "secretName");
            files(errors, path, source);
        }
        "configMap" => {
            required(errors, path, source, "name");
            files(errors, path, source);
        }
        "downwardAPI" => {
            mode(errors, &format!("{path}.defaultMode"), source.get("defaultMode"));
            downward_files(errors, path, source);
        }
        "projected" => projected(errors, path, source),
        "csi" => volume_source::csi_driver(errors, path, source),
        "ephemeral" => {
            let path = format!("{path}.volumeClaimTemplate");
            let template = source.get("volumeClaimTemplate");
            if template.is_null() {
                errors.push(FieldError::required(&path, ""));
            } else {
                claim_spec(errors, &format!("{path}.spec"), template.get("spec"));
            }
        }
        other => volume_source::check(errors, path, other, source),
    }
}

/// A field that must not be empty.
pub fn required(errors: &mut Errors, path: &str, value: &Value, field: &str) {
    if value.get(field).str().is_empty() {
        errors.push(FieldError::required(&format!("{path}.{field}"), ""));
    }
}

/// Complaints about a path on a node.
pub fn host_path(errors: &mut Errors, path: &str, source: &Value) {
    let target = source.get("path").str();
    if target.is_empty() {
        errors.push(FieldError::required(&format!("{path}.path"), ""));
        return;
    }
    no_backsteps(errors, &format!("{path}.path"), target);
    let supported = [
        "",
        "BlockDevice",
        "CharDevice",
        "Directory",
        "DirectoryOrCreate",
        "File",
        "FileOrCreate",
        "Socket",
    ];
    one_of(errors, &format!("{path}.type"), source.get("type"), &supported);
}

/// Complaints about a network share.
pub fn nfs(errors: &mut Errors, path: &str, source: &Value) {
    required(errors, path, source, "server");
    let target = source.get("path").str();
    required(errors, path, source, "path");
    if !target.starts_with('/') {
        let why = "must be an absolute path";
        errors.push(FieldError::invalid(&format!("{path}.path"), &target.into(), why));
    }
}

/// `validatePathNoBacksteps`
pub fn no_backsteps(errors: &mut Errors, path: &str, target: &str) {
    if target.split('/').any(|part| part == "..") {
        errors.push(FieldError::invalid(path, &target.into(), "must not contain '..'"));
    }
}

/// `validateLocalDescendingPath`
pub fn local_descending_path(errors: &mut Errors, path: &str, target: &str) {
    if target.starts_with('/') {
        errors.push(FieldError::invalid(path, &target.into(), "must be a relative path"));
    }
    no_backsteps(errors, path, target);
}

// Models validateLocalNonReservedPath.
fn file_path(errors: &mut Errors, path: &str, target: &str) {
    local_descending_path(errors, path, target);
    if target.starts_with("..") && !target.starts_with("../") {
        errors.push(FieldError::invalid(path, &target.into(), "must not start with '..'"));
    }
}

fn mode(errors: &mut Errors, path: &str, mode: &Value) {
    if mode.as_i64().is_some_and(|mode| !(0..=0o777).contains(&mode)) {
        let why = "must be a number between 0 and 0777 (octal), both inclusive";
        errors.push(FieldError::invalid(path, mode, why));
    }
}

fn files(errors: &mut Errors, path: &str, source: &Value) {
    mode(errors, &format!("{path}.defaultMode"), source.get("defaultMode"));
    for (index, item) in source.get("items").items().iter().enumerate() {
        let path = format!("{path}.items[{index}]");
        required(errors, &path, item, "key");
        required(errors, &path, item, "path");
        file_path(errors, &format!("{path}.path"), item.get("path").str());
        mode(errors, &format!("{path}.mode"), item.get("mode"));
    }
}

const DOWNWARD_FIELDS: &[&str] = &[
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
];

// Upstream names the volume, not the item.
fn downward_files(errors: &mut Errors, path: &str, source: &Value) {
    for item in source.get("items").items() {
        required(errors, path, item, "path");
        file_path(errors, &format!("{path}.path"), item.get("path").str());
        let (field, resource) = (item.get("fieldRef"), item.get("resourceFieldRef"));
        if !field.is_null() {
            if !resource.is_null() {
                let why = "fieldRef and resourceFieldRef can not be specified simultaneously";
                errors.push(FieldError::invalid(path, &"resource".into(), why));
            }
            environment::field(errors, &format!("{path}.fieldRef"), field, DOWNWARD_FIELDS);
        } else if !resource.is_null() {
            environment::resource(errors, &format!("{path}.resourceFieldRef"), resource, true);
        } else {
            let why = "one of fieldRef and resourceFieldRef is required";
            errors.push(FieldError::required(path, why));
        }
        mode(errors, &format!("{path}.mode"), item.get("mode"));
    }
}

fn projected(errors: &mut Errors, path: &str, source: &Value) {
    mode(errors, &format!("{path}.defaultMode"), source.get("defaultMode"));
    for (index, source) in source.get("sources").items().iter().enumerate() {
        let path = format!("{path}.sources[{index}]");
        let kinds = ["secret", "configMap", "downwardAPI", "serviceAccountToken"];
        let present = kinds.iter().filter(|kind| !source.get(kind).is_null());
        for (count, kind) in present.enumerate() {
            if count > 0 {
                let why = "may not specify more than 1 volume type per source";
                errors.push(FieldError::forbidden(&path, why));
                continue;
            }
            let (path, projection) = (format!("{path}.{kind}"), source.get(kind));
            match *kind {
                "downwardAPI" => downward_files(errors, &path, projection),
                "serviceAccountToken" => token(errors, &path, projection),
                _ => {
                    required(errors, &path, projection, "name");
                    files(errors, &path, projection);
                }
            }
        }
    }
}

fn token(errors: &mut Errors, path: &str, token: &Value) {
    let seconds = token.get("expirationSeconds");
    if seconds.as_i64().is_some_and(|seconds| seconds < 600) {
        let why = "may not specify a duration less than 10 minutes";
        errors.push(FieldError::invalid(&format!("{path}.expirationSeconds"), seconds, why));
    }
    required(errors, path, token, "path");
    file_path(errors, &format!("{path}.path"), token.get("path").str());
}

/// Complaints about access modes, except that there are none.
pub fn access_modes(errors: &mut Errors, path: &str, modes: &Value) {
    let supported = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
    for mode in modes.items() {
        one_of(errors, path, mode, &supported);
    }
    let is_exclusive = |mode: &Value| mode.str() == "ReadWriteOncePod";
    if modes.items().len() > 1 && modes.items().iter().any(is_exclusive) {
        let why = "may not use ReadWriteOncePod with other access modes";
        errors.push(FieldError::forbidden(path, why));
    }
}

/// Complaints about the spec of a claim.
pub fn claim_spec(errors: &mut Errors, path: &str, spec: &Value) {
    let modes_path = format!("{path}.accessModes");
    if spec.get("accessModes").items().is_empty() {
        let why = "at least 1 access mode is required";
        errors.push(FieldError::required(&modes_path, why));
    }
    if !spec.get("selector").is_null() {
        selector::label_selector(errors, &format!("{path}.selector"), spec.get("selector"));
    }
    access_modes(errors, &modes_path, spec.get("accessModes"));
    let storage = spec.path(&["resources", "requests", "storage"]);
    let storage_path = format!("{path}.resources[storage]");
    match storage.is_null() {
        true => errors.push(FieldError::required(&storage_path, "")),
        false => quantity_positive(errors, &storage_path, storage),
    }
    let class = spec.get("storageClassName").str();
    if !class.is_empty() {
        let path = format!("{path}.storageClassName");
        names::add(errors, &path, class, names::dns_subdomain(class));
    }
    if !spec.get("volumeMode").is_null() {
        let mode = spec.get("volumeMode");
        one_of(errors, &format!("{path}.volumeMode"), mode, &["Block", "Filesystem"]);
    }
    data_sources(errors, path, spec);
    let attributes = spec.get("volumeAttributesClassName").str();
    if !attributes.is_empty() {
        let path = format!("{path}.volumeAttributesClassName");
        names::add(errors, &path, attributes, names::dns_subdomain(attributes));
    }
}

// Models validateDataSource, validateDataSourceRef and what they mean for each other.
fn data_sources(errors: &mut Errors, path: &str, spec: &Value) {
    for field in ["dataSource", "dataSourceRef"] {
        let (path, source) = (format!("{path}.{field}"), spec.get(field));
        if source.is_null() {
            continue;
        }
        required(errors, &path, source, "name");
        required(errors, &path, source, "kind");
        let group = source.get("apiGroup").str();
        if group.is_empty() && source.get("kind").str() != "PersistentVolumeClaim" {
            let why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
            errors.push(FieldError::invalid(&path, source.get("kind"), why));
        } else if !group.is_empty() {
            let path = format!("{path}.apiGroup");
            names::add(errors, &path, group, names::dns_subdomain(group));
        }
    }
    let (source, reference) = (spec.get("dataSource"), spec.get("dataSourceRef"));
    let is_same = ["apiGroup", "kind", "name"].iter().all(|f| source.get(f) == reference.get(f));
    if !source.is_null() && !reference.is_null() && !is_same {
        // Upstream gives the path of the field for its value, of which nothing can be written.
        errors.push(FieldError::invalid_as_written(path, "{}", "must match dataSourceRef"));
    }
}
