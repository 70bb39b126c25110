//! nslookup and host of BIND 9.18.
//!
//! CoreDNS does not offer recursion, so BIND complains about every answer from the cluster.

use crate::api::value::EcoString;

use super::{
    Answer, CLUSTER_DOMAIN, Data, Output, RecordType, Resolver, ResponseCode, SERVER, TTL, zone,
};

const COMPLAINT: &str = ";; Got recursion not available from ";

/// `nslookup [-type=TYPE] NAME [SERVER]`
pub fn nslookup(resolver: &mut Resolver, arguments: &[EcoString]) -> Output {
    let mut record_type = None;
    let mut words: Vec<&str> = Vec::new();
    for argument in arguments {
        match argument.strip_prefix('-') {
            Some(option) => {
                let value = ["type=", "query=", "q=", "querytype="]
                    .iter()
                    .find_map(|name| option.strip_prefix(name));
                if let Some(value) = value {
                    match RecordType::parse(value) {
                        Some(found) => record_type = Some(found),
                        None => return unknown_type(value),
                    }
                }
            }
            None => words.push(argument),
        }
    }
    let Some(name) = words.first() else {
        let stderr = "nslookup: interactive mode is not simulated here: give it a name\n".into();
        return Output { stderr, exit: 1, ..Output::default() };
    };
    let server = words.get(1).map_or_else(|| resolver.server(), |server| (*server).into());
    if !resolver.use_server(&server) {
        return Output { stdout: no_server("nslookup", &server), exit: 1, ..Output::default() };
    }
    if !resolver.is_answered() {
        return unreachable(resolver);
    }
    match (zone::reverse_name(name), record_type) {
        (Some(reverse), None) => backwards(resolver, &reverse),
        (_, record_type) => forwards(resolver, name, &server, record_type),
    }
}

/// What BIND's programs say of a name server without an address.
pub fn no_server(program: &str, server: &str) -> String {
    format!("{program}: couldn't get address for '{server}': not found\n")
}

fn unknown_type(value: &str) -> Output {
    Output { stdout: format!("unknown query type: {value}\n"), exit: 1, ..Output::default() }
}

fn unreachable(resolver: &Resolver) -> Output {
    let error = format!(";; communications error to {}#53: timed out\n", resolver.server());
    let stdout = format!("{}{}", error.repeat(3), ";; no servers could be reached\n\n");
    Output { stdout, exit: 1, ..Output::default() }
}

fn complaint(answer: &Answer) -> String {
    match answer.is_authoritative {
        true => format!("{COMPLAINT}{SERVER}\n"),
        false => String::new(),
    }
}

fn forwards(
    resolver: &mut Resolver,
    name: &str,
    server: &str,
    record_type: Option<RecordType>,
) -> Output {
    let (tried, answers) = resolver.search(name, record_type.unwrap_or(RecordType::A));
    let mut stdout: String = answers.iter().map(complaint).collect();
    stdout.push_str(&format!("Server:\t\t{server}\nAddress:\t{}#53\n\n", resolver.server()));
    let Some(answer) = answers.last().filter(|a| a.code == ResponseCode::NoError) else {
        stdout.push_str(&format!("** server can't find {tried}: NXDOMAIN\n\n"));
        return Output { stdout, exit: 1, ..Output::default() };
    };
    stdout.push_str(&lines(answer));
    if record_type.is_none() {
        // Without a type it asks for IPv6 addresses as well, of the name that it has found.
        let found = answer.records.last().map_or(tried.clone(), |record| record.name.clone());
        let more = resolver.ask(&found, RecordType::Aaaa);
        stdout.push_str(&complaint(&more));
    }
    if answer.records.is_empty() {
        stdout.push_str(&format!("*** Can't find {name}: No answer\n"));
    }
    stdout.push('\n');
    Output { stdout, ..Output::default() }
}

