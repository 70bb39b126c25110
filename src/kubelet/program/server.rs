//! nginx, and busybox's httpd: web servers that serve the container's files.

use std::cell::RefCell;
use std::rc::Rc;

use crate::api::pool;
use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::script::files::FileSystem;
use crate::script::user::{EXECUTE, WRITE};
use crate::script::{Io, Poll, Stream};

use super::http::{self, Request};
use super::site::{self, Site};
use super::stand_in::until;
use super::{Program, World};
use crate::kubelet::net::{ConnectionId, End, Net};

/// A web server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    kind: Kind,
    argv: Rc<Vec<EcoString>>,
    sites: Rc<Vec<Site>>,
    detached: bool,
    // When it listens, once it has begun to start.
    starts_at: Option<Time>,
    listens: bool,
    stops_at: Option<Time>,
    connections: Vec<Peer>,
    // Number of connections so far, which the error log names.
    serial: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Nginx,
    Busybox,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Peer {
    id: ConnectionId,
    address: EcoString,
    received: Vec<u8>,
    number: u64,
    port: u16,
}

thread_local! {
    // The servers of a set are configured alike.
    static LAST_SITES: RefCell<Option<Rc<Vec<Site>>>> = const { RefCell::new(None) };
    static LAST_ARGV: RefCell<Option<Rc<Vec<EcoString>>>> = const { RefCell::new(None) };
}

/// What a request is answered with.
struct Answer {
    code: u32,
    body: Vec<u8>,
    content_type: &'static str,
    extra: String,
    error: Option<String>,
}

/// Process numbers of its workers, one for each processor of a node.
const WORKERS: [u32; 2] = [7, 8];
/// Time from its start until nginx listens.
const START: Duration = Duration::from_millis(40);

impl Server {
    /// `nginx -g 'daemon off;'` and its other uses.
    pub fn nginx(argv: &[EcoString]) -> Self {
        Self::new(Kind::Nginx, argv)
    }

    /// `httpd -p 8080 -h /www`
    pub fn busybox(argv: &[EcoString]) -> Self {
        Self::new(Kind::Busybox, argv)
    }

    fn new(kind: Kind, argv: &[EcoString]) -> Self {
        Server {
            kind,
            argv: pool::shared(&LAST_ARGV, argv.to_vec()),
            sites: Rc::default(),
            detached: false,
            starts_at: None,
            listens: false,
            stops_at: None,
            connections: Vec::new(),
            serial: 0,
        }
    }

    /// Whether it is nginx.
    pub fn is_nginx(&self) -> bool {
        self.kind == Kind::Nginx
    }

    /// It was asked to stop and will have ended then.
    pub fn stop(&mut self, at: Time) {
        self.stops_at = Some(at);
    }

    /// Lets go of its sockets.
    pub fn release(&mut self, net: &mut Net, address: &str) {
        if self.listens {
            for port in self.ports() {
                net.unlisten(address, port);
            }
        }
        for peer in self.connections.drain(..) {
            net.drop_end(peer.id, End::Server);
        }
    }

    fn ports(&self) -> Vec<u16> {
        let mut ports: Vec<u16> = self.sites.iter().flat_map(|s| s.ports.clone()).collect();
        ports.sort();
        ports.dedup();
        ports
    }

    /// Lets it run.
    pub fn poll(&mut self, world: &mut World, io: &mut Io) -> Poll {
        if self.starts_at.is_none()
            && let Some(code) = self.begin(world, io)
        {
            return Poll::Exited(code);
        }
        if self.stops_at.is_some_and(|at| at <= world.now) {
            self.say_goodbye(world, io);
            self.release(world.net, world.address);
            return Poll::Exited(0);
        }
        let starts_at = self.starts_at.unwrap_or(world.now);
        if !self.listens && starts_at <= world.now {
            for port in self.ports() {
                if !world.net.listen(world.owner, world.address, port) {
                    return self.address_in_use(world, io, port);
                }
            }
            self.listens = true;
            self.say_hello(world, io);
        }
        if self.listens {
            self.serve(world, io);
        }
        let starts = (!self.listens).then_some(starts_at);
        let next = [starts, self.stops_at].into_iter().flatten().min();
        Poll::Running { until: next.map(until) }
    }

