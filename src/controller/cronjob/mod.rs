//! The CronJob controller: a Job whenever its schedule says so.
//!
//! Models `pkg/controller/cronjob/cronjob_controllerv2.go`.
//!
//! # Scope
//! - Time zones other than UTC are not known: such a CronJob makes no Jobs, and says so.
//! - A Job enters the status at the look after the one that made it, a few milliseconds later.

mod due;
mod history;

use crate::api::job;
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
use crate::controller::{Controller, Decision, OnRefusal, Reason, Record, Step, pod_control};
use crate::text::cron::{self, Schedule};

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
        let Some(cron_job) = lister.get(key) else { return Decision::default() };
        let jobs = lister.owned_by(cron_job.uid()).filter(|object| object.kind == Kind::Job);
        let jobs = jobs.filter(|job| job.is_controlled_by(cron_job)).collect();
        let status = cron_job.status().clone();
        let decision = Decision::default();
        let mut sync = Sync { lister, cron_job, jobs, now, status, decision };
        sync.clean_up();
        sync.account();
        if !cron_job.is_terminating() {
            sync.schedule();
        }
        let written = pod_control::write_status(cron_job, sync.status, &self.actor());
        sync.decision.steps.extend(written);
        sync.decision
    }
}

/// One look at a CronJob.
struct Sync<'a> {
    lister: Lister<'a>,
    cron_job: &'a Object,
    jobs: Vec<&'a Object>,
    now: Time,
    status: Value,
    decision: Decision,
}

