//! The Job controller: Pods until enough have succeeded.
//!
//! Models `pkg/controller/job`.
//!
//! # Scope
//! - Indexed Jobs, failure and success policies are not followed.

use crate::api::job;
use crate::api::object::{Object, ObjectKey};
use crate::api::pod::{is_terminal, phase, ready_since};
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::Value;
use crate::apiserver::request::{Patch, Propagation, Request, Verb};
use crate::apiserver::watch::WatchEvent;
use crate::client::Lister;
use crate::controller::reason::WorkloadReason as R;
use crate::controller::replicaset::{owners_of, set_numbers};
use crate::controller::{Controller, Decision, Reason, Record, Step, pod_control};

/// Runs Jobs.
pub struct JobController;

/// Keeps a Pod until the Job has counted it.
const TRACKING: &str = "batch.kubernetes.io/job-tracking";
/// The first wait after a failure; it doubles (`DefaultJobPodFailureBackOff`).
const BACKOFF: u64 = 10;

impl Controller for JobController {
    fn name(&self) -> &'static str {
        "job-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        match changed.key.kind {
            Kind::Job => vec![changed.key.clone()],
            Kind::Pod => owners_of(changed, Kind::Job, lister),
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let Some(job) = lister.get(key) else { return Decision::default() };
        let pods = pod_control::owned_pods(lister, job);
        let decision = Decision::default();
        let mut sync = Sync { controller: self, job, pods, now, decision };
        sync.sync();
        sync.decision
    }
}

/// One look at a Job.
struct Sync<'a> {
    controller: &'a JobController,
    job: &'a Object,
    pods: Vec<&'a Object>,
    now: Time,
    decision: Decision,
}

/// How a Job ends.
struct End {
    kind: &'static str,
    reason: &'static str,
    message: &'static str,
}

