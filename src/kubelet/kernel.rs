//! What the kernel of a node shows a container as files: `/proc` and `/sys`.
//!
//! Models a few files of procfs(5) and of control groups (version 2): the command lines of
//! processes, and the limits that the Pod's resources become. All others are refused.

use ecow::EcoVec;

use crate::api::quantity::Quantity;
use crate::api::value::{EcoString, Value};
use crate::script::files::{Errno, FileKind, Metadata, join};

use super::program::{Seen, base_name};

/// Memory is counted in pages of this size.
const PAGE: i64 = 4096;
/// Microseconds for which a share of the processors is measured out.
const PERIOD: i64 = 100_000;

/// What there is to be shown.
#[derive(Clone, Copy)]
pub struct Kernel<'a> {
    /// The processes that the container sees.
    pub processes: &'a [Seen],
    /// What it may use of the node.
    pub resources: &'a Value,
}

/// What there is at a path of the kernel's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A directory.
    Directory,
    /// A file with this text.
    File(String),
}

impl Entry {
    /// What stat(2) says: a file has no size until it is read.
    pub fn metadata(&self) -> Metadata {
        let (kind, mode) = match self {
            Entry::Directory => (FileKind::Directory, 0o555),
            Entry::File(_) => (FileKind::File, 0o444),
        };
        Metadata { kind, size: 0, mode, modified_ms: 0, uid: 0, gid: 0 }
    }

    /// What is read from it.
    pub fn read(self) -> Result<EcoVec<u8>, Errno> {
        match self {
            Entry::Directory => Err(Errno::IsADirectory),
            Entry::File(text) => Ok(text.as_bytes().into()),
        }
    }
}

// The parts of a path in `/proc` or `/sys`.
fn parts(path: &str) -> Option<EcoString> {
    let may_be = path.contains("proc") || path.contains("sys");
    let whole = may_be.then(|| join("/", path))?;
    matches!(whole.split('/').nth(1), Some("proc" | "sys")).then_some(whole)
}

/// An open file of process 1, which exec'd commands write to on purpose: whether it is that of
/// errors.
pub fn main_stream(path: &str) -> Option<bool> {
    match parts(path)?.as_str() {
        "/proc/1/fd/1" => Some(false),
        "/proc/1/fd/2" => Some(true),
        _ => None,
    }
}

impl Kernel<'_> {
    /// Whether it is a directory of the kernel's.
    pub fn lists(path: &str) -> bool {
        parts(path).is_some()
    }

    /// What is at a path, if that is the kernel's.
    pub fn entry(&self, path: &str) -> Option<Result<Entry, Errno>> {
        let path = parts(path)?;
        let names: Vec<&str> = path.split('/').skip(1).collect();
        Some(match names.as_slice() {
            ["proc" | "sys"] => Ok(Entry::Directory),
            ["proc", pid, rest @ ..] => self.process(pid, rest),
            ["sys", "fs", "cgroup", name] => {
                self.limit(name).map(Entry::File).ok_or(Errno::NotSimulated)
            }
            _ => Err(Errno::NotSimulated),
        })
    }

    // Models what runc writes: no limit is "max".
    fn limit(&self, name: &str) -> Option<String> {
        let limit = |resource: &str| self.resources.path(&["limits", resource]);
        let of =
            |resource: &str| (!limit(resource).is_null()).then(|| Quantity::of(limit(resource)));
        match name {
            "memory.max" => Some(match of("memory").map(|amount| amount.units()) {
                Some(bytes) if bytes > 0 => format!("{}\n", bytes / PAGE * PAGE),
                _ => "max\n".into(),
            }),
            "cpu.max" => Some(match of("cpu").map(|amount| amount.milli()) {
                Some(milli) if milli > 0 => {
                    format!("{} {PERIOD}\n", (milli.saturating_mul(PERIOD) / 1000).max(1000))
                }
                _ => format!("max {PERIOD}\n"),
            }),
            _ => None,
        }
    }

    fn process(&self, pid: &str, rest: &[&str]) -> Result<Entry, Errno> {
        let pid = pid.parse::<u32>().map_err(|_| Errno::NotSimulated)?;
        let seen = self.processes.iter().find(|seen| seen.pid == pid).ok_or(Errno::NotFound)?;
        let program = seen.title.split(' ').next().unwrap_or_default();
        match rest {
            [] => Ok(Entry::Directory),
            ["cmdline"] => Ok(Entry::File(format!("{}\0", seen.title.replace(" ", "\0")))),
            ["comm"] => Ok(Entry::File(format!("{}\n", base_name(program)))),
            _ => Err(Errno::NotSimulated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn limits_are_shown_as_the_kernel_has_them() {
        let resources = value!({"limits": {"cpu": "250m", "memory": "100M"}});
        let seen = [Seen { pid: 1, title: "sleep 60".into(), uid: 0 }];
        let kernel = Kernel { processes: &seen, resources: &resources };
        let read = |path: &str| match kernel.entry(path)? {
            Ok(entry) => {
                let text = |bytes: EcoVec<u8>| String::from_utf8_lossy(&bytes).into_owned();
                Some(entry.read().map(text))
            }
            Err(error) => Some(Err(error)),
        };
        assert_eq!(read("/sys/fs/cgroup/cpu.max"), Some(Ok("25000 100000\n".into())));
        assert_eq!(read("/sys/fs/cgroup/memory.max"), Some(Ok("99999744\n".into())));
        assert_eq!(read("/proc/1/cmdline"), Some(Ok("sleep\u{0}60\u{0}".into())));
        assert_eq!(read("/tmp/..//proc/./1/comm"), Some(Ok("sleep\n".into())));
        assert_eq!(read("/proc/1"), Some(Err(Errno::IsADirectory)));
        assert_eq!(read("/proc/meminfo"), Some(Err(Errno::NotSimulated)));
        assert_eq!(read("/proc/7"), Some(Err(Errno::NotFound)));
        assert_eq!(read("/proc/1/fd"), Some(Err(Errno::NotSimulated)));
        assert_eq!(read("/etc/passwd"), None);
        assert_eq!(read("/processes"), None);
        let much = value!({"limits": {"cpu": "9223372036854775807"}});
        let kernel = Kernel { processes: &seen, resources: &much };
        assert!(kernel.entry("/sys/fs/cgroup/cpu.max").is_some());
    }
}
