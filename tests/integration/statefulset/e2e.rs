//! Upstream's end-to-end cases (`test/e2e/apps/statefulset.go`) and integration cases
//! (`test/integration/statefulset`), under their names, on whole clusters.

use statefulset_playground::api::scheme::Kind;
use statefulset_playground::apiserver::request::{
    Actor, Patch, Propagation, Request, Selectors, Verb,
};
use statefulset_playground::value;

use super::bench::{Bench, key, web};

fn started(seed: u64, replicas: u32, more: &str) -> Bench {
    let mut bench = Bench::new(seed);
    bench.create(&web(replicas, more)).run(30);
    bench
}

fn image(bench: &mut Bench, image: &str) {
    let spec = format!(
        "spec: {{template: {{spec: {{containers: [{{name: nginx, image: '{image}'}}]}}}}}}"
    );
    bench.patch(Kind::StatefulSet, "web", &spec);
}

fn images(bench: &Bench) -> Vec<String> {
    let pods = bench.cluster.lister().in_namespace(Kind::Pod, "default");
    let image = |pod: &statefulset_playground::api::object::Object| {
        pod.spec().get("containers").at(0).get("image").str().to_owned()
    };
    pods.map(image).collect()
}

fn revision(bench: &Bench, field: &str) -> String {
    let set = bench.get(Kind::StatefulSet, "web").unwrap();
    set.status().get(field).str().to_owned()
}

/// Names of the Pods in the order in which they were created (or deleted).
fn order(bench: &Bench, since: u64, created: bool) -> Vec<String> {
    use statefulset_playground::apiserver::watch::WatchEventType::{Added, Deleted};
    let wanted = if created { Added } else { Deleted };
    let events = bench.cluster.api().storage().events_since(since);
    events
        .filter(|event| event.key.kind == Kind::Pod && event.event_type == wanted)
        .map(|event| event.key.name.to_string())
        .collect()
}

#[test]
fn should_adopt_matching_orphans_and_release_non_matching_pods() {
    let mut bench = started(1, 1, "");
    let uid = bench.get(Kind::Pod, "web-0").unwrap().uid().to_owned();
    let owners = |bench: &Bench| bench.get(Kind::Pod, "web-0").unwrap().owner_references().count();
    let mut pod = bench.get(Kind::Pod, "web-0").unwrap();
    pod.value.remove(&["metadata", "ownerReferences"]);
    bench.request(Request::update(Actor::User, &pod));
    bench.run(5);
    assert_eq!(owners(&bench), 1, "adopted");
    bench.patch(Kind::Pod, "web-0", "metadata: {labels: {app: other}}").run(5);
    assert_eq!(owners(&bench), 0, "released");
    bench.patch(Kind::Pod, "web-0", "metadata: {labels: {app: nginx}}").run(5);
    assert_eq!(owners(&bench), 1, "adopted again");
    assert_eq!(bench.get(Kind::Pod, "web-0").unwrap().uid(), uid);
}

#[test]
fn should_not_deadlock_when_a_pods_predecessor_fails() {
    let mut bench = started(2, 2, "");
    bench.delete(Kind::Pod, "web-0").delete(Kind::Pod, "web-1").run(20);
    assert_eq!(bench.counters("web"), [2; 4]);
}

#[test]
fn should_perform_rolling_updates_and_roll_backs_of_template_modifications() {
    let mut bench = started(3, 3, "");
    let first = revision(&bench, "currentRevision");
    let since = bench.cluster.api().storage().revision();
    image(&mut bench, "nginx:1.27");
    bench.run(40);
    assert_eq!(order(&bench, since, false), ["web-2", "web-1", "web-0"]);
    assert_eq!(images(&bench), ["nginx:1.27"; 3]);
    assert_ne!(revision(&bench, "currentRevision"), first);
    let since = bench.cluster.api().storage().revision();
    image(&mut bench, "nginx:1.25");
    bench.run(40);
    assert_eq!(order(&bench, since, false), ["web-2", "web-1", "web-0"]);
    assert_eq!(revision(&bench, "currentRevision"), first);
    assert_eq!(revision(&bench, "updateRevision"), first);
    assert_eq!(bench.names(Kind::ControllerRevision).len(), 2);
}

