//! The Pods of one controller, summed up: counts and sets kept up to date with every write, so
//! that a sync of a set of thousands costs about as much as one of three.
//!
//! Models what `pkg/controller/statefulset` finds out by looking at all Pods of a set; upstream
//! does so in every sync.

use imbl::{OrdMap, OrdSet};

use crate::api::object::Object;
use crate::api::pod;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};

/// Labels that differ from Pod to Pod of one set.
const OWN_LABELS: [&str; 3] = [
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "controller-revision-hash",
];

/// The Pods of one controller, by ordinal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PodGroup {
    /// How many Pods there are, of whatever name.
    pub count: u32,
    /// How many are Running and Ready, those being deleted included.
    pub ready_count: u32,
    /// Ordinals that exist under their regular name.
    pub ordinals: OrdSet<i32>,
    /// Those that are not Running and Ready, or are being deleted.
    pub unavailable: OrdSet<i32>,
    /// Those whose label for the Pod's name is not their name.
    pub mislabelled: OrdSet<i32>,
    /// Those that are Running and Ready, by the time since when.
    pub ready_since: OrdSet<(Time, i32)>,
    /// Pods by revision label, "" for none.
    pub revisions: OrdMap<EcoString, RevisionPods>,
    /// How many Pods have each first part of a name.
    pub parents: OrdMap<EcoString, u32>,
    /// Names that do not end in an ordinal, or not as it is regularly written (`web-01`).
    pub irregular: OrdSet<EcoString>,
    /// How many Pods have each set of labels, apart from those of their own.
    pub labels: Vec<(Value, u32)>,
    /// How many Pods have each list of volumes that use the claim of the Pod's own name.
    pub volumes: OrdMap<Vec<EcoString>, u32>,
    // First and last ordinal of each run without a gap.
    runs: OrdMap<i32, i32>,
}

/// The Pods of one revision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RevisionPods {
    /// How many there are.
    pub count: u32,
    /// Ordinals of those that are not being deleted.
    pub active: OrdSet<i32>,
    /// How many are not being deleted, irregular names included.
    pub active_count: u32,
}

impl PodGroup {
    /// Takes a Pod in.
    pub fn insert(&mut self, pod: &Object) {
        self.change(pod, 1);
        let Some(ordinal) = self.regular_ordinal(pod) else {
            self.irregular.insert(pod.name().into());
            return;
        };
        self.ordinals.insert(ordinal);
        self.join_runs(ordinal);
        let ready = pod::is_running_and_ready(pod);
        if !ready || pod.is_terminating() {
            self.unavailable.insert(ordinal);
        }
        if pod.label(OWN_LABELS[0]) != Some(pod.name()) {
            self.mislabelled.insert(ordinal);
        }
        if ready {
            self.ready_since.insert((pod::ready_since(pod).unwrap_or_default(), ordinal));
        }
        if !pod.is_terminating() {
            self.revision(pod).active.insert(ordinal);
        }
    }

    /// Takes a Pod out, given as it was taken in.
    pub fn remove(&mut self, pod: &Object) {
        if let Some(ordinal) = self.regular_ordinal(pod) {
            self.ordinals.remove(&ordinal);
            self.split_run(ordinal);
            self.unavailable.remove(&ordinal);
            self.mislabelled.remove(&ordinal);
            self.ready_since.remove(&(pod::ready_since(pod).unwrap_or_default(), ordinal));
            self.revision(pod).active.remove(&ordinal);
        } else {
            self.irregular.remove(pod.name());
        }
        self.change(pod, -1);
    }

    /// The lowest ordinal from `from` on that does not exist.
    pub fn next_missing(&self, from: i32) -> i32 {
        match self.runs.range(..=from).next_back() {
            Some((_, last)) if *last >= from => last.saturating_add(1),
            _ => from,
        }
    }

    /// How many ordinals of a range exist.
    pub fn count_within(&self, range: std::ops::Range<i32>) -> usize {
        let begun = self.runs.range(..=range.start).next_back();
        let begun = begun.into_iter().filter(|(first, _)| **first < range.start);
        let runs = begun.chain(self.runs.range(range.clone()));
        let length = |(first, last): (&i32, &i32)| {
            let (first, end) = ((*first).max(range.start), last.saturating_add(1).min(range.end));
            usize::try_from(i64::from(end) - i64::from(first)).unwrap_or(0)
        };
        runs.map(length).sum()
    }

    /// The ordinals that became Ready at `time` or later, in no useful order.
    pub fn ready_from(&self, time: Time) -> impl Iterator<Item = (Time, i32)> {
        self.ready_since.range((time, i32::MIN)..).copied()
    }

    // Counts a Pod in (1) or out (-1).
    fn change(&mut self, pod: &Object, by: i32) {
        let add = |count: &mut u32| *count = count.saturating_add_signed(by);
        add(&mut self.count);
        if pod::is_running_and_ready(pod) {
            add(&mut self.ready_count);
        }
        let revision = self.revision(pod);
        add(&mut revision.count);
        if !pod.is_terminating() {
            add(&mut revision.active_count);
        }
        if revision.count == 0 {
            self.revisions.remove(revision_of(pod));
        }
        let parent = pod::parent_name_and_ordinal(pod.name()).map_or("", |(parent, _)| parent);
        count(&mut self.parents, parent.into(), by);
        count(&mut self.volumes, own_volumes(pod), by);
        self.change_labels(pod, by);
    }

