//! Deployments, ReplicaSets, DaemonSets and Jobs: upstream's most important cases, restated under
//! their names (`pkg/controller/{deployment,replicaset,daemon,job}`, `test/e2e/apps`).

use statefulset_playground::api::object::Object;
use statefulset_playground::api::pod::is_running_and_ready;
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::{Duration, Time};
use statefulset_playground::api::value::Value;
use statefulset_playground::apiserver::bootstrap::NODES;
use statefulset_playground::apiserver::request::{Actor, Patch, Request, Verb};
use statefulset_playground::apiserver::{ApiServer, Context};
use statefulset_playground::chance::Choice;
use statefulset_playground::client::Lister;
use statefulset_playground::controller::deployment::DeploymentController;
use statefulset_playground::controller::replicaset::ReplicaSetController;
use statefulset_playground::controller::{Controller, Decision};
use statefulset_playground::value;

use crate::statefulset::bench::{Bench, key};

/// An API server alone; the test plays everyone else.
struct Bare {
    api: ApiServer,
    choice: Choice,
    now: Time,
}

impl Bare {
    fn new() -> Self {
        let (mut api, mut choice) = (ApiServer::default(), Choice::seeded(0));
        api.bootstrap(Context { now: Time::START, choice: &mut choice }, NODES);
        Bare { api, choice, now: Time::START }
    }

    #[track_caller]
    fn user(&mut self, request: &Request) {
        let context = Context { now: self.now, choice: &mut self.choice };
        if let Err(refusal) = self.api.handle(context, request) {
            panic!("{:?} {}: {refusal}", request.verb, request.key);
        }
    }

    #[track_caller]
    fn create(&mut self, yaml: &str) {
        let mut value: Value = serde_yaml::from_str(yaml).unwrap();
        let (version, kind) = (value.get("apiVersion").str(), value.get("kind").str());
        let kind = Kind::of_manifest(version, kind).unwrap();
        value.set(&["metadata", "namespace"], "default");
        self.user(&Request::create(Actor::User, &Object::new(kind, value)));
    }

    #[track_caller]
    fn patch(&mut self, kind: Kind, name: &str, part: &'static str, yaml: &str) {
        let patch: Value = serde_yaml::from_str(yaml).unwrap();
        let request =
            Request::new(Actor::User, key(kind, name), Verb::Patch(Patch::Strategic(patch)));
        self.user(&if part.is_empty() { request } else { request.on(part) });
    }

    fn sync(&self, controller: &dyn Controller, kind: Kind, name: &str) -> Decision {
        controller.sync(Lister::new(self.api.storage()), &key(kind, name), self.now)
    }

    #[track_caller]
    fn sync_and_write(&mut self, controller: &dyn Controller, kind: Kind, name: &str) {
        let decision = self.sync(controller, kind, name);
        for step in decision.steps.iter().chain(&decision.finally) {
            // The status conflicts with an annotation written just before, and comes next time.
            let context = Context { now: self.now, choice: &mut self.choice };
            let _ = self.api.handle(context, &step.request);
        }
    }

    fn names(&self, kind: Kind) -> Vec<String> {
        let lister = Lister::new(self.api.storage());
        lister.in_namespace(kind, "default").map(|object| object.name().to_owned()).collect()
    }
}

fn foo(replicas: i64, surge: &str, unavailable: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: foo}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{foo: bar}}}}
  strategy: {{rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {unavailable}}}}}
  template:
    metadata: {{labels: {{foo: bar}}}}
    spec: {{containers: [{{name: nginx, image: 'nginx:1'}}]}}"
    )
}

const IMAGE_2: &str = "spec: {template: {spec: {containers: [{name: nginx, image: 'nginx:2'}]}}}";

/// A Deployment amid a roll-out, with an old and a new ReplicaSet: wanted and available Pods.
fn amid_roll_out(yaml: &str, old: [i64; 2], new: [i64; 2]) -> (Bare, String, String) {
    let mut bare = Bare::new();
    bare.create(yaml);
    bare.sync_and_write(&DeploymentController, Kind::Deployment, "foo");
    let first = bare.names(Kind::ReplicaSet).remove(0);
    bare.patch(Kind::Deployment, "foo", "", IMAGE_2);
    bare.sync_and_write(&DeploymentController, Kind::Deployment, "foo");
    let second = bare.names(Kind::ReplicaSet).into_iter().find(|name| *name != first).unwrap();
    for (name, [wanted, available]) in [(&first, old), (&second, new)] {
        bare.patch(Kind::ReplicaSet, name, "", &format!("spec: {{replicas: {wanted}}}"));
        let status = format!(
            "status: {{replicas: {wanted}, readyReplicas: {available}, \
             availableReplicas: {available}}}"
        );
        bare.patch(Kind::ReplicaSet, name, "status", &status);
    }
    (bare, first, second)
}

