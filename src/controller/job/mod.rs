//! The Job controller: Pods until enough have succeeded.
//!
//! Models `pkg/controller/job` (job_controller.go, indexed_job_utils.go, backoff_utils.go).
//!
//! # Scope
//! - Pods that have ended are counted and let go in one step: `uncountedTerminatedPods` stays empty.
//! - The wait after failures follows from the Pods that are still there; upstream remembers it.

mod end;
mod index;
mod intervals;
mod manage;
mod policy;

use crate::api::job;
use crate::api::object::{Object, ObjectKey};
use crate::api::pod::{is_terminal, phase, ready_since};
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::Value;
use crate::apiserver::request::{Patch, Request, Verb};
use crate::apiserver::watch::WatchEvent;
use crate::client::Lister;
use crate::controller::reason::WorkloadReason as R;
use crate::controller::replicaset::{owners_of, set_numbers};
use crate::controller::{Controller, Decision, Reason, Step, pod_control};

use end::End;
use index::Indexes;
use policy::Verdict;

/// Runs Jobs.
pub struct JobController;

/// Keeps a Pod until the Job has counted it.
const TRACKING: &str = "batch.kubernetes.io/job-tracking";
/// What `managedBy` says of Jobs that this controller runs.
const CONTROLLER: &str = "kubernetes.io/job-controller";

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
        let active = pods.iter().copied().filter(|pod| pod_control::is_active(pod)).collect();
        let mut sync = Sync {
            controller: self,
            job,
            indexes: None,
            pods,
            active,
            now,
            status: job.status().clone(),
            deleted: Deleted::default(),
            decision: Decision::default(),
        };
        sync.indexes = Indexes::of(&sync);
        sync.sync();
        sync.decision
    }
}

/// One look at a Job.
struct Sync<'a> {
    controller: &'a JobController,
    job: &'a Object,
    pods: Vec<&'a Object>,
    active: Vec<&'a Object>,
    /// What is known of the indexes of an Indexed Job.
    indexes: Option<Indexes<'a>>,
    now: Time,
    status: Value,
    deleted: Deleted,
    decision: Decision,
}

/// Pods that this look deletes.
#[derive(Default)]
struct Deleted {
    all: i64,
    ready: i64,
}

/// How many Pods have ended, of those that count.
#[derive(Clone, Copy)]
struct Counts {
    succeeded: i64,
    failed: i64,
}

