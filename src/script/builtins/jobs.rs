//! `wait`, `kill`, `jobs`.

use ecow::{EcoString, eco_format};

use super::Outcome;
use crate::script::host::{Flavour, Signal};
use crate::script::machine::{Frame, Run};

pub(super) fn wait(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let mut args = words.get(1..).unwrap_or(&[]);
    let mut any = false;
    while let Some(flag) = args.first().filter(|word| word.starts_with('-')) {
        any |= flag == "-n";
        args = args.get(1..).unwrap_or(&[]);
    }
    let jobs: Vec<u32> = run.jobs().iter().map(|job| job.pid).collect();
    if args.is_empty() {
        // Without arguments the exit code is 0 whatever the jobs did, but for -n.
        let frame = Frame::WaitJobs(jobs.clone(), 0, any);
        if jobs.is_empty() {
            return Outcome::Status(if any { 127 } else { 0 });
        }
        return Outcome::Frames(if any { vec![frame] } else { vec![Frame::Trap(0), frame] });
    }
    let mut pids = Vec::new();
    let mut missing = false;
    for word in args {
        match target(run, word) {
            Some(pid) if run.child_exit(pid).is_some() => pids.push(pid),
            Some(pid) => {
                missing = true;
                if run.shell().flavour == Flavour::Gnu {
                    let text = eco_format!("pid {pid} is not a child of this shell");
                    run.complain(Some("wait"), &text);
                }
            }
            None => {
                missing = true;
                let text = eco_format!("`{word}': not a pid or valid job spec");
                run.complain(Some("wait"), &text);
            }
        }
    }
    if pids.is_empty() {
        return Outcome::Status(if missing { 127 } else { 0 });
    }
    Outcome::Frames(vec![Frame::WaitJobs(pids, 0, any)])
}

/// A process number, or `%1`.
fn target(run: &mut Run<'_>, word: &str) -> Option<u32> {
    match word.strip_prefix('%') {
        None => word.parse().ok(),
        Some("" | "%" | "+") => run.jobs().last().map(|job| job.pid),
        Some(number) => {
            let number: u32 = number.parse().ok()?;
            run.jobs().iter().find(|job| job.number == number).map(|job| job.pid)
        }
    }
}

pub(super) fn kill(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let mut args = words.get(1..).unwrap_or(&[]);
    let mut signal = Signal::TERM;
    if let Some(first) = args.first().filter(|word| word.starts_with('-') && word.len() > 1) {
        let name = first.trim_start_matches('-');
        match name {
            "l" | "L" => return list(run, args.get(1)),
            "s" | "n" => {
                let Some(found) = args.get(1).and_then(|word| Signal::parse(word)) else {
                    return bad_signal(run, args.get(1).map_or("", |word| word));
                };
                signal = found;
                args = args.get(2..).unwrap_or(&[]);
            }
            "" => args = args.get(1..).unwrap_or(&[]),
            name => {
                let Some(found) = Signal::parse(name) else {
                    return bad_signal(run, name);
                };
                signal = found;
                args = args.get(1..).unwrap_or(&[]);
            }
        }
    }
    if args.first().is_some_and(|word| word == "--") {
        args = args.get(1..).unwrap_or(&[]);
    }
    if args.is_empty() {
        return usage(run);
    }
    let mut status = 0;
    for word in args {
        if !kill_one(run, word, signal) {
            status = 1;
        }
    }
    Outcome::Status(status)
}

fn kill_one(run: &mut Run<'_>, word: &str, signal: Signal) -> bool {
    let flavour = run.shell().flavour;
    let group = word.strip_prefix('-').filter(|_| word.len() > 1);
    let pid = match group {
        Some(number) => number.parse().ok(),
        None if word == "0" => Some(run.shell().pid),
        None => target(run, word),
    };
    let Some(pid) = pid else {
        match flavour {
            Flavour::Gnu if word.starts_with('%') => {
                run.complain(Some("kill"), &eco_format!("{word}: no such job"));
            }
            Flavour::Gnu => {
                let text = eco_format!("{word}: arguments must be process or job IDs");
                run.complain(Some("kill"), &text);
            }
            Flavour::Busybox => run.complain(None, &eco_format!("invalid number '{word}'")),
        }
        return false;
    };
    let Err(error) = run.kill(pid, signal) else { return true };
    match flavour {
        Flavour::Gnu => run.complain(Some("kill"), &eco_format!("({pid}) - {error}")),
        Flavour::Busybox => run.complain(None, &eco_format!("can't kill pid {pid}: {error}")),
    }
    false
}

