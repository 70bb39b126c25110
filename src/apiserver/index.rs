//! Pods by node and by claim, kept up to date with every write.
//!
//! Models the indexers of `client-go` informers and the scheduler's node cache
//! (`pkg/scheduler/backend/cache`), so that a change of one Pod never costs a look at all.

use imbl::{OrdMap, OrdSet};

use crate::api::object::{Object, ObjectKey};
use crate::api::pod::{claim_of, is_terminal};
use crate::api::pod_requests::{amount, nonzero_requests, pod_requests};
use crate::api::scheme::Kind;
use crate::api::value::EcoString;

/// Where Pods are and which claims they use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PodIndex {
    nodes: OrdMap<EcoString, NodePods>,
    claims: OrdMap<(EcoString, EcoString), OrdSet<ObjectKey>>,
    anti_affine: OrdSet<ObjectKey>,
    nominated: OrdSet<ObjectKey>,
    unplaced: OrdMap<Obstacle, OrdSet<ObjectKey>>,
}

/// What the scheduler found against a Pod that it could not place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obstacle {
    /// Its claims: nodes were not even looked at.
    Claims,
    /// Every node had something against it.
    Nodes,
}

/// The Pods of one node; those of node "" have none yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NodePods {
    /// All of them, ended ones too.
    pub pods: OrdSet<ObjectKey>,
    /// How many have not ended.
    pub active_count: i64,
    /// CPU that those which have not ended ask for, in thousandths.
    pub milli_cpu: i64,
    /// Memory that they ask for, in bytes.
    pub memory: i64,
    /// CPU and memory that they count for where nodes are compared (`nonzero_requests`).
    pub nonzero: (i64, i64),
    /// How many of them that are not being deleted each controller has, by its uid.
    pub controllers: OrdMap<EcoString, u32>,
}

/// Names of the claims that a Pod uses, those of ephemeral volumes included.
pub fn claim_names(pod: &Object) -> Vec<EcoString> {
    let volumes = pod.spec().get("volumes").items().iter();
    volumes.filter_map(|volume| claim_of(pod, volume)).collect()
}

/// Whether a Pod keeps other Pods away from its node or zone.
pub fn has_required_anti_affinity(pod: &Object) -> bool {
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    !pod.path(&["spec", "affinity", "podAntiAffinity", required]).items().is_empty()
}

fn is_nominated(pod: &Object) -> bool {
    pod.spec().get("nodeName").str().is_empty()
        && !pod.status().get("nominatedNodeName").str().is_empty()
}

/// The message of the condition PodScheduled, if it is false.
pub fn unschedulable_message(pod: &Object) -> Option<&str> {
    let conditions = pod.status().get("conditions").items().iter();
    let mut scheduled = conditions.filter(|c| c.get("type").str() == "PodScheduled");
    let condition = scheduled.next().filter(|c| c.get("status").str() == "False")?;
    Some(condition.get("message").str())
}

fn obstacle(pod: &Object) -> Option<Obstacle> {
    if !pod.spec().get("nodeName").str().is_empty() {
        return None;
    }
    // The scheduler's sentences about claims all end so.
    match unschedulable_message(pod)?.ends_with(" not found") {
        true => Some(Obstacle::Claims),
        false => Some(Obstacle::Nodes),
    }
}

impl PodIndex {
    /// The Pods of a node, "" for those without one.
    pub fn on_node(&self, node: &str) -> Option<&NodePods> {
        self.nodes.get(node)
    }

    /// The Pods that use a claim.
    pub fn of_claim(&self, namespace: &str, claim: &str) -> impl Iterator<Item = &ObjectKey> {
        let key = (EcoString::from(namespace), EcoString::from(claim));
        self.claims.get(&key).into_iter().flatten()
    }

    /// The Pods with required anti-affinity.
    pub fn anti_affine(&self) -> impl Iterator<Item = &ObjectKey> {
        self.anti_affine.iter()
    }

    /// The Pods without a node that have one in view (`status.nominatedNodeName`).
    pub fn nominated(&self) -> impl Iterator<Item = &ObjectKey> {
        self.nominated.iter()
    }

    /// The Pods that the scheduler could not place for such a reason.
    pub fn unplaced(&self, obstacle: Obstacle) -> impl Iterator<Item = &ObjectKey> {
        self.unplaced.get(&obstacle).into_iter().flatten()
    }

