//! What to do about a set: create, wait, scale down, update.
//!
//! Models `pkg/controller/statefulset/stateful_set_control.go`: three phases, each of which ends
//! the sync early where pods are managed in order.

use crate::api::object::{Object, ObjectKey};
use crate::api::pod;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, Request, Verb};
use crate::client::Lister;
use crate::controller::reason::StatefulSetReason as R;
use crate::controller::reason::statefulset::RevisionChoice;
use crate::controller::{Decision, OnRefusal, Reason, Step};

use super::identity::{identity_matches, new_pod, pod_name, pod_revision, storage_matches};
use super::pod_control::{PodControl, Work};
use super::replicas::Replicas;
use super::revision::Revisions;
use super::status::{Status, min_ready};

/// The most Pods that one sync of a set creates side by side; its Pods wake it for the rest.
const CREATED_MAX: usize = 1_000;
/// The most Pods of a batch (`MaxBatchSize`).
const BATCH_SIZE_MAX: usize = 500;

/// One sync of a set whose Pods and revisions are known.
pub struct Control<'a> {
    /// What there is.
    pub lister: Lister<'a>,
    /// The set.
    pub set: &'a Object,
    /// Who asks.
    pub actor: &'a Actor,
    /// The time.
    pub now: Time,
    /// Its Pods.
    pub replicas: Replicas<'a>,
    /// Its revisions.
    pub revisions: Revisions<'a>,
    /// What was decided so far.
    pub decision: Decision,
    // The steps of phase 3: the first, and how many.
    updates: (u32, u32),
}

/// Whether the sync goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// To the next Pod or phase.
    Continue,
    /// It ends here: something has to happen first.
    Exit,
}

impl<'a> Control<'a> {
    /// A sync that begins with what `decision` holds.
    pub fn new(
        (lister, actor, now): (Lister<'a>, &'a Actor, Time),
        set: &'a Object,
        replicas: Replicas<'a>,
        revisions: Revisions<'a>,
        decision: Decision,
    ) -> Self {
        Control { lister, set, actor, now, replicas, revisions, decision, updates: (0, 0) }
    }

    /// Decides everything and gives the decision.
    ///
    /// Models UpdateStatefulSet and performUpdate: the status is written and the history cut
    /// whatever becomes of the rest.
    pub fn decide(mut self) -> Decision {
        for reason in std::mem::take(&mut self.revisions.reasons) {
            self.explain_set(reason);
        }
        self.decision.steps.extend(self.revisions.step.take());
        let mut status = Status::count(self.set, &self.replicas, &self.revisions);
        status.progress = self.recreate_progress();
        self.update_stateful_set();
        self.write_status(&mut status);
        self.truncate_history();
        if self.decision.error.is_none() {
            self.look_again(&status);
        }
        self.decision
    }

    /// Models updateStatefulSet.
    fn update_stateful_set(&mut self) {
        if self.set.is_terminating() {
            self.explain_set(R::SetTerminating);
            return;
        }
        let before = self.decision.steps.len();
        let quiet = self.decision.reasons.len();
        if self.recreate_outdated() == Flow::Exit
            || self.process_replicas() == Flow::Exit
            || self.process_condemned_claims() == Flow::Exit
            || self.process_condemned() == Flow::Exit
        {
            return;
        }
        self.update_after_invariant_established();
        let mut since = self.decision.reasons.iter().skip(quiet);
        let is_told = since.any(|(about, _)| *about == self.set.key());
        if self.decision.steps.len() == before && !is_told {
            let replicas = self.replicas.wanted() as u32;
            self.explain_set(R::UpToDate { replicas });
        }
    }

    fn monotonic(&self) -> bool {
        self.set.spec().get("podManagementPolicy").str() != "Parallel"
    }

