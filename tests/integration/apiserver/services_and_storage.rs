//! What Services, volumes, claims and classes may say, and what of it may change.

use statefulset_playground::api::scheme::Kind;

use super::refusals::check_refused;
use super::{Server, check_stored};

fn service(spec: &str) -> String {
    format!("{{apiVersion: v1, kind: Service, metadata: {{name: s}}, spec: {spec}}}")
}

#[track_caller]
fn check_service(spec: &str, expected: &str) {
    check_refused(&service(spec), &format!("Service \"s\" is invalid: {expected}"));
}

#[test]
fn fields_of_load_balancers_are_for_load_balancers() {
    let only = "Forbidden: may only be used when `type` is 'LoadBalancer'";
    check_service(
        "{loadBalancerSourceRanges: [10.0.0.0/8, banana], ports: [{port: 80}]}",
        &format!(
            "[spec.LoadBalancerSourceRanges: {only}, spec.LoadBalancerSourceRanges[1]: Invalid \
             value: \"banana\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)]"
        ),
    );
    check_service(
        "{loadBalancerClass: a.b/c, allocateLoadBalancerNodePorts: false, ports: [{port: 80}]}",
        &format!("[spec.allocateLoadBalancerNodePorts: {only}, spec.loadBalancerClass: {only}]"),
    );
    check_service(
        "{type: NodePort, healthCheckNodePort: 30111, ports: [{port: 80}]}",
        "spec.healthCheckNodePort: Invalid value: 30111: may only be set when `type` is \
         'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    );
    check_service(
        "{type: LoadBalancer, ports: [{port: 10250}]}",
        "spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is \
         used by kubelet",
    );
}

#[test]
fn node_ports_end_when_the_whole_range_is_taken() {
    let mut server = Server::new();
    let port = |port: u32| format!("{{name: p{port}, port: {port}}}");
    let ports: Vec<String> = (1..=2767).map(port).collect();
    let all = format!("{{type: NodePort, ports: [{}]}}", ports.join(", "));
    let made = server.create(&service(&all)).expect("it is accepted").object;
    let made = made.expect("it is there");
    let ports = made.spec().get("ports").items().iter();
    let upper = ports.filter(|port| port.get("nodePort").as_i64() >= Some(30_086)).count();
    assert_eq!(upper, 2682);
    let next = |server: &mut Server, name: &str, spec: &str| {
        server.create(&service(spec).replace("name: s", &format!("name: {name}")))
    };
    next(&mut server, "last", "{type: NodePort, ports: [{port: 1}]}").expect("one is left");
    let refused = next(&mut server, "more", "{type: NodePort, ports: [{port: 1}]}");
    let refused = refused.expect_err("none is left");
    assert_eq!(
        (refused.code, refused.message.as_str()),
        (500, "Internal error occurred: failed to allocate a nodePort: range is full")
    );
    let local = "{type: LoadBalancer, allocateLoadBalancerNodePorts: false, \
                 externalTrafficPolicy: Local, ports: [{port: 1}]}";
    let refused = next(&mut server, "local", local).expect_err("none is left");
    assert_eq!(
        refused.message,
        "Internal error occurred: failed to allocate a HealthCheck NodePort 0: range is full"
    );
}

#[test]
fn a_local_load_balancer_has_a_health_check_for_good() {
    let mut server = Server::new();
    let spec = "{type: LoadBalancer, externalTrafficPolicy: Local, ports: [{port: 80}]}";
    let made = server.create(&service(spec)).expect("it is accepted").object;
    let number = |object: Option<statefulset_playground::api::object::Object>| {
        object.and_then(|object| object.spec().get("healthCheckNodePort").as_i64())
    };
    assert!(number(made).is_some_and(|number| (30_000..=32_767).contains(&number)));
    let refused = server
        .patch(Kind::Service, "s", "spec: {healthCheckNodePort: 30001, loadBalancerClass: a.b/c}")
        .expect_err("neither may change");
    assert_eq!(
        refused.message,
        "Service \"s\" is invalid: [spec.loadBalancerClass: Invalid value: \"a.b/c\": may not \
         change once set, spec.healthCheckNodePort: Forbidden: field is immutable]"
    );
    let change = "spec: {externalTrafficPolicy: Cluster}";
    let changed = server.patch(Kind::Service, "s", change).expect("that may change").object;
    assert_eq!(number(changed), None);
}

#[test]
fn there_is_one_family_of_addresses() {
    let ports = "ports: [{port: 80}]";
    let dual = "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are";
    for (fields, expected) in [
        (
            "ipFamilyPolicy: RequireDualStack",
            "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not \
             configured for dual-stack services",
        ),
        (
            "ipFamilies: [IPv6]",
            "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster",
        ),
        (
            "ipFamilies: [IPv4, IPv6]",
            &format!("spec.ipFamilyPolicy: Invalid value: \"SingleStack\": {dual} specified"),
        ),
        (
            "clusterIP: 'fd00::1'",
            "spec.clusterIPs[0]: Invalid value: [\"fd00::1\"]: IPv6 is not configured on this \
             cluster",
        ),
        (
            "clusterIPs: [10.96.0.9]",
            "spec.clusterIPs: Invalid value: [\"10.96.0.9\"]: must be empty when `clusterIP` is \
             not specified",
        ),
    ] {
        check_service(&format!("{{{fields}, {ports}}}"), expected);
    }
    let spec = service(&format!("{{ipFamilyPolicy: PreferDualStack, {ports}}}"));
    check_stored(&spec, "spec.ipFamilies", "[IPv4]");
    let spec = service(&format!("{{clusterIP: None, {ports}}}"));
    check_stored(&spec, "spec.ipFamilies", "[IPv4, IPv6]");
}

#[test]
fn what_cannot_be_handed_out_comes_first() {
    let spec = "{type: NodePort, ports: [{port: 80, nodePort: 80}, {port: 81}]}";
    check_service(
        spec,
        "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The \
         range of valid ports is 30000-32767",
    );
    let mut server = Server::new();
    let fixed = service("{clusterIP: 10.96.0.50, ports: [{port: 80}]}");
    server.create(&fixed).expect("the address is free");
    let again = server.create(&fixed).expect_err("its own address is taken");
    assert!(again.message.ends_with("provided IP is already allocated"), "{}", again.message);
}

#[test]
fn ports_with_one_number_share_a_node_port() {
    let mut server = Server::new();
    let spec = "{type: NodePort, ports: [{name: a, port: 53, protocol: UDP}, {name: b, port: 53}]}";
    let made = server.create(&service(spec)).expect("it is accepted").object.expect("it is shown");
    let ports = made.spec().get("ports");
    assert_eq!(ports.at(0).get("nodePort"), ports.at(1).get("nodePort"));
}

fn volume(spec: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: PersistentVolume, metadata: {{name: pv}}, spec: {{capacity: \
         {{storage: 1Gi}}, accessModes: [ReadWriteOnce], {spec}}}}}"
    )
}

