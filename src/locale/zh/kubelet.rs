//! What the kubelet says, in Chinese.

use crate::controller::reason::KubeletReason;

/// A reason as one sentence.
pub fn sentence(reason: &KubeletReason) -> String {
    use KubeletReason as R;
    match reason {
        R::Rejected { problem } => {
            format!("kubelet 不接受这个 Pod，它就此失败：{problem}。")
        }
        R::VolumeNotMounted { problem } => format!("卷挂载之前什么都不会启动：{problem}"),
        R::VolumeSilent { volume } => {
            format!("卷 {volume} 一直没有就绪；kubelet 只是等待，不报任何事件。")
        }
        R::VolumeNotAttached { volume, driver } => {
            format!("卷 {volume} 要由 CSI 驱动 {driver} 挂接到节点，而这个集群没有安装它。")
        }
        R::VolumeNotSimulated { volume, kind } => {
            format!("卷 {volume} 的类型是 {kind}，这里没有模拟它的挂载；Pod 会一直等待。")
        }
        R::WaitingForInitContainer { container } => {
            format!("init 容器 {container} 成功结束之后，下一个容器才会启动。")
        }
        R::ImageNotPulled { container, image } => {
            format!("{container} 无法启动：镜像 {image} 拉取不到。")
        }
        R::ImageBackOff { container, seconds } => {
            format!("{container} 的镜像最早 {seconds} 秒后再次尝试拉取。")
        }
        R::CrashBackOff { container, pause } => {
            format!("{container} 再次退出，要等 {pause} 秒才会重启。")
        }
        R::ConfigurationMissing { container, problem } => {
            format!("{container} 无法创建：{problem}。")
        }
        R::Started { container, restarts: 0 } => format!("{container} 在运行。"),
        R::Started { container, restarts } => format!("{container} 在运行，第 {restarts} 次重启。"),
        R::NotReady { container } => format!("{container} 在运行，但就绪探针没有成功。"),
        R::Ready { container } => format!("{container} 已就绪。"),
        R::ProbeFailed { container, probe } => {
            format!("{container} 的 {probe} 探针失败，将被重启。")
        }
        R::Stopping { grace } => format!("Pod 正在删除：容器有 {grace} 秒时间停止。"),
        R::Killed { container } => {
            format!("{container} 没有按时停止，被强制结束（退出码 137）。")
        }
        R::NameFromCache { name, age, left, stale } => {
            let truth = if *stale { "它已经过时" } else { "它仍然正确" };
            format!("{name} 的回答来自 DNS 缓存，已有 {age} 秒，还会再用 {left} 秒。{truth}。")
        }
        R::Removed => "所有容器都已停止：Pod 对象被移除。".into(),
    }
}
