//! CoreDNS as a pure function of the objects, and the programs that ask it.
//!
//! Models CoreDNS with kubeadm's Corefile (plugins `kubernetes`, `loadbalance`, `cache`), the
//! resolver of a container (`pkg/kubelet/network/dns`), and what nslookup, dig, host, getent and
//! ping print.
//!
//! # Scope
//!
//! - dns-outside: names outside cluster.local do not exist; nothing is forwarded.
//! - dns-ipv6: nobody has an IPv6 address, so AAAA answers are empty but for names that spell one.

pub mod bind;
pub mod busybox;
pub mod cache;
pub mod dig;
pub mod getent;
pub mod pod;
pub mod resolver;
pub mod zone;

use crate::api::value::EcoString;

pub use resolver::Resolver;

/// The zone of the cluster.
pub const CLUSTER_DOMAIN: &str = "cluster.local";
/// The address of the Service kube-dns.
pub const SERVER: &str = "10.96.0.10";
/// Time to live of every record, in seconds (`ttl 30` in kubeadm's Corefile).
pub const TTL: u32 = 30;

/// Types of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum RecordType {
    A,
    Aaaa,
    Srv,
    Ptr,
    Cname,
    Txt,
    Mx,
    Ns,
    Soa,
    Any,
}

impl RecordType {
    /// Reads `a`, `SRV`, ...
    pub fn parse(text: &str) -> Option<RecordType> {
        let all = [
            RecordType::A,
            RecordType::Aaaa,
            RecordType::Srv,
            RecordType::Ptr,
            RecordType::Cname,
            RecordType::Txt,
            RecordType::Mx,
            RecordType::Ns,
            RecordType::Soa,
            RecordType::Any,
        ];
        all.into_iter().find(|record_type| record_type.name().eq_ignore_ascii_case(text))
    }

    /// `AAAA`
    pub fn name(self) -> &'static str {
        match self {
            RecordType::A => "A",
            RecordType::Aaaa => "AAAA",
            RecordType::Srv => "SRV",
            RecordType::Ptr => "PTR",
            RecordType::Cname => "CNAME",
            RecordType::Txt => "TXT",
            RecordType::Mx => "MX",
            RecordType::Ns => "NS",
            RecordType::Soa => "SOA",
            RecordType::Any => "ANY",
        }
    }
}

/// A question to the name server; the name has no final dot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Query {
    /// The full name.
    pub name: EcoString,
    /// The type.
    pub record_type: RecordType,
}

/// What a record says; names have no final dot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Data {
    /// An address.
    Address(EcoString),
    /// Another name.
    Cname(EcoString),
    /// The name of an address.
    Ptr(EcoString),
    /// Where a port is served.
    Srv {
        /// Its share among the records.
        weight: u32,
        /// The port.
        port: i64,
        /// The host.
        target: EcoString,
    },
    /// A name server of the zone.
    Ns(EcoString),
    /// Text.
    Txt(EcoString),
    /// The start of the zone, with the number of its version.
    Soa(i64),
}

impl Data {
    /// The data as a zone's file has it.
    pub fn text(&self) -> String {
        match self {
            Data::Address(address) => address.to_string(),
            Data::Cname(target) | Data::Ptr(target) | Data::Ns(target) => format!("{target}."),
            Data::Srv { weight, port, target } => format!("0 {weight} {port} {target}."),
            Data::Txt(text) => format!("\"{text}\""),
            Data::Soa(serial) => format!(
                "ns.dns.{CLUSTER_DOMAIN}. hostmaster.{CLUSTER_DOMAIN}. {serial} 7200 1800 86400 \
                 {TTL}"
            ),
        }
    }
}

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// Whose record it is.
    pub name: EcoString,
    /// What it says.
    pub data: Data,
}

/// Whether a name exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResponseCode {
    /// It does, though perhaps without records of the type (then the answer is empty: NODATA).
    NoError,
    /// It does not.
    NxDomain,
}

/// The name server's answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Answer {
    /// Whether the name exists.
    pub code: ResponseCode,
    /// The records, in the order sent.
    pub records: Vec<Record>,
    /// Addresses of what the records name, sent along unasked.
    pub additional: Vec<Record>,
    /// The start of the zone, where nothing was found in it.
    pub authority: Vec<Record>,
    /// Whether the cluster's zone answered; else the question was forwarded outside.
    pub is_authoritative: bool,
    /// How many seconds it may be kept; less from a cache.
    pub ttl: u32,
    /// Why.
    pub reason: AnswerReason,
}

/// Why the name server answers so.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AnswerReason {
    /// A Service (`namespace/name`) has this cluster IP.
    ClusterIp(EcoString),
    /// A headless Service has so many ready endpoints.
    Endpoints {
        /// `namespace/name`
        service: EcoString,
        /// How many.
        count: u32,
    },
    /// An endpoint has that hostname in a Service.
    Hostname {
        /// `namespace/name`
        service: EcoString,
        /// The Pod.
        pod: EcoString,
    },
    /// A Service is an alias.
    Alias {
        /// `namespace/name`
        service: EcoString,
        /// For what.
        target: EcoString,
    },
    /// The name spells an address.
    PodAddress,
    /// The address belongs to these Services.
    Reverse(Vec<EcoString>),
    /// The name is part of the tree, but nothing is there itself.
    InnerName,
    /// The name is the zone's own, or one of those that tell of the zone.
    Zone,
    /// There is no such namespace.
    NoNamespace(EcoString),
    /// No Service of that name in that namespace (`namespace/name`).
    NoService(EcoString),
    /// A headless Service has no endpoint that is ready.
    NoReadyEndpoint(EcoString),
    /// A Service has no endpoint of that hostname.
    NoHostname {
        /// `namespace/name`
        service: EcoString,
        /// The hostname asked for.
        hostname: EcoString,
        /// The Pod that would have it, and why it has not.
        pod: Option<(EcoString, Unlisted)>,
    },
    /// A Service has no port of that name and protocol.
    NoPort(EcoString),
    /// Too many labels, or not of the tree's form.
    NoSuchForm,
    /// Nobody has that address.
    NoOwner,
    /// Outside of the cluster's zone.
    Outside,
}

/// Why a Pod is not found under its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unlisted {
    /// It does not exist.
    Missing,
    /// It has no address yet.
    NoAddress,
    /// It is not ready.
    NotReady,
    /// It is being deleted.
    Terminating,
    /// It does not name this Service in `subdomain`.
    OtherSubdomain,
    /// The Service does not select it.
    NotSelected,
}

/// What a program printed, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Output {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Exit code.
    pub exit: i32,
}

impl Answer {
    /// Whether the name exists but has no records of the type.
    pub fn is_no_data(&self) -> bool {
        self.code == ResponseCode::NoError && self.records.is_empty()
    }

    /// The addresses among the records.
    pub fn addresses(&self) -> impl Iterator<Item = (&EcoString, &EcoString)> {
        self.records.iter().filter_map(|record| match &record.data {
            Data::Address(address) => Some((&record.name, address)),
            _ => None,
        })
    }
}
