//! `kubectl set`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/set`.

mod env;
mod env_reference;
mod image;
mod resources;
mod selector;
mod service_account;

pub(crate) use resources::quantities;

use super::{refuse, show_help};
use crate::api::object::Object;
use crate::api::patch;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::kubectl::command::{
    ALL_FLAG, Command, DRY_RUN_FLAG, FILENAME_FLAGS, Flag, PRINT_FLAGS, RECORD_FLAG, SELECTOR_FLAG,
};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::Printer;
use crate::kubectl::pod_spec;
use crate::kubectl::process::World;
use crate::kubectl::record::record;
use crate::kubectl::resource_builder::{Builder, Info};

macro_rules! set_command {
    ($path:literal, $run:path, [$($flags:expr),*]) => {
        Command::new(
            $path,
            &[ALL_FLAG, DRY_RUN_FLAG, FILENAME_FLAGS, PRINT_FLAGS, COMMON_FLAGS, $($flags),*],
            $run,
        )
    };
}

/// Their rows.
pub static COMMANDS: &[Command] = &[
    Command::new("set", &[], show_help),
    set_command!("set env", env::run, [SELECTOR_FLAG, env::FLAGS]),
    set_command!("set image", image::run, [SELECTOR_FLAG, RECORD_FLAG]),
    set_command!("set resources", resources::run, [SELECTOR_FLAG, RECORD_FLAG, resources::FLAGS]),
    set_command!("set selector", selector::run, [RECORD_FLAG, selector::FLAGS]),
    set_command!("set serviceaccount", service_account::run, [RECORD_FLAG]).aliases(&["sa"]),
    Command::unknown("set subject", refuse),
];

static COMMON_FLAGS: &[Flag] =
    &[Flag::text("field-manager").default("kubectl-set"), Flag::bool("local")];

/// Finds the objects; the first that cannot be had fails the command.
fn find(
    invocation: &Invocation,
    resources: &[EcoString],
    world: &mut World<'_>,
) -> Result<Vec<Info>, Failure> {
    let local = invocation.is_true("local");
    if local && !resources.is_empty() {
        return Err(local_resources());
    }
    let builder = Builder::new(invocation)
        .arguments(resources)
        .select_all(invocation.is_true("all"))
        .local(local)
        .latest();
    builder.find(world)?.infos()
}

/// `resource.LocalResourceError`
fn local_resources() -> Failure {
    Failure::message(
        "error: you must specify resources by --filename when --local is set.\nExample resource \
         specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'",
    )
}

fn check_local(invocation: &Invocation, dry_run: DryRun) -> Result<(), Failure> {
    if invocation.is_true("local") && dry_run == DryRun::Server {
        return Err(Failure::message(
            "cannot specify --local and --dry-run=server - did you mean --dry-run=client?",
        ));
    }
    Ok(())
}

fn check_all(invocation: &Invocation) -> Result<(), Failure> {
    if invocation.is_true("all") && !invocation.text("selector").is_empty() {
        return Err(Failure::message("cannot set --all and --selector at the same time"));
    }
    Ok(())
}

/// How a part of a Pod template is changed and what is said about it.
struct Change<'a> {
    invocation: &'a Invocation,
    dry_run: DryRun,
    /// `image updated`
    operation: &'a str,
    /// `failed to patch image update to pod template:`
    refusal: &'a str,
    /// Whether an object that stays as it is is left alone.
    skips_unchanged: bool,
    failures: Vec<Failure>,
}

