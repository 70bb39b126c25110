//! The files that a container sees: its image, its own changes, and what is mounted over them.
//!
//! Models the mounts that `pkg/kubelet/kubelet_pods.go` makeMounts asks the runtime for. Owners
//! of files are kept, but nobody is kept from anything by them.

use std::collections::VecDeque;

use ecow::EcoVec;

use crate::api::value::EcoString;
use crate::script::files::{Errno, FileKind, FileSystem, Metadata, Tree, join};

use super::disks::{DiskKey, Disks};

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

const LINKS_MAX: usize = 40;

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

    fn write_to<T>(
        &mut self,
        path: &str,
        follow: bool,
        act: impl FnOnce(&mut Tree, &str) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let found = self.find(path, follow)?;
        self.check_writable(found.mount)?;
        act(self.tree_mut(found.mount).ok_or(Errno::NotFound)?, &found.inner)
    }

    fn check_writable(&self, mount: Option<usize>) -> Result<(), Errno> {
        let read_only = match mount {
            Some(index) => self.mounts.get(index).is_some_and(|mount| mount.read_only),
            None => self.read_only,
        };
        if read_only { Err(Errno::ReadOnly) } else { Ok(()) }
    }

    fn is_mount_point(&self, path: &str) -> bool {
        self.mounts.iter().any(|mount| mount.at == path)
    }

    fn check_removable(&self, path: &str) -> Result<(), Errno> {
        let found = self.find(path, false)?;
        if self.is_mount_point(&found.outer) {
            return Err(Errno::Busy);
        }
        Ok(())
    }

    // The open files of process 1, which exec'd commands write to on purpose.
    fn main_stream(path: &str) -> Option<bool> {
        match join("/", path).as_str() {
            "/proc/1/fd/1" => Some(false),
            "/proc/1/fd/2" => Some(true),
            _ => None,
        }
    }
}

impl FileSystem for ContainerFiles<'_> {
    fn metadata(&self, path: &str) -> Result<Metadata, Errno> {
        if Self::main_stream(path).is_some() {
            let kind = FileKind::Socket;
            return Ok(Metadata { kind, size: 0, mode: 0o200, modified_ms: 0, uid: 0, gid: 0 });
        }
        self.read_from(path, true, |tree, inner| tree.metadata(inner))
    }

    fn link_metadata(&self, path: &str) -> Result<Metadata, Errno> {
        self.read_from(path, false, |tree, inner| tree.link_metadata(inner))
    }

    fn read(&self, path: &str) -> Result<EcoVec<u8>, Errno> {
        self.read_from(path, true, |tree, inner| tree.read(inner))
    }

    fn write(&mut self, path: &str, bytes: &[u8], now_ms: u64) -> Result<(), Errno> {
        if let Some(error) = Self::main_stream(path) {
            self.log.push((error, bytes.to_vec()));
            return Ok(());
        }
        self.write_to(path, true, |tree, inner| tree.write(inner, bytes, now_ms))
    }

    fn append(&mut self, path: &str, bytes: &[u8], now_ms: u64) -> Result<(), Errno> {
        if let Some(error) = Self::main_stream(path) {
            self.log.push((error, bytes.to_vec()));
            return Ok(());
        }
        self.write_to(path, true, |tree, inner| tree.append(inner, bytes, now_ms))
    }

    fn list(&self, path: &str) -> Result<Vec<EcoString>, Errno> {
        self.read_from(path, true, |tree, inner| tree.list(inner))
    }

    fn make_dir(&mut self, path: &str, mode: u32, now_ms: u64) -> Result<(), Errno> {
        self.write_to(path, false, |tree, inner| tree.make_dir(inner, mode, now_ms))
    }

    fn remove_file(&mut self, path: &str) -> Result<(), Errno> {
        self.check_removable(path)?;
        self.write_to(path, false, |tree, inner| tree.remove_file(inner))
    }

    fn remove_dir(&mut self, path: &str) -> Result<(), Errno> {
        self.check_removable(path)?;
        self.write_to(path, false, |tree, inner| tree.remove_dir(inner))
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        self.check_removable(from)?;
        self.check_removable(to)?;
        let (source, target) = (self.find(from, false)?, self.find(to, false)?);
        self.check_writable(source.mount)?;
        self.check_writable(target.mount)?;
        if source.mount != target.mount {
            return Err(Errno::CrossDevice);
        }
        let tree = self.tree_mut(source.mount).ok_or(Errno::NotFound)?;
        tree.rename(&source.inner, &target.inner)
    }

    fn symlink(&mut self, target: &str, path: &str, now_ms: u64) -> Result<(), Errno> {
        self.write_to(path, false, |tree, inner| tree.symlink(target, inner, now_ms))
    }

    fn read_link(&self, path: &str) -> Result<EcoString, Errno> {
        self.read_from(path, false, |tree, inner| tree.read_link(inner))
    }

    fn set_mode(&mut self, path: &str, mode: u32) -> Result<(), Errno> {
        self.write_to(path, true, |tree, inner| tree.set_mode(inner, mode))
    }

    fn set_modified(&mut self, path: &str, modified_ms: u64) -> Result<(), Errno> {
        self.write_to(path, true, |tree, inner| tree.set_modified(inner, modified_ms))
    }

    fn set_owner(&mut self, path: &str, uid: u32, gid: u32) -> Result<(), Errno> {
        self.write_to(path, true, |tree, inner| tree.set_owner(inner, uid, gid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_hide_the_image_and_keep_their_rules() {
        let mut root = Tree::with_files(&[("/etc/app.conf", "image"), ("/data/old", "image")]);
        let volume = Tree::with_files(&[("/app.conf", "volume"), ("/sub/a", "1")]);
        let mount = |at: &str, path: &str, read_only| Mount {
            at: at.into(),
            store: Store::Own(0),
            path: path.into(),
            read_only,
            device: "overlay".into(),
            limit: None,
        };
        let mounts = [mount("/data", "/", false), mount("/etc/app.conf", "/app.conf", true)];
        let (mut own, mut disks) = (vec![volume], Disks::default());
        let mut files = ContainerFiles {
            root: &mut root,
            mounts: &mounts,
            own: &mut own,
            disks: &mut disks,
            read_only: false,
            log: Vec::new(),
        };
        assert_eq!(files.read("/etc/app.conf").as_deref(), Ok(&b"volume"[..]));
        assert_eq!(files.read("/data/old").err(), Some(Errno::NotFound));
        assert_eq!(files.write("/etc/app.conf", b"x", 0), Err(Errno::ReadOnly));
        assert_eq!(files.remove_file("/etc/app.conf"), Err(Errno::Busy));
        assert_eq!(files.rename("/data/sub", "/tmp"), Err(Errno::CrossDevice));
        assert_eq!(files.write("/data/../data/sub/b", b"x", 0), Ok(()));
        assert_eq!(files.symlink("/data/sub/a", "/etc/link", 0), Ok(()));
        assert_eq!(files.read("/etc/link").as_deref(), Ok(&b"1"[..]));
        assert_eq!(files.write("/proc/1/fd/1", b"hello", 0), Ok(()));
        assert_eq!(files.log, [(false, b"hello".to_vec())]);
    }
}
