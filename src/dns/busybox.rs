//! nslookup of busybox: that of today (1.29 and later) and that of the old tutorials (1.28).

use crate::api::value::EcoString;

use super::{Answer, Data, Output, RecordType, Resolver, ResponseCode, bind, zone};

/// `nslookup [-type=TYPE] NAME [SERVER]` of busybox 1.29 and later.
///
/// A name with a dot is asked as it is; a name without is asked with every suffix of the search
/// list, and one answer that is missing makes it fail.
pub fn nslookup(resolver: &mut Resolver, arguments: &[EcoString]) -> Output {
    let mut types = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    for argument in arguments {
        let option = ["-type=", "-q=", "-querytype=", "-t="]
            .iter()
            .find_map(|name| argument.strip_prefix(name));
        match option {
            Some(value) => match RecordType::parse(value) {
                Some(found) => types.push(found),
                None => {
                    let stderr = format!("nslookup: invalid query type \"{value}\"\n");
                    return Output { stderr, exit: 1, ..Output::default() };
                }
            },
            None if argument.starts_with('-') => {}
            None => words.push(argument),
        }
    }
    let Some(name) = words.first() else {
        let stderr = "BusyBox v1.35.0 multi-call binary.\n\n\
                      Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n\n\
                      Query DNS about HOST\n\nQUERY_TYPE: soa,ns,a,aaaa,cname,mx,txt,ptr,srv,any\n";
        return Output { stderr: stderr.into(), exit: 1, ..Output::default() };
    };
    let server = words.get(1).map_or_else(|| resolver.server(), |server| (*server).into());
    if !resolver.use_server(&server) {
        let stderr = format!("nslookup: bad address '{server}'\n");
        return Output { stderr, exit: 1, ..Output::default() };
    }
    let address = resolver.server();
    if !resolver.is_answered() {
        let stderr = ";; connection timed out; no servers could be reached\n\n".into();
        return Output { stderr, exit: 1, ..Output::default() };
    }
    let mut stdout = format!("Server:\t\t{server}\nAddress:\t{address}:53\n\n");
    let answers = ask_all(resolver, name, types);
    let mut exit = 0;
    for (asked, answer) in &answers {
        if answer.code == ResponseCode::NxDomain {
            stdout.push_str(&format!("** server can't find {asked}: NXDOMAIN\n"));
            exit = 1;
        }
        stdout.push_str(&lines(answer));
        stdout.push('\n');
    }
    Output { stdout, exit, ..Output::default() }
}

fn ask_all(
    resolver: &mut Resolver,
    name: &str,
    mut types: Vec<RecordType>,
) -> Vec<(EcoString, Answer)> {
    let names: Vec<EcoString> = match zone::reverse_name(name) {
        Some(reverse) => {
            types = vec![RecordType::Ptr];
            vec![reverse]
        }
        None if name.contains('.') => vec![name.trim_end_matches('.').into()],
        None => {
            let search = resolver.conf().search.iter();
            search.map(|suffix| format!("{name}.{suffix}").into()).collect()
        }
    };
    if types.is_empty() {
        types = vec![RecordType::A, RecordType::Aaaa];
    }
    let mut answers = Vec::new();
    for record_type in types {
        for name in &names {
            answers.push((name.clone(), resolver.ask(name, record_type)));
        }
    }
    answers
}

fn lines(answer: &Answer) -> String {
    let line = |record: &super::Record| {
        let name = &record.name;
        match &record.data {
            Data::Address(address) => format!("Name:\t{name}\nAddress: {address}\n"),
            Data::Cname(target) => format!("{name}\tcanonical name = {target}\n"),
            Data::Ptr(target) => format!("{name}\tname = {target}\n"),
            Data::Srv { weight, port, target } => {
                format!("{name}\tservice = 0 {weight} {port} {target}\n")
            }
            Data::Ns(target) => format!("{name}\tnameserver = {target}\n"),
            Data::Txt(text) => format!("{name}\ttext = \"{text}\"\n"),
            Data::Soa(serial) => bind::zone_lines(name, *serial),
        }
    };
    answer.records.iter().map(line).collect()
}

/// `nslookup NAME` of busybox 1.28: asks as any program does and names each address.
pub fn nslookup_1_28(resolver: &mut Resolver, arguments: &[EcoString]) -> Output {
    let Some(name) = arguments.first() else {
        let stderr = "BusyBox v1.28.4 multi-call binary.\n\n\
                      Usage: nslookup HOST [DNS_SERVER]\n\nQuery DNS about HOST\n";
        return Output { stderr: stderr.into(), exit: 1, ..Output::default() };
    };
    if let Some(server) = arguments.get(1) {
        if !resolver.use_server(server) {
            let stderr = format!("nslookup: bad address '{server}'\n");
            return Output { stderr, exit: 1, ..Output::default() };
        }
    }
    let server = resolver.server();
    let mut stdout = format!("Server:    {server}\n{}\n", address_line(resolver, 1, &server));
    match resolver.lookup(name) {
        Some(found) => {
            stdout.push_str(&format!("Name:      {name}\n"));
            for (index, address) in found.addresses.iter().enumerate() {
                stdout.push_str(&address_line(resolver, index + 1, address));
            }
            Output { stdout, ..Output::default() }
        }
        None => {
            let stderr = format!("nslookup: can't resolve '{name}'\n");
            Output { stdout, stderr, exit: 1 }
        }
    }
}

fn address_line(resolver: &mut Resolver, number: usize, address: &str) -> String {
    match resolver.reverse(address).first() {
        Some(name) => format!("Address {number}: {address} {name}\n"),
        None => format!("Address {number}: {address}\n"),
    }
}