    fn notice(&self, world: &World, io: &mut Io, pid: u32, text: &str) {
        let date = http::error_date(world.now);
        io.output.err(&format!("{date} [notice] {pid}#{pid}: {text}\n"));
    }

    fn say_hello(&self, world: &World, io: &mut Io) {
        if self.kind != Kind::Nginx {
            return;
        }
        self.notice(world, io, 1, "using the \"epoll\" event method");
        self.notice(world, io, 1, "nginx/1.22.1");
        self.notice(world, io, 1, "start worker processes");
        for worker in WORKERS {
            self.notice(world, io, 1, &format!("start worker process {worker}"));
        }
    }

    fn say_goodbye(&self, world: &World, io: &mut Io) {
        if self.kind != Kind::Nginx {
            return;
        }
        self.notice(world, io, 1, "signal 15 (SIGTERM) received, exiting");
        for worker in WORKERS {
            self.notice(world, io, worker, "exiting");
            self.notice(world, io, worker, "exit");
        }
        for worker in WORKERS {
            self.notice(world, io, 1, &format!("signal 17 (SIGCHLD) received from {worker}"));
            self.notice(world, io, 1, &format!("worker process {worker} exited with code 0"));
        }
        self.notice(world, io, 1, "exit");
    }

    // Reads the command line; an exit code if that was all.
    fn begin(&mut self, world: &mut World, io: &mut Io) -> Option<i32> {
        self.starts_at = Some(world.now);
        let argv = self.argv.clone();
        let flag = |flag: &str| argv.iter().any(|word| word == flag);
        if self.kind == Kind::Busybox {
            self.sites = Rc::new(vec![busybox_site(&self.argv)]);
            return (!flag("-f") && !self.detached).then(|| self.detach(world));
        }
        self.starts_at = Some(world.now.after(START));
        if flag("-v") || flag("-V") {
            io.output.err("nginx version: nginx/1.22.1\n");
            return Some(0);
        }
        if flag("-h") || flag("-?") {
            io.output.err("nginx: its help is not simulated here\n");
            return Some(0);
        }
        if let Some(refusal) = refusal(world) {
            io.output.err(&refusal);
            return Some(1);
        }
        match site::sites(world.files) {
            Ok(sites) => self.sites = pool::shared(&LAST_SITES, sites),
            Err(why) => {
                io.output.err(&format!("nginx: [emerg] {why}\n"));
                return Some(1);
            }
        }
        if flag("-t") {
            io.output.err(
                "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: \
                 configuration file /etc/nginx/nginx.conf test is successful\n",
            );
            return Some(0);
        }
        let order = self.argv.iter().position(|word| word == "-s");
        if let Some(order) = order.and_then(|at| self.argv.get(at + 1)) {
            return Some(self.order(order, world, io));
        }
        let foreground = argv.iter().any(|word| word.contains("daemon off"))
            || argv.first().is_some_and(|name| name != "nginx" && !name.ends_with("/nginx"));
        (!foreground && !self.detached).then(|| self.detach(world))
    }

    // It goes on in the background; what was started has done its work.
    fn detach(&mut self, world: &mut World) -> i32 {
        let mut daemon = Server::new(self.kind, &self.argv);
        daemon.detached = true;
        world.daemons.push((self.argv.join(" ").into(), Program::Server(Box::new(daemon))));
        0
    }

    // `nginx -s quit`: a signal to the one that serves.
    fn order(&self, order: &str, world: &mut World, io: &mut Io) -> i32 {
        let signal = match order {
            "stop" => crate::script::Signal::TERM,
            "quit" => crate::script::Signal::QUIT,
            "reload" | "reopen" => crate::script::Signal::HUP,
            _ => {
                io.output.err(&format!("nginx: invalid option: \"-s {order}\"\n"));
                return 1;
            }
        };
        let master = world.processes.iter().find(|seen| seen.title.starts_with("nginx -g"));
        match master {
            Some(seen) => {
                world.signals.push((seen.pid, signal));
                0
            }
            None => {
                io.output.err(
                    "nginx: [error] open() \"/run/nginx.pid\" failed (2: No such file or \
                               directory)\n",
                );
                1
            }
        }
    }