/// The size that a sync gives a ReplicaSet, if it changes it.
fn scaled(bare: &Bare, set: &str) -> Option<i64> {
    let decision = bare.sync(&DeploymentController, Kind::Deployment, "foo");
    decision.steps.iter().find_map(|step| match &step.request.verb {
        Verb::Patch(Patch::Merge(patch)) if step.request.key.name == set => {
            patch.path(&["spec", "replicas"]).as_i64()
        }
        _ => None,
    })
}

/// TestDeploymentController_reconcileNewReplicaSet
#[test]
fn reconcile_new_replica_set() {
    for (surge, unavailable, old, new, expected) in [
        ("0", "1", 10, 0, None),
        ("2", "0", 10, 0, Some(2)),
        ("2", "0", 5, 0, Some(7)),
        ("2", "0", 10, 2, None),
        ("2", "0", 2, 11, Some(10)),
    ] {
        let yaml = foo(10, surge, unavailable);
        let (bare, _, second) = amid_roll_out(&yaml, [old, old], [new, new]);
        assert_eq!(scaled(&bare, &second), expected, "{surge} {old} {new}");
    }
}

/// TestDeploymentController_reconcileOldReplicaSets, cleanupUnhealthyReplicas and
/// scaleDownOldReplicaSetsForRollingUpdate. "5%" of ten is none, and none with no surge is one.
#[test]
fn reconcile_old_replica_sets() {
    for (unavailable, old, new, expected) in [
        ("5%", [10, 10], [0, 0], Some(9)),
        ("2", [10, 10], [0, 0], Some(8)),
        ("2", [10, 8], [0, 0], Some(8)),
        ("2", [10, 9], [0, 0], Some(8)),
        ("2", [8, 8], [2, 0], None),
    ] {
        let (bare, first, _) = amid_roll_out(&foo(10, "0", unavailable), old, new);
        assert_eq!(scaled(&bare, &first), expected, "{unavailable} {old:?} {new:?}");
    }
}

/// TestResolveFenceposts: a surge is rounded up.
#[test]
fn resolve_fenceposts() {
    for (surge, most) in [("39%", "14"), ("1", "11"), ("0", "10")] {
        let mut bare = Bare::new();
        bare.create(&foo(10, surge, "39%"));
        bare.sync_and_write(&DeploymentController, Kind::Deployment, "foo");
        let name = bare.names(Kind::ReplicaSet).remove(0);
        let lister = Lister::new(bare.api.storage());
        let set = lister.get(&key(Kind::ReplicaSet, &name)).unwrap();
        assert_eq!(set.annotation("deployment.kubernetes.io/max-replicas"), Some(most));
    }
}

fn pod_of_set(bare: &mut Bare, name: &str, set: &str, more: &str) {
    let lister = Lister::new(bare.api.storage());
    let uid = lister.get(&key(Kind::ReplicaSet, set)).unwrap().uid().to_owned();
    bare.create(&format!(
        "apiVersion: v1
kind: Pod
metadata:
  name: {name}
  labels: {{foo: bar}}
  annotations: {{{more}}}
  ownerReferences:
  - {{apiVersion: apps/v1, kind: ReplicaSet, name: {set}, uid: {uid}, controller: true}}
spec: {{containers: [{{name: nginx, image: 'nginx:1'}}]}}"
    ));
}

fn bind(bare: &mut Bare, name: &str) {
    let target = value!({"kind": "Node", "name": "node1"});
    let binding = value!({"metadata": {"name": name}, "target": target});
    let request = Request::new(Actor::Scheduler, key(Kind::Pod, name), Verb::Create(binding));
    bare.user(&request.on("binding"));
}