    /// Takes note that `previous` became `current`.
    pub(super) fn changed(&mut self, previous: Option<&Object>, current: Option<&Object>) {
        let is_pod = |object: &&Object| object.kind == Kind::Pod;
        let (previous, current) = (previous.filter(is_pod), current.filter(is_pod));
        if let (Some(previous), Some(current)) = (previous, current)
            && previous.spec().is_same(current.spec())
            && is_terminal(previous) == is_terminal(current)
            && is_nominated(previous) == is_nominated(current)
            && obstacle(previous) == obstacle(current)
        {
            return;
        }
        if let Some(pod) = previous {
            self.remove(pod);
        }
        if let Some(pod) = current {
            self.insert(pod);
        }
    }

    fn insert(&mut self, pod: &Object) {
        let key = pod.key();
        for claim in claim_names(pod) {
            let users = self.claims.entry((pod.namespace().into(), claim)).or_default();
            users.insert(key.clone());
        }
        if has_required_anti_affinity(pod) {
            self.anti_affine.insert(key.clone());
        }
        if is_nominated(pod) {
            self.nominated.insert(key.clone());
        }
        if let Some(obstacle) = obstacle(pod) {
            self.unplaced.entry(obstacle).or_default().insert(key.clone());
        }
        let node = self.nodes.entry(pod.spec().get("nodeName").str().into()).or_default();
        node.pods.insert(key);
        node.count(pod, 1);
    }

    fn remove(&mut self, pod: &Object) {
        let key = pod.key();
        for claim in claim_names(pod) {
            let claim = (EcoString::from(pod.namespace()), claim);
            let users = self.claims.entry(claim.clone()).or_default();
            users.remove(&key);
            if users.is_empty() {
                self.claims.remove(&claim);
            }
        }
        self.anti_affine.remove(&key);
        self.nominated.remove(&key);
        for obstacle in [Obstacle::Claims, Obstacle::Nodes] {
            let unplaced = self.unplaced.entry(obstacle).or_default();
            unplaced.remove(&key);
            if unplaced.is_empty() {
                self.unplaced.remove(&obstacle);
            }
        }
        let name = EcoString::from(pod.spec().get("nodeName").str());
        let node = self.nodes.entry(name.clone()).or_default();
        node.pods.remove(&key);
        node.count(pod, -1);
        if node.pods.is_empty() {
            self.nodes.remove(&name);
        }
    }
}

impl NodePods {
    fn count(&mut self, pod: &Object, sign: i64) {
        if is_terminal(pod) {
            return;
        }
        let requests = pod_requests(pod.spec());
        self.active_count += sign;
        self.milli_cpu += sign * amount(&requests, "cpu");
        let (cpu, memory) = nonzero_requests(pod.spec());
        self.nonzero.0 += sign * cpu;
        self.nonzero.1 += sign * memory;
        self.memory += sign * amount(&requests, "memory");
        if let Some(controller) = pod.controller().filter(|_| !pod.is_terminating()) {
            let uid = EcoString::from(controller.uid());
            let count = self.controllers.get(&uid).copied().unwrap_or(0);
            match count.saturating_add_signed(sign as i32) {
                0 => self.controllers.remove(&uid),
                count => self.controllers.insert(uid, count),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    fn pod(name: &str, node: &str, phase: &str) -> Object {
        Object::new(
            Kind::Pod,
            value!({
                "metadata": {"name": name, "namespace": "default"},
                "spec": {
                    "nodeName": node,
                    "containers": [{"resources": {"requests": {"cpu": "300m"}}}],
                    "volumes": [{"persistentVolumeClaim": {"claimName": "www"}}],
                },
                "status": {"phase": phase},
            }),
        )
    }

    #[test]
    fn a_pod_moves_with_its_writes() {
        let mut index = PodIndex::default();
        let (waiting, bound) = (pod("a", "", "Pending"), pod("a", "n1", "Running"));
        index.changed(None, Some(&waiting));
        assert_eq!(index.on_node("").map(|n| n.milli_cpu), Some(300));
        index.changed(Some(&waiting), Some(&bound));
        assert!(index.on_node("").is_none());
        let ended = pod("a", "n1", "Succeeded");
        index.changed(Some(&bound), Some(&ended));
        let node = index.on_node("n1");
        assert_eq!(node.map(|n| (n.milli_cpu, n.active_count, n.pods.len())), Some((0, 0, 1)));
        assert_eq!(index.of_claim("default", "www").count(), 1);
        index.changed(Some(&ended), None);
        assert_eq!(index, PodIndex::default());
    }
}
