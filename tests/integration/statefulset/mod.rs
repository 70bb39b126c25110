//! The StatefulSet controller: upstream's cases under their names, golden traces, invariants; and
//! the small controllers beside it.

pub mod bench;
mod cluster;
mod collection;
mod control;
mod controller;
mod faults;
mod golden;
pub mod model;
mod pod_control;
mod schedules;
mod stale_pod;
