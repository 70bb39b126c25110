//! The slots of a set: which ordinals are wanted, which need attention, which are surplus.
//!
//! Models the lists that `updateStatefulSet` of
//! `pkg/controller/statefulset/stateful_set_control.go` makes of all Pods, without going through
//! all of them: a Pod that is as it should be is never looked at.

use std::collections::BTreeMap;

use crate::api::object::{Object, ObjectKey};
use crate::api::pod::{parent_name_and_ordinal, ready_since};
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::apiserver::pod_group::PodGroup;
use crate::client::Lister;

use super::identity::{claim_templates, pod_name};
use super::retention::RetentionPolicy;
use super::status::{min_ready, unavailable_since};

/// The Pods of a set by slot.
pub struct Replicas<'a> {
    lister: Lister<'a>,
    set: &'a Object,
    /// The Pods that the set claims.
    pub pods: PodGroup,
    /// The lowest wanted ordinal.
    pub start: i32,
    /// One more than the highest wanted ordinal.
    pub end: i32,
    /// Pods that became ready too recently.
    pub recent: BTreeMap<i32, Time>,
    /// How many became ready too recently, those in no slot included.
    pub recent_count: i64,
    // Pods whose name is irregular (`web-01`), where no regular one has the ordinal.
    irregular: BTreeMap<i32, EcoString>,
    // Whether any Pod may need a look at its claims or volumes.
    look_at_all: bool,
}

impl<'a> Replicas<'a> {
    /// The slots of a set that claims these Pods.
    pub fn new(lister: Lister<'a>, set: &'a Object, pods: PodGroup, now: Time) -> Self {
        let wanted = set.spec().get("replicas").as_i64().unwrap_or(1);
        let start = set.path(&["spec", "ordinals", "start"]).as_i64().unwrap_or(0);
        let bounded = |ordinal: i64| ordinal.clamp(0, i64::from(i32::MAX)) as i32;
        let since = unavailable_since(min_ready(set), now);
        let mut recent: BTreeMap<i32, Time> =
            pods.ready_from(since).map(|(time, ordinal)| (ordinal, time)).collect();
        let mut recent_count = recent.len() as i64;
        let mut irregular = BTreeMap::new();
        for name in &pods.irregular {
            let pod = lister.find(Kind::Pod, set.namespace(), name);
            let ready = pod.and_then(ready_since).filter(|time| *time >= since);
            recent_count += i64::from(ready.is_some());
            if let Some((_, ordinal)) = parent_name_and_ordinal(name)
                && !pods.ordinals.contains(&ordinal)
            {
                irregular.insert(ordinal, name.clone());
                recent.extend(ready.map(|time| (ordinal, time)));
            }
        }
        let look_at_all = claims_need_a_look(lister, set) || !volumes_match(set, &pods);
        let (start, end) = (bounded(start), bounded(start.saturating_add(wanted)));
        Replicas { lister, set, pods, start, end, recent, recent_count, irregular, look_at_all }
    }

    /// How many Pods are wanted.
    pub fn wanted(&self) -> i64 {
        i64::from(self.end) - i64::from(self.start)
    }

    /// Whether claims have to be looked at one by one.
    pub fn looks_at_claims(&self) -> bool {
        self.look_at_all
    }

