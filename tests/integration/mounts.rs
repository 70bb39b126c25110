//! Volumes of Pods: which are mounted, what keeps them from it, and how the kubelet says so.

use crate::shell::Shell;

fn pod(name: &str, mount: &str, volume: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}, spec: {{containers: [{{name: c, \
         image: busybox, command: [sleep, \"3600\"], {mount}}}], volumes: [{{name: v, \
         {volume}}}]}}}}"
    )
}

const MOUNT: &str = "volumeMounts: [{name: v, mountPath: /srv/deep/v}]";

fn claimed(source: &str, mode: &str) -> String {
    let volume = format!(
        "apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: pv}}\nspec: {{capacity: \
         {{storage: 1Gi}}, accessModes: [ReadWriteOnce], volumeMode: {mode}, {source}}}\n"
    );
    let claim = format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: c}}\nspec: {{accessModes: \
         [ReadWriteOnce], volumeMode: {mode}, volumeName: pv, resources: {{requests: {{storage: \
         1Gi}}}}}}\n"
    );
    format!("{volume}---\n{claim}")
}

// Messages of a Pod's events of one reason, each once.
fn messages(shell: &mut Shell, pod: &str, reason: &str) -> String {
    let line = format!(
        "kubectl get events --field-selector involvedObject.name={pod},reason={reason} -o \
         jsonpath='{{range .items[*]}}{{.message}}{{\"\\n\"}}{{end}}' | sort -u"
    );
    shell.run(&line)
}

#[track_caller]
fn check_event(yaml: &[&str], seconds: u64, reason: &str, expected: &str) {
    let mut shell = Shell::new(3);
    for manifest in yaml {
        shell.apply(manifest);
    }
    shell.pass(seconds);
    assert_eq!(shell.phase("p"), "Pending");
    assert_eq!(messages(&mut shell, "p", reason), expected);
}

#[test]
fn a_volume_that_no_container_mounts_is_left_alone() {
    let mut shell = Shell::new(1);
    shell.apply(&pod("p", "env: []", "configMap: {name: missing}"));
    shell.pass(10);
    assert_eq!(shell.phase("p"), "Running");
}

#[test]
fn directories_lead_to_what_is_mounted() {
    let mut shell = Shell::new(1);
    shell.apply(&pod("p", MOUNT, "emptyDir: {}"));
    shell.pass(10);
    assert_eq!(shell.good("kubectl exec p -- ls /srv /srv/deep"), "/srv:\ndeep\n\n/srv/deep:\nv\n");
    shell.good("kubectl exec p -- sh -c 'echo 1 > /srv/deep/v/a; echo 2 > /srv/b'");
    assert_eq!(shell.good("kubectl exec p -- ls /srv"), "b\ndeep\n");
}

#[test]
fn annotations_tell_where_the_kubelet_has_the_pod_from() {
    let mut shell = Shell::new(1);
    let item = "{path: notes, fieldRef: {fieldPath: metadata.annotations}}";
    shell.apply(&pod("p", MOUNT, &format!("downwardAPI: {{items: [{item}]}}")));
    shell.pass(10);
    let notes = shell.good("kubectl exec p -- grep config /srv/deep/v/notes | cut -c1-35");
    let expected = "kubernetes.io/config.seen=\"2026-11-\nkubernetes.io/config.source=\"api\"\n";
    assert_eq!(notes, format!("kubectl.kubernetes.io/last-applied-\n{expected}"));
}

#[test]
fn a_missing_key_under_a_sub_path_is_a_directory() {
    let mut shell = Shell::new(1);
    shell.good("kubectl create configmap cm --from-literal=app.conf=x");
    let mount = "volumeMounts: [{name: v, mountPath: /app.cnf, subPath: app.cnf}]";
    shell.apply(&pod("p", mount, "configMap: {name: cm}"));
    shell.pass(10);
    let found = shell.good("kubectl exec p -- stat -c %F /app.cnf");
    assert_eq!(found, "directory\n");
}

#[test]
fn every_missing_source_of_a_projected_volume_is_named() {
    let sources = "projected: {sources: [{secret: {name: a}}, {configMap: {name: b}}]}";
    let expected = "MountVolume.SetUp failed for volume \"v\" : [secret \"a\" not found, configmap \
                    \"b\" not found]\n";
    check_event(&[&pod("p", MOUNT, sources)], 5, "FailedMount", expected);
}

#[test]
fn the_kubelet_waits_for_two_minutes_and_then_says_so() {
    let yaml = [claimed("hostPath: {path: /dev/x}", "Block")];
    let device = "volumeDevices: [{name: v, devicePath: /dev/v}]";
    let claim = "persistentVolumeClaim: {claimName: c}";
    let yaml = [yaml[0].as_str(), &pod("p", device, claim)];
    check_event(&yaml, 110, "FailedMount", "");
    let expected = "Unable to attach or mount volumes: unmounted volumes=[v], unattached \
                    volumes=[], failed to process volumes=[]: context deadline exceeded\n";
    check_event(&yaml, 130, "FailedMount", expected);
}

#[test]
fn a_device_is_no_directory() {
    let volume = claimed("hostPath: {path: /dev/x}", "Block");
    let pod = pod("p", MOUNT, "persistentVolumeClaim: {claimName: c}");
    let expected = "Unable to attach or mount volumes: unmounted volumes=[v], unattached \
                    volumes=[], failed to process volumes=[v]: volume v has volumeMode Block, but \
                    is specified in volumeMounts\n";
    check_event(&[&volume, &pod], 5, "FailedMount", expected);
}

#[test]
fn volumes_that_cannot_be_looked_up_are_named_in_one_event() {
    let claim = |name: &str| {
        format!("{{name: {name}, persistentVolumeClaim: {{claimName: claim-{name}}}}}")
    };
    let pod = format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{nodeName: node1, containers: \
         [{{name: c, image: busybox, volumeMounts: [{{name: b, mountPath: /b}}, {{name: a, \
         mountPath: /a}}]}}], volumes: [{}, {}]}}}}",
        claim("b"),
        claim("a"),
    );
    let error = |name: &str| {
        format!(
            "error processing PVC default/claim-{name}: failed to fetch PVC from API server: \
             persistentvolumeclaims \"claim-{name}\" not found"
        )
    };
    let expected = format!(
        "Unable to attach or mount volumes: unmounted volumes=[a b], unattached volumes=[], failed \
         to process volumes=[a b]: {}; {}\n",
        error("a"),
        error("b"),
    );
    check_event(&[&pod], 5, "FailedMount", &expected);
}

