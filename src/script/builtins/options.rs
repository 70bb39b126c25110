//! `set`, `shopt`, `shift`, `getopts`.

use std::rc::Rc;

use ecow::{EcoString, eco_format};

use super::Outcome;
use crate::script::escape;
use crate::script::host::Flavour;
use crate::script::machine::Run;
use crate::script::shell::{Options, Shell, Value};

/// Sets `-e`, `+e`, `-o name` or `+o name`; the error is what to complain about.
pub(in crate::script) fn set_flag(shell: &mut Shell, flag: &str) -> Result<(), EcoString> {
    let on = !flag.starts_with('+');
    let name = flag.trim_start_matches(['-', '+']);
    if let Some(name) = name.strip_prefix("o ") {
        return set_named(shell, name, on);
    }
    let options = &mut shell.options;
    let place = match name {
        "e" => &mut options.errexit,
        "x" => &mut options.xtrace,
        "u" => &mut options.nounset,
        "f" => &mut options.noglob,
        "a" => &mut options.allexport,
        "C" => &mut options.noclobber,
        "n" => &mut options.noexec,
        "v" => &mut options.verbose,
        "b" | "h" | "k" | "m" | "B" | "E" | "H" | "P" | "T" | "p" | "t" => return Ok(()),
        _ => return Err(eco_format!("{flag}: invalid option")),
    };
    *place = on;
    Ok(())
}

fn set_named(shell: &mut Shell, name: &str, on: bool) -> Result<(), EcoString> {
    let options = &mut shell.options;
    let place = match name {
        "errexit" => &mut options.errexit,
        "xtrace" => &mut options.xtrace,
        "nounset" => &mut options.nounset,
        "noglob" => &mut options.noglob,
        "pipefail" => &mut options.pipefail,
        "allexport" => &mut options.allexport,
        "noclobber" => &mut options.noclobber,
        "noexec" => &mut options.noexec,
        "verbose" => &mut options.verbose,
        "posix" | "emacs" | "vi" | "monitor" | "history" | "hashall" | "braceexpand"
        | "errtrace" | "functrace" | "physical" | "notify" | "ignoreeof" => return Ok(()),
        _ => return Err(eco_format!("{name}: invalid option name")),
    };
    *place = on;
    Ok(())
}

