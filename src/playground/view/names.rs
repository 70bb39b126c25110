//! The names panel: what a Pod gets for each name at the shown instant.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::because::clock;
use crate::api::object::Object;
use crate::api::pod::is_running_and_ready;
use crate::api::scheme::Kind;
use crate::client::Lister;
use crate::controller::statefulset::identity;
use crate::dns::ResponseCode;
use crate::dns::pod::ResolvConf;
use crate::dns::resolver::Resolver;
use crate::kubelet::image::Image;
use crate::playground::Playground;

/// The panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamesView {
    /// Names of Services and Pods with their present answers, whatever the cache has kept.
    pub rows: Arc<Vec<NameView>>,
    /// What was typed.
    pub typed: String,
    /// Each question that the typed name leads to.
    pub asked: Arc<Vec<AskedView>>,
    /// Whether the name server has a cache.
    pub has_cache: bool,
    /// The command that would show the same.
    pub command: String,
}

/// A name with its present answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameView {
    /// As one would type it in a Pod of the namespace `default`.
    pub name: String,
    /// Its addresses; empty if there are none.
    pub addresses: Vec<String>,
    /// Whether the name exists.
    pub exists: bool,
    /// Whether the answer is a new one.
    pub just_changed: bool,
    /// Answers that it had before, newest first: since when, and the addresses, "" for none.
    pub past: Vec<(String, String)>,
}

/// Who answered a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// CoreDNS, from the objects (its plugin `kubernetes`).
    CoreDns,
    /// CoreDNS, from what it had kept (its plugin `cache`).
    Cache,
    /// The nodes' name server, to which CoreDNS hands on what it does not know (`forward`).
    Upstream,
}

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedView {
    /// The full name.
    pub name: String,
    /// `A`, `AAAA`
    pub record_type: &'static str,
    /// `NXDOMAIN`, or the addresses.
    pub answer: String,
    /// Whether there was an answer to use.
    pub hit: bool,
    /// Who gave the answer.
    pub server: Server,
    /// If it came from the cache: seconds of its age, seconds left, whether it is out of date.
    pub cached: Option<(u64, u32, bool)>,
}

/// More rows than this are not shown.
const ROWS_MAX: usize = 60;
/// So many former answers of a name are shown.
const PAST_MAX: usize = 3;
/// So many seconds of the clock an answer counts as new: views change with the whole second.
const JUST_SECONDS: i64 = 5;

/// The view of the panel.
pub fn names(playground: &Playground) -> NamesView {
    let lister = playground.session().cluster().lister();
    let rows = answers(lister).map(|(name, answer)| {
        let history = || playground.history().answers(&name, playground.now());
        let changed = history().next().map(|change| change.time);
        // The first answers of all are no change.
        let second = playground.now().seconds();
        let just_changed = changed.is_some_and(|at| second - at.seconds() < JUST_SECONDS)
            && history().nth(1).is_some();
        let past = history().skip(1).take(PAST_MAX).map(|change| {
            let addresses = change.answer.as_ref().map(|addresses| addresses.join(" "));
            (clock(change.time), addresses.unwrap_or_default())
        });
        NameView {
            past: past.collect(),
            just_changed,
            exists: answer.is_some(),
            addresses: answer.unwrap_or_default(),
            name: name.clone(),
        }
    });
    let typed = playground.typed_name().trim();
    NamesView {
        rows: Arc::new(rows.collect()),
        typed: playground.typed_name().into(),
        asked: Arc::new(if typed.is_empty() { Vec::new() } else { asked(playground, typed) }),
        has_cache: playground.session().cluster().kubelets().net().name_cache().is_some(),
        command: match typed {
            "" => String::new(),
            typed => command(lister, typed),
        },
    }
}

