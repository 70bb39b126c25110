//! Volumes of a Pod: what they are, where they lie, and what keeps them from being mounted.
//!
//! Models `pkg/volume/*` and `pkg/kubelet/volumemanager`.
//!
//! # Scope
//!
//! - volume-attach: what is made here lies on a node or on a file server and needs no attaching:
//!   there are no VolumeAttachments, and `Multi-Attach error` and `SuccessfulAttachVolume` never
//!   come. A volume of a CSI driver, or of a cloud, waits for a driver that is not installed.
//! - volume-not-simulated: iscsi, fc, azureFile and image volumes are never mounted; an event and
//!   a reason say that this is the simulation's doing.
//! - volume-ownership: `fsGroup` changes owners where the plugin does, whatever
//!   `fsGroupChangePolicy` says: the outcome is the same.

use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;

use crate::api::object::Object;
use crate::api::pod::claim_of;
use crate::api::pool;
use crate::api::quantity::Quantity;
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::controller::persistentvolume::volume::PROVISIONED_BY;
use crate::script::files::{FileSystem, Tree};

use super::content;
use super::disks::{self, DiskKey, Disks, Place};
use super::files::Store;
use super::node::Shared;
use super::plugin::{self, Plugin};
use super::reference::Source;
use super::user;

/// A mounted volume.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Volume {
    /// Its name in the Pod.
    pub name: EcoString,
    // Those of a set's Pods are alike.
    location: Rc<Location>,
}

impl Deref for Volume {
    type Target = Location;

    fn deref(&self) -> &Location {
        &self.location
    }
}

/// Where a volume's files are, and how they are mounted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Location {
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
    /// It cannot even be looked up: the sync ends at once and is tried again later.
    Unprocessed(String),
    /// Nothing is said before the sync's time is over.
    Silent,
    /// It waits for a CSI driver that is not installed.
    Attaching {
        /// What messages call the volume.
        name: EcoString,
        /// The driver.
        driver: EcoString,
        /// The volume in its storage system.
        handle: EcoString,
    },
    /// What the real kubelet does with this kind is not simulated.
    NotSimulated(&'static str),
}

/// A volume that is not mounted, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The volume's name in the Pod.
    pub volume: EcoString,
    /// Why.
    pub problem: Problem,
}

// How the containers of a Pod use a volume (`GetPodVolumeNames`).
#[derive(Clone, Copy, Default)]
struct Use {
    is_mounted: bool,
    is_device: bool,
}

fn use_of(pod: &Object, volume: &str) -> Use {
    let mut found = Use::default();
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    for container in lists.iter().flat_map(|list| pod.path(&["spec", list]).items()) {
        let names = |field: &str| container.get(field).items().iter().map(|m| m.get("name").str());
        found.is_mounted |= names("volumeMounts").any(|name| name == volume);
        found.is_device |= names("volumeDevices").any(|name| name == volume);
    }
    found
}

thread_local! {
    static LAST_LOCATION: RefCell<Option<Rc<Location>>> = const { RefCell::new(None) };
}

/// Mounts all volumes that the containers of a Pod use; its own trees are added to `own`.
pub fn mount_all(
    source: Source,
    (disks, node): (&mut Disks, &mut Shared),
    own: &mut Vec<Tree>,
    now: Time,
) -> Result<Vec<Volume>, Vec<Trouble>> {
    let (mut mounted, mut troubles) = (Vec::new(), Vec::new());
    for declared in source.pod.path(&["spec", "volumes"]).items() {
        let name = declared.get("name").str();
        let usage = use_of(source.pod, name);
        if !usage.is_mounted && !usage.is_device {
            continue;
        }
        let mut mount = Mount { source, disks, node, own, now, usage };
        match mount.locate(declared) {
            Ok(location) => {
                let location = pool::shared(&LAST_LOCATION, location);
                mounted.push(Volume { name: declared.get("name").text(), location });
            }
            Err(problem) => troubles.push(Trouble { volume: name.into(), problem }),
        }
    }
    mounted.shrink_to_fit();
    if troubles.is_empty() { Ok(mounted) } else { Err(troubles) }
}

// One volume being mounted.
struct Mount<'a, 'b> {
    source: Source<'a>,
    disks: &'b mut Disks,
    node: &'b mut Shared,
    own: &'b mut Vec<Tree>,
    now: Time,
    usage: Use,
}

