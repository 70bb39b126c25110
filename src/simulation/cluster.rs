//! The cluster as one value: API server, control loops, nodes, clock, queue and chance.
//!
//! `Clone` is the checkpoint, equality is equality of replays. Everything that happens is one
//! [`Event`] taken from one queue.

use std::rc::Rc;

use imbl::Vector;

use crate::api::object::ObjectKey;
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::apiserver::request::{Actor, Request, Response};
use crate::apiserver::watch::WatchEvent;
use crate::apiserver::{self, ApiServer};
use crate::chance::Choice;
use crate::client::Lister;
use crate::client::event_recorder::{EventRecorder, Record};
use crate::controller::reason::WorkQueueReason;
use crate::controller::{Controller, Decision, OnRefusal, Reason, Step};
use crate::kubelet::heartbeat::{self, Heartbeats};
use crate::kubelet::{self, Kubelets, Timer};

use super::event_queue::{EventId, EventQueue};
use super::fault::{Fault, Faults};
use super::setting::Setting;
use super::trace::{Trace, TraceEntry};
use super::worker::{Running, Worker};

/// Everything that can happen by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A control loop looks at a key, if it is still due at this time.
    Sync(LoopIndex, ObjectKey),
    /// A control loop adds a key to its queue again, by requeue or back-off.
    Requeue(LoopIndex, ObjectKey),
    /// A control loop sends the next request of a decision.
    Step(LoopIndex, ObjectKey),
    /// A control loop's periodic look at everything.
    Resync(LoopIndex),
    /// A change reaches the kubelet that it concerns.
    Watch(Rc<WatchEvent>),
    /// A kubelet's timer.
    Timer(Timer),
    /// A component's event reaches the API server.
    Record(Rc<Announced>),
    /// Old events are dropped.
    Expire,
    /// The kubelets say that they are alive.
    Heartbeat,
}

/// An event on its way to the API server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Announced {
    /// Who records it.
    pub component: EcoString,
    /// The node of a kubelet, "" for others.
    pub host: EcoString,
    /// The event.
    pub record: Record,
}

/// Position of a control loop in [`loops`].
pub type LoopIndex = u8;

/// Every control loop that works through a queue: the controllers and the scheduler.
pub fn loops() -> impl Iterator<Item = &'static dyn Controller> {
    crate::controller::CONTROLLERS.iter().chain(EXTRA_LOOPS).copied()
}

static EXTRA_LOOPS: &[&dyn Controller] = &[&crate::scheduler::Scheduler];

fn control_loop(index: LoopIndex) -> &'static dyn Controller {
    loops().nth(index.into()).expect("events name only loops that exist")
}

/// Time between two requests of one worker, in microseconds, least and most.
const REQUEST_LATENCY: (u64, u64) = (2_000, 5_000);
/// Time until a change reaches the kubelet of its node.
const NODE_LATENCY: (u64, u64) = (8_000, 20_000);
/// Time until a recorded event is written.
const RECORD_LATENCY: (u64, u64) = (1_000, 4_000);
const EXPIRE_INTERVAL: Duration = Duration::from_secs(300);

/// A whole cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cluster {
    now: Time,
    queue: EventQueue<Event>,
    choice: Choice,
    api: ApiServer,
    workers: Vector<Worker>,
    recorder: EventRecorder,
    kubelets: Kubelets,
    faults: Faults,
    trace: Trace,
    // Changes up to this revision were handed to the loops.
    delivered: u64,
    last_write: Time,
    heartbeats: Heartbeats,
}

impl Cluster {
    /// A freshly installed cluster of three nodes whose future follows from `choice`.
    pub fn new(choice: Choice) -> Self {
        Self::with_nodes(choice, apiserver::bootstrap::NODES)
    }

    /// The same with so many nodes.
    pub fn with_nodes(mut choice: Choice, nodes: usize) -> Self {
        let mut api = ApiServer::default();
        api.bootstrap(apiserver::Context { now: Time::START, choice: &mut choice }, nodes);
        let mut cluster = Cluster {
            now: Time::START,
            queue: EventQueue::default(),
            choice,
            workers: loops().map(|_| Worker::default()).collect(),
            recorder: EventRecorder::default(),
            kubelets: Kubelets::default(),
            faults: Faults::default(),
            trace: Trace::default(),
            delivered: 0,
            last_write: Time::START,
            heartbeats: Heartbeats::default(),
            api,
        };
        for (index, control_loop) in (0..).zip(loops()) {
            if let Some(period) = control_loop.resync_period() {
                cluster.queue.push(Time::START.after(period), Event::Resync(index));
            }
        }
        cluster.queue.push(Time::START.after(EXPIRE_INTERVAL), Event::Expire);
        cluster.queue.push(Time::START.after(heartbeat::INTERVAL), Event::Heartbeat);
        cluster.deliver();
        cluster
    }

