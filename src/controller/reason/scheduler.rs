//! Why the scheduler places a Pod where it does, or nowhere.

use crate::api::value::EcoString;

/// What the scheduler says about a Pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SchedulerReason {
    /// It goes to this node, which was the best of so many that were possible.
    Bound {
        /// The node.
        node: EcoString,
        /// How many nodes were possible.
        feasible_count: u32,
        /// Volumes that allowed no other node.
        held_by_volumes: Vec<EcoString>,
    },
    /// No node will do: what is against each of them.
    Unschedulable(Vec<(EcoString, Vec<NodeReason>)>),
    /// Something about its claims stands against any node.
    ClaimsNotReady(ClaimReason),
    /// There are no nodes.
    NoNodes,
    /// A node is chosen; these claims get their volumes there first.
    WaitingForVolumes {
        /// The node.
        node: EcoString,
        /// The claims.
        claims: Vec<EcoString>,
    },
    /// Somebody must lift the gates first.
    Gated(Vec<EcoString>),
    /// Another scheduler is asked for, and there is none.
    OtherScheduler(EcoString),
    /// Pods of lower priority make room on this node.
    Preempting {
        /// The node.
        node: EcoString,
        /// The Pods that must go.
        victims: Vec<EcoString>,
    },
}

impl SchedulerReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        match self {
            SchedulerReason::Bound { .. } => "schedulePod",
            SchedulerReason::Unschedulable(_) => "findNodesThatFitPod",
            SchedulerReason::ClaimsNotReady(_) => "RunPreFilterPlugins",
            SchedulerReason::NoNodes => "schedulePod",
            SchedulerReason::WaitingForVolumes { .. } => "BindPodVolumes",
            SchedulerReason::Gated(_) => "SchedulingGates",
            SchedulerReason::OtherScheduler(_) => "responsibleForPod",
            SchedulerReason::Preempting { .. } => "DefaultPreemption",
        }
    }
}

/// What about a claim stops a Pod before nodes are looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ClaimReason {
    /// It does not exist.
    NotFound(EcoString),
    /// It is being deleted.
    Terminating(EcoString),
    /// Its volume is gone.
    Lost {
        /// The claim.
        claim: EcoString,
        /// The volume it was bound to.
        volume: EcoString,
    },
    /// These claims are not bound, and their class does not wait for the Pod.
    UnboundImmediate(Vec<EcoString>),
    /// A bound volume does not exist.
    VolumeNotFound(EcoString),
    /// The claim of an ephemeral volume is not made yet.
    NotMadeYet(EcoString),
    /// A claim of the name is not the one of the Pod's ephemeral volume.
    NotOwned {
        /// `namespace/name`
        claim: EcoString,
        /// `namespace/name`
        pod: EcoString,
    },
}

/// What is against a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeReason {
    /// It is cordoned.
    Unschedulable,
    /// The Pod names another one.
    OtherName,
    /// A taint that the Pod does not tolerate: `key=value:effect`.
    UntoleratedTaint(EcoString),
    /// Node selector or node affinity.
    NodeAffinity,
    /// A host port is taken.
    PortTaken(u32),
    /// Its limit of Pods is reached.
    TooManyPods(i64),
    /// Too little of a resource is left.
    Insufficient {
        /// The resource.
        resource: EcoString,
        /// What the Pod asks for (CPU in thousandths).
        requested: i64,
        /// What others have left.
        free: i64,
        /// Whether the whole node would be too small.
        exceeds_node: bool,
    },
    /// A ReadWriteOncePod claim is in use by another Pod.
    ClaimInUse {
        /// The claim.
        claim: EcoString,
        /// The Pod that uses it.
        user: EcoString,
    },
    /// A bound volume is on another node.
    VolumeElsewhere(EcoString),
    /// Nothing there can be bound or provisioned for this claim.
    NoVolume(EcoString),
    /// A topology spread constraint would be broken.
    Spread {
        /// The topology key.
        key: EcoString,
        /// Whether the node lacks the label.
        label_missing: bool,
    },
    /// Pods it wants to be with are not there.
    PodAffinity,
    /// Pods it wants to avoid are there.
    PodAntiAffinity,
    /// Pods that want to avoid it are there.
    ExistingAntiAffinity,
}

impl NodeReason {
    /// The scheduler's words for it.
    pub fn message(&self) -> EcoString {
        let words = match self {
            NodeReason::Unschedulable => "node(s) were unschedulable",
            NodeReason::OtherName => "node(s) didn't match the requested node name",
            NodeReason::UntoleratedTaint(_) => "node(s) had untolerated taint(s)",
            NodeReason::NodeAffinity => "node(s) didn't match Pod's node affinity/selector",
            NodeReason::PortTaken(_) => {
                "node(s) didn't have free ports for the requested pod ports"
            }
            NodeReason::TooManyPods(_) => "Too many pods",
            NodeReason::Insufficient { resource, .. } => {
                return format!("Insufficient {resource}").into();
            }
            NodeReason::ClaimInUse { .. } => {
                "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access \
                 mode already in-use by another pod"
            }
            NodeReason::VolumeElsewhere(_) => {
                "node(s) didn't match PersistentVolume's node affinity"
            }
            NodeReason::NoVolume(_) => "node(s) didn't find available persistent volumes to bind",
            NodeReason::Spread { label_missing: false, .. } => {
                "node(s) didn't match pod topology spread constraints"
            }
            NodeReason::Spread { label_missing: true, .. } => {
                "node(s) didn't match pod topology spread constraints (missing required label)"
            }
            NodeReason::PodAffinity => "node(s) didn't match pod affinity rules",
            NodeReason::PodAntiAffinity => "node(s) didn't match pod anti-affinity rules",
            NodeReason::ExistingAntiAffinity => {
                "node(s) didn't satisfy existing pods anti-affinity rules"
            }
        };
        words.into()
    }

    /// Whether fewer Pods on the node could help (`Unschedulable` as against
    /// `UnschedulableAndUnresolvable`).
    pub fn is_resolvable(&self) -> bool {
        match self {
            NodeReason::Insufficient { exceeds_node, .. } => !exceeds_node,
            NodeReason::Spread { label_missing, .. } => !label_missing,
            NodeReason::PortTaken(_)
            | NodeReason::TooManyPods(_)
            | NodeReason::ClaimInUse { .. }
            | NodeReason::PodAntiAffinity
            | NodeReason::ExistingAntiAffinity => true,
            _ => false,
        }
    }
}

impl ClaimReason {
    /// The scheduler's words for it.
    pub fn message(&self) -> String {
        match self {
            ClaimReason::NotFound(claim) => format!("persistentvolumeclaim {claim:?} not found"),
            ClaimReason::Terminating(claim) => {
                format!("persistentvolumeclaim {claim:?} is being deleted")
            }
            ClaimReason::Lost { claim, volume } => format!(
                "persistentvolumeclaim {claim:?} bound to non-existent persistentvolume {volume:?}"
            ),
            ClaimReason::UnboundImmediate(_) => {
                "pod has unbound immediate PersistentVolumeClaims".into()
            }
            ClaimReason::VolumeNotFound(volume) => {
                format!("persistentvolume {volume:?} not found")
            }
            ClaimReason::NotMadeYet(claim) => format!(
                "waiting for ephemeral volume controller to create the persistentvolumeclaim \
                 {claim:?}"
            ),
            ClaimReason::NotOwned { claim, pod } => {
                format!("PVC {claim} was not created for pod {pod} (pod is not owner)")
            }
        }
    }
}
