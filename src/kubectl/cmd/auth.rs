//! `kubectl auth`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/auth`. The cluster's administrator may do everything; nobody
//! else has been given anything.

use crate::kubectl::cmd::{refuse, show_help};
use crate::kubectl::command::{ALL_NAMESPACES_FLAG, Command, Flag, PRINT_FLAGS};
use crate::kubectl::discovery;
use crate::kubectl::errors::Failure;
use crate::kubectl::impersonation::{self, ADMINISTRATOR};
use crate::kubectl::invocation::Invocation;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::text::tabwriter::TabWriter;
use crate::value;

/// Its rows.
pub static COMMANDS: &[Command] = &[
    Command::new("auth", &[], show_help),
    Command::new("auth can-i", &[ALL_NAMESPACES_FLAG, CAN_I_FLAGS], can_i),
    Command::unknown("auth reconcile", refuse),
    Command::new("auth whoami", &[PRINT_FLAGS], whoami),
];

/// Addresses that the roles `system:discovery` and `system:public-info-viewer` open, and how many
/// of the two do.
const READABLE_BY_ALL: &[(&str, usize)] = &[
    ("/api/*", 1),
    ("/api", 1),
    ("/apis/*", 1),
    ("/apis", 1),
    ("/healthz", 2),
    ("/livez", 2),
    ("/openapi/*", 1),
    ("/openapi", 1),
    ("/readyz", 2),
    ("/version/", 2),
    ("/version", 2),
];

/// Verbs that `can-i` knows of resources, and of other addresses.
const RESOURCE_VERBS: &[&str] = &[
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "*",
    "approve",
    "sign",
    "escalate",
    "attest",
];
const ADDRESS_VERBS: &[&str] = &["get", "put", "post", "head", "options", "delete", "patch", "*"];

static CAN_I_FLAGS: &[Flag] = &[
    Flag::bool("list"),
    Flag::bool("no-headers"),
    Flag::bool("quiet").short('q'),
    Flag::text("subresource"),
];

/// Models CanIOptions.RunAccessCheck.
fn can_i(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    if invocation.is_true("list") {
        check_list(invocation)?;
        return list(invocation, world);
    }
    let [verb, resource] = invocation.args.as_slice() else {
        return Err(Failure::message(
            "you must specify two arguments: verb resource or verb resource/resourceName.\n\
             See 'kubectl auth can-i -h' for help and examples.",
        ));
    };
    let kind = resource.split('/').next().unwrap_or_default();
    if resource.starts_with('/') {
        check_address(verb, invocation, world)?;
    } else {
        warn_about(kind, invocation, world);
        warn_about_verb(verb, invocation, world);
    }
    if invocation.is_true("no-headers") {
        return Err(Failure::message("--no-headers cannot be set without --list specified"));
    }
    let allowed = impersonation::stranger(invocation).is_none();
    if !invocation.is_true("quiet") {
        world.print_line(if allowed { "yes" } else { "no" });
    }
    Ok(Flow::Done(i32::from(!allowed)))
}

/// Models AccessRulesReviewOptions.RunAccessList: what the bootstrap roles give everybody, after
/// what the administrator may.
fn list(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let mut writer = TabWriter::table();
    if !invocation.is_true("no-headers") {
        writer.push("Resources\tNon-Resource URLs\tResource Names\tVerbs\n");
    }
    let mut row = |resources: &str, urls: &str, verb: &str| {
        writer.push(&format!("{resources}\t[{urls}]\t[]\t[{verb}]\n"));
    };
    let is_administrator = impersonation::stranger(invocation).is_none();
    if is_administrator {
        row("*.*", "", "*");
        row("", "*", "*");
    }
    for resource in [
        "selfsubjectreviews.authentication.k8s.io",
        "selfsubjectaccessreviews.authorization.k8s.io",
        "selfsubjectrulesreviews.authorization.k8s.io",
    ] {
        row(resource, "", "create");
    }
    for (url, times) in READABLE_BY_ALL {
        for _ in 0..*times {
            row("", url, "get");
        }
    }
    let text = writer.flush();
    world.print(&text);
    Ok(Flow::Done(0))
}

/// Models the part of CanIOptions.Complete and Validate that is about lists.
fn check_list(invocation: &Invocation) -> Result<(), Failure> {
    let (quiet, all) = (invocation.is_true("quiet"), invocation.is_true("all-namespaces"));
    if !invocation.args.is_empty() {
        return Err(Failure::message("list option must be specified with no arguments"));
    }
    if quiet || all || !invocation.text("subresource").is_empty() {
        return Err(Failure::message(
            "list option can't be specified with neither quiet, all-namespaces nor subresource \
             options",
        ));
    }
    Ok(())
}

fn check_address(
    verb: &str,
    invocation: &Invocation,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    if !invocation.text("subresource").is_empty() {
        return Err(Failure::message("--subresource can not be used with NonResourceURL"));
    }
    if !ADDRESS_VERBS.contains(&verb) {
        world.complain(&format!("Warning: verb '{verb}' is not a known verb\n"));
    }
    Ok(())
}

fn warn_about_verb(verb: &str, invocation: &Invocation, world: &mut World<'_>) {
    if !invocation.is_true("all-namespaces") && !RESOURCE_VERBS.contains(&verb) {
        world.complain(&format!("Warning: verb '{verb}' is not a known verb\n"));
    }
}

fn warn_about(kind: &str, invocation: &Invocation, world: &mut World<'_>) {
    if matches!(kind, "*" | "users" | "groups") {
        return;
    }
    match discovery::find(kind) {
        None => {
            let group = kind.split_once('.').map(|(_, group)| group);
            let name = kind.split('.').next().unwrap_or_default();
            world.complain(&match group {
                None => format!("Warning: the server doesn't have a resource type '{name}'\n"),
                Some(group) => format!(
                    "Warning: the server doesn't have a resource type '{name}' in group '{group}'\n"
                ),
            });
        }
        Some(resource) if !resource.namespaced && !invocation.is_true("all-namespaces") => {
            let (name, group) = (resource.name, resource.group());
            world.complain(&match group {
                "" => format!("Warning: resource '{name}' is not namespace scoped\n"),
                group => format!(
                    "Warning: resource '{name}' is not namespace scoped in group '{group}'\n"
                ),
            });
        }
        Some(_) => {}
    }
}

/// Who one is: only the name is known here, so only templates can ask for it.
fn whoami(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let output = invocation.text("output");
    let templates = ["jsonpath", "go-template", "template"];
    if !templates.iter().any(|name| output.starts_with(name)) {
        let real = "print the user's name, groups and credential";
        return Err(Failure::not_simulated("kubectl auth whoami without a template", real));
    }
    let user = match invocation.text("as") {
        "" => ADMINISTRATOR,
        user => user,
    };
    let review = value!({
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "SelfSubjectReview",
        "metadata": {},
        "status": {"userInfo": {"username": (user)}}
    });
    Printer::with_default(invocation, "yaml", world)?.print(&review, world)?;
    Ok(Flow::Done(0))
}
