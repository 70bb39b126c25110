//! The verbs, the same for every kind.
//!
//! Models `k8s.io/apiserver/pkg/registry/generic/registry/store.go`.

mod create;
mod delete;
mod patch;
mod read;
mod update;

pub use update::Ownership;

/// Which part of an object a write is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The object itself; its status is kept where the kind has a status subresource.
    Main,
    /// The status subresource: everything but metadata and status is kept.
    Status,
    /// A Namespace's finalize subresource.
    Finalize,
    /// A Pod's resize subresource.
    Resize,
}
