//! What the page around is told of without asking.

use std::sync::Arc;

use super::protocol::{Event, State};
use crate::playground::view::ViewModel;
use crate::playground::view::picture::SetView;

/// Remembers what was told, and tells what is new.
#[derive(Default)]
pub struct Reporter {
    is_ready: bool,
    told: Option<Told>,
    step: Option<(String, usize)>,
    goals: Vec<(String, &'static str)>,
    complaint: String,
}

// Two views with the same of these look the same to the page around.
#[derive(PartialEq)]
struct Told {
    playing: bool,
    // While time flows, its second; else the instant.
    at: u64,
    sets: Arc<Vec<SetView>>,
}

impl Reporter {
    /// What is new in a view.
    pub fn report(&mut self, view: &ViewModel) -> Vec<Event> {
        let mut events = Vec::new();
        let now = Told {
            playing: view.time.playing,
            at: view.time.now_ms / if view.time.playing { 1_000 } else { 1 },
            sets: view.picture.sets.clone(),
        };
        let is_settled = !view.lessons.loading;
        if is_settled && !self.is_ready {
            self.is_ready = true;
            events.push(Event::Ready { state: State::of(view) });
        } else if self.is_ready && self.told.as_ref().is_some_and(|told| *told != now) {
            events.push(Event::Change { state: State::of(view) });
        }
        self.told = Some(now);
        self.lesson(view, &mut events);
        events
    }

    fn lesson(&mut self, view: &ViewModel, events: &mut Vec<Event>) {
        let complaint = &view.lessons.complaint;
        if self.complaint != *complaint {
            self.complaint = complaint.clone();
            if !complaint.is_empty() {
                let message = complaint.clone();
                events.push(Event::Error { id: None, code: "lesson", message });
            }
        }
        let Some(open) = &view.lessons.open else { return };
        let step = (open.title.clone(), open.shown);
        if self.step.as_ref() != Some(&step) {
            events.push(Event::Step {
                index: open.shown,
                count: open.steps.len(),
                title: open
                    .steps
                    .get(open.shown)
                    .map(|step| step.title.clone())
                    .unwrap_or_default(),
            });
            self.step = Some(step);
        }
        for goal in &open.goals {
            let known = self.goals.iter_mut().find(|(id, _)| *id == goal.id);
            let is_new = known.as_ref().is_none_or(|(_, outcome)| *outcome != goal.outcome);
            match known {
                Some(known) => known.1 = goal.outcome,
                None => self.goals.push((goal.id.clone(), goal.outcome)),
            }
            if is_new {
                events.push(Event::Goal {
                    id: goal.id.clone(),
                    say: goal.say.clone(),
                    outcome: goal.outcome.into(),
                });
            }
        }
    }
}