fn run_pod(bare: &mut Bare, name: &str, ready: &str) {
    bind(bare, name);
    let since = bare.now.rfc3339();
    let status = format!(
        "status: {{phase: Running, conditions: [{{type: Ready, status: '{ready}', \
         lastTransitionTime: '{since}'}}]}}"
    );
    bare.patch(Kind::Pod, name, "status", &status);
}

/// TestSortingActivePods, TestGetPodsToDelete: those go first that are missed least.
#[test]
fn pods_are_deleted_in_the_order_of_active_pods_with_ranks() {
    let mut bare = Bare::new();
    bare.create(
        "apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: foo}
spec:
  replicas: 0
  selector: {matchLabels: {foo: bar}}
  template:
    metadata: {labels: {foo: bar}}
    spec: {containers: [{name: nginx, image: 'nginx:1'}]}",
    );
    for (name, more) in [
        ("ready-long", ""),
        ("ready-cheap", "controller.kubernetes.io/pod-deletion-cost: '-5'"),
        ("ready-short", ""),
        ("not-ready", ""),
        ("pending", ""),
        ("unassigned", ""),
    ] {
        pod_of_set(&mut bare, name, "foo", more);
    }
    bind(&mut bare, "pending");
    run_pod(&mut bare, "not-ready", "False");
    run_pod(&mut bare, "ready-long", "True");
    run_pod(&mut bare, "ready-cheap", "True");
    bare.now = bare.now.after(Duration::from_secs(60));
    run_pod(&mut bare, "ready-short", "True");
    let decision = bare.sync(&ReplicaSetController, Kind::ReplicaSet, "foo");
    let deletions = decision.steps.iter().filter(|s| matches!(s.request.verb, Verb::Delete(_)));
    let order: Vec<_> = deletions.map(|step| step.request.key.name.to_string()).collect();
    let expected =
        ["unassigned", "pending", "not-ready", "ready-cheap", "ready-short", "ready-long"];
    assert_eq!(order, expected);
}

fn deployment(bench: &Bench) -> Object {
    bench.get(Kind::Deployment, "foo").unwrap()
}

fn progressing(bench: &Bench) -> String {
    let object = deployment(bench);
    let mut conditions = object.status().get("conditions").items().iter();
    let found = conditions.find(|c| c.get("type").str() == "Progressing");
    found.map(|c| c.get("reason").str().to_owned()).unwrap_or_default()
}

fn images(bench: &Bench) -> Vec<String> {
    let pods = bench.cluster.lister().in_namespace(Kind::Pod, "default");
    let image = |pod: &Object| pod.spec().get("containers").at(0).get("image").str().to_owned();
    pods.filter(|pod| !pod.is_terminating()).map(image).collect()
}

/// deployment should support rollover; TestDeploymentRollingUpdate: never fewer and never more
/// Pods than the strategy allows.
#[test]
fn a_rolling_update_stays_within_its_limits() {
    let mut bench = Bench::new(1);
    bench.create(&foo(4, "1", "1")).run(30);
    assert_eq!(images(&bench), ["nginx:1"; 4]);
    bench.patch(Kind::Deployment, "foo", IMAGE_2);
    let mut moved = false;
    for _ in 0..200 {
        bench.cluster.step();
        let wanted = |name: &str| {
            let set = bench.get(Kind::ReplicaSet, name).unwrap();
            set.spec().get("replicas").as_i64().unwrap()
        };
        let sum: i64 = bench.names(Kind::ReplicaSet).iter().map(|name| wanted(name)).sum();
        assert!((3..=5).contains(&sum), "{sum}");
        moved |= sum != 4;
    }
    bench.run(60);
    assert!(moved);
    assert_eq!(images(&bench), ["nginx:2"; 4]);
    assert_eq!(progressing(&bench), "NewReplicaSetAvailable");
}

/// TestPausedDeployment: a paused Deployment follows its size, but not its template.
#[test]
fn paused_deployment() {
    let mut bench = Bench::new(2);
    bench.create(&foo(2, "1", "0")).run(20);
    bench.patch(Kind::Deployment, "foo", "spec: {paused: true}").run(5);
    assert_eq!(progressing(&bench), "DeploymentPaused");
    bench.patch(Kind::Deployment, "foo", IMAGE_2);
    bench.patch(Kind::Deployment, "foo", "spec: {replicas: 3}").run(30);
    assert_eq!(images(&bench), ["nginx:1"; 3]);
    bench.patch(Kind::Deployment, "foo", "spec: {paused: false}").run(60);
    assert_eq!(images(&bench), ["nginx:2"; 3]);
}