#[test]
fn a_driver_that_is_not_installed_attaches_nothing() {
    let volume = claimed("awsElasticBlockStore: {volumeID: 'aws://a/vol-1'}", "Filesystem");
    let pod = pod("p", MOUNT, "persistentVolumeClaim: {claimName: c}");
    let yaml = [volume.as_str(), &pod];
    let expected = "AttachVolume.Attach failed for volume \"pv\" : timed out waiting for \
                    external-attacher of ebs.csi.aws.com CSI driver to attach volume vol-1\n";
    check_event(&yaml, 125, "FailedAttachVolume", expected);
    let expected = "Unable to attach or mount volumes: unmounted volumes=[v], unattached \
                    volumes=[v], failed to process volumes=[]: context deadline exceeded\n";
    check_event(&yaml, 130, "FailedMount", expected);
}

#[test]
fn kinds_without_a_plugin_say_what_is_missing() {
    let inline = pod("p", MOUNT, "csi: {driver: secrets-store.csi.k8s.io}");
    let expected = "MountVolume.SetUp failed for volume \"v\" : kubernetes.io/csi: \
                    mounter.SetUpAt failed to get CSI client: driver name secrets-store.csi.k8s.io \
                    not found in the list of registered CSI drivers\n";
    check_event(&[&inline], 5, "FailedMount", expected);
    let removed = pod("p", MOUNT, "glusterfs: {endpoints: a, path: b}");
    let expected = "Unable to attach or mount volumes: unmounted volumes=[v], unattached \
                    volumes=[], failed to process volumes=[v]: failed to get Plugin from \
                    volumeSpec for volume \"v\" err=no volume plugin matched\n";
    check_event(&[&removed], 5, "FailedMount", expected);
    let unknown = pod("p", MOUNT, "iscsi: {targetPortal: a, iqn: iqn.b, lun: 0}");
    let expected = "not simulated here yet: mounting volume \"v\" of kind iscsi; a real kubelet \
                    would try, and the Pod would start if its storage is there\n";
    check_event(&[&unknown], 150, "NotSimulated", expected);
    check_event(&[&unknown], 150, "FailedMount", "");
}

