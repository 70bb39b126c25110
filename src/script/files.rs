//! Files as a shell sees them: a trait fine enough for mounts, and a tree in memory.
//!
//! The learner's working directory is a [`Tree`]; a container lays an image, volumes and
//! read-only mounts over several. Paths given to [`FileSystem`] are absolute; `.`, `..`
//! and symbolic links are resolved inside. Left out: hard links. A [`Tree`] keeps nobody from
//! anything; a container's files do.

use std::collections::VecDeque;
use std::fmt;

use ecow::{EcoString, EcoVec};
use imbl::OrdMap;

use super::user::User;

/// Why a system call on a file failed; `Display` gives the POSIX words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Errno {
    /// ENOENT.
    NotFound,
    /// ENOTDIR.
    NotADirectory,
    /// EISDIR.
    IsADirectory,
    /// EEXIST.
    Exists,
    /// ENOTEMPTY.
    NotEmpty,
    /// EROFS.
    ReadOnly,
    /// EBUSY: a mount point.
    Busy,
    /// EACCES.
    PermissionDenied,
    /// EPERM.
    NotPermitted,
    /// ELOOP.
    Loop,
    /// ENOSPC.
    NoSpace,
    /// EINVAL.
    Invalid,
    /// EXDEV: a rename across mounts.
    CrossDevice,
    /// EBADF.
    BadDescriptor,
    /// ESRCH.
    NoProcess,
    /// The real one would answer, this one cannot.
    NotSimulated,
}

