//! The network between Pods: who listens, who is connected, and what is under way.
//!
//! Models what kube-proxy and the CNI plugin make of Pods and Services: cluster IPs and node
//! ports lead to ready endpoints, headless names straight to Pods. Packets take no time, and
//! NetworkPolicy is left out.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

use imbl::{OrdMap, Vector};

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::chance::Choice;
use crate::client::Lister;
use crate::dns::cache::Cache;
use crate::script::host::Pipe;

use super::rare::Rare;

/// Names a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(u64);

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// Who asked for it.
    Client,
    /// Who listened.
    Server,
}

/// A Pod on a node, to be woken when something arrives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    /// The node.
    pub node: EcoString,
    /// The Pod's uid.
    pub pod: EcoString,
}

/// A TCP connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Connection {
    to_server: Pipe,
    to_client: Pipe,
    client: Owner,
    server: Owner,
    peer: EcoString,
    // Ends that were dropped.
    dropped: (bool, bool),
}

/// A socket that is listened on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listener {
    owner: Owner,
    waiting: Rare<VecDeque<ConnectionId>>,
}

// Who waits, without how many they are: what states have always been hashed by.
impl Hash for Listener {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.owner.hash(state);
        self.waiting.iter().for_each(|id| id.hash(state));
    }
}

/// All sockets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Net {
    listeners: OrdMap<(EcoString, u16), Listener>,
    connections: OrdMap<ConnectionId, Connection>,
    next: u64,
    // Which endpoint a client was led to last, for session affinity.
    affinity: OrdMap<(EcoString, EcoString), EcoString>,
    // Pods for which something has arrived.
    woken: Vector<Owner>,
    // What the name server keeps of its answers, if it has a cache.
    names: Option<Cache>,
}

/// What became of the wish to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dial {
    /// It is connected.
    Connected(ConnectionId),
    /// Nobody listens there.
    Refused,
    /// Nobody answers.
    Silent,
}

impl Net {
    /// Gives the name server a cache, or takes it away with all that it keeps.
    pub fn set_name_cache(&mut self, on: bool) {
        self.names = on.then(|| self.names.take().unwrap_or_default());
    }

    /// The name server's cache, if it has one.
    pub fn name_cache(&self) -> Option<&Cache> {
        self.names.as_ref()
    }

    /// The same, to be written to.
    pub fn name_cache_mut(&mut self) -> Option<&mut Cache> {
        self.names.as_mut()
    }
}

/// Who dials, and what the network knows.
pub struct Dialer<'a> {
    /// The client.
    pub owner: Owner,
    /// Its address.
    pub address: EcoString,
    /// All objects.
    pub lister: Lister<'a>,
    /// Chance, for the choice of an endpoint.
    pub choice: &'a mut Choice,
}

impl Net {
    /// Begins to listen; false if the address is in use.
    pub fn listen(&mut self, owner: &Owner, address: &str, port: u16) -> bool {
        let key = (EcoString::from(address), port);
        if self.listeners.contains_key(&key) {
            return false;
        }
        self.listeners.insert(key, Listener { owner: owner.clone(), waiting: Rare::default() });
        true
    }

    /// Whether somebody listens.
    pub fn listens(&self, address: &str, port: u16) -> bool {
        self.listeners.contains_key(&(address.into(), port))
    }

    /// The ports listened on at an address.
    pub fn ports(&self, address: &str) -> Vec<u16> {
        let start = (EcoString::from(address), 0);
        let range = self.listeners.range(start..).take_while(|((a, _), _)| a == address);
        range.map(|((_, port), _)| *port).collect()
    }

    /// Ends listening; connections that wait are dropped.
    pub fn unlisten(&mut self, address: &str, port: u16) {
        let Some(listener) = self.listeners.remove(&(address.into(), port)) else { return };
        for id in listener.waiting.iter().copied() {
            self.drop_end(id, End::Server);
        }
    }

    /// The next connection that waits to be accepted, with the client's address.
    pub fn accept(&mut self, address: &str, port: u16) -> Option<(ConnectionId, EcoString)> {
        let listener = self.listeners.get_mut(&(address.into(), port))?;
        let id = listener.waiting.pop_front()?;
        let peer = self.connections.get(&id).map(|c| c.peer.clone()).unwrap_or_default();
        Some((id, peer))
    }

