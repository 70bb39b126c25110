//! `kubectl events`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/events`.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::apiserver::request::{Actor, Request, Selectors, Verb};
use crate::apiserver::watch::WatchEventType;
use crate::kubectl::cmd::Running;
use crate::kubectl::command::{ALL_NAMESPACES_FLAG, CHUNK_SIZE_FLAG, Command, Flag, PRINT_FLAGS};
use crate::kubectl::describe::interval;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::{Printer, list_of};
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_mapper::kind_for;
use crate::text::tabwriter::TabWriter;

/// Its row.
pub static COMMANDS: &[Command] =
    &[Command::new("events", &[ALL_NAMESPACES_FLAG, CHUNK_SIZE_FLAG, PRINT_FLAGS, FLAGS], run)];

static FLAGS: &[Flag] = &[
    Flag::text("for"),
    Flag::bool("no-headers"),
    Flag::slice("types"),
    Flag::bool("watch").short('w'),
];

/// Which events are wanted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Filter {
    /// "" for all namespaces.
    namespace: EcoString,
    object: Option<(Kind, EcoString)>,
    types: Vec<EcoString>,
}

/// Events being followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Watch {
    filter: Filter,
    revision: u64,
    output: Output,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Output {
    Table { writer: TabWriter, header: bool, with_namespace: bool },
    Generic(Box<Printer>),
}

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let filter = Filter::of(invocation)?;
    let output =
        match invocation.text("output").is_empty() && invocation.text("template").is_empty() {
            true => Output::Table {
                writer: TabWriter::table(),
                header: !invocation.is_true("no-headers"),
                with_namespace: invocation.is_true("all-namespaces"),
            },
            false => Output::Generic(Box::new(Printer::of(invocation, "", world)?)),
        };
    let revision = world.client.revision();
    let mut watch = Watch { filter, revision, output };
    let events = watch.filter.list(world)?;
    let follows = invocation.is_true("watch");
    if events.is_empty() && !follows {
        return nothing_found(invocation, &watch, world);
    }
    watch.print_list(&events, follows, world)?;
    match follows {
        true => Ok(Flow::Wait(Running::Events(watch), None)),
        false => Ok(Flow::Done(0)),
    }
}

fn nothing_found(invocation: &Invocation, watch: &Watch, world: &mut World<'_>) -> Outcome {
    if let Output::Generic(_) = watch.output {
        let mut watch = watch.clone();
        watch.print_list(&[], false, world)?;
        return Ok(Flow::Done(0));
    }
    match invocation.is_true("all-namespaces") {
        true => world.complain("No events found."),
        false => {
            world.complain(&format!("No events found in {} namespace.", invocation.namespace));
        }
    }
    Ok(Flow::Done(0))
}

impl Filter {
    /// Models EventsFlags.ToOptions.
    fn of(invocation: &Invocation) -> Result<Filter, Failure> {
        let types = invocation.list("types");
        let known =
            |t: &EcoString| t.eq_ignore_ascii_case("Normal") || t.eq_ignore_ascii_case("Warning");
        if !types.iter().all(known) {
            return Err(Failure::message("valid --types are Normal or Warning"));
        }
        let object = match invocation.text("for") {
            "" => None,
            text => Some(parse_for(text)?),
        };
        let namespace = match invocation.is_true("all-namespaces") {
            true => EcoString::new(),
            false => invocation.namespace.clone(),
        };
        Ok(Filter { namespace, object, types })
    }

    fn list(&self, world: &mut World<'_>) -> Result<Vec<Object>, Failure> {
        let key = ObjectKey::new(Kind::Event, self.namespace.clone(), "");
        let request = Request::new(Actor::User, key, Verb::List(Selectors::default()));
        let mut events = world.request(&request)?.items;
        events.retain(|event| self.wants(event));
        events.sort_by_key(last_seen);
        Ok(events)
    }

    fn wants(&self, event: &Object) -> bool {
        let about = event.value.get("involvedObject");
        let right_object = self.object.as_ref().is_none_or(|(kind, name)| {
            about.get("kind").str() == kind.name()
                && about.get("name").str() == name
                && about.get("apiVersion").str() == kind.resource().api_version()
        });
        let kind = event.value.get("type").str();
        let right_type =
            self.types.is_empty() || self.types.iter().any(|t| t.eq_ignore_ascii_case(kind));
        let here = self.namespace.is_empty() || event.namespace() == self.namespace;
        here && right_object && right_type
    }
}

fn parse_for(text: &str) -> Result<(Kind, EcoString), Failure> {
    let (kind, name) = text
        .split_once('/')
        .filter(|(kind, name)| !kind.is_empty() && !name.is_empty() && !name.contains('/'))
        .ok_or_else(|| Failure::message("--for must be in resource/name form"))?;
    let kind = kind_for(kind).map_err(|failure| {
        // This path of kubectl returns the mapper's error without `error: `.
        Failure::Verbatim(failure.sentence().into(), 1)
    })?;
    Ok((kind, name.into()))
}

/// When an event was last seen (`getEventTime` of `SortableEvents`).
fn last_seen(event: &Object) -> Option<Time> {
    let value = &event.value;
    let times = [
        value.path(&["series", "lastObservedTime"]),
        value.get("lastTimestamp"),
        value.get("eventTime"),
    ];
    times.iter().find(|time| !time.is_null()).and_then(|time| Time::parse(time.str()))
}

impl Watch {
    /// Prints new events.
    pub fn poll(mut self, world: &mut World<'_>) -> Outcome {
        if world.client.revision() != self.revision {
            let changes = world.client.events_since(self.revision);
            self.revision = world.client.revision();
            for change in changes {
                let is_new = change.event_type != WatchEventType::Deleted;
                if change.key.kind == Kind::Event && is_new && self.filter.wants(&change.object) {
                    self.print(&[change.object], world)?;
                }
            }
        }
        Ok(Flow::Wait(Running::Events(self), None))
    }

    /// A list that is not followed is printed as a List by `-o`.
    fn print_list(
        &mut self,
        events: &[Object],
        follows: bool,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        match &mut self.output {
            Output::Generic(printer) if !follows => {
                let mut list = list_of(events.iter().map(|event| event.value.clone()).collect());
                list.set(&["kind"], "EventList");
                printer.print(&list, world)
            }
            _ => self.print(events, world),
        }
    }

    /// Models eventPrinter.PrintObj.
    fn print(&mut self, events: &[Object], world: &mut World<'_>) -> Result<(), Failure> {
        let now = world.client.now();
        match &mut self.output {
            Output::Generic(printer) => {
                for event in events {
                    printer.print(&event.value, world)?;
                }
            }
            Output::Table { writer, header, with_namespace } => {
                if !events.is_empty() && std::mem::take(header) {
                    let namespace = if *with_namespace { "NAMESPACE\t" } else { "" };
                    writer.push(&format!("{namespace}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n"));
                }
                for event in events {
                    writer.push(&row(event, *with_namespace, now));
                }
                let text = writer.flush();
                world.print(&text);
            }
        }
        Ok(())
    }
}

fn row(event: &Object, with_namespace: bool, now: Time) -> String {
    let value = &event.value;
    let about = value.get("involvedObject");
    let namespace = match with_namespace {
        true => format!("{}\t", event.namespace()),
        false => String::new(),
    };
    let message = value.get("message").str();
    format!(
        "{namespace}{}\t{}\t{}\t{}/{}\t{}\n",
        interval(event, now),
        value.get("type").str(),
        value.get("reason").str(),
        about.get("kind").str(),
        about.get("name").str(),
        message.trim()
    )
}
