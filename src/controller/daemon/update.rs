//! How the Pods of a former template make way for new ones.
//!
//! Models `rollingUpdate` of update.go and the end of podsShouldBeOnNode.

use std::collections::BTreeMap;

use super::nodes::{node_of, should_run};
use super::{Change, REVISION_LABEL, Sync};
use crate::api::object::Object;
use crate::api::pod::ready_since;
use crate::api::value::Value;
use crate::controller::pod_control;

/// The Pods of a node, one of each template at most.
struct Pair<'a> {
    new: Option<&'a Object>,
    old: Option<&'a Object>,
}

/// A count or a percentage of `whole`, rounded up.
fn share(value: &Value, whole: i64, default: i64) -> i64 {
    let percent = value.as_str().and_then(|text| text.strip_suffix('%'));
    match percent.and_then(|digits| digits.parse::<i64>().ok()) {
        Some(percent) => percent.saturating_mul(whole).saturating_add(99) / 100,
        None => value.as_i64().unwrap_or(default),
    }
}

impl<'a> Sync<'a> {
    fn is_new(&self, pod: &Object) -> bool {
        pod.label(REVISION_LABEL) == Some(self.hash)
    }

    fn is_available(&self, pod: &Object) -> bool {
        pod_control::readiness(self.set, pod, self.now).1
    }

    fn limit(&self, field: &str, nodes: &[&Object], default: i64) -> i64 {
        let wanted = nodes.iter().filter(|node| should_run(self.set, node)).count() as i64;
        let value = self.set.path(&["spec", "updateStrategy", "rollingUpdate", field]);
        share(value, wanted, default)
    }

    fn allows_surge(&self) -> bool {
        let surge = self.set.path(&["spec", "updateStrategy", "rollingUpdate", "maxSurge"]);
        share(surge, 100, 0) > 0
    }

    /// Pods that are too many on their node: all but the oldest or, where there may be more for a
    /// while, but the oldest of each template; the old one goes when the new one is available, or
    /// when it is not ready itself.
    pub(super) fn surplus(&self, mut running: Vec<&'a Object>) -> Vec<&'a Object> {
        // `podByCreationTimestampAndPhase`
        running.sort_by_key(|pod| {
            (pod.spec().get("nodeName").str().is_empty(), pod.created_at(), pod.name())
        });
        if !self.allows_surge() {
            return running.into_iter().skip(1).collect();
        }
        let is_new = |pod: &&'a Object| self.is_new(pod);
        let (new, old): (Vec<&Object>, Vec<&Object>) = running.into_iter().partition(is_new);
        let mut surplus: Vec<&Object> = new.iter().chain(&old).copied().collect();
        surplus.retain(|pod| {
            let is_first = |pods: &[&Object]| pods.first().is_some_and(|f| f.uid() == pod.uid());
            !is_first(&new) && !is_first(&old)
        });
        if let (Some(new), Some(old)) = (new.first(), old.first())
            && (ready_since(old).is_none() || self.is_available(new))
        {
            surplus.push(old);
        }
        surplus
    }

    /// Models findUpdatedPodsOnNode, for every node that has a Pod; `None` if there are too many.
    fn pairs(&self) -> BTreeMap<&'a str, Option<Pair<'a>>> {
        let mut pods: BTreeMap<&str, Vec<&Object>> = BTreeMap::new();
        for pod in &self.pods {
            pods.entry(node_of(pod)).or_default().push(pod);
        }
        let pair = |pods: Vec<&'a Object>| {
            let (new, old): (Vec<&Object>, Vec<&Object>) =
                pods.into_iter().partition(|pod| self.is_new(pod));
            let (one, other) = (new.first().copied(), old.first().copied());
            (new.len() < 2 && old.len() < 2).then_some(Pair { new: one, old: other })
        };
        pods.into_iter().map(|(node, pods)| (node, pair(pods))).collect()
    }

    /// What the roll-out does next.
    pub(super) fn update(&self, nodes: &[&'a Object]) -> Change<'a> {
        match self.limit("maxSurge", nodes, 0) {
            0 => Change { delete: self.replace(nodes), create: Vec::new() },
            surge => self.surge(nodes, surge),
        }
    }

    /// Old Pods that may go, so that the next look makes new ones.
    fn replace(&self, nodes: &[&Object]) -> Vec<&'a Object> {
        let (mut unavailable, mut broken, mut candidates) = (0, Vec::new(), Vec::new());
        let stays = |pod: Option<&'a Object>| pod.filter(|pod| !pod.is_terminating());
        for pair in self.pairs().into_values() {
            let pair = pair.map(|pair| (stays(pair.new), stays(pair.old)));
            match pair {
                None | Some((None, None)) => unavailable += 1,
                Some((Some(new), _)) => unavailable += i64::from(!self.is_available(new)),
                Some((None, Some(old))) if self.is_available(old) => candidates.push(old),
                Some((None, Some(old))) => broken.push(old),
            }
        }
        let most = self.limit("maxUnavailable", nodes, 1).max(1);
        broken.extend(candidates.into_iter().take((most - unavailable).max(0) as usize));
        broken
    }

    /// Nodes that get a new Pod beside the old one, and old Pods that are not needed any more.
    fn surge(&self, nodes: &[&'a Object], most: i64) -> Change<'a> {
        let (mut surging, mut broken, mut candidates) = (0, Vec::new(), Vec::new());
        let mut change = Change::default();
        for (node, pair) in self.pairs() {
            let Some(pair) = pair else {
                surging += 1;
                continue;
            };
            let old = pair.old.filter(|old| !old.is_terminating());
            match (old, pair.new) {
                (None, _) => {}
                (Some(old), None) if self.is_available(old) => candidates.push(node),
                (Some(_), None) => broken.push(node),
                (Some(old), Some(new)) if self.is_available(new) => change.delete.push(old),
                (Some(_), Some(_)) => surging += 1,
            }
        }
        broken.extend(candidates.into_iter().take((most - surging).max(0) as usize));
        let runs = |name: &&str| {
            let node = nodes.iter().find(|node| node.name() == *name);
            node.is_some_and(|node| should_run(self.set, node))
        };
        change.create = broken.into_iter().filter(runs).collect();
        change
    }
}
