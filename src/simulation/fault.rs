//! What can go wrong on purpose.
//!
//! Faults act on the kernel's seams only (delivery, requests, nodes), never on objects.

use imbl::{OrdMap, OrdSet, Vector};

use crate::api::scheme::Kind;
use crate::api::status::Status;
use crate::api::time::Duration;
use crate::api::value::EcoString;
use crate::apiserver::request::{Request, Verb};

/// One thing that goes wrong, or right again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A node loses its power: its containers stop, its kubelet is silent.
    NodeLost(EcoString),
    /// The node comes back.
    NodeBack(EcoString),
    /// A control loop restarts: it forgets its queue and looks at everything again.
    ControllerRestarted(EcoString),
    /// A control loop sees changes later by this time; zero ends it.
    WatchDelayed(EcoString, Duration),
    /// The next writes of a control loop to objects of a kind are refused.
    WritesRefused(Refusals),
}

/// Which writes are refused, and how many of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Refusals {
    /// The control loop, by its field manager or name; "" for everyone but the learner.
    pub actor: EcoString,
    /// The kind written to.
    pub kind: Kind,
    /// Only creations, or only other writes, or both.
    pub verb: Option<RefusedVerb>,
    /// How many.
    pub count: u32,
}

/// Which kind of write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusedVerb {
    /// Create
    Create,
    /// Update and patch
    Update,
    /// Delete
    Delete,
}

/// The faults in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Faults {
    /// Nodes without power.
    pub lost_nodes: OrdSet<EcoString>,
    /// Extra delivery time by control loop, in microseconds.
    pub watch_delays: OrdMap<EcoString, u64>,
    refusals: Vector<Refusals>,
}

impl Faults {
    /// Puts refusals in force.
    pub fn refuse(&mut self, refusals: Refusals) {
        self.refusals.push_back(refusals);
    }

    /// The refusal of a request that a fault hits, counting it.
    pub fn hit(&mut self, name: &str, request: &Request) -> Option<Status> {
        let verb = match request.verb {
            Verb::Create(_) => RefusedVerb::Create,
            Verb::Update(_) | Verb::Patch(_) => RefusedVerb::Update,
            Verb::Delete(_) => RefusedVerb::Delete,
            Verb::Get | Verb::List(_) => return None,
        };
        let index = self.refusals.iter().position(|r| {
            (r.actor.is_empty() || r.actor == name)
                && r.kind == request.kind()
                && r.verb.is_none_or(|v| v == verb)
        })?;
        self.refusals[index].count = self.refusals[index].count.saturating_sub(1);
        if self.refusals[index].count == 0 {
            self.refusals.remove(index);
        }
        let message = "Internal error occurred: the write was refused on purpose";
        Some(Status::new(500, "InternalError", message))
    }
}
