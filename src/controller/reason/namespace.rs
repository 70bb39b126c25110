//! What the namespace controller says about its decisions (`pkg/controller/namespace`).

use crate::api::value::EcoString;

/// Why the namespace controller did something, or did not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NamespaceReason {
    /// The namespace is being deleted, and with it everything in it. (`deleteAllContent`)
    ContentDeleted {
        /// How many objects were there.
        count: u32,
    },
    /// Something is still there, held by a finalizer or stopping. (`deleteAllContent`)
    ContentRemains {
        /// What, as the condition says it.
        what: EcoString,
    },
    /// Nothing is left: the namespace goes. (`finalizeNamespace`)
    Empty,
}

impl NamespaceReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::ContentDeleted { .. } | Self::ContentRemains { .. } => "deleteAllContent",
            Self::Empty => "finalizeNamespace",
        }
    }
}
