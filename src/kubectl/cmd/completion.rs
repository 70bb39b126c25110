//! `kubectl completion`, as far as its arguments go.
//!
//! Models `k8s.io/kubectl/pkg/cmd/completion/completion.go`. The scripts are left out: no shell
//! here would read them.

use crate::kubectl::command::Command;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Outcome, World};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new("completion", &[], run)];

fn run(invocation: &Invocation, _world: &mut World<'_>) -> Outcome {
    Err(match invocation.args.as_slice() {
        [] => invocation.usage("Shell not specified."),
        [shell] if ["bash", "zsh", "fish", "powershell"].contains(&shell.as_str()) => {
            let real = "print a script that completes words";
            Failure::not_simulated(&format!("kubectl completion {shell}"), real)
        }
        [shell] => invocation.usage(&format!("Unsupported shell type {:?}.", shell.as_str())),
        _ => invocation.usage("Too many arguments. Expected only the shell type."),
    })
}
