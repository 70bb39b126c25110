//! How a container turns what was typed into questions: search list and ndots.
//!
//! Models resolv.conf(5) as glibc, musl and BIND's tools read it.

use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::client::Lister;

use super::cache::Cache;
use super::pod::{NODE_SERVER, ResolvConf};
use super::{Answer, Query, RecordType, ResponseCode, SERVER, zone};

/// A question that was asked, with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    /// The question.
    pub query: Query,
    /// The answer.
    pub answer: Answer,
    /// What is known of the answer if a cache gave it.
    pub cached: Option<Cached>,
}

/// An answer that a cache gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cached {
    /// How old it is.
    pub age: Duration,
    /// Whether the zone would answer otherwise by now.
    pub is_stale: bool,
}

/// Asks the name server on behalf of a container, and remembers every question.
pub struct Resolver<'a> {
    lister: Lister<'a>,
    conf: ResolvConf,
    cache: Option<(&'a mut Cache, Time)>,
    rotation: u64,
    asked: Vec<Asked>,
}

/// What a name led to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Found {
    /// The full name that had addresses, aliases followed.
    pub canonical_name: EcoString,
    /// The addresses, in the order of the answer.
    pub addresses: Vec<EcoString>,
}

// The order of records says nothing.
fn says_the_same(a: &Answer, b: &Answer) -> bool {
    a.code == b.code
        && a.records.len() == b.records.len()
        && a.records.iter().all(|record| b.records.contains(record))
}

impl<'a> Resolver<'a> {
    /// A resolver with this configuration; `rotation` decides the order of addresses.
    pub fn new(lister: Lister<'a>, conf: ResolvConf, rotation: u64) -> Self {
        Resolver { lister, conf, cache: None, rotation, asked: Vec::new() }
    }

    /// The same with the name server's cache, if it has one.
    pub fn with_cache(mut self, cache: Option<&'a mut Cache>, now: Time) -> Self {
        self.cache = cache.map(|cache| (cache, now));
        self
    }

    /// Its configuration.
    pub fn conf(&self) -> &ResolvConf {
        &self.conf
    }

    /// The address of the name server that is asked.
    pub fn server(&self) -> EcoString {
        self.conf.server().into()
    }

    /// Asks another name server, given by address or name, from now on; false if the name has no
    /// address.
    pub fn use_server(&mut self, server: &str) -> bool {
        let address = self.lookup(server).and_then(|found| found.addresses.into_iter().next());
        match address {
            Some(address) => self.conf.nameservers = vec![address],
            None => return false,
        }
        true
    }

    /// Whether somebody answers at the name server's address.
    pub fn is_answered(&self) -> bool {
        [SERVER, NODE_SERVER].contains(&self.conf.server())
    }

    /// Every question so far, in order.
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// Asks one question.
    pub fn ask(&mut self, name: &str, record_type: RecordType) -> Answer {
        let query = Query { name: name.trim_end_matches('.').into(), record_type };
        let fresh = self.answer(&query);
        let is_cluster = self.conf.server() == SERVER;
        let kept = self.cache.as_ref().filter(|_| is_cluster);
        let kept = kept.and_then(|(cache, now)| cache.get(*now, &query));
        let (answer, cached) = match kept {
            Some((mut answer, age)) => {
                zone::rotate(&mut answer, self.rotation);
                let is_stale = !says_the_same(&answer, &fresh);
                (answer, Some(Cached { age, is_stale }))
            }
            None => {
                if let Some((cache, now)) = self.cache.as_mut().filter(|_| is_cluster) {
                    cache.put(*now, query.clone(), fresh.clone());
                }
                (fresh, None)
            }
        };
        self.asked.push(Asked { query, answer: answer.clone(), cached });
        answer
    }

    fn answer(&mut self, query: &Query) -> Answer {
        if self.conf.server() != SERVER {
            // The nodes' name server knows no name of the cluster, and nobody else answers.
            return zone::outside();
        }
        self.rotation = self.rotation.wrapping_add(1);
        zone::answer(self.lister, query, self.rotation)
    }

    /// The full names to try for what was typed, in order.
    pub fn candidates(&self, name: &str) -> Vec<EcoString> {
        if let Some(full) = name.strip_suffix('.') {
            return vec![full.into()];
        }
        let dots = name.bytes().filter(|b| *b == b'.').count();
        let searched = self.conf.search.iter().map(|suffix| format!("{name}.{suffix}").into());
        match dots >= self.conf.ndots {
            true => [name.into()].into_iter().chain(searched).collect(),
            false => searched.chain([name.into()]).collect(),
        }
    }

    /// Turns a name into addresses as programs do (`getaddrinfo`); an address is itself.
    pub fn lookup(&mut self, name: &str) -> Option<Found> {
        if zone::reverse_name(name).is_some() {
            return Some(Found { canonical_name: name.into(), addresses: vec![name.into()] });
        }
        if name == "localhost" {
            let addresses = vec!["127.0.0.1".into()];
            return Some(Found { canonical_name: name.into(), addresses });
        }
        for candidate in self.candidates(name) {
            let answer = self.ask(&candidate, RecordType::A);
            let mut owners = answer.addresses().map(|(owner, _)| owner.clone());
            if let Some(canonical_name) = owners.next() {
                let addresses = answer.addresses().map(|(_, address)| address.clone()).collect();
                return Some(Found { canonical_name, addresses });
            }
        }
        None
    }

    /// The names of an address.
    pub fn reverse(&mut self, address: &str) -> Vec<EcoString> {
        let Some(name) = zone::reverse_name(address) else { return Vec::new() };
        let answer = self.ask(&name, RecordType::Ptr);
        let names = answer.records.into_iter().filter_map(|record| match record.data {
            super::Data::Ptr(name) => Some(name),
            _ => None,
        });
        names.collect()
    }

    /// Tries the candidates as BIND's tools do until one exists: a name with enough dots is
    /// asked as it is only. Gives the last name tried and every answer.
    pub fn search(&mut self, name: &str, record_type: RecordType) -> (EcoString, Vec<Answer>) {
        let dots = name.bytes().filter(|b| *b == b'.').count();
        let candidates = match dots >= self.conf.ndots {
            true => vec![name.trim_end_matches('.').into()],
            false => self.candidates(name),
        };
        let mut answers = Vec::new();
        let mut last = EcoString::from(name);
        for candidate in candidates {
            let answer = self.ask(&candidate, record_type);
            let exists = answer.code == ResponseCode::NoError;
            answers.push(answer);
            last = candidate;
            if exists {
                break;
            }
        }
        (last, answers)
    }
}
