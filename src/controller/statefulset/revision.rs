//! Which revisions are current and wanted, and which old ones may go.
//!
//! Models `getStatefulSetRevisions` and `truncateHistory` of
//! `pkg/controller/statefulset/stateful_set_control.go`.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::apiserver::pod_group::PodGroup;
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::client::Lister;
use crate::controller::history;
use crate::controller::reason::StatefulSetReason;
use crate::controller::{OnRefusal, Step};

/// A revision by its name, with the Pod template that it holds.
#[derive(Clone, Debug, Default)]
pub struct Revision {
    /// Its name, which Pods carry as a label.
    pub name: EcoString,
    /// The template.
    pub template: Value,
}

impl Revision {
    // Models ApplyRevision: the patch replaces the whole template. What says so (`$patch`) stays
    // in it, where nothing reads it.
    fn of(revision: &Object) -> Self {
        let template = revision.path(&["data", "spec", "template"]).clone();
        Revision { name: revision.name().into(), template }
    }
}

/// What `getStatefulSetRevisions` gives, and what it writes.
pub struct Revisions<'a> {
    /// The revision of what has not been updated.
    pub current: Revision,
    /// The revision of the present template.
    pub update: Revision,
    /// How often a hash was taken.
    pub collision_count: i64,
    /// All that were there before, oldest first.
    pub known: Vec<&'a Object>,
    /// The write that makes or renumbers the update revision.
    pub step: Option<Step>,
    /// Why.
    pub reasons: Vec<StatefulSetReason>,
}

/// Finds or makes the revision of the present template, and finds the current one.
///
/// Models getStatefulSetRevisions.
pub fn get_revisions<'a>(lister: Lister<'a>, set: &'a Object, actor: &Actor) -> Revisions<'a> {
    let known = history::list(lister, set);
    let next = known.last().map_or(1, |last| history::number(last) + 1);
    let collision_count = set.status().get("collisionCount").as_i64().unwrap_or(0);
    let data = history::data(set, collision_count);
    let equal = known.iter().rev().copied().find(|r| *r.path(&["data"]) == data);
    let update = equal.map(Revision::of).unwrap_or_default();
    let mut found = Revisions {
        current: update.clone(),
        update,
        collision_count,
        known,
        step: None,
        reasons: Vec::new(),
    };
    match equal {
        Some(equal) if is_last(&found.known, equal) => {}
        Some(equal) => found.roll_back_to(equal, next, actor),
        None => {
            let candidate = history::new_revision(set, next, collision_count);
            found.create(lister, set, candidate, actor);
        }
    }
    let current = set.status().get("currentRevision").str();
    let current = found.known.iter().find(|revision| revision.name() == current);
    found.current = current.map_or_else(|| found.update.clone(), |r| Revision::of(r));
    found
}

// Equal content is enough: upstream compares contents, not names.
fn is_last(known: &[&Object], revision: &Object) -> bool {
    known.last().is_some_and(|last| history::is_equal(last, revision))
}

impl Revisions<'_> {
    // Models UpdateControllerRevision.
    fn roll_back_to(&mut self, equal: &Object, number: i64, actor: &Actor) {
        let patch = crate::value!({"metadata": {"uid": (equal.uid())}, "revision": number});
        let verb = Verb::Patch(Patch::Merge(patch));
        let request = Request::new(actor.clone(), equal.key(), verb);
        self.step = Some(Step::new(request).on_refusal(OnRefusal::Abort));
        let (revision, from) = (equal.name().into(), history::number(equal));
        self.reasons.push(StatefulSetReason::RevisionReused { revision, from, to: number });
    }

    // Models pkg/controller/history/controller_history.go CreateControllerRevision: a name that
    // is taken by other content raises the collision count.
    fn create(&mut self, lister: Lister, set: &Object, mut candidate: Object, actor: &Actor) {
        loop {
            let hash = history::hash(candidate.path(&["data"]), self.collision_count);
            let name = history::name(set.name(), &hash);
            let taken = lister.find(Kind::ControllerRevision, set.namespace(), &name);
            match taken {
                Some(taken) if history::is_equal(taken, &candidate) => {
                    self.reasons.push(StatefulSetReason::RevisionBorrowed { revision: name });
                    self.update = Revision::of(taken);
                    return;
                }
                Some(_) => {
                    self.collision_count += 1;
                    let count = self.collision_count;
                    self.reasons.push(StatefulSetReason::RevisionCollision { taken: name, count });
                }
                None => {
                    candidate.set(&["metadata", "name"], &name);
                    break;
                }
            }
        }
        let step = Step::new(Request::create(actor.clone(), &candidate));
        self.step = Some(step.on_refusal(OnRefusal::Abort));
        self.update = Revision::of(&candidate);
        self.reasons.push(StatefulSetReason::RevisionCreated {
            revision: candidate.name().into(),
            number: history::number(&candidate),
        });
    }

    /// Deletes the oldest revisions that nothing uses, beyond the limit. A negative limit keeps
    /// all.
    ///
    /// Models truncateHistory.
    pub fn truncate(&self, set: &Object, pods: &PodGroup) -> Vec<&Object> {
        let limit = set.spec().get("revisionHistoryLimit").as_i64().unwrap_or(10);
        let Ok(limit) = usize::try_from(limit) else { return Vec::new() };
        let is_live = |name: &str| {
            name == self.current.name
                || name == self.update.name
                || pods.revisions.contains_key(name)
        };
        let old: Vec<&Object> = self.known.iter().copied().filter(|r| !is_live(r.name())).collect();
        let surplus = old.len().saturating_sub(limit);
        old.into_iter().take(surplus).collect()
    }
}
