//! What runs in a container.

use crate::api::time::Time;
use crate::chance::Choice;

use super::container::{Ended, Run};

/// The main process of a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    /// When it will have ended, and its exit code, once that is known.
    pub end: Option<(Time, i32)>,
    /// Whether it obeys SIGTERM.
    pub polite: bool,
}

impl Process {
    /// When it wants to run again.
    pub fn due(&self) -> Option<Time> {
        self.end.map(|(at, _)| at)
    }

    /// Asks it to end.
    pub fn terminate(&mut self, now: Time, choice: &mut Choice) {
        if self.polite {
            self.end = Some((now.after(choice.latency(60_000, 150_000)), 0));
        }
    }
}

impl Run {
    /// Lets its process run; true if it ended.
    pub fn advance(&mut self, now: Time) -> bool {
        match self.process.end {
            Some((at, code)) if at <= now => {
                self.end(Ended::new(at, code));
                true
            }
            _ => false,
        }
    }

    /// It has ended.
    pub fn end(&mut self, ended: Ended) {
        self.ended = Some(ended);
        self.ready = false;
    }
}
