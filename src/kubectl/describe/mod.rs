//! `kubectl describe`: an object in words.
//!
//! Models `k8s.io/kubectl/pkg/describe/describe.go`.

mod batch;
mod budget;
mod cluster;
mod configuration;
mod container;
mod deployment;
mod event;
mod generic;
mod network;
mod node;
mod pod;
mod stateful_set;
mod storage;
mod template;
mod volume;
mod volume_source;
mod writer;

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::apiserver::request::{Actor, Request, Selectors, Verb};
use crate::kubectl::process::World;

pub use event::interval;
pub use template::describe_pod_template;
pub use writer::Writer;

/// What a describer reads besides the object: other objects and the time.
pub struct Surroundings<'a, 'b> {
    world: &'a mut World<'b>,
    /// The time.
    pub now: Time,
}

impl<'a, 'b> Surroundings<'a, 'b> {
    /// Reads through `world`.
    pub fn new(world: &'a mut World<'b>) -> Self {
        let now = world.client.now();
        Surroundings { world, now }
    }

    /// The objects of a kind in a namespace; none if they cannot be listed.
    pub fn list(&mut self, kind: Kind, namespace: &str) -> Vec<Object> {
        self.select(kind, namespace, Selectors::default())
    }

    fn select(&mut self, kind: Kind, namespace: &str, selectors: Selectors) -> Vec<Object> {
        let key = ObjectKey::new(kind, namespace, "");
        let request = Request::new(Actor::User, key, Verb::List(selectors));
        self.world.client.request(&request).map(|response| response.items).unwrap_or_default()
    }

    /// One object.
    pub fn get(&mut self, kind: Kind, namespace: &str, name: &str) -> Option<Object> {
        let key = ObjectKey::new(kind, namespace, name);
        let request = Request::new(Actor::User, key, Verb::Get);
        self.world.client.request(&request).ok().and_then(|response| response.object)
    }
}

/// The text about one object (`DescriberFor`, then `Describe`).
pub fn describe(object: &Object, show_events: bool, around: &mut Surroundings<'_, '_>) -> String {
    let mut writer = Writer::new();
    let events = match (show_events, object.kind) {
        (false, _) | (_, Kind::Secret | Kind::Namespace) => None,
        (_, Kind::ResourceQuota | Kind::LimitRange | Kind::Event) => None,
        _ => Some(event::of(object, around)),
    };
    let w = &mut writer;
    match object.kind {
        Kind::Pod => pod::describe(object, w, around.now),
        Kind::StatefulSet => stateful_set::describe(object, w, around),
        Kind::Deployment => deployment::describe_deployment(object, w, around),
        Kind::ReplicaSet => deployment::describe_replica_set(object, w, around),
        Kind::PersistentVolumeClaim => storage::describe_claim(object, w, around),
        Kind::PersistentVolume => storage::describe_volume(object, w, around.now),
        Kind::StorageClass => storage::describe_class(object, w),
        Kind::Service => network::describe_service(object, w, around),
        Kind::Endpoints => network::describe_endpoints(object, w),
        Kind::EndpointSlice => network::describe_endpoint_slice(object, w),
        Kind::ConfigMap => configuration::describe_config_map(object, w),
        Kind::Secret => configuration::describe_secret(object, w),
        Kind::ServiceAccount => configuration::describe_service_account(object, w),
        Kind::PriorityClass => configuration::describe_priority_class(object, w),
        Kind::ResourceQuota => cluster::describe_resource_quota(object, w),
        Kind::LimitRange => cluster::describe_limit_range(object, w),
        Kind::Namespace => cluster::describe_namespace(object, w, around),
        Kind::Node => node::describe(object, w, around),
        Kind::PodDisruptionBudget => budget::describe(object, w),
        Kind::DaemonSet => batch::describe_daemon_set(object, w, around),
        Kind::Job => batch::describe_job(object, w),
        Kind::CronJob => batch::describe_cron_job(object, w),
        Kind::HorizontalPodAutoscaler => batch::describe_autoscaler(object, w),
        Kind::ControllerRevision | Kind::Lease | Kind::Event => generic::describe(object, w),
    }
    if let Some(events) = events {
        event::describe(&events, w, around.now);
    }
    writer.finish()
}
