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
use crate::value;

/// Its rows.
pub static COMMANDS: &[Command] = &[
    Command::new("auth", &[], show_help),
    Command::new("auth can-i", &[ALL_NAMESPACES_FLAG, CAN_I_FLAGS], can_i),
    Command::unknown("auth reconcile", refuse),
    Command::new("auth whoami", &[PRINT_FLAGS], whoami),
];

static CAN_I_FLAGS: &[Flag] = &[
    Flag::bool("list"),
    Flag::bool("no-headers"),
    Flag::bool("quiet").short('q'),
    Flag::text("subresource"),
];

/// Models CanIOptions.RunAccessCheck.
fn can_i(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    if invocation.is_true("list") {
        let real = "print a table of everything that is allowed";
        return Err(Failure::not_simulated("kubectl auth can-i --list", real));
    }
    let [_, resource] = invocation.args.as_slice() else {
        return Err(Failure::message(
            "you must specify two arguments: verb resource or verb resource/resourceName.\n\
             See 'kubectl auth can-i -h' for help and examples.",
        ));
    };
    let kind = resource.split('/').next().unwrap_or_default();
    if !resource.starts_with('/') && kind != "*" {
        warn_about(kind, invocation, world);
    }
    let allowed = impersonation::stranger(invocation).is_none();
    if !invocation.is_true("quiet") {
        world.print_line(if allowed { "yes" } else { "no" });
    }
    Ok(Flow::Done(i32::from(!allowed)))
}

fn warn_about(kind: &str, invocation: &Invocation, world: &mut World<'_>) {
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
