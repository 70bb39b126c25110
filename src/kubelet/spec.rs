//! Reading a Pod's spec: containers by their place, probes, policies, quality of service.
//!
//! Models the helpers of `pkg/kubelet/types` and `pkg/api/v1/pod`.

use crate::api::object::Object;
use crate::api::time::Duration;
use crate::api::value::{EcoString, Value};

/// A container's place in a Pod: init containers first, then the others, in the spec's order.
pub type Place = usize;

/// A Pod's containers as the worker counts them.
#[derive(Clone, Copy)]
pub struct Spec<'a> {
    pod: &'a Object,
}

impl<'a> Spec<'a> {
    /// The spec of `pod`.
    pub fn of(pod: &'a Object) -> Self {
        Spec { pod }
    }

    /// The init containers.
    pub fn inits(self) -> &'a [Value] {
        self.pod.path(&["spec", "initContainers"]).items()
    }

    /// The containers that are no init containers.
    pub fn regulars(self) -> &'a [Value] {
        self.pod.path(&["spec", "containers"]).items()
    }

    /// How many init containers there are: the place of the first other container.
    pub fn init_count(self) -> usize {
        self.inits().len()
    }

    /// How many containers there are in all.
    pub fn count(self) -> usize {
        self.inits().len() + self.regulars().len()
    }

    /// The container at a place; null if there is none.
    pub fn container(self, place: Place) -> &'a Value {
        let inits = self.inits();
        let found = match place.checked_sub(inits.len()) {
            None => inits.get(place),
            Some(rest) => self.regulars().get(rest),
        };
        found.unwrap_or(&Value::Null)
    }

    /// The name of the container at a place.
    pub fn name(self, place: Place) -> &'a str {
        self.container(place).get("name").str()
    }

    /// The place of a container.
    pub fn place(self, name: &str) -> Option<Place> {
        (0..self.count()).find(|place| self.name(*place) == name)
    }

    /// Whether the container at a place is an init container.
    pub fn is_init(self, place: Place) -> bool {
        place < self.init_count()
    }

    /// Whether it is a sidecar: an init container that is restarted for ever.
    pub fn is_sidecar(self, place: Place) -> bool {
        self.is_init(place) && self.container(place).get("restartPolicy").str() == "Always"
    }

    /// Whether a container that ended with this code is started again.
    ///
    /// Models pkg/api/v1/pod ContainerShouldRestart: its own rules go first, then its own policy,
    /// then the Pod's.
    pub fn restarts(self, place: Place, code: i32) -> bool {
        let container = self.container(place);
        let rules = container.get("restartPolicyRules").items();
        let own = container.get("restartPolicy").as_str().filter(|policy| !policy.is_empty());
        if own.is_some() && rules.iter().any(|rule| rule_matches(rule, code)) {
            return true;
        }
        match own.map_or_else(|| self.restart_policy(), RestartPolicy::named) {
            RestartPolicy::Always => true,
            RestartPolicy::OnFailure => code != 0,
            RestartPolicy::Never => false,
        }
    }

    /// `restartPolicy` of the Pod.
    pub fn restart_policy(self) -> RestartPolicy {
        RestartPolicy::named(self.pod.path(&["spec", "restartPolicy"]).str())
    }

    /// `spec.containers{nginx}`: what an event about the container points at.
    pub fn field_path(self, place: Place) -> String {
        let list = if self.is_init(place) { "initContainers" } else { "containers" };
        format!("spec.{list}{{{}}}", self.name(place))
    }

    /// The time that its containers have to stop.
    pub fn grace(self) -> Duration {
        let of = |value: &Value| value.as_i64().map(|s| Duration::from_secs(s.max(0) as u64));
        of(self.pod.path(&["metadata", "deletionGracePeriodSeconds"]))
            .or_else(|| of(self.pod.path(&["spec", "terminationGracePeriodSeconds"])))
            .unwrap_or(Duration::from_secs(30))
    }

    /// Whether its containers use the node's network.
    pub fn host_network(self) -> bool {
        self.pod.path(&["spec", "hostNetwork"]).is_true()
    }
}

// `{action: Restart, exitCodes: {operator: In, values: [42]}}`
fn rule_matches(rule: &Value, code: i32) -> bool {
    let codes = rule.get("exitCodes");
    let listed = codes.get("values").items().iter().any(|v| v.as_i64() == Some(code.into()));
    match codes.get("operator").str() {
        "In" => listed,
        "NotIn" => !listed,
        _ => false,
    }
}

/// When ended containers are started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestartPolicy {
    /// Always.
    Always,
    /// If they failed.
    OnFailure,
    /// Not at all.
    Never,
}

impl RestartPolicy {
    fn named(name: &str) -> Self {
        match name {
            "Never" => RestartPolicy::Never,
            "OnFailure" => RestartPolicy::OnFailure,
            _ => RestartPolicy::Always,
        }
    }
}

/// `BestEffort`, `Burstable` or `Guaranteed`.
///
/// Models pkg/apis/core/v1/helper/qos GetPodQOS.
pub fn qos_class(pod: &Object) -> &'static str {
    let spec = Spec::of(pod);
    let containers = || spec.inits().iter().chain(spec.regulars());
    let of = |container: &Value, list: &str, resource: &str| -> EcoString {
        container.path(&["resources", list, resource]).as_str().unwrap_or("").into()
    };
    let kinds = ["cpu", "memory"];
    let any = containers().any(|c| {
        kinds.iter().any(|k| !of(c, "requests", k).is_empty() || !of(c, "limits", k).is_empty())
    });
    let all = containers().all(|c| {
        kinds.iter().all(|k| {
            let (request, limit) = (of(c, "requests", k), of(c, "limits", k));
            !limit.is_empty() && (request.is_empty() || request == limit)
        })
    });
    match (any, all) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scheme::Kind;
    use crate::value;

    #[test]
    fn rules_go_before_the_policies() {
        let rule = value!({"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}});
        let containers = value!([
            {"name": "a", "restartPolicy": "Never", "restartPolicyRules": [rule]},
            {"name": "b", "restartPolicy": "OnFailure"},
            {"name": "c"},
        ]);
        let spec = value!({"restartPolicy": "Never", "containers": containers});
        let pod = Object::new(Kind::Pod, value!({"spec": spec}));
        let spec = Spec::of(&pod);
        let restarts = |place| [0, 1, 42].map(|code| spec.restarts(place, code));
        assert_eq!(restarts(0), [false, false, true]);
        assert_eq!(restarts(1), [false, true, true]);
        assert_eq!(restarts(2), [false, false, false]);
    }
}