impl Sync<'_> {
    fn record(&mut self, reason: &'static str, message: String) {
        self.decision.records.push(Record::normal(self.cron_job, reason, message));
    }

    fn warn(&mut self, reason: &'static str, message: String) {
        self.decision.records.push(Record::warning(self.cron_job, reason, message));
    }

    fn explain(&mut self, reason: R) {
        self.decision.reasons.push((self.cron_job.key(), Reason::Workload(reason)));
    }

    /// Models getJobName.
    fn name_at(&self, due: Time) -> EcoString {
        format!("{}-{}", self.cron_job.name(), due.seconds().div_euclid(60)).into()
    }

    fn active(&self) -> &[Value] {
        self.status.get("active").items()
    }

    fn is_active(&self, job: &Object) -> bool {
        self.active().iter().any(|reference| reference.get("uid").str() == job.uid())
    }

    fn set_active(&mut self, active: Vec<Value>) {
        match active.is_empty() {
            true => {
                self.status.remove(&["active"]);
            }
            false => self.status.set(&["active"], active),
        }
    }

    /// Models deleteFromActiveList.
    fn forget(&mut self, uid: &str) {
        let others = self.active().iter().filter(|reference| reference.get("uid").str() != uid);
        let others = others.cloned().collect();
        self.set_active(others);
    }

    /// Puts a Job of the schedule into the status.
    fn remember(&mut self, job: &Object, due: Time) {
        let mut active = self.active().to_vec();
        active.push(object_reference(job));
        self.set_active(active);
        self.status.set(&["lastScheduleTime"], due.rfc3339());
    }

    /// For which time the schedule has just made this Job, if it has. The step that makes one
    /// cannot put it into the status, since it has no uid yet: the next look does.
    fn scheduled_for(&self, job: &Object) -> Option<Time> {
        let due = job.annotation(SCHEDULED_AT).and_then(Time::parse)?;
        let is_new = Time::parse(self.status.get("lastScheduleTime").str()) < Some(due);
        (is_new && !job.is_terminating() && self.name_at(due) == job.name()).then_some(due)
    }

    /// Brings the list of active Jobs up to date (the first half of syncCronJob).
    fn account(&mut self) {
        for job in self.jobs.clone() {
            match job::ending(job) {
                None if self.is_active(job) => {}
                None => self.meet(job),
                Some(end) => self.note_end(job, end),
            }
        }
        for reference in self.active().to_vec() {
            let uid = reference.get("uid").str();
            if !self.jobs.iter().any(|job| job.uid() == uid) {
                let name = reference.get("name").str();
                self.record("MissingJob", format!("Active job went missing: {name}"));
                self.forget(uid);
            }
        }
    }

    /// Looks at a running Job that is not in the status.
    fn meet(&mut self, job: &Object) {
        match self.scheduled_for(job) {
            Some(due) => self.remember(job, due),
            None => {
                let name = job.name();
                let what = "Saw a job that the controller did not create or forgot";
                self.warn("UnexpectedJob", format!("{what}: {name}"));
                self.explain(R::JobUnexpected { job: name.into() });
            }
        }
    }

    fn note_end(&mut self, job: &Object, end: &str) {
        if self.is_active(job) {
            let message = format!("Saw completed job: {}, condition: {end}", job.name());
            self.record("SawCompletedJob", message);
            self.forget(job.uid());
        }
        let at = job.status().get("completionTime").str();
        if end == "Complete" && self.status.get("lastSuccessfulTime").str() < at {
            self.status.set(&["lastSuccessfulTime"], at);
        }
    }

    /// Makes the Job that is due (the second half of syncCronJob).
    fn schedule(&mut self) {
        let spec = self.cron_job.spec();
        let zone = spec.get("timeZone").str();
        if !matches!(zone, "" | "UTC" | "Etc/UTC") {
            return self.explain(R::TimeZoneNotKnown { zone: zone.into() });
        }
        if spec.get("suspend").is_true() {
            return self.explain(R::CronJobSuspended);
        }
        let Ok(schedule) = cron::parse(spec.get("schedule").str()) else { return };
        match self.due(&schedule) {
            Ok(Some(due)) => self.start_in_time(due, &schedule),
            Ok(None) => self.wait_for_next(&schedule),
            Err(why) => {
                let text = spec.get("schedule").str();
                self.warn("InvalidSchedule", format!("invalid schedule: {text} : {why}"));
                self.explain(R::NeverDue);
            }
        }
    }

    /// Makes the Job of a time unless it is too late or was done before.
    fn start_in_time(&mut self, due: Time, schedule: &Schedule) {
        let (spec, name) = (self.cron_job.spec(), self.name_at(due));
        let deadline = spec.get("startingDeadlineSeconds").as_i64();
        let is_late = deadline.is_some_and(|seconds| {
            due.after(Duration::from_secs(seconds.max(0) as u64)) < self.now
        });
        let is_done = self.active().iter().any(|r| r.get("name").str() == name)
            || self.status.get("lastScheduleTime").str() == due.rfc3339();
        let blocker = self.active().first().map(|reference| reference.get("name").str().into());
        match blocker {
            _ if is_late => {
                let at = due.rfc1123z();
                self.warn("MissSchedule", format!("Missed scheduled time to start a job: {at}"));
                self.explain(R::JobTooLate { due });
            }
            _ if is_done => {}
            Some(job) if spec.get("concurrencyPolicy").str() == "Forbid" => {
                let message = "Not starting job because prior execution is running and \
                               concurrency policy is Forbid";
                self.record("JobAlreadyActive", message.into());
                self.explain(R::JobForbidden { job });
            }
            _ => return self.start(due, schedule),
        }
        self.wait_for_next(schedule);
    }

    fn start(&mut self, due: Time, schedule: &Schedule) {
        if self.cron_job.spec().get("concurrencyPolicy").str() == "Replace" {
            let jobs = self.jobs.clone().into_iter();
            for job in jobs.filter(|job| self.is_active(job)).collect::<Vec<_>>() {
                self.explain(R::JobReplaced { job: job.name().into() });
                self.delete(job, OnRefusal::Stop);
            }
        }
        let job = self.job(due);
        if let Some(existing) = self.lister.get(&job.key()) {
            if existing.is_controlled_by(self.cron_job) {
                self.remember(existing, due);
                self.wait_for_next(schedule);
            } else {
                self.explain(R::JobNameTaken { job: job.name().into() });
            }
            return;
        }
        self.explain(R::JobDue { job: job.name().into() });
        let success =
            Record::normal(self.cron_job, "SuccessfulCreate", "Created job {name}".into());
        let failure =
            Record::warning(self.cron_job, "FailedCreate", "Error creating job: {error}".into());
        let request = Request::create(CronJobController.actor(), &job);
        self.decision.steps.push(Step::new(request).recording(success, failure));
        self.wait_for_next(schedule);
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
