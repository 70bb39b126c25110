//! What an autoscaler says where nobody serves metrics.
//!
//! Models computeReplicasForMetrics and getUnableComputeReplicaCountCondition of `horizontal.go`.

use super::set_condition;
use crate::api::object::Object;
use crate::api::time::Time;
use crate::api::value::Value;
use crate::client::event_recorder::Record;
use crate::value;

/// The answer of an API server without `metrics.k8s.io`.
const NOT_SERVED: &str = "unable to fetch metrics from resource metrics API: the server could not \
                          find the requested resource (get pods.metrics.k8s.io)";

/// The type of a metric whose API would answer in words that are not known here.
pub(super) fn not_simulated(autoscaler: &Object) -> Option<&str> {
    let metrics = autoscaler.spec().get("metrics").items().iter();
    let mut types = metrics.map(|metric| metric.get("type").str());
    types.find(|kind| *kind != "Resource")
}

/// Records that no metric can be had, and writes it into the status of `new`.
pub(super) fn miss(autoscaler: &Object, new: &mut Object, now: Time) -> Vec<Record> {
    let metrics = autoscaler.spec().get("metrics").items();
    if metrics.is_empty() {
        return Vec::new();
    }
    let faults: Vec<(&str, String)> = metrics.iter().map(fault).collect();
    let mut records: Vec<Record> = faults
        .iter()
        .map(|(_, why)| Record::warning(autoscaler, "FailedGetResourceMetric", why.clone()))
        .collect();
    if let Some((name, why)) = faults.first() {
        let message = format!("the HPA was unable to compute the replica count: {why}");
        let state = ("False", "FailedGetResourceMetric");
        set_condition(new, "ScalingActive", state, &message, now);
        let count = faults.len();
        let message = format!(
            "invalid metrics ({count} invalid out of {count}), first error is: failed to get {name} \
             resource metric value: {why}"
        );
        records.push(Record::warning(autoscaler, "FailedComputeMetricsReplicas", message));
    }
    let unknown = vec![value!({"type": ""}); faults.len()];
    new.set(&["status", "currentMetrics"], unknown);
    records
}

/// The resource of a metric, and why its amount is not known.
fn fault(metric: &Value) -> (&str, String) {
    let name = metric.path(&["resource", "name"]).str();
    let target = metric.path(&["resource", "target"]);
    let what = if target.get("averageValue").is_null() { "utilization" } else { "usage" };
    let why = format!(
        "failed to get {name} {what}: unable to get metrics for resource {name}: {NOT_SERVED}"
    );
    (name, why)
}
