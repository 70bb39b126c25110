//! The editor: the learner's files, the shown one, and what the API server says of it.

use std::sync::Arc;

use crate::playground::Playground;
use crate::playground::lint::{self, Comparison};
use crate::script::files::FileSystem;
use crate::shell::session::{Session, WORKING_DIRECTORY};

/// The editor's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilesView {
    /// Names of the files, sorted.
    pub names: Arc<Vec<String>>,
    /// The shown file, "" if there is none.
    pub shown: String,
    /// Its text at the shown instant.
    pub text: Arc<str>,
    /// Whether it can be applied.
    pub is_manifest: bool,
    /// How it differs from what is in the cluster.
    pub comparison: Comparison,
}

/// Files of more than this are not shown.
const LENGTH_MAX: usize = 512 * 1024;

/// The view of the editor.
pub fn files(playground: &Playground) -> FilesView {
    let session = playground.session();
    let names = names(session);
    let shown = match playground.shown_file() {
        Some(name) if names.iter().any(|n| n == name) => name.to_string(),
        _ => names.first().cloned().unwrap_or_default(),
    };
    let text = text(session, &shown);
    let is_manifest = [".yaml", ".yml", ".json"].iter().any(|ending| shown.ends_with(ending));
    FilesView {
        comparison: match is_manifest {
            true => lint::compare(session.cluster(), &text),
            false => Comparison::default(),
        },
        is_manifest,
        text: text.into(),
        shown,
        names: Arc::new(names),
    }
}

fn names(session: &Session) -> Vec<String> {
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
