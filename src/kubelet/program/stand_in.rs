//! Stand-ins for the programs of databases, brokers and agents: a line, then patience.

use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::script::{Io, Poll};

use super::World;

/// Servers: they print that they started and run until they are asked to stop.
const SERVERS: &[&str] = &[
    "entrypoint",
    "docker-entrypoint.sh",
    "redis-server",
    "redis-sentinel",
    "postgres",
    "mysqld",
    "mariadbd",
    "mongod",
    "mongos",
    "start-zookeeper",
    "zkServer.sh",
    "kafka-server-start.sh",
    "cassandra",
    "elasticsearch",
    "opensearch",
    "etcd",
    "rabbitmq-server",
    "minio",
    "prometheus",
    "alertmanager",
    "grafana-server",
    "fluent-bit",
    "fluentd",
    "filebeat",
    "envoy",
    "haproxy",
    "traefik",
    "memcached",
    "consul",
    "vault",
    "nats-server",
    "cockroach",
    "influxd",
    "clickhouse-server",
    "mysqld_exporter",
    "postgres_exporter",
    "redis_exporter",
    "node_exporter",
    "docker-entrypoint",
];

/// Clients and tools: what they would answer is not known here.
const CLIENTS: &[&str] = &[
    "mysql",
    "mysqladmin",
    "mysqldump",
    "mariadb",
    "redis-cli",
    "psql",
    "pg_isready",
    "createdb",
    "mongo",
    "mongosh",
    "etcdctl",
    "cqlsh",
    "nodetool",
    "xtrabackup",
    "xbstream",
    "zkCli.sh",
    "zookeeper-ready",
    "kafka-topics.sh",
    "kafka-console-producer.sh",
    "kafka-console-consumer.sh",
    "rabbitmqctl",
    "rabbitmq-diagnostics",
    "mc",
    "promtool",
    "pg_ctl",
    "initdb",
    "pg_basebackup",
    "innobackupex",
];

/// All of them.
pub const NAMES: [&str; SERVERS.len() + CLIENTS.len()] = {
    let mut names = [""; SERVERS.len() + CLIENTS.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = match index < SERVERS.len() {
            true => SERVERS[index],
            false => CLIENTS[index - SERVERS.len()],
        };
        index += 1;
    }
    names
};

/// Whether there is a stand-in of this name.
pub fn knows(name: &str) -> bool {
    NAMES.contains(&name)
}

/// A stand-in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StandIn {
    name: EcoString,
    greeted: bool,
    stops_at: Option<Time>,
}

impl StandIn {
    /// The stand-in of this name.
    pub fn new(name: &str) -> Self {
        StandIn { name: name.into(), greeted: false, stops_at: None }
    }

    /// It was asked to stop and will have ended then.
    pub fn stop(&mut self, at: Time) {
        self.stops_at = Some(at);
    }

    /// Lets it run.
    pub fn poll(&mut self, world: &mut World, io: &mut Io) -> Poll {
        if CLIENTS.contains(&self.name.as_str()) {
            io.output.err(&format!("{}: not simulated here\n", self.name));
            return Poll::Exited(1);
        }
        if !self.greeted {
            self.greeted = true;
            io.output.out(&format!("{} started\n", self.name));
        }
        match self.stops_at {
            Some(at) if at <= world.now => Poll::Exited(0),
            at => Poll::Running { until: at.map(until) },
        }
    }
}

/// The millisecond at or after an instant.
pub fn until(at: Time) -> u64 {
    at.milliseconds_up()
}
