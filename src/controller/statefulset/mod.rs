//! The StatefulSet controller.
//!
//! Models `pkg/controller/statefulset` of kube-controller-manager v1.37: what wakes it and what
//! it claims is here, what it decides in [`control`], the requests in [`pod_control`].
//!
//! # Scope
//!
//! - statefulset-recreate: the alpha strategy `Recreate` follows its enhancement proposal; the
//!   messages of its condition and its events are not known, and not made up.
//! - statefulset-map-order: claims are created in the order of their templates.

pub mod control;
pub mod identity;
pub mod pod_control;
pub mod recreate;
pub mod replicas;
pub mod retention;
pub mod revision;
pub mod status;

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::selector::selector_matches;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::apiserver::pod_group::PodGroup;
use crate::apiserver::request::Actor;
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::controller::reason::StatefulSetReason as R;
use crate::controller::{Controller, Decision, Reason, controller_ref_manager, history};

use control::Control;
use identity::is_member_of;
use replicas::Replicas;

/// Keeps the Pods of StatefulSets as their specs want them.
pub struct StatefulSetController;

impl Controller for StatefulSetController {
    fn name(&self) -> &'static str {
        "statefulset-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        match changed.key.kind {
            Kind::StatefulSet => vec![changed.key.clone()],
            Kind::Pod => pod_changed(changed, lister),
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let mut decision = Decision::default();
        let Some(set) = lister.get(key) else {
            decision.reasons.push((key.clone(), Reason::StatefulSet(R::SetGone)));
            return decision;
        };
        let actor = self.actor();
        let mut claiming = Claiming { lister, set, actor: &actor, decision };
        if !claiming.adopt_orphan_revisions() {
            return claiming.decision;
        }
        let pods = claiming.claim_pods();
        let replicas = Replicas::new(lister, set, pods, now);
        let revisions = revision::get_revisions(lister, set, &actor);
        let decision = claiming.decision;
        Control::new((lister, &actor, now), set, replicas, revisions, decision).decide()
    }
}

/// Models addPod, updatePod and deletePod of `stateful_set.go`.
fn pod_changed(changed: &WatchEvent, lister: Lister) -> Vec<ObjectKey> {
    let pod = &changed.object;
    let mut keys = Vec::new();
    let old_owner = changed.previous.as_ref().and_then(|old| controller_set(old, lister));
    let owner = controller_set(pod, lister);
    if old_owner != owner {
        keys.extend(old_owner);
    }
    if pod.controller().is_some() {
        keys.extend(owner);
    } else if changed.event_type != WatchEventType::Deleted && orphan_changed(changed) {
        keys.extend(sets_for_pod(pod, lister));
    }
    keys
}

// Whether an orphan is new, or its labels or its controller have changed.
fn orphan_changed(changed: &WatchEvent) -> bool {
    changed
        .previous
        .as_ref()
        .is_none_or(|old| old.labels() != changed.object.labels() || old.controller().is_some())
}

/// Models resolveControllerRef.
fn controller_set(pod: &Object, lister: Lister) -> Option<ObjectKey> {
    let owner = pod.controller().filter(|owner| owner.kind() == "StatefulSet")?;
    let set = lister.find(Kind::StatefulSet, pod.namespace(), owner.name())?;
    (set.uid() == owner.uid()).then(|| set.key())
}

/// Models getStatefulSetsForPod.
fn sets_for_pod(pod: &Object, lister: Lister) -> Vec<ObjectKey> {
    lister
        .in_namespace(Kind::StatefulSet, pod.namespace())
        .filter(|set| selector_matches(set.spec().get("selector"), pod.labels()))
        .map(Object::key)
        .collect()
}

// The first part of a sync: what belongs to the set.
struct Claiming<'a> {
    lister: Lister<'a>,
    set: &'a Object,
    actor: &'a Actor,
    decision: Decision,
}

impl<'a> Claiming<'a> {
    fn explain(&mut self, about: ObjectKey, reason: R) {
        self.decision.reasons.push((about, Reason::StatefulSet(reason.clone())));
        self.decision.reasons.push((self.set.key(), Reason::StatefulSet(reason)));
    }

