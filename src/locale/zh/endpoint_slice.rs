//! What the endpoint controllers say, in Chinese.

use crate::controller::reason::EndpointSliceReason;

/// A reason as one sentence.
pub fn sentence(reason: &EndpointSliceReason) -> String {
    match reason {
        EndpointSliceReason::NoSelector => {
            "这个 Service 没有 selector，没有谁替它维护 endpoint。".into()
        }
        EndpointSliceReason::Mirrored => "它的端点来自有人手工维护的同名 Endpoints。".into(),
        EndpointSliceReason::ExternalName => {
            "这个 Service 只是一个外部名字的别名，没有 endpoint。".into()
        }
        EndpointSliceReason::NothingSelected => {
            "没有 Pod 带有 Service 所选的 label：endpoint 为空。".into()
        }
        EndpointSliceReason::Selected {
            ready_count,
            unready_count,
            terminating_count,
            absent_count,
        } => {
            let mut parts = vec![format!("{ready_count} 个就绪")];
            let others = [
                (unready_count, "未就绪"),
                (terminating_count, "正在终止"),
                (absent_count, "还没有地址"),
            ];
            for (count, what) in others {
                if *count > 0 {
                    parts.push(format!("{count} 个{what}"));
                }
            }
            format!("Service 的 endpoint：{}。", parts.join("，"))
        }
        EndpointSliceReason::PortNotFound { port, pod } => {
            format!("{pod} 没有名为 {port} 的容器端口，Service 的这个端口到不了它。")
        }
    }
}
