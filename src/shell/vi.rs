//! vi, as far as it goes without a screen of its own: the file is changed in the page's editor,
//! and the terminal takes vi's own words for what is to become of it.
//!
//! Models what `kubectl edit` needs of an editor: it runs until the learner is done, and leaves a
//! changed file or an exit code. Only a person has it; recordings and scripts have no vi.

use crate::api::value::EcoString;
use crate::script::files::{FileSystem, Tree, absolute};
use crate::script::host::{Io, Poll, Stream};

use super::session::WORKING_DIRECTORY;

/// A running vi.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vi {
    /// The file that was asked for, absolute; none if it was not named.
    file: Option<EcoString>,
    /// What the page's editor shows: the file itself, or a copy in the working directory.
    tab: EcoString,
    /// What was in the file at first.
    original: EcoString,
    begun: bool,
    interrupted: bool,
}

/// What a line makes of the file.
enum End {
    Keep,
    Discard,
    Fail,
}

impl Vi {
    /// The names that start it.
    pub const NAMES: [&'static str; 2] = ["vi", "vim"];

    /// Not begun yet.
    pub fn new(cwd: &str, argv: &[EcoString]) -> Self {
        let mut words = argv.iter().skip(1);
        let name = words.find(|word| !word.starts_with(['-', '+']));
        Vi {
            file: name.map(|name| absolute(cwd, name)),
            tab: EcoString::new(),
            original: EcoString::new(),
            begun: false,
            interrupted: false,
        }
    }

    /// The file that it shows, once it does.
    pub fn tab(&self) -> Option<EcoString> {
        (self.begun && !self.tab.is_empty()).then(|| self.tab.clone())
    }

    /// Ctrl-C: all changes are given up.
    pub fn interrupt(&mut self) {
        self.interrupted = true;
    }

    /// Goes on as far as the learner's lines allow.
    pub fn poll(&mut self, files: &mut Tree, io: &mut Io, now_ms: u64) -> Poll {
        let Some(file) = self.file.clone() else {
            io.output.write(Stream::Err, b"vi: name the file to edit\n");
            return Poll::Exited(1);
        };
        if !self.begun {
            self.begin(&file, files, io, now_ms);
        }
        if self.interrupted {
            return self.end(&file, &End::Fail, files, now_ms);
        }
        while let Some(line) = io.stdin.take_line() {
            let line = String::from_utf8_lossy(&line).trim().to_string();
            if let Some(end) = self.obey(&line, &file, files, io, now_ms) {
                return self.end(&file, &end, files, now_ms);
            }
        }
        match io.stdin.at_end() {
            true => self.end(&file, &End::Fail, files, now_ms),
            false => Poll::Running { until: None },
        }
    }

    fn begin(&mut self, file: &EcoString, files: &mut Tree, io: &mut Io, now_ms: u64) {
        self.begun = true;
        self.original = text(files, file);
        let (directory, name) = file.rsplit_once('/').unwrap_or(("", file));
        self.tab = match directory == WORKING_DIRECTORY {
            true => file.clone(),
            false => free_name(files, name),
        };
        let _ = files.write(&self.tab, self.original.as_bytes(), now_ms);
        let shown = self.tab.rsplit('/').next().unwrap_or_default();
        let words = format!(
            "\"{shown}\" is open in the page's editor: change it there.\n\
             Then enter :wq here to save it, or :q! to give the changes up.\n"
        );
        io.output.write(Stream::Out, words.as_bytes());
    }

    // Whether that is the end, and which.
    fn obey(
        &self,
        line: &str,
        file: &EcoString,
        files: &mut Tree,
        io: &mut Io,
        now_ms: u64,
    ) -> Option<End> {
        let is_changed = text(files, &self.tab) != text(files, file);
        let complaint = match line {
            ":wq" | ":wq!" | ":x" | ":x!" | "ZZ" => return Some(End::Keep),
            ":q!" | ":qa!" | "ZQ" => return Some(End::Discard),
            ":cq" => return Some(End::Fail),
            ":q" if is_changed => "E37: No write since last change (add ! to override)".into(),
            ":q" => return Some(End::Keep),
            ":w" | ":w!" => {
                let text = text(files, &self.tab);
                let _ = files.write(file, text.as_bytes(), now_ms);
                format!("\"{file}\" {}L, {}B written", text.lines().count(), text.len())
            }
            "" => return None,
            line => format!(
                "E492: Not an editor command: {}. Here there are :w, :q, :wq, :q!.",
                line.trim_start_matches(':')
            ),
        };
        io.output.write(Stream::Out, format!("{complaint}\n").as_bytes());
        None
    }

    fn end(&self, file: &EcoString, end: &End, files: &mut Tree, now_ms: u64) -> Poll {
        let is_copy = self.tab != *file;
        match (end, is_copy) {
            (End::Keep, true) => {
                let text = text(files, &self.tab);
                let _ = files.write(file, text.as_bytes(), now_ms);
            }
            (End::Discard, false) => {
                let _ = files.write(file, self.original.as_bytes(), now_ms);
            }
            _ => {}
        }
        if is_copy {
            let _ = files.remove_file(&self.tab);
        }
        Poll::Exited(i32::from(matches!(end, End::Fail)))
    }
}

fn text(files: &Tree, path: &str) -> EcoString {
    let bytes = files.read(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes).as_ref().into()
}

// The name itself in the working directory, or one like it that nobody has.
fn free_name(files: &Tree, name: &str) -> EcoString {
    let first = std::iter::once(name.to_string());
    let names = first.chain((2..).map(|number| format!("{number}-{name}")));
    let mut paths = names.map(|name| format!("{WORKING_DIRECTORY}/{name}"));
    paths.find(|path| !files.exists(path)).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use crate::api::time::Duration;
    use crate::script::files::FileSystem;
    use crate::shell::session::{Input, Session, TerminalId};
    use crate::simulation::timeline::World;

    fn enter(session: &mut Session, line: &str) -> String {
        let terminal = TerminalId::MAIN;
        session.apply(&Input::Command { terminal, line: line.into() });
        let end = session.now().after(Duration::from_secs(2));
        while session.next_at().is_some_and(|next| next <= end) {
            session.step();
        }
        session.wait_until(end);
        session.take_output(terminal)
    }

    fn tab(session: &Session) -> Option<String> {
        let names = session.files().list(super::WORKING_DIRECTORY).unwrap_or_default();
        names.iter().find(|name| name.starts_with("kubectl-edit")).map(|name| name.to_string())
    }

    #[test]
    fn kubectl_edit_waits_for_the_page_and_for_wq() {
        let mut session = Session::new(1);
        enter(&mut session, "kubectl create configmap note --from-literal=word=old");
        let said = enter(&mut session, "kubectl edit configmap note");
        assert!(said.contains("is open in the page's editor"), "{said}");
        assert!(session.is_busy(TerminalId::MAIN));
        let name = tab(&session).unwrap_or_default();
        let text = super::text(session.files(), &format!("{}/{name}", super::WORKING_DIRECTORY));
        let content = text.replace("word: old", "word: new");
        session.apply(&Input::WriteFile { path: name.as_str().into(), content });
        assert!(enter(&mut session, ":q").contains("E37"));
        assert!(enter(&mut session, "hello").contains("E492"));
        let said = enter(&mut session, ":wq");
        assert!(said.contains("configmap/note edited"), "{said}");
        assert_eq!(tab(&session), None);
        let word = enter(&mut session, "kubectl get cm note -o jsonpath='{.data.word}'");
        assert_eq!(word, "new");
    }

    #[test]
    fn changes_are_given_up_by_q_and_by_an_interrupt() {
        let mut session = Session::new(1);
        enter(&mut session, "kubectl create configmap note --from-literal=word=old");
        enter(&mut session, "kubectl edit configmap note");
        let said = enter(&mut session, ":q!");
        assert!(said.contains("Edit cancelled, no changes made."), "{said}");
        enter(&mut session, "kubectl edit configmap note");
        session.apply(&Input::Interrupt { terminal: TerminalId::MAIN });
        enter(&mut session, "true");
        assert!(!session.is_busy(TerminalId::MAIN));
        assert_eq!(tab(&session), None);
    }

    #[test]
    fn a_file_of_the_learner_is_edited_in_its_place() {
        let mut session = Session::new(1);
        enter(&mut session, "echo one > notes.txt");
        enter(&mut session, "vim notes.txt");
        session.apply(&Input::WriteFile { path: "notes.txt".into(), content: "two\n".into() });
        enter(&mut session, ":q!");
        assert_eq!(enter(&mut session, "cat notes.txt"), "one\n");
    }

    #[test]
    fn scripts_have_no_vi() {
        let mut session = Session::scripted(1);
        assert!(enter(&mut session, "vi notes.txt").contains("not simulated here"));
    }
}
