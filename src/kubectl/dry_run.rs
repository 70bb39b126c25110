//! `--dry-run`.
//!
//! Models `cmdutil.GetDryRunStrategy` and `PrintFlagsWithDryRunStrategy`.

use super::errors::Failure;
use super::invocation::Invocation;
use super::process::World;

/// How much of a write is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DryRun {
    /// All of it.
    No,
    /// Nothing is sent.
    Client,
    /// The server does everything but store it.
    Server,
}

impl DryRun {
    /// What the flag says.
    pub fn of(invocation: &Invocation, world: &mut World<'_>) -> Result<DryRun, Failure> {
        Ok(match invocation.text("dry-run") {
            "none" => DryRun::No,
            "client" => DryRun::Client,
            "server" => DryRun::Server,
            "unchanged" => {
                world.complain(
                    "W: --dry-run is deprecated and can be replaced with --dry-run=client.",
                );
                DryRun::Client
            }
            other => match super::args::parse_bool(other) {
                Some(value) => {
                    let word = if value { "client" } else { "none" };
                    world.complain(&format!(
                        "W: --dry-run={other} is deprecated (boolean value) and can be replaced \
                         with --dry-run={word}."
                    ));
                    if value { DryRun::Client } else { DryRun::No }
                }
                None => {
                    return Err(Failure::message(format!(
                        "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \
                         \"client\"."
                    )));
                }
            },
        })
    }

    /// The verb's word with what was left out: `created (server dry run)`.
    pub fn operation(self, word: &str) -> String {
        match self {
            DryRun::No => word.into(),
            DryRun::Client => format!("{word} (dry run)"),
            DryRun::Server => format!("{word} (server dry run)"),
        }
    }
}
