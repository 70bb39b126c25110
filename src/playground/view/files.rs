//! The editor: the learner's files, the shown one, and what the API server says of it.

use std::sync::Arc;

use super::related::{self, Lines};
use crate::api::object::ObjectKey;
use crate::api::repair;
use crate::api::value::EcoString;
use crate::locale;
use crate::playground::Playground;
use crate::playground::change::{self, Comparison};
use crate::script::files::FileSystem;
use crate::shell::session::{Session, WORKING_DIRECTORY};

/// The editor's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilesView {
    /// Names of the files, sorted.
    pub names: Arc<Vec<String>>,
    /// The file that an editor in a terminal has open, "" if none has.
    pub edited: String,
    /// The shown file, "" if there is none.
    pub shown: String,
    /// Its text at the shown instant.
    pub text: Arc<str>,
    /// Whether it can be applied.
    pub is_manifest: bool,
    /// How it differs from what is in the cluster.
    pub comparison: Comparison,
    /// What the comparison was made with.
    pub(in crate::playground) compared: Arc<Compared>,
    /// Lines that define the selected object.
    pub marks: Arc<Vec<Lines>>,
    /// What it was probably meant to be, if it was copied from a page that spoiled it.
    pub repair: Option<Arc<RepairView>>,
}

/// The objects of the file and their versions when it was compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    pub(in crate::playground) keys: Vec<ObjectKey>,
    pub(in crate::playground) versions: Vec<Option<EcoString>>,
}

/// An offered repair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairView {
    /// The repaired text; the given one if nothing can be done.
    pub text: String,
    /// What was done, and what must be looked at.
    pub notes: Vec<String>,
    /// Whether there is something to take.
    pub can_apply: bool,
}

/// Files of more than this are not shown.
const LENGTH_MAX: usize = 512 * 1024;

/// The view of the editor; what depends on the text alone is taken from `previous`.
pub fn files(playground: &Playground, previous: Option<&FilesView>) -> FilesView {
    let session = playground.session();
    let shown = shown(playground);
    let text = text(session, &shown);
    let is_manifest = [".yaml", ".yml", ".json"].iter().any(|ending| shown.ends_with(ending));
    let same_text = previous.filter(|previous| previous.shown == shown && *previous.text == *text);
    let repair = match same_text {
        _ if !is_manifest || text == playground.kept_text() => None,
        Some(same) => same.repair.clone(),
        None => repair_view(playground, &text),
    };
    let keys = match same_text {
        Some(same) => same.compared.keys.clone(),
        None if is_manifest => change::keys(&text),
        None => Vec::new(),
    };
    let versions = change::versions(session.cluster(), &keys);
    let same_objects = same_text.filter(|same| same.compared.versions == versions);
    FilesView {
        comparison: match same_objects {
            Some(same) => same.comparison.clone(),
            None if is_manifest => change::compare(session.cluster(), &text),
            None => Comparison::default(),
        },
        compared: Arc::new(Compared { keys, versions }),
        marks: Arc::new(match playground.selected() {
            Some(key) if is_manifest => related::lines(session.cluster().lister(), &text, key),
            _ => Vec::new(),
        }),
        edited: playground.edited_file().into(),
        is_manifest,
        repair,
        text: text.into(),
        shown,
        names: Arc::new(names(session)),
    }
}

fn repair_view(playground: &Playground, text: &str) -> Option<Arc<RepairView>> {
    let repair = repair::repair(text)?;
    let language = playground.language();
    let notes = repair.notes.iter().map(|note| locale::repair::sentence(note, language));
    let can_apply = repair.text != text;
    Some(Arc::new(RepairView { notes: notes.collect(), can_apply, text: repair.text }))
}

/// The name of the shown file, "" if there is none.
pub fn shown(playground: &Playground) -> String {
    let names = names(playground.session());
    match playground.shown_file() {
        Some(name) if names.iter().any(|n| n == name) => name.to_string(),
        _ => names.first().cloned().unwrap_or_default(),
    }
}

/// The names of the learner's files.
pub fn names(session: &Session) -> Vec<String> {
    let files = session.files();
    let names = files.list(WORKING_DIRECTORY).unwrap_or_default();
    let is_file = |name: &str| {
        let path = format!("{WORKING_DIRECTORY}/{name}");
        files.metadata(&path).is_ok_and(|metadata| !metadata.is_dir())
    };
    let shown = names.iter().filter(|name| !name.starts_with('.') && is_file(name));
    shown.map(|name| name.to_string()).collect()
}

/// The text of a file in the working directory.
pub fn text(session: &Session, name: &str) -> String {
    let bytes = session.files().read(&format!("{WORKING_DIRECTORY}/{name}")).unwrap_or_default();
    match bytes.len() <= LENGTH_MAX {
        true => String::from_utf8_lossy(&bytes).into_owned(),
        false => String::new(),
    }
}
