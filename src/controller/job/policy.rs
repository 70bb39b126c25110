//! What a Job's policies make of Pods that have failed, and of indexes that have succeeded.
//!
//! Models `pod_failure_policy.go` and `success_policy.go`.

use super::intervals::Intervals;
use crate::api::object::Object;
use crate::api::value::Value;

/// What is made of a failed Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It counts towards the limit.
    Count,
    /// It does not count.
    Ignore,
    /// Its index fails at once.
    FailIndex,
    /// The Job fails at once, with this message.
    FailJob(String),
}

/// The verdict of the first rule that fits; a failure counts where none does.
///
/// Models matchPodFailurePolicy.
pub fn verdict(policy: &Value, pod: &Object) -> Verdict {
    let rules = policy.get("rules").items().iter().enumerate();
    let mut fitting = rules.filter_map(|(index, rule)| {
        let action = rule.get("action").str();
        let what = match rule.get("onExitCodes") {
            Value::Null => on_conditions(rule.get("onPodConditions"), pod)?,
            requirement => on_exit_codes(requirement, pod)?,
        };
        Some(match action {
            "Ignore" => Verdict::Ignore,
            "FailIndex" => Verdict::FailIndex,
            "FailJob" => Verdict::FailJob(format!("{what} matching FailJob rule at index {index}")),
            _ => Verdict::Count,
        })
    });
    fitting.next().unwrap_or(Verdict::Count)
}

fn named(pod: &Object) -> String {
    format!("{}/{}", pod.namespace(), pod.name())
}

// `matchOnExitCodes`, with the beginning of the message.
fn on_exit_codes(requirement: &Value, pod: &Object) -> Option<String> {
    let values = requirement.get("values").items();
    let name = requirement.get("containerName").as_str();
    let lists = ["containerStatuses", "initContainerStatuses"];
    let containers = lists.iter().flat_map(|list| pod.status().get(list).items());
    containers.into_iter().find_map(|container| {
        let code = container.path(&["state", "terminated", "exitCode"]).as_i64()?;
        let own = container.get("name").str();
        let is_listed = values.iter().any(|value| value.as_i64() == Some(code));
        let fits = match requirement.get("operator").str() {
            "In" => is_listed,
            "NotIn" => !is_listed,
            _ => false,
        };
        (code != 0 && fits && name.is_none_or(|name| name == own))
            .then(|| format!("Container {own} for pod {} failed with exit code {code}", named(pod)))
    })
}

// `matchOnPodConditions`, with the beginning of the message.
fn on_conditions(patterns: &Value, pod: &Object) -> Option<String> {
    let same = |a: &Value, b: &Value| ["type", "status"].iter().all(|f| a.get(f) == b.get(f));
    let mut conditions = pod.status().get("conditions").items().iter();
    let found = conditions.find(|c| patterns.items().iter().any(|pattern| same(c, pattern)))?;
    Some(format!("Pod {} has condition {}", named(pod), found.get("type").str()))
}

/// Which rule of a success policy is met, as a message.
///
/// Models matchSuccessPolicy.
pub fn success(policy: &Value, completions: i64, succeeded: &Intervals) -> Option<String> {
    let is_met = |rule: &Value| {
        let count = rule.get("succeededCount").as_i64();
        match rule.get("succeededIndexes").as_str() {
            Some(indexes) => {
                let required = Intervals::parse(indexes, completions);
                required.shared(succeeded) >= count.unwrap_or(required.total())
            }
            None => count.is_some_and(|count| succeeded.total() >= count),
        }
    };
    let position = policy.get("rules").items().iter().position(is_met);
    let position = position.filter(|_| succeeded.total() > 0)?;
    Some(format!("Matched rules at index {position}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scheme::Kind;

    fn pod(code: i64) -> Object {
        let value = crate::value!({
            "metadata": {"name": "p", "namespace": "n"},
            "status": {
                "containerStatuses": [{"name": "c", "state": {"terminated": {"exitCode": code}}}],
                "conditions": [{"type": "DisruptionTarget", "status": "True"}],
            },
        });
        Object::new(Kind::Pod, value)
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let codes = |operator: &str, action: &str| {
            let values = crate::value!([3, 4]);
            crate::value!({"action": action, "onExitCodes": {"operator": operator, "values": values}})
        };
        let rules = |rules: Vec<Value>| crate::value!({"rules": rules});
        let policy = rules(vec![codes("In", "Ignore"), codes("NotIn", "FailJob")]);
        assert_eq!(verdict(&policy, &pod(3)), Verdict::Ignore);
        let message =
            "Container c for pod n/p failed with exit code 5 matching FailJob rule at index 1";
        assert_eq!(verdict(&policy, &pod(5)), Verdict::FailJob(message.into()));
        assert_eq!(verdict(&policy, &pod(0)), Verdict::Count);
        let disrupted = crate::value!({
            "action": "FailIndex",
            "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
        });
        assert_eq!(verdict(&rules(vec![disrupted]), &pod(0)), Verdict::FailIndex);
    }

    #[test]
    fn indexes_and_counts_make_a_success() {
        let met = |rule: Value, succeeded: &str| {
            let policy = crate::value!({"rules": [rule]});
            success(&policy, 10, &Intervals::parse(succeeded, 10)).is_some()
        };
        assert!(met(crate::value!({"succeededIndexes": "0,2-3"}), "0-3"));
        assert!(!met(crate::value!({"succeededIndexes": "0,2-3"}), "0-2"));
        assert!(met(crate::value!({"succeededIndexes": "0,2-3", "succeededCount": 2}), "0-2"));
        assert!(met(crate::value!({"succeededCount": 2}), "5,7"));
        assert!(!met(crate::value!({"succeededCount": 0}), ""));
    }
}
