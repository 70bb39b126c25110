//! `kubectl diff`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/diff`. The comparison is GNU `diff -u -N` over two directories
//! of YAML files. Leaves out `--prune`, `--concurrency` (requests are made one after another) and
//! other programs in `KUBECTL_EXTERNAL_DIFF`.

use std::collections::BTreeMap;

use crate::api::object::Object;
use crate::api::patch;
use crate::api::status::Status;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::api::yaml;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::kubectl::command::{Command, FILENAME_FLAGS, Flag, SELECTOR_FLAG};
use crate::kubectl::errors::{self, Failure, with_source};
use crate::kubectl::invocation::Invocation;
use crate::kubectl::last_applied;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::{Builder, Info};
use crate::text::difference;

/// Its row.
pub static COMMANDS: &[Command] =
    &[Command::new("diff", &[FILENAME_FLAGS, SELECTOR_FLAG, FLAGS], run)];

static FLAGS: &[Flag] = &[
    Flag::int("concurrency", "1"),
    Flag::text("field-manager").default("kubectl-client-side-apply"),
    Flag::bool("force-conflicts"),
    Flag::bool("prune"),
    Flag::array("prune-allowlist"),
    Flag::bool("server-side"),
    Flag::bool("show-managed-fields"),
];

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// How often an object is compared anew when others change it meanwhile; the last time without
/// insisting on its version.
const MAX_RETRIES: u32 = 4;

/// What is under a Secret's data, instead of the values.
const MASK: &str = "***";

/// The two texts of an object.
struct Compared {
    live: String,
    merged: String,
}

/// The texts by the names of their files.
type Files = BTreeMap<String, Compared>;

/// A failure's exit code is one higher than usual (`CheckDiffErr`): 1 stands for differences.
fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    match compare_all(invocation, world) {
        Ok(files) => Ok(Flow::Done(print(&files, world))),
        Err(failure) => Err(Failure::Exit(errors::report(&failure, world) + 1)),
    }
}

/// Models DiffOptions.Complete.
fn validate(invocation: &Invocation) -> Result<(), Failure> {
    if !invocation.args.is_empty() {
        let args: Vec<&str> = invocation.args.iter().map(EcoString::as_str).collect();
        return Err(invocation.usage(&format!("Unexpected args: [{}]", args.join(" "))));
    }
    if invocation.list("filename").is_empty() && invocation.text("kustomize").is_empty() {
        return Err(Failure::message("must specify one of -f and -k"));
    }
    if invocation.is_true("force-conflicts") && !invocation.is_true("server-side") {
        return Err(Failure::message("--force-conflicts only works with --server-side"));
    }
    if invocation.is_true("prune") {
        let real = "also show what apply --prune would delete";
        return Err(Failure::not_simulated("diff --prune", real));
    }
    if invocation.environment.get("KUBECTL_EXTERNAL_DIFF").is_some_and(|text| !text.is_empty()) {
        let real = "run that program on the two directories";
        return Err(Failure::not_simulated("KUBECTL_EXTERNAL_DIFF", real));
    }
    Ok(())
}

/// Both texts of every object; the first failure ends it.
fn compare_all(invocation: &Invocation, world: &mut World<'_>) -> Result<Files, Failure> {
    validate(invocation)?;
    let mut files = Files::new();
    for item in Builder::new(invocation).find(world)?.items {
        let info = item?;
        let Some(local) = &info.object else { continue };
        let (live, merged) = compare(&info, local, invocation, world)?;
        let (from, to) = (live.as_ref().map(|live| &live.value), merged.as_ref());
        let (from, to) = shown(&info, from, to.map(|merged| &merged.value), invocation);
        let written = |value: Option<Value>| value.as_ref().map(yaml::write).unwrap_or_default();
        let texts = Compared { live: written(from), merged: written(to) };
        files.insert(file_name(&info), texts);
    }
    Ok(files)
}

/// The object as it is, and as it would be.
fn compare(
    info: &Info,
    local: &Object,
    invocation: &Invocation,
    world: &mut World<'_>,
) -> Result<(Option<Object>, Option<Object>), Failure> {
    let mut tries = 0;
    loop {
        tries += 1;
        let live = match info.get(world) {
            Ok(live) => Some(live),
            Err(status) if status.is("NotFound") => None,
            Err(status) => return Err(status.into()),
        };
        let force = tries >= MAX_RETRIES;
        let merged = merged(info, local, live.as_ref(), force, invocation, world);
        match merged {
            Err(Failure::Status(status)) if status.is("Conflict") && !force => continue,
            Err(failure) => return Err(failure),
            Ok(merged) => {
                if let Some(live) = live.as_ref().filter(|live| live.is_terminating()) {
                    world.complain(&format!(
                        "Warning: Detected changes to resource {} which is currently being \
                         deleted.",
                        live.name()
                    ));
                }
                return Ok((live, merged));
            }
        }
    }
}

