//! `get --raw` with `watch=1`: events as lines of JSON.
//!
//! Models `k8s.io/apiserver/pkg/endpoints/handlers/watch.go`.

use super::Target;
use super::list::{Query, object_text, read};
use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::apiserver::request::Selectors;
use crate::kubectl::cmd::{Running, get};
use crate::kubectl::process::{Flow, Outcome, World};

/// A watch that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Watch {
    filter: get::Filter,
    revision: u64,
    until: Option<Time>,
}

pub(super) fn start(target: &Target, query: &Query, world: &mut World<'_>) -> Outcome {
    if let Some(fault) = query.version_fault() {
        return Err(Status::new(500, "", fault).into());
    }
    let (kind, namespace) = (target.resource.kind, target.namespace.clone());
    let filter = filter(kind, namespace, query.selectors());
    let listed = read(target, query, world)?;
    let mut watch = Watch { filter, revision: world.client.revision(), until: None };
    match query.text("resourceVersion").parse::<u64>() {
        Ok(revision) if revision > 0 => watch.revision = revision.min(watch.revision),
        _ => listed.iter().for_each(|object| print("ADDED", object, world)),
    }
    if let Ok(seconds @ 1..) = query.text("timeoutSeconds").parse::<u64>() {
        watch.until = Some(world.client.now().after(Duration::from_secs(seconds)));
    }
    watch.poll(world)
}

fn filter(kind: Kind, namespace: EcoString, selectors: Selectors) -> get::Filter {
    get::Filter { kind, namespace, name: EcoString::new(), selectors }
}

fn print(event: &str, object: &Object, world: &mut World<'_>) {
    let text = object_text(&object.value);
    world.print_line(&format!("{{\"type\":\"{event}\",\"object\":{text}}}"));
}

impl Watch {
    /// Prints what has changed.
    pub fn poll(mut self, world: &mut World<'_>) -> Outcome {
        if world.client.revision() != self.revision {
            let changes = world.client.events_since(self.revision);
            self.revision = world.client.revision();
            for change in changes {
                if let Some((event, object)) = self.filter.judge(&change) {
                    print(event, &object, world);
                }
            }
        }
        match self.until {
            Some(until) if world.client.now() >= until => Ok(Flow::Done(0)),
            until => Ok(Flow::Wait(Running::RawWatch(self), until)),
        }
    }
}