/// TestDeploymentRollback: the ReplicaSet of the former template is used again, renumbered.
#[test]
fn rollback() {
    let mut bench = Bench::new(3);
    bench.create(&foo(1, "1", "0")).run(20);
    let first = bench.names(Kind::ReplicaSet).remove(0);
    bench.patch(Kind::Deployment, "foo", IMAGE_2).run(30);
    bench.patch(Kind::Deployment, "foo", &IMAGE_2.replace("nginx:2", "nginx:1")).run(30);
    assert_eq!(bench.names(Kind::ReplicaSet).len(), 2);
    let set = bench.get(Kind::ReplicaSet, &first).unwrap();
    assert_eq!(set.annotation("deployment.kubernetes.io/revision"), Some("3"));
    assert_eq!(images(&bench), ["nginx:1"]);
}

/// TestFailedDeployment: what gets no further within progressDeadlineSeconds has failed.
#[test]
fn progress_deadline() {
    let mut bench = Bench::new(4);
    bench.create(&foo(1, "1", "0")).run(20);
    bench.patch(Kind::Deployment, "foo", "spec: {progressDeadlineSeconds: 30}");
    let broken = IMAGE_2.replace("nginx:2", "nginx:missing");
    bench.patch(Kind::Deployment, "foo", &broken).run(20);
    assert_eq!(progressing(&bench), "ReplicaSetUpdated");
    bench.run(60);
    assert_eq!(progressing(&bench), "ProgressDeadlineExceeded");
    assert!(images(&bench).contains(&"nginx:1".to_owned()), "the old Pod stays");
}

/// RecreateDeployment should delete old pods and create new ones.
#[test]
fn recreate_deployment() {
    let mut bench = Bench::new(5);
    let yaml = foo(2, "1", "1");
    let strategy = "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}";
    bench.create(&yaml.replace(strategy, "strategy: {type: Recreate}")).run(20);
    bench.patch(Kind::Deployment, "foo", IMAGE_2);
    for _ in 0..300 {
        bench.cluster.step();
        let pods = bench.cluster.lister().in_namespace(Kind::Pod, "default");
        let image = |pod: &Object| pod.spec().get("containers").at(0).get("image").str().to_owned();
        // What has ended no longer counts.
        let runs = pods.filter(|pod| !matches!(pod.status().get("phase").str(), "Succeeded"));
        let all: std::collections::BTreeSet<String> = runs.map(image).collect();
        assert!(all.len() <= 1, "old and new together");
    }
    bench.run(60);
    assert_eq!(images(&bench), ["nginx:2"; 2]);
}

/// ReplicaSet should adopt matching pods on creation and release no longer matching pods.
#[test]
fn a_replica_set_adopts_and_releases() {
    let mut bench = Bench::new(6);
    bench.create(
        "apiVersion: v1
kind: Pod
metadata: {name: lonely, labels: {foo: bar}}
spec: {containers: [{name: nginx, image: 'nginx:1'}]}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: foo}
spec:
  replicas: 1
  selector: {matchLabels: {foo: bar}}
  template:
    metadata: {labels: {foo: bar}}
    spec: {containers: [{name: nginx, image: 'nginx:1'}]}",
    );
    bench.run(20);
    assert_eq!(bench.names(Kind::Pod), ["lonely"]);
    assert!(bench.get(Kind::Pod, "lonely").unwrap().controller().is_some());
    bench.patch(Kind::Pod, "lonely", "metadata: {labels: {foo: other}}").run(20);
    assert!(bench.get(Kind::Pod, "lonely").unwrap().controller().is_none());
    assert_eq!(bench.names(Kind::Pod).len(), 2);
}

fn daemons(more: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: d}}
spec:
  selector: {{matchLabels: {{d: d}}}}
  template:
    metadata: {{labels: {{d: d}}}}
    spec:
{more}
      containers: [{{name: nginx, image: 'nginx:1'}}]"
    )
}

