//! dig of BIND 9.18. It has no search list unless it is asked to use it.

use crate::api::time::Time;
use crate::api::value::EcoString;

use super::{
    Answer, CLUSTER_DOMAIN, Data, Output, Record, RecordType, Resolver, ResponseCode, SERVER, TTL,
    zone,
};

#[derive(Default)]
struct Options {
    is_short: bool,
    uses_search: bool,
    record_type: Option<RecordType>,
    name: Option<EcoString>,
    server: Option<EcoString>,
}

/// `dig [@SERVER] [+short] [+search] [-x ADDRESS | [-t] TYPE] NAME`
pub fn dig(resolver: &mut Resolver, arguments: &[EcoString], now: Time) -> Output {
    let options = parse(arguments);
    let name = options.name.clone().unwrap_or_default();
    let record_type = options.record_type.unwrap_or(RecordType::A);
    let is_ours = options.server.as_deref().is_none_or(|server| server == SERVER);
    if !is_ours || !resolver.conf().knows_cluster() {
        let conf = resolver.conf().nameservers.first();
        let server = options.server.as_ref().or(conf).map_or(SERVER, |s| s.as_str());
        let error = format!(";; communications error to {server}#53: timed out\n");
        let stdout = format!("{};; no servers could be reached\n", error.repeat(3));
        return Output { stdout, exit: 9, ..Output::default() };
    }
    let (asked, answer) = match options.uses_search {
        true => {
            let (asked, mut answers) = resolver.search(&name, record_type);
            match answers.pop() {
                Some(answer) => (asked, answer),
                None => (name.clone(), resolver.ask(&name, record_type)),
            }
        }
        false => (name.trim_end_matches('.').into(), resolver.ask(&name, record_type)),
    };
    let stdout = match options.is_short {
        true => answer.records.iter().map(|record| format!("{}\n", value(record))).collect(),
        false => full(arguments, &asked, record_type, &answer, now),
    };
    Output { stdout, ..Output::default() }
}

fn parse(arguments: &[EcoString]) -> Options {
    let mut options = Options::default();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "+short" => options.is_short = true,
            "+search" => options.uses_search = true,
            "-x" => {
                options.record_type = Some(RecordType::Ptr);
                options.name = words.next().and_then(|address| zone::reverse_name(address));
            }
            "-t" => options.record_type = words.next().and_then(|t| RecordType::parse(t)),
            "IN" | "in" => {}
            word if word.starts_with(['+', '-']) => {}
            word if word.starts_with('@') => {
                options.server = word.strip_prefix('@').map(EcoString::from);
            }
            word => match RecordType::parse(word) {
                Some(found) => options.record_type = Some(found),
                None => options.name = Some(word.into()),
            },
        }
    }
    options
}

fn value(record: &Record) -> String {
    match &record.data {
        Data::Address(address) => address.to_string(),
        Data::Cname(target) | Data::Ptr(target) => format!("{target}."),
        Data::Srv { weight, port, target } => format!("0 {weight} {port} {target}."),
    }
}

fn record_type_of(record: &Record) -> RecordType {
    match record.data {
        Data::Address(_) => RecordType::A,
        Data::Cname(_) => RecordType::Cname,
        Data::Ptr(_) => RecordType::Ptr,
        Data::Srv { .. } => RecordType::Srv,
    }
}

fn full(
    arguments: &[EcoString],
    asked: &str,
    record_type: RecordType,
    answer: &Answer,
    now: Time,
) -> String {
    let (status, has_soa) = match answer.code {
        ResponseCode::NoError => ("NOERROR", answer.records.is_empty()),
        ResponseCode::NxDomain => ("NXDOMAIN", answer.is_authoritative),
    };
    let ttl = answer.ttl;
    let flags = if answer.is_authoritative { "qr aa rd" } else { "qr rd ra" };
    // The number of a query is random; this one follows from the time.
    let id = (now.0 / 1000).rem_euclid(65_536);
    let mut text = format!("\n; <<>> DiG 9.18.28 <<>> {}\n", arguments.join(" "));
    text.push_str(";; global options: +cmd\n;; Got answer:\n");
    if asked.ends_with(".local") {
        text.push_str(
            ";; WARNING: .local is reserved for Multicast DNS\n\
             ;; You are currently testing what happens when an mDNS query is leaked to DNS\n",
        );
    }
    text.push_str(&format!(
        ";; ->>HEADER<<- opcode: QUERY, status: {status}, id: {id}\n;; flags: {flags}; QUERY: 1, \
         ANSWER: {}, AUTHORITY: {}, ADDITIONAL: 1\n",
        answer.records.len(),
        usize::from(has_soa),
    ));
    if answer.is_authoritative {
        text.push_str(";; WARNING: recursion requested but not available\n");
    }
    text.push_str("\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n");
    text.push_str(&format!(";; QUESTION SECTION:\n;{asked}.\tIN\t{}\n\n", record_type.name()));
    if !answer.records.is_empty() {
        text.push_str(";; ANSWER SECTION:\n");
        for record in &answer.records {
            let kind = record_type_of(record).name();
            text.push_str(&format!("{}.\t{ttl}\tIN\t{kind}\t{}\n", record.name, value(record)));
        }
        text.push('\n');
    }
    if has_soa {
        text.push_str(&format!(
            ";; AUTHORITY SECTION:\n{CLUSTER_DOMAIN}.\t{ttl}\tIN\tSOA\tns.dns.{CLUSTER_DOMAIN}. \
             hostmaster.{CLUSTER_DOMAIN}. {} 7200 1800 86400 {TTL}\n\n",
            now.seconds(),
        ));
    }
    text.push_str(&format!(
        ";; Query time: 0 msec\n;; SERVER: {SERVER}#53({SERVER}) (UDP)\n;; WHEN: {}\n\
         ;; MSG SIZE  rcvd: {}\n\n",
        when(now),
        40 + 2 * asked.len() + 40 * answer.records.len(),
    ));
    text
}

// `Sat Nov 21 14:00:00 UTC 2026`
fn when(now: Time) -> String {
    let text = now.rfc1123z();
    let parts: Vec<&str> = text.split([' ', ',']).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [weekday, day, month, year, clock, ..] => {
            format!("{weekday} {month} {day} {clock} UTC {year}")
        }
        _ => text,
    }
}
