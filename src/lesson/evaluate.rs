//! Whether a condition holds, and what was seen.

use std::collections::BTreeSet;

use super::compare::Operator;
use super::condition::{Condition, Path, PodsOf, Selection, Subject, Test, Wanted};
use super::state::State;
use crate::api::jsonpath::{self, Options};
use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::dns::pod::ResolvConf;
use crate::dns::resolver::Resolver;
use crate::kubelet::disks::{self, DiskKey, Place};
use crate::script::files::FileSystem;
use crate::shell::session::Session;

/// What was seen of what a condition asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The object is not there.
    NoObject(ObjectKey),
    /// It is.
    Object(ObjectKey),
    /// A field, and what is in it.
    Field(ObjectKey, EcoString, Option<EcoString>),
    /// No object has these labels.
    NoneSelected(Kind, EcoString),
    /// So many objects comply.
    Count(Kind, EcoString, u32),
    /// So many Pods are there, or Ready.
    Pods {
        /// The set's name, or the labels.
        whose: EcoString,
        /// Whether only Ready ones count.
        ready: bool,
        /// How many.
        found: u32,
    },
    /// The object is still the one of the start.
    Same(ObjectKey),
    /// Another one has taken its place.
    Other(ObjectKey),
    /// The claim has no volume whose files could be looked at.
    NoVolume(EcoString),
    /// A file on a claim's volume, and what is in it.
    File(EcoString, EcoString, Option<EcoString>),
    /// What a name leads to: Pods, else addresses.
    Name(EcoString, Vec<EcoString>),
}

/// Where a condition looks.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The objects at the instant.
    pub state: &'a State,
    /// The objects at the start.
    pub start: &'a State,
    /// Disks and name server.
    pub session: &'a Session,
}

/// Longer values are cut in findings.
const SHOWN_MAX: usize = 200;

/// Whether `condition` holds, and what was seen of it.
pub fn evaluate(condition: &Condition, view: View) -> (bool, Finding) {
    match condition {
        Condition::State(Subject::One(key), test) => one(key, view.state.get(key), test),
        Condition::State(Subject::Every(among), test) => every(among, test, view.state),
        Condition::Count { among, test, number } => {
            let complies = |object: &&Object| {
                test.as_ref().is_none_or(|t| one(&object.key(), Some(object), t).0)
            };
            let found = selected(among, view.state).filter(complies).count();
            let finding = Finding::Count(among.kind, among.text.clone(), found as u32);
            (number.holds(Some(&found.to_string())), finding)
        }
        Condition::Pods { of, ready, number } => {
            let counts = |pod: &&Object| !ready || is_serving(pod);
            let (whose, found) = match of {
                PodsOf::Set(set) => (&set.name, pods_of(view.state, set).filter(counts).count()),
                PodsOf::Selected(among) => {
                    (&among.text, selected(among, view.state).filter(counts).count())
                }
            };
            let finding =
                Finding::Pods { whose: whose.clone(), ready: *ready, found: found as u32 };
            (number.holds(Some(&found.to_string())), finding)
        }
        Condition::Replaced(key) => {
            let (same, finding) = identity(key, view);
            (same == Some(false), finding)
        }
        Condition::Kept(key) => {
            let (same, finding) = identity(key, view);
            (same == Some(true), finding)
        }
        Condition::Data { claim, path, operator } => data(claim, path, operator, view),
        Condition::Dns { name, answer } => dns(name, answer, view.session),
        Condition::All(parts) => several(parts, view, false),
        Condition::Any(parts) => several(parts, view, true),
        Condition::Not(inner) => {
            let (holds, finding) = evaluate(inner, view);
            (!holds, finding)
        }
    }
}

// The first part that decides, else the last one.
fn several(parts: &[Condition], view: View, decides: bool) -> (bool, Finding) {
    let mut last = None;
    for part in parts {
        let (holds, finding) = evaluate(part, view);
        if holds == decides {
            return (decides, finding);
        }
        last = Some(finding);
    }
    let nothing = || Finding::NoneSelected(Kind::Pod, EcoString::new());
    (!decides, last.unwrap_or_else(nothing))
}

