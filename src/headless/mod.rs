//! The commands of the native binary: what the page does, without a page.

mod bench;
mod check;
mod grade;
mod memory;
mod record;
mod replay;

use std::io::Write as _;
use std::process::ExitCode;

use crate::lesson::format::{self, Lesson};
use crate::locale::{Language, lesson};

const USAGE: &str = "\
usage: statefulset-playground replay [--seed N] FILE.md    plays a lesson or a transcript and prints
                                                           it anew; judges the goals
       statefulset-playground check FILE.md...             says what is wrong with lessons
       statefulset-playground grade FILE.md ANSWER...      grades hand-ins (files, codes or links)
                                                           and prints JSON
       statefulset-playground record FILE.md               prints a recording of a lesson or a
                                                           transcript for other people's pages
       statefulset-playground record FILE.yaml... [-- COMMAND...]
       statefulset-playground bench [SMALL LARGE]          prints the speed of large roll-outs";

/// Runs the command that `arguments` name, the program's own name left out.
pub fn run(arguments: Vec<String>) -> ExitCode {
    let (verb, rest) = match arguments.split_first() {
        Some((verb, rest)) => (verb.as_str(), rest),
        None => ("", &[][..]),
    };
    let result = match verb {
        "record" => record::run(rest),
        "replay" => replay::run(rest),
        "check" => check::run(rest),
        "grade" => return grade::run(rest),
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

/// The exit status of a program whose reader has gone, as shells show it.
const PIPE_CLOSED: i32 = 141;

// Prints a text; ends at once, as others do, when nobody reads any more.
fn print(text: &str) {
    if std::io::stdout().write_all(text.as_bytes()).is_err() {
        std::process::exit(PIPE_CLOSED);
    }
}

// Reads a lesson; a complaint names the file and the line.
fn read_lesson(path: &str) -> Result<Lesson, String> {
    let text = std::fs::read_to_string(path).map_err(|why| format!("cannot read {path}: {why}"))?;
    format::parse(&text).map_err(|error| {
        let problem = lesson::problem(&error.problem, Language::En);
        format!("{path}:{}: {problem}", error.line)
    })
}
