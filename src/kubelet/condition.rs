//! The conditions of a Pod that its kubelet owns.
//!
//! Models `pkg/kubelet/status/generate.go`.

use crate::api::value::Value;
use crate::value;

use super::resize;
use super::spec::Place;
use super::status::is_ready;
use super::worker::{Cx, Worker};

/// The kubelet's own conditions, in the order in which it writes them.
const OWN: [&str; 5] =
    ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

/// One condition's verdict.
struct Verdict {
    status: bool,
    reason: &'static str,
    message: String,
}

impl Verdict {
    fn new(status: bool, reason: &'static str, message: String) -> Self {
        Verdict { status, reason, message }
    }

    fn good() -> Self {
        Verdict::new(true, "", String::new())
    }
}

/// Puts the conditions into a status; foreign ones stay, in front.
pub fn put_all(worker: &Worker, cx: &Cx, status: &mut Value, phase: &str) {
    let old = status.get("conditions").clone();
    let is_own = |name: &str| OWN.contains(&name) || resize::CONDITIONS.contains(&name);
    let foreign = old.items().iter().filter(|c| !is_own(c.get("type").str()));
    let mut conditions: Vec<Value> = worker.resize_conditions();
    conditions.extend(foreign.cloned());
    let containers_ready = containers_ready(worker, phase);
    let ready = ready(worker, &old, phase, &containers_ready);
    let verdicts = [
        sandbox_ready(worker),
        initialized(worker, phase),
        ready,
        containers_ready,
        Verdict::good(),
    ];
    for (name, verdict) in OWN.iter().zip(verdicts) {
        conditions.push(condition(worker, cx, &old, name, verdict));
    }
    status.set(&["conditions"], conditions);
}

fn find<'a>(conditions: &'a Value, name: &str) -> Option<&'a Value> {
    conditions.items().iter().find(|c| c.get("type").str() == name)
}

fn condition(worker: &Worker, cx: &Cx, old: &Value, name: &str, verdict: Verdict) -> Value {
    let status = if verdict.status { "True" } else { "False" };
    let old = find(old, name);
    let since = old.filter(|c| c.get("status").str() == status);
    let since = since.map(|c| c.get("lastTransitionTime").clone());
    let mut condition = value!({
        "lastProbeTime": null,
        "lastTransitionTime": (since.unwrap_or_else(|| cx.now.rfc3339().into())),
        "observedGeneration": (worker.pod.generation()),
        "status": status,
        "type": name,
    });
    if !verdict.reason.is_empty() {
        condition.set(&["reason"], verdict.reason);
    }
    if !verdict.message.is_empty() {
        condition.set(&["message"], verdict.message);
    }
    condition
}

fn sandbox_ready(worker: &Worker) -> Verdict {
    match worker.sandbox {
        true => Verdict::good(),
        false => Verdict::new(false, "PodSandboxNotReady", String::new()),
    }
}

/// Models generate.go GeneratePodInitializedCondition.
fn initialized(worker: &Worker, phase: &str) -> Verdict {
    let spec = worker.spec();
    if phase == "Succeeded" {
        return Verdict::new(true, "PodCompleted", String::new());
    }
    if (spec.init_count()..spec.count()).any(|place| worker.containers[place].tried) {
        return Verdict::good();
    }
    let incomplete = |place: &Place| {
        let run = worker.containers[*place].run.as_ref();
        match spec.is_sidecar(*place) {
            true => !run.is_some_and(|r| r.seems_running() && r.startup && r.post_started),
            false => !worker.containers[*place].succeeded(),
        }
    };
    let names: Vec<&str> =
        (0..spec.init_count()).filter(incomplete).map(|place| spec.name(place)).collect();
    match names.is_empty() {
        true => Verdict::good(),
        false => {
            let message = format!("containers with incomplete status: [{}]", names.join(" "));
            Verdict::new(false, "ContainersNotInitialized", message)
        }
    }
}

/// Models generate.go GenerateContainersReadyCondition.
fn containers_ready(worker: &Worker, phase: &str) -> Verdict {
    match phase {
        "Succeeded" => return Verdict::new(false, "PodCompleted", String::new()),
        "Failed" => return Verdict::new(false, "PodFailed", String::new()),
        _ => {}
    }
    let spec = worker.spec();
    let counts = |place: &Place| !spec.is_init(*place) || spec.is_sidecar(*place);
    let places = (0..spec.count()).filter(counts);
    let unready: Vec<&str> =
        places.filter(|place| !is_ready(worker, *place)).map(|place| spec.name(place)).collect();
    match unready.is_empty() {
        true => Verdict::good(),
        false => {
            let message = format!("containers with unready status: [{}]", unready.join(" "));
            Verdict::new(false, "ContainersNotReady", message)
        }
    }
}

/// Models generate.go GeneratePodReadyCondition.
fn ready(worker: &Worker, old: &Value, phase: &str, containers: &Verdict) -> Verdict {
    if !containers.status || matches!(phase, "Succeeded" | "Failed") {
        return Verdict::new(false, containers.reason, containers.message.clone());
    }
    let gates = worker.pod.path(&["spec", "readinessGates"]).items();
    let problem = |gate: &Value| {
        let name = gate.get("conditionType").str();
        match find(old, name) {
            None => Some(format!(
                "corresponding condition of pod readiness gate \"{name}\" does not exist."
            )),
            Some(c) if c.get("status").str() != "True" => Some(format!(
                "the status of pod readiness gate \"{name}\" is not \"True\", but {}",
                c.get("status").str()
            )),
            Some(_) => None,
        }
    };
    let problems: Vec<String> = gates.iter().filter_map(problem).collect();
    match problems.is_empty() {
        true => Verdict::good(),
        false => Verdict::new(false, "ReadinessGatesNotReady", problems.join(", ")),
    }
}
