//! Redirections, expanded and applied.

use ecow::{EcoString, eco_format};

use super::{Description, Descriptor, Machine};
use crate::script::expand::{Expander, Stop};
use crate::script::files::Errno;
use crate::script::host::{Flavour, Host, Pipe};
use crate::script::shell::Shell;
use crate::script::syntax::{Redirect, Redirection};

/// A redirection whose target is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    number: u32,
    action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Action {
    Read(EcoString),
    /// Path, append, also standard error.
    Write(EcoString, bool, bool),
    Copy(u32),
    Close,
    Text(EcoString),
}

/// Expands the targets.
pub(super) fn resolve(
    redirections: &[Redirection],
    expander: &mut Expander<'_>,
) -> Result<Vec<Resolved>, Stop> {
    redirections.iter().map(|redirection| one(redirection, expander)).collect()
}

fn one(redirection: &Redirection, expander: &mut Expander<'_>) -> Result<Resolved, Stop> {
    let operator = redirection.operator;
    let input = matches!(
        operator,
        Redirect::Read
            | Redirect::CopyInput
            | Redirect::HereDocument
            | Redirect::HereString
            | Redirect::ReadWrite
    );
    let number = redirection.descriptor.unwrap_or(u32::from(!input));
    let target = match operator {
        Redirect::HereDocument => expander.single(&redirection.target)?,
        Redirect::HereString => {
            let mut text = expander.single(&redirection.target)?;
            text.push('\n');
            text
        }
        _ => {
            let mut fields = expander.fields(&redirection.target)?;
            match (fields.pop(), fields.is_empty()) {
                (Some(field), true) => field,
                _ => {
                    let text = eco_format!("{}: ambiguous redirect", shown(redirection));
                    return Err(Stop::Error(expander.shell.complaint(None, &text), -1));
                }
            }
        }
    };
    let action = match operator {
        Redirect::Read => Action::Read(target),
        Redirect::Write | Redirect::ReadWrite => Action::Write(target, false, false),
        Redirect::Append => Action::Write(target, true, false),
        Redirect::WriteBoth => Action::Write(target, false, true),
        Redirect::AppendBoth => Action::Write(target, true, true),
        Redirect::HereDocument | Redirect::HereString => Action::Text(target),
        Redirect::CopyInput | Redirect::CopyOutput => match target.as_str() {
            "-" => Action::Close,
            digits => match digits.parse() {
                Ok(source) => Action::Copy(source),
                Err(_) if operator == Redirect::CopyOutput && redirection.descriptor.is_none() => {
                    Action::Write(target, false, true)
                }
                Err(_) => {
                    let text = eco_format!("{target}: ambiguous redirect");
                    return Err(Stop::Error(expander.shell.complaint(None, &text), -1));
                }
            },
        },
    };
    Ok(Resolved { number, action })
}

fn shown(redirection: &Redirection) -> EcoString {
    use crate::script::syntax::Part;
    let parts = redirection.target.parts.iter().map(|part| match part {
        Part::Literal(text) | Part::Quoted(text) => text.clone(),
        Part::Parameter(parameter) => eco_format!("${}", parameter.text),
        _ => EcoString::new(),
    });
    parts.collect::<Vec<_>>().concat().into()
}

impl Machine {
    /// Applies redirections to a process; with `save`, so that they can be undone.
    ///
    /// On failure the message for standard error is returned and nothing is changed.
    pub(super) fn redirect(
        &mut self,
        pid: u32,
        redirections: &[Resolved],
        shell: &Shell,
        save: bool,
        host: &mut dyn Host,
    ) -> Result<(), EcoString> {
        let Some(before) = self.processes.get(&pid).map(|process| process.descriptors.clone())
        else {
            return Ok(());
        };
        let mut undo = Vec::new();
        for redirection in redirections {
            if let Err(text) = self.redirect_one(pid, redirection, shell, &mut undo, host) {
                if let Some(process) = self.processes.get_mut(&pid) {
                    process.descriptors = before;
                }
                return Err(shell.complaint(None, &text));
            }
        }
        if save && let Some(process) = self.processes.get_mut(&pid) {
            process.saved.push(undo);
        }
        Ok(())
    }