    /// Whether a connection waits to be accepted.
    pub fn has_waiting(&self, address: &str, port: u16) -> bool {
        let listener = self.listeners.get(&(address.into(), port));
        listener.is_some_and(|listener| !listener.waiting.is_empty())
    }

    /// Connects to an address and port.
    pub fn dial(&mut self, dialer: &mut Dialer, address: &str, port: u16) -> Dial {
        let own = address.starts_with("127.") || address == "0.0.0.0" || address == "::1";
        let address = if own { dialer.address.clone() } else { address.into() };
        let (address, port) = match route(self, dialer, &address, port) {
            Route::To(address, port) => (address, port),
            Route::Refused => return Dial::Refused,
            Route::Silent => return Dial::Silent,
        };
        let id = ConnectionId(self.next);
        let Some(listener) = self.listeners.get_mut(&(address.clone(), port)) else {
            return if is_alive(dialer.lister, &address) { Dial::Refused } else { Dial::Silent };
        };
        self.next += 1;
        listener.waiting.push_back(id);
        let server = listener.owner.clone();
        self.woken.push_back(server.clone());
        let client = dialer.owner.clone();
        let (to_server, to_client) = (Pipe::default(), Pipe::default());
        let peer = dialer.address.clone();
        let dropped = (false, false);
        let connection = Connection { to_server, to_client, client, server, peer, dropped };
        self.connections.insert(id, connection);
        Dial::Connected(id)
    }

    /// Writes to a connection; false if nobody reads there any more.
    pub fn write(&mut self, id: ConnectionId, end: End, bytes: &[u8]) -> bool {
        let Some(connection) = self.connections.get_mut(&id) else { return false };
        let (pipe, gone, reader) = match end {
            End::Client => {
                (&mut connection.to_server, connection.dropped.1, connection.server.clone())
            }
            End::Server => {
                (&mut connection.to_client, connection.dropped.0, connection.client.clone())
            }
        };
        if gone {
            return false;
        }
        pipe.push(bytes);
        self.woken.push_back(reader);
        true
    }

    /// Takes what has arrived, and whether the other end has closed.
    pub fn read(&mut self, id: ConnectionId, end: End) -> (Vec<u8>, bool) {
        let Some(connection) = self.connections.get_mut(&id) else { return (Vec::new(), true) };
        let pipe = match end {
            End::Client => &mut connection.to_client,
            End::Server => &mut connection.to_server,
        };
        (pipe.take_all(), pipe.closed)
    }

    /// How much has arrived, and whether the other end has closed.
    pub fn peek(&self, id: ConnectionId, end: End) -> (usize, bool) {
        let Some(connection) = self.connections.get(&id) else { return (0, true) };
        let pipe = match end {
            End::Client => &connection.to_client,
            End::Server => &connection.to_server,
        };
        (pipe.len(), pipe.closed)
    }

    /// Ends writing at this end.
    pub fn close(&mut self, id: ConnectionId, end: End) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let (pipe, reader) = match end {
            End::Client => (&mut connection.to_server, connection.server.clone()),
            End::Server => (&mut connection.to_client, connection.client.clone()),
        };
        pipe.closed = true;
        self.woken.push_back(reader);
    }

    /// Lets go of this end.
    pub fn drop_end(&mut self, id: ConnectionId, end: End) {
        self.close(id, end);
        let Some(connection) = self.connections.get_mut(&id) else { return };
        match end {
            End::Client => connection.dropped.0 = true,
            End::Server => connection.dropped.1 = true,
        }
        if connection.dropped == (true, true) {
            self.connections.remove(&id);
        }
    }

    /// The Pods for which something has arrived since the last call.
    pub fn take_woken(&mut self) -> Vec<Owner> {
        let mut woken: Vec<Owner> = std::mem::take(&mut self.woken).into_iter().collect();
        woken.sort();
        woken.dedup();
        woken
    }
}

enum Route {
    To(EcoString, u16),
    Refused,
    Silent,
}