impl Mount<'_, '_> {
    fn locate(&mut self, declared: &Value) -> Result<Location, Problem> {
        let name = declared.get("name").str();
        let mut mounted = Location {
            store: Store::Own(self.own.len()),
            path: "/".into(),
            read_only: false,
            limit: None,
            device: "/dev/vda1".into(),
        };
        if let Some(claim) = claim_of(self.source.pod, declared) {
            let place = self.claimed(name, &claim)?;
            (mounted.store, mounted.path) = (Store::Disk(place.disk), place.path);
            mounted.read_only = declared.path(&["persistentVolumeClaim", "readOnly"]).is_true();
            return Ok(mounted);
        }
        if !declared.get("emptyDir").is_null() {
            self.empty_dir(declared.get("emptyDir"), &mut mounted);
            return Ok(mounted);
        }
        if let Some(files) = content::files(self.source, declared).map_err(|m| failed(name, &m))? {
            self.files(declared, &files, &mut mounted);
            return Ok(mounted);
        }
        let place = self.direct(name, declared, false)?;
        (mounted.store, mounted.path) = (Store::Disk(place.disk), place.path);
        Ok(mounted)
    }

    fn empty_dir(&mut self, empty: &Value, mounted: &mut Location) {
        let limit = (!empty.get("sizeLimit").is_null())
            .then(|| Quantity::of(empty.get("sizeLimit")).units().max(0) as u64);
        if empty.get("medium").str() == "Memory" {
            mounted.device = "tmpfs".into();
            mounted.limit = limit;
        }
        self.own.push(empty_dir(self.source, mounted.limit, self.now));
    }

    // Only ConfigMaps are files on the node's disk; the others are kept in memory.
    fn files(&mut self, declared: &Value, files: &[content::File], mounted: &mut Location) {
        let now = self.now;
        let group = user::fs_group(self.source.pod);
        // Those of service accounts are alike in a whole namespace.
        let is_usual = group.or(user::fs_user(self.source.pod)).is_none()
            && declared.get("name").str().starts_with("kube-api-access-");
        let namespace = self.source.pod.namespace();
        self.own.push(match is_usual {
            true => self.node.token(namespace, || content::tree(files, None, now)),
            false => content::tree(files, group, now),
        });
        mounted.read_only = true;
        if declared.get("configMap").is_null() {
            mounted.device = "tmpfs".into();
        }
    }

    // The files behind a claim (`createVolumeSpec`).
    fn claimed(&mut self, name: &str, claim: &str) -> Result<Place, Problem> {
        let namespace = self.source.pod.namespace();
        let volume = claim_volume(self.source, claim)
            .map_err(|why| format!("error processing PVC {namespace}/{claim}: {why}"))
            .map_err(Problem::Unprocessed)?;
        let mode = volume.path(&["spec", "volumeMode"]).as_str().unwrap_or("Filesystem");
        let wrong = match mode {
            "Filesystem" => self.usage.is_device.then_some("volumeDevices"),
            _ => self.usage.is_mounted.then_some("volumeMounts"),
        };
        if let Some(field) = wrong {
            let why = format!("volume {name} has volumeMode {mode}, but is specified in {field}");
            return Err(Problem::Unprocessed(why));
        }
        let is_new = disks::place(volume.spec(), self.source.node)
            .is_some_and(|place| !self.disks.exists(&place));
        let place = self.direct(volume.name(), volume.spec(), true)?;
        // What lies in a directory is no device.
        if mode == "Block" {
            return Err(Problem::Silent);
        }
        let tree = self.disks.get_mut(&place.disk);
        if is_new
            && volume.annotation(PROVISIONED_BY).is_some()
            && !volume.path(&["spec", "hostPath"]).is_null()
        {
            // The provisioner made it for whoever comes.
            let _ = tree.set_mode(&place.path, 0o777);
        }
        if let Some(gid) = user::fs_group(self.source.pod).filter(|_| is_owned(volume)) {
            tree.give_to_group(&place.path, gid, user::GROUP_WRITES);
        }
        Ok(place)
    }

    // A volume whose source says where it is; `name` is the PersistentVolume's, or the volume's.
    fn direct(&mut self, name: &str, volume: &Value, is_stored: bool) -> Result<Place, Problem> {
        plugged(name, volume, is_stored)?;
        let Some(place) = disks::place(volume, self.source.node) else {
            return Err(Problem::NotSimulated("unknown"));
        };
        let (disks, now) = (&mut *self.disks, self.now.milliseconds());
        if !volume.get("hostPath").is_null() {
            let wanted = volume.path(&["hostPath", "type"]).str();
            check_host_path(disks, &place, wanted, now).map_err(|why| failed(name, &why))?;
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
                return Err(failed(name, &no_nfs(self.source.pod, name, server, &place.path)));
            }
            disks.get_mut(&place.disk).make_dirs(&place.path, now);
        } else {
            disks.get_mut(&place.disk);
        }
        Ok(place)
    }
}

