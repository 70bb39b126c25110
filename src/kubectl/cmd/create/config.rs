//! `kubectl create configmap` and `kubectl create secret generic`.
//!
//! Models `create_configmap.go`, `create_secret.go` and `pkg/util/env_file.go`.

use super::generator::{finish, name, named};
use super::hash;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::apiserver::registry::config::base64;
use crate::apiserver::registry::validation::names::config_key;
use crate::kubectl::command::Flag;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Outcome, World};

pub(super) static FLAGS: &[Flag] = &[
    Flag::bool("append-hash"),
    Flag::slice("from-env-file"),
    Flag::slice("from-file"),
    Flag::array("from-literal"),
];
pub(super) static TYPE_FLAG: &[Flag] = &[Flag::text("type")];

/// Keys and contents, in order.
type Entries = Vec<(EcoString, Vec<u8>)>;

pub(super) fn config_map(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = name(invocation)?;
    let mut value = named(&name);
    for (key, bytes) in entries(invocation, "ConfigMap", &name, world)? {
        match String::from_utf8(bytes) {
            Ok(text) => value.set(&["data", &key], text),
            Err(error) => value.set(&["binaryData", &key], base64(error.as_bytes())),
        }
    }
    let value = named_by_content(invocation, Kind::ConfigMap, value);
    finish(invocation, Kind::ConfigMap, value, "configmap", world)
}

pub(super) fn generic_secret(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = name(invocation)?;
    let mut value = named(&name);
    if !invocation.text("type").is_empty() {
        value.set(&["type"], invocation.text("type"));
    }
    for (key, bytes) in entries(invocation, "Secret", &name, world)? {
        value.set(&["data", &key], base64(&bytes));
    }
    let value = named_by_content(invocation, Kind::Secret, value);
    finish(invocation, Kind::Secret, value, "secret", world)
}

/// The object with a hash of its content behind its name, if `--append-hash` asks for that.
pub(super) fn named_by_content(invocation: &Invocation, kind: Kind, mut value: Value) -> Value {
    if invocation.is_true("append-hash") {
        let name = value.path(&["metadata", "name"]).str();
        let name = format!("{name}-{}", hash::hash(kind, &value));
        value.set(&["metadata", "name"], name);
    }
    value
}

pub(super) fn entries(
    invocation: &Invocation,
    kind: &str,
    name: &str,
    world: &World<'_>,
) -> Result<Entries, Failure> {
    if !invocation.list("from-env-file").is_empty()
        && (invocation.is_set("from-file") || invocation.is_set("from-literal"))
    {
        return Err(Failure::message(
            "from-env-file cannot be combined with from-file or from-literal",
        ));
    }
    let mut entries = Entries::new();
    for source in invocation.list("from-file") {
        from_file(&source, world, &mut entries)?;
    }
    for literal in invocation.list("from-literal") {
        let pair = literal.split_once('=').filter(|(key, _)| !key.is_empty());
        let (key, text) = pair.ok_or_else(|| {
            let text = format!("invalid literal source {literal}, expected key=value");
            Failure::message(text)
        })?;
        entries.push((key.into(), text.as_bytes().to_vec()));
    }
    for path in invocation.list("from-env-file") {
        from_env_file(&path, invocation, world, &mut entries)?;
    }
    check_keys(kind, name, &entries)?;
    Ok(entries)
}

/// Models ParseFileSource and handleConfigMapFromFileSources.
fn from_file(source: &str, world: &World<'_>, entries: &mut Entries) -> Result<(), Failure> {
    let (key, path) = match source.split_once('=') {
        Some(("", _)) => {
            let path = source.trim_start_matches('=');
            return Err(Failure::message(format!("key name for file path {path} missing")));
        }
        Some((key, "")) => {
            return Err(Failure::message(format!("file path for key name {key} missing")));
        }
        Some((key, path)) => (Some(key), path),
        None => (None, source),
    };
    if !world.files.is_directory(path) {
        let bytes = read(path, world)?;
        let base = path.rsplit('/').next().unwrap_or(path);
        entries.push((key.unwrap_or(base).into(), bytes));
        return Ok(());
    }
    if key.is_some() {
        return Err(Failure::message("cannot give a key name for a directory path"));
    }
    let listed = world.files.list(path).map_err(|why| unreadable(path, &why.to_string()))?;
    for (name, is_directory) in listed {
        if !is_directory && config_key(&name).is_empty() {
            let path = format!("{}/{name}", path.trim_end_matches('/'));
            entries.push((name.into(), read(&path, world)?));
        }
    }
    Ok(())
}

fn read(path: &str, world: &World<'_>) -> Result<Vec<u8>, Failure> {
    world.files.read(path).map_err(|why| unreadable(path, &why.to_string()))
}

fn unreadable(path: &str, why: &str) -> Failure {
    Failure::message(format!("error reading {path}: {why}"))
}

/// Lines `KEY=VALUE`; a key alone has the value of the variable of that name.
fn from_env_file(
    path: &str,
    invocation: &Invocation,
    world: &World<'_>,
    entries: &mut Entries,
) -> Result<(), Failure> {
    let bytes = read(path, world)?;
    for line in String::from_utf8_lossy(&bytes).lines() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, text) = line.split_once('=').unwrap_or_else(|| {
            let known = invocation.environment.get(line);
            (line, known.map_or("", EcoString::as_str))
        });
        entries.push((key.into(), text.as_bytes().to_vec()));
    }
    Ok(())
}

fn check_keys(kind: &str, name: &str, entries: &Entries) -> Result<(), Failure> {
    for (index, (key, _)) in entries.iter().enumerate() {
        let wrong = config_key(key);
        if !wrong.is_empty() {
            let (key, wrong) = (Value::from(key.as_str()), wrong.join(","));
            return Err(Failure::message(format!(
                "{} is not valid key name for a {kind}: {wrong}",
                crate::api::go::json(&key)
            )));
        }
        if entries.iter().take(index).any(|(other, _)| other == key) {
            return Err(Failure::message(format!(
                "cannot add key {:?}, another key by that name already exists in Data for {kind} \
                 {name:?}",
                key.as_str()
            )));
        }
    }
    Ok(())
}
