//! What a container knows of names: /etc/resolv.conf, /etc/hosts, its hostname.
//!
//! Models `pkg/kubelet/network/dns` and `ensureHostsFile` of `pkg/kubelet/kubelet_pods.go`.

use crate::api::object::Object;
use crate::api::value::{EcoString, Value};

use super::{CLUSTER_DOMAIN, SERVER};

/// The resolver's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResolvConf {
    /// Suffixes to try.
    pub search: Vec<EcoString>,
    /// Name servers.
    pub nameservers: Vec<EcoString>,
    /// Options as written.
    pub options: Vec<EcoString>,
    /// Names with fewer dots are tried with the suffixes first.
    pub ndots: usize,
}

/// The name server of the nodes: it knows nothing of the cluster.
pub const NODE_SERVER: &str = "192.168.49.1";
// What the resolver assumes without an option.
const NDOTS_DEFAULT: usize = 1;
// hostname(1) and the kernel allow so much.
const HOSTNAME_LENGTH_MAX: usize = 63;

/// The configuration of a Pod's containers.
pub fn resolv_conf(pod: &Object) -> ResolvConf {
    let spec = pod.spec();
    let on_host = spec.get("hostNetwork").is_true();
    let mut conf = ResolvConf::empty();
    match spec.get("dnsPolicy").as_str().unwrap_or("ClusterFirst") {
        "None" => {}
        "ClusterFirst" if on_host => conf.nameservers.push(NODE_SERVER.into()),
        "Default" => conf.nameservers.push(NODE_SERVER.into()),
        _ => conf = ResolvConf::cluster_first(pod.namespace()),
    }
    append(&mut conf, spec.get("dnsConfig"));
    let number = |option: &EcoString| option.strip_prefix("ndots:")?.parse().ok();
    conf.ndots = conf.options.iter().rev().find_map(number).unwrap_or(NDOTS_DEFAULT);
    conf
}

// `appendDNSConfig`
fn append(conf: &mut ResolvConf, config: &Value) {
    let more = |list: &mut Vec<EcoString>, field: &str| {
        for item in config.get(field).items() {
            let item = EcoString::from(item.str());
            if !list.contains(&item) {
                list.push(item);
            }
        }
    };
    more(&mut conf.nameservers, "nameservers");
    more(&mut conf.search, "searches");
    for option in config.get("options").items() {
        let name = option.get("name").str();
        let text = match option.get("value").as_str() {
            Some(value) => format!("{name}:{value}"),
            None => name.into(),
        };
        let is_same = |o: &EcoString| o.split(':').next() == Some(name);
        conf.options.retain(|o| !is_same(o));
        conf.options.push(text.into());
    }
}

impl ResolvConf {
    fn empty() -> Self {
        ResolvConf {
            search: Vec::new(),
            nameservers: Vec::new(),
            options: Vec::new(),
            ndots: NDOTS_DEFAULT,
        }
    }

    /// What a Pod of a namespace gets with the usual policy, ClusterFirst.
    pub fn cluster_first(namespace: &str) -> Self {
        ResolvConf {
            search: vec![
                format!("{namespace}.svc.{CLUSTER_DOMAIN}").into(),
                format!("svc.{CLUSTER_DOMAIN}").into(),
                CLUSTER_DOMAIN.into(),
            ],
            nameservers: vec![SERVER.into()],
            options: vec!["ndots:5".into()],
            ndots: 5,
        }
    }

    /// The file.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if !self.search.is_empty() {
            text.push_str(&format!("search {}\n", self.search.join(" ")));
        }
        for server in &self.nameservers {
            text.push_str(&format!("nameserver {server}\n"));
        }
        if !self.options.is_empty() {
            text.push_str(&format!("options {}\n", self.options.join(" ")));
        }
        text
    }

    /// The name server that is asked first; without one it is the container itself.
    pub fn server(&self) -> &str {
        self.nameservers.first().map_or("127.0.0.1", |server| server.as_str())
    }
}

/// The hostname of a Pod's containers.
pub fn hostname(pod: &Object) -> EcoString {
    let spec = pod.spec();
    if spec.get("hostNetwork").is_true() {
        return spec.get("nodeName").str().into();
    }
    if let Some(name) = spec.get("hostnameOverride").as_str() {
        return name.into();
    }
    if spec.get("setHostnameAsFQDN").is_true()
        && let Some(domain) = domain(pod)
    {
        return format!("{}.{domain}", short_hostname(pod)).into();
    }
    short_hostname(pod)
}

