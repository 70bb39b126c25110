//! Everything that the page can do.

use super::scenario::Scenario;
use crate::api::time::{Duration, Time};
use crate::locale::Language;
use crate::shell::session::Input;

/// Something that happened in the page.
#[derive(Clone, Debug)]
pub enum Message {
    /// A frame was drawn this much real time after the last one.
    FramePassed(Duration),
    /// The learner did something to the session.
    Act(Input),
    /// Time flows, or stands still.
    Played(bool),
    /// How fast time flows.
    SpeedChosen(super::playback::Speed),
    /// Whether idle stretches pass quickly.
    SkipWaiting(bool),
    /// One step.
    Stepped(Unit, Direction),
    /// Show this instant.
    Sought(Time),
    /// Show the instant of the next or former command.
    JumpedToCommand(Direction),
    /// Show the latest instant known.
    ReturnedToNow,
    /// Take a former future up again.
    BranchChosen(usize),
    /// Begin anew.
    ScenarioChosen(&'static Scenario, u64),
    /// Show the page in this language.
    LanguageChosen(Language),
    /// Open a link's session.
    LinkOpened(String),
}

/// What counts as a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A control loop gave a reason.
    Decision,
    /// Something was written to the API server (not events or heartbeats).
    Write,
    /// A Pod, claim or volume changed its phase or readiness, came or went.
    Phase,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the future.
    Forward,
    /// Towards the past.
    Back,
}
