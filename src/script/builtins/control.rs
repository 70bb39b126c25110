//! `break`, `return`, `exit`, `eval`, `source`, `trap` and small things.

use std::rc::Rc;

use ecow::{EcoString, eco_format};

use super::Outcome;
use crate::script::escape;
use crate::script::files::absolute;
use crate::script::host::{Flavour, Signal};
use crate::script::machine::{Flow, Frame, Run};

pub(super) fn leave_loop(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let name = words.first().cloned().unwrap_or_default();
    if !run.in_loop() {
        if run.shell().flavour == Flavour::Gnu {
            let text = "only meaningful in a `for', `while', or `until' loop";
            run.complain(Some(&name), text);
        }
        return Outcome::Status(0);
    }
    let levels = match words.get(1).map(|word| word.parse::<u32>()) {
        None => 1,
        Some(Ok(levels)) if levels > 0 => levels,
        Some(Ok(levels)) => {
            run.complain(Some(&name), &eco_format!("{levels}: loop count out of range"));
            return Outcome::Status(1);
        }
        Some(Err(_)) => {
            let text = number_text(run.shell().flavour, words.get(1).map_or("", |word| word));
            run.complain(Some(&name), &text);
            return Outcome::Flow(Flow::Exit(128));
        }
    };
    Outcome::Flow(if name == "break" { Flow::Break(levels) } else { Flow::Continue(levels) })
}

fn number_text(flavour: Flavour, word: &str) -> EcoString {
    match flavour {
        Flavour::Gnu => eco_format!("{word}: numeric argument required"),
        Flavour::Busybox => eco_format!("Illegal number: {word}"),
    }
}

/// The exit code in the first argument; `$?` without one.
fn code(run: &mut Run<'_>, words: &[EcoString]) -> Result<i32, i32> {
    let name = words.first().cloned().unwrap_or_default();
    match words.get(1) {
        None => Ok(run.shell().status),
        Some(word) => match word.parse::<i64>() {
            Ok(code) => Ok((code & 0xff) as i32),
            Err(_) => {
                let text = number_text(run.shell().flavour, word);
                run.complain(Some(&name), &text);
                Err(2)
            }
        },
    }
}

pub(super) fn return_(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    if !run.in_function() {
        if run.shell().flavour == Flavour::Gnu {
            let text = "can only `return' from a function or sourced script";
            run.complain(Some("return"), text);
            return Outcome::Status(2);
        }
        // busybox sh leaves the script.
        let status = code(run, words).unwrap_or(2);
        return Outcome::Flow(Flow::Exit(status));
    }
    let status = code(run, words).unwrap_or_else(|status| status);
    Outcome::Flow(Flow::Return(status))
}

pub(super) fn exit(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    if words.len() > 2 && run.shell().flavour == Flavour::Gnu {
        run.complain(Some("exit"), "too many arguments");
        return Outcome::Status(1);
    }
    let status = code(run, words).unwrap_or_else(|status| status);
    Outcome::Flow(Flow::Exit(status))
}

pub(super) fn eval(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let text = words.get(1..).unwrap_or(&[]).join(" ");
    if text.trim().is_empty() {
        return Outcome::Status(0);
    }
    let frame = run.text_frame(&text);
    Outcome::Frames(vec![Frame::Sourced(false, None), frame])
}

pub(super) fn source(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let name = words.first().cloned().unwrap_or_default();
    let Some(path) = words.get(1).cloned() else {
        if run.shell().flavour == Flavour::Gnu {
            run.complain(Some(&name), "filename argument required");
            let usage = eco_format!("{name}: usage: {name} filename [arguments]\n");
            run.err(&usage);
        }
        return Outcome::Status(2);
    };
    let full = absolute(&run.shell().cwd, &path);
    let bytes = match run.files().read(&full) {
        Ok(bytes) => bytes,
        Err(error) => return source_failed(run, &name, &path, error),
    };
    let frame = run.text_frame(&String::from_utf8_lossy(&bytes));
    let args = words.get(2..).unwrap_or(&[]);
    let shell = run.shell();
    let old = (!args.is_empty())
        .then(|| std::mem::replace(&mut shell.positional, Rc::new(args.to_vec())));
    Outcome::Frames(vec![Frame::Sourced(true, old), frame])
}

