//! `kubectl rollout status`.
//!
//! Models `rollout_status.go` and `pkg/polymorphichelpers/rollout_status.go`: one line for every
//! event of the object until its rollout is done.

use std::collections::VecDeque;

use super::{find, is_rolled_out};
use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::Value;
use crate::apiserver::watch::WatchEventType;
use crate::kubectl::cmd::Running;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::Info;

/// The objects that are followed, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Watch {
    queue: VecDeque<Result<Info, Failure>>,
    current: Option<Current>,
    failures: Vec<Failure>,
}

/// The object that is followed now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Current {
    key: ObjectKey,
    revision: u64,
    until: Option<Time>,
}

pub(super) fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    if invocation.int("revision") < 0 {
        let text = format!("revision must be a positive integer: {}", invocation.int("revision"));
        return Err(Failure::message(text));
    }
    let found = find(invocation, world)?;
    if found.items.is_empty() {
        world.complain(&format!("No resources found in {} namespace.", invocation.namespace));
    }
    let watch = Watch { queue: found.items.into(), current: None, failures: Vec::new() };
    watch.poll(invocation, world)
}

impl Watch {
    /// Prints what has changed, and goes to the next object when one is done.
    pub fn poll(mut self, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
        loop {
            let result = match self.current.take() {
                Some(current) => self.follow(current, invocation, world),
                None => match self.queue.pop_front() {
                    Some(item) => item.and_then(|info| self.begin(&info, invocation, world)),
                    None => break,
                },
            };
            if let Err(failure) = result {
                self.failures.push(failure);
            }
            if let Some(current) = &self.current {
                let until = current.until;
                return Ok(Flow::Wait(Running::RolloutStatus(self), until));
            }
        }
        Failure::aggregate(self.failures)?;
        Ok(Flow::Done(0))
    }

    fn begin(
        &mut self,
        info: &Info,
        invocation: &Invocation,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        if !is_rolled_out(info.kind) {
            let text = format!("no status viewer has been implemented for {}", info.kind);
            return Err(Failure::message(text));
        }
        let revision = world.client.revision();
        let object = info.get(world)?;
        let until = match invocation.micros("timeout") {
            micros if micros > 0 => {
                Some(world.client.now().after(Duration::from_micros(micros as u64)))
            }
            _ => None,
        };
        if !report(&object, invocation, world)? {
            self.current = Some(Current { key: info.key(), revision, until });
        }
        Ok(())
    }

    fn follow(
        &mut self,
        mut current: Current,
        invocation: &Invocation,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let revision = world.client.revision();
        if revision != current.revision {
            for change in world.client.events_since(current.revision) {
                if change.key != current.key {
                    continue;
                }
                if change.event_type == WatchEventType::Deleted {
                    return Err(Failure::message("object has been deleted"));
                }
                if report(&change.object, invocation, world)? {
                    return Ok(());
                }
            }
            current.revision = revision;
        }
        if current.until.is_some_and(|until| world.client.now() >= until) {
            return Err(Failure::message("timed out waiting for the condition"));
        }
        self.current = Some(current);
        Ok(())
    }
}

/// Prints where the rollout stands; gives whether that was the last line.
fn report(set: &Object, invocation: &Invocation, world: &mut World<'_>) -> Result<bool, Failure> {
    let (line, done) = match set.kind {
        Kind::Deployment => of_deployment(set)?,
        Kind::DaemonSet => of_daemon_set(set)?,
        _ => of_stateful_set(set)?,
    };
    world.print_line(&line);
    Ok(done || !invocation.is_true("watch"))
}

