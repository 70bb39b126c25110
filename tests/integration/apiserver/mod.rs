//! The API server by itself: what it stores, what it refuses and how it says so.

mod changes;
mod defaults;
mod refusals;
mod round_trip;
mod server_side_apply;
mod services_and_storage;

use statefulset_playground::api::object::{Object, ObjectKey};
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::status::Status;
use statefulset_playground::api::time::Time;
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::bootstrap::NODES;
use statefulset_playground::apiserver::request::{Actor, Request, Response, Verb};
use statefulset_playground::apiserver::{ApiServer, Context};
use statefulset_playground::chance::Choice;

/// A cluster with nobody in it but the API server.
pub struct Server {
    api: ApiServer,
    choice: Choice,
    now: Time,
}

impl Server {
    /// A cluster as installed.
    pub fn new() -> Self {
        let (mut api, mut choice, now) = (ApiServer::default(), Choice::seeded(1), Time::START);
        api.bootstrap(Context { now, choice: &mut choice }, NODES);
        Server { api, choice, now }
    }

    /// Makes a request.
    pub fn request(&mut self, request: &Request) -> Result<Response, Status> {
        let context = Context { now: self.now, choice: &mut self.choice };
        self.api.handle(context, request)
    }

    /// Creates what a manifest of one document describes.
    pub fn create(&mut self, yaml: &str) -> Result<Response, Status> {
        let value: Value = serde_yaml::from_str(yaml).expect("a test's YAML is valid");
        let (api_version, kind) = (value.get("apiVersion").str(), value.get("kind").str());
        let kind = Kind::of_manifest(api_version, kind).expect("a test's kind is known");
        let namespace = match value.path(&["metadata", "namespace"]).str() {
            "" if kind.resource().namespaced => "default",
            namespace => namespace,
        };
        let name = value.path(&["metadata", "name"]).str();
        let key = ObjectKey::new(kind, namespace, name);
        self.request(&Request::new(Actor::User, key, Verb::Create(value)))
    }

    /// Everything that is stored.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.api.storage().all()
    }
}

/// Creates a manifest and compares parts of what is stored: `expected` is YAML, of which every
/// field must be there and no field may be missing below the given ones.
#[track_caller]
pub fn check_stored(yaml: &str, field: &str, expected: &str) {
    let mut server = Server::new();
    let response = server.create(yaml).expect("the manifest is accepted");
    let object = response.object.expect("a creation answers with the object");
    round_trip::check_round_trip(&object);
    let path: Vec<&str> = field.split('.').collect();
    let actual = serde_yaml::to_string(object.path(&path)).expect("values can be written");
    let expected: Value = serde_yaml::from_str(expected).expect("a test's YAML is valid");
    let expected = serde_yaml::to_string(&expected).expect("values can be written");
    assert_eq!(actual, expected);
}
