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

    /// `restartPolicy` of the Pod.
    pub fn restart_policy(self) -> RestartPolicy {
        match self.pod.path(&["spec", "restartPolicy"]).str() {
            "Never" => RestartPolicy::Never,
            "OnFailure" => RestartPolicy::OnFailure,
            _ => RestartPolicy::Always,
        }
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
