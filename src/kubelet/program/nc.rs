//! nc of busybox and ncat: a listener or client that passes bytes on; telnet, which only does that.
//!
//! Models busybox's `networking/nc_bloaty.c` and `networking/telnet.c`.

use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::script::{Io, Output, Poll, Run, Stream};

use super::World;
use super::dial;
use super::stand_in::until;
use crate::kubelet::net::{ConnectionId, Dial, End, Net};

/// A running nc.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Netcat {
    name: EcoString,
    options: Result<Options, EcoString>,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Options {
    listen: bool,
    // Goes on listening after a connection.
    keep: bool,
    port: u16,
    host: EcoString,
    // What is run for each connection.
    command: Vec<EcoString>,
    scan: bool,
    // How often `-v` was said.
    verbose: u8,
    timeout: Option<u64>,
    receive_only: bool,
    send_only: bool,
    // It is telnet: it tells of its connection, and ends with its input.
    telnet: bool,
}

// So long the system tries to connect (`tcp_syn_retries`).
const CONNECT_SECONDS: u64 = 127;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State {
    Start,
    Listens,
    // A command runs for a connection.
    Serves(ConnectionId),
    Talks { id: ConnectionId, end: End, sent_all: bool },
    Silent(Option<Time>),
}

impl Netcat {
    /// `nc -l -p 3307`, `nc host 3307`
    pub fn new(argv: &[EcoString]) -> Self {
        let name: EcoString = super::base_name(argv.first().map_or("nc", |n| n)).into();
        Netcat { options: options(argv), name, state: State::Start }
    }

    /// Lets go of its sockets.
    pub fn release(&mut self, net: &mut Net, address: &str) {
        match &self.state {
            State::Listens | State::Serves(_) => {
                if let Ok(options) = &self.options {
                    net.unlisten(address, options.port);
                }
                if let State::Serves(id) = self.state {
                    net.drop_end(id, End::Server);
                }
            }
            State::Talks { id, end, .. } => net.drop_end(*id, *end),
            State::Start | State::Silent(_) => {}
        }
    }

    /// Lets it run.
    pub fn poll(&mut self, world: &mut World, io: &mut Io) -> Poll {
        let options = match &self.options {
            Ok(options) => options.clone(),
            Err(complaint) => {
                io.output.err(complaint);
                return Poll::Exited(1);
            }
        };
        match self.state.clone() {
            State::Start if options.listen => self.listen(world, io, &options),
            State::Start => self.connect(world, io, &options),
            State::Listens => self.accept(world, &options, io),
            State::Serves(id) => self.served(world, io, id, &options),
            State::Talks { id, end, sent_all } => {
                self.talk(world, io, &options, (id, end, sent_all))
            }
            State::Silent(at) if at.is_some_and(|at| at <= world.now) && options.telnet => {
                let addresses = dial::resolve(world, &options.host);
                let address = addresses.first().cloned().unwrap_or_default();
                let why = "Connection timed out";
                io.output
                    .err(&format!("telnet: can't connect to remote host ({address}): {why}\n"));
                Poll::Exited(1)
            }
            State::Silent(at) if at.is_some_and(|at| at <= world.now) => {
                if options.verbose > 0 {
                    let (name, host, port) = (&self.name, &options.host, options.port);
                    let addresses = dial::resolve(world, host);
                    let address = addresses.first().cloned().unwrap_or_default();
                    let why = "Connection timed out";
                    io.output.err(&format!("{name}: {host} ({address}:{port}): {why}\n"));
                }
                Poll::Exited(1)
            }
            State::Silent(at) => Poll::Running { until: at.map(until) },
        }
    }

    fn listen(&mut self, world: &mut World, io: &mut Io, options: &Options) -> Poll {
        if !world.net.listen(world.owner, world.address, options.port) {
            io.output.err(&format!("{}: bind: Address already in use\n", self.name));
            return Poll::Exited(1);
        }
        self.state = State::Listens;
        Poll::Running { until: None }
    }

