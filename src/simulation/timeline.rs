//! A session as its inputs: rewind, replay, fork.
//!
//! Generic over the world, so that the kernel replays command lines without knowing kubectl.
//! A seek restores the nearest checkpoint and repeats what followed.

use std::rc::Rc;

use crate::api::time::Time;

/// Something that inputs act on and that goes on by itself.
pub trait World: Clone {
    /// What can be done to it.
    type Input: Clone;

    /// Its time.
    fn now(&self) -> Time;

    /// When it will do something by itself next.
    fn next_at(&self) -> Option<Time>;

    /// Does the next thing, moving the clock to it.
    fn step(&mut self);

    /// Moves the clock to `time`, which nothing that is due precedes.
    fn wait_until(&mut self, time: Time);

    /// Takes an input in at its present time.
    fn apply(&mut self, input: &Self::Input);
}

/// An input with the time at which it was given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry<I> {
    /// When.
    pub at: Time,
    /// What.
    pub input: I,
}

/// A world with its past.
#[derive(Clone)]
pub struct Timeline<W: World> {
    genesis: W,
    entries: Vec<Entry<W::Input>>,
    // How many inputs each checkpoint has seen; sorted by time.
    checkpoints: Vec<(usize, Rc<W>)>,
    present: W,
    applied: usize,
    since_checkpoint: u32,
}

/// A checkpoint is made after this many steps.
const CHECKPOINT_INTERVAL: u32 = 128;
/// The most checkpoints kept; every second one is dropped at the limit.
const CHECKPOINTS_MAX: usize = 512;

impl<W: World> Timeline<W> {
    /// A session that starts with `genesis`.
    pub fn new(genesis: W) -> Self {
        Timeline {
            checkpoints: vec![(0, Rc::new(genesis.clone()))],
            present: genesis.clone(),
            genesis,
            entries: Vec::new(),
            applied: 0,
            since_checkpoint: 0,
        }
    }

    /// The world at the shown instant.
    pub fn world(&self) -> &W {
        &self.present
    }

    /// The world before any input.
    pub fn genesis(&self) -> &W {
        &self.genesis
    }

    /// All inputs, also those after the shown instant.
    pub fn entries(&self) -> &[Entry<W::Input>] {
        &self.entries
    }

    /// How many of the inputs lie at or before the shown instant.
    pub fn applied(&self) -> usize {
        self.applied
    }

    /// Acts at the shown instant. What was recorded after it is dropped and given back, so that
    /// it can be kept as a branch.
    pub fn input(&mut self, input: W::Input) -> Vec<Entry<W::Input>> {
        let dropped = self.entries.split_off(self.applied);
        let now = self.present.now();
        self.checkpoints.retain(|(_, world)| world.now() <= now);
        self.entries.push(Entry { at: now, input });
        self.apply_next();
        dropped
    }

    /// Takes `input` in place of the last input, if nothing was done after it and `may` says so.
    /// True if it did.
    pub fn replace_last(
        &mut self,
        may: impl Fn(&Entry<W::Input>) -> bool,
        input: &W::Input,
    ) -> bool {
        let is_last = self.applied == self.entries.len();
        match self.entries.last_mut() {
            Some(entry) if is_last && may(entry) => entry.input = input.clone(),
            _ => return false,
        }
        let now = self.present.now();
        let index = self.entries.len() - 1;
        self.checkpoints.retain(|(applied, _)| *applied <= index);
        self.seek_before_input(index);
        self.apply_next();
        self.advance_to(now);
        true
    }

    /// Drops what was recorded after the shown instant and takes `entries` as the future: they
    /// happen as time goes on, unless something else is done first.
    pub fn plan(&mut self, entries: Vec<Entry<W::Input>>) -> Vec<Entry<W::Input>> {
        let dropped = self.entries.split_off(self.applied);
        let now = self.present.now();
        self.checkpoints.retain(|(_, world)| world.now() <= now);
        self.entries.extend(entries);
        dropped
    }

