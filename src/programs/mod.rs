//! The text programs that shells start: `cat`, `grep`, `sed` and their kind.
//!
//! Models coreutils and busybox, as resumable processes.

pub mod dd;
pub mod tar;

use crate::script::files::FileSystem;
use crate::script::host::{Flavour, Io, Poll, Start};

/// A running program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Process {}

/// What a program reaches beside its streams.
pub struct World<'a> {
    /// The files.
    pub files: &'a mut dyn FileSystem,
    /// Milliseconds since 1970.
    pub now_ms: u64,
}

impl Process {
    /// Starts a program in its words of this flavour; none if there is no such program.
    pub fn start(_start: &Start<'_>, _flavour: Flavour) -> Option<Process> {
        None
    }

    /// Lets it run as far as it can.
    pub fn poll(&mut self, _world: &mut World<'_>, _io: &mut Io) -> Poll {
        Poll::Exited(0)
    }
}

/// The names of all programs.
pub fn names() -> impl Iterator<Item = &'static str> {
    [].into_iter()
}
