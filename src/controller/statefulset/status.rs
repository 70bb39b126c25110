//! The status of a set, counted from its Pods.
//!
//! Models `updateStatus`, `completeRollingUpdate` and `inconsistentStatus` of
//! `pkg/controller/statefulset`, and `stateful_set_status_updater.go`.

use crate::api::object::Object;
use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::controller::{Lowered, OnRefusal, Step};

use super::replicas::Replicas;
use super::revision::Revisions;

/// The status to write (`apps.StatefulSetStatus` without conditions).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Pods that exist, on their way out too.
    pub replicas: i64,
    /// Running and Ready, on their way out too.
    pub ready_replicas: i64,
    /// Of those, ready for long enough.
    pub available_replicas: i64,
    /// Of the current revision and not being deleted.
    pub current_replicas: i64,
    /// Of the update revision and not being deleted.
    pub updated_replicas: i64,
    /// The current revision.
    pub current_revision: EcoString,
    /// The update revision.
    pub update_revision: EcoString,
    /// How often a hash was taken.
    pub collision_count: i64,
    /// The generation that was looked at.
    pub observed_generation: i64,
    /// The reason of the condition Progressing, if the strategy has one.
    pub progress: Option<&'static str>,
}

impl Status {
    /// Counts the Pods.
    ///
    /// Models updateStatus.
    pub fn count(set: &Object, slots: &Replicas, revisions: &Revisions) -> Self {
        let pods = &slots.pods;
        let active = |name: &str| pods.revisions.get(name).map_or(0, |r| i64::from(r.active_count));
        let ready = i64::from(pods.ready_count);
        Status {
            replicas: i64::from(pods.count),
            ready_replicas: ready,
            available_replicas: ready - slots.recent_count,
            current_replicas: active(&revisions.current.name),
            updated_replicas: active(&revisions.update.name),
            current_revision: revisions.current.name.clone(),
            update_revision: revisions.update.name.clone(),
            collision_count: revisions.collision_count,
            observed_generation: set.generation(),
            progress: None,
        }
    }

    /// Ends a roll-out in which every Pod is new and ready; true if this was the last step.
    ///
    /// Models completeRollingUpdate.
    pub fn complete_rolling_update(&mut self, wanted: i64) -> bool {
        let all = [self.updated_replicas, self.ready_replicas, self.replicas];
        if all != [wanted; 3] {
            return false;
        }
        self.current_replicas = self.updated_replicas;
        let first = self.current_revision != self.update_revision;
        self.current_revision = self.update_revision.clone();
        first
    }

    /// Whether what the set has differs; the collision count does not count.
    ///
    /// Models inconsistentStatus.
    pub fn is_inconsistent(&self, set: &Object) -> bool {
        let old = set.status();
        let number = |field| old.get(field).as_i64().unwrap_or(0);
        self.observed_generation > number("observedGeneration")
            || self.replicas != number("replicas")
            || self.ready_replicas != number("readyReplicas")
            || self.available_replicas != number("availableReplicas")
            || self.current_replicas != number("currentReplicas")
            || self.updated_replicas != number("updatedReplicas")
            || self.current_revision != old.get("currentRevision").str()
            || self.update_revision != old.get("updateRevision").str()
            || self.progress.is_some_and(|reason| reason != progressing(set).get("reason").str())
    }

    /// The write of the status. `deleted` are the steps that take one off `currentReplicas` each:
    /// the number of the first, and how many there are.
    ///
    /// Upstream repeats the write on the newest set until it does not conflict; a merge patch
    /// comes to the same.
    pub fn step(&self, set: &Object, actor: &Actor, deleted: (u32, u32), now: Time) -> Step {
        let mut patch = crate::value!({
            "metadata": {"uid": (set.uid())},
            "status": {
                "availableReplicas": (self.available_replicas),
                "collisionCount": (self.collision_count),
                "currentReplicas": (self.current_replicas),
                "currentRevision": (&self.current_revision),
                "observedGeneration": (self.observed_generation),
                "readyReplicas": (self.ready_replicas),
                "replicas": (self.replicas),
                "updateRevision": (&self.update_revision),
                "updatedReplicas": (self.updated_replicas),
            },
        });
        if let Some(reason) = self.progress {
            let conditions = with_progress(set, reason, now);
            patch.set(&["status", "conditions"], conditions);
        }
        let verb = Verb::Patch(Patch::Merge(patch));
        let request = Request::new(actor.clone(), set.key(), verb).on("status");
        let (first, count) = deleted;
        let path = ["status", "currentReplicas"];
        let lowered = (count > 0).then_some(Lowered { path, first, count });
        Step { lowered, ..Step::new(request).on_refusal(OnRefusal::Continue) }
    }
}

/// The condition Progressing, null if there is none.
fn progressing(set: &Object) -> &Value {
    let conditions = set.status().get("conditions").items().iter();
    let mut found = conditions.filter(|condition| condition.get("type").str() == PROGRESSING);
    found.next().unwrap_or(&Value::Null)
}

const PROGRESSING: &str = "Progressing";

// All conditions with that one new; it is True all the time, so its time is that of the first.
fn with_progress(set: &Object, reason: &str, now: Time) -> Value {
    let old = progressing(set);
    let since = match old.get("lastTransitionTime").as_str() {
        Some(since) => since.to_owned(),
        None => now.rfc3339(),
    };
    let others = set.status().get("conditions").items().iter();
    let mut all: Vec<Value> =
        others.filter(|condition| condition.get("type").str() != PROGRESSING).cloned().collect();
    all.push(crate::value!({
        "type": PROGRESSING, "status": "True", "lastTransitionTime": since, "reason": reason,
    }));
    all.into()
}

/// `spec.minReadySeconds`
pub fn min_ready(set: &Object) -> Duration {
    let seconds = set.spec().get("minReadySeconds").as_i64().unwrap_or(0);
    Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

/// Pods that became ready at this time or later are not available yet.
pub fn unavailable_since(min_ready: Duration, now: Time) -> Time {
    match min_ready.is_zero() {
        true => Time(i64::MAX),
        false => Time(now.0.saturating_sub(min_ready.as_micros() as i64)),
    }
}
