//! `kubectl label` and `kubectl annotate`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/label` and `pkg/cmd/annotate`.

use crate::api::object::Object;
use crate::api::patch::merge;
use crate::api::value::{EcoString, Value};
use crate::apiserver::registry::validation::names::label_value;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::kubectl::command::{
    ALL_FLAG, ALL_NAMESPACES_FLAG, Command, DRY_RUN_FLAG, FIELD_SELECTOR_FLAG, FILENAME_FLAGS,
    Flag, PRINT_FLAGS, RECORD_FLAG, SELECTOR_FLAG,
};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::Printer;
use crate::kubectl::pairs::{self, Pairs};
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::record::{CHANGE_CAUSE, record};
use crate::kubectl::resource_builder::Builder;

macro_rules! row {
    ($name:literal, $run:expr, $manager:literal) => {
        Command::new(
            $name,
            &[
                ALL_FLAG,
                ALL_NAMESPACES_FLAG,
                DRY_RUN_FLAG,
                FIELD_SELECTOR_FLAG,
                FILENAME_FLAGS,
                PRINT_FLAGS,
                RECORD_FLAG,
                SELECTOR_FLAG,
                FLAGS,
                &[Flag::text("field-manager").default($manager)],
            ],
            $run,
        )
    };
}

/// Their rows.
pub static COMMANDS: &[Command] =
    &[row!("label", label, "kubectl-label"), row!("annotate", annotate, "kubectl-annotate")];

static FLAGS: &[Flag] = &[
    Flag::bool("list"),
    Flag::bool("local"),
    Flag::bool("overwrite"),
    Flag::text("resource-version"),
];

/// What is changed: the field of `metadata` and its words.
#[derive(Clone, Copy, PartialEq)]
enum Field {
    Labels,
    Annotations,
}

impl Field {
    fn path(self) -> [&'static str; 2] {
        ["metadata", if self == Field::Labels { "labels" } else { "annotations" }]
    }

    fn word(self) -> &'static str {
        if self == Field::Labels { "label" } else { "annotation" }
    }
}

fn label(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    run(Field::Labels, invocation, world)
}

fn annotate(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    run(Field::Annotations, invocation, world)
}

fn run(field: Field, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let dry_run = DryRun::of(invocation, world)?;
    let arguments = pairs::split(&invocation.args, field.word())?;
    let pairs = match field {
        Field::Labels => parse_labels(&arguments.pairs)?,
        Field::Annotations => pairs::parse(&arguments.pairs, "annotation", true)?,
    };
    validate(field, invocation, dry_run, &arguments.resources, &pairs)?;
    let local = invocation.is_true("local");
    let builder = Builder::new(invocation)
        .arguments(&arguments.resources)
        .select_all(invocation.is_true("all"))
        .local(local)
        .latest();
    let found = builder.find(world)?;
    if !found.single && !invocation.text("resource-version").is_empty() {
        return Err(Failure::message("--resource-version may only be used with a single resource"));
    }
    let verb = Update { field, invocation, dry_run, pairs, single: found.single };
    let mut failures = Vec::new();
    for item in found.items {
        let done = item.and_then(|info| match info.object {
            Some(object) => verb.apply(&object, world),
            None => Ok(()),
        });
        failures.extend(done.err());
    }
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

/// Models parseLabels.
fn parse_labels(specs: &[EcoString]) -> Result<Pairs, Failure> {
    let mut pairs = Pairs::default();
    for spec in specs {
        if spec.contains('=') {
            let parts: Vec<&str> = spec.split('=').collect();
            let [key, value] = parts.as_slice() else {
                return Err(Failure::message(format!("invalid label spec: {spec}")));
            };
            let errors = label_value(value);
            if !errors.is_empty() {
                let errors = errors.join(";");
                let text = format!("invalid label value: {:?}: {errors}", spec.as_str());
                return Err(Failure::message(text));
            }
            pairs.set(key, value);
        } else if let Some(key) = spec.strip_suffix('-') {
            pairs.removed.push(key.into());
        } else {
            return Err(Failure::message(format!("unknown label spec: {spec}")));
        }
    }
    if pairs.removed.iter().any(|key| pairs.new.iter().any(|(new, _)| new == key)) {
        let text = "can not both modify and remove a label in the same command";
        return Err(Failure::message(text));
    }
    Ok(pairs)
}

fn validate(
    field: Field,
    invocation: &Invocation,
    dry_run: DryRun,
    resources: &[EcoString],
    pairs: &Pairs,
) -> Result<(), Failure> {
    let all = invocation.is_true("all");
    let no_files =
        invocation.list("filename").is_empty() && invocation.text("kustomize").is_empty();
    let local = invocation.is_true("local");
    let message = match () {
        () if all && !invocation.text("selector").is_empty() => {
            "cannot set --all and --selector at the same time"
        }
        () if all && !invocation.text("field-selector").is_empty() => {
            "cannot set --all and --field-selector at the same time"
        }
        () if local && dry_run == DryRun::Server => {
            "cannot specify --local and --dry-run=server - did you mean --dry-run=client?"
        }
        () if local && !resources.is_empty() => {
            "can only use local files by -f pod.yaml or --filename=pod.json when --local=true is \
             set"
        }
        () if local && no_files => {
            "one or more files must be specified as -f pod.yaml or --filename=pod.json"
        }
        () if !local && no_files && resources.is_empty() => {
            "one or more resources must be specified as <resource> <name> or <resource>/<name>"
        }
        () if pairs.is_empty() && !invocation.is_true("list") => {
            let text = format!("at least one {} update is required", field.word());
            return Err(Failure::message(text));
        }
        () if field == Field::Annotations => return validate_annotations(pairs),
        () => return Ok(()),
    };
    Err(Failure::message(message))
}

fn validate_annotations(pairs: &Pairs) -> Result<(), Failure> {
    let both = pairs.removed.iter().filter(|key| pairs.new.iter().any(|(new, _)| new == *key));
    let both: Vec<&str> = both.map(EcoString::as_str).collect();
    match both.is_empty() {
        true => Ok(()),
        false => Err(Failure::message(format!(
            "can not both modify and remove the following annotation(s) in the same command: {}",
            both.join(", ")
        ))),
    }
}

/// One use of the verb, for each of its objects.
struct Update<'a> {
    field: Field,
    invocation: &'a Invocation,
    dry_run: DryRun,
    pairs: Pairs,
    single: bool,
}

