//! Claims and volumes as the picture shows them.

use std::sync::Arc;

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::locale::{self, Language};
use crate::shell::session::Session;

/// A claim of a Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimView {
    /// The claim, there or not.
    pub key: ObjectKey,
    /// Its phase (`Pending`, `Bound`, `Lost`, `Terminating`), "" if it does not exist.
    pub phase: String,
    /// Why it waits, while it does.
    pub why: String,
    /// The volume it is bound to.
    pub volume: Option<Arc<VolumeView>>,
}

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeView {
    /// The volume.
    pub key: ObjectKey,
    /// Its phase, `Terminating` while it is being deleted.
    pub phase: String,
    /// `1Gi`
    pub capacity: String,
    /// Its class, "" if it has none.
    pub class: String,
    /// The claim it is bound to or reserved for, `namespace/name`.
    pub claim: String,
    /// Files on it.
    pub files: Arc<Vec<FileView>>,
}

/// A file on a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileView {
    /// Its path on the volume.
    pub path: String,
    /// Its first words.
    pub start: String,
}

/// The view of the claim `name` in `namespace`.
pub fn claim(session: &Session, namespace: &str, name: &str, language: Language) -> ClaimView {
    let lister = session.cluster().lister();
    let found = lister.find(Kind::PersistentVolumeClaim, namespace, name);
    let bound_to = found.map(|claim| claim.spec().get("volumeName").str()).unwrap_or_default();
    let volume_object = lister.find(Kind::PersistentVolume, "", bound_to);
    let key = ObjectKey::new(Kind::PersistentVolumeClaim, namespace, name);
    let phase = found.map(phase).unwrap_or_default();
    ClaimView {
        why: match phase.as_str() {
            "Pending" => why(session, &key, language),
            _ => String::new(),
        },
        phase,
        key,
        volume: volume_object.map(|object| Arc::new(volume(session, object))),
    }
}

/// What was last decided about a claim, or said in an event.
fn why(session: &Session, claim: &ObjectKey, language: Language) -> String {
    if let Some(entry) = session.cluster().trace().about(claim).next() {
        return locale::sentence(&entry.reason, language);
    }
    let events = session.cluster().lister().in_namespace(Kind::Event, &claim.namespace);
    let about = events.filter(|event| {
        let object = event.value.get("involvedObject");
        object.get("kind").str() == claim.kind.name() && object.get("name").str() == claim.name
    });
    let message = about.last().map(|event| event.value.get("message").str().to_string());
    message.unwrap_or_default()
}

/// The view of a volume.
pub fn volume(session: &Session, object: &Object) -> VolumeView {
    let claim = object.spec().get("claimRef");
    let claim = match claim.get("name").str() {
        "" => String::new(),
        name => format!("{}/{name}", claim.get("namespace").str()),
    };
    VolumeView {
        key: object.key(),
        phase: phase(object),
        capacity: object.spec().path(&["capacity", "storage"]).str().into(),
        class: object.spec().get("storageClassName").str().into(),
        claim,
        files: Arc::new(files(session, object)),
    }
}

/// So many files of a volume are shown.
const FILES_MAX: usize = 4;
/// So many characters of a file.
const START_MAX: usize = 28;

fn files(session: &Session, volume: &Object) -> Vec<FileView> {
    let files = session.cluster().kubelets().volume_files(volume).unwrap_or_default();
    let view = |(path, content): (crate::api::value::EcoString, Vec<u8>)| FileView {
        path: path.into(),
        start: start_of(&content),
    };
    files.into_iter().take(FILES_MAX).map(view).collect()
}

fn start_of(content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content);
    let line = text.lines().next().unwrap_or_default();
    match line.chars().count() <= START_MAX {
        true => line.into(),
        false => line.chars().take(START_MAX).chain(['…']).collect(),
    }
}

fn phase(object: &Object) -> String {
    match object.is_terminating() {
        true => "Terminating".into(),
        false => object.status().get("phase").str().into(),
    }
}
