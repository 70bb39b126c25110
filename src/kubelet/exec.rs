//! Commands run in containers beside their main process: by `kubectl exec`, probes and hooks.
//!
//! Models `pkg/kubelet/kuberuntime` ExecSync and the streams of `pkg/kubelet/server`.

use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::client::node;
use crate::controller::reason::KubeletReason;
use crate::dns;
use crate::script::files::{FileSystem, Tree};
use crate::script::host::{Output, Stream};
use crate::script::{Signal, User};

use super::container::Ended;
use super::env;
use super::files::ContainerFiles;
use super::image::{Family, Image};
use super::kernel::Kernel;
use super::net::Owner;
use super::process::{Command, NotFound, Process, Stepped};
use super::program::{Program, Seen, World};
use super::spec::Place;
use super::user;
use super::worker::{Cx, Worker};

/// A command that runs in a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exec {
    /// Its number.
    pub id: u64,
    /// In which container.
    pub place: Place,
    /// What it runs; nothing for a stream that is attached to the main process.
    pub process: Process,
    /// Whether it shows the main process instead of one of its own.
    pub attached: bool,
    /// What it printed and nobody has taken yet.
    pub output: Output,
    /// Its exit code, once it has ended.
    pub exit: Option<i32>,
}

/// Bytes of a container's last words (`MaxContainerTerminationMessageLength`).
const MESSAGE_MAX: usize = 4096;
/// The same where its log stands for them (`MaxContainerTerminationMessageLogLength`).
const LOG_MESSAGE_MAX: usize = 2048;

fn last_part(bytes: &[u8], max: usize) -> String {
    let part = bytes.get(bytes.len().saturating_sub(max)..).unwrap_or(bytes);
    String::from_utf8_lossy(part).into_owned()
}

// Where a container leaves its last words.
fn message_path(declared: &crate::api::value::Value) -> &str {
    declared.get("terminationMessagePath").as_str().unwrap_or("/dev/termination-log")
}

/// How a command is started in a container.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExecOptions {
    /// Whether input may come.
    pub stdin: bool,
    /// Whether it has a terminal.
    pub tty: bool,
}

/// What a step did beside the process's own output.
#[derive(Default)]
struct Effects {
    log: Vec<(bool, Vec<u8>)>,
    signals: Vec<(u32, Signal)>,
    reasons: Vec<KubeletReason>,
    daemons: Vec<(EcoString, Program)>,
}

/// Which process of a container is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Main,
    Daemon(usize),
    Exec(u64),
}

impl Worker {
    /// Starts a command in a container; gives its number.
    pub fn start_exec(
        &mut self,
        cx: &mut Cx,
        place: Place,
        argv: Vec<EcoString>,
        options: ExecOptions,
    ) -> Result<u64, NotFound> {
        let env = self.containers[place].run.as_ref().map(|run| env::unpack(&run.env));
        let mut env = env.unwrap_or_default();
        if options.tty {
            env.entry("TERM".into()).or_insert_with(|| "xterm".into());
        }
        let cwd = self.spec().container(place).get("workingDir").as_str().unwrap_or("/").into();
        let pid = self.next_pid(place);
        self.make_identity();
        let started = self.in_container(cx, place, |world, family| {
            Process::start(Command {
                argv,
                env,
                cwd,
                pid,
                terminal: options.tty,
                input: options.stdin,
                family,
                now: world.now,
                files: world.files,
            })
        });
        let process = match started {
            Some(started) => started?,
            None => return Err(NotFound("container is not running".into())),
        };
        Ok(self.add_exec(place, process, false))
    }

    /// Attaches a stream to a container's main process; gives its number.
    pub fn attach(&mut self, place: Place) -> u64 {
        self.add_exec(place, Process::Gone, true)
    }

    fn add_exec(&mut self, place: Place, process: Process, attached: bool) -> u64 {
        self.next_exec += 1;
        let (id, output) = (self.next_exec, Output::default());
        self.execs.push(Exec { id, place, process, attached, output, exit: None });
        self.woken = true;
        id
    }

    /// A command that runs, or has ended and was not collected.
    pub fn exec(&mut self, id: u64) -> Option<&mut Exec> {
        self.execs.iter_mut().find(|exec| exec.id == id)
    }

    /// Ends a command, if it still runs, and forgets it.
    pub fn drop_exec(&mut self, cx: &mut Cx, id: u64) {
        if let Some(at) = self.execs.iter().position(|exec| exec.id == id) {
            let mut exec = self.execs.remove(at);
            exec.process.release(cx.net, self.address.as_deref().unwrap_or_default());
        }
    }

