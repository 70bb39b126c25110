//! Processes in containers: a plain program, or a shell's tree with the programs it runs.
//!
//! Models what containerd and the kernel do for the kubelet. A program that needs no shell around
//! it is kept alone, so that thousands of web servers cost little.

use std::collections::BTreeMap;

use crate::api::pool;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::programs;
use crate::script::files::{Errno, FileSystem};
use crate::script::host::Output;
use crate::script::{
    Delivery, Environment, Flavour, Host, Io, Machine, Poll, ProcessId, Run, Settings, Signal,
    Start, StartError, Step,
};

use super::image::{Family, root};
use super::net::Net;
use super::program::stand_in::until;
use super::program::{Program, World};

/// A process of a container, with its children.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Process {
    /// None.
    #[default]
    Gone,
    /// A program alone.
    Plain(Box<Plain>),
    /// A shell or any other command with all it starts.
    Tree(Box<Tree>),
}

/// A program alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Plain {
    program: Program,
    title: EcoString,
    pid: u32,
    due: Option<Time>,
}

/// A process tree with the state of its programs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tree {
    /// The shell's machine.
    pub machine: Machine,
    programs: Programs,
    due: Option<Time>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Programs {
    running: BTreeMap<ProcessId, Started>,
    next: ProcessId,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Started {
    Special(Program),
    Common(programs::Process),
    // A command that the shell has built in and the image also has as a file.
    BuiltIn(Vec<EcoString>),
}

/// What a step brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stepped {
    /// What was printed.
    pub output: Output,
    /// The exit code, if it has ended.
    pub exit: Option<i32>,
}

/// A command to be started in a container.
pub struct Command<'a> {
    /// The words.
    pub argv: Vec<EcoString>,
    /// The environment.
    pub env: Environment,
    /// The working directory.
    pub cwd: EcoString,
    /// Number of the process.
    pub pid: u32,
    /// Whether it has a terminal.
    pub terminal: bool,
    /// Whether input may come.
    pub input: bool,
    /// What the image is made of.
    pub family: Family,
    /// Whether it is started now.
    pub now: Time,
    /// Files, to look for programs.
    pub files: &'a dyn FileSystem,
}

/// `executable file not found in $PATH` and its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFound(pub String);

impl Process {
    /// Starts a command.
    pub fn start(command: Command) -> Result<Process, NotFound> {
        let program = command.argv.first().cloned().unwrap_or_default();
        check_program(&program, &command)?;
        if let Some(found) = Program::start(command.family, &command.argv)
            && found.is_plain()
        {
            let (title, pid) = (pool::text(&command.argv.join(" ")), command.pid);
            let due = Some(command.now);
            return Ok(Process::Plain(Box::new(Plain { program: found, title, pid, due })));
        }
        let settings = Settings {
            flavour: Flavour::Busybox,
            cwd: command.cwd,
            env: command.env,
            first_pid: command.pid,
            terminal: command.terminal.then_some(80),
        };
        let mut machine = Machine::command(command.argv, settings);
        if !command.input {
            machine.close_input();
        }
        let (programs, due) = (Programs::default(), Some(command.now));
        Ok(Process::Tree(Box::new(Tree { machine, programs, due })))
    }

    /// A program that goes on in the background.
    pub fn daemon(program: Program, title: EcoString, pid: u32, now: Time) -> Process {
        Process::Plain(Box::new(Plain { program, title, pid, due: Some(now) }))
    }

    /// When it wants to run again by itself.
    pub fn due(&self) -> Option<Time> {
        match self {
            Process::Gone => None,
            Process::Plain(plain) => plain.due,
            Process::Tree(tree) => tree.due,
        }
    }

    /// Lets it run as far as it can.
    pub fn step(&mut self, world: &mut World, family: Family) -> Stepped {
        match self {
            Process::Gone => Stepped::default(),
            Process::Plain(plain) => plain.step(world),
            Process::Tree(tree) => tree.step(world, family),
        }
    }

