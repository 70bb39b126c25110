//! A Deployment whose number of Pods has changed: all its ReplicaSets follow in proportion.
//!
//! Models isScalingEvent and the part of `sync.go` about scaling.

use super::rolling::available;
use super::{DESIRED, MAX, Sync};
use crate::api::object::Object;
use crate::controller::replicaset::replicas;

fn noted(set: &Object, annotation: &str) -> Option<i64> {
    set.annotation(annotation)?.parse().ok()
}

impl<'a> Sync<'a> {
    fn alive(&self) -> Vec<&'a Object> {
        self.all().filter(|set| replicas(set) > 0).collect()
    }

    /// Whether a ReplicaSet was last sized for another number of Pods.
    pub(super) fn is_scaling_event(&self) -> bool {
        let wanted = replicas(self.deployment);
        let differs = |set: &&Object| noted(set, DESIRED).is_some_and(|noted| noted != wanted);
        self.alive().iter().any(differs)
    }

    /// Models scale: a paused Deployment only follows its number of replicas, too.
    pub(super) fn scale_all(&mut self) {
        let wanted = replicas(self.deployment);
        let alive = self.alive();
        let newest = self.new.or(self.old.last().copied());
        match (alive.as_slice(), newest) {
            ([], None) => {}
            ([], Some(newest)) => self.scale(newest, wanted),
            ([only], _) => self.scale(only, wanted),
            _ if self.is_saturated() => {
                for set in self.old.clone() {
                    self.scale(set, 0);
                }
            }
            _ if self.strategy("type").str() == "RollingUpdate" => self.spread(alive),
            _ => {}
        }
    }

    /// Models IsSaturated: the new ReplicaSet has all Pods, and they are available.
    fn is_saturated(&self) -> bool {
        let wanted = replicas(self.deployment);
        self.new.is_some_and(|new| {
            let numbers = [replicas(new), available(new), noted(new, DESIRED).unwrap_or(-1)];
            numbers.iter().all(|number| *number == wanted)
        })
    }

    /// Gives every ReplicaSet its share, and the largest what is left over.
    fn spread(&mut self, mut sets: Vec<&'a Object>) {
        let wanted = replicas(self.deployment);
        let allowed = if wanted > 0 { wanted + self.max_surge() } else { 0 };
        let to_add = allowed - sets.iter().map(|set| replicas(set)).sum::<i64>();
        // Of the same size the newer grow first, and the older shrink first.
        sets.sort_by_key(|set| (set.created_at(), set.name()));
        if to_add > 0 {
            sets.reverse();
        }
        sets.sort_by_key(|set| -replicas(set));
        let mut added = 0;
        let mut shares = Vec::new();
        for set in &sets {
            let left = to_add - added;
            let share = match left {
                0 => 0,
                _ if to_add > 0 => self.fraction(set).min(left),
                _ => self.fraction(set).max(left),
            };
            shares.push(share);
            added += share;
        }
        if let Some(first) = shares.first_mut() {
            *first += to_add - added;
        }
        for (set, share) in sets.into_iter().zip(shares) {
            self.resize(set, (replicas(set) + share).max(0));
        }
    }

    /// By how much a ReplicaSet grows if it keeps its part of the whole.
    ///
    /// Models getReplicaSetFraction.
    fn fraction(&self, set: &Object) -> i64 {
        let (size, wanted) = (replicas(set), replicas(self.deployment));
        if wanted == 0 {
            return -size;
        }
        let seen = || self.deployment.status().get("replicas").as_i64().unwrap_or(0);
        let before = noted(set, MAX).filter(|max| *max != 0).unwrap_or_else(seen);
        if before <= 0 {
            return 0;
        }
        let whole = size.saturating_mul(wanted + self.max_surge());
        (whole.saturating_mul(2).saturating_add(before)) / before.saturating_mul(2) - size
    }
}