#[test]
fn should_perform_canary_updates_and_phased_rolling_updates_of_template_modifications() {
    let partition = |n: u32| {
        format!(
            "spec: {{updateStrategy: {{type: RollingUpdate, rollingUpdate: {{partition: {n}}}}}}}"
        )
    };
    let mut bench = started(4, 3, "");
    bench.patch(Kind::StatefulSet, "web", &partition(3));
    image(&mut bench, "nginx:1.27");
    bench.run(20);
    let (old, new) = ("nginx:1.25", "nginx:1.27");
    assert_eq!(images(&bench), [old; 3], "nothing above the partition");
    bench.patch(Kind::StatefulSet, "web", &partition(2)).run(20);
    assert_eq!(images(&bench), [old, old, new], "the canary");
    for pod in ["web-0", "web-2"] {
        bench.delete(Kind::Pod, pod).run(20);
    }
    assert_eq!(images(&bench), [old, old, new], "restored at the revision of their side");
    bench.patch(Kind::StatefulSet, "web", &partition(1)).run(20);
    assert_eq!(images(&bench), [old, new, new]);
    bench.patch(Kind::StatefulSet, "web", &partition(0)).run(20);
    assert_eq!(images(&bench), [new; 3]);
    assert_eq!(revision(&bench, "currentRevision"), revision(&bench, "updateRevision"));
}

#[test]
fn should_implement_legacy_replacement_when_the_update_strategy_is_on_delete() {
    let mut bench = started(5, 3, "updateStrategy: {type: OnDelete}");
    image(&mut bench, "nginx:1.27");
    bench.run(20);
    assert_eq!(images(&bench), ["nginx:1.25"; 3]);
    for pod in ["web-0", "web-1", "web-2"] {
        bench.delete(Kind::Pod, pod);
    }
    bench.run(30);
    assert_eq!(images(&bench), ["nginx:1.27"; 3]);
}

#[test]
fn scaling_should_happen_in_predictable_order_and_halt_if_any_stateful_pod_is_unhealthy() {
    let mut bench = Bench::new(6);
    let since = bench.cluster.api().storage().revision();
    bench.create(&web(3, "")).run(30);
    assert_eq!(order(&bench, since, true), ["web-0", "web-1", "web-2"]);
    // A Pod whose image cannot be pulled holds everything up.
    image(&mut bench, "nginx:broken");
    bench.run(20);
    assert_eq!(bench.counters("web"), [3, 2, 2, 1]);
    bench.patch(Kind::StatefulSet, "web", "spec: {replicas: 5}").run(20);
    assert_eq!(bench.names(Kind::Pod).len(), 3, "scaling up halts");
    image(&mut bench, "nginx:1.25");
    bench.delete(Kind::Pod, "web-2").run(40);
    assert_eq!(bench.counters("web"), [5; 4]);
    let since = bench.cluster.api().storage().revision();
    bench.patch(Kind::StatefulSet, "web", "spec: {replicas: 0}").run(30);
    assert_eq!(order(&bench, since, false), ["web-4", "web-3", "web-2", "web-1", "web-0"]);
}

#[test]
fn burst_scaling_should_run_to_completion_even_with_unhealthy_pods() {
    let mut bench = Bench::new(7);
    let broken = web(3, "podManagementPolicy: Parallel").replace("nginx:1.25", "nginx:broken");
    bench.create(&broken).run(10);
    assert_eq!(bench.counters("web"), [3, 0, 3, 3]);
    bench.patch(Kind::StatefulSet, "web", "spec: {replicas: 5}").run(10);
    assert_eq!(bench.counters("web"), [5, 0, 5, 5]);
    bench.patch(Kind::StatefulSet, "web", "spec: {replicas: 0}").run(40);
    assert_eq!(bench.counters("web"), [0; 4]);
}

#[test]
fn should_have_a_working_scale_subresource() {
    let mut bench = started(8, 1, "");
    let get = Request::new(Actor::User, key(Kind::StatefulSet, "web"), Verb::Get).on("scale");
    let scale = bench.request(get).value.unwrap();
    assert_eq!(scale.path(&["spec", "replicas"]).as_i64(), Some(1));
    assert_eq!(scale.path(&["status", "replicas"]).as_i64(), Some(1));
    let mut wanted = scale;
    wanted.set(&["spec", "replicas"], 2);
    let update = Verb::Update(wanted);
    bench.request(Request::new(Actor::User, key(Kind::StatefulSet, "web"), update).on("scale"));
    bench.run(10);
    assert_eq!(bench.counters("web"), [2; 4]);
    let patch = Verb::Patch(Patch::Merge(value!({"spec": {"replicas": 4}})));
    bench.request(Request::new(Actor::User, key(Kind::StatefulSet, "web"), patch).on("scale"));
    bench.run(20);
    assert_eq!(bench.counters("web"), [4; 4]);
}

