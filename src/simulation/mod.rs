//! The kernel: one clock, one queue, one source of chance, and the loops that they drive.
//!
//! Knows no kubectl and no browser. [`cluster::Cluster`] is a value: cloning it is a checkpoint.

pub mod cluster;
pub mod event_queue;
pub mod fault;
pub mod setting;
pub mod timeline;
pub mod trace;
pub mod worker;
