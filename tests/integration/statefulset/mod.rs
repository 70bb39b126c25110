//! The StatefulSet controller: upstream's cases under their names, golden traces, invariants; and
//! the small controllers beside it.

pub mod bench;
mod claim_corners;
mod cluster;
mod collection;
mod control;
mod controller;
mod corners;
mod data;
mod e2e;
mod e2e_data;
mod faults;
mod golden;
pub mod model;
mod more;
mod pod_control;
mod reasons;
mod recreate;
mod reference;
mod schedules;
mod slots;
mod stale_pod;
mod status;
mod upstream;
mod utils;
mod why;
