//! What was decided, when, by whom, about what, and why.

use std::collections::VecDeque;

use imbl::Vector;

use crate::api::fnv::fingerprint;
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
    // Hashes of who spoke about what, of the last entries: quicker to search than they are.
    recent: VecDeque<u64>,
}

/// How many reasons are kept.
pub const TRACE_LENGTH_MAX: usize = 20_000;
// How far back a repetition is looked for.
const RECENT_LENGTH: usize = 200;

impl Trace {
    /// Adds a reason, unless the last one of this actor about this object says the same.
    pub fn push(&mut self, entry: TraceEntry) {
        let subject = fingerprint(&(&entry.about, &entry.actor));
        let last = self.last_about(subject, &entry);
        if last.is_some_and(|last| last.reason == entry.reason) {
            return;
        }
        if self.recent.len() == RECENT_LENGTH {
            self.recent.pop_front();
        }
        self.recent.push_back(subject);
        self.entries.push_back(entry);
        self.total += 1;
        if self.entries.len() > TRACE_LENGTH_MAX {
            self.entries.pop_front();
        }
    }

    // The last of the recent entries by the same actor about the same object.
    fn last_about(&self, subject: u64, entry: &TraceEntry) -> Option<&TraceEntry> {
        let alike = self.recent.iter().rev().enumerate().filter(|(_, other)| **other == subject);
        let count = self.entries.len();
        let mut entries = alike.filter_map(|(back, _)| self.entries.get(count - 1 - back));
        entries.find(|other| other.about == entry.about && other.actor == entry.actor)
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
