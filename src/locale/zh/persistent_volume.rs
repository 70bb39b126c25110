//! What the volume controllers say, in Chinese.

use crate::api::value::EcoString;
use crate::controller::reason::persistent_volume::{
    Misfit, PersistentVolumeReason as R, VolumeChoice,
};

/// A reason as one sentence.
pub fn sentence(reason: &R) -> String {
    match reason {
        R::Bound { volume, choice } => bound(volume, choice),
        R::NoVolumeFits(misfits) => format!(
            "它在等待：没有合适的 PersistentVolume，也没有能创建卷的 StorageClass。{}",
            list(misfits)
        ),
        R::ClassNotFound { class, misfits } => format!(
            "它在等待：StorageClass {class} 不存在，也没有写着这个类名的空闲 PersistentVolume 合适。{}",
            list(misfits)
        ),
        R::ClassMakesNone(class) => format!("它在等待：没有谁为类 {class} 创建卷。"),
        R::WaitingForFirstConsumer => "它在等 Pod：它的类要等 Pod 选定节点之后才绑定。".into(),
        R::WaitingForPods(pods) => format!("它在等 {} 被调度。", pods.join("、")),
        R::AskedProvisioner(name) => format!("已请求 {name} 创建卷。"),
        R::DefaultClassAssigned(class) => {
            format!("它没有写类名，现在补上默认的 StorageClass {class}。")
        }
        R::NamedVolumeNotFound(volume) => format!("它指定了卷 {volume}，但这个卷不存在。"),
        R::NamedVolumeMisfit(volume, why) => {
            format!("它指定了卷 {volume}，但不合适：{}。", misfit(why))
        }
        R::NamedVolumeTaken(volume) => format!("它指定了卷 {volume}，但那个卷属于别的 claim。"),
        R::Lost(volume) => format!("它的卷 {volume} 没有了，数据也没有了。"),
        R::Misbound(volume) => format!("它的卷 {volume} 属于别的 claim。"),
        R::Available => "它是空闲的：任何合适的 claim 都可以用它。".into(),
        R::Reserved(claim) => format!("它留给名为 {claim} 的 claim。"),
        R::Retained(claim) => format!(
            "它的 claim {claim} 已经没有了。策略是 Retain：数据留着；清掉 claimRef 之前，\
             别的 claim 得不到它。"
        ),
        R::Deleting(by) if by.is_empty() => {
            "它的 claim 已经没有了。策略是 Delete：卷也随之删除。".into()
        }
        R::Deleting(by) => {
            format!("它的 claim 已经没有了。策略是 Delete：由 {by} 连数据一起删除。")
        }
        R::DeleteFailed(why) => format!("删除失败：{why}。"),
        R::Recycling(pod) => {
            format!("它的 claim 已经没有了。策略是 Recycle：由 Pod {pod} 清空它。")
        }
        R::Recycled => "它已被清空，又可以用了。".into(),
        R::RecycleFailed(why) => format!("清空失败：{why}"),
        R::StillUsed(pods) => format!("{} 还在用它，先不清空。", pods.join("、")),
        R::Provisioned { volume, node: Some(node) } => {
            format!("卷 {volume} 建在节点 {node} 上，以后也只在那里。")
        }
        R::Provisioned { volume, node: None } => format!("已为它创建卷 {volume}。"),
        R::EphemeralClaimMade(claim) => format!("为它的临时卷创建 PVC {claim}，随它一起消失。"),
        R::EphemeralClaimTaken(claim) => {
            format!("PVC {claim} 已经存在，但不是为它创建的：它不能使用。")
        }
        R::SelectedNodeNotFound(node) => format!("节点 {node} 不存在：要由调度器重新选择。"),
        R::ProvisionerSilent(class) => format!("provisioner 对类 {class} 没有回应。"),
        R::ProvisionerDeletes => "由 provisioner 连数据一起删除。".into(),
        R::ClaimInUse(pods) => {
            format!("要等 {} 没有了才会删除：finalizer 保护着数据。", pods.join("、"))
        }
        R::VolumeInUse(claim) => {
            format!("要等它的 claim {claim} 没有了才会删除：finalizer 保护着数据。")
        }
        R::ProtectionLifted => "已经没有谁用它，可以消失了。".into(),
        R::ExpansionAsked => "请求了更大的空间，要靠外部的控制器来扩，而这里没有。".into(),
    }
}

fn bound(volume: &str, choice: &VolumeChoice) -> String {
    match choice {
        VolumeChoice::Smallest { fitting_count: 1 } => {
            format!("它得到 {volume}：只有这一个空闲的卷合适。")
        }
        VolumeChoice::Smallest { fitting_count } => format!(
            "它得到 {volume}：有 {fitting_count} 个空闲的卷合适，\
             在访问模式最少的那些里这个最小。"
        ),
        VolumeChoice::Reserved => format!("它得到 {volume}：这个卷就是留给它的。"),
        VolumeChoice::Named => format!("它绑定到自己指定的 {volume}。"),
    }
}

fn list(misfits: &[(EcoString, Misfit)]) -> String {
    let each: Vec<String> =
        misfits.iter().map(|(volume, why)| format!("{volume}：{}", misfit(why))).collect();
    match each.is_empty() {
        true => String::new(),
        false => format!("（{}）", each.join("；")),
    }
}

fn misfit(why: &Misfit) -> String {
    match why {
        Misfit::TooSmall { capacity } => format!("太小（{capacity}）"),
        Misfit::AccessModes(modes) => format!("只支持 {}", modes.join("、")),
        Misfit::Class(class) if class.is_empty() => "没有类名".into(),
        Misfit::Class(class) => format!("类名是 {class}"),
        Misfit::VolumeMode(mode) => format!("volumeMode 是 {mode}"),
        Misfit::Selector => "label 不符合 selector".into(),
        Misfit::Claimed(claim) => format!("属于 {claim}"),
        Misfit::Released(claim) => format!("还留着 {claim} 的数据"),
        Misfit::Terminating => "正在被删除".into(),
        Misfit::Phase(phase) => format!("处于 {phase}"),
    }
}
