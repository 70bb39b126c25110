//! Field selectors as text: `metadata.name=web-0,status.phase!=Running`.
//!
//! Models `k8s.io/apimachinery/pkg/fields` and the field labels that each kind can select by.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};

/// All terms have to hold; none selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelector {
    /// The terms as written.
    pub terms: Vec<FieldTerm>,
}

/// One term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldTerm {
    /// `status.phase`
    pub field: EcoString,
    /// What it is compared with.
    pub value: EcoString,
    /// Whether it must differ.
    pub is_negated: bool,
}

impl FieldSelector {
    /// Reads a selector (`fields.ParseSelector`).
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut terms = Vec::new();
        for part in split_terms(text).iter().filter(|part| !part.is_empty()) {
            let Some((field, operator, value)) = split_term(part) else {
                return Err(format!("invalid selector: '{text}'; can't understand '{part}'"));
            };
            terms.push(FieldTerm {
                field: field.into(),
                value: unescape(value)?.into(),
                is_negated: operator == "!=",
            });
        }
        Ok(FieldSelector { terms })
    }

    /// Reads a selector for objects of `kind`, whose fields must be among those it can be
    /// selected by.
    pub fn parse_for(kind: Kind, text: &str) -> Result<Self, String> {
        let selector = Self::parse(text)?;
        for term in &selector.terms {
            check_field(kind, &term.field)?;
        }
        Ok(selector)
    }

    /// Whether it selects this object.
    pub fn matches(&self, object: &Object) -> bool {
        self.terms.iter().all(|t| (field_text(object, &t.field) == t.value) != t.is_negated)
    }
}

/// Cuts at commas that are not escaped.
fn split_terms(text: &str) -> Vec<String> {
    let mut terms = vec![String::new()];
    let mut is_escaped = false;
    for c in text.chars() {
        match c {
            ',' if !is_escaped => terms.push(String::new()),
            c => {
                if let Some(term) = terms.last_mut() {
                    term.push(c);
                }
            }
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    terms
}

fn split_term(term: &str) -> Option<(&str, &str, &str)> {
    term.char_indices().find_map(|(i, _)| {
        let rest = term.get(i..)?;
        let operator = ["!=", "==", "="].into_iter().find(|o| rest.starts_with(o))?;
        Some((term.get(..i)?, operator, rest.get(operator.len()..)?))
    })
}

fn unescape(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c @ ('\\' | ',' | '=')) => out.push(c),
                Some(c) => {
                    return Err(format!("invalid field selector: invalid escape sequence: \\{c}"));
                }
                None => return Err("invalid field selector: invalid escape sequence: \\".into()),
            },
            ',' | '=' => {
                return Err(format!("invalid field selector: unescaped character in value: {c}"));
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

/// The fields besides name and namespace that objects of a kind can be selected by; `None` for
/// kinds without any.
fn own_fields(kind: Kind) -> Option<&'static [&'static str]> {
    Some(match kind {
        Kind::Pod => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
        ],
        Kind::Event => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        Kind::Namespace => &["status.phase"],
        Kind::Node => &["spec.unschedulable"],
        Kind::Secret => &["type"],
        Kind::Service => &["spec.clusterIP", "spec.type"],
        Kind::Job => &["status.successful"],
        _ => return None,
    })
}

fn check_field(kind: Kind, field: &str) -> Result<(), String> {
    let is_common = field == "metadata.name" || field == "metadata.namespace";
    match own_fields(kind) {
        _ if is_common => Ok(()),
        Some(fields) if fields.contains(&field) => Ok(()),
        Some(_) => Err(format!("field label not supported: {field}")),
        None => Err(format!(
            "\"{field}\" is not a known field selector: only \"metadata.name\", \
             \"metadata.namespace\""
        )),
    }
}

fn field_text(object: &Object, field: &str) -> EcoString {
    let path: Vec<&str> = match (object.kind, field) {
        (Kind::Event, "source") => vec!["source", "component"],
        (Kind::Event, "reportingComponent") => vec!["reportingComponent"],
        (Kind::Job, "status.successful") => vec!["status", "succeeded"],
        (_, field) => field.split('.').collect(),
    };
    match (field, object.path(&path)) {
        ("source", Value::Null) => object.path(&["reportingComponent"]).str().into(),
        ("spec.unschedulable" | "spec.hostNetwork", Value::Null) => "false".into(),
        ("status.successful", Value::Null) => "0".into(),
        ("status.podIPs", Value::Array(ips)) => {
            let ips: Vec<&str> = ips.iter().map(|ip| ip.get("ip").str()).collect();
            ips.join(",").into()
        }
        (_, Value::Bool(b)) => b.to_string().into(),
        (_, Value::Int(i)) => i.to_string().into(),
        (_, value) => value.str().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn fields_select() {
        let value = value!({"metadata": {"name": "web-0"}, "status": {"phase": "Running"}});
        let pod = Object::new(Kind::Pod, value);
        let selects =
            |text: &str| FieldSelector::parse_for(Kind::Pod, text).map(|s| s.matches(&pod));
        assert_eq!(selects("metadata.name=web-0,status.phase!=Failed"), Ok(true));
        assert_eq!(selects("status.phase==Pending"), Ok(false));
        assert_eq!(selects("spec.hostNetwork=false"), Ok(true));
        assert_eq!(selects(""), Ok(true));
    }

    #[test]
    fn errors_are_the_servers() {
        let error = |kind, text| FieldSelector::parse_for(kind, text).expect_err(text);
        assert_eq!(
            error(Kind::Pod, "status.phase"),
            "invalid selector: 'status.phase'; can't understand 'status.phase'"
        );
        assert_eq!(
            error(Kind::StatefulSet, "spec.replicas=2"),
            "\"spec.replicas\" is not a known field selector: only \"metadata.name\", \
             \"metadata.namespace\""
        );
        assert_eq!(
            error(Kind::Event, "involvedObject.phase=Running"),
            "field label not supported: involvedObject.phase"
        );
    }
}