fn one(key: &ObjectKey, object: Option<&Object>, test: &Test) -> (bool, Finding) {
    let Some(path) = &test.path else {
        let found = object.map(|_| "");
        let finding = match object {
            Some(_) => Finding::Object(key.clone()),
            None => Finding::NoObject(key.clone()),
        };
        return (test.operator.holds(found), finding);
    };
    let found = object.and_then(|object| value_at(object, path));
    let holds = test.operator.holds(found.as_deref());
    match object {
        Some(_) => (holds, Finding::Field(key.clone(), path.text.clone(), found.map(cut))),
        // Nothing can be said of an object that is not there, but that a field is absent.
        None => {
            let holds = holds && matches!(test.operator, Operator::Absent);
            (holds, Finding::NoObject(key.clone()))
        }
    }
}

fn every(among: &Selection, test: &Test, state: &State) -> (bool, Finding) {
    let mut last = None;
    for object in selected(among, state) {
        let (holds, finding) = one(&object.key(), Some(object), test);
        if !holds {
            return (false, finding);
        }
        last = Some(finding);
    }
    match last {
        Some(finding) => (true, finding),
        None => {
            let is_absent = test.path.is_none() && test.operator == Operator::Absent;
            (is_absent, Finding::NoneSelected(among.kind, among.text.clone()))
        }
    }
}

/// What a JSONPath finds in an object, as text; nothing if there is nothing.
pub fn value_at(object: &Object, path: &Path) -> Option<EcoString> {
    let found = path.template.find(&object.value, Options::default()).ok()?;
    let texts: Vec<String> =
        found.iter().flatten().filter(|v| !v.is_null()).map(jsonpath::text).collect();
    (!texts.is_empty()).then(|| texts.join(" ").into())
}

fn cut(text: EcoString) -> EcoString {
    match text.chars().count() > SHOWN_MAX {
        true => text.chars().take(SHOWN_MAX).chain(['…']).collect::<String>().into(),
        false => text,
    }
}

/// The objects of a selection.
pub fn selected<'a>(among: &'a Selection, state: &'a State) -> impl Iterator<Item = &'a Object> {
    let objects = state.list(among.kind, &among.namespace);
    objects.filter(|object| among.labels.matches(object.labels()))
}

/// The Pods that a StatefulSet of this name controls.
pub fn pods_of<'a>(state: &'a State, set: &'a ObjectKey) -> impl Iterator<Item = &'a Object> {
    state.list(Kind::Pod, &set.namespace).filter(move |pod| belongs_to(pod, set))
}

/// Whether a Pod is controlled by a StatefulSet of this name.
pub fn belongs_to(pod: &Object, set: &ObjectKey) -> bool {
    let owner = pod.controller();
    owner.is_some_and(|owner| owner.kind() == "StatefulSet" && owner.name() == set.name)
}

/// Whether a Pod is Ready and not being deleted.
pub fn is_serving(pod: &Object) -> bool {
    !pod.is_terminating() && is_ready(pod)
}

/// Whether a Pod is Ready.
pub fn is_ready(pod: &Object) -> bool {
    let conditions = pod.path(&["status", "conditions"]).items();
    let is_true = |c: &Value| c.get("type").str() == "Ready" && c.get("status").str() == "True";
    conditions.iter().any(is_true)
}

// Whether the object is the one of the start, if it is there.
fn identity(key: &ObjectKey, view: View) -> (Option<bool>, Finding) {
    let Some(object) = view.state.get(key) else {
        return (None, Finding::NoObject(key.clone()));
    };
    match view.start.get(key).is_some_and(|start| start.uid() == object.uid()) {
        true => (Some(true), Finding::Same(key.clone())),
        false => (Some(false), Finding::Other(key.clone())),
    }
}

