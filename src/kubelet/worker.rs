//! One Pod on a node: a state machine that syncs, stops and finally lets it go.
//!
//! Models `pkg/kubelet/pod_workers.go` and `kubelet.go` (SyncPod, SyncTerminatingPod,
//! SyncTerminatedPod). Time passes between its steps; it is woken by timers and changes.

use std::collections::VecDeque;

use crate::api::object::Object;
use crate::api::pod::is_terminal;
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, DeleteOptions, Request};
use crate::chance::Choice;
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::controller::Reason;
use crate::controller::reason::KubeletReason;
use crate::script::files::Tree;

use super::Output;
use super::Timer;
use super::container::{Container, Ended};
use super::disks::Disks;
use super::exec::Exec;
use super::kill::Kill;
use super::mount::Mounting;
use super::net::Net;
use super::node::Shared;
use super::probe::Probe;
use super::rare::Rare;
use super::resize::Resize;
use super::spec::{Place, Spec};
use super::status;
use super::sync::Work;
use super::volume::Volume;

/// What a worker may see and change besides itself.
pub struct Cx<'a> {
    /// The time.
    pub now: Time,
    /// Chance.
    pub choice: &'a mut Choice,
    /// The API server's objects.
    pub lister: Lister<'a>,
    /// What it wants done.
    pub out: &'a mut Vec<Output>,
    /// What the Pods of the node share.
    pub node: &'a mut Shared,
    /// All disks.
    pub disks: &'a mut Disks,
    /// The network.
    pub net: &'a mut Net,
}

impl Cx<'_> {
    /// The instant after a time between `least` and `most` milliseconds.
    pub fn soon(&mut self, least: u64, most: u64) -> Time {
        self.now.after(self.choice.latency(least * 1000, most * 1000))
    }

    /// `span` times a random factor between 1 and 1.5 (`wait.Jitter`).
    pub fn jitter(&mut self, span: Duration) -> Duration {
        let extra = self.choice.below(span.as_micros() as u64 / 2 + 1);
        span + Duration::from_micros(extra)
    }
}

/// How far a Pod is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It is kept as its spec wants it.
    Sync,
    /// Its containers are being stopped.
    Terminating,
    /// They have stopped; volumes are being unmounted.
    Terminated,
    /// Nothing is left to do but to forget it when its object is gone.
    Done,
}

// A status that somebody else has changed is written again within this time (`syncPeriod`).
const RECONCILE_MILLIS: u64 = 10_000;

/// A Pod's worker.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Worker {
    /// The Pod as last seen.
    pub pod: Object,
    /// How far it is.
    pub stage: Stage,
    /// What the sync that is under way waits for.
    pub work: Work,
    /// Containers that the sync under way has still to start.
    pub todo: Rare<VecDeque<Place>>,
    /// What has become of the sync under way.
    pub outcome: SyncOutcome,
    /// When it is looked at next.
    pub next_sync: Option<Time>,
    /// Its containers by place.
    pub containers: Vec<Container>,
    /// Its address, once it has a sandbox.
    pub address: Option<EcoString>,
    /// Whether the sandbox is there.
    pub sandbox: bool,
    /// Whether its volumes are mounted.
    pub mounted: bool,
    /// What is known of volumes that do not come.
    pub mounting: Option<Box<Mounting>>,
    /// Its volumes, once they are mounted.
    pub volumes: Vec<Volume>,
    /// Files that belong to the Pod; the first tree says what it is called.
    pub own: Vec<Tree>,
    /// Commands that run in its containers beside their main processes.
    pub execs: Rare<Vec<Exec>>,
    /// Number of commands so far.
    pub next_exec: u64,
    /// What it was given of the node, if its spec asks or asked for something else.
    pub resize: Option<Box<Resize>>,
    /// Its probes.
    pub probes: Rare<Vec<Probe>>,
    /// Whether something has arrived that its processes should look at.
    pub woken: bool,
    /// Containers being stopped.
    pub kills: Rare<Vec<Kill>>,
    /// The status to be written, and when.
    pub status: Option<Box<(Time, Value)>>,
    /// Whether its time was over (`activeDeadlineSeconds`).
    pub deadline_exceeded: bool,
    /// Whether its object is gone though its containers may run.
    pub orphaned: bool,
    /// When the next stage begins.
    pub stage_due: Option<Time>,
    /// The timer that was asked for last.
    pub timer: Option<Time>,
}

