//! `--record`: the command line as an annotation.
//!
//! Models `genericclioptions.RecordFlags` and `ChangeCauseRecorder`.

use super::invocation::Invocation;
use crate::api::value::Value;

/// The annotation that `rollout history` shows.
pub const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

/// Notes the command line on an object if the flags ask for it.
pub fn record(invocation: &Invocation, object: &mut Value) {
    if invocation.is_true("record") {
        let cause = invocation.command_line();
        object.set(&["metadata", "annotations", CHANGE_CAUSE], cause);
    }
}