    // The next free process number of a container.
    fn next_pid(&self, place: Place) -> u32 {
        self.processes(place).iter().map(|seen| seen.pid).max().unwrap_or(0) + 6
    }

    /// The number of a container's main process.
    pub fn first_pid(&self, place: Place) -> u32 {
        let shared = |field| self.pod.path(&["spec", field]).is_true();
        if shared("shareProcessNamespace") || shared("hostPID") { 7 + place as u32 * 20 } else { 1 }
    }

    // All processes that a container sees.
    fn processes(&self, place: Place) -> Vec<Seen> {
        let shared = self.pod.path(&["spec", "shareProcessNamespace"]).is_true();
        let mut found = Vec::new();
        if shared {
            let uid = user::of_sandbox(&self.pod);
            found.push(Seen { pid: 1, title: "/pause".into(), uid });
        }
        for (other, container) in self.containers.iter().enumerate() {
            let Some(run) = container.run.as_ref().filter(|run| run.ended.is_none()) else {
                continue;
            };
            if other != place && !shared {
                continue;
            }
            let uid = self.user(other).uid;
            let execs = self.execs.iter().filter(|exec| exec.place == other);
            let listed = (run.process.list().into_iter())
                .chain(run.daemons.iter().flat_map(Process::list))
                .chain(execs.filter(|e| e.exit.is_none()).flat_map(|e| e.process.list()));
            found.extend(listed.map(|(pid, title)| Seen { pid, title, uid }));
        }
        found.sort();
        found
    }

    /// Who a container's processes are.
    pub fn user(&self, place: Place) -> User {
        user::of(&self.pod, self.spec().container(place), || self.family(place))
    }

    /// What a container's image is made of.
    pub fn family(&self, place: Place) -> Family {
        let name = match &self.containers[place].run {
            Some(run) => run.image.clone(),
            None => self.spec().container(place).get("image").str().into(),
        };
        let image = Image::named(&name);
        image.map_or(Family::Busybox, |image| image.family)
    }

    /// Runs something inside a container, as one of its processes would.
    pub fn in_container<R>(
        &mut self,
        cx: &mut Cx,
        place: Place,
        act: impl FnOnce(&mut World, Family) -> R,
    ) -> Option<R> {
        let (result, effects) = self.with_world(cx, place, act)?;
        self.apply(cx, place, effects);
        Some(result)
    }

    fn with_world<R>(
        &mut self,
        cx: &mut Cx,
        place: Place,
        act: impl FnOnce(&mut World, Family) -> R,
    ) -> Option<(R, Effects)> {
        let (processes, family) = (self.processes(place), self.family(place));
        let read_only =
            self.spec().container(place).path(&["securityContext", "readOnlyRootFilesystem"]);
        let read_only = read_only.is_true();
        let user = self.user(place);
        let message = message_path(self.spec().container(place)).to_string();
        let owner = Owner { node: cx.node.name.clone(), pod: self.pod.uid_text() };
        let address = self.address.clone().unwrap_or_default();
        let run = self.containers.get_mut(place)?.run.as_mut()?;
        let root = run.root.get_or_insert_with(|| cx.node.root(family));
        let mut files = ContainerFiles {
            root,
            mounts: &run.mounts,
            own: &mut self.own,
            disks: cx.disks,
            read_only,
            user: &user,
            message: &message,
            kernel: Kernel { processes: &processes, resources: &run.resources },
            log: Vec::new(),
        };
        let mut effects = Effects::default();
        let mut world = World {
            now: cx.now,
            files: &mut files,
            net: cx.net,
            choice: cx.choice,
            lister: cx.lister,
            pod: &self.pod,
            owner: &owner,
            address: &address,
            processes: &processes,
            signals: &mut effects.signals,
            reasons: &mut effects.reasons,
            daemons: &mut effects.daemons,
        };
        let result = act(&mut world, family);
        effects.log = files.log;
        Some((result, effects))
    }

    // The files that say what the Pod is called are made when somebody may look at them.
    fn make_identity(&mut self) {
        let made = self.own.first().is_some_and(|tree| tree.exists("/hosts"));
        if made || self.own.is_empty() {
            return;
        }
        let address = self.address.clone().unwrap_or_default();
        let mut tree = Tree::new();
        tree.put("/hosts", dns::pod::hosts_file(&self.pod, &address).as_bytes(), 0);
        tree.put("/resolv.conf", dns::pod::resolv_conf(&self.pod).text().as_bytes(), 0);
        tree.put("/hostname", format!("{}\n", dns::pod::hostname(&self.pod)).as_bytes(), 0);
        self.own[0] = tree;
    }

