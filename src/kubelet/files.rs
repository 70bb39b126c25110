//! The files that a container sees: its image, its own changes, and what is mounted over them.
//!
//! Models the mounts that `pkg/kubelet/kubelet_pods.go` makeMounts asks the runtime for, and the
//! permissions that the kernel grants the container's user.

use std::cell::RefCell;
use std::collections::VecDeque;

use ecow::EcoVec;

use crate::api::value::EcoString;
use crate::script::User;
use crate::script::files::{Errno, FileKind, FileSystem, Metadata, Tree, split};
use crate::script::user::{EXECUTE, READ, WRITE};

use super::disks::{DiskKey, Disks};
use super::kernel::{Kernel, main_stream};

/// Where mounted files are kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Store {
    /// A tree of the Pod, by number.
    Own(usize),
    /// A disk.
    Disk(DiskKey),
}

/// A directory or file mounted into a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mount {
    /// Where it appears, absolute, without a final slash.
    pub at: EcoString,
    /// Where it is kept.
    pub store: Store,
    /// What of that is mounted.
    pub path: EcoString,
    /// Whether it can't be written to.
    pub read_only: bool,
    /// What `df` and `mount` call it.
    pub device: EcoString,
    /// Its size in bytes, if it has a limit.
    pub limit: Option<u64>,
}

/// The file system of one container.
pub struct ContainerFiles<'a> {
    /// The image with the container's changes.
    pub root: &'a mut Tree,
    /// What is mounted over it.
    pub mounts: &'a [Mount],
    /// The Pod's own trees.
    pub own: &'a mut Vec<Tree>,
    /// All disks.
    pub disks: &'a mut Disks,
    /// Whether the root can't be written to (`readOnlyRootFilesystem`).
    pub read_only: bool,
    /// Who the container's processes are.
    pub user: &'a User,
    /// Where its last words go: a file of the kubelet, which everybody may write.
    pub message: &'a str,
    /// What the kernel shows as files.
    pub kernel: Kernel<'a>,
    /// What was written to the standard output (false) and error (true) of process 1.
    pub log: Vec<(bool, Vec<u8>)>,
}

/// Where a path leads: the mount, if any, and the path inside its tree.
struct Found {
    mount: Option<usize>,
    inner: EcoString,
    // The path seen from the container, links followed.
    outer: EcoString,
}

/// A place at which something is mounted.
#[derive(PartialEq, Eq)]
struct MountPoint {
    depth: usize,
    /// The mount in whose tree it lies; the root's, if none.
    above: Option<usize>,
    inner: EcoString,
    is_file: bool,
}

impl MountPoint {
    fn make(&self, tree: &mut Tree, now_ms: u64) {
        if tree.exists(&self.inner) {
            return;
        }
        match self.is_file {
            true => tree.put(&self.inner, b"", now_ms),
            false => tree.make_dirs(&self.inner, now_ms),
        };
    }
}

struct Prepared {
    image: Tree,
    points: Vec<MountPoint>,
    tree: Tree,
}

const PREPARED_MAX: usize = 64;

thread_local! {
    // What its two other fields say, only sooner and once for all containers of one kind.
    static PREPARED: RefCell<Vec<Prepared>> = const { RefCell::new(Vec::new()) };
}

/// An image's tree with places to mount at.
fn with_points(image: &Tree, points: Vec<MountPoint>) -> Tree {
    PREPARED.with_borrow_mut(|prepared| {
        let is_it = |one: &&Prepared| one.image.is_same(image) && one.points == points;
        if let Some(known) = prepared.iter().find(is_it) {
            return known.tree.clone();
        }
        let mut tree = image.clone();
        points.iter().for_each(|point| point.make(&mut tree, 0));
        if prepared.len() >= PREPARED_MAX {
            prepared.clear();
        }
        prepared.push(Prepared { image: image.clone(), points, tree: tree.clone() });
        tree
    })
}

const LINKS_MAX: usize = 40;
// Mode bits: new entries get the directory's group; only owners remove them.
const SET_GROUP: u32 = 0o2000;
const STICKY: u32 = 0o1000;

