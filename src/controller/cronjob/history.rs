//! Which finished Jobs of a CronJob are kept.
//!
//! Models cleanupFinishedJobs of `cronjob_controllerv2.go`.

use super::{CronJobController, Sync};
use crate::api::job;
use crate::api::object::Object;
use crate::apiserver::request::{Propagation, Request};
use crate::controller::{Controller, OnRefusal, Record, Step};

impl Sync<'_> {
    /// Deletes the oldest beyond the limits.
    pub(super) fn clean_up(&mut self) {
        self.keep("Complete", "successfulJobsHistoryLimit", 3);
        self.keep("Failed", "failedJobsHistoryLimit", 1);
    }

    fn keep(&mut self, end: &str, field: &str, default: i64) {
        let limit = self.cron_job.spec().get(field).as_i64().unwrap_or(default).max(0) as usize;
        let ended = |job: &&Object| job::ending(job) == Some(end);
        let mut jobs: Vec<&Object> = self.jobs.iter().copied().filter(ended).collect();
        jobs.sort_by_key(|job| {
            let start = job.status().get("startTime").str();
            (start.is_empty(), start, job.name())
        });
        let surplus = jobs.len().saturating_sub(limit);
        for job in jobs.into_iter().take(surplus) {
            self.delete(job, OnRefusal::Ignore);
        }
    }

    /// Deletes a Job with its Pods (`deleteJob`).
    pub(super) fn delete(&mut self, job: &Object, on_refusal: OnRefusal) {
        let message = format!("Deleted job {}", job.name());
        let success = Record::normal(self.cron_job, "SuccessfulDelete", message);
        let failure = Record::warning(self.cron_job, "FailedDelete", "Deleted job: {error}".into());
        let (actor, policy) = (CronJobController.actor(), Propagation::Background);
        let step = Step::new(Request::delete_propagating(actor, job, policy));
        self.decision.steps.push(step.recording(success, failure).on_refusal(on_refusal));
        self.forget(job.uid());
    }
}
