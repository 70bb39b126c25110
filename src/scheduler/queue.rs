//! When a Pod is looked at (again).
//!
//! Models `pkg/scheduler/backend/queue` with the queueing hints of the plugins: a Pod that could
//! not be placed is tried again only after a change that may help it. Left out: back-off, which
//! upstream skips while nothing else is to do.

use crate::api::object::{Object, ObjectKey};
use crate::api::pod::is_terminal;
use crate::api::scheme::Kind;
use crate::api::time::Duration;
use crate::apiserver::index::{Obstacle, unschedulable_message};
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;

use super::filter::Cycle;
use super::node_info::NodeInfo;
use super::volume::PodVolumes;

/// The scheduler's name in `spec.schedulerName`.
pub const SCHEDULER_NAME: &str = "default-scheduler";

/// Whether a Pod waits for this scheduler (or for the lifting of gates).
pub fn is_waiting(pod: &Object) -> bool {
    is_unscheduled(pod) && pod.spec().get("schedulerName").as_str().is_none_or(is_ours)
}

fn is_ours(name: &str) -> bool {
    name == SCHEDULER_NAME
}

/// Whether a Pod has no node and may still get one.
pub fn is_unscheduled(pod: &Object) -> bool {
    pod.spec().get("nodeName").str().is_empty() && !pod.is_terminating() && !is_terminal(pod)
}

/// The Pods to look at because of a change.
pub fn enqueue(changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
    match changed.key.kind {
        Kind::Pod => pod_changed(changed, lister),
        Kind::Node => node_changed(changed, lister),
        Kind::PersistentVolumeClaim if changed.event_type != WatchEventType::Deleted => {
            users(lister, changed.key.namespace.as_str(), changed.key.name.as_str())
        }
        Kind::PersistentVolume if changed.event_type != WatchEventType::Deleted => {
            volume_changed(changed, lister)
        }
        Kind::StorageClass => unplaced(lister, Obstacle::Claims, VOLUME_WORDS)
            .chain(unplaced(lister, Obstacle::Nodes, VOLUME_WORDS))
            .collect(),
        _ => Vec::new(),
    }
}

// What messages say if volumes are in the way.
const VOLUME_WORDS: &[&str] = &["PersistentVolume", "persistentvolume", "persistent volumes"];
// What they say if fewer Pods would help.
const ROOM_WORDS: &[&str] =
    &["Insufficient", "Too many pods", "free ports", "anti-affinity", "spread", "in-use"];
// What they say if other Pods would help.
const COMPANY_WORDS: &[&str] = &["pod affinity rules", "spread"];

fn unplaced<'a>(
    lister: Lister<'a>,
    obstacle: Obstacle,
    words: &'a [&'a str],
) -> impl Iterator<Item = ObjectKey> + 'a {
    let pods = lister.pod_index().unplaced(obstacle).filter_map(move |key| lister.get(key));
    let is_about = move |pod: &&Object| {
        let message = unschedulable_message(pod).unwrap_or_default();
        is_waiting(pod) && words.iter().any(|word| message.contains(word))
    };
    pods.filter(is_about).map(Object::key)
}

fn pod_changed(changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
    let (pod, previous) = (&changed.object, changed.previous.as_ref());
    let is_deleted = changed.event_type == WatchEventType::Deleted;
    if pod.spec().get("nodeName").str().is_empty() {
        let is_new =
            previous.is_none_or(|p| !is_same_wish(p, pod) || was_overtaken(changed, p, lister));
        return match !is_deleted && is_waiting(pod) && is_new {
            true => vec![pod.key()],
            false => Vec::new(),
        };
    }
    let has_ended = |pod: &Object| is_terminal(pod);
    let has_left = is_deleted || previous.is_some_and(|p| !has_ended(p) && has_ended(pod));
    let has_come = previous.is_none_or(|p| p.spec().get("nodeName").str().is_empty());
    let is_relabelled = previous.is_some_and(|p| p.labels() != pod.labels());
    let words = match (has_left, has_come || is_relabelled) {
        (true, _) => ROOM_WORDS,
        (false, true) => COMPANY_WORDS,
        (false, false) => return Vec::new(),
    };
    unplaced(lister, Obstacle::Nodes, words).collect()
}

