//! Follows a session and says of each goal whether it is reached, and since when or why not.
//!
//! A judge looks at the objects after every write to the API server, and remembers at which
//! instants a condition began or ceased to hold. So a goal can be judged at any instant played,
//! and a broken one names the instant.

use std::rc::Rc;

use super::evaluate::{Finding, View, evaluate};
use super::goal::{Goal, Rule};
use super::state::State;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::shell::session::{Input, Session};
use crate::simulation::timeline::{Entry, World};

/// What became of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is reached.
    pub outcome: Outcome,
    /// The instant that decided: since when it is reached, or which one broke it.
    pub at: Option<Time>,
    /// Why it is not reached.
    pub why: Option<Why>,
}

/// Whether a goal is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is.
    Passed,
    /// Not yet.
    Open,
    /// It cannot be any more, unless the learner goes back in time.
    Broken,
}

/// Why a goal is not reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// This is seen instead.
    Seen(Finding),
    /// This was seen, at an instant.
    WasSeen(Finding),
    /// The second thing came, and this was seen of the first.
    WrongOrder(Finding),
    /// No command matches this.
    NoCommand(EcoString),
    /// This command was entered.
    Command(EcoString),
    /// So many commands were entered, more than so many.
    TooManyCommands(u32, u32),
}

/// From an instant on a condition holds or not.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Point {
    time: Time,
    revision: u64,
    holds: bool,
    finding: Finding,
}

/// Judges goals from a start on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judge {
    goals: Rc<Vec<Goal>>,
    entries: usize,
    begun_at: Time,
    start: State,
    state: State,
    revision: u64,
    horizon: Time,
    // One for each condition of each goal.
    tracks: Vec<Vec<Point>>,
}

impl Judge {
    /// Begins to judge at the present of `session`, before which `entries` inputs were given.
    pub fn new(goals: Vec<Goal>, session: &Session, entries: usize) -> Self {
        let state = State::of(session);
        let conditions = goals.iter().map(|goal| goal.rule.conditions().count()).sum();
        let mut judge = Judge {
            goals: Rc::new(goals),
            entries,
            begun_at: session.now(),
            start: state.clone(),
            state,
            revision: session.cluster().api().storage().revision(),
            horizon: session.now(),
            tracks: vec![Vec::new(); conditions],
        };
        judge.look(session, session.now(), |_| true);
        judge
    }

    /// The goals.
    pub fn goals(&self) -> &[Goal] {
        &self.goals
    }

    /// Says the same goals in another language. False if they are not the same.
    pub fn reword(&mut self, goals: Vec<Goal>) -> bool {
        let is_same = |(a, b): (&Goal, &Goal)| a.id == b.id && a.rule == b.rule;
        let are_same =
            goals.len() == self.goals.len() && goals.iter().zip(self.goals.iter()).all(is_same);
        if are_same {
            self.goals = Rc::new(goals);
        }
        are_same
    }

    /// When it began.
    pub fn begun_at(&self) -> Time {
        self.begun_at
    }

    /// How many inputs had been given when it began.
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// Looks at what is new in `session`, if its instant is the latest so far.
    pub fn observe(&mut self, session: &Session) {
        if session.now() < self.horizon {
            return;
        }
        self.horizon = session.now();
        let storage = session.cluster().api().storage();
        if storage.revision() != self.revision {
            let changes: Vec<_> = storage.events_since(self.revision).cloned().collect();
            for change in changes {
                self.state.apply(&change);
                self.revision = change.revision;
                self.look(session, change.time, |condition| condition.depends_on(&change.key));
            }
            self.revision = storage.revision();
        }
        self.look(session, session.now(), |condition| condition.reads_files());
    }

    // Notes where a condition that is concerned has changed.
    fn look(
        &mut self,
        session: &Session,
        time: Time,
        concerns: impl Fn(&super::condition::Condition) -> bool,
    ) {
        let goals = self.goals.clone();
        let conditions = goals.iter().flat_map(|goal| goal.rule.conditions());
        let (state, start) = (&self.state, &self.start);
        for (condition, track) in conditions.zip(&mut self.tracks) {
            if !concerns(condition) {
                continue;
            }
            let (holds, finding) = evaluate(condition, View { state, start, session });
            let last = track.last();
            if last.is_none_or(|last| last.holds != holds || last.finding != finding) {
                track.push(Point { time, revision: self.revision, holds, finding });
            }
        }
    }