#[test]
fn a_pod_put_on_a_node_by_hand_waits_for_its_claim() {
    let claim = "persistentVolumeClaim: {claimName: c}";
    let by_hand = pod("p", MOUNT, claim).replace("spec: {", "spec: {nodeName: node1, ");
    let expected = "Unable to attach or mount volumes: unmounted volumes=[v], unattached \
                    volumes=[], failed to process volumes=[v]: error processing PVC default/c: \
                    failed to fetch PVC from API server: persistentvolumeclaims \"c\" not found\n";
    check_event(&[&by_hand], 5, "FailedMount", expected);
}

fn ephemeral(pod_name: &str) -> String {
    let template = "ephemeral: {volumeClaimTemplate: {metadata: {labels: {of: pod}}, spec: \
                    {accessModes: [ReadWriteOnce], storageClassName: standard, resources: \
                    {requests: {storage: 1Gi}}}}}";
    pod(pod_name, MOUNT, template)
}

const CLASS: &str = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: \
                     standard}\nprovisioner: rancher.io/local-path\nvolumeBindingMode: \
                     WaitForFirstConsumer";

#[test]
fn an_ephemeral_volume_lives_as_long_as_its_pod() {
    let mut shell = Shell::new(1);
    shell.apply(CLASS);
    shell.apply(&ephemeral("p"));
    shell.pass(10);
    assert_eq!(shell.phase("p"), "Running");
    let owner = "kubectl get pvc p-v -l of=pod -o \
                 jsonpath='{.items[0].metadata.ownerReferences[0].name}'";
    assert_eq!(shell.good(&owner.replace("pvc p-v", "pvc")), "p");
    shell.good("kubectl exec p -- sh -c 'echo 1 > /srv/deep/v/a'");
    shell.good("kubectl delete pod p --grace-period=1");
    shell.pass(10);
    assert_eq!(shell.good("kubectl get pvc,pv 2>&1"), "No resources found\n");
    shell.apply(&ephemeral("p"));
    shell.pass(10);
    assert_eq!(shell.good("kubectl exec p -- ls /srv/deep/v"), "");
}

#[test]
fn an_ephemeral_volume_takes_nobodys_claim() {
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: p-v}\nspec: \
                 {accessModes: [ReadWriteOnce], storageClassName: standard, resources: {requests: \
                 {storage: 1Gi}}}";
    let not_owned = "PVC default/p-v was not created for pod default/p (pod is not owner)";
    let yaml = [CLASS, claim, &ephemeral("p")];
    check_event(&yaml, 5, "FailedBinding", &format!("ephemeral volume v: {not_owned}\n"));
    let expected = format!("0/3 nodes are available: {not_owned}. not found\n");
    check_event(&yaml, 5, "FailedScheduling", &expected);
}

#[test]
fn a_volume_for_a_node_that_does_not_exist_is_not_made() {
    let mut shell = Shell::new(1);
    shell.apply(CLASS);
    shell.apply(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c, annotations: \
         {volume.kubernetes.io/selected-node: node9}}\nspec: {accessModes: [ReadWriteOnce], \
         storageClassName: standard, resources: {requests: {storage: 1Gi}}}",
    );
    shell.pass(5);
    let messages = messages(&mut shell, "c", "ProvisioningFailed");
    assert_eq!(messages, "node \"node9\" not found\n");
    assert_eq!(shell.good("kubectl get pvc c -o jsonpath='{.status.phase}'"), "Pending");
}

#[test]
fn volumes_of_clouds_are_described_field_by_field() {
    let mut shell = Shell::new(1);
    shell.apply(&claimed("iscsi: {targetPortal: a, iqn: iqn.b, lun: 0}", "Filesystem"));
    let source = "kubectl describe pv pv | sed -n '/^Source/,/^Events/p' | sed '$d'";
    assert_eq!(
        shell.good(source),
        "Source:
    Type:               ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)
    TargetPortal:       a
    IQN:                iqn.b
    Lun:                0
    ISCSIInterface      default
    FSType:             
    ReadOnly:           false
    Portals:            []
    DiscoveryCHAPAuth:  false
    SessionCHAPAuth:    false
    SecretRef:          <nil>
    InitiatorName:      <none>
"
    );
}