fn data(claim: &ObjectKey, path: &str, operator: &Operator, view: View) -> (bool, Finding) {
    let volume = view.state.get(claim).and_then(|object| {
        let name = object.path(&["spec", "volumeName"]).str();
        view.state.get(&ObjectKey::new(Kind::PersistentVolume, "", name))
    });
    let Some(volume) = volume else {
        let holds = *operator == Operator::Absent;
        return (holds, Finding::NoVolume(claim.name.clone()));
    };
    let places = places(claim, volume, view);
    let disks = view.session.cluster().kubelets().disks();
    let read = |place: &Place| {
        let path = format!("{}{path}", place.path.trim_end_matches('/'));
        let bytes = disks.get(&place.disk)?.read(&path).ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Some(EcoString::from(text.strip_suffix('\n').unwrap_or(&text)))
    };
    let found = places.iter().find_map(read);
    let holds = operator.holds(found.as_deref());
    (holds, Finding::File(claim.name.clone(), path.into(), found.map(cut)))
}

// A volume on a node's disk is on the node that uses it, else on any on which the path exists.
fn places(claim: &ObjectKey, volume: &Object, view: View) -> Vec<Place> {
    let source = volume.spec();
    let Some(node) = disks::node_of(volume) else {
        let mounts = |pod: &&Object| {
            let volumes = pod.spec().get("volumes").items().iter();
            let mut names = volumes.map(|v| v.path(&["persistentVolumeClaim", "claimName"]).str());
            names.any(|name| name == claim.name)
        };
        let pods = view.state.list(Kind::Pod, &claim.namespace).filter(mounts);
        let used = pods.map(|pod| pod.spec().get("nodeName").str().to_string());
        let nodes = view.state.list(Kind::Node, "").map(|node| node.name().to_string());
        let nodes: Vec<String> = used.filter(|node| !node.is_empty()).chain(nodes).collect();
        let place = |node: &String| disks::place(source, node);
        let mut places: Vec<Place> = nodes.iter().filter_map(place).collect();
        if places.iter().any(|place| !matches!(place.disk, DiskKey::Node(_))) {
            places.truncate(1);
        }
        return places;
    };
    disks::place(source, node).into_iter().collect()
}

fn dns(name: &str, answer: &Wanted, session: &Session) -> (bool, Finding) {
    let found = lookup(name, session);
    let addresses: BTreeSet<EcoString> = found.iter().flatten().cloned().collect();
    let holds = match answer {
        Wanted::Address(exists) => addresses.is_empty() != *exists,
        Wanted::Pods(pods) => {
            let lister = session.cluster().lister();
            let address = |pod: &EcoString| {
                let pod = lister.find(Kind::Pod, "default", pod)?;
                let address = pod.status().get("podIP").str();
                (!address.is_empty()).then(|| EcoString::from(address))
            };
            let wanted: Option<BTreeSet<EcoString>> = pods.iter().map(address).collect();
            wanted.is_some_and(|wanted| wanted == addresses)
        }
    };
    (holds, Finding::Name(name.into(), named(addresses, session)))
}

/// The addresses that a name leads to, asked from a Pod of the namespace `default`; nothing if
/// there is no such name.
pub fn lookup(name: &str, session: &Session) -> Option<Vec<EcoString>> {
    let mut resolver =
        Resolver::new(session.cluster().lister(), ResolvConf::cluster_first("default"), 0);
    let found = resolver.lookup(name).map(|found| found.addresses);
    let exists =
        resolver.asked().iter().any(|asked| asked.answer.code == crate::dns::ResponseCode::NoError);
    found.or(exists.then(Vec::new))
}

/// Addresses as the names of the Pods that have them, where there are such.
pub fn named(addresses: BTreeSet<EcoString>, session: &Session) -> Vec<EcoString> {
    let lister = session.cluster().lister();
    let name = |address: EcoString| {
        let mut pods = lister.all(Kind::Pod);
        let pod = pods.find(|pod| pod.status().get("podIP").str() == address);
        pod.map_or(address, |pod| pod.name().into())
    };
    let mut names: Vec<EcoString> = addresses.into_iter().map(name).collect();
    names.sort();
    names
}
