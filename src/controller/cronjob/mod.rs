//! The CronJob controller: a Job whenever its schedule says so.
//!
//! Models `pkg/controller/cronjob/cronjob_controllerv2.go`.
//!
//! # Scope
//! - Time zones other than UTC are not known: such a CronJob makes no Jobs.

mod due;
mod history;

use crate::api::object::{Object, ObjectKey, OwnerReference};
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::Request;
use crate::apiserver::watch::WatchEvent;
use crate::client::Lister;
use crate::client::event_recorder::object_reference;
use crate::controller::reason::WorkloadReason as R;
use crate::controller::replicaset::owners_of;
use crate::controller::{Controller, Decision, Reason, Record, Step, pod_control};
use crate::text::cron;

/// Makes Jobs of CronJobs.
pub struct CronJobController;

const SCHEDULED_AT: &str = "batch.kubernetes.io/cronjob-scheduled-timestamp";

impl Controller for CronJobController {
    fn name(&self) -> &'static str {
        "cronjob-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        match changed.key.kind {
            Kind::CronJob => vec![changed.key.clone()],
            Kind::Job => owners_of(changed, Kind::CronJob, lister),
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let Some(cron_job) = lister.get(key).filter(|found| !found.is_terminating()) else {
            return Decision::default();
        };
        let jobs = lister.owned_by(cron_job.uid()).filter(|object| object.kind == Kind::Job);
        let jobs = jobs.filter(|job| job.controller().is_some_and(|o| o.uid() == cron_job.uid()));
        let status = cron_job.status().clone();
        let mut sync =
            Sync { cron_job, jobs: jobs.collect(), now, status, decision: Decision::default() };
        sync.account();
        sync.clean_up();
        sync.schedule();
        let written = pod_control::write_status(cron_job, sync.status, &self.actor());
        sync.decision.steps.extend(written);
        sync.decision
    }
}

/// One look at a CronJob.
struct Sync<'a> {
    cron_job: &'a Object,
    jobs: Vec<&'a Object>,
    now: Time,
    status: Value,
    decision: Decision,
}

/// How a Job has ended, if it has: `Complete` or `Failed`.
fn ending(job: &Object) -> Option<&str> {
    let conditions = job.status().get("conditions").items().iter();
    let ends = |c: &&Value| matches!(c.get("type").str(), "Complete" | "Failed");
    let mut ended = conditions.filter(ends).filter(|c| c.get("status").str() == "True");
    ended.next().map(|condition| condition.get("type").str())
}

