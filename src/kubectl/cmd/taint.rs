//! `kubectl taint`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/taint`: `taint.go` and `utils.go`.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::apiserver::registry::validation::names::{label_value, qualified_name};
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::kubectl::command::{ALL_FLAG, Command, DRY_RUN_FLAG, Flag, PRINT_FLAGS, SELECTOR_FLAG};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::Builder;
use crate::value;

/// Its row.
pub static COMMANDS: &[Command] =
    &[Command::new("taint", &[ALL_FLAG, DRY_RUN_FLAG, PRINT_FLAGS, SELECTOR_FLAG, FLAGS], run)];

static FLAGS: &[Flag] = &[
    Flag::text("field-manager").default("kubectl-taint"),
    Flag::bool("overwrite"),
    Flag::text("validate").default("strict").bare("strict"),
];

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// A taint as the command line has it.
#[derive(Clone, Debug, PartialEq)]
struct Taint {
    key: EcoString,
    value: EcoString,
    effect: EcoString,
}

/// What is asked for.
#[derive(Debug, Default)]
struct Changes {
    added: Vec<Taint>,
    removed: Vec<Taint>,
}

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let dry_run = DryRun::of(invocation, world)?;
    let (resources, specs) = split(&invocation.args)?;
    let Some((kind, names)) = resources.split_first() else {
        let text = "one or more resources must be specified as <resource> <name>";
        return Err(Failure::message(text));
    };
    if specs.is_empty() {
        return Err(Failure::message("at least one taint update is required"));
    }
    let changes = Changes::parse(&specs).map_err(|text| invocation.usage(&text))?;
    validate(invocation, kind, names, &changes)?;
    let (infos, mut failures) = nodes(invocation, names).find(world)?.split();
    for node in infos.into_iter().filter_map(|info| info.object) {
        failures.extend(taint(invocation, dry_run, &changes, &node, world).err());
    }
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

/// The arguments that name nodes, and those that are taints.
fn split(arguments: &[EcoString]) -> Result<(Vec<EcoString>, Vec<EcoString>), Failure> {
    let (mut resources, mut specs) = (Vec::new(), Vec::new());
    for argument in arguments {
        let is_taint = argument.contains(['=', ':']) || argument.ends_with('-');
        match (is_taint, specs.is_empty()) {
            (true, _) => specs.push(argument.clone()),
            (false, true) => resources.push(argument.clone()),
            (false, false) => {
                return Err(Failure::message(format!(
                    "all resources must be specified before taint changes: {argument}"
                )));
            }
        }
    }
    Ok((resources, specs))
}

/// Models TaintOptions.Validate.
fn validate(
    invocation: &Invocation,
    kind: &str,
    names: &[EcoString],
    changes: &Changes,
) -> Result<(), Failure> {
    if !["node", "nodes"].contains(&kind.to_lowercase().as_str()) {
        return Err(Failure::message(format!(
            "invalid resource type {kind}, only [\"node\" \"nodes\"] are supported"
        )));
    }
    let conflicts = changes.conflicts();
    if !conflicts.is_empty() {
        return Err(Failure::message(format!(
            "can not both modify and remove the following taint(s) in the same command: {}",
            conflicts.join(", ")
        )));
    }
    match (invocation.is_true("all"), invocation.text("selector").is_empty()) {
        (true, false) => {
            Err(Failure::message("setting 'all' parameter with a non empty selector is prohibited"))
        }
        (false, true) if names.is_empty() => Err(Failure::message(
            "at least one resource name must be specified since 'all' parameter is not set",
        )),
        _ => Ok(()),
    }
}

/// The nodes that the command line names.
fn nodes(invocation: &Invocation, names: &[EcoString]) -> Builder {
    let selects = invocation.is_true("all") || !invocation.text("selector").is_empty();
    let arguments: Vec<EcoString> = match selects {
        true => vec!["node".into()],
        false => names.iter().map(|name| typed(name)).collect(),
    };
    Builder::new(invocation).arguments(&arguments).select_all(selects)
}

fn typed(name: &str) -> EcoString {
    if name.contains('/') { name.into() } else { format!("node/{name}").into() }
}

/// Changes one node and says so.
fn taint(
    invocation: &Invocation,
    dry_run: DryRun,
    changes: &Changes,
    node: &Object,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    if node.kind != Kind::Node {
        let kind = node.kind.name();
        return Err(Failure::message(format!("unexpected type *v1.{kind}, expected Node")));
    }
    let old = node.spec().get("taints").items();
    let overwrite = invocation.is_true("overwrite");
    if !overwrite {
        changes.refuse_overwriting(node.name(), old)?;
    }
    let (operation, taints) = changes.reorganize(old, overwrite)?;
    let mut shown = node.value.clone();
    match taints.is_empty() {
        true => {
            shown.remove(&["spec", "taints"]);
        }
        false => shown.set(&["spec", "taints"], taints.clone()),
    }
    if dry_run != DryRun::Client {
        let taints = if taints.is_empty() { Value::Null } else { Value::from(taints) };
        let patch = Patch::Merge(value!({"spec": {"taints": (taints)}}));
        let mut request = Request::new(Actor::User, node.key(), Verb::Patch(patch));
        request.options.dry_run = dry_run == DryRun::Server;
        request.options.field_manager = Some(invocation.text("field-manager").into());
        if let Some(written) = world.send(&request)?.object {
            shown = written.value;
        }
    }
    Printer::of(invocation, &dry_run.operation(operation), world)?.print(&shown, world)
}

