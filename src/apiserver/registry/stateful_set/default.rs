//! Defaults of a StatefulSet.
//!
//! Models `SetDefaults_StatefulSet` in `pkg/apis/apps/v1/defaults.go`.

use crate::api::object::Object;
use crate::api::value::Value;
use crate::apiserver::registry::defaulting::{absent, each, empty, within};
use crate::apiserver::registry::pod::default::{default_claim_spec, default_template};

/// Fills in what a StatefulSet leaves out.
pub fn default(set: &mut Object) {
    within(&mut set.value, "spec", |spec| {
        empty(spec, "podManagementPolicy", "OrderedReady");
        within(spec, "updateStrategy", default_strategy);
        absent(spec, "persistentVolumeClaimRetentionPolicy", Value::object());
        within(spec, "persistentVolumeClaimRetentionPolicy", |policy| {
            empty(policy, "whenDeleted", "Retain");
            empty(policy, "whenScaled", "Retain");
        });
        absent(spec, "replicas", 1);
        absent(spec, "revisionHistoryLimit", 10);
        within(spec, "template", default_template);
        each(spec, "volumeClaimTemplates", default_claim);
    });
}

fn default_strategy(strategy: &mut Value) {
    if strategy.get("type").str().is_empty() {
        strategy.set(&["type"], "RollingUpdate");
        absent(strategy, "rollingUpdate", Value::object());
    }
    if strategy.get("type").str() == "RollingUpdate" {
        within(strategy, "rollingUpdate", |rolling| {
            absent(rolling, "partition", 0);
            absent(rolling, "maxUnavailable", 1);
        });
    }
}

fn default_claim(claim: &mut Value) {
    absent(claim, "apiVersion", "v1");
    absent(claim, "kind", "PersistentVolumeClaim");
    within(claim, "spec", default_claim_spec);
    within(claim, "status", |status| empty(status, "phase", "Pending"));
}
