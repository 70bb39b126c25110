//! Probes: is a container started, alive, ready?
//!
//! Models `pkg/kubelet/prober` (worker.go, prober.go). gRPC servers are not simulated, so a gRPC
//! probe fails as it does when nobody answers.

use crate::api::time::{Duration, Time};
use crate::api::value::Value;

use crate::controller::reason::KubeletReason;

use super::ask::{self, Answer, Ask};
use super::container::ContainerId;
use super::exec::ExecOptions;
use super::process::NotFound;
use super::spec::{Place, RestartPolicy};
use super::status;
use super::sync::Work;
use super::worker::{Cx, Stage, Worker};

/// What a probe is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProbeKind {
    /// A container that fails it is restarted.
    Liveness,
    /// A container that fails it gets no traffic.
    Readiness,
    /// The other two wait for it; a container that fails it is restarted.
    Startup,
}

/// A probe of a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Probe {
    /// Of which container.
    pub place: Place,
    /// What it is for.
    pub kind: ProbeKind,
    // When its ticker ticks next.
    tick: Time,
    // Asked for out of turn, then.
    manual: Option<Time>,
    // The run that it is about.
    run: ContainerId,
    last: Option<bool>,
    in_a_row: u32,
    // Nothing is asked until the container is a new one.
    on_hold: bool,
    running: Option<(Running, Time)>,
}

/// A question that is being answered, to be given up at a time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Running {
    Exec(u64),
    Ask(Ask),
}

/// What a probe found.
enum Outcome {
    Success,
    Failure(String),
    // Thrown away.
    Error(String),
    Pending(Running),
}

impl ProbeKind {
    const ALL: [ProbeKind; 3] = [ProbeKind::Liveness, ProbeKind::Readiness, ProbeKind::Startup];

    fn field(self) -> &'static str {
        match self {
            ProbeKind::Liveness => "livenessProbe",
            ProbeKind::Readiness => "readinessProbe",
            ProbeKind::Startup => "startupProbe",
        }
    }

    fn title(self) -> &'static str {
        match self {
            ProbeKind::Liveness => "Liveness",
            ProbeKind::Readiness => "Readiness",
            ProbeKind::Startup => "Startup",
        }
    }
}

fn seconds(declared: &Value, field: &str, default: u64) -> u64 {
    declared.get(field).as_i64().and_then(|n| u64::try_from(n).ok()).unwrap_or(default)
}

impl Worker {
    /// Begins to probe; tickers start now.
    ///
    /// Models prober_manager.go AddPod.
    pub fn add_probes(&mut self, cx: &Cx) {
        for place in 0..self.spec().count() {
            for kind in ProbeKind::ALL {
                if !self.spec().container(place).get(kind.field()).is_null() {
                    self.probes.push(Probe {
                        place,
                        kind,
                        tick: cx.now,
                        manual: None,
                        run: ContainerId::default(),
                        last: None,
                        in_a_row: 0,
                        on_hold: false,
                        running: None,
                    });
                }
            }
        }
    }

    fn declared_probe(&self, probe: &Probe) -> Value {
        self.spec().container(probe.place).get(probe.kind.field()).clone()
    }

    /// When a probe is due next.
    pub fn probes_due(&self) -> Option<Time> {
        let due = |probe: &Probe| {
            let known = self.containers[probe.place].seems_running();
            if !known || probe.on_hold {
                return None;
            }
            let running = probe.running.as_ref().map(|(_, deadline)| *deadline);
            Some(running.unwrap_or(probe.manual.map_or(probe.tick, |at| at.min(probe.tick))))
        };
        self.probes.iter().filter_map(due).min()
    }

    /// Asks the readiness probes of containers that are not ready, out of turn.
    ///
    /// Models prober_manager.go UpdatePodStatus.
    pub fn ask_unready(&mut self, cx: &mut Cx) {
        for index in 0..self.probes.len() {
            let probe = &self.probes[index];
            let run = self.containers[probe.place].run.as_ref().filter(|r| r.seems_running());
            let unready = run.is_some_and(|run| run.startup && run.post_started && !run.ready);
            if probe.kind == ProbeKind::Readiness && unready && probe.running.is_none() {
                // It takes a moment, in which the status is written.
                let at = cx.soon(28, 45);
                self.probes[index].manual.get_or_insert(at);
            }
        }
    }

