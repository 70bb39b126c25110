//! `kubectl kustomize`, and what `-k` asks of it.
//!
//! Models `sigs.k8s.io/kustomize/api/krusty` no further than finding the kustomization.

use crate::api::value::EcoString;
use crate::kubectl::command::{Command, Flag};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Outcome, World};

/// Its row.
pub static COMMANDS: &[Command] = &[Command::new("kustomize", &[FLAGS], run)];

static FLAGS: &[Flag] = &[
    Flag::bool("as-current-user"),
    Flag::bool("enable-alpha-plugins"),
    Flag::bool("enable-helm"),
    Flag::array("env").short('e'),
    Flag::text("helm-command").default("helm"),
    Flag::bool("load-restrictor"),
    Flag::text("output").short('o'),
];

/// The names that a kustomization may have.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let path = match invocation.args.as_slice() {
        [] => ".",
        [path] => path,
        _ => return Err(Failure::message("specify one path to kustomization.yaml")),
    };
    Err(refuse(&directory(invocation, path), world))
}

/// A directory from the root on; "" stays "".
pub fn directory(invocation: &Invocation, path: &str) -> EcoString {
    let here = invocation.environment.get("PWD").map_or("/root", |here| here.as_str());
    match path {
        "" => EcoString::new(),
        "." | "./" => here.into(),
        path if path.starts_with('/') => path.into(),
        path => format!("{here}/{}", path.trim_start_matches("./").trim_end_matches('/')).into(),
    }
}

/// Why the kustomization of a directory is not built.
pub fn refuse(directory: &str, world: &World<'_>) -> Failure {
    let is_there =
        NAMES.iter().any(|name| world.files.read(&format!("{directory}/{name}")).is_ok());
    if is_there || !world.files.is_directory(directory) {
        let what = format!("building the kustomization of {directory}");
        return Failure::not_simulated(&what, "build it and use its objects");
    }
    let [first, second, third] = NAMES;
    Failure::message(format!(
        "unable to find one of '{first}', '{second}' or '{third}' in directory '{directory}'"
    ))
}
