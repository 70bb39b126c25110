//! A control loop's work queue and the decisions that it is carrying out.
//!
//! Models `client-go/util/workqueue`: a key waits at most once, and is never worked on twice at
//! the same time; what arrives meanwhile makes it due again afterwards.

use std::rc::Rc;

use imbl::{OrdMap, Vector};

use crate::api::go;
use crate::api::object::ObjectKey;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::apiserver::request::{Patch, Request, Verb};
use crate::controller::{Decision, OnRefusal, Step};

/// State of all keys of one control loop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Worker {
    keys: OrdMap<ObjectKey, KeyState>,
    // Of a loop with a single worker: the key in work, and those whose turn comes after it.
    active: Option<ObjectKey>,
    line: Vector<ObjectKey>,
}

/// State of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct KeyState {
    /// When a sync is due; syncs announced for other times are void.
    pub due: Option<Time>,
    /// When the key is added again by itself (requeue or back-off), the earliest of such times.
    pub delayed: Option<Time>,
    /// The decision that is being carried out.
    pub running: Option<Running>,
    /// Whether something changed while a decision was being carried out.
    pub dirty: bool,
    /// Whether it waits for the single worker.
    pub in_line: bool,
    /// Failed syncs since the last one without error.
    pub failures: u32,
}

/// A decision being carried out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Running {
    /// The decision.
    pub decision: Rc<Decision>,
    /// The next step; beyond the steps it counts into `finally`.
    pub next: u32,
    /// The first refusal or error.
    pub error: Option<EcoString>,
    // Refused steps with the sentence.
    refusals: Vector<(u32, EcoString)>,
    // The steps from here on are left out; `finally` remains.
    end: u32,
    aborted: bool,
}

impl Running {
    /// A decision of which nothing is done yet.
    pub fn new(decision: Decision) -> Self {
        Running {
            error: decision.error.clone(),
            end: decision.steps.len() as u32,
            decision: Rc::new(decision),
            next: 0,
            refusals: Vector::new(),
            aborted: false,
        }
    }

    /// The next step, if any is left.
    pub fn step(&self) -> Option<&Step> {
        let (next, steps) = (self.next as usize, &self.decision.steps);
        match next.checked_sub(steps.len()) {
            None => steps.get(next),
            Some(_) if self.aborted => None,
            Some(index) => self.decision.finally.get(index),
        }
    }

    /// Goes on to the step after the next one.
    pub fn advance(&mut self) {
        self.next += 1;
        if self.next == self.end {
            self.next = self.decision.steps.len() as u32;
        }
    }

    /// The sentences of the steps that the next one builds on, if any was refused.
    pub fn unmet_needs(&self) -> Option<EcoString> {
        let needed = self.next.saturating_sub(self.step()?.needs)..self.next;
        let refused = self.refusals.iter().filter(|(index, _)| needed.contains(index));
        let sentences: Vec<&str> = refused.map(|(_, sentence)| sentence.as_str()).collect();
        (!sentences.is_empty()).then(|| go::aggregate(&sentences).into())
    }

    /// Notes that the next step was refused with this sentence, and what follows from it.
    pub fn refuse(&mut self, sentence: EcoString) {
        let Some(meaning) = self.step().map(|step| step.on_refusal.clone()) else { return };
        self.error.get_or_insert_with(|| sentence.clone());
        self.refusals.push_back((self.next, sentence));
        let left = match meaning {
            OnRefusal::Continue => return,
            OnRefusal::StopAfter(left) => left,
            OnRefusal::Abort => {
                self.aborted = true;
                0
            }
            _ => 0,
        };
        // What is part of `finally` ends nothing.
        if (self.next as usize) < self.decision.steps.len() {
            self.end = self.end.min(self.next + 1 + left);
        }
    }

    /// The request of the next step, with the number that earlier steps lower.
    pub fn request(&self) -> Option<Request> {
        let step = self.step()?;
        let mut request = step.request.clone();
        if let Some(lowered) = &step.lowered
            && let Verb::Patch(Patch::Merge(patch)) = &mut request.verb
        {
            let number = patch.path(&lowered.path).as_i64().unwrap_or(0);
            let number = number - i64::from(self.carried_out(lowered.first, lowered.count));
            patch.set(&lowered.path, (number > 0).then_some(number));
        }
        Some(request)
    }

    fn carried_out(&self, first: u32, count: u32) -> u32 {
        let last = (first + count).min(self.end);
        let refused = self.refusals.iter().filter(|(index, _)| (first..last).contains(index));
        last.saturating_sub(first) - refused.count() as u32
    }
}

impl Worker {
    /// The state of `key`.
    pub fn get(&self, key: &ObjectKey) -> Option<&KeyState> {
        self.keys.get(key)
    }

    /// The state of `key` for writing, made if absent.
    pub fn entry(&mut self, key: &ObjectKey) -> &mut KeyState {
        self.keys.entry(key.clone()).or_default()
    }

