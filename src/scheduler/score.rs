//! Which of the possible nodes is best.
//!
//! Models the score plugins of `pkg/scheduler/framework/plugins` with their default weights:
//! TaintToleration 3, NodeAffinity 2, PodTopologySpread 2, InterPodAffinity 2,
//! NodeResourcesFit (least allocated) 1. Left out: balanced allocation, and image locality, which
//! asks for images of 23 MB that no image here has. Upstream draws among equals; the recorded
//! cluster took the first in the order of its nodes in five cases of six, and so do we always.

use crate::api::object::Object;
use crate::api::placement::tolerates;
use crate::api::selector::term_matches;
use crate::api::value::Value;
use crate::client::Lister;

use super::affinity::Preferences;
use super::filter::Cycle;
use super::node_info::NodeInfo;
use super::spread;

const SCORE_MAX: i64 = 100;

/// The best node of `feasible`, which is not empty; with one node there is nothing to choose.
pub fn best<'a>(
    lister: Lister<'a>,
    cycle: &Cycle,
    feasible: &[&NodeInfo<'a>],
) -> Option<&'a Object> {
    if let [only] = feasible {
        return Some(only.node);
    }
    let pod = cycle.pod;
    let per_node = |score: &dyn Fn(&NodeInfo) -> i64| -> Vec<i64> {
        feasible.iter().map(|info| score(info)).collect()
    };
    let (wishes, preferences) = (wishes(pod), Preferences::of(pod));
    let plugins = [
        (3, reversed(per_node(&|info| intolerable(pod, info)))),
        (2, normalized(per_node(&|info| preferred(wishes, info.node)))),
        (2, spread::scores(lister, pod, feasible)),
        (2, spanned(per_node(&|info| preferences.score(lister, info.node)))),
        (1, per_node(&|info| least_allocated(cycle, info))),
    ];
    let total = |i: usize| -> i64 { plugins.iter().map(|(w, scores)| w * scores[i]).sum() };
    let ranked = feasible.iter().enumerate().rev().max_by_key(|(i, _)| total(*i));
    ranked.map(|(_, info)| info.node)
}

// Taints of effect PreferNoSchedule that the Pod does not tolerate.
fn intolerable(pod: &Object, info: &NodeInfo) -> i64 {
    info.facts.advising.iter().filter(|taint| !tolerates(pod, taint)).count() as i64
}

// What a Pod prefers of nodes.
fn wishes(pod: &Object) -> &[Value] {
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    pod.path(&["spec", "affinity", "nodeAffinity", preferred]).items()
}

fn preferred(wishes: &[Value], node: &Object) -> i64 {
    let holding = wishes.iter().filter(|term| term_matches(term.get("preference"), node));
    holding.map(|term| term.get("weight").as_i64().unwrap_or(0)).sum()
}

fn least_allocated(cycle: &Cycle, info: &NodeInfo) -> i64 {
    let used = info.pods.map_or((0, 0), |pods| pods.nonzero);
    let (asked, size) = (cycle.nonzero, info.facts.size);
    let (cpu, memory) = (free_part(used.0 + asked.0, size.0), free_part(used.1 + asked.1, size.1));
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
