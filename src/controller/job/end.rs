//! When and how a Job ends, and what becomes of it then.
//!
//! Models the conditions of syncJob, enactJobFinished and `pkg/controller/ttlafterfinished`.

use super::policy::{self, Verdict};
use super::{Counts, Sync};
use crate::api::job;
use crate::api::object::Object;
use crate::api::pod::{condition, phase};
use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Propagation, Request};
use crate::controller::reason::WorkloadReason as R;
use crate::controller::{Controller, Record, Step, pod_control};

/// How a Job ends.
pub struct End {
    /// Whether it is a success.
    pub is_complete: bool,
    reason: EcoString,
    message: EcoString,
}

impl End {
    fn new(is_complete: bool, reason: &str, message: &str) -> Self {
        End { is_complete, reason: reason.into(), message: message.into() }
    }

    /// Enough Pods have succeeded (`newSuccessCondition`).
    pub fn complete() -> Self {
        Self::new(true, "CompletionsReached", "Reached expected number of succeeded pods")
    }

    fn failure(reason: &str, message: &str) -> Option<Self> {
        Some(Self::new(false, reason, message))
    }
}

impl Sync<'_> {
    /// Why the Job ends though not all completions are there.
    pub(super) fn end(&mut self, counts: Counts) -> Option<End> {
        self.decided().or_else(|| self.limit_reached(counts)).or_else(|| self.indexes_end())
    }

    /// What an earlier look has decided, or a failed Pod decides now.
    fn decided(&self) -> Option<End> {
        let is_true = |kind| condition(self.job, kind).filter(|c| c.get("status").str() == "True");
        let end = |is_complete: bool, found: &Value| {
            End::new(is_complete, found.get("reason").str(), found.get("message").str())
        };
        if let Some(found) = is_true("SuccessCriteriaMet") {
            return Some(end(true, found));
        }
        if let Some(found) = is_true("FailureTarget") {
            return Some(end(false, found));
        }
        let mut failed = self.pods.iter().filter(|pod| self.is_failed(pod));
        failed.find_map(|pod| match self.verdict(pod) {
            Verdict::FailJob(message) => End::failure("PodFailurePolicy", &message),
            _ => None,
        })
    }

    fn limit_reached(&mut self, counts: Counts) -> Option<End> {
        let limit = self.number("backoffLimit", 6);
        if counts.failed > limit || self.is_past_restarts(limit) {
            let message = "Job has reached the specified backoff limit";
            return End::failure("BackoffLimitExceeded", message);
        }
        let seconds = self.job.spec().get("activeDeadlineSeconds").as_i64()?;
        let start = Time::parse(self.status.get("startTime").str());
        let start = start.filter(|_| !self.is_suspended())?;
        let ends = start.after(Duration::from_secs(seconds.max(0) as u64));
        if self.now >= ends {
            let message = "Job was active longer than specified deadline";
            return End::failure("DeadlineExceeded", message);
        }
        self.look_again(ends.since(self.now));
        None
    }

    /// Models pastBackoffLimitOnFailure: restarts count where containers are started again.
    fn is_past_restarts(&self, limit: i64) -> bool {
        let policy = self.job.path(&["spec", "template", "spec", "restartPolicy"]).str();
        let lists = ["initContainerStatuses", "containerStatuses"];
        let restarts = |pod: &&Object| -> i64 {
            let containers = lists.iter().flat_map(|list| pod.status().get(list).items());
            containers.filter_map(|c| c.get("restartCount").as_i64()).sum()
        };
        let alive = self.pods.iter().filter(|pod| matches!(phase(pod), "Running" | "Pending"));
        let count: i64 = alive.map(restarts).sum();
        policy == "OnFailure" && count >= limit.max(1)
    }

    fn indexes_end(&self) -> Option<End> {
        let indexes = self.indexes.as_ref()?;
        let completions = self.completions()?;
        if let Some(failed) = &indexes.failed {
            let most = self.number("maxFailedIndexes", i64::MAX);
            if failed.total() > most {
                let message = "Job has exceeded the specified maximal number of failed indexes";
                return End::failure("MaxFailedIndexesExceeded", message);
            }
            let ended = failed.total() + indexes.succeeded.total();
            if failed.total() > 0 && ended >= completions {
                return End::failure("FailedIndexes", "Job has failed indexes");
            }
        }
        let rules = self.job.spec().get("successPolicy");
        let message = policy::success(rules, completions, &indexes.succeeded)?;
        Some(End::new(true, "SuccessPolicy", &message))
    }

    /// Whether all completions are there and nothing runs.
    pub(super) fn is_complete(&self, counts: Counts, active: i64) -> bool {
        let enough = match self.completions() {
            Some(wanted) => counts.succeeded >= wanted,
            None => counts.succeeded > 0,
        };
        enough && active == 0
    }

    /// Models enactJobFinished: the Job ends when its last Pod has.
    pub(super) fn finish(&mut self, end: End, is_busy: bool) {
        let (first, last) = match end.is_complete {
            true => ("SuccessCriteriaMet", "Complete"),
            false => ("FailureTarget", "Failed"),
        };
        self.set_condition(first, "True", (&end.reason, &end.message));
        if is_busy {
            return;
        }
        self.set_condition(last, "True", (&end.reason, &end.message));
        if !end.is_complete {
            self.explain(R::JobFailed);
            self.record(Record::warning(self.job, &end.reason, end.message.to_string()));
            return;
        }
        self.explain(R::JobComplete);
        self.status.set(&["completionTime"], self.now.rfc3339());
        let succeeded = self.status.get("succeeded").as_i64().unwrap_or(0);
        if self.completions().is_some_and(|wanted| succeeded > wanted) {
            let message = "Too many succeeded pods running after completion count reached";
            self.record(Record::warning(self.job, "TooManySucceededPods", message.into()));
        }
        self.record(Record::normal(self.job, "Completed", "Job completed".into()));
    }

    fn record(&mut self, record: Record) {
        self.decision.records.push(record);
    }

    /// Says that the Job is suspended, or goes on; a Job that goes on starts anew.
    pub(super) fn note_suspension(&mut self) {
        let was = condition(self.job, "Suspended").is_some_and(|c| c.get("status").str() == "True");
        let (state, reason, event) = match (was, self.is_suspended()) {
            (false, true) => ("True", "JobSuspended", "Suspended"),
            (true, false) => ("False", "JobResumed", "Resumed"),
            _ => return,
        };
        let message = format!("Job {}", event.to_lowercase());
        self.set_condition("Suspended", state, (reason, &message));
        self.record(Record::normal(self.job, event, message));
        if was {
            self.status.set(&["startTime"], self.now.rfc3339());
        }
    }

    fn set_condition(&mut self, kind: &str, state: &str, why: (&str, &str)) {
        let condition = crate::value!({
            "type": kind,
            "status": state,
            "lastProbeTime": (self.now.rfc3339()),
            "reason": (why.0),
            "message": (why.1),
        });
        pod_control::set_condition(&mut self.status, condition, self.now);
    }

    /// Models processJob of `pkg/controller/ttlafterfinished`: a finished Job goes after its time.
    pub(super) fn expire(&mut self) {
        let Some(seconds) = self.job.spec().get("ttlSecondsAfterFinished").as_i64() else { return };
        let end = job::end(self.job).unwrap_or(&Value::Null);
        let Some(at) = Time::parse(end.get("lastTransitionTime").str()) else { return };
        let due = at.after(Duration::from_secs(seconds.max(0) as u64));
        if due > self.now {
            self.look_again(due.since(self.now));
        } else if !self.job.is_terminating() {
            let (actor, policy) = (self.controller.actor(), Propagation::Foreground);
            let request = Request::delete_propagating(actor, self.job, policy);
            self.decision.steps.push(Step::new(request).or_gone());
        }
    }
}