impl ContainerFiles<'_> {
    fn tree(&self, mount: Option<usize>) -> Option<&Tree> {
        match mount.and_then(|index| self.mounts.get(index)) {
            None => Some(self.root),
            Some(mount) => match &mount.store {
                Store::Own(index) => self.own.get(*index),
                Store::Disk(key) => self.disks.get(key),
            },
        }
    }

    fn tree_mut(&mut self, mount: Option<usize>) -> Option<&mut Tree> {
        match mount.and_then(|index| self.mounts.get(index)) {
            None => Some(self.root),
            Some(mount) => match &mount.store {
                Store::Own(index) => self.own.get_mut(*index),
                Store::Disk(key) => Some(self.disks.get_mut(key)),
            },
        }
    }

    // The mount that a path without links lies under, and the path inside it.
    fn place(&self, path: &str) -> (Option<usize>, EcoString) {
        let under = |at: &str| {
            path.strip_prefix(at).filter(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let deepest = (self.mounts.iter().enumerate())
            .filter_map(|(index, mount)| under(&mount.at).map(|rest| (mount.at.len(), index, rest)))
            .max();
        match deepest {
            Some((_, index, rest)) => {
                let base = self.mounts[index].path.trim_end_matches('/');
                let inner = format!("{base}{rest}");
                let inner = if inner.is_empty() { "/".into() } else { inner.into() };
                (Some(index), inner)
            }
            None => (None, if path.is_empty() { "/".into() } else { path.into() }),
        }
    }

    fn find(&self, path: &str, follow_last: bool) -> Result<Found, Errno> {
        let parts = |path: &str| -> VecDeque<EcoString> {
            let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
            parts.map(Into::into).collect()
        };
        let (mut todo, mut done, mut links) = (parts(path), EcoString::new(), 0);
        while let Some(name) = todo.pop_front() {
            if name == ".." {
                let end = done.rfind('/').unwrap_or(0);
                done.truncate(end);
                continue;
            }
            self.check_search(&done)?;
            done.push('/');
            done.push_str(&name);
            let (mount, inner) = self.place(&done);
            let Some(tree) = self.tree(mount) else { continue };
            let is_link =
                tree.link_metadata(&inner).is_ok_and(|found| found.kind == FileKind::Link);
            if is_link && (follow_last || !todo.is_empty()) {
                links += 1;
                if links > LINKS_MAX {
                    return Err(Errno::Loop);
                }
                let target = tree.read_link(&inner)?;
                let end = if target.starts_with('/') { 0 } else { done.rfind('/').unwrap_or(0) };
                done.truncate(end);
                for part in parts(&target).into_iter().rev() {
                    todo.push_front(part);
                }
            }
        }
        let (mount, mut inner) = self.place(&done);
        if path.len() > 1 && path.ends_with('/') {
            inner.push('/');
        }
        Ok(Found { mount, inner, outer: done })
    }

    fn read_from<T>(
        &self,
        path: &str,
        follow: bool,
        act: impl FnOnce(&Tree, &str) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let found = self.find(path, follow)?;
        act(self.tree(found.mount).ok_or(Errno::NotFound)?, &found.inner)
    }

    // As `read_from`, of what the user may read.
    fn read_allowed<T>(
        &self,
        path: &str,
        act: impl FnOnce(&Tree, &str) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let found = self.find(path, true)?;
        self.check(&found, READ)?;
        act(self.tree(found.mount).ok_or(Errno::NotFound)?, &found.inner)
    }

    fn write_to<T>(
        &mut self,
        found: &Found,
        act: impl FnOnce(&mut Tree, &str) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        self.check_writable(found)?;
        act(self.tree_mut(found.mount).ok_or(Errno::NotFound)?, &found.inner)
    }

    // Changes the content of a file, or makes it.
    fn store(
        &mut self,
        path: &str,
        act: impl FnOnce(&mut Tree, &str) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let found = self.find(path, true)?;
        self.check_writable(&found)?;
        match self.stat(&found) {
            Ok(_) => {
                self.check(&found, WRITE)?;
                self.write_to(&found, act)
            }
            Err(_) => self.make(&found, act),
        }
    }

    // Makes something new in a directory, which gets the user's name.
    fn make(
        &mut self,
        found: &Found,
        act: impl FnOnce(&mut Tree, &str) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        self.check_writable(found)?;
        if self.stat(found).is_ok() {
            return self.write_to(found, act);
        }
        self.check_parent(found)?;
        let parent = self.parent(found).ok();
        self.write_to(found, act)?;
        let inherits = parent.filter(|parent| parent.mode & SET_GROUP != 0);
        let gid = inherits.map_or(self.user.gid, |parent| parent.gid);
        let uid = self.user.uid;
        let Some(tree) = self.tree_mut(found.mount) else { return Ok(()) };
        if (uid, gid) != (0, 0) {
            tree.own(&found.inner, uid, gid);
        }
        match tree.link_metadata(&found.inner) {
            Ok(made) if made.is_dir() && inherits.is_some() => {
                tree.set_mode(&found.inner, made.mode | SET_GROUP)
            }
            _ => Ok(()),
        }
    }

    fn stat(&self, found: &Found) -> Result<Metadata, Errno> {
        self.tree(found.mount).ok_or(Errno::NotFound)?.link_metadata(&found.inner)
    }

    fn parent(&self, found: &Found) -> Result<Metadata, Errno> {
        let (mount, inner) = self.place(split(&found.outer).0.trim_end_matches('/'));
        self.tree(mount).ok_or(Errno::NotFound)?.metadata(&inner)
    }

    // What is missing is complained about by whoever looks for it.
    fn check(&self, found: &Found, wanted: u32) -> Result<(), Errno> {
        let allowed = self.user.is_root()
            || found.outer == self.message
            || self.stat(found).map_or(true, |file| self.user.may(wanted, &file));
        if allowed { Ok(()) } else { Err(Errno::PermissionDenied) }
    }

    // Whether names may be added to and taken from the directory that something is in.
    fn check_parent(&self, found: &Found) -> Result<(), Errno> {
        let allowed = self.user.is_root()
            || found.outer == self.message
            || self.parent(found).map_or(true, |dir| self.user.may(WRITE | EXECUTE, &dir));
        if allowed { Ok(()) } else { Err(Errno::PermissionDenied) }
    }

    // The same for taking away, where a sticky bit protects what others have made.
    fn check_leaves(&self, found: &Found) -> Result<(), Errno> {
        self.check_parent(found)?;
        let (Ok(file), Ok(parent)) = (self.stat(found), self.parent(found)) else { return Ok(()) };
        let sticky = parent.mode & STICKY != 0;
        let allowed = !sticky || self.user.owns(&file) || self.user.owns(&parent);
        if allowed { Ok(()) } else { Err(Errno::NotPermitted) }
    }

    fn check_owner(&self, found: &Found) -> Result<(), Errno> {
        let owns = self.stat(found).map_or(true, |file| self.user.owns(&file));
        if owns { Ok(()) } else { Err(Errno::NotPermitted) }
    }

    fn check_search(&self, directory: &str) -> Result<(), Errno> {
        if self.user.is_root() {
            return Ok(());
        }
        let (mount, inner) = self.place(directory);
        let found = self.tree(mount).map(|tree| tree.metadata(&inner));
        match found {
            Some(Ok(found)) if found.is_dir() && !self.user.may(EXECUTE, &found) => {
                Err(Errno::PermissionDenied)
            }
            _ => Ok(()),
        }
    }

    fn check_writable(&self, found: &Found) -> Result<(), Errno> {
        let read_only = match found.mount {
            Some(index) => self.mounts.get(index).is_some_and(|mount| mount.read_only),
            None => self.read_only && found.outer != self.message,
        };
        if read_only { Err(Errno::ReadOnly) } else { Ok(()) }
    }

    /// Makes the places at which something is mounted, those above others first.
    ///
    /// Models createMountpoint of opencontainers/runc libcontainer/rootfs_linux.go. Those in the
    /// image's own tree are as old as the image, so that containers of one kind share them.
    pub fn make_mount_points(&mut self, now_ms: u64) {
        let mut points: Vec<_> =
            (0..self.mounts.len()).filter_map(|index| self.mount_point(index)).collect();
        points.sort_by_key(|point| point.depth);
        let (in_root, below): (Vec<_>, Vec<_>) =
            points.into_iter().partition(|point| point.above.is_none());
        *self.root = with_points(self.root, in_root);
        for point in below {
            if let Some(tree) = self.tree_mut(point.above) {
                point.make(tree, now_ms);
            }
        }
    }

    fn mount_point(&self, index: usize) -> Option<MountPoint> {
        let mount = self.mounts.get(index)?;
        let mounted = self.tree(Some(index)).map(|tree| tree.metadata(&mount.path));
        let is_file = mounted.and_then(Result::ok).is_some_and(|found| !found.is_dir());
        let (parent, name) = split(&mount.at);
        let (above, inner) = self.place(parent.trim_end_matches('/'));
        let inner = format!("{}/{name}", inner.trim_end_matches('/')).into();
        Some(MountPoint { depth: mount.at.split('/').count(), above, inner, is_file })
    }

    /// Makes a directory where a container is to begin, whoever it runs as.
    pub fn make_working_dir(&mut self, path: &str) {
        if let Ok(found) = self.find(path, true)
            && self.check_writable(&found).is_ok()
            && let Some(tree) = self.tree_mut(found.mount)
        {
            tree.make_dirs(&found.inner, 0);
        }
    }

    fn is_mount_point(&self, path: &str) -> bool {
        self.mounts.iter().any(|mount| mount.at == path)
    }

    // What may be taken away from where it is, or replaced there.
    fn removable(&self, path: &str) -> Result<Found, Errno> {
        let found = self.find(path, false)?;
        if self.is_mount_point(&found.outer) {
            return Err(Errno::Busy);
        }
        self.check_writable(&found)?;
        self.check_leaves(&found)?;
        Ok(found)
    }
}

impl FileSystem for ContainerFiles<'_> {
    fn metadata(&self, path: &str) -> Result<Metadata, Errno> {
        if main_stream(path).is_some() {
            let kind = FileKind::Socket;
            return Ok(Metadata { kind, size: 0, mode: 0o200, modified_ms: 0, uid: 0, gid: 0 });
        }
        if let Some(found) = self.kernel.entry(path) {
            return found.map(|entry| entry.metadata());
        }
        self.read_from(path, true, |tree, inner| tree.metadata(inner))
    }

    fn link_metadata(&self, path: &str) -> Result<Metadata, Errno> {
        if let Some(found) = self.kernel.entry(path) {
            return found.map(|entry| entry.metadata());
        }
        self.read_from(path, false, |tree, inner| tree.link_metadata(inner))
    }

    fn read(&self, path: &str) -> Result<EcoVec<u8>, Errno> {
        if let Some(found) = self.kernel.entry(path) {
            return found?.read();
        }
        self.read_allowed(path, |tree, inner| tree.read(inner))
    }

    fn write(&mut self, path: &str, bytes: &[u8], now_ms: u64) -> Result<(), Errno> {
        if let Some(error) = main_stream(path) {
            self.log.push((error, bytes.to_vec()));
            return Ok(());
        }
        self.store(path, |tree, inner| tree.write(inner, bytes, now_ms))
    }

    fn append(&mut self, path: &str, bytes: &[u8], now_ms: u64) -> Result<(), Errno> {
        if let Some(error) = main_stream(path) {
            self.log.push((error, bytes.to_vec()));
            return Ok(());
        }
        self.store(path, |tree, inner| tree.append(inner, bytes, now_ms))
    }

    fn list(&self, path: &str) -> Result<Vec<EcoString>, Errno> {
        if Kernel::lists(path) {
            return Err(Errno::NotSimulated);
        }
        self.read_allowed(path, |tree, inner| tree.list(inner))
    }

    fn make_dir(&mut self, path: &str, mode: u32, now_ms: u64) -> Result<(), Errno> {
        let found = self.find(path, false)?;
        self.make(&found, |tree, inner| tree.make_dir(inner, mode, now_ms))
    }

    fn remove_file(&mut self, path: &str) -> Result<(), Errno> {
        let found = self.removable(path)?;
        self.write_to(&found, |tree, inner| tree.remove_file(inner))
    }

    fn remove_dir(&mut self, path: &str) -> Result<(), Errno> {
        let found = self.removable(path)?;
        self.write_to(&found, |tree, inner| tree.remove_dir(inner))
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let (source, target) = (self.removable(from)?, self.removable(to)?);
        if source.mount != target.mount {
            return Err(Errno::CrossDevice);
        }
        let tree = self.tree_mut(source.mount).ok_or(Errno::NotFound)?;
        tree.rename(&source.inner, &target.inner)
    }

    fn symlink(&mut self, target: &str, path: &str, now_ms: u64) -> Result<(), Errno> {
        let found = self.find(path, false)?;
        self.make(&found, |tree, inner| tree.symlink(target, inner, now_ms))
    }

    fn read_link(&self, path: &str) -> Result<EcoString, Errno> {
        self.read_from(path, false, |tree, inner| tree.read_link(inner))
    }

    fn set_mode(&mut self, path: &str, mode: u32) -> Result<(), Errno> {
        let found = self.find(path, true)?;
        self.check_owner(&found)?;
        self.write_to(&found, |tree, inner| tree.set_mode(inner, mode))
    }

    fn set_modified(&mut self, path: &str, modified_ms: u64) -> Result<(), Errno> {
        let found = self.find(path, true)?;
        if self.check_owner(&found).is_err() {
            self.check(&found, WRITE)?;
        }
        self.write_to(&found, |tree, inner| tree.set_modified(inner, modified_ms))
    }

    fn set_owner(&mut self, path: &str, uid: u32, gid: u32) -> Result<(), Errno> {
        let found = self.find(path, true)?;
        let old = self.stat(&found)?;
        let own_group = self.user.uid == old.uid && uid == old.uid && self.user.is_in(gid);
        if !self.user.is_root() && !own_group {
            return Err(Errno::NotPermitted);
        }
        self.write_to(&found, |tree, inner| tree.set_owner(inner, uid, gid))
    }

    fn user(&self) -> User {
        self.user.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::value::Value;

    // A container's files: the image, and what is mounted of the Pod's own trees.
    fn container<'a>(
        root: &'a mut Tree,
        mounts: &'a [Mount],
        own: &'a mut Vec<Tree>,
        disks: &'a mut Disks,
        user: &'a User,
    ) -> ContainerFiles<'a> {
        ContainerFiles {
            root,
            mounts,
            own,
            disks,
            read_only: false,
            user,
            message: "/dev/termination-log",
            kernel: Kernel { processes: &[], resources: &Value::Null },
            log: Vec::new(),
        }
    }

    fn mount(at: &str, path: &str, read_only: bool) -> Mount {
        Mount {
            at: at.into(),
            store: Store::Own(0),
            path: path.into(),
            read_only,
            device: "overlay".into(),
            limit: None,
        }
    }

    #[test]
    fn mounts_hide_the_image_and_keep_their_rules() {
        let mut root = Tree::with_files(&[("/etc/app.conf", "image"), ("/data/old", "image")]);
        let volume = Tree::with_files(&[("/app.conf", "volume"), ("/sub/a", "1")]);
        let mounts = [mount("/data", "/", false), mount("/etc/app.conf", "/app.conf", true)];
        let (mut own, mut disks) = (vec![volume], Disks::default());
        let root_user = User::root();
        let mut files = container(&mut root, &mounts, &mut own, &mut disks, &root_user);
        files.make_mount_points(0);
        assert_eq!(files.read("/etc/app.conf").as_deref(), Ok(&b"volume"[..]));
        assert_eq!(files.read("/data/old").err(), Some(Errno::NotFound));
        assert_eq!(files.write("/etc/app.conf", b"x", 0), Err(Errno::ReadOnly));
        assert_eq!(files.remove_file("/etc/app.conf"), Err(Errno::Busy));
        assert_eq!(files.rename("/data/sub", "/tmp"), Err(Errno::CrossDevice));
        assert_eq!(files.write("/data/../data/sub/b", b"x", 0), Ok(()));
        assert_eq!(files.symlink("/data/sub/a", "/etc/link", 0), Ok(()));
        assert_eq!(files.read("/etc/link").as_deref(), Ok(&b"1"[..]));
        assert_eq!(files.list("/").as_deref(), Ok(&["data".into(), "etc".into()][..]));
        assert_eq!(files.write("/proc/1/fd/1", b"hello", 0), Ok(()));
        assert_eq!(files.log, [(false, b"hello".to_vec())]);
    }

    #[test]
    fn a_user_may_what_the_bits_say() {
        let mut root = Tree::with_files(&[("/etc/app.conf", "image"), ("/tmp/old", "1")]);
        root.make_dirs("/volume", 0);
        for (path, mode) in [("/tmp", 0o1777), ("/etc/app.conf", 0o600), ("/volume", 0o2775)] {
            assert_eq!(root.set_mode(path, mode), Ok(()));
        }
        root.own("/volume", 0, 2000);
        let (mut own, mut disks) = (Vec::new(), Disks::default());
        let user = User::new(1000, 3000, [2000]);
        let mut files = container(&mut root, &[], &mut own, &mut disks, &user);
        let denied = Err(Errno::PermissionDenied);
        assert_eq!(files.write("/x", b"", 0), denied);
        assert_eq!(files.read("/etc/app.conf"), Err(Errno::PermissionDenied));
        assert_eq!(files.remove_file("/tmp/old"), Err(Errno::NotPermitted));
        assert_eq!(files.set_mode("/tmp/old", 0o777), Err(Errno::NotPermitted));
        assert_eq!(files.write("/tmp/new", b"", 0), Ok(()));
        assert_eq!(files.make_dir("/volume/sub", 0o755, 0), Ok(()));
        let owner = |path: &str| {
            let found = files.metadata(path).ok();
            found.map(|found| (found.uid, found.gid, found.mode))
        };
        assert_eq!(owner("/tmp/new"), Some((1000, 3000, 0o644)));
        assert_eq!(owner("/volume/sub"), Some((1000, 2000, 0o2755)));
    }

    #[test]
    fn directories_above_a_mount_belong_to_root() {
        let mut root = Tree::new();
        let mounts = [mount("/srv/deep/v", "/", false)];
        let (mut own, mut disks) = (vec![Tree::new()], Disks::default());
        let user = User::new(1000, 1000, []);
        let mut files = container(&mut root, &mounts, &mut own, &mut disks, &user);
        files.make_mount_points(0);
        assert_eq!(files.write("/srv/deep/x", b"", 0), Err(Errno::PermissionDenied));
        assert_eq!(files.symlink("x", "/srv/x", 0), Err(Errno::PermissionDenied));
    }

    #[test]
    fn what_is_mounted_has_directories_above_it() {
        let mut root = Tree::new();
        let mounts = [mount("/var/lib/db", "/", false)];
        let (mut own, mut disks) = (vec![Tree::new()], Disks::default());
        let root_user = User::root();
        let mut files = container(&mut root, &mounts, &mut own, &mut disks, &root_user);
        files.make_mount_points(0);
        assert!(files.metadata("/var/lib").is_ok_and(|found| found.is_dir()));
        assert_eq!(files.list("/var").as_deref(), Ok(&["lib".into()][..]));
        assert_eq!(files.write("/var/lib/other", b"x", 0), Ok(()));
        let both = ["db".into(), "other".into()];
        assert_eq!(files.list("/var/lib").as_deref(), Ok(&both[..]));
        assert_eq!(files.list("/opt").err(), Some(Errno::NotFound));
    }
}
