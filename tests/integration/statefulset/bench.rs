//! A cluster with words for what the tests of the controllers do.

use statefulset_playground::api::object::{Object, ObjectKey};
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::request::{
    Actor, DeleteOptions, Patch, Propagation, Request, Response, Verb,
};
use statefulset_playground::chance::Choice;
use statefulset_playground::simulation::cluster::Cluster;

/// A whole cluster: kernel, scheduler, kubelets.
pub struct Bench {
    pub cluster: Cluster,
}

impl Bench {
    pub fn new(seed: u64) -> Self {
        Bench { cluster: Cluster::new(Choice::seeded(seed)) }
    }

    /// Makes every object of a YAML text.
    #[track_caller]
    pub fn create(&mut self, yaml: &str) -> &mut Self {
        for document in serde_yaml::Deserializer::from_str(yaml) {
            let mut value: Value = serde::Deserialize::deserialize(document).unwrap();
            let (version, kind) = (value.get("apiVersion").str(), value.get("kind").str());
            let kind = Kind::of_manifest(version, kind).unwrap();
            if kind.resource().namespaced && value.path(&["metadata", "namespace"]).is_null() {
                value.set(&["metadata", "namespace"], "default");
            }
            let request = Request::create(Actor::User, &Object::new(kind, value));
            self.request(request);
        }
        self
    }

    #[track_caller]
    pub fn request(&mut self, request: Request) -> Response {
        match self.cluster.request(&request) {
            Ok(response) => response,
            Err(refusal) => panic!("{:?} {}: {refusal}", request.verb, request.key),
        }
    }

    /// Merges a patch, given as YAML.
    #[track_caller]
    pub fn patch(&mut self, kind: Kind, name: &str, yaml: &str) -> &mut Self {
        let patch: Value = serde_yaml::from_str(yaml).unwrap();
        let verb = Verb::Patch(Patch::Strategic(patch));
        self.request(Request::new(Actor::User, key(kind, name), verb));
        self
    }

    #[track_caller]
    pub fn delete(&mut self, kind: Kind, name: &str) -> &mut Self {
        self.delete_with(kind, name, DeleteOptions::default())
    }

    #[track_caller]
    pub fn delete_cascading(&mut self, kind: Kind, name: &str, how: Propagation) -> &mut Self {
        let options = DeleteOptions { propagation: Some(how), ..DeleteOptions::default() };
        self.delete_with(kind, name, options)
    }

    #[track_caller]
    pub fn delete_with(&mut self, kind: Kind, name: &str, options: DeleteOptions) -> &mut Self {
        self.request(Request::new(Actor::User, key(kind, name), Verb::Delete(options)));
        self
    }

    /// Lets time pass.
    pub fn run(&mut self, seconds: u64) -> &mut Self {
        let end = self.cluster.now().after(Duration::from_secs(seconds));
        self.cluster.advance_to(end);
        self
    }

    pub fn get(&self, kind: Kind, name: &str) -> Option<Object> {
        self.cluster.lister().get(&key(kind, name)).cloned()
    }

    /// Names of all objects of a kind in the namespace `default`.
    pub fn names(&self, kind: Kind) -> Vec<String> {
        let objects = self.cluster.lister().in_namespace(kind, "default");
        objects.map(|object| object.name().to_string()).collect()
    }

    /// replicas, readyReplicas, currentReplicas, updatedReplicas of a set.
    #[track_caller]
    pub fn counters(&self, set: &str) -> [i64; 4] {
        counters(&self.get(Kind::StatefulSet, set).unwrap())
    }

    /// Reasons and messages of the events about an object.
    pub fn events(&self, about: &str) -> Vec<String> {
        let events = self.cluster.lister().in_namespace(Kind::Event, "default");
        let about = events.filter(|e| e.path(&["involvedObject", "name"]).str() == about);
        let text = |event: &Object| {
            let field = |name| event.path(&[name]).str().to_owned();
            format!("{} {}", field("reason"), field("message"))
        };
        about.map(text).collect()
    }
}

pub fn counters(set: &Object) -> [i64; 4] {
    ["replicas", "readyReplicas", "currentReplicas", "updatedReplicas"]
        .map(|field| set.status().get(field).as_i64().unwrap_or(0))
}

/// A key in the namespace `default`, or of a cluster-wide kind.
pub fn key(kind: Kind, name: &str) -> ObjectKey {
    ObjectKey::new(kind, if kind.resource().namespaced { "default" } else { "" }, name)
}

/// A set `web` of nginx Pods, with further lines of its spec.
pub fn web(replicas: u32, more: &str) -> String {
    let more: String = more.lines().map(|line| format!("  {line}\n")).collect();
    format!(
        "apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
spec:
  serviceName: nginx
  replicas: {replicas}
  selector:
    matchLabels:
      app: nginx
  template:
    metadata:
      labels:
        app: nginx
    spec:
      containers:
      - name: nginx
        image: nginx:1.25
{more}"
    )
}
