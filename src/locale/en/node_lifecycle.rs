//! What the node controllers say, in English.

use crate::controller::reason::NodeLifecycleReason as R;

/// A reason as one sentence.
pub fn sentence(reason: &R) -> String {
    match reason {
        R::Silent { seconds } => format!(
            "Its kubelet has been silent for {seconds} seconds, so nobody knows how the node is."
        ),
        R::Cordoned => "It is cordoned, so it gets a taint that keeps new Pods away.".into(),
        R::PodsMarkedNotReady { count } => {
            format!("{count} Pods on it no longer count as ready. They may well be running still.")
        }
        R::Evicted { node, taint } => {
            format!("It is deleted: {node} has the taint {taint}, which it does not tolerate.")
        }
        R::Tolerated { node, taint, seconds } => {
            format!("It tolerates the taint {taint} of {node} for {seconds} seconds more.")
        }
    }
}
