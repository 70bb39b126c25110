//! Questions over the network: HTTP requests and TCP connections of probes and hooks.
//!
//! Models `pkg/probe/http`, `pkg/probe/tcp` and `pkg/probe/grpc`.

use crate::api::value::Value;

use super::net::{ConnectionId, Dial, Dialer, End, Owner};
use super::program::http::Response;
use super::spec::Place;
use super::worker::{Cx, Worker};

/// A question whose answer is under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    connection: Option<ConnectionId>,
    received: Vec<u8>,
    // What is said if no answer comes in time.
    late: String,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All is well.
    Yes,
    /// It is not, as the event says.
    No(String),
}

impl Ask {
    /// Looks whether the answer is there; `over` says that there is no more time.
    pub fn poll(mut self, cx: &mut Cx, over: bool) -> Result<Ask, Answer> {
        if let Some(id) = self.connection {
            let (bytes, closed) = cx.net.read(id, End::Client);
            self.received.extend(bytes);
            if let Some(response) = Response::parse(&self.received, closed) {
                cx.net.drop_end(id, End::Client);
                return Err(match response.code {
                    200..=399 => Answer::Yes,
                    code => Answer::No(format!("HTTP probe failed with statuscode: {code}")),
                });
            }
            if over || closed {
                cx.net.drop_end(id, End::Client);
                let late = if over { self.late } else { self.late.replace(LATE, "EOF") };
                return Err(Answer::No(late));
            }
        } else if over {
            return Err(Answer::No(self.late));
        }
        Ok(self)
    }
}

const LATE: &str = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";

/// A port by its number or by the name that the container gives it.
pub fn port_number(container: &Value, port: &Value) -> u16 {
    let number = match port {
        Value::Int(number) => *number,
        other => {
            let ports = container.get("ports").items();
            let named = ports.iter().find(|p| p.get("name").str() == other.str());
            let named = named.and_then(|p| p.get("containerPort").as_i64());
            named.or_else(|| other.str().parse().ok()).unwrap_or(0)
        }
    };
    u16::try_from(number).unwrap_or(0)
}

/// What is wrong with the port of a probe, if it names none.
///
/// Models pkg/probe/util.go ResolveContainerPort.
pub fn port_error(container: &Value, declared: &Value) -> Option<String> {
    let targets = ["httpGet", "tcpSocket"].map(|kind| declared.path(&[kind, "port"]));
    let port = targets.into_iter().find(|port| !port.is_null())?;
    match (port_number(container, port), port) {
        (1.., _) => None,
        (_, Value::String(name)) if name.parse::<i64>().is_err() => {
            Some(format!("strconv.Atoi: parsing {name:?}: invalid syntax"))
        }
        _ => Some(format!("invalid port number: {}", crate::api::go::json(port))),
    }
}

impl Worker {
    /// Asks what a probe or hook wants to know: `httpGet`, `tcpSocket` or `grpc`.
    pub fn ask(&mut self, cx: &mut Cx, place: Place, declared: &Value) -> Result<Ask, Answer> {
        let container = self.spec().container(place).clone();
        let http = declared.get("httpGet");
        let tcp = declared.get("tcpSocket");
        let (target, grpc) = match (http.is_null(), tcp.is_null()) {
            (false, _) => (http, false),
            (true, false) => (tcp, false),
            (true, true) => (declared.get("grpc"), true),
        };
        let own = self.address.clone().unwrap_or_default();
        let host = match target.get("host").str() {
            "" => own.as_str(),
            host => host,
        };
        let port = port_number(&container, target.get("port"));
        if grpc {
            let timeout = declared.get("timeoutSeconds").as_i64().unwrap_or(1);
            return Err(Answer::No(format!(
                "timeout: failed to connect service \"{host}:{port}\" within {timeout}s: context \
                 deadline exceeded"
            )));
        }
        let scheme = target.get("scheme").as_str().unwrap_or("HTTP").to_lowercase();
        let path = target.get("path").as_str().unwrap_or("/");
        let slash = if path.starts_with('/') { "" } else { "/" };
        let url = format!("{scheme}://{host}:{port}{slash}{path}");
        let prefix = if http.is_null() { String::new() } else { format!("Get \"{url}\": ") };
        // The kubelet's packets come from the node's end of the bridge.
        let gateway = own.rsplit_once('.').map_or(String::new(), |(net, _)| format!("{net}.1"));
        let owner = Owner { node: cx.node.name.clone(), pod: self.pod.uid_text() };
        let lister = cx.lister;
        let mut dialer = Dialer { owner, address: gateway.into(), lister, choice: cx.choice };
        let late = |why: &str| format!("{prefix}{why}");
        match cx.net.dial(&mut dialer, host, port) {
            Dial::Refused => Err(Answer::No(format!(
                "{prefix}dial tcp {host}:{port}: connect: connection refused"
            ))),
            Dial::Silent => Ok(Ask {
                connection: None,
                received: Vec::new(),
                late: late(&format!("dial tcp {host}:{port}: i/o timeout")),
            }),
            Dial::Connected(id) if http.is_null() => {
                cx.net.drop_end(id, End::Client);
                Err(Answer::Yes)
            }
            Dial::Connected(id) if scheme == "https" => {
                cx.net.drop_end(id, End::Client);
                let why = "http: server gave HTTP response to HTTPS client";
                Err(Answer::No(format!("{prefix}{why}")))
            }
            Dial::Connected(id) => {
                let request = request(target, &format!("{slash}{path}"), &format!("{host}:{port}"));
                cx.net.write(id, End::Client, request.as_bytes());
                self.woken = true;
                Ok(Ask { connection: Some(id), received: Vec::new(), late: late(LATE) })
            }
        }
    }
}

fn request(target: &Value, path: &str, host: &str) -> String {
    let headers = target.get("httpHeaders").items();
    let named =
        |name: &str| headers.iter().find(|h| h.get("name").str().eq_ignore_ascii_case(name));
    let host = named("Host").map_or(host, |header| header.get("value").str());
    let mut text = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n");
    if named("User-Agent").is_none() {
        text.push_str("User-Agent: kube-probe/1.37\r\n");
    }
    for header in headers.iter().filter(|h| !h.get("name").str().eq_ignore_ascii_case("Host")) {
        text.push_str(&format!("{}: {}\r\n", header.get("name").str(), header.get("value").str()));
    }
    text.push_str("Accept: */*\r\nConnection: close\r\n\r\n");
    text
}