impl Errno {
    /// The words of strerror(3).
    pub fn words(self) -> &'static str {
        match self {
            Self::NotFound => "No such file or directory",
            Self::NotADirectory => "Not a directory",
            Self::IsADirectory => "Is a directory",
            Self::Exists => "File exists",
            Self::NotEmpty => "Directory not empty",
            Self::ReadOnly => "Read-only file system",
            Self::Busy => "Device or resource busy",
            Self::PermissionDenied => "Permission denied",
            Self::NotPermitted => "Operation not permitted",
            Self::Loop => "Too many levels of symbolic links",
            Self::NoSpace => "No space left on device",
            Self::Invalid => "Invalid argument",
            Self::CrossDevice => "Invalid cross-device link",
            Self::BadDescriptor => "Bad file descriptor",
            Self::NoProcess => "No such process",
            Self::NotSimulated => "not simulated here yet",
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link (only from [`FileSystem::link_metadata`]).
    Link,
    /// A character device such as `/dev/null`.
    Device,
    /// A named pipe or socket.
    Socket,
}

/// What stat(2) tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Metadata {
    /// What the path names.
    pub kind: FileKind,
    /// Bytes in the file.
    pub size: u64,
    /// Permission bits, without the type.
    pub mode: u32,
    /// Modification time in milliseconds since 1970.
    pub modified_ms: u64,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

impl Metadata {
    /// Whether the path is a directory.
    pub fn is_dir(&self) -> bool {
        self.kind == FileKind::Directory
    }
}

/// The files a shell and its programs work on.
///
/// Paths are absolute. Implementations with mounts answer [`Errno::ReadOnly`] for writes under
/// a read-only mount, [`Errno::Busy`] for removing a mount point and [`Errno::CrossDevice`] for
/// a rename between mounts.
pub trait FileSystem {
    /// stat(2): follows a symbolic link at the end of the path.
    fn metadata(&self, path: &str) -> Result<Metadata, Errno>;
    /// lstat(2): does not.
    fn link_metadata(&self, path: &str) -> Result<Metadata, Errno>;
    /// The whole content of a file.
    fn read(&self, path: &str) -> Result<EcoVec<u8>, Errno>;
    /// Creates the file or replaces its content.
    fn write(&mut self, path: &str, bytes: &[u8], now_ms: u64) -> Result<(), Errno>;
    /// Creates the file or adds to its end.
    fn append(&mut self, path: &str, bytes: &[u8], now_ms: u64) -> Result<(), Errno>;
    /// Names in a directory, sorted, without `.` and `..`.
    fn list(&self, path: &str) -> Result<Vec<EcoString>, Errno>;
    /// mkdir(2).
    fn make_dir(&mut self, path: &str, mode: u32, now_ms: u64) -> Result<(), Errno>;
    /// unlink(2): a file or a symbolic link.
    fn remove_file(&mut self, path: &str) -> Result<(), Errno>;
    /// rmdir(2): an empty directory.
    fn remove_dir(&mut self, path: &str) -> Result<(), Errno>;
    /// rename(2).
    fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno>;
    /// symlink(2): `path` becomes a link to `target`.
    fn symlink(&mut self, target: &str, path: &str, now_ms: u64) -> Result<(), Errno>;
    /// readlink(2).
    fn read_link(&self, path: &str) -> Result<EcoString, Errno>;
    /// chmod(2).
    fn set_mode(&mut self, path: &str, mode: u32) -> Result<(), Errno>;
    /// utime(2).
    fn set_modified(&mut self, path: &str, modified_ms: u64) -> Result<(), Errno>;
    /// chown(2); a file system without owners accepts and forgets it.
    fn set_owner(&mut self, path: &str, _uid: u32, _gid: u32) -> Result<(), Errno> {
        self.metadata(path).map(|_| ())
    }
    /// Who looks at the files.
    fn user(&self) -> User {
        User::root()
    }
    /// Whether a regular or any other file is there, following links.
    fn exists(&self, path: &str) -> bool {
        self.metadata(path).is_ok()
    }
}

/// `path` seen from `cwd`, with `.` and `..` taken out where no link can matter.
///
/// The result is absolute. A trailing slash is dropped.
pub fn join(cwd: &str, path: &str) -> EcoString {
    let mut parts: Vec<&str> = Vec::new();
    let whole = if path.starts_with('/') { String::from(path) } else { format!("{cwd}/{path}") };
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    let mut out = EcoString::from("/");
    out.push_str(&parts.join("/"));
    out
}

/// A path made absolute without looking at `..`, which the file system resolves.
pub fn absolute(cwd: &str, path: &str) -> EcoString {
    if path.starts_with('/') { path.into() } else { ecow::eco_format!("{cwd}/{path}") }
}

/// The last component of a path and what stands before it.
pub fn split(path: &str) -> (&str, &str) {
    let path = path.trim_end_matches('/');
    match path.rfind('/') {
        Some(0) => ("/", path.get(1..).unwrap_or("")),
        Some(at) => (path.get(..at).unwrap_or(""), path.get(at + 1..).unwrap_or("")),
        None => (".", path),
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Content {
    File(EcoVec<u8>),
    Directory(OrdMap<EcoString, Node>),
    Link(EcoString),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Node {
    content: Content,
    mode: u32,
    modified_ms: u64,
    uid: u32,
    gid: u32,
}

impl Node {
    fn new(content: Content, mode: u32, modified_ms: u64) -> Self {
        Self { content, mode, modified_ms, uid: 0, gid: 0 }
    }

    fn give_to_group(&mut self, gid: u32, modes: (u32, u32)) {
        self.gid = gid;
        match &mut self.content {
            Content::File(_) => self.mode |= modes.0,
            Content::Link(_) => {}
            Content::Directory(entries) => {
                self.mode |= modes.1;
                let names: Vec<EcoString> = entries.keys().cloned().collect();
                for name in names {
                    if let Some(entry) = entries.get_mut(&name) {
                        entry.give_to_group(gid, modes);
                    }
                }
            }
        }
    }

    fn metadata(&self) -> Metadata {
        let (kind, size) = match &self.content {
            Content::File(bytes) => (FileKind::File, bytes.len() as u64),
            Content::Directory(_) => (FileKind::Directory, 4096),
            Content::Link(target) => (FileKind::Link, target.len() as u64),
        };
        let (mode, modified_ms) = (self.mode, self.modified_ms);
        Metadata { kind, size, mode, modified_ms, uid: self.uid, gid: self.gid }
    }
}

/// A whole file system in memory. Cloning shares everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tree {
    root: Node,
    /// Bytes all files together may take.
    limit: u64,
}

/// More symbolic links than this in one path are [`Errno::Loop`], as in Linux.
const LINKS_MAX: usize = 40;

impl Default for Tree {
    fn default() -> Self {
        Self::new()
    }
}

impl Tree {
    /// An empty root directory, with room for 16 MiB.
    pub fn new() -> Self {
        let root = Node::new(Content::Directory(OrdMap::new()), 0o755, 0);
        Self { root, limit: 16 << 20 }
    }

    /// The same with room for this many bytes.
    pub fn with_limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Takes away everything but the root.
    pub fn clear(&mut self) {
        self.root.content = Content::Directory(OrdMap::new());
    }

    /// A tree with these files; directories are made as needed.
    pub fn with_files(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::new();
        for (path, text) in files {
            tree.put(path, text.as_bytes(), 0);
        }
        tree
    }

    /// Writes a file, making its directories. False if the path is no place for a file.
    pub fn put(&mut self, path: &str, bytes: &[u8], now_ms: u64) -> bool {
        let (parent, _) = split(path);
        self.make_dirs(parent, now_ms) && self.write(path, bytes, now_ms).is_ok()
    }

    /// `mkdir -p`. False if a file stands in the way.
    pub fn make_dirs(&mut self, path: &str, now_ms: u64) -> bool {
        let mut at = String::new();
        for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
            at.push('/');
            at.push_str(part);
            match self.make_dir(&at, 0o755, now_ms) {
                Ok(()) | Err(Errno::Exists) => {}
                Err(_) => return false,
            }
        }
        self.metadata(&at).map_or(at.is_empty(), |found| found.is_dir())
    }

    /// Whether it shares everything with another; false says nothing.
    pub fn is_same(&self, other: &Tree) -> bool {
        let shared = match (&self.root.content, &other.root.content) {
            (Content::Directory(own), Content::Directory(its)) => own.ptr_eq(its),
            _ => false,
        };
        shared && self.limit == other.limit && self.root.metadata() == other.root.metadata()
    }

    /// Every file (not directory) under the root with its content, sorted by path.
    pub fn files(&self) -> Vec<(EcoString, EcoVec<u8>)> {
        let mut found = Vec::new();
        collect(&self.root, &EcoString::new(), &mut found);
        found
    }

    /// lchown(2): the owner of what the path names, even if that is a link.
    pub fn own(&mut self, path: &str, uid: u32, gid: u32) {
        if let Ok(parts) = self.resolve(path, false)
            && let Ok(node) = self.node_mut(&parts)
        {
            (node.uid, node.gid) = (uid, gid);
        }
    }

    /// Gives what lies under a path to a group, with these permissions beside those it has:
    /// for files, and for directories.
    pub fn give_to_group(&mut self, path: &str, gid: u32, modes: (u32, u32)) {
        if let Ok(parts) = self.resolve(path, true)
            && let Ok(node) = self.node_mut(&parts)
        {
            node.give_to_group(gid, modes);
        }
    }

    /// Names of the components from the root, links followed.
    fn resolve(&self, path: &str, follow_last: bool) -> Result<Vec<EcoString>, Errno> {
        let mut todo: VecDeque<EcoString> = components(path);
        let mut done: Vec<EcoString> = Vec::new();
        let mut links = 0;
        while let Some(name) = todo.pop_front() {
            if name == ".." {
                done.pop();
                continue;
            }
            let last = todo.is_empty();
            done.push(name);
            let node = match self.node(&done) {
                Ok(node) => node,
                Err(Errno::NotFound) if last => return Ok(done),
                Err(error) => return Err(error),
            };
            match &node.content {
                Content::Link(target) if !last || follow_last => {
                    links += 1;
                    if links > LINKS_MAX {
                        return Err(Errno::Loop);
                    }
                    done.pop();
                    if target.starts_with('/') {
                        done.clear();
                    }
                    for part in components(target).into_iter().rev() {
                        todo.push_front(part);
                    }
                }
                Content::File(_) if !last => return Err(Errno::NotADirectory),
                _ => {}
            }
        }
        Ok(done)
    }

    fn node(&self, parts: &[EcoString]) -> Result<&Node, Errno> {
        let mut node = &self.root;
        for part in parts {
            match &node.content {
                Content::Directory(entries) => node = entries.get(part).ok_or(Errno::NotFound)?,
                _ => return Err(Errno::NotADirectory),
            }
        }
        Ok(node)
    }

    fn node_mut(&mut self, parts: &[EcoString]) -> Result<&mut Node, Errno> {
        let mut node = &mut self.root;
        for part in parts {
            match &mut node.content {
                Content::Directory(entries) => {
                    node = entries.get_mut(part).ok_or(Errno::NotFound)?;
                }
                _ => return Err(Errno::NotADirectory),
            }
        }
        Ok(node)
    }

    fn entries_mut(&mut self, parts: &[EcoString]) -> Result<&mut OrdMap<EcoString, Node>, Errno> {
        match &mut self.node_mut(parts)?.content {
            Content::Directory(entries) => Ok(entries),
            _ => Err(Errno::NotADirectory),
        }
    }

    fn found(&self, path: &str, follow: bool) -> Result<&Node, Errno> {
        let parts = self.resolve(path, follow)?;
        let node = self.node(&parts)?;
        if path.len() > 1 && path.ends_with('/') && !node.metadata().is_dir() {
            return Err(Errno::NotADirectory);
        }
        Ok(node)
    }

    fn insert(&mut self, path: &str, node: Node) -> Result<(), Errno> {
        let parts = self.resolve(path, false)?;
        let Some((name, parent)) = parts.split_last() else {
            return Err(Errno::Exists);
        };
        let modified_ms = node.modified_ms;
        let entries = self.entries_mut(parent)?;
        if entries.contains_key(name) {
            return Err(Errno::Exists);
        }
        entries.insert(name.clone(), node);
        self.node_mut(parent)?.modified_ms = modified_ms;
        Ok(())
    }

    /// Stores bytes, adding to what is there if `append`.
    fn store(&mut self, path: &str, bytes: &[u8], now: u64, append: bool) -> Result<(), Errno> {
        if path.ends_with('/') {
            return Err(Errno::IsADirectory);
        }
        // What is replaced makes room for what comes.
        let replaced = if append { 0 } else { self.read(path).map_or(0, |old| old.len()) as u64 };
        if self.size(&self.root) + bytes.len() as u64 > self.limit + replaced {
            return Err(Errno::NoSpace);
        }
        let parts = self.resolve(path, true)?;
        let Some((name, parent)) = parts.split_last() else {
            return Err(Errno::IsADirectory);
        };
        let entries = self.entries_mut(parent)?;
        let Some(node) = entries.get_mut(name) else {
            let content = Content::File(EcoVec::from(bytes));
            entries.insert(name.clone(), Node::new(content, 0o644, now));
            self.node_mut(parent)?.modified_ms = now;
            return Ok(());
        };
        match &mut node.content {
            Content::File(old) if append => old.extend_from_slice(bytes),
            Content::File(old) => *old = EcoVec::from(bytes),
            _ => return Err(Errno::IsADirectory),
        }
        node.modified_ms = now;
        Ok(())
    }

    fn size(&self, node: &Node) -> u64 {
        match &node.content {
            Content::File(bytes) => bytes.len() as u64,
            Content::Directory(entries) => entries.values().map(|entry| self.size(entry)).sum(),
            Content::Link(_) => 0,
        }
    }
}

fn components(path: &str) -> VecDeque<EcoString> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").map(Into::into).collect()
}

fn collect(node: &Node, path: &EcoString, found: &mut Vec<(EcoString, EcoVec<u8>)>) {
    match &node.content {
        Content::File(bytes) => found.push((path.clone(), bytes.clone())),
        Content::Directory(entries) => {
            for (name, entry) in entries {
                collect(entry, &ecow::eco_format!("{path}/{name}"), found);
            }
        }
        Content::Link(_) => {}
    }
}

impl FileSystem for Tree {
    fn metadata(&self, path: &str) -> Result<Metadata, Errno> {
        self.found(path, true).map(Node::metadata)
    }

