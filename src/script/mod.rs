//! The shell language of terminals, `sh -c`, hooks and probes: bash and busybox sh.
//!
//! # API
//!
//! A [`Machine`] is one shell (or any command) with all its children: plain data that can be
//! cloned, compared and hashed at any moment. Make one with [`Machine::command`] (what a
//! container runtime or `kubectl exec` starts), [`Machine::script`] (`sh -c`) or
//! [`Machine::interactive`] (a terminal: [`Machine::feed`] lines, [`Feed::NeedMore`] asks for
//! another). Then call [`Machine::step`] whenever something may have changed or the time it named
//! has come, take what was printed with [`Machine::take_output`] (both streams, in order), give
//! input with [`Machine::write_input`] and [`Machine::close_input`], signals with
//! [`Machine::signal`] (a container is stopped) and [`Machine::interrupt`] (Ctrl-C).
//!
//! The world around it is a [`Host`]: clock, files, and external commands as resumable processes
//! of the host's own kind. A command may ask the machine to run another one for it
//! ([`Poll::Run`]: `xargs`, `timeout`, `watch`) or to become one ([`Poll::Become`]: `env`).
//! Files are a [`FileSystem`]; [`Tree`] is one in memory.
//!
//! # Scope
//!
//! - script-1: no job control (`Ctrl-Z`, `fg` of a stopped job), no history expansion, no
//!   completion builtins.
//! - script-2: no extended globs, no `select`, no coprocesses, no `>( )`; `<( )` is a file that is
//!   complete before the command begins.
//! - script-3: `ERR`, `DEBUG` and `RETURN` traps are remembered but never run.
//! - script-4: commands take no processor time, so `time` shows zeros for `user` and `sys`.

mod arithmetic;
mod builtins;
pub mod escape;
mod expand;
pub mod files;
pub mod format;
pub mod host;
mod machine;
mod parser;
pub mod pattern;
pub mod regex;
mod shell;
mod syntax;
pub mod user;

#[cfg(test)]
mod tests;

pub(crate) use builtins::real_path;
pub use builtins::{echo, printf, test};
pub use files::{Errno, FileKind, FileSystem, Metadata, Tree};
pub use host::{
    Delivery, Environment, Finished, Flavour, Host, Io, Output, Pipe, Poll, ProcessId, Run, Signal,
    Start, StartError, Stream,
};
pub use machine::{Feed, Machine, Settings, Step};
pub(crate) use parser::is_name;
pub use shell::{Shell, Variable};
pub use user::User;