    fn address_in_use(&mut self, world: &mut World, io: &mut Io, port: u16) -> Poll {
        match self.kind {
            Kind::Nginx => {
                let date = http::error_date(world.now);
                io.output.err(&format!(
                    "{date} [emerg] 1#1: bind() to 0.0.0.0:{port} failed (98: Address already in \
                     use)\nnginx: [emerg] bind() to 0.0.0.0:{port} failed (98: Address already in \
                     use)\n"
                ));
            }
            Kind::Busybox => io.output.err("httpd: bind: Address already in use\n"),
        }
        Poll::Exited(1)
    }

    fn serve(&mut self, world: &mut World, io: &mut Io) {
        for port in self.ports() {
            while let Some((id, address)) = world.net.accept(world.address, port) {
                self.serial += 1;
                let number = self.serial;
                self.connections.push(Peer { id, address, received: Vec::new(), number, port });
            }
        }
        for mut peer in std::mem::take(&mut self.connections) {
            let (bytes, closed) = world.net.read(peer.id, End::Server);
            peer.received.extend(bytes);
            match Request::parse(&peer.received) {
                Some(request) => {
                    let response = self.respond(world, io, &peer, &request);
                    world.net.write(peer.id, End::Server, &response);
                    world.net.drop_end(peer.id, End::Server);
                }
                None if closed => world.net.drop_end(peer.id, End::Server),
                None => self.connections.push(peer),
            }
        }
    }

    fn respond(&self, world: &mut World, io: &mut Io, peer: &Peer, request: &Request) -> Vec<u8> {
        let answer = self.answer(world, peer.port, request);
        let body: &[u8] = if request.method == "HEAD" { b"" } else { &answer.body };
        if self.kind == Kind::Nginx {
            let host = request.header("Host").unwrap_or_default();
            let line = format!("{} {} {}", request.method, request.target, request.version);
            if let Some(error) = &answer.error {
                let date = http::error_date(world.now);
                let number = peer.number;
                io.output.write(
                    Stream::Err,
                    format!(
                        "{date} [error] 7#7: *{number} {error}, client: {}, server: , request: \
                         \"{line}\", host: \"{host}\"\n",
                        peer.address
                    )
                    .as_bytes(),
                );
            }
            let agent = request.header("User-Agent").unwrap_or("-");
            let referer = request.header("Referer").unwrap_or("-");
            io.output.out(&format!(
                "{} - - [{}] \"{line}\" {} {} \"{referer}\" \"{agent}\"\n",
                peer.address,
                http::log_date(world.now),
                answer.code,
                body.len()
            ));
        }
        let software = if self.kind == Kind::Nginx { "Server: nginx/1.22.1\r\n" } else { "" };
        let mut bytes = format!(
            "HTTP/1.1 {} {}\r\n{software}Date: {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\
             {}Connection: close\r\n\r\n",
            answer.code,
            http::reason(answer.code),
            http::date(world.now),
            answer.content_type,
            answer.body.len(),
            answer.extra
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        bytes
    }

    fn answer(&self, world: &mut World, port: u16, request: &Request) -> Answer {
        let Some(site) = self.sites.iter().find(|site| site.ports.contains(&port)) else {
            return self.problem(404, None);
        };
        let path = http::decode(request.path());
        if let Some(location) = site.location(&path) {
            if let Some((code, text)) = &location.answer {
                return returned(*code, text);
            }
            if let Some(directive) = &location.unknown {
                let why = format!("nginx's {directive} is not simulated here\n");
                return Answer { body: why.into_bytes(), ..self.problem(501, None) };
            }
        }
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return self.problem(405, None);
        }
        if path.split('/').any(|part| part == "..") {
            return self.problem(400, None);
        }
        self.file(world, site, &path)
    }