impl Update<'_> {
    fn apply(&self, object: &Object, world: &mut World<'_>) -> Result<(), Failure> {
        let list = self.invocation.is_true("list");
        let stays_here = list || self.invocation.is_true("local") || self.dry_run == DryRun::Client;
        if self.field == Field::Labels && !stays_here {
            self.report_missing(object, world);
        }
        let changed = self.change(object, !stays_here)?;
        if list {
            self.print_list(&changed, object, world);
            return Ok(());
        }
        let word = self.word(object, &changed);
        let shown = match stays_here {
            true => changed,
            false => self.send(object, &changed, world)?,
        };
        Printer::of(self.invocation, &self.dry_run.operation(word), world)?.print(&shown, world)
    }

    /// Labels to be removed that are not there are named, on standard output.
    fn report_missing(&self, object: &Object, world: &mut World<'_>) {
        for key in &self.pairs.removed {
            if object.path(&self.field.path()).get(key).is_null() {
                world.print_line(&format!("label {:?} not found.", key.as_str()));
            }
        }
    }

    fn change(&self, object: &Object, records: bool) -> Result<Value, Failure> {
        let path = self.field.path();
        let old = object.path(&path);
        if !self.invocation.is_true("overwrite") {
            self.refuse_overwriting(old)?;
        }
        let mut new = old.as_object().cloned().unwrap_or_default();
        for (key, value) in &self.pairs.new {
            new.insert(key.clone(), value);
        }
        for key in &self.pairs.removed {
            new.remove(key);
        }
        let mut value = object.value.clone();
        match new.is_empty() {
            true => {
                value.remove(&path);
            }
            false => value.set(&path, new),
        }
        if records {
            record(self.invocation, &mut value);
        }
        Ok(value)
    }

    fn refuse_overwriting(&self, old: &Value) -> Result<(), Failure> {
        let mut taken = Vec::new();
        for (key, value) in &self.pairs.new {
            let exempt = self.field == Field::Annotations && key == CHANGE_CAUSE;
            match old.get(key).as_str() {
                Some(present) if present != value && !exempt => {
                    taken.push(format!("'{key}' already has a value ({present})"));
                }
                _ => {}
            }
        }
        if taken.is_empty() {
            return Ok(());
        }
        if self.field == Field::Annotations {
            return Err(Failure::message(format!(
                "--overwrite is false but found the following declared annotation(s): {}",
                taken.join("; ")
            )));
        }
        let failures = taken.into_iter().map(|text| format!("{text}, and --overwrite is false"));
        Failure::aggregate(failures.map(Failure::message).collect())
    }

    /// What has happened, in a word.
    fn word(&self, object: &Object, changed: &Value) -> &'static str {
        let path = self.field.path();
        match (self.field, self.pairs.new.is_empty(), self.pairs.removed.is_empty()) {
            (Field::Annotations, _, _) => "annotated",
            _ if object.path(&path) == changed.path(&path) => "not labeled",
            (_, true, _) => "unlabeled",
            (_, false, true) => "labeled",
            (_, false, false) => "modified",
        }
    }

    fn send(
        &self,
        object: &Object,
        changed: &Value,
        world: &mut World<'_>,
    ) -> Result<Value, Failure> {
        let mut patch = merge::create(&object.value, changed);
        let version = self.invocation.text("resource-version");
        if !version.is_empty() {
            patch.set(&["metadata", "resourceVersion"], version);
        }
        let verb = Verb::Patch(Patch::Merge(patch));
        let mut request = Request::new(Actor::User, object.key(), verb);
        request.options.dry_run = self.dry_run == DryRun::Server;
        request.options.field_manager = Some(self.invocation.text("field-manager").into());
        let response = world.request(&request)?;
        world.warn(&response.warnings);
        Ok(response.object.map_or_else(|| changed.clone(), |object| object.value))
    }

    fn print_list(&self, changed: &Value, object: &Object, world: &mut World<'_>) {
        let mut indent = "";
        if !self.single {
            indent = " ";
            let (kind, group) = (object.kind.name(), object.kind.resource().group);
            let what = format!("{}s for {kind}.{group}/{}", self.field.word(), object.name());
            world.print_line(&format!("Listing {what}:"));
        }
        for (key, value) in changed.path(&self.field.path()).entries() {
            world.print_line(&format!("{indent}{key}={}", value.str()));
        }
    }
}
