//! `kubectl wait`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/wait`: objects are looked up one after the other, and all of
//! them share the time limit.

use std::collections::VecDeque;

use super::Running;
use crate::api::jsonpath::{JsonPath, Options, relaxed};
use crate::api::object::Object;
use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};
use crate::apiserver::watch::WatchEventType;
use crate::kubectl::command::{
    ALL_FLAG, ALL_NAMESPACES_FLAG, Command, FIELD_SELECTOR_FLAG, FILENAME_FLAGS, Flag, PRINT_FLAGS,
    SELECTOR_FLAG,
};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::{Builder, Info};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new(
    "wait",
    &[
        ALL_FLAG,
        ALL_NAMESPACES_FLAG,
        FIELD_SELECTOR_FLAG,
        FILENAME_FLAGS,
        PRINT_FLAGS,
        SELECTOR_FLAG,
        FLAGS,
    ],
    run,
)];

static FLAGS: &[Flag] =
    &[Flag::array("for"), Flag::bool("local"), Flag::duration("timeout", "30s")];

/// What a negative time limit means.
const WEEK: Duration = Duration::from_secs(168 * 3600);
const TIMED_OUT: &str = "timed out waiting for the condition";

/// What is waited for (`conditionFuncFor`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Condition {
    Delete,
    Create,
    Status { name: EcoString, value: EcoString },
    JsonPath { path: JsonPath, value: EcoString },
}

/// A wait with what is left of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wait {
    condition: Condition,
    printer: Printer,
    until: Time,
    /// `--timeout=0` looks once.
    once: bool,
    /// Whether the objects have been looked for.
    found: bool,
    queue: VecDeque<Info>,
    /// The revision up to which the first of the queue has been watched.
    watched: Option<u64>,
    failures: Vec<Failure>,
}

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let condition = condition(&invocation.list("for"))?;
    let printer = Printer::of(invocation, "condition met", world)?;
    let timeout = match invocation.micros("timeout") {
        micros if micros < 0 => WEEK,
        micros => Duration::from_micros(micros as u64),
    };
    let wait = Wait {
        condition,
        printer,
        until: world.client.now().after(timeout),
        once: timeout.is_zero(),
        found: false,
        queue: VecDeque::new(),
        watched: None,
        failures: Vec::new(),
    };
    wait.poll(invocation, world)
}

fn condition(conditions: &[EcoString]) -> Result<Condition, Failure> {
    let [condition] = conditions else {
        return match conditions {
            [] => Err(Failure::message("unrecognized condition: []")),
            _ => Err(Failure::not_simulated("several --for", "wait for each of them")),
        };
    };
    match condition.to_lowercase().as_str() {
        "delete" => return Ok(Condition::Delete),
        "create" => return Ok(Condition::Create),
        _ => {}
    }
    if let Some(text) = condition.strip_prefix("condition=") {
        let (name, value) = text.split_once('=').unwrap_or((text, "true"));
        return Ok(Condition::Status { name: name.into(), value: value.into() });
    }
    match condition.strip_prefix("jsonpath=") {
        Some(text) => jsonpath(text),
        None => Err(Failure::message(format!("unrecognized condition: {:?}", condition.as_str()))),
    }
}

/// Models processJSONPathInput and newJSONPathParser.
fn jsonpath(input: &str) -> Result<Condition, Failure> {
    let parts = split_jsonpath(input);
    let (expression, value) = match parts.as_slice() {
        [expression] => (expression, ""),
        [expression, value] => match value.trim_matches(['\'', '"']) {
            "" => {
                return Err(Failure::message(
                    "jsonpath wait has to have a value after equal sign, like \
                     --for=jsonpath='{.status.readyReplicas}'=3",
                ));
            }
            value => (expression, value),
        },
        _ => {
            return Err(Failure::message(
                "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or \
                 --for=jsonpath='{.status.readyReplicas}'",
            ));
        }
    };
    let expression = relaxed(expression).map_err(Failure::message)?;
    if expression.is_empty() {
        return Err(Failure::message("jsonpath expression cannot be empty"));
    }
    let path = JsonPath::parse(&expression).map_err(Failure::message)?;
    Ok(Condition::JsonPath { path, value: value.into() })
}

/// Splits at `=`, but not at `==` (`splitJSONPathInput`).
fn split_jsonpath(input: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = input.chars().peekable();
    while let Some(character) = characters.next() {
        let last = parts.len() - 1;
        match character {
            '=' if characters.peek() == Some(&'=') => {
                characters.next();
                parts[last].push_str("==");
            }
            '=' => parts.push(String::new()),
            other => parts[last].push(other),
        }
    }
    parts
}

/// Where the first object of the queue stands.
enum Step {
    Met(Value),
    Failed(Failure),
    Skipped,
    NotYet,
}

impl Wait {
    /// Looks at the objects whose turn it is.
    pub fn poll(mut self, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
        if !self.found && !self.find(invocation, world)? {
            let until = self.until;
            return Ok(Flow::Wait(Running::Wait(self), Some(until)));
        }
        while let Some(info) = self.queue.front().cloned() {
            match self.look_at(&info, world) {
                Step::NotYet => {
                    let until = self.until;
                    return Ok(Flow::Wait(Running::Wait(self), Some(until)));
                }
                Step::Met(value) => self.printer.print(&value, world)?,
                Step::Failed(failure) => self.failures.push(failure),
                Step::Skipped => {}
            }
            self.queue.pop_front();
            self.watched = None;
        }
        Failure::aggregate(self.failures)?;
        Ok(Flow::Done(0))
    }

