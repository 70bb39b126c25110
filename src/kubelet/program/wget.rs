//! wget of busybox.

use crate::api::time::{Duration, Time};
use crate::api::value::EcoString;
use crate::script::files::{FileSystem, absolute};
use crate::script::{Io, Poll};

use super::World;
use super::dial;
use super::http::Response;
use super::stand_in::until;
use crate::kubelet::net::{ConnectionId, Dial, End, Net};

/// A download.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fetch {
    argv: Vec<EcoString>,
    options: Option<Options>,
    state: State,
    redirects: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Options {
    quiet: bool,
    server_response: bool,
    spider: bool,
    output: Option<String>,
    directory: Option<String>,
    agent: String,
    headers: Vec<String>,
    post: Option<String>,
    timeout: Option<u64>,
    url: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State {
    Start,
    // Nobody answers, until then.
    Silent(Option<Time>),
    Waits { id: ConnectionId, received: Vec<u8>, until: Option<Time> },
}

/// What a URL consists of.
struct Url<'a> {
    host: &'a str,
    port: u16,
    path: String,
    authority: &'a str,
}

impl Fetch {
    /// `wget -qO- http://web-0.nginx`
    pub fn new(argv: &[EcoString]) -> Self {
        Fetch { argv: argv.to_vec(), options: None, state: State::Start, redirects: 0 }
    }

    /// Lets go of its connection.
    pub fn release(&mut self, net: &mut Net) {
        if let State::Waits { id, .. } = self.state {
            net.drop_end(id, End::Client);
        }
    }

    /// Lets it run.
    pub fn poll(&mut self, world: &mut World, io: &mut Io) -> Poll {
        let options = match &self.options {
            Some(options) => options.clone(),
            None => match options(&self.argv) {
                Ok(options) => options,
                Err(complaint) => {
                    io.output.err(&complaint);
                    return Poll::Exited(1);
                }
            },
        };
        self.options = Some(options.clone());
        if self.state == State::Start
            && let Some(code) = self.connect(world, io, &options)
        {
            return Poll::Exited(code);
        }
        self.wait(world, io, &options)
    }

    fn connect(&mut self, world: &mut World, io: &mut Io, options: &Options) -> Option<i32> {
        let Some(url) = url(&options.url) else {
            io.output.err(&format!("wget: not an http or ftp url: {}\n", options.url));
            return Some(1);
        };
        let addresses = dial::resolve(world, url.host);
        let index = world.choice.below(addresses.len() as u64) as usize;
        let Some(address) = addresses.get(index) else {
            io.output.err(&format!("wget: bad address '{}'\n", url.authority));
            return Some(1);
        };
        if !options.quiet {
            let text = format!("Connecting to {} ({address}:{})\n", url.authority, url.port);
            io.output.err(&text);
        }
        let deadline = options.timeout.map(|s| world.now.after(Duration::from_secs(s)));
        let (net, mut dialer) = world.dialer();
        match net.dial(&mut dialer, address, url.port) {
            Dial::Connected(id) => {
                net.write(id, End::Client, request(options, &url).as_bytes());
                self.state = State::Waits { id, received: Vec::new(), until: deadline };
                None
            }
            Dial::Refused => {
                let why = "Connection refused";
                io.output.err(&format!("wget: can't connect to remote host ({address}): {why}\n"));
                Some(1)
            }
            Dial::Silent => {
                self.state = State::Silent(deadline);
                None
            }
        }
    }

    fn wait(&mut self, world: &mut World, io: &mut Io, options: &Options) -> Poll {
        let deadline = match &mut self.state {
            State::Start => None,
            State::Silent(at) => *at,
            State::Waits { id, received, until } => {
                let (bytes, closed) = world.net.read(*id, End::Client);
                received.extend(bytes);
                let whole = Response::parse(received, closed);
                let (id, until) = (*id, *until);
                if let Some(response) = whole {
                    world.net.drop_end(id, End::Client);
                    return self.done(world, io, options, &response);
                }
                if closed {
                    world.net.drop_end(id, End::Client);
                    io.output.err("wget: error getting response: Connection reset by peer\n");
                    return Poll::Exited(1);
                }
                until
            }
        };
        if deadline.is_some_and(|at| at <= world.now) {
            self.release(world.net);
            io.output.err("wget: download timed out\n");
            return Poll::Exited(1);
        }
        Poll::Running { until: deadline.map(until) }
    }

