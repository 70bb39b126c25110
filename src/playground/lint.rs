//! What the API server would say of a file, before it is applied.
//!
//! Every document is sent to a copy of the cluster, as `kubectl apply --dry-run=server` would
//! send it; complaints get the place of the field they name, a second line in plain words, and a
//! fix where there is exactly one.

mod fix;

use serde::Serialize;

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::status::{FieldError, FieldErrorKind, Status};
use crate::api::value::Value;
use crate::api::yaml::{self, Document, Mark, Span};
use crate::apiserver::request::{Actor, FieldValidation, Patch, Request, Verb};
use crate::locale::words::Words;
use crate::simulation::cluster::Cluster;

pub use fix::Fix;

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
    /// Plain words in the page's language, "" if there are none.
    pub detail: &'static str,
    /// The one way to mend it, if there is just one.
    pub fixes: Vec<Fix>,
}

/// The complaints about `text`, explained in the language of `words`.
pub fn lint(cluster: &Cluster, text: &str, words: &'static Words) -> Vec<Problem> {
    let (documents, error) = yaml::documents(text);
    let mut copy = cluster.clone();
    let mut problems = Vec::new();
    for document in &documents {
        problems.extend(lint_document(&mut copy, document, words));
    }
    if let Some(error) = error {
        let span = Span { start: error.mark, end: Mark { column: usize::MAX, ..error.mark } };
        let syntax = problem(span, 0, "error", error.message);
        problems.push(Problem { detail: words.problem_syntax, ..syntax });
    }
    problems
}

fn lint_document(
    cluster: &mut Cluster,
    document: &Document,
    words: &'static Words,
) -> Vec<Problem> {
    let value = &document.value;
    if value.is_null() {
        return Vec::new();
    }
    let complainer = Complainer { document, words };
    let (api_version, kind) = (value.get("apiVersion").str(), value.get("kind").str());
    if value.as_object().is_none() {
        return vec![complainer.problem("", "error", "invalid object to validate".into())];
    }
    for field in ["apiVersion", "kind"] {
        if value.get(field).is_null() {
            let not_set = complainer.problem("", "error", format!("{field} not set"));
            let fixes = fix::top_field(document, field).into_iter().collect();
            return vec![Problem { detail: words.problem_required, fixes, ..not_set }];
        }
    }
    let Some(kind) = Kind::of_manifest(api_version, kind) else {
        let message = format!("no matches for kind {kind:?} in version {api_version:?}");
        let no_match = complainer.problem("kind", "error", message);
        let fixes = fix::api_version(document, kind).into_iter().collect();
        return vec![Problem { detail: words.problem_kind, fixes, ..no_match }];
    };
    match dry_run(cluster, kind, value) {
        Ok(warnings) => {
            let warnings = warnings.into_iter();
            warnings.map(|warning| complainer.problem("", "warning", warning)).collect()
        }
        Err(status) => complainer.complaints(kind, &status),
    }
}

/// Gives complaints about one document their places and words.
struct Complainer<'a> {
    document: &'a Document,
    words: &'static Words,
}

impl Complainer<'_> {
    fn problem(&self, path: &str, severity: &'static str, message: String) -> Problem {
        let found = self.document.tree.as_ref().and_then(|tree| tree.place(path));
        let span = found.map(|place| place.key.unwrap_or(place.value)).unwrap_or_default();
        problem(span, self.document.first_line, severity, message)
    }

    fn complaints(&self, kind: Kind, status: &Status) -> Vec<Problem> {
        let causes = &status.details.causes;
        if !causes.is_empty() {
            return causes.iter().map(|cause| self.cause(cause)).collect();
        }
        let unknown: Vec<&str> = status
            .message
            .split("unknown field \"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        if unknown.is_empty() {
            return vec![self.problem("", "error", status.message.to_string())];
        }
        let complain = |path: &&str| {
            let problem = self.problem(path, "error", format!("unknown field \"{path}\""));
            let fixes = fix::unknown_field(self.document, kind, path).into_iter().collect();
            Problem { detail: self.words.problem_unknown_field, fixes, ..problem }
        };
        unknown.iter().map(complain).collect()
    }

    fn cause(&self, cause: &FieldError) -> Problem {
        let words = self.words;
        let detail = match cause.kind {
            FieldErrorKind::Required => words.problem_required,
            FieldErrorKind::Invalid | FieldErrorKind::TypeInvalid => words.problem_invalid,
            FieldErrorKind::NotSupported => words.problem_not_supported,
            FieldErrorKind::Forbidden => words.problem_forbidden,
            FieldErrorKind::Duplicate => words.problem_duplicate,
            FieldErrorKind::NotFound => words.problem_not_found,
            FieldErrorKind::TooLong | FieldErrorKind::TooMany => words.problem_too_long,
            FieldErrorKind::Internal => "",
        };
        let problem = self.problem(&cause.path, "error", cause.to_string());
        let fixes = fix::unsupported(self.document, cause).into_iter().collect();
        Problem { detail, fixes, ..problem }
    }
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
        detail: "",
        fixes: Vec::new(),
    }
}
