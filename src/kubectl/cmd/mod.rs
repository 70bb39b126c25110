//! The verbs, one file each.
//!
//! Models `k8s.io/kubectl/pkg/cmd`. A verb has a `COMMAND` row with its flags, and a function
//! that runs it; what a verb has to remember while it waits is a variant of [`Running`].

use super::command::Command;
use super::errors::Failure;
use super::help;
use super::invocation::Invocation;
use super::process::{Flow, Outcome, World};

pub mod apply;
pub mod attach;
pub mod auth;
pub mod autoscale;
pub mod basics;
pub mod cluster;
pub mod cordon;
pub mod cp;
pub mod completion;
pub mod config;
pub mod explain;
pub mod expose;
pub mod describe;
pub mod diff;
pub mod events;
pub mod exec;
pub mod create;
pub mod delete;
pub mod drain;
pub mod edit;
pub mod get;
pub mod kustomize;
pub mod label;
pub mod logs;
pub mod patch;
pub mod port_forward;
pub mod raw;
pub mod replace;
pub mod rollout;
pub mod run;
pub mod scale;
pub mod set;
pub mod taint;
pub mod unstored;
pub mod wait;

/// A verb that waits: what it remembers from poll to poll.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Running {
    /// `events --watch`
    Events(events::Watch),
    /// `attach`, while the container runs
    Attach(attach::Stream),
    /// `apply --force`, waiting for the end of what it deleted
    Apply(apply::Apply),
    /// `cp`, while an archive goes in or out
    Copy(cp::Copy),
    /// `drain`, waiting for Pods to leave
    Drain(drain::Drain),
    /// `edit`, while the editor runs
    Edit(edit::Edit),
    /// `delete`, waiting for the end of what it deleted
    Delete(delete::Wait),
    /// `delete --interactive`, waiting for the answer
    DeleteAsk(delete::Ask),
    /// `exec`, while the command runs
    Exec(exec::Stream),
    /// `get --watch`
    Get(get::Watch),
    /// `logs --follow`
    Logs(logs::Follow),
    /// `get --raw` of a watch
    RawWatch(raw::Watch),
    /// `replace --force`, waiting for the end of what it deleted
    Replace(replace::Replace),
    /// `run`, attached to its Pod
    Run(run::Session),
    /// `rollout status`
    RolloutStatus(rollout::Watch),
    /// `wait`
    Wait(wait::Wait),
}

impl Running {
    /// Goes on.
    pub fn poll(self, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
        match self {
            Running::Events(watch) => watch.poll(world),
            Running::Attach(stream) => stream.poll(world),
            Running::Apply(apply) => apply.poll(invocation, world),
            Running::Copy(copy) => copy.poll(invocation, world),
            Running::Drain(drain) => drain.poll(invocation, world),
            Running::Edit(edit) => edit.poll(invocation, world),
            Running::Delete(wait) => wait.poll(world),
            Running::DeleteAsk(ask) => ask.poll(invocation, world),
            Running::Exec(stream) => stream.poll(world),
            Running::Get(watch) => watch.poll(world),
            Running::Logs(follow) => follow.poll(invocation, world),
            Running::RawWatch(watch) => watch.poll(world),
            Running::Replace(replace) => replace.poll(invocation, world),
            Running::Run(session) => session.poll(invocation, world),
            Running::RolloutStatus(watch) => watch.poll(invocation, world),
            Running::Wait(wait) => wait.poll(invocation, world),
        }
    }

    /// Whether Ctrl-C goes to what it runs instead of ending it.
    pub fn takes_interrupt(&self) -> bool {
        match self {
            Running::Exec(stream) => stream.takes_interrupt(),
            Running::Attach(stream) => stream.takes_interrupt(),
            Running::Run(session) => session.takes_interrupt(),
            _ => false,
        }
    }

    /// Ctrl-C for what it runs.
    pub fn interrupt(&mut self) {
        match self {
            Running::Exec(stream) => stream.interrupt(),
            Running::Attach(stream) => stream.interrupt(),
            Running::Run(session) => session.interrupt(),
            _ => {}
        }
    }
}

/// Every command, by the file that describes it.
pub static COMMANDS: &[&[Command]] = &[
    apply::COMMANDS,
    attach::COMMANDS,
    auth::COMMANDS,
    autoscale::COMMANDS,
    basics::COMMANDS,
    cluster::COMMANDS,
    cordon::COMMANDS,
    cp::COMMANDS,
    expose::COMMANDS,
    completion::COMMANDS,
    config::COMMANDS,
    explain::COMMANDS,
    create::COMMANDS,
    delete::COMMANDS,
    describe::COMMANDS,
    diff::COMMANDS,
    drain::COMMANDS,
    edit::COMMANDS,
    events::COMMANDS,
    exec::COMMANDS,
    get::COMMANDS,
    kustomize::COMMANDS,
    label::COMMANDS,
    logs::COMMANDS,
    patch::COMMANDS,
    port_forward::COMMANDS,
    replace::COMMANDS,
    rollout::COMMANDS,
    run::COMMANDS,
    scale::COMMANDS,
    set::COMMANDS,
    taint::COMMANDS,
    wait::COMMANDS,
];

/// The commands in the order of kubectl's help, which is also the order of suggestions.
#[rustfmt::skip]
pub static ORDER: &[&str] = &[
    "create", "expose", "run", "set",
    "explain", "get", "edit", "delete",
    "rollout", "scale", "autoscale",
    "certificate", "cluster-info", "top", "cordon", "uncordon", "drain", "taint",
    "describe", "logs", "attach", "exec", "port-forward", "proxy", "cp", "auth", "debug", "events",
    "diff", "apply", "patch", "replace", "wait", "kustomize",
    "label", "annotate", "completion",
    "api-resources", "api-versions", "config", "kuberc", "plugin", "version", "options", "help",
];

/// A command group without a subcommand shows its help (`cmdutil.DefaultSubCommandRun`).
pub fn show_help(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    if !invocation.command.is_empty() && !invocation.args.is_empty() {
        let text = format!("unknown command {:?}", invocation.args.join(" "));
        return Err(invocation.usage(&text));
    }
    help::Page::of(invocation.command).show(world)?;
    Ok(Flow::Done(i32::from(!invocation.command.is_empty())))
}

/// A command that this program does not know how to run.
pub fn refuse(invocation: &Invocation, _world: &mut World<'_>) -> Outcome {
    let what = format!("kubectl {}", invocation.command);
    Err(Failure::not_simulated(&what, "run it against the cluster"))
}
