//! What the node controllers say, in Chinese.

use crate::controller::reason::NodeLifecycleReason as R;

/// A reason as one sentence.
pub fn sentence(reason: &R) -> String {
    match reason {
        R::Silent { seconds } => {
            format!("它的 kubelet 已经 {seconds} 秒没有消息，没有谁知道这个节点怎么样了。")
        }
        R::Cordoned => "它被 cordon 了，所以加上不让新 Pod 来的污点。".into(),
        R::PodsMarkedNotReady { count } => {
            format!("上面的 {count} 个 Pod 不再算作就绪，虽然它们可能还在运行。")
        }
        R::Evicted { node, taint } => {
            format!("它被删除：{node} 有污点 {taint}，而它不容忍。")
        }
        R::Tolerated { node, taint, seconds } => {
            format!("它还能容忍 {node} 的污点 {taint} {seconds} 秒。")
        }
    }
}