fn nodes_of_pods(bench: &Bench) -> Vec<String> {
    let pods = bench.cluster.lister().in_namespace(Kind::Pod, "default");
    let mut nodes: Vec<String> =
        pods.map(|pod| pod.spec().get("nodeName").str().to_owned()).collect();
    nodes.sort();
    nodes
}

/// should run and stop simple daemon; should run and stop complex daemon (by node selector);
/// TestTaintedNodeDaemonDoesNotLaunchUntoleratePod and ...LaunchesToleratePod.
#[test]
fn daemons_go_where_they_belong() {
    let taint = "spec: {taints: [{key: a, value: b, effect: NoSchedule}]}";
    let tolerate = "      tolerations: [{key: a, operator: Exists}]";
    for (more, expected) in [
        ("", vec!["node1", "node3"]),
        (tolerate, vec!["node1", "node2", "node3"]),
        ("      nodeSelector: {kubernetes.io/hostname: node3}", vec!["node3"]),
    ] {
        let mut bench = Bench::new(7);
        bench.patch(Kind::Node, "node2", taint);
        bench.create(&daemons(more)).run(20);
        assert_eq!(nodes_of_pods(&bench), expected, "{more}");
    }
}

/// should retry creating failed daemon pods.
#[test]
fn failed_daemon_pods_are_made_again() {
    let mut bench = Bench::new(8);
    bench.create(&daemons("")).run(20);
    let name = bench.names(Kind::Pod).remove(0);
    let status = value!({"status": {"phase": "Failed"}});
    let verb = Verb::Patch(Patch::Strategic(status));
    bench.request(Request::new(Actor::User, key(Kind::Pod, &name), verb).on("status"));
    bench.run(40);
    assert!(!bench.names(Kind::Pod).contains(&name));
    assert_eq!(nodes_of_pods(&bench).len(), 3);
    let events = bench.events("d").join("\n");
    assert!(events.contains("FailedDaemonPod Found failed daemon pod default/"), "{events}");
}

/// TestDaemonSetUpdatesPods: one after another by default, none with OnDelete.
#[test]
fn daemons_are_updated_one_after_another() {
    for (strategy, updates) in [("RollingUpdate", true), ("OnDelete", false)] {
        let mut bench = Bench::new(9);
        bench.create(&daemons("")).run(20);
        bench.patch(
            Kind::DaemonSet,
            "d",
            &format!("spec: {{updateStrategy: {{type: {strategy}}}}}"),
        );
        bench.patch(Kind::DaemonSet, "d", IMAGE_2);
        for _ in 0..400 {
            bench.cluster.step();
            let pods = bench.cluster.lister().in_namespace(Kind::Pod, "default");
            assert!(pods.filter(|pod| pod.is_terminating()).count() <= 1, "two at once");
        }
        bench.run(120);
        let image = if updates { "nginx:2" } else { "nginx:1" };
        assert_eq!(images(&bench), [image; 3], "{strategy}");
    }
}

fn job(more: &str, command: &str) -> String {
    format!(
        "apiVersion: batch/v1
kind: Job
metadata: {{name: j}}
spec:
{more}
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      containers: [{{name: b, image: 'busybox:1.35', command: [sh, -c, '{command}']}}]"
    )
}

/// The Job's conditions that are true, with their reasons.
fn ends(bench: &Bench) -> Vec<String> {
    let job = bench.get(Kind::Job, "j").unwrap();
    let conditions = job.status().get("conditions").items().iter();
    let is_true = conditions.filter(|c| c.get("status").str() == "True");
    is_true.map(|c| format!("{} {}", c.get("type").str(), c.get("reason").str())).collect()
}

fn number(bench: &Bench, field: &str) -> i64 {
    bench.get(Kind::Job, "j").unwrap().status().get(field).as_i64().unwrap_or(0)
}

/// should run a job to completion when tasks succeed.
#[test]
fn a_job_runs_to_completion() {
    let mut bench = Bench::new(10);
    bench.create(&job("  completions: 4\n  parallelism: 2", "sleep 5")).run(4);
    assert_eq!((number(&bench, "active"), bench.names(Kind::Pod).len()), (2, 2));
    bench.run(60);
    assert_eq!((number(&bench, "succeeded"), number(&bench, "active")), (4, 0));
    let reason = "CompletionsReached";
    let expected = [format!("SuccessCriteriaMet {reason}"), format!("Complete {reason}")];
    assert_eq!(ends(&bench), expected);
}

