//! What the learner's shell lives in: files, text programs, and kubectl.

use imbl::OrdMap;

use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::client::Client;
use crate::kubectl;
use crate::programs;
use crate::script::files::{Errno, FileSystem, Tree, absolute};
use crate::script::host::{
    self, Delivery, Io, Poll, ProcessId, Run, Signal, Start, StartError, Stream,
};
use crate::simulation::cluster::Cluster;

use super::absent;
use super::vi::Vi;

/// How long a kubectl takes from its start to its first request.
const KUBECTL_START: Duration = Duration::from_millis(60);

/// A command that the terminal runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Running {
    /// kubectl
    Kubectl(Box<Kubectl>),
    /// A text program.
    Program(Box<programs::Process>),
    /// The editor.
    Vi(Box<Vi>),
    /// A tool that is not simulated, by name.
    Absent(EcoString),
}

/// A running kubectl with what it has not read yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kubectl {
    process: kubectl::Process,
    begins_at: Time,
    cwd: EcoString,
    stdin: kubectl::Stdin,
}

/// The host of a terminal's machine.
pub struct Host<'a> {
    /// The cluster.
    pub cluster: &'a mut Cluster,
    /// The files.
    pub files: &'a mut Tree,
    /// What runs.
    pub processes: &'a mut OrdMap<ProcessId, Running>,
    /// The next process's number.
    pub next_process: &'a mut ProcessId,
    /// Whether a person sits at the terminal.
    pub is_terminal: bool,
}

impl host::Host for Host<'_> {
    fn now_ms(&self) -> u64 {
        self.cluster.now().milliseconds()
    }

    fn files(&mut self) -> &mut dyn FileSystem {
        self.files
    }

    fn start(&mut self, start: Start<'_>) -> Result<ProcessId, StartError> {
        let name = start.argv.first().map(EcoString::as_str).unwrap_or_default();
        let running = match name.rsplit('/').next() {
            Some("kubectl") => Running::Kubectl(Box::new(Kubectl {
                process: kubectl::Process::start(start.argv[1..].to_vec(), start.env.clone()),
                begins_at: self.cluster.now().after(KUBECTL_START),
                cwd: start.cwd.into(),
                stdin: kubectl::Stdin::default(),
            })),
            Some(name) if self.is_terminal && Vi::NAMES.contains(&name) => {
                Running::Vi(Box::new(Vi::new(start.cwd, start.argv)))
            }
            _ => {
                let flavour = host::Flavour::Gnu;
                match (programs::Process::start(&start, flavour), absent::purpose(name)) {
                    (Some(process), _) => Running::Program(Box::new(process)),
                    (None, Some(_)) => Running::Absent(name.into()),
                    (None, None) => return Err(StartError::NotFound),
                }
            }
        };
        let id = *self.next_process;
        *self.next_process += 1;
        self.processes.insert(id, running);
        Ok(id)
    }

    fn poll(&mut self, id: ProcessId, io: &mut Io) -> Poll {
        let Some(mut running) = self.processes.remove(&id) else { return Poll::Exited(1) };
        let poll = match &mut running {
            Running::Kubectl(kubectl) => self.poll_kubectl(kubectl, io),
            Running::Program(program) => program.poll(self, io),
            Running::Absent(name) => absent::poll(name, io),
            Running::Vi(vi) => {
                let now_ms = self.cluster.now().milliseconds();
                vi.poll(self.files, io, now_ms)
            }
        };
        if !matches!(poll, Poll::Exited(_) | Poll::Become(_)) {
            self.processes.insert(id, running);
        }
        poll
    }

    fn kill(&mut self, id: ProcessId, signal: Signal) -> Delivery {
        match self.processes.get_mut(&id) {
            Some(Running::Kubectl(kubectl)) if signal == Signal::INT => {
                kubectl.process.interrupt();
                Delivery::Handled
            }
            Some(Running::Vi(vi)) if signal == Signal::INT => {
                vi.interrupt();
                Delivery::Handled
            }
            _ => Delivery::Default,
        }
    }

    fn forget(&mut self, id: ProcessId) {
        self.processes.remove(&id);
    }

    fn find_program(&mut self, name: &str) -> Option<EcoString> {
        let kubectl = name == "kubectl" || name == "/usr/bin/kubectl";
        let shell = matches!(name, "sh" | "bash");
        let editor = self.is_terminal && Vi::NAMES.contains(&name);
        match kubectl || shell || editor {
            true if name.contains('/') => Some(name.into()),
            true => Some(format!("/usr/bin/{name}").into()),
            false => programs::find_program(name, host::Flavour::Gnu),
        }
    }

    fn random(&mut self) -> u32 {
        self.cluster.random() as u32
    }
}

