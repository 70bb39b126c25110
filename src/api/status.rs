//! Refusals of the API server and invalid fields.
//!
//! Models `metav1.Status` and `k8s.io/apimachinery/pkg/util/validation/field`. The words that
//! kubectl puts around them are kubectl's.

use super::go;
use super::value::{EcoString, Value};

/// A refusal: what an API request gives when it fails (`metav1.Status`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Status {
    /// The HTTP status code.
    pub code: u16,
    /// The machine-readable reason, for example `NotFound`; empty if there is none.
    pub reason: EcoString,
    /// The server's sentence.
    pub message: EcoString,
    /// What the request was about.
    pub details: Details,
}

/// What a refusal is about (`metav1.StatusDetails`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Details {
    /// Name of the object.
    pub name: EcoString,
    /// API group, "" for the core group.
    pub group: EcoString,
    /// Kind or resource name, as the server fills it in.
    pub kind: EcoString,
    /// The invalid fields of a 422.
    pub causes: Vec<FieldError>,
    /// When to try again, in seconds; 0 is "not said".
    pub retry_after_seconds: u32,
    /// `Warning:` headers that came with the refusal.
    pub warnings: Vec<EcoString>,
}

impl Status {
    /// The code of what a client refused itself, so that no server answered.
    pub const LOCAL: u16 = 0;

    /// A refusal without details.
    pub fn new(code: u16, reason: &str, message: impl Into<EcoString>) -> Self {
        let (reason, message) = (reason.into(), message.into());
        Status { code, reason, message, details: Details::default() }
    }

    /// 400
    pub fn bad_request(message: impl Into<EcoString>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// 404 for a named object; `resource` is the qualified plural, for example
    /// `statefulsets.apps`.
    pub fn not_found(resource: &str, name: &str) -> Self {
        Self::about(404, "NotFound", resource, name, format!("{resource} {name:?} not found"))
    }

    /// 409 for a name that is taken.
    pub fn already_exists(resource: &str, name: &str) -> Self {
        let message = format!("{resource} {name:?} already exists");
        Self::about(409, "AlreadyExists", resource, name, message)
    }

    /// 409 for a write based on an old resourceVersion and the like.
    pub fn conflict(resource: &str, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {resource} {name:?}: {why}");
        Self::about(409, "Conflict", resource, name, message)
    }

    /// 403
    pub fn forbidden(resource: &str, name: &str, why: &str) -> Self {
        let message = format!("{resource} {name:?} is forbidden: {why}");
        Self::about(403, "Forbidden", resource, name, message)
    }

    /// 422 with its invalid fields; `kind` is qualified, for example `StatefulSet.apps`.
    ///
    /// Models `apierrors.NewInvalid` and `field.ErrorList.ToAggregate`: equal sentences are said
    /// once, several stand in brackets.
    pub fn invalid(kind: &str, name: &str, causes: Vec<FieldError>) -> Self {
        let sentences: Vec<String> = causes.iter().map(FieldError::to_string).collect();
        let list = go::aggregate(&sentences);
        let message = format!("{kind} {name:?} is invalid: {list}");
        let mut status = Self::about(422, "Invalid", kind, name, message);
        status.details.causes = causes;
        status
    }

    fn about(code: u16, reason: &str, resource: &str, name: &str, message: String) -> Self {
        let (kind, group) = resource.split_once('.').unwrap_or((resource, ""));
        let mut status = Self::new(code, reason, message);
        status.details.name = name.into();
        status.details.kind = kind.into();
        status.details.group = group.into();
        status
    }

    /// Whether the reason is this one.
    pub fn is(&self, reason: &str) -> bool {
        self.reason == reason
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// One invalid field (`field.Error`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldError {
    /// Where: `spec.template.spec.containers[0].image`.
    pub path: EcoString,
    /// What is wrong with it.
    pub kind: FieldErrorKind,
    /// The offending value as Go prints it (quoted string, number, compact JSON of the internal
    /// type); empty where the kind shows none.
    pub value: EcoString,
    /// What would be right.
    pub detail: EcoString,
}

/// The kinds of invalid fields (`field.ErrorType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldErrorKind {
    /// Missing.
    Required,
    /// Not acceptable.
    Invalid,
    /// Not one of a closed list.
    NotSupported,
    /// May not be set.
    Forbidden,
    /// There twice.
    Duplicate,
    /// Names something that does not exist.
    NotFound,
    /// Too long a string.
    TooLong,
    /// Too many items.
    TooMany,
    /// Not of the right type.
    TypeInvalid,
    /// The server's own failure.
    Internal,
}

impl FieldError {
    fn new(path: &str, kind: FieldErrorKind, value: impl Into<EcoString>, detail: &str) -> Self {
        FieldError { path: path.into(), kind, value: value.into(), detail: detail.into() }
    }

