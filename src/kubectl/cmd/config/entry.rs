//! `kubectl config set-cluster`, `set-credentials`, `delete-cluster` and `delete-user`.
//!
//! Models `set_cluster.go`, `set_credentials.go`, `delete_cluster.go` and `delete_user.go`.

use super::field::{CLUSTERS, List, USERS};
use super::{argument, entry_mut, help_error};
use crate::api::value::{EcoString, Value};
use crate::apiserver::registry::config::base64;
use crate::kubectl::command::Flag;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::kubeconfig::{self, entry, load, save};
use crate::kubectl::process::{Flow, Outcome, World};

pub(super) static CLUSTER_FLAGS: &[Flag] = &[Flag::bool("embed-certs"), Flag::text("proxy-url")];
pub(super) static USER_FLAGS: &[Flag] = &[
    Flag::bool("embed-certs"),
    Flag::text("auth-provider"),
    Flag::slice("auth-provider-arg"),
    Flag::text("exec-api-version"),
    Flag::slice("exec-arg"),
    Flag::text("exec-command"),
    Flag::array("exec-env"),
];

/// Models SetClusterOptions.RunSetCluster.
pub(super) fn set_cluster(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let args = invocation.args.as_slice();
    let [name] = args else {
        return Err(Failure::message(format!("unexpected args: [{}]", args.join(" "))));
    };
    let is_insecure = invocation.is_true("insecure-skip-tls-verify");
    if is_insecure && invocation.is_set("certificate-authority") {
        return Err(Failure::message(
            "you cannot specify a certificate authority and insecure mode at the same time",
        ));
    }
    check_files(invocation, &["certificate-authority"], world)?;
    let mut config = load(invocation, world)?;
    let cluster = entry_mut(&mut config, &CLUSTERS, name);
    if invocation.is_set("server") {
        cluster.remove(&["tls-server-name"]);
    }
    copy(invocation, &["server", "tls-server-name"], cluster);
    if is_insecure {
        cluster.set(&["insecure-skip-tls-verify"], true);
        cluster.remove(&["certificate-authority"]);
        cluster.remove(&["certificate-authority-data"]);
    }
    if invocation.is_set("certificate-authority") {
        cluster.remove(&["insecure-skip-tls-verify"]);
        set_file(invocation, "certificate-authority", cluster, world);
    }
    copy(invocation, &["proxy-url"], cluster);
    save(invocation, world, &config)?;
    world.print_line(&format!("Cluster {:?} set.", name.as_str()));
    Ok(Flow::Done(0))
}

/// Models setCredentialsOptions.run.
pub(super) fn set_credentials(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let args = invocation.args.as_slice();
    let [name] = args else {
        return Err(help_error(invocation, &format!("unexpected args: [{}]", args.join(" "))));
    };
    refuse_programs(invocation)?;
    let is_given = |flag: &str| !invocation.text(flag).is_empty();
    let (has_token, is_basic) = (is_given("token"), is_given("username") || is_given("password"));
    if has_token && is_basic {
        return Err(Failure::message(
            "you cannot specify more than one authentication method at the same time: --token, \
             --username/--password",
        ));
    }
    check_files(invocation, &["client-certificate", "client-key"], world)?;
    let mut config = load(invocation, world)?;
    let user = entry_mut(&mut config, &USERS, name);
    for flag in ["client-certificate", "client-key"] {
        if invocation.is_set(flag) {
            set_file(invocation, flag, user, world);
        }
    }
    copy(invocation, &["token", "username", "password"], user);
    // One way to say who one is clears the other.
    let cleared: &[&str] = match (has_token, is_basic) {
        (true, _) => &["username", "password"],
        (false, true) => &["token"],
        (false, false) => &[],
    };
    cleared.iter().for_each(|field| drop(user.remove(&[field])));
    save(invocation, world, &config)?;
    world.print_line(&format!("User {:?} set.", name.as_str()));
    Ok(Flow::Done(0))
}

fn refuse_programs(invocation: &Invocation) -> Result<(), Failure> {
    match USER_FLAGS.iter().skip(1).find(|flag| invocation.is_set(flag.name)) {
        Some(flag) => {
            let real = "have another program say who one is";
            Err(Failure::not_simulated(&format!("--{}", flag.name), real))
        }
        None => Ok(()),
    }
}

fn copy(invocation: &Invocation, fields: &[&str], to: &mut Value) {
    for field in fields.iter().filter(|field| invocation.is_set(field)) {
        to.set(&[field], invocation.text(field));
    }
}

/// Files whose content goes into the entry have to be there.
fn check_files(invocation: &Invocation, flags: &[&str], world: &World<'_>) -> Result<(), Failure> {
    if !invocation.is_true("embed-certs") {
        return Ok(());
    }
    let given: Vec<&&str> = flags.iter().filter(|f| !invocation.text(f).is_empty()).collect();
    if given.is_empty() {
        let flags: Vec<String> = flags.iter().map(|flag| format!("--{flag}")).collect();
        let text = format!("you must specify a {} to embed", flags.join(" or "));
        return Err(Failure::message(text));
    }
    for flag in given {
        let path = invocation.text(flag);
        if let Err(error) = world.files.read(path) {
            let text = format!("could not stat {flag} file {path}: stat {path}: {error}");
            return Err(Failure::message(text));
        }
    }
    Ok(())
}

/// A file's path, or with `--embed-certs` its content; one clears the other.
fn set_file(invocation: &Invocation, field: &str, to: &mut Value, world: &World<'_>) {
    let (path, data) = (invocation.text(field), format!("{field}-data"));
    if invocation.is_true("embed-certs") {
        let bytes = world.files.read(path).unwrap_or_default();
        to.set(&[data.as_str()], base64(&bytes));
        to.remove(&[field]);
        return;
    }
    to.set(&[field], absolute(invocation, path));
    to.remove(&[data.as_str()]);
}

fn absolute(invocation: &Invocation, path: &str) -> String {
    let cwd = invocation.environment.get("PWD").map_or("", EcoString::as_str);
    match path.starts_with('/') {
        true => path.into(),
        false => format!("{}/{}", cwd.trim_end_matches('/'), path.trim_start_matches("./")),
    }
}

pub(super) fn delete_cluster(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    delete(invocation, &CLUSTERS, world)
}

pub(super) fn delete_user(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    delete(invocation, &USERS, world)
}

fn delete(invocation: &Invocation, list: &List, world: &mut World<'_>) -> Outcome {
    let name = argument(invocation)?;
    let mut config = load(invocation, world)?;
    let (path, what) = (kubeconfig::path(invocation), list.inner);
    if entry(&config, list.name, &name).is_none() {
        return Err(Failure::message(format!("cannot delete {what} {name}, not in {path}")));
    }
    config.path_mut(&[list.name]).array_mut().retain(|item| item.get("name").str() != name);
    save(invocation, world, &config)?;
    world.print_line(&format!("deleted {what} {name} from {path}"));
    Ok(Flow::Done(0))
}
