//! `kubectl set env`.
//!
//! Models `set_env.go` and `pkg/cmd/set/env`.

use super::{CONTAINER_LISTS, Change, check_local, find, is_selected};
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::apiserver::registry::validation::names::environment_name;
use crate::kubectl::command::Flag;
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::Builder;
use crate::value;

use super::env_reference::{reference_text, resolve};

pub(super) static FLAGS: &[Flag] = &[
    Flag::text("containers").short('c').default("*"),
    Flag::array("env").short('e'),
    Flag::text("from"),
    Flag::slice("keys"),
    Flag::bool("list"),
    Flag::bool("overwrite").default("true"),
    Flag::text("prefix"),
    Flag::bool("resolve"),
];

/// What is asked for.
#[derive(Default)]
struct Wanted {
    /// Entries of `env`.
    set: Vec<Value>,
    removed: Vec<EcoString>,
    /// Whether arguments asked for it.
    by_arguments: bool,
}

pub(super) fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let dry_run = DryRun::of(invocation, world)?;
    let (resources, specs) = split(&invocation.args)?;
    validate(invocation, dry_run, &resources)?;
    let mut wanted = parse(invocation, &specs, world)?;
    wanted.set.extend(from_object(invocation, world)?);
    let infos = find(invocation, &resources, world)?;
    let list = invocation.is_true("list");
    let change = Change {
        invocation,
        // A list writes nothing.
        dry_run,
        operation: "env updated",
        refusal: "failed to patch env update to pod template:",
        skips_unchanged: true,
        failures: Vec::new(),
    };
    if list {
        for object in infos.iter().filter_map(|info| info.object.as_ref()) {
            print_list(invocation, &wanted, object, world)?;
        }
        return Ok(Flow::Done(0));
    }
    change.apply(
        &infos,
        &mut |object, spec, _, world| edit(invocation, &wanted, object, spec, world),
        world,
    )?;
    Ok(Flow::Done(0))
}

/// Models SplitEnvironmentFromResources.
fn split(arguments: &[EcoString]) -> Result<(Vec<EcoString>, Vec<EcoString>), Failure> {
    let is_env = |argument: &EcoString| argument.contains('=') || argument.ends_with('-');
    let first = arguments.iter().position(is_env).unwrap_or(arguments.len());
    let (resources, specs) = arguments.split_at(first);
    if specs.iter().all(is_env) {
        return Ok((resources.to_vec(), specs.to_vec()));
    }
    let all: Vec<&str> = arguments.iter().map(EcoString::as_str).collect();
    Err(Failure::message(format!(
        "all resources must be specified before environment changes: {}",
        all.join(" ")
    )))
}

fn validate(
    invocation: &Invocation,
    dry_run: DryRun,
    resources: &[EcoString],
) -> Result<(), Failure> {
    check_local(invocation, dry_run)?;
    let message = match () {
        () if invocation.list("filename").is_empty() && resources.is_empty() => {
            "one or more resources must be specified as <resource> <name> or <resource>/<name>"
        }
        () if invocation.is_true("list") && !invocation.text("output").is_empty() => {
            "--list and --output may not be specified together"
        }
        () if !invocation.list("keys").is_empty() && invocation.text("from").is_empty() => {
            "when specifying --keys, a configmap or secret must be provided with --from"
        }
        () => return Ok(()),
    };
    Err(Failure::message(message))
}

/// Models env.ParseEnv.
fn parse(
    invocation: &Invocation,
    specs: &[EcoString],
    world: &mut World<'_>,
) -> Result<Wanted, Failure> {
    let mut wanted = Wanted { by_arguments: !specs.is_empty(), ..Wanted::default() };
    let mut all = invocation.list("env");
    all.extend(specs.iter().cloned());
    for spec in &all {
        if spec == "-" {
            let bytes = std::mem::take(&mut world.stdin.bytes);
            for line in String::from_utf8_lossy(&bytes).lines() {
                if let Some((name, value)) = line.split_once('=') {
                    wanted.set.push(variable(name, value)?);
                }
            }
        } else if let Some((name, value)) = spec.split_once('=') {
            wanted.set.push(variable(name, value)?);
        } else if let Some(name) = spec.strip_suffix('-') {
            wanted.removed.push(name.into());
        } else {
            return Err(Failure::message(format!("unknown environment variable: {spec}")));
        }
    }
    let both =
        |name: &EcoString| wanted.set.iter().any(|variable| variable.get("name").str() == name);
    if wanted.removed.iter().any(both) {
        return Err(Failure::message(
            "can not both modify and remove an environment variable in the same command",
        ));
    }
    Ok(wanted)
}

fn variable(name: &str, value: &str) -> Result<Value, Failure> {
    let errors = environment_name(name);
    if !errors.is_empty() {
        let text = format!("{name:?} is not a valid key name: {}", errors.join(";"));
        return Err(Failure::message(text));
    }
    // An empty value is left out when the variable is written.
    Ok(match value {
        "" => value!({ "name": name }),
        value => value!({"name": name, "value": value}),
    })
}