/// The object as an apply would leave it (`InfoObject.Merged`).
fn merged(
    info: &Info,
    local: &Object,
    live: Option<&Object>,
    force: bool,
    invocation: &Invocation,
    world: &mut World<'_>,
) -> Result<Option<Object>, Failure> {
    if invocation.is_true("server-side") {
        let verb = Verb::Patch(Patch::Apply(local.value.clone()));
        let mut request = Request::new(Actor::User, info.key(), verb);
        request.options.force = invocation.is_true("force-conflicts");
        return Ok(send(request, invocation, world)?);
    }
    let Some(live) = live else {
        return Ok(send(Request::create(Actor::User, local), invocation, world)?);
    };
    let mut patch = patch_of(info, local, live)?;
    if patch.entries().next().is_none() {
        return Ok(Some(live.clone()));
    }
    if !force {
        let version = live.metadata().get("resourceVersion").clone();
        patch.set(&["metadata", "resourceVersion"], version);
    }
    let request = Request::new(Actor::User, info.key(), Verb::Patch(Patch::Strategic(patch)));
    let written = send(request, invocation, world);
    Ok(written.map_err(|status| with_source(status, "patching", &info.source))?)
}

/// The patch of a client-side apply. The annotation of the last apply is left as it is: what was
/// applied last has annotations, without it, and so has what is compared.
fn patch_of(info: &Info, local: &Object, live: &Object) -> Result<Value, Failure> {
    let mut modified = local.value.clone();
    modified.remove(&["metadata", "annotations", last_applied::ANNOTATION]);
    if modified.path(&["metadata", "annotations"]).is_null() {
        modified.set(&["metadata", "annotations"], Value::object());
    }
    let original = last_applied::original(live);
    patch::three_way(info.kind, &original, &modified, &live.value)
        .map_err(|why| Failure::message(why.to_string()))
}

fn send(
    mut request: Request,
    invocation: &Invocation,
    world: &mut World<'_>,
) -> Result<Option<Object>, Status> {
    let applies = invocation.is_true("server-side") && !invocation.is_set("field-manager");
    let manager = if applies { "kubectl" } else { invocation.text("field-manager") };
    request.options.dry_run = true;
    request.options.field_manager = Some(manager.into());
    Ok(world.send(&request)?.object)
}

/// What is written of both objects: managed fields are left out, Secrets are masked.
fn shown(
    info: &Info,
    live: Option<&Value>,
    merged: Option<&Value>,
    invocation: &Invocation,
) -> (Option<Value>, Option<Value>) {
    let (mut live, mut merged) = (live.cloned(), merged.cloned());
    if !invocation.is_true("show-managed-fields") {
        for value in [&mut live, &mut merged].into_iter().flatten() {
            value.remove(&["metadata", "managedFields"]);
        }
    }
    if info.kind.name() == "Secret" {
        mask(&mut live, &mut merged);
    }
    (live, merged)
}

/// Hides the values of Secrets, but not which of them change (`Masker.run`).
fn mask(live: &mut Option<Value>, merged: &mut Option<Value>) {
    let data = |value: &Option<Value>| -> BTreeMap<String, Value> {
        let data = value.as_ref().map(|value| value.get("data"));
        let entries = data.into_iter().flat_map(|data| data.entries());
        entries.map(|(key, value)| (key.to_string(), value.clone())).collect()
    };
    let (before, after) = (data(live), data(merged));
    let changed = |key: &String| match (before.get(key), after.get(key)) {
        (Some(before), Some(after)) => before != after,
        _ => false,
    };
    for (side, keys, word) in [(live, &before, "before"), (merged, &after, "after")] {
        let Some(value) = side else { continue };
        for key in keys.keys() {
            let text = if changed(key) { format!("{MASK} ({word})") } else { MASK.into() };
            value.set(&["data", key], text);
        }
    }
}

/// `apps.v1.StatefulSet.default.web` (`InfoObject.Name`).
fn file_name(info: &Info) -> String {
    let resource = info.kind.resource();
    let group = match resource.group {
        "" => String::new(),
        group => format!("{group}."),
    };
    format!("{group}{}.{}.{}.{}", resource.version, resource.name, info.namespace, info.name)
}

/// Runs `diff -u -N` over the files; gives its exit code.
fn print(files: &Files, world: &mut World<'_>) -> i32 {
    let now = world.client.now();
    let (live, merged) = (directory("LIVE", now, 1), directory("MERGED", now, 2));
    let time = stamp(now);
    let mut code = 0;
    for (name, texts) in files {
        let hunks = difference::unified(&texts.live, &texts.merged, CONTEXT);
        if hunks.is_empty() {
            continue;
        }
        code = 1;
        world.print(&format!(
            "diff -u -N {live}/{name} {merged}/{name}\n\
             --- {live}/{name}\t{time}\n\
             +++ {merged}/{name}\t{time}\n{hunks}"
        ));
    }
    code
}

/// A temporary directory, with a number as `os.MkdirTemp` makes one up.
fn directory(prefix: &str, now: Time, salt: u64) -> String {
    let number = now.0.unsigned_abs().wrapping_mul(2_654_435_761 + salt) % 4_294_967_296;
    format!("/tmp/{prefix}-{number}")
}

/// When the files were written, as diff shows it: `2026-11-21 14:00:00.000000000 +0000`.
fn stamp(now: Time) -> String {
    let text = now.rfc3339_micro();
    format!("{}000 +0000", text.trim_end_matches('Z').replace('T', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_still_show_what_changes() {
        let secret = |a: &str, b: &str| Some(crate::value!({"data": {"a": (a), "b": (b)}}));
        let (mut live, mut merged) = (secret("1", "2"), secret("1", "3"));
        mask(&mut live, &mut merged);
        assert_eq!(live, secret("***", "*** (before)"));
        assert_eq!(merged, secret("***", "*** (after)"));
    }

    #[test]
    fn the_headers_have_nanoseconds() {
        assert_eq!(stamp(Time::START), "2026-11-21 14:00:00.000000000 +0000");
    }
}
