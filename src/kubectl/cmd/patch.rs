//! `kubectl patch`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/patch/patch.go`.

use crate::api::status::Status;
use crate::api::value::Value;
use crate::api::yaml;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::kubectl::command::{
    Command, DRY_RUN_FLAG, FILENAME_FLAGS, Flag, PRINT_FLAGS, RECORD_FLAG,
};
use crate::kubectl::errors::{Failure, with_source};
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::{Builder, Info};

/// Its row.
pub static COMMANDS: &[Command] =
    &[Command::new("patch", &[DRY_RUN_FLAG, FILENAME_FLAGS, PRINT_FLAGS, RECORD_FLAG, FLAGS], run)];

static FLAGS: &[Flag] = &[
    Flag::text("field-manager").default("kubectl-patch"),
    Flag::bool("local"),
    Flag::text("patch").short('p'),
    Flag::text("patch-file"),
    Flag::text("subresource"),
    Flag::text("type").default("strategic"),
];

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let text = patch_text(invocation, world)?;
    let kind = invocation.text("type").to_lowercase();
    if !["json", "merge", "strategic"].contains(&kind.as_str()) {
        return Err(Failure::message(format!(
            "--type must be one of [json merge strategic], not {:?}",
            invocation.text("type")
        )));
    }
    let body = body_of(&text)?;
    let found = Builder::new(invocation).names_only().find(world)?;
    let (mut failures, mut count) = (Vec::new(), 0);
    for item in found.items {
        count += 1;
        let result = item.and_then(|info| patch(invocation, &info, &kind, &body, world));
        failures.extend(result.err());
    }
    Failure::aggregate(failures)?;
    match count {
        0 => Err(Failure::message("no objects passed to patch")),
        _ => Ok(Flow::Done(0)),
    }
}

/// The patch; `None` for what starts like JSON and is none, which only the server complains about.
///
/// Models yaml.ToJSON of apimachinery, which passes JSON on unread.
fn body_of(text: &str) -> Result<Option<Value>, Failure> {
    if text.trim_start().starts_with('{') {
        return Ok(serde_json::from_str(text).ok());
    }
    let body = yaml::read(text);
    body.map(Some).map_err(|why| Failure::message(format!("unable to parse {text:?}: {why}")))
}

fn patch_text(invocation: &Invocation, world: &World<'_>) -> Result<String, Failure> {
    let (text, file) = (invocation.text("patch"), invocation.text("patch-file"));
    match (text, file) {
        ("", "") => Err(Failure::message(
            "must specify --patch or --patch-file containing the contents of the patch",
        )),
        (text, "") => Ok(text.into()),
        ("", file) => match world.files.read(file) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(why) => {
                Err(Failure::message(format!("unable to read patch file: open {file}: {why}")))
            }
        },
        _ => Err(Failure::message("cannot specify --patch and --patch-file together")),
    }
}

fn patch(
    invocation: &Invocation,
    info: &Info,
    kind: &str,
    body: &Option<Value>,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let refused = |status| match info.source.is_empty() {
        true => Failure::from(status),
        false => Failure::from(with_source(status, "patching", &info.source)),
    };
    let Some(body) = body.clone() else {
        info.get(world).map_err(refused)?;
        return Err(refused(Status::bad_request("invalid JSON patch")));
    };
    let patch = match kind {
        "json" => Patch::Json(body),
        "merge" => Patch::Merge(body),
        _ => Patch::Strategic(body),
    };
    let subresource = invocation.text("subresource");
    let mut request = Request::new(Actor::User, info.key(), Verb::Patch(patch)).on(subresource);
    request.options.dry_run = invocation.text("dry-run") == "server";
    request.options.field_manager = Some(invocation.text("field-manager").into());
    let response = world.request(&request).map_err(refused)?;
    world.warn(&response.warnings);
    let operation = if response.changed { "patched" } else { "patched (no change)" };
    let value = response.value.or(response.object.map(|object| object.value)).unwrap_or_default();
    Printer::of(invocation, operation, world)?.print(&value, world)
}
