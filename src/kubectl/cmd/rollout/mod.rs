//! `kubectl rollout`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/rollout` and `pkg/polymorphichelpers`. The history of StatefulSets
//! and DaemonSets is in ControllerRevisions, that of a Deployment in its ReplicaSets.

mod history;
mod restart;
mod status;
mod undo;

use super::show_help;
use crate::api::object::{Object, ObjectKey};
use crate::api::patch;
use crate::api::scheme::Kind;
use crate::api::selector::selector_matches;
use crate::api::value::Value;
use crate::apiserver::request::{Actor, Request, Selectors, Verb};
use crate::kubectl::command::{
    Command, DRY_RUN_FLAG, FILENAME_FLAGS, Flag, PRINT_FLAGS, SELECTOR_FLAG,
};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::World;
use crate::kubectl::resource_builder::{Builder, Found};

pub use status::Watch;

/// Their rows.
pub static COMMANDS: &[Command] = &[
    Command::new("rollout", &[], show_help),
    Command::new(
        "rollout history",
        &[FILENAME_FLAGS, PRINT_FLAGS, SELECTOR_FLAG, REVISION_FLAG],
        history::run,
    ),
    Command::new(
        "rollout pause",
        &[FILENAME_FLAGS, PRINT_FLAGS, SELECTOR_FLAG, MANAGER_FLAG],
        restart::pause,
    ),
    Command::new(
        "rollout restart",
        &[FILENAME_FLAGS, PRINT_FLAGS, SELECTOR_FLAG, MANAGER_FLAG],
        restart::run,
    ),
    Command::new(
        "rollout resume",
        &[FILENAME_FLAGS, PRINT_FLAGS, SELECTOR_FLAG, MANAGER_FLAG],
        restart::resume,
    ),
    Command::new(
        "rollout status",
        &[FILENAME_FLAGS, SELECTOR_FLAG, REVISION_FLAG, STATUS_FLAGS],
        status::run,
    ),
    Command::new(
        "rollout undo",
        &[DRY_RUN_FLAG, FILENAME_FLAGS, PRINT_FLAGS, SELECTOR_FLAG, UNDO_FLAGS],
        undo::run,
    ),
];

static REVISION_FLAG: &[Flag] = &[Flag::int("revision", "0")];
static MANAGER_FLAG: &[Flag] = &[Flag::text("field-manager").default("kubectl-rollout")];
static STATUS_FLAGS: &[Flag] =
    &[Flag::duration("timeout", "0s"), Flag::bool("watch").short('w').default("true")];
static UNDO_FLAGS: &[Flag] = &[Flag::int("to-revision", "0")];

/// Finds the objects that a rollout verb is about.
fn find(invocation: &Invocation, world: &mut World<'_>) -> Result<Found, Failure> {
    if invocation.args.is_empty() && invocation.list("filename").is_empty() {
        return Err(Failure::message("required resource not specified"));
    }
    Builder::new(invocation).select_all(true).latest().find(world)
}

/// Whether objects of a kind are rolled out.
fn is_rolled_out(kind: Kind) -> bool {
    matches!(kind, Kind::StatefulSet | Kind::Deployment | Kind::DaemonSet)
}

/// The revisions that a set controls, by number (`controlledHistory`).
fn revisions(set: &Object, world: &mut World<'_>) -> Result<Vec<Object>, Failure> {
    let kind = match set.kind {
        Kind::Deployment => Kind::ReplicaSet,
        _ => Kind::ControllerRevision,
    };
    let key = ObjectKey::new(kind, set.namespace(), "");
    let list = Request::new(Actor::User, key, Verb::List(Selectors::default()));
    let mut revisions = world.request(&list)?.items;
    let selector = set.spec().get("selector");
    revisions.retain(|revision| {
        selector_matches(selector, revision.labels()) && revision.is_controlled_by(set)
    });
    revisions.sort_by_key(number);
    Ok(revisions)
}

/// The set with the content of a revision (`applyStatefulSetHistory`); of a Deployment the
/// ReplicaSet that has the template.
fn with_revision(set: &Object, revision: &Object) -> Result<Value, Failure> {
    if revision.kind == Kind::ReplicaSet {
        return Ok(revision.value.clone());
    }
    let data = revision.path(&["data"]);
    patch::apply_strategic(set.kind, &set.value, data)
        .map_err(|why| Failure::message(why.to_string()))
}

/// The number of a revision.
pub(super) fn number(revision: &Object) -> i64 {
    if revision.kind == Kind::ReplicaSet {
        let number = revision.annotation("deployment.kubernetes.io/revision");
        return number.and_then(|number| number.parse().ok()).unwrap_or(0);
    }
    revision.path(&["revision"]).as_i64().unwrap_or(0)
}
