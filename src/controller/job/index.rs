//! Jobs whose Pods are numbered.
//!
//! Models `indexed_job_utils.go`.

use std::collections::BTreeMap;

use super::intervals::Intervals;
use super::policy::Verdict;
use super::{Sync, TRACKING};
use crate::api::object::Object;
use crate::api::pod::phase;
use crate::api::time::Time;
use crate::api::value::Value;
use crate::controller::pod_control::{end_of, removal_rank};

const INDEX: &str = "batch.kubernetes.io/job-completion-index";
const FAILURES: &str = "batch.kubernetes.io/job-index-failure-count";
const IGNORED: &str = "batch.kubernetes.io/job-index-ignored-failure-count";
const VARIABLE: &str = "JOB_COMPLETION_INDEX";
/// How long the name of a Pod may be before the server puts an end to it.
const NAME_MAX: usize = 58;

/// What is known of a Job's indexes.
pub struct Indexes<'a> {
    /// Those with a Pod that has succeeded.
    pub succeeded: Intervals,
    /// Those that have failed too often, if each has a limit of its own.
    pub failed: Option<Intervals>,
    /// Failed Pods that wait for the one that takes their index over.
    awaited: BTreeMap<i64, &'a Object>,
}

/// The number of a Pod (`getCompletionIndex`).
pub fn completion_index(pod: &Object) -> Option<i64> {
    pod.annotation(INDEX)?.parse().ok().filter(|index| *index >= 0)
}

fn count(pod: &Object, annotation: &str) -> i64 {
    let number = pod.annotation(annotation).and_then(|text| text.parse::<i32>().ok());
    i64::from(number.unwrap_or(0).max(0))
}

impl<'a> Indexes<'a> {
    /// What is known, if the Job is an Indexed one.
    pub(super) fn of(sync: &Sync<'a>) -> Option<Self> {
        if sync.job.spec().get("completionMode").str() != "Indexed" {
            return None;
        }
        let completions = sync.completions()?;
        let read = |field: &str| Intervals::parse(sync.job.status().get(field).str(), completions);
        let held = || sync.pods.iter().copied().filter(|pod| pod.has_finalizer(TRACKING));
        let of = |pods: Vec<&Object>| {
            Intervals::from_indexes(pods.into_iter().filter_map(|pod| sync.valid_index(pod)))
        };
        let new = of(held().filter(|pod| phase(pod) == "Succeeded").collect());
        let limit = sync.job.spec().get("backoffLimitPerIndex").as_i64();
        let failed = limit.map(|limit| {
            let new = of(held().filter(|pod| sync.fails_index(pod, limit)).collect());
            read("failedIndexes").merge(&new)
        });
        let succeeded = read("completedIndexes").merge(&new);
        let mut indexes = Indexes { succeeded, failed, awaited: BTreeMap::new() };
        indexes.await_successors(sync);
        Some(indexes)
    }

    /// Models getPodsWithDelayedDeletionPerIndex.
    fn await_successors(&mut self, sync: &Sync<'a>) {
        let Some(failed) = &self.failed else { return };
        let taken = Intervals::from_indexes(sync.active.iter().filter_map(|p| completion_index(p)));
        let done = self.succeeded.merge(failed).merge(&taken);
        let rank = |pod: &Object| (count(pod, FAILURES) + count(pod, IGNORED), end_of(pod));
        for pod in sync.pods.iter().copied().filter(|pod| pod.has_finalizer(TRACKING)) {
            let index = sync.valid_index(pod).filter(|index| !done.has(*index));
            let Some(index) = index.filter(|_| sync.is_failed(pod)) else { continue };
            let known = self.awaited.entry(index).or_insert(pod);
            if rank(known) <= rank(pod) {
                *known = pod;
            }
        }
    }

    /// Writes what of it belongs into a status.
    pub fn write(&self, status: &mut Value) {
        match self.succeeded.total() {
            0 => {
                status.remove(&["completedIndexes"]);
            }
            _ => status.set(&["completedIndexes"], self.succeeded.to_string()),
        }
        if let Some(failed) = &self.failed {
            status.set(&["failedIndexes"], failed.to_string());
        }
    }

    /// The failed Pod whose index a new one takes over.
    pub fn predecessor(&self, index: i64) -> Option<&'a Object> {
        self.awaited.get(&index).copied()
    }
}

impl<'a> Sync<'a> {
    /// The number of a Pod, if the Job has that many.
    pub(super) fn valid_index(&self, pod: &Object) -> Option<i64> {
        let completions = self.completions().unwrap_or(0);
        completion_index(pod).filter(|index| *index < completions)
    }

