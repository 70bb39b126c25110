//! Creating, deleting and telling apart Pods that have no identity of their own.
//!
//! Models `RealPodControl`, `GetPodFromTemplate` and `ComputeHash` of `pkg/controller/controller_utils.go`.

use crate::api::go_dump;
use crate::api::object::{Object, OwnerReference};
use crate::api::pod::{condition, is_available, is_terminal, phase, ready_since};
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::Value;
use crate::apiserver::request::{Actor, Request};
use crate::client::Lister;
use crate::controller::{OnRefusal, Record, Step};

/// A Pod out of the owner's template, with a name that the server makes.
pub fn pod_from_template(owner: &Object, template: &Value) -> Object {
    let mut metadata = crate::value!({
        "generateName": (format!("{}-", owner.name())),
        "namespace": (owner.namespace()),
        "ownerReferences": [(OwnerReference::controller_of(owner))],
    });
    for field in ["labels", "annotations", "finalizers"] {
        let from = template.path(&["metadata", field]);
        if !from.is_null() {
            metadata.set(&[field], from);
        }
    }
    let spec = template.get("spec");
    Object::new(Kind::Pod, crate::value!({"metadata": metadata, "spec": spec}))
}

/// The hash of a Pod template, which names ReplicaSets and the revisions of DaemonSets.
///
/// Models ComputeHash: 32-bit FNV-1a over Go's print of the struct.
pub fn template_hash(template: &Value, collision_count: Option<i64>) -> String {
    let text = go_dump::dump(template, "PodTemplateSpec");
    let count = collision_count.map(|count| (count as u64 & 0xffff_ffff).to_le_bytes());
    let mut hash = 2_166_136_261u32;
    for byte in text.bytes().chain(count.into_iter().flatten()) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    }
    safe_encode(&hash.to_string())
}

/// Models `rand.SafeEncodeString`: no vowels, so no words.
pub fn safe_encode(digits: &str) -> String {
    const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    digits.bytes().map(|digit| ALPHABET[usize::from(digit) % ALPHABET.len()] as char).collect()
}

/// The request that makes a Pod, with its events.
pub fn create(owner: &Object, pod: &Object, actor: &Actor) -> Step {
    let success = Record::normal(owner, "SuccessfulCreate", "Created pod: {name}".into());
    let failure = Record::warning(owner, "FailedCreate", "Error creating: {error}".into());
    Step::new(Request::create(actor.clone(), pod)).recording(success, failure)
}

/// The request that deletes a Pod, with its events.
pub fn delete(owner: &Object, pod: &Object, actor: &Actor) -> Step {
    let success = Record::normal(owner, "SuccessfulDelete", format!("Deleted pod: {}", pod.name()));
    let failure = Record::warning(owner, "FailedDelete", "Error deleting: {error}".into());
    Step::new(Request::delete(actor.clone(), pod)).recording(success, failure).or_gone()
}

/// The request that writes an object's status, unless it is what it was.
pub fn write_status(object: &Object, status: Value, actor: &Actor) -> Option<Step> {
    if *object.status() == status {
        return None;
    }
    let mut new = object.clone();
    new.set(&["status"], status);
    Some(Step::new(Request::update(actor.clone(), &new).on("status")))
}

/// The Pods that an object controls.
pub fn owned_pods<'a>(lister: Lister<'a>, owner: &Object) -> Vec<&'a Object> {
    let pods = lister.owned_by(owner.uid()).filter(|object| object.kind == Kind::Pod);
    pods.filter(|pod| pod.is_controlled_by(owner)).collect()
}

/// Whether a Pod counts: it is neither done nor on its way out (`IsPodActive`).
pub fn is_active(pod: &Object) -> bool {
    !is_terminal(pod) && !pod.is_terminating()
}

/// Whether a Pod is ready, and whether it has been so for long enough.
pub fn readiness(owner: &Object, pod: &Object, now: Time) -> (bool, bool) {
    let seconds = owner.spec().get("minReadySeconds").as_i64().unwrap_or(0).max(0);
    let min_ready = Duration::from_secs(seconds as u64);
    match ready_since(pod) {
        Some(since) => (true, is_available(since, min_ready, now)),
        None => (false, false),
    }
}