    /// Finds the objects; gives whether they are there, which `--for=create` waits for.
    fn find(&mut self, invocation: &Invocation, world: &mut World<'_>) -> Result<bool, Failure> {
        let builder = Builder::new(invocation).select_all(invocation.is_true("all"));
        if self.condition == Condition::Create {
            let found = builder.clone().latest().find(world)?;
            let waits = found.items.is_empty()
                || found.items.iter().any(|item| item.as_ref().is_err_and(is_missing));
            if waits && world.client.now() >= self.until {
                return Err(Failure::message(TIMED_OUT));
            }
            if waits {
                return Ok(false);
            }
        }
        let found = builder.names_only().find(world)?;
        let is_list = found.is_list;
        for item in found.items {
            match item {
                // A named object is read when its turn comes.
                Ok(info) if is_list => self.queue.push_back(info),
                Ok(info) => self.queue.push_back(Info { object: None, ..info }),
                Err(failure) => self.failures.push(failure),
            }
        }
        let none = self.queue.is_empty() && self.failures.is_empty();
        if none && self.condition != Condition::Delete {
            return Err(Failure::message("no matching resources found"));
        }
        self.found = true;
        Ok(true)
    }

    fn look_at(&mut self, info: &Info, world: &mut World<'_>) -> Step {
        let step = match self.watched {
            None => self.begin(info, world),
            Some(revision) => self.watch(revision, info, world),
        };
        let plural = info.kind.resource().plural;
        match step {
            Step::NotYet if self.once => {
                let text = format!("condition not met for {plural}/{}", info.name);
                Step::Failed(Failure::message(text))
            }
            Step::NotYet if world.client.now() >= self.until => {
                let text = format!("{TIMED_OUT} on {plural}/{}", info.name);
                Step::Failed(Failure::message(text))
            }
            step => step,
        }
    }

    fn begin(&mut self, info: &Info, world: &mut World<'_>) -> Step {
        self.watched = Some(world.client.revision());
        let object = match info.get(world) {
            Ok(object) => object,
            Err(status) if status.is("NotFound") && self.condition == Condition::Delete => {
                return match &info.object {
                    // It was listed and has gone since.
                    Some(listed) => Step::Met(listed.value.clone()),
                    None => Step::Skipped,
                };
            }
            Err(status) => return Step::Failed(status.into()),
        };
        self.check(&object)
    }

    /// Looks at every change since `revision`.
    fn watch(&mut self, revision: u64, info: &Info, world: &mut World<'_>) -> Step {
        let now = world.client.revision();
        if now == revision {
            return Step::NotYet;
        }
        self.watched = Some(now);
        let key = info.key();
        for change in world.client.events_since(revision) {
            if change.key != key {
                continue;
            }
            let deleted = change.event_type == WatchEventType::Deleted;
            let step = match (&self.condition, deleted) {
                (Condition::Delete, true) => Step::Met(change.object.value),
                (Condition::Delete, false) | (_, true) => Step::NotYet,
                (_, false) => self.check(&change.object),
            };
            if !matches!(step, Step::NotYet) {
                return step;
            }
        }
        Step::NotYet
    }

    fn check(&self, object: &Object) -> Step {
        let met = match &self.condition {
            Condition::Delete => Ok(false),
            Condition::Create => Ok(true),
            Condition::Status { name, value } => Ok(has_condition(object, name, value)),
            Condition::JsonPath { path, value } => has_field(object, path, value),
        };
        match met {
            Ok(true) => Step::Met(object.value.clone()),
            Ok(false) => Step::NotYet,
            Err(why) => Step::Failed(Failure::message(why)),
        }
    }
}

fn is_missing(failure: &Failure) -> bool {
    failure.status().is_some_and(|status| status.is("NotFound"))
}

/// Models ConditionalWait.checkCondition: a condition about an older generation does not count.
fn has_condition(object: &Object, name: &str, value: &str) -> bool {
    let conditions = object.status().get("conditions").items();
    let same = |condition: &&Value| condition.get("type").str().eq_ignore_ascii_case(name);
    let Some(condition) = conditions.iter().find(same) else {
        return false;
    };
    let observed = condition
        .get("observedGeneration")
        .as_i64()
        .or_else(|| object.status().get("observedGeneration").as_i64());
    if observed.is_some_and(|observed| observed < object.generation()) {
        return false;
    }
    condition.get("status").str().eq_ignore_ascii_case(value)
}

/// Models JSONPathWait.checkCondition.
fn has_field(object: &Object, path: &JsonPath, wanted: &str) -> Result<bool, String> {
    let found = path.find(&object.value, Options { allow_missing_keys: true })?;
    let value = match found.as_slice() {
        [] => return Ok(false),
        [values] => match values.as_slice() {
            [] => return Ok(false),
            [value] => value,
            _ => return Err("given jsonpath expression matches more than one value".into()),
        },
        _ => return Err("given jsonpath expression matches more than one list".into()),
    };
    match value {
        _ if wanted.is_empty() => Ok(true),
        Value::Object(_) | Value::Array(_) => {
            Err("jsonpath leads to a nested object or list which is not supported".into())
        }
        value => Ok(crate::api::go_fmt::plain(value).trim() == wanted.trim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_single_equal_signs_split() {
        let parts = split_jsonpath("{.a[?(@.b==1)]}=3");
        assert_eq!(parts, ["{.a[?(@.b==1)]}", "3"]);
    }
}
