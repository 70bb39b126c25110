//! Making a Pod what its spec says: sandbox, init containers, containers, restarts.
//!
//! Models `pkg/kubelet/kubelet.go` SyncPod and `pkg/kubelet/kuberuntime/kuberuntime_manager.go`
//! (computePodActions, SyncPod). Each wait of the real one is a step here.

use std::collections::VecDeque;

use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::controller::reason::KubeletReason;

use super::container::Waiting;
use super::lifecycle::Hook;
use super::node::host_ip;
use super::pull::Pull;
use super::spec::Place;
use super::volume;
use super::worker::{Cx, SyncOutcome, Worker, has_ended};
use super::{start, status};

/// What a sync waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    /// No sync is under way.
    Idle,
    /// Volumes are being mounted.
    Mount(Time),
    /// Containers are being stopped to be started again.
    Kill,
    /// The sandbox is being made.
    Sandbox(Time),
    /// An image is being pulled.
    Pull(Box<Pull>),
    /// A container is being created.
    Create(Place, Time),
    /// A container is being started.
    Start(Place, Time),
    /// A container's postStart hook is being carried out.
    PostStart(Place, Box<Hook>),
    /// Sidecars are being stopped, now that the other containers have ended.
    KillSidecars,
    /// A container whose postStart hook failed is being stopped.
    KillFailed(Place),
}

impl Work {
    /// When it is done.
    pub fn due(&self) -> Option<Time> {
        match self {
            Work::Idle | Work::Kill | Work::KillSidecars | Work::KillFailed(_) => None,
            Work::PostStart(_, hook) => hook.due(),
            Work::Mount(at) | Work::Sandbox(at) => Some(*at),
            Work::Create(_, at) | Work::Start(_, at) => Some(*at),
            Work::Pull(pull) => Some(pull.until),
        }
    }
}

/// Time after which a failed sync is tried again, before jitter (backOffPeriod).
const RETRY_PERIOD: Duration = Duration::from_secs(10);
/// Time after which a Pod with changing volumes is looked at again, before jitter.
const RESYNC_PERIOD: Duration = Duration::from_secs(60);

impl Worker {
    /// Goes on with the sync; true if anything happened.
    pub fn advance_sync(&mut self, cx: &mut Cx) -> bool {
        if matches!(
            self.work,
            Work::Kill | Work::KillSidecars | Work::KillFailed(_) | Work::PostStart(..)
        ) {
            return self.advance_waiting(cx);
        }
        match self.work.due() {
            Some(due) if due > cx.now => return false,
            None if self.next_sync.is_none_or(|next| next > cx.now) => return false,
            _ => {}
        }
        match std::mem::replace(&mut self.work, Work::Idle) {
            Work::Idle
            | Work::Kill
            | Work::KillSidecars
            | Work::KillFailed(_)
            | Work::PostStart(..) => self.begin_sync(cx),
            Work::Mount(_) => self.mount(cx),
            Work::Sandbox(_) => self.sandbox_made(cx),
            Work::Pull(pull) => self.pulled(cx, *pull),
            Work::Create(place, _) => self.created(cx, place),
            Work::Start(place, _) => self.started(cx, place),
        }
        true
    }

    // Goes on with what has no time of its own.
    fn advance_waiting(&mut self, cx: &mut Cx) -> bool {
        match std::mem::replace(&mut self.work, Work::Idle) {
            Work::PostStart(place, hook) => match self.continue_hook(cx, *hook) {
                Ok(hook) => {
                    self.work = Work::PostStart(place, Box::new(hook));
                    false
                }
                Err(well) => {
                    self.post_started(cx, place, well);
                    true
                }
            },
            work => {
                let busy = self.advance_kills(cx);
                if !self.kills.is_empty() {
                    self.work = work;
                    return busy;
                }
                match work {
                    Work::KillFailed(place) => {
                        let message = "PostStartHook failed";
                        self.fail_start(cx, place, "PostStartHookError", message);
                    }
                    Work::KillSidecars => self.sync_at(cx.now),
                    _ => self.start_missing(cx),
                }
                true
            }
        }
    }