    fn apply_next(&mut self) {
        if let Some(entry) = self.entries.get(self.applied) {
            self.present.apply(&entry.input);
            self.applied += 1;
            self.checkpoint();
        }
    }

    fn checkpoint(&mut self) {
        self.since_checkpoint = 0;
        let key = (self.present.now(), self.applied);
        let at = |(applied, world): &(usize, Rc<W>)| (world.now(), *applied);
        let position = self.checkpoints.partition_point(|c| at(c) <= key);
        if position > 0 && at(&self.checkpoints[position - 1]) == key {
            return;
        }
        let entry = (self.applied, Rc::new(self.present.clone()));
        self.checkpoints.insert(position, entry);
        if self.checkpoints.len() > CHECKPOINTS_MAX {
            let mut index = 0;
            self.checkpoints.retain(|_| {
                index += 1;
                index % 2 == 1
            });
        }
    }

    /// The time of the next thing that happens: a recorded input or a step of the world.
    pub fn next_at(&self) -> Option<Time> {
        let input = self.entries.get(self.applied).map(|entry| entry.at);
        match (input, self.present.next_at()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Does one thing: the next recorded input or the next step of the world. False if there is
    /// nothing to do.
    pub fn step(&mut self) -> bool {
        let input = self.entries.get(self.applied).map(|entry| entry.at);
        match (input, self.present.next_at()) {
            // What was due before an input was given had happened when it was given.
            (Some(at), Some(next)) if next <= at => self.step_world(),
            (Some(at), _) => {
                self.present.wait_until(at);
                self.apply_next();
            }
            (None, Some(_)) => self.step_world(),
            (None, None) => return false,
        }
        true
    }

    fn step_world(&mut self) {
        self.present.step();
        self.since_checkpoint += 1;
        if self.since_checkpoint >= CHECKPOINT_INTERVAL {
            self.checkpoint();
        }
    }

    /// Lets time pass until `time`: everything due until then happens.
    pub fn advance_to(&mut self, time: Time) {
        while self.next_at().is_some_and(|next| next <= time) {
            self.step();
        }
        if self.present.now() < time {
            self.present.wait_until(time);
        }
    }

    /// Shows the instant `time`, in the past or in the future.
    pub fn seek(&mut self, time: Time) {
        if time < self.present.now() {
            let usable = |(_, world): &&(usize, Rc<W>)| world.now() <= time;
            let found = self.checkpoints.iter().rev().find(usable);
            let (applied, world) = match found {
                Some((applied, world)) => (*applied, (**world).clone()),
                None => (0, self.genesis.clone()),
            };
            self.applied = applied;
            self.present = world;
        }
        self.advance_to(time);
    }

    /// Shows the instant just before input number `index` was given.
    pub fn seek_before_input(&mut self, index: usize) {
        let Some(at) = self.entries.get(index).map(|entry| entry.at) else {
            return;
        };
        let usable = |(applied, world): &&(usize, Rc<W>)| *applied <= index && world.now() <= at;
        let found = self.checkpoints.iter().rev().find(usable);
        let (applied, world) = match found {
            Some((applied, world)) => (*applied, (**world).clone()),
            None => (0, self.genesis.clone()),
        };
        self.applied = applied;
        self.present = world;
        while self.applied < index {
            self.step();
        }
        while self.present.next_at().is_some_and(|next| next <= at) {
            self.step_world();
        }
        if self.present.now() < at {
            self.present.wait_until(at);
        }
    }

    /// The session rebuilt from its genesis and inputs alone, without any checkpoint: what a
    /// share link does.
    pub fn rebuilt(&self) -> Self {
        let mut rebuilt = Timeline::new(self.genesis.clone());
        rebuilt.entries = self.entries.clone();
        rebuilt.advance_to(self.present.now());
        rebuilt
    }

    /// Takes a recorded list of inputs as the future of the genesis.
    pub fn with_entries(genesis: W, entries: Vec<Entry<W::Input>>) -> Self {
        let mut timeline = Timeline::new(genesis);
        timeline.entries = entries;
        timeline
    }
}