impl Sync<'_> {
    /// Models syncJob.
    fn sync(&mut self) {
        let (succeeded, failed) =
            (self.count("succeeded", "Succeeded"), self.count("failed", "Failed"));
        self.let_counted_go();
        if job::end(self.job).is_some() {
            self.expire();
            return;
        }
        let active: Vec<&Object> =
            self.pods.iter().copied().filter(|pod| pod_control::is_active(pod)).collect();
        let mut status = self.job.status().clone();
        if status.get("startTime").is_null() && !self.is_suspended() {
            status.set(&["startTime"], self.now.rfc3339());
        }
        let end = self.end(succeeded, failed, &status);
        let mut running = active.len() as i64;
        match &end {
            Some(_) => {
                for pod in &active {
                    self.decision.steps.push(self.delete(pod));
                }
                running = 0;
            }
            None if !self.job.is_terminating() => running = self.manage(&active, succeeded, failed),
            None => {}
        }
        let ready = active.iter().filter(|pod| ready_since(pod).is_some()).count() as i64;
        let ready = if end.is_some() { 0 } else { ready };
        let numbers = [("active", running), ("succeeded", succeeded), ("failed", failed)];
        set_numbers(&mut status, &numbers.map(|(field, n)| (field, n.max(0) as usize)));
        status.set(&["ready"], ready);
        let terminating = self.pods.iter().filter(|pod| pod.is_terminating()).count();
        status.set(&["terminating"], terminating as i64);
        status.set(&["uncountedTerminatedPods"], Value::object());
        self.suspend(&mut status);
        if let Some(end) = end {
            self.finish(&mut status, end, terminating > 0 || !active.is_empty());
        }
        let actor = self.controller.actor();
        self.decision.finally.extend(pod_control::write_status(self.job, status, &actor));
    }

    /// Models processJob of `pkg/controller/ttlafterfinished`: a finished Job goes after its time.
    fn expire(&mut self) {
        let Some(seconds) = self.job.spec().get("ttlSecondsAfterFinished").as_i64() else { return };
        let end = job::end(self.job).unwrap_or(&Value::Null);
        let Some(at) = Time::parse(end.get("lastTransitionTime").str()) else { return };
        let due = at.after(Duration::from_secs(seconds.max(0) as u64));
        if due > self.now {
            self.decision.requeue_after = Some(due.since(self.now));
        } else if !self.job.is_terminating() {
            let (actor, policy) = (self.controller.actor(), Propagation::Foreground);
            let request = Request::delete_propagating(actor, self.job, policy);
            self.decision.steps.push(Step::new(request).or_gone());
        }
    }

    fn number(&self, field: &str, default: i64) -> i64 {
        self.job.spec().get(field).as_i64().unwrap_or(default)
    }

    fn is_suspended(&self) -> bool {
        self.job.spec().get("suspend").is_true()
    }

    /// Pods that ended in a phase: those counted before, and those that are still held.
    fn count(&self, field: &str, wanted: &str) -> i64 {
        let before = self.job.status().get(field).as_i64().unwrap_or(0);
        let ended = |pod: &&&Object| {
            pod.has_finalizer(TRACKING)
                && (phase(pod) == wanted
                    || (wanted == "Failed" && pod.is_terminating() && phase(pod) != "Succeeded"))
        };
        before + self.pods.iter().filter(ended).count() as i64
    }

    /// Takes the finalizer from Pods that have ended.
    fn let_counted_go(&mut self) {
        for pod in self.pods.iter().filter(|pod| pod.has_finalizer(TRACKING)) {
            if is_terminal(pod) || pod.is_terminating() {
                let patch = crate::value!({"metadata": {
                    "$deleteFromPrimitiveList/finalizers": [TRACKING],
                    "uid": (pod.uid()),
                }});
                let verb = Verb::Patch(Patch::Strategic(patch));
                let request = Request::new(self.controller.actor(), pod.key(), verb);
                self.decision.finally.push(Step::new(request).or_gone());
            }
        }
    }

    fn end(&self, succeeded: i64, failed: i64, status: &Value) -> Option<End> {
        let wanted = self.job.spec().get("completions").as_i64();
        let done = match wanted {
            Some(wanted) => succeeded >= wanted,
            None => succeeded > 0 && self.pods.iter().all(|pod| !pod_control::is_active(pod)),
        };
        let limit = self.job.spec().get("activeDeadlineSeconds").as_i64();
        let start = Time::parse(status.get("startTime").str()).unwrap_or(self.now);
        let late = limit
            .is_some_and(|limit| self.now >= start.after(Duration::from_secs(limit.max(0) as u64)));
        let end = |kind, reason, message| Some(End { kind, reason, message });
        match () {
            () if failed > self.number("backoffLimit", 6) => {
                end("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
            }
            () if late => {
                end("Failed", "DeadlineExceeded", "Job was active longer than specified deadline")
            }
            () if done => {
                end("Complete", "CompletionsReached", "Reached expected number of succeeded pods")
            }
            () => None,
        }
    }

    /// Models manageJob: gives how many Pods run then.
    fn manage(&mut self, active: &[&Object], succeeded: i64, failed: i64) -> i64 {
        let parallelism = if self.is_suspended() { 0 } else { self.number("parallelism", 1) };
        let wanted = match self.job.spec().get("completions").as_i64() {
            Some(completions) => parallelism.min(completions - succeeded),
            None if succeeded > 0 => active.len() as i64,
            None => parallelism,
        };
        let (has, wanted) = (active.len() as i64, wanted.max(0));
        if let Some(limit) = self.job.spec().get("activeDeadlineSeconds").as_i64() {
            self.decision.requeue_after = Some(Duration::from_secs(limit.max(1) as u64));
        }
        for pod in active.iter().take((has - wanted).max(0) as usize) {
            self.decision.steps.push(self.delete(pod));
        }
        if has >= wanted {
            return wanted;
        }
        if let Some(wait) = self.backoff(failed) {
            self.decision.requeue_after = Some(wait);
            return has;
        }
        let reason = R::PodsMissing { missing: wanted - has };
        self.decision.reasons.push((self.job.key(), Reason::Workload(reason)));
        let mut pod = pod_control::pod_from_template(self.job, self.job.spec().get("template"));
        pod.value.path_mut(&["metadata", "finalizers"]).array_mut().push(TRACKING.into());
        for _ in has..wanted.min(has + 500) {
            let step = pod_control::create(self.job, &pod, &self.controller.actor());
            self.decision.steps.push(step);
        }
        wanted
    }

    /// What is left of the wait after the last failure.
    fn backoff(&self, failed: i64) -> Option<Duration> {
        let ended = self.pods.iter().filter(|pod| phase(pod) == "Failed").filter_map(|pod| {
            let containers = pod.status().get("containerStatuses").items().iter();
            let at = |c: &Value| Time::parse(c.path(&["state", "terminated", "finishedAt"]).str());
            containers.filter_map(at).max()
        });
        let doubled = BACKOFF << (failed - 1).clamp(0, 6);
        let until = ended.max()?.after(Duration::from_secs(doubled.min(600)));
        (failed > 0 && until > self.now).then(|| until.since(self.now))
    }

    fn delete(&self, pod: &Object) -> Step {
        pod_control::delete(self.job, pod, &self.controller.actor())
    }

    fn suspend(&mut self, status: &mut Value) {
        let conditions = self.job.status().get("conditions").items();
        let was = conditions
            .iter()
            .any(|c| c.get("type").str() == "Suspended" && c.get("status").str() == "True");
        let (state, reason, message) = match (was, self.is_suspended()) {
            (false, true) => ("True", "JobSuspended", "Job suspended"),
            (true, false) => ("False", "JobResumed", "Job resumed"),
            _ => return,
        };
        self.set_condition(status, "Suspended", state, (reason, message));
        let event = if was { "Resumed" } else { "Suspended" };
        self.decision.records.push(Record::normal(self.job, event, message.into()));
        match was {
            true => status.set(&["startTime"], self.now.rfc3339()),
            false => {
                status.remove(&["startTime"]);
            }
        }
    }

    /// Models enactJobFinished: the Job ends when its last Pod has.
    fn finish(&mut self, status: &mut Value, end: End, is_busy: bool) {
        let complete = end.kind == "Complete";
        let first = if complete { "SuccessCriteriaMet" } else { "FailureTarget" };
        self.set_condition(status, first, "True", (end.reason, end.message));
        if is_busy {
            return;
        }
        self.set_condition(status, end.kind, "True", (end.reason, end.message));
        let reason = if complete { R::JobComplete } else { R::JobFailed };
        self.decision.reasons.push((self.job.key(), Reason::Workload(reason)));
        let record = match complete {
            true => {
                status.set(&["completionTime"], self.now.rfc3339());
                Record::normal(self.job, "Completed", "Job completed".into())
            }
            false => Record::warning(self.job, end.reason, end.message.into()),
        };
        self.decision.records.push(record);
    }

    fn set_condition(&self, status: &mut Value, kind: &str, state: &str, why: (&str, &str)) {
        let condition = crate::value!({
            "type": kind,
            "status": state,
            "lastProbeTime": (self.now.rfc3339()),
            "reason": (why.0),
            "message": (why.1),
        });
        pod_control::set_condition(status, condition, self.now);
    }
}