    // Models kubelet.go getPullSecretsForPod: Secrets that are missing are named, and that is all.
    pub(super) fn complain_of_pull_secrets(&self, cx: &mut Cx) {
        let secrets = self.pod.path(&["spec", "imagePullSecrets"]).items().iter();
        let names = secrets.map(|secret| secret.get("name").str()).filter(|name| {
            !name.is_empty() && cx.lister.find(Kind::Secret, self.pod.namespace(), name).is_none()
        });
        let names: Vec<&str> = names.collect();
        if !names.is_empty() {
            let message = format!(
                "Unable to retrieve some image pull secrets ({}); attempting to pull the image \
                 may not succeed.",
                names.join(", ")
            );
            self.record(cx, true, "FailedToRetrieveImagePullSecret", message);
        }
    }

    fn begin_sync(&mut self, cx: &mut Cx) {
        self.next_sync = None;
        self.outcome = SyncOutcome::default();
        self.todo.clear();
        if self.deadline_passed(cx) {
            return self.exceed_deadline(cx);
        }
        self.allocate(cx);
        let status = status::generate(self, cx);
        self.ask_unready(cx);
        let ended = matches!(status.get("phase").str(), "Succeeded" | "Failed");
        self.put_status(cx, status::held(self, cx, status));
        if ended {
            return self.terminate(cx);
        }
        match self.mounted {
            true => {
                self.refresh_volumes(cx);
                self.complain_of_pull_secrets(cx);
                self.act(cx);
            }
            false => {
                if self.probes.is_empty() {
                    self.add_probes(cx);
                }
                self.work = Work::Mount(cx.soon(70, 130));
            }
        }
    }

    fn refresh_volumes(&mut self, cx: &mut Cx) {
        if volume::any_changes(&self.pod) {
            let mut own = std::mem::take(&mut self.own);
            volume::refresh(self.source(cx), &self.volumes, &mut own, cx.now);
            self.own = own;
        }
    }

    /// Does what the containers' states ask for.
    ///
    /// Models kuberuntime_manager.go computePodActions.
    fn act(&mut self, cx: &mut Cx) {
        if !self.sandbox {
            self.work = Work::Sandbox(cx.soon(100, 200));
            return;
        }
        if self.kill_changed(cx) | self.kill_resized(cx) | self.kill_unhealthy(cx) {
            self.work = Work::Kill;
            return;
        }
        if self.is_only_sidecars() {
            self.kill_all(cx, self.spec().grace());
            self.work = Work::KillSidecars;
            return;
        }
        self.start_missing(cx);
    }

    fn start_missing(&mut self, cx: &mut Cx) {
        self.todo = VecDeque::from(self.places_to_start()).into();
        self.next_start(cx);
    }

    fn sandbox_made(&mut self, cx: &mut Cx) {
        self.sandbox = true;
        self.outcome.sandbox_made = true;
        self.address = Some(match self.spec().host_network() {
            true => host_ip(cx.lister, &cx.node.name).into(),
            false => cx.node.next_address(),
        });
        self.set_status(cx);
        self.start_missing(cx);
    }

    // Containers whose image was changed are stopped first.
    fn kill_changed(&mut self, cx: &mut Cx) -> bool {
        let changed = |place: &Place| {
            let wanted = self.spec().container(*place).get("image").str();
            let container = &self.containers[*place];
            let other = container.run.as_ref().is_some_and(|run| run.image != wanted);
            container.seems_running() && container.is_running() && other
        };
        let places: Vec<Place> = (0..self.spec().count()).filter(changed).collect();
        for place in &places {
            let name = self.spec().name(*place);
            let message = format!("Container {name} definition changed, will be restarted");
            self.kill(cx, *place, self.spec().grace(), &message);
        }
        !places.is_empty()
    }

    // Whether all containers have ended for good but for sidecars that still run.
    fn is_only_sidecars(&self) -> bool {
        let spec = self.spec();
        let (inits, count) = (spec.init_count(), spec.count());
        let over =
            |place: Place| self.containers[place].end().is_some() && !self.may_restart(place);
        (inits..count).all(over) && (0..inits).any(|place| self.containers[place].is_running())
    }