    /// The time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The API server, for reading.
    pub fn api(&self) -> &ApiServer {
        &self.api
    }

    /// Its objects.
    pub fn lister(&self) -> Lister<'_> {
        Lister::new(self.api.storage())
    }

    /// The nodes' runtime state.
    pub fn kubelets(&self) -> &Kubelets {
        &self.kubelets
    }

    /// The reasons given so far.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The faults in force.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// When something happens next.
    pub fn next_at(&self) -> Option<Time> {
        self.queue.next_at().map(|at| at.max(self.now))
    }

    /// Everything that is going to happen, in order: what races are chosen from.
    pub fn enabled(&self) -> impl Iterator<Item = (EventId, &Event)> {
        self.queue.iter()
    }

    /// Lets one event happen before its turn.
    pub fn fire(&mut self, id: EventId) {
        if let Some(event) = self.queue.remove(id) {
            self.now = self.now.max(id.0);
            self.happen(event);
        }
    }

    /// Lets the next event happen; the clock moves to its time.
    pub fn step(&mut self) {
        if let Some((at, event)) = self.queue.pop() {
            self.now = self.now.max(at);
            self.happen(event);
        }
    }

    /// Moves the clock on; events that are due stay due.
    pub fn wait_until(&mut self, time: Time) {
        self.now = self.now.max(time);
    }

    /// Lets everything happen that is due until `time`.
    pub fn advance_to(&mut self, time: Time) {
        while self.next_at().is_some_and(|next| next <= time) {
            self.step();
        }
        self.wait_until(time);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Sync(index, key) => self.sync(index, key),
            Event::Requeue(index, key) => self.requeue(index, key),
            Event::Step(index, key) => self.take_step(index, key),
            Event::Resync(index) => self.resync(index),
            // Nothing happens on a node without power.
            Event::Watch(change) if self.is_lost(change.object.spec().get("nodeName").str()) => {}
            Event::Timer(timer) if self.is_lost(&timer.node) => {}
            Event::Watch(change) => self.with_kubelets(|k, context| k.changed(context, &change)),
            Event::Timer(timer) => self.with_kubelets(|k, context| k.timer(context, &timer)),
            Event::Record(announced) => self.record(&announced),
            Event::Expire => self.expire(),
            Event::Heartbeat => self.heartbeat(),
        }
    }

    /// Carries out a request, whoever makes it, and tells everyone what changed.
    pub fn request(&mut self, request: &Request) -> Result<Response, Status> {
        let name = match &request.actor {
            Actor::Controller(name) | Actor::Kubelet(name) | Actor::Provisioner(name) => name,
            Actor::Scheduler => "default-scheduler",
            Actor::User | Actor::System => "",
        };
        if !name.is_empty()
            && let Some(refusal) = self.faults.hit(name, request)
        {
            return Err(refusal);
        }
        let context = apiserver::Context { now: self.now, choice: &mut self.choice };
        let result = self.api.handle(context, request);
        self.deliver();
        result
    }

    // Hands the changes since the last time to the loops and kubelets they concern.
    fn deliver(&mut self) {
        let revision = self.api.storage().revision();
        if revision == self.delivered {
            return;
        }
        let changes: Vec<Rc<WatchEvent>> =
            self.api.storage().shared_since(self.delivered).cloned().collect();
        self.delivered = revision;
        for change in changes {
            if change.is_substantial() {
                self.last_write = change.time;
            }
            for (index, control_loop) in (0..).zip(loops()) {
                for key in control_loop.enqueue(&change, Lister::new(self.api.storage())) {
                    let latency = self.latency_of(control_loop);
                    match control_loop.delay(&change, &key, Lister::new(self.api.storage())) {
                        Some(delay) => self.add_after(index, key, latency + delay),
                        None => self.add(index, key, latency),
                    }
                }
            }
            if Kubelets::concerns(&change) {
                let (least, most) = NODE_LATENCY;
                let at = self.now.after(self.choice.latency(least, most));
                self.queue.push(at, Event::Watch(change));
            }
        }
    }

    fn latency_of(&mut self, control_loop: &dyn Controller) -> Duration {
        let (least, most) = control_loop.latency();
        let extra = self.faults.watch_delays.get(control_loop.name()).copied().unwrap_or(0);
        self.choice.latency(least + extra, most + extra)
    }

    // workqueue.Add: a key that waits already is not added again.
    fn add(&mut self, index: LoopIndex, key: ObjectKey, after: Duration) {
        let at = self.now.after(after);
        let state = self.workers[index.into()].entry(&key);
        if state.running.is_some() {
            state.dirty = true;
        } else if !state.in_line && state.due.is_none_or(|due| at < due) {
            state.due = Some(at);
            self.queue.push(at, Event::Sync(index, key));
        }
    }

    // workqueue.AddAfter: of several times the earliest counts.
    fn add_after(&mut self, index: LoopIndex, key: ObjectKey, after: Duration) {
        let at = self.now.after(after);
        let state = self.workers[index.into()].entry(&key);
        if state.delayed.is_none_or(|delayed| at < delayed) {
            state.delayed = Some(at);
            self.queue.push(at, Event::Requeue(index, key));
        }
    }

    fn requeue(&mut self, index: LoopIndex, key: ObjectKey) {
        let now = self.now;
        let state = self.workers[index.into()].entry(&key);
        // An earlier time has taken this one's place and is past.
        if state.delayed.is_some_and(|at| at <= now) {
            state.delayed = None;
            self.add(index, key, Duration::ZERO);
        }
    }

    fn resync(&mut self, index: LoopIndex) {
        let control_loop = control_loop(index);
        for key in control_loop.resync_keys(self.lister()) {
            self.add(index, key, Duration::ZERO);
        }
        if let Some(period) = control_loop.resync_period() {
            self.queue.push(self.now.after(period), Event::Resync(index));
        }
    }

    fn sync(&mut self, index: LoopIndex, key: ObjectKey) {
        let state = self.workers[index.into()].entry(&key);
        if !state.due.is_some_and(|due| due <= self.now) {
            return;
        }
        state.due = None;
        let control_loop = control_loop(index);
        if control_loop.is_single_worker() && !self.workers[index.into()].take_on(&key) {
            return;
        }
        let decision = control_loop.sync(Lister::new(self.api.storage()), &key, self.now);
        self.explain(&control_loop.actor(), &decision);
        for record in &decision.records {
            self.announce(control_loop.component(), "", record.clone());
        }
        self.workers[index.into()].entry(&key).running = Some(Running::new(decision));
        self.continue_with(index, key);
    }

    fn explain(&mut self, actor: &Actor, decision: &Decision) {
        for (about, reason) in &decision.reasons {
            self.note(actor.clone(), about.clone(), reason.clone());
        }
    }

    fn note(&mut self, actor: Actor, about: ObjectKey, reason: Reason) {
        let revision = self.api.storage().revision();
        self.trace.push(TraceEntry { time: self.now, actor, about, reason, revision });
    }

    // Announces the next step of a decision, or ends it.
    fn continue_with(&mut self, index: LoopIndex, key: ObjectKey) {
        let running = self.workers[usize::from(index)].running(&key);
        match running.and_then(Running::step).map(|step| step.delay) {
            Some(delay) => {
                let (least, most) = REQUEST_LATENCY;
                let at = self.now.after(self.choice.latency(least + delay, most + delay));
                self.queue.push(at, Event::Step(index, key));
            }
            None => self.finish(index, key),
        }
    }

    fn take_step(&mut self, index: LoopIndex, key: ObjectKey) {
        let state = self.workers[index.into()].entry(&key);
        // It stays where it is: what the request changes may concern this very key.
        let Some(mut running) = state.running.clone() else { return };
        let (Some(step), Some(request)) = (running.step().cloned(), running.request()) else {
            return;
        };
        let component = control_loop(index).component();
        let result = match running.unmet_needs() {
            Some(why) => Err(Status::new(0, Step::UNMET, why)),
            None => self.request(&request),
        };
        match result {
            Ok(response) => {
                let name = response.object.as_ref().map_or("", |object| object.name());
                for mut record in step.on_success {
                    record.message = record.message.replace("{name}", name);
                    self.announce(component, "", record);
                }
            }
            Err(refusal) => {
                self.explain_refusal(index, &key, &request, &step, &refusal);
                self.refused(component, step, refusal, &mut running);
            }
        }
        running.advance();
        self.workers[index.into()].entry(&key).running = Some(running);
        self.continue_with(index, key);
    }

    // A refusal that means something is told of the key and of what was to be written.
    fn explain_refusal(
        &mut self,
        index: LoopIndex,
        key: &ObjectKey,
        request: &Request,
        step: &Step,
        why: &Status,
    ) {
        let is_nothing = match &step.on_refusal {
            OnRefusal::Ignore => true,
            OnRefusal::Accept(reasons) => reasons.contains(&why.reason),
            _ => why.reason == Step::UNMET,
        };
        if is_nothing {
            return;
        }
        let reason = Reason::WorkQueue(WorkQueueReason::Refused {
            verb: request.verb.name().into(),
            what: format!("{} {}", request.key.kind.name(), request.key.name).into(),
            error: why.message.clone(),
        });
        let actor = control_loop(index).actor();
        if request.key != *key {
            self.note(actor.clone(), request.key.clone(), reason.clone());
        }
        self.note(actor, key.clone(), reason);
    }

    fn refused(&mut self, component: &str, step: Step, why: Status, running: &mut Running) {
        let listed = |reasons: &[EcoString]| reasons.contains(&why.reason);
        match &step.on_refusal {
            OnRefusal::Ignore => return,
            OnRefusal::Accept(reasons) if listed(reasons) => return,
            _ => {}
        }
        let silent = listed(&step.silent);
        if !silent {
            for record in step.on_failure {
                self.announce(component, "", record.with_error(&why));
            }
        }
        running.refuse(format!("{}{}", step.error_prefix, why.message).into());
    }

    fn finish(&mut self, index: LoopIndex, key: ObjectKey) {
        let state = self.workers[index.into()].entry(&key);
        let Some(running) = state.running.take() else { return };
        let dirty = std::mem::take(&mut state.dirty);
        let failures = state.failures;
        state.failures = if running.error.is_some() { failures + 1 } else { 0 };
        let control_loop = control_loop(index);
        if running.error.is_some() {
            let after = control_loop.backoff(failures);
            self.add_after(index, key.clone(), after);
            let reason = WorkQueueReason::TriedAgain { failures: failures + 1, after };
            self.note(control_loop.actor(), key.clone(), Reason::WorkQueue(reason));
        }
        if let Some(after) = running.decision.requeue_after {
            self.add_after(index, key.clone(), after);
        }
        if dirty {
            let latency = self.latency_of(control_loop);
            self.add(index, key.clone(), latency);
        }
        self.workers[index.into()].forget_if_idle(&key);
        if control_loop.is_single_worker() {
            self.next_in_line(index);
        }
    }

    fn next_in_line(&mut self, index: LoopIndex) {
        if let Some(key) = self.workers[index.into()].next_in_line() {
            self.workers[index.into()].entry(&key).due = Some(self.now);
            self.queue.push(self.now, Event::Sync(index, key));
        }
    }

    // Events are sent in the background: they reach the API server a little later.
    fn announce(&mut self, component: &str, host: &str, record: Record) {
        let (least, most) = RECORD_LATENCY;
        let at = self.now.after(self.choice.latency(least, most));
        let announced = Announced { component: component.into(), host: host.into(), record };
        self.queue.push(at, Event::Record(Rc::new(announced)));
    }

    fn record(&mut self, Announced { component, host, record }: &Announced) {
        let lister = Lister::new(self.api.storage());
        let (now, choice) = (self.now, &mut self.choice);
        if let Some(request) = self.recorder.record(now, choice, component, host, lister, record) {
            // An event that cannot be written is dropped, as client-go does after its retries.
            let _ = self.request(&request);
        }
    }

    fn is_lost(&self, node: &str) -> bool {
        self.faults.lost_nodes.contains(node)
    }

    fn heartbeat(&mut self) {
        let lister = Lister::new(self.api.storage());
        let lost = &self.faults.lost_nodes;
        let said = self.heartbeats.beat(lister, self.now, |node| !lost.contains(node));
        for output in said {
            self.carry_out(output);
        }
        self.queue.push(self.now.after(heartbeat::INTERVAL), Event::Heartbeat);
    }

    fn expire(&mut self) {
        self.api.expire_events(self.now);
        self.deliver();
        self.queue.push(self.now.after(EXPIRE_INTERVAL), Event::Expire);
    }

    // Runs something on the kubelets and carries out what they want done.
    fn with_kubelets<R>(
        &mut self,
        act: impl FnOnce(&mut Kubelets, &mut kubelet::Context) -> R,
    ) -> R {
        let mut out = Vec::new();
        let mut context = kubelet::Context {
            now: self.now,
            choice: &mut self.choice,
            lister: Lister::new(self.api.storage()),
            out: &mut out,
        };
        let result = act(&mut self.kubelets, &mut context);
        for output in out {
            self.carry_out(output);
        }
        result
    }

    fn carry_out(&mut self, output: kubelet::Output) {
        match output {
            kubelet::Output::Request(request) => {
                let Actor::Kubelet(node) = request.actor.clone() else { return };
                if let Err(why) = self.request(&request) {
                    self.with_kubelets(|k, context| k.refused(context, &node, &request, &why));
                }
            }
            kubelet::Output::Record(node, record) => self.announce("kubelet", &node, record),
            kubelet::Output::RecordBy(component, record) => self.announce(component, "", record),
            kubelet::Output::Reason(node, about, reason) => {
                self.note(Actor::Kubelet(node), about, reason);
            }
            kubelet::Output::Timer(at, timer) => {
                self.queue.push(at.max(self.now), Event::Timer(timer));
            }
        }
    }

    /// Lets something go wrong, or right again.
    pub fn inject(&mut self, fault: &Fault) {
        match fault {
            Fault::NodeLost(node) => {
                self.faults.lost_nodes.insert(node.clone());
                self.with_kubelets(|k, context| k.power(context, node, false));
            }
            Fault::NodeBack(node) => {
                self.faults.lost_nodes.remove(node);
                self.with_kubelets(|k, context| k.power(context, node, true));
                self.relist(node);
            }
            Fault::ControllerRestarted(name) => self.restart(name),
            Fault::WatchDelayed(name, by) => {
                self.faults.watch_delays.insert(name.clone(), by.as_micros() as u64);
            }
            Fault::WritesRefused(refusals) => self.faults.refuse(refusals.clone()),
        }
    }

    /// Changes a setting of the cluster.
    pub fn configure(&mut self, setting: Setting) {
        match setting {
            Setting::FeatureGate(gate, open) => self.api.set_feature_gate(gate, open),
            Setting::NameCache(on) => self.kubelets.set_name_cache(on),
        }
    }

    // A kubelet that starts looks at all Pods of its node.
    fn relist(&mut self, node: &str) {
        let pods: Vec<_> = self.lister().pods_on_node(node).cloned().collect();
        for pod in pods {
            let change = WatchEvent::listed(&pod, self.now);
            self.queue.push(self.now, Event::Watch(Rc::new(change)));
        }
    }

    fn restart(&mut self, name: &str) {
        let Some(index) = loops().position(|l| l.name() == name) else { return };
        self.workers[index].restart();
        let control_loop = control_loop(index as LoopIndex);
        let objects: Vec<_> = self.lister().everything().cloned().collect();
        for object in objects {
            let change = WatchEvent::listed(&object, self.now);
            for key in control_loop.enqueue(&change, self.lister()) {
                let latency = self.latency_of(control_loop);
                self.add(index as LoopIndex, key, latency);
            }
        }
    }

    /// The time of the last write that a learner would call one: not events, not heartbeats.
    pub fn last_write(&self) -> Time {
        self.last_write
    }

    /// A random number for programs that ask for one.
    pub fn random(&mut self) -> u64 {
        self.choice.random()
    }

    /// Whether an object of this kind and name is there.
    pub fn contains(&self, kind: Kind, namespace: &str, name: &str) -> bool {
        self.lister().find(kind, namespace, name).is_some()
    }
}