/// The variables that `--from` makes of a ConfigMap or Secret.
fn from_object(invocation: &Invocation, world: &mut World<'_>) -> Result<Vec<Value>, Failure> {
    let from = invocation.text("from");
    if from.is_empty() {
        return Ok(Vec::new());
    }
    let keys = invocation.list("keys");
    let builder = Builder::in_namespace(invocation).arguments(&[from.into()]);
    let mut variables = Vec::new();
    for object in builder.find(world)?.infos()?.into_iter().filter_map(|info| info.object) {
        let source = match object.kind {
            Kind::ConfigMap => "configMapKeyRef",
            Kind::Secret => "secretKeyRef",
            _ => return Err(Failure::message("unsupported resource specified in --from")),
        };
        for (key, _) in object.path(&["data"]).entries() {
            if !keys.is_empty() && !keys.contains(key) {
                continue;
            }
            let name = key_to_name(key, world);
            let mut variable = value!({ "name": (format!("{}{name}", invocation.text("prefix"))) });
            variable.set(&["valueFrom", source, "key"], key);
            variable.set(&["valueFrom", source, "name"], object.name());
            variables.push(variable);
        }
    }
    Ok(variables)
}

fn key_to_name(key: &str, world: &mut World<'_>) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
    let name: String = key.chars().map(word).collect::<String>().to_uppercase();
    if name != key {
        world.complain(&format!("Warning: key {key} transferred to {name}"));
    }
    name
}

fn edit(
    invocation: &Invocation,
    wanted: &Wanted,
    object: &Object,
    spec: &mut Value,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let selector = invocation.text("containers");
    let mut count = 0;
    for list in CONTAINER_LISTS {
        let mut containers = spec.get(list).items().to_vec();
        let mut touched = false;
        for container in containers.iter_mut().filter(|c| is_selected(c, selector)) {
            count += 1;
            let existing = container.get("env");
            if !invocation.is_true("overwrite") {
                refuse_overwriting(existing, &wanted.set)?;
            }
            let merged = merge(existing.items(), wanted);
            if merged.as_slice() != existing.items() {
                container.set(&["env"], merged);
                touched = true;
            }
        }
        if touched {
            spec.set(&[list], containers);
        }
    }
    if count == 0 {
        warn_unmatched(object, selector, world);
    } else if wanted.set.is_empty() && !wanted.by_arguments {
        return Err(Failure::message("at least one environment variable must be provided"));
    }
    Ok(())
}

fn warn_unmatched(object: &Object, selector: &str, world: &mut World<'_>) {
    world.complain(&format!(
        "Warning: {}/{} does not have any containers matching {selector:?}",
        object.kind,
        object.name()
    ));
}

fn refuse_overwriting(existing: &Value, wanted: &[Value]) -> Result<(), Failure> {
    for variable in wanted {
        let name = variable.get("name");
        let Some(old) = existing.items().iter().find(|old| old.get("name") == name) else {
            continue;
        };
        if old.get("value").str() != variable.get("value").str() {
            return Err(Failure::message(format!(
                "'{}' already has a value ({}), and --overwrite is false",
                name.str(),
                old.get("value").str()
            )));
        }
    }
    Ok(())
}

/// Models updateEnv: what is there keeps its place, new variables follow.
fn merge(existing: &[Value], wanted: &Wanted) -> Vec<Value> {
    let mut covered: Vec<&str> = wanted.removed.iter().map(EcoString::as_str).collect();
    let mut merged = Vec::new();
    for old in existing {
        let name = old.get("name").str();
        if covered.contains(&name) {
            continue;
        }
        // The last of several new values counts.
        match wanted.set.iter().rev().find(|new| new.get("name").str() == name) {
            Some(new) => {
                covered.push(name);
                merged.push(new.clone());
            }
            None => merged.push(old.clone()),
        }
    }
    for new in &wanted.set {
        let name = new.get("name").str();
        if !covered.contains(&name) {
            covered.push(name);
            merged.push(new.clone());
        }
    }
    merged
}

fn print_list(
    invocation: &Invocation,
    wanted: &Wanted,
    object: &Object,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let Ok(path) = crate::kubectl::pod_spec::path(object.kind) else { return Ok(()) };
    let selector = invocation.text("containers");
    let spec = object.path(path);
    let lists = CONTAINER_LISTS.iter().flat_map(|list| spec.get(list).items());
    let containers: Vec<&Value> = lists.filter(|c| is_selected(c, selector)).collect();
    if containers.is_empty() {
        warn_unmatched(object, selector, world);
    }
    for container in containers {
        let name = container.get("name").str();
        world.print_line(&format!("# {} {}, container {name}", object.kind, object.name()));
        for variable in merge(container.get("env").items(), wanted) {
            print_variable(invocation, object, &variable, world);
        }
    }
    Ok(())
}

fn print_variable(
    invocation: &Invocation,
    object: &Object,
    variable: &Value,
    world: &mut World<'_>,
) {
    let (name, source) = (variable.get("name").str(), variable.get("valueFrom"));
    if source.is_null() {
        return world.print_line(&format!("{name}={}", variable.get("value").str()));
    }
    let resolved = match invocation.is_true("resolve") {
        true => Some(resolve(object, source, world)),
        false => None,
    };
    if let Some(Ok(value)) = &resolved {
        return world.print_line(&format!("{name}={value}"));
    }
    world.print_line(&format!("# {name} from {}", reference_text(source)));
    if let Some(Err(why)) = resolved {
        world.complain(&format!("error retrieving reference for {name}: {why}"));
    }
}
