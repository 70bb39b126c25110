//! Stopping containers.
//!
//! Models `pkg/kubelet/kuberuntime/kuberuntime_container.go` killContainer and
//! `kuberuntime_termination_order.go`.

use crate::api::time::{Duration, Time};

use crate::script::Signal;

use super::container::Ended;
use super::spec::Place;
use super::worker::{Cx, Worker};

/// A container that is being stopped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kill {
    /// Which.
    pub place: Place,
    /// When its process is killed at the latest.
    pub deadline: Time,
    /// How far it is.
    pub step: KillStep,
}

/// How far the stopping of a container is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KillStep {
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
        match self.step {
            KillStep::Turn | KillStep::Term => Some(self.deadline),
            KillStep::Ended(at) => Some(at),
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
        self.kills.push(Kill { place, deadline, step: KillStep::Turn });
    }

    /// The grace period has become shorter.
    pub fn shorten_grace(&mut self, cx: &mut Cx) {
        let grace = match self.orphaned {
            true => Duration::from_secs(1),
            false => self.spec().grace(),
        };
        let deadline = cx.now.after(grace.max(GRACE_LEAST));
        for kill in &mut self.kills {
            kill.deadline = kill.deadline.min(deadline);
        }
    }

    /// Goes on with stopping containers; true if anything happened.
    pub fn advance_kills(&mut self, cx: &mut Cx) -> bool {
        let mut busy = false;
        for index in 0..self.kills.len() {
            let kill = self.kills[index].clone();
            let next = self.kill_step(cx, &kill);
            busy |= next != kill.step;
            self.kills[index].step = next;
        }
        let before = self.kills.len();
        let now = cx.now;
        self.kills.retain(|kill| !matches!(kill.step, KillStep::Ended(at) if at <= now));
        busy || self.kills.len() != before
    }

    fn kill_step(&mut self, cx: &mut Cx, kill: &Kill) -> KillStep {
        let ended = !self.containers[kill.place].is_running();
        match kill.step {
            KillStep::Ended(_) => kill.step,
            _ if ended => {
                if let Some(run) = &mut self.containers[kill.place].run {
                    run.noticed = true;
                }
                KillStep::Ended(cx.soon(20, 70))
            }
            KillStep::Turn if self.is_turn_of(kill.place) || kill.deadline <= cx.now => {
                let pid = self.first_pid(kill.place);
                self.signal(cx, kill.place, pid, Signal::TERM);
                KillStep::Term
            }
            KillStep::Term if kill.deadline <= cx.now => {
                self.end_run(cx, kill.place, Ended::new(cx.now, 137));
                KillStep::Ended(cx.soon(60, 110))
            }
            other => other,
        }
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
