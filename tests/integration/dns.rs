//! What the programs that ask for names print, word for word as recorded (dns-name-forms,
//! dns-records).

use statefulset_playground::api::object::Object;
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::api::time::Duration;
use statefulset_playground::api::value::{EcoString, Value};
use statefulset_playground::apiserver::request::{Actor, Request};
use statefulset_playground::chance::Choice;
use statefulset_playground::controller::Reason;
use statefulset_playground::controller::reason::KubeletReason;
use statefulset_playground::dns::{self, Output, Resolver};
use statefulset_playground::simulation::cluster::Cluster;
use statefulset_playground::value;

#[track_caller]
fn create(cluster: &mut Cluster, kind: Kind, content: Value) {
    if let Err(why) = cluster.request(&Request::create(Actor::User, &Object::new(kind, content))) {
        panic!("{why}");
    }
}

fn cluster() -> Cluster {
    let mut cluster = Cluster::new(Choice::seeded(3));
    create(
        &mut cluster,
        Kind::Service,
        value!({
            "metadata": {"name": "nginx", "namespace": "default"},
            "spec": {
                "clusterIP": "None",
                "selector": {"app": "nginx"},
                "ports": [{"name": "web", "port": 80}],
            },
        }),
    );
    create(
        &mut cluster,
        Kind::Service,
        value!({
            "metadata": {"name": "alias", "namespace": "default"},
            "spec": {
                "type": "ExternalName", "externalName": "web-0.nginx.default.svc.cluster.local",
            },
        }),
    );
    create(
        &mut cluster,
        Kind::StatefulSet,
        value!({
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {
                "serviceName": "nginx",
                "replicas": 1,
                "selector": {"matchLabels": {"app": "nginx"}},
                "template": {
                    "metadata": {"labels": {"app": "nginx"}},
                    "spec": {"containers": [{"name": "nginx", "image": "nginx:1.25"}]},
                },
            },
        }),
    );
    let end = cluster.now().after(Duration::from_secs(10));
    cluster.advance_to(end);
    cluster
}

type Program = fn(&mut Resolver, &[EcoString]) -> Output;

// Runs a program in web-0; the Pod's address is written as ADDRESS.
#[track_caller]
fn check(program: Program, arguments: &[&str], exit: i32, expected: &str) {
    let cluster = cluster();
    let pod = cluster.lister().find(Kind::Pod, "default", "web-0").unwrap();
    let conf = dns::pod::resolv_conf(pod);
    let mut resolver = Resolver::new(cluster.lister(), conf, 0);
    let arguments: Vec<EcoString> = arguments.iter().map(|a| (*a).into()).collect();
    let output = program(&mut resolver, &arguments);
    let address = pod.status().get("podIP").str();
    let printed = output.stdout.replace(address, "ADDRESS") + &output.stderr;
    assert_eq!(printed, expected);
    assert_eq!(output.exit, exit);
}

const COMPLAINT: &str = ";; Got recursion not available from 10.96.0.10\n";
const BIND_HEADER: &str = "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n";
const BUSYBOX_HEADER: &str = "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n";

#[test]
fn bind_complains_once_for_each_name_it_tries() {
    let hit = "Name:\tweb-0.nginx.default.svc.cluster.local\nAddress: ADDRESS\n";
    let found =
        |tries: usize| format!("{}{BIND_HEADER}{hit}{COMPLAINT}\n", COMPLAINT.repeat(tries));
    check(dns::bind::nslookup, &["web-0.nginx"], 0, &found(1));
    check(dns::bind::nslookup, &["web-0.nginx.default"], 0, &found(2));
    check(dns::bind::nslookup, &["web-0.nginx.default.svc"], 0, &found(3));
    check(dns::bind::nslookup, &["web-0.nginx.default.svc.cluster.local"], 0, &found(1));
}

#[test]
fn bind_names_what_it_tried_last() {
    let missing = |tries: usize, name: &str| {
        let complaints = COMPLAINT.repeat(tries);
        format!("{complaints}{BIND_HEADER}** server can't find {name}: NXDOMAIN\n\n")
    };
    check(dns::bind::nslookup, &["web-2.nginx"], 1, &missing(3, "web-2.nginx"));
    let four_dots = "web-0.default.svc.cluster.local";
    check(dns::bind::nslookup, &[four_dots], 1, &missing(4, four_dots));
    let five_dots = "web-0.web.default.svc.cluster.local";
    check(dns::bind::nslookup, &[five_dots], 1, &missing(1, five_dots));
}