    /// `path: Required value: detail`
    pub fn required(path: &str, detail: &str) -> Self {
        Self::new(path, FieldErrorKind::Required, "", detail)
    }

    /// `path: Invalid value: value: detail`, the value written as Go would.
    pub fn invalid(path: &str, value: &Value, detail: &str) -> Self {
        Self::new(path, FieldErrorKind::Invalid, super::go::json(value), detail)
    }

    /// As [`FieldError::invalid`], for a value that is already written.
    pub fn invalid_as_written(path: &str, value: impl Into<EcoString>, detail: &str) -> Self {
        Self::new(path, FieldErrorKind::Invalid, value, detail)
    }

    /// `path: Unsupported value: value: supported values: "A", "B"`
    pub fn not_supported(path: &str, value: &Value, supported: &[&str]) -> Self {
        let list: Vec<String> = supported.iter().map(|s| super::go::quote(s)).collect();
        let detail = format!("supported values: {}", list.join(", "));
        let detail = if list.is_empty() { "" } else { &detail };
        Self::new(path, FieldErrorKind::NotSupported, super::go::json(value), detail)
    }

    /// The same with a value that is JSON already.
    pub fn not_supported_as_written(path: &str, value: String, supported: &[&str]) -> Self {
        let mut error = Self::not_supported(path, &super::value::Value::Null, supported);
        error.value = value.into();
        error
    }

    /// `path: Forbidden: detail`
    pub fn forbidden(path: &str, detail: &str) -> Self {
        Self::new(path, FieldErrorKind::Forbidden, "", detail)
    }

    /// `path: Duplicate value: value`
    pub fn duplicate(path: &str, value: &Value) -> Self {
        Self::new(path, FieldErrorKind::Duplicate, super::go::json(value), "")
    }

    /// `path: Not found: value`
    pub fn not_found(path: &str, value: &Value) -> Self {
        Self::new(path, FieldErrorKind::NotFound, super::go::json(value), "")
    }

    /// `path: Too long: detail`
    pub fn too_long(path: &str, detail: &str) -> Self {
        Self::new(path, FieldErrorKind::TooLong, "", detail)
    }

    /// `path: Too many: count: detail`
    pub fn too_many(path: &str, count: usize, detail: &str) -> Self {
        Self::new(path, FieldErrorKind::TooMany, count.to_string(), detail)
    }

    /// `path: Invalid value: detail`, for what cannot be shown (`field.OmitValueType`).
    pub fn invalid_without_value(path: &str, detail: &str) -> Self {
        Self::new(path, FieldErrorKind::Invalid, "", detail)
    }

    /// The sentence without the path, as `Status.details.causes[].message` has it.
    pub fn body(&self) -> String {
        let words = match self.kind {
            FieldErrorKind::Required => "Required value",
            FieldErrorKind::Invalid | FieldErrorKind::TypeInvalid => "Invalid value",
            FieldErrorKind::NotSupported => "Unsupported value",
            FieldErrorKind::Forbidden => "Forbidden",
            FieldErrorKind::Duplicate => "Duplicate value",
            FieldErrorKind::NotFound => "Not found",
            FieldErrorKind::TooLong => "Too long",
            FieldErrorKind::TooMany => "Too many",
            FieldErrorKind::Internal => "Internal error",
        };
        let mut body = String::from(words);
        for part in [&self.value, &self.detail] {
            if !part.is_empty() {
                body.push_str(": ");
                body.push_str(part);
            }
        }
        body
    }
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}: {}", self.path, self.body())
    }
}
