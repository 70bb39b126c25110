//! A Deployment's status and its conditions.
//!
//! Models `progress.go` and `calculateStatus` of `sync.go`.

use super::Sync;
use crate::api::object::Object;
use crate::api::time::{Duration, Time};
use crate::api::value::Value;
use crate::controller::Controller;
use crate::controller::pod_control::{set_condition, write_status};
use crate::controller::replicaset::{replicas, set_numbers};

impl Sync<'_> {
    /// Writes the status; a look that only changed sizes (`sync`) says nothing of the progress.
    pub(super) fn write_status(&mut self, paused: bool, scales: bool) {
        let mut status = self.numbers();
        self.set_available(&mut status);
        self.set_progressing(&mut status, paused, scales);
        let actor = self.controller.actor();
        self.decision.finally.extend(write_status(self.deployment, status, &actor));
    }

    fn numbers(&self) -> Value {
        let sets: Vec<&Object> = self.old.iter().copied().chain(self.new).collect();
        let number = |set: &Object, field: &str| set.status().get(field).as_i64().unwrap_or(0);
        let sum = |field: &str| sets.iter().map(|set| number(set, field)).sum::<i64>();
        let total: i64 = sets.iter().map(|set| replicas(set)).sum();
        let available = sum("availableReplicas");
        let count = |number: i64| number.max(0) as usize;
        let mut status = self.deployment.status().clone();
        set_numbers(
            &mut status,
            &[
                ("replicas", count(sum("replicas"))),
                ("updatedReplicas", count(self.new.map_or(0, |new| number(new, "replicas")))),
                ("readyReplicas", count(sum("readyReplicas"))),
                ("availableReplicas", count(available)),
                ("unavailableReplicas", count(total - available)),
            ],
        );
        self.count_terminating(&sets, &mut status);
        status.set(&["observedGeneration"], self.deployment.generation());
        status
    }

    /// Models GetTerminatingReplicaCountForReplicaSets: unknown until every set has counted.
    fn count_terminating(&self, sets: &[&Object], status: &mut Value) {
        let counts = sets.iter().map(|set| set.status().get("terminatingReplicas").as_i64());
        match counts.sum::<Option<i64>>() {
            Some(count) => status.set(&["terminatingReplicas"], count),
            None => {
                status.remove(&["terminatingReplicas"]);
            }
        }
    }

    fn set_available(&self, status: &mut Value) {
        let wanted = replicas(self.deployment);
        let least = wanted - self.max_unavailable_of(wanted);
        let has = status.get("availableReplicas").as_i64().unwrap_or(0);
        let (state, reason, message) = match has >= least {
            true => ("True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
            false => (
                "False",
                "MinimumReplicasUnavailable",
                "Deployment does not have minimum availability.",
            ),
        };
        self.set(status, "Available", state, reason, message);
    }

    fn max_unavailable_of(&self, wanted: i64) -> i64 {
        match self.strategy("type").str() {
            "Recreate" => 0,
            _ if wanted == 0 => 0,
            _ => self.max_unavailable(),
        }
    }

    /// Models syncRolloutStatus.
    fn set_progressing(&mut self, status: &mut Value, paused: bool, scales: bool) {
        let old = self.deployment.status();
        let conditions = old.get("conditions").items();
        let before = conditions.iter().find(|c| c.get("type").str() == "Progressing");
        let reason = before.map_or("", |condition| condition.get("reason").str());
        if paused {
            if reason != "DeploymentPaused" {
                let message = "Deployment is paused";
                self.set(status, "Progressing", "Unknown", "DeploymentPaused", message);
            }
            return;
        }
        if reason == "DeploymentPaused" {
            let message = "Deployment is resumed";
            self.set(status, "Progressing", "Unknown", "DeploymentResumed", message);
            return;
        }
        if scales {
            return;
        }
        let Some(new) = self.new else {
            let created = self.decision.steps.iter().find_map(|step| {
                let key = &step.request.key;
                (key.kind == crate::api::scheme::Kind::ReplicaSet).then(|| key.name.clone())
            });
            if let Some(name) = created {
                let message = format!("Created new replica set {name:?}");
                self.set(status, "Progressing", "True", "NewReplicaSetCreated", &message);
            }
            return;
        };
        let (name, wanted) = (new.name(), replicas(self.deployment));
        let number = |status: &Value, field: &str| status.get(field).as_i64().unwrap_or(0);
        let all = ["updatedReplicas", "replicas", "availableReplicas"];
        let is_complete = all.iter().all(|field| number(status, field) == wanted);
        let more = ["updatedReplicas", "readyReplicas", "availableReplicas"];
        let shrinks = number(status, "replicas") - number(status, "updatedReplicas")
            < number(old, "replicas") - number(old, "updatedReplicas");
        let progresses = shrinks || more.iter().any(|f| number(status, f) > number(old, f));
        if is_complete {
            let message = format!("ReplicaSet {name:?} has successfully progressed.");
            self.set(status, "Progressing", "True", "NewReplicaSetAvailable", &message);
        } else if progresses || before.is_none() {
            let message = format!("ReplicaSet {name:?} is progressing.");
            self.touch(status, "Progressing", "True", "ReplicaSetUpdated", &message);
        } else if reason != "NewReplicaSetAvailable" && reason != "ProgressDeadlineExceeded" {
            self.watch_deadline(status, before, name);
        }
    }

    fn watch_deadline(&mut self, status: &mut Value, before: Option<&Value>, name: &str) {
        let seconds = self.deployment.spec().get("progressDeadlineSeconds").as_i64();
        let deadline = Duration::from_secs(seconds.unwrap_or(600).max(0) as u64);
        let since = before.and_then(|c| Time::parse(c.get("lastUpdateTime").str()));
        let ends = since.unwrap_or(self.now).after(deadline);
        if ends < self.now {
            let message = format!("ReplicaSet {name:?} has timed out progressing.");
            self.set(status, "Progressing", "False", "ProgressDeadlineExceeded", &message);
        } else {
            self.decision.requeue_after = Some(ends.since(self.now) + Duration::from_secs(1));
        }
    }

    fn set(&self, status: &mut Value, kind: &str, state: &str, reason: &str, message: &str) {
        let same = |c: &&Value| {
            c.get("type").str() == kind
                && c.get("status").str() == state
                && c.get("reason").str() == reason
        };
        if !status.get("conditions").items().iter().any(|c| same(&c)) {
            self.touch(status, kind, state, reason, message);
        }
    }

    /// Sets a condition with the present time even if it says what it said.
    fn touch(&self, status: &mut Value, kind: &str, state: &str, reason: &str, message: &str) {
        let now = self.now.rfc3339();
        let condition = crate::value!({
            "type": kind,
            "status": state,
            "lastUpdateTime": now,
            "reason": reason,
            "message": message,
        });
        set_condition(status, condition, self.now);
    }
}