/// Models StatefulSetStatusViewer.Status.
fn of_stateful_set(set: &Object) -> Result<(String, bool), Failure> {
    let (spec, status) = (set.spec(), set.status());
    let number = |name: &str| status.get(name).as_i64().unwrap_or(0);
    let strategy = spec.get("updateStrategy");
    if strategy.get("type").str() != "RollingUpdate" {
        let text = "rollout status is only available for RollingUpdate strategy type";
        return Err(Failure::message(text));
    }
    let observed = number("observedGeneration");
    if observed == 0 || set.generation() > observed {
        return Ok(("Waiting for statefulset spec update to be observed...".into(), false));
    }
    let replicas = spec.get("replicas").as_i64().unwrap_or(0);
    let missing = replicas - number("readyReplicas");
    if missing > 0 {
        return Ok((format!("Waiting for {missing} pods to be ready..."), false));
    }
    let updated = number("updatedReplicas");
    if !strategy.get("rollingUpdate").is_null() {
        let partition = strategy.path(&["rollingUpdate", "partition"]).as_i64();
        let wanted = replicas - partition.unwrap_or(replicas);
        return Ok(match updated < wanted {
            true => (
                format!(
                    "Waiting for partitioned roll out to finish: {updated} out of {wanted} new \
                     pods have been updated..."
                ),
                false,
            ),
            false => {
                let text = format!("{updated} new pods have been updated...");
                (format!("partitioned roll out complete: {text}"), true)
            }
        });
    }
    let revision = |name: &str| status.get(name).str();
    let (update, current) = (revision("updateRevision"), revision("currentRevision"));
    Ok(match update == current {
        false => (
            format!(
                "waiting for statefulset rolling update to complete {updated} pods at revision \
                 {update}..."
            ),
            false,
        ),
        true => {
            let pods = number("currentReplicas");
            let text = format!("complete {pods} pods at revision {current}...");
            (format!("statefulset rolling update {text}"), true)
        }
    })
}

/// Models DeploymentStatusViewer.Status.
fn of_deployment(deployment: &Object) -> Result<(String, bool), Failure> {
    let (spec, status, name) = (deployment.spec(), deployment.status(), deployment.name());
    let number = |name: &str| status.get(name).as_i64().unwrap_or(0);
    if deployment.generation() > number("observedGeneration") {
        return Ok(("Waiting for deployment spec update to be observed...".into(), false));
    }
    let is_late = |c: &Value| {
        c.get("type").str() == "Progressing" && c.get("reason").str() == "ProgressDeadlineExceeded"
    };
    if status.get("conditions").items().iter().any(is_late) {
        let text = format!("deployment {name:?} exceeded its progress deadline");
        return Err(Failure::message(text));
    }
    let wanted = spec.get("replicas").as_i64().unwrap_or(1);
    let (updated, all) = (number("updatedReplicas"), number("replicas"));
    let available = number("availableReplicas");
    let what = match () {
        () if updated < wanted => {
            format!("{updated} out of {wanted} new replicas have been updated...")
        }
        () if all > updated => {
            format!("{} old replicas are pending termination...", all - updated)
        }
        () if available < updated => {
            format!("{available} of {updated} updated replicas are available...")
        }
        () => return Ok((format!("deployment {name:?} successfully rolled out"), true)),
    };
    Ok((format!("Waiting for deployment {name:?} rollout to finish: {what}"), false))
}

/// Models DaemonSetStatusViewer.Status.
fn of_daemon_set(set: &Object) -> Result<(String, bool), Failure> {
    let (status, name) = (set.status(), set.name());
    let number = |name: &str| status.get(name).as_i64().unwrap_or(0);
    if set.path(&["spec", "updateStrategy", "type"]).str() != "RollingUpdate" {
        let text = "rollout status is only available for RollingUpdate strategy type";
        return Err(Failure::message(text));
    }
    if set.generation() > number("observedGeneration") {
        return Ok(("Waiting for daemon set spec update to be observed...".into(), false));
    }
    let wanted = number("desiredNumberScheduled");
    let (updated, available) = (number("updatedNumberScheduled"), number("numberAvailable"));
    let what = match () {
        () if updated < wanted => {
            format!("{updated} out of {wanted} new pods have been updated...")
        }
        () if available < wanted => {
            format!("{available} of {wanted} updated pods are available...")
        }
        () => return Ok((format!("daemon set {name:?} successfully rolled out"), true)),
    };
    Ok((format!("Waiting for daemon set {name:?} rollout to finish: {what}"), false))
}
