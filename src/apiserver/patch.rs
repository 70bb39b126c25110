//! Applying patches.
//!
//! Models `handlers/patch.go`. Server-side apply is in `managed_fields`.

use crate::api::patch::{self, PatchError};
use crate::api::schema::decoder;
use crate::api::scheme::Kind;
use crate::api::status::{FieldError, Status};
use crate::api::value::{EcoString, Value};
use crate::api::{go, go_fmt};
use crate::apiserver::decode::{judge, unknown_fields};
use crate::apiserver::request::{Options, Patch};

/// What a patch gives.
#[derive(Clone, Debug)]
pub struct Patched {
    /// The object after it.
    pub value: Value,
    /// Warnings for the client.
    pub warnings: Vec<EcoString>,
}

/// The object with the patch applied and decoded.
pub fn apply(
    kind: Kind,
    current: &Value,
    patch: &Patch,
    options: &Options,
) -> Result<Patched, Status> {
    let patched = match patch {
        Patch::Strategic(patch) => patch::apply_strategic(kind, current, patch),
        Patch::Merge(patch) => patch::merge::apply(current, patch),
        Patch::Json(patch) => patch::json::apply(current, patch),
        // Server-side apply does not come this way.
        Patch::Apply(patch) => Ok(patch.clone()),
    };
    let patched = patched.map_err(status_of)?;
    let decoded = match patch {
        Patch::Strategic(_) => decoder::convert_beside(kind, &patched, current),
        _ => decoder::decode_beside(kind, &patched, current),
    };
    let refuse = |error: String| {
        let shown = match patch {
            Patch::Strategic(patch) => go_fmt::plain(&patch::used_up(current, patch)),
            _ => go::json(&patched),
        };
        let cause = FieldError::invalid_as_written("patch", go::quote(&shown), &error);
        Status::invalid("", "", vec![cause])
    };
    let decoded = decoded.map_err(refuse)?;
    let complaints = unknown_fields(&decoded.unknown);
    let warnings = judge(complaints, options.field_validation).map_err(refuse)?;
    Ok(Patched { value: decoded.value, warnings })
}

/// A patch of something that is no stored kind, such as a Scale: maps merge.
pub fn apply_untyped(current: &Value, patch: &Patch) -> Result<Value, Status> {
    let patched = match patch {
        Patch::Json(patch) => patch::json::apply(current, patch),
        Patch::Merge(patch) | Patch::Strategic(patch) | Patch::Apply(patch) => {
            patch::merge::apply(current, patch)
        }
    };
    patched.map_err(status_of)
}

fn status_of(error: PatchError) -> Status {
    let message = error.to_string();
    match error {
        PatchError::Malformed(_) => Status::bad_request(message),
        PatchError::Unprocessable => Status::new(422, "Invalid", message),
        PatchError::Other(_) => Status::new(500, "", message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::yaml;

    #[track_caller]
    fn check_error(patch: Patch, message: &str) {
        let current =
            yaml::read("spec: {replicas: 1, template: {spec: {containers: [{name: a}]}}}");
        let current = current.expect("YAML");
        let result = apply(Kind::StatefulSet, &current, &patch, &Options::default());
        assert_eq!(result.map(|p| p.value).expect_err(message).message, message);
    }

    #[test]
    fn errors_are_the_servers() {
        let read = |text: &str| yaml::read(text).expect("YAML");
        check_error(
            Patch::Strategic(read("spec: {replicas: two}")),
            " \"\" is invalid: patch: Invalid value: \"map[spec:map[replicas:two]]\": \
             unrecognized type: int32",
        );
        check_error(
            Patch::Merge(read("spec: {replicas: two, template: null}")),
            " \"\" is invalid: patch: Invalid value: \"{\\\"spec\\\":{\\\"replicas\\\":\\\"two\\\"}}\": \
             json: cannot unmarshal string into Go struct field StatefulSetSpec.spec.replicas of \
             type int32",
        );
        check_error(
            Patch::Json(read("[{op: remove, path: /x}]")),
            "the server rejected our request due to an error in our request",
        );
    }

    #[test]
    fn unknown_fields_only_warn() {
        let current = yaml::read("spec: {replicas: 1}").expect("YAML");
        let patch = Patch::Strategic(yaml::read("spec: {replica: 2}").expect("YAML"));
        let patched = apply(Kind::StatefulSet, &current, &patch, &Options::default());
        let patched = patched.expect("it applies");
        assert_eq!(patched.value, current);
        assert_eq!(patched.warnings, ["unknown field \"spec.replica\""]);
    }
}
