//! `kubectl create poddisruptionbudget`, `quota` and `priorityclass`.
//!
//! Models `create_pdb.go`, `create_quota.go`, `create_priorityclass.go`.

use super::generator::{finish, name, named, require};
use crate::api::scheme::Kind;
use crate::api::value::Value;
use crate::kubectl::cmd::set::quantities;
use crate::kubectl::command::Flag;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::label_selector;
use crate::kubectl::process::{Outcome, World};

pub(super) static BUDGET_FLAGS: &[Flag] =
    &[Flag::text("max-unavailable"), Flag::text("min-available"), Flag::text("selector")];
pub(super) static QUOTA_FLAGS: &[Flag] = &[Flag::text("hard"), Flag::text("scopes")];
pub(super) static PRIORITY_FLAGS: &[Flag] = &[
    Flag::text("description"),
    Flag::bool("global-default"),
    Flag::text("preemption-policy").default("PreemptLowerPriority"),
    Flag::int32("value", "0"),
];

pub(super) fn budget(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = name(invocation)?;
    let (least, most) = (invocation.text("min-available"), invocation.text("max-unavailable"));
    let message = match (invocation.text("selector"), least, most) {
        ("", _, _) => Some("a selector must be specified"),
        (_, "", "") => Some("one of min-available or max-unavailable must be specified"),
        (_, least, most) if !least.is_empty() && !most.is_empty() => {
            Some("min-available and max-unavailable cannot be both specified")
        }
        _ => None,
    };
    if let Some(text) = message {
        return Err(Failure::message(text));
    }
    let mut value = named(&name);
    for (field, text) in [("minAvailable", least), ("maxUnavailable", most)] {
        if !text.is_empty() {
            let amount = text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from);
            value.set(&["spec", field], amount);
        }
    }
    value.set(&["spec", "selector"], label_selector::parse(invocation.text("selector"))?);
    finish(invocation, Kind::PodDisruptionBudget, value, "poddisruptionbudgets", world)
}

pub(super) fn quota(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = name(invocation)?;
    let mut value = named(&name);
    for (resource, amount) in quantities(invocation.text("hard"))? {
        value.set(&["spec", "hard", &resource], amount);
    }
    let scopes = invocation.text("scopes");
    if !scopes.is_empty() {
        let scopes: Vec<Value> = scopes.split(',').map(Value::from).collect();
        value.set(&["spec", "scopes"], scopes);
    }
    finish(invocation, Kind::ResourceQuota, value, "quota", world)
}

pub(super) fn priority_class(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    require(invocation, &["value"])?;
    let name = name(invocation)?;
    let mut value = named(&name);
    value.set(&["value"], invocation.int("value"));
    value.set(&["preemptionPolicy"], invocation.text("preemption-policy"));
    if invocation.is_true("global-default") {
        value.set(&["globalDefault"], true);
    }
    if !invocation.text("description").is_empty() {
        value.set(&["description"], invocation.text("description"));
    }
    finish(invocation, Kind::PriorityClass, value, "priorityclass", world)
}
