//! Which logs are meant.
//!
//! Models `polymorphichelpers.LogsForObject` and `podutils.ByLogging`.

use crate::api::object::{Object, ObjectKey};
use crate::api::pod;
use crate::api::scheme::Kind;
use crate::api::value::EcoString;
use crate::kubectl::container;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::World;
use crate::kubectl::resource_builder::Builder;

/// One log: a Pod and its container.
pub(super) type Source = (ObjectKey, EcoString);

/// The logs that the command line asks for.
pub(super) fn find(
    invocation: &Invocation,
    resource: &str,
    container: &str,
    world: &mut World<'_>,
) -> Result<Vec<Source>, Failure> {
    if resource.is_empty() {
        let builder = Builder::new(invocation).arguments(&["pods".into()]);
        let pods = builder.list(world, Kind::Pod)?;
        if pods.is_empty() {
            world.complain(&format!("No resources found in {} namespace.", invocation.namespace));
        }
        return of_pods(invocation, &pods, container, world);
    }
    let object = read(invocation, resource, world)?;
    if object.kind == Kind::Pod {
        return of_pods(invocation, &[object], container, world);
    }
    let mut pods = container::pods_of(&object, world).map_err(|why| {
        Failure::message(format!(
            "cannot get the logs from *{}.{}: {}",
            object.kind.resource().version,
            object.kind,
            why.sentence()
        ))
    })?;
    if invocation.is_true("all-pods") {
        return of_pods(invocation, &pods, container, world);
    }
    pods.sort_by_key(order);
    let Some(first) = pods.first().cloned() else {
        return Err(Failure::message("timed out waiting for the condition"));
    };
    if pods.len() > 1 {
        world.complain(&format!("Found {} pods, using pod/{}", pods.len(), first.name()));
    }
    of_pods(invocation, &[first], container, world)
}

/// The named Pod or workload.
fn read(invocation: &Invocation, resource: &str, world: &mut World<'_>) -> Result<Object, Failure> {
    let name = match resource.contains('/') {
        true => EcoString::from(resource),
        false => format!("pods/{resource}").into(),
    };
    let found = Builder::in_namespace(invocation).arguments(&[name]).find(world)?;
    let infos = found.infos().map_err(|failure| match failure.status() {
        Some(status) if status.is("NotFound") => Failure::message(format!(
            "error from server (NotFound): {} in namespace {:?}",
            status.message,
            invocation.namespace.as_str()
        )),
        _ => failure,
    })?;
    let object = infos.into_iter().next().and_then(|info| info.object);
    object.ok_or_else(|| Failure::message("expected a resource"))
}

fn of_pods(
    invocation: &Invocation,
    pods: &[Object],
    name: &str,
    world: &mut World<'_>,
) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    for pod in pods {
        if !invocation.is_true("all-containers") {
            let container = container::choose(pod, name, true, world)?;
            sources.push((pod.key(), container));
            continue;
        }
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            let containers = pod.spec().get(list).items().iter();
            sources.extend(containers.map(|c| (pod.key(), c.get("name").str().into())));
        }
    }
    Ok(sources)
}

/// What sorts before others is preferred: scheduled, running, ready, ready for long.
type Order = (bool, u8, bool, Option<crate::api::time::Time>, std::cmp::Reverse<i64>);

fn order(pod: &Object) -> Order {
    let unassigned = pod.spec().get("nodeName").str().is_empty();
    let phase = match pod::phase(pod) {
        "Running" => 0,
        "Unknown" => 1,
        _ => 2,
    };
    let statuses = pod.status().get("containerStatuses").items();
    let restarts = statuses.iter().filter_map(|s| s.get("restartCount").as_i64()).max();
    let ready = pod::condition(pod, "Ready").is_some_and(|c| c.get("status").str() == "True");
    let since = pod::ready_since(pod).filter(|_| ready);
    (unassigned, phase, !ready, since, std::cmp::Reverse(restarts.unwrap_or(0)))
}