/// Which Pod goes first (`ActivePodsWithRanks`): unassigned, not running, not ready, cheap, ready
/// for a short time, restarted often, young.
pub fn removal_rank(pod: &Object) -> (bool, u8, bool, i64, i64, i64, i64) {
    let phase = match phase(pod) {
        "Pending" => 0,
        "Unknown" => 1,
        _ => 2,
    };
    let micros = |time: Option<Time>| time.map_or(0, |time| time.0);
    let cost = pod.annotation("controller.kubernetes.io/pod-deletion-cost");
    let restarts = pod.status().get("containerStatuses").items().iter();
    let restarts = restarts.filter_map(|c| c.get("restartCount").as_i64()).max().unwrap_or(0);
    (
        !pod.spec().get("nodeName").str().is_empty(),
        phase,
        ready_since(pod).is_some(),
        cost.and_then(|cost| cost.parse().ok()).unwrap_or(0),
        -micros(ready_since(pod)),
        -restarts,
        -micros(pod.created_at()),
    )
}

/// When a Pod ended, or began to (`getFinishedTime`).
pub fn end_of(pod: &Object) -> Option<Time> {
    let containers = pod.status().get("containerStatuses").items().iter();
    let ends = containers
        .filter_map(|c| Time::parse(c.path(&["state", "terminated", "finishedAt"]).str()));
    let unready = condition(pod, "Ready").filter(|c| c.get("status").str() == "False");
    let unready = unready.and_then(|c| Time::parse(c.get("lastTransitionTime").str()));
    let grace = pod.metadata().get("deletionGracePeriodSeconds").as_i64().unwrap_or(0);
    let asked = pod.deletion_timestamp().map(|at| Time(at.0.saturating_sub(grace * 1_000_000)));
    ends.max().or(unready).or(asked).or(pod.created_at())
}

/// Steps in batches of one, two, four and so on: a refusal ends them after its batch, so that
/// many that fail alike are not all tried.
///
/// Models slowStartBatch.
pub fn slow_start(mut steps: Vec<Step>) -> Vec<Step> {
    let (count, mut size, mut end) = (steps.len(), 1, 1);
    for (index, step) in steps.iter_mut().enumerate() {
        if index == end {
            size = (2 * size).min(count - end);
            end += size;
        }
        step.on_refusal = OnRefusal::StopAfter((end - index - 1) as u32);
    }
    steps
}

/// A condition of a status with the times of the one before it.
pub fn set_condition(status: &mut Value, mut condition: Value, now: Time) {
    let mut conditions = status.path_mut(&["conditions"]).array_mut();
    let kind = condition.get("type").str().to_string();
    let old = conditions.iter_mut().find(|c| c.get("type").str() == kind);
    let same = |old: &Value, field: &str| old.get(field) == condition.get(field);
    match old {
        Some(old) if same(old, "status") && same(old, "reason") && same(old, "message") => {}
        Some(old) => {
            let kept = old.get("lastTransitionTime").clone();
            let since = if same(old, "status") { kept } else { now.rfc3339().into() };
            condition.set(&["lastTransitionTime"], since);
            *old = condition;
        }
        None => {
            condition.set(&["lastTransitionTime"], now.rfc3339());
            conditions.push(condition);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::object::ObjectKey;
    use crate::apiserver::request::Verb;

    #[test]
    fn batches_double() {
        let key = ObjectKey::new(Kind::Pod, "a", "b");
        let step = Step::new(Request::new(Actor::System, key, Verb::Get));
        let left = |count: usize| -> Vec<u32> {
            let steps = slow_start(vec![step.clone(); count]).into_iter();
            let left = steps.map(|step| match step.on_refusal {
                OnRefusal::StopAfter(left) => left,
                other => panic!("{other:?}"),
            });
            left.collect()
        };
        assert_eq!(left(9), [0, 1, 0, 3, 2, 1, 0, 1, 0]);
        assert_eq!(left(1), [0]);
        assert_eq!(left(0), [0; 0]);
    }
}
