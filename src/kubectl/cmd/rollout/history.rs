//! `kubectl rollout history`.
//!
//! Models `rollout_history.go` and the history viewers of `pkg/polymorphichelpers/history.go`.

use super::{find, is_rolled_out, number, revisions, with_revision};
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::value::Value;
use crate::kubectl::describe::{Writer, describe_pod_template};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::{self, Printer};
use crate::kubectl::process::{Flow, Outcome, World};
use crate::text::tabwriter::TabWriter;

const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

pub(super) fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let revision = invocation.int("revision");
    if revision < 0 {
        let text = format!("revision must be a positive integer: {revision}");
        return Err(Failure::message(text));
    }
    let found = find(invocation, world)?;
    let mut failures = Vec::new();
    for item in found.items {
        let object = item.map(|info| info.object);
        let shown = object.and_then(|object| match object {
            Some(object) => show(invocation, &object, revision, world),
            None => Ok(()),
        });
        failures.extend(shown.err());
    }
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

fn show(
    invocation: &Invocation,
    object: &Object,
    revision: i64,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    if !is_rolled_out(object.kind) {
        return Err(Failure::message(format!(
            "no history viewer has been implemented for {:?}",
            object.kind.name()
        )));
    }
    let history = revisions(object, world)?;
    if !invocation.text("output").is_empty() || !invocation.text("template").is_empty() {
        return print_objects(invocation, object, &history, revision, world);
    }
    let with = if revision > 0 { format!("with revision #{revision}") } else { String::new() };
    let text = view(object, &history, revision)?;
    world.print_line(&format!("{} {with}\n{text}", output::name(object)));
    Ok(())
}

/// Models printHistory.
fn view(set: &Object, history: &[Object], revision: i64) -> Result<String, Failure> {
    if history.is_empty() {
        return Ok("No rollout history found.".into());
    }
    if revision > 0 {
        let found = find_revision(history, revision)?;
        let restored = with_revision(set, found)?;
        let mut template = restored.path(&["spec", "template"]).clone();
        // Only the viewer of StatefulSets forgets the cause.
        if let (Some(cause), false) = (cause_of(found), set.kind == Kind::StatefulSet) {
            template.set(&["metadata", "annotations", CHANGE_CAUSE], cause);
        }
        return Ok(template_text(&template));
    }
    let mut table = TabWriter::describe();
    table.push("REVISION\tCHANGE-CAUSE\n");
    for revision in history {
        let cause = cause_of(revision).unwrap_or("<none>");
        table.push(&format!("{}\t{cause}\n", number(revision)));
    }
    Ok(table.flush())
}

fn cause_of(revision: &Object) -> Option<&str> {
    revision.annotation(CHANGE_CAUSE).filter(|cause| !cause.is_empty())
}

fn find_revision(history: &[Object], revision: i64) -> Result<&Object, Failure> {
    history
        .iter()
        .find(|candidate| number(candidate) == revision)
        .ok_or_else(|| Failure::message("unable to find the specified revision"))
}

/// `Pod Template:` and what is below it, with tabs as they are.
pub(super) fn template_text(template: &Value) -> String {
    let mut writer = Writer::plain();
    describe_pod_template(template, &mut writer);
    writer.finish()
}

fn print_objects(
    invocation: &Invocation,
    set: &Object,
    history: &[Object],
    revision: i64,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let mut printer = Printer::of(invocation, "", world)?;
    let shown = match revision {
        0 => history.iter().collect(),
        number => vec![find_revision(history, number)?],
    };
    for revision in shown {
        printer.print(&with_revision(set, revision)?, world)?;
    }
    Ok(())
}