impl Sync<'_> {
    /// Models syncJob.
    fn sync(&mut self) {
        let manager = self.job.spec().get("managedBy").as_str().unwrap_or(CONTROLLER);
        if job::end(self.job).is_some() {
            self.let_go(None);
            self.expire();
        } else if manager != CONTROLLER {
            self.explain(R::JobManagedElsewhere { manager: manager.into() });
        } else {
            self.run();
        }
    }

    fn run(&mut self) {
        if self.status.get("startTime").is_null() && !self.is_suspended() {
            self.status.set(&["startTime"], self.now.rfc3339());
        }
        let counts = self.counts();
        let mut end = self.end(counts);
        let mut active = self.active.len() as i64;
        if end.is_some() {
            for pod in self.active.clone() {
                self.delete(pod, true);
            }
            active = 0;
        } else if !self.job.is_terminating() {
            active = self.manage(counts);
        }
        if end.is_none() && self.is_complete(counts, active) {
            end = Some(End::complete());
        } else if end.is_none() && !self.job.is_terminating() {
            self.note_suspension();
        }
        self.write(active, end);
    }

    /// Models the second half of syncJob and trackJobStatusAndRemoveFinalizers.
    fn write(&mut self, active: i64, end: Option<End>) {
        let ready = self.active.iter().filter(|pod| ready_since(pod).is_some()).count() as i64;
        let stopping = |pod: &&&Object| pod.is_terminating() && !is_terminal(pod);
        let stopping = self.pods.iter().filter(stopping).count() as i64 + self.deleted.all;
        let counts = self.let_go(end.as_ref());
        let numbers = [("active", active), ("succeeded", counts.succeeded)];
        let numbers = numbers.into_iter().chain([("failed", counts.failed)]);
        let numbers: Vec<_> = numbers.map(|(field, n)| (field, n.max(0) as usize)).collect();
        set_numbers(&mut self.status, &numbers);
        self.status.set(&["ready"], (ready - self.deleted.ready).max(0));
        self.status.set(&["terminating"], stopping);
        self.status.set(&["uncountedTerminatedPods"], Value::object());
        if let Some(indexes) = &self.indexes {
            indexes.write(&mut self.status);
        }
        if let Some(end) = end {
            self.finish(end, stopping > 0);
        }
        let (status, actor) = (self.status.clone(), self.controller.actor());
        self.decision.finally.extend(pod_control::write_status(self.job, status, &actor));
    }

    fn explain(&mut self, reason: R) {
        self.decision.reasons.push((self.job.key(), Reason::Workload(reason)));
    }

    /// Looks at the Job again after this time, or earlier if that was decided before.
    fn look_again(&mut self, after: Duration) {
        let before = self.decision.requeue_after.unwrap_or(after);
        self.decision.requeue_after = Some(before.min(after));
    }

    fn number(&self, field: &str, default: i64) -> i64 {
        self.job.spec().get(field).as_i64().unwrap_or(default)
    }

    fn completions(&self) -> Option<i64> {
        self.job.spec().get("completions").as_i64()
    }

    fn is_suspended(&self) -> bool {
        self.job.spec().get("suspend").is_true()
    }

    /// Whether a Pod is only replaced when it has ended.
    fn replaces_only_failed(&self) -> bool {
        self.job.spec().get("podReplacementPolicy").str() == "Failed"
            || !self.job.spec().get("podFailurePolicy").is_null()
    }

    /// Models isPodFailed: a Pod on its way out counts, unless only failed ones are replaced.
    fn is_failed(&self, pod: &Object) -> bool {
        let is_lost = pod.is_terminating() && phase(pod) != "Succeeded";
        phase(pod) == "Failed" || (is_lost && !self.replaces_only_failed())
    }

    fn verdict(&self, pod: &Object) -> Verdict {
        policy::verdict(self.job.spec().get("podFailurePolicy"), pod)
    }

    /// Whether a Pod is yet to be counted, and has an index if it needs one.
    fn is_uncounted(&self, pod: &Object) -> bool {
        let is_indexed = self.indexes.is_some();
        pod.has_finalizer(TRACKING) && (!is_indexed || self.valid_index(pod).is_some())
    }

    /// Pods that have ended: those counted before, and those that are still held.
    fn counts(&self) -> Counts {
        let before = |field: &str| self.job.status().get(field).as_i64().unwrap_or(0);
        let uncounted = || self.pods.iter().filter(|pod| self.is_uncounted(pod));
        let counts = |pod: &&&Object| self.is_failed(pod) && self.verdict(pod) != Verdict::Ignore;
        let succeeded = match &self.indexes {
            Some(indexes) => indexes.succeeded.total(),
            None => {
                let new = uncounted().filter(|pod| phase(pod) == "Succeeded").count();
                before("succeeded") + new as i64
            }
        };
        Counts { succeeded, failed: before("failed") + uncounted().filter(counts).count() as i64 }
    }

    /// Takes the finalizer from Pods that have ended, or whose Job has: only then they are counted.
    fn let_go(&mut self, end: Option<&End>) -> Counts {
        let before = |field: &str| self.job.status().get(field).as_i64().unwrap_or(0);
        let mut counts = Counts { succeeded: before("succeeded"), failed: before("failed") };
        let is_failure = end.is_some_and(|end| !end.is_complete);
        let is_over = end.is_some() || self.job.is_terminating() || job::end(self.job).is_some();
        for pod in self.pods.clone() {
            let (has_failed, has_succeeded) = (self.is_failed(pod), phase(pod) == "Succeeded");
            let is_done = has_succeeded || (has_failed && !self.is_awaited(pod));
            if !pod.has_finalizer(TRACKING) || !(is_over || is_done) {
                continue;
            }
            let counts_as_failed = has_failed || (is_failure && !has_succeeded);
            let is_uncounted = self.is_uncounted(pod);
            counts.succeeded += i64::from(is_uncounted && has_succeeded);
            if is_uncounted && counts_as_failed && self.verdict(pod) != Verdict::Ignore {
                counts.failed += 1;
            }
            let step = self.release(pod);
            self.decision.finally.push(step);
        }
        if let Some(indexes) = &self.indexes {
            counts.succeeded = indexes.succeeded.total();
        }
        counts
    }

    /// Models removeTrackingFinalizerPatch.
    fn release(&self, pod: &Object) -> Step {
        let patch = crate::value!({"metadata": {
            "$deleteFromPrimitiveList/finalizers": [TRACKING],
            "uid": (pod.uid()),
        }});
        let verb = Verb::Patch(Patch::Strategic(patch));
        Step::new(Request::new(self.controller.actor(), pod.key(), verb)).or_gone()
    }

    /// Deletes a Pod; one that is not to be counted is let go before.
    fn delete(&mut self, pod: &Object, is_counted: bool) {
        if !is_counted && pod.has_finalizer(TRACKING) {
            let step = self.release(pod);
            self.decision.steps.push(step);
        }
        let step = pod_control::delete(self.job, pod, &self.controller.actor());
        self.decision.steps.push(step);
        self.deleted.all += 1;
        self.deleted.ready += i64::from(ready_since(pod).is_some());
    }
}