// Where a destination leads: a Service's address or a node's port to an endpoint, else itself.
fn route(net: &mut Net, dialer: &mut Dialer, address: &str, port: u16) -> Route {
    for service in dialer.lister.all(Kind::Service) {
        let spec = service.spec();
        let ports = spec.get("ports").items();
        let number = |p: &Value, field: &str| p.get(field).as_i64() == Some(port.into());
        if spec.get("clusterIP").str() == address {
            let is_local = spec.get("internalTrafficPolicy").str() == "Local";
            let only_on = is_local.then(|| dialer.owner.node.clone());
            return match ports.iter().find(|p| number(p, "port")) {
                Some(found) => endpoint(net, dialer, service, found, only_on),
                None => Route::Silent,
            };
        }
        let is_external = spec.get("externalIPs").items().iter().any(|ip| ip.str() == address);
        if let Some(found) = ports.iter().find(|p| is_external && number(p, "port")) {
            return endpoint(net, dialer, service, found, None);
        }
        if let Some(found) = ports.iter().find(|p| number(p, "nodePort"))
            && let Some(node) = node_at(dialer.lister, address)
        {
            // From its own Pods a node takes all endpoints, whatever the policy says.
            let is_local = spec.get("externalTrafficPolicy").str() == "Local";
            let only_on = (is_local && dialer.owner.node != node).then(|| node.into());
            return endpoint(net, dialer, service, found, only_on);
        }
    }
    Route::To(address.into(), port)
}

// kube-proxy: a random endpoint of the Service, or none. Without any a connection is refused;
// with some, but none on the node that a policy names, it is dropped.
fn endpoint(
    net: &mut Net,
    dialer: &mut Dialer,
    service: &Object,
    port: &Value,
    only_on: Option<EcoString>,
) -> Route {
    let mut found = endpoints(dialer.lister, service, port.get("name").str());
    if found.is_empty() {
        return Route::Refused;
    }
    if let Some(node) = only_on {
        found.retain(|endpoint| endpoint.node == node);
    }
    let sticky = service.path(&["spec", "sessionAffinity"]).str() == "ClientIP";
    let key = (EcoString::from(service.uid()), dialer.address.clone());
    let last = net.affinity.get(&key).filter(|_| sticky);
    let kept = last.and_then(|last| found.iter().find(|endpoint| endpoint.address == *last));
    let chosen = match kept {
        Some(kept) => Some(kept),
        None if found.is_empty() => None,
        None => found.get(dialer.choice.below(found.len() as u64) as usize),
    };
    let Some(chosen) = chosen else { return Route::Silent };
    if sticky {
        net.affinity.insert(key, chosen.address.clone());
    }
    Route::To(chosen.address.clone(), chosen.port)
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Endpoint {
    address: EcoString,
    port: u16,
    node: EcoString,
}

// Models CategorizeEndpoints in pkg/proxy/topology.go: those that are ready, or, without any,
// those that still serve while they are being deleted.
fn endpoints(lister: Lister, service: &Object, port_name: &str) -> Vec<Endpoint> {
    let (mut ready, mut ending) = (Vec::new(), Vec::new());
    for slice in lister.in_namespace(Kind::EndpointSlice, service.namespace()) {
        if slice.label("kubernetes.io/service-name") != Some(service.name()) {
            continue;
        }
        let ports = slice.path(&["ports"]).items();
        let port = ports.iter().find(|p| p.get("name").str() == port_name);
        let Some(port) = port.and_then(|p| p.get("port").as_i64()) else { continue };
        let Ok(port) = u16::try_from(port) else { continue };
        for endpoint in slice.path(&["endpoints"]).items() {
            let says = |condition: &str| endpoint.path(&["conditions", condition]).as_bool();
            let list = match says("ready") != Some(false) {
                true => &mut ready,
                false if says("serving") == Some(true) && says("terminating") == Some(true) => {
                    &mut ending
                }
                false => continue,
            };
            let address = endpoint.get("addresses").at(0).str().into();
            list.push(Endpoint { address, port, node: endpoint.get("nodeName").str().into() });
        }
    }
    let mut found = if ready.is_empty() { ending } else { ready };
    found.sort();
    found.dedup();
    found
}

// The name of the node with an address.
fn node_at<'a>(lister: Lister<'a>, address: &str) -> Option<&'a str> {
    let has = |node: &&Object| {
        let addresses = node.path(&["status", "addresses"]).items();
        addresses.iter().any(|a| a.get("address").str() == address)
    };
    lister.all(Kind::Node).find(has).map(Object::name)
}

/// Whether a Pod or node answers at this address at all.
pub fn is_alive(lister: Lister, address: &str) -> bool {
    let ended = |pod: &Object| super::worker::has_ended(pod);
    node_at(lister, address).is_some()
        || lister
            .all(Kind::Pod)
            .any(|pod| pod.path(&["status", "podIP"]).str() == address && !ended(pod))
}
