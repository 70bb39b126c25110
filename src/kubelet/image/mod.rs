//! The images that can be pulled.
//!
//! Models `pkg/kubelet/images` and the registry behind it: references, which of them exist, what
//! an image is made of. Pull secrets and platforms are left out.

pub mod root;

use crate::api::value::EcoString;

use crate::api::image_reference::Reference;

/// What an image is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// nginx: a web server that logs to the container's log.
    Nginx,
    /// Apache's web server.
    Httpd,
    /// busybox and bash, nothing running by itself.
    Busybox,
    /// The same before 1.29, whose nslookup still follows the search list.
    OldBusybox,
    /// The same with BIND's tools.
    DnsUtils,
    /// A shell and stand-ins for the programs of a database, broker or agent.
    Service,
}

/// An image that exists.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Image {
    /// Its full name.
    pub reference: Reference,
    /// What it is made of.
    pub family: Family,
}

/// Repositories with nothing but a shell, by the last part of their name.
const SHELLS: &[&str] = &[
    "busybox",
    "alpine",
    "ubuntu",
    "debian",
    "bash",
    "debian-base",
    "centos",
    "fedora",
    "agnhost",
    "curl",
    "netshoot",
    "wget",
    "toolbox",
    "busybox-plus",
    "alpine-curl",
];

/// Databases, brokers and agents, by the last part of their name.
const SERVICES: &[&str] = &[
    "redis",
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mongo",
    "mongodb",
    "zookeeper",
    "kubernetes-zookeeper",
    "kafka",
    "cp-kafka",
    "cassandra",
    "elasticsearch",
    "opensearch",
    "kibana",
    "logstash",
    "etcd",
    "rabbitmq",
    "minio",
    "prometheus",
    "alertmanager",
    "grafana",
    "xtrabackup",
    "percona-xtrabackup",
    "fluent-bit",
    "fluentd",
    "filebeat",
    "envoy",
    "haproxy",
    "traefik",
    "memcached",
    "consul",
    "vault",
    "nats",
    "cockroach",
    "cockroachdb",
    "influxdb",
    "clickhouse",
    "clickhouse-server",
    "neo4j",
    "couchdb",
    "solr",
    "mysqld-exporter",
    "mysql-exporter",
    "postgres-exporter",
    "redis-exporter",
    "node-exporter",
    "redis-sentinel",
    "valkey",
    "pulsar",
    "activemq",
    "galera",
    "tomcat",
    "node",
    "python",
    "golang",
    "openjdk",
    "percona",
    "percona-server",
    "scylla",
    "tidb",
    "tikv",
    "yugabyte",
    "ceph",
    "nfs-server",
    "gitea",
    "wordpress",
    "jenkins",
    "sonarqube",
    "keycloak",
    "dashboard",
    "exporter",
    "redpanda",
    "loki",
    "promtail",
    "telegraf",
    "thanos",
    "registry",
    "eclipse-mosquitto",
    "mosquitto",
    "dynamodb-local",
    "localstack",
    "pgbouncer",
    "pgpool",
    "orchestrator",
    "proxysql",
    "varnish",
    "rethinkdb",
    "arangodb",
    "orientdb",
    "hazelcast",
    "ignite",
    "spark",
    "flink",
    "hadoop",
    "hbase",
    "bookkeeper",
    "storm",
    "druid",
    "presto",
    "trino",
    "victoria-metrics",
    "seaweedfs",
    "ipfs",
];

impl Family {
    /// Whether its nslookup follows the search list, as other programs do.
    pub fn nslookup_searches(self) -> bool {
        matches!(self, Family::OldBusybox | Family::DnsUtils)
    }
}

impl Image {
    /// The image that a container's `image` names, if a registry has it.
    pub fn named(name: &str) -> Option<Image> {
        Image::find(&Reference::parse(name).ok()?)
    }

    /// The image of this name, if a registry has it.
    pub fn find(reference: &Reference) -> Option<Image> {
        let family = family_of(reference.base_name(), &reference.tag)?;
        let broken = |text: &str| {
            ["broken", "missing", "typo", "999"].iter().any(|word| text.contains(word))
        };
        let absent = broken(&reference.repository)
            || broken(&reference.tag)
            || !reference.digest.is_empty() && reference.digest != reference.made_up_digest();
        (!absent).then(|| Image { reference: reference.clone(), family })
    }

    /// `docker.io/library/nginx@sha256:…`, the same for every node.
    pub fn id(&self) -> String {
        format!("{}@{}", self.reference.repository, self.reference.made_up_digest())
    }

    /// Bytes to pull.
    pub fn size(&self) -> u64 {
        let base = match self.family {
            Family::Nginx | Family::Httpd => 8_424_720,
            Family::Busybox | Family::OldBusybox => 5_047_240,
            Family::DnsUtils => 27_918_840,
            Family::Service => 5_047_480,
        };
        base + self.reference.repository.len() as u64
    }

    /// What runs if the Pod names nothing: the entry point and its usual arguments.
    pub fn command(&self) -> (Vec<EcoString>, Vec<EcoString>) {
        let (entrypoint, usual): (&[&str], &[&str]) = match self.family {
            Family::Nginx => (&[], &["nginx", "-g", "daemon off;"]),
            Family::Httpd => (&[], &["httpd-foreground"]),
            Family::Busybox | Family::OldBusybox | Family::DnsUtils => (&[], &["sh"]),
            Family::Service => (&[], &["entrypoint"]),
        };
        let words = |words: &[&str]| words.iter().map(|word| (*word).into()).collect();
        (words(entrypoint), words(usual))
    }
}

fn family_of(name: &str, tag: &str) -> Option<Family> {
    if name.contains("dnsutils") || name.contains("dnstools") {
        return Some(Family::DnsUtils);
    }
    if name.contains("nginx") {
        return Some(Family::Nginx);
    }
    if name == "httpd" || name == "apache" {
        return Some(Family::Httpd);
    }
    if name == "busybox" && is_before_1_29(tag) {
        return Some(Family::OldBusybox);
    }
    if SHELLS.contains(&name) {
        return Some(Family::Busybox);
    }
    SERVICES.contains(&name).then_some(Family::Service)
}

fn is_before_1_29(tag: &str) -> bool {
    let version = tag.split('-').next().unwrap_or_default();
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().ok());
    matches!((numbers.next(), numbers.next()), (Some(Some(1)), Some(Some(minor))) if minor < 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exists(name: &str) -> bool {
        Image::named(name).is_some()
    }

    #[test]
    fn old_busybox_is_another_one() {
        for (name, old) in [
            ("busybox:1.28", true),
            ("busybox:1.28.4-glibc", true),
            ("docker.io/library/busybox:1.9", true),
            ("busybox:1.29", false),
            ("busybox:1.35.0", false),
            ("busybox", false),
            ("busybox:1", false),
            ("alpine:1.28", false),
        ] {
            let image = Image::named(name);
            let family = if old { Family::OldBusybox } else { Family::Busybox };
            assert_eq!(image.map(|image| image.family), Some(family), "{name}");
        }
    }

    #[test]
    fn unknown_and_broken_images_do_not_exist() {
        for name in ["nginx", "nginx:1.25", "registry.k8s.io/nginx-slim:0.24", "redis:7"] {
            assert!(exists(name), "{name}");
        }
        for name in ["nginx:1.25-missing", "nginx:typo", "nginx:999", "fluent/fluent-bit:broken"] {
            assert!(!exists(name), "{name}");
        }
        assert!(!exists("my-very-own-thing:1"));
        assert!(!exists(&format!("nginx@sha256:{}", "a".repeat(64))));
    }
}
