//! Where the value of a variable comes from, and that value.
//!
//! Models `pkg/cmd/set/env/env_resolve.go`.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::value::Value;
use crate::apiserver::registry::config::from_base64;
use crate::apiserver::request::{Actor, Request, Verb};
use crate::kubectl::process::World;

/// Models GetEnvVarRefString: `configmap conf, key color`.
pub(super) fn reference_text(source: &Value) -> String {
    let part = |name: &str| source.get(name);
    let key_of = |what: &str, reference: &Value| {
        format!("{what} {}, key {}", reference.get("name").str(), reference.get("key").str())
    };
    if !part("configMapKeyRef").is_null() {
        return key_of("configmap", part("configMapKeyRef"));
    }
    if !part("secretKeyRef").is_null() {
        return key_of("secret", part("secretKeyRef"));
    }
    if !part("fieldRef").is_null() {
        return format!("field path {}", part("fieldRef").get("fieldPath").str());
    }
    let resource = part("resourceFieldRef");
    if resource.is_null() {
        return "invalid valueFrom".into();
    }
    let container = match resource.get("containerName").str() {
        "" => String::new(),
        name => format!("{name}/"),
    };
    format!("resource field {container}{}", resource.get("resource").str())
}

/// Models GetEnvVarRefValue.
pub(super) fn resolve(
    object: &Object,
    source: &Value,
    world: &mut World<'_>,
) -> Result<String, String> {
    let config_map = source.get("configMapKeyRef");
    if !config_map.is_null() {
        let found = read(Kind::ConfigMap, object, config_map, world)?;
        let (key, name) = (config_map.get("key").str(), config_map.get("name").str());
        let value = found.path(&["data", key]).as_str();
        let missing = || format!("key {key} not found in config map {name}");
        return value.map(String::from).ok_or_else(missing);
    }
    let secret = source.get("secretKeyRef");
    if !secret.is_null() {
        let found = read(Kind::Secret, object, secret, world)?;
        let (key, name) = (secret.get("key").str(), secret.get("name").str());
        let bytes = found.path(&["data", key]).as_str().map(from_base64);
        let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        return text.ok_or_else(|| format!("key {key} not found in secret {name}"));
    }
    let field = source.path(&["fieldRef", "fieldPath"]).str();
    match field {
        "metadata.name" => Ok(object.name().into()),
        "metadata.namespace" => Ok(object.namespace().into()),
        "metadata.uid" => Ok(object.uid().into()),
        "" => Err("not simulated here yet: the value of a resource field".into()),
        other => Err(format!("unsupported fieldPath: {other}")),
    }
}

fn read(
    kind: Kind,
    object: &Object,
    reference: &Value,
    world: &mut World<'_>,
) -> Result<Object, String> {
    let key = ObjectKey::new(kind, object.namespace(), reference.get("name").str());
    let get = Request::new(Actor::User, key, Verb::Get);
    let response = world.client.request(&get).map_err(|status| status.message.to_string())?;
    response.object.ok_or_else(|| "not found".into())
}
