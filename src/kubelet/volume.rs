//! Volumes of a Pod: what they are, where they lie, and what keeps them from being mounted.
//!
//! Models `pkg/volume/*` and `pkg/kubelet/volumemanager`.
//!
//! # Scope
//!
//! - volume-attach: nothing is attached (`attachdetach-controller`, VolumeAttachment): a volume is
//!   at once where its Pod is, so `Multi-Attach error` and `SuccessfulAttachVolume` never come.
//!   What is made here lies on a node or on a file server, which need no attaching either.
//! - volume-ownership: `fsGroup` changes owners where the plugin does, whatever
//!   `fsGroupChangePolicy` says: the outcome is the same.

use crate::api::object::Object;
use crate::api::quantity::Quantity;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::script::files::{FileSystem, Tree};

use super::content;
use super::disks::{self, DiskKey, Disks, Place};
use super::files::Store;
use super::node::Shared;
use super::reference::Source;
use super::user;

/// A mounted volume.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Volume {
    /// Its name in the Pod.
    pub name: EcoString,
    /// Where its files are.
    pub store: Store,
    /// Which of them.
    pub path: EcoString,
    /// Whether nobody may write to it.
    pub read_only: bool,
    /// Its limit in bytes, if it has one.
    pub limit: Option<u64>,
    /// What `df` calls it.
    pub device: EcoString,
}

/// Why a volume is not mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Said in an event, and tried again with growing pauses.
    Failed(String),
    /// Nothing is said.
    Silent,
}

/// Mounts all volumes of a Pod; its own trees are added to `own`.
pub fn mount_all(
    source: Source,
    (disks, node): (&mut Disks, &mut Shared),
    own: &mut Vec<Tree>,
    now_ms: u64,
) -> Result<Vec<Volume>, Problem> {
    let first = own.len();
    let volumes = source.pod.path(&["spec", "volumes"]).items();
    let mounted = volumes.iter().map(|volume| mount(source, disks, node, own, volume));
    let mut mounted = mounted.collect::<Result<Vec<Volume>, Problem>>()?;
    mounted.shrink_to_fit();
    for tree in own.iter_mut().skip(first) {
        // The root is there.
        let _ = tree.set_modified("/", now_ms);
    }
    Ok(mounted)
}

fn mount(
    source: Source,
    disks: &mut Disks,
    node: &mut Shared,
    own: &mut Vec<Tree>,
    volume: &Value,
) -> Result<Volume, Problem> {
    let name = volume.get("name").str();
    let claim = match (volume.get("persistentVolumeClaim"), volume.get("ephemeral")) {
        (Value::Null, Value::Null) => None,
        (Value::Null, _) => Some(format!("{}-{name}", source.pod.name())),
        (claim, _) => Some(claim.get("claimName").str().to_string()),
    };
    let mut mounted = Volume {
        name: name.into(),
        store: Store::Own(own.len()),
        path: "/".into(),
        read_only: false,
        limit: None,
        device: "/dev/vda1".into(),
    };
    if let Some(claim) = claim {
        let place = claimed(source, disks, &claim)?;
        (mounted.store, mounted.path) = (Store::Disk(place.disk), place.path);
        mounted.read_only = volume.path(&["persistentVolumeClaim", "readOnly"]).is_true();
        return Ok(mounted);
    }
    let empty = volume.get("emptyDir");
    if !empty.is_null() {
        let limit = (!empty.get("sizeLimit").is_null())
            .then(|| Quantity::of(empty.get("sizeLimit")).units().max(0) as u64);
        if empty.get("medium").str() == "Memory" {
            mounted.device = "tmpfs".into();
            mounted.limit = limit;
        }
        own.push(empty_dir(source, mounted.limit));
        return Ok(mounted);
    }
    if let Some(files) = content::files(source, volume).map_err(|m| failed(name, &m))? {
        // Those of service accounts are alike in a whole namespace.
        let usual = user::fs_group(source.pod).or(user::fs_user(source.pod)).is_none();
        own.push(match usual && name.starts_with("kube-api-access-") {
            true => node.token(source.pod.namespace(), || content::tree(&files, None)),
            false => content::tree(&files, user::fs_group(source.pod)),
        });
        mounted.read_only = true;
        mounted.device = "tmpfs".into();
        return Ok(mounted);
    }
    let place = direct(source, disks, name, volume)?;
    (mounted.store, mounted.path) = (Store::Disk(place.disk), place.path);
    Ok(mounted)
}

// Models pkg/volume/emptydir SetUpAt: everybody may write to it.
fn empty_dir(source: Source, limit: Option<u64>) -> Tree {
    let mut tree = match limit {
        Some(bytes) => Tree::new().with_limit(bytes),
        None => Tree::new(),
    };
    // The root is there.
    let _ = tree.set_mode("/", 0o777);
    if let Some(gid) = user::fs_group(source.pod) {
        tree.give_to_group("/", gid, user::GROUP_WRITES);
    }
    tree
}

fn failed(name: &str, why: &str) -> Problem {
    Problem::Failed(format!("MountVolume.SetUp failed for volume \"{name}\" : {why}"))
}