#[test]
fn sources_of_volumes_say_what_they_need() {
    for (spec, expected) in [
        ("awsElasticBlockStore: {}", "spec.awsElasticBlockStore.volumeID: Required value"),
        ("gcePersistentDisk: {}", "spec.persistentDisk.pdName: Required value"),
        (
            "iscsi: {targetPortal: a, iqn: b, lun: 300}",
            "[spec.iscsi.iqn: Invalid value: \"b\": must be valid format starting with iqn, eui, \
             or naa, spec.iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive]",
        ),
        ("csi: {driver: a.b}", "spec.csi.volumeHandle: Required value"),
        (
            "csi: {driver: a.b, volumeHandle: v, nodePublishSecretRef: {name: s}}",
            "spec.csi.nodePublishSecretRef.namespace: Required value",
        ),
        (
            "nodeAffinity: {}, hostPath: {path: /a}",
            "spec.nodeAffinity.required: Required value: must specify required node constraints",
        ),
    ] {
        let expected = format!("PersistentVolume \"pv\" is invalid: {expected}");
        check_refused(&volume(spec), &expected);
    }
}

#[test]
fn where_a_volume_may_be_used_is_said_once() {
    let mut server = Server::new();
    server.create(&volume("hostPath: {path: /a}")).expect("it is accepted");
    let affinity = |node: &str| {
        format!(
            "spec: {{nodeAffinity: {{required: {{nodeSelectorTerms: [{{matchExpressions: [{{key: \
             kubernetes.io/hostname, operator: In, values: [{node}]}}]}}]}}}}}}"
        )
    };
    let kind = Kind::PersistentVolume;
    server.patch(kind, "pv", &affinity("node1")).expect("it may be added");
    let refused = server.patch(kind, "pv", &affinity("node2")).expect_err("it may not change");
    let message = refused.message.as_str();
    let start = "PersistentVolume \"pv\" is invalid: nodeAffinity: Invalid value: \
                 {\"Required\":{\"NodeSelectorTerms\":";
    assert!(message.starts_with(start), "{message}");
    let end = ": field is immutable, except for updating from beta label to GA";
    assert!(message.ends_with(end), "{message}");
}

#[test]
fn a_claim_keeps_its_mode_and_says_twice_where_its_data_is_from() {
    let claim = "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: \
                 {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, dataSource: \
                 {kind: PersistentVolumeClaim, name: other}}}";
    check_stored(
        claim,
        "spec.dataSourceRef",
        "{apiGroup: null, kind: PersistentVolumeClaim, name: other}",
    );
    let mut server = Server::new();
    server.create(claim).expect("it is accepted");
    let refused = server
        .patch(Kind::PersistentVolumeClaim, "c", "spec: {volumeMode: Block}")
        .expect_err("the mode is fixed");
    let end = "volumeMode: Invalid value: \"Block\": field is immutable]";
    assert!(refused.message.ends_with(end), "{}", refused.message);
}

#[test]
fn both_sources_of_a_claim_name_the_same() {
    let claim = |sources: &str| {
        format!(
            "{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: c}}, spec: \
             {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}, {sources}}}}}"
        )
    };
    let other = "{kind: PersistentVolumeClaim, name: other}";
    let foreign = "{kind: PersistentVolumeClaim, name: other, namespace: far}";
    check_stored(
        &claim(&format!("dataSourceRef: {foreign}")),
        "spec.dataSource",
        "{apiGroup: null, kind: PersistentVolumeClaim, name: other}",
    );
    check_refused(
        &claim(&format!(
            "dataSource: {other}, dataSourceRef: {{kind: Populator, name: x, apiGroup: a.b}}"
        )),
        "PersistentVolumeClaim \"c\" is invalid: spec: Invalid value: {}: must match dataSourceRef",
    );
}

#[test]
fn addresses_of_one_link_are_no_external_addresses() {
    let why = "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
    for address in ["169.254.1.1", "fe80::1"] {
        let expected = format!("spec.externalIPs[0]: Invalid value: \"{address}\": {why}");
        check_service(&format!("{{ports: [{{port: 80}}], externalIPs: ['{address}']}}"), &expected);
    }
    let why = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
    let expected = format!("spec.externalIPs[0]: Invalid value: \"ff02::1\": {why}");
    check_service("{ports: [{port: 80}], externalIPs: ['ff02::1']}", &expected);
}
