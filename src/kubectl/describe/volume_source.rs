//! Volumes of clouds and storage systems, as describe shows them.
//!
//! Models the print...VolumeSource functions of describe.go that only list fields.

use super::Writer;
use super::writer::scalar;
use crate::api::value::Value;

// How Go prints a field.
#[derive(Clone, Copy)]
enum Form {
    // A string or number; absent is empty.
    Text,
    // A number; absent is 0.
    Number,
    // A bool; absent is false.
    Flag,
    // `[a b]`
    List,
    // A map: `map[a:b]`
    Map,
    // A string of its own for what is absent.
    Or(&'static str),
    // A pointer to a reference to a Secret.
    Secret,
}

type Field = (&'static str, &'static str, Form);

struct Kind {
    name: &'static str,
    sentence: &'static str,
    fields: &'static [Field],
}

use Form::{Flag, List, Map, Number, Or, Secret, Text};

const READ_ONLY: Field = ("ReadOnly", "readOnly", Flag);
const FS_TYPE: Field = ("FSType", "fsType", Text);
const SECRET: Field = ("SecretRef", "secretRef", Secret);
const VOLUME_ID: Field = ("VolumeID", "volumeID", Text);
const PARTITION: Field = ("Partition", "partition", Number);

static KINDS: &[Kind] = &[
    Kind {
        name: "gcePersistentDisk",
        sentence: "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
        fields: &[("PDName", "pdName", Text), FS_TYPE, PARTITION, READ_ONLY],
    },
    Kind {
        name: "awsElasticBlockStore",
        sentence: "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
        fields: &[VOLUME_ID, FS_TYPE, PARTITION, READ_ONLY],
    },
    Kind {
        name: "gitRepo",
        sentence: "GitRepo (a volume that is pulled from git when the pod is created)",
        fields: &[("Repository", "repository", Text), ("Revision", "revision", Text)],
    },
    Kind {
        name: "iscsi",
        sentence: "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and \
                   then exposed to the pod)",
        fields: &[
            ("TargetPortal", "targetPortal", Text),
            ("IQN", "iqn", Text),
            ("Lun", "lun", Number),
            // Upstream forgot the colon.
            ("ISCSIInterface\t", "iscsiInterface", Text),
            FS_TYPE,
            READ_ONLY,
            ("Portals", "portals", List),
            ("DiscoveryCHAPAuth", "chapAuthDiscovery", Flag),
            ("SessionCHAPAuth", "chapAuthSession", Flag),
            SECRET,
            ("InitiatorName", "initiatorName", Or("<none>")),
        ],
    },
    Kind {
        name: "glusterfs",
        sentence: "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)",
        fields: &[("EndpointsName", "endpoints", Text), ("Path", "path", Text), READ_ONLY],
    },
    Kind {
        name: "rbd",
        sentence: "RBD (a Rados Block Device mount on the host that shares a pod's lifetime)",
        fields: &[
            ("CephMonitors", "monitors", List),
            ("RBDImage", "image", Text),
            FS_TYPE,
            ("RBDPool", "pool", Text),
            ("RadosUser", "user", Text),
            ("Keyring", "keyring", Text),
            SECRET,
            READ_ONLY,
        ],
    },
    Kind {
        name: "quobyte",
        sentence: "Quobyte (a Quobyte mount on the host that shares a pod's lifetime)",
        fields: &[("Registry", "registry", Text), ("Volume", "volume", Text), READ_ONLY],
    },
    Kind {
        name: "azureDisk",
        sentence: "AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)",
        fields: &[
            ("DiskName", "diskName", Text),
            ("DiskURI", "diskURI", Text),
            ("Kind: \t", "kind", Text),
            FS_TYPE,
            ("CachingMode", "cachingMode", Text),
            READ_ONLY,
        ],
    },
    Kind {
        name: "vsphereVolume",
        sentence: "vSphereVolume (a Persistent Disk resource in vSphere)",
        fields: &[
            ("VolumePath", "volumePath", Text),
            FS_TYPE,
            ("StoragePolicyName", "storagePolicyName", Text),
        ],
    },
    Kind {
        name: "photonPersistentDisk",
        sentence: "PhotonPersistentDisk (a Persistent Disk resource in photon platform)",
        fields: &[("PdID", "pdID", Text), FS_TYPE],
    },
    Kind {
        name: "cinder",
        sentence: "Cinder (a Persistent Disk resource in OpenStack)",
        fields: &[VOLUME_ID, FS_TYPE, READ_ONLY, SECRET],
    },
    Kind {
        name: "portworxVolume",
        sentence: "PortworxVolume (a Portworx Volume resource)",
        fields: &[VOLUME_ID],
    },
    Kind {
        name: "cephfs",
        sentence: "CephFS (a CephFS mount on the host that shares a pod's lifetime)",
        fields: &[
            ("Monitors", "monitors", List),
            ("Path", "path", Text),
            ("User", "user", Text),
            ("SecretFile", "secretFile", Text),
            SECRET,
            READ_ONLY,
        ],
    },
    Kind {
        name: "storageos",
        sentence: "StorageOS (a StorageOS Persistent Disk resource)",
        fields: &[
            ("VolumeName", "volumeName", Text),
            ("VolumeNamespace", "volumeNamespace", Text),
            FS_TYPE,
            READ_ONLY,
        ],
    },
    Kind {
        name: "flexVolume",
        sentence: "FlexVolume (a generic volume resource that is provisioned/attached using an \
                   exec based plugin)",
        fields: &[
            ("Driver", "driver", Text),
            FS_TYPE,
            SECRET,
            READ_ONLY,
            ("Options", "options", Map),
        ],
    },
    Kind {
        name: "flocker",
        sentence: "Flocker (a Flocker volume mounted by the Flocker agent)",
        fields: &[("DatasetName", "datasetName", Text), ("DatasetUUID", "datasetUUID", Text)],
    },
    Kind {
        name: "image",
        sentence: "Image (a container image or OCI artifact)",
        fields: &[("Reference", "reference", Text), ("PullPolicy", "pullPolicy", Text)],
    },
];

/// Writes a source of which only fields are listed; false if it is none of those.
///
/// In a PersistentVolume some kinds say more.
pub fn listed(volume: &Value, w: &mut Writer, is_persistent: bool) -> bool {
    for (kind, write) in SPECIAL {
        if !volume.get(kind).is_null() {
            write(volume.get(kind), w, is_persistent);
            return true;
        }
    }
    let Some(kind) = KINDS.iter().find(|kind| !volume.get(kind.name).is_null()) else {
        return false;
    };
    let of = volume.get(kind.name);
    w.field(2, "Type", kind.sentence);
    for (label, field, form) in kind.fields {
        line(w, label, &shown(of.get(field), *form));
        if *label == "EndpointsName" && is_persistent {
            let namespace = shown(of.get("endpointsNamespace"), Or("<unset>"));
            line(w, "EndpointsNamespace", &namespace);
        }
    }
    true
}

fn line(w: &mut Writer, label: &str, value: &str) {
    match label.ends_with('\t') {
        true => w.line(2, &format!("{label}{value}")),
        false => w.field(2, label, value),
    }
}

type Special = (&'static str, fn(&Value, &mut Writer, bool));

const SPECIAL: [Special; 2] = [("fc", fibre_channel), ("azureFile", azure_file)];

fn fibre_channel(of: &Value, w: &mut Writer, _: bool) {
    w.field(2, "Type", "FC (a Fibre Channel disk)");
    let names: Vec<&str> = of.get("targetWWNs").items().iter().map(Value::str).collect();
    w.field(2, "TargetWWNs", &names.join(", "));
    w.field(2, "LUN", &shown(of.get("lun"), Or("<none>")));
    w.field(2, "FSType", of.get("fsType").str());
    w.field(2, "ReadOnly", &shown(of.get("readOnly"), Flag));
}

fn azure_file(of: &Value, w: &mut Writer, is_persistent: bool) {
    let sentence = "AzureFile (an Azure File Service mount on the host and bind mount to the pod)";
    w.field(2, "Type", sentence);
    w.field(2, "SecretName", of.get("secretName").str());
    if is_persistent {
        w.field(2, "SecretNamespace", of.get("secretNamespace").str());
    }
    w.field(2, "ShareName", of.get("shareName").str());
    w.field(2, "ReadOnly", &shown(of.get("readOnly"), Flag));
}

fn shown(value: &Value, form: Form) -> String {
    match form {
        Text => scalar(value),
        Number => value.as_i64().unwrap_or(0).to_string(),
        Flag => value.is_true().to_string(),
        Or(absent) if value.is_null() => absent.into(),
        Or(_) => scalar(value),
        List => {
            let items: Vec<&str> = value.items().iter().map(Value::str).collect();
            format!("[{}]", items.join(" "))
        }
        Map => {
            let items = value.entries().map(|(key, value)| format!("{key}:{}", value.str()));
            format!("map[{}]", items.collect::<Vec<_>>().join(" "))
        }
        Secret => secret(value),
    }
}

// Generated String methods; those of PersistentVolumes have a namespace.
fn secret(reference: &Value) -> String {
    if reference.is_null() {
        return "<nil>".into();
    }
    let name = reference.get("name").str();
    match reference.get("namespace") {
        Value::Null => format!("&LocalObjectReference{{Name:{name},}}"),
        namespace => format!("&SecretReference{{Name:{name},Namespace:{},}}", namespace.str()),
    }
}
