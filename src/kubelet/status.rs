//! The status of a Pod: phase and containers.
//!
//! Models `pkg/kubelet/kubelet_pods.go` (generateAPIPodStatus, getPhase,
//! convertToAPIContainerStatuses) and `pkg/kubelet/status/status_manager.go`. Allocated resources
//! follow the spec at once.

use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::value;

use super::condition;
use super::container::{Container, Ended, Run};
use super::image::Image;
use super::node::host_ip;
use super::spec::{Place, Spec, qos_class};
use super::worker::{Cx, Stage, Worker};
use crate::api::image_reference::Reference;

/// The status as the kubelet sees the Pod now.
pub fn generate(worker: &Worker, cx: &Cx) -> Value {
    let spec = worker.spec();
    let mut status = old_status(worker, cx);
    let list = |places: std::ops::Range<Place>| -> Vec<Value> {
        places.map(|place| container_status(worker, place)).collect()
    };
    let inits = list(0..spec.init_count());
    let mut regulars = list(spec.init_count()..spec.count());
    let phase = match worker.deadline_exceeded {
        true => "Failed",
        false => phase(worker),
    };
    if worker.deadline_exceeded {
        let message = "Pod was active on the node longer than the specified deadline";
        status.set(&["reason"], "DeadlineExceeded");
        status.set(&["message"], message);
    }
    condition::put_all(worker, cx, &mut status, phase);
    regulars.sort_by(|a, b| a.get("name").str().cmp(b.get("name").str()));
    if !inits.is_empty() {
        status.set(&["initContainerStatuses"], inits);
    }
    status.set(&["containerStatuses"], regulars);
    status.set(&["phase"], phase);
    put_addresses(worker, cx, &mut status);
    status.set(&["observedGeneration"], worker.pod.generation());
    if status.get("qosClass").is_null() {
        status.set(&["qosClass"], qos_class(&worker.pod));
    }
    if status.get("startTime").is_null() {
        status.set(&["startTime"], cx.now.rfc3339());
    }
    status
}

fn old_status(worker: &Worker, cx: &Cx) -> Value {
    match &worker.status {
        Some(pending) => pending.1.clone(),
        None => worker.object(cx.lister).unwrap_or(&worker.pod).status().clone(),
    }
}

/// The same while containers may still run: no final phase is shown then.
///
/// Models status_manager.go mergePodStatus.
pub fn held(worker: &Worker, cx: &Cx, mut status: Value) -> Value {
    let old = old_status(worker, cx);
    let is_final = |status: &Value| matches!(status.get("phase").str(), "Succeeded" | "Failed");
    let may_run = matches!(worker.stage, Stage::Sync | Stage::Terminating);
    if is_final(&status) && !is_final(&old) && may_run {
        for field in ["phase", "reason", "message"] {
            match old.get(field) {
                Value::Null => {
                    status.remove(&[field]);
                }
                value => status.set(&[field], value),
            }
        }
    }
    status
}

/// The status after everything has stopped: what is not known to have run counts as lost.
///
/// Models status_manager.go TerminatePod.
pub fn terminated(worker: &Worker, cx: &Cx, pending: Option<Value>) -> Value {
    let mut status = pending.unwrap_or_else(|| generate(worker, cx));
    let spec = worker.spec();
    let initialized = spec.init_count() == 0
        || worker.containers[spec.init_count()..].iter().any(|c| c.tried)
        || worker.containers[..spec.init_count()].last().is_some_and(Container::succeeded);
    let last_tried = worker.containers[..spec.init_count()].iter().rposition(|c| c.tried);
    let known_inits = last_tried.map_or(0, |place| place + 1);
    let lose = |list: &mut Value, count: usize| {
        for container in list.items_mut().iter_mut().take(count) {
            if container.path(&["state", "terminated"]).is_null() {
                container.set(&["state"], lost());
            }
        }
    };
    if initialized {
        lose(status.path_mut(&["containerStatuses"]), usize::MAX);
    }
    if known_inits > 0 {
        lose(status.path_mut(&["initContainerStatuses"]), known_inits);
    }
    if !matches!(status.get("phase").str(), "Succeeded" | "Failed") {
        status.set(&["phase"], "Failed");
    }
    status
}

fn lost() -> Value {
    let message = "The container could not be located when the pod was terminated";
    value!({"terminated": {
        "exitCode": 137,
        "finishedAt": null,
        "message": message,
        "reason": "ContainerStatusUnknown",
        "startedAt": null,
    }})
}

