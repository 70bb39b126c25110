//! Chinese sentences of the small controllers: namespaces, Pod garbage, disruption budgets,
//! service accounts.

use crate::controller::reason::{
    DisruptionReason, NamespaceReason, PodAutoscalerReason, PodGcReason, ResourceQuotaReason,
    ServiceAccountReason, WorkQueueReason, WorkloadReason,
};

/// Why the namespace controller did something, or did not.
pub fn namespace(reason: &NamespaceReason) -> String {
    use NamespaceReason as R;
    match reason {
        R::ContentDeleted { count } => {
            format!("这个 namespace 正在删除，里面的 {count} 个对象也一起删除。")
        }
        R::ContentRemains { what } => format!("这个 namespace 还不能消失：{what}"),
        R::Empty => "这个 namespace 已经空了，可以消失了。".into(),
    }
}

/// Why the Pod garbage collector deleted a Pod.
pub fn pod_gc(reason: &PodGcReason) -> String {
    use PodGcReason as R;
    match reason {
        R::NodeGone { node } => format!(
            "节点 {node} 已经不存在，再也不会有 kubelet 确认这个 Pod 已停止，所以强制删除它。"
        ),
        R::NodeOutOfService { node } => format!(
            "节点 {node} 带有污点 node.kubernetes.io/out-of-service，\
             所以强制移除那里正在删除的 Pod。"
        ),
        R::NeverScheduled => "这个 Pod 还没有调度到节点就被删除了，所以立即移除。".into(),
    }
}

/// What the disruption controller found out for a PodDisruptionBudget.
pub fn disruption(reason: &DisruptionReason) -> String {
    use DisruptionReason as R;
    match reason {
        R::DisruptionsAllowed { allowed, healthy, desired } => {
            format!("有 {healthy} 个健康的 Pod，至少要有 {desired} 个，所以可以驱逐 {allowed} 个。")
        }
        R::NoDisruptionAllowed { healthy, desired } => {
            format!("有 {healthy} 个健康的 Pod，至少要有 {desired} 个，所以一个都不能驱逐。")
        }
        R::SyncFailed => "无法得知总共想要多少个 Pod，所以一个都不能驱逐。".into(),
    }
}

/// Why something was put into a namespace.
pub fn service_account(reason: &ServiceAccountReason) -> String {
    use ServiceAccountReason as R;
    match reason {
        R::DefaultCreated => "每个 namespace 都有一个名为 default 的 ServiceAccount。".into(),
        R::RootCertificatePublished => {
            "每个 namespace 都有 ConfigMap kube-root-ca.crt，里面是集群的根证书。".into()
        }
        R::RootCertificateRestored => "ConfigMap kube-root-ca.crt 被改过，现在恢复原样。".into(),
    }
}

/// Why an autoscaler changed the size of its target, or did not.
pub fn pod_autoscaler(reason: &PodAutoscalerReason) -> String {
    use PodAutoscalerReason as R;
    match reason {
        R::TargetMissing { target } => format!("要伸缩的 {target} 不存在，或者不能伸缩。"),
        R::TargetAtZero { target } => format!("{target} 已缩到 0，自动伸缩随之停用。"),
        R::BroughtInside { target, from, to } => {
            let limit = if from > to { "maxReplicas" } else { "minReplicas" };
            format!("{target} 有 {from} 个副本，而 {limit} 是 {to}，所以改成 {to} 个。")
        }
        R::MetricNotSimulated { metric } => format!(
            "这里没有模拟集群对 {metric} 类指标的回答：没有事件和条件说明它。没有指标的真实集群会报错。"
        ),
        R::WithinLimits { target, replicas } => {
            format!("{target} 有 {replicas} 个副本，在上下限之内；没有指标，也就没有理由改变。")
        }
    }
}

/// Why the status of a quota was written, or not.
pub fn resource_quota(reason: &ResourceQuotaReason) -> String {
    match reason {
        ResourceQuotaReason::Recounted => {
            "这个 namespace 的用量变了，所以重新统计配额的 status。".into()
        }
        ResourceQuotaReason::UpToDate => "配额的 status 与实际用量一致，无事可做。".into(),
    }
}

/// Why something decided was not done, and when it is tried again.
pub fn work_queue(reason: &WorkQueueReason) -> String {
    match reason {
        WorkQueueReason::Refused { verb, what, error } => {
            format!("API server 拒绝了 {verb} {what}：{error}")
        }
        WorkQueueReason::TriedAgain { failures, after } => format!(
            "已连续失败 {failures} 次。没有别的事会唤醒控制器，它会在 {:.3} 秒后自己再试；\
             每次等待加倍。",
            after.as_secs_f64()
        ),
    }
}

/// What the controllers of other workloads found out.
pub fn workload(reason: &WorkloadReason) -> String {
    use WorkloadReason as R;
    match reason {
        R::EnoughPods { wanted } => format!("想要的 {wanted} 个 Pod 都在。"),
        R::PodsMissing { missing } => format!("缺少 {missing} 个 Pod，所以创建它们。"),
        R::PodsTooMany { surplus } => format!("多出 {surplus} 个 Pod，所以删除它们。"),
        R::ReplicaSetScaled { replica_set, from, to } => {
            format!("按照滚动更新的规则，ReplicaSet {replica_set} 从 {from} 个 Pod 变为 {to} 个。")
        }
        R::EveryNodeHasOne { nodes } => format!("应当有 Pod 的 {nodes} 个节点上都有一个 Pod。"),
        R::JobDue { job } => format!("按照时间表到了时间，所以创建 Job {job}。"),
        R::NextDue { at } => format!("按照时间表，下一次是 {}。", at.rfc3339()),
        R::NeverDue => "时间表里没有会到来的时间。".into(),
        R::CronJobSuspended => "已暂停，所以不创建 Job。".into(),
        R::TimeZoneNotKnown { zone } => format!(
            "这里没有模拟时区 {zone} 的时间，所以不创建 Job；真实集群会创建。可以使用 UTC。"
        ),
        R::JobTooLate { due } => format!(
            "{} 应当创建一个 Job；距今已超过 startingDeadlineSeconds，所以略过。",
            due.rfc3339()
        ),
        R::JobForbidden { job } => {
            format!("Job {job} 还在运行，concurrencyPolicy Forbid 不允许再有一个。")
        }
        R::JobReplaced { job } => {
            format!("Job {job} 还在运行；concurrencyPolicy Replace 为下一个 Job 删除它。")
        }
        R::JobNameTaken { job } => {
            format!("已经有一个 Job {job}，它不属于这个 CronJob，所以这一次不创建。")
        }
        R::JobUnexpected { job } => {
            format!("Job {job} 属于这个 CronJob，但不是按时间表创建的：不算作活动的 Job。")
        }
        R::JobManagedElsewhere { manager } => {
            format!("它的 managedBy 是 {manager}，所以这个控制器不管它。这里没有模拟那样的控制器。")
        }
        R::JobBacksOff { until } => {
            format!("有 Pod 失败，所以下一个等到 {}；每失败一次，等待加倍。", until.rfc3339())
        }
        R::JobComplete => "成功的 Pod 已经足够：Job 完成。".into(),
        R::JobFailed => "失败的 Pod 太多或时间已到：Job 失败。".into(),
    }
}
