//! How the shown instant moves: time that flows, steps, jumps, marks.
//!
//! The same for a session that is computed and for one that was recorded.

use std::collections::BTreeSet;

use super::effect::Effect;
use super::embed::Limits;
use super::history::{self, Tick};
use super::message::{Direction, Message, Unit};
use super::playback::Playback;
use super::{MARKS_MAX, STEP_MAX};
use crate::api::time::{Duration, Time};

/// What the time bar sets, and what bounds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Controls {
    /// Whether and how fast time flows.
    pub playback: Playback,
    /// What counts as a step.
    pub unit: Unit,
    /// Instants that the learner marked.
    pub marks: BTreeSet<Time>,
    /// What a reader may not do.
    pub limits: Limits,
}

/// A session whose shown instant can be moved.
pub trait Motion {
    /// The first instant.
    fn start(&self) -> Time;
    /// The shown instant.
    fn now(&self) -> Time;
    /// The latest instant known.
    fn horizon(&self) -> Time;
    /// When something happens next.
    fn next_at(&self) -> Option<Time>;
    /// What happened up to the latest instant known.
    fn ticks(&self) -> &[Tick];
    /// When something was done, and what if it was a command.
    fn inputs(&self) -> Vec<(Time, Option<String>)>;
    /// Whether everything is as it was wanted, and has been for a while.
    fn has_nothing_left(&self) -> bool;
    /// Lets time pass until an instant that is not before the shown one.
    fn advance_to(&mut self, time: Time);
    /// Shows an earlier instant.
    fn go_back(&mut self, time: Time);
    /// Does the next thing that happens.
    fn step_once(&mut self);

    /// What the time bar sets.
    fn controls(&self) -> &Controls;
    /// The same, to be changed.
    fn controls_mut(&mut self) -> &mut Controls;

    /// Whether later instants than the shown one are known.
    fn is_in_past(&self) -> bool {
        self.now() < self.horizon()
    }

    /// Carries out a message that moves the shown instant; nothing if it does something else.
    fn move_by(&mut self, message: &Message) -> Option<Vec<Effect>> {
        Some(match message {
            Message::FramePassed(elapsed) => self.frame(*elapsed),
            Message::PlayToggled => {
                let playback = &mut self.controls_mut().playback;
                playback.playing = !playback.playing;
                playback.rests = false;
                self.frames()
            }
            Message::SpeedChosen(speed) => {
                self.controls_mut().playback.speed = *speed;
                self.frames()
            }
            Message::SkipWaitingToggled => {
                let playback = &mut self.controls_mut().playback;
                playback.skip_waiting = !playback.skip_waiting;
                self.frames()
            }
            Message::Stepped(unit, direction) => self.step(*unit, *direction),
            Message::UnitChosen(unit) => {
                self.controls_mut().unit = *unit;
                Vec::new()
            }
            Message::Sought { at_ms } => {
                self.seek(self.start().after(Duration::from_millis(*at_ms)))
            }
            Message::JumpedToCommand(direction) => self.jump_to_command(*direction),
            Message::JumpedToMark(direction) => self.jump_to_mark(*direction),
            Message::MarkToggled => {
                let now = self.now();
                let marks = &mut self.controls_mut().marks;
                if !marks.remove(&now) && marks.len() < MARKS_MAX {
                    marks.insert(now);
                }
                vec![Effect::Save]
            }
            Message::ReturnedToStart => self.seek(self.start()),
            Message::ReturnedToNow => self.seek(self.horizon()),
            _ => return None,
        })
    }

    /// What the browser has to do after the flow of time changed.
    fn frames(&self) -> Vec<Effect> {
        match self.controls().playback.playing {
            true => vec![Effect::RequestFrame, Effect::Save],
            false => vec![Effect::Save],
        }
    }

    /// A frame was drawn so long after the last one.
    fn frame(&mut self, elapsed: Duration) -> Vec<Effect> {
        if !self.controls().playback.playing {
            return Vec::new();
        }
        if self.has_nothing_left() {
            self.controls_mut().playback.playing = false;
            self.controls_mut().playback.rests = true;
            return vec![Effect::Save];
        }
        let until = self.controls().playback.advance(self.now(), self.next_at(), elapsed);
        if let Some(mark) = self.mark_until(until) {
            self.advance_to(mark);
            self.controls_mut().playback.playing = false;
            return vec![Effect::Save];
        }
        self.advance_to(until);
        vec![Effect::RequestFrame]
    }

    /// The mark at which time is to stand still, if it comes before `until`.
    fn mark_until(&self, until: Time) -> Option<Time> {
        let next = self.controls().marks.iter().find(|mark| **mark > self.now());
        next.copied().filter(|mark| self.controls().limits.pause_on_markers && *mark <= until)
    }

    /// Shows an instant; time stands still.
    fn seek(&mut self, time: Time) -> Vec<Effect> {
        self.controls_mut().playback.playing = false;
        if time >= self.now() {
            self.advance_to(time);
        } else {
            self.go_back(time.max(self.start()));
        }
        vec![Effect::Save]
    }

    /// Goes on, or back, to the next thing of this unit.
    fn step(&mut self, unit: Unit, direction: Direction) -> Vec<Effect> {
        match direction {
            Direction::Forward => {
                self.controls_mut().playback.playing = false;
                self.step_forward(unit);
                vec![Effect::Save]
            }
            Direction::Back => match history::before(self.ticks(), unit, self.now()) {
                Some(time) => self.seek(time),
                None => self.seek(self.start()),
            },
        }
    }

    /// Goes on until something of this unit happens, within a bound of quiet time.
    fn step_forward(&mut self, unit: Unit) {
        let (start, limit) = (self.now(), self.now().after(STEP_MAX));
        while self.next_at().is_some_and(|next| next <= limit) {
            self.step_once();
            if history::has(self.ticks(), unit, start, self.now()) {
                return;
            }
        }
    }

    /// Shows the instant of the next or former input.
    fn jump_to_command(&mut self, direction: Direction) -> Vec<Effect> {
        let now = self.now();
        let times = self.inputs().into_iter().map(|(at, _)| at);
        let target = match direction {
            Direction::Forward => times.filter(|at| *at > now).min(),
            Direction::Back => times.filter(|at| *at < now).max(),
        };
        match (target, direction) {
            (Some(time), _) => self.seek(time),
            (None, Direction::Forward) => self.seek(self.horizon()),
            (None, Direction::Back) => self.seek(self.start()),
        }
    }

    /// Shows the next or former marked instant.
    fn jump_to_mark(&mut self, direction: Direction) -> Vec<Effect> {
        let now = self.now();
        let target = match direction {
            Direction::Forward => self.controls().marks.iter().find(|at| **at > now),
            Direction::Back => self.controls().marks.iter().rev().find(|at| **at < now),
        };
        match target.copied() {
            Some(time) => self.seek(time),
            None => Vec::new(),
        }
    }
}