    fn file(&self, world: &mut World, site: &Site, path: &str) -> Answer {
        let mut file = site.file(path);
        if world.files.metadata(&file).is_ok_and(|found| found.is_dir()) {
            if !path.ends_with('/') {
                let extra = format!("Location: http://{}{path}/\r\n", world.address);
                return Answer { extra, ..self.problem(301, None) };
            }
            let index = site.index.iter().find(|name| world.files.exists(&format!("{file}{name}")));
            match index {
                Some(name) => file.push_str(name),
                None => {
                    let why = format!("directory index of \"{file}\" is forbidden");
                    let code = if self.kind == Kind::Nginx { 403 } else { 404 };
                    return self.problem(code, Some(why));
                }
            }
        }
        match world.files.read(&file) {
            Ok(body) => {
                let changed = world.files.metadata(&file).map_or(0, |m| m.modified_ms);
                let changed = Time(changed as i64 * 1000);
                let extra = format!(
                    "Last-Modified: {}\r\nETag: \"{:x}-{:x}\"\r\nAccept-Ranges: bytes\r\n",
                    http::date(changed),
                    changed.seconds(),
                    body.len()
                );
                let content_type = content_type(&file);
                Answer { code: 200, body: body.to_vec(), content_type, extra, error: None }
            }
            Err(error) => {
                let why = format!("open() \"{file}\" failed (2: {})", error.words());
                self.problem(404, Some(why))
            }
        }
    }

    fn problem(&self, code: u32, error: Option<String>) -> Answer {
        let title = format!("{code} {}", http::reason(code));
        let body = match self.kind {
            Kind::Nginx => format!(
                "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}\
                 </h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
            ),
            Kind::Busybox => format!(
                "<HTML><HEAD><TITLE>{title}</TITLE></HEAD>\n<BODY><H1>{title}</H1>\nThe requested \
                 URL was not found\n</BODY></HTML>\n"
            ),
        };
        let content_type = "text/html";
        Answer { code, body: body.into_bytes(), content_type, extra: String::new(), error }
    }
}

fn returned(code: u32, text: &str) -> Answer {
    let redirect = matches!(code, 301 | 302 | 303 | 307 | 308);
    let extra = if redirect { format!("Location: {text}\r\n") } else { String::new() };
    let body = if redirect { Vec::new() } else { text.as_bytes().to_vec() };
    Answer { code, body, content_type: "text/plain", extra, error: None }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html" | "htm") => "text/html",
        Some("txt") => "text/plain",
        Some("css") => "text/css",
        Some("js") => "application/javascript",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

fn busybox_site(argv: &[EcoString]) -> Site {
    let value = |flag: &str| {
        let at = argv.iter().position(|word| word.starts_with(flag))?;
        let rest = argv[at].strip_prefix(flag).unwrap_or_default();
        match rest.is_empty() {
            true => argv.get(at + 1).map(|word| word.to_string()),
            false => Some(rest.to_string()),
        }
    };
    let port = value("-p").unwrap_or_default();
    let port = port.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(80);
    let root = value("-h").unwrap_or_else(|| ".".into());
    let root = if root == "." { String::new() } else { root };
    Site { ports: vec![port], root: root.into(), ..Site::default() }
}
// What nginx needs and only root may write to in its image.
const NEEDED: [&str; 2] = ["/var/cache/nginx", "/var/run"];

// The image is made for root: another user gets no further than here, in words of its own.
fn refusal(world: &World) -> Option<String> {
    let user = world.files.user;
    let may = |path: &str| {
        world.files.metadata(path).is_ok_and(|found| user.may(WRITE | EXECUTE, &found))
    };
    if user.is_root() || NEEDED.iter().all(|path| may(path)) {
        return None;
    }
    Some(format!(
        "not simulated here yet: what nginx prints as user {}. The real image stops here too, \
         because it cannot write to {}; mount an emptyDir at each, or run it as root.\n",
        user.uid,
        NEEDED.join(" and "),
    ))
}
