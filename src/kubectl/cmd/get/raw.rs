//! `kubectl get --raw`.
//!
//! Models `k8s.io/kubectl/pkg/rawhttp` for the paths of stored objects.

use crate::api::go;
use crate::api::object::ObjectKey;
use crate::api::scheme::{RESOURCES, Resource};
use crate::api::status::Status;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, Request, Selectors, Verb};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Flow, Outcome, World};

/// Where a path leads.
struct Target {
    resource: &'static Resource,
    namespace: EcoString,
    name: EcoString,
    subresource: EcoString,
}

/// Prints what a path answers.
pub fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let raw = invocation.text("raw");
    let (path, query) = raw.split_once('?').unwrap_or((raw, ""));
    if matches!(path, "/healthz" | "/livez" | "/readyz") {
        world.print("ok");
        return Ok(Flow::Done(0));
    }
    let Some(target) = parse(path) else {
        let what = format!("the path {path}");
        return Err(Failure::not_simulated(&what, "print the server's answer"));
    };
    let text = match target.name.is_empty() {
        true => list(&target, query, world)?,
        false => get(&target, world)?,
    };
    world.print_line(&text);
    Ok(Flow::Done(0))
}

fn parse(path: &str) -> Option<Target> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let (group, version, rest) = match parts.as_slice() {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return None,
    };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
        rest => ("", rest),
    };
    let (plural, rest) = rest.split_first()?;
    let resource = RESOURCES
        .iter()
        .find(|r| r.group == group && r.version == version && r.plural == *plural)?;
    let part = |index: usize| EcoString::from(rest.get(index).copied().unwrap_or_default());
    (rest.len() <= 2).then(|| Target {
        resource,
        namespace: namespace.into(),
        name: part(0),
        subresource: part(1),
    })
}

fn get(target: &Target, world: &mut World<'_>) -> Result<String, Failure> {
    let key = ObjectKey::new(target.resource.kind, target.namespace.clone(), target.name.clone());
    let request = Request::new(Actor::User, key, Verb::Get).on(&target.subresource);
    let response = world.client.request(&request)?;
    world.warn(&response.warnings);
    let missing = || Status::not_found(&target.resource.qualified_plural(), &target.name);
    let value = response.value.or_else(|| response.object.map(|object| object.value));
    Ok(go::json(&value.ok_or_else(missing)?))
}

fn list(target: &Target, query: &str, world: &mut World<'_>) -> Result<String, Failure> {
    let resource = target.resource;
    let key = ObjectKey::new(resource.kind, target.namespace.clone(), "");
    let mut selectors = Selectors::default();
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match name {
            "labelSelector" => selectors.labels = decode(value).into(),
            "fieldSelector" => selectors.fields = decode(value).into(),
            _ => {}
        }
    }
    let request = Request::new(Actor::User, key, Verb::List(selectors));
    let response = world.client.request(&request)?;
    world.warn(&response.warnings);
    let items: Vec<Value> = response.items.into_iter().map(bare).collect();
    // The server writes its fields in the order of the Go struct.
    Ok(format!(
        "{{\"kind\":{},\"apiVersion\":{},\"metadata\":{{\"resourceVersion\":\"{}\"}},\"items\":{}}}",
        go::quote(&format!("{}List", resource.name)),
        go::quote(&resource.api_version()),
        world.client.revision(),
        go::json(&items.into())
    ))
}

/// Items of a list carry no apiVersion and kind of their own.
fn bare(object: crate::api::object::Object) -> Value {
    let mut value = object.value;
    value.remove(&["apiVersion"]);
    value.remove(&["kind"]);
    value
}

/// Percent-decoding of a query's value.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digits: Vec<u8> = match byte {
            b'%' => rest.by_ref().take(2).collect(),
            _ => Vec::new(),
        };
        let code = std::str::from_utf8(&digits).ok().and_then(|d| u8::from_str_radix(d, 16).ok());
        bytes.push(code.unwrap_or(if byte == b'+' { b' ' } else { byte }));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
