//! The horizontal pod autoscaler: keeps what it scales between two sizes.
//!
//! Models `pkg/controller/podautoscaler` in a cluster without metrics: a target outside of
//! `minReplicas` and `maxReplicas` is brought inside, one within them stays as it is, and the
//! condition and the events tell that there are no metrics.
//!
//! # Scope
//! - With a metric of a type other than Resource (Pods, Object, External, ContainerResource) no
//!   condition and no event is made up: a reason says that the answers are not simulated.

mod metrics;

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};
use crate::apiserver::registry::subresource::has_scale;
use crate::apiserver::request::{Patch, Request, Verb};
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::controller::reason::PodAutoscalerReason;
use crate::controller::{Controller, Decision, Reason, Step};
use crate::value;

/// How often it looks (`--horizontal-pod-autoscaler-sync-period`).
const SYNC_PERIOD: Duration = Duration::from_secs(15);

/// Keeps targets of HorizontalPodAutoscalers between their limits.
pub struct HorizontalController;

impl Controller for HorizontalController {
    fn name(&self) -> &'static str {
        "horizontal-pod-autoscaler"
    }

    fn enqueue(&self, changed: &WatchEvent, _lister: Lister<'_>) -> Vec<ObjectKey> {
        let is_spec_same =
            changed.previous.as_ref().is_some_and(|p| p.spec() == changed.object.spec());
        let is_ours = changed.key.kind == Kind::HorizontalPodAutoscaler
            && changed.event_type != WatchEventType::Deleted;
        if is_ours && !is_spec_same { vec![changed.key.clone()] } else { Vec::new() }
    }

    /// Models reconcileAutoscaler.
    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let mut decision = Decision::default();
        let Some(autoscaler) = lister.get(key) else { return decision };
        decision.requeue_after = Some(SYNC_PERIOD);
        let Some(target) = target(lister, autoscaler) else {
            self.miss_target(autoscaler, now, &mut decision);
            return decision;
        };
        let current = target.spec().get("replicas").as_i64().unwrap_or(0);
        let seen = target.status().get("replicas").as_i64().unwrap_or(0);
        let mut new = autoscaler.clone();
        new.set(&["status", "currentReplicas"], seen);
        set_able_to_scale(&mut new, ("True", "SucceededGetScale"), GOT_SCALE, now);
        let clamped = clamp(autoscaler.spec(), current);
        explain(&mut decision, autoscaler, target, (current, clamped));
        if let Some((wanted, why)) = clamped {
            decision.steps.push(self.rescale(autoscaler, target, wanted, why));
            let message =
                format!("the HPA controller was able to update the target scale to {wanted}");
            set_able_to_scale(&mut new, ("True", "SucceededRescale"), &message, now);
            new.set(&["status", "desiredReplicas"], wanted);
            new.set(&["status", "lastScaleTime"], now.rfc3339());
        } else if current == 0 {
            set_condition(&mut new, "ScalingActive", DISABLED, AT_ZERO, now);
        } else if let Some(metric) = metrics::not_simulated(autoscaler) {
            let reason = PodAutoscalerReason::MetricNotSimulated { metric: metric.into() };
            say(&mut decision, key.clone(), reason);
        } else {
            decision.records.extend(metrics::miss(autoscaler, &mut new, now));
        }
        if new.status() != autoscaler.status() {
            let request = Request::update(self.actor(), &new).on("status");
            decision.steps.push(Step::new(request));
        }
        decision
    }
}

impl HorizontalController {
    // The target is missing, or is of a kind that has no size.
    fn miss_target(&self, autoscaler: &Object, now: Time, decision: &mut Decision) {
        let reference = autoscaler.spec().get("scaleTargetRef");
        let (kind, name) = (reference.get("kind").str(), reference.get("name").str());
        let target = format!("{kind} {name}").into();
        say(decision, autoscaler.key(), PodAutoscalerReason::TargetMissing { target });
        let known = Kind::of_manifest(reference.get("apiVersion").str(), kind);
        let Some(kind) = known.filter(|kind| has_scale(*kind)) else { return };
        let error = Status::not_found(&kind.resource().qualified_plural(), name).message;
        let mut new = autoscaler.clone();
        let message =
            format!("the HPA controller was unable to get the target's current scale: {error}");
        set_able_to_scale(&mut new, ("False", "FailedGetScale"), &message, now);
        decision.records.push(Record::warning(autoscaler, "FailedGetScale", error.to_string()));
        if new.status() != autoscaler.status() {
            let request = Request::update(self.actor(), &new).on("status");
            decision.steps.push(Step::new(request));
        }
    }