    fn apply(&mut self, cx: &mut Cx, place: Place, effects: Effects) {
        for (error, bytes) in effects.log {
            self.print(cx.now, place, error, &bytes);
        }
        for (title, program) in effects.daemons {
            let pid = self.next_pid(place);
            let daemon = Process::daemon(program, title, pid, cx.now);
            if let Some(run) = &mut self.containers[place].run {
                run.daemons.push(daemon);
                self.woken = true;
            }
        }
        for reason in effects.reasons {
            self.explain(cx, reason);
        }
        for (pid, signal) in effects.signals {
            self.signal(cx, place, pid, signal);
        }
    }

    // The main process prints: into the log and to those who are attached.
    fn print(&mut self, now: Time, place: Place, error: bool, bytes: &[u8]) {
        if let Some(run) = &mut self.containers[place].run {
            run.log.write(now, error, bytes);
        }
        let stream = if error { Stream::Err } else { Stream::Out };
        let attached = self.execs.iter_mut().filter(|e| e.attached && e.place == place);
        for exec in attached.filter(|exec| exec.exit.is_none()) {
            exec.output.write(stream, bytes);
        }
    }

    fn take(&mut self, place: Place, which: Which) -> Option<Process> {
        let run = self.containers[place].run.as_mut();
        let process = match which {
            Which::Main => &mut run?.process,
            Which::Daemon(index) => run?.daemons.get_mut(index)?,
            Which::Exec(id) => &mut self.exec(id)?.process,
        };
        Some(std::mem::take(process))
    }

    fn put(&mut self, place: Place, which: Which, process: Process) {
        let run = self.containers[place].run.as_mut();
        match which {
            Which::Main => drop(run.map(|run| run.process = process)),
            Which::Daemon(index) => {
                if let Some(daemon) = run.and_then(|run| run.daemons.get_mut(index)) {
                    *daemon = process;
                }
            }
            Which::Exec(id) => {
                if let Some(exec) = self.exec(id) {
                    exec.process = process;
                }
            }
        }
    }

    fn step(&mut self, cx: &mut Cx, place: Place, which: Which) {
        let Some(mut process) = self.take(place, which) else { return };
        if !process.is_plain() {
            self.make_identity();
        }
        let stepped = self.with_world(cx, place, |world, family| process.step(world, family));
        self.put(place, which, process);
        if let Some((stepped, effects)) = stepped {
            self.absorb(cx, place, which, stepped);
            self.apply(cx, place, effects);
        }
    }

    fn absorb(&mut self, cx: &mut Cx, place: Place, which: Which, stepped: Stepped) {
        for (stream, bytes) in &stepped.output.0 {
            match which {
                Which::Main => self.print(cx.now, place, *stream == Stream::Err, bytes),
                Which::Daemon(_) => {}
                Which::Exec(id) => {
                    if let Some(exec) = self.exec(id) {
                        exec.output.write(*stream, bytes);
                    }
                }
            }
        }
        let Some(code) = stepped.exit else { return };
        match which {
            Which::Main => self.end_run(cx, place, Ended::new(cx.now, code)),
            Which::Daemon(index) => {
                if let Some(run) = &mut self.containers[place].run
                    && let Some(daemon) = run.daemons.get_mut(index)
                {
                    daemon.release(cx.net, self.address.as_deref().unwrap_or_default());
                }
            }
            Which::Exec(id) => {
                let address = self.address.clone().unwrap_or_default();
                if let Some(exec) = self.execs.iter_mut().find(|exec| exec.id == id) {
                    exec.exit = Some(code);
                    exec.process.release(cx.net, &address);
                }
            }
        }
    }

    /// A container's main process has ended, and everything in it with it.
    pub fn end_run(&mut self, cx: &mut Cx, place: Place, mut ended: Ended) {
        let address = self.address.clone().unwrap_or_default();
        let declared = self.spec().container(place).clone();
        let path = message_path(&declared);
        let Some(run) = &mut self.containers[place].run else { return };
        if ended.message.is_empty() {
            let left = run.root.as_ref().and_then(|root| root.read(path).ok());
            let left = last_part(&left.unwrap_or_default(), MESSAGE_MAX);
            let falls_back =
                declared.get("terminationMessagePolicy").str() == "FallbackToLogsOnError";
            ended.message = match left.is_empty() && falls_back && ended.code != 0 {
                true => last_part(run.log.last_lines(80).as_bytes(), LOG_MESSAGE_MAX).into(),
                false => left.into(),
            };
        }
        run.ended = Some(Box::new(ended));
        run.process.release(cx.net, &address);
        for mut daemon in run.daemons.take() {
            daemon.release(cx.net, &address);
        }
        let code = run.ended.as_ref().map_or(0, |ended| ended.code);
        for exec in self.execs.iter_mut().filter(|e| e.place == place && e.exit.is_none()) {
            exec.exit = Some(if exec.attached { code } else { 137 });
            exec.process.release(cx.net, &address);
        }
    }

