//! A session: the cluster, the learner's files and terminals, as one world that inputs act on.

use imbl::OrdMap;

use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::chance::Choice;
use crate::script::files::Tree;
use crate::simulation::cluster::Cluster;
use crate::simulation::fault::Fault;
use crate::simulation::setting::Setting;
use crate::simulation::timeline::World;

use super::terminal::Terminal;

/// Names a terminal of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TerminalId(pub u32);

impl TerminalId {
    /// The one that is always there.
    pub const MAIN: TerminalId = TerminalId(0);
}

/// Everything that a learner can do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// A line entered in a terminal: a command, or input for the one that runs.
    Command {
        /// Where.
        terminal: TerminalId,
        /// The text; several lines where a here-document needs them.
        line: EcoString,
    },
    /// Ctrl-C in a terminal.
    Interrupt {
        /// Where.
        terminal: TerminalId,
    },
    /// Ctrl-D in a terminal: the running command's input ends.
    EndOfInput {
        /// Where.
        terminal: TerminalId,
    },
    /// A file of the working directory saved by the editor.
    WriteFile {
        /// Its name.
        path: EcoString,
        /// Its text.
        content: EcoString,
    },
    /// A file of the working directory deleted in the editor.
    DeleteFile {
        /// Its name.
        path: EcoString,
    },
    /// Something that goes wrong on purpose.
    Fault(Fault),
    /// A setting of the cluster.
    Setting(Setting),
}

/// The cluster with the learner's files and terminals.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    cluster: Cluster,
    files: Tree,
    terminals: OrdMap<TerminalId, Terminal>,
    next_terminal: u32,
}

/// The learner's working directory; names of files are relative to it.
pub const WORKING_DIRECTORY: &str = "/home/learner";

impl Session {
    /// A session on a fresh cluster.
    pub fn new(seed: u64) -> Self {
        Self::on(Cluster::new(Choice::seeded(seed)))
    }

    /// A session whose shell reads a script, with no person at a terminal: as transcripts were
    /// recorded.
    pub fn scripted(seed: u64) -> Self {
        let mut session = Self::new(seed);
        session.terminals.insert(TerminalId::MAIN, Terminal::new(false));
        session
    }

    /// A session on this cluster.
    pub fn on(cluster: Cluster) -> Self {
        let mut files = Tree::new();
        let now_ms = cluster.now().milliseconds();
        files.make_dirs(WORKING_DIRECTORY, now_ms);
        files.make_dirs("/tmp", now_ms);
        let terminals = OrdMap::unit(TerminalId::MAIN, Terminal::default());
        Session { cluster, files, terminals, next_terminal: 1 }
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The learner's files.
    pub fn files(&self) -> &Tree {
        &self.files
    }

    /// A terminal.
    pub fn terminal(&self, id: TerminalId) -> Option<&Terminal> {
        self.terminals.get(&id)
    }

    /// All terminals in the order in which they were opened.
    pub fn terminals(&self) -> impl Iterator<Item = (TerminalId, &Terminal)> {
        self.terminals.iter().map(|(id, terminal)| (*id, terminal))
    }

    /// Opens another terminal, with the variables and functions of the main one.
    pub fn open_terminal(&mut self) -> TerminalId {
        let id = TerminalId(self.next_terminal);
        self.next_terminal += 1;
        self.ensure_terminal(id);
        id
    }

    fn ensure_terminal(&mut self, id: TerminalId) {
        if !self.terminals.contains_key(&id) {
            let main = self.terminals.get(&TerminalId::MAIN);
            let terminal = main.map(Terminal::beside).unwrap_or_default();
            self.terminals.insert(id, terminal);
        }
    }

    /// Closes a terminal.
    pub fn close_terminal(&mut self, id: TerminalId) {
        self.terminals.remove(&id);
    }

    /// Closes all terminals and opens the main one anew: another person comes.
    pub fn renew_terminals(&mut self) {
        self.terminals = OrdMap::unit(TerminalId::MAIN, Terminal::default());
        self.next_terminal = 1;
    }

    /// Whether a command runs in it.
    pub fn is_busy(&self, id: TerminalId) -> bool {
        self.terminal(id).is_some_and(Terminal::is_busy)
    }

    /// The exit code of its last command.
    pub fn exit_code(&self, id: TerminalId) -> i32 {
        self.terminal(id).map_or(0, Terminal::exit_code)
    }

    /// What it printed since it was asked last.
    pub fn take_output(&mut self, id: TerminalId) -> String {
        self.terminals.get_mut(&id).map(Terminal::take_output).unwrap_or_default()
    }

    /// Whether a scheduled Pod waits for its containers to be made.
    pub fn is_creating(&self) -> bool {
        self.cluster.lister().all(Kind::Pod).any(|pod| {
            let waiting = |list: &str| {
                let statuses = pod.status().get(list).items().iter();
                statuses
                    .map(|status| status.path(&["state", "waiting", "reason"]).str())
                    .any(|reason| matches!(reason, "ContainerCreating" | "PodInitializing"))
            };
            !pod.spec().get("nodeName").is_null()
                && (waiting("containerStatuses") || waiting("initContainerStatuses"))
        })
    }

    // Lets every terminal's commands run as far as they can at this time.
    fn run_terminals(&mut self) {
        let busy: Vec<TerminalId> =
            self.terminals.iter().filter(|(_, t)| t.has_work()).map(|(id, _)| *id).collect();
        for id in busy {
            if let Some(terminal) = self.terminals.get_mut(&id) {
                terminal.run(&mut self.cluster, &mut self.files);
            }
        }
    }

    fn wakes_at(&self) -> Option<Time> {
        self.terminals.values().filter_map(Terminal::wakes_at).min()
    }
}

impl World for Session {
    type Input = Input;

