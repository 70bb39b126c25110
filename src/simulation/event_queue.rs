//! What will happen, by time.

use imbl::OrdMap;

use crate::api::time::Time;

/// Events with their times; equal times keep the order in which they were put in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventQueue<E: Clone> {
    events: OrdMap<(Time, u64), E>,
    next: u64,
}

/// Names one event in the queue.
pub type EventId = (Time, u64);

impl<E: Clone> Default for EventQueue<E> {
    fn default() -> Self {
        EventQueue { events: OrdMap::new(), next: 0 }
    }
}

impl<E: Clone> EventQueue<E> {
    /// Puts an event in.
    pub fn push(&mut self, at: Time, event: E) -> EventId {
        let id = (at, self.next);
        self.next += 1;
        self.events.insert(id, event);
        id
    }

    /// The earliest event's time.
    pub fn next_at(&self) -> Option<Time> {
        self.events.get_min().map(|((at, _), _)| *at)
    }

    /// Takes the earliest event.
    pub fn pop(&mut self) -> Option<(Time, E)> {
        let (id, _) = self.events.get_min()?;
        let id = *id;
        self.events.remove(&id).map(|event| (id.0, event))
    }

    /// Takes one event out of its turn.
    pub fn remove(&mut self, id: EventId) -> Option<E> {
        self.events.remove(&id)
    }

    /// All events in order.
    pub fn iter(&self) -> impl Iterator<Item = (EventId, &E)> {
        self.events.iter().map(|(id, event)| (*id, event))
    }

    /// Number of events.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing will happen.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}
