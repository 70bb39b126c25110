//! `kubectl edit`, and `kubectl apply edit-last-applied`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/util/editor`. The editor is a command line of the shell, which
//! is run on a file in `/tmp`; when something is wrong with the result it is opened again.

mod file;
mod save;

use super::Running;
use crate::api::object::Object;
use crate::api::value::{EcoString, Value};
use crate::kubectl::command::{Command, FILENAME_FLAGS, Flag, PRINT_FLAGS, RECORD_FLAG};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::last_applied;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::resource_builder::{Builder, Info};
use crate::kubectl::validation::{self, VALIDATE_FLAG};

use file::Reason;

/// Its row.
pub static COMMANDS: &[Command] =
    &[Command::new("edit", &[FILENAME_FLAGS, PRINT_FLAGS, RECORD_FLAG, VALIDATE_FLAG, FLAGS], run)];

static FLAGS: &[Flag] = &[
    Flag::text("field-manager").default("kubectl-edit"),
    Flag::bool("output-patch"),
    Flag::bool("save-config"),
    Flag::text("subresource"),
    Flag::bool("windows-line-endings"),
];

/// What is edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Mode {
    /// Objects.
    Normal,
    /// Their last applied configurations.
    LastApplied,
}

/// An edit while its editor runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    mode: Mode,
    infos: Vec<Info>,
    /// What was in the file when it was first opened.
    original: EcoString,
    /// What was in it after the last editor.
    edited: EcoString,
    /// The file that is being edited.
    file: EcoString,
    /// The file of the round before, kept for the learner.
    kept: EcoString,
    /// What was wrong with it.
    reasons: Vec<Reason>,
    contains_error: bool,
    round: u32,
}

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    validation::of(invocation)?;
    let infos = Builder::new(invocation).select_all(true).latest().find(world)?.infos()?;
    if infos.is_empty() {
        return Err(Failure::message("edit cancelled, no objects found"));
    }
    start(Mode::Normal, infos, invocation, world)
}

/// `kubectl apply edit-last-applied`
pub fn run_last_applied(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let infos = Builder::new(invocation).select_all(true).latest().find(world)?.infos()?;
    let mut configurations = Vec::new();
    for info in infos {
        let applied = info.object.as_ref().map(last_applied::original).unwrap_or_default();
        if !applied.is_null() {
            let object = Some(Object { kind: info.kind, value: applied });
            configurations.push(Info { object, ..info });
        }
    }
    if configurations.is_empty() {
        return Err(Failure::message(
            "no last-applied-configuration annotation found on resources, to create the \
             annotation, use command `kubectl apply set-last-applied --create-annotation`",
        ));
    }
    start(Mode::LastApplied, configurations, invocation, world)
}

fn start(mode: Mode, infos: Vec<Info>, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let edit = Edit {
        mode,
        infos,
        original: "".into(),
        edited: "".into(),
        file: "".into(),
        kept: "".into(),
        reasons: Vec::new(),
        contains_error: false,
        round: 0,
    };
    edit.launch(invocation, world)
}

impl Edit {
    /// Writes the file and opens the editor.
    fn launch(mut self, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
        let json = invocation.text("output") == "json";
        let mut text = match json {
            true => String::new(),
            false => file::header(self.mode == Mode::LastApplied, &self.reasons),
        };
        match self.contains_error {
            true => text.push_str(&file::manual_strip(&self.edited)),
            false => {
                text.push_str(&file::content(&self.value(), json));
                self.original = text.as_str().into();
            }
        }
        let number = world.client.now().0.unsigned_abs() % 4_000_000_000 + u64::from(self.round);
        let extension = if json { "json" } else { "yaml" };
        self.file = format!("/tmp/kubectl-edit-{number}.{extension}").into();
        self.round += 1;
        let written = world.files.write(&self.file, text.as_bytes());
        written.map_err(|why| Failure::message(format!("open {}: {why}", self.file)))?;
        let command = command_line(editor(invocation), &self.file);
        Ok(Flow::RunChild(Running::Edit(self), command.into()))
    }

