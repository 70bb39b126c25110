//! The namespace controller: empties a namespace that is being deleted, then lets it go.
//!
//! Models `pkg/controller/namespace` and its `deletion` package: Pods go first, then the rest.
//! What will remain after the deletions is foreseen from what is there.

mod conditions;

use std::collections::BTreeMap;

use crate::api::object::{Object, ObjectKey};
use crate::api::pod::is_terminal;
use crate::api::scheme::{Kind, RESOURCES};
use crate::api::time::{Duration, Time};
use crate::api::value::Value;
use crate::apiserver::request::{Actor, Patch, Propagation, Request, Verb};
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::controller::reason::NamespaceReason as R;
use crate::controller::{Controller, Decision, Reason, Step};

/// How long a finalizer is expected to take, in seconds (`finalizerEstimateSeconds`).
const FINALIZER_ESTIMATE: i64 = 15;
/// The time that every server has to learn of the deletion (`namespaceDeletionGracePeriod`).
const GRACE_PERIOD: Duration = Duration::from_secs(5);

/// Empties namespaces that are being deleted.
pub struct NamespaceController;

impl Controller for NamespaceController {
    fn name(&self) -> &'static str {
        "namespace-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, _lister: Lister<'_>) -> Vec<ObjectKey> {
        let concerns = changed.key.kind == Kind::Namespace
            && changed.event_type != WatchEventType::Deleted
            && changed.object.is_terminating();
        if concerns { vec![changed.key.clone()] } else { Vec::new() }
    }

    fn delay(&self, _: &WatchEvent, _: &ObjectKey, _: Lister<'_>) -> Option<Duration> {
        Some(GRACE_PERIOD)
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let mut decision = Decision::default();
        let namespace = lister.get(key).filter(|namespace| namespace.is_terminating());
        let Some(namespace) = namespace.filter(|n| !finalizers(n).is_empty()) else {
            return decision;
        };
        let pass = Pass { lister, namespace, actor: self.actor(), now };
        pass.delete_all_content(&mut decision);
        decision
    }
}

fn finalizers(namespace: &Object) -> &[Value] {
    namespace.spec().get("finalizers").items()
}

/// What is left of the content after a pass.
#[derive(Default)]
pub struct Remaining {
    /// Number of objects by resource (`configmaps.`, `statefulsets.apps`).
    pub resources: BTreeMap<String, u32>,
    /// Number of objects by finalizer.
    pub finalizers: BTreeMap<String, u32>,
    /// How long it will take, in seconds.
    pub estimate: i64,
}

struct Pass<'a> {
    lister: Lister<'a>,
    namespace: &'a Object,
    actor: Actor,
    now: Time,
}

impl<'a> Pass<'a> {
    /// Models deleteAllContent and Delete of `namespaced_resources_deleter.go`.
    fn delete_all_content(&self, decision: &mut Decision) {
        let mut remaining = Remaining::default();
        let mut count = self.delete_kind(Kind::Pod, &mut remaining, decision);
        if remaining.resources.is_empty() {
            for resource in RESOURCES.iter().filter(|r| r.namespaced && r.kind != Kind::Pod) {
                count += self.delete_kind(resource.kind, &mut remaining, decision);
            }
        }
        if count > 0 {
            self.explain(decision, R::ContentDeleted { count });
        }
        self.update_conditions(&remaining, decision);
        if remaining.resources.is_empty() {
            self.finalize(decision);
            return;
        }
        let what = conditions::remaining_message(&remaining).into();
        self.explain(decision, R::ContentRemains { what });
        let wait = remaining.estimate / 2 + 1;
        decision.requeue_after = Some(Duration::from_secs(wait.max(1) as u64));
    }

    fn explain(&self, decision: &mut Decision, reason: R) {
        decision.reasons.push((self.namespace.key(), Reason::Namespace(reason)));
    }

    /// Models deleteAllContentForGroupVersionResource; gives how many objects it deletes.
    fn delete_kind(&self, kind: Kind, remaining: &mut Remaining, decision: &mut Decision) -> u32 {
        let mut count = 0;
        for object in self.lister.in_namespace(kind, self.namespace.name()) {
            if !object.is_terminating() {
                count += 1;
                decision.steps.push(self.delete(object));
            }
            remaining.add(object);
        }
        count
    }

    fn delete(&self, object: &Object) -> Step {
        let policy = Propagation::Background;
        let request = Request::delete_propagating(self.actor.clone(), object, policy);
        Step::new(request).or_gone()
    }

    fn update_conditions(&self, remaining: &Remaining, decision: &mut Decision) {
        let old = self.namespace.status().get("conditions").items();
        let Some(new) = conditions::update(old, remaining, self.now) else { return };
        let patch = crate::value!({"status": {"conditions": new}});
        let verb = Verb::Patch(Patch::Merge(patch));
        let request = Request::new(self.actor.clone(), self.namespace.key(), verb).on("status");
        decision.steps.push(Step::new(request));
    }

    /// Models finalizeNamespace.
    fn finalize(&self, decision: &mut Decision) {
        let mut namespace = self.namespace.clone();
        namespace.value.remove(&["metadata", "resourceVersion"]);
        let left = finalizers(self.namespace).iter().filter(|f| f.str() != "kubernetes");
        let left: Vec<Value> = left.cloned().collect();
        namespace.set(&["spec", "finalizers"], left);
        let request = Request::update(self.actor.clone(), &namespace).on("finalize");
        decision.steps.push(Step::new(request));
        self.explain(decision, R::Empty);
    }
}

impl Remaining {
    // Counts what a deletion leaves: what finalizers hold, and Pods that may stop in peace.
    fn add(&mut self, object: &Object) {
        let held = object.metadata().get("finalizers").items();
        let grace = grace_period(object);
        if held.is_empty() && grace == 0 {
            return;
        }
        let resource = object.kind.resource();
        let name = format!("{}.{}", resource.plural, resource.group);
        *self.resources.entry(name).or_default() += 1;
        for finalizer in held {
            *self.finalizers.entry(finalizer.str().to_owned()).or_default() += 1;
        }
        self.estimate = self.estimate.max(if held.is_empty() { grace } else { FINALIZER_ESTIMATE });
    }
}

/// Models estimateGracefulTerminationForPods. Pods that no kubelet runs go at once.
fn grace_period(object: &Object) -> i64 {
    let ended = is_terminal(object);
    if object.kind != Kind::Pod || ended || object.spec().get("nodeName").str().is_empty() {
        return 0;
    }
    object.spec().get("terminationGracePeriodSeconds").as_i64().unwrap_or(30).max(0)
}
