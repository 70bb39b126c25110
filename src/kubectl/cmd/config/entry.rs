//! `kubectl config set-cluster`, `set-credentials`, `delete-cluster` and `delete-user`.
//!
//! Models `create_cluster.go`, `create_authinfo.go`, `delete_cluster.go` and `delete_user.go`.

use super::argument;
use crate::api::value::{EcoString, Value};
use crate::kubectl::command::Flag;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::kubeconfig::{self, entry, load, save};
use crate::kubectl::process::{Flow, Outcome, World};
use crate::value;

pub(super) static CLUSTER_FLAGS: &[Flag] = &[Flag::bool("embed-certs"), Flag::text("proxy-url")];
pub(super) static USER_FLAGS: &[Flag] = &[Flag::bool("embed-certs")];

/// Flags that are no text.
const SWITCHES: &[&str] = &["insecure-skip-tls-verify"];

pub(super) fn set_cluster(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let fields = [
        "server",
        "tls-server-name",
        "insecure-skip-tls-verify",
        "certificate-authority",
        "proxy-url",
    ];
    let name = set(invocation, ("clusters", "cluster"), &fields, world)?;
    world.print_line(&format!("Cluster {:?} set.", name.as_str()));
    Ok(Flow::Done(0))
}

pub(super) fn set_credentials(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let fields = ["client-certificate", "client-key", "token", "username", "password"];
    let name = set(invocation, ("users", "user"), &fields, world)?;
    world.print_line(&format!("User {:?} set.", name.as_str()));
    Ok(Flow::Done(0))
}

fn set(
    invocation: &Invocation,
    (list, inner): (&str, &str),
    fields: &[&str],
    world: &mut World<'_>,
) -> Result<EcoString, Failure> {
    let [name] = invocation.args.as_slice() else {
        let words: Vec<&str> = invocation.args.iter().map(EcoString::as_str).collect();
        return Err(invocation.usage(&format!("Unexpected args: [{}]", words.join(" "))));
    };
    if invocation.is_true("embed-certs") {
        let real = "put the certificates into the file";
        return Err(Failure::not_simulated("--embed-certs", real));
    }
    let mut config = load(invocation, world)?;
    let is_new = entry(&config, list, name).is_none();
    let items = config.path_mut(&[list]).array_mut();
    if is_new {
        items.push(value!({"name": (name.clone()), inner: {}}));
    }
    for item in items.iter_mut().filter(|item| item.get("name").str() == name) {
        for field in fields.iter().filter(|field| invocation.is_set(field)) {
            let value = match SWITCHES.contains(field) {
                true => Value::Bool(invocation.is_true(field)),
                false => invocation.text(field).into(),
            };
            item.set(&[inner, field], value);
        }
    }
    save(invocation, world, &config)?;
    Ok(name.clone())
}

pub(super) fn delete_cluster(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    delete(invocation, "clusters", "cluster", world)
}

pub(super) fn delete_user(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    delete(invocation, "users", "user", world)
}

fn delete(invocation: &Invocation, list: &str, what: &str, world: &mut World<'_>) -> Outcome {
    let name = argument(invocation)?;
    let mut config = load(invocation, world)?;
    let path = kubeconfig::path(invocation);
    if entry(&config, list, &name).is_none() {
        return Err(Failure::message(format!("cannot delete {what} {name}, not in {path}")));
    }
    config.path_mut(&[list]).array_mut().retain(|item| item.get("name").str() != name);
    save(invocation, world, &config)?;
    world.print_line(&format!("deleted {what} {name} from {path}"));
    Ok(Flow::Done(0))
}