fn short_hostname(pod: &Object) -> EcoString {
    let hostname = pod.spec().get("hostname").str();
    let hostname = if hostname.is_empty() { pod.name() } else { hostname };
    // `truncatePodHostnameIfNeeded`
    let cut: String = hostname.chars().take(HOSTNAME_LENGTH_MAX).collect();
    cut.trim_end_matches(['-', '.']).into()
}

/// The domain of a Pod with a subdomain, whether or not the Service exists.
pub fn domain(pod: &Object) -> Option<EcoString> {
    let subdomain = pod.spec().get("subdomain").as_str().filter(|s| !s.is_empty())?;
    Some(format!("{subdomain}.{}.svc.{CLUSTER_DOMAIN}", pod.namespace()).into())
}

/// What `hostname -f` prints.
pub fn full_hostname(pod: &Object) -> EcoString {
    match domain(pod) {
        Some(domain) => format!("{}.{domain}", short_hostname(pod)).into(),
        None => hostname(pod),
    }
}

/// The file /etc/hosts; `address` is the Pod's.
pub fn hosts_file(pod: &Object, address: &str) -> String {
    if pod.spec().get("hostNetwork").is_true() {
        return format!("{HOSTS_OF_NODE}{}", aliases(pod));
    }
    let mut text = String::from(
        "# Kubernetes-managed hosts file.\n\
         127.0.0.1\tlocalhost\n\
         ::1\tlocalhost ip6-localhost ip6-loopback\n\
         fe00::0\tip6-localnet\n\
         fe00::0\tip6-mcastprefix\n\
         fe00::1\tip6-allnodes\n\
         fe00::2\tip6-allrouters\n",
    );
    let name = short_hostname(pod);
    match domain(pod) {
        Some(domain) => text.push_str(&format!("{address}\t{name}.{domain}\t{name}\n")),
        None => text.push_str(&format!("{address}\t{name}\n")),
    }
    text + &aliases(pod)
}

// Models nodeHostsFileContent: the node's own file follows the first line.
const HOSTS_OF_NODE: &str = "# Kubernetes-managed hosts file (host network).\n\
                             127.0.0.1\tlocalhost\n\
                             # (what else the node's own file says is not simulated here)\n";

// Models hostsEntriesFromHostAliases.
fn aliases(pod: &Object) -> String {
    let mut text = String::new();
    let aliases = pod.spec().get("hostAliases").items();
    if !aliases.is_empty() {
        text.push_str("\n# Entries added by HostAliases.\n");
    }
    for alias in aliases {
        let names: Vec<&str> = alias.get("hostnames").items().iter().map(Value::str).collect();
        text.push_str(&format!("{}\t{}\n", alias.get("ip").str(), names.join("\t")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scheme::Kind;
    use crate::value;

    fn pod(spec: Value) -> Object {
        let metadata = value!({"name": "web-0", "namespace": "default"});
        Object::new(Kind::Pod, value!({"metadata": metadata, "spec": spec}))
    }

    #[test]
    fn the_cluster_comes_first() {
        assert_eq!(
            resolv_conf(&pod(value!({}))).text(),
            "search default.svc.cluster.local svc.cluster.local cluster.local\n\
             nameserver 10.96.0.10\noptions ndots:5\n"
        );
        let options = value!({"options": [{"name": "ndots", "value": "2"}]});
        assert_eq!(resolv_conf(&pod(value!({"dnsConfig": options}))).ndots, 2);
    }

    #[test]
    fn a_pod_of_the_node_s_network_has_its_file() {
        let alias = value!([{"ip": "10.1.2.3", "hostnames": ["foo.local"]}]);
        let pod = pod(value!({"hostNetwork": true, "hostAliases": alias}));
        let hosts = hosts_file(&pod, "192.168.49.11");
        assert!(hosts.starts_with("# Kubernetes-managed hosts file (host network).\n"));
        assert!(hosts.ends_with("# Entries added by HostAliases.\n10.1.2.3\tfoo.local\n"));
        assert!(!hosts.contains("192.168.49.11"));
    }

    #[test]
    fn a_subdomain_makes_a_full_name() {
        let member = pod(value!({"hostname": "web-0", "subdomain": "nginx"}));
        assert_eq!(full_hostname(&member), "web-0.nginx.default.svc.cluster.local");
        let hosts = hosts_file(&member, "10.244.3.44");
        assert!(hosts.ends_with("10.244.3.44\tweb-0.nginx.default.svc.cluster.local\tweb-0\n"));
        assert_eq!(full_hostname(&pod(value!({}))), "web-0");
    }
}
