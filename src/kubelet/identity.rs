//! What a Pod is called: host name, domain, and the files that say so.
//!
//! Models `pkg/kubelet/kubelet_pods.go` (GeneratePodHostNameAndDomain, ensureHostsFile) and
//! `pkg/kubelet/network/dns`.

use crate::api::object::Object;
use crate::api::value::{EcoString, Value};

/// The cluster's domain.
pub const CLUSTER_DOMAIN: &str = "cluster.local";
/// The address of the cluster's name server.
pub const NAME_SERVER: &str = "10.96.0.10";

/// What `hostname` prints.
pub fn hostname(pod: &Object) -> EcoString {
    if pod.path(&["spec", "hostNetwork"]).is_true() {
        return pod.path(&["spec", "nodeName"]).str().into();
    }
    if pod.path(&["spec", "setHostnameAsFQDN"]).is_true()
        && let Some(fqdn) = fqdn(pod)
    {
        return fqdn;
    }
    short_name(pod)
}

fn short_name(pod: &Object) -> EcoString {
    let name = match pod.path(&["spec", "hostname"]).str() {
        "" => pod.name(),
        name => name,
    };
    // A host name has at most 63 characters and ends in neither dash nor dot.
    let mut end = name.len().min(63);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name[..end].trim_end_matches(['-', '.']).into()
}

/// What `hostname -f` prints, if the Pod has a subdomain.
pub fn fqdn(pod: &Object) -> Option<EcoString> {
    let subdomain = pod.path(&["spec", "subdomain"]).str();
    (!subdomain.is_empty()).then(|| {
        let (name, namespace) = (short_name(pod), pod.namespace());
        format!("{name}.{subdomain}.{namespace}.svc.{CLUSTER_DOMAIN}").into()
    })
}

/// `/etc/hosts`
pub fn hosts(pod: &Object, address: &str) -> String {
    let mut text = String::from(
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost \
         ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\n\
         fe00::2\tip6-allrouters\n",
    );
    let name = short_name(pod);
    match fqdn(pod) {
        Some(fqdn) => text.push_str(&format!("{address}\t{fqdn}\t{name}\n")),
        None => text.push_str(&format!("{address}\t{name}\n")),
    }
    let aliases = pod.path(&["spec", "hostAliases"]).items();
    if !aliases.is_empty() {
        text.push_str("\n# Entries added by HostAliases.\n");
    }
    for alias in aliases {
        let names: Vec<&str> = alias.get("hostnames").items().iter().map(Value::str).collect();
        text.push_str(&format!("{}\t{}\n", alias.get("ip").str(), names.join("\t")));
    }
    text
}

/// `/etc/resolv.conf`
///
/// Models pkg/kubelet/network/dns/dns.go GetPodDNS.
pub fn resolv_conf(pod: &Object) -> String {
    let namespace = pod.namespace();
    let policy = pod.path(&["spec", "dnsPolicy"]).as_str().unwrap_or("ClusterFirst");
    let host_network = pod.path(&["spec", "hostNetwork"]).is_true();
    let cluster = match policy {
        "ClusterFirst" => !host_network,
        "ClusterFirstWithHostNet" => true,
        _ => false,
    };
    let (mut searches, mut servers, mut options) = (Vec::new(), Vec::new(), Vec::new());
    if cluster {
        searches.push(format!("{namespace}.svc.{CLUSTER_DOMAIN}"));
        searches.push(format!("svc.{CLUSTER_DOMAIN}"));
        searches.push(CLUSTER_DOMAIN.to_string());
        servers.push(NAME_SERVER.to_string());
        options.push("ndots:5".to_string());
    } else if policy != "None" {
        servers.push("192.168.49.1".to_string());
    }
    let config = pod.path(&["spec", "dnsConfig"]);
    let texts = |field: &str| -> Vec<String> {
        config.get(field).items().iter().map(|item| item.str().to_string()).collect()
    };
    servers.extend(texts("nameservers"));
    searches.extend(texts("searches"));
    for option in config.get("options").items() {
        let name = option.get("name").str();
        options.retain(|old| old.split(':').next() != Some(name));
        options.push(match option.get("value").as_str() {
            Some(value) => format!("{name}:{value}"),
            None => name.to_string(),
        });
    }
    let mut text = String::new();
    if !searches.is_empty() {
        text.push_str(&format!("search {}\n", searches.join(" ")));
    }
    for server in servers {
        text.push_str(&format!("nameserver {server}\n"));
    }
    if !options.is_empty() {
        text.push_str(&format!("options {}\n", options.join(" ")));
    }
    text
}
