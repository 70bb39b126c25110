//! A container as the kubelet knows it: its present and former run, and why it waits.
//!
//! Models `pkg/kubelet/container` (runtime cache) and the reason cache and restart back-off of
//! `pkg/kubelet`.

use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};

use std::fmt;
use std::rc::Rc;

use crate::script::files::Tree;

use super::env::Packed;
use super::files::Mount;
use super::log::Log;
use super::probe::ProbeKind;
use super::process::Process;
use super::rare::{Blank, Rare};

/// One container of a Pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Container {
    /// The run that is shown as its state, if it ever ran.
    pub run: Option<Box<Run>>,
    /// How the run before ended, and its log.
    pub former: Option<Box<Run>>,
    /// How often it was started again.
    pub restart_count: u32,
    /// Why it could not be started, until it is.
    pub reason: Option<Box<Waiting>>,
    /// What it has to wait for, if anything ever failed.
    pub pauses: Rare<Pauses>,
    /// Whether it was started at least once or failed to (`hasAnyRegularContainerStarted`).
    pub tried: bool,
}

/// The pauses of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pauses {
    /// Between its starts.
    pub start: Backoff,
    /// Between the pulls of an image, which is the one named here.
    pub pull: Backoff,
    /// The image that the pauses are about.
    pub image: EcoString,
}

impl Blank for Pauses {
    fn blank() -> &'static Self {
        const { &Pauses { start: Backoff::NONE, pull: Backoff::NONE, image: EcoString::new() } }
    }
}

/// Why a container waits (`v1.ContainerStateWaiting`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Waiting {
    /// `CrashLoopBackOff`
    pub reason: EcoString,
    /// The sentence, "" for none.
    pub message: EcoString,
}

/// What the runtime calls a run: 64 hexadecimal digits when shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ContainerId(pub [u64; 4]);

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.iter().try_for_each(|part| write!(f, "{part:016x}"))
    }
}

/// One run of a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// What the runtime calls it.
    pub id: ContainerId,
    /// The image as the spec had it.
    pub image: EcoString,
    /// When it was started.
    pub started: Time,
    /// How it ended.
    pub ended: Option<Box<Ended>>,
    /// Whether the kubelet knows that it ended.
    pub noticed: bool,
    /// Whether its postStart hook, if any, has succeeded.
    pub post_started: bool,
    /// Whether its startup probe, if any, has succeeded.
    pub startup: bool,
    /// Whether its readiness probe, if any, succeeds.
    pub ready: bool,
    /// Which probe it failed so that it is to be stopped.
    pub unhealthy: Option<ProbeKind>,
    /// What it may use of the node.
    pub resources: Value,
    /// What it runs.
    pub process: Process,
    /// Programs that went into the background by themselves.
    pub daemons: Rare<Vec<Process>>,
    /// Its image with its changes, once somebody has looked at a file.
    pub root: Option<Tree>,
    /// What is mounted over that.
    pub mounts: Rc<Vec<Mount>>,
    /// Its environment, packed.
    pub env: Packed,
    /// What it wrote.
    pub log: Log,
}

/// The end of a run (`v1.ContainerStateTerminated`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ended {
    /// When.
    pub at: Time,
    /// Exit code.
    pub code: i32,
    /// `Completed`, `Error`, `StartError`
    pub reason: EcoString,
    /// What it left in its termination log, or the runtime's complaint.
    pub message: EcoString,
}

impl Ended {
    /// An end with an exit code, named as containerd names it.
    pub fn new(at: Time, code: i32) -> Self {
        let reason = if code == 0 { "Completed" } else { "Error" };
        Ended { at, code, reason: reason.into(), message: EcoString::new() }
    }
}

impl Run {
    /// Whether it runs as far as the kubelet knows.
    pub fn seems_running(&self) -> bool {
        !(self.ended.is_some() && self.noticed)
    }

    /// Its end as far as the kubelet knows.
    pub fn known_end(&self) -> Option<&Ended> {
        self.ended.as_deref().filter(|_| self.noticed)
    }
}

impl Container {
    /// Whether it runs as far as the kubelet knows.
    pub fn seems_running(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.seems_running())
    }

    /// Whether it runs in truth.
    pub fn is_running(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.ended.is_none())
    }

    /// How its last run ended, if it does not seem to run.
    pub fn end(&self) -> Option<&Ended> {
        self.run.as_ref().and_then(|run| run.known_end())
    }

    /// Whether its last run is known to have ended with 0.
    pub fn succeeded(&self) -> bool {
        self.end().is_some_and(|end| end.code == 0)
    }
}

/// A growing pause between tries (`client-go/util/flowcontrol.Backoff`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Backoff {
    pause: Duration,
    last: Time,
}

/// First pause.
const PAUSE_LEAST: Duration = Duration::from_secs(10);
/// Longest pause.
const PAUSE_MOST: Duration = Duration::from_secs(300);

impl Backoff {
    const NONE: Self = Backoff { pause: Duration::ZERO, last: Time(0) };

    /// The time left of the pause that began at `since`; `None` if it is over or there is none.
    ///
    /// Models flowcontrol.Backoff IsInBackOffSince.
    pub fn left(&self, since: Time, now: Time) -> Option<Duration> {
        if self.pause.is_zero() || now.since(self.last) > PAUSE_MOST * 2 {
            return None;
        }
        self.pause.checked_sub(now.since(since)).filter(|left| !left.is_zero())
    }

    /// The time left of the pause that began with the last try.
    ///
    /// Models flowcontrol.Backoff IsInBackOffSinceUpdate.
    pub fn left_since_last(&self, now: Time) -> Option<Duration> {
        self.left(self.last, now)
    }

    /// Makes the next pause longer.
    ///
    /// Models flowcontrol.Backoff Next.
    pub fn next(&mut self, now: Time) {
        let stale = self.pause.is_zero() || now.since(self.last) > PAUSE_MOST * 2;
        self.pause = if stale { PAUSE_LEAST } else { (self.pause * 2).min(PAUSE_MOST) };
        self.last = now;
    }

    /// The present pause.
    pub fn pause(&self) -> Duration {
        self.pause
    }

    /// Forgets the pauses.
    pub fn reset(&mut self) {
        *self = Backoff::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes_and_are_forgotten_after_ten() {
        let (mut backoff, mut now) = (Backoff::default(), Time::START);
        assert_eq!(backoff.left(now, now), None);
        let mut pauses = Vec::new();
        for _ in 0..7 {
            backoff.next(now);
            pauses.push(backoff.pause().as_secs());
        }
        assert_eq!(pauses, [10, 20, 40, 80, 160, 300, 300]);
        now = now.after(Duration::from_secs(100));
        assert_eq!(backoff.left(now, now), Some(Duration::from_secs(300)));
        now = now.after(Duration::from_secs(601));
        assert_eq!(backoff.left(now, now), None);
        backoff.next(now);
        assert_eq!(backoff.pause().as_secs(), 10);
    }
}