fn named(options: &Options) -> [(&'static str, bool); 9] {
    [
        ("allexport", options.allexport),
        ("errexit", options.errexit),
        ("noclobber", options.noclobber),
        ("noexec", options.noexec),
        ("noglob", options.noglob),
        ("nounset", options.nounset),
        ("pipefail", options.pipefail),
        ("verbose", options.verbose),
        ("xtrace", options.xtrace),
    ]
}

pub(super) fn set(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let mut args = words.get(1..).unwrap_or(&[]);
    if args.is_empty() {
        return list_variables(run);
    }
    while let Some((word, rest)) = args.split_first() {
        if word == "--" {
            run.shell().positional = Rc::new(rest.to_vec());
            return Outcome::Status(0);
        }
        if word == "-" || !word.starts_with(['-', '+']) {
            break;
        }
        args = rest;
        if word == "-o" || word == "+o" {
            let Some((name, rest)) = args.split_first() else {
                return list_options(run, word);
            };
            args = rest;
            if let Err(text) = set_flag(run.shell(), &eco_format!("{word} {name}")) {
                return bad_option(run, &text, &eco_format!("{word} {name}"));
            }
            continue;
        }
        let sign = if word.starts_with('+') { '+' } else { '-' };
        for flag in word.chars().skip(1) {
            let flag = if flag == 'o' {
                let Some((name, rest)) = args.split_first() else {
                    continue;
                };
                args = rest;
                eco_format!("{sign}o {name}")
            } else {
                eco_format!("{sign}{flag}")
            };
            if let Err(text) = set_flag(run.shell(), &flag) {
                return bad_option(run, &text, &flag);
            }
        }
    }
    if !args.is_empty() {
        run.shell().positional = Rc::new(args.to_vec());
    }
    Outcome::Status(0)
}

fn bad_option(run: &mut Run<'_>, text: &str, flag: &str) -> Outcome {
    match run.shell().flavour {
        Flavour::Gnu => {
            run.complain(Some("set"), text);
            if !flag.contains(' ') {
                run.err(
                    "set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n",
                );
            }
        }
        Flavour::Busybox => run.complain(Some("set"), &eco_format!("illegal option {flag}")),
    }
    Outcome::Status(2)
}

fn list_options(run: &mut Run<'_>, sign: &str) -> Outcome {
    let lines: String = named(&run.shell().options)
        .iter()
        .map(|(name, on)| {
            if sign == "+o" {
                format!("set {}o {name}\n", if *on { '-' } else { '+' })
            } else {
                format!("{name:<15}\t{}\n", if *on { "on" } else { "off" })
            }
        })
        .collect();
    Outcome::Status(run.out("set", lines.as_bytes()))
}

fn list_variables(run: &mut Run<'_>) -> Outcome {
    let busybox = run.shell().flavour == Flavour::Busybox;
    let mut text = String::new();
    for (name, variable) in &run.shell().variables {
        let shown = match &variable.value {
            Value::Unset => continue,
            Value::Scalar(value) if busybox => escape::single(value),
            Value::Scalar(value) if value.is_empty() => EcoString::new(),
            Value::Scalar(value) => escape::quote(value),
            array => super::variable::array_text(array),
        };
        text.push_str(&format!("{name}={shown}\n"));
    }
    Outcome::Status(run.out("set", text.as_bytes()))
}

pub(super) fn shopt(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let mut on = None;
    let mut quiet = false;
    let mut status = 0;
    for word in words.get(1..).unwrap_or(&[]) {
        match word.as_str() {
            "-s" => on = Some(true),
            "-u" => on = Some(false),
            "-q" => quiet = true,
            "-p" | "-o" => {}
            name => {
                let options = &mut run.shell().options;
                let place = match name {
                    "nullglob" => &mut options.nullglob,
                    "dotglob" => &mut options.dotglob,
                    "nocasematch" => &mut options.nocasematch,
                    "expand_aliases" | "lastpipe" | "inherit_errexit" | "checkwinsize"
                    | "histappend" | "extglob" | "globstar" | "failglob" => {
                        let text = eco_format!("{name}: not simulated here");
                        run.complain(Some("shopt"), &text);
                        status = 1;
                        continue;
                    }
                    _ => {
                        let text = eco_format!("{name}: invalid shell option name");
                        run.complain(Some("shopt"), &text);
                        status = 1;
                        continue;
                    }
                };
                match on {
                    Some(on) => *place = on,
                    None => {
                        let value = *place;
                        status = i32::from(!value);
                        if !quiet {
                            let state = if value { "on" } else { "off" };
                            run.out("shopt", format!("{name:<15}\t{state}\n").as_bytes());
                        }
                    }
                }
            }
        }
    }
    Outcome::Status(status)
}

pub(super) fn shift(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let count = match words.get(1).map(|word| word.parse::<usize>()) {
        None => 1,
        Some(Ok(count)) => count,
        Some(Err(_)) => {
            let word = words.get(1).cloned().unwrap_or_default();
            let text = match run.shell().flavour {
                Flavour::Gnu => eco_format!("{word}: numeric argument required"),
                Flavour::Busybox => eco_format!("Illegal number: {word}"),
            };
            run.complain(Some("shift"), &text);
            return Outcome::Status(1);
        }
    };
    let shell = run.shell();
    match shell.positional.get(count..) {
        Some(rest) => {
            shell.positional = Rc::new(rest.to_vec());
            Outcome::Status(0)
        }
        None => Outcome::Status(1),
    }
}

pub(super) fn getopts(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let [_, spec, name, rest @ ..] = words else {
        run.err("getopts: usage: getopts optstring name [arg ...]\n");
        return Outcome::Status(2);
    };
    let shell = run.shell();
    let args = if rest.is_empty() { shell.positional.to_vec() } else { rest.to_vec() };
    let mut index: usize = shell.text("OPTIND").parse().unwrap_or(1);
    if index == 1 && shell.option_index == 0 {
        shell.option_index = 1;
    }
    let word = args.get(index.saturating_sub(1)).cloned().unwrap_or_default();
    let flag = word.chars().nth(shell.option_index.max(1));
    let ends = !word.starts_with('-') || word == "-" || word == "--";
    let (Some(flag), false) = (flag, ends) else {
        if word == "--" {
            index += 1;
        }
        shell.option_index = 1;
        return store(run, name, "?", None, index, 1);
    };
    let silent = spec.starts_with(':');
    let mut chars = spec.chars().skip_while(|c| *c != flag);
    let known = flag != ':' && chars.next().is_some();
    let takes = known && chars.next() == Some(':');
    let position = shell.option_index.max(1) + 1;
    let more = word.chars().nth(position).is_some();
    if !takes {
        if more {
            shell.option_index = position;
        } else {
            shell.option_index = 1;
            index += 1;
        }
        if known {
            return store(run, name, &flag.to_string(), None, index, 0);
        }
        let argument = silent.then(|| eco_format!("{flag}"));
        if !silent {
            run.complain(None, &eco_format!("illegal option -- {flag}"));
        }
        return store(run, name, "?", argument, index, 0);
    }
    shell.option_index = 1;
    let argument: Option<EcoString> = if more {
        Some(word.chars().skip(position).collect())
    } else {
        index += 1;
        args.get(index - 1).cloned()
    };
    index += 1;
    match argument {
        Some(argument) => store(run, name, &flag.to_string(), Some(argument), index, 0),
        None if silent => store(run, name, ":", Some(eco_format!("{flag}")), index - 1, 0),
        None => {
            run.complain(None, &eco_format!("option requires an argument -- {flag}"));
            store(run, name, "?", None, index - 1, 0)
        }
    }
}

fn store(
    run: &mut Run<'_>,
    name: &str,
    value: &str,
    argument: Option<EcoString>,
    index: usize,
    status: i32,
) -> Outcome {
    let shell = run.shell();
    let mut done = shell.set(name, value).and(shell.set("OPTIND", eco_format!("{index}")));
    done = match argument {
        Some(argument) => done.and(shell.set("OPTARG", argument)),
        None => done.and(shell.unset("OPTARG")),
    };
    Outcome::Status(if done.is_ok() { status } else { 1 })
}