#[test]
fn should_list_patch_and_delete_a_collection_of_stateful_sets() {
    let mut bench = Bench::new(9);
    for name in ["web", "other"] {
        let labelled = format!("  name: {name}\n  labels: {{e2e: yes}}\n");
        bench.create(&web(1, "").replace("  name: web\n", &labelled.replace("yes", "'yes'")));
    }
    let selectors = Selectors { labels: "e2e=yes".into(), ..Selectors::default() };
    let list = |bench: &mut Bench| {
        let verb = Verb::List(selectors.clone());
        bench.request(Request::new(Actor::User, key(Kind::StatefulSet, ""), verb)).items.len()
    };
    assert_eq!(list(&mut bench), 2);
    bench.patch(Kind::StatefulSet, "web", "metadata: {labels: {e2e: 'no'}}");
    assert_eq!(list(&mut bench), 1);
}

#[test]
fn should_validate_statefulset_status_endpoints() {
    let mut bench = started(10, 1, "");
    let condition = value!({"type": "StatusUpdate", "status": "True", "reason": "E2E"});
    let patch = Verb::Patch(Patch::Merge(value!({"status": {"conditions": [condition]}})));
    bench.request(Request::new(Actor::User, key(Kind::StatefulSet, "web"), patch).on("status"));
    bench.patch(Kind::StatefulSet, "web", "spec: {replicas: 2}").run(10);
    let set = bench.get(Kind::StatefulSet, "web").unwrap();
    let kept = set.status().get("conditions").at(0).get("type").str();
    assert_eq!(kept, "StatusUpdate", "the controller leaves conditions alone");
    assert_eq!(bench.counters("web"), [2; 4]);
}

#[test]
fn available_replicas_should_get_updated_accordingly_when_min_ready_seconds_is_enabled() {
    let mut bench = Bench::new(11);
    bench.create(&web(2, "podManagementPolicy: Parallel\nminReadySeconds: 20")).run(10);
    let number = |bench: &Bench, field: &str| {
        let set = bench.get(Kind::StatefulSet, "web").unwrap();
        set.status().get(field).as_i64().unwrap_or(0)
    };
    assert_eq!((number(&bench, "readyReplicas"), number(&bench, "availableReplicas")), (2, 0));
    bench.run(20);
    assert_eq!((number(&bench, "readyReplicas"), number(&bench, "availableReplicas")), (2, 2));
    bench.patch(Kind::StatefulSet, "web", "spec: {minReadySeconds: 3600}").run(2);
    assert_eq!(number(&bench, "availableReplicas"), 0);
}

#[test]
fn min_ready_seconds_should_be_honored_when_enabled() {
    let mut bench = Bench::new(12);
    bench.create(&web(2, "minReadySeconds: 20")).run(15);
    assert_eq!(bench.counters("web"), [1; 4], "the second waits for the first to be available");
    bench.run(15);
    assert_eq!(bench.counters("web"), [2; 4]);
}

const CLASS: &str = "apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: standard}
provisioner: sim/provisioner";

fn with_claims(policy: &str) -> String {
    web(
        3,
        &format!(
            "persistentVolumeClaimRetentionPolicy: {policy}
volumeClaimTemplates:
- metadata: {{name: www}}
  spec:
    accessModes: [ReadWriteOnce]
    storageClassName: standard
    resources: {{requests: {{storage: 1Gi}}}}"
        ),
    )
}

#[test]
fn should_delete_pvcs_with_a_when_deleted_policy() {
    let mut bench = Bench::new(13);
    bench.create(CLASS).create(&with_claims("{whenDeleted: Delete}")).run(60);
    assert_eq!(bench.counters("web"), [3; 4]);
    assert_eq!(bench.names(Kind::PersistentVolumeClaim).len(), 3);
    bench.delete(Kind::StatefulSet, "web").run(30);
    assert_eq!(bench.names(Kind::PersistentVolumeClaim), [] as [&str; 0]);
}

#[test]
fn should_delete_pvcs_with_a_on_scaledown_policy() {
    let mut bench = Bench::new(14);
    bench.create(CLASS).create(&with_claims("{whenScaled: Delete}")).run(60);
    bench.patch(Kind::StatefulSet, "web", "spec: {replicas: 1}").run(30);
    assert_eq!(bench.names(Kind::PersistentVolumeClaim), ["www-web-0"]);
    bench.delete(Kind::StatefulSet, "web").run(30);
    assert_eq!(bench.names(Kind::PersistentVolumeClaim), ["www-web-0"], "kept with the set gone");
}

