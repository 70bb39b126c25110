//! Objects out of files, directories, standard input and addresses.
//!
//! Models `resource.FileVisitorForSTDIN`, `resource.ExpandPathsToFileVisitors`,
//! `resource.StreamVisitor` and `resource.InfoFromObject`.

use super::{Info, unreadable};
use crate::api::go;
use crate::api::object::Object;
use crate::api::schema::decoder::metadata_error;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Map, Value};
use crate::api::yaml;
use crate::kubectl::discovery;
use crate::kubectl::errors::Failure;
use crate::kubectl::process::World;

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Document {
    source: EcoString,
    value: Value,
}

/// The documents of all files.
pub struct Documents {
    /// In order; a file that cannot be read leaves a failure.
    pub items: Vec<Result<Document, Failure>>,
    /// Whether one file was asked for.
    pub single: bool,
}

/// Reads every path. A path that does not exist fails the whole command.
pub fn read(
    world: &mut World<'_>,
    paths: &[EcoString],
    recursive: bool,
    validated: bool,
) -> Result<Documents, Failure> {
    let mut failures = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        match expand(world, path, recursive) {
            Ok(found) => files.extend(found),
            Err(failure) => failures.push(failure),
        }
    }
    Failure::aggregate(failures)?;
    let single = paths.len() == 1 && files.len() == 1;
    let mut items = Vec::new();
    for (source, text) in files {
        items.extend(documents(&source, &text, validated));
    }
    Ok(Documents { items, single })
}

/// The files behind one path: itself, or those of a directory that look like manifests.
fn expand(
    world: &mut World<'_>,
    path: &str,
    recursive: bool,
) -> Result<Vec<(EcoString, String)>, Failure> {
    if path == "-" {
        let bytes = std::mem::take(&mut world.stdin.bytes);
        return Ok(vec![("STDIN".into(), String::from_utf8_lossy(&bytes).into_owned())]);
    }
    if path.starts_with("http://") || path.starts_with("https://") {
        if let Some(text) = example(path) {
            return Ok(vec![(path.into(), text.into())]);
        }
        let what = format!("reading {path}");
        return Err(Failure::not_simulated(&what, "download it"));
    }
    if !world.files.is_directory(path) {
        let bytes = world.files.read(path).map_err(|error| unreadable(path, error))?;
        return Ok(vec![(path.into(), String::from_utf8_lossy(&bytes).into_owned())]);
    }
    let mut found = Vec::new();
    collect(world, path.trim_end_matches('/'), recursive, &mut found)?;
    if found.is_empty() {
        return Err(Failure::message(format!(
            "error reading [{path}]: recognized file extensions are [.json .yaml .yml]"
        )));
    }
    Ok(found)
}

/// The manifests of the tutorial "StatefulSet Basics", which are known by their address.
fn example(address: &str) -> Option<&'static str> {
    let (_, address) = address.split_once("://")?;
    let places = [
        "k8s.io/examples/",
        "raw.githubusercontent.com/kubernetes/website/main/content/en/examples/",
    ];
    let path = places.iter().find_map(|place| address.strip_prefix(place))?;
    match path {
        "application/web/web.yaml" => Some(include_str!("examples/web.yaml")),
        "application/web/web-parallel.yaml" => Some(include_str!("examples/web-parallel.yaml")),
        _ => None,
    }
}

