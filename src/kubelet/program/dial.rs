//! Finding addresses for names, as the C library of an image does.

use crate::api::value::EcoString;
use crate::dns::{self, Resolver};
use crate::script::files::FileSystem;

use super::World;

/// The addresses of a host name: itself if it is one, `/etc/hosts`, then the name server.
pub fn resolve(world: &mut World, host: &str) -> Vec<EcoString> {
    if host.parse::<std::net::IpAddr>().is_ok() {
        return vec![host.into()];
    }
    let hosts = world.files.read("/etc/hosts").unwrap_or_default();
    for line in String::from_utf8_lossy(&hosts).lines() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let Some(address) = words.next() else { continue };
        if !address.contains(':') && words.any(|name| name == host) {
            return vec![address.into()];
        }
    }
    ask(world, host)
}

fn ask(world: &mut World, host: &str) -> Vec<EcoString> {
    let conf = dns::pod::resolv_conf(world.pod);
    let mut resolver = Resolver::new(world.lister, conf, world.choice.random());
    resolver.lookup(host).map(|found| found.addresses).unwrap_or_default()
}
