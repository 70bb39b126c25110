//! The cluster's zone.
//!
//! Models the CoreDNS plugin `kubernetes` (`parse.go` parseRequest, `kubernetes.go`
//! findServices, `reverse.go`) and `plugin/backend_lookup.go`, with `pods insecure`.

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::selector::labels_match;
use crate::api::time::Time;
use crate::api::value::{EcoString, Value};
use crate::client::Lister;

use super::{
    Answer, AnswerReason, CLUSTER_DOMAIN, Data, Query, Record, RecordType, ResponseCode, SERVER,
    TTL, Unlisted,
};

const SERVICE_NAME: &str = "kubernetes.io/service-name";
const REVERSE_DOMAIN: &str = "in-addr.arpa";
const LAST_CHANGE: &str = "endpoints.kubernetes.io/last-change-trigger-time";
// What the zone says of its own form (`DNSSchemaVersion`).
const SCHEMA_VERSION: &str = "1.1.0";
// Longest chain of aliases that is followed (`backend_lookup.go`).
const ALIASES_MAX: usize = 7;

/// Answers a question. `rotation` turns the order of the addresses (`loadbalance`).
///
/// Models `ServeDNS` in `handler.go`.
pub fn answer(lister: Lister<'_>, query: &Query, rotation: u64) -> Answer {
    let name = query.name.to_ascii_lowercase();
    let mut answer = match (without_zone(&name, CLUSTER_DOMAIN), query.record_type) {
        (Some(base), _) => in_zone(lister, query, base),
        (None, RecordType::Ptr) if without_zone(&name, REVERSE_DOMAIN).is_some() => {
            reverse(lister, query)
        }
        _ => outside(),
    };
    rotate(&mut answer, rotation);
    if answer.is_authoritative && answer.records.is_empty() {
        let data = Data::Soa(serial(lister));
        answer.authority = vec![Record { name: CLUSTER_DOMAIN.into(), data }];
    }
    answer
}

// When something in the zone changed last.
fn serial(lister: Lister<'_>) -> i64 {
    let made = |object: &Object| object.created_at().map(|at| at.seconds());
    let changed = |slice: &Object| Some(Time::parse(slice.annotation(LAST_CHANGE)?)?.seconds());
    let services = lister.all(Kind::Service).filter_map(made);
    let slices = lister.all(Kind::EndpointSlice);
    let slices = slices.flat_map(|slice| [made(slice), changed(slice)]).flatten();
    services.chain(slices).max().unwrap_or(0)
}

fn in_zone(lister: Lister<'_>, query: &Query, base: &str) -> Answer {
    let about_zone = |data| {
        let records = vec![Record { name: query.name.clone(), data }];
        found(records, AnswerReason::Zone)
    };
    match (base, query.record_type) {
        ("", RecordType::Soa) => about_zone(Data::Soa(serial(lister))),
        // Of other names it is not even looked up whether they exist.
        (_, RecordType::Soa) => found(Vec::new(), AnswerReason::InnerName),
        ("", RecordType::Ns) => {
            let server: EcoString = format!("kube-dns.kube-system.svc.{CLUSTER_DOMAIN}").into();
            let address = Data::Address(SERVER.into());
            let additional = vec![Record { name: server.clone(), data: address }];
            Answer { additional, ..about_zone(Data::Ns(server)) }
        }
        ("dns-version", RecordType::Txt) => about_zone(Data::Txt(SCHEMA_VERSION.into())),
        ("ns.dns", RecordType::A) => about_zone(Data::Address(SERVER.into())),
        ("ns.dns", _) => found(Vec::new(), AnswerReason::Zone),
        _ => in_cluster(lister, query, base),
    }
}

/// Turns the order of an answer's addresses (`loadbalance`).
pub fn rotate(answer: &mut Answer, rotation: u64) {
    let addresses = answer.records.iter().filter(|r| matches!(r.data, Data::Address(_))).count();
    if addresses > 1 {
        let from = answer.records.len() - addresses;
        let by = (rotation % addresses as u64) as usize;
        if let Some(tail) = answer.records.get_mut(from..) {
            tail.rotate_left(by);
        }
    }
}

fn without_zone<'a>(name: &'a str, zone: &str) -> Option<&'a str> {
    match name.strip_suffix(zone)? {
        "" => Some(""),
        rest => rest.strip_suffix('.'),
    }
}

