//! Upstream's end-to-end cases that look into Pods: data on volumes, nodes that refuse a Pod,
//! claims that vanish, clustered applications (`test/e2e/apps/statefulset.go`).

use statefulset_playground::api::scheme::Kind;

use crate::shell::Shell;

const CLASS: &str = "apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: standard}
provisioner: sim/provisioner
---
apiVersion: v1
kind: Service
metadata: {name: test}
spec: {clusterIP: None, selector: {app: ss}, ports: [{port: 80, name: web}]}
---
";

/// A set `ss` whose Pods have `/data` on a claim each.
fn ss(replicas: u32, image: &str, more: &str) -> String {
    format!(
        "{CLASS}apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: ss}}
spec:
  serviceName: test
  replicas: {replicas}
  selector: {{matchLabels: {{app: ss}}}}
  template:
    metadata: {{labels: {{app: ss}}}}
    spec:
{more}      containers:
      - name: main
        image: {image}
        volumeMounts: [{{name: datadir, mountPath: /data}}]
  volumeClaimTemplates:
  - metadata: {{name: datadir}}
    spec:
      accessModes: [ReadWriteOnce]
      storageClassName: standard
      resources: {{requests: {{storage: 1Gi}}}}
"
    )
}

#[test]
fn should_provide_basic_identity() {
    let mut shell = Shell::new(1);
    shell.apply(&ss(3, "nginx:1.25", ""));
    shell.ready("ss");
    for ordinal in 0..3 {
        let pod = format!("ss-{ordinal}");
        assert_eq!(shell.good(&format!("kubectl exec {pod} -- hostname")), format!("{pod}\n"));
        let fqdn = shell.good(&format!("kubectl exec {pod} -- hostname -f"));
        assert_eq!(fqdn, format!("{pod}.test.default.svc.cluster.local\n"));
        shell.good(&format!("kubectl exec {pod} -- sh -c 'echo {pod} > /data/own'"));
    }
    let own = |shell: &mut Shell| -> Vec<String> {
        (0..3).map(|o| shell.good(&format!("kubectl exec ss-{o} -- cat /data/own"))).collect()
    };
    let written = ["ss-0\n", "ss-1\n", "ss-2\n"];
    shell.good("kubectl delete pod ss-1");
    shell.ready("ss");
    assert_eq!(own(&mut shell), written, "read again by the next one, and by nobody else");
    shell.good("kubectl scale sts ss --replicas=0 && kubectl wait --for=delete pod/ss-0");
    shell.good("kubectl scale sts ss --replicas=3");
    shell.ready("ss");
    assert_eq!(own(&mut shell), written);
}

#[test]
fn should_perform_rolling_updates_and_roll_backs_of_template_modifications_with_pvcs() {
    let mut shell = Shell::new(2);
    shell.apply(&ss(3, "nginx:1.25", ""));
    shell.ready("ss");
    shell.good("kubectl exec ss-2 -- sh -c 'echo kept > /data/own'");
    for image in ["nginx:1.27", "nginx:1.25"] {
        shell.good(&format!("kubectl set image sts/ss main={image}"));
        shell.ready("ss");
        let seen =
            shell.good("kubectl get pods -o jsonpath='{.items[*].spec.containers[0].image}'");
        assert_eq!(seen, [image; 3].join(" "));
        assert_eq!(shell.good("kubectl exec ss-2 -- cat /data/own"), "kept\n");
    }
    assert_eq!(shell.good("kubectl get controllerrevisions -o name").lines().count(), 2);
}