    fn accept(&mut self, world: &mut World, options: &Options, io: &mut Io) -> Poll {
        let Some((id, _)) = world.net.accept(world.address, options.port) else {
            return Poll::Running { until: None };
        };
        if options.command.is_empty() {
            if !options.keep {
                world.net.unlisten(world.address, options.port);
            }
            self.state = State::Talks { id, end: End::Server, sent_all: false };
            return self.poll(world, io);
        }
        self.state = State::Serves(id);
        let (stdin, _) = world.net.read(id, End::Server);
        let argv = options.command.clone();
        Poll::Run(Run { argv, env: None, stdin: Some(stdin), capture: true })
    }

    fn served(
        &mut self,
        world: &mut World,
        io: &mut Io,
        id: ConnectionId,
        options: &Options,
    ) -> Poll {
        let Some(finished) = io.finished.take() else { return Poll::Running { until: None } };
        let Output(parts) = finished.output;
        for (stream, bytes) in parts {
            match stream {
                Stream::Out => drop(world.net.write(id, End::Server, &bytes)),
                Stream::Err => io.output.write(Stream::Err, &bytes),
            }
        }
        world.net.drop_end(id, End::Server);
        if !options.keep {
            world.net.unlisten(world.address, options.port);
            return Poll::Exited(finished.code);
        }
        self.state = State::Listens;
        self.accept(world, options, io)
    }

    fn connect(&mut self, world: &mut World, io: &mut Io, options: &Options) -> Poll {
        let addresses = dial::resolve(world, &options.host);
        let Some(address) = addresses.first() else {
            io.output.err(&format!("{}: bad address '{}'\n", self.name, options.host));
            return Poll::Exited(1);
        };
        let deadline = options.timeout.map(|s| world.now.after(Duration::from_secs(s)));
        let (net, mut dialer) = world.dialer();
        match net.dial(&mut dialer, address, options.port) {
            Dial::Connected(id) => {
                if options.verbose > 0 {
                    let (host, port) = (&options.host, options.port);
                    io.output.err(&format!("{host} ({address}:{port}) open\n"));
                }
                if options.scan {
                    net.drop_end(id, End::Client);
                    return Poll::Exited(0);
                }
                if options.telnet {
                    io.output.out(&format!("Connected to {}\n", options.host));
                }
                self.state = State::Talks { id, end: End::Client, sent_all: false };
                self.poll(world, io)
            }
            Dial::Refused if options.telnet => {
                let why = "Connection refused";
                io.output
                    .err(&format!("telnet: can't connect to remote host ({address}): {why}\n"));
                Poll::Exited(1)
            }
            Dial::Refused => {
                // Ports that are closed are no news while one scans.
                if options.verbose > 1 {
                    let (name, host, port) = (&self.name, &options.host, options.port);
                    let why = "Connection refused";
                    io.output.err(&format!("{name}: {host} ({address}:{port}): {why}\n"));
                }
                Poll::Exited(1)
            }
            Dial::Silent => {
                self.state = State::Silent(deadline);
                Poll::Running { until: deadline.map(until) }
            }
        }
    }

    fn talk(
        &mut self,
        world: &mut World,
        io: &mut Io,
        options: &Options,
        (id, end, sent_all): (ConnectionId, End, bool),
    ) -> Poll {
        let mut sent_all = sent_all;
        if !sent_all {
            let bytes = io.stdin.take_all();
            if !bytes.is_empty() && !options.receive_only {
                world.net.write(id, end, &bytes);
            }
            if io.stdin.closed {
                sent_all = true;
                world.net.close(id, end);
            }
        }
        let (bytes, closed) = world.net.read(id, end);
        if !options.send_only {
            io.output.write(Stream::Out, &bytes);
        }
        if closed && options.telnet {
            io.output.out("Connection closed by foreign host\r\n");
        }
        if closed || (sent_all && (options.send_only || options.telnet)) {
            world.net.drop_end(id, end);
            // telnet takes it ill only if the other side ends the session.
            return Poll::Exited(i32::from(options.telnet && closed));
        }
        self.state = State::Talks { id, end, sent_all };
        Poll::Running { until: None }
    }
}

