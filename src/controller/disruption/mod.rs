//! The disruption controller: how many Pods may be evicted just now.
//!
//! Models `pkg/controller/disruption`. Scales are known for the kinds with a `scale`
//! subresource that are stored here.

use std::collections::BTreeMap;

use crate::api::object::{Object, ObjectKey};
use crate::api::pod::condition;
use crate::api::scheme::Kind;
use crate::api::selector::selector_matches;
use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::apiserver::watch::WatchEvent;
use crate::client::Lister;
use crate::controller::reason::DisruptionReason as R;
use crate::controller::{Controller, Decision, OnRefusal, Reason, Record, Step};

/// How long an eviction that was allowed may take to become visible (`DeletionTimeout`).
const DELETION_TIMEOUT: Duration = Duration::from_secs(120);

/// Keeps the status of PodDisruptionBudgets.
pub struct DisruptionController;

impl Controller for DisruptionController {
    fn name(&self) -> &'static str {
        "disruption-controller"
    }

    fn component(&self) -> &'static str {
        "controllermanager"
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        match changed.key.kind {
            Kind::PodDisruptionBudget => vec![changed.key.clone()],
            Kind::Pod => {
                let budgets =
                    lister.in_namespace(Kind::PodDisruptionBudget, &changed.key.namespace);
                let objects = [Some(&changed.object), changed.previous.as_ref()];
                let concerns = |budget: &&Object| {
                    objects.into_iter().flatten().any(|pod| selects(budget, pod))
                };
                budgets.filter(concerns).map(Object::key).collect()
            }
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        let Some(budget) = lister.get(key) else { return Decision::default() };
        let pods = lister.in_namespace(Kind::Pod, &key.namespace).filter(|p| selects(budget, p));
        let pods: Vec<&Object> = pods.collect();
        let mut sync =
            Sync { lister, budget, pods, now, actor: self.actor(), decision: Decision::default() };
        sync.try_sync();
        sync.decision
    }
}

fn selects(budget: &Object, pod: &Object) -> bool {
    selector_matches(budget.spec().get("selector"), pod.labels())
}

struct Sync<'a> {
    lister: Lister<'a>,
    budget: &'a Object,
    pods: Vec<&'a Object>,
    now: Time,
    actor: Actor,
    decision: Decision,
}

/// What a budget's numbers come to.
struct Counts {
    healthy: i64,
    desired: i64,
    expected: i64,
    disrupted: Vec<(EcoString, Value)>,
}