    /// Signals a process in it; `None` if there is none of this number.
    pub fn signal(
        &mut self,
        world: &mut World,
        family: Family,
        pid: u32,
        signal: Signal,
    ) -> Option<Stepped> {
        match self {
            Process::Gone => None,
            Process::Plain(plain) if plain.pid == pid => Some(plain.signal(world, signal)),
            Process::Plain(_) => None,
            Process::Tree(tree) => {
                let Tree { machine, programs, .. } = &mut **tree;
                let mut host = ContainerHost { world, programs, family };
                machine.signal_pid(pid, signal, &mut host).then(|| tree.step(world, family))
            }
        }
    }

    /// Numbers and command lines of all processes in it.
    pub fn list(&self) -> Vec<(u32, EcoString)> {
        match self {
            Process::Gone => Vec::new(),
            Process::Plain(plain) => vec![(plain.pid, plain.title.clone())],
            Process::Tree(tree) => tree.machine.processes(),
        }
    }

    /// Whether it is a single program that looks at no files but its own.
    pub fn is_plain(&self) -> bool {
        !matches!(self, Process::Tree(_))
    }

    /// Gives it input.
    pub fn write_input(&mut self, bytes: &[u8], closed: bool) {
        if let Process::Tree(tree) = self {
            tree.machine.write_input(bytes);
            if closed {
                tree.machine.close_input();
            }
        }
    }

    /// Ctrl-C in its terminal.
    pub fn interrupt(&mut self, world: &mut World, family: Family) {
        if let Process::Tree(tree) = self {
            let Tree { machine, programs, .. } = &mut **tree;
            machine.interrupt(&mut ContainerHost { world, programs, family });
        }
    }

    /// It is over: its sockets are closed.
    pub fn release(&mut self, net: &mut Net, address: &str) {
        match std::mem::take(self) {
            Process::Gone => {}
            Process::Plain(mut plain) => plain.program.release(net, address),
            Process::Tree(mut tree) => {
                for started in tree.programs.running.values_mut() {
                    if let Started::Special(program) = started {
                        program.release(net, address);
                    }
                }
            }
        }
    }
}

// What containerd says about a first word that is no program.
fn check_program(program: &str, command: &Command) -> Result<(), NotFound> {
    if program.contains('/') {
        return match command.files.metadata(program) {
            Ok(found) if found.is_dir() => {
                Err(NotFound(format!("exec: \"{program}\": is a directory: permission denied")))
            }
            Ok(found) if found.mode & 0o111 == 0 => {
                Err(NotFound(format!("exec: \"{program}\": permission denied")))
            }
            Ok(_) => Ok(()),
            Err(error) => {
                let words = error.words().to_lowercase();
                Err(NotFound(format!("exec: \"{program}\": stat {program}: {words}")))
            }
        };
    }
    match root::find(command.files, program) {
        Some(_) => Ok(()),
        None => Err(NotFound(format!("exec: \"{program}\": executable file not found in $PATH"))),
    }
}

impl Plain {
    fn step(&mut self, world: &mut World) -> Stepped {
        let mut io = Io::default();
        let poll = self.program.poll(world, &mut io);
        let exit = match poll {
            Poll::Exited(code) => Some(code),
            Poll::Running { until } => {
                self.due = until.map(time);
                None
            }
            _ => None,
        };
        Stepped { output: io.output, exit }
    }

    fn signal(&mut self, world: &mut World, signal: Signal) -> Stepped {
        match self.program.signal(world.now, world.choice, signal) {
            Delivery::Handled => self.step(world),
            // The kernel keeps from process 1 what it has no handler for.
            Delivery::Default if self.pid == 1 || signal.ignored_by_default() => Stepped::default(),
            Delivery::Default => {
                self.program.release(world.net, world.address);
                Stepped { exit: Some(signal.exit_code()), ..Stepped::default() }
            }
        }
    }
}