// Models pkg/volume/emptydir SetUpAt: everybody may write to it.
fn empty_dir(source: Source, limit: Option<u64>, now: Time) -> Tree {
    let mut tree = match limit {
        Some(bytes) => Tree::new().with_limit(bytes),
        None => Tree::new(),
    };
    // The root is there.
    let _ = tree.set_mode("/", 0o777);
    let _ = tree.set_modified("/", now.milliseconds());
    if let Some(gid) = user::fs_group(source.pod) {
        tree.give_to_group("/", gid, user::GROUP_WRITES);
    }
    tree
}

// Whether the plugin lets a Pod's group own the files: not those of a node or a file server.
fn is_owned(volume: &Object) -> bool {
    let spec = volume.spec();
    let modes = spec.get("accessModes").items();
    let once = modes.iter().any(|mode| matches!(mode.str(), "ReadWriteOnce" | "ReadWriteOncePod"));
    once && spec.get("hostPath").is_null() && spec.get("nfs").is_null()
}

// Whether the cluster has what such a volume needs.
fn plugged(name: &str, volume: &Value, is_stored: bool) -> Result<(), Problem> {
    Err(match plugin::of(volume, is_stored) {
        Plugin::Ready => return Ok(()),
        Plugin::Absent { driver, handle, inline_name } => {
            let name = if is_stored { name.into() } else { inline_name };
            Problem::Attaching { name, driver, handle }
        }
        Plugin::AbsentInline(driver) => {
            let why = format!(
                "kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name {driver} \
                 not found in the list of registered CSI drivers"
            );
            failed(name, &why)
        }
        Plugin::Removed => Problem::Unprocessed(format!(
            "failed to get Plugin from volumeSpec for volume \"{name}\" err=no volume plugin \
             matched"
        )),
        Plugin::GitRepo => failed(
            name,
            "git-repo volume plugin has been disabled; if necessary, it may be re-enabled by \
             enabling the feature-gate `GitRepoVolumeDriver`",
        ),
        Plugin::NotSimulated(kind) => Problem::NotSimulated(kind),
    })
}

// The PersistentVolume of a claim (`getPVCExtractPV`, `getPVSpec`).
fn claim_volume<'a>(source: Source<'a>, claim: &str) -> Result<&'a Object, String> {
    let namespace = source.pod.namespace();
    let Some(claim) = source.lister.find(Kind::PersistentVolumeClaim, namespace, claim) else {
        return Err(format!(
            "failed to fetch PVC from API server: persistentvolumeclaims \"{claim}\" not found"
        ));
    };
    if claim.is_terminating() {
        return Err("PVC is being deleted".into());
    }
    if claim.status().get("phase").str() != "Bound" {
        return Err("PVC is not bound".into());
    }
    let name = claim.spec().get("volumeName").str();
    source.lister.find(Kind::PersistentVolume, "", name).ok_or_else(|| {
        format!("failed to fetch PV {name} from API server: persistentvolumes \"{name}\" not found")
    })
}

fn failed(name: &str, why: &str) -> Problem {
    Problem::Failed(format!("MountVolume.SetUp failed for volume \"{name}\" : {why}"))
}

/// Models pkg/volume/hostpath/host_path.go checkType.
fn check_host_path(disks: &mut Disks, place: &Place, wanted: &str, now: u64) -> Result<(), String> {
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
            tree.write(path, b"", now).map_err(|e| format!("open {path}: {}", lower(e.words())))
        }
        "FileOrCreate" => check(!is_dir, "a file"),
        "DirectoryOrCreate" if exists => check(is_dir, "a directory"),
        _ => {
            if !exists {
                disks.get_mut(&place.disk).make_dirs(path, now);
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
pub fn refresh(source: Source, volumes: &[Volume], own: &mut [Tree], now: Time) {
    let declared = source.pod.path(&["spec", "volumes"]).items();
    for volume in declared.iter().filter(|volume| changes(volume)) {
        let name = volume.get("name").str();
        let Some(mounted) = volumes.iter().find(|mounted| mounted.name == name) else { continue };
        let Store::Own(index) = &mounted.store else { continue };
        if let (Ok(Some(files)), Some(tree)) = (content::files(source, volume), own.get_mut(*index))
        {
            content::update(tree, &files, user::fs_group(source.pod), now);
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