impl Sync<'_> {
    /// Models trySync.
    fn try_sync(&mut self) {
        if self.pods.is_empty() {
            let message = "No matching pods found".to_string();
            self.decision.records.push(Record::normal(self.budget, "NoPods", message));
        }
        match self.expected_pod_count() {
            Ok((expected, desired)) => {
                let (disrupted, recheck) = self.disrupted_pods();
                let healthy = self.healthy_count(&disrupted);
                self.decision.requeue_after = recheck;
                self.update_status(Counts { healthy, desired, expected, disrupted });
            }
            Err(message) => self.fail_safe(&message),
        }
    }

    /// Models getExpectedPodCount: expected and desired Pods.
    fn expected_pod_count(&mut self) -> Result<(i64, i64), String> {
        let spec = self.budget.spec();
        let (min, max) = (spec.get("minAvailable"), spec.get("maxUnavailable"));
        if !max.is_null() {
            let expected = self.expected_scale()?;
            return Ok((expected, (expected - scaled_up(max, expected)).max(0)));
        }
        match min {
            Value::Null => Ok((0, 0)),
            Value::String(_) => {
                let expected = self.expected_scale()?;
                Ok((expected, scaled_up(min, expected)))
            }
            number => Ok((self.pods.len() as i64, number.as_i64().unwrap_or(0))),
        }
    }

    /// Models getExpectedScale: the sum of what the Pods' controllers want.
    fn expected_scale(&mut self) -> Result<i64, String> {
        let mut scales: BTreeMap<EcoString, i64> = BTreeMap::new();
        let mut unmanaged = false;
        for pod in &self.pods {
            let Some(owner) = pod.controller() else {
                unmanaged = true;
                continue;
            };
            let found = Kind::of_manifest(owner.api_version(), owner.kind())
                .filter(|kind| kind.resource().subresources.contains(&"scale"))
                .and_then(|kind| self.lister.find(kind, pod.namespace(), owner.name()))
                .filter(|controller| controller.uid() == owner.uid());
            let Some(controller) = found else {
                let name = crate::api::go::quote(pod.name());
                return Err(format!("found no controllers for pod {name}"));
            };
            let wanted = controller.spec().get("replicas").as_i64().unwrap_or(1);
            scales.insert(controller.uid().into(), wanted);
        }
        if unmanaged {
            self.warn_of_unmanaged_pods();
        }
        Ok(scales.values().sum())
    }

    fn warn_of_unmanaged_pods(&mut self) {
        let selector = selector_text(self.budget.spec().get("selector"));
        let message = format!(
            "Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be \
             unmanaged. As a result, the status of the PDB cannot be calculated correctly, which \
             may result in undefined behavior. To account for these pods please set \
             \".spec.minAvailable\" field of the PDB to an integer value."
        );
        self.decision.records.push(Record::warning(self.budget, "UnmanagedPods", message));
    }

    /// Models buildDisruptedPodMap: evictions that are not visible yet, and when to look again.
    fn disrupted_pods(&self) -> (Vec<(EcoString, Value)>, Option<Duration>) {
        let mut recheck: Option<Duration> = None;
        let mut disrupted = Vec::new();
        for (name, at) in self.budget.status().get("disruptedPods").entries() {
            let pod = self.pods.iter().find(|pod| pod.name() == name);
            let waits = pod.is_some_and(|pod| !pod.is_terminating());
            let expires = Time::parse(at.str()).unwrap_or(self.now).after(DELETION_TIMEOUT);
            if waits && expires > self.now {
                disrupted.push((name.clone(), at.clone()));
                let wait = expires.since(self.now);
                recheck = Some(recheck.map_or(wait, |r| r.min(wait)));
            }
        }
        (disrupted, recheck)
    }

    /// Models countHealthyPods.
    fn healthy_count(&self, disrupted: &[(EcoString, Value)]) -> i64 {
        let is_healthy = |pod: &&&Object| {
            !pod.is_terminating()
                && !disrupted.iter().any(|(name, _)| name == pod.name())
                && condition(pod, "Ready").is_some_and(|c| c.get("status").str() == "True")
        };
        self.pods.iter().filter(is_healthy).count() as i64
    }

    /// Models updatePdbStatus.
    fn update_status(&mut self, counts: Counts) {
        let Counts { healthy, desired, expected, disrupted } = counts;
        let allowed = if expected <= 0 { 0 } else { (healthy - desired).max(0) };
        let reason = match allowed {
            0 => R::NoDisruptionAllowed { healthy, desired },
            allowed => R::DisruptionsAllowed { allowed, healthy, desired },
        };
        self.decision.reasons.push((self.budget.key(), Reason::Disruption(reason)));
        let (status, why) =
            if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
        let disrupted = match disrupted.is_empty() {
            true => Value::Null,
            false => disrupted.into_iter().collect::<crate::api::value::Map>().into(),
        };
        self.write(crate::value!({
            "conditions": (self.condition(status, why, "")),
            "currentHealthy": healthy,
            "desiredHealthy": desired,
            "disruptedPods": disrupted,
            "disruptionsAllowed": allowed,
            "expectedPods": expected,
            "observedGeneration": (self.budget.generation()),
        }));
    }

    /// Models failSafe.
    fn fail_safe(&mut self, error: &str) {
        let message = format!("Failed to calculate the number of expected pods: {error}");
        let reason = "CalculateExpectedPodCountFailed";
        self.decision.records.push(Record::warning(self.budget, reason, message));
        self.decision.error = Some(error.into());
        self.decision.reasons.push((self.budget.key(), Reason::Disruption(R::SyncFailed)));
        self.write(crate::value!({
            "conditions": (self.condition("False", "SyncFailed", error)),
            "disruptionsAllowed": 0,
            "observedGeneration": (self.budget.generation()),
        }));
    }

    /// Models UpdateDisruptionAllowedCondition.
    fn condition(&self, status: &str, reason: &str, message: &str) -> Value {
        let old = condition(self.budget, "DisruptionAllowed");
        let since = match old.filter(|old| old.get("status").str() == status) {
            Some(old) => old.get("lastTransitionTime").clone(),
            None => self.now.rfc3339().into(),
        };
        crate::value!([{
            "lastTransitionTime": since,
            "message": message,
            "observedGeneration": (self.budget.generation()),
            "reason": reason,
            "status": status,
            "type": "DisruptionAllowed",
        }])
    }

    fn write(&mut self, status: Value) {
        let old = self.budget.status();
        if status.entries().all(|(field, value)| old.get(field) == value) {
            return;
        }
        let patch = crate::value!({"metadata": {"uid": (self.budget.uid())}, "status": status});
        let verb = Verb::Patch(Patch::Merge(patch));
        let request = Request::new(self.actor.clone(), self.budget.key(), verb).on("status");
        self.decision.steps.push(Step::new(request).on_refusal(OnRefusal::Stop));
    }
}

/// A number, or a percentage rounded up (`GetScaledValueFromIntOrPercent`).
fn scaled_up(value: &Value, of: i64) -> i64 {
    match value.as_str().and_then(|text| text.strip_suffix('%')) {
        Some(percent) => {
            let percent = percent.parse::<i64>().unwrap_or(0);
            percent.saturating_mul(of).saturating_add(99).div_euclid(100)
        }
        None => value.as_i64().unwrap_or(0),
    }
}

// Models how Go prints a *metav1.LabelSelector with %v.
fn selector_text(selector: &Value) -> String {
    let labels = selector.get("matchLabels").entries();
    let pairs: Vec<String> = labels.map(|(k, v)| format!("{k}:{}", v.str())).collect();
    let expressions = selector.get("matchExpressions").items().iter();
    let expressions: Vec<String> = expressions.map(requirement_text).collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{}}},MatchExpressions:[]LabelSelectorRequirement{{{}}},}}",
        pairs.iter().map(|pair| format!("{},", pair.replacen(':', ": ", 1))).collect::<String>(),
        expressions.concat()
    )
}

fn requirement_text(requirement: &Value) -> String {
    let values: Vec<&str> = requirement.get("values").items().iter().map(Value::str).collect();
    format!(
        "LabelSelectorRequirement{{Key:{},Operator:{},Values:[{}],}},",
        requirement.get("key").str(),
        requirement.get("operator").str(),
        values.join(" ")
    )
}