/// should fail to exceed backoffLimit; should fail when exceeds active deadline.
#[test]
fn a_job_fails() {
    let mut bench = Bench::new(11);
    bench.create(&job("  backoffLimit: 1", "exit 1")).run(120);
    assert_eq!(number(&bench, "failed"), 2);
    assert!(ends(&bench).contains(&"Failed BackoffLimitExceeded".to_owned()), "{:?}", ends(&bench));
    let mut bench = Bench::new(12);
    bench.create(&job("  activeDeadlineSeconds: 10", "sleep 1000")).run(60);
    assert!(ends(&bench).contains(&"Failed DeadlineExceeded".to_owned()), "{:?}", ends(&bench));
    assert_eq!(number(&bench, "active"), 0);
}

/// should not create pods when created in suspend state; should delete pods when suspended.
#[test]
fn a_job_is_suspended_and_resumed() {
    let mut bench = Bench::new(13);
    bench.create(&job("  suspend: true\n  parallelism: 2", "sleep 1000")).run(20);
    assert_eq!(bench.names(Kind::Pod).len(), 0);
    assert_eq!(ends(&bench), ["Suspended JobSuspended"]);
    bench.patch(Kind::Job, "j", "spec: {suspend: false}").run(20);
    assert_eq!(number(&bench, "active"), 2);
    assert!(ends(&bench).is_empty());
    bench.patch(Kind::Job, "j", "spec: {suspend: true}").run(60);
    assert_eq!((number(&bench, "active"), bench.names(Kind::Pod).len()), (0, 0));
}

/// should delete pods when suspended: they are not counted as failed.
#[test]
fn pods_of_a_suspended_job_do_not_count() {
    let mut bench = Bench::new(14);
    bench.create(&job("  parallelism: 2\n  completions: 2", "sleep 1000")).run(20);
    bench.patch(Kind::Job, "j", "spec: {suspend: true}").run(60);
    assert_eq!((number(&bench, "failed"), bench.names(Kind::Pod).len()), (0, 0));
}

/// should create pods for an Indexed job with completion indexes and specified hostname.
#[test]
fn pods_of_an_indexed_job_have_numbers() {
    let mut bench = Bench::new(15);
    let spec = "  completionMode: Indexed\n  completions: 4\n  parallelism: 2";
    bench.create(&job(spec, "test $JOB_COMPLETION_INDEX = ${HOSTNAME##*-} && sleep 5")).run(4);
    let names = bench.names(Kind::Pod);
    assert!(names.iter().zip(["j-0-", "j-1-"]).all(|(name, start)| name.starts_with(start)));
    let key = "batch.kubernetes.io/job-completion-index";
    let pods: Vec<_> = bench.cluster.lister().in_namespace(Kind::Pod, "default").collect();
    let marks: Vec<_> = pods.iter().map(|pod| (pod.label(key), pod.annotation(key))).collect();
    assert_eq!(marks, [(Some("0"), Some("0")), (Some("1"), Some("1"))]);
    bench.run(60);
    let job = bench.get(Kind::Job, "j").unwrap();
    assert_eq!(job.status().get("completedIndexes").str(), "0-3");
    assert_eq!(job.status().get("uncountedTerminatedPods"), &value!({}));
    assert_eq!((number(&bench, "succeeded"), number(&bench, "failed")), (4, 0));
    assert!(ends(&bench).contains(&"Complete CompletionsReached".to_owned()), "{:?}", ends(&bench));
}

/// should execute all indexes despite some failing when using backoffLimitPerIndex.
#[test]
fn every_index_has_a_limit_of_its_own() {
    let mut bench = Bench::new(16);
    let spec =
        "  completionMode: Indexed\n  completions: 3\n  parallelism: 3\n  backoffLimitPerIndex: 1";
    bench.create(&job(spec, "test $JOB_COMPLETION_INDEX != 1")).run(120);
    let job = bench.get(Kind::Job, "j").unwrap();
    assert_eq!(job.status().get("completedIndexes").str(), "0,2");
    assert_eq!(job.status().get("failedIndexes").str(), "1");
    assert_eq!((number(&bench, "succeeded"), number(&bench, "failed")), (2, 2));
    assert!(ends(&bench).contains(&"Failed FailedIndexes".to_owned()), "{:?}", ends(&bench));
}

