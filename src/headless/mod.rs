//! The commands of the native binary: what the page does, without a page.

mod bench;
mod memory;
mod replay;

use std::process::ExitCode;

const USAGE: &str = "\
usage: statefulset-playground replay [--seed N] FILE.md    plays a transcript and prints it anew
       statefulset-playground bench [SMALL LARGE]          prints the speed of large roll-outs";

/// Runs the command that `arguments` name, the program's own name left out.
pub fn run(arguments: Vec<String>) -> ExitCode {
    let (verb, rest) = match arguments.split_first() {
        Some((verb, rest)) => (verb.as_str(), rest),
        None => ("", &[][..]),
    };
    let result = match verb {
        "replay" => replay::run(rest),
        "bench" => bench::run(rest),
        _ => Err(USAGE.to_string()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
