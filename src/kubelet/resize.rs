//! Changing what a running Pod's containers may use, without a new Pod.
//!
//! Models `pkg/kubelet/allocation` and the resizing of `pkg/kubelet/kuberuntime`: what a Pod asks
//! for is allocated if the node has it, put into effect container by container, and deferred
//! otherwise. Leaves out: limits of whole Pods, swap, static CPU and memory managers.

use crate::api::go;
use crate::api::object::Object;
use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};
use crate::value;

use super::admit;
use super::spec::{Place, Spec};
use super::worker::{Cx, Worker, has_ended};

/// Condition types, in the order in which they are written.
pub const CONDITIONS: [&str; 2] = ["PodResizePending", "PodResizeInProgress"];
/// Time after which the room on the node is looked at again.
const RETRY_PERIOD: Duration = Duration::from_secs(2);

/// What was allocated to the containers of a Pod whose spec asks, or asked, for something else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Resize {
    /// Resources of each container, by place.
    allocated: Vec<Value>,
    pending: Option<Pending>,
    /// Generation that is being put into effect, and since when.
    started: Option<(i64, Time)>,
}

/// A wish that the node cannot fulfil now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pending {
    message: EcoString,
    generation: i64,
    since: Time,
}

fn resources(pod: &Object) -> Vec<Value> {
    let spec = Spec::of(pod);
    (0..spec.count()).map(|place| spec.container(place).get("resources").clone()).collect()
}

impl Worker {
    /// What a container was given of the node.
    pub fn allocated(&self, place: Place) -> &Value {
        let allocated = self.resize.as_ref().and_then(|resize| resize.allocated.get(place));
        allocated.unwrap_or_else(|| self.spec().container(place).get("resources"))
    }

    /// The Pod is about to become this one: what it was given so far is remembered.
    pub fn remember_allocation(&mut self, pod: &Object) {
        let old = resources(&self.pod);
        if self.resize.is_none() && old != resources(pod) {
            let resize = Resize { allocated: old, pending: None, started: None };
            self.resize = Some(Box::new(resize));
        }
    }

    /// Allocates what the spec asks for, if the node has it.
    ///
    /// Models allocation_manager.go handlePodResourcesResize.
    pub fn allocate(&mut self, cx: &mut Cx) {
        let Some(mut resize) = self.resize.take() else { return };
        let wanted = resources(&self.pod);
        let generation = self.pod.generation();
        if wanted == resize.allocated {
            resize.pending = None;
        } else if let Some((resource, message)) = self.missing(cx) {
            let old = resize.pending.take();
            let is_new = old.as_ref().is_none_or(|old| old.generation != generation);
            if is_new {
                let error = go::json(&message.as_str().into());
                let text = self.resize_text(&format!(",\"error\":{error}"));
                let text = format!("Pod resize OutOf{resource}: {text}");
                self.record(cx, true, "ResizeDeferred", text);
            }
            let since = old.map_or(cx.now, |old| old.since);
            resize.pending = Some(Pending { message: message.into(), generation, since });
            self.sync_at(cx.now.after(RETRY_PERIOD));
        } else {
            resize.allocated = wanted;
            (resize.pending, resize.started) = (None, Some((generation, cx.now)));
            let text = format!("Pod resize started: {}", self.resize_text(""));
            self.record(cx, false, "ResizeStarted", text);
        }
        self.resize = Some(resize);
        self.complete_resize(cx);
    }

    // What the node has too little of, and how that is said.
    fn missing(&self, cx: &Cx) -> Option<(&'static str, String)> {
        let node = admit::node_object(cx.lister, &cx.node.name)?;
        let others = cx.lister.pods_on_node(&cx.node.name);
        let others: Vec<Object> = others
            .filter(|other| other.uid() != self.pod.uid() && !has_ended(other))
            .map(as_allocated)
            .collect();
        admit::shortage(node, &self.pod, &others.iter().collect::<Vec<_>>())
    }

    // The resize is over when every running container has what it was given.
    fn complete_resize(&mut self, cx: &mut Cx) {
        let is_done = (0..self.containers.len()).all(|place| match &self.containers[place].run {
            Some(run) if run.ended.is_none() => &run.resources == self.allocated(place),
            _ => self.spec().is_init(place),
        });
        let Some(resize) = self.resize.as_mut().filter(|resize| resize.started.is_some()) else {
            return;
        };
        let fresh = resize.started.is_some_and(|(_, since)| since == cx.now);
        if is_done && !fresh {
            resize.started = None;
            let text = format!("Pod resize completed: {}", self.resize_text(""));
            self.record(cx, false, "ResizeCompleted", text);
        }
    }

    // What is asked for, as an event has it.
    fn resize_text(&self, rest: &str) -> String {
        let spec = Spec::of(&self.pod);
        let list = |places: std::ops::Range<Place>| -> String {
            let places = places.filter(|place| !spec.is_init(*place) || spec.is_sidecar(*place));
            let texts: Vec<String> = places.map(|place| resource_text(&spec, place)).collect();
            texts.join(",")
        };
        let inits = list(0..spec.init_count());
        let inits = match inits.is_empty() {
            true => String::new(),
            false => format!("\"initContainers\":[{inits}],"),
        };
        let containers = list(spec.init_count()..spec.count());
        let generation = self.pod.generation();
        format!("{{{inits}\"containers\":[{containers}],\"generation\":{generation}{rest}}}")
    }