impl Sync<'_> {
    fn record(&mut self, reason: &'static str, message: String) {
        self.decision.records.push(Record::normal(self.cron_job, reason, message));
    }

    fn warn(&mut self, reason: &'static str, message: String) {
        self.decision.records.push(Record::warning(self.cron_job, reason, message));
    }

    /// Whether the schedule made this Job. The step that makes one cannot put it into the status,
    /// since it has no uid yet: the next look does.
    fn is_scheduled(&self, job: &Object) -> bool {
        let due = job.annotation(SCHEDULED_AT).and_then(Time::parse);
        !job.is_terminating() && due.is_some_and(|due| self.name_at(due) == job.name())
    }

    /// Models getJobName.
    fn name_at(&self, due: Time) -> EcoString {
        format!("{}-{}", self.cron_job.name(), due.seconds().div_euclid(60)).into()
    }

    fn set_active(&mut self, active: Vec<Value>) {
        match active.is_empty() {
            true => {
                self.status.remove(&["active"]);
            }
            false => self.status.set(&["active"], active),
        }
    }

    /// Brings the list of active Jobs up to date (the first half of syncCronJob).
    fn account(&mut self) {
        let mut active: Vec<Value> = self.cron_job.status().get("active").items().to_vec();
        for job in self.jobs.clone() {
            let position = active.iter().position(|r| r.get("uid").str() == job.uid());
            match (position, ending(job)) {
                (None, None) if self.is_scheduled(job) => active.push(object_reference(job)),
                (None, None) => {
                    let name = job.name();
                    let what = "Saw a job that the controller did not create or forgot";
                    self.warn("UnexpectedJob", format!("{what}: {name}"));
                }
                (Some(index), Some(end)) => {
                    active.remove(index);
                    let name = job.name();
                    self.record(
                        "SawCompletedJob",
                        format!("Saw completed job: {name}, condition: {end}"),
                    );
                }
                _ => {}
            }
            if ending(job) == Some("Complete") {
                self.note_success(job);
            }
        }
        let jobs = self.jobs.clone();
        active.retain(|reference| {
            jobs.iter().any(|job| job.uid() == reference.get("uid").str()) || {
                let name = reference.get("name").str();
                self.record("MissingJob", format!("Active job went missing: {name}"));
                false
            }
        });
        self.set_active(active);
    }

    fn note_success(&mut self, job: &Object) {
        let at = job.status().get("completionTime").str();
        if self.status.get("lastSuccessfulTime").str() < at {
            self.status.set(&["lastSuccessfulTime"], at);
        }
    }

    /// Makes the Job that is due (the second half of syncCronJob).
    fn schedule(&mut self) {
        let spec = self.cron_job.spec();
        let zone = spec.get("timeZone").str();
        if spec.get("suspend").is_true() || !matches!(zone, "" | "UTC" | "Etc/UTC") {
            return;
        }
        let Ok(schedule) = cron::parse(spec.get("schedule").str()) else { return };
        let due = match self.due(&schedule) {
            Ok(due) => due,
            Err(why) => {
                let text = spec.get("schedule").str();
                self.warn("InvalidSchedule", format!("invalid schedule: {text} : {why}"));
                return;
            }
        };
        if let Some(due) = due {
            self.start_in_time(due);
        }
        self.wait_for_next(&schedule);
    }

    /// Makes the Job of a time unless it is too late or was done before.
    fn start_in_time(&mut self, due: Time) {
        let deadline = self.cron_job.spec().get("startingDeadlineSeconds").as_i64();
        let late = deadline.is_some_and(|seconds| {
            due.after(Duration::from_secs(seconds.max(0) as u64)) < self.now
        });
        if late {
            let at = due.rfc1123z();
            self.warn("MissSchedule", format!("Missed scheduled time to start a job: {at}"));
        } else if self.status.get("lastScheduleTime").str() != due.rfc3339() {
            self.start(due);
        }
    }

    fn start(&mut self, due: Time) {
        let active = self.status.get("active").items().to_vec();
        let policy = self.cron_job.spec().get("concurrencyPolicy").str();
        if policy == "Forbid" && !active.is_empty() {
            let message = "Not starting job because prior execution is running and concurrency \
                           policy is Forbid";
            self.record("JobAlreadyActive", message.into());
            return;
        }
        if policy == "Replace" {
            let is_active = |job: &&Object| active.iter().any(|r| r.get("uid").str() == job.uid());
            for job in self.jobs.clone().into_iter().filter(is_active) {
                self.delete(job);
            }
            self.set_active(Vec::new());
        }
        let job = self.job(due);
        let reason = R::JobDue { job: job.name().into() };
        self.decision.reasons.push((self.cron_job.key(), Reason::Workload(reason)));
        let success =
            Record::normal(self.cron_job, "SuccessfulCreate", "Created job {name}".into());
        let failure =
            Record::warning(self.cron_job, "FailedCreate", "Error creating job: {error}".into());
        let request = Request::create(CronJobController.actor(), &job);
        self.decision.steps.push(Step::new(request).recording(success, failure));
        self.status.set(&["lastScheduleTime"], due.rfc3339());
    }

    /// Models getJobFromTemplate2.
    fn job(&self, due: Time) -> Object {
        let template = self.cron_job.path(&["spec", "jobTemplate"]);
        let mut annotations = template.path(&["metadata", "annotations"]).clone();
        if annotations.is_null() {
            annotations = Value::object();
        }
        annotations.set(&[SCHEDULED_AT], due.rfc3339());
        let mut metadata = crate::value!({
            "name": (self.name_at(due)),
            "namespace": (self.cron_job.namespace()),
            "annotations": annotations,
            "ownerReferences": [(OwnerReference::controller_of(self.cron_job))],
        });
        let labels = template.path(&["metadata", "labels"]);
        if !labels.is_null() {
            metadata.set(&["labels"], labels);
        }
        let spec = template.get("spec");
        Object::new(Kind::Job, crate::value!({"metadata": metadata, "spec": spec}))
    }
}
