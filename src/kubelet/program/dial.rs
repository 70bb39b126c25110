//! Finding addresses for names, as the C library of an image does.

use crate::api::value::EcoString;
use crate::controller::reason::KubeletReason;
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

/// What is to be told of the answers that came from the name server's cache.
pub fn from_cache(resolver: &Resolver) -> Vec<KubeletReason> {
    let told = resolver.asked().iter().filter_map(|asked| {
        let cached = asked.cached?;
        Some(KubeletReason::NameFromCache {
            name: asked.query.name.clone(),
            age: cached.age.as_secs(),
            left: asked.answer.ttl,
            stale: cached.is_stale,
        })
    });
    told.collect()
}

fn ask(world: &mut World, host: &str) -> Vec<EcoString> {
    let conf = dns::pod::resolv_conf(world.pod);
    let cache = world.net.name_cache_mut();
    let resolver = Resolver::new(world.lister, conf, world.choice.random());
    let mut resolver = resolver.with_cache(cache, world.now);
    let found = resolver.lookup(host).map(|found| found.addresses).unwrap_or_default();
    world.reasons.extend(from_cache(&resolver));
    found
}
