//! Volumes of Pods, templates and PersistentVolumes by their source.
//!
//! Models describeVolumes and the print...VolumeSource functions of describe.go.

use super::Writer;
use super::volume_source;
use super::writer::{or, scalar};
use crate::api::quantity::Quantity;
use crate::api::value::Value;

/// Writes `Volumes:`; a template has `space` before its lines.
pub fn describe_volumes(volumes: &Value, w: &mut Writer, space: &str) {
    if volumes.items().is_empty() {
        return w.line(0, &format!("{space}Volumes:\t<none>"));
    }
    w.line(0, &format!("{space}Volumes:"));
    for volume in volumes.items() {
        let indent = if space.is_empty() { "" } else { " " };
        w.line(1, &format!("{indent}{}:", volume.get("name").str()));
        if !source(volume, w, false) {
            w.line(1, "<unknown>");
        }
    }
}

/// Writes a volume's source; false if it is of no kind known here.
pub fn source(volume: &Value, w: &mut Writer, is_persistent: bool) -> bool {
    let Some((kind, of)) = SOURCES.iter().find(|(kind, _)| !volume.get(kind).is_null()) else {
        return volume_source::listed(volume, w, is_persistent);
    };
    of(volume.get(kind), w);
    true
}

type Describe = fn(&Value, &mut Writer);

static SOURCES: &[(&str, Describe)] = &[
    ("hostPath", host_path),
    ("emptyDir", empty_dir),
    ("secret", secret),
    ("configMap", config_map),
    ("persistentVolumeClaim", claim),
    ("projected", projected),
    ("downwardAPI", downward_api),
    ("ephemeral", ephemeral),
    ("nfs", nfs),
    ("local", local),
    ("csi", csi),
];

fn fields(w: &mut Writer, kind: &str, fields: &[(&str, String)]) {
    w.field(2, "Type", kind);
    for (name, value) in fields {
        w.field(2, name, value);
    }
}

fn flag(value: &Value) -> String {
    value.is_true().to_string()
}

fn host_path(of: &Value, w: &mut Writer) {
    let kind = match of.get("type") {
        Value::Null => "<none>".to_string(),
        kind => kind.str().into(),
    };
    let list = [("Path", scalar(of.get("path"))), ("HostPathType", kind)];
    fields(w, "HostPath (bare host directory volume)", &list);
}

fn empty_dir(of: &Value, w: &mut Writer) {
    let limit = match Quantity::of(of.get("sizeLimit")).is_zero() {
        true => "<unset>".to_string(),
        false => scalar(of.get("sizeLimit")),
    };
    let list = [("Medium", scalar(of.get("medium"))), ("SizeLimit", limit)];
    fields(w, "EmptyDir (a temporary directory that shares a pod's lifetime)", &list);
}

fn secret(of: &Value, w: &mut Writer) {
    let list =
        [("SecretName", scalar(of.get("secretName"))), ("Optional", flag(of.get("optional")))];
    fields(w, "Secret (a volume populated by a Secret)", &list);
}

fn config_map(of: &Value, w: &mut Writer) {
    let list = [("Name", scalar(of.get("name"))), ("Optional", flag(of.get("optional")))];
    fields(w, "ConfigMap (a volume populated by a ConfigMap)", &list);
}

fn claim(of: &Value, w: &mut Writer) {
    let list = [("ClaimName", scalar(of.get("claimName"))), ("ReadOnly", flag(of.get("readOnly")))];
    let kind =
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)";
    fields(w, kind, &list);
}

fn projected(of: &Value, w: &mut Writer) {
    let kind = "Projected (a volume that contains injected data from multiple sources)";
    w.field(2, "Type", kind);
    for source in of.get("sources").items() {
        let (secret, map) = (source.get("secret"), source.get("configMap"));
        let token = source.get("serviceAccountToken");
        if !secret.is_null() {
            w.field(2, "SecretName", secret.get("name").str());
            w.field(2, "Optional", &flag(secret.get("optional")));
        } else if !source.get("downwardAPI").is_null() {
            w.field(2, "DownwardAPI", "true");
        } else if !map.is_null() {
            w.field(2, "ConfigMapName", map.get("name").str());
            w.field(2, "Optional", &flag(map.get("optional")));
        } else if !token.is_null() {
            w.field(2, "TokenExpirationSeconds", &scalar(token.get("expirationSeconds")));
        }
    }
}

fn downward_api(of: &Value, w: &mut Writer) {
    w.field(2, "Type", "DownwardAPI (a volume populated by information about the pod)");
    w.line(2, "Items:");
    for item in of.get("items").items() {
        let field = item.path(&["fieldRef", "fieldPath"]).str();
        let resource = item.path(&["resourceFieldRef", "resource"]).str();
        if !field.is_empty() {
            w.line(3, &format!("{field} -> {}", item.get("path").str()));
        }
        if !resource.is_empty() {
            w.line(3, &format!("{resource} -> {}", item.get("path").str()));
        }
    }
}

fn ephemeral(of: &Value, w: &mut Writer) {
    let kind = "EphemeralVolume (an inline specification for a volume that gets created and \
                deleted with the pod)";
    w.field(2, "Type", kind);
    let template = of.get("volumeClaimTemplate");
    let spec = template.get("spec");
    w.field(2, "StorageClass", spec.get("storageClassName").str());
    w.field(2, "Volume", spec.get("volumeName").str());
    let metadata = template.get("metadata");
    w.labels("    Labels", metadata.get("labels"));
    w.annotations("    Annotations", metadata.get("annotations"));
    w.field(2, "Capacity", "");
    w.field(2, "Access Modes", "");
    w.field_if(2, "VolumeMode", spec.get("volumeMode").str());
}

fn nfs(of: &Value, w: &mut Writer) {
    let list = [
        ("Server", scalar(of.get("server"))),
        ("Path", scalar(of.get("path"))),
        ("ReadOnly", flag(of.get("readOnly"))),
    ];
    fields(w, "NFS (an NFS mount that lasts the lifetime of a pod)", &list);
}

fn local(of: &Value, w: &mut Writer) {
    let list = [("Path", scalar(of.get("path")))];
    fields(w, "LocalVolume (a persistent volume backed by local storage on a node)", &list);
}

fn csi(of: &Value, w: &mut Writer) {
    w.field(2, "Type", "CSI (a Container Storage Interface (CSI) volume source)");
    w.field(2, "Driver", of.get("driver").str());
    w.field(2, "FSType", of.get("fsType").str());
    if !of.get("volumeHandle").is_null() {
        w.field(2, "VolumeHandle", of.get("volumeHandle").str());
    }
    w.field(2, "ReadOnly", &flag(of.get("readOnly")));
    let attributes: Vec<String> =
        of.get("volumeAttributes").entries().map(|(k, v)| format!("{k}={}", v.str())).collect();
    let first = attributes.first().map_or("", String::as_str);
    w.line(3, &format!("VolumeAttributes:\t{}", or(first, "<none>")));
    for attribute in attributes.iter().skip(1) {
        w.line(3, &format!("\t{attribute}"));
    }
}
