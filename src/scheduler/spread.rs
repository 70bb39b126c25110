//! Pods spread over zones and nodes.
//!
//! Models `pkg/scheduler/framework/plugins/podtopologyspread`.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::object::Object;
use crate::api::placement::tolerates;
use crate::api::pod::is_terminal;
use crate::api::scheme::Kind;
use crate::api::selector::selector_matches;
use crate::api::value::{EcoString, Value};
use crate::client::Lister;
use crate::controller::reason::scheduler::NodeReason;

use super::filter::node_matches;
use super::node_info::{HOSTNAME, NodeInfo, ZONE};

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

// A soft constraint with what is in each domain.
struct Soft {
    key: EcoString,
    skew_max: i64,
    counts: Counts,
}

// What is in each domain, sorted. Nodes come by name, and so do mostly the domains of hostnames.
#[derive(Default)]
struct Counts(Vec<(EcoString, i64)>);

impl Counts {
    fn add(&mut self, domain: &str, count: i64) {
        if self.0.last().is_none_or(|(last, _)| last.as_str() < domain) {
            return self.0.push((domain.into(), count));
        }
        match self.position(domain) {
            Ok(index) => self.0[index].1 += count,
            Err(index) => self.0.insert(index, (domain.into(), count)),
        }
    }

    fn position(&self, domain: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(domain))
    }

    // Perhaps it is at `guess`.
    fn get(&self, domain: &str, guess: usize) -> i64 {
        let guessed = self.0.get(guess).filter(|(known, _)| known == domain);
        let found = || self.position(domain).ok().and_then(|index| self.0.get(index));
        guessed.or_else(found).map_or(0, |(_, count)| *count)
    }
}

const SCORE_MAX: i64 = 100;

/// How well each node spreads the Pods of a Pod's own kind, 0 to 100 (`Score`, `NormalizeScore`).
pub fn scores(lister: Lister<'_>, pod: &Object, nodes: &[&NodeInfo]) -> Vec<i64> {
    let is_own = !pod.spec().get("topologySpreadConstraints").items().is_empty();
    let soft = if is_own { own(lister, pod) } else { system_defaults(lister, pod, nodes) };
    let is_ignored = |node: &NodeInfo| is_own && soft.iter().any(|c| node.domain(&c.key).is_none());
    let counted: Vec<&NodeInfo> = nodes.iter().copied().filter(|n| !is_ignored(n)).collect();
    let weights: Vec<f64> = soft.iter().map(|constraint| weight(constraint, &counted)).collect();
    let crowd = |(index, node): (usize, &&NodeInfo)| {
        (!is_ignored(node)).then(|| crowd(&soft, &weights, node, index))
    };
    let raw: Vec<Option<i64>> = nodes.iter().enumerate().map(crowd).collect();
    let most = raw.iter().flatten().copied().max().unwrap_or(0);
    let least = raw.iter().flatten().copied().min().unwrap_or(0);
    let normalized = |score: i64| match most {
        0 => SCORE_MAX,
        most => SCORE_MAX * (most + least - score) / most,
    };
    raw.into_iter().map(|score| score.map_or(0, normalized)).collect()
}

// The more domains, the more a Pod weighs (`topologyNormalizingWeight`).
fn weight(constraint: &Soft, counted: &[&NodeInfo]) -> f64 {
    let size = match constraint.key.as_str() {
        HOSTNAME => counted.len(),
        key => counted.iter().filter_map(|n| n.domain(key)).collect::<BTreeSet<_>>().len(),
    };
    ((size + 2) as f64).ln()
}

// `scoreForCount` over all constraints.
fn crowd(soft: &[Soft], weights: &[f64], node: &NodeInfo, index: usize) -> i64 {
    let score = soft.iter().zip(weights).filter_map(|(constraint, weight)| {
        let here = constraint.counts.get(node.domain(&constraint.key)?, index);
        Some(here as f64 * weight + (constraint.skew_max - 1) as f64)
    });
    score.sum::<f64>().round() as i64
}

fn own(lister: Lister<'_>, pod: &Object) -> Vec<Soft> {
    let soft = |constraint: &Value| {
        let counted = Constraint::count(lister, pod, constraint, &[key_of(constraint)]);
        let counts = Counts(counted.counts.into_iter().collect());
        Soft { key: counted.key, skew_max: counted.skew_max, counts }
    };
    constraints(pod, "ScheduleAnyway").into_iter().map(soft).collect()
}

// `systemDefaultConstraints`, for Pods that a controller or a Service holds together.
fn system_defaults(lister: Lister<'_>, pod: &Object, nodes: &[&NodeInfo]) -> Vec<Soft> {
    let selectors = match pod.controller() {
        Some(_) => Vec::new(),
        None => service_selectors(lister, pod),
    };
    if pod.controller().is_none() && selectors.is_empty() {
        return Vec::new();
    }
    let (mut hosts, mut zones) = (Counts::default(), Counts::default());
    let is_zoned = nodes.iter().any(|info| info.domain(ZONE).is_some());
    let all = if is_zoned { NodeInfo::all(lister) } else { Vec::new() };
    let mut count = |info: &NodeInfo| {
        let siblings = siblings(lister, pod, &selectors, info);
        for (key, counts) in [(HOSTNAME, &mut hosts), (ZONE, &mut zones)] {
            if let Some(domain) = info.domain(key) {
                counts.add(domain, siblings);
            }
        }
    };
    match is_zoned {
        true => all.iter().for_each(count),
        false => nodes.iter().for_each(|info| count(info)),
    }
    vec![
        Soft { key: HOSTNAME.into(), skew_max: 3, counts: hosts },
        Soft { key: ZONE.into(), skew_max: 5, counts: zones },
    ]
}

// The Services that a Pod without a controller belongs to (`DefaultSelector`).
fn service_selectors<'a>(lister: Lister<'a>, pod: &Object) -> Vec<&'a Value> {
    let all = lister.all(Kind::Service).filter(|service| service.namespace() == pod.namespace());
    all.map(|service| service.spec().get("selector"))
        .filter(|selector| holds(selector, pod))
        .collect()
}

fn holds(selector: &Value, pod: &Object) -> bool {
    let mut pairs = selector.entries().peekable();
    pairs.peek().is_some() && pairs.all(|(key, value)| pod.label(key) == value.as_str())
}

fn siblings(lister: Lister<'_>, pod: &Object, selectors: &[&Value], info: &NodeInfo) -> i64 {
    if let Some(owner) = pod.controller() {
        let count = info.pods.and_then(|n| n.controllers.get(owner.uid()));
        return count.map_or(0, |count| i64::from(*count));
    }
    let there = lister.pods_on_node(info.node.name()).filter(|other| {
        other.namespace() == pod.namespace()
            && !other.is_terminating()
            && selectors.iter().all(|selector| holds(selector, other))
    });
    there.count() as i64
}