impl crate::client::Client for Cluster {
    fn now(&self) -> Time {
        self.now
    }

    fn request(&mut self, request: &Request) -> Result<Response, Status> {
        Cluster::request(self, request)
    }

    fn revision(&self) -> u64 {
        self.api.storage().revision()
    }

    fn events_since(&self, revision: u64) -> Vec<WatchEvent> {
        self.api.storage().events_since(revision).cloned().collect()
    }

    fn exec(&mut self, request: &crate::client::node::ExecRequest) -> StreamResult {
        self.with_kubelets(|k, context| k.exec(context, request))
    }

    fn attach(&mut self, request: &crate::client::node::AttachRequest) -> StreamResult {
        self.with_kubelets(|k, context| k.attach(context, request))
    }

    fn stream(
        &mut self,
        id: crate::client::node::StreamId,
        input: crate::client::node::Input,
    ) -> crate::client::node::Output {
        self.with_kubelets(|k, context| k.stream(context, id, input))
    }

    fn close(&mut self, id: crate::client::node::StreamId) {
        self.kubelets.close(id);
    }

    fn logs(
        &mut self,
        request: &crate::client::node::LogRequest,
    ) -> Result<crate::client::node::Log, Status> {
        self.with_kubelets(|k, context| k.logs(context, request))
    }
}

type StreamResult = Result<crate::client::node::StreamId, Status>;