    /// Puts what was allocated into effect; true if containers have to stop for that.
    ///
    /// Models kuberuntime_manager.go computePodResizeAction.
    pub fn kill_resized(&mut self, cx: &mut Cx) -> bool {
        let mut killed = false;
        for place in 0..self.containers.len() {
            let wanted = self.allocated(place).clone();
            let declared = self.spec().container(place).clone();
            let Some(run) = &mut self.containers[place].run else { continue };
            if run.ended.is_some() || run.resources == wanted {
                continue;
            }
            if needs_restart(&declared, &run.resources, &wanted) {
                let name = self.spec().name(place);
                let message = format!("Container {name} resize requires restart");
                self.kill(cx, place, self.spec().grace(), &message);
                killed = true;
            } else {
                run.resources = wanted;
                self.sync_at(cx.node.relist_after(cx.now));
            }
        }
        killed
    }

    /// The conditions that say how far a resize is.
    pub fn resize_conditions(&self) -> Vec<Value> {
        let Some(resize) = &self.resize else { return Vec::new() };
        let pending = resize.pending.as_ref().map(|pending| {
            let mut condition = condition(CONDITIONS[0], pending.generation, pending.since);
            condition.set(&["reason"], "Deferred");
            condition.set(&["message"], &pending.message);
            condition
        });
        let started = resize.started;
        let started = started.map(|(generation, at)| condition(CONDITIONS[1], generation, at));
        pending.into_iter().chain(started).collect()
    }
}

// A Pod counts for what it was given, not for what it wishes.
//
// Models allocation_manager.go UpdatePodFromAllocation.
fn as_allocated(pod: &Object) -> Object {
    let mut pod = pod.clone();
    for (list, statuses) in
        [("containers", "containerStatuses"), ("initContainers", "initContainerStatuses")]
    {
        let statuses = pod.status().get(statuses).clone();
        for container in pod.value.path_mut(&["spec", list]).items_mut() {
            let name = container.get("name").clone();
            let status = statuses.items().iter().find(|status| status.get("name") == &name);
            let given = status.map_or(&Value::Null, |status| status.get("allocatedResources"));
            if !given.is_null() {
                container.set(&["resources", "requests"], given.clone());
            }
        }
    }
    pod
}

fn condition(name: &str, generation: i64, since: Time) -> Value {
    value!({
        "lastProbeTime": null,
        "lastTransitionTime": (since.rfc3339()),
        "observedGeneration": generation,
        "status": "True",
        "type": name,
    })
}

// `{"name":"main","resources":{"limits":{"cpu":"1"},"requests":{"cpu":"1"}}}`
fn resource_text(spec: &Spec<'_>, place: Place) -> String {
    let container = spec.container(place);
    let parts = ["limits", "requests"].into_iter().filter_map(|field| {
        let amounts = container.path(&["resources", field]);
        let shown = ["cpu", "memory"].into_iter().filter(|name| !amounts.get(name).is_null());
        let shown: Vec<String> =
            shown.map(|name| format!("\"{name}\":{}", go::json(amounts.get(name)))).collect();
        (!shown.is_empty()).then(|| format!("\"{field}\":{{{}}}", shown.join(",")))
    });
    let parts: Vec<String> = parts.collect();
    let name = go::json(container.get("name"));
    format!("{{\"name\":{name},\"resources\":{{{}}}}}", parts.join(","))
}

// Whether the policy for something that changes wants the container to start again.
fn needs_restart(declared: &Value, old: &Value, new: &Value) -> bool {
    let policies = declared.get("resizePolicy").items();
    [("limits", "memory"), ("limits", "cpu"), ("requests", "cpu")].iter().any(|(field, name)| {
        let is_it = |policy: &&Value| policy.get("resourceName").str() == *name;
        let policy = policies.iter().find(is_it).map(|policy| policy.get("restartPolicy").str());
        old.path(&[field, name]) != new.path(&[field, name]) && policy == Some("RestartContainer")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scheme::Kind;

    #[test]
    fn a_pod_counts_for_what_it_was_given() {
        let asks = |cpu: &str| value!({"name": "c", "resources": {"requests": {"cpu": cpu}}});
        let given = value!({"name": "c", "allocatedResources": {"cpu": "100m"}});
        let pod = value!({
            "spec": {"containers": [(asks("1"))]}, "status": {"containerStatuses": [given]}
        });
        let pod = as_allocated(&Object::new(Kind::Pod, pod));
        assert_eq!(pod.spec().get("containers").at(0), &asks("100m"));
    }

    #[test]
    fn the_policy_of_what_changes_decides() {
        let policy = value!([{"resourceName": "memory", "restartPolicy": "RestartContainer"}]);
        let declared = value!({"resizePolicy": policy});
        let with = |cpu: &str, memory: &str| value!({"limits": {"cpu": cpu, "memory": memory}});
        let old = with("1", "1Gi");
        assert!(!needs_restart(&declared, &old, &with("2", "1Gi")));
        assert!(needs_restart(&declared, &old, &with("1", "2Gi")));
        assert!(!needs_restart(&value!({}), &old, &with("2", "2Gi")));
    }
}