    fn rescale(&self, autoscaler: &Object, target: &Object, wanted: i64, why: &str) -> Step {
        let patch = Patch::Merge(value!({"spec": {"replicas": wanted}}));
        let request = Request::new(self.actor(), target.key(), Verb::Patch(patch)).on("scale");
        let said = format!("New size: {wanted}; reason: {why}");
        let failed = format!("New size: {wanted}; reason: {why}; error: {{error}}");
        Step::new(request).recording(
            Record::normal(autoscaler, "SuccessfulRescale", said),
            Record::warning(autoscaler, "FailedRescale", failed),
        )
    }
}

fn say(decision: &mut Decision, about: ObjectKey, reason: PodAutoscalerReason) {
    decision.reasons.push((about, Reason::PodAutoscaler(reason)));
}

// Told of the autoscaler, and of the target if its size changes.
fn explain(
    decision: &mut Decision,
    autoscaler: &Object,
    target: &Object,
    (current, clamped): (i64, Option<(i64, &str)>),
) {
    let name: EcoString = format!("{} {}", target.kind.name(), target.name()).into();
    let reason = match clamped {
        Some((to, _)) => PodAutoscalerReason::BroughtInside { target: name, from: current, to },
        None if current == 0 => PodAutoscalerReason::TargetAtZero { target: name },
        None => PodAutoscalerReason::WithinLimits { target: name, replicas: current },
    };
    if matches!(reason, PodAutoscalerReason::BroughtInside { .. }) {
        say(decision, target.key(), reason.clone());
    }
    say(decision, autoscaler.key(), reason);
}

const DISABLED: (&str, &str) = ("False", "ScalingDisabled");
const AT_ZERO: &str = "scaling is disabled since the replica count of the target is zero";
const GOT_SCALE: &str = "the HPA controller was able to get the target's current scale";

/// What it scales, if that is there.
fn target<'a>(lister: Lister<'a>, autoscaler: &Object) -> Option<&'a Object> {
    let reference = autoscaler.spec().get("scaleTargetRef");
    let kind = Kind::of_manifest(reference.get("apiVersion").str(), reference.get("kind").str())?;
    let found = lister.find(kind, autoscaler.namespace(), reference.get("name").str())?;
    has_scale(kind).then_some(found)
}

/// The size that the limits ask for, and why; `None` if `current` is fine. A target that was
/// scaled to nothing is left alone.
fn clamp(spec: &Value, current: i64) -> Option<(i64, &'static str)> {
    let least = spec.get("minReplicas").as_i64().unwrap_or(1);
    let most = spec.get("maxReplicas").as_i64().unwrap_or(least);
    match current {
        0 => None,
        _ if current > most => Some((most, "Current number of replicas above Spec.MaxReplicas")),
        _ if current < least => Some((least, "Current number of replicas below Spec.MinReplicas")),
        _ => None,
    }
}

fn set_able_to_scale(autoscaler: &mut Object, state: (&str, &str), message: &str, now: Time) {
    set_condition(autoscaler, "AbleToScale", state, message, now);
}

/// Models setCondition.
fn set_condition(
    autoscaler: &mut Object,
    kind: &str,
    (status, reason): (&str, &str),
    message: &str,
    now: Time,
) {
    let mut conditions = autoscaler.status().get("conditions").items().to_vec();
    let is_it = |condition: &Value| condition.get("type").str() == kind;
    let known = conditions.iter().find(|condition| is_it(condition));
    let known = known.filter(|condition| condition.get("status").str() == status);
    let since = match known.map(|condition| condition.get("lastTransitionTime")) {
        Some(since) => since.clone(),
        None => now.rfc3339().into(),
    };
    let condition = value!({
        "type": kind,
        "status": status,
        "lastTransitionTime": (since),
        "reason": reason,
        "message": message,
    });
    match conditions.iter_mut().find(|condition| is_it(condition)) {
        Some(place) => *place = condition,
        None => conditions.push(condition),
    }
    autoscaler.set(&["status", "conditions"], conditions);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_outside_of_the_limits_are_brought_inside() {
        let spec = value!({"minReplicas": 2, "maxReplicas": 4});
        assert_eq!(clamp(&spec, 1).map(|(size, _)| size), Some(2));
        assert_eq!(clamp(&spec, 5).map(|(size, _)| size), Some(4));
        assert_eq!(clamp(&spec, 3), None);
        assert_eq!(clamp(&spec, 0), None);
    }
}
