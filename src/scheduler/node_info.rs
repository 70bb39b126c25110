//! A node as the scheduler sees it.
//!
//! Models `NodeInfo` of `pkg/scheduler/framework`. What a node itself says is worked out once for
//! each version of it.

use std::cell::RefCell;
use std::rc::Rc;

use crate::api::memory::Memory;
use crate::api::object::Object;
use crate::api::pod_requests::{ResourceList, resource_list};
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::apiserver::index::NodePods;
use crate::client::Lister;

/// A node with the Pods on it.
pub struct NodeInfo<'a> {
    /// The node.
    pub node: &'a Object,
    /// What it says.
    pub facts: Rc<Facts>,
    /// The Pods on it, if there are any.
    pub pods: Option<&'a NodePods>,
}

/// What a node says about itself.
pub struct Facts {
    /// Its name.
    pub name: EcoString,
    /// Its name as a topology domain.
    pub hostname: Option<EcoString>,
    /// Its zone.
    pub zone: Option<EcoString>,
    /// Whether it is cordoned.
    pub is_cordoned: bool,
    /// Taints that keep Pods away.
    pub repelling: Vec<Value>,
    /// Taints that only advise against it (`PreferNoSchedule`).
    pub advising: Vec<Value>,
    /// What Pods may have of it.
    pub allocatable: ResourceList,
    /// How many Pods it takes, if it says so.
    pub pods_max: Option<i64>,
    /// Its CPU in thousandths and memory in bytes, of `allocatable`.
    pub size: (i64, i64),
}

/// The label by which each node is a domain of its own.
pub const HOSTNAME: &str = "kubernetes.io/hostname";
/// The label that names a node's zone.
pub const ZONE: &str = "topology.kubernetes.io/zone";

/// How many nodes are remembered.
const FACTS_MAX: usize = 512;

thread_local! {
    static KNOWN: RefCell<Memory<Facts>> = const { RefCell::new(Memory::new(FACTS_MAX)) };
}

impl<'a> NodeInfo<'a> {
    /// What is known of a node.
    pub fn of(lister: Lister<'a>, node: &'a Object) -> Self {
        let facts = KNOWN.with_borrow_mut(|known| known.of(&node.value, || Facts::of(node)));
        let pods = lister.pod_index().on_node(&facts.name);
        NodeInfo { node, facts, pods }
    }

    /// The same of all nodes, by name.
    pub fn all(lister: Lister<'a>) -> Vec<Self> {
        lister.all(Kind::Node).map(|node| NodeInfo::of(lister, node)).collect()
    }

    /// Its domain in the topology of this key.
    pub fn domain(&self, key: &str) -> Option<&str> {
        match key {
            HOSTNAME => self.facts.hostname.as_deref(),
            ZONE => self.facts.zone.as_deref(),
            other => self.node.label(other),
        }
    }
}

impl Facts {
    fn of(node: &Object) -> Self {
        let taints = node.spec().get("taints").items().iter().cloned();
        let (advising, repelling) =
            taints.partition(|taint| taint.get("effect").str() == "PreferNoSchedule");
        let allocatable = resource_list(node.status().get("allocatable"));
        let total = |name: &str| allocatable.get(name).copied().unwrap_or_default();
        let label = |key: &str| node.metadata().get("labels").as_object()?.get(key);
        Facts {
            name: node.metadata().get("name").text(),
            hostname: label(HOSTNAME).map(Value::text),
            zone: label(ZONE).map(Value::text),
            is_cordoned: node.spec().get("unschedulable").is_true(),
            repelling,
            advising,
            pods_max: allocatable.get("pods").map(|pods| pods.units()),
            size: (total("cpu").milli(), total("memory").units()),
            allocatable,
        }
    }
}