/// The answer of a name server that knows nothing of the cluster.
pub fn outside() -> Answer {
    Answer {
        code: ResponseCode::NxDomain,
        records: Vec::new(),
        additional: Vec::new(),
        authority: Vec::new(),
        is_authoritative: false,
        ttl: TTL,
        reason: AnswerReason::Outside,
    }
}

fn found(records: Vec<Record>, reason: AnswerReason) -> Answer {
    Answer {
        code: ResponseCode::NoError,
        records,
        additional: Vec::new(),
        authority: Vec::new(),
        is_authoritative: true,
        ttl: TTL,
        reason,
    }
}

fn missing(reason: AnswerReason) -> Answer {
    Answer { code: ResponseCode::NxDomain, ..found(Vec::new(), reason) }
}

// What a name in the zone asks for.
#[derive(Default)]
struct Request<'a> {
    namespace: &'a str,
    service: &'a str,
    endpoint: Option<&'a str>,
    port: Option<(&'a str, &'a str)>,
}

fn in_cluster(lister: Lister<'_>, query: &Query, base: &str) -> Answer {
    let labels: Vec<&str> = base.split('.').rev().collect();
    match labels.as_slice() {
        [""] | ["svc" | "pod"] => found(Vec::new(), AnswerReason::InnerName),
        ["svc" | "pod", namespace, ..] if !exists(lister, namespace) => {
            missing(AnswerReason::NoNamespace((*namespace).into()))
        }
        ["svc" | "pod", _] => found(Vec::new(), AnswerReason::InnerName),
        // Up to two further labels are read and forgotten.
        ["pod", _, address] | ["pod", _, address, _] | ["pod", _, address, _, _] => {
            pod_address(query, address)
        }
        ["pod", ..] => missing(AnswerReason::NoSuchForm),
        ["svc", namespace, service, rest @ ..] => {
            let request = Request { namespace, service, ..Request::default() };
            match rest {
                [] => service_records(lister, query, &request),
                [endpoint] => {
                    let endpoint = Some(*endpoint);
                    service_records(lister, query, &Request { endpoint, ..request })
                }
                [protocol, port] => {
                    let port = port.strip_prefix('_').unwrap_or(port);
                    let protocol = protocol.strip_prefix('_').unwrap_or(protocol);
                    let port = Some((port, protocol));
                    service_records(lister, query, &Request { port, ..request })
                }
                _ => missing(AnswerReason::NoSuchForm),
            }
        }
        _ => missing(AnswerReason::NoSuchForm),
    }
}

fn exists(lister: Lister<'_>, namespace: &str) -> bool {
    lister.find(Kind::Namespace, "", namespace).is_some()
}

// `pods insecure`: the address is taken from the name without a look at any Pod.
fn pod_address(query: &Query, label: &str) -> Answer {
    let is_v4 = label.matches('-').count() == 3 && !label.contains("--");
    let address = label.replace('-', if is_v4 { "." } else { ":" });
    let Ok(parsed) = address.parse::<std::net::IpAddr>() else {
        return missing(AnswerReason::NoSuchForm);
    };
    let wanted = if parsed.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
    let records = match query.record_type == wanted {
        true => vec![address_record(query, &address)],
        false => Vec::new(),
    };
    found(records, AnswerReason::PodAddress)
}

fn address_record(query: &Query, address: &str) -> Record {
    Record { name: query.name.clone(), data: Data::Address(address.into()) }
}

// Something that a Service leads to: an address with a port, and its own name.
struct Target {
    name: EcoString,
    address: EcoString,
    port: Option<i64>,
    pod: EcoString,
}

fn service_records(lister: Lister<'_>, query: &Query, request: &Request) -> Answer {
    let full_name: EcoString = format!("{}/{}", request.namespace, request.service).into();
    let Some(service) = lister.find(Kind::Service, request.namespace, request.service) else {
        return missing(AnswerReason::NoService(full_name));
    };
    let spec = service.spec();
    if spec.get("type").str() == "ExternalName" {
        return alias(lister, query, request, spec.get("externalName").str());
    }
    let is_headless = spec.get("clusterIP").str() == "None";
    if is_headless || request.endpoint.is_some() {
        let targets = endpoints(lister, request);
        if targets.is_empty() {
            return missing(why_no_endpoint(lister, service, request));
        }
        let reason = match (request.endpoint, targets.first()) {
            (Some(_), Some(target)) => {
                AnswerReason::Hostname { service: full_name, pod: target.pod.clone() }
            }
            _ => {
                let mut addresses: Vec<_> = targets.iter().map(|t| &t.address).collect();
                addresses.sort();
                addresses.dedup();
                let count = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
                AnswerReason::Endpoints { service: full_name, count }
            }
        };
        return with_records(query, targets, reason);
    }
    let name = service_name(request);
    let matches = |port: &&Value| port_matches(request, port);
    let ports = spec.get("ports").items().iter().filter(matches);
    let targets: Vec<Target> = ports
        .map(|port| Target {
            name: name.clone(),
            address: spec.get("clusterIP").str().into(),
            port: port.get("port").as_i64(),
            pod: EcoString::new(),
        })
        .collect();
    match targets.is_empty() {
        true => missing(AnswerReason::NoPort(full_name)),
        false => with_records(query, targets, AnswerReason::ClusterIp(full_name)),
    }
}