    /// The decision that is being carried out for `key`.
    pub fn running(&self, key: &ObjectKey) -> Option<&Running> {
        self.keys.get(key)?.running.as_ref()
    }

    /// Forgets a key that has nothing left to remember.
    pub fn forget_if_idle(&mut self, key: &ObjectKey) {
        if self.keys.get(key) == Some(&KeyState::default()) {
            self.keys.remove(key);
        }
    }

    /// Asks the single worker to take `key` on: false if it is busy, then the key waits in line.
    pub fn take_on(&mut self, key: &ObjectKey) -> bool {
        if self.active.is_none() {
            self.active = Some(key.clone());
            return true;
        }
        let state = self.entry(key);
        if !std::mem::replace(&mut state.in_line, true) {
            self.line.push_back(key.clone());
        }
        false
    }

    /// The single worker is done with its key; gives the one whose turn it is.
    pub fn next_in_line(&mut self) -> Option<ObjectKey> {
        self.active = None;
        let key = self.line.pop_front()?;
        self.entry(&key).in_line = false;
        Some(key)
    }

    /// Forgets everything, as a restarted controller has.
    pub fn restart(&mut self) {
        *self = Worker::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scheme::Kind;
    use crate::apiserver::request::Actor;
    use crate::controller::Lowered;

    fn step(name: &str, on_refusal: OnRefusal) -> Step {
        let key = ObjectKey::new(Kind::Pod, "a", name);
        let patch = crate::value!({"status": {"currentReplicas": 3}});
        let verb = Verb::Patch(Patch::Merge(patch));
        Step::new(Request::new(Actor::System, key, verb)).on_refusal(on_refusal)
    }

    /// Carries a decision out, refusing the steps named; gives those sent.
    fn sent(steps: Vec<Step>, refused: &[&str]) -> (Vec<String>, Running) {
        let finally = vec![step("status", OnRefusal::Continue)];
        let mut running = Running::new(Decision { steps, finally, ..Decision::default() });
        let mut sent = Vec::new();
        while let Some(step) = running.step().cloned() {
            let name = step.request.key.name.to_string();
            if let Some(why) = running.unmet_needs() {
                running.refuse(why);
            } else if refused.contains(&name.as_str()) {
                sent.push(name.clone());
                running.refuse(name.into());
            } else {
                sent.push(name);
            }
            running.advance();
        }
        (sent, running)
    }

    #[test]
    fn a_batch_is_finished_before_a_refusal_stops() {
        let steps = ["0", "1", "2", "3"].into_iter().zip([2, 1, 0, 0]);
        let steps: Vec<_> = steps.map(|(n, left)| step(n, OnRefusal::StopAfter(left))).collect();
        assert_eq!(sent(steps.clone(), &["0"]).0, ["0", "1", "2", "status"]);
        assert_eq!(sent(steps.clone(), &["2"]).0, ["0", "1", "2", "status"]);
        assert_eq!(sent(steps, &[]).0, ["0", "1", "2", "3", "status"]);
    }

    #[test]
    fn an_aborted_decision_leaves_out_everything() {
        let steps = vec![step("0", OnRefusal::Abort), step("1", OnRefusal::Stop)];
        assert_eq!(sent(steps, &["0"]).0, ["0"]);
    }

    #[test]
    fn a_step_is_not_sent_without_what_it_needs() {
        let claims = ["a", "b"].map(|name| step(name, OnRefusal::Continue));
        let pod = Step { needs: 2, ..step("pod", OnRefusal::Stop) };
        let steps: Vec<_> =
            claims.into_iter().chain([pod, step("next", OnRefusal::Stop)]).collect();
        let (names, running) = sent(steps.clone(), &["a", "b"]);
        assert_eq!(names, ["a", "b", "status"]);
        assert!(running.refusals.iter().any(|(_, sentence)| sentence == "[a, b]"));
        assert_eq!(sent(steps, &["next"]).0, ["a", "b", "pod", "next", "status"]);
    }

    #[test]
    fn a_number_tells_how_many_steps_were_carried_out() {
        let steps: Vec<_> = ["0", "1", "2"].map(|n| step(n, OnRefusal::Stop)).into();
        let lowered = Some(Lowered { path: ["status", "currentReplicas"], first: 1, count: 2 });
        for (refused, number) in [(&[][..], Some(1)), (&["2"], Some(2)), (&["0"], Some(3))] {
            let (_, mut running) = sent(steps.clone(), refused);
            running.next = 3;
            let decision = Rc::make_mut(&mut running.decision);
            decision.finally = vec![Step { lowered: lowered.clone(), ..steps[0].clone() }];
            let request = running.request().expect("a step is left");
            let Verb::Patch(Patch::Merge(patch)) = request.verb else { panic!("no patch") };
            assert_eq!(patch.path(&["status", "currentReplicas"]).as_i64(), number);
        }
    }
}
