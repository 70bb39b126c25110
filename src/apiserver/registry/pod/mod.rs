//! Pods and Pod templates.
//!
//! Models `pkg/registry/core/pod` and the Pod parts of `pkg/apis/core`.

pub mod default;
pub mod update;
pub mod validate;
pub mod warnings;
