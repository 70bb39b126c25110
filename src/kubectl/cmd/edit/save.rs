//! Sending what was edited.
//!
//! Models `visitToPatch`, `visitToApplyEditPatch` and `editResults`.

use super::file::Reason;
use super::{Edit, Mode};
use crate::api::go;
use crate::api::object::Object;
use crate::api::patch::{self, merge};
use crate::api::scheme::Kind;
use crate::api::status::{FieldError, Status};
use crate::api::value::Value;
use crate::api::yaml;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::last_applied;
use crate::kubectl::output::{Printer, without_managed_fields};
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::record::record;
use crate::kubectl::resource_builder::Info;
use crate::kubectl::validation;

/// What became of a round.
#[derive(Default)]
struct Results {
    to_edit: u32,
    not_found: u32,
    retryable: u32,
}

impl Edit {
    /// Says that the whole file is wrong.
    pub(super) fn refuse_file(&mut self, why: &str) -> String {
        let Some(info) = self.infos.first().cloned() else { return String::new() };
        let what = go::quote("The edited file failed validation");
        let mut status = Status::new(422, "Invalid", why);
        status.details.causes = vec![FieldError::invalid_as_written("<nil>", what, why)];
        self.contains_error = true;
        self.add_error(&status, &info, &mut Results::default())
    }

    /// Sends what has changed; opens the editor again if something was refused.
    pub(super) fn save(mut self, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
        let objects = match parse(&self.edited) {
            Ok(objects) => objects,
            Err(why) => {
                self.contains_error = true;
                let head = format!("The edited file had a syntax error: {why}").into();
                self.reasons.push(Reason { head, other: Vec::new() });
                return self.launch(invocation, world);
            }
        };
        self.contains_error = false;
        let mut results = Results::default();
        for object in objects {
            let done = self.save_object(object, invocation, &mut results, world);
            if let Err(failure) = done {
                return Err(self.preserve(failure, false, world));
            }
        }
        if results.retryable > 0 {
            world.complain(&format!(
                "You can run `kubectl replace -f {}` to try this update again.",
                self.file
            ));
            return Ok(Flow::Done(1));
        }
        if results.not_found > 0 {
            let file = self.file.as_str();
            world.complain(&format!(
                "The edits you made on deleted resources have been saved to {file:?}"
            ));
            return Ok(Flow::Done(1));
        }
        if results.to_edit == 0 {
            let _ = world.files.remove(&self.file);
            return Ok(Flow::Done(0));
        }
        self.contains_error = !self.reasons.is_empty();
        self.launch(invocation, world)
    }

    fn save_object(
        &mut self,
        object: Object,
        invocation: &Invocation,
        results: &mut Results,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let is_original = |info: &&Info| match (&info.object, self.mode) {
            (Some(original), Mode::Normal) => original.uid() == object.uid(),
            (Some(original), Mode::LastApplied) => original.key() == object.key(),
            (None, _) => false,
        };
        let found = self.infos.iter().find(is_original).cloned();
        let Some((info, original)) = found.and_then(|info| Some((info.clone(), info.object?)))
        else {
            let shown = crate::api::go_fmt::syntax(&object.value);
            return Err(Failure::message(format!("no original object found for {shown}")));
        };
        let namespace = object.namespace();
        if !namespace.is_empty() && namespace != info.namespace {
            return Err(Failure::message(format!(
                "the namespace from the provided object {namespace:?} does not match the \
                 namespace {:?}. You must pass '--namespace={namespace}' to perform this operation.",
                info.namespace.as_str()
            )));
        }
        let original = Object { value: without_managed_fields(&original.value), ..original };
        if original.value == object.value {
            return Printer::of(invocation, "skipped", world)?.print(&object.value, world);
        }
        let patch = match self.mode {
            Mode::Normal => change(invocation, &original, &object, world)?,
            Mode::LastApplied => annotation(&object),
        };
        let mut request = Request::new(Actor::User, info.key(), Verb::Patch(patch));
        request.options.field_manager = Some(invocation.text("field-manager").into());
        request.options.field_validation = validation::of(invocation).unwrap_or_default();
        let request = request.on(invocation.text("subresource"));
        match world.send(&request) {
            Ok(response) => {
                let written = response.object.map_or(object.value, |object| object.value);
                Printer::of(invocation, "edited", world)?.print(&written, world)
            }
            Err(status) => {
                let line = self.add_error(&status, &info, results);
                world.complain(&line);
                Ok(())
            }
        }
    }

    fn add_error(&mut self, status: &Status, info: &Info, results: &mut Results) -> String {
        let what = format!("{} {:?}", info.kind.resource().qualified_plural(), info.name.as_str());
        match status.reason.as_str() {
            "Invalid" => {
                results.to_edit += 1;
                let causes = status.details.causes.iter();
                let other = causes.map(|cause| format!("{}: {}", cause.path, cause.body()).into());
                let head = format!("{what} was not valid").into();
                self.reasons.push(Reason { head, other: other.collect() });
                format!("error: {what} is invalid")
            }
            "NotFound" => {
                results.not_found += 1;
                format!("error: {what} could not be found on the server")
            }
            _ => {
                results.retryable += 1;
                format!("error: {what} could not be patched: {status}")
            }
        }
    }
}

/// The objects of the edited file.
fn parse(text: &str) -> Result<Vec<Object>, String> {
    let value = yaml::read(text).map_err(|why| why.to_string())?;
    let is_list = value.get("kind").str() == "List";
    let values = if is_list { value.get("items").items().to_vec() } else { vec![value] };
    values.into_iter().map(object).collect()
}

fn object(value: Value) -> Result<Object, String> {
    let (version, name) = (value.get("apiVersion").str(), value.get("kind").str());
    let metadata = value.get("metadata");
    match Kind::of_manifest(version, name) {
        Some(kind) => Ok(Object { kind, value }),
        None => Err(format!(
            "resource mapping not found for name: {:?} namespace: {:?} from \"edited-file\": no \
             matches for kind {name:?} in version {version:?}\nensure CRDs are installed first",
            metadata.get("name").str(),
            metadata.get("namespace").str()
        )),
    }
}

fn change(
    invocation: &Invocation,
    original: &Object,
    edited: &Object,
    world: &mut World<'_>,
) -> Result<Patch, Failure> {
    let mut value = edited.value.clone();
    if invocation.is_true("save-config") {
        value = last_applied::annotated(&value);
    }
    record(invocation, &mut value);
    let fixed = |object: &Value| {
        let name = object.path(&["metadata", "name"]).clone();
        (object.get("apiVersion").clone(), object.get("kind").clone(), name)
    };
    if fixed(&original.value) != fixed(&value) {
        return Err(Failure::message("At least one of apiVersion, kind and name was changed"));
    }
    let patch = patch::two_way(original.kind, &original.value, &value)
        .map_err(|why| Failure::message(why.to_string()))?;
    if invocation.is_true("output-patch") {
        world.print_line(&format!("Patch: {}", go::json(&patch)));
    }
    Ok(Patch::Strategic(patch))
}

/// Puts the edited configuration into the annotation (`GetApplyPatch`).
fn annotation(object: &Object) -> Patch {
    let mut annotated = object.value.clone();
    let text = format!("{}\n", go::json(&object.value));
    annotated.set(&["metadata", "annotations", last_applied::ANNOTATION], text);
    Patch::Merge(merge::create(&object.value, &annotated))
}
