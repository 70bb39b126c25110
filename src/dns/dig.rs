//! dig of BIND 9.18. It has no search list unless it is asked to use it.

use crate::api::time::Time;
use crate::api::value::EcoString;

use super::{
    Answer, CLUSTER_DOMAIN, Data, Output, Record, RecordType, Resolver, ResponseCode, zone,
};

// What is printed (`+[no]answer` and its like).
#[derive(Clone, Copy)]
struct Sections {
    cmd: bool,
    comments: bool,
    question: bool,
    answer: bool,
    authority: bool,
    additional: bool,
    stats: bool,
}

impl Sections {
    const fn all(on: bool) -> Self {
        Sections {
            cmd: on,
            comments: on,
            question: on,
            answer: on,
            authority: on,
            additional: on,
            stats: on,
        }
    }

    fn set(&mut self, flag: &str) {
        let (name, on) = match flag.strip_prefix("no") {
            Some(name) => (name, false),
            None => (flag, true),
        };
        match name {
            "all" => *self = Sections::all(on),
            "cmd" => self.cmd = on,
            "comments" => self.comments = on,
            "question" => self.question = on,
            "answer" => self.answer = on,
            "authority" => self.authority = on,
            "additional" => self.additional = on,
            "stats" => self.stats = on,
            _ => {}
        }
    }
}

struct Options {
    is_short: bool,
    uses_search: bool,
    record_type: Option<RecordType>,
    name: Option<EcoString>,
    server: Option<EcoString>,
    sections: Sections,
}

/// `dig [@SERVER] [+short] [+search] [-x ADDRESS | [-t] TYPE] NAME`
pub fn dig(resolver: &mut Resolver, arguments: &[EcoString], now: Time) -> Output {
    let options = parse(arguments);
    let Some(name) = options.name.clone() else {
        let stderr = "dig without a name is not simulated here: the real one asks for the root's \
                      name servers\n";
        return Output { stderr: stderr.into(), exit: 1, ..Output::default() };
    };
    let record_type = options.record_type.unwrap_or(RecordType::A);
    if let Some(server) = &options.server {
        if !resolver.use_server(server) {
            let stdout = super::bind::no_server("dig", server);
            return Output { stdout, exit: 10, ..Output::default() };
        }
    }
    let server = resolver.server();
    if !resolver.is_answered() {
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
        true => answer.records.iter().map(|record| format!("{}\n", record.data.text())).collect(),
        false => {
            let question = Question { arguments, server: &server, name: &asked, record_type };
            full(&question, &answer, options.sections, now)
        }
    };
    Output { stdout, ..Output::default() }
}

fn parse(arguments: &[EcoString]) -> Options {
    let mut options = Options {
        is_short: false,
        uses_search: false,
        record_type: None,
        name: None,
        server: None,
        sections: Sections::all(true),
    };
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
            "-q" => options.name = words.next().cloned(),
            "IN" | "in" => {}
            word if word.starts_with('+') => options.sections.set(word.trim_start_matches('+')),
            word if word.starts_with('-') => {}
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

fn record_type_of(record: &Record) -> RecordType {
    match &record.data {
        Data::Address(address) if address.contains(':') => RecordType::Aaaa,
        Data::Address(_) => RecordType::A,
        Data::Cname(_) => RecordType::Cname,
        Data::Ptr(_) => RecordType::Ptr,
        Data::Srv { .. } => RecordType::Srv,
        Data::Ns(_) => RecordType::Ns,
        Data::Txt(_) => RecordType::Txt,
        Data::Soa(_) => RecordType::Soa,
    }
}

struct Question<'a> {
    arguments: &'a [EcoString],
    server: &'a str,
    name: &'a str,
    record_type: RecordType,
}

fn full(question: &Question, answer: &Answer, sections: Sections, now: Time) -> String {
    let mut text = String::new();
    if sections.cmd {
        let arguments = question.arguments.join(" ");
        text.push_str(&format!("\n; <<>> DiG 9.18.28 <<>> {arguments}\n;; global options: +cmd\n"));
    }
    if sections.comments {
        text.push_str(&header(question, answer, now));
    }
    if sections.question {
        let mut line = Line::new();
        line.add(&format!("{}.", question.name));
        line.add_at(32, "IN");
        line.add_at(40, question.record_type.name());
        let (title, end) = match sections.comments {
            true => (";; QUESTION SECTION:\n", "\n"),
            false => ("", ""),
        };
        text.push_str(&format!("{title};{}\n{end}", line.text));
    }
    let lists = [
        (sections.answer, "ANSWER", &answer.records),
        (sections.authority, "AUTHORITY", &answer.authority),
        (sections.additional, "ADDITIONAL", &answer.additional),
    ];
    for (_, title, records) in lists.iter().filter(|(on, _, list)| *on && !list.is_empty()) {
        if sections.comments {
            text.push_str(&format!(";; {title} SECTION:\n"));
        }
        text.extend(records.iter().map(|record| line(record, answer.ttl)));
        if sections.comments {
            text.push('\n');
        }
    }
    if sections.stats {
        let server = question.server;
        let size = size(question, answer);
        text.push_str(&format!(
            ";; Query time: 0 msec\n;; SERVER: {server}#53({server}) (UDP)\n;; WHEN: {}\n;; MSG \
             SIZE  rcvd: {size}\n\n",
            when(now),
        ));
    }
    text
}