// In a Pod whose nslookup finds what other programs find, or in one that is made for it.
fn command(lister: Lister<'_>, name: &str) -> String {
    let searches = |pod: &&Object| {
        let containers = pod.spec().get("containers").items();
        let image = containers.first().and_then(|c| Image::named(c.get("image").str()));
        is_running_and_ready(pod) && image.is_some_and(|image| image.family.nslookup_searches())
    };
    match lister.in_namespace(Kind::Pod, "default").find(searches) {
        Some(pod) => format!("kubectl exec {} -- nslookup {name}", pod.name()),
        None => format!(
            "kubectl run client --rm -i --image=busybox:1.28 --restart=Never -- nslookup {name}"
        ),
    }
}

/// The names that are shown, with their addresses; `None` for a name that does not exist.
pub fn answers(lister: Lister<'_>) -> impl Iterator<Item = (String, Option<Vec<String>>)> {
    candidates(lister).into_iter().take(ROWS_MAX).map(move |name| {
        let mut resolver = Resolver::new(lister, ResolvConf::cluster_first("default"), 0);
        let found = resolver.lookup(&name);
        let exists = resolver.asked().iter().any(|a| a.answer.code == ResponseCode::NoError);
        let mut addresses: Vec<String> = found
            .map(|found| found.addresses.iter().map(|address| address.to_string()).collect())
            .unwrap_or_default();
        addresses.sort();
        (name, exists.then_some(addresses))
    })
}

// Services and the Pods that sets want, in `default` by their short names.
fn candidates(lister: Lister<'_>) -> Vec<String> {
    let qualified = |name: &str, namespace: &str| match namespace {
        "default" => name.to_string(),
        namespace => format!("{name}.{namespace}"),
    };
    let shown = |namespace: &str| !namespace.starts_with("kube-");
    let mut names = Vec::new();
    let mut seen = BTreeSet::new();
    for set in lister.all(Kind::StatefulSet).filter(|set| shown(set.namespace())) {
        let service = set.spec().get("serviceName").str();
        if service.is_empty() {
            continue;
        }
        let start = set.spec().path(&["ordinals", "start"]).as_i64().unwrap_or(0);
        let replicas = set.spec().get("replicas").as_i64().unwrap_or(1).min(ROWS_MAX as i64);
        for ordinal in start..start + replicas {
            let pod = identity::pod_name(set, i32::try_from(ordinal).unwrap_or(i32::MAX));
            names.push(qualified(&format!("{pod}.{service}"), set.namespace()));
        }
        seen.insert((set.namespace(), service));
        names.push(qualified(service, set.namespace()));
    }
    for service in lister.all(Kind::Service).filter(|service| shown(service.namespace())) {
        if !seen.contains(&(service.namespace(), service.name())) {
            names.push(qualified(service.name(), service.namespace()));
        }
    }
    names
}

fn asked(playground: &Playground, typed: &str) -> Vec<AskedView> {
    let cluster = playground.session().cluster();
    // Looking on leaves nothing in the cache.
    let mut cache = cluster.kubelets().net().name_cache().cloned();
    let resolver = Resolver::new(cluster.lister(), ResolvConf::cluster_first("default"), 0);
    let mut resolver = resolver.with_cache(cache.as_mut(), playground.now());
    resolver.lookup(typed);
    let view = |asked: &crate::dns::resolver::Asked| {
        let addresses: Vec<&str> =
            asked.answer.addresses().map(|(_, address)| address.as_str()).collect();
        AskedView {
            name: asked.query.name.to_string(),
            record_type: asked.query.record_type.name(),
            hit: !addresses.is_empty(),
            server: match (asked.cached, asked.answer.is_authoritative) {
                (Some(_), _) => Server::Cache,
                (None, true) => Server::CoreDns,
                (None, false) => Server::Upstream,
            },
            cached: asked.cached.map(|c| (c.age.as_secs(), asked.answer.ttl, c.is_stale)),
            answer: match (asked.answer.code, addresses.is_empty()) {
                (ResponseCode::NxDomain, _) => "NXDOMAIN".into(),
                (_, true) => "NODATA".into(),
                (_, false) => addresses.join(", "),
            },
        }
    };
    resolver.asked().iter().map(view).collect()
}