fn lines(answer: &Answer) -> String {
    let line = |record: &super::Record| {
        let name = &record.name;
        match &record.data {
            Data::Address(address) => format!("Name:\t{name}\nAddress: {address}\n"),
            Data::Cname(target) => format!("{name}\tcanonical name = {target}.\n"),
            Data::Ptr(target) => format!("{name}\tname = {target}.\n"),
            data @ Data::Srv { .. } => format!("{name}\tservice = {}\n", data.text()),
            Data::Ns(target) => format!("{name}\tnameserver = {target}.\n"),
            data @ Data::Txt(_) => format!("{name}\ttext = {}\n", data.text()),
            Data::Soa(serial) => zone_lines(name, *serial),
        }
    };
    answer.records.iter().map(line).collect()
}

/// What nslookup prints of the start of the zone.
pub fn zone_lines(name: &str, serial: i64) -> String {
    format!(
        "{name}\n\torigin = ns.dns.{CLUSTER_DOMAIN}\n\tmail addr = hostmaster.{CLUSTER_DOMAIN}\n\t\
         serial = {serial}\n\trefresh = 7200\n\tretry = 1800\n\texpire = 86400\n\tminimum = {TTL}\n"
    )
}

fn backwards(resolver: &mut Resolver, reverse: &str) -> Output {
    let answer = resolver.ask(reverse, RecordType::Ptr);
    let mut stdout = complaint(&answer);
    if answer.code == ResponseCode::NxDomain {
        stdout.push_str(&format!("** server can't find {reverse}: NXDOMAIN\n\n"));
        return Output { stdout, exit: 1, ..Output::default() };
    }
    stdout.push_str(&lines(&answer));
    stdout.push('\n');
    Output { stdout, ..Output::default() }
}

/// `host [-t TYPE] NAME`
pub fn host(resolver: &mut Resolver, arguments: &[EcoString]) -> Output {
    let mut record_type = None;
    let (mut name, mut server) = (None, None);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-t" => record_type = words.next().and_then(|t| RecordType::parse(t)),
            option if option.starts_with('-') => {}
            word if name.is_none() => name = Some(word),
            word => server = server.or(Some(word)),
        }
    }
    let Some(name) = name else {
        let stderr = "Usage: host [-t type] name [server]\n".into();
        return Output { stderr, exit: 1, ..Output::default() };
    };
    if let Some(server) = server {
        if !resolver.use_server(server) {
            return Output { stdout: no_server("host", server), exit: 1, ..Output::default() };
        }
    }
    if !resolver.is_answered() {
        return unreachable(resolver);
    }
    let (tried, answers) = match zone::reverse_name(name) {
        Some(reverse) => {
            let answer = resolver.ask(&reverse, RecordType::Ptr);
            (reverse, vec![answer])
        }
        None => resolver.search(name, record_type.unwrap_or(RecordType::A)),
    };
    let Some(answer) = answers.last().filter(|a| a.code == ResponseCode::NoError) else {
        let tried = if name.ends_with('.') { name } else { tried.as_str() };
        let stdout = format!("Host {tried} not found: 3(NXDOMAIN)\n");
        return Output { stdout, exit: 1, ..Output::default() };
    };
    if let Some(wanted) = record_type.filter(|_| answer.records.is_empty()) {
        let stdout = format!("{tried} has no {} record\n", wanted.name());
        return Output { stdout, ..Output::default() };
    }
    let line = |record: &super::Record| {
        let name = &record.name;
        match &record.data {
            Data::Address(address) => format!("{name} has address {address}\n"),
            Data::Cname(target) => format!("{name} is an alias for {target}.\n"),
            Data::Ptr(target) => format!("{name} domain name pointer {target}.\n"),
            data @ Data::Srv { .. } => format!("{name} has SRV record {}\n", data.text()),
            Data::Ns(target) => format!("{name} name server {target}.\n"),
            data @ Data::Txt(_) => format!("{name} descriptive text {}\n", data.text()),
            data @ Data::Soa(_) => format!("{name} has SOA record {}\n", data.text()),
        }
    };
    Output { stdout: answer.records.iter().map(line).collect(), ..Output::default() }
}