    fn redirect_one(
        &mut self,
        pid: u32,
        redirection: &Resolved,
        shell: &Shell,
        undo: &mut Vec<(u32, Option<Descriptor>)>,
        host: &mut dyn Host,
    ) -> Result<(), EcoString> {
        let number = redirection.number;
        let open = match &redirection.action {
            Action::Close => None,
            Action::Copy(source) => match self.descriptor(pid, *source) {
                Some(open) => Some(open),
                None => return Err(bad_descriptor(*source, shell.flavour)),
            },
            Action::Text(text) => {
                let pipe = Pipe::ending(text.as_bytes());
                let description = self.describe(Description::Pipe(pipe));
                Some(Descriptor { description, read: true, write: false })
            }
            Action::Read(path) => Some(self.open_named(pid, path, None, shell, host)?),
            Action::Write(path, append, _) => {
                let taken = shell.options.noclobber
                    && !append
                    && host.files().exists(&crate::script::files::absolute(&shell.cwd, path))
                    && path != "/dev/null";
                if taken {
                    return Err(match shell.flavour {
                        Flavour::Gnu => eco_format!("{path}: cannot overwrite existing file"),
                        Flavour::Busybox => eco_format!("can't create {path}: File exists"),
                    });
                }
                Some(self.open_named(pid, path, Some(*append), shell, host)?)
            }
        };
        let both = matches!(redirection.action, Action::Write(_, _, true));
        let numbers: &[u32] = if both { &[1, 2] } else { &[number] };
        let Some(process) = self.processes.get_mut(&pid) else {
            return Ok(());
        };
        for number in numbers {
            let old = match open {
                Some(open) => process.descriptors.insert(*number, open),
                None => process.descriptors.remove(number),
            };
            undo.push((*number, old));
        }
        Ok(())
    }

    fn open_named(
        &mut self,
        pid: u32,
        path: &str,
        write: Option<bool>,
        shell: &Shell,
        host: &mut dyn Host,
    ) -> Result<Descriptor, EcoString> {
        let number = match path {
            "/dev/stdin" => Some(0),
            "/dev/stdout" => Some(1),
            "/dev/stderr" => Some(2),
            path => path
                .strip_prefix("/dev/fd/")
                .or_else(|| path.strip_prefix("/proc/self/fd/"))
                .and_then(|number| number.parse().ok()),
        };
        if let Some(open) = number.and_then(|number| self.descriptor(pid, number)) {
            return Ok(open);
        }
        self.open(path, &shell.cwd, write, host).map_err(|error| match shell.flavour {
            Flavour::Gnu => eco_format!("{path}: {error}"),
            Flavour::Busybox => ash_open_error(path, write.is_some(), error),
        })
    }

    /// Undoes the innermost saved redirections.
    pub(super) fn restore_descriptors(&mut self, pid: u32) {
        let Some(process) = self.processes.get_mut(&pid) else {
            return;
        };
        for (number, old) in process.saved.pop().unwrap_or_default().into_iter().rev() {
            match old {
                Some(open) => process.descriptors.insert(number, open),
                None => process.descriptors.remove(&number),
            };
        }
    }
}

fn ash_open_error(path: &str, write: bool, error: Errno) -> EcoString {
    let missing = matches!(error, Errno::NotFound | Errno::NotADirectory);
    match (write, missing) {
        (true, true) => eco_format!("can't create {path}: nonexistent directory"),
        (true, false) => eco_format!("can't create {path}: {error}"),
        (false, true) => eco_format!("can't open {path}: no such file"),
        (false, false) => eco_format!("can't open {path}: {error}"),
    }
}

fn bad_descriptor(number: u32, flavour: Flavour) -> EcoString {
    match flavour {
        Flavour::Gnu => eco_format!("{number}: Bad file descriptor"),
        Flavour::Busybox => eco_format!("dup2({number},1): Bad file descriptor"),
    }
}