/// should allow to use the pod failure policy on exit code to fail the job early.
#[test]
fn a_failure_policy_ends_a_job_at_once() {
    let mut bench = Bench::new(17);
    let policy = |action: &str| {
        format!(
            "  backoffLimit: 1\n  podFailurePolicy: {{rules: [{{action: {action}, onExitCodes: {{operator: In, values: [42]}}}}]}}"
        )
    };
    bench.create(&job(&policy("FailJob"), "exit 42")).run(20);
    assert_eq!(ends(&bench), ["FailureTarget PodFailurePolicy", "Failed PodFailurePolicy"]);
    assert_eq!(number(&bench, "failed"), 1);
    let mut bench = Bench::new(18);
    bench.create(&job(&policy("Ignore"), "exit 42")).run(120);
    assert!(ends(&bench).is_empty(), "{:?}", ends(&bench));
    assert_eq!(number(&bench, "failed"), 0);
    assert!(bench.names(Kind::Pod).len() > 2);
}

/// with successPolicy should succeeded when all indexes succeeded.
#[test]
fn a_success_policy_ends_a_job_before_all_are_done() {
    let mut bench = Bench::new(19);
    let spec = "  completionMode: Indexed\n  completions: 3\n  parallelism: 3\n  successPolicy: {rules: [{succeededIndexes: '0'}]}";
    bench.create(&job(spec, "test $JOB_COMPLETION_INDEX = 0 || sleep 1000")).run(60);
    assert_eq!(ends(&bench), ["SuccessCriteriaMet SuccessPolicy", "Complete SuccessPolicy"]);
    assert_eq!((number(&bench, "succeeded"), number(&bench, "failed")), (1, 0));
}

/// should recreate pods only after they have failed if pod replacement policy is set to Failed.
#[test]
fn a_pod_on_its_way_out_may_be_waited_for() {
    for (policy, at_once) in [("TerminatingOrFailed", 2), ("Failed", 1)] {
        let mut bench = Bench::new(20);
        let slow = job(&format!("  podReplacementPolicy: {policy}"), "trap \"\" TERM; sleep 1000");
        let slow =
            slow.replace("terminationGracePeriodSeconds: 1", "terminationGracePeriodSeconds: 60");
        bench.create(&slow).run(10);
        let pod = bench.names(Kind::Pod).remove(0);
        bench.delete(Kind::Pod, &pod).run(30);
        assert_eq!(bench.names(Kind::Pod).len(), at_once, "{policy}");
        assert_eq!(number(&bench, "terminating"), 1, "{policy}");
    }
}

/// A job with managedBy of another controller is left alone.
#[test]
fn a_job_of_another_controller_is_left_alone() {
    let mut bench = Bench::new(21);
    bench.create(&job("  managedBy: example.com/runner", "true")).run(20);
    assert_eq!(bench.names(Kind::Pod).len(), 0);
    assert!(bench.get(Kind::Job, "j").unwrap().status().get("startTime").is_null());
}

/// deployment should support proportional scaling.
#[test]
fn a_roll_out_is_scaled_in_proportion() {
    for (wanted, expected) in [(30, [20, 13]), (5, [5, 3]), (10, [8, 5])] {
        let (mut bare, first, second) = amid_roll_out(&foo(10, "3", "2"), [8, 8], [5, 0]);
        bare.patch(Kind::Deployment, "foo", "", &format!("spec: {{replicas: {wanted}}}"));
        bare.sync_and_write(&DeploymentController, Kind::Deployment, "foo");
        let lister = Lister::new(bare.api.storage());
        let size = |name: &str| {
            let set = lister.get(&key(Kind::ReplicaSet, name)).unwrap();
            set.spec().get("replicas").as_i64().unwrap_or(0)
        };
        assert_eq!([size(&first), size(&second)], expected, "{wanted}");
    }
}

