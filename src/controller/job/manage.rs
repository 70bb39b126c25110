//! How many Pods a Job has at a time.
//!
//! Models manageJob and `backoff_utils.go`.

use super::{Counts, Sync, TRACKING};
use crate::api::object::Object;
use crate::api::pod::{is_terminal, phase};
use crate::api::time::{Duration, Time};
use crate::controller::reason::WorkloadReason as R;
use crate::controller::{Controller, pod_control};

/// The first wait after a failure; it doubles (`DefaultJobPodFailureBackOff`).
const BACKOFF: u64 = 10;
/// The longest wait (`MaxJobPodFailureBackOff`).
const BACKOFF_MAX: u64 = 600;
/// How many Pods one look makes or deletes (`MaxPodCreateDeletePerSync`).
const PODS_MAX: i64 = 500;

impl<'a> Sync<'a> {
    /// Gives how many Pods run then.
    pub(super) fn manage(&mut self, counts: Counts) -> i64 {
        let active = self.active.len() as i64;
        if self.is_suspended() {
            return self.delete_surplus(active, active);
        }
        let parallelism = self.number("parallelism", 1);
        let wanted = match self.completions() {
            Some(completions) => parallelism.min(completions - counts.succeeded).max(0),
            None if counts.succeeded > 0 => active,
            None => parallelism,
        };
        let left = self.delete_surplus(active, (active - wanted).max(0));
        if left < active {
            return left;
        }
        let stopping = self.pods.iter().filter(|pod| self.is_stopping(pod)).count() as i64;
        let awaited = if self.replaces_only_failed() { stopping } else { 0 };
        let missing = (wanted - awaited - active).min(PODS_MAX);
        active + if missing > 0 { self.create(missing) } else { 0 }
    }

    /// Whether a Pod is on its way out (`IsPodTerminating`).
    pub(super) fn is_stopping(&self, pod: &Object) -> bool {
        pod.is_terminating() && !is_terminal(pod)
    }

    /// Models activePodsForRemoval and deleteJobPods: gives how many are left.
    fn delete_surplus(&mut self, active: i64, at_least: i64) -> i64 {
        let (mut surplus, mut left) = self.duplicates();
        let more = (at_least - surplus.len() as i64).max(0) as usize;
        left.sort_by_key(|pod| pod_control::removal_rank(pod));
        surplus.extend(left.into_iter().take(more));
        if !self.is_suspended() {
            surplus.truncate(PODS_MAX as usize);
        }
        for pod in &surplus {
            self.delete(pod, false);
        }
        active - surplus.len() as i64
    }

    /// Makes Pods, unless failures are too recent: gives how many.
    fn create(&mut self, missing: i64) -> i64 {
        let has_own_limits = self.indexes.as_ref().is_some_and(|indexes| indexes.failed.is_some());
        if let Some(wait) = self.backoff().filter(|_| !has_own_limits) {
            self.wait(wait);
            return 0;
        }
        let pod = self.pod();
        let pods = match self.next_indexes(missing) {
            None => vec![pod; missing as usize],
            Some(indexes) => {
                let ready = self.ready_indexes(indexes);
                ready.into_iter().map(|index| self.numbered(&pod, index)).collect()
            }
        };
        let made = pods.len() as i64;
        if made > 0 {
            self.explain(R::PodsMissing { missing: made });
        }
        let actor = self.controller.actor();
        let steps = pods.iter().map(|pod| pod_control::create(self.job, pod, &actor));
        let steps: Vec<_> = pod_control::slow_start(steps.collect());
        self.decision.steps.extend(steps);
        made
    }

    fn pod(&self) -> Object {
        let mut pod = pod_control::pod_from_template(self.job, self.job.spec().get("template"));
        if !pod.has_finalizer(TRACKING) {
            let finalizers = pod.value.path_mut(&["metadata", "finalizers"]);
            finalizers.array_mut().push(TRACKING.into());
        }
        pod
    }

    fn wait(&mut self, wait: Duration) {
        self.explain(R::JobBacksOff { until: self.now.after(wait) });
        self.look_again(wait);
    }

    /// Those of the indexes whose last failure is long enough ago
    /// (`getPodCreationInfoForIndependentIndexes`).
    fn ready_indexes(&mut self, indexes: Vec<i64>) -> Vec<i64> {
        let wait = |index: &i64| {
            let (failures, last) = self.failures_of(*index)?;
            self.remaining(failures, last)
        };
        let waits: Vec<Option<Duration>> = indexes.iter().map(wait).collect();
        let ready: Vec<i64> =
            indexes.iter().zip(&waits).filter(|(_, w)| w.is_none()).map(|p| *p.0).collect();
        if ready.is_empty()
            && let Some(least) = waits.into_iter().flatten().min()
        {
            self.wait(least);
        }
        ready
    }

    /// What is left of the wait after the last failures; a success ends them.
    fn backoff(&self) -> Option<Duration> {
        let ends = |is_it: &dyn Fn(&Object) -> bool| -> Vec<Time> {
            let pods = self.pods.iter().filter(|pod| is_it(pod));
            pods.map(|pod| pod_control::end_of(pod).unwrap_or(self.now)).collect()
        };
        let success = ends(&|pod| phase(pod) == "Succeeded").into_iter().max();
        let mut failures = ends(&|pod| self.is_failed(pod));
        failures.retain(|end| success.is_none_or(|success| *end > success));
        let count = u32::try_from(failures.len()).unwrap_or(u32::MAX);
        self.remaining(count, failures.into_iter().max()?)
    }

    /// Models getRemainingTimeForFailuresCount.
    fn remaining(&self, failures: u32, last: Time) -> Option<Duration> {
        let doubled = BACKOFF << failures.saturating_sub(1).min(6);
        let until = last.after(Duration::from_secs(doubled.min(BACKOFF_MAX)));
        (failures > 0 && until > self.now).then(|| until.since(self.now))
    }
}
