//! Which Pod and container a command means.
//!
//! Models `k8s.io/kubectl/pkg/cmd/util/podcmd` and `polymorphichelpers.AttachablePodForObject`.

use super::errors::Failure;
use super::process::World;
use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::value::EcoString;
use crate::apiserver::request::{Actor, Request, Selectors, Verb};

const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// All containers with what they are: `mysql, xtrabackup, init-mysql (init)`.
///
/// Models podcmd.AllContainerNames.
pub fn all_names(pod: &Object) -> String {
    let names = |list: &str, suffix: &str| -> Vec<String> {
        let containers = pod.spec().get(list).items().iter();
        containers.map(|c| format!("{}{suffix}", c.get("name").str())).collect()
    };
    let mut all = names("containers", "");
    all.extend(names("ephemeralContainers", " (ephem)"));
    all.extend(names("initContainers", " (init)"));
    all.join(", ")
}

/// Whether the Pod has a container of this name, of any sort.
pub fn has(pod: &Object, name: &str) -> bool {
    ["containers", "ephemeralContainers", "initContainers"].iter().any(|list| {
        pod.spec().get(list).items().iter().any(|container| container.get("name").str() == name)
    })
}

/// The container that is meant: the named one, the annotated one, or the first.
///
/// Models podcmd.FindOrDefaultContainerByName.
pub fn choose(
    pod: &Object,
    name: &str,
    announce: bool,
    world: &mut World<'_>,
) -> Result<EcoString, Failure> {
    if !name.is_empty() {
        return match has(pod, name) {
            true => Ok(name.into()),
            false => Err(Failure::message(format!(
                "container {name} is not valid for pod {} out of: {}",
                pod.name(),
                all_names(pod)
            ))),
        };
    }
    if let Some(annotated) = pod.annotation(DEFAULT_CONTAINER).filter(|name| has(pod, name)) {
        return Ok(annotated.into());
    }
    let first = pod.spec().get("containers").at(0).get("name").str();
    let several = all_names(pod).contains(", ");
    if announce && several {
        let all = all_names(pod);
        world.complain(&format!("Defaulted container \"{first}\" out of: {all}"));
    }
    Ok(first.into())
}

/// The Pod itself, or that of a workload or Service that sorts first (running and ready before
/// others).
///
/// Models polymorphichelpers.attachablePodForObject.
pub fn attachable_pod(object: &Object, world: &mut World<'_>) -> Result<Object, Failure> {
    if object.kind == Kind::Pod {
        return Ok(object.clone());
    }
    let mut pods = pods_of(object, world)?;
    pods.sort_by_key(|pod| !crate::api::pod::is_running_and_ready(pod));
    pods.into_iter().next().ok_or_else(|| Failure::message("timed out waiting for the condition"))
}

/// All Pods that a workload or Service selects, sorted by name.
pub fn pods_of(object: &Object, world: &mut World<'_>) -> Result<Vec<Object>, Failure> {
    let selector = match object.kind {
        Kind::Service => {
            crate::kubectl::printers::format_labels(object.spec().get("selector").as_object())
        }
        Kind::StatefulSet | Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet | Kind::Job => {
            crate::kubectl::printers::format_label_selector(object.spec().get("selector"))
        }
        kind => {
            let go_type = format!("*{}.{kind}", kind.resource().version);
            return Err(Failure::message(format!("selector for {go_type} not implemented")));
        }
    };
    let selectors = Selectors { labels: selector.into(), fields: EcoString::new() };
    let key = ObjectKey::new(Kind::Pod, object.namespace(), "");
    let request = Request::new(Actor::User, key, Verb::List(selectors));
    Ok(world.client.request(&request)?.items)
}