impl Host<'_> {
    fn poll_kubectl(&mut self, kubectl: &mut Kubectl, io: &mut Io) -> Poll {
        if self.cluster.now() < kubectl.begins_at {
            return Poll::Running { until: Some(kubectl.begins_at.milliseconds_up()) };
        }
        if io.child_running {
            return Poll::Running { until: None };
        }
        kubectl.stdin.bytes.extend(io.stdin.take_all());
        kubectl.stdin.closed = io.stdin.closed;
        kubectl.stdin.terminal = io.stdin_is_terminal;
        let mut files = Files { tree: self.files, cwd: &kubectl.cwd, now_ms: 0 };
        files.now_ms = self.cluster.now().milliseconds();
        let mut world = kubectl::World {
            client: self.cluster as &mut dyn Client,
            files: &mut files,
            stdin: &mut kubectl.stdin,
            output: &mut Printed(&mut io.output),
            child: io.finished.take().map(|finished| finished.code),
        };
        let poll = kubectl.process.poll(&mut world);
        match poll {
            kubectl::Poll::Running { until } => {
                Poll::Running { until: until.map(Time::milliseconds_up) }
            }
            kubectl::Poll::Exited(code) => Poll::Exited(code),
            kubectl::Poll::RunChild { command } => Poll::Run(Run {
                argv: vec!["sh".into(), "-c".into(), command],
                env: None,
                stdin: None,
                capture: false,
            }),
        }
    }
}

// Rounded up, so that waking then is never too early.
struct Printed<'a>(&'a mut host::Output);

impl kubectl::Streams for Printed<'_> {
    fn out(&mut self, bytes: &[u8]) {
        self.0.write(Stream::Out, bytes);
    }

    fn err(&mut self, bytes: &[u8]) {
        self.0.write(Stream::Err, bytes);
    }
}

/// The file store as kubectl sees it.
struct Files<'a> {
    tree: &'a mut Tree,
    cwd: &'a str,
    now_ms: u64,
}

fn file_error(errno: Errno) -> kubectl::files::FileError {
    use kubectl::files::FileError;
    match errno {
        Errno::NotFound => FileError::NotFound,
        Errno::IsADirectory => FileError::IsDirectory,
        Errno::NotADirectory => FileError::NotDirectory,
        _ => FileError::Denied,
    }
}

impl kubectl::Files for Files<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, kubectl::files::FileError> {
        let bytes = self.tree.read(&absolute(self.cwd, path)).map_err(file_error)?;
        Ok(bytes.to_vec())
    }

    fn write(&mut self, path: &str, content: &[u8]) -> Result<(), kubectl::files::FileError> {
        let path = absolute(self.cwd, path);
        if let Some((directory, _)) = path.rsplit_once('/') {
            self.tree.make_dirs(directory, self.now_ms);
        }
        self.tree.write(&path, content, self.now_ms).map_err(file_error)
    }

    fn make_directory(&mut self, path: &str) -> Result<(), kubectl::files::FileError> {
        self.tree.make_dirs(&absolute(self.cwd, path), self.now_ms);
        match self.is_directory(path) {
            true => Ok(()),
            false => Err(kubectl::files::FileError::NotDirectory),
        }
    }

    fn remove(&mut self, path: &str) -> Result<(), kubectl::files::FileError> {
        self.tree.remove_file(&absolute(self.cwd, path)).map_err(file_error)
    }

    fn list(&self, path: &str) -> Result<Vec<(String, bool)>, kubectl::files::FileError> {
        let directory = absolute(self.cwd, path);
        let names = self.tree.list(&directory).map_err(file_error)?;
        let is_directory = |name: &str| self.is_directory(&format!("{directory}/{name}"));
        Ok(names.iter().map(|name| (name.to_string(), is_directory(name))).collect())
    }

    fn is_directory(&self, path: &str) -> bool {
        let metadata = self.tree.metadata(&absolute(self.cwd, path));
        metadata.is_ok_and(|metadata| metadata.is_dir())
    }
}
