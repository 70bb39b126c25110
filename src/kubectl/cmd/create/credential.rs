//! `kubectl create secret docker-registry` and `kubectl create secret tls`.
//!
//! Models `create_secret_docker.go` and `create_secret_tls.go`.
//!
//! # Scope
//! - Certificates are not read: a file that looks like one is refused honestly.

use super::config::{entries, named_by_content};
use super::generator::{finish, name, named};
use crate::api::go;
use crate::api::scheme::Kind;
use crate::api::value::EcoString;
use crate::apiserver::registry::config::base64;
use crate::kubectl::command::Flag;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Outcome, World};

pub(super) static DOCKER_FLAGS: &[Flag] = &[
    Flag::bool("append-hash"),
    Flag::text("docker-email"),
    Flag::text("docker-password"),
    Flag::text("docker-server").default("https://index.docker.io/v1/"),
    Flag::text("docker-username"),
    Flag::slice("from-file"),
];
pub(super) static TLS_FLAGS: &[Flag] =
    &[Flag::bool("append-hash"), Flag::text("cert"), Flag::text("key")];

pub(super) fn docker_registry(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = name(invocation)?;
    let from_files = !invocation.list("from-file").is_empty();
    let is_there = |flag: &str| !invocation.text(flag).is_empty();
    let is_whole =
        ["docker-username", "docker-password", "docker-server"].into_iter().all(is_there);
    if !from_files && !is_whole {
        return Err(Failure::message(
            "either --from-file or the combination of --docker-username, --docker-password and \
             --docker-server is required",
        ));
    }
    let mut value = named(&name);
    value.set(&["type"], "kubernetes.io/dockerconfigjson");
    if from_files {
        for (key, bytes) in entries(invocation, "Secret", &name, world)? {
            value.set(&["data", &key], base64(&bytes));
        }
    } else {
        value.set(&["data", ".dockerconfigjson"], base64(login(invocation).as_bytes()));
    }
    let value = named_by_content(invocation, Kind::Secret, value);
    finish(invocation, Kind::Secret, value, "secret", world)
}

/// Models handleDockerCfgJSONContent: fields in the order of Go's struct.
fn login(invocation: &Invocation) -> String {
    let text = |flag: &str| go::json(&invocation.text(flag).into());
    let (user, password) = (invocation.text("docker-username"), invocation.text("docker-password"));
    let auth = base64(format!("{user}:{password}").as_bytes());
    let mut fields = format!(
        "\"username\":{},\"password\":{}",
        text("docker-username"),
        text("docker-password")
    );
    if !invocation.text("docker-email").is_empty() {
        fields.push_str(&format!(",\"email\":{}", text("docker-email")));
    }
    let server = text("docker-server");
    format!("{{\"auths\":{{{server}:{{{fields},\"auth\":\"{auth}\"}}}}}}")
}

pub(super) fn tls(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    name(invocation)?;
    let paths: [EcoString; 2] = ["cert", "key"].map(|flag| invocation.text(flag).into());
    if paths.iter().any(|path| path.is_empty()) {
        return Err(Failure::message("key and cert must be specified"));
    }
    for path in &paths {
        if let Err(why) = world.files.read(path) {
            return Err(Failure::message(format!("open {path}: {why}")));
        }
    }
    let certificate = world.files.read(&paths[0]).unwrap_or_default();
    if !String::from_utf8_lossy(&certificate).contains("-----BEGIN ") {
        let why = "tls: failed to find any PEM data in certificate input";
        return Err(Failure::message(why));
    }
    let real = "check that the key belongs to the certificate and keep both";
    Err(Failure::not_simulated("kubectl create secret tls", real))
}
