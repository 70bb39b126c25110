//! `kubectl delete`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/delete` and the waiting of `k8s.io/kubectl/pkg/cmd/wait`.

use crate::api::object::ObjectKey;
use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::apiserver::request::{Actor, DeleteOptions, Propagation, Request, Verb};
use crate::kubectl::cmd::{Running, raw};
use crate::kubectl::command::{
    ALL_FLAG, ALL_NAMESPACES_FLAG, Command, DRY_RUN_FLAG, FIELD_SELECTOR_FLAG, FILENAME_FLAGS,
    Flag, SELECTOR_FLAG,
};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::{Failure, with_source};
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::{Builder, Found, Info};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new(
    "delete",
    &[
        ALL_FLAG,
        ALL_NAMESPACES_FLAG,
        DRY_RUN_FLAG,
        FIELD_SELECTOR_FLAG,
        FILENAME_FLAGS,
        SELECTOR_FLAG,
        FLAGS,
    ],
    run,
)];

static FLAGS: &[Flag] = &[
    Flag::text("cascade").default("background").bare("background"),
    Flag::bool("force"),
    Flag::int("grace-period", "-1"),
    Flag::bool("ignore-not-found"),
    Flag::bool("interactive").short('i'),
    Flag::bool("now"),
    Flag::text("output").short('o'),
    Flag::text("raw"),
    Flag::duration("timeout", "0s"),
    Flag::bool("wait").default("true"),
];

/// A wait has no end unless one is given; kubectl takes a week.
const WAIT_MAX: Duration = Duration::from_secs(168 * 3600);

/// What the flags ask for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Options {
    propagation: Propagation,
    grace_period_seconds: Option<i64>,
    force: bool,
    wait: bool,
    dry_run: DryRun,
}

/// Objects whose end is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wait {
    waiting: Vec<(ObjectKey, EcoString, EcoString)>,
    until: Time,
    revision: u64,
}

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    if !invocation.text("raw").is_empty() {
        return raw::delete(invocation, world);
    }
    let options = options(invocation, world)?;
    validate(invocation)?;
    let builder = Builder::new(invocation).select_all(invocation.is_true("all")).names_only();
    let found = builder.find(world)?;
    if invocation.is_true("interactive") {
        return Ask::start(invocation, options, found, world);
    }
    delete_all(invocation, &options, found, world)
}

fn delete_all(
    invocation: &Invocation,
    options: &Options,
    found: Found,
    world: &mut World<'_>,
) -> Outcome {
    let (mut failures, mut waiting) = (Vec::new(), Vec::new());
    let (mut matched, mut deleted) = (false, 0);
    let missing_is_fine = invocation.is_true("ignore-not-found") || found.is_list;
    for item in found.items {
        matched = true;
        match item.and_then(|info| delete(invocation, options, &info, world)) {
            Ok(target) => {
                deleted += 1;
                waiting.extend(target);
            }
            Err(failure) => {
                let missing = failure.status().is_some_and(|status| status.is("NotFound"));
                if !(missing && missing_is_fine) {
                    failures.push(failure);
                }
            }
        }
    }
    if !matched || (deleted == 0 && failures.is_empty() && !invocation.is_true("ignore-not-found"))
    {
        world.print_line("No resources found");
    }
    Failure::aggregate(failures)?;
    let timeout = match invocation.micros("timeout") {
        0 => WAIT_MAX,
        micros => Duration::from_micros(micros.max(0) as u64),
    };
    let until = world.client.now().after(timeout);
    match options.wait && !waiting.is_empty() {
        true => Wait { waiting, until, revision: 0 }.poll(world),
        false => Ok(Flow::Done(0)),
    }
}

/// `--interactive`: the objects, while the answer is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    options: Options,
    infos: Vec<Info>,
    is_list: bool,
    answer: Vec<u8>,
}

impl Ask {
    /// Names the objects and asks. Models DeleteOptions.confirmation.
    fn start(
        invocation: &Invocation,
        options: Options,
        found: Found,
        world: &mut World<'_>,
    ) -> Outcome {
        let is_list = found.is_list;
        let (mut infos, mut failures) = (Vec::new(), Vec::new());
        for item in found.items {
            match item.and_then(|info| Ok(info.get(world).map(|_| info)?)) {
                Ok(info) => infos.push(info),
                Err(failure) => {
                    let missing = failure.status().is_some_and(|status| status.is("NotFound"));
                    if !(missing && invocation.is_true("ignore-not-found")) {
                        failures.push(failure);
                    }
                }
            }
        }
        Failure::aggregate(failures)?;
        if infos.is_empty() {
            world.print_line("No resources found");
            return Ok(Flow::Done(0));
        }
        let count = infos.len();
        world.print_line(&format!("You are about to delete the following {count} resource(s):"));
        for info in &infos {
            world.print_line(&info.printed_name());
        }
        world.print("Do you want to continue? (y/N): ");
        Ask { options, infos, is_list, answer: Vec::new() }.poll(invocation, world)
    }

    /// Deletes, or not, once a line has come.
    pub fn poll(mut self, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
        self.answer.append(&mut world.stdin.bytes);
        if !world.stdin.closed && !self.answer.contains(&b'\n') {
            return Ok(Flow::Wait(Running::DeleteAsk(self), None));
        }
        let text = String::from_utf8_lossy(&self.answer).into_owned();
        if !text.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("y")) {
            world.print_line("deletion is cancelled");
            return Ok(Flow::Done(0));
        }
        let items = self.infos.into_iter().map(Ok).collect();
        let found = Found { items, is_list: self.is_list, ..Found::default() };
        delete_all(invocation, &self.options, found, world)
    }
}

