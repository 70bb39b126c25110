//! Evictions: deletions that a PodDisruptionBudget can refuse.
//!
//! Models `pkg/registry/core/pod/storage/eviction.go`.

use super::Handler;
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::selector::selector_matches;
use crate::api::status::Status;
use crate::api::value::Value;
use crate::apiserver::request::{DeleteOptions, Response};

impl Handler<'_> {
    /// Deletes the Pod if its budget allows.
    pub fn evict(&mut self, eviction: &Value) -> Result<Response, Status> {
        let pod = self.existing()?;
        let options = eviction.get("deleteOptions");
        let options = DeleteOptions {
            grace_period_seconds: options.get("gracePeriodSeconds").as_i64(),
            uid: options.path(&["preconditions", "uid"]).as_str().map(Into::into),
            ..DeleteOptions::default()
        };
        if !can_ignore_budget(&pod) {
            self.take_from_budget(&pod)?;
            self.mark_as_disrupted(pod);
        }
        self.delete(&options)
    }

    /// Models addConditionAndDeletePod: why the Pod goes is written before it goes.
    fn mark_as_disrupted(&mut self, mut pod: Object) {
        if self.request.options.dry_run {
            return;
        }
        let mut condition = crate::value!({
            "lastProbeTime": null,
            "lastTransitionTime": (self.now.rfc3339()),
            "message": "Eviction API: evicting",
            "reason": "EvictionByEvictionAPI",
            "status": "True",
            "type": "DisruptionTarget",
        });
        if pod.generation() > 0 {
            condition.set(&["observedGeneration"], pod.generation());
        }
        pod.put_condition(condition);
        self.storage.put(&self.origin(), pod);
    }

    fn take_from_budget(&mut self, pod: &Object) -> Result<(), Status> {
        let budgets = self.storage.list(Kind::PodDisruptionBudget, Some(pod.namespace()));
        let matching: Vec<Object> = budgets.filter(|b| selects(b, pod)).cloned().collect();
        let budget = match matching.as_slice() {
            [] => return Ok(()),
            [budget] => budget,
            _ => {
                let why = "This pod has more than one PodDisruptionBudget, which the eviction \
                           subresource does not support.";
                return Err(Status::new(500, "InternalError", why));
            }
        };
        if !is_ready(pod) && may_evict_unhealthy(budget) {
            return Ok(());
        }
        check_budget(budget)?;
        if self.request.options.dry_run {
            return Ok(());
        }
        let mut budget = budget.clone();
        let left = budget.status().get("disruptionsAllowed").as_i64().unwrap_or(0) - 1;
        budget.set(&["status", "disruptionsAllowed"], left);
        if left == 0 {
            set_disruption_allowed_to_false(&mut budget, &self.now.rfc3339());
        }
        budget.set(&["status", "disruptedPods", pod.name()], self.now.rfc3339());
        self.storage.put(&self.origin(), budget);
        Ok(())
    }
}

fn can_ignore_budget(pod: &Object) -> bool {
    let phase = pod.status().get("phase").str();
    matches!(phase, "Succeeded" | "Failed" | "Pending") || pod.is_terminating()
}

fn is_ready(pod: &Object) -> bool {
    let conditions = pod.status().get("conditions").items();
    conditions.iter().any(|c| c.get("type").str() == "Ready" && c.get("status").str() == "True")
}

fn may_evict_unhealthy(budget: &Object) -> bool {
    let status = |field: &str| budget.status().get(field).as_i64().unwrap_or(0);
    budget.spec().get("unhealthyPodEvictionPolicy").str() == "AlwaysAllow"
        || (status("currentHealthy") >= status("desiredHealthy") && status("desiredHealthy") > 0)
}

fn check_budget(budget: &Object) -> Result<(), Status> {
    let observed = budget.status().get("observedGeneration").as_i64().unwrap_or(0);
    let sentence = "Cannot evict pod as it would violate the pod's disruption budget.";
    let mut refusal = Status::new(429, "TooManyRequests", sentence);
    if observed < budget.generation() {
        refusal.details.retry_after_seconds = 10;
        return Err(refusal);
    }
    match budget.status().get("disruptionsAllowed").as_i64().unwrap_or(0) {
        1.. => Ok(()),
        0 => Err(refusal),
        _ => Err(Status::new(403, "Forbidden", "pdb disruptions allowed is negative")),
    }
}

fn set_disruption_allowed_to_false(budget: &mut Object, now: &str) {
    let conditions = budget.value.path_mut(&["status", "conditions"]).items_mut();
    for condition in conditions {
        if condition.get("type").str() == "DisruptionAllowed" {
            condition.set(&["status"], "False");
            condition.set(&["reason"], "InsufficientPods");
            condition.set(&["lastTransitionTime"], now);
        }
    }
}

// An empty selector selects all Pods of the namespace, none selects nothing.
fn selects(budget: &Object, pod: &Object) -> bool {
    selector_matches(budget.spec().get("selector"), pod.labels())
}