    fn link_metadata(&self, path: &str) -> Result<Metadata, Errno> {
        self.found(path, path.ends_with('/')).map(Node::metadata)
    }

    fn read(&self, path: &str) -> Result<EcoVec<u8>, Errno> {
        match &self.found(path, true)?.content {
            Content::File(bytes) => Ok(bytes.clone()),
            _ => Err(Errno::IsADirectory),
        }
    }

    fn write(&mut self, path: &str, bytes: &[u8], now_ms: u64) -> Result<(), Errno> {
        self.store(path, bytes, now_ms, false)
    }

    fn append(&mut self, path: &str, bytes: &[u8], now_ms: u64) -> Result<(), Errno> {
        self.store(path, bytes, now_ms, true)
    }

    fn list(&self, path: &str) -> Result<Vec<EcoString>, Errno> {
        match &self.found(path, true)?.content {
            Content::Directory(entries) => Ok(entries.keys().cloned().collect()),
            _ => Err(Errno::NotADirectory),
        }
    }

    fn make_dir(&mut self, path: &str, mode: u32, now_ms: u64) -> Result<(), Errno> {
        self.insert(path, Node::new(Content::Directory(OrdMap::new()), mode, now_ms))
    }

    fn remove_file(&mut self, path: &str) -> Result<(), Errno> {
        let parts = self.resolve(path, false)?;
        if self.node(&parts)?.metadata().is_dir() {
            return Err(Errno::IsADirectory);
        }
        let Some((name, parent)) = parts.split_last() else {
            return Err(Errno::IsADirectory);
        };
        self.entries_mut(parent)?.remove(name);
        Ok(())
    }

