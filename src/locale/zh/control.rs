//! Chinese sentences of the small controllers: namespaces, Pod garbage, disruption budgets,
//! service accounts.

use crate::controller::reason::{
    DisruptionReason, NamespaceReason, PodGcReason, ServiceAccountReason,
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
