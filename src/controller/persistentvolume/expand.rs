//! Claims that ask for more than they have.
//!
//! Models `pkg/controller/volume/expand`. The provisioners here cannot resize, so the event is
//! all that ever comes, as with a real one that cannot.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::apiserver::watch::WatchEvent;
use crate::client::Lister;
use crate::client::event_recorder::Record;
use crate::controller::reason::PersistentVolumeReason as Reason;
use crate::controller::{Controller, Decision};

use super::because;
use super::volume::requested;

/// volume_expand
pub struct ExpandController;

impl Controller for ExpandController {
    fn name(&self) -> &'static str {
        "volume_expand"
    }

    fn enqueue(&self, changed: &WatchEvent, _lister: Lister<'_>) -> Vec<ObjectKey> {
        let claim = &changed.object;
        let grows = |previous: &Object| requested(claim) > requested(previous);
        let is_asked = changed.key.kind == Kind::PersistentVolumeClaim
            && claim.status().get("phase").str() == "Bound"
            && changed.previous.as_ref().is_some_and(grows);
        is_asked.then(|| changed.key.clone()).into_iter().collect()
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, _now: Time) -> Decision {
        let mut decision = Decision::default();
        let Some(claim) = lister.get(key) else { return decision };
        let sentence = "waiting for an external controller to expand this PVC";
        decision.records.push(Record::normal(claim, "ExternalExpanding", sentence.into()));
        because(&mut decision, claim, Reason::ExpansionAsked);
        decision
    }
}
