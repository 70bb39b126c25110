//! What the server adds to minimal objects (`api-defaults` of the recorded transcripts).

use super::{Server, check_stored};

const SET: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  selector: {matchLabels: {app: nginx}}
  template:
    metadata: {labels: {app: nginx}}
    spec:
      containers: [{name: nginx, image: 'nginx:1.25', env: [], stdin: false}]
      hostNetwork: false
  volumeClaimTemplates:
  - metadata: {name: www}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 1Gi}}
";

#[test]
fn a_stateful_set_is_filled_in() {
    check_stored(
        SET,
        "spec",
        "
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, whenScaled: Retain}
  podManagementPolicy: OrderedReady
  replicas: 1
  revisionHistoryLimit: 10
  selector: {matchLabels: {app: nginx}}
  serviceName: ''
  template:
    metadata: {labels: {app: nginx}}
    spec:
      containers:
      - image: nginx:1.25
        imagePullPolicy: IfNotPresent
        name: nginx
        resources: {}
        terminationMessagePath: /dev/termination-log
        terminationMessagePolicy: File
      dnsPolicy: ClusterFirst
      restartPolicy: Always
      schedulerName: default-scheduler
      securityContext: {}
      terminationGracePeriodSeconds: 30
  updateStrategy:
    rollingUpdate: {maxUnavailable: 1, partition: 0}
    type: RollingUpdate
  volumeClaimTemplates:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: www}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 1Gi}}
      volumeMode: Filesystem
    status: {phase: Pending}
",
    );
    check_stored(SET, "status", "{availableReplicas: 0, replicas: 0}");
}

#[test]
fn services_are_filled_in() {
    let service = |spec: &str| {
        format!("{{apiVersion: v1, kind: Service, metadata: {{name: s}}, spec: {spec}}}")
    };
    check_stored(
        &service("{clusterIP: None}"),
        "spec",
        "{clusterIP: None, clusterIPs: [None], internalTrafficPolicy: Cluster,
          ipFamilies: [IPv4, IPv6], ipFamilyPolicy: RequireDualStack, sessionAffinity: None,
          type: ClusterIP}",
    );
    check_stored(
        &service("{type: ExternalName, externalName: example.com}"),
        "spec",
        "{externalName: example.com, sessionAffinity: None, type: ExternalName}",
    );
    check_stored(
        &service(
            "{type: LoadBalancer, sessionAffinity: ClientIP, clusterIP: 10.96.1.1,
              ports: [{port: 80, nodePort: 30081}]}",
        ),
        "spec",
        "{allocateLoadBalancerNodePorts: true, clusterIP: 10.96.1.1, clusterIPs: [10.96.1.1],
          externalTrafficPolicy: Cluster, internalTrafficPolicy: Cluster, ipFamilies: [IPv4],
          ipFamilyPolicy: SingleStack,
          ports: [{nodePort: 30081, port: 80, protocol: TCP, targetPort: 80}],
          sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 10800}},
          type: LoadBalancer}",
    );
}

#[test]
fn pods_get_account_token_and_tolerations() {
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c,
                image: nginx, resources: {limits: {cpu: '1'}}}]}}";
    let mut server = Server::new();
    let stored = server.create(pod).expect("the Pod is accepted").object.expect("an object");
    let spec = stored.spec();
    assert_eq!(spec.get("tolerations").items().len(), 2);
    assert_eq!(spec.get("serviceAccountName").str(), "default");
    assert_eq!(spec.get("priority").as_i64(), Some(0));
    let container = spec.get("containers").at(0);
    assert_eq!(container.path(&["resources", "requests", "cpu"]).str(), "1");
    assert_eq!(container.get("imagePullPolicy").str(), "Always");
    let volume = spec.get("volumes").at(0).get("name").str();
    assert!(volume.starts_with("kube-api-access-"), "{volume}");
    assert_eq!(container.get("volumeMounts").at(0).get("name").str(), volume);
    assert_eq!(stored.status().get("qosClass").str(), "Burstable");
}
