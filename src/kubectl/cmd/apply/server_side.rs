//! Server-side apply as kubectl asks for it.
//!
//! Models the server-side part of `applyOneObject` and `saveLastApplyAnnotationIfNecessary`.

use super::{Apply, configured, warn_if_deleting};
use crate::api::managed_fields::{self, ManagedFields, Operation};
use crate::api::object::Object;
use crate::api::status::Status;
use crate::api::value::Value;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::last_applied;
use crate::kubectl::process::World;
use crate::kubectl::record::record;
use crate::kubectl::resource_builder::Info;

const ADVICE: &str = "Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

/// The manager of the annotation that client-side apply left behind.
const LAST_APPLIED_MANAGER: &str = "kubectl-last-applied";

impl Apply {
    pub(super) fn apply_on_server(
        &mut self,
        info: &Info,
        invocation: &Invocation,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let Some(object) = &info.object else { return Ok(()) };
        let mut object = object.clone();
        record(invocation, &mut object.value);
        if info.name.is_empty() && !object.metadata().get("generateName").str().is_empty() {
            let generated = object.metadata().get("generateName").str();
            let text = format!("from {generated}: cannot use generate name with apply");
            return Err(Failure::message(text));
        }
        let applied = apply(invocation, self.dry_run, info, &object.value, world);
        let mut written = applied.map_err(explain)?.unwrap_or_else(|| object.clone());
        if self.dry_run == DryRun::No {
            if migrate(info, &written, world) {
                let again = apply(invocation, self.dry_run, info, &object.value, world);
                written = again.map_err(explain)?.unwrap_or(written);
            }
            let is_annotated = last_applied::original_text(&written).is_some();
            if is_annotated && !is_annotation_applied(&written) {
                keep_annotation(info, &object, world);
            }
        }
        warn_if_deleting(&written, world);
        self.visited.push(written.clone());
        self.report(invocation, "serverside-applied", written.value, world)
    }
}

/// Applies an object as the server would store it.
pub(crate) fn apply(
    invocation: &Invocation,
    dry_run: DryRun,
    info: &Info,
    value: &Value,
    world: &mut World<'_>,
) -> Result<Option<Object>, Status> {
    let verb = Verb::Patch(Patch::Apply(value.clone()));
    let subresource = invocation.text("subresource");
    let request = Request::new(Actor::User, info.key(), verb).on(subresource);
    let mut request = configured(invocation, dry_run, request);
    if !invocation.is_set("field-manager") {
        request.options.field_manager = Some("kubectl".into());
    }
    request.options.force = invocation.is_true("force-conflicts");
    Ok(world.send(&request)?.object)
}

fn explain(status: Status) -> Failure {
    match status.is("Conflict") {
        true => Failure::message(format!("{}\n{ADVICE}", status.message)),
        false => status.into(),
    }
}

/// Makes an applier of whoever applied from the client's side; tells whether there was one.
///
/// Models `migrateToSSAIfNecessary`.
fn migrate(info: &Info, written: &Object, world: &mut World<'_>) -> bool {
    let patch = managed_fields::upgrade_patch(&written.value, LAST_APPLIED_MANAGER);
    let Some(patch) = patch else { return false };
    let verb = Verb::Patch(Patch::Json(patch));
    match world.send(&Request::new(Actor::User, info.key(), verb)) {
        Ok(_) => true,
        Err(status) => {
            world.complain(&format!(
                "Warning: failed to migrate kubectl's managed fields in server-side apply. This is \
                 non-fatal and will be retried next time you apply. Error: {status}"
            ));
            false
        }
    }
}

/// Whether an applier owns the annotation of client-side apply.
fn is_annotation_applied(object: &Object) -> bool {
    let list = object.path(&["metadata", "managedFields"]);
    ManagedFields::read(list).entries.iter().any(|entry| {
        entry.manager.operation == Operation::Apply
            && entry.fields.has(&managed_fields::LAST_APPLIED)
    })
}

/// The annotation of former client-side applies follows what is applied now.
fn keep_annotation(info: &Info, object: &Object, world: &mut World<'_>) {
    let mut value = crate::value!({
        "apiVersion": (object.kind.resource().api_version()),
        "kind": (object.kind.name()),
        "metadata": {"name": (info.name.clone())}
    });
    if !info.namespace.is_empty() {
        value.set(&["metadata", "namespace"], info.namespace.clone());
    }
    let text = last_applied::text_of(&object.value);
    value.set(&["metadata", "annotations", last_applied::ANNOTATION], text);
    let verb = Verb::Patch(Patch::Apply(value));
    let mut request = Request::new(Actor::User, info.key(), verb);
    request.options.field_manager = Some(LAST_APPLIED_MANAGER.into());
    request.options.force = true;
    if let Err(status) = world.send(&request) {
        world.complain(&format!(
            "Warning: failed to update the kubectl.kubernetes.io/last-applied-configuration \
             annotation: {status}"
        ));
    }
}
