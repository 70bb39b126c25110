//! `get --raw` of a container's log.
//!
//! Models `pkg/registry/core/pod/rest/log.go`.

use super::list::Query;
use super::{Target, unknown};
use crate::api::status::Status;
use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::apiserver::request::{Actor, Request, Verb};
use crate::client::node::LogRequest;
use crate::kubectl::process::{Flow, Outcome, World};

pub(super) fn print(path: &str, target: &Target, query: &Query, world: &mut World<'_>) -> Outcome {
    if query.flag("follow") || !query.text("limitBytes").is_empty() {
        return Err(unknown(path));
    }
    let request = LogRequest {
        pod: target.key(),
        container: container(target, query, world)?,
        previous: query.flag("previous"),
        tail_lines: query.text("tailLines").parse().ok(),
        since: since(query, world.client.now()),
        timestamps: query.flag("timestamps"),
        skip_lines: 0,
    };
    let log = world.client.logs(&request)?;
    world.print(&log.text);
    Ok(Flow::Done(0))
}

fn since(query: &Query, now: Time) -> Option<Time> {
    match query.text("sinceSeconds").parse::<u64>() {
        Ok(seconds) => {
            let span = Duration::from_secs(seconds).as_micros() as i64;
            Some(Time(now.0.saturating_sub(span)))
        }
        Err(_) => Time::parse(query.text("sinceTime")),
    }
}

/// The container that is named, or the only one (`ResourceLocation` of `LogLocation`).
fn container(target: &Target, query: &Query, world: &mut World<'_>) -> Result<EcoString, Status> {
    let get = Request::new(Actor::User, target.key(), Verb::Get);
    let pod = world.request(&get)?.object;
    if !query.text("container").is_empty() {
        return Ok(query.text("container").into());
    }
    let names = |list: &str| -> Vec<EcoString> {
        let containers = pod.iter().flat_map(|pod| pod.spec().get(list).items());
        containers.map(|container| container.get("name").str().into()).collect()
    };
    match names("containers").as_slice() {
        [only] => Ok(only.clone()),
        several => {
            let mut text = format!(
                "a container name must be specified for pod {}, choose one of: [{}]",
                target.name,
                several.join(" ")
            );
            let first = names("initContainers");
            if !first.is_empty() {
                text.push_str(&format!(" or one of the init containers: [{}]", first.join(" ")));
            }
            Err(Status::new(400, "BadRequest", text))
        }
    }
}
