//! Why the name server answers as it does, in Chinese.

use crate::dns::{AnswerReason as R, Unlisted};

/// A reason as one sentence.
pub fn sentence(reason: &R) -> String {
    match reason {
        R::ClusterIp(service) => {
            format!("Service {service} 有自己的地址，不管后面站着谁。")
        }
        R::Endpoints { service, count } => {
            format!("{service} 是 headless：这个名字直接指向它的 {count} 个就绪 endpoint。")
        }
        R::Hostname { service, pod } => {
            format!("{pod} 是 {service} 的就绪 endpoint，用的就是这个名字。")
        }
        R::Alias { service, target } => format!("{service} 是 {target} 的别名。"),
        R::PodAddress => "名字里写的就是地址；没有谁检查它是否存在。".into(),
        R::Reverse(names) => format!("这个地址有 {} 个名字。", names.len()),
        R::InnerName => "它下面还有名字，但它自己没有记录。".into(),
        R::Zone => "这是名字服务器关于自己这个区的信息。".into(),
        R::NoNamespace(name) => format!("没有 namespace {name}。"),
        R::NoService(service) => format!("没有 Service {service}。"),
        R::NoReadyEndpoint(service) => {
            format!("{service} 是 headless，又没有就绪的 endpoint，所以连这个名字都没有。")
        }
        R::NoHostname { service, hostname, pod: None } => {
            format!("{service} 没有名为 {hostname} 的 endpoint。")
        }
        R::NoHostname { service, pod: Some((pod, why)), .. } => unlisted(service, pod, *why),
        R::NoPort(service) => format!("{service} 没有这个名字和协议的端口。"),
        R::NoSuchForm => "集群里的名字不会是这个样子。".into(),
        R::NoOwner => "集群里没有谁用这个地址。".into(),
        R::Outside => "这个名字不在 cluster.local 里。".into(),
    }
}

fn unlisted(service: &str, pod: &str, why: Unlisted) -> String {
    match why {
        Unlisted::Missing => format!("没有 Pod {pod}。"),
        Unlisted::NoAddress => format!("{pod} 还没有地址。"),
        Unlisted::NotReady => format!("{pod} 没有就绪，而 {service} 不公布未就绪的地址。"),
        Unlisted::Terminating => format!("{pod} 正在被删除：名字立刻就没有了。"),
        Unlisted::OtherSubdomain => {
            format!(
                "{pod} 在 {service} 后面，但它的 StatefulSet 的 serviceName 写的是别的 Service。"
            )
        }
        Unlisted::NotSelected => format!("{service} 的 selector 没有选中 {pod}。"),
    }
}