    fn remove_dir(&mut self, path: &str) -> Result<(), Errno> {
        let parts = self.resolve(path, false)?;
        match &self.node(&parts)?.content {
            Content::Directory(entries) if entries.is_empty() => {}
            Content::Directory(_) => return Err(Errno::NotEmpty),
            _ => return Err(Errno::NotADirectory),
        }
        let Some((name, parent)) = parts.split_last() else {
            return Err(Errno::Busy);
        };
        self.entries_mut(parent)?.remove(name);
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let source = self.resolve(from, false)?;
        let node = self.node(&source)?.clone();
        let target = self.resolve(to, false)?;
        if source == target {
            return Ok(());
        }
        if target.starts_with(&source) {
            return Err(Errno::Invalid);
        }
        let Some((name, parent)) = target.split_last() else {
            return Err(Errno::Busy);
        };
        let moves_dir = node.metadata().is_dir();
        let entries = self.entries_mut(parent)?;
        match entries.get(name).map(|old| &old.content) {
            Some(Content::Directory(_)) if !moves_dir => return Err(Errno::IsADirectory),
            Some(Content::Directory(old)) if !old.is_empty() => return Err(Errno::NotEmpty),
            Some(Content::File(_) | Content::Link(_)) if moves_dir => {
                return Err(Errno::NotADirectory);
            }
            _ => {}
        }
        entries.insert(name.clone(), node);
        let Some((name, parent)) = source.split_last() else {
            return Err(Errno::Busy);
        };
        self.entries_mut(parent)?.remove(name);
        Ok(())
    }

    fn symlink(&mut self, target: &str, path: &str, now_ms: u64) -> Result<(), Errno> {
        self.insert(path, Node::new(Content::Link(target.into()), 0o777, now_ms))
    }

    fn read_link(&self, path: &str) -> Result<EcoString, Errno> {
        match &self.found(path, false)?.content {
            Content::Link(target) => Ok(target.clone()),
            _ => Err(Errno::Invalid),
        }
    }

    fn set_mode(&mut self, path: &str, mode: u32) -> Result<(), Errno> {
        let parts = self.resolve(path, true)?;
        self.node_mut(&parts)?.mode = mode & 0o7777;
        Ok(())
    }

    fn set_modified(&mut self, path: &str, modified_ms: u64) -> Result<(), Errno> {
        let parts = self.resolve(path, true)?;
        self.node_mut(&parts)?.modified_ms = modified_ms;
        Ok(())
    }

    fn set_owner(&mut self, path: &str, uid: u32, gid: u32) -> Result<(), Errno> {
        let parts = self.resolve(path, true)?;
        let node = self.node_mut(&parts)?;
        (node.uid, node.gid) = (uid, gid);
        Ok(())
    }
}