fn source_failed(
    run: &mut Run<'_>,
    name: &str,
    path: &str,
    error: crate::script::files::Errno,
) -> Outcome {
    let interactive = run.shell().interactive();
    match run.shell().flavour {
        Flavour::Gnu => {
            run.complain(None, &eco_format!("{path}: {error}"));
            Outcome::Status(1)
        }
        Flavour::Busybox => {
            let text = if path.contains('/') {
                eco_format!("can't open '{path}': {error}")
            } else {
                eco_format!("{path}: not found")
            };
            run.complain(Some(name), &text);
            Outcome::Flow(if interactive { Flow::Discard(2) } else { Flow::Exit(2) })
        }
    }
}

pub(super) fn trap(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let mut args = words.get(1..).unwrap_or(&[]);
    match args.first().map(EcoString::as_str) {
        None | Some("-p") => return list_traps(run),
        Some("-l") => {
            let names: String =
                Signal::all().map(|(name, number)| format!("{number:2}) SIG{name}\n")).collect();
            return Outcome::Status(run.out("trap", names.as_bytes()));
        }
        Some("--") => args = args.get(1..).unwrap_or(&[]),
        _ => {}
    }
    let (command, signals) = match args.split_first() {
        Some((first, rest)) if !rest.is_empty() => (Some(first.clone()), rest),
        _ => (None, args),
    };
    let mut status = 0;
    for word in signals {
        let Some(name) = trap_name(word) else {
            run.complain(Some("trap"), &eco_format!("{word}: invalid signal specification"));
            status = 1;
            continue;
        };
        match &command {
            Some(command) if command != "-" => {
                run.shell().traps.insert(name, command.clone());
            }
            _ => {
                run.shell().traps.remove(&name);
            }
        }
    }
    Outcome::Status(status)
}

fn trap_name(word: &str) -> Option<EcoString> {
    match word.to_ascii_uppercase().as_str() {
        "EXIT" | "0" => Some("EXIT".into()),
        special @ ("ERR" | "DEBUG" | "RETURN") => Some(special.into()),
        _ => Signal::parse(word).map(|signal| signal.name().into()),
    }
}

fn list_traps(run: &mut Run<'_>) -> Outcome {
    let bash = run.shell().flavour == Flavour::Gnu;
    let lines: String = run
        .shell()
        .traps
        .iter()
        .map(|(name, command)| {
            let signal = bash && Signal::parse(name).is_some();
            let name = if signal { eco_format!("SIG{name}") } else { name.clone() };
            format!("trap -- {} {name}\n", escape::single(command))
        })
        .collect();
    Outcome::Status(run.out("trap", lines.as_bytes()))
}

pub(super) fn times(run: &mut Run<'_>, _: &[EcoString]) -> Outcome {
    Outcome::Status(run.out("times", b"0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n"))
}

pub(super) fn ulimit(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    if words.len() > 2 {
        return Outcome::Status(0);
    }
    Outcome::Status(run.out("ulimit", b"unlimited\n"))
}

pub(super) fn help(run: &mut Run<'_>, _: &[EcoString]) -> Outcome {
    let text = "This shell is a simulation of bash and busybox sh: pipes, redirections, loops, \
                functions and most builtins work. Help pages are not simulated here.\n";
    Outcome::Status(run.out("help", text.as_bytes()))
}

pub(super) fn history(run: &mut Run<'_>, _: &[EcoString]) -> Outcome {
    run.complain(Some("history"), "not simulated here; the arrow keys bring lines back");
    Outcome::Status(1)
}

pub(super) fn not_simulated(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let name = words.first().cloned().unwrap_or_default();
    run.complain(Some(&name), "not simulated here; bash has this builtin");
    Outcome::Status(1)
}