fn put_addresses(worker: &Worker, cx: &Cx, status: &mut Value) {
    let host = host_ip(cx.lister, &cx.node.name);
    if !host.is_empty() {
        status.set(&["hostIP"], host);
        status.set(&["hostIPs"], value!([{"ip": host}]));
    }
    if let Some(address) = &worker.address {
        status.set(&["podIP"], address);
        status.set(&["podIPs"], value!([{"ip": address}]));
    }
}

/// Counts of container states that the phase follows from.
#[derive(Default)]
struct Counts {
    pending_inits: u32,
    pending_sidecars: u32,
    failed_inits: u32,
    running: u32,
    waiting: u32,
    stopped: u32,
    succeeded: u32,
    restarting: u32,
}

/// The phase that follows from the containers.
///
/// Models pkg/kubelet/kubelet_pods.go getPhase.
pub fn phase(worker: &Worker) -> &'static str {
    let spec = worker.spec();
    let counts = count(worker);
    if counts.failed_inits > 0 {
        return "Failed";
    }
    let initialized = worker.containers[spec.init_count()..].iter().any(|c| c.tried);
    let pending = counts.pending_inits > 0 || (counts.pending_sidecars > 0 && !initialized);
    if pending || counts.waiting > 0 {
        return "Pending";
    }
    if counts.running > 0 {
        return "Running";
    }
    if counts.stopped == 0 {
        return "Pending";
    }
    let all_well = counts.stopped == counts.succeeded;
    let terminal = matches!(worker.stage, Stage::Terminated | Stage::Done)
        && (worker.pod.is_terminating() || worker.deadline_exceeded);
    if !terminal && counts.restarting > 0 {
        return "Running";
    }
    if all_well { "Succeeded" } else { "Failed" }
}

fn count(worker: &Worker) -> Counts {
    let spec = worker.spec();
    let mut counts = Counts::default();
    for (place, container) in worker.containers.iter().enumerate() {
        let waiting = is_waiting(worker, place);
        let end = container.end();
        match (spec.is_init(place), spec.is_sidecar(place)) {
            (true, true) if container.seems_running() => {
                counts.running += 1;
                counts.pending_sidecars += u32::from(!is_started(container));
            }
            (true, true) if end.is_none() => {
                counts.pending_sidecars += 1;
                counts.waiting += 1;
            }
            (true, true) => {}
            (true, false) => match end {
                Some(end) if end.code == 0 => {}
                Some(end) if spec.restarts(place, end.code) => counts.pending_inits += 1,
                Some(_) => counts.failed_inits += 1,
                None => counts.pending_inits += 1,
            },
            _ if container.seems_running() => {
                counts.running += u32::from(!in_post_start(container))
            }
            _ => match end {
                Some(end) => {
                    counts.stopped += 1;
                    counts.restarting += u32::from(spec.restarts(place, end.code));
                    counts.succeeded += u32::from(end.code == 0 && !waiting);
                }
                None => counts.waiting += 1,
            },
        }
        if !spec.is_init(place) && in_post_start(container) {
            counts.waiting += 1;
        }
    }
    counts
}

fn is_started(container: &Container) -> bool {
    container.run.as_ref().is_some_and(|r| r.seems_running() && r.startup && r.post_started)
}

// A container whose postStart hook runs counts as being created.
fn in_post_start(container: &Container) -> bool {
    container.run.as_ref().is_some_and(|run| run.seems_running() && !run.post_started)
}

/// Whether a container is shown as waiting though it ran before, or for a known reason.
pub fn is_waiting(worker: &Worker, place: Place) -> bool {
    let container = &worker.containers[place];
    container.reason.is_some() && !container.seems_running() && should_restart(worker, place)
}

/// Models pkg/kubelet/container/helpers.go ShouldContainerBeRestarted.
fn should_restart(worker: &Worker, place: Place) -> bool {
    if worker.pod.is_terminating() || worker.stage != Stage::Sync {
        return false;
    }
    let spec = worker.spec();
    worker.containers[place].end().is_none_or(|end| spec.restarts(place, end.code))
}

/// Whether a container counts as ready.
pub fn is_ready(worker: &Worker, place: Place) -> bool {
    let container = &worker.containers[place];
    let spec = worker.spec();
    if spec.is_init(place) && !spec.is_sidecar(place) {
        return container.succeeded();
    }
    is_started(container) && container.run.as_ref().is_some_and(|run| run.ready)
}

