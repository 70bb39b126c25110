//! Owners of fields and server-side apply (`api-server-side-apply` of the recorded transcripts).

use super::Server;
use statefulset_playground::api::go;
use statefulset_playground::api::object::{Object, ObjectKey};
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::request::{Actor, Options, Patch, Request, Response, Verb};

const WEB: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web, labels: {app: nginx, tier: web}}
spec:
  serviceName: nginx
  replicas: 2
  selector: {matchLabels: {app: nginx}}
  template:
    metadata: {labels: {app: nginx}}
    spec:
      containers:
      - {name: nginx, image: 'nginx:1.25', env: [{name: A, value: '1'}]}
";

/// An API server with one StatefulSet in play.
struct Bench {
    server: Server,
}

impl Bench {
    fn new() -> Self {
        Bench { server: Server::new() }
    }

    fn send(
        &mut self,
        verb: Verb,
        on: &str,
        manager: &str,
        force: bool,
    ) -> Result<Response, String> {
        let key = ObjectKey::new(Kind::StatefulSet, "default", "web");
        let mut request = Request::new(Actor::User, key, verb).on(on);
        request.options =
            Options { field_manager: Some(manager.into()), force, ..Options::default() };
        self.server.request(&request).map_err(|status| status.message.to_string())
    }

    fn apply(&mut self, manager: &str, yaml: &str) -> Result<Response, String> {
        self.send(Verb::Patch(Patch::Apply(read(yaml))), "", manager, false)
    }

    fn force(&mut self, manager: &str, yaml: &str) {
        let patch = Patch::Apply(read(yaml));
        self.send(Verb::Patch(patch), "", manager, true).expect("force overcomes conflicts");
    }

    fn object(&self) -> &Object {
        self.server.objects().find(|o| o.kind == Kind::StatefulSet).expect("the set is there")
    }

    fn managers(&self) -> Vec<String> {
        let list = self.object().path(&["metadata", "managedFields"]).items();
        let text = |entry: &Value| {
            let parts = ["manager", "operation", "subresource"].map(|key| entry.get(key).str());
            parts.join(" ").trim().to_string()
        };
        list.iter().map(text).collect()
    }
}

fn read(yaml: &str) -> Value {
    serde_yaml::from_str(yaml).expect("a test's YAML is valid")
}

#[test]
fn the_first_applier_owns_what_it_says() {
    let mut bench = Bench::new();
    bench.apply("kubectl", WEB).expect("it is created");
    let again = bench.apply("kubectl", WEB).expect("it is the same");
    assert!(!again.changed);
    assert_eq!(bench.managers(), ["kubectl Apply"]);
    let fields = bench.object().path(&["metadata", "managedFields"]).at(0).get("fieldsV1");
    assert_eq!(
        go::json_plain(fields),
        r#"{"f:metadata":{"f:labels":{"f:app":{},"f:tier":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:serviceName":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"nginx\"}":{".":{},"f:env":{"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:name":{}}}}}}}"#
    );
}

