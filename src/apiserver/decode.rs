//! From what a client sends to an object of a kind.
//!
//! Models `handlers/create.go` and the strict decoder of
//! `k8s.io/apimachinery/pkg/runtime/serializer/json`.

use crate::api::schema::decoder;
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::FieldValidation;

/// The object with its warnings, or a refusal.
pub fn decode(
    kind: Kind,
    value: &Value,
    validation: FieldValidation,
) -> Result<(Value, Vec<EcoString>), Status> {
    let refuse = |error: &str| {
        let resource = kind.resource();
        Status::bad_request(format!(
            "{} in version {:?} cannot be handled as a {}: {error}",
            resource.name, resource.version, resource.name
        ))
    };
    let decoded = decoder::decode(kind, value).map_err(|error| refuse(&error))?;
    let complaints = unknown_fields(&decoded.unknown);
    let warnings = judge(complaints, validation).map_err(|error| refuse(&error))?;
    Ok((decoded.value, warnings))
}

/// The server's words for fields that a struct does not have.
pub fn unknown_fields(paths: &[EcoString]) -> Vec<EcoString> {
    let sentence = |path: &EcoString| format!("unknown field {}", crate::api::go::quote(path));
    paths.iter().map(|path| sentence(path).into()).collect()
}

/// What becomes of complaints about fields: one error, warnings, or nothing.
pub fn judge(
    complaints: Vec<EcoString>,
    validation: FieldValidation,
) -> Result<Vec<EcoString>, String> {
    match validation {
        FieldValidation::Strict if !complaints.is_empty() => {
            Err(format!("strict decoding error: {}", complaints.join(", ")))
        }
        FieldValidation::Strict | FieldValidation::Ignore => Ok(Vec::new()),
        FieldValidation::Warn => Ok(complaints),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::yaml;

    #[test]
    fn strictness_decides_over_unknown_fields() {
        let value = yaml::read("spec: {clusterIp: None, ports: [{port: 80, prot: x}]}");
        let value = value.expect("YAML");
        let fields = ["unknown field \"spec.clusterIp\"", "unknown field \"spec.ports[0].prot\""];
        let error = decode(Kind::Service, &value, FieldValidation::Strict).expect_err("strict");
        assert_eq!(
            error.message,
            format!(
                "Service in version \"v1\" cannot be handled as a Service: strict decoding error: {}",
                fields.join(", ")
            )
        );
        let warnings = |validation| decode(Kind::Service, &value, validation).map(|(_, w)| w);
        assert_eq!(warnings(FieldValidation::Warn), Ok(fields.map(EcoString::from).to_vec()));
        assert_eq!(warnings(FieldValidation::Ignore), Ok(Vec::new()));
    }
}