/// What is done to a Pod spec: the object, its Pod spec, and where failures go that do not stop
/// the change.
type Edit<'e> =
    dyn FnMut(&Object, &mut Value, &mut Vec<Failure>, &mut World<'_>) -> Result<(), Failure> + 'e;

impl Change<'_> {
    /// Changes the templates of all objects, then writes them (`CalculatePatches`).
    fn apply(
        mut self,
        infos: &[Info],
        edit: &mut Edit<'_>,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let mut changed = Vec::new();
        for info in infos {
            let Some(object) = &info.object else { continue };
            changed.push((info, object, self.edit_object(object, edit, world)));
        }
        for (info, object, result) in changed {
            match result {
                Ok(value) => {
                    let written = self.write(object, value, world);
                    self.failures.extend(written.err());
                }
                Err(why) => self.failures.push(Failure::message(format!(
                    "error: {} {}\n",
                    self.object_name(info),
                    why.sentence()
                ))),
            }
        }
        Failure::aggregate(self.failures)
    }

    /// `services/web`; without a server's help the kind stands for the resource.
    fn object_name(&self, info: &Info) -> String {
        match self.invocation.is_true("local") {
            true => format!("{}/{}", info.kind.resource().singular, info.name),
            false => format!("{}/{}", info.kind.resource().plural, info.name),
        }
    }

    fn edit_object(
        &mut self,
        object: &Object,
        edit: &mut Edit<'_>,
        world: &mut World<'_>,
    ) -> Result<Value, Failure> {
        let path = pod_spec::path(object.kind)?;
        let mut value = object.value.clone();
        let mut spec = value.path(path).clone();
        edit(object, &mut spec, &mut self.failures, world)?;
        if &spec != value.path(path) {
            value.set(path, spec);
        }
        record(self.invocation, &mut value);
        Ok(value)
    }

    fn write(&self, object: &Object, value: Value, world: &mut World<'_>) -> Result<(), Failure> {
        let patch = difference(object, &value)?;
        if self.skips_unchanged && patch.entries().next().is_none() {
            return Ok(());
        }
        let operation = self.dry_run.operation(self.operation);
        let mut printer = Printer::of(self.invocation, &operation, world)?;
        if self.invocation.is_true("local") || self.dry_run == DryRun::Client {
            return printer.print(&value, world);
        }
        let written = send(self.invocation, self.dry_run, object, patch, world)
            .map_err(|status| Failure::message(format!("{} {status}", self.refusal)))?;
        printer.print(&written, world)
    }
}

fn difference(object: &Object, value: &Value) -> Result<Value, Failure> {
    patch::two_way(object.kind, &object.value, value)
        .map_err(|why| Failure::message(why.to_string()))
}

/// Sends a strategic patch and gives the object as it is then.
fn send(
    invocation: &Invocation,
    dry_run: DryRun,
    object: &Object,
    patch: Value,
    world: &mut World<'_>,
) -> Result<Value, crate::api::status::Status> {
    let verb = Verb::Patch(Patch::Strategic(patch));
    let mut request = Request::new(Actor::User, object.key(), verb);
    request.options.dry_run = dry_run == DryRun::Server;
    request.options.field_manager = Some(invocation.text("field-manager").into());
    let response = world.request(&request)?;
    world.warn(&response.warnings);
    Ok(response.object.map_or_else(|| object.value.clone(), |object| object.value))
}

/// Whether a container is selected by `-c`, whose `*` stands for any text (`selectString`).
fn is_selected(container: &Value, selector: &str) -> bool {
    matches_wildcard(container.get("name").str(), selector)
}

fn matches_wildcard(text: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => text == pattern,
        Some((start, rest)) => match text.strip_prefix(start) {
            None => false,
            Some(_) if rest.is_empty() => true,
            Some(after) => {
                let ends = after.char_indices().map(|(index, _)| index).chain([after.len()]);
                ends.into_iter().any(|index| {
                    after.get(index..).is_some_and(|tail| matches_wildcard(tail, rest))
                })
            }
        },
    }
}

/// The lists of containers of a Pod spec, in the order in which `set` goes through them.
const CONTAINER_LISTS: [&str; 2] = ["containers", "initContainers"];

/// Changes each selected container; gives how many there were.
fn for_selected(spec: &mut Value, selector: &str, mut change: impl FnMut(&mut Value)) -> usize {
    let mut count = 0;
    for list in CONTAINER_LISTS {
        let mut containers = spec.get(list).items().to_vec();
        let mut touched = false;
        for container in containers.iter_mut().filter(|c| is_selected(c, selector)) {
            change(container);
            count += 1;
            touched = true;
        }
        if touched {
            spec.set(&[list], containers);
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::matches_wildcard;

    #[test]
    fn stars_stand_for_any_text() {
        for (text, pattern) in [("nginx", "*"), ("nginx", "n*x"), ("nginx", "nginx"), ("", "*")] {
            assert!(matches_wildcard(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in [("nginx", "n"), ("nginx", "*y"), ("nginx", "x*")] {
            assert!(!matches_wildcard(text, pattern), "{text} {pattern}");
        }
    }
}
