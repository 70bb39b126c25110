//! StatefulSets.
//!
//! Models `pkg/registry/apps/statefulset` and `pkg/apis/apps`.

pub mod default;
pub mod validate;