    /// Containers that should run and do not, in the order of their starts.
    fn places_to_start(&self) -> Vec<Place> {
        let spec = self.spec();
        let (inits, count) = (spec.init_count(), spec.count());
        let initialized = (inits..count).any(|place| self.containers[place].tried);
        let mut places = Vec::new();
        for place in 0..inits {
            let container = &self.containers[place];
            if spec.is_sidecar(place) {
                if !container.seems_running() {
                    places.push(place);
                }
                let up = container
                    .run
                    .as_ref()
                    .is_some_and(|run| run.seems_running() && run.post_started && run.startup);
                if !initialized && !up {
                    return places;
                }
            } else if !initialized && !container.succeeded() {
                if !container.seems_running() && self.may_restart(place) {
                    places.push(place);
                }
                return places;
            }
        }
        let start =
            |place: &Place| !self.containers[*place].seems_running() && self.may_restart(*place);
        places.extend((inits..count).filter(start));
        places
    }

    fn may_restart(&self, place: Place) -> bool {
        let Some(end) = self.containers[place].end() else { return true };
        self.spec().restarts(place, end.code)
    }

    /// Starts the next container of the sync, or ends the sync.
    pub fn next_start(&mut self, cx: &mut Cx) {
        while let Some(place) = self.todo.pop_front() {
            if self.start(cx, place) {
                return;
            }
        }
        self.todo.clear();
        self.finish_sync(cx);
    }

    // True if it takes time.
    fn start(&mut self, cx: &mut Cx, place: Place) -> bool {
        !self.is_backing_off(cx, place) && self.ensure_image(cx, place)
    }

    /// Models kuberuntime_manager.go doBackOff.
    fn is_backing_off(&mut self, cx: &mut Cx, place: Place) -> bool {
        let Some(ended_at) = self.containers[place].end().map(|end| end.at) else { return false };
        let container = &mut self.containers[place];
        let Some(left) = container.pauses.start.left(ended_at, cx.now) else {
            container.pauses.start.next(cx.now);
            return false;
        };
        let pause = container.pauses.start.pause().as_secs();
        let (container, seconds) = (self.name_of(place), pause);
        self.explain(cx, KubeletReason::CrashBackOff { container, pause: seconds });
        let pause = if pause >= 60 { minutes(pause) } else { format!("{pause}s") };
        let (name, pod, uid) = (self.spec().name(place), self.pod.name(), self.pod.uid());
        let pod = format!("{pod}_{}({uid})", self.pod.namespace());
        let message = format!("back-off {pause} restarting failed container={name} pod={pod}");
        let event = format!("Back-off restarting failed container {name} in pod {pod}");
        self.record_at(cx, place, (true, "BackOff"), event);
        let waiting = Waiting { reason: "CrashLoopBackOff".into(), message: message.into() };
        self.containers[place].reason = Some(Box::new(waiting));
        self.back_off(left);
        true
    }

    /// Notes that a back-off of the sync is not over.
    pub fn back_off(&mut self, left: Duration) {
        self.outcome.backoff = Some(self.outcome.backoff.map_or(left, |b| b.min(left)));
    }

    /// A container could not be started.
    pub fn fail_start(&mut self, cx: &mut Cx, place: Place, reason: &str, message: &str) {
        self.outcome.failed = true;
        let waiting = Waiting { reason: reason.into(), message: message.into() };
        self.containers[place].reason = Some(Box::new(waiting));
        self.next_start(cx);
    }

    /// The image is there: the container is made, if its configuration is all right.
    pub fn create(&mut self, cx: &mut Cx, place: Place) {
        match start::configuration(self, cx, place).err() {
            Some(message) => {
                let (container, problem) = (self.name_of(place), message.as_str().into());
                self.explain(cx, KubeletReason::ConfigurationMissing { container, problem });
                self.record_at(cx, place, (true, "Failed"), format!("Error: {message}"));
                self.fail_start(cx, place, "CreateContainerConfigError", &message);
            }
            None => self.work = Work::Create(place, cx.soon(15, 30)),
        }
    }

