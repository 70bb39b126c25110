//! Pods spread over zones and nodes.
//!
//! Models `pkg/scheduler/framework/plugins/podtopologyspread`.

use std::collections::BTreeMap;

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::selector::selector_matches;
use crate::api::value::{EcoString, Value};
use crate::apiserver::index::is_terminal;
use crate::client::Lister;
use crate::controller::reason::scheduler::NodeReason;

use super::filter::{node_matches, tolerates};

/// The hard constraints of a Pod with what is in each domain.
pub struct Spread {
    constraints: Vec<Constraint>,
}

struct Constraint {
    key: EcoString,
    skew_max: i64,
    counts: BTreeMap<EcoString, i64>,
    domains_min: i64,
    // Whether the Pod itself counts.
    counts_itself: i64,
}

impl Spread {
    /// Counts the Pods that each hard constraint is about.
    pub fn of(lister: Lister<'_>, pod: &Object) -> Self {
        let constraints = constraints(pod, "DoNotSchedule");
        let keys: Vec<EcoString> = constraints.iter().map(|c| key_of(c)).collect();
        let count = |c: &&Value| Constraint::count(lister, pod, c, &keys);
        Spread { constraints: constraints.iter().map(count).collect() }
    }
}

fn key_of(constraint: &Value) -> EcoString {
    constraint.get("topologyKey").str().into()
}

fn constraints<'a>(pod: &'a Object, what_if: &str) -> Vec<&'a Value> {
    let all = pod.spec().get("topologySpreadConstraints").items().iter();
    all.filter(|c| c.get("whenUnsatisfiable").str() == what_if).collect()
}

impl Constraint {
    fn count(lister: Lister<'_>, pod: &Object, constraint: &Value, keys: &[EcoString]) -> Self {
        let key = key_of(constraint);
        let mut counts = BTreeMap::new();
        let eligible = |node: &&Object| {
            keys.iter().all(|key| node.label(key).is_some()) && is_included(constraint, pod, node)
        };
        for node in lister.all(Kind::Node).filter(eligible) {
            let Some(value) = node.label(&key) else { continue };
            let there = lister.pods_on_node(node.name());
            let count = there.filter(|other| is_counted(constraint, pod, other)).count() as i64;
            *counts.entry(EcoString::from(value)).or_default() += count;
        }
        Constraint {
            key,
            skew_max: constraint.get("maxSkew").as_i64().unwrap_or(1),
            counts,
            domains_min: constraint.get("minDomains").as_i64().unwrap_or(1),
            counts_itself: i64::from(selects(constraint, pod, pod)),
        }
    }

    fn least(&self) -> i64 {
        match (self.counts.len() as i64) < self.domains_min {
            true => 0,
            false => self.counts.values().copied().min().unwrap_or(0),
        }
    }
}

fn is_included(constraint: &Value, pod: &Object, node: &Object) -> bool {
    let honors =
        |field: &str, default: &str| constraint.get(field).as_str().unwrap_or(default) == "Honor";
    let taints = node.spec().get("taints").items().iter();
    let mut repelling = taints.filter(|t| t.get("effect").str() != "PreferNoSchedule");
    (!honors("nodeAffinityPolicy", "Honor") || node_matches(pod, node))
        && (!honors("nodeTaintsPolicy", "Ignore") || repelling.all(|t| tolerates(pod, t)))
}

fn is_counted(constraint: &Value, pod: &Object, other: &Object) -> bool {
    other.namespace() == pod.namespace()
        && !other.is_terminating()
        && !is_terminal(other)
        && selects(constraint, pod, other)
}

fn selects(constraint: &Value, pod: &Object, other: &Object) -> bool {
    let keys = constraint.get("matchLabelKeys").items().iter();
    selector_matches(constraint.get("labelSelector"), other.labels())
        && keys
            .filter(|key| pod.label(key.str()).is_some())
            .all(|key| pod.label(key.str()) == other.label(key.str()))
}

/// What the hard constraints have against a node.
pub fn filter(spread: &Spread, node: &Object) -> Option<NodeReason> {
    spread.constraints.iter().find_map(|constraint| {
        let reason =
            |label_missing| NodeReason::Spread { key: constraint.key.clone(), label_missing };
        let Some(value) = node.label(&constraint.key) else { return Some(reason(true)) };
        let here = constraint.counts.get(value).copied().unwrap_or(0);
        let skew = here + constraint.counts_itself - constraint.least();
        (skew > constraint.skew_max).then(|| reason(false))
    })
}

/// How many Pods of a Pod's own kind a node has: those that its soft constraints count, or
/// those of its controller. Fewer is better (`Score`).
pub fn crowd(lister: Lister<'_>, pod: &Object, node: &Object) -> i64 {
    if pod.spec().get("topologySpreadConstraints").items().is_empty() {
        let uid = pod.controller().map(|owner| owner.uid()).unwrap_or_default();
        let there = lister.pod_index().on_node(node.name());
        return there.and_then(|n| n.controllers.get(uid)).map_or(0, |count| i64::from(*count));
    }
    let soft = constraints(pod, "ScheduleAnyway");
    let counts = soft.iter().map(|constraint| {
        let counted = Constraint::count(lister, pod, constraint, &[key_of(constraint)]);
        let value = node.label(&counted.key).unwrap_or_default();
        counted.counts.get(value).copied().unwrap_or(0)
    });
    counts.sum()
}
