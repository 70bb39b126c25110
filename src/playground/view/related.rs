//! What belongs to the selected object: its owner, claims, volumes, endpoints, and the lines of
//! the shown file that define it.

use std::collections::BTreeSet;

use crate::api::object::{Object, ObjectKey};
use crate::api::pod::parent_name_and_ordinal;
use crate::api::scheme::Kind;
use crate::api::yaml::{self, Document};
use crate::client::Lister;
use crate::controller::statefulset::identity;

/// Lines of a file, counted from 1, the last one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The first.
    pub line: usize,
    /// The last.
    pub end_line: usize,
}

/// The objects that belong to `selected`, itself included.
pub fn related(lister: Lister<'_>, selected: &ObjectKey) -> BTreeSet<ObjectKey> {
    let mut found = BTreeSet::from([selected.clone()]);
    match selected.kind {
        Kind::Pod => of_pod(lister, selected, &mut found),
        Kind::PersistentVolumeClaim => of_claim(lister, selected, &mut found),
        Kind::PersistentVolume => {
            let claim = lister.get(selected).map(|volume| volume.spec().get("claimRef").clone());
            let claim = claim.unwrap_or_default();
            if !claim.get("name").is_null() {
                let (namespace, name) = (claim.get("namespace").str(), claim.get("name").str());
                let key = ObjectKey::new(Kind::PersistentVolumeClaim, namespace, name);
                of_claim(lister, &key, &mut found);
            }
        }
        Kind::StatefulSet => of_set(lister, selected, &mut found),
        Kind::Service => {
            let pods = endpoints(lister, selected);
            found.extend(pods);
            let sets = lister.in_namespace(Kind::StatefulSet, &selected.namespace);
            found.extend(
                sets.filter(|s| s.spec().get("serviceName").str() == selected.name)
                    .map(Object::key),
            );
        }
        Kind::Node => found.extend(lister.pods_on_node(&selected.name).map(Object::key)),
        _ => {}
    }
    found
}

fn of_pod(lister: Lister<'_>, pod: &ObjectKey, found: &mut BTreeSet<ObjectKey>) {
    found.insert(pod.clone());
    let set = owner(lister, pod);
    found.extend(set.map(Object::key));
    let names: Vec<String> = match (lister.get(pod), set) {
        (Some(pod), _) => {
            let volumes = pod.spec().get("volumes").items().iter();
            let claims = volumes.map(|v| v.path(&["persistentVolumeClaim", "claimName"]).str());
            claims.filter(|name| !name.is_empty()).map(String::from).collect()
        }
        (None, Some(set)) => {
            let ordinal = parent_name_and_ordinal(&pod.name).map_or(0, |(_, ordinal)| ordinal);
            let templates = identity::claim_templates(set).iter();
            templates.map(|t| identity::claim_name(set, t, ordinal).to_string()).collect()
        }
        (None, None) => Vec::new(),
    };
    for name in names {
        let key = ObjectKey::new(Kind::PersistentVolumeClaim, pod.namespace.clone(), name);
        found.extend(volume_of(lister, &key));
        found.insert(key);
    }
    let services = lister.in_namespace(Kind::Service, &pod.namespace).map(Object::key);
    found.extend(services.filter(|service| endpoints(lister, service).contains(pod)));
}

fn of_claim(lister: Lister<'_>, claim: &ObjectKey, found: &mut BTreeSet<ObjectKey>) {
    found.insert(claim.clone());
    found.extend(volume_of(lister, claim));
    for pod in lister.pods_of_claim(&claim.namespace, &claim.name) {
        found.insert(pod.key());
        found.extend(owner(lister, &pod.key()).map(Object::key));
    }
    found.extend(template_of(lister, claim).map(|(set, _)| set.key()));
}

fn of_set(lister: Lister<'_>, set: &ObjectKey, found: &mut BTreeSet<ObjectKey>) {
    let Some(object) = lister.get(set) else { return };
    let pods = lister.owned_by(object.uid()).filter(|owned| owned.kind == Kind::Pod);
    let pods: Vec<ObjectKey> = pods.map(Object::key).collect();
    pods.iter().for_each(|pod| of_pod(lister, pod, found));
}