    /// Drops what lies after the present of `session`: the learner acts there.
    pub fn forget_after(&mut self, session: &Session) {
        let now = session.now();
        self.revision = session.cluster().api().storage().revision();
        self.horizon = now;
        self.state = State::of(session);
        let revision = self.revision;
        for track in &mut self.tracks {
            track.retain(|point| point.time <= now && point.revision <= revision);
        }
    }

    /// What has become of each goal at an instant; `entries` are all inputs of the session.
    pub fn verdicts(&self, at: Time, entries: &[Entry<Input>]) -> Vec<Verdict> {
        let entries = entries.get(self.entries..).unwrap_or_default();
        let commands: Vec<(Time, &EcoString)> = entries
            .iter()
            .filter(|entry| entry.at <= at)
            .filter_map(|entry| match &entry.input {
                Input::Command { line, .. } => Some((entry.at, line)),
                _ => None,
            })
            .collect();
        let mut tracks = self.tracks.iter().map(|track| {
            let end = track.partition_point(|point| point.time <= at);
            track.get(..end).unwrap_or_default()
        });
        let verdict = |goal: &Goal| {
            let count = goal.rule.conditions().count();
            let tracks: Vec<&[Point]> = tracks.by_ref().take(count).collect();
            verdict(&goal.rule, &tracks, &commands)
        };
        self.goals.iter().map(verdict).collect()
    }
}

fn passed(at: Option<Time>) -> Verdict {
    Verdict { outcome: Outcome::Passed, at, why: None }
}

fn open(why: Why) -> Verdict {
    Verdict { outcome: Outcome::Open, at: None, why: Some(why) }
}

fn broken(at: Time, why: Why) -> Verdict {
    Verdict { outcome: Outcome::Broken, at: Some(at), why: Some(why) }
}

fn verdict(rule: &Rule, tracks: &[&[Point]], commands: &[(Time, &EcoString)]) -> Verdict {
    let track = tracks.first().copied().unwrap_or_default();
    match rule {
        Rule::Now(_) => now(track),
        Rule::Eventually(_) => match track.iter().find(|point| point.holds) {
            Some(point) => passed(Some(point.time)),
            None => now(track),
        },
        Rule::Always(_) => guard(track, false),
        Rule::Never(_) => guard(track, true),
        Rule::Before(..) => before(track, tracks.get(1).copied().unwrap_or_default()),
        Rule::Used(pattern) => match commands.iter().find(|(_, line)| pattern.is_in(line)) {
            Some((at, _)) => passed(Some(*at)),
            None => open(Why::NoCommand(pattern.text.clone())),
        },
        Rule::NotUsed(pattern) => match commands.iter().find(|(_, line)| pattern.is_in(line)) {
            Some((at, line)) => broken(*at, Why::Command((*line).clone())),
            None => passed(None),
        },
        Rule::AtMost(most) => match commands.get(*most as usize) {
            Some((at, _)) => broken(*at, Why::TooManyCommands(commands.len() as u32, *most)),
            None => passed(None),
        },
    }
}

fn now(track: &[Point]) -> Verdict {
    match track.last() {
        Some(last) if last.holds => {
            let since = track.iter().rev().take_while(|point| point.holds).last();
            passed(since.map(|point| point.time))
        }
        Some(last) => open(Why::Seen(last.finding.clone())),
        None => passed(None),
    }
}

fn guard(track: &[Point], breaks: bool) -> Verdict {
    match track.iter().find(|point| point.holds == breaks) {
        Some(point) => broken(point.time, Why::WasSeen(point.finding.clone())),
        None => passed(None),
    }
}

fn before(first: &[Point], then: &[Point]) -> Verdict {
    let begins = |track: &[Point]| {
        let point = track.iter().find(|point| point.holds);
        point.map(|point| (point.revision, point.time))
    };
    match (begins(first), begins(then)) {
        (Some((revision, time)), then) if then.is_none_or(|(then, _)| revision <= then) => {
            passed(Some(time))
        }
        (_, Some((_, time))) => {
            let seen = first.iter().rfind(|point| point.time <= time).or(first.first());
            match seen {
                Some(point) => broken(time, Why::WrongOrder(point.finding.clone())),
                None => passed(None),
            }
        }
        _ => now(first),
    }
}