    /// The object, or all of them as a list.
    fn value(&self) -> Value {
        let values: Vec<Value> = self
            .infos
            .iter()
            .filter_map(|info| Some(info.object.as_ref()?.value.clone()))
            .collect();
        match values.as_slice() {
            [one] => one.clone(),
            _ => crate::value!({
                "apiVersion": "v1",
                "kind": "List",
                "metadata": {},
                "items": (values)
            }),
        }
    }

    /// Goes on when the editor has ended.
    pub fn poll(mut self, invocation: &Invocation, world: &mut World<'_>) -> Outcome {
        match world.child.take() {
            None => return Ok(Flow::Wait(Running::Edit(self), None)),
            Some(0) => {}
            Some(_) => {
                let text = format!("there was a problem with the editor {:?}", editor(invocation));
                return Err(self.preserve(Failure::message(text), false, world));
            }
        }
        let bytes = world.files.read(&self.file).unwrap_or_default();
        let edited = EcoString::from(String::from_utf8_lossy(&bytes).as_ref());
        let before = std::mem::replace(&mut self.edited, edited);
        if self.contains_error && file::is_same(&before, &self.edited) {
            let text = "Edit cancelled, no valid changes were saved.";
            return Err(self.preserve(Failure::message(text), true, world));
        }
        if !self.kept.is_empty() {
            let _ = world.files.remove(&self.kept);
        }
        if let Err(why) = file::validate(&self.edited) {
            self.begin_round();
            let line = self.refuse_file(&why);
            world.complain(&line);
            return self.launch(invocation, world);
        }
        if file::is_same(&self.original, &self.edited) {
            return self.cancel("Edit cancelled, no changes made.", world);
        }
        if file::manual_strip(&self.edited).trim().is_empty() {
            return self.cancel("Edit cancelled, saved file was empty.", world);
        }
        self.begin_round();
        self.save(invocation, world)
    }

    fn begin_round(&mut self) {
        self.kept = self.file.clone();
        self.reasons.clear();
    }

    fn cancel(self, words: &str, world: &mut World<'_>) -> Outcome {
        let _ = world.files.remove(&self.file);
        world.complain(words);
        Ok(Flow::Done(0))
    }

    /// Tells where the changes are, if there are any (`preservedFile`).
    fn preserve(&self, failure: Failure, current: bool, world: &mut World<'_>) -> Failure {
        let path = if current { &self.file } else { &self.kept };
        if !path.is_empty() && world.files.read(path).is_ok() {
            world.complain(&format!(
                "A copy of your changes has been stored to {:?}",
                path.as_str()
            ));
        }
        failure
    }
}

/// The shell sees the editor's words only if they are quoted (`defaultEnvEditor`).
fn command_line(editor: &str, file: &str) -> String {
    if editor.contains(['"', '\'', '\\']) {
        return format!("{editor} {file}");
    }
    let words = editor.split_whitespace().map(|word| format!("'{word}'"));
    words.chain([file.to_string()]).collect::<Vec<_>>().join(" ")
}

/// `$KUBE_EDITOR`, `$EDITOR` or vi.
fn editor(invocation: &Invocation) -> &str {
    let set = |name: &str| invocation.environment.get(name).filter(|value| !value.is_empty());
    set("KUBE_EDITOR").or_else(|| set("EDITOR")).map_or("vi", EcoString::as_str)
}

#[cfg(test)]
mod tests {
    use super::command_line;

    #[test]
    fn words_of_an_editor_without_quotes_are_literal() {
        assert_eq!(command_line("sed -i /x/,$d", "/tmp/f"), "'sed' '-i' '/x/,$d' /tmp/f");
        assert_eq!(command_line("sed -i \"s/a/b/\"", "/tmp/f"), "sed -i \"s/a/b/\" /tmp/f");
    }
}