    /// Whether a failed Pod is kept until another has its index.
    pub(super) fn is_awaited(&self, pod: &Object) -> bool {
        let index = completion_index(pod);
        let awaited = self.indexes.as_ref().zip(index).and_then(|(i, index)| i.predecessor(index));
        awaited.is_some_and(|awaited| awaited.uid() == pod.uid())
    }

    /// Models isIndexFailed.
    fn fails_index(&self, pod: &Object, limit: i64) -> bool {
        self.is_failed(pod)
            && match self.verdict(pod) {
                Verdict::FailIndex => true,
                Verdict::Ignore => false,
                _ => count(pod, FAILURES) >= limit,
            }
    }

    /// Active Pods without a number, with one too high, or with one that a better Pod has.
    ///
    /// Models appendDuplicatedIndexPodsForRemoval: gives them, and the others.
    pub(super) fn duplicates(&self) -> (Vec<&'a Object>, Vec<&'a Object>) {
        let mut pods = self.active.clone();
        if self.indexes.is_none() {
            return (Vec::new(), pods);
        }
        pods.sort_by_key(|pod| (self.valid_index(pod), removal_rank(pod)));
        let (mut surplus, mut left) = (Vec::new(), Vec::new());
        for (place, pod) in pods.iter().copied().enumerate() {
            let index = self.valid_index(pod);
            let next = pods.get(place + 1).and_then(|next| self.valid_index(next));
            match index.is_none() || index == next {
                true => surplus.push(pod),
                false => left.push(pod),
            }
        }
        (surplus, left)
    }

    /// The numbers of the next Pods, as many as are missing.
    pub(super) fn next_indexes(&self, missing: i64) -> Option<Vec<i64>> {
        let indexes = self.indexes.as_ref()?;
        let of = |pods: &mut dyn Iterator<Item = &&Object>| {
            Intervals::from_indexes(pods.filter_map(|pod| completion_index(pod)))
        };
        let mut taken = indexes.succeeded.merge(&of(&mut self.active.iter()));
        if self.replaces_only_failed() {
            let mut stopping = self.pods.iter().filter(|pod| self.is_stopping(pod));
            taken = taken.merge(&of(&mut stopping));
        }
        if let Some(failed) = &indexes.failed {
            taken = taken.merge(failed);
        }
        Some(taken.first_missing(missing, self.completions().unwrap_or(0)))
    }

    /// The Pod with a number.
    pub(super) fn numbered(&self, pod: &Object, index: i64) -> Object {
        let mut pod = pod.clone();
        let text = index.to_string();
        pod.set(&["metadata", "annotations", INDEX], text.as_str());
        pod.set(&["metadata", "labels", INDEX], text.as_str());
        pod.set(&["spec", "hostname"], format!("{}-{index}", self.job.name()));
        let end = format!("-{index}-");
        let start: String = self.job.name().chars().take(NAME_MAX - end.len()).collect();
        pod.set(&["metadata", "generateName"], start + &end);
        for list in ["initContainers", "containers"] {
            if !pod.spec().get(list).items().is_empty() {
                let containers = pod.value.path_mut(&["spec", list]).items_mut();
                containers.iter_mut().for_each(add_variable);
            }
        }
        self.count_failures(&mut pod, index);
        pod
    }

    /// Models addIndexFailureCountAnnotation.
    fn count_failures(&self, pod: &mut Object, index: i64) {
        let Some(indexes) = self.indexes.as_ref().filter(|indexes| indexes.failed.is_some()) else {
            return;
        };
        let (mut failures, mut ignored) = (0, 0);
        if let Some(old) = indexes.predecessor(index) {
            (failures, ignored) = (count(old, FAILURES), count(old, IGNORED));
            match self.verdict(old) {
                Verdict::Ignore => ignored += 1,
                _ => failures += 1,
            }
        }
        pod.set(&["metadata", "annotations", FAILURES], failures.to_string());
        if ignored > 0 {
            pod.set(&["metadata", "annotations", IGNORED], ignored.to_string());
        }
    }

    /// When the last Pod of an index ended, and how often it has failed.
    pub(super) fn failures_of(&self, index: i64) -> Option<(u32, Time)> {
        let old = self.indexes.as_ref()?.predecessor(index)?;
        let failures = count(old, FAILURES) + count(old, IGNORED) + 1;
        Some((u32::try_from(failures).unwrap_or(u32::MAX), end_of(old).unwrap_or(self.now)))
    }
}

/// Models addCompletionIndexEnvVariable.
fn add_variable(container: &mut Value) {
    let known = container.get("env").items();
    if !known.iter().any(|variable| variable.get("name").str() == VARIABLE) {
        let field = crate::value!({"fieldPath": (format!("metadata.labels['{INDEX}']"))});
        let variable = crate::value!({"name": VARIABLE, "valueFrom": {"fieldRef": field}});
        container.path_mut(&["env"]).array_mut().push(variable);
    }
}
