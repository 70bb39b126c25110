//! Apply on the client's side: a three-way patch.
//!
//! Models `applyOneObject` of `apply.go` and `patcher.go`.

use super::{Apply, Forced, INTERVAL, configured, warn_if_deleting};
use crate::api::go;
use crate::api::object::Object;
use crate::api::patch;
use crate::api::time::{Duration, Time};
use crate::api::value::Value;
use crate::apiserver::request::{Actor, DeleteOptions, Patch, Request, Verb};
use crate::kubectl::cmd::delete;
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::{Failure, with_source};
use crate::kubectl::invocation::Invocation;
use crate::kubectl::last_applied;
use crate::kubectl::process::World;
use crate::kubectl::record::record;
use crate::kubectl::resource_builder::Info;

impl Apply {
    pub(super) fn apply_here(
        &mut self,
        info: &Info,
        invocation: &Invocation,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let Some(object) = &info.object else { return Ok(()) };
        let mut object = object.clone();
        record(invocation, &mut object.value);
        check_name(info, &object)?;
        let modified = last_applied::annotated(&object.value);
        match info.get(world) {
            Ok(current) => self.update(info, current, modified, invocation, world),
            Err(status) if status.is("NotFound") => self.create(info, modified, invocation, world),
            Err(status) => {
                let verb =
                    format!("retrieving current configuration of:\n{info}\nfrom server for:");
                Err(with_source(status, &verb, &info.source).into())
            }
        }
    }

    fn create(
        &mut self,
        info: &Info,
        mut modified: Value,
        invocation: &Invocation,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        prune_nulls(&mut modified);
        let object = Object { kind: info.kind, value: modified };
        let created = match self.dry_run {
            DryRun::Client => object,
            dry_run => {
                let request = Request::create(Actor::User, &object);
                let request = configured(invocation, dry_run, request);
                let refused = |status| Failure::from(with_source(status, "creating", &info.source));
                let response = world.send(&request).map_err(refused)?;
                response.object.unwrap_or(object)
            }
        };
        self.visited.push(created.clone());
        self.report(invocation, "created", created.value, world)
    }

    fn update(
        &mut self,
        info: &Info,
        current: Object,
        modified: Value,
        invocation: &Invocation,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        self.visited.push(current.clone());
        if self.dry_run == DryRun::Client {
            return self.report(invocation, "configured", current.value, world);
        }
        if last_applied::original_text(&current).is_none() {
            warn_not_applied(info, world);
        }
        let patch = three_way(info, &current, &modified)?;
        if patch.entries().next().is_none() {
            warn_if_deleting(&current, world);
            return self.report(invocation, "unchanged", current.value, world);
        }
        let verb = Verb::Patch(Patch::Strategic(patch.clone()));
        let request = Request::new(Actor::User, info.key(), verb);
        match world.send(&configured(invocation, self.dry_run, request)) {
            Ok(response) => {
                let written = response.object.unwrap_or(current);
                warn_if_deleting(&written, world);
                self.report(invocation, "configured", written.value, world)
            }
            Err(status)
                if invocation.is_true("force")
                    && (status.is("Conflict") || status.is("Invalid")) =>
            {
                self.force(info, current, modified, invocation, world)
            }
            Err(status) => {
                let status = with_source(status, "patching", &info.source);
                let verb = format!("applying patch:\n{}\nto:\n{info}\nfor:", go::json(&patch));
                Err(with_source(status, &verb, &info.source).into())
            }
        }
    }

    /// Deletes the object, to be made anew when it has gone.
    fn force(
        &mut self,
        info: &Info,
        current: Object,
        modified: Value,
        invocation: &Invocation,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let grace = invocation.int("grace-period");
        let options = DeleteOptions {
            grace_period_seconds: (grace >= 0).then_some(grace),
            propagation: Some(delete::propagation(invocation.text("cascade"), world)?),
            ..DeleteOptions::default()
        };
        world.send(&Request::new(Actor::User, info.key(), Verb::Delete(options)))?;
        let now = world.client.now();
        let until = match invocation.micros("timeout") {
            micros if micros > 0 => Some(now.after(Duration::from_micros(micros as u64))),
            _ => None,
        };
        let (info, original) = (info.clone(), current.value);
        self.forced = Some(Forced { info, modified, original, next: now, until });
        Ok(())
    }