/// TestDeploymentHashCollision: a name that is taken is counted, and another made up.
#[test]
fn deployment_hash_collision() {
    let mut bare = Bare::new();
    bare.create(&foo(1, "1", "0"));
    bare.sync_and_write(&DeploymentController, Kind::Deployment, "foo");
    let taken = bare.names(Kind::ReplicaSet).remove(0);
    let mut bare = Bare::new();
    bare.create(&format!(
        "apiVersion: apps/v1
kind: ReplicaSet
metadata: {{name: {taken}}}
spec:
  selector: {{matchLabels: {{x: y}}}}
  template:
    metadata: {{labels: {{x: y}}}}
    spec: {{containers: [{{name: nginx, image: 'nginx:1'}}]}}"
    ));
    bare.create(&foo(1, "1", "0"));
    let decision = bare.sync(&DeploymentController, Kind::Deployment, "foo");
    let error = format!("replicasets.apps \"{taken}\" already exists");
    assert_eq!(decision.error.as_deref(), Some(error.as_str()));
    for _ in 0..2 {
        bare.sync_and_write(&DeploymentController, Kind::Deployment, "foo");
    }
    assert_eq!(bare.names(Kind::ReplicaSet).len(), 2);
    let lister = Lister::new(bare.api.storage());
    let deployment = lister.get(&key(Kind::Deployment, "foo")).unwrap();
    assert_eq!(deployment.status().get("collisionCount").as_i64(), Some(1));
}

/// test Deployment ReplicaSet orphaning and adoption regarding controllerRef.
#[test]
fn orphaned_replica_sets_are_adopted() {
    let mut bare = Bare::new();
    bare.create(&foo(1, "1", "0"));
    bare.sync_and_write(&DeploymentController, Kind::Deployment, "foo");
    let name = bare.names(Kind::ReplicaSet).remove(0);
    bare.patch(Kind::ReplicaSet, &name, "", "metadata: {ownerReferences: [{$patch: replace}]}");
    bare.sync_and_write(&DeploymentController, Kind::Deployment, "foo");
    assert_eq!(bare.names(Kind::ReplicaSet), std::slice::from_ref(&name));
    let owned = |bare: &Bare| {
        let lister = Lister::new(bare.api.storage());
        lister.get(&key(Kind::ReplicaSet, &name)).is_some_and(|set| set.controller().is_some())
    };
    assert!(owned(&bare));
    bare.patch(Kind::ReplicaSet, &name, "", "metadata: {labels: {foo: other}}");
    bare.sync_and_write(&DeploymentController, Kind::Deployment, "foo");
    assert!(!owned(&bare));
}

/// A ReplicaSet whose Pods are refused tries one, and later two more only if it was made.
#[test]
fn refused_pods_are_not_all_tried() {
    let mut bench = Bench::new(22);
    bench
        .create(
            "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {pods: 2}}}",
        )
        .run(5);
    let set = "apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: r}
spec:
  replicas: 9
  selector: {matchLabels: {r: r}}
  template:
    metadata: {labels: {r: r}}
    spec: {containers: [{name: nginx, image: 'nginx:1'}]}";
    bench.create(set);
    let counted = |bench: &Bench| {
        let events = bench.cluster.lister().in_namespace(Kind::Event, "default");
        let failed = events.filter(|event| event.value.get("reason").str() == "FailedCreate");
        failed.map(|event| event.value.get("count").as_i64().unwrap_or(1)).sum::<i64>()
    };
    for _ in 0..200 {
        bench.cluster.step();
        if counted(&bench) > 0 {
            break;
        }
    }
    bench.run(0);
    assert_eq!(bench.names(Kind::Pod).len(), 2);
    assert!(counted(&bench) < 6, "{}", counted(&bench));
}

/// should surge pods onto nodes when spec was updated and update strategy is RollingUpdate.
#[test]
fn daemons_may_be_made_before_the_old_ones_go() {
    let mut bench = Bench::new(23);
    bench.create(&daemons("")).run(20);
    let surge = "spec: {updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}}";
    bench.patch(Kind::DaemonSet, "d", surge);
    bench.patch(Kind::DaemonSet, "d", IMAGE_2);
    let mut most = 0;
    for _ in 0..600 {
        bench.cluster.step();
        let pods = bench.cluster.lister().in_namespace(Kind::Pod, "default");
        let pods: Vec<_> = pods.filter(|pod| !pod.is_terminating()).collect();
        assert!(pods.iter().filter(|pod| is_running_and_ready(pod)).count() >= 3);
        most = most.max(pods.len());
    }
    bench.run(120);
    assert_eq!((images(&bench), most), (vec!["nginx:2".to_owned(); 3], 4));
}
