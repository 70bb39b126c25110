//! What a kubelet says about its node every ten seconds.
//!
//! Models `pkg/kubelet/kubelet_node_status.go` and the lease controller of
//! `k8s.io/component-helpers`. A status that has not changed is not written.

use imbl::OrdMap;

use crate::api::object::Object;
use crate::api::scheme::Kind;
use crate::api::time::{Duration, Time};
use crate::api::value::{EcoString, Value};
use crate::apiserver::request::{Actor, Patch, Request, Verb};
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::value;

use super::Output;

/// How often.
pub const INTERVAL: Duration = Duration::from_secs(10);

/// What the kubelets have said last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Heartbeats {
    cordoned: OrdMap<EcoString, bool>,
}

impl Heartbeats {
    /// One heartbeat of every kubelet that `is_alive`.
    pub fn beat(
        &mut self,
        lister: Lister<'_>,
        now: Time,
        is_alive: impl Fn(&str) -> bool,
    ) -> Vec<Output> {
        let mut out = Vec::new();
        let leases = lister.in_namespace(Kind::Lease, "kube-node-lease");
        for lease in leases.filter(|lease| is_alive(lease.name())) {
            let renewed = value!({"spec": {"renewTime": (now.rfc3339_micro())}});
            let verb = Verb::Patch(Patch::Merge(renewed));
            let actor = Actor::Kubelet(lease.name().into());
            out.push(Output::Request(Request::new(actor, lease.key(), verb)));
            // A node that was deleted is not registered again.
            if let Some(node) = lister.find(Kind::Node, "", lease.name()) {
                self.status(node, now, &mut out);
            }
        }
        out
    }

    fn status(&mut self, node: &Object, now: Time, out: &mut Vec<Output>) {
        let name = EcoString::from(node.name());
        let mut record = |reason: &str| {
            let sentence = format!("Node {name} status is now: {reason}");
            let record = Record::normal(node, reason, sentence);
            out.push(Output::Record(name.clone(), record));
        };
        let is_cordoned = node.spec().get("unschedulable").is_true();
        if self.cordoned.insert(name.clone(), is_cordoned).unwrap_or(false) != is_cordoned {
            record(if is_cordoned { "NodeNotSchedulable" } else { "NodeSchedulable" });
        }
        let conditions = node.status().get("conditions").items();
        if conditions.iter().any(|c| c.get("status").str() == "Unknown") {
            record("NodeReady");
            let patch = value!({"status": {"conditions": (healthy(now))}});
            let verb = Verb::Patch(Patch::Strategic(patch));
            let request = Request::new(Actor::Kubelet(name), node.key(), verb).on("status");
            out.push(Output::Request(request));
        }
    }
}

fn healthy(now: Time) -> Value {
    let rows = [
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        (
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
        ),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ];
    let condition = |(name, status, reason, message): (&str, &str, &str, &str)| {
        value!({
            "type": name,
            "status": status,
            "reason": reason,
            "message": message,
            "lastHeartbeatTime": (now.rfc3339()),
            "lastTransitionTime": (now.rfc3339()),
        })
    };
    rows.into_iter().map(condition).collect()
}
