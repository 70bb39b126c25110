//! What the kubelet says, in English.

use crate::controller::reason::KubeletReason;

/// A reason as one sentence.
pub fn sentence(reason: &KubeletReason) -> String {
    use KubeletReason as R;
    match reason {
        R::Rejected { problem } => {
            format!("The kubelet does not take the Pod in, so it has failed for good: {problem}.")
        }
        R::VolumeNotMounted { problem } => {
            format!("Nothing is started before its volumes are mounted: {problem}")
        }
        R::VolumeSilent { volume } => {
            format!("The volume {volume} does not come; the kubelet waits for it without a word.")
        }
        R::VolumeNotAttached { volume, driver } => format!(
            "The volume {volume} has to be attached by the CSI driver {driver}, which is not \
             installed in this cluster."
        ),
        R::VolumeNotSimulated { volume, kind } => format!(
            "The volume {volume} is of kind {kind}, whose mounting is not simulated here; the Pod \
             waits for ever."
        ),
        R::WaitingForInitContainer { container } => {
            format!("The init container {container} has to end well before the next one starts.")
        }
        R::ImageNotPulled { container, image } => {
            format!("{container} cannot start: the image {image} cannot be pulled.")
        }
        R::ImageBackOff { container, seconds } => {
            format!("The image of {container} is tried again in {seconds} s at the earliest.")
        }
        R::CrashBackOff { container, pause } => {
            format!("{container} ended again; it is not restarted before {pause} s have passed.")
        }
        R::ConfigurationMissing { container, problem } => {
            format!("{container} cannot be made: {problem}.")
        }
        R::Started { container, restarts: 0 } => format!("{container} runs."),
        R::Started { container, restarts } => format!("{container} runs, restart {restarts}."),
        R::NotReady { container } => {
            format!("{container} runs, but its readiness probe does not succeed.")
        }
        R::Ready { container } => format!("{container} is ready."),
        R::ProbeFailed { container, probe } => {
            format!("{container} failed its {probe} probe and is restarted.")
        }
        R::Stopping { grace } => {
            format!("It is being deleted: its containers have {grace} s to stop.")
        }
        R::Killed { container } => {
            format!("{container} did not stop in time and was killed (exit code 137).")
        }
        R::NameFromCache { name, age, left, stale } => {
            let truth = match stale {
                true => "It is no longer true",
                false => "It is still true",
            };
            format!(
                "{name} was answered from the name server's cache, {age} s old and believed for \
                 another {left} s. {truth}."
            )
        }
        R::Removed => "All its containers have stopped: its object is removed.".into(),
    }
}
