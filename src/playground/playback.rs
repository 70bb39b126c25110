//! How simulated time follows real time.

use crate::api::time::{Duration, Time};

/// How fast time flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed(u32);

impl Speed {
    /// The speeds on offer, slowest first.
    pub const ALL: [Speed; 7] =
        [Speed(25), Speed(50), Speed(100), Speed(200), Speed(500), Speed(1000), Speed(2000)];
    /// As in reality.
    pub const NORMAL: Speed = Speed(100);

    /// Hundredths of real speed.
    pub fn percent(self) -> u32 {
        self.0
    }

    /// `0.25x`, `5x`
    pub fn label(self) -> String {
        format!("{}x", f64::from(self.0) / 100.0)
    }
}

/// Whether and how fast time flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Playback {
    /// Whether it flows.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// Whether stretches in which nothing happens pass quickly.
    pub skip_waiting: bool,
    /// Whether time stands still because nothing was left to happen; the next act starts it.
    pub rests: bool,
}

impl Default for Playback {
    fn default() -> Self {
        Playback { playing: false, speed: Speed::NORMAL, skip_waiting: true, rests: false }
    }
}

/// A stretch without events longer than this counts as waiting.
const WAITING: Duration = Duration::from_millis(1_500);
/// While waiting, time passes this many times as fast.
const WAITING_FACTOR: u32 = 20;
/// A frame that took longer than this (a hidden tab) counts as this long.
const FRAME_MAX: Duration = Duration::from_millis(100);

impl Playback {
    /// The instant to show after a frame: `next` is when something happens next.
    pub fn advance(&self, now: Time, next: Option<Time>, elapsed: Duration) -> Time {
        let span = elapsed.min(FRAME_MAX) * self.speed.0 / 100;
        let waiting = next.is_none_or(|next| next.since(now) > WAITING);
        match next {
            _ if !(self.skip_waiting && waiting) => now.after(span),
            // Stops short of what happens, so that it is seen to happen.
            Some(next) => now.after(span * WAITING_FACTOR).min(next),
            None => now.after(span),
        }
    }
}