/// Models pkg/kubelet/kubelet_pods.go convertToAPIContainerStatuses.
fn container_status(worker: &Worker, place: Place) -> Value {
    let spec = worker.spec();
    let container = &worker.containers[place];
    let declared = spec.container(place);
    let waiting = is_waiting(worker, place);
    let mut status = value!({
        "image": (declared.get("image")),
        "imageID": "",
        "lastState": {},
        "name": (declared.get("name")),
        "ready": (is_ready(worker, place)),
        "restartCount": (container.restart_count),
        "started": (is_started(container)),
        "state": (state(worker, place)),
    });
    let creating = in_post_start(container);
    if let Some(run) = container.run.as_ref().filter(|_| !creating) {
        put_run(&mut status, run, (worker, place));
    }
    let last = match (&container.run, &container.former) {
        (Some(run), _) if waiting => run.known_end().map(|end| (run, end)),
        (_, Some(former)) => former.ended.as_deref().map(|end| (former, end)),
        _ => None,
    };
    if let Some((run, end)) = last {
        status.set(&["lastState", "terminated"], terminated_state(run, end));
    }
    let mounts = mounts(declared);
    if !mounts.items().is_empty() {
        status.set(&["volumeMounts"], mounts);
    }
    status
}

fn put_run(status: &mut Value, run: &Run, (worker, place): (&Worker, Place)) {
    status.set(&["containerID"], format!("containerd://{}", run.id));
    if let Ok(reference) = Reference::parse(&run.image) {
        status.set(&["image"], reference.to_string());
        if let Some(image) = Image::find(&reference) {
            status.set(&["imageID"], image.id());
        }
    }
    let allocated = worker.allocated(place);
    let resources = match (run.seems_running(), allocated) {
        (_, Value::Null) => Value::object(),
        (true, _) => run.resources.clone(),
        (false, allocated) => allocated.clone(),
    };
    if !allocated.get("requests").is_null() {
        status.set(&["allocatedResources"], allocated.get("requests"));
    }
    status.set(&["resources"], resources);
    if run.seems_running() {
        let user = worker.user(place);
        let groups: Value = user.groups.iter().copied().collect();
        let linux = value!({"gid": (user.gid), "supplementalGroups": groups, "uid": (user.uid)});
        status.set(&["user", "linux"], linux);
    }
}

fn mounts(declared: &Value) -> Value {
    let show = |mount: &Value| {
        let mut shown = value!({
            "mountPath": (mount.get("mountPath")),
            "name": (mount.get("name")),
        });
        if mount.get("readOnly").is_true() {
            shown.set(&["readOnly"], true);
            shown.set(&["recursiveReadOnly"], "Disabled");
        }
        shown
    };
    declared.get("volumeMounts").items().iter().map(show).collect()
}

fn state(worker: &Worker, place: Place) -> Value {
    let container = &worker.containers[place];
    if is_waiting(worker, place)
        && let Some(reason) = &container.reason
    {
        return waiting(&reason.reason, &reason.message);
    }
    match &container.run {
        Some(run) if !in_post_start(container) => match run.known_end() {
            Some(end) => value!({"terminated": (terminated_state(run, end))}),
            None => value!({"running": {"startedAt": (run.started.rfc3339())}}),
        },
        _ => waiting(default_reason(worker.spec()), ""),
    }
}

/// Why a container that was never started waits.
pub fn default_reason(spec: Spec) -> &'static str {
    if spec.init_count() > 0 { "PodInitializing" } else { "ContainerCreating" }
}

fn waiting(reason: &str, message: &str) -> Value {
    let mut state = value!({"waiting": {"reason": reason}});
    if !message.is_empty() {
        state.set(&["waiting", "message"], message);
    }
    state
}

fn terminated_state(run: &Run, end: &Ended) -> Value {
    let text = |time: Time| -> EcoString { time.rfc3339().into() };
    let mut state = value!({
        "containerID": (format!("containerd://{}", run.id)),
        "exitCode": (end.code),
        "finishedAt": (text(end.at)),
        "reason": (&end.reason),
        "startedAt": (text(run.started)),
    });
    if !end.message.is_empty() {
        state.set(&["message"], &end.message);
    }
    state
}