fn service_name(request: &Request) -> EcoString {
    format!("{}.{}.svc.{CLUSTER_DOMAIN}", request.service, request.namespace).into()
}

fn port_matches(request: &Request, port: &Value) -> bool {
    request.port.is_none_or(|(name, protocol)| {
        port.get("name").str().eq_ignore_ascii_case(name)
            && port.get("protocol").as_str().unwrap_or("TCP").eq_ignore_ascii_case(protocol)
    })
}

/// The EndpointSlices of a Service, whoever keeps them.
pub fn slices<'a>(
    lister: Lister<'a>,
    namespace: &'a str,
    service: &'a str,
) -> impl Iterator<Item = &'a Object> {
    let slices = lister.in_namespace(Kind::EndpointSlice, namespace);
    slices.filter(move |slice| slice.label(SERVICE_NAME) == Some(service))
}

/// Whether an endpoint is ready; one that says nothing is.
pub fn is_ready(endpoint: &Value) -> bool {
    endpoint.path(&["conditions", "ready"]).as_bool() != Some(false)
}

// `endpointHostname`
fn endpoint_name(endpoint: &Value, address: &str) -> EcoString {
    match endpoint.get("hostname").str() {
        "" => address.replace('.', "-").into(),
        hostname => hostname.into(),
    }
}

fn endpoints(lister: Lister<'_>, request: &Request) -> Vec<Target> {
    let mut targets = Vec::new();
    for slice in slices(lister, request.namespace, request.service) {
        let ready = slice.value.get("endpoints").items().iter().filter(|e| is_ready(e));
        for endpoint in ready {
            for address in endpoint.get("addresses").items().iter().map(Value::str) {
                let name = endpoint_name(endpoint, address);
                if request.endpoint.is_some_and(|wanted| wanted != name) {
                    continue;
                }
                let full_name = format!("{name}.{}", service_name(request));
                let target = |port| Target {
                    name: full_name.as_str().into(),
                    address: address.into(),
                    port,
                    pod: endpoint.path(&["targetRef", "name"]).str().into(),
                };
                let ports = slice.value.get("ports").items();
                let matching = ports.iter().filter(|port| port_matches(request, port));
                targets.extend(matching.map(|port| target(port.get("port").as_i64())));
                if ports.is_empty() && request.port.is_none() {
                    targets.push(target(None));
                }
            }
        }
    }
    targets
}

fn with_records(query: &Query, targets: Vec<Target>, reason: AnswerReason) -> Answer {
    let mut answer = found(Vec::new(), reason);
    match query.record_type {
        RecordType::A => {
            answer.records = targets.iter().map(|t| address_record(query, &t.address)).collect();
        }
        RecordType::Srv => {
            // All have the same weight: a hundred shared among them (`plugin.SRV`).
            let weight = u32::try_from(100 / targets.len().max(1)).unwrap_or(1).max(1);
            for target in targets {
                let Some(port) = target.port else { continue };
                let address = Data::Address(target.address);
                answer.additional.push(Record { name: target.name.clone(), data: address });
                let data = Data::Srv { weight, port, target: target.name };
                answer.records.push(Record { name: query.name.clone(), data });
            }
        }
        // Only the name server itself knows of others.
        _ => {}
    }
    unique(&mut answer.records);
    unique(&mut answer.additional);
    answer
}

fn unique(records: &mut Vec<Record>) {
    let mut seen: Vec<Record> = Vec::new();
    for record in records.drain(..) {
        if !seen.contains(&record) {
            seen.push(record);
        }
    }
    *records = seen;
}

