//! Why things are so: what every control loop says about its decisions, as data.
//!
//! The because panel, lesson graders, screen-reader text and both languages are made from these.
//! Each loop has its own closed enum in a file of its own; doing nothing has reasons too.

pub mod disruption;
pub mod endpoint_slice;
pub mod garbage_collector;
pub mod kubelet;
pub mod namespace;
pub mod node_lifecycle;
pub mod persistent_volume;
pub mod pod_autoscaler;
pub mod pod_gc;
pub mod resource_quota;
pub mod scheduler;
pub mod service_account;
pub mod statefulset;
pub mod work_queue;
pub mod workload;

pub use disruption::DisruptionReason;
pub use endpoint_slice::EndpointSliceReason;
pub use garbage_collector::GarbageCollectorReason;
pub use kubelet::KubeletReason;
pub use namespace::NamespaceReason;
pub use node_lifecycle::NodeLifecycleReason;
pub use persistent_volume::PersistentVolumeReason;
pub use pod_autoscaler::PodAutoscalerReason;
pub use pod_gc::PodGcReason;
pub use resource_quota::ResourceQuotaReason;
pub use scheduler::SchedulerReason;
pub use service_account::ServiceAccountReason;
pub use statefulset::StatefulSetReason;
pub use work_queue::WorkQueueReason;
pub use workload::WorkloadReason;

/// A reason with its facts, by who gives it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// statefulset-controller
    StatefulSet(StatefulSetReason),
    /// replicaset-, deployment-, daemonset- and job-controller
    Workload(WorkloadReason),
    /// garbage-collector-controller
    GarbageCollector(GarbageCollectorReason),
    /// namespace-controller
    Namespace(NamespaceReason),
    /// pod-garbage-collector-controller
    PodGc(PodGcReason),
    /// disruption-controller
    Disruption(DisruptionReason),
    /// service-account-controller and root-ca-certificate-publisher-controller
    ServiceAccount(ServiceAccountReason),
    /// persistentvolume-controller, its protection and its provisioners
    PersistentVolume(PersistentVolumeReason),
    /// node-controller and taint-eviction-controller
    NodeLifecycle(NodeLifecycleReason),
    /// endpoint-slice-controller
    EndpointSlice(EndpointSliceReason),
    /// default-scheduler
    Scheduler(SchedulerReason),
    /// The kubelet of a node
    Kubelet(KubeletReason),
    /// horizontal-pod-autoscaler
    PodAutoscaler(PodAutoscalerReason),
    /// resourcequota-controller
    ResourceQuota(ResourceQuotaReason),
    /// Any control loop whose writes are refused
    WorkQueue(WorkQueueReason),
}

impl Reason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        match self {
            Reason::StatefulSet(reason) => reason.rule(),
            Reason::Workload(reason) => reason.rule(),
            Reason::GarbageCollector(reason) => reason.rule(),
            Reason::Namespace(reason) => reason.rule(),
            Reason::PodGc(reason) => reason.rule(),
            Reason::Disruption(reason) => reason.rule(),
            Reason::ServiceAccount(reason) => reason.rule(),
            Reason::PersistentVolume(reason) => reason.rule(),
            Reason::NodeLifecycle(reason) => reason.rule(),
            Reason::EndpointSlice(reason) => reason.rule(),
            Reason::Scheduler(reason) => reason.rule(),
            Reason::Kubelet(reason) => reason.rule(),
            Reason::PodAutoscaler(reason) => reason.rule(),
            Reason::ResourceQuota(reason) => reason.rule(),
            Reason::WorkQueue(reason) => reason.rule(),
        }
    }
}
