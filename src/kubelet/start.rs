//! Starting one container.
//!
//! Models `pkg/kubelet/kuberuntime/kuberuntime_container.go` startContainer.

use crate::api::value::EcoString;

use super::container::Run;
use super::log::Log;
use super::process::Process;
use super::spec::Place;
use super::worker::{Cx, Worker};

/// What is wrong with a container's configuration (CreateContainerConfigError).
pub fn config_problem(worker: &Worker, cx: &Cx, place: Place) -> Option<String> {
    let _ = (worker, cx, place);
    None
}

/// Starts a container that was created; the complaint if that fails.
pub fn run(worker: &mut Worker, cx: &mut Cx, place: Place) -> Option<String> {
    let image: EcoString = worker.spec().container(place).get("image").str().into();
    let id: String = (0..4).map(|_| format!("{:016x}", cx.choice.random())).collect();
    let process = Process { end: None, polite: true };
    let container = &mut worker.containers[place];
    if let Some(run) = container.run.take() {
        container.restart_count += 1;
        container.former = Some(run);
    }
    container.tried = true;
    container.run = Some(Box::new(Run {
        id: id.into(),
        image,
        started: cx.now,
        ended: None,
        noticed: false,
        post_started: true,
        startup: true,
        ready: true,
        process,
        log: Log::default(),
    }));
    None
}