fn alias(lister: Lister<'_>, query: &Query, request: &Request, target: &str) -> Answer {
    let full_name: EcoString = format!("{}/{}", request.namespace, request.service).into();
    let target = target.trim_end_matches('.');
    // What looks like an address is no name to go on with.
    if request.endpoint.is_some() || target.parse::<std::net::IpAddr>().is_ok() {
        let hostname = request.endpoint.unwrap_or_default().into();
        return missing(AnswerReason::NoHostname { service: full_name, hostname, pod: None });
    }
    let reason = AnswerReason::Alias { service: full_name, target: target.into() };
    let records = match query.record_type {
        RecordType::Cname => vec![cname(query, target)],
        RecordType::A | RecordType::Aaaa => follow(lister, query, target, 0),
        _ => Vec::new(),
    };
    found(records, reason)
}

fn cname(query: &Query, target: &str) -> Record {
    Record { name: query.name.clone(), data: Data::Cname(target.into()) }
}

// Models A and AAAA of `backend_lookup.go`: an alias of a name in the zone is told only with what
// it leads to; one that leads out of the zone is told in any case.
fn follow(lister: Lister<'_>, query: &Query, target: &str, depth: usize) -> Vec<Record> {
    let lower = target.to_ascii_lowercase();
    if depth > ALIASES_MAX || lower == query.name.to_ascii_lowercase() {
        return Vec::new();
    }
    let Some(base) = without_zone(&lower, CLUSTER_DOMAIN) else {
        return vec![cname(query, target)];
    };
    let next = Query { name: target.into(), record_type: query.record_type };
    let further = match external_name(lister, base) {
        Some(further) => follow(lister, &next, further, depth + 1),
        None => in_zone(lister, &next, base).records,
    };
    match further.is_empty() {
        true => Vec::new(),
        false => [vec![cname(query, target)], further].concat(),
    }
}

fn external_name<'a>(lister: Lister<'a>, base: &str) -> Option<&'a str> {
    let labels: Vec<&str> = base.split('.').collect();
    let [service, namespace, "svc"] = labels.as_slice() else { return None };
    let spec = lister.find(Kind::Service, namespace, service)?.spec();
    let is_alias = spec.get("type").str() == "ExternalName";
    is_alias.then(|| spec.get("externalName").str().trim_end_matches('.'))
}

fn why_no_endpoint(lister: Lister<'_>, service: &Object, request: &Request) -> AnswerReason {
    let full_name: EcoString = format!("{}/{}", service.namespace(), service.name()).into();
    let Some(hostname) = request.endpoint else {
        return match request.port {
            Some(_) if has_ready(lister, request) => AnswerReason::NoPort(full_name),
            _ => AnswerReason::NoReadyEndpoint(full_name),
        };
    };
    // The Pod that one would expect under this name: of a set, it is called like its host.
    let pod = lister.find(Kind::Pod, service.namespace(), hostname);
    let why = pod.map_or(Unlisted::Missing, |pod| unlisted(service, pod));
    let pod = Some((hostname.into(), why));
    AnswerReason::NoHostname { service: full_name, hostname: hostname.into(), pod }
}

fn has_ready(lister: Lister<'_>, request: &Request) -> bool {
    slices(lister, request.namespace, request.service)
        .any(|slice| slice.value.get("endpoints").items().iter().any(is_ready))
}

fn unlisted(service: &Object, pod: &Object) -> Unlisted {
    if !labels_match(service.spec().get("selector"), pod.labels()) {
        Unlisted::NotSelected
    } else if pod.spec().get("subdomain").str() != service.name() {
        Unlisted::OtherSubdomain
    } else if pod.status().get("podIP").str().is_empty() {
        Unlisted::NoAddress
    } else if pod.is_terminating() {
        Unlisted::Terminating
    } else {
        Unlisted::NotReady
    }
}

/// The name under which an address is asked for backwards: `6.1.244.10.in-addr.arpa`.
pub fn reverse_name(address: &str) -> Option<EcoString> {
    let parts: Vec<&str> = address.split('.').collect();
    if parts.len() != 4 || parts.iter().any(|part| part.parse::<u8>().is_err()) {
        return None;
    }
    let reversed: Vec<&str> = parts.into_iter().rev().collect();
    Some(format!("{}.{REVERSE_DOMAIN}", reversed.join(".")).into())
}

