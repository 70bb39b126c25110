//! The learner's shell: a terminal on a cluster, and the session that both make up.

pub mod absent;
pub mod host;
pub mod session;
pub mod terminal;
mod vi;
