//! What the scheduler says, in Chinese.

use crate::api::value::EcoString;
use crate::controller::reason::scheduler::{ClaimReason, NodeReason, SchedulerReason};

/// A reason as one sentence.
pub fn sentence(reason: &SchedulerReason) -> String {
    match reason {
        SchedulerReason::Bound { node, feasible_count, held_by_volumes } => {
            bound(node, *feasible_count, held_by_volumes)
        }
        SchedulerReason::Unschedulable(nodes) => {
            let each: Vec<String> = nodes
                .iter()
                .map(|(node, reasons)| {
                    let list: Vec<String> = reasons.iter().map(objection).collect();
                    format!("{node}：{}", list.join("，"))
                })
                .collect();
            format!("没有合适的节点。{}。", each.join("；"))
        }
        SchedulerReason::ClaimsNotReady(reason) => claim(reason),
        SchedulerReason::NoNodes => "集群里没有节点。".into(),
        SchedulerReason::WaitingForVolumes { node, claims } => format!(
            "已选定 {node}；等 {} 在那里有了 PersistentVolume，Pod 才绑定过去。",
            claims.join("、")
        ),
        SchedulerReason::Gated(gates) => {
            format!("scheduling gate 还在（{}），调度器先不看它。", gates.join("、"))
        }
        SchedulerReason::OtherScheduler(name) => {
            format!("它指定了调度器 {name}，而这里没有这个调度器。")
        }
        SchedulerReason::Preempting { node, victims } => {
            format!("{node} 上优先级较低的 Pod 让位：{}。", victims.join("、"))
        }
    }
}

fn bound(node: &str, feasible_count: u32, held_by: &[EcoString]) -> String {
    match (held_by.is_empty(), feasible_count) {
        (false, _) => format!("去 {node}，它的卷 {} 就在那里。", held_by.join("、")),
        (true, 1) => format!("去 {node}，只有这个节点合适。"),
        (true, count) => format!("去 {node}：有 {count} 个节点合适，这个最空。"),
    }
}

fn claim(reason: &ClaimReason) -> String {
    match reason {
        ClaimReason::NotFound(claim) => format!("它的 PersistentVolumeClaim {claim} 不存在。"),
        ClaimReason::Terminating(claim) => {
            format!("它的 PersistentVolumeClaim {claim} 正在被删除。")
        }
        ClaimReason::Lost { claim, volume } => format!(
            "它的 PersistentVolumeClaim {claim} 丢了 PersistentVolume {volume}；\
             要等同名的卷重新出现才能再启动。"
        ),
        ClaimReason::UnboundImmediate(claims) => format!(
            "它的 PersistentVolumeClaim {} 还没有绑定；绑定之后调度器才看节点。",
            claims.join("、")
        ),
        ClaimReason::VolumeNotFound(volume) => {
            format!("它的 PersistentVolume {volume} 不存在。")
        }
        ClaimReason::NotMadeYet(claim) => format!("它的临时卷的 PVC {claim} 还没有创建。"),
        ClaimReason::NotOwned { claim, .. } => {
            format!("它的 ephemeral volume 的 claim {claim} 属于别的对象。")
        }
    }
}

fn objection(reason: &NodeReason) -> String {
    match reason {
        NodeReason::Unschedulable => "被 cordon 了".into(),
        NodeReason::OtherName => "Pod 指定了别的节点".into(),
        NodeReason::UntoleratedTaint(taint) => format!("Pod 不容忍 污点 {taint}"),
        NodeReason::NodeAffinity => "label 不符合 Pod 的要求".into(),
        NodeReason::PortTaken(port) => format!("主机端口 {port} 已被占用"),
        NodeReason::TooManyPods(limit) => format!("已经有 {limit} 个 Pod，到上限了"),
        NodeReason::Insufficient { resource, requested, free, exceeds_node } => {
            let unit = if resource == "cpu" { "m" } else { "" };
            match exceeds_node {
                true => format!("请求 {resource} {requested}{unit}，整个节点都没有这么多"),
                false => {
                    format!("请求 {resource} {requested}{unit}，只剩 {}{unit}", (*free).max(0))
                }
            }
        }
        NodeReason::ClaimInUse { claim, user } => {
            format!("claim {claim} 是 ReadWriteOncePod，{user} 正在用")
        }
        NodeReason::VolumeElsewhere(volume) => format!("卷 {volume} 在别的节点 上"),
        NodeReason::NoVolume(claim) => format!("没有给 claim {claim} 用的卷"),
        NodeReason::Spread { key, label_missing: false } => {
            format!("同类 Pod 已经太多（按 {key} 分散）")
        }
        NodeReason::Spread { key, label_missing: true } => format!("没有 label {key}"),
        NodeReason::PodAffinity => "它想靠近的 Pod 不在那里".into(),
        NodeReason::PodAntiAffinity => "它要避开的 Pod 在那里".into(),
        NodeReason::ExistingAntiAffinity => "那里有要避开它的 Pod".into(),
    }
}
