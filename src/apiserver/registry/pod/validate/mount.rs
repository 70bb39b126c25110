//! Volume mounts and block devices of a container.
//!
//! Models `ValidateVolumeMounts` and `ValidateVolumeDevices`.

use super::Volumes;
use super::volume::local_descending_path;
use crate::api::status::FieldError;
use crate::api::value::Value;
use crate::apiserver::registry::validation::Errors;
use crate::apiserver::registry::validation::numbers::one_of;

/// Complaints about mounts.
pub fn mounts(errors: &mut Errors, path: &str, container: &Value, volumes: &Volumes) {
    let list = format!("{path}.volumeMounts");
    let devices = container.get("volumeDevices").items();
    let mounts = container.get("volumeMounts").items();
    for (index, mount) in mounts.iter().enumerate() {
        let path = format!("{list}[{index}]");
        let (name, place) = (mount.get("name").str(), mount.get("mountPath").str());
        name_of_volume(errors, &path, name, volumes);
        let place_path = format!("{path}.mountPath");
        if place.is_empty() {
            errors.push(FieldError::required(&place_path, ""));
        }
        let mut invalid = |path: &str, value: &str, why: &str| {
            errors.push(FieldError::invalid(path, &value.into(), why));
        };
        if mounts.iter().take(index).any(|other| other.get("mountPath").str() == place) {
            invalid(&place_path, place, "must be unique");
        }
        if devices.iter().any(|device| device.get("name").str() == name) {
            invalid(&format!("{path}.name"), name, "must not already exist in volumeDevices");
        }
        if devices.iter().any(|device| device.get("devicePath").str() == place) {
            invalid(&place_path, place, "must not already exist as a path in volumeDevices");
        }
        below(errors, &list, &path, mount);
        propagation(errors, &list, mount, container);
    }
}

fn name_of_volume(errors: &mut Errors, path: &str, name: &str, volumes: &Volumes) {
    let path = format!("{path}.name");
    if name.is_empty() {
        errors.push(FieldError::required(&path, ""));
    }
    if !volumes.contains_key(name) {
        errors.push(FieldError::not_found(&path, &name.into()));
    }
}

// Upstream names the list, not the item, where it complains about subPath.
fn below(errors: &mut Errors, list: &str, path: &str, mount: &Value) {
    let (plain, expression) = (mount.get("subPath").str(), mount.get("subPathExpr").str());
    if !plain.is_empty() {
        local_descending_path(errors, &format!("{list}.subPath"), plain);
    }
    if !expression.is_empty() {
        if !plain.is_empty() {
            let why = "subPathExpr and subPath are mutually exclusive";
            let path = format!("{path}.subPathExpr");
            errors.push(FieldError::invalid(&path, &expression.into(), why));
        }
        local_descending_path(errors, &format!("{list}.subPathExpr"), expression);
    }
}

fn propagation(errors: &mut Errors, list: &str, mount: &Value, container: &Value) {
    let mode = mount.get("mountPropagation");
    if mode.is_null() {
        return;
    }
    let path = format!("{list}.mountPropagation");
    one_of(errors, &path, mode, &["Bidirectional", "HostToContainer", "None"]);
    let privileged = container.path(&["securityContext", "privileged"]).is_true();
    if mode.str() == "Bidirectional" && !privileged {
        let why = "Bidirectional mount propagation is available only to privileged containers";
        errors.push(FieldError::forbidden(&path, why));
    }
}

/// Complaints about block devices.
pub fn devices(errors: &mut Errors, path: &str, container: &Value, volumes: &Volumes) {
    let mounts = container.get("volumeMounts").items();
    let devices = container.get("volumeDevices").items();
    for (index, device) in devices.iter().enumerate() {
        let path = format!("{path}.volumeDevices[{index}]");
        let (name, place) = (device.get("name").str(), device.get("devicePath").str());
        let (name_path, place_path) = (format!("{path}.name"), format!("{path}.devicePath"));
        let before = || devices.iter().take(index);
        let mut invalid = |path: &str, value: &str, why: &str| {
            errors.push(FieldError::invalid(path, &value.into(), why));
        };
        if !name.is_empty() && before().any(|other| other.get("name").str() == name) {
            invalid(&name_path, name, "must be unique");
        }
        let claims = ["persistentVolumeClaim", "ephemeral"];
        match volumes.get(name) {
            Some(volume) if claims.iter().all(|claim| volume.get(claim).is_null()) => invalid(
                &name_path,
                name,
                "can only use volume source type of PersistentVolumeClaim or Ephemeral for block \
                 mode",
            ),
            Some(_) => {}
            None => errors.push(FieldError::not_found(&name_path, &name.into())),
        }
        if name.is_empty() {
            errors.push(FieldError::required(&name_path, ""));
        }
        if place.is_empty() {
            errors.push(FieldError::required(&place_path, ""));
        }
        let mut invalid = |path: &str, value: &str, why: &str| {
            errors.push(FieldError::invalid(path, &value.into(), why));
        };
        if before().any(|other| other.get("devicePath").str() == place) {
            invalid(&place_path, place, "must be unique");
        }
        if place.split('/').any(|part| part == "..") {
            invalid(&place_path, place, "can not contain backsteps ('..')");
        }
        if mounts.iter().any(|mount| mount.get("name").str() == name) {
            invalid(&name_path, name, "must not already exist in volumeMounts");
        }
        if mounts.iter().any(|mount| mount.get("mountPath").str() == place) {
            invalid(&place_path, place, "must not already exist as a path in volumeMounts");
        }
    }
}
