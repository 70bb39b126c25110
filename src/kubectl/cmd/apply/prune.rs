//! `kubectl apply --prune`: deletes what was applied before and is in no file any more.
//!
//! Models `prune.go` with its default list of kinds.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::value::EcoString;
use crate::apiserver::request::{Actor, DeleteOptions, Propagation, Request, Selectors, Verb};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::last_applied;
use crate::kubectl::output::Printer;
use crate::kubectl::process::World;

const NAMESPACED: &[Kind] = &[
    Kind::ConfigMap,
    Kind::Endpoints,
    Kind::PersistentVolumeClaim,
    Kind::Pod,
    Kind::Secret,
    Kind::Service,
    Kind::Job,
    Kind::CronJob,
    Kind::DaemonSet,
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::StatefulSet,
];
const CLUSTER_SCOPED: &[Kind] = &[Kind::Namespace, Kind::PersistentVolume];

/// Deletes what the selector selects, was applied, and has not been visited.
pub(super) fn prune(
    invocation: &Invocation,
    dry_run: DryRun,
    visited: &[Object],
    world: &mut World<'_>,
) -> Result<(), Failure> {
    if !invocation.list("prune-allowlist").is_empty() {
        let real = "prune objects of the kinds that it lists";
        return Err(Failure::not_simulated("--prune-allowlist", real));
    }
    let mut namespaces: Vec<EcoString> = Vec::new();
    for object in visited {
        let namespace = object.namespace();
        if !namespace.is_empty() && !namespaces.iter().any(|known| known == namespace) {
            namespaces.push(namespace.into());
        }
    }
    for namespace in &namespaces {
        for kind in NAMESPACED {
            prune_kind(invocation, dry_run, visited, *kind, namespace, world)?;
        }
    }
    for kind in CLUSTER_SCOPED {
        prune_kind(invocation, dry_run, visited, *kind, "", world)?;
    }
    Ok(())
}

fn prune_kind(
    invocation: &Invocation,
    dry_run: DryRun,
    visited: &[Object],
    kind: Kind,
    namespace: &str,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let labels = invocation.text("selector").into();
    let list = Verb::List(Selectors { labels, fields: EcoString::new() });
    let key = ObjectKey::new(kind, namespace, "");
    for object in world.send(&Request::new(Actor::User, key, list))?.items {
        let applied = last_applied::original_text(&object).is_some();
        if !applied || visited.iter().any(|known| known.uid() == object.uid()) {
            continue;
        }
        if dry_run != DryRun::Client {
            let grace = invocation.int("grace-period");
            let options = DeleteOptions {
                grace_period_seconds: (grace >= 0).then_some(grace),
                propagation: Some(Propagation::Background),
                ..DeleteOptions::default()
            };
            let mut request = Request::new(Actor::User, object.key(), Verb::Delete(options));
            request.options.dry_run = dry_run == DryRun::Server;
            world.send(&request)?;
        }
        let operation = dry_run.operation("pruned");
        Printer::of(invocation, &operation, world)?.print(&object.value, world)?;
    }
    Ok(())
}