#[test]
fn should_delete_pvcs_after_adopting_pod() {
    let mut bench = Bench::new(15);
    bench.create(CLASS).create(&with_claims("{whenDeleted: Delete}")).run(60);
    bench.delete_cascading(Kind::StatefulSet, "web", Propagation::Orphan).run(10);
    assert_eq!(bench.names(Kind::PersistentVolumeClaim).len(), 3);
    bench.create(&with_claims("{whenDeleted: Delete}")).run(10);
    bench.delete(Kind::StatefulSet, "web").run(30);
    assert_eq!(bench.names(Kind::PersistentVolumeClaim), [] as [&str; 0]);
}

#[test]
fn should_not_delete_pvc_with_on_scaledown_policy_if_another_controller_owns_the_pvc() {
    let mut bench = Bench::new(16);
    bench.create(CLASS).create(&with_claims("{whenScaled: Delete}")).run(60);
    bench.create("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owner}");
    let owner = bench.get(Kind::ConfigMap, "owner").unwrap();
    let mut claim = bench.get(Kind::PersistentVolumeClaim, "www-web-2").unwrap();
    let reference = statefulset_playground::api::object::OwnerReference::controller_of(&owner);
    claim.set(&["metadata", "ownerReferences"], vec![reference]);
    bench.request(Request::update(Actor::User, &claim));
    bench.patch(Kind::StatefulSet, "web", "spec: {replicas: 0}").run(40);
    assert_eq!(bench.names(Kind::PersistentVolumeClaim), ["www-web-2"]);
}

#[test]
fn scaling_stateful_set_start_ordinal() {
    let mut bench = Bench::new(17);
    let pods = |bench: &Bench| bench.names(Kind::Pod).join(" ");
    bench.create(&web(2, "")).run(20);
    let start = |n: u32| format!("spec: {{ordinals: {{start: {n}}}}}");
    bench.patch(Kind::StatefulSet, "web", &start(2)).run(30);
    assert_eq!(pods(&bench), "web-2 web-3", "setting");
    bench.patch(Kind::StatefulSet, "web", &start(4)).run(30);
    assert_eq!(pods(&bench), "web-4 web-5", "increasing");
    bench.patch(Kind::StatefulSet, "web", &start(3)).run(30);
    assert_eq!(pods(&bench), "web-3 web-4", "decreasing");
    bench.patch(Kind::StatefulSet, "web", "spec: {ordinals: null}").run(30);
    assert_eq!(pods(&bench), "web-0 web-1", "removing");
}

#[test]
fn spec_replicas_change() {
    let mut bench = started(18, 1, "");
    bench.patch(Kind::StatefulSet, "web", "spec: {replicas: 3}").run(1);
    let set = bench.get(Kind::StatefulSet, "web").unwrap();
    assert_eq!(set.generation(), 2);
    assert_eq!(set.status().get("observedGeneration").as_i64(), Some(2));
}

#[test]
fn deleting_and_failed_pods() {
    for policy in ["OrderedReady", "Parallel"] {
        let mut bench = started(19, 2, &format!("podManagementPolicy: {policy}"));
        bench.delete(Kind::Pod, "web-0");
        let status = value!({"status": {"phase": "Failed"}});
        let patch = Verb::Patch(Patch::Merge(status));
        let pod = key(Kind::Pod, "web-1");
        bench.request(Request::new(Actor::Kubelet("node1".into()), pod, patch).on("status"));
        bench.run(30);
        assert_eq!(bench.counters("web"), [2; 4], "{policy}");
    }
}

#[test]
fn stateful_set_status_with_pod_fail() {
    let mut bench = Bench::new(20);
    let quota = "apiVersion: v1
kind: ResourceQuota
metadata: {name: none}
spec: {hard: {pods: '0'}}";
    bench.create(quota).run(1).create(&web(2, "")).run(5);
    let set = bench.get(Kind::StatefulSet, "web").unwrap();
    assert_eq!(set.status().get("observedGeneration").as_i64(), Some(1));
    assert!(bench.events("web")[0].contains("FailedCreate Create Pod web-0"));
    bench.delete(Kind::ResourceQuota, "none").run(60);
    assert_eq!(bench.counters("web"), [2; 4], "tried again with growing pauses");
}