impl Tree {
    fn step(&mut self, world: &mut World, family: Family) -> Stepped {
        let mut host = ContainerHost { world, programs: &mut self.programs, family };
        let step = self.machine.step(&mut host);
        let output = self.machine.take_output();
        let exit = match step {
            Step::Exited(code) => Some(code),
            Step::Idle => {
                self.due = None;
                None
            }
            Step::Blocked { until } => {
                self.due = until.map(time);
                None
            }
        };
        Stepped { output, exit }
    }
}

fn time(millis: u64) -> Time {
    Time((millis as i64).saturating_mul(1000))
}

fn built_in(argv: &[EcoString]) -> Option<Started> {
    let name = super::program::base_name(argv.first()?);
    root::BUILTINS.contains(&name).then(|| Started::BuiltIn(argv.to_vec()))
}

/// What a shell in a container lives in.
struct ContainerHost<'h, 'a, 'b> {
    world: &'h mut World<'a, 'b>,
    programs: &'h mut Programs,
    family: Family,
}

impl Host for ContainerHost<'_, '_, '_> {
    fn now_ms(&self) -> u64 {
        until(self.world.now)
    }

    fn files(&mut self) -> &mut dyn FileSystem {
        self.world.files
    }

    fn start(&mut self, start: Start<'_>) -> Result<ProcessId, StartError> {
        let name = start.argv.first().cloned().unwrap_or_default();
        let files: &dyn FileSystem = self.world.files;
        let known = match name.contains('/') {
            true => root::is_program(files, &name),
            false => root::find(files, &name).is_some(),
        };
        if !known {
            return Err(StartError::NotFound);
        }
        let special = Program::start(self.family, start.argv).map(Started::Special);
        let started = special
            .or_else(|| programs::Process::start(&start, Flavour::Busybox).map(Started::Common))
            .or_else(|| built_in(start.argv));
        let id = self.programs.next;
        self.programs.next += 1;
        self.programs.running.insert(id, started.ok_or(StartError::NotFound)?);
        Ok(id)
    }

    fn poll(&mut self, process: ProcessId, io: &mut Io) -> Poll {
        let Some(mut started) = self.programs.running.remove(&process) else {
            return Poll::Exited(127);
        };
        let poll = match &mut started {
            Started::Special(program) => program.poll(self.world, io),
            Started::Common(program) => program.poll(self, io),
            Started::BuiltIn(argv) => {
                let words = ["sh", "-c", "\"$0\" \"$@\""].into_iter().map(EcoString::from);
                let argv = words.chain(argv.iter().cloned()).collect();
                Poll::Become(Run { argv, env: None, stdin: None, capture: false })
            }
        };
        if !matches!(poll, Poll::Exited(_) | Poll::Become(_)) {
            self.programs.running.insert(process, started);
        }
        poll
    }

    fn kill(&mut self, process: ProcessId, signal: Signal) -> Delivery {
        match self.programs.running.get_mut(&process) {
            Some(Started::Special(program)) => {
                program.signal(self.world.now, self.world.choice, signal)
            }
            _ => Delivery::Default,
        }
    }

    fn forget(&mut self, process: ProcessId) {
        if let Some(Started::Special(mut program)) = self.programs.running.remove(&process) {
            program.release(self.world.net, self.world.address);
        }
    }

    fn find_program(&mut self, name: &str) -> Option<EcoString> {
        root::find(self.world.files, name)
    }

    fn kill_outside(&mut self, pid: u32, signal: Signal) -> Result<(), Errno> {
        let found = self.world.processes.iter().find(|seen| seen.pid == pid);
        let target = found.ok_or(Errno::NoProcess)?;
        let user = self.world.files.user;
        if !user.is_root() && user.uid != target.uid {
            return Err(Errno::NotPermitted);
        }
        self.world.signals.push((pid, signal));
        Ok(())
    }

    fn random(&mut self) -> u32 {
        self.world.choice.random() as u32
    }
}
