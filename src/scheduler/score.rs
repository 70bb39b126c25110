//! Which of the possible nodes is best.
//!
//! Models the score plugins of `pkg/scheduler/framework/plugins` with their default weights:
//! TaintToleration 3, NodeAffinity 2, PodTopologySpread 2, InterPodAffinity 2,
//! NodeResourcesFit (least allocated) 1. Left out: balanced allocation, and image locality, which
//! asks for images of 23 MB that no image here has. Upstream draws among equals; the recorded
//! cluster took the first in the order of its nodes in five cases of six, and so do we always.

use crate::api::object::Object;
use crate::api::placement::tolerates;
use crate::api::pod_requests::known_list;
use crate::api::selector::term_matches;
use crate::client::Lister;

use super::affinity;
use super::filter::Cycle;
use super::spread;

const SCORE_MAX: i64 = 100;

/// The best node of `feasible`, which is not empty; with one node there is nothing to choose.
pub fn best<'a>(lister: Lister<'a>, cycle: &Cycle, feasible: &[&'a Object]) -> Option<&'a Object> {
    if let [only] = feasible {
        return Some(only);
    }
    let pod = cycle.pod;
    let per_node = |score: &dyn Fn(&Object) -> i64| -> Vec<i64> {
        feasible.iter().map(|node| score(node)).collect()
    };
    let plugins = [
        (3, reversed(per_node(&|node| intolerable(pod, node)))),
        (2, normalized(per_node(&|node| preferred(pod, node)))),
        (2, spread::scores(lister, pod, feasible)),
        (2, spanned(per_node(&|node| affinity::preference(lister, pod, node)))),
        (1, per_node(&|node| least_allocated(lister, cycle, node))),
    ];
    let total = |i: usize| -> i64 { plugins.iter().map(|(w, scores)| w * scores[i]).sum() };
    let ranked = feasible.iter().enumerate().rev().max_by_key(|(i, _)| total(*i));
    ranked.map(|(_, node)| *node)
}

// Taints of effect PreferNoSchedule that the Pod does not tolerate.
fn intolerable(pod: &Object, node: &Object) -> i64 {
    let taints = node.spec().get("taints").items().iter();
    let soft = taints.filter(|taint| taint.get("effect").str() == "PreferNoSchedule");
    soft.filter(|taint| !tolerates(pod, taint)).count() as i64
}

fn preferred(pod: &Object, node: &Object) -> i64 {
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    let terms = pod.path(&["spec", "affinity", "nodeAffinity", preferred]).items().iter();
    let holding = terms.filter(|term| term_matches(term.get("preference"), node));
    holding.map(|term| term.get("weight").as_i64().unwrap_or(0)).sum()
}

fn least_allocated(lister: Lister<'_>, cycle: &Cycle, node: &Object) -> i64 {
    let allocatable = known_list(node.status().get("allocatable"));
    let index = lister.pod_index().on_node(node.name());
    let used = index.map_or((0, 0), |pods| pods.nonzero);
    let asked = cycle.nonzero;
    let total = |name: &str| allocatable.get(name).copied().unwrap_or_default();
    let cpu = free_part(used.0 + asked.0, total("cpu").milli());
    let memory = free_part(used.1 + asked.1, total("memory").units());
    (cpu + memory) / 2
}

fn free_part(used: i64, total: i64) -> i64 {
    match total {
        ..=0 => 0,
        total => (total - used).max(0) * SCORE_MAX / total,
    }
}

// DefaultNormalizeScore: the highest becomes 100.
fn normalized(scores: Vec<i64>) -> Vec<i64> {
    let most = scores.iter().copied().max().unwrap_or(0);
    let part = |score: i64| if most > 0 { score * SCORE_MAX / most } else { 0 };
    scores.into_iter().map(part).collect()
}

// The same turned round: the lowest becomes 100.
fn reversed(scores: Vec<i64>) -> Vec<i64> {
    normalized(scores).into_iter().map(|score| SCORE_MAX - score).collect()
}

// From least to most, which may be negative.
fn spanned(scores: Vec<i64>) -> Vec<i64> {
    let least = scores.iter().copied().min().unwrap_or(0);
    normalized(scores.into_iter().map(|score| score - least).collect())
}
