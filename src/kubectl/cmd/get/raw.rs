//! `kubectl get --raw`.
//!
//! Models `k8s.io/kubectl/pkg/rawhttp` and the answers of the API server to plain GETs: objects,
//! lists with selectors and pieces, the discovery documents that are known. Leaves out watches.

use crate::api::go;
use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::{RESOURCES, Resource};
use crate::api::status::Status;
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, Request, Selectors, Verb};
use crate::kubectl::discovery;
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
    if !raw.starts_with('/') {
        let quoted = go::quote(raw);
        return Err(Failure::message(format!(
            "--raw must be a valid URL path: parse {quoted}: invalid URI for request"
        )));
    }
    let (path, query) = raw.split_once('?').unwrap_or((raw, ""));
    let query = Query::parse(query);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["healthz" | "livez" | "readyz"] | ["healthz" | "livez" | "readyz", "ping"]
            if !query.has("verbose") =>
        {
            world.print("ok");
        }
        ["healthz" | "livez" | "readyz" | "version" | "metrics" | "openapi" | "logs", ..] => {
            return Err(unknown(path));
        }
        ["api"] => world.print_line(
            "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"],\"serverAddressByClientCIDRs\":\
             [{\"clientCIDR\":\"0.0.0.0/0\",\"serverAddress\":\"192.168.49.10:6443\"}]}",
        ),
        ["apis", group] => world.print_line(&group_document(group)?),
        _ => {
            let target = parse(&parts).ok_or_else(no_such_resource)??;
            let text = match target.name.is_empty() {
                true => list(&target, &query, world)?,
                false => get(&target, world)?,
            };
            world.print_line(&text);
        }
    }
    Ok(Flow::Done(0))
}

fn unknown(path: &str) -> Failure {
    Failure::not_simulated(&format!("the path {path}"), "print the server's answer")
}

fn no_such_resource() -> Failure {
    Status::new(404, "NotFound", "the server could not find the requested resource").into()
}

/// The document of an API group (`metav1.APIGroup`).
fn group_document(group: &str) -> Result<String, Failure> {
    let mut versions: Vec<&str> = discovery::versions()
        .into_iter()
        .filter(|version| version.split_once('/').is_some_and(|(name, _)| name == group))
        .collect();
    // The newest version is listed first.
    versions.reverse();
    let entry = |version: &&str| {
        let short = version.split_once('/').map_or("", |(_, version)| version);
        format!("{{\"groupVersion\":\"{version}\",\"version\":\"{short}\"}}")
    };
    let entries: Vec<String> = versions.iter().map(entry).collect();
    let preferred = entries.first().ok_or_else(no_such_resource)?;
    Ok(format!(
        "{{\"kind\":\"APIGroup\",\"apiVersion\":\"v1\",\"name\":\"{group}\",\"versions\":[{}],\
         \"preferredVersion\":{preferred}}}",
        entries.join(",")
    ))
}

/// What a path names: nothing the server serves (`None`), something that is not simulated, or a
/// stored resource.
fn parse(parts: &[&str]) -> Option<Result<Target, Failure>> {
    let (group, version, rest) = match parts {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return None,
    };
    let api_version = if group.is_empty() { version.into() } else { format!("{group}/{version}") };
    if !discovery::versions().contains(&api_version.as_str()) {
        return None;
    }
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
        rest => ("", rest),
    };
    let Some((plural, rest)) = rest.split_first() else {
        return Some(Err(unknown(&format!("/{}", parts.join("/")))));
    };
    let stored = RESOURCES.iter().find(|r| r.api_version() == api_version && r.plural == *plural);
    let Some(resource) = stored else {
        let served = discovery::API_RESOURCES
            .iter()
            .any(|r| r.api_version == api_version && r.name == *plural);
        return served.then(|| Err(unknown(&format!("/{}", parts.join("/")))));
    };
    let part = |index: usize| EcoString::from(rest.get(index).copied().unwrap_or_default());
    (rest.len() <= 2).then(|| {
        Ok(Target { resource, namespace: namespace.into(), name: part(0), subresource: part(1) })
    })
}

fn get(target: &Target, world: &mut World<'_>) -> Result<String, Failure> {
    let key = ObjectKey::new(target.resource.kind, target.namespace.clone(), target.name.clone());
    let request = Request::new(Actor::User, key, Verb::Get).on(&target.subresource);
    let response = world.client.request(&request)?;
    world.warn(&response.warnings);
    let missing = || Status::not_found(&target.resource.qualified_plural(), &target.name);
    let value = response.value.or_else(|| response.object.map(|object| object.value));
    Ok(object_text(&value.ok_or_else(missing)?))
}