    fn done(
        &mut self,
        world: &mut World,
        io: &mut Io,
        options: &Options,
        response: &Response,
    ) -> Poll {
        if options.server_response {
            let mut text = format!("  {}\n", response.status_line);
            for (name, value) in &response.headers {
                text.push_str(&format!("  {name}: {value}\n"));
            }
            io.output.err(&format!("{text}  \n"));
        }
        if let (301 | 302 | 303 | 307 | 308, Some(target)) =
            (response.code, response.header("Location"))
            && self.redirects < 5
        {
            self.redirects += 1;
            let mut options = options.clone();
            options.url = target.to_string();
            self.options = Some(options);
            self.state = State::Start;
            return self.poll(world, io);
        }
        if response.code >= 400 {
            io.output.err(&format!("wget: server returned error: {}\n", response.status_line));
            return Poll::Exited(1);
        }
        Poll::Exited(save(world, io, options, &response.body))
    }
}

fn request(options: &Options, url: &Url) -> String {
    let method = match (options.spider, &options.post) {
        (true, _) => "HEAD",
        (false, Some(_)) => "POST",
        (false, None) => "GET",
    };
    let mut text = format!(
        "{method} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\nConnection: close\r\n",
        url.path, url.authority, options.agent
    );
    for header in &options.headers {
        text.push_str(&format!("{header}\r\n"));
    }
    match &options.post {
        Some(body) => {
            let length = body.len();
            text.push_str(&format!(
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \
                 {length}\r\n\r\n{body}"
            ));
        }
        None => text.push_str("\r\n"),
    }
    text
}

fn save(world: &mut World, io: &mut Io, options: &Options, body: &[u8]) -> i32 {
    if options.spider {
        if !options.quiet {
            io.output.err("remote file exists\n");
        }
        return 0;
    }
    let last = options.url.rsplit('/').next().unwrap_or_default();
    let has_path = options.url.trim_start_matches("http://").contains('/');
    let name = if last.is_empty() || !has_path { "index.html" } else { last };
    let target = match (&options.output, &options.directory) {
        (Some(output), _) => output.clone(),
        (None, Some(directory)) => format!("{directory}/{name}"),
        (None, None) => name.to_string(),
    };
    if target == "-" {
        if !options.quiet {
            io.output.err("writing to stdout\n");
        }
        io.output.write(crate::script::Stream::Out, body);
        if !options.quiet {
            io.output.err(&progress("-", body.len()));
            io.output.err("written to stdout\n");
        }
        return 0;
    }
    let path = absolute("/", &target);
    let now = world.now_ms();
    if options.output.is_none() && world.files.exists(&path) {
        io.output.err(&format!("wget: can't open '{target}': File exists\n"));
        return 1;
    }
    if let Err(error) = world.files.write(&path, body, now) {
        io.output.err(&format!("wget: can't open '{target}': {}\n", error.words()));
        return 1;
    }
    if !options.quiet {
        io.output.err(&format!("saving to '{target}'\n"));
        io.output.err(&progress(&target, body.len()));
        io.output.err(&format!("'{target}' saved\n"));
    }
    0
}

// The bar that busybox ends with.
fn progress(name: &str, bytes: usize) -> String {
    let bar = "*".repeat(32);
    format!("{name:<20.20} 100% |{bar}| {bytes:>5}  0:00:00 ETA\n")
}