impl Changes {
    /// Models parseTaints.
    fn parse(specs: &[EcoString]) -> Result<Changes, String> {
        let mut changes = Changes::default();
        for spec in specs {
            if let Some(spec) = spec.strip_suffix('-') {
                let taint = Taint { value: "".into(), ..Taint::parse(spec)? };
                changes.removed.push(taint);
                continue;
            }
            let taint = Taint::parse(spec)?;
            if taint.effect.is_empty() {
                return Err(format!("invalid taint spec: {spec}"));
            }
            if changes.added.iter().any(|known| known.matches(&taint)) {
                let Taint { key, value, effect } = taint;
                return Err(format!(
                    "duplicated taints with the same key and effect: {{{key} {value} {effect} \
                     <nil>}}"
                ));
            }
            changes.added.push(taint);
        }
        Ok(changes)
    }

    fn conflicts(&self) -> Vec<String> {
        let pairs = self.added.iter().flat_map(|a| self.removed.iter().map(move |r| (a, r)));
        pairs
            .filter(|(a, r)| a.key == r.key && (r.effect.is_empty() || a.effect == r.effect))
            .map(|(_, r)| format!("{{\"{}\":\"{}\"}}", r.key, r.effect))
            .collect()
    }

    /// Models checkIfTaintsAlreadyExists.
    fn refuse_overwriting(&self, node: &str, old: &[Value]) -> Result<(), Failure> {
        let present = self.added.iter().filter(|taint| old.iter().any(|old| taint.is(old)));
        let keys: Vec<&str> = present.map(|taint| taint.key.as_str()).collect();
        match keys.is_empty() {
            true => Ok(()),
            false => Err(Failure::message(format!(
                "node {node} already has {} taint(s) with same effect(s) and --overwrite is false",
                keys.join(",")
            ))),
        }
    }

    /// What is done, in a word, and the taints after it: new ones first.
    ///
    /// Models reorganizeTaints.
    fn reorganize(
        &self,
        old: &[Value],
        overwrite: bool,
    ) -> Result<(&'static str, Vec<Value>), Failure> {
        let mut taints: Vec<Value> = self.added.iter().map(Taint::object).collect();
        let kept = old.iter().filter(|old| !self.added.iter().any(|taint| taint.is(old)));
        taints.extend(kept.cloned());
        let is_added = taints.len() != old.len();
        let mut failures = Vec::new();
        for removed in &self.removed {
            let before = taints.len();
            taints.retain(|taint| !removed.removes(taint));
            if taints.len() == before {
                let text = format!("taint {:?} not found", removed.text());
                failures.push(Failure::message(text));
            }
        }
        Failure::aggregate(failures)?;
        let word = match (is_added, self.removed.is_empty()) {
            _ if overwrite => "modified",
            (true, false) => "modified",
            (true, true) => "tainted",
            (false, _) => "untainted",
        };
        Ok((word, taints))
    }
}

impl Taint {
    /// Takes `KEY=VALUE:EFFECT`, `KEY:EFFECT` or `KEY` apart.
    ///
    /// Models parseTaint.
    fn parse(spec: &str) -> Result<Taint, String> {
        let invalid = || format!("invalid taint spec: {spec}");
        let because = |errors: Vec<String>| match errors.is_empty() {
            true => Ok(()),
            false => Err(format!("{}, {}", invalid(), errors.join("; "))),
        };
        let parts: Vec<&str> = spec.split(':').collect();
        let (key, value, effect) = match parts.as_slice() {
            [key] => (*key, "", ""),
            [pair, effect] => {
                if !EFFECTS.contains(effect) {
                    return Err(format!(
                        "invalid taint effect: {effect}, unsupported taint effect"
                    ));
                }
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                if value.contains('=') {
                    return Err(invalid());
                }
                because(label_value(value))?;
                (key, value, *effect)
            }
            _ => return Err(invalid()),
        };
        because(qualified_name(key))?;
        Ok(Taint { key: key.into(), value: value.into(), effect: effect.into() })
    }

    /// Models Taint.MatchTaint.
    fn matches(&self, other: &Taint) -> bool {
        self.key == other.key && self.effect == other.effect
    }

    /// The same for a node's taint.
    fn is(&self, taint: &Value) -> bool {
        self.key == taint.get("key").str() && self.effect == taint.get("effect").str()
    }

    /// Whether a node's taint goes; without an effect, those of every effect.
    fn removes(&self, taint: &Value) -> bool {
        match self.effect.is_empty() {
            true => self.key == taint.get("key").str(),
            false => self.is(taint),
        }
    }

    fn object(&self) -> Value {
        let mut taint = value!({"key": (&self.key), "effect": (&self.effect)});
        if !self.value.is_empty() {
            taint.set(&["value"], &self.value);
        }
        taint
    }

    /// Models Taint.ToString for one without a value.
    fn text(&self) -> String {
        match self.effect.is_empty() {
            true => self.key.to_string(),
            false => format!("{}:{}", self.key, self.effect),
        }
    }
}