/// What has become of a sync.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SyncOutcome {
    /// A container was started or tried to.
    pub started: bool,
    /// The sandbox was made.
    pub sandbox_made: bool,
    /// Something failed that is tried again at the usual pace.
    pub failed: bool,
    /// The shortest back-off that was not over.
    pub backoff: Option<Duration>,
}

impl Worker {
    /// A worker for a Pod that was just seen.
    pub fn new(pod: Object, now: Time) -> Self {
        let count = Spec::of(&pod).count();
        Worker {
            pod,
            stage: Stage::Sync,
            work: Work::Idle,
            todo: Rare::default(),
            outcome: SyncOutcome::default(),
            next_sync: Some(now),
            containers: vec![Container::default(); count],
            address: None,
            sandbox: false,
            mounted: false,
            mounting: None,
            volumes: Vec::new(),
            own: Vec::new(),
            execs: Rare::default(),
            next_exec: 0,
            resize: None,
            probes: Rare::default(),
            woken: false,
            kills: Rare::default(),
            status: None,
            deadline_exceeded: false,
            orphaned: false,
            stage_due: None,
            timer: None,
        }
    }

    /// The Pod's spec.
    pub fn spec(&self) -> Spec<'_> {
        Spec::of(&self.pod)
    }

    /// Asks for a sync at this time, unless one is due before.
    pub fn sync_at(&mut self, at: Time) {
        self.next_sync = Some(self.next_sync.map_or(at, |next| next.min(at)));
    }

    /// The Pod's object has changed.
    ///
    /// Models pkg/kubelet/pod_workers.go UpdatePod.
    pub fn changed(&mut self, cx: &mut Cx, pod: &Object) {
        let seen = |pod: &Object, field| pod.metadata().get(field).clone();
        let differs = |field| seen(&self.pod, field) != seen(pod, field);
        let update = self.pod.spec() != pod.spec()
            || ["labels", "annotations", "deletionTimestamp", "deletionGracePeriodSeconds"]
                .iter()
                .any(|field| differs(field));
        self.remember_allocation(pod);
        let contradicted = self.is_contradicted(cx, pod);
        self.pod = pod.clone();
        match self.stage {
            Stage::Sync if pod.is_terminating() || has_ended(pod) => self.terminate(cx),
            Stage::Sync if update => self.sync_at(cx.now),
            Stage::Sync if contradicted => {
                let at = cx.soon(0, RECONCILE_MILLIS);
                self.sync_at(at);
            }
            Stage::Terminating if update => self.shorten_grace(cx),
            Stage::Done if pod.is_terminating() => self.delete_object(cx),
            _ => {}
        }
    }

    /// Whether somebody else (the node controller) has written that the Pod is not ready.
    ///
    /// Models pkg/kubelet/status/status_manager.go needsReconcile.
    fn is_contradicted(&self, cx: &Cx, pod: &Object) -> bool {
        let ready = |status: &Value| {
            let mut all = status.get("conditions").items().iter();
            all.any(|c| c.get("type").str() == "Ready" && c.get("status").str() == "True")
        };
        self.stage == Stage::Sync
            && self.status.is_none()
            && ready(self.pod.status())
            && !ready(pod.status())
            && ready(&status::generate(self, cx))
    }

    /// The Pod's object is gone: what still runs is stopped within seconds.
    pub fn gone(&mut self, cx: &mut Cx) {
        self.orphaned = true;
        self.status = None;
        match self.stage {
            Stage::Sync => self.terminate(cx),
            Stage::Terminating => self.shorten_grace(cx),
            Stage::Terminated => {}
            Stage::Done => {}
        }
    }

    /// Whether the worker can be forgotten.
    pub fn is_finished(&self) -> bool {
        self.stage == Stage::Done && self.orphaned
    }

    /// Does everything that is due.
    pub fn advance(&mut self, cx: &mut Cx) {
        // Each turn does what is due; a turn that does nothing ends it. The limit is for bugs.
        for _ in 0..1000 {
            let mut busy = self.run_processes(cx);
            busy |= self.notice_ends(cx);
            busy |= self.run_probes(cx);
            busy |= self.write_status(cx);
            busy |= match self.stage {
                Stage::Sync => self.advance_sync(cx),
                Stage::Terminating => self.advance_terminating(cx),
                Stage::Terminated => self.advance_terminated(cx),
                Stage::Done => false,
            };
            if !busy {
                break;
            }
        }
    }

    /// Asks for the timer of the next thing that is due.
    pub fn arm(&mut self, cx: &mut Cx) {
        let Some(at) = self.wake_at(cx) else { return };
        let at = at.max(cx.now);
        if self.timer.is_none_or(|timer| timer <= cx.now || at < timer) {
            self.timer = Some(at);
            let timer = Timer { node: cx.node.name.clone(), pod: self.pod.uid_text() };
            cx.out.push(Output::Timer(at, timer));
        }
    }

    fn wake_at(&self, cx: &Cx) -> Option<Time> {
        let idle = self.stage == Stage::Sync && self.work == Work::Idle;
        let sync = self.next_sync.filter(|_| idle);
        let status = self.status.as_ref().map(|status| status.0);
        let mut times = vec![self.work.due(), self.stage_due, sync, status, self.probes_due()];
        times.extend(self.kills.iter().map(Kill::due));
        for run in self.containers.iter().filter_map(|c| c.run.as_ref()) {
            match &run.ended {
                Some(ended) if !run.noticed => times.push(Some(cx.node.relist_after(ended.at))),
                Some(_) => {}
                None => {
                    times.push(run.process.due());
                    times.extend(run.daemons.iter().map(|daemon| daemon.due()));
                }
            }
        }
        let running = self.execs.iter().filter(|exec| exec.exit.is_none());
        times.extend(running.map(|exec| exec.process.due()));
        times.into_iter().flatten().min()
    }

    // The runtime is looked at once a second; ends are seen then.
    fn notice_ends(&mut self, cx: &mut Cx) -> bool {
        let mut noticed = false;
        for run in self.containers.iter_mut().filter_map(|c| c.run.as_mut()) {
            let seen = run.ended.as_ref().is_some_and(|e| cx.node.relist_after(e.at) <= cx.now);
            if seen && !run.noticed {
                run.noticed = true;
                noticed = true;
            }
        }
        if noticed {
            self.sync_at(cx.now);
        }
        noticed
    }

    /// Notes that the kubelet knows of every end.
    pub fn notice_all(&mut self) {
        for run in self.containers.iter_mut().filter_map(|c| c.run.as_mut()) {
            run.noticed |= run.ended.is_some();
        }
    }

    /// Computes the status and has it written soon if it differs.
    ///
    /// Models pkg/kubelet/status/status_manager.go SetPodStatus.
    pub fn set_status(&mut self, cx: &mut Cx) {
        if self.orphaned {
            return;
        }
        let status = status::held(self, cx, status::generate(self, cx));
        self.put_status(cx, status);
    }

    /// Has a status written soon if it differs.
    pub fn put_status(&mut self, cx: &mut Cx, status: Value) {
        let pending = self.status.take();
        let due = match pending {
            Some(pending) => pending.0,
            None => cx.soon(8, 24),
        };
        if self.object(cx.lister).is_some_and(|pod| pod.status() != &status) {
            self.status = Some(Box::new((due, status)));
        }
    }

    /// The Pod's object as the API server has it now.
    pub fn object<'a>(&self, lister: Lister<'a>) -> Option<&'a Object> {
        let found = lister.find(Kind::Pod, self.pod.namespace(), self.pod.name());
        found.filter(|pod| pod.uid() == self.pod.uid())
    }

    fn write_status(&mut self, cx: &mut Cx) -> bool {
        match self.status.take() {
            Some(pending) if pending.0 <= cx.now => self.send_status(cx, pending.1),
            other => {
                self.status = other;
                return false;
            }
        }
        true
    }

    /// Writes a status at once.
    pub fn send_status(&mut self, cx: &mut Cx, status: Value) {
        let Some(pod) = self.object(cx.lister) else { return };
        if pod.status() != &status {
            let mut pod = pod.clone();
            pod.set(&["status"], status);
            cx.out.push(Output::Request(Request::update(self.actor(cx), &pod).on("status")));
        }
    }

    fn actor(&self, cx: &Cx) -> Actor {
        Actor::Kubelet(cx.node.name.clone())
    }

    /// Removes the Pod's object, now that nothing of it is left here.
    pub fn delete_object(&mut self, cx: &mut Cx) {
        let Some(pod) = self.object(cx.lister) else { return };
        let options = DeleteOptions { grace_period_seconds: Some(0), ..Default::default() };
        let request = Request::delete_with(self.actor(cx), pod, options);
        cx.out.push(Output::Request(request));
    }

    /// Records an event about the Pod.
    pub fn record(&self, cx: &mut Cx, warning: bool, reason: &str, message: String) {
        let record = match warning {
            true => Record::warning(&self.pod, reason, message),
            false => Record::normal(&self.pod, reason, message),
        };
        cx.out.push(Output::Record(cx.node.name.clone(), record));
    }

    /// Records an event about a container.
    pub fn record_at(&self, cx: &mut Cx, place: Place, event: (bool, &str), message: String) {
        let (warning, reason) = event;
        let mut record = match warning {
            true => Record::warning(&self.pod, reason, message),
            false => Record::normal(&self.pod, reason, message),
        };
        record.about.set(&["fieldPath"], self.spec().field_path(place));
        cx.out.push(Output::Record(cx.node.name.clone(), record));
    }

    /// Says why, for the trace.
    pub fn explain(&self, cx: &mut Cx, reason: KubeletReason) {
        let (node, about) = (cx.node.name.clone(), self.pod.key());
        cx.out.push(Output::Reason(node, about, Reason::Kubelet(reason)));
    }

    /// The name of the container at a place.
    pub fn name_of(&self, place: Place) -> EcoString {
        self.spec().name(place).into()
    }

    /// Stops all containers.
    ///
    /// Models pkg/kubelet/kubelet.go SyncTerminatingPod.
    pub fn terminate(&mut self, cx: &mut Cx) {
        self.stage = Stage::Terminating;
        self.work = Work::Idle;
        self.todo.clear();
        self.next_sync = None;
        self.kills.clear();
        self.set_status(cx);
        let grace = match self.orphaned {
            true => Duration::from_secs(1),
            false => self.spec().grace(),
        };
        if self.pod.is_terminating() {
            self.explain(cx, KubeletReason::Stopping { grace: grace.as_secs() });
        }
        self.kill_all(cx, grace);
        if self.kills.is_empty() && !self.pod.is_terminating() && !self.orphaned {
            // Nothing to stop: the runtime is looked at once more before the phase is final.
            let relist = cx.node.relist_after(cx.now);
            self.stage_due = Some(relist.after(cx.choice.latency(60_000, 90_000)));
        }
    }

    fn advance_terminating(&mut self, cx: &mut Cx) -> bool {
        if self.stage_due.is_some_and(|due| due > cx.now) && !self.pod.is_terminating() {
            return false;
        }
        let busy = self.advance_kills(cx);
        if !self.kills.is_empty() {
            return busy;
        }
        self.notice_all();
        self.stage = Stage::Terminated;
        self.sandbox = false;
        self.own.clear();
        self.set_status(cx);
        self.stage_due = Some(cx.soon(250, 900));
        true
    }

    /// Models pkg/kubelet/kubelet.go SyncTerminatedPod.
    fn advance_terminated(&mut self, cx: &mut Cx) -> bool {
        if self.stage_due.is_some_and(|due| due > cx.now) {
            return false;
        }
        self.stage_due = None;
        self.stage = Stage::Done;
        if !self.orphaned {
            let pending = self.status.take().map(|pending| pending.1);
            let status = status::terminated(self, cx, pending);
            self.send_status(cx, status);
            if self.pod.is_terminating() {
                self.explain(cx, KubeletReason::Removed);
                self.delete_object(cx);
            }
        }
        true
    }

    /// The node's power has failed: nothing runs any more, and nobody notices.
    pub fn lose_power(&mut self, cx: &mut Cx) {
        for place in 0..self.containers.len() {
            if self.containers[place].is_running() {
                let mut ended = Ended::new(cx.now, 255);
                ended.reason = "Unknown".into();
                self.end_run(cx, place, ended);
            }
        }
        self.lose_memory();
        (self.status, self.timer) = (None, None);
    }

    /// The node is back: what is left of the Pod is found, and it goes on from there.
    pub fn regain_power(&mut self, cx: &mut Cx) {
        self.notice_all();
        (self.work, self.sandbox, self.timer) = (Work::Idle, false, None);
        self.todo.clear();
        match self.object(cx.lister).cloned() {
            None => self.gone(cx),
            Some(pod) => {
                self.changed(cx, &pod);
                self.sync_at(cx.now);
            }
        }
    }
}

/// Whether the phase is final.
pub fn has_ended(pod: &Object) -> bool {
    is_terminal(pod)
}