fn options(argv: &[EcoString]) -> Result<Options, EcoString> {
    let name = super::base_name(argv.first().map_or("nc", |n| n));
    let mut found = Options {
        listen: false,
        keep: false,
        port: 0,
        host: EcoString::new(),
        command: Vec::new(),
        scan: false,
        verbose: 0,
        timeout: None,
        receive_only: false,
        send_only: false,
        telnet: false,
    };
    if name == "telnet" {
        return telnet_options(argv, found);
    }
    let mut places = Vec::new();
    let mut words = argv.iter().skip(1);
    while let Some(word) = words.next() {
        let mut next = || words.next().cloned().unwrap_or_default();
        match word.as_str() {
            "-l" | "--listen" => found.listen = true,
            "-ll" | "-lk" | "-kl" => (found.listen, found.keep) = (true, true),
            "-k" | "--keep-open" => found.keep = true,
            "-p" => found.port = next().parse().unwrap_or(0),
            "-w" | "-i" | "--wait" => found.timeout = next().parse().ok(),
            "-z" => found.scan = true,
            "-v" | "-vv" => found.verbose += word.len() as u8 - 1,
            "-zv" | "-vz" => (found.scan, found.verbose) = (true, found.verbose + 1),
            "-zvv" | "-vvz" | "-vzv" => (found.scan, found.verbose) = (true, 2),
            "-n" | "-4" | "-N" => {}
            "-lp" => (found.listen, found.port) = (true, next().parse().unwrap_or(0)),
            "--recv-only" => found.receive_only = true,
            "--send-only" => found.send_only = true,
            "-c" | "--sh-exec" => found.command = vec!["sh".into(), "-c".into(), next()],
            // busybox runs all that follows.
            "-e" => found.command = words.by_ref().cloned().collect(),
            long if long.starts_with("--max-conns") => {}
            option if option.starts_with('-') && option.len() > 1 => {
                return Err(format!("{name}: unrecognized option: {option}\n").into());
            }
            _ => places.push(word.clone()),
        }
    }
    match (found.listen, places.as_slice()) {
        (true, [port]) if found.port == 0 => found.port = port.parse().unwrap_or(0),
        (true, [_, port]) if found.port == 0 => found.port = port.parse().unwrap_or(0),
        (false, [host, port]) => (found.host, found.port) = (host.clone(), number(port)),
        _ => {}
    }
    if found.port == 0 || (!found.listen && found.host.is_empty()) {
        return Err("BusyBox v1.35.0 multi-call binary.\n\nUsage: nc [OPTIONS] HOST PORT  - \
                    connect\nnc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen\n"
            .into());
    }
    Ok(found)
}

// `telnet [-a] [-l USER] HOST [PORT]`
fn telnet_options(argv: &[EcoString], mut found: Options) -> Result<Options, EcoString> {
    let mut places = Vec::new();
    let mut words = argv.iter().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-l" => drop(words.next()),
            option if option.starts_with('-') => {}
            place => places.push(place),
        }
    }
    (found.host, found.port) = match places.as_slice() {
        [host] => ((*host).into(), 23),
        [host, port] => ((*host).into(), number(port)),
        _ => (EcoString::new(), 0),
    };
    if found.host.is_empty() {
        return Err("BusyBox v1.35.0 multi-call binary.\n\nUsage: telnet [-a] [-l USER] HOST \
                    [PORT]\n\nConnect to telnet server\n\n\t-a\tAutomatic login with $USER \
                    variable\n\t-l USER\tAutomatic login as USER\n"
            .into());
    }
    if found.port == 0 {
        return Err("telnet: bad port spec\n".into());
    }
    (found.telnet, found.timeout) = (true, Some(CONNECT_SECONDS));
    Ok(found)
}

fn number(port: &str) -> u16 {
    port.parse().unwrap_or(0)
}
