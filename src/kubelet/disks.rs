//! What lies on disks: of nodes, of file servers, of storage systems.
//!
//! Models nothing of Kubernetes but what its volume plugins reach: a hostPath lives on its node,
//! a volume of a storage system wherever it is attached, and both outlive their Pods.

use imbl::{OrdMap, OrdSet};

use crate::api::object::Object;
use crate::api::value::{EcoString, Value};
use crate::script::files::{FileSystem, Tree};

/// Names a disk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DiskKey {
    /// The file system of a node.
    Node(EcoString),
    /// The exports of an NFS server.
    Nfs(EcoString),
    /// A volume of a storage system, by driver and handle.
    Volume(EcoString, EcoString),
}

/// A directory on a disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The disk.
    pub disk: DiskKey,
    /// The directory, absolute.
    pub path: EcoString,
}

/// All disks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Disks {
    trees: OrdMap<DiskKey, Tree>,
    nfs_servers: OrdSet<EcoString>,
}

impl Disks {
    /// The files of a disk; an unknown disk is empty.
    pub fn get(&self, disk: &DiskKey) -> Option<&Tree> {
        self.trees.get(disk)
    }

    /// The files of a disk for writing.
    pub fn get_mut(&mut self, disk: &DiskKey) -> &mut Tree {
        self.trees.entry(disk.clone()).or_default()
    }

    /// Whether something is there.
    pub fn exists(&self, place: &Place) -> bool {
        self.get(&place.disk).is_some_and(|tree| tree.exists(&place.path))
    }

    /// Whether a directory is there.
    pub fn is_dir(&self, place: &Place) -> bool {
        let found = self.get(&place.disk).map(|tree| tree.metadata(&place.path));
        matches!(found, Some(Ok(metadata)) if metadata.is_dir())
    }

    /// Puts an NFS server into the network; nodes can mount what it exports.
    pub fn add_nfs_server(&mut self, server: &str) {
        self.nfs_servers.insert(server.into());
    }

    /// Whether nodes can mount from this server.
    pub fn serves_nfs(&self, server: &str) -> bool {
        self.nfs_servers.contains(server)
    }

    /// The files of a directory and below with their contents, by path from it.
    pub fn files(&self, place: &Place) -> Vec<(EcoString, Vec<u8>)> {
        let Some(tree) = self.get(&place.disk) else { return Vec::new() };
        let base = place.path.trim_end_matches('/');
        let mut found = Vec::new();
        for (path, bytes) in tree.files() {
            if let Some(inner) = path.strip_prefix(base).filter(|p| p.starts_with('/')) {
                found.push((inner.into(), bytes.to_vec()));
            }
        }
        found
    }
}

/// Where the source of a PersistentVolume, or of a volume of the same kind, is on disk; `node`
/// matters for what is local to one.
pub fn place(source: &Value, node: &str) -> Option<Place> {
    let path = |kind: &str| source.path(&[kind, "path"]).str();
    if !source.get("hostPath").is_null() {
        return Some(Place { disk: DiskKey::Node(node.into()), path: path("hostPath").into() });
    }
    if !source.get("local").is_null() {
        return Some(Place { disk: DiskKey::Node(node.into()), path: path("local").into() });
    }
    if !source.get("nfs").is_null() {
        let server = source.path(&["nfs", "server"]).str();
        return Some(Place { disk: DiskKey::Nfs(server.into()), path: path("nfs").into() });
    }
    let csi = source.get("csi");
    if csi.is_null() {
        return None;
    }
    let (driver, handle) = (csi.get("driver").str(), csi.get("volumeHandle").str());
    Some(Place { disk: DiskKey::Volume(driver.into(), handle.into()), path: "/".into() })
}

/// The node that a PersistentVolume is bound to by its affinity, if it names one.
pub fn node_of(volume: &Object) -> Option<&str> {
    let terms = volume.path(&["spec", "nodeAffinity", "required", "nodeSelectorTerms"]);
    let expressions = terms.items().iter().flat_map(|t| t.get("matchExpressions").items());
    let mut host = expressions.filter(|e| e.get("key").str() == "kubernetes.io/hostname");
    host.find_map(|e| e.get("values").at(0).as_str())
}
