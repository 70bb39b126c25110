//! Rules that several kinds share, with upstream's words.
//!
//! Models `k8s.io/apimachinery/pkg/util/validation` and `pkg/api/validation`.

pub mod diff;
pub mod metadata;
pub mod names;
pub mod numbers;
pub mod selector;

use crate::api::status::FieldError;

/// Complaints, in the order in which they are shown.
pub type Errors = Vec<FieldError>;
