//! What the kernel of a node shows a container as files: `/proc` and `/sys`.
//!
//! Models a few files of procfs(5) and of control groups (version 2): the command lines of
//! processes, and the limits that the Pod's resources become. All others are refused.

use crate::api::quantity::Quantity;
use crate::api::value::Value;
use crate::script::files::{Errno, FileKind, Metadata};

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

impl Kernel<'_> {
    /// Whether a path is the kernel's, but for the open files of processes.
    pub fn owns(path: &str) -> bool {
        let below = |root: &str| {
            let rest = path.strip_prefix(root).map(|rest| rest.trim_matches('/'));
            rest.is_some_and(|rest| {
                !rest.is_empty() && path.as_bytes().get(root.len()) == Some(&b'/')
            })
        };
        below("/proc") && !path.contains("/fd") || below("/sys")
    }

    /// Whether it is a directory of the kernel's.
    pub fn lists(path: &str) -> bool {
        matches!(path.trim_end_matches('/'), "/proc" | "/sys") || Self::owns(path)
    }

    /// The file at a path of the kernel's.
    pub fn file(&self, path: &str) -> Option<Result<String, Errno>> {
        if !Self::owns(path) {
            return None;
        }
        Some(match path.strip_prefix("/sys/fs/cgroup/") {
            Some(name) => self.limit(name).ok_or(Errno::NotSimulated),
            None => self.process_file(path),
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
                    format!("{} {PERIOD}\n", (milli * PERIOD / 1000).max(1000))
                }
                _ => format!("max {PERIOD}\n"),
            }),
            _ => None,
        }
    }

    fn process_file(&self, path: &str) -> Result<String, Errno> {
        let mut parts = path.trim_start_matches("/proc/").split('/');
        let pid =
            parts.next().and_then(|pid| pid.parse::<u32>().ok()).ok_or(Errno::NotSimulated)?;
        let seen = self.processes.iter().find(|seen| seen.pid == pid).ok_or(Errno::NotFound)?;
        let program = seen.title.split(' ').next().unwrap_or_default();
        match (parts.next(), parts.next()) {
            (Some("cmdline"), None) => Ok(format!("{}\0", seen.title.replace(" ", "\0"))),
            (Some("comm"), None) => Ok(format!("{}\n", base_name(program))),
            _ => Err(Errno::NotSimulated),
        }
    }
}

/// What stat(2) says of such a file: it has no size until it is read.
pub fn kernel_metadata() -> Metadata {
    let kind = FileKind::File;
    Metadata { kind, size: 0, mode: 0o444, modified_ms: 0, uid: 0, gid: 0 }
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
        let read = |path: &str| kernel.file(path);
        assert_eq!(read("/sys/fs/cgroup/cpu.max"), Some(Ok("25000 100000\n".into())));
        assert_eq!(read("/sys/fs/cgroup/memory.max"), Some(Ok("99999744\n".into())));
        assert_eq!(read("/proc/1/cmdline"), Some(Ok("sleep\u{0}60\u{0}".into())));
        assert_eq!(read("/proc/meminfo"), Some(Err(Errno::NotSimulated)));
        assert_eq!(read("/proc/7/comm"), Some(Err(Errno::NotFound)));
        assert_eq!(read("/proc/1/fd/1"), None);
        assert_eq!(read("/etc/passwd"), None);
    }
}
