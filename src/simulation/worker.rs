//! A control loop's work queue and the decisions that it is carrying out.
//!
//! Models `client-go/util/workqueue`: a key waits at most once, and is never worked on twice at
//! the same time; what arrives meanwhile makes it due again afterwards.

use imbl::{OrdMap, Vector};

use crate::api::object::ObjectKey;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::controller::{Decision, Step};

/// State of all keys of one control loop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Worker {
    keys: OrdMap<ObjectKey, KeyState>,
    // Of a loop with a single worker: the key in work, and those whose turn comes after it.
    active: Option<ObjectKey>,
    line: Vector<ObjectKey>,
}

/// State of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct KeyState {
    /// When a sync is due; syncs announced for other times are void.
    pub due: Option<Time>,
    /// When the key is added again by itself (requeue or back-off), the earliest of such times.
    pub delayed: Option<Time>,
    /// The decision that is being carried out.
    pub running: Option<Running>,
    /// Whether something changed while a decision was being carried out.
    pub dirty: bool,
    /// Whether it waits for the single worker.
    pub in_line: bool,
    /// Failed syncs since the last one without error.
    pub failures: u32,
}

/// A decision being carried out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Running {
    /// The decision.
    pub decision: Decision,
    /// The next step; beyond the steps it counts into `finally`.
    pub next: u32,
    /// The first refusal or error.
    pub error: Option<EcoString>,
}

impl Running {
    /// A decision of which nothing is done yet.
    pub fn new(decision: Decision) -> Self {
        Running { error: decision.error.clone(), decision, next: 0 }
    }

    /// The next step, if any is left.
    pub fn step(&self) -> Option<&Step> {
        let next = self.next as usize;
        let steps = &self.decision.steps;
        steps.get(next).or_else(|| self.decision.finally.get(next.checked_sub(steps.len())?))
    }

    /// Leaves the steps that are left out; `finally` remains.
    pub fn give_up(&mut self) {
        self.next = self.next.max(self.decision.steps.len() as u32);
    }
}

impl Worker {
    /// The state of `key`.
    pub fn get(&self, key: &ObjectKey) -> Option<&KeyState> {
        self.keys.get(key)
    }

    /// The state of `key` for writing, made if absent.
    pub fn entry(&mut self, key: &ObjectKey) -> &mut KeyState {
        self.keys.entry(key.clone()).or_default()
    }

    /// Forgets a key that has nothing left to remember.
    pub fn forget_if_idle(&mut self, key: &ObjectKey) {
        if self.keys.get(key) == Some(&KeyState::default()) {
            self.keys.remove(key);
        }
    }

    /// Asks the single worker to take `key` on: false if it is busy, then the key waits in line.
    pub fn take_on(&mut self, key: &ObjectKey) -> bool {
        if self.active.is_none() {
            self.active = Some(key.clone());
            return true;
        }
        let state = self.entry(key);
        if !std::mem::replace(&mut state.in_line, true) {
            self.line.push_back(key.clone());
        }
        false
    }

    /// The single worker is done with its key; gives the one whose turn it is.
    pub fn next_in_line(&mut self) -> Option<ObjectKey> {
        self.active = None;
        let key = self.line.pop_front()?;
        self.entry(&key).in_line = false;
        Some(key)
    }

    /// Forgets everything, as a restarted controller has.
    pub fn restart(&mut self) {
        *self = Worker::default();
    }
}
