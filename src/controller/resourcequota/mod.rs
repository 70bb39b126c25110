//! The resource quota controller: what a namespace uses up, counted anew.
//!
//! Models `pkg/controller/resourcequota`: a quota is counted when it changes and when something
//! that it counts is gone or grows less. What is added meanwhile admission adds itself.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::{Kind, RESOURCES};
use crate::api::time::{Duration, Time};
use crate::apiserver::admission::resource_quota::{recount, usage};
use crate::apiserver::request::Request;
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::controller::reason::ResourceQuotaReason;
use crate::controller::{Controller, Decision, Reason, Step};

/// Keeps the status of ResourceQuotas.
pub struct ResourceQuotaController;

impl Controller for ResourceQuotaController {
    fn name(&self) -> &'static str {
        "resourcequota-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        if changed.key.kind == Kind::ResourceQuota {
            let hard = changed.object.path(&["status", "hard"]);
            let is_counted = changed.object.path(&["spec", "hard"]) == hard;
            return if is_counted { Vec::new() } else { vec![changed.key.clone()] };
        }
        if changed.key.namespace.is_empty() || !is_less(changed) {
            return Vec::new();
        }
        lister.in_namespace(Kind::ResourceQuota, &changed.key.namespace).map(Object::key).collect()
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, _now: Time) -> Decision {
        let mut decision = Decision::default();
        let Some(quota) = lister.get(key) else { return decision };
        let kinds = RESOURCES.iter().filter(|r| r.namespaced && r.kind != Kind::Event);
        let objects = kinds.flat_map(|r| lister.in_namespace(r.kind, &key.namespace));
        let status = recount(quota, objects);
        let is_new = &status != quota.status();
        let reason = match is_new {
            true => ResourceQuotaReason::Recounted,
            false => ResourceQuotaReason::UpToDate,
        };
        decision.reasons.push((key.clone(), Reason::ResourceQuota(reason)));
        if is_new {
            let mut quota = quota.clone();
            quota.set(&["status"], status);
            let request = Request::update(self.actor(), &quota).on("status");
            decision.steps.push(Step::new(request));
        }
        decision
    }

    fn resync_period(&self) -> Option<Duration> {
        Some(Duration::from_secs(300))
    }

    fn resync_keys(&self, lister: Lister<'_>) -> Vec<ObjectKey> {
        lister.all(Kind::ResourceQuota).map(Object::key).collect()
    }
}

// Whether something is gone, or uses less than before.
fn is_less(changed: &WatchEvent) -> bool {
    match (changed.event_type, &changed.previous) {
        (WatchEventType::Deleted, _) => true,
        (WatchEventType::Modified, Some(previous)) => {
            let may_change =
                matches!(changed.key.kind, Kind::Pod | Kind::Service | Kind::PersistentVolumeClaim);
            may_change && usage(&changed.object) != usage(previous)
        }
        _ => false,
    }
}