fn header(question: &Question, answer: &Answer, now: Time) -> String {
    let status = match answer.code {
        ResponseCode::NoError => "NOERROR",
        ResponseCode::NxDomain => "NXDOMAIN",
    };
    let flags = if answer.is_authoritative { "qr aa rd" } else { "qr rd ra" };
    // The numbers of a query are random; these follow from the time.
    let id = (now.0 / 1000).rem_euclid(65_536);
    let cookie = crate::api::fnv::fingerprint(&now.0);
    let mut text = String::from(";; Got answer:\n");
    if question.name.ends_with(".local") {
        text.push_str(
            ";; WARNING: .local is reserved for Multicast DNS\n\
             ;; You are currently testing what happens when an mDNS query is leaked to DNS\n",
        );
    }
    text.push_str(&format!(
        ";; ->>HEADER<<- opcode: QUERY, status: {status}, id: {id}\n;; flags: {flags}; QUERY: 1, \
         ANSWER: {}, AUTHORITY: {}, ADDITIONAL: {}\n",
        answer.records.len(),
        answer.authority.len(),
        answer.additional.len() + 1,
    ));
    if answer.is_authoritative {
        text.push_str(";; WARNING: recursion requested but not available\n");
    }
    text.push_str("\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n");
    text.push_str(&format!("; COOKIE: {cookie:016x} (echoed)\n"));
    text
}

// A line with columns, as `lib/dns/masterdump.c` indents them.
struct Line {
    text: String,
    column: usize,
}

impl Line {
    fn new() -> Self {
        Line { text: String::new(), column: 0 }
    }

    fn add(&mut self, word: &str) {
        self.text.push_str(word);
        self.column += word.len();
    }

    // Goes to a column with tabs, then blanks; one beyond it if the column is passed.
    fn add_at(&mut self, column: usize, word: &str) {
        let to = column.max(self.column + 1);
        let tabs = to / 8 - self.column / 8;
        let from = if tabs > 0 { to / 8 * 8 } else { self.column };
        self.text.push_str(&"\t".repeat(tabs));
        self.text.push_str(&" ".repeat(to - from));
        self.column = to;
        self.add(word);
    }
}

fn line(record: &Record, ttl: u32) -> String {
    let mut line = Line::new();
    line.add(&format!("{}.", record.name));
    line.add_at(24, &ttl.to_string());
    line.add_at(32, "IN");
    line.add_at(40, record_type_of(record).name());
    line.add_at(48, &record.data.text());
    line.text + "\n"
}

// Bytes of the message; CoreDNS leaves small ones uncompressed.
fn size(question: &Question, answer: &Answer) -> usize {
    const HEADER: usize = 12;
    const OPT_WITH_COOKIE: usize = 11 + 12;
    let name = |name: &str| name.len() + 2;
    let data = |record: &Record| match &record.data {
        Data::Address(address) if address.contains(':') => 16,
        Data::Address(_) => 4,
        Data::Cname(target) | Data::Ptr(target) | Data::Ns(target) => name(target),
        Data::Srv { target, .. } => 6 + name(target),
        Data::Txt(text) => 1 + text.len(),
        Data::Soa(_) => {
            let server = format!("ns.dns.{CLUSTER_DOMAIN}");
            name(&server) + name(&format!("hostmaster.{CLUSTER_DOMAIN}")) + 20
        }
    };
    let lists = [&answer.records[..], &answer.authority[..], &answer.additional[..]];
    let records = lists.into_iter().flatten().map(|r| name(&r.name) + 10 + data(r));
    HEADER + name(question.name) + 4 + records.sum::<usize>() + OPT_WITH_COOKIE
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_reached_with_tabs_or_passed_by_one() {
        let record =
            |name: &str| Record { name: name.into(), data: Data::Address("10.0.0.1".into()) };
        assert_eq!(line(&record("google.com"), 300), "google.com.\t\t300\tIN\tA\t10.0.0.1\n");
        let long = "kubernetes.default.svc.cluster.local";
        assert_eq!(line(&record(long), 30), format!("{long}. 30 IN A\t10.0.0.1\n"));
    }
}
