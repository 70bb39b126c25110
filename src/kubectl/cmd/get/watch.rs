//! `kubectl get --watch`.
//!
//! Models `GetOptions.watch` of `k8s.io/kubectl/pkg/cmd/get/get.go` and the filter of the API
//! server's watch cache, which turns leaving a selector into a deletion.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::selector::fields::FieldSelector;
use crate::api::selector::labels::LabelSelector;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::Selectors;
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::kubectl::cmd::Running;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::{Builder, Found};

use super::table::{TableOptions, TablePrinter};

/// A watch that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Watch {
    filter: Filter,
    revision: u64,
    with_event: bool,
    output: Output,
}

/// What is watched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    /// The kind.
    pub kind: Kind,
    /// "" for all namespaces and cluster scope.
    pub namespace: EcoString,
    /// "" for all objects.
    pub name: EcoString,
    /// Labels and fields.
    pub selectors: Selectors,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Output {
    Table(TablePrinter),
    Generic(Box<Printer>),
}

/// Prints what is there and starts to watch.
pub fn start(invocation: &Invocation, builder: &Builder, world: &mut World<'_>) -> Outcome {
    let kinds = builder.kinds()?;
    if kinds.len() > 1 {
        return Err(Failure::message("you may only specify a single resource type"));
    }
    let revision = world.client.revision();
    let found = builder.find(world)?;
    let Some(kind) = found.kinds.first().copied() else {
        return Err(Failure::message(
            "you may only watch a single resource or type of resource at a time",
        ));
    };
    if found.kinds.len() > 1 {
        return Err(Failure::message(
            "watch is only supported on individual resources and resource collections - more \
             than 1 resource was found",
        ));
    }
    let (is_list, single, items) = (found.is_list, found.single, found.items.len());
    let objects = objects(found)?;
    let output = match super::is_table(invocation) {
        true => Output::Table(TablePrinter::new(TableOptions::of(invocation, kind))),
        false => Output::Generic(Box::new(Printer::of_get(invocation, world)?)),
    };
    let all_namespaces = invocation.is_true("all-namespaces") || !kind.resource().namespaced;
    let filter = Filter {
        kind,
        namespace: if all_namespaces { "".into() } else { invocation.namespace.clone() },
        name: objects.first().filter(|_| !is_list).map_or("", Object::name).into(),
        selectors: builder.selectors(),
    };
    let mut watch =
        Watch { filter, revision, with_event: invocation.is_true("output-watch-events"), output };
    if let Some(object) = objects.first().filter(|_| !is_list) {
        watch.filter.namespace = object.namespace().into();
    }
    if !invocation.is_true("watch-only") {
        let now = world.client.now();
        watch.print("ADDED", &objects, now, world)?;
    }
    if !is_list && (!single || items != 1) {
        return Err(Failure::message(
            "you may only watch a single resource or type of resource at a time",
        ));
    }
    Ok(Flow::Wait(Running::Get(watch), None))
}

fn objects(found: Found) -> Result<Vec<Object>, Failure> {
    Ok(found.infos()?.into_iter().filter_map(|info| info.object).collect())
}

impl Watch {
    /// Prints what has changed.
    pub fn poll(mut self, world: &mut World<'_>) -> Outcome {
        if world.client.revision() == self.revision {
            return Ok(Flow::Wait(Running::Get(self), None));
        }
        let changes = world.client.events_since(self.revision);
        self.revision = world.client.revision();
        for change in changes {
            if let Some((event, object)) = self.filter.judge(&change) {
                self.print(event, &[object], change.time, world)?;
            }
        }
        Ok(Flow::Wait(Running::Get(self), None))
    }

    fn print(
        &mut self,
        event: &str,
        objects: &[Object],
        now: Time,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        match &mut self.output {
            Output::Table(printer) => {
                printer.add(self.filter.kind, Some(event), objects, now);
                let text = printer.flush();
                world.print(&text);
            }
            Output::Generic(printer) => {
                for object in objects {
                    printer.print(&wrap(self.with_event, event, &object.value), world)?;
                }
            }
        }
        Ok(())
    }
}

impl Filter {
    /// What the server sends about a change to somebody with these selectors.
    pub fn judge(&self, change: &WatchEvent) -> Option<(&'static str, Object)> {
        let key = &change.key;
        let elsewhere = !self.namespace.is_empty() && key.namespace != self.namespace;
        let other = !self.name.is_empty() && key.name != self.name;
        if key.kind != self.kind || elsewhere || other {
            return None;
        }
        let was = change.previous.as_ref().is_some_and(|object| self.selects(object));
        let is = self.selects(&change.object);
        let event = match (change.event_type, was, is) {
            (WatchEventType::Deleted, true, _) => "DELETED",
            (WatchEventType::Deleted, false, _) | (_, false, false) => return None,
            (_, true, false) => "DELETED",
            (_, false, true) => "ADDED",
            (_, true, true) => "MODIFIED",
        };
        Some((event, change.object.clone()))
    }

    fn selects(&self, object: &Object) -> bool {
        let labels = LabelSelector::parse(&self.selectors.labels);
        let fields = FieldSelector::parse(&self.selectors.fields);
        labels.is_ok_and(|labels| labels.matches(object.labels()))
            && fields.is_ok_and(|fields| fields.matches(object))
    }
}

/// With `--output-watch-events` objects come within a `WatchEvent`.
fn wrap(with_event: bool, event: &str, value: &Value) -> Value {
    match with_event {
        true => crate::value!({"type": (event), "object": (value)}),
        false => value.clone(),
    }
}