fn collect(
    world: &World<'_>,
    directory: &str,
    recursive: bool,
    found: &mut Vec<(EcoString, String)>,
) -> Result<(), Failure> {
    let entries = world.files.list(directory).map_err(|error| unreadable(directory, error))?;
    for (name, is_directory) in entries {
        let path = clean(&format!("{directory}/{name}"));
        if is_directory && recursive {
            collect(world, &path, recursive, found)?;
        } else if !is_directory && is_manifest(&name) {
            let bytes = world.files.read(&path).map_err(|error| unreadable(&path, error))?;
            found.push((path.into(), String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    Ok(())
}

/// A path without `.` parts (`filepath.Join`).
fn clean(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('/')
        .enumerate()
        .filter(|(i, p)| *p != "." && (*i == 0 || !p.is_empty()))
        .map(|(_, part)| part)
        .collect();
    parts.join("/")
}

fn is_manifest(name: &str) -> bool {
    [".json", ".yaml", ".yml"].iter().any(|extension| name.ends_with(extension))
}

/// The documents of one text; reading stops at the first that is no YAML.
///
/// `validated` tells whether the command looks at files before it decodes them (`--validate`);
/// what does not pass ends the file too.
fn documents(source: &str, text: &str, validated: bool) -> Vec<Result<Document, Failure>> {
    let mut items = Vec::new();
    let (documents, error) = yaml::documents(text);
    for document in documents.into_iter().filter(|document| !document.value.is_null()) {
        if validated && let Err(failure) = validate(source, &document.value) {
            items.push(Err(failure));
            return items;
        }
        flatten(source, document.value, &mut items);
    }
    if let Some(error) = error {
        items.push(Err(Failure::message(format!("error parsing {source}: {error}"))));
    }
    items
}

/// Takes lists apart (`FlattenListVisitor`). The items of a typed list may leave their kind to it.
fn flatten(source: &str, value: Value, items: &mut Vec<Result<Document, Failure>>) {
    let Some(list) = value.get("items").as_array().filter(|_| is_list(&value)) else {
        items.push(Ok(Document { source: source.into(), value }));
        return;
    };
    let kind = value.get("kind").str().trim_end_matches("List");
    for item in list {
        let mut item = item.clone();
        if !kind.is_empty() && item.get("kind").is_null() && item.get("apiVersion").is_null() {
            item.set(&["kind"], kind);
            item.set(&["apiVersion"], value.get("apiVersion"));
        }
        flatten(source, item, items);
    }
}

fn is_list(value: &Value) -> bool {
    value.get("kind").str().ends_with("List") && !value.get("apiVersion").str().is_empty()
}

impl Document {
    /// The labels of the object in it.
    pub fn labels(&self) -> Option<&Map> {
        self.value.path(&["metadata", "labels"]).as_object()
    }

    /// The object in it, if its kind is known.
    pub fn into_info(self) -> Result<Info, Failure> {
        let Document { source, mut value } = self;
        let (version, kind) = (value.get("apiVersion").str(), value.get("kind").str());
        for (field, text) in [("Kind", kind), ("apiVersion", version)] {
            if text.is_empty() {
                let json = go::json_plain(&value);
                let text = format!(
                    "unable to decode \"{source}\": Object '{field}' is missing in '{json}'"
                );
                return Err(Failure::message(text));
            }
        }
        if let Some(error) = metadata_error(&value) {
            return Err(Failure::message(format!("unable to decode \"{source}\": {error}")));
        }
        let metadata = value.get("metadata");
        let (name, namespace) = (metadata.get("name").str(), metadata.get("namespace").str());
        let Some(found) = Kind::of_manifest(version, kind) else {
            return Err(no_mapping(&source, &value));
        };
        let (name, mut namespace) = (EcoString::from(name), EcoString::from(namespace));
        if !found.resource().namespaced {
            namespace = EcoString::new();
            value.remove(&["metadata", "namespace"]);
        }
        let object = Some(Object::new(found, value));
        Ok(Info { kind: found, namespace, name, source, object })
    }
}

/// Models ValidateSchema of `k8s.io/kubectl/pkg/validation`, which leaves fields to the server.
fn validate(source: &str, value: &Value) -> Result<(), Failure> {
    let mut complaints = Vec::new();
    if value.as_object().is_none() {
        complaints.push("invalid object to validate".to_string());
    } else {
        for field in ["apiVersion", "kind"] {
            match value.get(field) {
                Value::Null => complaints.push(format!("{field} not set")),
                Value::String(text) if field == "apiVersion" && text.matches('/').count() > 1 => {
                    complaints.push(format!("unexpected GroupVersion string: {text}"));
                }
                Value::String(_) => {}
                _ => complaints.push(format!("{field} isn't string type")),
            }
        }
    }
    if complaints.is_empty() {
        return Ok(());
    }
    let text = go::aggregate(&complaints);
    Err(Failure::message(format!(
        "error validating {source:?}: error validating data: {text}; if you choose to ignore these \
         errors, turn validation off with --validate=false"
    )))
}

fn no_mapping(source: &str, value: &Value) -> Failure {
    let (version, kind) = (value.get("apiVersion").str(), value.get("kind").str());
    let served = discovery::resources().iter().any(|r| r.api_version == version && r.kind == kind);
    if served {
        let what = format!("objects of kind {kind}");
        return Failure::not_simulated(&what, "send the object to the API server");
    }
    let metadata = value.get("metadata");
    let (name, namespace) = (metadata.get("name").str(), metadata.get("namespace").str());
    Failure::message(format!(
        "resource mapping not found for name: \"{name}\" namespace: \"{namespace}\" from \
         \"{source}\": no matches for kind \"{kind}\" in version \"{version}\"\n\
         ensure CRDs are installed first"
    ))
}