    fn now(&self) -> Time {
        self.cluster.now()
    }

    fn next_at(&self) -> Option<Time> {
        let wakes_at = self.wakes_at().map(|at| at.max(self.cluster.now()));
        match (self.cluster.next_at(), wakes_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    fn step(&mut self) {
        match (self.cluster.next_at(), self.wakes_at()) {
            (Some(next), Some(wakes)) if wakes < next => self.cluster.wait_until(wakes),
            (None, Some(wakes)) => self.cluster.wait_until(wakes),
            _ => self.cluster.step(),
        }
        self.run_terminals();
    }

    fn wait_until(&mut self, time: Time) {
        self.cluster.wait_until(time);
    }

    fn apply(&mut self, input: &Input) {
        match input {
            Input::Command { terminal, line } => {
                self.ensure_terminal(*terminal);
                if let Some(terminal) = self.terminals.get_mut(terminal) {
                    terminal.enter(self.cluster.now(), line);
                }
            }
            Input::Interrupt { terminal } => {
                if let Some(terminal) = self.terminals.get_mut(terminal) {
                    terminal.interrupt(&mut self.cluster, &mut self.files);
                }
            }
            Input::EndOfInput { terminal } => {
                if let Some(terminal) = self.terminals.get_mut(terminal) {
                    terminal.end_input();
                }
            }
            Input::WriteFile { path, content } => self.write_file(path, content),
            Input::DeleteFile { path } => {
                use crate::script::files::FileSystem;
                let path = crate::script::files::absolute(WORKING_DIRECTORY, path);
                // A file that is gone already is what was wanted.
                let _ = self.files.remove_file(&path);
            }
            Input::Fault(fault) => self.cluster.inject(fault),
            Input::Setting(setting) => self.cluster.configure(*setting),
        }
        self.run_terminals();
    }
}

impl Session {
    fn write_file(&mut self, path: &str, content: &str) {
        let path = crate::script::files::absolute(WORKING_DIRECTORY, path);
        let now_ms = self.cluster.now().milliseconds();
        if let Some((directory, _)) = path.rsplit_once('/') {
            self.files.make_dirs(directory, now_ms);
        }
        self.files.put(&path, content.as_bytes(), now_ms);
    }
}