    /// Models adoptOrphanRevisions; false if the sync fails here.
    fn adopt_orphan_revisions(&mut self) -> bool {
        let revisions = history::list(self.lister, self.set).into_iter();
        let orphans: Vec<_> = revisions.filter(|r| r.controller().is_none()).collect();
        if orphans.is_empty() {
            return true;
        }
        if let Some(deleted) = self.set.deletion_timestamp() {
            let count = orphans.len() as u32;
            let about = self.set.key();
            self.decision
                .reasons
                .push((about, Reason::StatefulSet(R::RevisionsNotAdopted { count })));
            let (namespace, name) = (self.set.namespace(), self.set.name());
            let error = format!(
                "can't adopt ControllerRevisions: {namespace}/{name} has just been deleted at {}",
                deleted.rfc3339()
            );
            self.decision.error = Some(error.into());
            return false;
        }
        for revision in orphans {
            self.decision.steps.push(controller_ref_manager::adopt(self.set, revision, self.actor));
            let reason = R::RevisionAdopted { revision: revision.name().into() };
            self.explain(revision.key(), reason);
        }
        true
    }

    /// The Pods that belong to the set, after adoption and release.
    ///
    /// Models getPodsForStatefulSet and ClaimPods.
    fn claim_pods(&mut self) -> PodGroup {
        let (namespace, uid) = (self.set.namespace(), self.set.uid());
        let index = self.lister.owner_index();
        let mut pods = index.pods_of(namespace, uid).cloned().unwrap_or_default();
        if !self.all_match(&pods) {
            for pod in self.lister.owned_by(uid).filter(|object| object.kind == Kind::Pod) {
                self.keep_or_release(pod, &mut pods);
            }
        }
        for name in index.orphans(namespace) {
            if let Some(pod) = self.lister.find(Kind::Pod, namespace, name) {
                self.adopt_or_leave(pod, &mut pods);
            }
        }
        self.explain_pods_of_others();
        pods
    }

    fn all_match(&self, pods: &PodGroup) -> bool {
        pods.parents.keys().all(|parent| parent == self.set.name())
            && pods.labels.iter().all(|(labels, _)| self.selects(labels))
    }

    fn selects(&self, labels: &Value) -> bool {
        selector_matches(self.set.spec().get("selector"), labels.as_object())
    }

    fn matches(&self, pod: &Object) -> bool {
        self.selects(pod.metadata().get("labels")) && is_member_of(self.set, pod)
    }

    fn keep_or_release(&mut self, pod: &Object, pods: &mut PodGroup) {
        let is_ours = pod.is_controlled_by(self.set);
        if !is_ours || self.matches(pod) {
            return;
        }
        pods.remove(pod);
        if !self.set.is_terminating() {
            let labels = !self.selects(pod.metadata().get("labels"));
            self.decision.steps.push(controller_ref_manager::release(self.set, pod, self.actor));
            self.explain(pod.key(), R::PodReleased { pod: pod.name().into(), labels });
        }
    }

    fn adopt_or_leave(&mut self, pod: &Object, pods: &mut PodGroup) {
        if !self.matches(pod) {
            return;
        }
        let name = EcoString::from(pod.name());
        let set_terminating = self.set.is_terminating();
        if set_terminating || pod.is_terminating() {
            self.explain(pod.key(), R::PodNotAdopted { pod: name, set_terminating });
            return;
        }
        pods.insert(pod);
        self.decision.steps.push(controller_ref_manager::adopt(self.set, pod, self.actor));
        self.explain(pod.key(), R::PodAdopted { pod: name });
    }

    // One Pod of each other controller whose Pods the selector selects as well.
    fn explain_pods_of_others(&mut self) {
        let namespace = self.set.namespace();
        for (uid, group) in self.lister.owner_index().groups(namespace) {
            let selected = group.labels.iter().any(|(labels, _)| self.selects(labels));
            if uid == self.set.uid() || !selected {
                continue;
            }
            let pods = self.lister.owned_by(uid).filter(|object| object.kind == Kind::Pod);
            let mut pods = pods.filter(|pod| self.selects(pod.metadata().get("labels")));
            let Some(pod) = pods.next() else { continue };
            let Some(owner) = pod.controller() else { continue };
            let owner = format!("{}/{}", owner.kind(), owner.name()).into();
            let reason = R::PodOfAnother { pod: pod.name().into(), owner };
            self.decision.reasons.push((self.set.key(), Reason::StatefulSet(reason)));
        }
    }
}
