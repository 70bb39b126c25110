//! Which volume plugin a source belongs to, and whether this cluster has what it needs.
//!
//! Models `pkg/volume/plugins.go` (`FindPluginBySpec`), the list of plugins in
//! `cmd/kubelet/app/plugins.go` and `csi-translation-lib`, which turns the volumes of clouds into
//! CSI volumes. The nodes have no CSI driver but that of the provisioner beside them.

use crate::api::value::{EcoString, Value};
use crate::controller::persistentvolume::provision::DRIVER;

/// Who mounts a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plugin {
    /// The kubelet itself, or a driver that is installed.
    Ready,
    /// A CSI driver that is not installed; its volumes are attached to nodes first.
    Absent {
        /// The driver.
        driver: EcoString,
        /// The volume's name in the storage system.
        handle: EcoString,
        /// What messages call the volume, if it is declared in the Pod itself.
        inline_name: EcoString,
    },
    /// A CSI driver that is not installed and mounts what the Pod itself declares.
    AbsentInline(EcoString),
    /// The kubelet no longer has the plugin.
    Removed,
    /// Volumes from git repositories are switched off.
    GitRepo,
    /// The kubelet has the plugin, but what it does is not simulated.
    NotSimulated(&'static str),
}

// Volumes of clouds with the CSI driver that serves them and the field that names the volume.
const MIGRATED: &[(&str, &str, &str)] = &[
    ("awsElasticBlockStore", "ebs.csi.aws.com", "volumeID"),
    ("gcePersistentDisk", "pd.csi.storage.gke.io", "pdName"),
    ("azureDisk", "disk.csi.azure.com", "diskURI"),
    ("cinder", "cinder.csi.openstack.org", "volumeID"),
    ("vsphereVolume", "csi.vsphere.vmware.com", "volumePath"),
    ("portworxVolume", "pxd.portworx.com", "volumeID"),
];

const REMOVED: &[&str] = &[
    "glusterfs",
    "rbd",
    "cephfs",
    "flocker",
    "quobyte",
    "storageos",
    "scaleIO",
    "photonPersistentDisk",
    "flexVolume",
];

const NOT_SIMULATED: &[&str] = &["iscsi", "fc", "azureFile", "image"];

/// The plugin of a volume in a Pod, or of a PersistentVolume's spec.
pub fn of(source: &Value, is_persistent: bool) -> Plugin {
    let has = |kind: &str| !source.get(kind).is_null();
    if has("csi") {
        let driver = source.path(&["csi", "driver"]).str();
        let handle = source.path(&["csi", "volumeHandle"]).str().into();
        return match is_persistent {
            _ if driver == DRIVER => Plugin::Ready,
            true => Plugin::Absent { driver: driver.into(), handle, inline_name: EcoString::new() },
            false => Plugin::AbsentInline(driver.into()),
        };
    }
    if has("gitRepo") {
        return Plugin::GitRepo;
    }
    if let Some((kind, driver, field)) = MIGRATED.iter().find(|(kind, ..)| has(kind)) {
        let id = source.path(&[kind, field]).str();
        let handle = handle(kind, id);
        let shown = if *kind == "azureDisk" { source.path(&[kind, "diskName"]).str() } else { id };
        let inline_name = format!("{driver}-{shown}").into();
        return Plugin::Absent { driver: (*driver).into(), handle, inline_name };
    }
    if REMOVED.iter().any(|kind| has(kind)) {
        return Plugin::Removed;
    }
    match NOT_SIMULATED.iter().find(|kind| has(kind)) {
        Some(kind) => Plugin::NotSimulated(kind),
        None => Plugin::Ready,
    }
}

// What the translation makes of a volume's name (`TranslateInTreePVToCSI` of each plugin).
fn handle(kind: &str, id: &str) -> EcoString {
    match kind {
        "gcePersistentDisk" => format!("projects/UNSPECIFIED/zones/UNSPECIFIED/disks/{id}").into(),
        // aws://zone/vol-1
        "awsElasticBlockStore" => id.rsplit('/').next().unwrap_or(id).into(),
        _ => id.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn volumes_of_clouds_are_volumes_of_drivers() {
        let disk = value!({"awsElasticBlockStore": {"volumeID": "aws://us-east-1a/vol-1"}});
        let expected = Plugin::Absent {
            driver: "ebs.csi.aws.com".into(),
            handle: "vol-1".into(),
            inline_name: "ebs.csi.aws.com-aws://us-east-1a/vol-1".into(),
        };
        assert_eq!(of(&disk, true), expected);
        assert_eq!(of(&value!({"glusterfs": {"path": "a"}}), true), Plugin::Removed);
        assert_eq!(of(&value!({"nfs": {"path": "/a"}}), true), Plugin::Ready);
        let inline = value!({"csi": {"driver": "secrets-store.csi.k8s.io"}});
        assert_eq!(of(&inline, false), Plugin::AbsentInline("secrets-store.csi.k8s.io".into()));
    }
}