#[test]
fn updates_are_tracked_against_an_empty_object() {
    let mut bench = Bench::new();
    bench.send(Verb::Create(read(WEB)), "", "kubectl-create", false).expect("it is created");
    assert_eq!(bench.managers(), ["kubectl-create Update"]);
    let fields = bench.object().path(&["metadata", "managedFields"]).at(0).get("fieldsV1");
    let at = |path: &[&str]| go::json_plain(fields.path(path));
    assert_eq!(at(&["f:metadata"]), r#"{"f:labels":{".":{},"f:app":{},"f:tier":{}}}"#);
    assert_eq!(at(&["f:spec", "f:selector"]), "{}");
    assert_eq!(
        at(&["f:spec", "f:updateStrategy"]),
        r#"{"f:rollingUpdate":{".":{},"f:maxUnavailable":{},"f:partition":{}},"f:type":{}}"#
    );
    assert_eq!(
        at(&["f:spec", "f:template"]),
        r#"{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"nginx\"}":{".":{},"f:env":{".":{},"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:imagePullPolicy":{},"f:name":{},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},"f:terminationGracePeriodSeconds":{}}}"#
    );
}

#[test]
fn conflicts_name_their_owners() {
    let mut bench = Bench::new();
    bench.apply("kubectl", WEB).expect("it is created");
    let image = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  replicas: 3
  template: {spec: {containers: [{name: nginx, image: 'nginx:1.27'}]}}
";
    assert_eq!(
        bench.apply("team-a", image).map(|_| ()),
        Err("Apply failed with 2 conflicts: conflicts with \"kubectl\":\n- .spec.replicas\n\
             - .spec.template.spec.containers[name=\"nginx\"].image"
            .into())
    );
    bench.force("team-a", image);
    assert_eq!(bench.object().spec().get("replicas").as_i64(), Some(3));
    let same = WEB.replace("replicas: 2", "replicas: 3").replace("1.25", "1.27");
    bench.apply("kubectl", &same).expect("equal values are shared");
    bench.apply("kubectl", &same.replace("replicas: 3", "minReadySeconds: 1")).expect("given up");
    assert_eq!(bench.object().spec().get("replicas").as_i64(), Some(3));
    bench
        .apply("team-a", &image.replace("replicas: 3", "minReadySeconds: 1"))
        .expect("given up by the last");
    assert_eq!(bench.object().spec().get("replicas").as_i64(), Some(1));
}

#[test]
fn what_nobody_applies_any_more_goes() {
    let mut bench = Bench::new();
    bench.apply("kubectl", WEB).expect("it is created");
    let less = WEB.replace(", tier: web", "").replace(", env: [{name: A, value: '1'}]", "");
    bench.apply("kubectl", &less).expect("it applies");
    let labels = bench.object().path(&["metadata", "labels"]);
    assert_eq!(go::json_plain(labels), r#"{"app":"nginx"}"#);
    let containers = bench.object().path(&["spec", "template", "spec", "containers"]);
    assert!(containers.at(0).get("env").is_null());
    assert_eq!(containers.at(0).get("imagePullPolicy").str(), "IfNotPresent");
}

#[test]
fn scaling_takes_the_replicas_of_an_owner() {
    let mut bench = Bench::new();
    bench.apply("kubectl", WEB).expect("it is created");
    let scale = Patch::Merge(read("{spec: {replicas: 3}}"));
    bench.send(Verb::Patch(scale.clone()), "scale", "kubectl", false).expect("it scales");
    assert_eq!(bench.managers(), ["kubectl Apply", "kubectl Update scale"]);
    assert_eq!(
        bench.apply("kubectl", WEB).map(|_| ()),
        Err("Apply failed with 1 conflict: conflict with \"kubectl\" with subresource \"scale\" \
             using apps/v1: .spec.replicas"
            .into())
    );
    let mut bench = Bench::new();
    bench.apply("kubectl", &WEB.replace("replicas: 2", "minReadySeconds: 0")).expect("created");
    bench.send(Verb::Patch(scale), "scale", "kubectl", false).expect("it scales");
    assert_eq!(bench.managers(), ["kubectl Apply"]);
}

#[test]
fn kubectl_takes_back_what_it_applied_itself() {
    let mut bench = Bench::new();
    let annotation = "kubectl.kubernetes.io/last-applied-configuration";
    let mut object = read(WEB);
    let text = go::json(&object);
    object.set(&["metadata", "annotations", annotation], text);
    bench.send(Verb::Create(object), "", "kubectl-client-side-apply", false).expect("created");
    assert!(bench.apply("other", &WEB.replace("replicas: 2", "replicas: 3")).is_err());
    bench.apply("kubectl", &WEB.replace("replicas: 2", "replicas: 3")).expect("its own");
    let last = bench.object().annotation(annotation).unwrap_or_default();
    assert!(last.contains("\"replicas\":3"), "{last}");
}

#[test]
fn configurations_are_checked_first() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.apply("kubectl", &WEB.replace("replicas:", "replica:")).map(|_| ()),
        Err("failed to create typed patch object (/web; apps/v1, Kind=StatefulSet): \
             .spec.replica: field not declared in schema"
            .into())
    );
    let error = bench.apply("", WEB).map(|_| ()).expect_err("no manager");
    assert!(error.contains("fieldManager: Required value: is required for apply patch"), "{error}");
}