#[test]
fn should_recreate_evicted_statefulset() {
    let mut shell = Shell::new(3);
    let blocker = "apiVersion: v1
kind: Pod
metadata: {name: test-pod}
spec:
  nodeName: node1
  containers:
  - {name: nginx, image: nginx:1.25, ports: [{containerPort: 80, hostPort: 21017}]}
";
    shell.apply(blocker);
    shell.good("kubectl wait --for=condition=Ready pod/test-pod");
    let ports = "        ports: [{containerPort: 80, hostPort: 21017}]\n        volumeMounts";
    let set = ss(1, "nginx:1.25", "      nodeName: node1\n").replace("        volumeMounts", ports);
    shell.apply(&set);
    shell.pass(3);
    let events = shell.good("kubectl get events");
    let why = "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod \
               ports";
    assert!(events.contains(why), "{events}");
    let deleted = "Delete Pod ss-0 in StatefulSet ss successful";
    assert!(events.contains(deleted), "failed, so deleted and made again: {events}");
    assert_ne!(shell.phase("ss-0"), "Running");
    shell.good("kubectl delete pod test-pod");
    shell.good("kubectl wait --for=condition=Ready pod/ss-0 --timeout=120s");
    assert_eq!(shell.phase("ss-0"), "Running");
}

#[test]
fn pvc_should_be_recreated_when_pod_is_pending_due_to_missing_pvc() {
    let mut shell = Shell::new(4);
    shell.apply(&ss(1, "nginx:1.25", ""));
    shell.ready("ss");
    shell.good("kubectl cordon node1 && kubectl cordon node2 && kubectl cordon node3");
    shell.good("kubectl delete pod ss-0");
    let uid = "kubectl get pvc datadir-ss-0 -o jsonpath='{.metadata.uid}'";
    let first = shell.good(uid);
    shell.good("kubectl delete pvc datadir-ss-0");
    assert_eq!(shell.phase("ss-0"), "Pending");
    shell.pass(30);
    assert!(shell.has(Kind::PersistentVolumeClaim, "datadir-ss-0"), "made again for the Pod");
    assert_ne!(shell.good(uid), first);
    shell.good("kubectl uncordon node1");
    shell.ready("ss");
}

/// Upstream deploys zookeeper, redis, mysql and CockroachDB, writes to one member and reads from
/// another. The shape is kept: each member finds its peers by name and answers them over the
/// network; the databases themselves are stand-ins here.
#[test]
fn deploy_clustered_applications() {
    for (seed, image) in [(5, "zookeeper:3.8"), (6, "redis:7"), (7, "mysql:8.0")] {
        let mut shell = Shell::new(seed);
        let set = ss(3, image, "").replace(
            "        volumeMounts",
            "        command:
        - sh
        - -c
        - touch /data/own; while true; do nc -l -p 7000 < /data/own; done
        volumeMounts",
        );
        shell.apply(&set);
        shell.ready("ss");
        shell.good("kubectl exec ss-0 -- sh -c 'echo foo=bar > /data/own'");
        let read = shell.good("kubectl exec ss-2 -- nc ss-0.test 7000");
        assert_eq!(read, "foo=bar\n", "{image}");
        shell.good("kubectl delete pod ss-0");
        shell.ready("ss");
        let read = shell.good("kubectl exec ss-2 -- nc ss-0.test 7000");
        assert_eq!(read, "foo=bar\n", "{image}: found by its name and with its data");
    }
}

#[test]
fn volume_template_noop_update() {
    let mut shell = Shell::new(8);
    let set = ss(1, "nginx:1.25", "");
    shell.apply(&set);
    shell.ready("ss");
    // As another client writes it: without what the server fills in, or with the defaults.
    let plain = "    spec:\n      accessModes: [ReadWriteOnce]";
    assert!(set.contains(plain));
    let filled = set.replace(
        "  - metadata: {name: datadir}\n    spec:\n",
        "  - apiVersion: v1\n    kind: PersistentVolumeClaim\n    metadata: {name: datadir}\n    \
         spec:\n      volumeMode: Filesystem\n",
    );
    assert_ne!(filled, set);
    for text in [set, filled] {
        shell.apply(&text);
        let generation = shell.good("kubectl get sts ss -o jsonpath='{.metadata.generation}'");
        assert_eq!(generation, "1");
    }
}
