//! What happened on this branch, in the order in which it was first played: the time bar's ticks.
//!
//! Kept beside the timeline, because the bar also shows what lies after the shown instant.

use super::message::Unit;
use super::view::names;
use crate::api::object::ObjectKey;
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::apiserver::request::Actor;
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::shell::session::Session;
use crate::simulation::timeline::World;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When.
    pub time: Time,
    /// By whom.
    pub actor: Actor,
    /// To what.
    pub about: ObjectKey,
    /// As what it counts.
    pub unit: Unit,
}

/// A name's answer that is another one than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameChange {
    /// Since when.
    pub time: Time,
    /// The name.
    pub name: String,
    /// Its addresses; `None` if the name does not exist.
    pub answer: Option<Vec<String>>,
}

/// The ticks of a branch, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    ticks: Vec<Tick>,
    names: Vec<NameChange>,
    horizon: Time,
    revision: u64,
    reasons: u64,
}

/// How many ticks are kept; the oldest go first.
const TICKS_MAX: usize = 40_000;
/// How many answers are kept.
const NAMES_MAX: usize = 2_000;

impl History {
    /// Notes what is new in `session`, if its instant is the latest so far.
    pub fn observe(&mut self, session: &Session) {
        if session.now() < self.horizon {
            return;
        }
        self.horizon = session.now();
        self.observe_reasons(session);
        let storage = session.cluster().api().storage();
        if storage.revision() == self.revision {
            return;
        }
        let mut names = false;
        for change in storage.events_since(self.revision).filter(|c| c.is_substantial()) {
            names |= matches!(
                change.key.kind,
                Kind::EndpointSlice | Kind::Service | Kind::StatefulSet | Kind::Pod
            );
            let unit = if is_phase_change(change) { Unit::Phase } else { Unit::Write };
            let (time, actor, about) = (change.time, change.actor.clone(), change.key.clone());
            self.ticks.push(Tick { time, actor, about, unit });
        }
        self.revision = storage.revision();
        if names {
            self.observe_names(session);
        }
        if self.ticks.len() > TICKS_MAX {
            self.ticks.drain(..self.ticks.len() - TICKS_MAX);
        }
    }

    fn observe_names(&mut self, session: &Session) {
        let time = session.now();
        for (name, answer) in names::answers(session.cluster().lister()) {
            let before = self.names.iter().rev().find(|change| change.name == name);
            if before.is_none_or(|before| before.answer != answer) {
                self.names.push(NameChange { time, name, answer });
            }
        }
        if self.names.len() > NAMES_MAX {
            self.names.drain(..self.names.len() - NAMES_MAX);
        }
    }

    /// The answers that a name had up to an instant, newest first.
    pub fn answers<'a>(
        &'a self,
        name: &'a str,
        until: Time,
    ) -> impl Iterator<Item = &'a NameChange> {
        self.names.iter().rev().filter(move |change| change.name == name && change.time <= until)
    }

    fn observe_reasons(&mut self, session: &Session) {
        let trace = session.cluster().trace();
        let new = trace.total().saturating_sub(self.reasons) as usize;
        let entries = trace.entries();
        let start = entries.len().saturating_sub(new);
        self.ticks.extend(entries.iter().skip(start).map(|entry| Tick {
            time: entry.time,
            actor: entry.actor.clone(),
            about: entry.about.clone(),
            unit: Unit::Decision,
        }));
        self.reasons = trace.total();
    }

    /// The latest instant played.
    pub fn horizon(&self) -> Time {
        self.horizon
    }

    /// All ticks, roughly by time.
    pub fn ticks(&self) -> &[Tick] {
        &self.ticks
    }

    /// Drops what lies after the shown instant: the learner acts there.
    pub fn forget_after(&mut self, session: &Session) {
        let now = session.now();
        self.ticks.retain(|tick| tick.time <= now);
        self.names.retain(|change| change.time <= now);
        self.horizon = now;
        self.revision = session.cluster().api().storage().revision();
        self.reasons = session.cluster().trace().total();
    }
}

/// Whether something of this unit happened after `start`, up to `end`.
pub fn has(ticks: &[Tick], unit: Unit, start: Time, end: Time) -> bool {
    let recent = ticks.iter().rev().take_while(|tick| tick.time > start);
    let mut recent = recent.filter(|tick| tick.time <= end);
    recent.any(|tick| counts(tick.unit, unit))
}

/// The time of the last thing of this unit before `time`.
pub fn before(ticks: &[Tick], unit: Unit, time: Time) -> Option<Time> {
    let earlier = ticks.iter().filter(|t| t.time < time && counts(t.unit, unit));
    earlier.map(|tick| tick.time).max()
}

// A change of phase is a write too.
fn counts(is: Unit, wanted: Unit) -> bool {
    is == wanted || (wanted == Unit::Write && is == Unit::Phase)
}

fn is_phase_change(change: &WatchEvent) -> bool {
    if change.event_type != WatchEventType::Modified {
        return true;
    }
    let Some(previous) = &change.previous else { return true };
    let differs = |path: &[&str]| change.object.path(path) != previous.path(path);
    match change.key.kind {
        Kind::Pod => {
            differs(&["status", "phase"])
                || differs(&["metadata", "deletionTimestamp"])
                || is_ready(&change.object.value) != is_ready(&previous.value)
        }
        _ => differs(&["status", "phase"]) || differs(&["metadata", "deletionTimestamp"]),
    }
}

fn is_ready(pod: &crate::api::value::Value) -> bool {
    let conditions = pod.path(&["status", "conditions"]).items();
    conditions.iter().any(|c| c.get("type").str() == "Ready" && c.get("status").str() == "True")
}
