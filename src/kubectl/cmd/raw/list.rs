//! Reading by address: objects, and lists in pieces.
//!
//! Models the answers of `k8s.io/apiserver/pkg/endpoints/handlers` to plain GETs and the continue
//! tokens of `k8s.io/apiserver/pkg/storage/continue.go`.

use super::Target;
use crate::api::go;
use crate::api::object::{Object, ObjectKey};
use crate::api::status::Status;
use crate::api::value::Value;
use crate::apiserver::registry::config::{base64, from_base64};
use crate::apiserver::request::{Actor, Request, Selectors, Verb};
use crate::kubectl::errors::Failure;
use crate::kubectl::process::World;

pub(super) fn get(target: &Target, world: &mut World<'_>) -> Result<String, Failure> {
    let key = ObjectKey::new(target.resource.kind, target.namespace.clone(), target.name.clone());
    let request = Request::new(Actor::User, key, Verb::Get).on(&target.subresource);
    let response = world.request(&request)?;
    world.warn(&response.warnings);
    let missing = || Status::not_found(&target.resource.qualified_plural(), &target.name);
    let value = response.value.or_else(|| response.object.map(|object| object.value));
    Ok(object_text(&value.ok_or_else(missing)?))
}

pub(super) fn list(
    target: &Target,
    query: &Query,
    world: &mut World<'_>,
) -> Result<String, Failure> {
    query.check_resource_version()?;
    let resource = target.resource;
    let items = read(target, query, world)?;
    let (items, rest) = query.piece(items, target, world.client.revision())?;
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

/// The objects that the query selects.
pub(super) fn read(
    target: &Target,
    query: &Query,
    world: &mut World<'_>,
) -> Result<Vec<Object>, Failure> {
    let key = ObjectKey::new(target.resource.kind, target.namespace.clone(), "");
    let request = Request::new(Actor::User, key, Verb::List(query.selectors()));
    let response = world.request(&request)?;
    world.warn(&response.warnings);
    Ok(response.items)
}

/// Items of a list carry no apiVersion and kind of their own.
fn bare(object: Object) -> Value {
    let mut value = object.value;
    value.remove(&["apiVersion"]);
    value.remove(&["kind"]);
    value
}

/// An object with its fields in the order of the server's structs, as far as its outer layers go.
pub(super) fn object_text(value: &Value) -> String {
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
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let split = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        };
        Query(pairs.map(split).collect())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.has(name) && !matches!(self.text(name), "0" | "false")
    }

    pub(super) fn selectors(&self) -> Selectors {
        Selectors {
            labels: self.text("labelSelector").into(),
            fields: self.text("fieldSelector").into(),
        }
    }

    /// What is wrong with the number in `resourceVersion`, as the storage says it.
    pub(super) fn version_fault(&self) -> Option<String> {
        let text = self.text("resourceVersion");
        if text.is_empty() || text.parse::<u64>().is_ok() {
            return None;
        }
        let quoted = go::quote(text);
        Some(format!(
            "resourceVersion: Invalid value: {quoted}: strconv.ParseUint: parsing {quoted}: \
             invalid syntax"
        ))
    }

    fn check_resource_version(&self) -> Result<(), Failure> {
        match self.version_fault() {
            None => Ok(()),
            Some(fault) => {
                Err(Status::bad_request(format!("invalid resource version: {fault}")).into())
            }
        }
    }

    /// The piece of a list that `limit` and `continue` ask for, and what the list's metadata say
    /// about the rest.
    fn piece(
        &self,
        mut items: Vec<Object>,
        target: &Target,
        revision: u64,
    ) -> Result<(Vec<Object>, String), Failure> {
        let key = |object: &Object| match target.namespace.as_str() {
            "" if target.resource.namespaced => format!("{}/{}", object.namespace(), object.name()),
            _ => object.name().to_string(),
        };
        let token = self.text("continue");
        if !token.is_empty() {
            let start = decode_token(token).map_err(|why| {
                Status::bad_request(format!(
                    "invalid continue token: continue key is not valid: {why}"
                ))
            })?;
            items.retain(|object| key(object).as_str() >= start.as_str());
        }
        let limit = self.text("limit").parse::<usize>().unwrap_or(0);
        if limit == 0 || items.len() <= limit {
            return Ok((items, String::new()));
        }
        let remaining = items.len() - limit;
        items.truncate(limit);
        let last = items.last().map(key).unwrap_or_default();
        let token = encode_token(&last, revision);
        let mut rest = format!(",\"continue\":\"{token}\"");
        // With selectors nobody knows how many are left.
        if self.text("labelSelector").is_empty() && self.text("fieldSelector").is_empty() {
            rest.push_str(&format!(",\"remainingItemCount\":{remaining}"));
        }
        Ok((items, rest))
    }
}

/// Models EncodeContinue: where the next piece starts, just after the last key.
fn encode_token(last: &str, revision: u64) -> String {
    let start = go::quote(last);
    let start = start.trim_end_matches('"');
    let json = format!("{{\"v\":\"meta.k8s.io/v1\",\"rv\":{revision},\"start\":{start}\\u0000\"}}");
    base64(json.as_bytes()).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// Models DecodeContinue.
fn decode_token(token: &str) -> Result<String, String> {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if let Some((at, _)) = token.char_indices().find(|(_, c)| !is_digit(*c)) {
        return Err(format!("illegal base64 data at input byte {at}"));
    }
    let bytes = from_base64(&token.replace('-', "+").replace('_', "/"));
    let first = bytes.first().copied().unwrap_or_default();
    let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
        let shown = match first {
            b' '..=b'~' => format!("'{}'", char::from(first)),
            code => format!("'\\u{code:04x}'"),
        };
        return Err(match first {
            b'{' => "unexpected end of JSON input".into(),
            _ => format!("invalid character {shown} looking for beginning of value"),
        });
    };
    match value.get("v").str() {
        "meta.k8s.io/v1" => Ok(value.get("start").str().to_string()),
        other => Err(format!("server does not recognize this encoded version {other:?}")),
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
