//! Fixes for complaints, where there is exactly one.

use serde::Serialize;

use crate::api::schema::{self, Struct, Type};
use crate::api::scheme::{Kind, RESOURCES};
use crate::api::status::{FieldError, FieldErrorKind};
use crate::api::yaml::{Document, Span};
use crate::kubectl::suggestion::distance;

/// A text to put in place of another; lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fix {
    /// What the button says.
    pub name: String,
    /// The new text.
    pub insert: String,
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column behind the last character.
    pub end_column: usize,
}

/// Letters that may be wrong in a name.
const DISTANCE_MAX: usize = 2;

/// A field of a similar name, if there is one.
pub(super) fn unknown_field(document: &Document, kind: Kind, path: &str) -> Option<Fix> {
    let parts: Vec<&str> = path.split(['.', '[']).filter(|part| !part.ends_with(']')).collect();
    let (wrong, parents) = parts.split_last()?;
    let mut owner = schema::of_kind(kind)?;
    for name in parents {
        owner = struct_in(&owner.field(name)?.field_type)?;
    }
    let right = nearest(wrong, owner.fields.iter().map(|field| field.name))?;
    let place = document.tree.as_ref()?.place(path).filter(|place| place.is_exact)?;
    Some(replace(document, place.key?, right.into()))
}

fn struct_in(field_type: &'static Type) -> Option<&'static Struct> {
    match field_type {
        Type::List(inner) | Type::Map(inner) => struct_in(inner),
        other => other.as_struct(),
    }
}

/// The value that must have been meant, if there is one.
pub(super) fn unsupported(document: &Document, cause: &FieldError) -> Option<Fix> {
    if cause.kind != FieldErrorKind::NotSupported {
        return None;
    }
    let list = cause.detail.strip_prefix("supported values: ")?;
    let supported: Vec<&str> = list.split(", ").map(|value| value.trim_matches('"')).collect();
    let right = match supported.as_slice() {
        [only] => only,
        several => nearest(cause.value.trim_matches('"'), several.iter().copied())?,
    };
    let place = document.tree.as_ref()?.place(&cause.path).filter(|place| place.is_exact)?;
    Some(replace(document, place.value, right.into()))
}

/// The version that serves a kind.
pub(super) fn api_version(document: &Document, kind: &str) -> Option<Fix> {
    let place = document.tree.as_ref()?.place("apiVersion").filter(|place| place.is_exact)?;
    Some(replace(document, place.value, version_of(kind)?))
}

/// `apiVersion`, if the kind tells it.
pub(super) fn top_field(document: &Document, field: &str) -> Option<Fix> {
    let kind = document.value.get("kind").str();
    let place = document.tree.as_ref()?.place("kind").filter(|place| place.is_exact)?;
    let version = (field == "apiVersion").then(|| version_of(kind)).flatten()?;
    let mut span = place.key?;
    span.end = span.start;
    let mut fix = replace(document, span, format!("apiVersion: {version}\n"));
    fix.name = format!("apiVersion: {version}");
    Some(fix)
}

fn version_of(kind: &str) -> Option<String> {
    let mut versions = RESOURCES.iter().filter(|r| r.name == kind).map(|r| r.api_version());
    versions.next().filter(|_| versions.next().is_none())
}

/// The one name that is nearest.
fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let mut near: Vec<(usize, &str)> = names
        .map(|name| (distance(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= DISTANCE_MAX)
        .collect();
    near.sort_unstable();
    match near.as_slice() {
        [(best, _), (second, _), ..] if best == second => None,
        [(_, name), ..] => Some(name),
        [] => None,
    }
}

fn replace(document: &Document, span: Span, insert: String) -> Fix {
    Fix {
        name: format!("→ {insert}"),
        insert,
        line: span.start.line + document.first_line + 1,
        column: span.start.column + 1,
        end_line: span.end.line + document.first_line + 1,
        end_column: span.end.column + 1,
    }
}
