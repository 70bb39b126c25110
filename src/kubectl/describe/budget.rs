//! PodDisruptionBudgets.
//!
//! Models PodDisruptionBudgetDescriber of describe.go.

use super::Writer;
use super::writer::scalar;
use crate::api::object::Object;
use crate::kubectl::printers::format_label_selector;

/// Writes everything but the events.
pub fn describe(budget: &Object, w: &mut Writer) {
    let (spec, status) = (budget.spec(), budget.status());
    w.field(0, "Name", budget.name());
    w.field(0, "Namespace", budget.namespace());
    if !spec.get("minAvailable").is_null() {
        w.field(0, "Min available", &scalar(spec.get("minAvailable")));
    } else if !spec.get("maxUnavailable").is_null() {
        w.field(0, "Max unavailable", &scalar(spec.get("maxUnavailable")));
    }
    let selector = match spec.get("selector").is_null() {
        true => "<unset>".to_string(),
        false => format_label_selector(spec.get("selector")),
    };
    w.field(0, "Selector", &selector);
    w.line(0, "Status:");
    for (title, field) in [
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ] {
        w.field(2, title, &status.get(field).as_i64().unwrap_or(0).to_string());
    }
}