    fn created(&mut self, cx: &mut Cx, place: Place) {
        self.record_at(cx, place, (false, "Created"), "Container created".into());
        self.work = Work::Start(place, cx.soon(70, 120));
    }

    fn started(&mut self, cx: &mut Cx, place: Place) {
        self.outcome.started = true;
        let problem = start::run(self, cx, place);
        if let Some(message) = problem {
            let event = format!("Error: {message}");
            self.record_at(cx, place, (true, "Failed"), event);
            return self.fail_start(cx, place, "RunContainerError", &message);
        }
        self.containers[place].reason = None;
        self.record_at(cx, place, (false, "Started"), "Container started".into());
        self.explain_start(cx, place);
        let hook = self.spec().container(place).path(&["lifecycle", "postStart"]);
        if hook.is_null() {
            return self.next_start(cx);
        }
        match self.begin_hook(cx, place, "postStart") {
            Ok(hook) => self.work = Work::PostStart(place, Box::new(hook)),
            Err(well) => self.post_started(cx, place, well),
        }
    }

    fn explain_start(&self, cx: &mut Cx, place: Place) {
        let container = self.name_of(place);
        let restarts = self.containers[place].restart_count;
        self.explain(cx, KubeletReason::Started { container: container.clone(), restarts });
        if self.spec().is_init(place) && !self.spec().is_sidecar(place) {
            self.explain(cx, KubeletReason::WaitingForInitContainer { container });
        } else if self.containers[place].run.as_ref().is_some_and(|run| !run.ready) {
            self.explain(cx, KubeletReason::NotReady { container });
        }
    }

    fn post_started(&mut self, cx: &mut Cx, place: Place, well: bool) {
        if well {
            if let Some(run) = &mut self.containers[place].run {
                run.post_started = true;
            }
            return self.next_start(cx);
        }
        let event = (true, "FailedPostStartHook");
        self.record_at(cx, place, event, "PostStartHook failed".into());
        self.kill(cx, place, self.spec().grace(), "FailedPostStartHook");
        self.work = Work::KillFailed(place);
    }

    fn finish_sync(&mut self, cx: &mut Cx) {
        let outcome = std::mem::take(&mut self.outcome);
        if outcome.started {
            self.sync_at(cx.soon(3, 8));
        } else if outcome.sandbox_made {
            self.sync_at(cx.node.relist_after(cx.now));
        }
        if outcome.failed {
            let pause = cx.jitter(RETRY_PERIOD);
            self.sync_at(cx.now.after(pause));
        } else if let Some(backoff) = outcome.backoff {
            let pause = cx.jitter(backoff);
            self.sync_at(cx.now.after(pause));
        } else if volume::any_changes(&self.pod) {
            let pause = cx.jitter(RESYNC_PERIOD);
            self.sync_at(cx.now.after(pause));
        }
        if let Some(at) = self.deadline() {
            self.sync_at(at.max(cx.now));
        }
    }

    /// When the Pod's time is over (`activeDeadlineSeconds`).
    fn deadline(&self) -> Option<Time> {
        let seconds = self.pod.path(&["spec", "activeDeadlineSeconds"]).as_i64()?;
        let start = Time::parse(self.pod.path(&["status", "startTime"]).str())?;
        Some(start.after(Duration::from_secs(seconds.max(0) as u64)))
    }

    fn deadline_passed(&self, cx: &Cx) -> bool {
        self.deadline().is_some_and(|at| at <= cx.now) && !has_ended(&self.pod)
    }

    /// Models pkg/kubelet/active_deadline.go.
    fn exceed_deadline(&mut self, cx: &mut Cx) {
        self.deadline_exceeded = true;
        let message = "Pod was active on the node longer than the specified deadline";
        self.record(cx, false, "DeadlineExceeded", message.into());
        self.terminate(cx);
    }
}

// time.Duration as Go prints whole seconds: 1m20s
fn minutes(seconds: u64) -> String {
    format!("{}m{}s", seconds / 60, seconds % 60)
}
