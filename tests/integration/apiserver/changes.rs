//! Updates and deletions: generations, fixed fields, finalizers, grace.

use statefulset_playground::api::object::{Object, ObjectKey};
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::status::Status;
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::request::{
    Actor, DeleteOptions, Patch, Propagation, Request, Response, Verb,
};

use super::Server;

impl Server {
    /// Merges YAML into an object of the namespace `default`.
    pub fn patch(&mut self, kind: Kind, name: &str, yaml: &str) -> Result<Response, Status> {
        let patch = Patch::Merge(serde_yaml::from_str(yaml).expect("a test's YAML is valid"));
        let namespace = if kind.resource().namespaced { "default" } else { "" };
        let key = ObjectKey::new(kind, namespace, name);
        self.request(&Request::new(Actor::User, key, Verb::Patch(patch)))
    }

    fn delete(&mut self, kind: Kind, name: &str, options: DeleteOptions) -> Option<Object> {
        let key = ObjectKey::new(kind, "default", name);
        let request = Request::new(Actor::User, key.clone(), Verb::Delete(options));
        self.request(&request).expect("the deletion is accepted");
        self.find(&key)
    }

    fn find(&self, key: &ObjectKey) -> Option<Object> {
        self.objects().find(|object| object.key() == *key).cloned()
    }
}

const SET: &str = "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: web}, spec: {\
    selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {\
    containers: [{name: c, image: nginx}]}}}}";

#[test]
fn only_the_spec_counts_into_the_generation() {
    let mut server = Server::new();
    server.create(SET).expect("the set is accepted");
    let generation = |response: Result<Response, Status>| {
        let response = response.expect("the patch is accepted");
        (response.object.map_or(0, |object| object.generation()), response.changed)
    };
    let set = Kind::StatefulSet;
    assert_eq!(generation(server.patch(set, "web", "spec: {replicas: 2}")), (2, true));
    assert_eq!(generation(server.patch(set, "web", "spec: {replicas: 2}")), (2, false));
    let labels = "metadata: {labels: {a: b}}";
    assert_eq!(generation(server.patch(set, "web", labels)), (2, true));
    assert_eq!(generation(server.patch(set, "web", "status: {replicas: 7}")), (2, false));
    assert_eq!(generation(server.patch(set, "web", "spec: {replicas: null}")), (3, true));
}

#[test]
fn fixed_fields_are_named_one_by_one() {
    let mut server = Server::new();
    server.create(SET).expect("the set is accepted");
    let refused = server
        .patch(Kind::StatefulSet, "web", "spec: {serviceName: x, podManagementPolicy: Parallel}")
        .expect_err("both fields are fixed");
    assert_eq!(
        refused.message,
        "StatefulSet.apps \"web\" is invalid: [spec.serviceName: Invalid value: \"x\": field is \
         immutable, spec.podManagementPolicy: Invalid value: \"Parallel\": field is immutable]"
    );
}

#[test]
fn a_pods_fixed_fields_are_shown_as_a_difference() {
    let mut server = Server::new();
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, \
               image: nginx}]}}";
    server.create(pod).expect("the Pod is accepted");
    let refused = server.patch(Kind::Pod, "p", "spec: {restartPolicy: Never}");
    let message = refused.expect_err("the policy is fixed").message;
    let difference = " \"EphemeralContainers\": null,\n- \"RestartPolicy\": \"Always\",\n+ \
                      \"RestartPolicy\": \"Never\",\n  \"TerminationGracePeriodSeconds\": 30,\n";
    assert!(message.contains(difference), "{message}");
    server
        .patch(Kind::Pod, "p", "spec: {activeDeadlineSeconds: 5}")
        .expect("a deadline may be set");
}

#[test]
fn finalizers_hold_what_is_deleted() {
    let mut server = Server::new();
    server
        .create("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, finalizers: [a.b/c]}}")
        .expect("the ConfigMap is accepted");
    let left = server.delete(Kind::ConfigMap, "c", DeleteOptions::default());
    let left = left.expect("the finalizer holds it");
    assert_eq!(left.metadata().get("deletionGracePeriodSeconds"), &Value::Int(0));
    let refused = server.patch(Kind::ConfigMap, "c", "metadata: {finalizers: [a.b/c, a.b/d]}");
    assert!(refused.expect_err("no new ones").message.contains("[]string{\"a.b/d\"}"));
    server.patch(Kind::ConfigMap, "c", "metadata: {finalizers: null}").expect("released");
    assert_eq!(server.find(&ObjectKey::new(Kind::ConfigMap, "default", "c")), None);
}

#[test]
fn propagation_leaves_a_finalizer() {
    let mut server = Server::new();
    server.create(SET).expect("the set is accepted");
    let propagation = Some(Propagation::Foreground);
    let options = DeleteOptions { propagation, ..DeleteOptions::default() };
    let left = server.delete(Kind::StatefulSet, "web", options).expect("dependents go first");
    assert!(left.has_finalizer("foregroundDeletion"));
    assert_eq!(left.generation(), 2);
}

#[test]
fn running_pods_are_given_time() {
    let mut server = Server::new();
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {nodeName: node1, \
               containers: [{name: c, image: nginx}]}}";
    server.create(pod).expect("the Pod is accepted");
    let left = server.delete(Kind::Pod, "p", DeleteOptions::default()).expect("it ends first");
    assert_eq!(left.metadata().get("deletionGracePeriodSeconds"), &Value::Int(30));
    let options = DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() };
    assert_eq!(server.delete(Kind::Pod, "p", options), None);
    let unscheduled = pod.replace("nodeName: node1, ", "");
    server.create(&unscheduled).expect("the name is free");
    assert_eq!(server.delete(Kind::Pod, "p", DeleteOptions::default()), None);
}

#[test]
fn a_pod_of_a_missing_node_cannot_be_resized() {
    let mut server = Server::new();
    let requests = |cpu: &str| format!("resources: {{requests: {{cpu: {cpu}}}}}");
    let containers = |cpu: &str| format!("containers: [{{name: c, image: x, {}}}]", requests(cpu));
    let pod = |node: &str| {
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: {node}}}, spec: {{nodeName: {node}, {}}}}}",
            containers("1")
        )
    };
    let mut resize = |node: &str, cpu: &str| {
        server.create(&pod(node)).expect("it is accepted");
        let patch = format!("spec: {{{}}}", containers(cpu));
        let patch = Patch::Strategic(serde_yaml::from_str(&patch).expect("it is YAML"));
        let key = ObjectKey::new(Kind::Pod, "default", node);
        let request = Request::new(Actor::User, key, Verb::Patch(patch)).on("resize");
        server.request(&request).map_err(|status| status.message.to_string()).err()
    };
    let forbidden = |pod: &str, why: &str| Some(format!("pods \"{pod}\" is forbidden: {why}"));
    assert_eq!(resize("gone", "2"), forbidden("gone", "node \"gone\" not found"));
    let why =
        "node didn't have enough allocatable resources: cpu, requested: 900000, allocatable: ";
    assert!(resize("node1", "900").is_some_and(|message| message.contains(why)));
}