    /// Does what probes have to do; true if there was something.
    pub fn run_probes(&mut self, cx: &mut Cx) -> bool {
        let mut busy = false;
        for index in 0..self.probes.len() {
            let mut probe = self.probes[index].clone();
            if let Some((running, deadline)) = probe.running.take() {
                let outcome = self.continue_probe(cx, &probe, running, deadline);
                if let Outcome::Pending(running) = outcome {
                    self.probes[index].running = Some((running, deadline));
                    continue;
                }
                self.probes[index].running = None;
                self.judge(cx, index, outcome);
                busy = true;
                continue;
            }
            let period = seconds(&self.declared_probe(&probe), "periodSeconds", 10).max(1);
            let period = Duration::from_secs(period);
            let ticks = probe.tick <= cx.now;
            if ticks {
                // Ticks that nobody was there for are not made up for.
                let missed = cx.now.since(probe.tick).as_micros() / period.as_micros();
                self.probes[index].tick =
                    probe.tick.after(period * u32::try_from(missed + 1).unwrap_or(1));
            }
            let late = ticks && cx.now.since(probe.tick) >= Duration::from_millis(50);
            let asked = probe.manual.is_some_and(|at| at <= cx.now);
            if (ticks && !late) || asked {
                self.probes[index].manual = None;
                busy |= self.tick(cx, index);
            }
        }
        busy
    }

    /// Models worker.go doProbe. True if something was asked.
    fn tick(&mut self, cx: &mut Cx, index: usize) -> bool {
        let probe = self.probes[index].clone();
        let declared = self.declared_probe(&probe);
        let container = &self.containers[probe.place];
        let Some(run) = container.run.as_ref().filter(|run| run.seems_running()) else {
            return false;
        };
        if probe.run != run.id {
            let probe = &mut self.probes[index];
            (probe.run, probe.on_hold, probe.last, probe.in_a_row) = (run.id, false, None, 0);
        }
        let stopping = self.stage != Stage::Sync && probe.kind != ProbeKind::Readiness;
        let delay = seconds(&declared, "initialDelaySeconds", 0) as i64;
        let early = cx.now.seconds() - run.started.seconds() < delay;
        let started = run.startup && run.post_started;
        let wrong_time = started == (probe.kind == ProbeKind::Startup);
        if self.probes[index].on_hold || stopping || early || wrong_time {
            return false;
        }
        let timeout = seconds(&declared, "timeoutSeconds", 1).max(1);
        let deadline = cx.now.after(Duration::from_secs(timeout));
        match self.ask_probe(cx, &probe, &declared) {
            Outcome::Pending(running) => {
                self.probes[index].running = Some((running, deadline));
                self.woken = true;
            }
            outcome => self.judge(cx, index, outcome),
        }
        true
    }

    fn ask_probe(&mut self, cx: &mut Cx, probe: &Probe, declared: &Value) -> Outcome {
        let exec = declared.get("exec");
        if !exec.is_null() {
            if !self.containers[probe.place].is_running() {
                let why = "rpc error: code = Unknown desc = failed to exec in container: container \
                           is in CONTAINER_EXITED state";
                return Outcome::Error(why.into());
            }
            let words = exec.get("command").items().iter();
            let argv = words.map(|word| word.str().into()).collect();
            return match self.start_exec(cx, probe.place, argv, ExecOptions::default()) {
                Ok(id) => Outcome::Pending(Running::Exec(id)),
                Err(NotFound(why)) => Outcome::Error(format!(
                    "rpc error: code = Unknown desc = failed to exec in container: failed to start \
                     exec: OCI runtime exec failed: exec failed: unable to start container \
                     process: {why}: unknown"
                )),
            };
        }
        if let Some(why) = ask::port_error(self.spec().container(probe.place), declared) {
            return Outcome::Error(why);
        }
        match self.ask(cx, probe.place, declared) {
            Ok(ask) => Outcome::Pending(Running::Ask(ask)),
            Err(Answer::Yes) => Outcome::Success,
            Err(Answer::No(why)) => Outcome::Failure(why),
        }
    }

    fn continue_probe(
        &mut self,
        cx: &mut Cx,
        probe: &Probe,
        running: Running,
        deadline: Time,
    ) -> Outcome {
        let over = deadline <= cx.now;
        match running {
            Running::Exec(id) => {
                let Some(exec) = self.exec(id) else { return Outcome::Error("gone".into()) };
                match exec.exit {
                    None if !over => Outcome::Pending(Running::Exec(id)),
                    None => {
                        self.drop_exec(cx, id);
                        Outcome::Failure(self.timed_out(probe))
                    }
                    Some(code) => {
                        let text = std::mem::take(&mut exec.output).both();
                        self.drop_exec(cx, id);
                        if code == 0 { Outcome::Success } else { Outcome::Failure(text) }
                    }
                }
            }
            Running::Ask(ask) => match ask.poll(cx, over) {
                Ok(ask) => Outcome::Pending(Running::Ask(ask)),
                Err(Answer::Yes) => Outcome::Success,
                Err(Answer::No(why)) => Outcome::Failure(why),
            },
        }
    }