    /// The Pod in a slot, if it exists.
    pub fn pod(&self, ordinal: i32) -> Option<&'a Object> {
        let name = match self.pods.ordinals.contains(&ordinal) {
            true => pod_name(self.set, ordinal),
            false => self.irregular.get(&ordinal)?.clone(),
        };
        self.lister.find(Kind::Pod, self.set.namespace(), &name)
    }

    /// The name of the Pod in a slot, whether it exists or not.
    pub fn name(&self, ordinal: i32) -> EcoString {
        self.irregular.get(&ordinal).cloned().unwrap_or_else(|| pod_name(self.set, ordinal))
    }

    /// The key of the Pod in a slot, whether it exists or not.
    pub fn key(&self, ordinal: i32) -> ObjectKey {
        ObjectKey::new(Kind::Pod, self.set.namespace(), self.name(ordinal))
    }

    /// The lowest wanted ordinal from `from` on whose Pod is not settled: missing, unavailable,
    /// mislabelled, or with claims that have to be looked at.
    pub fn next_unsettled(&self, from: i32) -> Option<i32> {
        let within = from..self.end;
        if within.is_empty() {
            return None;
        }
        if self.look_at_all {
            return Some(from);
        }
        let candidates = [
            Some(self.pods.next_missing(from)),
            self.pods.unavailable.range(within.clone()).next().copied(),
            self.pods.mislabelled.range(within.clone()).next().copied(),
            self.recent.range(within.clone()).next().map(|(ordinal, _)| *ordinal),
        ];
        candidates.into_iter().flatten().min().filter(|ordinal| within.contains(ordinal))
    }

    /// The lowest missing ordinal from `from` on.
    pub fn next_missing(&self, from: i32) -> Option<i32> {
        let mut next = self.pods.next_missing(from);
        while next < self.end && self.irregular.contains_key(&next) {
            next = self.pods.next_missing(next + 1);
        }
        (next < self.end).then_some(next)
    }

    /// Surplus ordinals, highest first.
    pub fn condemned(&self) -> impl Iterator<Item = i32> + '_ {
        let above = self.pods.ordinals.range(self.end..).rev();
        let below = self.pods.ordinals.range(..self.start).rev();
        let regular = above.chain(below).copied();
        let odd = self.irregular.keys().rev().copied().filter(|ordinal| !self.wants(*ordinal));
        merge_descending(regular, odd)
    }

    /// Whether an ordinal is wanted (`podInOrdinalRange`).
    pub fn wants(&self, ordinal: i32) -> bool {
        (self.start..self.end).contains(&ordinal)
    }

    /// How many wanted ordinals from `from` on are missing.
    pub fn missing_count(&self, from: i32) -> usize {
        let regular = self.pods.count_within(from..self.end);
        let odd = self.irregular.range(from..self.end).count();
        (from..self.end).len() - regular - odd
    }

    /// Models isUnavailable, for a slot.
    pub fn is_unavailable(&self, ordinal: i32) -> bool {
        if self.recent.contains_key(&ordinal) || self.pods.unavailable.contains(&ordinal) {
            return true;
        }
        !self.pods.ordinals.contains(&ordinal) && !self.irregular_is_available(ordinal)
    }

    fn irregular_is_available(&self, ordinal: i32) -> bool {
        self.pod(ordinal)
            .is_some_and(|pod| crate::api::pod::is_running_and_ready(pod) && !pod.is_terminating())
    }

    /// The lowest surplus ordinal that is unavailable.
    pub fn lowest_unavailable_condemned(&self) -> Option<i32> {
        let ranges = [i32::MIN..self.start, self.end..i32::MAX];
        let regular = ranges.into_iter().flat_map(|range| {
            let unavailable = self.pods.unavailable.range(range.clone()).next().copied();
            let recent = self.recent.range(range).next().map(|(ordinal, _)| *ordinal);
            unavailable.into_iter().chain(recent)
        });
        let odd = self.irregular.keys().copied();
        let odd = odd.filter(|ordinal| !self.wants(*ordinal) && self.is_unavailable(*ordinal));
        regular.chain(odd).min()
    }

    /// Wanted slots that are unavailable, those that do not exist included.
    pub fn unavailable_count(&self) -> i64 {
        let unavailable = self.pods.unavailable.range(self.start..self.end).count();
        let recent = self.recent.range(self.start..self.end).map(|(ordinal, _)| ordinal);
        let recent = recent.filter(|ordinal| !self.pods.unavailable.contains(*ordinal)).count();
        let odd = self.irregular.range(self.start..self.end).map(|(ordinal, _)| ordinal);
        let odd = odd.filter(|o| !self.recent.contains_key(*o) && self.is_unavailable(**o));
        (self.missing_count(self.start) + unavailable + recent + odd.count()) as i64
    }

    /// Wanted ordinals from `from` on whose Pods exist, have another revision and are not being
    /// deleted, highest first.
    pub fn outdated(&self, from: i32, revision: &str) -> impl Iterator<Item = i32> + '_ {
        let range = from..self.end;
        let old = self.pods.revisions.iter().filter(|(name, _)| *name != revision);
        let lists: Vec<_> = old.map(|(_, pods)| pods.active.range(range.clone()).rev()).collect();
        let revision = revision.to_string();
        let odd = self.irregular.keys().rev().copied().filter(move |ordinal| {
            range.contains(ordinal)
                && self.pod(*ordinal).is_some_and(|pod| {
                    super::identity::pod_revision(pod) != revision && !pod.is_terminating()
                })
        });
        merge_descending(
            MergeAll { lists: lists.into_iter().map(Iterator::peekable).collect() },
            odd,
        )
    }

    /// How many Pods of another revision are not being deleted.
    pub fn outdated_count(&self, revision: &str) -> u32 {
        let old = self.pods.revisions.iter().filter(|(name, _)| *name != revision);
        old.map(|(_, pods)| pods.active_count).sum()
    }

    /// When the next Pod becomes available by itself.
    pub fn next_available_at(&self, min_ready: Duration) -> Option<Time> {
        self.recent.values().min().map(|since| since.after(min_ready))
    }
}

// Whether claims may have owners that the policy does not want, or lack those that it wants.
fn claims_need_a_look(lister: Lister, set: &Object) -> bool {
    if claim_templates(set).is_empty() {
        return false;
    }
    !RetentionPolicy::of(set).retains() || lister.owner_index().has_owned_claims(set.namespace())
}

// Whether every Pod uses the claims of all templates, as far as its own volumes tell.
fn volumes_match(set: &Object, pods: &PodGroup) -> bool {
    let templates = claim_templates(set);
    templates.is_empty()
        || pods.volumes.keys().all(|volumes| {
            templates.iter().all(|template| {
                let name = template.path(&["metadata", "name"]).str();
                volumes.iter().any(|volume| volume == name)
            })
        })
}

/// Several descending lists as one.
struct MergeAll<I: Iterator> {
    lists: Vec<std::iter::Peekable<I>>,
}

impl<'a, I: Iterator<Item = &'a i32>> Iterator for MergeAll<I> {
    type Item = i32;

    fn next(&mut self) -> Option<i32> {
        let heads = self.lists.iter_mut().enumerate();
        let heads = heads.filter_map(|(index, list)| Some((**list.peek()?, index)));
        let (_, index) = heads.max()?;
        self.lists.get_mut(index)?.next().copied()
    }
}

fn merge_descending(
    a: impl Iterator<Item = i32>,
    b: impl Iterator<Item = i32>,
) -> impl Iterator<Item = i32> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    std::iter::from_fn(move || match (a.peek(), b.peek()) {
        (Some(x), Some(y)) if y > x => b.next(),
        (None, _) => b.next(),
        _ => a.next(),
    })
}