// `serviceRecordForIP`: the Service of a cluster IP, else every endpoint of that address.
fn reverse(lister: Lister<'_>, query: &Query) -> Answer {
    let labels: Vec<&str> = query.name.split('.').take(4).collect();
    let address = labels.into_iter().rev().collect::<Vec<_>>().join(".");
    let mut names: Vec<EcoString> = Vec::new();
    let mut services = lister.all(Kind::Service);
    if let Some(service) = services.find(|s| s.spec().get("clusterIP").str() == address) {
        let (name, namespace) = (service.name(), service.namespace());
        names.push(format!("{name}.{namespace}.svc.{CLUSTER_DOMAIN}").into());
    } else {
        for slice in lister.all(Kind::EndpointSlice) {
            let service = slice.label(SERVICE_NAME).unwrap_or_default();
            let suffix = format!("{service}.{}.svc.{CLUSTER_DOMAIN}", slice.namespace());
            let is_its = |endpoint: &&Value| {
                is_ready(endpoint)
                    && endpoint.get("addresses").items().iter().any(|a| a.str() == address)
            };
            let endpoints = slice.value.get("endpoints").items().iter().filter(is_its);
            names.extend(
                endpoints.map(|e| format!("{}.{suffix}", endpoint_name(e, &address)).into()),
            );
        }
    }
    if names.is_empty() {
        return Answer { reason: AnswerReason::NoOwner, ..outside() };
    }
    let record =
        |name: &EcoString| Record { name: query.name.clone(), data: Data::Ptr(name.clone()) };
    found(names.iter().map(record).collect(), AnswerReason::Reverse(names))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apiserver::request::Actor;
    use crate::apiserver::storage::{Origin, Storage};
    use crate::value;

    fn put(storage: &mut Storage, kind: Kind, content: Value) {
        let (actor, now) = (Actor::System, Time::START);
        let origin = Origin { actor, now, subresource: EcoString::new() };
        storage.put(&origin, Object::new(kind, content));
    }

    // What dns-records records: a headless Service, one with an address, an alias.
    fn cluster() -> Storage {
        let mut storage = Storage::default();
        put(&mut storage, Kind::Namespace, value!({"metadata": {"name": "default"}}));
        put(
            &mut storage,
            Kind::Service,
            value!({
                "metadata": {"name": "nginx", "namespace": "default"},
                "spec": {"clusterIP": "None", "selector": {"app": "nginx"}},
            }),
        );
        put(
            &mut storage,
            Kind::Service,
            value!({
                "metadata": {"name": "vip", "namespace": "default"},
                "spec": {"clusterIP": "10.96.70.1", "ports": [{"name": "web", "port": 80}]},
            }),
        );
        put(
            &mut storage,
            Kind::Service,
            value!({
                "metadata": {"name": "alias", "namespace": "default"},
                "spec": {
                    "type": "ExternalName",
                    "externalName": "web-0.nginx.default.svc.cluster.local",
                },
            }),
        );
        for service in ["nginx", "vip"] {
            let labels: crate::api::value::Map = [(SERVICE_NAME, service)].into_iter().collect();
            let endpoint = |i: usize| {
                let mut endpoint = value!({
                    "addresses": [(format!("10.244.1.{i}"))], "conditions": {"ready": (i < 2)},
                });
                if service == "nginx" {
                    endpoint.set(&["hostname"], format!("web-{i}"));
                }
                endpoint
            };
            put(
                &mut storage,
                Kind::EndpointSlice,
                value!({
                    "metadata": {
                        "name": (format!("{service}-x")), "namespace": "default", "labels": labels,
                    },
                    "endpoints": ((0..3).map(endpoint).collect::<Value>()),
                    "ports": [{"name": "web", "port": 80}, {"name": "peer", "port": 7000}],
                }),
            );
        }
        storage
    }

    fn ask(name: &str, record_type: RecordType) -> Answer {
        let query = Query { name: name.into(), record_type };
        answer(Lister::new(&cluster()), &query, 0)
    }

    #[test]
    fn only_ready_endpoints_have_names() {
        let all = ask("nginx.default.svc.cluster.local", RecordType::A);
        assert_eq!(all.addresses().count(), 2);
        let one = ask("WEB-1.nginx.default.svc.cluster.local", RecordType::A);
        assert_eq!(one.addresses().count(), 1);
        let unready = ask("web-2.nginx.default.svc.cluster.local", RecordType::A);
        assert_eq!(unready.code, ResponseCode::NxDomain);
        let empty = ask("web-0.nginx.default.svc.cluster.local", RecordType::Aaaa);
        assert!(empty.is_no_data());
        let long = ask("web-0.web.nginx.default.svc.cluster.local", RecordType::A);
        assert_eq!(long.code, ResponseCode::NxDomain);
    }

    #[test]
    fn srv_records_share_their_weight() {
        let weights = |name| -> Vec<u32> {
            let records = ask(name, RecordType::Srv).records;
            let weight = |record: &Record| match record.data {
                Data::Srv { weight, .. } => weight,
                _ => 0,
            };
            records.iter().map(weight).collect()
        };
        assert_eq!(weights("_web._tcp.nginx.default.svc.cluster.local"), [50, 50]);
        assert_eq!(weights("nginx.default.svc.cluster.local"), [25; 4]);
        assert_eq!(weights("_web._tcp.vip.default.svc.cluster.local"), [100]);
        assert!(weights("_none._tcp.nginx.default.svc.cluster.local").is_empty());
    }

    #[test]
    fn addresses_lead_back_to_every_service() {
        let back = ask("0.1.244.10.in-addr.arpa", RecordType::Ptr);
        assert_eq!(back.records.len(), 2);
        let nobody = ask("77.77.96.10.in-addr.arpa", RecordType::Ptr);
        assert!(!nobody.is_authoritative && nobody.code == ResponseCode::NxDomain);
    }

    #[test]
    fn aliases_are_followed() {
        let alias = ask("alias.default.svc.cluster.local", RecordType::A);
        assert_eq!(alias.records.len(), 2);
        let sub = ask("x.alias.default.svc.cluster.local", RecordType::A);
        assert_eq!(sub.code, ResponseCode::NxDomain);
    }

    #[test]
    fn an_alias_of_nothing_in_the_zone_has_no_data() {
        let mut storage = cluster();
        for (name, target) in [
            ("ghost", "nobody.default.svc.cluster.local"),
            ("itself", "itself.default.svc.cluster.local"),
            ("out", "example.com"),
            ("number", "10.0.0.1"),
        ] {
            let spec = value!({"type": "ExternalName", "externalName": target});
            let metadata = value!({"name": name, "namespace": "default"});
            put(&mut storage, Kind::Service, value!({"metadata": metadata, "spec": spec}));
        }
        let ask = |name: &str, record_type| {
            let name = format!("{name}.default.svc.cluster.local").into();
            answer(Lister::new(&storage), &Query { name, record_type }, 0)
        };
        assert!(ask("ghost", RecordType::A).is_no_data());
        assert!(ask("itself", RecordType::A).is_no_data());
        assert!(ask("alias", RecordType::Aaaa).is_no_data());
        assert!(ask("alias", RecordType::Srv).is_no_data());
        assert_eq!(ask("out", RecordType::A).records.len(), 1);
        assert_eq!(ask("_web._tcp.alias", RecordType::A).records.len(), 2);
        assert_eq!(ask("number", RecordType::A).code, ResponseCode::NxDomain);
    }

    #[test]
    fn the_zone_tells_of_itself() {
        let first = |name, record_type| ask(name, record_type).records.first().cloned();
        let data = |name, record_type| first(name, record_type).map(|record| record.data);
        let server = EcoString::from("kube-dns.kube-system.svc.cluster.local");
        assert_eq!(data("cluster.local", RecordType::Ns), Some(Data::Ns(server)));
        assert!(matches!(data("cluster.local", RecordType::Soa), Some(Data::Soa(_))));
        let version = data("dns-version.cluster.local", RecordType::Txt);
        assert_eq!(version, Some(Data::Txt("1.1.0".into())));
        let address = Some(Data::Address(SERVER.into()));
        assert_eq!(data("ns.dns.cluster.local", RecordType::A), address);
        for record_type in [RecordType::Any, RecordType::Mx, RecordType::Txt] {
            assert!(ask("vip.default.svc.cluster.local", record_type).is_no_data());
        }
    }

    #[test]
    fn names_of_pods_spell_addresses_of_both_families() {
        let address = |name: &str, record_type| {
            let answer = ask(&format!("{name}.default.pod.cluster.local"), record_type);
            answer.addresses().next().map(|(_, address)| address.to_string())
        };
        assert_eq!(address("x.10-0-0-1", RecordType::A).as_deref(), Some("10.0.0.1"));
        assert_eq!(address("fd00--1", RecordType::Aaaa).as_deref(), Some("fd00::1"));
        assert_eq!(address("web-0", RecordType::A), None);
    }
}
