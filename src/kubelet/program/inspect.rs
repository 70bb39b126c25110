//! Programs that show what the container is: names, processes, disks.

use crate::api::value::EcoString;
use crate::dns;
use crate::kubelet::files::Mount;
use crate::script::user::user_name;
use crate::script::{Io, Poll, Signal};

use super::{Seen, World, base_name};

/// All of them.
pub const NAMES: [&str; 8] =
    ["hostname", "ps", "df", "mount", "killall", "pidof", "pgrep", "pkill"];

/// Programs of busybox that are in the images and not simulated.
pub const ABSENT: [&str; 108] = [
    "arp",
    "arping",
    "base32",
    "bc",
    "blkid",
    "bunzip2",
    "bzcat",
    "bzip2",
    "cal",
    "chroot",
    "cksum",
    "cmp",
    "cpio",
    "crond",
    "crontab",
    "dc",
    "dmesg",
    "dnsdomainname",
    "ed",
    "expand",
    "factor",
    "fallocate",
    "flock",
    "free",
    "ftpget",
    "ftpput",
    "fuser",
    "getopt",
    "gunzip",
    "gzip",
    "hd",
    "hexdump",
    "hostid",
    "ifconfig",
    "install",
    "iostat",
    "ionice",
    "ip",
    "ipcalc",
    "ipcs",
    "link",
    "logger",
    "login",
    "logname",
    "lsattr",
    "lsmod",
    "lsof",
    "mesg",
    "mkfifo",
    "mknod",
    "mountpoint",
    "mpstat",
    "nameif",
    "netstat",
    "nsenter",
    "ntpd",
    "od",
    "passwd",
    "patch",
    "ping",
    "ping6",
    "pmap",
    "pstree",
    "pwdx",
    "renice",
    "resize",
    "route",
    "run-parts",
    "script",
    "setpriv",
    "sha3sum",
    "sha512sum",
    "shred",
    "shuf",
    "split",
    "strings",
    "stty",
    "su",
    "sulogin",
    "sum",
    "sysctl",
    "syslogd",
    "taskset",
    "tftp",
    "top",
    "traceroute",
    "ts",
    "tsort",
    "ttysize",
    "umount",
    "unexpand",
    "unlink",
    "unshare",
    "unxz",
    "unzip",
    "uptime",
    "users",
    "usleep",
    "uudecode",
    "uuencode",
    "vi",
    "volname",
    "w",
    "whois",
    "who",
    "xxd",
    "xz",
    "zcat",
];

/// Whether it is one of these.
pub fn knows(name: &str) -> bool {
    NAMES.contains(&name) || ABSENT.contains(&name)
}

/// One of these programs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Inspect {
    argv: Vec<EcoString>,
}

impl Inspect {
    /// The program that these words start.
    pub fn new(argv: &[EcoString]) -> Self {
        Inspect { argv: argv.to_vec() }
    }

    /// Prints and ends.
    pub fn poll(&mut self, world: &mut World, io: &mut Io) -> Poll {
        let words: Vec<&str> = self.argv.iter().skip(1).map(|word| word.as_str()).collect();
        let code = match base_name(self.argv.first().map_or("", |name| name)) {
            "hostname" => hostname(world, io, &words),
            "ps" => ps(world, io, &words),
            "df" => df(world, io, &words),
            "mount" => mount(world, io, &words),
            "pidof" => pidof(world, io, &words),
            "pgrep" => pgrep(world, io, &words),
            name if ABSENT.contains(&name) => {
                io.output.err(&format!("{name}: not simulated here yet; the real one would run\n"));
                1
            }
            name => killall(world, io, name, &words),
        };
        Poll::Exited(code)
    }
}

fn hostname(world: &mut World, io: &mut Io, words: &[&str]) -> i32 {
    let name = dns::pod::hostname(world.pod);
    let domain = dns::pod::domain(world.pod);
    let line = match words {
        [] => name,
        ["-f" | "--fqdn"] => dns::pod::full_hostname(world.pod),
        ["-s" | "--short"] => name.split('.').next().unwrap_or_default().into(),
        ["-d" | "--domain"] => domain.unwrap_or_default(),
        ["-i" | "-I" | "--ip-address"] => world.address.into(),
        [option, ..] if option.starts_with('-') => {
            let option = option.trim_start_matches('-');
            io.output.err(&format!("hostname: unrecognized option: {option}\n"));
            return 1;
        }
        _ => {
            io.output.err("hostname: sethostname: Operation not permitted\n");
            return 1;
        }
    };
    io.output.out(&format!("{line}\n"));
    0
}

fn ps(world: &mut World, io: &mut Io, words: &[&str]) -> i32 {
    let columns: Vec<&str> = match words {
        ["-o", columns] => columns.split(',').collect(),
        [one] if one.starts_with("-o") && one.len() > 2 => one[2..].split(',').collect(),
        _ => vec!["pid", "user", "time", "args"],
    };
    let width = |column: &str| match column {
        "pid" | "ppid" => 5,
        "user" => 8,
        "time" => 5,
        _ => 0,
    };
    let row = |cell: &dyn Fn(&str) -> String| {
        let cells: Vec<String> = (columns.iter().enumerate())
            .map(|(index, column)| {
                let text = cell(column);
                match (*column, index + 1 == columns.len()) {
                    ("pid" | "ppid", _) => format!("{text:>5}"),
                    (_, true) => text,
                    (column, false) => format!("{text:<width$}", width = width(column)),
                }
            })
            .collect();
        format!("{}\n", cells.join(" "))
    };
    let mut text = row(&|column| match column {
        "args" | "comm" => "COMMAND".into(),
        other => other.to_uppercase(),
    });
    for Seen { pid, title, uid } in world.processes {
        let user = user_name(world.files, *uid).unwrap_or_else(|| uid.to_string());
        let user: String = user.chars().take(8).collect();
        text.push_str(&row(&|column| match column {
            "pid" => pid.to_string(),
            "ppid" => "0".into(),
            "user" => user.clone(),
            "time" => "0:00".into(),
            "comm" => command_name(title).into(),
            "args" => title.to_string(),
            _ => "-".into(),
        }));
    }
    io.output.out(&text);
    0
}

