//! Why the kubelet does with a Pod what it does (`pkg/kubelet`).

use crate::api::value::EcoString;

/// What a kubelet says about a Pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KubeletReason {
    /// The node has no room for a Pod that was put there without the scheduler.
    /// (`rejectPod`)
    Rejected {
        /// What is wrong, as the status says it.
        problem: EcoString,
    },
    /// A volume cannot be mounted; nothing is started before it can. (`WaitForAttachAndMount`)
    VolumeNotMounted {
        /// What is wrong, as the event says it.
        problem: EcoString,
    },
    /// A volume does not come, and nobody says why. (`WaitForAttachAndMount`)
    VolumeSilent {
        /// The volume.
        volume: EcoString,
    },
    /// No driver attaches a volume to the node: it is not installed.
    /// (`waitForVolumeAttachment`)
    VolumeNotAttached {
        /// The volume.
        volume: EcoString,
        /// The CSI driver.
        driver: EcoString,
    },
    /// What the real kubelet does with such a volume is not simulated; it is never mounted here.
    /// (`WaitForAttachAndMount`)
    VolumeNotSimulated {
        /// The volume.
        volume: EcoString,
        /// Its kind, as the Pod or the PersistentVolume names it.
        kind: EcoString,
    },
    /// An init container runs; the others wait for its end. (`computeInitContainerActions`)
    WaitingForInitContainer {
        /// The init container.
        container: EcoString,
    },
    /// An image cannot be pulled. (`EnsureImageExists`)
    ImageNotPulled {
        /// The container.
        container: EcoString,
        /// The image.
        image: EcoString,
    },
    /// The pause after a failed pull is not over. (`EnsureImageExists`)
    ImageBackOff {
        /// The container.
        container: EcoString,
        /// Seconds until the next try, at least.
        seconds: u64,
    },
    /// A container ended and is not started before a pause is over. (`doBackOff`)
    CrashBackOff {
        /// The container.
        container: EcoString,
        /// The pause in seconds.
        pause: u64,
    },
    /// Something that a container's configuration names is missing.
    /// (`generateContainerConfig`)
    ConfigurationMissing {
        /// The container.
        container: EcoString,
        /// What is missing.
        problem: EcoString,
    },
    /// A container runs. (`startContainer`)
    Started {
        /// The container.
        container: EcoString,
        /// How often it was started again.
        restarts: u32,
    },
    /// A container runs but is not ready. (`UpdatePodStatus`)
    NotReady {
        /// The container.
        container: EcoString,
    },
    /// A container has become ready. (`UpdatePodStatus`)
    Ready {
        /// The container.
        container: EcoString,
    },
    /// A container failed a probe and is stopped. (`computePodActions`)
    ProbeFailed {
        /// The container.
        container: EcoString,
        /// `liveness` or `startup`
        probe: EcoString,
    },
    /// The Pod is being deleted: its containers are asked to stop. (`SyncTerminatingPod`)
    Stopping {
        /// Seconds that they have.
        grace: u64,
    },
    /// A container did not stop in time and was killed. (`killContainer`)
    Killed {
        /// The container.
        container: EcoString,
    },
    /// A name that a program of the Pod asked for was answered from the name server's cache.
    /// (CoreDNS `plugin/cache`, `ServeDNS`)
    NameFromCache {
        /// The full name.
        name: EcoString,
        /// How many seconds ago the answer was given.
        age: u64,
        /// How many seconds it is still believed.
        left: u32,
        /// Whether the answer is no longer true.
        stale: bool,
    },
    /// Everything has stopped: the Pod's object is let go. (`SyncTerminatedPod`)
    Removed,
}

impl KubeletReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Rejected { .. } => "rejectPod",
            Self::VolumeNotMounted { .. }
            | Self::VolumeSilent { .. }
            | Self::VolumeNotSimulated { .. } => "WaitForAttachAndMount",
            Self::VolumeNotAttached { .. } => "waitForVolumeAttachment",
            Self::WaitingForInitContainer { .. } => "computeInitContainerActions",
            Self::ImageNotPulled { .. } | Self::ImageBackOff { .. } => "EnsureImageExists",
            Self::CrashBackOff { .. } => "doBackOff",
            Self::ConfigurationMissing { .. } => "generateContainerConfig",
            Self::Started { .. } => "startContainer",
            Self::NotReady { .. } | Self::Ready { .. } => "UpdatePodStatus",
            Self::ProbeFailed { .. } => "computePodActions",
            Self::Stopping { .. } => "SyncTerminatingPod",
            Self::Killed { .. } => "killContainer",
            Self::NameFromCache { .. } => "ServeDNS",
            Self::Removed => "SyncTerminatedPod",
        }
    }
}
