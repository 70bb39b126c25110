//! What becomes of a decision that the API server refuses: the same for every control loop.
//!
//! Models `client-go/util/workqueue` and the `processNextWorkItem` that every controller has.

use crate::api::time::Duration;
use crate::api::value::EcoString;

/// Why something decided was not done, and when it is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WorkQueueReason {
    /// The API server refused a write. (`processNextWorkItem`)
    Refused {
        /// `create`, `update`, `patch`, `delete`
        verb: EcoString,
        /// Kind and name of what was to be written.
        what: EcoString,
        /// The server's sentence.
        error: EcoString,
    },
    /// A sync has failed; the key is looked at again after the back-off. (`AddRateLimited`)
    TriedAgain {
        /// How often it has failed in a row.
        failures: u32,
        /// After how long.
        after: Duration,
    },
}

impl WorkQueueReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "processNextWorkItem",
            Self::TriedAgain { .. } => "AddRateLimited",
        }
    }
}