fn bad_signal(run: &mut Run<'_>, name: &str) -> Outcome {
    match run.shell().flavour {
        Flavour::Gnu => {
            run.complain(Some("kill"), &eco_format!("{name}: invalid signal specification"));
        }
        Flavour::Busybox => run.complain(None, &eco_format!("bad signal name '{name}'")),
    }
    Outcome::Status(1)
}

fn usage(run: &mut Run<'_>) -> Outcome {
    match run.shell().flavour {
        Flavour::Gnu => {
            run.err(
                "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill \
                 -l [sigspec]\n",
            );
            Outcome::Status(2)
        }
        Flavour::Busybox => {
            run.complain(None, "you need to specify whom to kill");
            Outcome::Status(1)
        }
    }
}

fn list(run: &mut Run<'_>, which: Option<&EcoString>) -> Outcome {
    let text = match which {
        Some(word) => {
            let number = word.parse::<u8>().map(|number| number & 0x7f);
            let found = match number {
                Ok(number) => Some(Signal(number)),
                Err(_) => Signal::parse(word),
            };
            let Some(signal) = found else {
                return bad_signal(run, word);
            };
            if number.is_ok() {
                eco_format!("{}\n", signal.name())
            } else {
                eco_format!("{}\n", signal.0)
            }
        }
        None => {
            let mut text = EcoString::new();
            for (name, number) in Signal::all() {
                let end = if number % 5 == 0 { '\n' } else { '\t' };
                text.push_str(&format!("{number:2}) SIG{name}{end}"));
            }
            text.push('\n');
            text
        }
    };
    Outcome::Status(run.out("kill", text.as_bytes()))
}

pub(super) fn jobs(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let pids_only = words.get(1).is_some_and(|word| word == "-p");
    let mut text = EcoString::new();
    let mut ended = Vec::new();
    let jobs = run.jobs().clone();
    let last = jobs.last().map(|job| job.number);
    for job in &jobs {
        let exit = run.child_exit(job.pid).flatten();
        if pids_only {
            text.push_str(&format!("{}\n", job.pid));
            continue;
        }
        let mark = if Some(job.number) == last { '+' } else { '-' };
        let (words, end) = match exit {
            None => (EcoString::from("Running"), " &"),
            Some(0) => ("Done".into(), ""),
            Some(code) => (eco_format!("Exit {code}"), ""),
        };
        if exit.is_some() {
            ended.push(job.pid);
        }
        text.push_str(&format!("[{}]{mark}  {words:<23} {}{end}\n", job.number, job.text));
    }
    run.jobs().retain(|job| !ended.contains(&job.pid));
    Outcome::Status(run.out("jobs", text.as_bytes()))
}

pub(super) fn disown(run: &mut Run<'_>, _: &[EcoString]) -> Outcome {
    run.jobs().clear();
    Outcome::Status(0)
}

/// `fg` waits for the last job; `bg` has nothing to do, because nothing is ever stopped.
pub(super) fn foreground(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let name = words.first().cloned().unwrap_or_default();
    let word = words.get(1).cloned().unwrap_or_else(|| "%".into());
    let Some(pid) = target(run, &word) else {
        let shown = if words.len() > 1 { word } else { "current".into() };
        run.complain(Some(&name), &eco_format!("{shown}: no such job"));
        return Outcome::Status(1);
    };
    if name == "bg" {
        return Outcome::Status(0);
    }
    let text = run.jobs().iter().find(|job| job.pid == pid).map(|job| job.text.clone());
    run.out("fg", eco_format!("{}\n", text.unwrap_or_default()).as_bytes());
    Outcome::Frames(vec![Frame::WaitJobs(vec![pid], 0, false)])
}