#[test]
fn bind_follows_aliases_and_addresses() {
    let alias = "alias.default.svc.cluster.local\tcanonical name = \
                 web-0.nginx.default.svc.cluster.local.\n\
                 Name:\tweb-0.nginx.default.svc.cluster.local\nAddress: ADDRESS\n";
    let expected = format!("{COMPLAINT}{BIND_HEADER}{alias}{COMPLAINT}\n");
    check(dns::bind::nslookup, &["alias"], 0, &expected);
    let back = "10.0.96.10.in-addr.arpa\tname = kube-dns.kube-system.svc.cluster.local.\n\n";
    check(dns::bind::nslookup, &["10.96.0.10"], 0, &format!("{COMPLAINT}{back}"));
    let nobody = "** server can't find 77.77.96.10.in-addr.arpa: NXDOMAIN\n\n";
    check(dns::bind::nslookup, &["10.96.77.77"], 1, nobody);
}

#[test]
fn busybox_asks_a_name_with_a_dot_as_it_is() {
    let name = "web-0.nginx.default.svc.cluster.local";
    let hit = format!("{BUSYBOX_HEADER}Name:\t{name}\nAddress: ADDRESS\n\n\n");
    check(dns::busybox::nslookup, &[name], 0, &hit);
    let line = "** server can't find web-0.nginx: NXDOMAIN\n\n";
    let missing = format!("{BUSYBOX_HEADER}{line}{line}");
    check(dns::busybox::nslookup, &["web-0.nginx"], 1, &missing);
}

#[test]
fn busybox_asks_a_name_without_a_dot_with_every_suffix() {
    let missing = "** server can't find nginx.svc.cluster.local: NXDOMAIN\n\n\
                   ** server can't find nginx.cluster.local: NXDOMAIN\n\n";
    let hit = "Name:\tnginx.default.svc.cluster.local\nAddress: ADDRESS\n\n";
    let expected = format!("{BUSYBOX_HEADER}{hit}{missing}\n{missing}");
    check(dns::busybox::nslookup, &["nginx"], 1, &expected);
}

#[test]
fn the_old_busybox_searches_and_names_addresses() {
    let header = "Server:    10.96.0.10\n\
                  Address 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\n";
    let hit = "Name:      web-0.nginx\n\
               Address 1: ADDRESS web-0.nginx.default.svc.cluster.local\n";
    check(dns::busybox::nslookup_1_28, &["web-0.nginx"], 0, &format!("{header}{hit}"));
    let missing = format!("{header}nslookup: can't resolve 'web-9.nginx'\n");
    check(dns::busybox::nslookup_1_28, &["web-9.nginx"], 1, &missing);
}

#[test]
fn getent_names_the_canonical_name_first() {
    let expected = "ADDRESS      web-0.nginx.default.svc.cluster.local  web-0.nginx\n";
    check(dns::getent::getent, &["hosts", "web-0.nginx"], 0, expected);
    check(dns::getent::getent, &["hosts", "web-9.nginx"], 2, "");
}