/// How long a Pod may be looked at until it is known that it found no place.
const IN_FLIGHT: Duration = Duration::from_millis(300);

// Whether a volume became free while the Pod was being looked at, which its refusal does not know
// of yet (`inFlightEvents` of the scheduling queue).
fn was_overtaken(changed: &WatchEvent, previous: &Object, lister: Lister<'_>) -> bool {
    let message = unschedulable_message(&changed.object).unwrap_or_default();
    let is_refused = message != unschedulable_message(previous).unwrap_or_default();
    if !is_refused || !VOLUME_WORDS.iter().any(|word| message.contains(word)) {
        return false;
    }
    let is_free = |volume: &Object| volume.status().get("phase").str() == "Available";
    lister.all(Kind::PersistentVolume).filter(|volume| is_free(volume)).any(|volume| {
        let since = lister.true_since(&volume.key(), is_free);
        since.is_some_and(|since| changed.time.since(since) < IN_FLIGHT)
    })
}

fn is_same_wish(previous: &Object, pod: &Object) -> bool {
    previous.spec() == pod.spec()
        && previous.labels() == pod.labels()
        && previous.owner_references().count() == pod.owner_references().count()
}

// A node that comes or changes is worth a look if something that was against it is not any more.
fn node_changed(changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
    let node = &changed.object;
    let relevant = |n: &Object| {
        (
            n.spec().clone(),
            n.metadata().get("labels").clone(),
            n.status().get("allocatable").clone(),
        )
    };
    match (&changed.event_type, &changed.previous) {
        (WatchEventType::Deleted, _) => Vec::new(),
        (_, Some(previous)) if relevant(previous) == relevant(node) => Vec::new(),
        (_, Some(previous)) => {
            let pods = unplaced(lister, Obstacle::Nodes, &[""]);
            let improves = |key: &ObjectKey| {
                lister.get(key).is_some_and(|pod| improves(lister, pod, previous, node))
            };
            pods.filter(improves).collect()
        }
        (_, None) => unplaced(lister, Obstacle::Nodes, &[""]).collect(),
    }
}

fn improves(lister: Lister<'_>, pod: &Object, previous: &Object, node: &Object) -> bool {
    let message = unschedulable_message(pod).unwrap_or_default();
    if previous.labels() != node.labels() && VOLUME_WORDS.iter().any(|w| message.contains(w)) {
        return true;
    }
    let cycle = Cycle::new(lister, pod, PodVolumes::default());
    let before = cycle.filter(lister, &NodeInfo::of(lister, previous));
    let now = cycle.filter(lister, &NodeInfo::of(lister, node));
    before.iter().any(|reason| !now.contains(reason))
}

// A volume kept for a claim concerns the users of that claim, a free one everybody.
fn volume_changed(changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
    let reference = changed.object.spec().get("claimRef");
    if !reference.is_null() {
        return users(lister, reference.get("namespace").str(), reference.get("name").str());
    }
    unplaced(lister, Obstacle::Claims, VOLUME_WORDS)
        .chain(unplaced(lister, Obstacle::Nodes, VOLUME_WORDS))
        .collect()
}

// The Pods that wait with this claim. Those with a node in view look for themselves, once a
// second, as upstream's binding cycle does.
fn users(lister: Lister<'_>, namespace: &str, claim: &str) -> Vec<ObjectKey> {
    let pods = lister.pods_of_claim(namespace, claim);
    let waiting = pods
        .filter(|pod| is_waiting(pod) && pod.status().get("nominatedNodeName").str().is_empty());
    waiting.map(Object::key).collect()
}
