//! What was decided, when, by whom, about what, and why.

use imbl::Vector;

use crate::api::object::ObjectKey;
use crate::api::time::Time;
use crate::apiserver::request::Actor;
use crate::controller::Reason;

/// One reason given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceEntry {
    /// When.
    pub time: Time,
    /// By whom.
    pub actor: Actor,
    /// About what.
    pub about: ObjectKey,
    /// Why.
    pub reason: Reason,
    /// The store's revision at that moment: the state that the decision was made on.
    pub revision: u64,
}

/// The reasons given so far, oldest first; the oldest are forgotten at a limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Trace {
    entries: Vector<TraceEntry>,
    total: u64,
}

/// How many reasons are kept.
pub const TRACE_LENGTH_MAX: usize = 20_000;

impl Trace {
    /// Adds a reason, unless the last one of this actor about this object says the same.
    pub fn push(&mut self, entry: TraceEntry) {
        let same = |e: &&TraceEntry| e.about == entry.about && e.actor == entry.actor;
        let last = self.entries.iter().rev().take(200).find(same);
        if last.is_some_and(|last| last.reason == entry.reason) {
            return;
        }
        self.entries.push_back(entry);
        self.total += 1;
        if self.entries.len() > TRACE_LENGTH_MAX {
            self.entries.pop_front();
        }
    }

    /// All reasons, oldest first.
    pub fn entries(&self) -> &Vector<TraceEntry> {
        &self.entries
    }

    /// How many reasons were given in all, the forgotten ones included.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The reasons about one object, newest first.
    pub fn about(&self, key: &ObjectKey) -> impl Iterator<Item = &TraceEntry> {
        self.entries.iter().rev().filter(move |e| &e.about == key)
    }
}
