//! Selectors as objects have them, out of what is typed.
//!
//! Models `k8s.io/apimachinery/pkg/apis/meta/v1` ParseToLabelSelector.

use super::errors::Failure;
use crate::api::selector::labels::{LabelSelector, Operator, Requirement};
use crate::api::value::Value;
use crate::value;

/// `app=web,tier in (a,b)` with `matchLabels` and `matchExpressions`.
pub fn parse(text: &str) -> Result<Value, Failure> {
    let parsed = LabelSelector::parse(text);
    let parsed = parsed.map_err(|why| {
        Failure::message(format!("couldn't parse the selector string \"{text}\": {why}"))
    })?;
    let mut selector = Value::object();
    for requirement in &parsed.requirements {
        add(&mut selector, requirement)?;
    }
    Ok(selector)
}

fn add(selector: &mut Value, requirement: &Requirement) -> Result<(), Failure> {
    let key = &requirement.key;
    let operator = match requirement.operator {
        Operator::Equals | Operator::DoubleEquals => {
            let label = requirement.values.first().cloned().unwrap_or_default();
            selector.set(&["matchLabels", key], label);
            return Ok(());
        }
        Operator::In => "In",
        Operator::NotIn => "NotIn",
        Operator::Exists => "Exists",
        Operator::DoesNotExist => "DoesNotExist",
        Operator::GreaterThan => return Err(unsupported("gt")),
        Operator::LessThan => return Err(unsupported("lt")),
        Operator::NotEquals => {
            return Err(Failure::message("\"!=\" is not a valid label selector operator"));
        }
    };
    let mut expression = value!({"key": key, "operator": operator});
    if !requirement.values.is_empty() {
        let values: Vec<Value> = requirement.values.iter().map(Value::from).collect();
        expression.set(&["values"], values);
    }
    selector.path_mut(&["matchExpressions"]).array_mut().push(expression);
    Ok(())
}

fn unsupported(operator: &str) -> Failure {
    Failure::message(format!("\"{operator}\" isn't supported in label selectors"))
}
