//! `--as`: acting as somebody who has been given nothing.
//!
//! Models impersonation (`k8s.io/apiserver/pkg/endpoints/filters`) against a cluster whose only
//! role bindings are its own: the administrator may do everything, anybody else only look at what
//! kinds there are.

use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::time::Time;
use crate::api::value::EcoString;
use crate::apiserver::request::{Request, Response};
use crate::apiserver::watch::WatchEvent;
use crate::client::{Client, node};

use super::invocation::Invocation;

/// The user of the kubeconfig.
pub const ADMINISTRATOR: &str = "kubernetes-admin";

/// Whom `--as` names, if it is somebody who may do nothing.
pub fn stranger(invocation: &Invocation) -> Option<EcoString> {
    let user = invocation.text("as");
    let groups = invocation.list("as-group");
    let masters = groups.iter().any(|group| group == "system:masters");
    (!user.is_empty() && user != ADMINISTRATOR && !masters).then(|| user.into())
}

/// A connection on which everything is refused.
pub struct Impersonated<'a> {
    /// The administrator's connection.
    pub client: &'a mut dyn Client,
    /// Who asks.
    pub user: &'a str,
}

/// What is asked for, as the authorizer sees it.
struct Attributes<'a> {
    verb: &'a str,
    kind: Kind,
    subresource: &'a str,
    namespace: &'a str,
    name: &'a str,
}

impl Impersonated<'_> {
    /// Models responsewriters.Forbidden.
    fn refusal(&self, asked: &Attributes) -> Status {
        let resource = asked.kind.resource();
        let mut plural = String::from(resource.plural);
        if !asked.subresource.is_empty() {
            plural = format!("{plural}/{}", asked.subresource);
        }
        // A namespace counts as being in itself.
        let namespace = match asked.kind {
            Kind::Namespace => asked.name,
            _ => asked.namespace,
        };
        let place = match namespace {
            "" => "at the cluster scope".into(),
            namespace => format!("in the namespace {namespace:?}"),
        };
        let why = format!(
            "User {:?} cannot {} resource {plural:?} in API group {:?} {place}",
            self.user, asked.verb, resource.group
        );
        let qualified = resource.qualified_plural();
        match asked.name {
            "" => {
                let message = format!("{qualified} is forbidden: {why}");
                Status::new(403, "Forbidden", message)
            }
            name => Status::forbidden(&qualified, name, &why),
        }
    }

    fn on_pod(&self, pod: &crate::api::object::ObjectKey, verb: &str, what: &str) -> Status {
        self.refusal(&Attributes {
            verb,
            kind: Kind::Pod,
            subresource: what,
            namespace: &pod.namespace,
            name: &pod.name,
        })
    }
}

impl Client for Impersonated<'_> {
    fn now(&self) -> Time {
        self.client.now()
    }

    fn request(&mut self, request: &Request) -> Result<Response, Status> {
        let verb = request.verb.name();
        let name = if matches!(verb, "list" | "create") { "" } else { &request.key.name };
        Err(self.refusal(&Attributes {
            verb,
            kind: request.key.kind,
            subresource: &request.subresource,
            namespace: &request.key.namespace,
            name,
        }))
    }

    fn revision(&self) -> u64 {
        self.client.revision()
    }

    fn events_since(&self, revision: u64) -> Vec<WatchEvent> {
        self.client.events_since(revision)
    }

    fn exec(&mut self, request: &node::ExecRequest) -> Result<node::StreamId, Status> {
        Err(self.on_pod(&request.pod, "create", "exec"))
    }

    fn attach(&mut self, request: &node::AttachRequest) -> Result<node::StreamId, Status> {
        Err(self.on_pod(&request.pod, "create", "attach"))
    }

    fn stream(&mut self, id: node::StreamId, input: node::Input) -> node::Output {
        self.client.stream(id, input)
    }

    fn close(&mut self, id: node::StreamId) {
        self.client.close(id);
    }

    fn logs(&mut self, request: &node::LogRequest) -> Result<node::Log, Status> {
        Err(self.on_pod(&request.pod, "get", "log"))
    }
}
