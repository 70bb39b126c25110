//! Programs of images that know that they run in a Pod: servers, clients, and those that show
//! processes, disks and names. All others are in [`crate::programs`].
//!
//! Models no Kubernetes package: nginx, the tools of busybox 1.35 and BIND's as far as the
//! recorded cluster's images have them.

pub mod dial;
pub mod http;
pub mod inspect;
pub mod lookup;
pub mod nc;
pub mod server;
pub mod site;
pub mod stand_in;
pub mod wget;

use crate::api::object::Object;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::chance::Choice;
use crate::client::Lister;
use crate::controller::reason::KubeletReason;
use crate::script::{Delivery, Io, Poll, Signal};

use super::files::ContainerFiles;
use super::image::Family;
use super::net::{Dialer, Net, Owner};

/// A process as others in its container see it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Its number.
    pub pid: u32,
    /// Its command line.
    pub title: EcoString,
    /// Its user.
    pub uid: u32,
}

/// What a program may see and change.
pub struct World<'a, 'b> {
    /// The time.
    pub now: Time,
    /// Its container's files.
    pub files: &'a mut ContainerFiles<'b>,
    /// The network.
    pub net: &'a mut Net,
    /// Chance.
    pub choice: &'a mut Choice,
    /// All objects; what a name server or a cluster's network knows.
    pub lister: Lister<'a>,
    /// The Pod.
    pub pod: &'a Object,
    /// Who is woken when something arrives for it.
    pub owner: &'a Owner,
    /// The Pod's address.
    pub address: &'a str,
    /// The processes of the container.
    pub processes: &'a [Seen],
    /// Signals to processes, delivered afterwards.
    pub signals: &'a mut Vec<(u32, Signal)>,
    /// What is to be told of the Pod.
    pub reasons: &'a mut Vec<KubeletReason>,
    /// Programs that go on in the background, with their command lines.
    pub daemons: &'a mut Vec<(EcoString, Program)>,
}

impl World<'_, '_> {
    /// Who dials from here.
    pub fn dialer(&mut self) -> (&mut Net, Dialer<'_>) {
        let dialer = Dialer {
            owner: self.owner.clone(),
            address: self.address.into(),
            lister: self.lister,
            choice: self.choice,
        };
        (self.net, dialer)
    }

    /// Milliseconds since 1970, as programs count.
    pub fn now_ms(&self) -> u64 {
        (self.now.0.max(0) / 1000) as u64
    }
}

/// A running program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Program {
    /// nginx, or httpd of busybox.
    Server(Box<server::Server>),
    /// A stand-in for a database or broker.
    StandIn(stand_in::StandIn),
    /// wget.
    Fetch(Box<wget::Fetch>),
    /// nc and ncat.
    Netcat(Box<nc::Netcat>),
    /// It asks for names.
    Lookup(Box<lookup::Lookup>),
    /// It prints and ends.
    Inspect(Box<inspect::Inspect>),
}

impl Program {
    /// The program that these words start in an image, if the image has it.
    pub fn start(family: Family, argv: &[EcoString]) -> Option<Program> {
        let name = base_name(argv.first()?);
        let web = matches!(family, Family::Nginx | Family::Httpd);
        match name {
            "nginx" | "httpd-foreground" | "apache2" | "apachectl" if web => {
                Some(Program::Server(Box::new(server::Server::nginx(argv))))
            }
            "httpd" if family == Family::Httpd && argv.len() == 1 => {
                Some(Program::Server(Box::new(server::Server::nginx(argv))))
            }
            "httpd" => Some(Program::Server(Box::new(server::Server::busybox(argv)))),
            "wget" => Some(Program::Fetch(Box::new(wget::Fetch::new(argv)))),
            "nc" | "ncat" | "netcat" | "telnet" => {
                Some(Program::Netcat(Box::new(nc::Netcat::new(argv))))
            }
            name if lookup::knows(family, name) => {
                Some(Program::Lookup(Box::new(lookup::Lookup::new(family, argv))))
            }
            name if inspect::knows(name) => {
                Some(Program::Inspect(Box::new(inspect::Inspect::new(argv))))
            }
            name if family == Family::Service && stand_in::knows(name) => {
                Some(Program::StandIn(stand_in::StandIn::new(name)))
            }
            _ => None,
        }
    }

    /// Lets it run as far as it can.
    pub fn poll(&mut self, world: &mut World, io: &mut Io) -> Poll {
        match self {
            Program::Server(server) => server.poll(world, io),
            Program::StandIn(stand_in) => stand_in.poll(world, io),
            Program::Fetch(fetch) => fetch.poll(world, io),
            Program::Netcat(netcat) => netcat.poll(world, io),
            Program::Lookup(lookup) => lookup.poll(world, io),
            Program::Inspect(inspect) => inspect.poll(world, io),
        }
    }

    /// Gives it a signal.
    pub fn signal(&mut self, now: Time, choice: &mut Choice, signal: Signal) -> Delivery {
        let stops = matches!(signal, Signal::TERM | Signal::QUIT | Signal::INT);
        match self {
            Program::Server(server) if server.is_nginx() => {
                if stops {
                    server.stop(now.after(choice.latency(60_000, 150_000)));
                }
                match stops || signal == Signal::HUP {
                    true => Delivery::Handled,
                    false => Delivery::Default,
                }
            }
            Program::StandIn(stand_in) if stops => {
                stand_in.stop(now.after(choice.latency(10_000, 60_000)));
                Delivery::Handled
            }
            _ => Delivery::Default,
        }
    }

    /// Lets go of its sockets.
    pub fn release(&mut self, net: &mut Net, address: &str) {
        match self {
            Program::Server(server) => server.release(net, address),
            Program::Fetch(fetch) => fetch.release(net),
            Program::Netcat(netcat) => netcat.release(net, address),
            Program::StandIn(_) | Program::Lookup(_) | Program::Inspect(_) => {}
        }
    }

    /// Whether it never asks for another command to be run, so that it needs no shell around it.
    pub fn is_plain(&self) -> bool {
        match self {
            Program::Server(server) => server.is_nginx(),
            Program::StandIn(_) => true,
            _ => false,
        }
    }
}

/// The last part of a path.
pub fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Programs of this kind that an image has, by name.
pub fn names(family: Family) -> Vec<&'static str> {
    let mut names = vec!["wget", "nc", "telnet", "httpd"];
    names.extend(inspect::NAMES);
    names.extend(inspect::ABSENT);
    names.extend(lookup::NAMES);
    match family {
        Family::Nginx => names.push("nginx"),
        Family::Httpd => names.extend(["httpd-foreground", "apachectl"]),
        Family::Service => names.extend(stand_in::NAMES),
        Family::DnsUtils => names.extend(lookup::BIND_NAMES),
        Family::Busybox | Family::OldBusybox => {}
    }
    names
}