const NAMED: &str = "apiVersion: v1
kind: Service
metadata: {name: nginx}
spec: {clusterIP: None, selector: {app: nginx}, ports: [{port: 80, name: web}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: nginx
  replicas: 1
  selector: {matchLabels: {app: nginx}}
  template:
    metadata: {labels: {app: nginx}}
    spec: {containers: [{name: nginx, image: 'nginx:1.25'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {containers: [{name: main, image: 'tutum/dnsutils', command: [sleep, '9999']}]}
";

/// A cluster with a set, a client and, if wanted, the cache of older Corefiles.
fn named(cache: bool) -> crate::shell::Shell {
    use statefulset_playground::shell::session::Input;
    use statefulset_playground::simulation::setting::Setting;
    use statefulset_playground::simulation::timeline::World;
    let mut shell = crate::shell::Shell::new(4);
    if cache {
        shell.session.apply(&Input::Setting(Setting::NameCache(true)));
    }
    shell.apply(NAMED);
    shell.good("kubectl rollout status sts web");
    shell.good("kubectl wait --for=condition=Ready pod/client");
    shell
}

const NAME: &str = "web-1.nginx.default.svc.cluster.local";

#[test]
fn with_a_cache_a_name_asked_for_too_early_stays_missing_for_half_a_minute() {
    for cache in [true, false] {
        let mut shell = named(cache);
        let ask = format!("kubectl exec client -- dig +short {NAME}");
        assert_eq!(shell.good(&ask), "", "not there yet");
        shell.good("kubectl scale sts web --replicas=2");
        shell.good("kubectl rollout status sts web");
        assert_eq!(shell.good(&ask).is_empty(), cache, "ready now");
        let told = shell.session.cluster().trace().entries().iter().filter(|entry| {
            matches!(&entry.reason, Reason::Kubelet(KubeletReason::NameFromCache { stale, .. }) if *stale)
        });
        assert_eq!(told.count() > 0, cache);
        shell.pass(30);
        assert!(!shell.good(&ask).is_empty(), "found at last");
    }
}

#[test]
fn with_a_cache_the_time_to_live_runs_down_and_the_old_address_is_given() {
    let mut shell = named(true);
    let name = NAME.replace("web-1", "web-0");
    let full = format!("kubectl exec client -- dig {name}");
    assert!(shell.good(&full).contains(" 30 IN A\t"));
    let address = shell.good(&format!("kubectl exec client -- dig +short {name}"));
    shell.good("kubectl delete pod web-0");
    shell.good("kubectl rollout status sts web");
    assert_eq!(shell.good(&format!("kubectl exec client -- dig +short {name}")), address);
    let output = shell.good(&full);
    assert!(!output.contains(" 30 IN"), "{output}");
    shell.pass(31);
    assert_ne!(shell.good(&format!("kubectl exec client -- dig +short {name}")), address);
}

#[test]
fn dig_prints_sections_and_addresses_beside_services() {
    let name = "_web._tcp.nginx.default.svc.cluster.local";
    let dig: Program = |resolver, arguments| {
        dns::dig::dig(resolver, arguments, statefulset_playground::api::time::Time::START)
    };
    let target = "web-0.nginx.default.svc.cluster.local";
    let expected = format!("{name}. 30 IN SRV 0 100 80 {target}.\n");
    check(dig, &["+noall", "+answer", "SRV", name], 0, &expected);
    let question = format!(";{name}. IN SRV\n");
    check(
        dig,
        &["+nocomments", "+nocmd", "+noanswer", "+noadditional", "+nostats", "SRV", name],
        0,
        &question,
    );
    let expected = format!("{target}. 30 IN A\tADDRESS\n");
    check(dig, &["+noall", "+additional", "SRV", name], 0, &expected);
    check(
        dig,
        &["@nobody", "+short", name],
        10,
        "dig: couldn't get address for 'nobody': not found\n",
    );
}

#[test]
fn the_zone_begins_where_nothing_is_found() {
    let cluster = cluster();
    let ask = |name: &str| {
        let query = dns::Query { name: name.into(), record_type: dns::RecordType::A };
        dns::zone::answer(cluster.lister(), &query, 0).authority.len()
    };
    assert_eq!(ask("nginx.default.svc.cluster.local"), 0);
    assert_eq!(ask("missing.default.svc.cluster.local"), 1);
    assert_eq!(ask("example.com"), 0);
}

#[test]
fn getent_lists_nothing_by_itself() {
    let why = "getent without names is not simulated here: the real one lists /etc/hosts\n";
    check(dns::getent::getent, &["hosts"], 1, why);
    check(dns::getent::getent, &[], 1, "getent: wrong number of arguments\n");
}

#[test]
fn a_server_may_be_named() {
    let server = "kube-dns.kube-system.svc.cluster.local";
    let header = format!("Server:\t\t{server}\nAddress:\t10.96.0.10:53\n\n");
    let hit = "Name:\tweb-0.nginx.default.svc.cluster.local\nAddress: ADDRESS\n";
    let arguments = ["-type=a", "web-0.nginx.default.svc.cluster.local", server];
    check(dns::busybox::nslookup, &arguments, 0, &format!("{header}{hit}\n"));
    let nobody = "nslookup: bad address 'nobody'\n";
    check(dns::busybox::nslookup, &["nginx", "nobody"], 1, nobody);
}

#[test]
fn a_pod_with_the_names_of_its_node_knows_none_of_the_cluster() {
    let cluster = cluster();
    let pod = Object::new(Kind::Pod, value!({"spec": {"dnsPolicy": "Default"}}));
    let conf = dns::pod::resolv_conf(&pod);
    let mut resolver = Resolver::new(cluster.lister(), conf, 0);
    assert_eq!(resolver.lookup("nginx.default.svc.cluster.local"), None);
    let output = dns::busybox::nslookup(&mut resolver, &["-type=a".into(), "a.b".into()]);
    let server = "192.168.49.1";
    let header = format!("Server:\t\t{server}\nAddress:\t{server}:53\n\n");
    let expected = format!("{header}** server can't find a.b: NXDOMAIN\n\n");
    assert_eq!(output.stdout, expected);
}
