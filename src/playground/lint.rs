//! What the API server would say of a file, before it is applied.
//!
//! Every document is sent to a copy of the cluster, as `kubectl apply --dry-run=server` would
//! send it; complaints get the place of the field they name.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::value::Value;
use crate::api::yaml::{self, Document, Mark, Span};
use crate::apiserver::request::{Actor, FieldValidation, Patch, Request, Verb};
use crate::simulation::cluster::Cluster;

/// A complaint with its place; lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column behind the last character.
    pub end_column: usize,
    /// `error` or `warning`.
    pub severity: &'static str,
    /// The server's words.
    pub message: String,
}

/// How a file differs from what is in the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Fields that applying would change.
    pub changes: usize,
    /// Objects that applying would create.
    pub creations: usize,
    /// Whether it cannot be applied as it stands.
    pub broken: bool,
}

/// The complaints about `text`.
pub fn lint(cluster: &Cluster, text: &str) -> Vec<Problem> {
    let (documents, error) = yaml::documents(text);
    let mut copy = cluster.clone();
    let mut problems = Vec::new();
    for document in &documents {
        problems.extend(lint_document(&mut copy, document));
    }
    if let Some(error) = error {
        let span = Span { start: error.mark, end: Mark { column: usize::MAX, ..error.mark } };
        problems.push(problem(span, 0, "error", error.message));
    }
    problems
}

fn lint_document(cluster: &mut Cluster, document: &Document) -> Vec<Problem> {
    let value = &document.value;
    let nothing_wrong = Vec::new();
    if value.is_null() {
        return nothing_wrong;
    }
    let place = |path: &str| {
        let found = document.tree.as_ref().and_then(|tree| tree.place(path));
        found.map(|place| place.key.unwrap_or(place.value)).unwrap_or_default()
    };
    let complain = |path: &str, severity, message: String| {
        problem(place(path), document.first_line, severity, message)
    };
    let (api_version, kind) = (value.get("apiVersion").str(), value.get("kind").str());
    if value.as_object().is_none() {
        return vec![complain("", "error", "invalid object to validate".into())];
    }
    for field in ["apiVersion", "kind"] {
        if value.get(field).is_null() {
            return vec![complain("", "error", format!("{field} not set"))];
        }
    }
    let Some(kind) = Kind::of_manifest(api_version, kind) else {
        let message = format!("no matches for kind {kind:?} in version {api_version:?}");
        return vec![complain("kind", "error", message)];
    };
    match dry_run(cluster, kind, value) {
        Ok(warnings) => {
            let complaints = warnings.into_iter().map(|warning| complain("", "warning", warning));
            complaints.collect()
        }
        Err(status) => complaints(&status, complain),
    }
}

fn complaints(
    status: &Status,
    complain: impl Fn(&str, &'static str, String) -> Problem,
) -> Vec<Problem> {
    let causes = &status.details.causes;
    if !causes.is_empty() {
        return causes.iter().map(|c| complain(&c.path, "error", c.to_string())).collect();
    }
    let unknown: Vec<&str> = status
        .message
        .split("unknown field \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    if unknown.is_empty() {
        return vec![complain("", "error", status.message.to_string())];
    }
    let message = |path: &&str| complain(path, "error", format!("unknown field \"{path}\""));
    unknown.iter().map(message).collect()
}

/// Creates or patches the object on the copy; the copy keeps it, so that later documents see it.
fn dry_run(cluster: &mut Cluster, kind: Kind, value: &Value) -> Result<Vec<String>, Status> {
    let mut object = Object::new(kind, value.clone());
    if kind.resource().namespaced && object.namespace().is_empty() {
        object.set(&["metadata", "namespace"], "default");
    }
    let mut request = match cluster.lister().get(&object.key()).is_some() {
        true => {
            let verb = Verb::Patch(Patch::Strategic(object.value.clone()));
            Request::new(Actor::User, object.key(), verb)
        }
        false => Request::create(Actor::User, &object),
    };
    request.options.field_validation = FieldValidation::Strict;
    let response = cluster.request(&request)?;
    Ok(response.warnings.iter().map(|warning| warning.to_string()).collect())
}

fn problem(span: Span, first_line: usize, severity: &'static str, message: String) -> Problem {
    // Of something long only the first line is underlined.
    let start = span.start;
    let end = match span.end.line > start.line {
        true => Mark { column: usize::MAX, ..start },
        false => span.end,
    };
    Problem {
        line: start.line + first_line + 1,
        column: start.column + 1,
        end_line: end.line + first_line + 1,
        end_column: end.column.saturating_add(1).min(10_000),
        severity,
        message,
    }
}

/// Compares a file with what is in the cluster.
pub fn compare(cluster: &Cluster, text: &str) -> Comparison {
    let (documents, error) = yaml::documents(text);
    let mut comparison = Comparison { broken: error.is_some(), ..Comparison::default() };
    let mut seen: BTreeMap<ObjectKey, ()> = BTreeMap::new();
    for value in documents.iter().map(|document| &document.value).filter(|v| !v.is_null()) {
        let kind = Kind::of_manifest(value.get("apiVersion").str(), value.get("kind").str());
        let Some(kind) = kind else {
            comparison.broken = true;
            continue;
        };
        let mut object = Object::new(kind, value.clone());
        if kind.resource().namespaced && object.namespace().is_empty() {
            object.set(&["metadata", "namespace"], "default");
        }
        seen.insert(object.key(), ());
        match cluster.lister().get(&object.key()) {
            None => comparison.creations += 1,
            Some(live) => comparison.changes += differences(&object.value, &live.value),
        }
    }
    comparison
}

// Fields of the file that have another value in the cluster; what the file leaves out is default.
fn differences(wanted: &Value, live: &Value) -> usize {
    match (wanted, live) {
        (Value::Object(map), Value::Object(_)) => {
            map.iter().map(|(key, value)| differences(value, live.get(key))).sum()
        }
        (Value::Array(items), Value::Array(present)) if items.len() == present.len() => {
            items.iter().zip(present.iter()).map(|(a, b)| differences(a, b)).sum()
        }
        (Value::Null, _) => 0,
        (wanted, live) => usize::from(wanted != live),
    }
}
