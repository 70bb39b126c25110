//! Recycle: a Pod empties the volume, then it is free again.
//!
//! Models `pkg/volume/util/recyclerclient` and `recycleVolumeOperation` of pv_controller.go.

use crate::api::object::{Object, ObjectKey};
use crate::api::pod::is_terminal;
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::Request;
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::controller::reason::PersistentVolumeReason as Reason;
use crate::controller::{Decision, Step};
use crate::value;

use super::{because, bind, reclaim};

const PREFIX: &str = "recycler-for-";
const NAMESPACE: &str = "default";
const IMAGE: &str = "registry.k8s.io/build-image/debian-base:bookworm-v1.0.6";
const SCRUB: &str = "test -e /scrub && find /scrub -mindepth 1 -delete && \
                     test -z \"$(ls -A /scrub)\" || exit 1";

fn volume_name<'a>(namespace: &str, pod: &'a str) -> Option<&'a str> {
    pod.strip_prefix(PREFIX).filter(|_| namespace == NAMESPACE)
}

/// The volume that a Pod empties, if this change may mean that it is done.
pub fn volume_of_pod(changed: &WatchEvent) -> Option<ObjectKey> {
    let name = volume_name(&changed.key.namespace, &changed.key.name)?;
    let is_done = changed.event_type != WatchEventType::Deleted && is_terminal(&changed.object);
    let was_done = changed.previous.as_ref().is_some_and(is_terminal);
    (is_done && !was_done).then(|| ObjectKey::new(Kind::PersistentVolume, "", name))
}

/// Whether an event is about a recycler Pod and has to be repeated on its volume.
pub fn concerns(changed: &WatchEvent) -> bool {
    let about = changed.object.value.get("involvedObject");
    changed.event_type != WatchEventType::Deleted
        && about.get("kind").str() == "Pod"
        && volume_name(about.get("namespace").str(), about.get("name").str()).is_some()
}

/// Repeats an event about a recycler Pod on its volume.
pub fn repeat(lister: Lister<'_>, event: &Object, _now: Time) -> Decision {
    let about = event.value.get("involvedObject");
    let name = volume_name(about.get("namespace").str(), about.get("name").str());
    let volume = name.and_then(|name| lister.find(Kind::PersistentVolume, "", name));
    let record = volume.map(|volume| {
        let sentence = format!("Recycler pod: {}", event.value.get("message").str());
        match event.value.get("type").str() {
            "Warning" => Record::warning(volume, "RecyclerPod", sentence),
            _ => Record::normal(volume, "RecyclerPod", sentence),
        }
    });
    Decision { records: record.into_iter().collect(), ..Decision::default() }
}

/// One step towards an empty volume.
pub fn recycle(lister: Lister<'_>, volume: &Object, decision: &mut Decision) {
    let Some(source) = source(volume) else {
        let why = "No recycler plugin found for the volume!";
        because(decision, volume, Reason::RecycleFailed(why.into()));
        return reclaim::fail(volume, "VolumeFailedRecycle", why.into(), decision);
    };
    let users = users(lister, volume);
    if !users.is_empty() {
        let sentence = format!("Volume is used by pods: {}", users.join(","));
        decision.records.push(Record::normal(volume, "VolumeFailedRecycle", sentence));
        return because(decision, volume, Reason::StillUsed(users));
    }
    let name = format!("{PREFIX}{}", volume.name());
    let Some(pod) = lister.find(Kind::Pod, NAMESPACE, &name) else {
        let pod = recycler_pod(volume, &name, source);
        decision.steps.push(Step::new(Request::create(bind::actor(), &pod)));
        return because(decision, volume, Reason::Recycling(name.into()));
    };
    match pod.status().get("phase").str() {
        "Succeeded" => {
            decision.steps.push(delete(pod));
            let mut freed = bind::unbind(volume);
            freed.on_success.push(Record::normal(
                volume,
                "VolumeRecycled",
                "Volume recycled".into(),
            ));
            decision.steps.push(freed);
            decision.steps.extend(bind::volume_phase(volume, "Available", ""));
            because(decision, volume, Reason::Recycled);
        }
        "Failed" => {
            decision.steps.push(delete(pod));
            let message = match pod.status().get("message").str() {
                "" => "pod failed, pod.Status.Message unknown",
                message => message,
            };
            let why = format!("Recycle failed: failed to recycle volume: {message}");
            because(decision, volume, Reason::RecycleFailed(why.as_str().into()));
            reclaim::fail(volume, "VolumeFailedRecycle", why, decision);
        }
        _ => because(decision, volume, Reason::Recycling(name.into())),
    }
}

fn delete(pod: &Object) -> Step {
    Step::new(Request::delete(bind::actor(), pod)).or_gone()
}

// Pods that run with a claim of the former claim's name (`isVolumeUsed`), unless that is a new
// claim, which has another volume.
fn users(lister: Lister<'_>, volume: &Object) -> Vec<EcoString> {
    let reference = volume.spec().get("claimRef");
    let (namespace, name) = (reference.get("namespace").str(), reference.get("name").str());
    if lister.find(Kind::PersistentVolumeClaim, namespace, name).is_some() {
        return Vec::new();
    }
    let pods = lister.pods_of_claim(namespace, name).filter(|pod| !is_terminal(pod));
    pods.map(|pod| pod.name().into()).collect()
}

// What the Pod mounts, and the least time it gets.
fn source(volume: &Object) -> Option<(Value, i64)> {
    let (host_path, nfs) = (volume.spec().get("hostPath"), volume.spec().get("nfs"));
    if !host_path.is_null() {
        let path = value!({"path": (host_path.get("path"))});
        return Some((value!({"name": "vol", "hostPath": path}), 60));
    }
    let share = value!({"server": (nfs.get("server")), "path": (nfs.get("path"))});
    (!nfs.is_null()).then(|| (value!({"name": "vol", "nfs": share}), 300))
}

// `NewPersistentVolumeRecyclerPodTemplate`
fn recycler_pod(volume: &Object, name: &str, (source, seconds_min): (Value, i64)) -> Object {
    // Thirty seconds for each gibibyte.
    let gibibytes = super::volume::capacity(volume).units() >> 30;
    Object::new(
        Kind::Pod,
        value!({
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {
                "activeDeadlineSeconds": (seconds_min.max(gibibytes.saturating_mul(30))),
                "restartPolicy": "Never",
                "volumes": [source],
                "containers": [{
                    "name": "pv-recycler",
                    "image": IMAGE,
                    "command": ["/bin/sh"],
                    "args": ["-c", SCRUB],
                    "volumeMounts": [{"name": "vol", "mountPath": "/scrub"}],
                }],
            },
        }),
    )
}