    fn timed_out(&self, probe: &Probe) -> String {
        let declared = self.declared_probe(probe);
        let words = declared.path(&["exec", "command"]).items().iter();
        let command: Vec<&str> = words.map(Value::str).collect();
        let timeout = seconds(&declared, "timeoutSeconds", 1).max(1);
        format!("command timed out: \"{}\" timed out after {timeout}s", command.join(" "))
    }

    // An outcome counts when enough of its kind have come in a row.
    fn judge(&mut self, cx: &mut Cx, index: usize, outcome: Outcome) {
        let (place, kind) = (self.probes[index].place, self.probes[index].kind);
        let title = kind.title();
        let success = match outcome {
            Outcome::Success => true,
            Outcome::Failure(why) => {
                let message = format!("{title} probe failed: {why}");
                self.record_at(cx, place, (true, "Unhealthy"), message);
                false
            }
            Outcome::Error(why) => {
                let message = format!("{title} probe errored and resulted in unknown state: {why}");
                return self.record_at(cx, place, (true, "Unhealthy"), message);
            }
            Outcome::Pending(_) => return,
        };
        let declared = self.declared_probe(&self.probes[index]);
        let probe = &mut self.probes[index];
        probe.in_a_row = if probe.last == Some(success) { probe.in_a_row + 1 } else { 1 };
        probe.last = Some(success);
        let threshold = match success {
            true => seconds(&declared, "successThreshold", 1),
            false => seconds(&declared, "failureThreshold", 3),
        };
        if u64::from(probe.in_a_row) < threshold.max(1) {
            return;
        }
        if !success && kind != ProbeKind::Readiness {
            (probe.on_hold, probe.in_a_row) = (true, 0);
        }
        self.set_result(cx, place, kind, success);
    }

    fn set_result(&mut self, cx: &mut Cx, place: Place, kind: ProbeKind, success: bool) {
        let Some(run) = &mut self.containers[place].run else { return };
        let changed = match kind {
            ProbeKind::Readiness => std::mem::replace(&mut run.ready, success) != success,
            ProbeKind::Startup if success => !std::mem::replace(&mut run.startup, true),
            ProbeKind::Liveness if success => false,
            ProbeKind::Liveness | ProbeKind::Startup => {
                run.unhealthy = Some(kind);
                true
            }
        };
        if !changed {
            return;
        }
        if kind == ProbeKind::Readiness {
            let container = self.name_of(place);
            self.explain(
                cx,
                match success {
                    true => KubeletReason::Ready { container },
                    false => KubeletReason::NotReady { container },
                },
            );
        }
        if kind == ProbeKind::Startup && success {
            return self.show_started(cx, place);
        }
        match (self.stage, &self.work) {
            (Stage::Sync, Work::Idle) => self.sync_at(cx.now),
            (Stage::Sync, _) => {
                self.set_status(cx);
                self.sync_at(cx.now);
            }
            _ => self.set_status(cx),
        }
    }

    // That a container has started is shown before what follows from it.
    //
    // Models status_manager.go SetContainerStartup.
    fn show_started(&mut self, cx: &mut Cx, place: Place) {
        let ready = |worker: &mut Worker, value: bool| {
            let run = worker.containers[place].run.as_mut();
            run.is_some_and(|run| std::mem::replace(&mut run.ready, value))
        };
        let was_ready = ready(self, false);
        let status = status::held(self, cx, status::generate(self, cx));
        self.status = None;
        self.send_status(cx, status);
        ready(self, was_ready);
        let at = cx.soon(8, 15);
        self.sync_at(at);
    }

    /// Begins to stop containers that failed their liveness or startup probe.
    pub fn kill_unhealthy(&mut self, cx: &mut Cx) -> bool {
        let mut any = false;
        for place in 0..self.containers.len() {
            let Some(run) = &mut self.containers[place].run else { continue };
            let Some(kind) = run.unhealthy.take().filter(|_| run.ended.is_none()) else { continue };
            let probe = kind.title().to_lowercase();
            let name = self.spec().name(place);
            // Without restarts it is stopped all the same.
            let end = match self.spec().restart_policy() {
                RestartPolicy::Never => "",
                _ => ", will be restarted",
            };
            let message = format!("Container {name} failed {probe} probe{end}");
            let declared = self.spec().container(place).get(kind.field());
            let own = declared.get("terminationGracePeriodSeconds").as_i64();
            let grace = own.map_or(self.spec().grace(), |s| Duration::from_secs(s.max(0) as u64));
            let (container, probe) = (self.name_of(place), probe.into());
            self.explain(cx, KubeletReason::ProbeFailed { container, probe });
            self.kill(cx, place, grace, &message);
            any = true;
        }
        any
    }
}
