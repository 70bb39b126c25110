//! One node: its images, addresses and the Pods on it.

use std::rc::Rc;

use imbl::{OrdMap, OrdSet};

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::client::Lister;

use crate::script::files::Tree;

use super::image::{Family, root};
use super::worker::Worker;
use crate::api::image_reference::Reference;

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// What all its Pods share.
    pub shared: Shared,
    /// The Pods by uid.
    pub workers: OrdMap<EcoString, Rc<Worker>>,
}

/// What the Pods of a node share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shared {
    /// The node's name.
    pub name: EcoString,
    /// Whether it has power.
    pub powered: bool,
    /// First three bytes of its Pods' addresses, with a final dot: `10.244.1.`
    prefix: EcoString,
    next_host: u32,
    images: OrdSet<Reference>,
    // File systems of images, once somebody has looked at one of that kind.
    families: OrdMap<Family, Option<Tree>>,
    // The files of service accounts by namespace.
    tokens: OrdMap<EcoString, Tree>,
    // Until when the image service is busy: pulls go one after another.
    pull_free: Time,
    // When in each second the runtime is looked at.
    relist_phase: i64,
}

/// How often the kubelet looks at the runtime's containers (generic PLEG).
const RELIST_PERIOD: i64 = 1_000_000;

impl Node {
    /// A node without Pods.
    pub fn new(name: &str, lister: Lister<'_>, relist_phase: u64) -> Self {
        let object = lister.find(Kind::Node, "", name);
        let shared = Shared {
            name: name.into(),
            powered: true,
            prefix: pod_prefix(name, object),
            next_host: 2,
            images: OrdSet::new(),
            families: OrdMap::new(),
            tokens: OrdMap::new(),
            pull_free: Time::default(),
            relist_phase: relist_phase as i64 % RELIST_PERIOD,
        };
        Node { shared, workers: OrdMap::new() }
    }
}

fn pod_prefix(name: &str, object: Option<&Object>) -> EcoString {
    let cidr = object.map_or("", |node| node.path(&["spec", "podCIDR"]).str());
    match cidr.rfind('.') {
        Some(at) => cidr[..=at].into(),
        None => {
            let digits: String = name.chars().filter(char::is_ascii_digit).collect();
            format!("10.244.{}.", digits.parse::<u8>().unwrap_or(0)).into()
        }
    }
}

impl Shared {
    /// The next Pod address. One is used again only after all others.
    pub fn next_address(&mut self) -> EcoString {
        let address = format!("{}{}", self.prefix, self.next_host).into();
        self.next_host = if self.next_host >= 254 { 2 } else { self.next_host + 1 };
        address
    }

    /// When the kubelet sees what happened in the runtime at `time`.
    pub fn relist_after(&self, time: Time) -> Time {
        let since = (time.0 - self.relist_phase).rem_euclid(RELIST_PERIOD);
        Time(time.0 + RELIST_PERIOD - since)
    }

    /// Whether an image is there.
    pub fn has_image(&self, reference: &Reference) -> bool {
        self.images.contains(reference)
    }

    /// Whether layers of such images are there.
    pub fn has_layers(&self, family: Family) -> bool {
        self.families.contains_key(&family)
    }

    /// Keeps an image.
    pub fn keep_image(&mut self, reference: Reference, family: Family) {
        self.images.insert(reference);
        self.families.entry(family).or_default();
    }

    /// The images that are there.
    pub fn images(&self) -> impl Iterator<Item = &Reference> {
        self.images.iter()
    }

    /// The file system of an image.
    pub fn root(&mut self, family: Family) -> Tree {
        let kept = self.families.entry(family).or_default();
        kept.get_or_insert_with(|| root::tree(family)).clone()
    }

    /// The files of a namespace's service accounts, made by `make` the first time.
    pub fn token(&mut self, namespace: &str, make: impl FnOnce() -> Tree) -> Tree {
        self.tokens.entry(namespace.into()).or_insert_with(make).clone()
    }

    /// Takes the image service for `span`, after those who came before; when it is done.
    pub fn queue_pull(&mut self, now: Time, span: Duration) -> Time {
        self.pull_free = self.pull_free.max(now).after(span);
        self.pull_free
    }
}

/// The node's own address.
pub fn host_ip<'a>(lister: Lister<'a>, node: &str) -> &'a str {
    let addresses = lister.find(Kind::Node, "", node).map(|n| n.path(&["status", "addresses"]));
    let items = addresses.map_or(&[][..], |addresses| addresses.items());
    let internal = items.iter().find(|a| a.get("type").str() == "InternalIP");
    internal.map_or("", |address| address.get("address").str())
}
