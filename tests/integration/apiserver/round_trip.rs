//! Every stored object is one of the Kubernetes API: its types read it without loss.

use k8s_openapi::api::{
    apps::v1 as apps, autoscaling::v2 as autoscaling, batch::v1 as batch,
    coordination::v1 as coordination, core::v1 as core, discovery::v1 as discovery,
    policy::v1 as policy, scheduling::v1 as scheduling, storage::v1 as storage,
};
use statefulset_playground::api::object::Object;
use statefulset_playground::api::scheme::Kind;

use super::Server;

fn round_trip<T: serde::Serialize + serde::de::DeserializeOwned>(
    json: serde_json::Value,
) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_value::<T>(json)?)
}

/// Fails if the API's own types lose or refuse a part of `object`.
#[track_caller]
pub fn check_round_trip(object: &Object) {
    let json = serde_json::to_value(&object.value).expect("values are JSON");
    let read = match object.kind {
        Kind::ConfigMap => round_trip::<core::ConfigMap>,
        Kind::Endpoints => round_trip::<core::Endpoints>,
        Kind::Event => round_trip::<core::Event>,
        Kind::LimitRange => round_trip::<core::LimitRange>,
        Kind::Namespace => round_trip::<core::Namespace>,
        Kind::Node => round_trip::<core::Node>,
        Kind::PersistentVolumeClaim => round_trip::<core::PersistentVolumeClaim>,
        Kind::PersistentVolume => round_trip::<core::PersistentVolume>,
        Kind::Pod => round_trip::<core::Pod>,
        Kind::ResourceQuota => round_trip::<core::ResourceQuota>,
        Kind::Secret => round_trip::<core::Secret>,
        Kind::ServiceAccount => round_trip::<core::ServiceAccount>,
        Kind::Service => round_trip::<core::Service>,
        Kind::ControllerRevision => round_trip::<apps::ControllerRevision>,
        Kind::DaemonSet => round_trip::<apps::DaemonSet>,
        Kind::Deployment => round_trip::<apps::Deployment>,
        Kind::ReplicaSet => round_trip::<apps::ReplicaSet>,
        Kind::StatefulSet => round_trip::<apps::StatefulSet>,
        Kind::HorizontalPodAutoscaler => round_trip::<autoscaling::HorizontalPodAutoscaler>,
        Kind::CronJob => round_trip::<batch::CronJob>,
        Kind::Job => round_trip::<batch::Job>,
        Kind::Lease => round_trip::<coordination::Lease>,
        Kind::EndpointSlice => round_trip::<discovery::EndpointSlice>,
        Kind::PodDisruptionBudget => round_trip::<policy::PodDisruptionBudget>,
        Kind::PriorityClass => round_trip::<scheduling::PriorityClass>,
        Kind::StorageClass => round_trip::<storage::StorageClass>,
    }(json.clone())
    .unwrap_or_else(|error| panic!("{}: {error}", object.key()));
    assert_eq!(without_empty(json), without_empty(read), "{}", object.key());
}

// The types write neither null nor, where a list is required, an empty one as Go does.
fn without_empty(json: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match json {
        Value::Object(map) => {
            let entries = map.into_iter().map(|(key, value)| (key, without_empty(value)));
            let kept = entries.filter(|(_, value)| {
                !value.is_null()
                    && value != &serde_json::json!([])
                    && value != &serde_json::json!({})
            });
            Value::Object(kept.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_empty).collect()),
        other => other,
    }
}

#[test]
fn everything_in_a_new_cluster_is_of_the_api() {
    let server = Server::new();
    assert!(server.objects().count() > 20);
    server.objects().for_each(check_round_trip);
}
