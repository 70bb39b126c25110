//! Programs that ask for names: nslookup, dig, host, getent, ping.

use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::client::Lister;
use crate::dns::{self, Resolver};
use crate::kubelet::image::Family;
use crate::kubelet::net::is_alive;
use crate::script::{Io, Poll};

use super::dial::from_cache;
use super::stand_in::until;
use super::{World, base_name};

/// Those of every image.
pub const NAMES: [&str; 3] = ["nslookup", "getent", "ping"];
/// Those of BIND.
pub const BIND_NAMES: [&str; 2] = ["dig", "host"];

/// Whether an image has a program of this name.
pub fn knows(family: Family, name: &str) -> bool {
    NAMES.contains(&name) || (family == Family::DnsUtils && BIND_NAMES.contains(&name))
}

/// One of these programs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lookup {
    argv: Vec<EcoString>,
    family: Family,
    ping: Option<Ping>,
}

/// A ping under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Ping {
    name: EcoString,
    address: EcoString,
    answers: bool,
    count: Option<u32>,
    sent: u32,
    next: Time,
}

impl Lookup {
    /// The program that these words start.
    pub fn new(family: Family, argv: &[EcoString]) -> Self {
        Lookup { argv: argv.to_vec(), family, ping: None }
    }

    /// Lets it run.
    pub fn poll(&mut self, world: &mut World, io: &mut Io) -> Poll {
        if self.ping.is_some() {
            return self.ping_on(world, io);
        }
        let rotation = world.choice.random();
        let conf = dns::pod::resolv_conf(world.pod);
        let cache = world.net.name_cache_mut();
        let mut resolver = Resolver::new(world.lister, conf, rotation).with_cache(cache, world.now);
        let arguments = self.argv.get(1..).unwrap_or_default();
        let output = match base_name(self.argv.first().map_or("", |name| name)) {
            "nslookup" => match self.family {
                Family::DnsUtils => dns::bind::nslookup(&mut resolver, arguments),
                Family::OldBusybox => dns::busybox::nslookup_1_28(&mut resolver, arguments),
                _ => dns::busybox::nslookup(&mut resolver, arguments),
            },
            "dig" => dns::dig::dig(&mut resolver, arguments, world.now),
            "host" => dns::bind::host(&mut resolver, arguments),
            "getent" => dns::getent::getent(&mut resolver, arguments),
            _ => match self.begin_ping((world.now, world.lister), &mut resolver) {
                Ok(line) => {
                    world.reasons.extend(from_cache(&resolver));
                    io.output.out(&line);
                    return self.ping_on(world, io);
                }
                Err(output) => output,
            },
        };
        world.reasons.extend(from_cache(&resolver));
        io.output.out(&output.stdout);
        io.output.err(&output.stderr);
        Poll::Exited(output.exit)
    }

    fn begin_ping(
        &mut self,
        (now, lister): (Time, Lister<'_>),
        resolver: &mut Resolver,
    ) -> Result<String, dns::Output> {
        let (mut count, mut name) = (None, EcoString::new());
        let mut words = self.argv.iter().skip(1);
        while let Some(word) = words.next() {
            match word.strip_prefix("-c") {
                Some("") => count = words.next().and_then(|n| n.parse().ok()),
                Some(number) => count = number.parse().ok(),
                None if word == "-w" || word == "-W" || word == "-i" => drop(words.next()),
                None if word.starts_with('-') => {}
                None => name = word.clone(),
            }
        }
        let (line, address) = dns::getent::ping(resolver, &name)?;
        let answers = address.starts_with("127.") || is_alive(lister, &address);
        self.ping = Some(Ping { name, address, answers, count, sent: 0, next: now });
        Ok(line)
    }

    // A packet a second; those who answer do so at once.
    fn ping_on(&mut self, world: &mut World, io: &mut Io) -> Poll {
        let Some(ping) = &mut self.ping else { return Poll::Exited(1) };
        if ping.next <= world.now {
            if ping.count.is_some_and(|count| ping.sent >= count) {
                let received = if ping.answers { ping.sent } else { 0 };
                let lost = if ping.answers { 0 } else { 100 };
                io.output.out(&format!(
                    "\n--- {} ping statistics ---\n{} packets transmitted, {received} packets \
                     received, {lost}% packet loss\n",
                    ping.name, ping.sent
                ));
                if ping.answers {
                    io.output.out("round-trip min/avg/max = 0.100/0.100/0.100 ms\n");
                }
                return Poll::Exited(i32::from(!ping.answers));
            }
            if ping.answers {
                let (address, number) = (&ping.address, ping.sent);
                io.output
                    .out(&format!("64 bytes from {address}: seq={number} ttl=64 time=0.100 ms\n"));
            }
            ping.sent += 1;
            let last = ping.count.is_some_and(|count| ping.sent >= count);
            let pause = match (last, ping.answers) {
                (true, true) => Duration::from_millis(1),
                (true, false) => Duration::from_secs(10),
                _ => Duration::from_secs(1),
            };
            ping.next = world.now.after(pause);
        }
        Poll::Running { until: Some(until(ping.next)) }
    }
}
