//! English.

pub mod control;
pub mod dns;
pub mod endpoint_slice;
pub mod garbage_collector;
pub mod node_lifecycle;
pub mod kubelet;
pub mod lesson;
pub mod persistent_volume;
pub mod scheduler;
pub mod statefulset;

use crate::controller::Reason;

/// A reason as one sentence.
pub fn reason(reason: &Reason) -> String {
    match reason {
        Reason::StatefulSet(reason) => statefulset::sentence(reason),
        Reason::Workload(reason) => control::workload(reason),
        Reason::GarbageCollector(reason) => garbage_collector::sentence(reason),
        Reason::Namespace(reason) => control::namespace(reason),
        Reason::PodGc(reason) => control::pod_gc(reason),
        Reason::Disruption(reason) => control::disruption(reason),
        Reason::ServiceAccount(reason) => control::service_account(reason),
        Reason::PersistentVolume(reason) => persistent_volume::sentence(reason),
        Reason::NodeLifecycle(reason) => node_lifecycle::sentence(reason),
        Reason::EndpointSlice(reason) => endpoint_slice::sentence(reason),
        Reason::Scheduler(reason) => scheduler::sentence(reason),
        Reason::Kubelet(reason) => kubelet::sentence(reason),
        Reason::PodAutoscaler(reason) => control::pod_autoscaler(reason),
        Reason::ResourceQuota(reason) => control::resource_quota(reason),
        Reason::WorkQueue(reason) => control::work_queue(reason),
    }
}