    /// Makes the object anew once its predecessor has gone; gives when to look again.
    pub(super) fn replace(
        &mut self,
        mut forced: Forced,
        invocation: &Invocation,
        world: &mut World<'_>,
    ) -> Option<Time> {
        let now = world.client.now();
        if now >= forced.next && forced.info.get(world).is_err_and(|s| s.is("NotFound")) {
            let made = self.recreate(&forced, invocation, world);
            self.failures.extend(made.err());
            return None;
        }
        if forced.until.is_some_and(|until| now >= until) {
            self.failures.push(Failure::message("timed out waiting for the condition"));
            return None;
        }
        if now >= forced.next {
            forced.next = now.after(INTERVAL);
        }
        let next = forced.next;
        self.forced = Some(forced);
        Some(next)
    }

    fn recreate(
        &mut self,
        forced: &Forced,
        invocation: &Invocation,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let make = |value: &Value| {
            let mut object = Object { kind: forced.info.kind, value: value.clone() };
            object.value.remove(&["metadata", "resourceVersion"]);
            configured(invocation, DryRun::No, Request::create(Actor::User, &object))
        };
        match world.send(&make(&forced.modified)) {
            Ok(response) => {
                let value = response.object.map_or(Value::Null, |object| object.value);
                self.report(invocation, "configured", value, world)
            }
            Err(status) => {
                let restored = world.send(&make(&forced.original));
                Err(match restored {
                    Ok(_) => status.into(),
                    Err(second) => Failure::message(format!(
                        "An error occurred force-replacing the existing object with the newly \
                         provided one:\n\n{status}.\n\nAdditionally, an error occurred attempting \
                         to restore the original object:\n\n{second}"
                    )),
                })
            }
        }
    }
}

fn check_name(info: &Info, object: &Object) -> Result<(), Failure> {
    let generated = object.metadata().get("generateName").str();
    if !info.name.is_empty() {
        return Ok(());
    }
    if !generated.is_empty() {
        let text = format!("from {generated}: cannot use generate name with apply");
        return Err(Failure::message(text));
    }
    Err(Failure::message(format!(
        "error when retrieving current configuration of:\n{info}\nfrom server for: {:?}: resource \
         name may not be empty",
        info.source.as_str()
    )))
}

fn warn_not_applied(info: &Info, world: &mut World<'_>) {
    world.complain(&format!(
        "Warning: resource {}/{} is missing the {} annotation which is required by kubectl apply. \
         kubectl apply should only be used on resources created declaratively by either kubectl \
         create --save-config or kubectl apply. The missing annotation will be patched \
         automatically.",
        info.kind.resource().plural,
        info.name,
        last_applied::ANNOTATION
    ));
}

fn three_way(info: &Info, current: &Object, modified: &Value) -> Result<Value, Failure> {
    let original = last_applied::original(current);
    let patch = patch::three_way(info.kind, &original, modified, &current.value);
    patch.map_err(|why| {
        let text = format!(
            "error when applying patch:\n\nto:\n{info}\nfor: {:?}: {why}",
            info.source.as_str()
        );
        Failure::message(text)
    })
}

/// Takes nulls out of maps, as applying over a living object would (`pruneNullsFromMap`).
fn prune_nulls(value: &mut Value) {
    match value {
        Value::Object(_) => {
            let map = value.object_mut();
            map.retain(|_, value| {
                prune_nulls(value);
                !value.is_null()
            });
        }
        Value::Array(_) => value.items_mut().iter_mut().for_each(prune_nulls),
        _ => {}
    }
}