// The files behind a claim.
fn claimed(source: Source, disks: &mut Disks, claim: &str) -> Result<Place, Problem> {
    let namespace = source.pod.namespace();
    let claim = source.lister.find(Kind::PersistentVolumeClaim, namespace, claim);
    let name = claim.map_or("", |claim| claim.path(&["spec", "volumeName"]).str());
    let volume = source.lister.find(Kind::PersistentVolume, "", name);
    let Some(volume) = volume.filter(|_| !name.is_empty()) else { return Err(Problem::Silent) };
    if volume.path(&["spec", "volumeMode"]).str() == "Block" {
        return Err(Problem::Silent);
    }
    let new = disks::place(name, volume.spec(), source.node).is_some_and(|p| !disks.exists(&p));
    let place = direct(source, disks, name, volume.spec())?;
    let provisioned = volume.metadata().path(&["annotations", PROVISIONED_BY]).as_str();
    let tree = disks.get_mut(&place.disk);
    if new && provisioned.is_some() && !volume.path(&["spec", "hostPath"]).is_null() {
        // The provisioner made it for whoever comes.
        let _ = tree.set_mode(&place.path, 0o777);
    }
    if let Some(gid) = user::fs_group(source.pod).filter(|_| is_owned(volume)) {
        tree.give_to_group(&place.path, gid, user::GROUP_WRITES);
    }
    Ok(place)
}

/// Who made a volume.
const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";

// Whether the plugin lets a Pod's group own the files: not those of a node or a file server.
fn is_owned(volume: &Object) -> bool {
    let spec = volume.spec();
    let modes = spec.get("accessModes").items();
    let once = modes.iter().any(|mode| matches!(mode.str(), "ReadWriteOnce" | "ReadWriteOncePod"));
    once && spec.get("hostPath").is_null() && spec.get("nfs").is_null()
}

// A volume whose source says where it is.
fn direct(source: Source, disks: &mut Disks, name: &str, volume: &Value) -> Result<Place, Problem> {
    let Some(place) = disks::place(name, volume, source.node) else {
        return Err(Problem::Silent);
    };
    if !volume.get("hostPath").is_null() {
        let wanted = volume.path(&["hostPath", "type"]).str();
        check_host_path(disks, &place, wanted).map_err(|why| failed(name, &why))?;
    } else if !volume.get("local").is_null() {
        if !disks.exists(&place) {
            return Err(Problem::Failed(format!(
                "MountVolume.NewMounter initialization failed for volume \"{name}\" : path \
                 \"{}\" does not exist",
                place.path
            )));
        }
    } else if let DiskKey::Nfs(server) = &place.disk {
        if !disks.serves_nfs(server) {
            return Err(failed(name, &no_nfs(source.pod, name, server, &place.path)));
        }
        disks.get_mut(&place.disk).make_dirs(&place.path, 0);
    } else {
        disks.get_mut(&place.disk);
    }
    Ok(place)
}

/// Models pkg/volume/hostpath/host_path.go checkType.
fn check_host_path(disks: &mut Disks, place: &Place, wanted: &str) -> Result<(), String> {
    let path = &place.path;
    let (exists, is_dir) = (disks.exists(place), disks.is_dir(place));
    let check = |fine: bool, what: &str| match (fine, exists) {
        (true, _) => Ok(()),
        (false, true) => Err(format!("hostPath type check failed: {path} is not {what}")),
        (false, false) => Err(format!(
            "hostPath type check failed, {path} is not {what}, unable to determine its type: path \
             \"{path}\" does not exist"
        )),
    };
    match wanted {
        "Directory" => check(is_dir, "a directory"),
        "File" => check(exists && !is_dir, "a file"),
        "Socket" => check(false, "a socket file"),
        "CharDevice" => check(false, "a character device"),
        "BlockDevice" => check(false, "a block device"),
        "FileOrCreate" if !exists => {
            let tree = disks.get_mut(&place.disk);
            tree.write(path, b"", 0).map_err(|e| format!("open {path}: {}", lower(e.words())))
        }
        "FileOrCreate" => check(!is_dir, "a file"),
        "DirectoryOrCreate" if exists => check(is_dir, "a directory"),
        _ => {
            if !exists {
                disks.get_mut(&place.disk).make_dirs(path, 0);
            }
            Ok(())
        }
    }
}

// Go words errors of the system in lower case.
fn lower(words: &str) -> String {
    words.to_lowercase()
}

fn no_nfs(pod: &Object, name: &str, server: &str, path: &str) -> String {
    let target = format!("/var/lib/kubelet/pods/{}/volumes/kubernetes.io~nfs/{name}", pod.uid());
    format!(
        "mount failed: exit status 32\nMounting command: mount\nMounting arguments:  -t nfs \
         {server}:{path} {target}\nOutput: mount: {target}: unknown filesystem type 'nfs'.\n       \
         dmesg(1) may have more information after failed mount system call.\n"
    )
}

/// Brings the files of ConfigMaps, Secrets and fields up to date; what has gone stays.
pub fn refresh(source: Source, volumes: &[Volume], own: &mut [Tree]) {
    let declared = source.pod.path(&["spec", "volumes"]).items();
    for volume in declared.iter().filter(|volume| changes(volume)) {
        let name = volume.get("name").str();
        let Some(mounted) = volumes.iter().find(|mounted| mounted.name == name) else { continue };
        let Store::Own(index) = mounted.store else { continue };
        if let (Ok(Some(files)), Some(tree)) = (content::files(source, volume), own.get_mut(index))
        {
            content::update(tree, &files, user::fs_group(source.pod));
        }
    }
}

/// Whether a volume follows changes of objects.
pub fn changes(volume: &Value) -> bool {
    let kinds = ["configMap", "secret", "downwardAPI"];
    let projected = volume.path(&["projected", "sources"]).items();
    let generated = volume.get("name").str().starts_with("kube-api-access-");
    kinds.iter().any(|kind| !volume.get(kind).is_null())
        || !generated && projected.iter().any(|s| kinds.iter().any(|kind| !s.get(kind).is_null()))
}

/// Whether the Pod has volumes that follow changes of objects.
pub fn any_changes(pod: &Object) -> bool {
    pod.path(&["spec", "volumes"]).items().iter().any(changes)
}