    /// Signals a process of a container.
    pub fn signal(&mut self, cx: &mut Cx, place: Place, pid: u32, signal: Signal) {
        let shared = self.pod.path(&["spec", "shareProcessNamespace"]).is_true();
        let places: Vec<Place> = match shared {
            true => (0..self.containers.len()).collect(),
            false => vec![place],
        };
        for place in places {
            let execs = self.execs.iter().filter(|exec| exec.place == place);
            let mut all: Vec<Which> = execs.map(|exec| Which::Exec(exec.id)).collect();
            let daemons = self.containers[place].run.as_ref().map_or(0, |run| run.daemons.len());
            all.extend((0..daemons).map(Which::Daemon));
            all.push(Which::Main);
            for which in all {
                let Some(mut process) = self.take(place, which) else { continue };
                let stepped = self.with_world(cx, place, |world, family| {
                    process.signal(world, family, pid, signal)
                });
                self.put(place, which, process);
                if let Some((Some(stepped), effects)) = stepped {
                    self.absorb(cx, place, which, stepped);
                    return self.apply(cx, place, effects);
                }
            }
        }
    }

    /// Lets every process run that has something to do; true if there was one.
    pub fn run_processes(&mut self, cx: &mut Cx) -> bool {
        let woken = std::mem::take(&mut self.woken);
        let mut busy = false;
        let is_due = |process: &Process| woken || process.due().is_some_and(|due| due <= cx.now);
        let mut due = Vec::new();
        for (place, container) in self.containers.iter().enumerate() {
            let Some(run) = container.run.as_ref().filter(|run| run.ended.is_none()) else {
                continue;
            };
            if is_due(&run.process) {
                due.push((place, Which::Main));
            }
            for (index, daemon) in run.daemons.iter().enumerate() {
                if is_due(daemon) {
                    due.push((place, Which::Daemon(index)));
                }
            }
        }
        for exec in self.execs.iter().filter(|exec| exec.exit.is_none() && !exec.attached) {
            if is_due(&exec.process) {
                due.push((exec.place, Which::Exec(exec.id)));
            }
        }
        for (place, which) in due {
            if self.containers[place].is_running() {
                self.step(cx, place, which);
                busy = true;
            }
        }
        busy
    }

    /// Hands input over to a stream.
    pub fn write_stream(&mut self, cx: &mut Cx, id: u64, input: &node::Input) {
        let Some(exec) = self.exec(id) else { return };
        let (place, attached) = (exec.place, exec.attached);
        if !attached {
            exec.process.write_input(&input.bytes, input.closed);
        } else if let Some(run) = &mut self.containers[place].run {
            run.process.write_input(&input.bytes, input.closed);
        }
        if input.interrupt {
            let which = if attached { Which::Main } else { Which::Exec(id) };
            if let Some(mut process) = self.take(place, which) {
                let done = self.with_world(cx, place, |world, family| {
                    process.interrupt(world, family);
                });
                self.put(place, which, process);
                if let Some(((), effects)) = done {
                    self.apply(cx, place, effects);
                }
            }
        }
        self.woken = true;
    }

    /// Takes what came out of a stream; it is forgotten when it has ended.
    pub fn read_stream(&mut self, cx: &mut Cx, id: u64) -> node::Output {
        let mut taken = node::Output::default();
        let Some(exec) = self.exec(id) else { return node::Output { exit: Some(137), ..taken } };
        // Standard output is shown before standard error: what came after that waits.
        let mut parts = std::mem::take(&mut exec.output).0.into_iter().peekable();
        while let Some((stream, bytes)) =
            parts.next_if(|(stream, _)| *stream == Stream::Err || taken.stderr.is_empty())
        {
            match stream {
                Stream::Out => taken.stdout.extend(bytes),
                Stream::Err => taken.stderr.extend(bytes),
            }
        }
        exec.output = Output(parts.collect());
        if !exec.output.is_empty() {
            return taken;
        }
        taken.exit = exec.exit;
        if taken.exit.is_some() {
            self.drop_exec(cx, id);
        }
        taken
    }
}
