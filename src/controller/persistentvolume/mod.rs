//! PersistentVolumes and their claims.
//!
//! Models `pkg/controller/volume`.

pub mod volume;
