//! How many Pods which ReplicaSet gets.
//!
//! Models `rolling.go` and `recreate.go`.

use super::Sync;
use crate::api::object::Object;
use crate::api::pod::is_terminal;
use crate::api::value::Value;
use crate::controller::pod_control::owned_pods;
use crate::controller::replicaset::replicas;

pub(super) fn available(set: &Object) -> i64 {
    set.status().get("availableReplicas").as_i64().unwrap_or(0)
}

impl<'a> Sync<'a> {
    pub(super) fn all(&self) -> impl Iterator<Item = &'a Object> + use<'_, 'a> {
        self.old.iter().copied().chain(self.new)
    }

    fn total(&self) -> i64 {
        self.all().map(replicas).sum()
    }

    /// Pods beyond the wanted number that a roll-out may make.
    pub(super) fn max_surge(&self) -> i64 {
        match self.strategy("type").str() {
            "Recreate" => 0,
            _ => self.share("maxSurge", true),
        }
    }

    /// Pods that may be missing; one if neither more nor fewer were allowed (`ResolveFenceposts`).
    pub(super) fn max_unavailable(&self) -> i64 {
        match self.share("maxUnavailable", false) {
            0 if self.max_surge() == 0 => 1,
            number => number.min(replicas(self.deployment)),
        }
    }

    fn share(&self, field: &str, rounds_up: bool) -> i64 {
        let value = self.strategy("rollingUpdate").get(field);
        let percent = value.as_str().and_then(|text| text.strip_suffix('%'));
        match (percent.and_then(|p| p.parse::<i64>().ok()), value) {
            (Some(percent), _) => {
                let part = percent.saturating_mul(replicas(self.deployment));
                if rounds_up { part.saturating_add(99) / 100 } else { part / 100 }
            }
            (None, Value::Null) => 1,
            (None, value) => value.as_i64().unwrap_or(0),
        }
    }

    /// Models rolloutRecreate.
    pub(super) fn recreate(&mut self) {
        let shrinking: Vec<&Object> =
            self.old.iter().copied().filter(|set| replicas(set) > 0).collect();
        for set in &shrinking {
            self.scale(set, 0);
        }
        let is_running = |pod: &&Object| !is_terminal(pod);
        let is_busy = |set: &&Object| owned_pods(self.lister, set).iter().any(is_running);
        if !shrinking.is_empty() || self.old.iter().any(is_busy) {
            return;
        }
        self.grow(replicas(self.deployment));
    }

    /// Models rolloutRolling.
    pub(super) fn roll(&mut self) {
        let wanted = replicas(self.deployment);
        let has = self.new.map_or(0, replicas);
        let room = wanted + self.max_surge() - self.total();
        let target = match has > wanted {
            true => wanted,
            false => has + room.clamp(0, wanted - has),
        };
        if self.new.is_none() || target != has {
            self.grow(target);
            return;
        }
        self.shrink_old(wanted);
    }

    fn grow(&mut self, target: i64) {
        match self.new {
            Some(new) => self.scale(new, target),
            None => self.create(target),
        }
    }

    /// Models reconcileOldReplicaSets.
    fn shrink_old(&mut self, wanted: i64) {
        let Some(new) = self.new else { return };
        let least = wanted - self.max_unavailable();
        let mut may_go = self.total() - least - (replicas(new) - available(new)).max(0);
        let mut left: Vec<(&Object, i64)> =
            self.old.iter().map(|set| (*set, replicas(set))).collect();
        // Those that do not work go first.
        for (set, size) in &mut left {
            let going = (*size - available(set)).clamp(0, may_go.max(0));
            (*size, may_go) = (*size - going, may_go - going);
        }
        let available: i64 = self.all().map(available).sum();
        let mut may_go = may_go.min(available - least).max(0);
        for (set, mut size) in left {
            let going = size.min(may_go);
            (size, may_go) = (size - going, may_go - going);
            self.scale(set, size);
        }
    }
}
