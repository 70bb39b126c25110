//! Chinese sentences of the StatefulSet controller.

use crate::controller::reason::StatefulSetReason;
use crate::controller::reason::statefulset::{ClaimOwner, RevisionChoice};

/// Why the StatefulSet controller did something, or did not.
pub fn sentence(reason: &StatefulSetReason) -> String {
    use StatefulSetReason as R;
    match reason {
        R::SetGone => "这个 StatefulSet 已经不存在，没有什么要做的了。".into(),
        R::RevisionAdopted { revision } => format!(
            "ControllerRevision {revision} 匹配 selector 而且没有 owner，于是归这个 StatefulSet 所有。"
        ),
        R::RevisionsNotAdopted { count } => format!(
            "有 {count} 个 ControllerRevision 没有 owner，但正在删除的 StatefulSet 不会收养任何对象。\
             这次 sync 失败，稍后重试。"
        ),
        R::PodAdopted { pod } => format!(
            "{pod} 没有 owner，标签匹配 selector，名字也符合规则，于是被这个 StatefulSet 收养。"
        ),
        R::PodNotAdopted { pod, set_terminating: true } => {
            format!("{pod} 匹配而且没有 owner，但这个 StatefulSet 正在删除，不再收养 Pod。")
        }
        R::PodNotAdopted { pod, set_terminating: false } => {
            format!("{pod} 匹配而且没有 owner，但它自己正在删除，所以不会被收养。")
        }
        R::PodReleased { pod, labels: true } => format!(
            "{pod} 的标签不再匹配 selector，StatefulSet 放开了它。它会作为普通 Pod 继续运行，\
             名字仍然被它占着。"
        ),
        R::PodReleased { pod, labels: false } => {
            format!("{pod} 的名字不属于这个 StatefulSet，于是被放开。")
        }
        R::PodOfAnother { pod, owner } => {
            format!("{pod} 虽然匹配 selector，但属于 {owner}，所以忽略它。")
        }
        R::RevisionCreated { revision, number } => format!(
            "这个 Pod 模板以前没有出现过：用 ControllerRevision {revision} 保存下来，版本号 {number}。"
        ),
        R::RevisionReused { revision, from, to } => format!(
            "Pod 模板和 ControllerRevision {revision} 里保存的一样，于是重新使用它，\
             版本号从 {from} 变成 {to}。所谓回滚就是这样。"
        ),
        R::RevisionCollision { taken, count } => format!(
            "名字 {taken} 已被内容不同的 ControllerRevision 占用，\
             于是用 collisionCount {count} 重新计算哈希。"
        ),
        R::RevisionBorrowed { revision } => {
            format!(
                "ControllerRevision {revision} 内容完全相同，但 owner 是别人；直接按名字使用它。"
            )
        }
        R::RevisionTruncated { revision, limit } => format!(
            "ControllerRevision {revision} 已经没有 Pod 在用，\
             revisionHistoryLimit 只保留 {limit} 个旧版本，所以删除它。"
        ),
        R::SetTerminating => {
            "这个 StatefulSet 正在删除：不再创建、删除或更新 Pod，只更新 status。".into()
        }
        R::EndedPodDeleted { pod, failed } => format!(
            "{pod} 已经{}。先删除它，等它消失后再重新创建。",
            if *failed { "失败（Failed）" } else { "运行结束（Succeeded）" }
        ),
        R::EndedPodTerminating { pod } => {
            format!("{pod} 已经结束并且正在删除，等它消失后再重新创建。")
        }
        R::PodCreated { pod, revision, choice } => {
            format!("缺少 {pod}，用 {revision} 创建它：{}。", choice_of(*choice))
        }
        R::ClaimCreated { claim, pod } => {
            format!("{pod} 需要 PersistentVolumeClaim {claim}，所以先创建它。")
        }
        R::ClaimReused { claim, pod } => format!(
            "PersistentVolumeClaim {claim} 已经存在，{pod} 直接使用它和里面的数据；\
             不会把它的大小和 StorageClass 与模板比较。"
        ),
        R::ClaimTerminating { claim, pod } => format!(
            "无法创建 {pod}：PersistentVolumeClaim {claim} 正在删除。控制器会以越来越长的间隔重试。"
        ),
        R::ClaimStale { claim, pod } => format!(
            "暂不创建 {pod}：PersistentVolumeClaim {claim} 属于上一个 {pod}，即将被回收。\
             它消失时不会有任何事件唤醒这个 StatefulSet。"
        ),
        R::WaitingForTermination { pod } => {
            format!("{pod} 正在删除。OrderedReady 策略下，它停止之前什么都不做。")
        }
        R::WaitingForReady { pod, running, outdated } => {
            waiting_for_ready(pod, *running, *outdated)
        }
        R::WaitingForAvailable { pod, at } => format!(
            "{pod} 已经 Ready，但还要保持 minReadySeconds 那么久，到 {} 为止。",
            at.rfc3339()
        ),
        R::NotCreatedYet { pod, count: 1, blocker } => {
            format!("{pod} 还不存在：OrderedReady 策略下，要先等 {blocker}。")
        }
        R::NotCreatedYet { pod, count, blocker } => format!(
            "{pod} 以及后面的 {} 个 Pod 还不存在：OrderedReady 策略下，要先等 {blocker}。",
            count - 1
        ),
        R::NotScaledDownYet { count, blocker } => format!(
            "多出来的 {count} 个 Pod 暂时保留：OrderedReady 策略下，{blocker} Ready 之前不会缩容。"
        ),
        R::NotUpdatedYet { count, blocker } => format!(
            "还有 {count} 个 Pod 是旧版本：OrderedReady 策略下，{blocker} Ready 之前不会继续更新。"
        ),
        R::IdentityRepaired { pod } => {
            format!("修正 {pod} 的标签 statefulset.kubernetes.io/pod-name。")
        }
        R::StorageMismatch { pod } => format!(
            "{pod} 的卷和 volumeClaimTemplates 不一致。控制器想改正，\
             但 API server 不允许修改已有 Pod 的卷。"
        ),
        R::ClaimOwnersUpdated { claim, owner } => match owner {
            ClaimOwner::Nobody => format!(
                "按照保留策略，PersistentVolumeClaim {claim} 要保留，所以去掉它的 ownerReference。"
            ),
            ClaimOwner::Set => format!(
                "按照保留策略，PersistentVolumeClaim {claim} 随 StatefulSet 一起删除，\
                 所以把 StatefulSet 设为它的 owner。"
            ),
            ClaimOwner::Pod => format!(
                "按照保留策略，PersistentVolumeClaim {claim} 随将被缩掉的 Pod 一起删除，\
                 所以把这个 Pod 设为它的 owner。"
            ),
        },
        R::ClaimOfAnother { claim } => {
            format!("PersistentVolumeClaim {claim} 属于另一个控制器，保留策略对它不起作用。")
        }
        R::ScaledDown { pod, replicas } => {
            format!("{pod} 超出了想要的 {replicas} 个副本，而且序号最大，所以删除它。")
        }
        R::CondemnedTerminating { pod } => {
            format!("{pod} 正在被缩掉；它消失之后才轮到下一个。")
        }
        R::CondemnedBlocked { pod, blocker, ready: false } => format!(
            "{pod} 应该被缩掉，但它没有 Ready，序号更小的 {blocker} 也不健康。\
             OrderedReady 策略下，要等 {blocker} 恢复或消失才能继续缩容。"
        ),
        R::CondemnedBlocked { pod, blocker, ready: true } => format!(
            "{pod} 应该被缩掉，但它 Ready 的时间还不到 minReadySeconds，\
             序号更小的 {blocker} 又不健康，缩容只能等待。"
        ),
        R::OnDelete { count } => format!(
            "还有 {count} 个 Pod 是旧版本。更新策略是 OnDelete，只有手动删除它们才会换成新版本。"
        ),
        R::BelowPartition { count, partition } => {
            format!(
                "partition {partition} 以下的 {count} 个 Pod 保持旧版本，这正是 partition 的作用。"
            )
        }
        R::UpdateWaits { unavailable, max_unavailable, blocker } => format!(
            "已有 {unavailable} 个 Pod 不可用（包括 {blocker}），\
             maxUnavailable 最多允许 {max_unavailable} 个，所以暂时不再替换 Pod。"
        ),
        R::PodUpdated { pod, from, to, unavailable } => {
            let from = if from.is_empty() { "没有版本" } else { from };
            let why = match unavailable {
                true => "它反正不可用，不占用名额",
                false => "旧版本里序号最大的先换",
            };
            format!("{pod} 的版本是 {from}，删除后会以 {to} 重新创建。{why}。")
        }
        R::PodRecreated { pod, from, to } => {
            let from = if from.is_empty() { "没有版本" } else { from };
            format!(
                "{pod} 的版本是 {from}，和其他旧 Pod 一起删除（Recreate）；\
                 等它们全部消失后会以 {to} 重新创建。"
            )
        }
        R::RecreateWaits { count, pod } => format!(
            "还有 {count} 个旧 Pod（包括 {pod}）正在停止。更新策略是 Recreate，\
             最后一个旧 Pod 消失之前不会创建新 Pod。"
        ),
        R::RolloutComplete { revision } => {
            format!("所有 Pod 都已是 {revision} 并且 Ready，它成为当前版本（currentRevision）。")
        }
        R::UpToDate { replicas } => {
            format!("全部 {replicas} 个 Pod 都符合 spec，没有什么要做的。")
        }
        R::LookAgain { at } => format!(
            "还有 Pod 没有保持 Ready 满 minReadySeconds；控制器会在 {} 再看一次。",
            at.rfc3339()
        ),
    }
}

fn waiting_for_ready(pod: &str, running: bool, outdated: bool) -> String {
    let state = if running { "在运行，但还没有 Ready" } else { "还没有运行起来" };
    let mut text = format!("{pod} {state}。OrderedReady 策略下，它 Ready 之前什么都不做。");
    if outdated {
        text.push_str("它还是旧版本，不会自动被替换：需要手动删除它。");
    }
    text
}

fn choice_of(choice: RevisionChoice) -> String {
    match choice {
        RevisionChoice::Only => "目前只有这一个版本".into(),
        RevisionChoice::BelowPartition { partition } => {
            format!("它的序号小于 partition {partition}，所以用当前版本")
        }
        RevisionChoice::BelowCurrentReplicas { current_replicas } => format!(
            "没有设置 rollingUpdate，它的序号又小于 currentReplicas（{current_replicas}），\
             所以用当前版本"
        ),
        RevisionChoice::Update => "用更新版本（updateRevision）".into(),
    }
}
