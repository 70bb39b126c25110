//! Stopping containers.
//!
//! Models `pkg/kubelet/kuberuntime/kuberuntime_container.go` killContainer and
//! `kuberuntime_termination_order.go`.

use crate::api::time::{Duration, Time};

use crate::controller::reason::KubeletReason;
use crate::script::Signal;

use super::container::Ended;
use super::lifecycle::Hook;
use super::spec::Place;
use super::worker::{Cx, Worker};

/// A container that is being stopped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kill {
    /// Which.
    pub place: Place,
    /// When its process is killed at the latest.
    pub deadline: Time,
    /// Until when its hook may take.
    pub hook_until: Time,
    /// How far it is.
    pub step: KillStep,
}

/// How far the stopping of a container is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KillStep {
    /// Its preStop hook is to be called, if it has one.
    Begin,
    /// The hook is being carried out, until the deadline.
    Hook(Hook),
    /// Others have to stop first (sidecars).
    Turn,
    /// It has got SIGTERM.
    Term,
    /// It has ended; the runtime tidies up until then.
    Ended(Time),
}

/// The least time between SIGTERM and SIGKILL.
const GRACE_LEAST: Duration = Duration::from_secs(2);

impl Kill {
    /// When something is to be done about it.
    pub fn due(&self) -> Option<Time> {
        match &self.step {
            KillStep::Begin | KillStep::Turn | KillStep::Term => Some(self.deadline),
            KillStep::Hook(hook) => {
                Some(hook.due().map_or(self.hook_until, |at| at.min(self.hook_until)))
            }
            KillStep::Ended(at) => Some(*at),
        }
    }
}

impl Worker {
    /// Begins to stop every running container.
    pub fn kill_all(&mut self, cx: &mut Cx, grace: Duration) {
        let (inits, count) = (self.spec().init_count(), self.spec().count());
        for place in (inits..count).chain(0..inits) {
            if self.containers[place].is_running() {
                let message = format!("Stopping container {}", self.spec().name(place));
                self.kill(cx, place, grace, &message);
            }
        }
    }

    /// Begins to stop one container.
    pub fn kill(&mut self, cx: &mut Cx, place: Place, grace: Duration, message: &str) {
        self.record_at(cx, place, (false, "Killing"), message.into());
        let deadline = cx.now.after(grace.max(GRACE_LEAST));
        let hook_until = cx.now.after(grace);
        self.kills.push(Kill { place, deadline, hook_until, step: KillStep::Begin });
    }

    /// The grace period has become shorter.
    pub fn shorten_grace(&mut self, cx: &mut Cx) {
        let grace = match self.orphaned {
            true => Duration::from_secs(1),
            false => self.spec().grace(),
        };
        let deadline = cx.now.after(grace.max(GRACE_LEAST));
        // A hook that is being carried out is not cut.
        for kill in self.kills.iter_mut() {
            if !matches!(kill.step, KillStep::Hook(_)) {
                kill.deadline = kill.deadline.min(deadline);
            }
        }
    }

    /// Goes on with stopping containers; true if anything happened.
    pub fn advance_kills(&mut self, cx: &mut Cx) -> bool {
        let mut busy = false;
        for index in 0..self.kills.len() {
            let kill = self.kills[index].clone();
            let next = self.kill_step(cx, &kill);
            let moved = !matches!((&next, &kill.step), (KillStep::Hook(_), KillStep::Hook(_)))
                && next != kill.step;
            busy |= moved;
            self.kills[index].step = next;
        }
        let before = self.kills.len();
        let now = cx.now;
        self.kills.retain(|kill| !matches!(kill.step, KillStep::Ended(at) if at <= now));
        busy || self.kills.len() != before
    }

    fn kill_step(&mut self, cx: &mut Cx, kill: &Kill) -> KillStep {
        let ended = !self.containers[kill.place].is_running();
        match kill.step.clone() {
            KillStep::Ended(at) => KillStep::Ended(at),
            _ if ended => {
                if let Some(run) = &mut self.containers[kill.place].run {
                    run.noticed = true;
                }
                KillStep::Ended(cx.soon(20, 70))
            }
            KillStep::Begin => self.begin_pre_stop(cx, kill),
            KillStep::Hook(hook) => self.continue_pre_stop(cx, kill, hook),
            KillStep::Turn if self.is_turn_of(kill.place) || kill.deadline <= cx.now => {
                let pid = self.first_pid(kill.place);
                self.signal(cx, kill.place, pid, Signal::TERM);
                KillStep::Term
            }
            KillStep::Term if kill.deadline <= cx.now => {
                let container = self.name_of(kill.place);
                self.explain(cx, KubeletReason::Killed { container });
                self.end_run(cx, kill.place, Ended::new(cx.now, 137));
                KillStep::Ended(cx.soon(60, 110))
            }
            other => other,
        }
    }

    fn begin_pre_stop(&mut self, cx: &mut Cx, kill: &Kill) -> KillStep {
        let hook = self.spec().container(kill.place).path(&["lifecycle", "preStop"]);
        if hook.is_null() || kill.hook_until <= cx.now {
            return KillStep::Turn;
        }
        match self.begin_hook(cx, kill.place, "preStop") {
            Ok(hook) => KillStep::Hook(hook),
            Err(well) => self.end_pre_stop(cx, kill, well),
        }
    }

    fn continue_pre_stop(&mut self, cx: &mut Cx, kill: &Kill, hook: Hook) -> KillStep {
        match self.continue_hook(cx, hook) {
            Ok(hook) if kill.hook_until <= cx.now => {
                // A pause that is cut is no failure.
                let well = matches!(hook, Hook::Sleep(_));
                self.cut_hook(cx, hook);
                self.end_pre_stop(cx, kill, well)
            }
            Ok(hook) => KillStep::Hook(hook),
            Err(well) => self.end_pre_stop(cx, kill, well),
        }
    }

    // The hook's time counts, but at least two seconds are left for the rest.
    fn end_pre_stop(&mut self, cx: &mut Cx, kill: &Kill, well: bool) -> KillStep {
        if !well {
            let event = (true, "FailedPreStopHook");
            self.record_at(cx, kill.place, event, "PreStopHook failed".into());
        }
        let least = cx.now.after(GRACE_LEAST);
        for other in self.kills.iter_mut().filter(|other| other.place == kill.place) {
            other.deadline = other.deadline.max(least);
        }
        KillStep::Turn
    }

    // Sidecars stop after all other containers, the last one first.
    fn is_turn_of(&self, place: Place) -> bool {
        let spec = self.spec();
        !spec.is_sidecar(place)
            || !self.kills.iter().any(|other| {
                let earlier = !spec.is_init(other.place) || other.place > place;
                other.place != place && earlier && self.containers[other.place].is_running()
            })
    }
}