fn url(text: &str) -> Option<Url<'_>> {
    let rest = match text.split_once("://") {
        Some(("http", rest)) => rest,
        Some(_) => return None,
        None => text,
    };
    let (authority, path) = match rest.find(['/', '?', '#']) {
        Some(at) => (&rest[..at], &rest[at..]),
        None => (rest, ""),
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, 80),
    };
    let slash = if path.starts_with('/') { "" } else { "/" };
    let path = format!("{slash}{}", path.split('#').next().unwrap_or_default());
    (!host.is_empty()).then_some(Url { host, port, path, authority })
}

fn options(argv: &[EcoString]) -> Result<Options, String> {
    let mut found = Options {
        quiet: false,
        server_response: false,
        spider: false,
        output: None,
        directory: None,
        agent: "Wget".into(),
        headers: Vec::new(),
        post: None,
        timeout: None,
        url: String::new(),
    };
    let mut words = argv.iter().skip(1).map(|word| word.to_string());
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            long_option(&mut found, long, &mut words)?;
            continue;
        }
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            found.url = word;
            continue;
        };
        let mut rest = letters.chars();
        while let Some(letter) = rest.next() {
            if !"OPUTtYo".contains(letter) {
                match letter {
                    'q' => found.quiet = true,
                    'S' => found.server_response = true,
                    'c' => {}
                    _ => return Err(usage(&format!("unrecognized option: {letter}"))),
                }
                continue;
            }
            let attached: String = rest.by_ref().collect();
            let value = if attached.is_empty() { words.next() } else { Some(attached) };
            let Some(value) = value else {
                return Err(usage(&format!("option requires an argument: {letter}")));
            };
            match letter {
                'O' => found.output = Some(value),
                'P' => found.directory = Some(value),
                'U' => found.agent = value,
                'T' => found.timeout = value.parse().ok(),
                _ => {}
            }
        }
    }
    if found.url.is_empty() {
        return Err(usage("missing URL"));
    }
    Ok(found)
}

fn long_option(
    found: &mut Options,
    long: &str,
    words: &mut impl Iterator<Item = String>,
) -> Result<(), String> {
    let (name, attached) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value.to_string())),
        None => (long, None),
    };
    match name {
        "quiet" => found.quiet = true,
        "server-response" => found.server_response = true,
        "spider" => found.spider = true,
        "no-check-certificate" | "continue" => {}
        "output-document" | "header" | "post-data" | "timeout" | "user-agent" | "tries" => {
            let Some(value) = attached.or_else(|| words.next()) else {
                return Err(usage(&format!("option requires an argument: {name}")));
            };
            match name {
                "output-document" => found.output = Some(value),
                "header" => found.headers.push(value),
                "post-data" => found.post = Some(value),
                "timeout" => found.timeout = value.parse().ok(),
                "user-agent" => found.agent = value,
                _ => {}
            }
        }
        _ => return Err(usage(&format!("unrecognized option: {name}"))),
    }
    Ok(())
}

fn usage(why: &str) -> String {
    match why {
        "missing URL" => "BusyBox v1.35.0 multi-call binary.\n\nUsage: wget [-cqS] [--spider] [-O \
                          FILE] [-o LOGFILE] [--header STR]\n"
            .into(),
        why => format!("wget: {why}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let parts = |text| url(text).map(|u| (u.host.to_string(), u.port, u.path));
        assert_eq!(parts("web-0.nginx"), Some(("web-0.nginx".into(), 80, "/".into())));
        assert_eq!(parts("http://a:8080/b?c"), Some(("a".into(), 8080, "/b?c".into())));
        assert_eq!(parts("https://a"), None);
    }

    #[test]
    fn options_may_be_written_together() {
        let argv: Vec<EcoString> = ["wget", "-qO-", "-T", "3", "x"].map(Into::into).to_vec();
        let found = options(&argv).expect("right");
        let short = (found.quiet, found.output.as_deref(), found.timeout, found.url.as_str());
        assert_eq!(short, (true, Some("-"), Some(3), "x"));
    }
}
