//! Who a process is: user, groups, and what they may do to a file.
//!
//! Models credentials(7) and path_resolution(7) of Linux for processes that never change who
//! they are. Left out: capabilities one by one, access control lists, user namespaces.

use super::files::{FileSystem, Metadata};

/// Read permission.
pub const READ: u32 = 4;
/// Write permission.
pub const WRITE: u32 = 2;
/// Permission to execute a file or to search a directory.
pub const EXECUTE: u32 = 1;

/// The user and the groups of a process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct User {
    /// User id.
    pub uid: u32,
    /// Primary group.
    pub gid: u32,
    /// Supplementary groups in ascending order; the primary one is among them.
    pub groups: Vec<u32>,
}

impl User {
    /// The superuser.
    pub fn root() -> Self {
        Self { uid: 0, gid: 0, groups: vec![0] }
    }

    /// A user whose groups are put in order.
    pub fn new(uid: u32, gid: u32, others: impl IntoIterator<Item = u32>) -> Self {
        let mut groups: Vec<u32> = std::iter::once(gid).chain(others).collect();
        groups.sort_unstable();
        groups.dedup();
        Self { uid, gid, groups }
    }

    /// Whether nothing is kept from this user.
    pub fn is_root(&self) -> bool {
        self.uid == 0
    }

    /// Whether the user belongs to a group.
    pub fn is_in(&self, group: u32) -> bool {
        self.gid == group || self.groups.contains(&group)
    }

    /// Whether the user may do this ([`READ`], [`WRITE`], [`EXECUTE`]) to a file.
    pub fn may(&self, wanted: u32, file: &Metadata) -> bool {
        if self.is_root() {
            return wanted & EXECUTE == 0 || file.is_dir() || file.mode & 0o111 != 0;
        }
        let bits = if file.uid == self.uid {
            file.mode >> 6
        } else if self.is_in(file.gid) {
            file.mode >> 3
        } else {
            file.mode
        };
        bits & wanted == wanted
    }

    /// Whether the user may change mode and times of a file.
    pub fn owns(&self, file: &Metadata) -> bool {
        self.is_root() || self.uid == file.uid
    }
}

/// The name of a user, as `/etc/passwd` has it.
pub fn user_name(files: &dyn FileSystem, uid: u32) -> Option<String> {
    name_in(files, "/etc/passwd", uid)
}

/// The name of a group, as `/etc/group` has it.
pub fn group_name(files: &dyn FileSystem, gid: u32) -> Option<String> {
    name_in(files, "/etc/group", gid)
}

/// The number of a user or group, by its name in one of these files.
pub fn number_of(files: &dyn FileSystem, file: &str, name: &str) -> Option<u32> {
    let found = line_of(files, file, 0, name).and_then(|line| line.get(2)?.parse().ok());
    found.or_else(|| (name == "root").then_some(0))
}

/// The primary group of a user, as `/etc/passwd` has it.
pub fn group_of(files: &dyn FileSystem, uid: u32) -> Option<u32> {
    line_of(files, "/etc/passwd", 2, &uid.to_string())?.get(3)?.parse().ok()
}

fn name_in(files: &dyn FileSystem, file: &str, id: u32) -> Option<String> {
    if !files.exists(file) {
        return (id == 0).then(|| "root".into());
    }
    line_of(files, file, 2, &id.to_string())?.into_iter().next()
}

// The parts of the line that has a text at this place.
fn line_of(files: &dyn FileSystem, file: &str, place: usize, text: &str) -> Option<Vec<String>> {
    let bytes = files.read(file).ok()?;
    let all = String::from_utf8_lossy(&bytes);
    let mut lines = all.lines().map(|line| line.split(':').map(String::from).collect());
    lines.find(|line: &Vec<String>| line.get(place).is_some_and(|part| part == text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::files::FileKind;

    #[test]
    fn the_first_class_that_fits_decides() {
        let file = |uid, gid, mode| Metadata {
            kind: FileKind::File,
            size: 0,
            mode,
            modified_ms: 0,
            uid,
            gid,
        };
        let user = User::new(1000, 3000, [2000, 2000]);
        assert_eq!(user.groups, [2000, 3000]);
        assert!(!user.may(WRITE, &file(0, 0, 0o644)));
        assert!(user.may(READ, &file(0, 0, 0o644)));
        assert!(user.may(WRITE, &file(0, 2000, 0o660)));
        // The owner's bits count for the owner, even if others may more.
        assert!(!user.may(READ, &file(1000, 2000, 0o077)));
        assert!(User::root().may(WRITE, &file(1000, 2000, 0)));
        assert!(!User::root().may(EXECUTE, &file(1000, 2000, 0o644)));
    }
}