/// The set that owns a Pod, or that would own one of this name.
fn owner<'a>(lister: Lister<'a>, pod: &ObjectKey) -> Option<&'a Object> {
    let (parent, _) = parent_name_and_ordinal(&pod.name)?;
    lister.find(Kind::StatefulSet, &pod.namespace, parent)
}

fn volume_of(lister: Lister<'_>, claim: &ObjectKey) -> Option<ObjectKey> {
    let name = lister.get(claim)?.spec().get("volumeName").str().to_string();
    (!name.is_empty()).then(|| ObjectKey::new(Kind::PersistentVolume, "", name))
}

/// The set and the template by which a claim was made.
fn template_of<'a>(lister: Lister<'a>, claim: &'a ObjectKey) -> Option<(&'a Object, &'a str)> {
    let (rest, _) = parent_name_and_ordinal(&claim.name)?;
    let mut sets = lister.in_namespace(Kind::StatefulSet, &claim.namespace);
    sets.find_map(|set| {
        let template = rest.strip_suffix(set.name())?.strip_suffix('-')?;
        let mut templates = identity::claim_templates(set).iter();
        let is_one = templates.any(|t| t.path(&["metadata", "name"]).str() == template);
        is_one.then_some((set, template))
    })
}

/// The Pods behind a Service, ready or not.
fn endpoints(lister: Lister<'_>, service: &ObjectKey) -> BTreeSet<ObjectKey> {
    let slices = lister.in_namespace(Kind::EndpointSlice, &service.namespace);
    let own = slices.filter(|s| s.label("kubernetes.io/service-name") == Some(&service.name));
    let targets = own
        .flat_map(|slice| slice.value.get("endpoints").items())
        .map(|endpoint| endpoint.path(&["targetRef", "name"]).str())
        .filter(|name| !name.is_empty());
    targets.map(|name| ObjectKey::new(Kind::Pod, service.namespace.clone(), name)).collect()
}

/// The lines of `text` that define `selected`: its own document, or its part of the set's.
pub fn lines(lister: Lister<'_>, text: &str, selected: &ObjectKey) -> Vec<Lines> {
    let (documents, _) = yaml::documents(text);
    if let Some(document) = documents.iter().find(|document| defines(document, selected)) {
        return lines_at(document, "").into_iter().collect();
    }
    let part = match selected.kind {
        Kind::Pod => owner(lister, selected).map(|set| (set, "spec.template".to_string())),
        Kind::PersistentVolumeClaim => template_of(lister, selected).map(|(set, template)| {
            let mut templates = identity::claim_templates(set).iter();
            let is_it =
                |t: &crate::api::value::Value| t.path(&["metadata", "name"]).str() == template;
            let index = templates.position(is_it).unwrap_or_default();
            (set, format!("spec.volumeClaimTemplates[{index}]"))
        }),
        _ => None,
    };
    let Some((set, path)) = part else { return Vec::new() };
    let document = documents.iter().find(|document| defines(document, &set.key()));
    document.and_then(|document| lines_at(document, &path)).into_iter().collect()
}

fn defines(document: &Document, key: &ObjectKey) -> bool {
    let value = &document.value;
    let kind = Kind::of_manifest(value.get("apiVersion").str(), value.get("kind").str());
    let namespace = match value.path(&["metadata", "namespace"]).str() {
        "" if key.kind.resource().namespaced => "default",
        namespace => namespace,
    };
    kind == Some(key.kind)
        && value.path(&["metadata", "name"]).str() == key.name
        && namespace == key.namespace
}

fn lines_at(document: &Document, path: &str) -> Option<Lines> {
    let place = document.tree.as_ref()?.place(path).filter(|place| place.is_exact)?;
    let start = place.key.unwrap_or(place.value).start;
    let end = place.value.end;
    // A map ends where the next key begins.
    let last =
        if end.column <= start.column && end.line > start.line { end.line } else { end.line + 1 };
    let above = document.first_line;
    Some(Lines {
        line: start.line + above + 1,
        end_line: (last + above).max(start.line + above + 1),
    })
}