fn list(target: &Target, query: &Query, world: &mut World<'_>) -> Result<String, Failure> {
    if query.flag("watch") {
        return Err(Failure::not_simulated("watch=1 in --raw", "print changes as they come"));
    }
    query.check_resource_version()?;
    let resource = target.resource;
    let key = ObjectKey::new(resource.kind, target.namespace.clone(), "");
    let selectors = Selectors {
        labels: query.text("labelSelector").into(),
        fields: query.text("fieldSelector").into(),
    };
    let request = Request::new(Actor::User, key, Verb::List(selectors));
    let response = world.client.request(&request)?;
    world.warn(&response.warnings);
    let (items, rest) = query.piece(response.items)?;
    let texts: Vec<String> = items.into_iter().map(bare).map(|v| object_text(&v)).collect();
    Ok(format!(
        "{{\"kind\":{},\"apiVersion\":{},\"metadata\":{{\"resourceVersion\":\"{}\"{rest}}},\
         \"items\":[{}]}}",
        go::quote(&format!("{}List", resource.name)),
        go::quote(&resource.api_version()),
        world.client.revision(),
        texts.join(",")
    ))
}

/// Items of a list carry no apiVersion and kind of their own.
fn bare(object: Object) -> Value {
    let mut value = object.value;
    value.remove(&["apiVersion"]);
    value.remove(&["kind"]);
    value
}

/// An object with its fields in the order of the server's structs, as far as its outer layers go.
fn object_text(value: &Value) -> String {
    const OBJECT: [&str; 4] = ["kind", "apiVersion", "metadata", "spec"];
    const METADATA: [&str; 13] = [
        "name",
        "generateName",
        "namespace",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "labels",
        "annotations",
        "ownerReferences",
        "finalizers",
    ];
    ordered(value, &OBJECT, |name, value| match name {
        "metadata" => ordered(value, &METADATA, |_, value| go::json(value)),
        _ => go::json(value),
    })
}

fn ordered(value: &Value, order: &[&str], text: impl Fn(&str, &Value) -> String) -> String {
    let rank = |name: &str| order.iter().position(|o| *o == name).unwrap_or(order.len());
    let mut fields: Vec<(&str, &Value)> =
        value.entries().map(|(name, value)| (name.as_str(), value)).collect();
    fields.sort_by_key(|(name, _)| rank(name));
    let parts: Vec<String> = fields
        .into_iter()
        .map(|(name, value)| format!("{}:{}", go::quote(name), text(name, value)))
        .collect();
    format!("{{{}}}", parts.join(","))
}

/// The part of an address after the question mark.
struct Query(Vec<(String, String)>);

impl Query {
    fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let split = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        };
        Query(pairs.map(split).collect())
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    fn flag(&self, name: &str) -> bool {
        self.has(name) && !matches!(self.text(name), "0" | "false")
    }

    fn check_resource_version(&self) -> Result<(), Failure> {
        let text = self.text("resourceVersion");
        if text.is_empty() || text.parse::<u64>().is_ok() {
            return Ok(());
        }
        let quoted = go::quote(text);
        Err(Status::bad_request(format!(
            "invalid resource version: resourceVersion: Invalid value: {quoted}: \
             strconv.ParseUint: parsing {quoted}: invalid syntax"
        ))
        .into())
    }

    /// The piece of a list that `limit` and `continue` ask for, and what the list's metadata say
    /// about the rest. The token is our own: the name that the piece ended with.
    fn piece(&self, mut items: Vec<Object>) -> Result<(Vec<Object>, String), Failure> {
        let token = self.text("continue");
        if !token.is_empty() {
            let Some(last) = token.strip_prefix("after-") else {
                let what = "a continue token that no list gave";
                return Err(Failure::not_simulated(what, "say how the token cannot be read"));
            };
            let key = |o: &Object| format!("{}/{}", o.namespace(), o.name());
            items.retain(|object| key(object).as_str() > last);
        }
        let limit = self.text("limit").parse::<usize>().unwrap_or(0);
        if limit == 0 || items.len() <= limit {
            return Ok((items, String::new()));
        }
        let remaining = items.len() - limit;
        items.truncate(limit);
        let last = items.last().map(|o| format!("{}/{}", o.namespace(), o.name()));
        let token = go::quote(&format!("after-{}", last.unwrap_or_default()));
        let rest = format!(",\"continue\":{token},\"remainingItemCount\":{remaining}");
        Ok((items, rest))
    }
}

/// Percent-decoding of a query's part.
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