    fn change_labels(&mut self, pod: &Object, by: i32) {
        let labels = shared_labels(pod);
        match self.labels.iter().position(|(known, _)| *known == labels) {
            Some(index) => {
                self.labels[index].1 = self.labels[index].1.saturating_add_signed(by);
                if self.labels[index].1 == 0 {
                    self.labels.remove(index);
                }
            }
            None => {
                // Sorted, so that the order in which Pods came does not count.
                self.labels.push((labels, 1));
                self.labels.sort_by_cached_key(|(labels, _)| crate::api::go::json(labels));
            }
        }
    }

    fn revision(&mut self, pod: &Object) -> &mut RevisionPods {
        self.revisions.entry(revision_of(pod).into()).or_default()
    }

    fn regular_ordinal(&self, pod: &Object) -> Option<i32> {
        let (parent, ordinal) = pod::parent_name_and_ordinal(pod.name())?;
        let digits = &pod.name()[parent.len() + 1..];
        (digits == "0" || !digits.starts_with('0')).then_some(ordinal)
    }

    fn join_runs(&mut self, ordinal: i32) {
        let below = self.runs.range(..ordinal).next_back().map(|(first, last)| (*first, *last));
        let above = ordinal.checked_add(1).and_then(|next| self.runs.remove(&next));
        let last = above.unwrap_or(ordinal);
        match below {
            Some((first, end)) if end.checked_add(1) == Some(ordinal) => {
                self.runs.insert(first, last);
            }
            _ => {
                self.runs.insert(ordinal, last);
            }
        }
    }

    fn split_run(&mut self, ordinal: i32) {
        let run = self.runs.range(..=ordinal).next_back().map(|(first, last)| (*first, *last));
        let Some((first, last)) = run.filter(|(_, last)| *last >= ordinal) else { return };
        self.runs.remove(&first);
        if first < ordinal {
            self.runs.insert(first, ordinal - 1);
        }
        if ordinal < last {
            self.runs.insert(ordinal + 1, last);
        }
    }
}

/// Whether two versions of a Pod count alike.
pub fn is_alike(before: &Object, after: &Object) -> bool {
    let ready = |pod: &Object| {
        let is_ready = pod::is_running_and_ready(pod);
        (is_ready, is_ready.then(|| pod::ready_since(pod)))
    };
    before.labels() == after.labels()
        && before.is_terminating() == after.is_terminating()
        && before.spec().get("volumes") == after.spec().get("volumes")
        && ready(before) == ready(after)
}

fn count<K: Ord + Clone>(counts: &mut OrdMap<K, u32>, key: K, by: i32) {
    let entry = counts.entry(key.clone()).or_default();
    *entry = entry.saturating_add_signed(by);
    if *entry == 0 {
        counts.remove(&key);
    }
}

fn revision_of(pod: &Object) -> &str {
    pod.label(OWN_LABELS[2]).unwrap_or_default()
}

fn shared_labels(pod: &Object) -> Value {
    let mut labels = pod.labels().cloned().unwrap_or_default();
    labels.retain(|key, _| !OWN_LABELS.contains(&key.as_str()));
    Value::from(labels)
}

// Names of the volumes whose claim is named `<volume>-<pod>`.
fn own_volumes(pod: &Object) -> Vec<EcoString> {
    let volumes = pod.spec().get("volumes").items().iter();
    let own = volumes.filter_map(|volume| {
        let name = volume.get("name").str();
        let claim = volume.path(&["persistentVolumeClaim", "claimName"]).str();
        let rest = claim.strip_prefix(name)?.strip_prefix('-')?;
        (rest == pod.name()).then(|| name.into())
    });
    own.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scheme::Kind;

    fn pod(name: &str, ready: bool) -> Object {
        let status = if ready { "True" } else { "False" };
        let since = "2026-11-21T14:00:00Z";
        let value = crate::value!({
            "metadata": {"name": name, "labels": {"app": "a", "controller-revision-hash": "r"}},
            "status": {
                "phase": "Running",
                "conditions": [
                    {"type": "Ready", "status": status, "lastTransitionTime": since}
                ],
            },
        });
        Object::new(Kind::Pod, value)
    }

    #[test]
    fn gaps_are_found_whatever_the_order() {
        let mut group = PodGroup::default();
        for name in ["web-3", "web-0", "web-1", "web-5", "web-2"] {
            group.insert(&pod(name, true));
        }
        assert_eq!((group.next_missing(0), group.next_missing(5)), (4, 6));
        let ranges = [(0, 6), (1, 6), (4, 5), (0, i32::MAX), (6, 2)];
        let counts = ranges.map(|(from, to)| group.count_within(from..to));
        assert_eq!(counts, [5, 4, 0, 5, 0]);
        group.remove(&pod("web-1", true));
        assert_eq!((group.next_missing(0), group.next_missing(2)), (1, 4));
        group.insert(&pod("web-4", false));
        assert_eq!(group.next_missing(2), 6);
    }

    #[test]
    fn what_was_taken_in_and_out_leaves_nothing() {
        let mut group = PodGroup::default();
        let pods =
            [pod("web-0", true), pod("web-01", false), pod("web", true), pod("web-2", false)];
        for pod in &pods {
            group.insert(pod);
        }
        assert_eq!((group.count, group.ready_count, group.irregular.len()), (4, 2, 2));
        for pod in &pods {
            group.remove(pod);
        }
        assert_eq!(group, PodGroup::default());
    }
}
