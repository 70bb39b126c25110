//! Pods that want to be near or far from other Pods.
//!
//! Models `pkg/scheduler/framework/plugins/interpodaffinity` (filtering.go).

use std::collections::BTreeSet;

use crate::api::object::Object;
use crate::api::pod::is_terminal;
use crate::api::scheme::Kind;
use crate::api::selector::selector_matches;
use crate::api::value::{EcoString, Value};
use crate::client::Lister;
use crate::controller::reason::scheduler::NodeReason;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

// A topology key with a value.
type Domain = (EcoString, EcoString);

/// What required affinity means for one Pod.
pub struct Affinity {
    // Topology keys of the Pod's affinity, and the domains that each may be in; `None` if the
    // Pod is the first of its kind and may be anywhere that has the keys.
    wanted_keys: Vec<EcoString>,
    wanted: Option<BTreeSet<Domain>>,
    avoided: BTreeSet<Domain>,
    avoiding: BTreeSet<Domain>,
}

impl Affinity {
    /// Gathers the domains; Pods without affinity in a cluster without anti-affinity cost
    /// nothing.
    pub fn of(lister: Lister<'_>, pod: &Object) -> Self {
        let affinity = terms(pod, "podAffinity", REQUIRED);
        let anti = terms(pod, "podAntiAffinity", REQUIRED);
        let mut wanted = BTreeSet::new();
        let mut avoided = BTreeSet::new();
        if !affinity.is_empty() || !anti.is_empty() {
            for (other, node) in placed(lister) {
                if !affinity.is_empty()
                    && affinity.iter().all(|t| term_matches(lister, t, pod, other))
                {
                    wanted.extend(affinity.iter().filter_map(|t| domain(t, node)));
                }
                let matching = anti.iter().filter(|t| term_matches(lister, t, pod, other));
                avoided.extend(matching.filter_map(|t| domain(t, node)));
            }
        }
        // The first Pod of a group that wants to be together may go anywhere.
        let is_first =
            wanted.is_empty() && affinity.iter().all(|t| term_matches(lister, t, pod, pod));
        Affinity {
            wanted_keys: affinity.iter().map(|t| topology_key(t)).collect(),
            wanted: (!is_first).then_some(wanted),
            avoided,
            avoiding: avoiding(lister, pod),
        }
    }
}

/// What affinity has against a node.
pub fn filter(affinity: &Affinity, node: &Object) -> Option<NodeReason> {
    let here = |domain: &Domain| node.label(&domain.0) == Some(domain.1.as_str());
    let near = affinity.wanted_keys.iter().all(|key| {
        let value = node.label(key);
        let is_wanted = |value: &str| {
            affinity.wanted.as_ref().is_none_or(|w| w.contains(&(key.clone(), value.into())))
        };
        value.is_some_and(is_wanted)
    });
    if !near {
        Some(NodeReason::PodAffinity)
    } else if affinity.avoided.iter().any(here) {
        Some(NodeReason::PodAntiAffinity)
    } else if affinity.avoiding.iter().any(here) {
        Some(NodeReason::ExistingAntiAffinity)
    } else {
        None
    }
}

fn terms<'a>(pod: &'a Object, kind: &str, strength: &str) -> Vec<&'a Value> {
    pod.path(&["spec", "affinity", kind, strength]).items().iter().collect()
}

fn topology_key(term: &Value) -> EcoString {
    term.get("topologyKey").str().into()
}

fn domain(term: &Value, node: &Object) -> Option<Domain> {
    let key = topology_key(term);
    let value = node.label(&key)?.into();
    Some((key, value))
}

// Every Pod that runs somewhere, with its node.
fn placed<'a>(lister: Lister<'a>) -> impl Iterator<Item = (&'a Object, &'a Object)> {
    lister.all(Kind::Node).flat_map(move |node| {
        let pods = lister.pods_on_node(node.name()).filter(|pod| !is_terminal(pod));
        pods.map(move |pod| (pod, node))
    })
}

// The domains that running Pods keep to themselves.
fn avoiding(lister: Lister<'_>, pod: &Object) -> BTreeSet<Domain> {
    let mut domains = BTreeSet::new();
    let others = lister.pod_index().anti_affine().filter_map(|key| lister.get(key));
    for other in others.filter(|other| other.uid() != pod.uid() && !is_terminal(other)) {
        let Some(node) = lister.find(Kind::Node, "", other.spec().get("nodeName").str()) else {
            continue;
        };
        let terms = terms(other, "podAntiAffinity", REQUIRED);
        let matching = terms.into_iter().filter(|t| term_matches(lister, t, other, pod));
        domains.extend(matching.filter_map(|t| domain(t, node)));
    }
    domains
}

// Whether a term of `owner` is about `other`.
fn term_matches(lister: Lister<'_>, term: &Value, owner: &Object, other: &Object) -> bool {
    in_namespaces(lister, term, owner, other.namespace())
        && selector_matches(term.get("labelSelector"), other.labels())
        && keys_agree(term.get("matchLabelKeys"), owner, other, true)
        && keys_agree(term.get("mismatchLabelKeys"), owner, other, false)
}

fn keys_agree(keys: &Value, owner: &Object, other: &Object, agree: bool) -> bool {
    let mut labels = keys.items().iter().filter(|key| owner.label(key.str()).is_some());
    labels.all(|key| (owner.label(key.str()) == other.label(key.str())) == agree)
}

fn in_namespaces(lister: Lister<'_>, term: &Value, owner: &Object, namespace: &str) -> bool {
    let listed = term.get("namespaces").items();
    let selector = term.get("namespaceSelector");
    if listed.is_empty() && selector.is_null() {
        return owner.namespace() == namespace;
    }
    let selected = || {
        let object = lister.find(Kind::Namespace, "", namespace);
        object.is_some_and(|object| selector_matches(selector, object.labels()))
    };
    listed.iter().any(|n| n.str() == namespace) || selected()
}

/// Preferred affinity and anti-affinity of a Pod.
pub struct Preferences<'a> {
    pod: &'a Object,
    // With what a Pod nearby counts for.
    terms: Vec<(&'a Value, i64)>,
}

impl<'a> Preferences<'a> {
    /// What a Pod prefers.
    pub fn of(pod: &'a Object) -> Self {
        let weighted = |kind, sign: i64| {
            let weight = move |term: &Value| sign * term.get("weight").as_i64().unwrap_or(0);
            let terms = terms(pod, kind, PREFERRED).into_iter();
            terms.map(move |term| (term.get("podAffinityTerm"), weight(term)))
        };
        let terms = weighted("podAffinity", 1).chain(weighted("podAntiAffinity", -1));
        Preferences { pod, terms: terms.collect() }
    }

    /// What they make of a node, by weights (`Score`).
    pub fn score(&self, lister: Lister<'_>, node: &Object) -> i64 {
        let score = |(term, weight): &(&Value, i64)| {
            let Some(here) = domain(term, node) else { return 0 };
            let near = placed(lister).filter(|(other, place)| {
                domain(term, place).as_ref() == Some(&here)
                    && term_matches(lister, term, self.pod, other)
            });
            weight * near.count() as i64
        };
        self.terms.iter().map(score).sum()
    }
}