fn command_name(title: &str) -> &str {
    base_name(title.split(' ').next().unwrap_or_default())
}

fn df(world: &mut World, io: &mut Io, words: &[&str]) -> i32 {
    let human = words.iter().any(|w| w.starts_with('-') && w.contains('h'));
    let paths: Vec<&&str> = words.iter().filter(|w| !w.starts_with('-')).collect();
    let size = if human { "Size" } else { "1K-blocks" };
    let mut text = format!(
        "Filesystem           {size:>9} {:>9} {:>9} Use% Mounted on\n",
        "Used", "Available"
    );
    let mounts = world.files.mounts;
    let root = ("overlay".into(), None, "/".into());
    let describe = |m: &Mount| (m.device.clone(), m.limit, m.at.clone());
    let rows: Vec<(EcoString, Option<u64>, EcoString)> = match paths.as_slice() {
        [] => std::iter::once(root).chain(mounts.iter().map(describe)).collect(),
        paths => paths
            .iter()
            .map(|path| {
                let under = |m: &&Mount| path.starts_with(m.at.as_str());
                let found = mounts.iter().filter(under).max_by_key(|m| m.at.len());
                found.map_or_else(|| root.clone(), describe)
            })
            .collect(),
    };
    for (device, limit, at) in rows {
        let total = limit.unwrap_or(NODE_DISK);
        let show = |bytes: u64| if human { human_size(bytes) } else { (bytes / 1024).to_string() };
        let (total, rest) = (show(total), show(total));
        text.push_str(&format!("{device:<20} {total:>9} {:>9} {rest:>9}   0% {at}\n", "0"));
    }
    io.output.out(&text);
    0
}

/// What a node's disk holds.
const NODE_DISK: u64 = 100 << 30;

// busybox's make_human_readable_str: one digit after the point.
fn human_size(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["", "K", "M", "G"] {
        if value < 1024.0 {
            return format!("{value:.1}{unit}");
        }
        value /= 1024.0;
    }
    format!("{value:.1}T")
}

fn mount(world: &mut World, io: &mut Io, words: &[&str]) -> i32 {
    if !words.is_empty() {
        io.output.err("mount: permission denied (are you root?)\n");
        return 1;
    }
    let mut text = String::from("overlay on / type overlay (rw,relatime)\n");
    for mount in world.files.mounts {
        let kind = if mount.device == "tmpfs" { "tmpfs" } else { "ext4" };
        let mode = if mount.read_only { "ro" } else { "rw" };
        let (device, at) = (&mount.device, &mount.at);
        text.push_str(&format!("{device} on {at} type {kind} ({mode},relatime)\n"));
    }
    io.output.out(&text);
    0
}

fn pids(world: &World, wanted: impl Fn(&str) -> bool) -> Vec<u32> {
    world.processes.iter().filter(|seen| wanted(&seen.title)).map(|seen| seen.pid).collect()
}

fn pidof(world: &mut World, io: &mut Io, words: &[&str]) -> i32 {
    let names: Vec<&str> = words.iter().filter(|w| !w.starts_with('-')).copied().collect();
    let mut found = pids(world, |title| names.contains(&command_name(title)));
    found.reverse();
    if found.is_empty() {
        return 1;
    }
    let texts: Vec<String> = found.iter().map(u32::to_string).collect();
    io.output.out(&format!("{}\n", texts.join(" ")));
    0
}

fn pgrep(world: &mut World, io: &mut Io, words: &[&str]) -> i32 {
    let whole = words.contains(&"-f");
    let Some(pattern) = words.iter().find(|w| !w.starts_with('-')) else {
        io.output.err("pgrep: no pattern\n");
        return 1;
    };
    let subject =
        |title: &str| -> String { if whole { title.into() } else { command_name(title).into() } };
    let found = pids(world, |title| subject(title).contains(pattern));
    for pid in &found {
        io.output.out(&format!("{pid}\n"));
    }
    i32::from(found.is_empty())
}

fn killall(world: &mut World, io: &mut Io, program: &str, words: &[&str]) -> i32 {
    let (mut signal, mut code, mut named) = (Signal::TERM, 0, false);
    for word in words {
        if let Some(name) = word.strip_prefix('-') {
            match Signal::parse(name) {
                Some(found) => signal = found,
                None if matches!(name, "q" | "f") => {}
                None => {
                    io.output.err(&format!("{program}: bad signal name '{name}'\n"));
                    return 1;
                }
            }
            continue;
        }
        named = true;
        let found = match program {
            "pkill" => pids(world, |title| title.contains(word)),
            _ => pids(world, |title| command_name(title) == *word),
        };
        if found.is_empty() {
            code = 1;
            if program == "killall" {
                io.output.err(&format!("killall: {word}: no process killed\n"));
            }
        }
        world.signals.extend(found.into_iter().map(|pid| (pid, signal)));
    }
    if !named {
        io.output.err(&format!("{program}: nothing to kill\n"));
        return 1;
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_readable() {
        assert_eq!([human_size(64 << 20), human_size(1 << 20)], ["64.0M", "1.0M"]);
    }
}