    pub(super) fn pod_control(&self) -> PodControl<'a> {
        PodControl { lister: self.lister, set: self.set, actor: self.actor }
    }

    pub(super) fn explain_set(&mut self, reason: R) {
        self.decision.reasons.push((self.set.key(), Reason::StatefulSet(reason)));
    }

    // What happens to a Pod is told of the Pod and of the set.
    pub(super) fn explain(&mut self, about: ObjectKey, reason: R) {
        self.decision.reasons.push((about, Reason::StatefulSet(reason.clone())));
        self.explain_set(reason);
    }

    // What holds a Pod back is told of the Pod alone: the set has the blocker's reason.
    fn explain_pod(&mut self, ordinal: i32, reason: R) {
        let about = self.replicas.key(ordinal);
        self.decision.reasons.push((about, Reason::StatefulSet(reason)));
    }

    /// Phase 1: every wanted Pod, lowest first.
    fn process_replicas(&mut self) -> Flow {
        match self.monotonic() {
            true => self.process_replicas_in_order(),
            false => self.process_replicas_side_by_side(),
        }
    }

    fn process_replicas_in_order(&mut self) -> Flow {
        let mut next = self.replicas.start;
        while let Some(ordinal) = self.replicas.next_unsettled(next) {
            let (flow, work) = self.process_replica(ordinal, true);
            let failed = work.error.is_some();
            self.take(work);
            if flow == Flow::Exit || failed {
                self.explain_blocked(ordinal);
                return Flow::Exit;
            }
            next = ordinal.saturating_add(1);
        }
        Flow::Continue
    }

    fn process_replicas_side_by_side(&mut self) -> Flow {
        let mut works = Vec::new();
        let (mut next, mut created) = (self.replicas.start, 0);
        while let Some(ordinal) = self.replicas.next_unsettled(next) {
            if self.replicas.pod(ordinal).is_none() {
                created += 1;
            }
            if created > CREATED_MAX {
                break;
            }
            let (_, work) = self.process_replica(ordinal, false);
            works.push(((ordinal - self.replicas.start) as usize, work));
            next = ordinal.saturating_add(1);
        }
        self.run_in_batches(works)
    }

    /// Models runForAll and slowStartBatch: batches of 1, 2, 4 and so on; a failure ends the
    /// sync after its batch.
    fn run_in_batches(&mut self, works: Vec<(usize, Work)>) -> Flow {
        let mut works = works.into_iter().peekable();
        let (mut first, mut size) = (0, 1);
        while let Some((index, _)) = works.peek() {
            if *index >= first + size {
                first += size;
                size = (2 * size).min(BATCH_SIZE_MAX);
                continue;
            }
            let begin = self.decision.steps.len();
            let mut failed = false;
            while let Some((_, work)) = works.next_if(|(index, _)| *index < first + size) {
                failed |= work.error.is_some();
                self.take(work);
            }
            self.finish_batch(begin);
            if failed {
                return Flow::Exit;
            }
        }
        Flow::Continue
    }

    fn finish_batch(&mut self, begin: usize) {
        let steps = self.decision.steps.len();
        for (index, step) in self.decision.steps.iter_mut().enumerate().skip(begin) {
            if matches!(step.on_refusal, OnRefusal::Stop | OnRefusal::Continue) {
                step.on_refusal = OnRefusal::StopAfter((steps - 1 - index) as u32);
            }
        }
    }

    fn take(&mut self, work: Work) {
        self.decision.steps.extend(work.steps);
        self.decision.records.extend(work.records);
        if let Some(error) = work.error {
            self.decision.error.get_or_insert(error);
            // What makes the sync fail is told of the set, too.
            let mut reasons = work.reasons.iter().map(|(_, reason)| reason);
            let stuck = reasons.find(|reason| matches!(reason, R::ClaimTerminating { .. }));
            if let Some(reason) = stuck.cloned() {
                self.explain_set(reason);
            }
        }
        for (about, reason) in work.reasons {
            // What is put right is told of the set as well; the rest is told of it elsewhere.
            match reason {
                R::IdentityRepaired { .. }
                | R::StorageMismatch { .. }
                | R::ClaimOwnersUpdated { .. } => self.explain(about, reason),
                reason => self.decision.reasons.push((about, Reason::StatefulSet(reason))),
            }
        }
    }

    /// Models processReplica.
    fn process_replica(&mut self, ordinal: i32, monotonic: bool) -> (Flow, Work) {
        let Some(pod) = self.replicas.pod(ordinal) else {
            return self.create_replica(ordinal);
        };
        if matches!(pod::phase(pod), "Failed" | "Succeeded") {
            return (Flow::Exit, self.replace_ended(pod));
        }
        let control = self.pod_control();
        let mut work = Work::default();
        if pod::phase(pod) == "Pending" {
            work = control.create_missing_claims(pod, ordinal);
            if work.error.is_some() {
                return (Flow::Exit, work);
            }
        }
        if monotonic && self.waits_for(pod, ordinal) {
            return (Flow::Exit, work);
        }
        let matches = identity_matches(self.set, pod)
            && storage_matches(self.set, pod, ordinal)
            && control.claims_match_policy(pod, ordinal, false);
        if !matches {
            let update = control.update(pod, ordinal);
            work.steps.extend(update.steps);
            work.records.extend(update.records);
            work.reasons.extend(update.reasons);
            work.error = update.error;
        }
        (Flow::Continue, work)
    }

    fn replace_ended(&mut self, pod: &Object) -> Work {
        let name = pod.name().into();
        let mut work = Work::default();
        if pod.is_terminating() {
            self.explain(pod.key(), R::EndedPodTerminating { pod: name });
        } else {
            let failed = pod::phase(pod) == "Failed";
            self.explain(pod.key(), R::EndedPodDeleted { pod: name, failed });
            work.steps.push(self.pod_control().delete(pod));
        }
        work
    }

    fn create_replica(&mut self, ordinal: i32) -> (Flow, Work) {
        let (pod, choice) = self.new_versioned_pod(ordinal);
        let (key, name) = (self.replicas.key(ordinal), EcoString::from(pod.name()));
        if let Some(claim) = self.pod_control().stale_claim(&pod, ordinal) {
            self.explain(key, R::ClaimStale { claim, pod: name });
            return (Flow::Exit, Work::default());
        }
        let work = self.pod_control().create(&pod, ordinal);
        if work.error.is_none() {
            let revision = pod_revision(&pod).into();
            self.explain(key, R::PodCreated { pod: name, revision, choice });
        }
        (Flow::Exit, work)
    }

    /// A Pod for an empty slot, at the revision that is right for it.
    ///
    /// Models newVersionedStatefulSetPod.
    fn new_versioned_pod(&self, ordinal: i32) -> (Object, RevisionChoice) {
        let (current, update) = (&self.revisions.current, &self.revisions.update);
        let index = i64::from(ordinal) - i64::from(self.replicas.start);
        let strategy = self.set.spec().get("updateStrategy");
        let rolling = strategy.get("rollingUpdate");
        let partition = rolling.get("partition").as_i64().unwrap_or(0);
        let current_replicas = self.set.status().get("currentReplicas").as_i64().unwrap_or(0);
        let choice = if current.name == update.name {
            RevisionChoice::Only
        } else if !rolling.is_null() && index < partition {
            RevisionChoice::BelowPartition { partition }
        } else if strategy.get("type").str() == "RollingUpdate"
            && rolling.is_null()
            && index < current_replicas
        {
            RevisionChoice::BelowCurrentReplicas { current_replicas }
        } else {
            RevisionChoice::Update
        };
        let revision = match choice {
            RevisionChoice::Only | RevisionChoice::Update => update,
            RevisionChoice::BelowPartition { .. } | RevisionChoice::BelowCurrentReplicas { .. } => {
                current
            }
        };
        (new_pod(self.set, &revision.template, ordinal, &revision.name), choice)
    }

    // Whether a Pod that exists ends the sync where Pods are managed in order.
    fn waits_for(&mut self, pod: &Object, ordinal: i32) -> bool {
        let name = EcoString::from(pod.name());
        let reason = if pod.is_terminating() {
            R::WaitingForTermination { pod: name }
        } else if !pod::is_running_and_ready(pod) {
            let running = pod::phase(pod) == "Running";
            let outdated = pod_revision(pod) != self.revisions.update.name;
            R::WaitingForReady { pod: name, running, outdated }
        } else if let Some(since) = self.replicas.recent.get(&ordinal) {
            R::WaitingForAvailable { pod: name, at: since.after(min_ready(self.set)) }
        } else {
            return false;
        };
        self.explain(pod.key(), reason);
        true
    }

    // What else stays undone because the Pod of an ordinal comes first.
    fn explain_blocked(&mut self, ordinal: i32) {
        let blocker = self.replicas.name(ordinal);
        let above = ordinal.saturating_add(1);
        if let Some(missing) = self.replicas.next_missing(above) {
            let count = self.replicas.missing_count(missing) as u32;
            let (pod, blocker) = (pod_name(self.set, missing), blocker.clone());
            self.explain_pod(missing, R::NotCreatedYet { pod, count, blocker });
        }
        let count = self.replicas.condemned().count() as u32;
        let first = self.replicas.condemned().next();
        if let Some(first) = first {
            let blocker = blocker.clone();
            self.explain_pod(first, R::NotScaledDownYet { count, blocker });
        }
        let update = &self.revisions.update.name;
        let count = self.replicas.outdated_count(update);
        let highest = self.replicas.outdated(above, update).next();
        if let Some(highest) = highest.filter(|_| !self.is_on_delete()) {
            self.explain_pod(highest, R::NotUpdatedYet { count, blocker });
        }
    }

    fn is_on_delete(&self) -> bool {
        self.set.path(&["spec", "updateStrategy", "type"]).str() == "OnDelete"
    }

    /// Phase 2, first part: the claims of surplus Pods get their owners before the Pods go.
    ///
    /// Models fixPodClaim in updateStatefulSet.
    fn process_condemned_claims(&mut self) -> Flow {
        if !self.replicas.looks_at_claims() {
            return Flow::Continue;
        }
        let mut works = Vec::new();
        for (index, ordinal) in self.replicas.condemned().enumerate() {
            let Some(pod) = self.replicas.pod(ordinal) else { continue };
            let control = self.pod_control();
            if !control.claims_match_policy(pod, ordinal, true) {
                works.push((index, control.update_claims_of_condemned(pod, ordinal)));
            }
        }
        if !self.monotonic() {
            return self.run_in_batches(works);
        }
        for (_, work) in works {
            self.take(work);
        }
        Flow::Continue
    }

    /// Phase 2: surplus Pods, highest first.
    fn process_condemned(&mut self) -> Flow {
        let ordinals: Vec<i32> = match self.monotonic() {
            true => self.replicas.condemned().take(1).collect(),
            false => self.replicas.condemned().collect(),
        };
        let blocker = self.replicas.lowest_unavailable_condemned();
        let mut works = Vec::new();
        for (index, ordinal) in ordinals.iter().enumerate() {
            let Some(pod) = self.replicas.pod(*ordinal) else { continue };
            works.push((index, self.process_condemned_pod(pod, *ordinal, blocker)));
        }
        if !self.monotonic() {
            return self.run_in_batches(works);
        }
        let exit = !works.is_empty();
        for (_, work) in works {
            self.take(work);
        }
        if exit { Flow::Exit } else { Flow::Continue }
    }

    /// Models processCondemned.
    fn process_condemned_pod(&mut self, pod: &Object, ordinal: i32, first: Option<i32>) -> Work {
        let name = EcoString::from(pod.name());
        let mut work = Work::default();
        if pod.is_terminating() {
            self.explain(pod.key(), R::CondemnedTerminating { pod: name });
            return work;
        }
        let ready = pod::is_running_and_ready(pod);
        let available = ready && !self.replicas.recent.contains_key(&ordinal);
        if self.monotonic()
            && !available
            && let Some(first) = first.filter(|first| *first != ordinal)
        {
            let blocker = self.replicas.name(first);
            self.explain(pod.key(), R::CondemnedBlocked { pod: name, blocker, ready });
            return work;
        }
        let replicas = self.replicas.wanted();
        self.explain(pod.key(), R::ScaledDown { pod: name, replicas });
        work.steps.push(self.pod_control().delete(pod));
        work
    }

    /// Phase 3: Pods of old revisions, highest first, as many as may be unavailable.
    ///
    /// Models updateStatefulSetAfterInvariantEstablished.
    pub fn update_after_invariant_established(&mut self) {
        let update = self.revisions.update.name.clone();
        let outdated = self.replicas.outdated_count(&update);
        if outdated == 0 {
            return;
        }
        if self.is_on_delete() {
            self.explain_set(R::OnDelete { count: outdated });
            return;
        }
        let partition = self.partition();
        let min = i64::from(self.replicas.start).saturating_add(partition);
        let min = min.min(i64::from(self.replicas.end)) as i32;
        for ordinal in self.next_updates(min, &update) {
            self.update_pod(ordinal, &update);
        }
        self.explain_partition(min, partition, &update);
    }

    fn explain_partition(&mut self, min: i32, partition: i64, update: &str) {
        let below = self.replicas.outdated(self.replicas.start, update).filter(|o| *o < min);
        let below: Vec<i32> = below.collect();
        let Some(highest) = below.first() else { return };
        let reason = R::BelowPartition { count: below.len() as u32, partition };
        let other = self.replicas.outdated(min, update).next();
        match other {
            Some(_) => self.explain_pod(*highest, reason),
            None => self.explain(self.replicas.key(*highest), reason),
        }
    }

    fn partition(&self) -> i64 {
        let rolling = self.set.path(&["spec", "updateStrategy", "rollingUpdate"]);
        rolling.get("partition").as_i64().unwrap_or(0)
    }

    // The ordinals to delete now.
    fn next_updates(&mut self, min: i32, update: &str) -> Vec<i32> {
        let unavailable = self.replicas.unavailable_count();
        let max_unavailable = self.max_unavailable();
        let budget = (max_unavailable - unavailable).max(0) as usize;
        let monotonic = self.monotonic();
        let (stale, healthy): (Vec<i32>, Vec<i32>) = match monotonic {
            true => (Vec::new(), self.replicas.outdated(min, update).take(budget).collect()),
            false => {
                let is_unavailable = |o: &i32| self.replicas.is_unavailable(*o);
                let stale = self.replicas.outdated(min, update).filter(is_unavailable);
                let healthy = self.replicas.outdated(min, update).filter(|o| !is_unavailable(o));
                (stale.collect(), healthy.take(budget).collect())
            }
        };
        if stale.is_empty() && healthy.is_empty() {
            self.explain_update_waits(min, update, (unavailable, max_unavailable));
        }
        [stale, healthy].concat()
    }

    fn explain_update_waits(&mut self, min: i32, update: &str, (count, max): (i64, i64)) {
        let Some(waiting) = self.replicas.outdated(min, update).next() else { return };
        let wanted = (self.replicas.start..self.replicas.end).rev();
        let mut unavailable = wanted.filter(|ordinal| self.replicas.is_unavailable(*ordinal));
        let blocker = unavailable.next().map_or_else(EcoString::new, |o| self.replicas.name(o));
        let (unavailable, max_unavailable) = (count as u32, max as u32);
        let reason = R::UpdateWaits { unavailable, max_unavailable, blocker };
        self.explain(self.replicas.key(waiting), reason);
    }

    /// Models getStatefulSetMaxUnavailable: percentages are rounded down, at least 1.
    fn max_unavailable(&self) -> i64 {
        let rolling = self.set.path(&["spec", "updateStrategy", "rollingUpdate"]);
        max_unavailable(rolling.get("maxUnavailable"), self.replicas.wanted())
    }

    fn update_pod(&mut self, ordinal: i32, update: &str) {
        let Some(pod) = self.replicas.pod(ordinal) else { return };
        let reason = R::PodUpdated {
            pod: pod.name().into(),
            from: pod_revision(pod).into(),
            to: update.into(),
            unavailable: self.replicas.is_unavailable(ordinal),
        };
        self.explain(pod.key(), reason);
        if self.updates.1 == 0 {
            self.updates.0 = self.decision.steps.len() as u32;
        }
        self.updates.1 += 1;
        self.decision.steps.push(self.pod_control().delete(pod));
    }

    /// Models updateStatefulSetStatus.
    fn write_status(&mut self, status: &mut Status) {
        let deletions = i64::from(self.updates.1);
        let complete = status.complete_rolling_update(self.replicas.wanted());
        if complete {
            let revision = self.revisions.update.name.clone();
            self.explain_set(R::RolloutComplete { revision });
        }
        if deletions > 0 || status.is_inconsistent(self.set) {
            self.decision.finally.push(status.step(self.set, self.actor, self.updates, self.now));
        }
    }

    fn truncate_history(&mut self) {
        let limit = self.set.spec().get("revisionHistoryLimit").as_i64().unwrap_or(10);
        let old = self.revisions.truncate(self.set, &self.replicas.pods);
        let mut steps = Vec::new();
        let mut reasons = Vec::new();
        for revision in old {
            let verb = Verb::Delete(Default::default());
            let request = Request::new(self.actor.clone(), revision.key(), verb);
            steps.push(Step::new(request).on_refusal(OnRefusal::Continue));
            reasons.push(R::RevisionTruncated { revision: revision.name().into(), limit });
        }
        self.decision.finally.extend(steps);
        for reason in reasons {
            self.explain_set(reason);
        }
    }

    // Models the end of syncStatefulSet.
    fn look_again(&mut self, status: &Status) {
        if status.available_replicas == self.replicas.wanted() {
            return;
        }
        if let Some(at) = self.replicas.next_available_at(min_ready(self.set)) {
            // A Pod is available when the time is past, not when it is reached.
            let wait = at.since(self.now) + std::time::Duration::from_millis(1);
            self.decision.requeue_after = Some(wait);
            let says = |(_, reason): &(ObjectKey, Reason)| {
                matches!(reason, Reason::StatefulSet(R::WaitingForAvailable { .. }))
            };
            if !self.decision.reasons.iter().any(says) {
                self.explain_set(R::LookAgain { at });
            }
        }
    }
}

/// How many Pods may be unavailable: a number, or a percentage of the replicas rounded down.
///
/// Models getStatefulSetMaxUnavailable.
pub fn max_unavailable(value: &Value, replicas: i64) -> i64 {
    let number = match value.as_str().and_then(|text| text.strip_suffix('%')) {
        Some(percent) => percent.parse::<i64>().unwrap_or(0).saturating_mul(replicas) / 100,
        None => value.as_i64().unwrap_or(1),
    };
    number.max(1)
}