/// Models DeleteOptions.Complete.
fn options(invocation: &Invocation, world: &mut World<'_>) -> Result<Options, Failure> {
    let propagation = propagation(invocation.text("cascade"), world)?;
    let (force, now) = (invocation.is_true("force"), invocation.is_true("now"));
    let mut grace = invocation.int("grace-period");
    if now {
        if grace != -1 {
            let text = "--now and --grace-period cannot be specified together";
            return Err(Failure::message(text));
        }
        grace = 1;
    }
    if grace == 0 && !force {
        // Without --force a Pod's end is still confirmed, which takes at least a second.
        grace = 1;
    }
    if force && grace > 0 {
        let text = "--force and --grace-period greater than 0 cannot be specified together";
        return Err(Failure::message(text));
    }
    if force {
        grace = 0;
        world.complain(
            "Warning: Immediate deletion does not wait for confirmation that the running resource \
             has been terminated. The resource may continue to run on the cluster indefinitely.",
        );
    }
    let dry_run = DryRun::of(invocation, world)?;
    let wait = invocation.is_true("wait") && !(force && !invocation.is_set("wait"));
    Ok(Options {
        propagation,
        grace_period_seconds: (grace >= 0).then_some(grace),
        force,
        wait: wait && dry_run == DryRun::No,
        dry_run,
    })
}

/// What becomes of dependents, from `--cascade`.
pub fn propagation(cascade: &str, world: &mut World<'_>) -> Result<Propagation, Failure> {
    let (policy, word) = match cascade {
        "background" => return Ok(Propagation::Background),
        "foreground" => return Ok(Propagation::Foreground),
        "orphan" => return Ok(Propagation::Orphan),
        "true" => (Propagation::Background, "background"),
        "false" => (Propagation::Orphan, "orphan"),
        other => {
            return Err(Failure::message(format!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \
                 \"orphan\""
            )));
        }
    };
    world.complain(&format!(
        "warning: --cascade={cascade} is deprecated (boolean value) and can be replaced with \
         --cascade={word}."
    ));
    Ok(policy)
}

fn validate(invocation: &Invocation) -> Result<(), Failure> {
    let all = invocation.is_true("all");
    let message = match () {
        () if all && !invocation.text("selector").is_empty() => {
            "cannot set --all and --selector at the same time"
        }
        () if all && !invocation.text("field-selector").is_empty() => {
            "cannot set --all and --field-selector at the same time"
        }
        () if !matches!(invocation.text("output"), "" | "name") => {
            let output = invocation.text("output");
            return Err(Failure::message(format!(
                "unexpected -o output mode: {output}. We only support '-o name'"
            )));
        }
        () => return Ok(()),
    };
    Err(Failure::message(message))
}

/// Deletes one object; gives what has to be waited for.
fn delete(
    invocation: &Invocation,
    options: &Options,
    info: &Info,
    world: &mut World<'_>,
) -> Result<Option<(ObjectKey, EcoString, EcoString)>, Failure> {
    let delete_options = DeleteOptions {
        grace_period_seconds: options.grace_period_seconds,
        propagation: Some(options.propagation),
        ..DeleteOptions::default()
    };
    let mut request = Request::new(Actor::User, info.key(), Verb::Delete(delete_options));
    request.options.dry_run = options.dry_run == DryRun::Server;
    let refused = |status| match info.source.is_empty() {
        true => Failure::from(status),
        false => Failure::from(with_source(status, "deleting", &info.source)),
    };
    let uid = match options.dry_run == DryRun::Client {
        true => info.get(world).map_err(refused)?.uid().into(),
        false => {
            let response = world.request(&request).map_err(refused)?;
            world.warn(&response.warnings);
            response.object.map(|object| object.uid().into()).unwrap_or_default()
        }
    };
    world.print_line(&sentence(invocation, options, info));
    let plural = info.kind.resource().qualified_plural();
    Ok(Some((info.key(), uid, format!("{plural}/{}", info.name).into())))
}

/// `pod "web-0" deleted from default namespace`
pub fn deleted(info: &Info) -> String {
    let kind = info.kind.resource().qualified_singular();
    let line = format!("{kind} {:?} deleted", info.name.as_str());
    match info.namespace.as_str() {
        "" => line,
        namespace => format!("{line} from {namespace} namespace"),
    }
}

/// Models DeleteOptions.PrintObj.
fn sentence(invocation: &Invocation, options: &Options, info: &Info) -> String {
    if invocation.text("output") == "name" {
        return info.printed_name();
    }
    let operation = if options.force { "force deleted" } else { "deleted" };
    let mut line = format!(
        "{} {:?} {operation}",
        info.kind.resource().qualified_singular(),
        info.name.as_str()
    );
    if !info.namespace.is_empty() {
        line.push_str(&format!(" from {} namespace", info.namespace));
    }
    options.dry_run.operation(&line)
}

impl Wait {
    /// Looks whether all are gone; in the order in which they were deleted.
    pub fn poll(mut self, world: &mut World<'_>) -> Outcome {
        let revision = world.client.revision();
        if revision != self.revision {
            self.revision = revision;
            while let Some((key, uid, _)) = self.waiting.first() {
                let get = Request::new(Actor::User, key.clone(), Verb::Get);
                let object = world.request(&get).ok().and_then(|response| response.object);
                if object.is_some_and(|object| uid.is_empty() || object.uid() == uid) {
                    break;
                }
                self.waiting.remove(0);
            }
        }
        match self.waiting.first() {
            None => Ok(Flow::Done(0)),
            Some((_, _, name)) if world.client.now() >= self.until => {
                Err(Failure::message(format!("timed out waiting for the condition on {name}")))
            }
            Some(_) => {
                let until = self.until;
                Ok(Flow::Wait(Running::Delete(self), Some(until)))
            }
        }
    }
}
