//! What a Pod reaches through Services: policies, addresses from outside, Endpoints by hand.

use crate::shell::Shell;

const PODS: &str = "
{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {nodeName: node1, \
containers: [{name: c, image: nginx}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: near}, spec: {nodeName: node1, containers: [{name: c, \
image: busybox, command: [sleep, '3600']}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: far}, spec: {nodeName: node2, containers: [{name: c, \
image: busybox, command: [sleep, '3600']}]}}";

fn shell(service: &str) -> Shell {
    let mut shell = Shell::new(5);
    shell.apply(PODS);
    shell.apply(&format!(
        "{{apiVersion: v1, kind: Service, metadata: {{name: s}}, spec: {service}}}"
    ));
    shell.pass(10);
    shell
}

// `yes`, or what wget complains about.
fn reach(shell: &mut Shell, from: &str, url: &str) -> String {
    let line =
        format!("kubectl exec {from} -- wget -T 1 -qO /dev/null http://{url} 2>&1 && echo yes");
    let output = shell.run(&line);
    output.lines().next().unwrap_or_default().to_string()
}

const SILENCE: &str = "wget: download timed out";

#[test]
fn a_local_internal_policy_keeps_traffic_on_the_node() {
    let mut shell =
        shell("{internalTrafficPolicy: Local, selector: {app: web}, ports: [{port: 80}]}");
    assert_eq!(reach(&mut shell, "near", "s"), "yes");
    assert_eq!(reach(&mut shell, "far", "s"), SILENCE);
}

#[test]
fn a_local_external_policy_asks_for_endpoints_on_the_node_that_is_called() {
    let mut shell = shell(
        "{type: NodePort, externalTrafficPolicy: Local, selector: {app: web}, ports: [{port: 80, \
         nodePort: 30080}]}",
    );
    assert_eq!(reach(&mut shell, "far", "192.168.49.11:30080"), "yes");
    assert_eq!(reach(&mut shell, "near", "192.168.49.12:30080"), SILENCE);
    // A node's own Pods are not from outside.
    assert_eq!(reach(&mut shell, "far", "192.168.49.12:30080"), "yes");
}

#[test]
fn an_external_address_leads_to_the_service() {
    let mut shell = shell(
        "{externalIPs: [203.0.113.7], selector: {app: web}, ports: [{port: 8080, targetPort: 80}]}",
    );
    assert_eq!(reach(&mut shell, "far", "203.0.113.7:8080"), "yes");
}

#[test]
fn endpoints_by_hand_are_mirrored_and_go_with_their_service() {
    let mut shell = shell("{ports: [{port: 80}]}");
    let refused = reach(&mut shell, "far", "s");
    assert!(refused.ends_with("Connection refused"), "{refused}");
    let address = shell.good("kubectl get pod web -o jsonpath='{.status.podIP}'");
    shell.apply(&format!(
        "{{apiVersion: v1, kind: Endpoints, metadata: {{name: s, labels: {{by: hand}}}}, subsets: \
         [{{addresses: [{{ip: {address}}}], ports: [{{port: 80}}]}}]}}"
    ));
    shell.pass(3);
    let slices = "kubectl get endpointslices -l by=hand --no-headers \
                  -o custom-columns=P:.ports[0].port,A:.endpoints[0].addresses[0],O:.metadata.ownerReferences[0].kind";
    assert_eq!(shell.good(slices), format!("80    {address}   Endpoints\n"));
    assert_eq!(reach(&mut shell, "far", "s"), "yes");
    shell.good("kubectl annotate endpoints s note=new");
    shell.pass(3);
    let note =
        "kubectl get endpointslices -l by=hand -o jsonpath='{.items[0].metadata.annotations}'";
    assert_eq!(shell.good(note), "{\"note\":\"new\"}");
    shell.good("kubectl delete service s");
    shell.pass(5);
    assert_eq!(
        shell.good("kubectl get endpointslices -l by=hand 2>&1"),
        "No resources found in default namespace.\n"
    );
}

#[test]
fn nc_tells_of_closed_ports_only_if_it_is_told_twice_to_talk() {
    let mut shell = shell("{selector: {app: web}, ports: [{port: 80}]}");
    let mut nc = |arguments: &str| {
        shell.run(&format!("kubectl exec far -- nc {arguments} 2>&1 | head -n 1"))
    };
    assert_eq!(nc("-z 127.0.0.1 80"), "command terminated with exit code 1\n");
    assert_eq!(nc("-zv 127.0.0.1 80"), "command terminated with exit code 1\n");
    let refused = "nc: 127.0.0.1 (127.0.0.1:80): Connection refused\n";
    assert_eq!(nc("-z -vv 127.0.0.1 80"), refused);
    assert_eq!(nc("-z s 80"), "");
}

#[test]
fn telnet_says_whether_somebody_listens() {
    let mut shell = shell("{selector: {app: web}, ports: [{port: 80}]}");
    let mut telnet = |arguments: &str| {
        let line = format!("kubectl exec far -- telnet {arguments} 2>&1 | head -n 1");
        shell.run(&line)
    };
    assert_eq!(telnet("s 80"), "Connected to s\n");
    assert_eq!(telnet("nobody 80"), "telnet: bad address 'nobody'\n");
    let refused = "telnet: can't connect to remote host (127.0.0.1): Connection refused\n";
    assert_eq!(telnet("127.0.0.1 81"), refused);
    let ended = "kubectl exec far -- sh -c 'telnet s 80 < /dev/null > /dev/null; echo $?'";
    assert_eq!(shell.good(ended), "0\n");
}
