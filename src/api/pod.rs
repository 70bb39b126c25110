//! What can be read off a Pod.
//!
//! Models `pkg/api/v1/pod` (podutil) and the predicates of
//! `pkg/controller/statefulset/stateful_set_utils.go`.

use super::object::Object;
use super::time::{Duration, Time};
use super::value::{EcoString, Value};

/// A condition of a Pod or of anything else that has `status.conditions`.
pub fn condition<'a>(object: &'a Object, condition_type: &str) -> Option<&'a Value> {
    let mut conditions = object.status().get("conditions").items().iter();
    conditions.find(|condition| condition.get("type").str() == condition_type)
}

/// `status.phase`
pub fn phase(pod: &Object) -> &str {
    pod.status().get("phase").str()
}

/// Whether its containers have all ended for good (`podutil.IsPodTerminal`).
pub fn is_terminal(pod: &Object) -> bool {
    matches!(phase(pod), "Succeeded" | "Failed")
}

/// Since when the Pod has been Ready, if it is (`GetPodReadyCondition`).
pub fn ready_since(pod: &Object) -> Option<Time> {
    let ready = condition(pod, "Ready").filter(|c| c.get("status").str() == "True")?;
    Time::parse(ready.get("lastTransitionTime").str())
}

/// Models `isRunningAndReady`, which does not ask whether the Pod is being deleted.
pub fn is_running_and_ready(pod: &Object) -> bool {
    phase(pod) == "Running"
        && condition(pod, "Ready").is_some_and(|c| c.get("status").str() == "True")
}

/// Whether a Pod that has been Ready since `since` counts as available
/// (`podutil.IsPodAvailable`).
pub fn is_available(since: Time, min_ready: Duration, now: Time) -> bool {
    min_ready.is_zero() || since.after(min_ready) < now
}

/// The claim of a Pod's ephemeral volume (`ephemeral.VolumeClaimName`).
pub fn ephemeral_claim(pod: &Object, volume: &Value) -> EcoString {
    format!("{}-{}", pod.name(), volume.get("name").str()).into()
}

/// The claim that a volume of a Pod uses, if it uses one.
pub fn claim_of(pod: &Object, volume: &Value) -> Option<EcoString> {
    match (volume.get("persistentVolumeClaim"), volume.get("ephemeral")) {
        (Value::Null, Value::Null) => None,
        (Value::Null, _) => Some(ephemeral_claim(pod, volume)),
        (claim, _) => Some(claim.get("claimName").str().into()),
    }
}

/// The set's name and the ordinal that a Pod's name consists of, if it has that form.
///
/// Models `getParentNameAndOrdinal`: `web-01` has ordinal 1, an ordinal beyond an int32 none.
pub fn parent_name_and_ordinal(name: &str) -> Option<(&str, i32)> {
    let (parent, ordinal) = name.rsplit_once('-')?;
    if ordinal.is_empty() || !ordinal.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((parent, ordinal.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn get_parent_name_and_ordinal() {
        assert_eq!(parent_name_and_ordinal("web-1"), Some(("web", 1)));
        assert_eq!(parent_name_and_ordinal("web-01"), Some(("web", 1)));
        assert_eq!(parent_name_and_ordinal("my-web-10"), Some(("my-web", 10)));
        for name in ["web", "web-", "web-1a", "web-2147483648", "web_1"] {
            assert_eq!(parent_name_and_ordinal(name), None, "{name}");
        }
    }
}
