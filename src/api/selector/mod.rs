//! Selectors as objects carry them: label selectors and node selectors.
//!
//! Models `metav1.LabelSelector` (`LabelSelectorAsSelector`) and `component-helpers`
//! `nodeaffinity`; the text forms are in [`labels`] and [`fields`].

pub mod fields;
pub mod labels;

use super::object::Object;
use super::value::{Map, Value};

/// Whether every pair of `wanted` is among `labels`; an empty or absent map selects everything.
pub fn labels_match(wanted: &Value, labels: Option<&Map>) -> bool {
    wanted.entries().all(|(key, value)| label(labels, key) == Some(value.str()))
}

/// Whether a `metav1.LabelSelector` selects these labels: null selects nothing, `{}` everything.
pub fn selector_matches(selector: &Value, labels: Option<&Map>) -> bool {
    !selector.is_null()
        && labels_match(selector.get("matchLabels"), labels)
        && selector.get("matchExpressions").items().iter().all(|e| requirement_matches(e, labels))
}

fn label<'a>(labels: Option<&'a Map>, key: &str) -> Option<&'a str> {
    labels.and_then(|labels| labels.get(key)).map(Value::str)
}

/// Whether one requirement (`key`, `operator`, `values`) holds for these labels.
pub fn requirement_matches(requirement: &Value, labels: Option<&Map>) -> bool {
    let found = label(labels, requirement.get("key").str());
    compare(requirement, found)
}

fn compare(requirement: &Value, found: Option<&str>) -> bool {
    let values = requirement.get("values").items();
    let listed = || found.is_some_and(|found| values.iter().any(|v| v.str() == found));
    match requirement.get("operator").str() {
        "In" => listed(),
        "NotIn" => !listed(),
        "Exists" => found.is_some(),
        "DoesNotExist" => found.is_none(),
        "Gt" => numbers(found, values).is_some_and(|(a, b)| a > b),
        "Lt" => numbers(found, values).is_some_and(|(a, b)| a < b),
        _ => false,
    }
}

fn numbers(found: Option<&str>, values: &[Value]) -> Option<(i64, i64)> {
    Some((found?.parse().ok()?, values.first()?.str().parse().ok()?))
}

/// Whether a `NodeSelector` (`nodeSelectorTerms`) selects a node: one term must hold; a term
/// without requirements selects nothing.
pub fn node_selector_matches(selector: &Value, node: &Object) -> bool {
    selector.get("nodeSelectorTerms").items().iter().any(|term| term_matches(term, node))
}

/// Whether one `NodeSelectorTerm` selects a node.
pub fn term_matches(term: &Value, node: &Object) -> bool {
    let expressions = term.get("matchExpressions").items();
    let fields = term.get("matchFields").items();
    let by_field = |field: &Value| {
        field.get("key").str() == "metadata.name" && compare(field, Some(node.name()))
    };
    !(expressions.is_empty() && fields.is_empty())
        && expressions.iter().all(|e| requirement_matches(e, node.labels()))
        && fields.iter().all(by_field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn requirements_hold_as_upstream() {
        let labels: Map = [("app", "web"), ("tier", "3")].into_iter().collect();
        let holds = |requirement| requirement_matches(&requirement, Some(&labels));
        assert!(holds(value!({"key": "app", "operator": "In", "values": ["db", "web"]})));
        assert!(holds(value!({"key": "zone", "operator": "NotIn", "values": ["a"]})));
        assert!(holds(value!({"key": "tier", "operator": "Gt", "values": ["2"]})));
        assert!(!holds(value!({"key": "zone", "operator": "Exists"})));
        assert!(!selector_matches(&Value::Null, Some(&labels)));
        assert!(selector_matches(&value!({}), Some(&labels)));
    }
}
