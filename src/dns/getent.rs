//! getent, and the first line of ping: what programs make of a name.

use crate::api::value::EcoString;

use super::{Output, Resolver, zone};

// Databases that the real program knows beside those of names.
const OTHER_DATABASES: [&str; 12] = [
    "ahostsv6",
    "aliases",
    "ethers",
    "group",
    "gshadow",
    "initgroups",
    "netgroup",
    "networks",
    "passwd",
    "protocols",
    "services",
    "shadow",
];

/// `getent hosts|ahosts|ahostsv4 NAME...`
pub fn getent(resolver: &mut Resolver, arguments: &[EcoString]) -> Output {
    let Some((database, names)) = arguments.split_first() else {
        return failed("getent: wrong number of arguments\n".into());
    };
    let ask = match database.as_str() {
        "hosts" => hosts,
        "ahosts" | "ahostsv4" => ahosts,
        other if OTHER_DATABASES.contains(&other) => {
            let known = "only hosts, ahosts and ahostsv4";
            return failed(format!("getent: {other} is not simulated here: {known}\n"));
        }
        other => {
            let help = "Try `getent --help' or `getent --usage' for more information.";
            return failed(format!("Unknown database: {other}\n{help}\n"));
        }
    };
    if names.is_empty() {
        let why = "getent without names is not simulated here: the real one lists /etc/hosts\n";
        return failed(why.into());
    }
    let mut output = Output::default();
    names.iter().for_each(|name| ask(resolver, name, &mut output));
    output
}

fn failed(stderr: String) -> Output {
    Output { stderr, exit: 1, ..Output::default() }
}

fn hosts(resolver: &mut Resolver, name: &str, output: &mut Output) {
    if zone::reverse_name(name).is_some() {
        match resolver.reverse(name).first() {
            Some(found) => output.stdout.push_str(&format!("{name:<15} {found}\n")),
            None => output.exit = 2,
        }
        return;
    }
    let Some(found) = resolver.lookup(name) else {
        output.exit = 2;
        return;
    };
    let alias = if found.canonical_name == name { String::new() } else { format!("  {name}") };
    for address in &found.addresses {
        output.stdout.push_str(&format!("{address:<15} {}{alias}\n", found.canonical_name));
    }
}

fn ahosts(resolver: &mut Resolver, name: &str, output: &mut Output) {
    let Some(found) = resolver.lookup(name) else {
        output.exit = 2;
        return;
    };
    for (index, address) in found.addresses.iter().enumerate() {
        let canonical = if index == 0 { found.canonical_name.as_str() } else { "" };
        for (kind, name) in [("STREAM", canonical), ("DGRAM", ""), ("RAW", "")] {
            output.stdout.push_str(format!("{address:<15} {kind:<6} {name}").trim_end());
            output.stdout.push('\n');
        }
    }
}

/// The first line of busybox ping, or its complaint; `Ok` holds the address too.
pub fn ping(resolver: &mut Resolver, name: &str) -> Result<(String, EcoString), Output> {
    let found = resolver.lookup(name);
    match found.as_ref().and_then(|found| found.addresses.first()) {
        Some(address) => Ok((format!("PING {name} ({address}): 56 data bytes\n"), address.clone())),
        None => Err(failed(format!("ping: bad address '{name}'\n"))),
    }
}
