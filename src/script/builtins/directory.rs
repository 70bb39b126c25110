//! `cd`, `pwd`, `umask`.

use ecow::{EcoString, eco_format};

use super::Outcome;
use crate::script::files::{Errno, FileKind, FileSystem, join};
use crate::script::host::Flavour;
use crate::script::machine::Run;
use crate::script::shell::Variable;
use crate::script::user::EXECUTE;

pub(super) fn cd(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let mut args = words.get(1..).unwrap_or(&[]);
    let mut physical = false;
    while let Some(word) = args.first().filter(|word| matches!(word.as_str(), "-P" | "-L" | "--")) {
        physical = word == "-P";
        args = args.get(1..).unwrap_or(&[]);
    }
    if args.len() > 1 && run.shell().flavour == Flavour::Gnu {
        run.complain(Some("cd"), "too many arguments");
        return Outcome::Status(1);
    }
    let (target, print) = match args.first().map(EcoString::as_str) {
        None => (run.shell().get("HOME"), false),
        Some("-") => (run.shell().get("OLDPWD"), true),
        Some(path) => (Some(path.into()), false),
    };
    let Some(target) = target else {
        let text = if args.is_empty() { "HOME not set" } else { "OLDPWD not set" };
        run.complain(Some("cd"), text);
        return Outcome::Status(1);
    };
    let cwd = run.shell().cwd.clone();
    let path = if target.is_empty() { cwd.clone() } else { join(&cwd, &target) };
    let found = match run.files().metadata(&path) {
        Ok(found) if found.is_dir() && !run.files().user().may(EXECUTE, &found) => {
            Err(Errno::PermissionDenied)
        }
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(Errno::NotADirectory),
        Err(error) => Err(error),
    };
    if let Err(error) = found {
        return cannot(run, &target, error);
    }
    let path = if physical { real_path(run.files(), &path) } else { path };
    let shell = run.shell();
    for (name, value) in [("OLDPWD", cwd), ("PWD", path.clone())] {
        let variable = Variable { exported: true, ..Variable::scalar(value) };
        shell.variables.insert(name.into(), variable);
    }
    shell.cwd = path.clone();
    if print {
        run.out("cd", eco_format!("{path}\n").as_bytes());
    }
    Outcome::Status(0)
}

fn cannot(run: &mut Run<'_>, target: &str, error: Errno) -> Outcome {
    match run.shell().flavour {
        Flavour::Gnu => {
            run.complain(Some("cd"), &eco_format!("{target}: {error}"));
            Outcome::Status(1)
        }
        Flavour::Busybox => {
            run.complain(Some("cd"), &eco_format!("can't cd to {target}: {error}"));
            Outcome::Status(2)
        }
    }
}

/// The path with its links followed.
pub(crate) fn real_path(files: &dyn FileSystem, path: &str) -> EcoString {
    let mut done = EcoString::from("/");
    let mut todo: Vec<EcoString> =
        path.split('/').rev().filter(|part| !part.is_empty()).map(Into::into).collect();
    for _ in 0..400 {
        let Some(part) = todo.pop() else { break };
        let next = join(&done, &part);
        let link = files.link_metadata(&next).is_ok_and(|found| found.kind == FileKind::Link);
        match files.read_link(&next) {
            Ok(target) if link => {
                if target.starts_with('/') {
                    done = "/".into();
                }
                todo.extend(
                    target.split('/').rev().filter(|part| !part.is_empty()).map(EcoString::from),
                );
            }
            _ => done = next,
        }
    }
    done
}

pub(super) fn pwd(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    let mut cwd = run.shell().cwd.clone();
    if words.get(1).is_some_and(|word| word == "-P") {
        cwd = real_path(run.files(), &cwd);
    }
    Outcome::Status(run.out("pwd", eco_format!("{cwd}\n").as_bytes()))
}

pub(super) fn dirs(run: &mut Run<'_>, _: &[EcoString]) -> Outcome {
    let cwd = run.shell().cwd.clone();
    Outcome::Status(run.out("dirs", eco_format!("{cwd}\n").as_bytes()))
}

pub(super) fn umask(run: &mut Run<'_>, words: &[EcoString]) -> Outcome {
    match words.get(1) {
        None => {
            let text = format!("{:04o}\n", run.shell().umask);
            Outcome::Status(run.out("umask", text.as_bytes()))
        }
        Some(word) => match u32::from_str_radix(word, 8) {
            Ok(mask) => {
                run.shell().umask = mask & 0o777;
                Outcome::Status(0)
            }
            Err(_) => {
                run.complain(Some("umask"), &eco_format!("{word}: invalid symbolic mode operator"));
                Outcome::Status(1)
            }
        },
    }
}
