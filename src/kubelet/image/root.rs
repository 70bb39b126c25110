//! The file systems of images.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::api::value::EcoString;
use crate::kubelet::program;
use crate::programs;
use crate::script::Flavour;
use crate::script::files::{FileKind, FileSystem, Tree};

use super::Family;

/// The page of the web servers.
pub const WELCOME: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to \
                           nginx!</title>\n</head>\n<body>\n<h1>Welcome to \
                           nginx!</h1>\n</body>\n</html>\n";

const NGINX_CONF: &str = "user  nginx;\nworker_processes  auto;\n\nevents {\n    \
                          worker_connections  1024;\n}\n\nhttp {\n    include       \
                          /etc/nginx/conf.d/*.conf;\n}\n";

const DEFAULT_CONF: &str = "server {\n    listen       80;\n    server_name  localhost;\n\n    \
                            location / {\n        root   /usr/share/nginx/html;\n        index  \
                            index.html index.htm;\n    }\n}\n";

/// A line of `/etc/passwd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name, which is also its group's.
    pub name: &'static str,
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Home directory.
    pub home: &'static str,
    shell: &'static str,
}

const ROOT: Account = Account { name: "root", uid: 0, gid: 0, home: "/root", shell: "/bin/sh" };
const NOBODY: Account =
    Account { name: "nobody", uid: 65534, gid: 65534, home: "/home", shell: "/bin/false" };
const NGINX: Account =
    Account { name: "nginx", uid: 101, gid: 101, home: "/nonexistent", shell: "/bin/false" };

fn accounts(family: Family) -> &'static [Account] {
    match family {
        Family::Nginx => &[ROOT, NGINX, NOBODY],
        _ => &[ROOT, NOBODY],
    }
}

/// The account of a user in an image of this family.
pub fn account(family: Family, uid: u32) -> Option<Account> {
    accounts(family).iter().find(|account| account.uid == uid).copied()
}

thread_local! {
    // Unpacked once: on every node it is the same.
    static TREES: RefCell<BTreeMap<Family, Tree>> = const { RefCell::new(BTreeMap::new()) };
}

/// What an image of this family contains.
pub fn tree(family: Family) -> Tree {
    TREES.with_borrow_mut(|trees| trees.entry(family).or_insert_with(|| unpacked(family)).clone())
}

fn unpacked(family: Family) -> Tree {
    let mut tree = Tree::new();
    for directory in ["bin", "dev", "etc", "home", "proc", "root", "run", "sys", "usr/bin", "var"] {
        tree.make_dirs(&format!("/{directory}"), 0);
    }
    for directory in ["tmp", "var/log", "var/run", "var/lib", "usr/local/bin", "usr/sbin", "opt"] {
        tree.make_dirs(&format!("/{directory}"), 0);
    }
    // The directory was just made.
    let _ = tree.set_mode("/tmp", 0o1777);
    let _ = tree.set_mode("/root", 0o700);
    let accounts = accounts(family);
    let passwd = accounts.iter().map(|account| {
        let Account { name, uid, gid, home, shell } = account;
        format!("{name}:x:{uid}:{gid}:{name}:{home}:{shell}\n")
    });
    let group = accounts.iter().map(|account| format!("{}:x:{}:\n", account.name, account.gid));
    tree.put("/etc/passwd", passwd.collect::<String>().as_bytes(), 0);
    tree.put("/etc/group", group.collect::<String>().as_bytes(), 0);
    let shells = ["sh", "bash", "ash"];
    let special = program::names(family);
    let names = programs::names(Flavour::Busybox)
        .chain(special)
        .chain(shells)
        .chain(BUILTINS.iter().copied());
    for name in names {
        add_program(&mut tree, name);
    }
    if matches!(family, Family::Nginx | Family::Httpd) {
        tree.put("/usr/share/nginx/html/index.html", WELCOME.as_bytes(), 0);
        tree.put("/etc/nginx/nginx.conf", NGINX_CONF.as_bytes(), 0);
        tree.put("/etc/nginx/conf.d/default.conf", DEFAULT_CONF.as_bytes(), 0);
        tree.make_dirs("/var/log/nginx", 0);
    }
    tree
}

/// Commands that a shell has built in and an image also has as files.
pub const BUILTINS: [&str; 8] = ["echo", "printf", "test", "[", "true", "false", "pwd", "kill"];

fn add_program(tree: &mut Tree, name: &str) {
    let path = format!("/bin/{name}");
    tree.put(&path, b"\x7fELF", 0);
    // The file was just written.
    let _ = tree.set_mode(&path, 0o755);
}

/// Directories that are searched for programs.
const DIRECTORIES: [&str; 6] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// Where a program of this name is.
pub fn find(files: &dyn FileSystem, name: &str) -> Option<EcoString> {
    if name.is_empty() || name.contains('/') {
        return is_executable(files, name).then(|| name.into());
    }
    let paths = DIRECTORIES.iter().map(|directory| format!("{directory}/{name}"));
    paths.map(EcoString::from).find(|path| is_executable(files, path))
}

fn is_executable(files: &dyn FileSystem, path: &str) -> bool {
    files.metadata(path).is_ok_and(|found| found.kind == FileKind::File && found.mode & 0o111 != 0)
}

/// Whether a path is a program of the image, not a script that somebody wrote.
pub fn is_program(files: &dyn FileSystem, path: &str) -> bool {
    is_executable(files, path) && files.read(path).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF"))
}
