//! The time bar.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::because::clock;
use crate::api::time::{Duration, Time};
use crate::apiserver::request::Actor;
use crate::playground::Playground;
use crate::playground::history::Tick;
use crate::playground::message::Unit;
use crate::playground::motion::Motion;
use crate::playground::playback::Speed;

/// The time bar's state.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeView {
    /// Whether time flows.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// The speeds on offer with their labels.
    pub speeds: Arc<Vec<(Speed, String)>>,
    /// Whether idle stretches pass quickly.
    pub skip_waiting: bool,
    /// What counts as a step.
    pub unit: Unit,
    /// The shown instant in words.
    pub clock: String,
    /// Milliseconds from the start to the shown instant.
    pub now_ms: u64,
    /// Milliseconds from the start to the latest instant known.
    pub horizon_ms: u64,
    /// Whether later instants than the shown one are known.
    pub in_past: bool,
    /// Ticks for writes: their place between 0 and 1, and who wrote.
    pub ticks: Arc<Vec<TickView>>,
    /// Flags for the learner's commands.
    pub flags: Arc<Vec<FlagView>>,
    /// Instants that the learner marked.
    pub marks: Arc<Vec<FlagView>>,
    /// Whether the shown instant is marked.
    pub is_marked: bool,
    /// Former futures that can be taken up again.
    pub branches: Arc<Vec<String>>,
    /// Text for people who listen to the page.
    pub spoken: String,
}

/// A group of writes close to each other.
#[derive(Clone, Debug, PartialEq)]
pub struct TickView {
    /// Between 0 (start) and 1 (horizon).
    pub place: f64,
    /// Whose writes: `user`, `controller`, `scheduler`, `kubelet`.
    pub actor: &'static str,
    /// How many.
    pub count: u32,
}

/// A command of the learner, or a mark.
#[derive(Clone, Debug, PartialEq)]
pub struct FlagView {
    /// Between 0 (start) and 1 (horizon).
    pub place: f64,
    /// Milliseconds from the start.
    pub at_ms: u64,
    /// The command, or the mark's time.
    pub label: String,
}

/// The bar has room for so many ticks.
const BUCKETS: u64 = 240;
/// A bar of less than this looks empty.
const SPAN_MIN: Duration = Duration::from_secs(10);

/// The view of the time bar; `spoken` is the newest reason, `branches` are former futures.
pub fn time(motion: &impl Motion, spoken: String, branches: Vec<String>) -> TimeView {
    let start = motion.start();
    let horizon = motion.horizon().max(start.after(SPAN_MIN));
    let span = horizon.since(start).as_micros().max(1) as f64;
    let place = |time: Time| (time.since(start).as_micros() as f64 / span).min(1.0);
    let controls = motion.controls();
    let playback = controls.playback;
    let now = motion.now();
    TimeView {
        playing: playback.playing,
        speed: playback.speed,
        speeds: Arc::new(Speed::ALL.iter().map(|speed| (*speed, speed.label())).collect()),
        skip_waiting: playback.skip_waiting,
        unit: controls.unit,
        clock: clock(now),
        now_ms: milliseconds(start, now),
        horizon_ms: milliseconds(start, horizon),
        in_past: motion.is_in_past(),
        ticks: Arc::new(ticks(motion.ticks(), &place)),
        flags: Arc::new(flags(motion.inputs(), start, &place)),
        marks: Arc::new(marks(&controls.marks, start, &place)),
        is_marked: controls.marks.contains(&now),
        branches: Arc::new(branches),
        spoken,
    }
}

fn milliseconds(start: Time, time: Time) -> u64 {
    time.since(start).as_millis() as u64
}

fn ticks(ticks: &[Tick], place: &dyn Fn(Time) -> f64) -> Vec<TickView> {
    let writes = ticks.iter().filter(|tick| tick.unit != Unit::Decision);
    let mut ticks: Vec<TickView> = Vec::new();
    for tick in writes {
        let bucket = (place(tick.time) * BUCKETS as f64).floor() / BUCKETS as f64;
        let actor = actor(&tick.actor);
        let same = |t: &&mut TickView| t.place == bucket && t.actor == actor;
        match ticks.iter_mut().rev().take(5).find(same) {
            Some(tick) => tick.count += 1,
            None => ticks.push(TickView { place: bucket, actor, count: 1 }),
        }
    }
    ticks
}

/// The group of actors that share a colour.
pub fn actor(actor: &Actor) -> &'static str {
    match actor {
        Actor::User => "user",
        Actor::Controller(_) | Actor::Provisioner(_) => "controller",
        Actor::Scheduler => "scheduler",
        Actor::Kubelet(_) => "kubelet",
        Actor::System => "system",
    }
}

fn flags(
    inputs: Vec<(Time, Option<String>)>,
    start: Time,
    place: &dyn Fn(Time) -> f64,
) -> Vec<FlagView> {
    let commands = inputs.into_iter().filter_map(|(at, command)| Some((at, command?)));
    commands
        .map(|(at, label)| FlagView { place: place(at), at_ms: milliseconds(start, at), label })
        .collect()
}

fn marks(marks: &BTreeSet<Time>, start: Time, place: &dyn Fn(Time) -> f64) -> Vec<FlagView> {
    marks
        .iter()
        .map(|at| FlagView {
            place: place(*at),
            at_ms: milliseconds(start, *at),
            label: clock(*at),
        })
        .collect()
}

/// The newest reason: read after each step.
pub fn spoken(playground: &Playground) -> String {
    let trace = playground.session().cluster().trace();
    let entry = trace.entries().last();
    entry
        .map(|entry| crate::locale::sentence(&entry.reason, playground.language()))
        .unwrap_or_default()
}
